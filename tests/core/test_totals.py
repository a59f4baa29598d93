"""The line-and-totals engine: values of the law, properties, limits, and a second computation."""

from __future__ import annotations

import json
import random
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.core.money import MAX_RIALS, words
from app.core.totals import Discount, Document, Line, Policy, Tax, compute, parse, to_json
from tests.core import totals_oracle

DOCS = Path(__file__).parents[2] / "docs" / "totals.md"


def figures(document: Any) -> dict[str, Any]:
    return to_json(compute(parse(document)))


def codes(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        figures(document)
    return [(error.path, error.code) for error in refused.value.errors]


def vat(percent: str = "10", **more: Any) -> dict[str, Any]:
    return {"name": "VAT", "percent": percent, "included": False} | more


def line(price: str, quantity: str = "1", *, taxes: list[Any] | None = None, discounts: list[Any] | None = None) -> Any:
    return {
        "quantity": quantity,
        "unit_price": price,
        "taxes": [vat()] if taxes is None else taxes,
        "discounts": discounts or [],
    }


# --- values of the law


@pytest.mark.parametrize(("net", "percent", "tax"), [("7272727", "10", "727272"), ("5322", "9", "478")])
def test_vat_is_floored_to_the_whole_rial(net: str, percent: str, tax: str) -> None:
    assert figures({"lines": [line(net, taxes=[vat(percent)])]})["tax"] == tax


@pytest.mark.parametrize(
    ("policy", "tax", "of_lines"),
    [
        ("line_floor", "4487", ["1000", "1399", "1234", "854"]),
        ("line_half_up", "4490", ["1001", "1399", "1235", "855"]),
        ("document_half_up", "4489", ["1001", "1399", "1234", "855"]),
    ],
)
def test_policies_put_the_part_of_a_rial_in_different_places(policy: str, tax: str, of_lines: list[str]) -> None:
    lines = [line("3335", "3"), line("1999", "7"), line("12345"), line("777", "11")]
    found = figures({"policy": policy, "lines": lines})
    assert found["tax"] == tax
    assert [one["tax"] for one in found["lines"]] == of_lines


@pytest.mark.parametrize(
    ("price", "net", "tax", "additions"),
    [
        ("8000000", "7272728", "727272", "0"),
        ("15000000", "13636364", "1363636", "0"),
        ("1000", "909", "90", "1"),
        ("10", "9", "0", "1"),
        ("0", "0", "0", "0"),
    ],
)
def test_an_inclusive_price_is_met_to_the_rial(price: str, net: str, tax: str, additions: str) -> None:
    found = figures({"lines": [line(price, taxes=[vat(included=True)])]})
    assert (found["net"], found["tax"], found["additions"], found["payable"]) == (net, tax, additions, price)
    assert found["lines"][0]["gross"] == net


def test_a_document_discount_is_shared_by_largest_remainder() -> None:
    found = figures({"lines": [line("3750000"), line("666666"), line("780000")], "discounts": [{"amount": "100000"}]})
    assert [one["discount"] for one in found["lines"]] == ["72162", "12829", "15009"]
    assert [one["tax"] for one in found["lines"]] == ["367783", "65383", "76499"]
    assert found["payable"] == "5606331"


# --- every rule of docs/totals.md


def test_the_example_of_the_manual_is_what_the_engine_says() -> None:
    document, shown = (
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    )
    assert figures(document) == shown


def test_line_discounts_follow_one_another() -> None:
    found = figures({"lines": [line("850", "2", discounts=[{"percent": "10"}, {"amount": "5"}, {"percent": "50"}])]})
    assert found["lines"][0] | {"taxes": None} == {
        "gross": "1700",
        "discount": "937",
        "net": "763",
        "tax": "76",
        "payable": "839",
        "taxes": None,
    }


def test_document_discounts_follow_one_another() -> None:
    found = figures({"lines": [line("1000", taxes=[])], "discounts": [{"percent": "10"}, {"percent": "10"}]})
    assert found["net"] == "810"


def test_a_discount_of_the_payable_leaves_the_tax_alone() -> None:
    found = figures({"lines": [line("1000")], "discounts": [{"amount": "100", "of": "payable"}]})
    assert (found["net"], found["tax"], found["additions"], found["payable"]) == ("1000", "100", "-100", "1000")
    half = figures({"lines": [line("1000")], "discounts": [{"percent": "50", "of": "payable"}]})
    assert half["payable"] == "550"


def test_the_share_of_a_payable_discount_stays_with_the_line() -> None:
    document = parse({"lines": [line("1000"), line("3000")], "discounts": [{"amount": "100", "of": "payable"}]})
    assert [one.payable_discount for one in compute(document).lines] == [25, 75]


def test_each_tax_of_a_line_is_rounded_by_itself() -> None:
    found = figures({"lines": [line("1999", taxes=[vat("5"), {"name": "duty", "percent": "5"}])]})
    assert found["tax"] == "198"
    assert found["taxes"] == {"VAT": {"base": "1999", "amount": "99"}, "duty": {"base": "1999", "amount": "99"}}


def test_a_tax_may_be_taken_of_the_gross_or_of_earlier_taxes_too() -> None:
    taxes = [{"name": "A", "percent": "6", "base": "gross"}, {"name": "B", "percent": "9", "base": "net_plus_previous"}]
    found = figures({"lines": [line("1000", taxes=taxes, discounts=[{"amount": "100"}])]})
    assert found["taxes"] == {"A": {"base": "1000", "amount": "60"}, "B": {"base": "960", "amount": "86"}}


def test_two_included_taxes_meet_the_price_where_a_net_exists() -> None:
    taxes = [vat("5", included=True), {"name": "duty", "percent": "5", "included": True}]
    found = figures({"lines": [line("1119", taxes=taxes)]})
    assert (found["net"], found["tax"], found["additions"]) == ("1019", "100", "0")


def test_a_tax_outside_an_inclusive_price_comes_on_top() -> None:
    taxes = [vat("10", included=True), {"name": "duty", "percent": "4"}]
    found = figures({"lines": [line("1100", taxes=taxes)]})
    assert (found["net"], found["tax"], found["payable"]) == ("1000", "140", "1140")


def test_a_discount_of_an_inclusive_price_is_inclusive_too() -> None:
    found = figures({"lines": [line("1100000", taxes=[vat(included=True)], discounts=[{"amount": "110000"}])]})
    one = found["lines"][0]
    assert (one["gross"], one["discount"], one["net"], one["tax"]) == ("1000000", "100000", "900000", "90000")


def test_a_document_discount_of_the_net_ends_the_promise_of_an_inclusive_price() -> None:
    found = figures({"lines": [line("1000", taxes=[vat(included=True)])], "discounts": [{"amount": "9"}]})
    assert (found["net"], found["tax"], found["additions"], found["payable"]) == ("900", "90", "0", "990")


def test_taxed_freight_is_taxed_as_the_goods_are() -> None:
    freight = {"name": "freight", "amount": "400", "sign": 1, "taxed": True}
    found = figures({"lines": [line("1000"), line("3000")], "additions": [freight]})
    assert [one["tax"] for one in found["lines"]] == ["110", "330"]
    assert (found["net"], found["additions"], found["payable"]) == ("4000", "400", "4840")


def test_a_deduction_is_the_mirror_of_an_addition() -> None:
    def payable(sign: int) -> int:
        return int(figures({"lines": [line("1000")], "additions": [{"amount": "7", "sign": sign}]})["payable"])

    assert payable(1) - 1100 == 1100 - payable(-1) == 7


def test_fractions_of_quantity_and_price_are_rounded_once() -> None:
    assert figures({"lines": [line("3.3333", "0.999", taxes=[])]})["net"] == "3"
    assert figures({"policy": "line_half_up", "lines": [line("3.5", taxes=[])]})["net"] == "4"
    assert figures({"lines": [line("1.5000", "2.000", taxes=[])]})["net"] == "3"


def test_a_document_without_lines_is_worth_nothing() -> None:
    assert figures({"lines": []}) == {
        "lines": [],
        "net": "0",
        "tax": "0",
        "additions": "0",
        "payable": "0",
        "taxes": {},
        "words": "صفر",
    }


def test_persian_digits_are_understood() -> None:
    assert figures({"lines": [line("۸۵۰", "۲", taxes=[])]})["payable"] == "1700"


# --- what is refused


@pytest.mark.parametrize("value", [None, [], "x", 5])
def test_what_is_not_an_object_is_refused(value: Any) -> None:
    assert codes(value) == [("", "not_an_object")]


def test_all_errors_of_a_document_are_named_at_once() -> None:
    document = {
        "policy": "guess",
        "lines": [
            3,
            {"quantity": "x", "unit_price": 1.5, "colour": "red"},
            {"quantity": "1.2345", "unit_price": "-1", "discounts": [{"percent": "101"}, {}, {"amount": "5.5"}]},
            {"unit_price": "1", "quantity": True, "taxes": [{"percent": "1"}, vat(), vat(), "x", vat(name=4)]},
            {"quantity": "NaN", "unit_price": "1e3", "taxes": [vat(percent="1001", name="d", included="no", base="x")]},
        ],
        "discounts": {"percent": "1"},
        "additions": [{"amount": "-1", "sign": 2}, {"name": "a"}, {"amount": str(MAX_RIALS + 1), "taxed": 1}],
    }
    assert set(codes(document)) == {
        ("policy", "bad_choice"),
        ("lines[0]", "not_an_object"),
        ("lines[1].colour", "unknown_key"),
        ("lines[1].quantity", "not_a_number"),
        ("lines[1].unit_price", "not_text"),
        ("lines[2].quantity", "too_many_decimals"),
        ("lines[2].unit_price", "negative"),
        ("lines[2].discounts[0].percent", "too_large"),
        ("lines[2].discounts[1]", "one_of"),
        ("lines[2].discounts[2].amount", "not_whole"),
        ("lines[3].quantity", "not_text"),
        ("lines[3].taxes[0].name", "required"),
        ("lines[3].taxes[2].name", "duplicate"),
        ("lines[3].taxes[3]", "not_an_object"),
        ("lines[3].taxes[4].name", "not_a_name"),
        ("lines[4].quantity", "not_a_number"),
        ("lines[4].unit_price", "not_a_number"),
        ("lines[4].taxes[0].percent", "too_large"),
        ("lines[4].taxes[0].included", "not_true_or_false"),
        ("lines[4].taxes[0].base", "bad_choice"),
        ("discounts", "not_a_list"),
        ("additions[0].amount", "negative"),
        ("additions[0].sign", "bad_choice"),
        ("additions[1].amount", "required"),
        ("additions[2].amount", "too_large"),
        ("additions[2].taxed", "not_true_or_false"),
    }


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, ("lines", "required")),
        ({"lines": [line("5", discounts=[{"amount": "6"}])]}, ("lines[0].discounts[0].amount", "discount_exceeds")),
        ({"lines": [line("5")], "discounts": [{"amount": "6"}]}, ("discounts[0].amount", "discount_exceeds")),
        (
            {"lines": [line("10")], "discounts": [{"percent": "1"}, {"amount": "12", "of": "payable"}]},
            ("discounts[1].amount", "discount_exceeds"),
        ),
        ({"lines": [], "additions": [{"amount": "1", "sign": -1}]}, ("additions", "negative_payable")),
        (
            {"lines": [line("5")], "additions": [{"amount": "6", "sign": -1, "taxed": True}]},
            ("additions[0].amount", "deduction_exceeds"),
        ),
        (
            {
                "lines": [
                    line("110", taxes=[vat("10", included=True, base="gross")], discounts=[{"amount": "105"}]),
                ]
            },
            ("lines[0]", "taxes_exceed"),
        ),
        ({"lines": [line("1", "1000000000000.001")]}, ("lines[0].quantity", "too_large")),
        ({"lines": [line("100000000000000.1")]}, ("lines[0].unit_price", "too_large")),
        ({"lines": [line("1.00001")]}, ("lines[0].unit_price", "too_many_decimals")),
        ({"lines": [line("100000000", "1000000000000")]}, ("lines[0]", "too_large")),
        ({"lines": [line("9000000", "1000000000000", taxes=[vat("10")])]}, ("lines[0]", "too_large")),
        ({"lines": [line("5000000", "1000000000000", taxes=[])] * 2}, ("lines", "too_large")),
        ({"lines": [line("1")] * 10_001}, ("lines", "too_many")),
        ({"lines": [line("1", discounts=[{"percent": "1", "amount": "1"}])]}, ("lines[0].discounts[0]", "one_of")),
        ({"lines": [line("1")], "discounts": [{"amount": "1", "of": "gross"}]}, ("discounts[0].of", "bad_choice")),
        (
            {"lines": [line("1", discounts=[{"amount": "1", "of": "net"}])]},
            ("lines[0].discounts[0].of", "unknown_key"),
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_a_document_that_cannot_be_is_refused_where_it_fails(document: Any, expected: tuple[str, str]) -> None:
    assert codes(document) == [expected]


def test_values_made_in_code_meet_the_same_limits() -> None:
    bad = Line(Decimal("-1"), Decimal("NaN"), (Discount(),), (Tax("", Decimal(-1)),))
    with pytest.raises(Invalid) as refused:
        compute(Document((bad,)))
    assert [(error.path, error.code) for error in refused.value.errors] == [
        ("lines[0].quantity", "negative"),
        ("lines[0].unit_price", "not_a_number"),
        ("lines[0].discounts[0]", "one_of"),
        ("lines[0].taxes[0].name", "required"),
        ("lines[0].taxes[0].percent", "negative"),
    ]


def test_errors_are_written_for_people_and_programs() -> None:
    with pytest.raises(Invalid) as refused:
        figures({"lines": [line("1", "1.2345")]})
    shown = refused.value.errors[0].as_json()
    assert (shown["path"], shown["code"]) == ("lines[0].quantity", "too_many_decimals")
    assert shown["message"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["lines", "policy", "discounts", "additions", "taxes", "quantity", "amount", "name", "of"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_computed_or_refused_and_nothing_else(value: Any) -> None:
    try:
        found = figures(value)
    except Invalid as refused:
        shown = [error.as_json() for error in refused.errors]
    else:
        shown = found["lines"] or [found]
    assert shown


# --- properties, and the second computation

PERCENTS = st.sampled_from(["0", "1", "3.5", "5", "9", "10", "12.3456", "33.3333", "50", "100"])
AMOUNTS = st.integers(0, 5_000).map(str)
DISCOUNTS = st.fixed_dictionaries({"percent": PERCENTS}) | st.fixed_dictionaries({"amount": AMOUNTS})


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(["VAT", "duty", "levy"]), max_size=3, unique=True))
    return {
        "quantity": draw(st.decimals(0, 1000, places=3).map(str) | st.integers(1, 50).map(str)),
        "unit_price": draw(st.integers(0, 10**7).map(str) | st.decimals(0, 10**5, places=4).map(str)),
        "discounts": draw(st.lists(DISCOUNTS, max_size=3)),
        "taxes": [
            {
                "name": name,
                "percent": draw(PERCENTS),
                "included": draw(st.booleans()),
                "base": draw(st.sampled_from(["net", "net", "gross", "net_plus_previous"])),
            }
            for name in names
        ],
    }


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    of = st.sampled_from([{}, {"of": "net"}, {"of": "payable"}])
    discounts = draw(st.lists(st.tuples(DISCOUNTS, of), max_size=3))
    additions = st.fixed_dictionaries(
        {"name": st.just("x"), "amount": AMOUNTS, "sign": st.sampled_from([1, -1]), "taxed": st.booleans()}
    )
    return {
        "policy": draw(st.sampled_from([policy.value for policy in Policy])),
        "lines": draw(st.lists(lines(), max_size=6)),
        "discounts": [discount | where for discount, where in discounts],
        "additions": draw(st.lists(additions, max_size=3)),
    }


def _agree(document: dict[str, Any]) -> bool:
    """Whether the document has figures; engine and oracle must agree on them and on that."""
    try:
        expected = totals_oracle.totals(document)
    except totals_oracle.Refused:
        assert codes(document)
        return False
    found = figures(document)
    assert found.pop("words") == words(int(found["payable"]))
    assert found == expected
    return True


@given(documents())
def test_a_second_computation_agrees(document: dict[str, Any]) -> None:
    _agree(document)


def test_a_second_computation_agrees_on_documents_as_offices_write_them() -> None:
    chance = random.Random(1403)
    assert sum(_agree(_plausible(chance)) for _ in range(1_000)) > 990


def _plausible(chance: random.Random) -> dict[str, Any]:
    """A document as offices write them: one to eight lines, VAT and duty, discounts that fit."""

    def tax(name: str) -> dict[str, Any]:
        return {"name": name, "percent": chance.choice(["3", "9", "10", "4.5"]), "included": chance.random() < 0.3}

    def one() -> dict[str, Any]:
        return {
            "quantity": chance.choice([str(chance.randint(1, 99)), f"{chance.randint(1, 99999) / 1000:.3f}"]),
            "unit_price": str(chance.randint(1_000, 10**8)),
            "discounts": chance.choices([{"percent": "7.5"}, {"amount": "11"}], k=chance.randint(0, 2)),
            "taxes": [tax(name) for name in chance.sample(["VAT", "duty", "levy"], chance.randint(0, 3))],
        }

    return {
        "policy": chance.choice([policy.value for policy in Policy]),
        "lines": [one() for _ in range(chance.randint(1, 8))],
        "discounts": chance.choices(
            [{"percent": "5"}, {"amount": "13"}, {"amount": "17", "of": "payable"}], k=chance.randint(0, 2)
        ),
        "additions": [{"name": "freight", "amount": "200", "sign": 1, "taxed": chance.random() < 0.5}],
    }


@given(documents())
def test_parts_add_up_exactly(document: dict[str, Any]) -> None:
    try:
        found = compute(parse(document))
    except Invalid:
        return
    for one in found.lines:
        assert one.net == one.gross - one.discount
        assert one.payable == one.net + one.tax
        assert one.tax == sum(tax.amount for tax in one.taxes)
        assert min(one.gross, one.discount, one.net, one.tax, one.document_discount, one.payable_discount) >= 0
        assert one.document_discount <= one.discount
    assert found.net == sum(one.net for one in found.lines) == found.gross - found.discount
    assert found.tax == sum(one.tax for one in found.lines) == sum(tax.amount for tax in found.taxes)
    assert found.payable == found.net + found.tax + found.additions
    given_signed = sum(one.sign * one.amount for one in parse(document).additions)
    assert found.additions == given_signed - found.payable_discount + found.rounding


@given(st.integers(0, 10**12), st.integers(0, 10_000), st.sampled_from([Policy.LINE_FLOOR, Policy.LINE_HALF_UP]))
def test_an_inclusive_price_is_never_exceeded_and_missed_by_a_rial_at_most(
    price: int, hundredths: int, policy: Policy
) -> None:
    percent = Decimal(hundredths) / 100
    found = compute(Document((Line(Decimal(1), Decimal(price), (), (Tax("VAT", percent, included=True),)),), policy))
    assert found.payable == price
    assert found.rounding in (0, 1)
    if hundredths:
        ceiling = -(-price * 10_000 // (10_000 + hundredths))
        assert found.net in (ceiling, ceiling - 1) or policy is Policy.LINE_HALF_UP
