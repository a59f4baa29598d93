"""Sales invoices: drafts, issue, what never changes, who may."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from app.core import audit
from app.core.actor import acting_as
from app.core.db import db
from app.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, StaleVersion
from app.core.feature import Role
from app.finance.invoices import services
from app.finance.invoices.models import Invoice, InvoiceLine
from app.finance.invoices.services import InvoiceFrozen, ReferenceTaken
from app.finance.invoices.states import InvoiceState
from app.org.security import actor_of
from tests.factories import CustomerFactory, DepartmentFactory, EmployeeFactory, ProductFactory
from tests.factories.finance import draft_invoice, entry, issued_invoice, line

pytestmark = pytest.mark.databases


@pytest.fixture(autouse=True)
def _app(app: Any) -> None:
    """Every test here needs the application."""


def actor(role: Role, department: Any) -> Any:
    return acting_as(actor_of(EmployeeFactory(role=role, home_department=department)))


def test_draft_keeps_the_figures_of_the_engine() -> None:
    invoice = draft_invoice(lines=[line("3", "3335"), line("7", "1999"), line("1", "12345"), line("11", "777")])
    assert (invoice.net_rials, invoice.tax_rials, invoice.payable_rials) == (44890, 4487, 49377)
    assert [row.position for row in invoice.lines] == [1, 2, 3, 4]


def test_draft_has_no_number_until_it_is_issued() -> None:
    invoice = draft_invoice()
    assert invoice.number is None
    assert issued_invoice().number is not None


def test_numbers_follow_without_a_gap_and_year_is_jalali() -> None:
    numbers = [issued_invoice().number for _ in range(3)]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    assert issued_invoice().fiscal_year == 1405


def test_every_bad_field_is_named_at_once() -> None:
    bad = entry(lines=[line("x"), line(unit_price="-1"), {**line(), "description": ""}], invoice_on="1405/13/01")
    bad["customer_id"] = "987654"
    with acting_as(actor_of_admin()), pytest.raises(Invalid) as caught:
        services.save_draft(bad)
    paths = {error.path for error in caught.value.errors}
    assert {"customer_id", "invoice_on", "lines[0].quantity", "lines[1].unit_price", "lines[2].description"} <= paths


def actor_of_admin() -> Any:
    from app.org.employees.models import Employee

    return actor_of(db.session.scalars(select(Employee).where(Employee.username == "admin")).one())


def test_stale_save_is_refused() -> None:
    invoice = draft_invoice()
    with acting_as(actor_of_admin()):
        opened = services.document_of(invoice)
        services.save_draft({**opened, "note": "first"}, invoice_id=invoice.id)
        with pytest.raises(StaleVersion):
            services.save_draft({**opened, "note": "second"}, invoice_id=invoice.id)


def test_saving_what_was_opened_changes_no_figure() -> None:
    invoice = draft_invoice(
        lines=[line("3", "3335", discounts=[{"percent": "10"}, {"amount": "5"}]), line("7", "1999")],
        discounts=[{"percent": "5"}],
        additions=[{"name": "freight", "amount": "200", "sign": 1, "taxed": False}],
    )
    before = (invoice.gross_rials, invoice.discount_rials, invoice.tax_rials, invoice.payable_rials)
    with acting_as(actor_of_admin()):
        services.save_draft(services.document_of(invoice), invoice_id=invoice.id)
    assert (invoice.gross_rials, invoice.discount_rials, invoice.tax_rials, invoice.payable_rials) == before


def test_reference_is_taken_once() -> None:
    draft_invoice(reference="الف-۱")
    with pytest.raises(ReferenceTaken):
        draft_invoice(reference="الف-۱")


def test_issuing_twice_is_refused() -> None:
    invoice = issued_invoice()
    with acting_as(actor_of_admin()), pytest.raises(IllegalTransition):
        services.issue_invoice(invoice.id)


def _set_note(invoice: Invoice) -> None:
    invoice.note = "changed"


def _set_line(invoice: Invoice) -> None:
    invoice.lines[0].unit_price += 1


def _set_tax(invoice: Invoice) -> None:
    invoice.lines[0].taxes[0].amount_rials += 1


def _drop_line(invoice: Invoice) -> None:
    invoice.lines.clear()


def _delete(invoice: Invoice) -> None:
    db.session.delete(invoice)


@pytest.mark.parametrize("change", [_set_note, _set_line, _set_tax, _drop_line, _delete])
def test_issued_invoice_refuses(change: Any) -> None:
    invoice = issued_invoice()
    change(invoice)
    with pytest.raises(InvoiceFrozen):
        db.session.flush()
    db.session.rollback()


@pytest.mark.parametrize("statement", [update(Invoice).values(note="x"), delete(InvoiceLine)], ids=["update", "delete"])
def test_bulk_statements_never_touch_invoices(statement: Any) -> None:
    issued_invoice()
    with pytest.raises((InvoiceFrozen, audit.UnrecordedChange)):
        db.session.execute(statement)


def test_issued_invoice_refuses_a_save_of_the_editor() -> None:
    invoice = issued_invoice()
    with acting_as(actor_of_admin()), pytest.raises(InvoiceFrozen):
        services.save_draft(services.document_of(invoice), invoice_id=invoice.id)


def test_other_departments_invoice_is_not_found() -> None:
    invoice = draft_invoice(customer=CustomerFactory(department=DepartmentFactory()))
    with actor(Role.SALES, DepartmentFactory()), pytest.raises(NotFound):
        services.open_invoice(invoice.id)


def test_other_departments_customer_cannot_be_put_on_an_invoice() -> None:
    foreign = CustomerFactory(department=DepartmentFactory())
    with actor(Role.SALES, DepartmentFactory()), pytest.raises(Invalid):
        services.save_draft(entry(foreign))


@pytest.mark.parametrize("role", [Role.TELEMARKETER, Role.DEALER, Role.SECRETARY, Role.REP, Role.COLLECTOR])
def test_role_without_the_right_saves_nothing(role: Role) -> None:
    department = DepartmentFactory()
    customer = CustomerFactory(department=department)
    with actor(role, department), pytest.raises(NotAllowed):
        services.save_draft(entry(customer))


def test_seller_may_save_but_not_issue() -> None:
    department = DepartmentFactory()
    customer = CustomerFactory(department=department)
    with actor(Role.SALES, department):
        invoice = services.save_draft(entry(customer))
        with pytest.raises(NotAllowed):
            services.issue_invoice(invoice.id)
    assert invoice.state is InvoiceState.DRAFT


def test_issue_order_rises_with_the_date() -> None:
    late = draft_invoice(invoice_on="1405/08/20")
    early = draft_invoice(invoice_on="1405/08/02")
    with acting_as(actor_of_admin()):
        assert services.issue_order([late.id, early.id]) == [early.id, late.id]


def test_product_line_takes_its_name() -> None:
    product = ProductFactory(name="کاغذ A4")
    invoice = draft_invoice(lines=[{**line(), "description": "", "product_id": product.id}])
    assert invoice.lines[0].description == "کاغذ A4"
