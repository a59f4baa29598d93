"""The turn of the fiscal year: right numbers, or a refusal that says what to do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.core import clock
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.errors import DomainError, GuardRefused
from app.core.numbering import DateBeforeLastNumber
from app.finance.invoices import returns, services, voids
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.finance.years.models import FiscalYear, YearState
from app.finance.years.services import YearClosed
from app.finance.years.workflow import YEAR_FLOW
from tests.factories.finance import draft_invoice, issued_invoice

pytestmark = pytest.mark.databases
SYSTEM = Actor.system("test")


@pytest.fixture(autouse=True)
def _system(app: Any) -> Any:
    with acting_as(SYSTEM):
        yield


def year_of(number: int) -> FiscalYear:
    return db.session.query(FiscalYear).filter_by(year=number).one()


ORIGINAL_OF = {policy.returned_as: kind for kind, policy in POLICIES.items() if policy.returned_as}
KINDS = pytest.mark.parametrize("kind", list(InvoiceKind))


def issued_on(day: str, *, kind: InvoiceKind) -> Invoice:
    """An issued document of a kind and a day; a return hangs on an invoice of that day."""
    of = ORIGINAL_OF.get(kind)
    if of is None:
        return issued_invoice(kind=kind, invoice_on=day)
    original = issued_invoice(kind=of, invoice_on=day)
    rows = [{"original_line_id": original.lines[0].id, "quantity": "1"}]
    head = {"original_id": original.id, "invoice_on": day, "reason": "x", "lines": rows}
    return services.issue_invoice(returns.save_return(head).id)


@KINDS
def test_numbers_begin_anew_with_the_year(kind: InvoiceKind) -> None:
    days = ("1403/12/29", "1403/12/30", "1404/01/01", "1404/12/29", "1405/01/01")
    issued = [issued_on(day, kind=kind) for day in days]
    assert [one.number_text for one in issued] == ["1403-1", "1403-2", "1404-1", "1404-2", "1405-1"]
    assert issued[1].invoice_on == date(2025, 3, 20)
    assert [(year_of(1403).ends_on - year_of(1403).starts_on).days, year_of(1404).ends_on] == [365, date(2026, 3, 20)]


def test_a_day_that_no_year_has_is_refused() -> None:
    with pytest.raises(DomainError) as caught:
        draft_invoice(invoice_on="1404/12/30")
    assert "invoice_on" in {error.path for error in caught.value.errors}  # type: ignore[attr-defined]


def test_a_late_invoice_of_the_old_year_still_gets_its_number_there() -> None:
    issued_invoice(invoice_on="1405/01/01")
    assert issued_invoice(invoice_on="1404/12/29").number_text == "1404-1"


@KINDS
def test_an_earlier_day_than_the_last_number_is_refused(kind: InvoiceKind) -> None:
    issued_on("1405/01/02", kind=kind)
    with pytest.raises(DateBeforeLastNumber):
        issued_on("1405/01/01", kind=kind)


@KINDS
def test_a_clock_that_was_moved_back_numbers_nothing_before_the_last(
    kind: InvoiceKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft that is made today, when today has become a day before the last number's."""
    first = issued_on("1405/01/02", kind=kind)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 22, 8, tzinfo=UTC))  # 1405-01-02 again
    same_day = issued_on("", kind=kind)
    assert (first.number, same_day.number, same_day.invoice_on) == (1, 2, first.invoice_on)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 21, 8, tzinfo=UTC))  # 1405-01-01
    with pytest.raises(DateBeforeLastNumber):
        issued_on("", kind=kind)


@KINDS
def test_a_clock_that_was_moved_back_voids_nothing_before_its_invoice(
    kind: InvoiceKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands = issued_on("1405/01/01", kind=kind)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 19, tzinfo=UTC))
    counter = voids.void_invoice(stands.id, reason="again")
    assert (counter.invoice_on, counter.number_text) == (stands.invoice_on, "1405-2")


