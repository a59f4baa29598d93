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
from app.finance.invoices.kinds import InvoiceKind
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


@pytest.mark.parametrize("kind", [InvoiceKind.SALES, InvoiceKind.PURCHASE])
def test_numbers_begin_anew_with_the_year(kind: InvoiceKind) -> None:
    days = ("1403/12/29", "1403/12/30", "1404/01/01", "1404/12/29", "1405/01/01")
    issued = [issued_invoice(kind=kind, invoice_on=day) for day in days]
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


def test_an_earlier_day_than_the_last_number_is_refused() -> None:
    issued_invoice(invoice_on="1405/01/02")
    with pytest.raises(DateBeforeLastNumber):
        issued_invoice(invoice_on="1405/01/01")


def test_a_clock_that_was_moved_back_voids_nothing_before_its_invoice(monkeypatch: pytest.MonkeyPatch) -> None:
    sold = issued_invoice(invoice_on="1405/01/01")
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 19, tzinfo=UTC))
    counter = voids.void_invoice(sold.id, reason="again")
    assert (counter.invoice_on, counter.number_text) == (sold.invoice_on, "1405-2")


@pytest.mark.parametrize("kind", list(InvoiceKind))
def test_a_closed_year_takes_nothing_of_any_kind(kind: InvoiceKind) -> None:
    of = {InvoiceKind.SALES_RETURN: InvoiceKind.SALES, InvoiceKind.PURCHASE_RETURN: InvoiceKind.PURCHASE}.get(kind)
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
