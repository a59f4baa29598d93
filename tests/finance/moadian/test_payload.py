"""The payload: names, codes and sums as the tax system has them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import totals
from app.core.errors import Invalid
from app.finance.moadian.codes import BuyerKind, InvoiceType, PaymentMethod, Settlement, Subject
from app.finance.moadian.payload import (
    BODY,
    HEADER,
    PAYMENT,
    Identity,
    SumsDiffer,
    from_text,
    payload_of,
    prove,
    restated,
    to_text,
)
from app.finance.moadian.tax_id import read
from app.finance.moadian.values import Buyer, Payment, remaining
from tests.finance.moadian.papers import AT, PERSON, document, items_of, line, paper_of


def percent(most: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=0, max_value=most, places=2)


TAXES = st.fixed_dictionaries({}, optional={"VAT": percent(20), "duty": percent(10), "other": percent(5)})


@st.composite
def lines(draw: st.DrawFn) -> totals.Line:
    included = draw(st.booleans())
    discounts = draw(st.lists(st.builds(totals.Discount, percent=percent(60)), max_size=2))
    return totals.Line(
        draw(st.decimals(min_value="0.001", max_value=9_999, places=3)),
        draw(st.decimals(min_value=0, max_value=10**9, places=draw(st.integers(0, 4)))),
        tuple(discounts),
        tuple(totals.Tax(name, rate, included=included) for name, rate in draw(TAXES).items()),
    )


DOCUMENTS = st.builds(
    totals.Document,
    st.lists(lines(), min_size=1, max_size=6).map(tuple),
    discounts=st.lists(st.builds(totals.Discount, percent=percent(50)), max_size=1).map(tuple),
)


@settings(max_examples=400, deadline=None)
@given(DOCUMENTS)
def test_header_sums_are_those_of_the_lines_for_any_invoice(made: totals.Document) -> None:
    try:
        paper = paper_of(made)
    except Invalid:
        return
    payload = payload_of(paper, serial=1)
    header, body = payload["header"], payload["body"]
    for row in body:
        assert row["tsstam"] == row["adis"] + row["vam"] + (row["odam"] or 0) + (row["olam"] or 0)
        assert row["adis"] == row["prdis"] - row["dis"]
        assert row["vam"] == row["adis"] * Decimal(row["vra"]) // 100
        assert Decimal(row["am"]) * Decimal(row["fee"]) // 1 == row["prdis"]
    for total, part in (("tprdis", "prdis"), ("tdis", "dis"), ("tadis", "adis"), ("tvam", "vam")):
        assert header[total] == sum(row[part] for row in body)
    assert header["todam"] == sum((row["odam"] or 0) + (row["olam"] or 0) for row in body)
    assert header["tbill"] == header["tadis"] + header["tvam"] + header["todam"]
    rounding = totals.compute(made).rounding
    assert header["tbill"] == paper.payable - rounding
    assert from_text(to_text(payload)) == payload


def test_fields_have_the_names_and_the_order_of_the_instruction() -> None:
    payment = Payment(PaymentMethod.TERMINAL, 22_000, AT, terminal_no="12345678", tracking_no="99")
    payload = payload_of(replace(paper_of(document()), payments=(payment,)), serial=12)
    assert list(payload) == ["header", "body", "payments"]
    assert tuple(payload["header"]) == HEADER
    assert tuple(payload["body"][0]) == BODY
    assert tuple(payload["payments"][0]) == PAYMENT
    assert (payload["payments"][0]["pmt"], payload["payments"][0]["pv"]) == (4, 22_000)


def test_an_original_of_a_company() -> None:
    header = payload_of(paper_of(document()), serial=12)["header"]
    told = {name: value for name, value in header.items() if value is not None}
    assert told == {
        "taxid": header["taxid"], "indatim": 1795335330250, "indati2m": 1795335330250, "inty": 1,
        "inno": "000000000C", "inp": 1, "ins": 1, "tins": "10380284790", "tob": 2, "bid": "14000405500",
        "tinb": "14000405500", "bpc": "1234567890", "tprdis": 20_000, "tdis": 0, "tadis": 20_000, "tvam": 2_000,
        "todam": 0, "tbill": 22_000, "setm": 2, "insp": 22_000,
    }  # fmt: skip


def test_day_of_the_tax_id_is_that_of_the_time_of_issue() -> None:
    """At 02:00 in Tehran the day of UTC is the one before, and both fields say so."""
    night = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    paper = replace(paper_of(document()), at=night)
    header = payload_of(paper, serial=1)["header"]
    assert paper.on.isoformat() == "2026-11-22"
    assert read(header["taxid"]).on.isoformat() == "2026-11-21"
    assert header["indatim"] // 86_400_000 == read(header["taxid"]).day


@pytest.mark.parametrize(
    ("settlement", "cash", "expected"),
    [
        (Settlement.CASH, None, (1, 22_000, None)),
        (Settlement.CREDIT, None, (2, None, 22_000)),
        (Settlement.BOTH, 5_000, (3, 5_000, 17_000)),
    ],
    ids=["cash", "credit", "both"],
)
def test_settlement(settlement: Settlement, cash: int | None, expected: tuple[int, int | None, int | None]) -> None:
    header = payload_of(paper_of(document(), settlement=settlement, cash=cash), serial=1)["header"]
    assert (header["setm"], header["cap"], header["insp"]) == expected


def test_duty_and_charge_have_columns_of_their_own() -> None:
    taxes = tuple(totals.Tax(name, Decimal(rate)) for name, rate in (("VAT", "10"), ("duty", "3"), ("other", "0.5")))
    body = payload_of(paper_of(document([line(taxes=taxes)])), serial=1)["body"][0]
    assert [body[n] for n in ("vra", "vam", "odr", "odam", "olr", "olam")] == [10, 2_000, 3, 600, Decimal("0.5"), 100]
    assert (body["odt"], body["olt"], body["tsstam"]) == ("duty", "other", 22_700)


def test_refused_value_of_the_tax_system_is_floored() -> None:
    """7,272,727 at 10 % must be 727,272; 5,322 at 9 % 478 (IRAN.md, Money)."""
    body = payload_of(paper_of(document([line("1", "7272727"), line("1", "5322", vat="9")])), serial=1)["body"]
    assert [row["vam"] for row in body] == [727_272, 478]


def test_inclusive_price_gives_the_fee_without_its_tax() -> None:
    taxes = (totals.Tax("VAT", Decimal(10), included=True),)
    body = payload_of(paper_of(document([line("3", "5000000", taxes=taxes)])), serial=1)["body"][0]
    assert (body["adis"], body["vam"]) == (13_636_364, 1_363_636)
    assert body["am"] * body["fee"] // 1 == body["prdis"]


def test_type_two_may_leave_the_buyer_out() -> None:
    header = payload_of(paper_of(document(), type=InvoiceType.SECOND, buyer=Buyer()), serial=1)["header"]
    assert (header["inty"], header["tob"], header["bid"], header["tinb"]) == (2, None, None, None)


@pytest.mark.parametrize(("kind", "code"), [(BuyerKind.PARTNERSHIP, 3), (BuyerKind.FOREIGN, 4)])
def test_partnerships_and_foreigners(kind: BuyerKind, code: int) -> None:
    buyer = Buyer(kind, "123456789012", passport_no="K12345678")
    header = payload_of(paper_of(document(), buyer=buyer), serial=1)["header"]
    assert (header["tob"], header["bid"], header["bpn"]) == (code, "123456789012", "K12345678")


@pytest.mark.parametrize("subject", [Subject.AMEND, Subject.RETURN])
def test_a_later_word_points_at_the_earlier_tax_id(subject: Subject) -> None:
    first = payload_of(paper_of(document()), serial=1)["header"]["taxid"]
    header = payload_of(paper_of(document()), serial=2, subject=subject, earlier=first)["header"]
    assert (header["ins"], header["irtaxid"], header["inno"]) == (int(subject), first, "0000000002")


@pytest.mark.parametrize(
    ("subject", "earlier"), [(Subject.ORIGINAL, "DEF5GH0481F000000000C2"), (Subject.VOID, None), (Subject.RETURN, None)]
)
def test_subject_and_reference_go_together(subject: Subject, earlier: str | None) -> None:
    with pytest.raises(ValueError, match="original"):
        payload_of(paper_of(document()), serial=1, subject=subject, earlier=earlier)


def test_a_void_repeats_what_it_voids() -> None:
    known = payload_of(paper_of(document(), buyer=PERSON), serial=1)
    first = known["header"]["taxid"]
    identity = Identity(2, Subject.VOID, AT + timedelta(days=3), first)
    void = restated(known, memory_id="DEF5GH", identity=identity)
    changed = {name for name in HEADER if void["header"][name] != known["header"][name]}
    assert changed == {"taxid", "indatim", "indati2m", "inno", "irtaxid", "ins"}
    assert (void["header"]["ins"], void["header"]["irtaxid"], void["body"]) == (3, first, known["body"])
    assert read(void["header"]["taxid"]).day == read(first).day + 3


@pytest.mark.parametrize(
    ("part", "name"),
    [("header", "tprdis"), ("header", "tvam"), ("header", "todam"), ("header", "tbill"), ("body", "tsstam")],
)
def test_a_payload_that_does_not_add_up_is_no_payload(part: str, name: str) -> None:
    payload = payload_of(paper_of(document()), serial=1)
    fields = payload[part] if part == "header" else payload[part][0]
    fields[name] += 1
    with pytest.raises(SumsDiffer):
        prove(payload)


def test_figures_keep_every_digit() -> None:
    made = document([line("1234567.891", "99999999.1234")])
    text = to_text(payload_of(paper_of(made), serial=1))
    assert '"am":1234567.891,' in text
    assert '"fee":99999999.1234,' in text


def test_a_return_says_what_is_left() -> None:
    sold = items_of(document([line("10", "3335")]), totals.compute(document([line("10", "3335")])))[0]
    back = items_of(document([line("3", "3335")]), totals.compute(document([line("3", "3335")])))[0]
    left = remaining(sold, quantity=Decimal(7), gross=sold.gross - back.gross, net=sold.net - back.net)
    assert (left.quantity, left.gross, left.net, left.charges[0].amount) == (Decimal(7), 23_345, 23_345, 2_334)
    assert left.total == 25_679


@given(st.integers(2, 50), st.integers(1, 10**7), st.data())
def test_what_is_left_always_bears_the_floored_tax(quantity: int, price: int, data: st.DataObject) -> None:
    back = data.draw(st.integers(1, quantity - 1))
    made = [
        document([line(str(n), str(price), discounts=(totals.Discount(percent=Decimal(7)),))]) for n in (quantity, back)
    ]
    sold, returned = (items_of(one, totals.compute(one))[0] for one in made)
    gross, net = sold.gross - returned.gross, sold.net - returned.net
    left = remaining(sold, quantity=sold.quantity - back, gross=gross, net=net)
    assert left.charges[0].amount == left.net // 10