@KINDS
def test_a_counter_document_takes_its_chosen_day(kind: InvoiceKind) -> None:
    stands = issued_on("1404/12/29", kind=kind)
    counter = voids.void_invoice(stands.id, reason="x", on=date(2026, 3, 21))
    assert (counter.number_text, stands.number_text) == ("1405-1", "1404-1")
    assert counter.invoice_on == date(2026, 3, 21)


@KINDS
@pytest.mark.parametrize(
    ("on", "refusal"),
    [
        (date(2026, 3, 18), GuardRefused),  # 1404-12-27, the day before it
        (date(2026, 3, 19), YearClosed),  # 1404-12-28, locked
        (date(2026, 3, 22), DateBeforeLastNumber),  # 1405-01-02, a later one has a number
        (date(2027, 3, 21), YearClosed),  # 1406-01-01, closed
    ],
)
def test_a_counter_document_of_a_bad_day_is_refused(kind: InvoiceKind, on: date, refusal: type[DomainError]) -> None:
    stands = issued_on("1404/12/28", kind=kind)
    issued_on("1405/01/03", kind=kind)
    year_of(1404).locked_until = date(2026, 3, 20)
    db.session.add(FiscalYear(year=1406, starts_on=date(2027, 3, 21), ends_on=date(2028, 3, 19)))
    db.session.flush()
    YEAR_FLOW.apply(year_of(1406), "close", actor=SYSTEM)
    with pytest.raises(refusal), db.session.begin_nested():
        voids.void_invoice(stands.id, reason="x", on=on)
    db.session.expire_all()
    assert stands.state is InvoiceState.ISSUED
    assert db.session.query(Invoice).filter_by(voids_id=stands.id).count() == 0


@KINDS
def test_a_closed_year_takes_nothing_of_any_kind(kind: InvoiceKind) -> None:
    of = ORIGINAL_OF.get(kind)
    if of is None:
        draft = draft_invoice(kind=kind, invoice_on="1404/12/01")
        issued_invoice(invoice_on="1404/11/01")
    else:
        original = issued_invoice(kind=of, invoice_on="1404/12/01")
        rows = [{"original_line_id": original.lines[0].id, "quantity": "1"}]
        head = {"original_id": original.id, "invoice_on": "1404/12/02", "reason": "x", "lines": rows}
        draft = returns.save_return(head)
    with pytest.raises(GuardRefused, match="1"):
        YEAR_FLOW.apply(year_of(1404), "close", actor=SYSTEM)
    assert year_of(1404).state is YearState.OPEN
    draft_id = draft.id
    later = {**services.document_of(draft), "invoice_on": "1405/01/05"} if of is None else None
    if later is not None:
        services.save_draft(later, invoice_id=draft_id)
    else:
        draft = returns.save_return({**returns.entry_of(draft), "invoice_on": "1405/01/05"}, return_id=draft_id)
    YEAR_FLOW.apply(year_of(1404), "close", actor=SYSTEM)
    assert services.issue_invoice(draft_id).fiscal_year == 1405
    with pytest.raises(YearClosed, match="1404"):
        issued_invoice(invoice_on="1404/12/29")
    YEAR_FLOW.apply(year_of(1404), "reopen", actor=SYSTEM, reason="auditor")
    assert issued_invoice(invoice_on="1404/12/29").fiscal_year == 1404


def test_a_year_is_opened_again_only_with_a_reason() -> None:
    issued_invoice(invoice_on="1404/12/29")
    YEAR_FLOW.apply(year_of(1404), "close", actor=SYSTEM)
    with pytest.raises(DomainError) as caught:
        YEAR_FLOW.apply(year_of(1404), "reopen", actor=SYSTEM, reason=" ")
    assert caught.value.code == "reason_required"


def test_books_that_are_locked_refuse_up_to_that_day() -> None:
    issued_invoice(invoice_on="1404/06/01")
    year_of(1404).locked_until = date(2026, 3, 19)
    db.session.flush()
    with pytest.raises(YearClosed):
        issued_invoice(invoice_on="1404/12/28")
    assert issued_invoice(invoice_on="1404/12/29").number_text == "1404-2"
