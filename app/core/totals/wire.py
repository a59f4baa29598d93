"""A document as JSON and back: the stable shape of a preview (docs/cli.md, docs/totals.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from app.core.digits import to_ascii
from app.core.errors import FieldError, Invalid
from app.core.number_words import words
from app.core.totals.checks import check, refusal
from app.core.totals.values import (
    Addition,
    Discount,
    DiscountOf,
    Document,
    Line,
    Policy,
    Tax,
    TaxAmount,
    TaxBase,
    Totals,
)

_T = TypeVar("_T")
_Choice = TypeVar("_Choice", bound=StrEnum)
_ZERO = Decimal(0)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")


def parse(data: Any) -> Document:
    """The document that a JSON value describes.

    Raises:
        Invalid: with every error of the whole document, each with its path
            (`lines[0].discounts[1].percent`), code and message.
    """
    reader = _Reader()
    document = reader.document(data)
    errors = [*reader.errors, *check(document)]
    if errors:
        raise Invalid(errors)
    return document


class _Reader:
    """Reads values and keeps on after an error, with a harmless value in the bad one's place."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def document(self, data: Any) -> Document:
        if not isinstance(data, Mapping):
            self._fail("", "not_an_object")
            return Document(())
        self._only(data, "", ("policy", "lines", "discounts", "additions"))
        if data.get("lines") is None:
            self._fail("lines", "required")
        return Document(
            lines=self._list(data, "", "lines", self._line, blank=Line(_ZERO, _ZERO)),
            policy=self._choice(data, "", "policy", default=Policy.LINE_FLOOR),
            discounts=self._list(data, "", "discounts", self._document_discount, blank=Discount(_ZERO)),
            additions=self._list(data, "", "additions", self._addition, blank=Addition("", 0)),
        )

    def _line(self, data: Mapping[str, Any], path: str) -> Line:
        self._only(data, path, ("quantity", "unit_price", "discounts", "taxes"))
        return Line(
            quantity=self._decimal(data, path, "quantity"),
            unit_price=self._decimal(data, path, "unit_price"),
            discounts=self._list(data, path, "discounts", self._line_discount, blank=Discount(_ZERO)),
            taxes=self._list(data, path, "taxes", self._tax, blank=None),
        )

    def _line_discount(self, data: Mapping[str, Any], path: str) -> Discount:
        self._only(data, path, ("percent", "amount"))
        return self._discount(data, path)

    def _document_discount(self, data: Mapping[str, Any], path: str) -> Discount:
        self._only(data, path, ("percent", "amount", "of"))
        of = self._choice(data, path, "of", default=DiscountOf.NET)
        return replace(self._discount(data, path), of=of)

    def _discount(self, data: Mapping[str, Any], path: str) -> Discount:
        return Discount(
            percent=None if data.get("percent") is None else self._decimal(data, path, "percent"),
            amount=None if data.get("amount") is None else self._whole(data, path, "amount"),
        )

    def _tax(self, data: Mapping[str, Any], path: str) -> Tax:
        self._only(data, path, ("name", "percent", "included", "base"))
        return Tax(
            name=self._name(data, path),
            percent=self._decimal(data, path, "percent"),
            included=self._flag(data, path, "included"),
            base=self._choice(data, path, "base", default=TaxBase.NET),
        )

    def _addition(self, data: Mapping[str, Any], path: str) -> Addition:
        self._only(data, path, ("name", "amount", "sign", "taxed"))
        sign = data.get("sign", 1)
        if isinstance(sign, bool) or sign not in (1, -1, "1", "-1"):
            self._fail(f"{path}.sign", "bad_choice")
            sign = 1
        return Addition(
            name=self._name(data, path),
            amount=self._whole(data, path, "amount"),
            sign=int(sign),
            taxed=self._flag(data, path, "taxed"),
        )

    # single values

    def _fail(self, path: str, code: str) -> None:
        self.errors.append(refusal(path, code))

    def _only(self, data: Mapping[str, Any], path: str, keys: tuple[str, ...]) -> None:
        for key in data:
            if key not in keys:
                self._fail(_at(path, str(key)), "unknown_key")

    def _list(
        self,
        data: Mapping[str, Any],
        path: str,
        key: str,
        read: Callable[[Mapping[str, Any], str], _T],
        *,
        blank: _T | None,
    ) -> tuple[_T, ...]:
        values = data.get(key)
        if values is None:
            return ()
        if not isinstance(values, list | tuple):
            self._fail(_at(path, key), "not_a_list")
            return ()
        found = []
        for index, value in enumerate(values):
            here = f"{_at(path, key)}[{index}]"
            if isinstance(value, Mapping):
                found.append(read(value, here))
                continue
            self._fail(here, "not_an_object")
            if blank is not None:
                found.append(blank)
        return tuple(found)

    def _decimal(self, data: Mapping[str, Any], path: str, key: str) -> Decimal:
        value, here = data.get(key), _at(path, key)
        if isinstance(value, str):
            text = to_ascii(value).strip()
            if _DECIMAL.fullmatch(text):
                return Decimal(text)
            self._fail(here, "not_a_number" if text else "required")
        elif isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
            return Decimal(value)
        else:
            self._fail(here, "required" if value is None else "not_text")
        return _ZERO

    def _whole(self, data: Mapping[str, Any], path: str, key: str) -> int:
        value = self._decimal(data, path, key)
        if value.is_finite() and value.as_integer_ratio()[1] == 1:
            return int(value)
        self._fail(_at(path, key), "not_whole")
        return 0

    def _name(self, data: Mapping[str, Any], path: str) -> str:
        value = data.get("name")
        if value is None or isinstance(value, str):
            return (value or "").strip()
        self._fail(f"{path}.name", "not_a_name")
        return path

    def _flag(self, data: Mapping[str, Any], path: str, key: str) -> bool:
        value = data.get(key)
        if value is not None and not isinstance(value, bool):
            self._fail(_at(path, key), "not_true_or_false")
        return value is True

    def _choice(self, data: Mapping[str, Any], path: str, key: str, *, default: _Choice) -> _Choice:
        value = data.get(key)
        if value is None:
            return default
        try:
            return type(default)(value)
        except ValueError:
            self._fail(_at(path, key), "bad_choice")
            return default


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def to_json(totals: Totals) -> dict[str, Any]:
    """The figures as strings of whole rials, with the payable amount in Persian words."""
    return {
        "lines": [
            {
                "gross": str(line.gross),
                "discount": str(line.discount),
                "net": str(line.net),
                "tax": str(line.tax),
                "payable": str(line.payable),
                "taxes": _taxes(line.taxes),
            }
            for line in totals.lines
        ],
        "net": str(totals.net),
        "tax": str(totals.tax),
        "additions": str(totals.additions),
        "payable": str(totals.payable),
        "taxes": _taxes(totals.taxes),
        "words": words(totals.payable, "fa"),
    }


def _taxes(taxes: tuple[TaxAmount, ...]) -> dict[str, dict[str, str]]:
    return {tax.name: {"base": str(tax.base), "amount": str(tax.amount)} for tax in taxes}
