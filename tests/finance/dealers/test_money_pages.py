"""Money in the dealer panel: own invoices as PDF, balance and cheques; nothing of another dealer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.feature import Role
from app.crm.customers.models import Customer
from app.finance.invoices import voids
from app.finance.invoices.kinds import InvoiceKind
from app.org.employees.models import Employee
from tests.app_fixtures import Visitor
from tests.factories import CustomerFactory
from tests.factories.dealers import dealer_person
from tests.factories.finance import draft_invoice, issued_invoice, line
from tests.factories.settlement import cash, cheque, posted_payment

PAGES = ("/dealer/invoices", "/dealer/account")


@pytest.fixture
def person(app: Flask) -> Employee:
    return dealer_person()


@pytest.fixture
def dealer(person: Employee) -> Customer:
    return db.session.get_one(Customer, person.customer_id)


@pytest.fixture
def panel(as_user: Any, person: Employee) -> Visitor:
    person.locale = "en"
    visitor: Visitor = as_user(person)
    return visitor


def paper(invoice: Any) -> str:
    return f"/dealer/invoices/{invoice.id}.pdf"


def test_an_issued_invoice_is_listed_and_opens_as_pdf(panel: Visitor, dealer: Customer) -> None:
    invoice = issued_invoice(dealer, [line("2", "1000")])
    page = panel.get("/dealer/invoices").text
    assert paper(invoice) in page
    assert "2,200" in page
    answer = panel.get(paper(invoice))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF")


def test_nothing_else_is_listed_or_opens(panel: Visitor, dealer: Customer) -> None:
    draft, other = draft_invoice(dealer), issued_invoice(CustomerFactory(is_dealer=True))
    bought = issued_invoice(CustomerFactory(is_supplier=True), kind=InvoiceKind.PURCHASE)
    page = panel.get("/dealer/invoices").text
    for invoice in (draft, other, bought):
        assert paper(invoice) not in page
        assert panel.get(paper(invoice)).status_code == 404


def test_a_purchase_from_the_dealer_is_no_invoice_to_them(panel: Visitor, dealer: Customer) -> None:
    dealer.is_supplier = True
    bought = issued_invoice(dealer, kind=InvoiceKind.PURCHASE)
    assert paper(bought) not in panel.get("/dealer/invoices").text
    assert panel.get(paper(bought)).status_code == 404


def test_a_void_invoice_is_told_and_its_counter_document_is_not_listed(panel: Visitor, dealer: Customer) -> None:
    sold = issued_invoice(dealer)
    with acting_as(Actor.system("test")):
        counter = voids.void_invoice(sold.id, reason="x", on=sold.invoice_on)
    page = panel.get("/dealer/invoices").text
    assert ">Void<" in page
    assert paper(sold) in page
    assert paper(counter) not in page


def test_the_account_tells_balance_what_is_open_and_cheques(panel: Visitor, dealer: Customer) -> None:
    issued_invoice(dealer, [line("10", "1000")])  # 11,000 with tax
    posted_payment(dealer, [cash(3_000), cheque(4_000)])
    page = panel.get("/dealer/account").text
    assert "You owe us" in page
    balance = re.search(r'class="dealer-balance"><bdi[^>]*>([\d,]+)<', page)
    assert balance
    assert balance[1] == "4,000"  # a cheque counts in the balance, and is told to be uncleared
    assert "not cleared yet" in page
    assert "In hand" in page


def test_nothing_of_another_dealer_is_in_the_account(panel: Visitor) -> None:
    other = CustomerFactory(is_dealer=True)
    issued_invoice(other, [line("7", "1111")])
    posted_payment(other, [cheque(4_321)])
    page = panel.get("/dealer/account").text
    assert "4,321" not in page
    assert "Nothing is open." in page
    assert "There are no cheques." in page


def test_what_we_owe_is_said_so(panel: Visitor, dealer: Customer) -> None:
    posted_payment(dealer, [cash(500)])
    page = panel.get("/dealer/account").text
    assert "We owe you" in page
    assert ">500<" in page


def test_older_invoices_follow_on_the_next_page(panel: Visitor, dealer: Customer) -> None:
    made = {issued_invoice(dealer).id for _ in range(21)}
    first = panel.get("/dealer/invoices").text
    more = re.search(r'href="(/dealer/invoices\?before=\d+)"', first)
    assert more
    pages = (first, panel.get(more[1]).text)
    assert {int(one) for text in pages for one in re.findall(r"/invoices/(\d+)\.pdf", text)} == made


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ACCOUNTANT])
def test_the_office_is_refused(as_user: Any, dealer: Customer, role: Role) -> None:
    visitor, invoice = as_user(role), issued_invoice(dealer)
    assert {visitor.get(page).status_code for page in (*PAGES, paper(invoice))} == {403}


def test_lent_rights_open_no_page_of_the_office(panel: Visitor, dealer: Customer) -> None:
    invoice = issued_invoice(dealer)
    office = (
        f"/invoices/editor/{invoice.id}", "/invoices/list/", "/payments/list/", "/cheques/list/",
        f"/settlement/statement/{dealer.id}",
    )  # fmt: skip
    assert {panel.get(page).status_code for page in office} <= {403, 404}
