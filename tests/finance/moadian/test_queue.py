"""The queue: what issue, return and void tell the tax system, and what stops an issue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.errors import GuardRefused, Invalid, NotAllowed
from app.core.feature import Role
from app.core.workflow import ReasonRequired, log_of
from app.finance.invoices import services as invoices
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.finance.moadian import queries, services
from app.finance.moadian.checks import PreflightFailed, report_of, reports_of
from app.finance.moadian.codes import DocumentState, Subject
from app.finance.moadian.models import SendWindow, TaxDocument, TaxMemory
from app.finance.moadian.payload import prove
from app.finance.moadian.services import check_memory, check_window
from app.finance.moadian.tax_id import read
from app.finance.moadian.workflow import DOCUMENT_FLOW
from app.org.security import actor_of
from tests.factories import CustomerFactory, DepartmentFactory, EmployeeFactory, ProductFactory
from tests.factories import moadian as make
from tests.factories.finance import entry, issued_invoice, line

pytestmark = pytest.mark.databases
NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(app: Any) -> Iterator[None]:
    """It is noon of 1405-09-01 in Tehran."""
    with clock.frozen(NOON):
        yield


def system() -> Any:
    return acting_as(Actor.system("test"))


def documents() -> list[TaxDocument]:
    return list(db.session.scalars(select(TaxDocument).order_by(TaxDocument.id)))


def only() -> TaxDocument:
    (found,) = documents()
    return found


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that a block sends."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = db.session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def take(document: TaxDocument, *names: str, reason: str = "0300601") -> None:
    with system():
        for name in names:
            DOCUMENT_FLOW.apply(document, name, actor=Actor.system("test"), reason=reason)


# --- issue


def test_turned_off_nobody_is_bothered() -> None:
    invoice = issued_invoice()
    assert documents() == []
    assert not report_of(invoice).is_on


def test_issue_queues_the_original_with_the_first_serial() -> None:
    make.memory_in_use()
    sale = make.good_sale()
    document = only()
    header = document.fields["header"]
    assert (document.subject, document.serial, document.state) == (Subject.ORIGINAL, 1, DocumentState.READY)
    assert (document.invoice_id, document.sale_id, document.total_rials) == (sale.id, sale.id, sale.payable_rials)
    assert header["taxid"] == document.tax_id
    assert read(document.tax_id).on == date(2026, 11, 22)
    assert (header["tins"], header["tob"], header["bid"], header["tinb"]) == (
        "10380284790", 2, "14000405500", "14000405500",
    )  # fmt: skip
    assert document.fields["body"][0]["mu"] == "1627"
    prove(document.fields)


def test_issue_in_the_night_of_tehran_takes_the_day_before_for_both() -> None:
    make.memory_in_use()
    night = datetime(2026, 11, 21, 21, 45, tzinfo=UTC)  # 01:15 of the 22nd in Tehran
    with clock.frozen(night):
        make.good_sale()
    document = only()
    assert read(document.tax_id).on == date(2026, 11, 21)
    assert document.fields["header"]["indatim"] == int(night.timestamp()) * 1000


def test_an_invoice_of_an_earlier_day_is_told_at_noon_of_that_day() -> None:
    make.memory_in_use()
    make.good_sale(invoice_on="1405/08/28")
    assert read(only().tax_id).on == date(2026, 11, 19)


def test_serials_follow_without_a_gap_across_branches_and_years() -> None:
    make.memory_in_use(serial_from=2572613409)
    for head in ({}, {"branch_id": make.other_branch().id}, {}):
        make.good_sale(**head)
    assert [document.serial for document in documents()] == [2572613409, 2572613410, 2572613411]


def test_a_refused_issue_takes_no_serial() -> None:
    make.memory_in_use()
    draft = make.good_draft(lines=[line()])
    with system(), pytest.raises(PreflightFailed):
        invoices.issue_invoice(draft.id)
    make.good_sale()
    assert only().serial == 1


def test_issue_that_would_be_refused_is_stopped_and_says_everything() -> None:
    make.memory_in_use()
    draft = make.good_draft(customer=make.known_buyer(legal_id="14000405501"), lines=[line(), line()])
    with system(), pytest.raises(PreflightFailed) as caught:
        invoices.issue_invoice(draft.id)
    found = sorted(error.code for error in caught.value.errors)
    assert found == ["economic_code", "legal_id", *["no_goods_code"] * 2, *["no_unit_code"] * 2]
    assert draft.state is InvoiceState.DRAFT
    assert draft.number is None
    assert documents() == []


def test_a_warning_stops_nothing() -> None:
    make.memory_in_use()
    sale = make.good_sale(lines=[make.known_line(taxes=[{"name": "VAT", "percent": "9"}])])
    assert sale.number is not None
    assert len(documents()) == 1


def test_bulk_issue_leaves_out_what_would_be_refused() -> None:
    make.memory_in_use()
    good, bad = make.good_draft(), make.good_draft(lines=[line()])
    with system():
        for draft in (good, bad):
            try:
                invoices.issue_invoice(draft.id)
            except PreflightFailed:
                continue
    assert (good.state, bad.state) == (InvoiceState.ISSUED, InvoiceState.DRAFT)
    assert only().invoice_id == good.id


def test_purchases_are_their_sellers_business() -> None:
    make.memory_in_use()
    supplier = CustomerFactory(is_supplier=True)
    with system():
        bought = invoices.save_draft(entry(supplier, supplier_number="17"), kind=InvoiceKind.PURCHASE)
        invoices.issue_invoice(bought.id)
    assert documents() == []


@pytest.mark.parametrize(
    ("row", "is_on"),
    [
        ({"from_on": date(2026, 11, 22)}, True),
        ({"from_on": date(2026, 11, 23)}, False),
        ({"is_active": False}, False),
    ],
    ids=["from this day", "from tomorrow", "turned off"],
)
def test_from_which_day_it_holds(row: dict[str, Any], is_on: bool) -> None:
    make.memory_in_use(**row)
    assert report_of(make.good_draft()).is_on is is_on


def test_a_branch_goes_by_its_own_memory_before_the_companys() -> None:
    make.memory_in_use()
    branch = make.other_branch()
    make.memory_in_use(memory_id="A11216", branch_id=branch.id, branch_code="12", from_on=date(2026, 3, 2))
    make.good_sale(branch_id=branch.id)
    make.good_sale()
    first, second = documents()
    assert (first.memory_id, first.fields["header"]["sbc"]) == ("A11216", "12")
    assert second.memory_id == make.MEMORY


def test_a_branch_can_be_turned_off_alone() -> None:
    make.memory_in_use()
    branch = make.other_branch()
    make.memory_in_use(branch_id=branch.id, is_active=False)
    assert not report_of(make.good_draft(branch_id=branch.id)).is_on
    assert report_of(make.good_draft()).is_on


def test_a_person_without_an_economic_code_gets_type_two() -> None:
    make.memory_in_use()
    make.good_sale(customer=CustomerFactory(national_id="0499370899"))
    header = only().fields["header"]
    assert (header["inty"], header["tob"], header["bid"], header["tinb"]) == (2, 1, "0499370899", None)


def test_unless_that_is_not_wanted() -> None:
    make.memory_in_use(has_consumers=False)
    report = report_of(make.good_draft(customer=CustomerFactory(national_id="0499370899")))
    assert [finding.code for finding in report.errors] == ["no_economic_code"]


def test_the_window_is_a_row_of_a_table() -> None:
    make.memory_in_use()
    draft = make.good_draft(invoice_on="1405/08/20")  # eleven days ago
    assert [f.code for f in report_of(draft).findings] == ["late"]
    db.session.add(SendWindow(from_on=date(2026, 6, 1), warn_days=3, refuse_days=10))
    db.session.flush()
    assert [f.code for f in report_of(draft).errors] == ["too_old"]


def test_many_drafts_are_checked_with_few_statements() -> None:
    make.memory_in_use()
    drafts = [make.good_draft(lines=[make.known_line(), line()]) for _ in range(6)]
    db.session.expire_all()
    assert {draft.invoice_on for draft in drafts} == {date(2026, 11, 22)}
    with counted() as few:
        reports_of(drafts[:2])
    with counted() as many:
        found = reports_of(drafts)
    assert [len(report.errors) for report in found] == [2] * 6
    assert 0 < len(many) <= len(few)


# --- what comes after


def test_a_return_says_what_is_left() -> None:
    make.memory_in_use()
    sale = make.good_sale(lines=[make.known_line("10", "3335"), make.known_line("1", "777")])
    make.returned(sale, {0: "3"})
    first, second = documents()
    assert (second.subject, second.earlier_id, second.sale_id) == (Subject.RETURN, first.id, sale.id)
    header, body = second.fields["header"], second.fields["body"]
    assert (header["ins"], header["irtaxid"], header["inno"]) == (4, first.tax_id, "0000000002")
    assert [(row["am"], row["adis"], row["vam"]) for row in body] == [(7, 23_345, 2_334), (1, 777, 77)]
    assert header["tbill"] == second.total_rials == 23_345 + 2_334 + 777 + 77


def test_returns_follow_each_other_in_a_chain() -> None:
    make.memory_in_use()
    sale = make.good_sale()
    make.returned(sale, {0: "3"})
    make.returned(sale, {0: "2.5"})
    first, second, third = documents()
    assert [d.earlier_id for d in (first, second, third)] == [None, first.id, second.id]
    assert third.fields["body"][0]["am"] == Decimal("4.5")


def test_when_everything_comes_back_the_sale_is_void() -> None:
    make.memory_in_use()
    sale = make.good_sale()
    make.returned(sale, {0: "4"})
    make.returned(sale, {0: "6"})
    _first, second, third = documents()
    assert (third.subject, third.earlier_id) == (Subject.VOID, second.id)
    assert third.fields["body"] == second.fields["body"]


def test_a_voided_invoice_is_voided_there_too() -> None:
    make.memory_in_use()
    sale = make.good_sale()
    counter = make.voided(sale)
    first, second = documents()
    assert (second.subject, second.invoice_id, second.sale_id) == (Subject.VOID, counter.id, sale.id)
    assert (second.fields["header"]["ins"], second.fields["header"]["irtaxid"]) == (3, first.tax_id)
    assert second.fields["body"] == first.fields["body"]


def test_a_voided_return_is_an_amendment() -> None:
    """Voiding the return there would void the whole trade; what stands again is told anew."""
    make.memory_in_use()
    sale = make.good_sale()
    back = make.returned(sale, {0: "3"})
    make.voided(back)
    first, second, third = documents()
    assert (third.subject, third.earlier_id) == (Subject.AMEND, second.id)
    assert third.fields["body"] == first.fields["body"]


def test_a_voided_return_of_everything_is_an_original_again() -> None:
    make.memory_in_use()
    sale = make.good_sale()
    make.voided(make.returned(sale, {0: "10"}))
    assert [d.subject for d in documents()] == [Subject.ORIGINAL, Subject.VOID, Subject.ORIGINAL]


def test_what_the_tax_system_never_knew_is_neither_returned_nor_voided_there() -> None:
    sale = make.good_sale()
    make.memory_in_use()
    draft = make.return_draft(sale, {0: "3"})
    assert [(f.code, f.is_error) for f in report_of(draft).findings] == [("unknown_original", False)]
    with system():
        invoices.issue_invoice(draft.id)
    make.voided(draft)
    assert documents() == []


def test_a_return_waits_until_a_refused_original_is_put_right() -> None:
    make.memory_in_use()
    sale = make.good_sale()
    take(only(), "write", "mark_sent", "reject")
    draft = make.return_draft(sale, {0: "3"})
    assert [f.code for f in report_of(draft).errors] == ["refused_original"]
    with system(), pytest.raises(PreflightFailed):
        invoices.issue_invoice(draft.id)


def test_a_refused_original_needs_no_void() -> None:
    make.memory_in_use()
    sale = make.good_sale()
    take(only(), "write", "mark_sent", "reject")
    make.voided(sale)
    assert only().state is DocumentState.REJECTED


def test_return_keeps_buyer_and_kind_of_the_original() -> None:
    make.memory_in_use()
    buyer = make.known_buyer()
    sale = make.good_sale(customer=buyer)
    with system():
        buyer.legal_id = "10380284790"
        db.session.flush()
    make.returned(sale, {0: "1"})
    first, second = documents()
    assert second.fields["header"]["bid"] == first.fields["header"]["bid"] == "14000405500"


# --- corrections


def test_amendment_tells_the_codes_of_now_under_a_new_tax_id() -> None:
    make.memory_in_use()
    product = make.known_product()
    make.good_sale(lines=[make.known_line(product=product)])
    with system():
        product.tax_code = "2710000138625"
        made = services.amend(only())
    first, second = documents()
    assert made is second
    assert (second.subject, second.earlier_id, second.serial) == (Subject.AMEND, first.id, 2)
    assert second.fields["body"][0]["sstid"] == "2710000138625"
    assert second.total_rials == first.total_rials


def test_only_the_last_word_is_amended() -> None:
    make.memory_in_use()
    sale = make.good_sale()
    make.returned(sale, {0: "3"})
    first, _second = documents()
    with system(), pytest.raises(GuardRefused):
        services.amend(first)


def test_a_void_is_not_amended() -> None:
    make.memory_in_use()
    make.voided(make.good_sale())
    with system(), pytest.raises(GuardRefused):
        services.amend(documents()[-1])


def test_retry_makes_the_payload_anew_under_the_same_tax_id() -> None:
    make.memory_in_use()
    product = make.known_product()
    make.good_sale(lines=[make.known_line(product=product)])
    document = only()
    tax_id = document.tax_id
    take(document, "write", "mark_sent", "reject", reason="0303301")
    assert (document.state, document.error) == (DocumentState.REJECTED, "0303301")
    with system():
        product.tax_code = "2710000138625"
        db.session.flush()
    with clock.frozen(NOON + timedelta(days=3)):
        take(document, "retry")
    assert (document.state, document.error, document.tax_id) == (DocumentState.READY, "", tax_id)
    assert document.fields["header"]["taxid"] == tax_id
    assert document.fields["body"][0]["sstid"] == "2710000138625"


@pytest.mark.parametrize("after", ["return", "void"])
def test_nothing_is_made_anew_once_something_came_after(after: str) -> None:
    make.memory_in_use()
    sale = make.good_sale()
    first = only()
    take(first, "write")
    if after == "return":
        make.returned(sale, {0: "3"})
    else:
        make.voided(sale)
    with pytest.raises(GuardRefused):
        take(first, "retry")


def test_a_refused_document_of_a_void_invoice_stays_as_it_is() -> None:
    make.memory_in_use()
    sale = make.good_sale()
    take(only(), "write", "reject")
    make.voided(sale)
    with pytest.raises(GuardRefused):
        take(only(), "retry")


# --- steps, rights, settings


def test_steps_are_logged_with_their_reasons() -> None:
    make.memory_in_use()
    make.good_sale()
    take(only(), "write", "mark_sent", "reject", reason="0301 not in the system")
    log = [(entry.transition, entry.to_state) for entry in log_of(only())]
    assert log == [("write", "written"), ("mark_sent", "sent"), ("reject", "rejected")]
    assert only().attempts == 1


def test_a_refusal_needs_its_reason() -> None:
    make.memory_in_use()
    make.good_sale()
    take(only(), "write")
    with pytest.raises(ReasonRequired):
        take(only(), "reject", reason="")


@pytest.mark.parametrize("role", [Role.SALES, Role.TELEMARKETER, Role.REP, Role.DEALER, Role.COLLECTOR])
def test_who_has_no_right_takes_no_step(role: Role) -> None:
    make.memory_in_use()
    department = DepartmentFactory()
    make.good_sale(customer=make.known_buyer(department=department))
    document = only()
    actor = actor_of(EmployeeFactory(role=role, home_department=department))
    with acting_as(actor), pytest.raises(NotAllowed):
        DOCUMENT_FLOW.apply(document, "write", actor=actor)


@pytest.mark.parametrize(("role", "count"), [(Role.ACCOUNTANT, 2), (Role.SALES, 1), (Role.REP, 0), (Role.DEALER, 0)])
def test_documents_load_their_invoice_in_one_go_under_every_reach(role: Role, count: int) -> None:
    make.memory_in_use()
    department = DepartmentFactory()
    for place in (department, DepartmentFactory()):
        make.good_sale(customer=make.known_buyer(department=place))
    db.session.expire_all()
    with acting_as(actor_of(EmployeeFactory(role=role, home_department=department))):
        query = select(TaxDocument).options(joinedload(TaxDocument.invoice))
        assert [d.invoice.customer_name != "" for d in db.session.scalars(query)] == [True] * count


def test_documents_are_seen_with_their_invoice() -> None:
    make.memory_in_use()
    department = DepartmentFactory()
    make.good_sale(customer=make.known_buyer(department=department))
    for place, count in ((department, 1), (DepartmentFactory(), 0)):
        with acting_as(actor_of(EmployeeFactory(role=Role.SALES, home_department=place))):
            assert db.session.scalar(select(func.count()).select_from(TaxDocument)) == count


def test_a_return_elsewhere_still_finds_the_chain_of_its_sale() -> None:
    """Who sees the sale and not an earlier return of it must not start a second chain."""
    make.memory_in_use()
    sale = make.good_sale()
    hidden = make.returned(sale, {0: "1"})
    make.returned(sale, {0: "1"})
    with system():
        assert queries.standing_of(sale.id) is documents()[-1]
    assert [d.earlier_id for d in documents()][1:] == [d.id for d in documents()][:-1]
    assert hidden.original_id == sale.id


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"memory_id": "ABC"}, "malformed"),
        ({"memory_id": "ABCDE\u06f1"}, None),
        ({"memory_id": "def5gh"}, None),
        ({"economic_code": "123"}, "malformed"),
        ({"branch_code": "x1"}, "malformed"),
        ({"from_on": date(2026, 3, 2)}, "taken"),
        ({"serial_from": 5}, "series"),
    ],
)
def test_a_memory_is_checked(values: dict[str, Any], code: str | None) -> None:
    make.memory_in_use()
    given = {"memory_id": make.MEMORY, "economic_code": "10380284790", "from_on": date(2026, 6, 1), "serial_from": 1}
    memory = TaxMemory(**{**given, **values})
    with system():
        if code is None:
            check_memory(memory)
            assert memory.memory_id in {make.MEMORY, "ABCDE1"}
            return
        with pytest.raises(Invalid) as caught:
            check_memory(memory)
    assert [error.code for error in caught.value.errors] == [code]


def test_the_first_serial_stays_once_documents_exist() -> None:
    memory = make.memory_in_use()
    make.good_sale()
    memory.serial_from = 100
    with system(), pytest.raises(Invalid) as caught:
        check_memory(memory)
    assert [error.code for error in caught.value.errors] == ["in_use"]
    db.session.rollback()


@pytest.mark.parametrize("days", [(-1, 5), (8, 7), (None, 7), (1, None), (1, 5000)])
def test_a_window_is_checked(days: tuple[Any, Any]) -> None:
    with pytest.raises(Invalid):
        check_window(SendWindow(from_on=date(2026, 1, 1), warn_days=days[0], refuse_days=days[1]))


def test_a_product_of_the_catalogue_without_code_is_named_by_its_line() -> None:
    make.memory_in_use()
    draft = make.good_draft(lines=[make.known_line(), make.known_line(product=ProductFactory())])
    assert [f.path for f in report_of(draft).errors] == ["lines[1].product", "lines[1].unit"]


def test_the_invoice_itself_stays_sealed() -> None:
    """The queue hangs on the invoice and changes nothing of it."""
    make.memory_in_use()
    sale = make.good_sale()
    take(only(), "write", "mark_sent", "accept")
    assert db.session.get(Invoice, sale.id).version == sale.version
    assert only().state is DocumentState.ACCEPTED
