"""The printed value: figures that add up, pictures that are embedded, a hash of all inputs."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.documents.values import (
    CopyMark,
    InvoicePrint,
    PictureRefused,
    PrintAdjustment,
    PrintLine,
    PrintMismatch,
    PrintSums,
    SignatureSlot,
    inputs_hash,
    sum_lines,
)
from tests.factories.printing import full_invoice, invoice_print, picture, print_line


def test_sums_are_those_of_the_lines() -> None:
    value = invoice_print(3)
    assert value.sums.payable_rials == sum(line.payable_rials for line in value.lines)
    assert value.payable_rials == value.sums.payable_rials


@pytest.mark.parametrize("field", ["net_rials", "payable_rials"])
def test_line_that_does_not_add_up_is_refused(field: str) -> None:
    line = print_line()
    with pytest.raises(PrintMismatch) as refusal:
        replace(line, **{field: getattr(line, field) + 1})
    assert refusal.value.path in ("net_rials", "payable_rials")


def test_payable_that_lines_and_additions_deny_is_refused() -> None:
    value = invoice_print(2, adjustments=(PrintAdjustment("حمل", 1000),))
    given = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
    with pytest.raises(PrintMismatch):
        InvoicePrint(**{**given, "payable_rials": value.payable_rials - 1})


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/stamp.png",
        "file:///etc/passwd",
        "data:text/html;base64,PGI+",
        "data:image/svg+xml;base64,PHN2Zz4=",
        'data:image/png;base64,AAAA" onerror="x',
        "",
    ],
)
def test_picture_that_is_not_embedded_is_refused(uri: str) -> None:
    with pytest.raises(PictureRefused):
        SignatureSlot("امضا", image=uri)
    with pytest.raises(PictureRefused):
        invoice_print(1, stamp=uri)


def test_equal_inputs_give_one_hash() -> None:
    assert inputs_hash(full_invoice(4)) == inputs_hash(full_invoice(4))
    one, other = (invoice_print(lines=(print_line(quantity=Decimal(text)),)) for text in ("2", "2.000"))
    assert inputs_hash(one) == inputs_hash(other)


@pytest.mark.parametrize(
    "change",
    [
        {"number": "1405-129"},
        {"note": "دیگر"},
        {"mark": CopyMark.COPY},
        {"stamp": picture()},
        {"qr": "x"},
        {"issued_on": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_change_gives_another_hash(change: dict[str, object]) -> None:
    assert inputs_hash(invoice_print(2)) != inputs_hash(invoice_print(2, **change))


def test_form_and_language_are_inputs_too() -> None:
    value = invoice_print(1)
    assert len({inputs_hash(value), inputs_hash(value, form="a5_portrait"), inputs_hash(value, locale="en")}) == 3


@given(st.lists(st.integers(min_value=0, max_value=10**15), max_size=12), st.integers(min_value=0, max_value=12))
def test_sums_of_parts_add_up_to_the_sum_of_all(amounts: list[int], cut: int) -> None:
    lines = [
        PrintLine("x", Decimal(1), Decimal(gross), gross, gross // 7, gross - gross // 7, 3, gross - gross // 7 + 3)
        for gross in amounts
    ]
    assert PrintSums() + sum_lines(lines[:cut]) + sum_lines(lines[cut:]) == sum_lines(lines)
