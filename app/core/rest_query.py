"""The arguments of a REST list: plain ones, or FAB's Rison `q`; anything unknown is refused."""

from __future__ import annotations

from typing import Any

import prison
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.errors import FieldError
from app.core.filters import PREFIX, RANGES, unknown_arguments
from app.core.listing import MAX_SIZE, ListSpec

PLAIN = frozenset({"search", "sort", "size", "after", "page", "q", "_l_"})
SUFFIX = {"gt": "_from", "ge": "_from", "lt": "_to", "le": "_to"}
EQUAL = frozenset({"eq", "ct", "rel_o_m"})


class BadQuery(Exception):
    """A list was asked for in a way that means nothing."""

    def __init__(self, message: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message)
        self.errors = errors


def read_arguments(spec: ListSpec, args: MultiDict[str, str]) -> tuple[dict[str, list[str]], int]:
    """The arguments as a ListQuery reads them, and the page number. Raises BadQuery."""
    values = args.to_dict(flat=False)
    values.pop("q", None)
    if "q" in args:
        values |= _from_rison(spec, args["q"])
    unknown = [n for n in values if n not in PLAIN and not n.startswith(PREFIX)]
    unknown += unknown_arguments(spec.filters, values)
    if unknown:
        errors = tuple(FieldError(name, "unknown", _("There is no such argument.")) for name in unknown)
        raise BadQuery(_("Some arguments are not known."), errors)
    sort = _one(values, "sort")
    if sort and sort.removeprefix("-") not in spec.sorts:
        raise BadQuery(_("The list cannot be sorted by that column."), (FieldError("sort", "unknown", sort),))
    size = _one(values, "size")
    if size and not (size.isascii() and size.isdigit() and 1 <= int(size[:6]) <= MAX_SIZE):
        message = _("The size is 1 to %(size)d.", size=MAX_SIZE)
        raise BadQuery(message, (FieldError("size", "range", message),))
    number = _one(values, "page")
    if number and not (number.isascii() and number.isdigit() and len(number) < 6):
        raise BadQuery(_("The page is a number from 0."), (FieldError("page", "range", number),))
    values.pop("page", None)
    values["q"] = values.pop("search", [])
    return values, int(number or 0)


def _one(values: dict[str, list[str]], name: str) -> str:
    return next(iter(values.get(name) or ()), "")


def _from_rison(spec: ListSpec, text: str) -> dict[str, list[str]]:
    """FAB's `q` as plain arguments."""
    try:
        asked = prison.loads(text)
    except Exception as error:  # the parser raises whatever it stumbles over
        raise BadQuery(_("q is not valid Rison."), (FieldError("q", "rison", text[:100]),)) from error
    if not isinstance(asked, dict):
        raise BadQuery(_("q is not valid Rison."), (FieldError("q", "rison", text[:100]),))
    values: dict[str, list[str]] = {}
    for name, value in asked.items():
        values |= _argument(spec, asked, name, value)
    return values


def _argument(spec: ListSpec, asked: dict[str, Any], name: str, value: Any) -> dict[str, list[str]]:
    if name == "order_column":
        sign = "-" if asked.get("order_direction") == "desc" else ""
        return {"sort": [f"{sign}{value}"]}
    if name in {"order_direction", "columns", "keys"}:
        return {}
    if name in {"page", "page_size"}:
        return {"page" if name == "page" else "size": [str(value)]}
    if name == "filters" and isinstance(value, list):
        found: dict[str, list[str]] = {}
        for one in value:
            argument, text = _filter(spec, one)
            found.setdefault(argument, []).append(text)
        return found
    raise BadQuery(_("Some arguments are not known."), (FieldError(f"q.{name}", "unknown", name),))


def _filter(spec: ListSpec, one: Any) -> tuple[str, str]:
    if not isinstance(one, dict) or not {"col", "opr", "value"} <= one.keys():
        raise BadQuery(_("A filter has col, opr and value."), (FieldError("q.filters", "shape", str(one)[:100]),))
    name, operation = str(one["col"]), str(one["opr"])
    found = spec.filters.get(name)
    is_range = found is not None and found.kind in RANGES
    if found is None or not (operation in SUFFIX if is_range else operation in EQUAL):
        raise BadQuery(_("That filter is not possible."), (FieldError(f"q.filters.{name}", "unknown", operation),))
    value = one["value"]
    text = ("1" if value else "0") if isinstance(value, bool) else str(value)
    return found.argument + SUFFIX.get(operation, ""), text
