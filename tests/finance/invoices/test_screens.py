"""The pages of the four kinds, as an accountant uses them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.core.db import db
from app.core.feature import Role
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice, PurchaseInvoice, SalesReturn
from app.finance.invoices.states import InvoiceState
from tests.factories import CustomerFactory
from tests.factories.finance import draft_invoice, entry, issued_invoice, line

PURCHASE = InvoiceKind.PURCHASE


@pytest.fixture
def accountant(as_user: Any) -> Any:
    return as_user(Role.ACCOUNTANT)


def saved(browser: Any, url: str, body: dict[str, Any]) -> Invoice:
    """What a save stored."""
    answer = browser.post(url, json=body)
    assert answer.status_code == 200, answer.text
    invoice = db.session.get(Invoice, answer.json["id"])
    assert invoice is not None
    return invoice


@pytest.mark.parametrize("kind", ["invoices", "sales-returns", "purchases", "purchase-returns"])
def test_every_kind_has_a_list_and_an_interface(accountant: Any, as_program: Any, kind: str) -> None:
    assert accountant.get(f"/{kind}/list/").status_code == 200
    assert as_program(Role.ACCOUNTANT).get(f"/api/v1/{kind}/").status_code == 200


def test_an_editor_opens_its_own_kind_only(accountant: Any) -> None:
    sold, bought = draft_invoice(), draft_invoice(kind=PURCHASE)
    assert accountant.get(f"/invoices/editor/{sold.id}").status_code == 200
    assert accountant.get(f"/purchases/editor/{bought.id}").status_code == 200
    assert accountant.get(f"/invoices/editor/{bought.id}").status_code == 404
    assert accountant.post(f"/purchases/editor/{sold.id}/issue").status_code == 404


def test_a_seller_opens_no_purchase(as_user: Any) -> None:
    bought = draft_invoice(kind=PURCHASE)
    seller = as_user(Role.SALES)
    for url in (f"/purchases/editor/{bought.id}", "/purchases/list/", "/purchases/editor/new"):
        assert seller.get(url).status_code in {302, 403, 404}, url
    assert seller.post(f"/invoices/step/void/{issued_invoice().id}", data={"reason": "x"}).status_code in {403, 404}


def test_a_return_is_made_on_its_page_and_the_chain_reads_both_ways(accountant: Any) -> None:
    sold = issued_invoice(lines=[line("3", "1000"), line("2", "500")])
    page = accountant.get(f"/sales-returns/editor/new?invoice_id={sold.id}")
    assert page.status_code == 200
    assert page.text.count("data-quantity") == 2
    rows = [{"original_line_id": sold.lines[0].id, "quantity": "۱٫۵", "condition": "damaged"}]
    body = {"original_id": sold.id, "invoice_on": "1405/09/01", "reason": "شکستگی", "lines": rows}
    figures = accountant.post("/sales-returns/editor/preview", json=body).json
    assert figures["payable"] == "1650"
    back = saved(accountant, "/sales-returns/editor/save", body)
    assert (back.payable_rials, back.state, type(back)) == (1650, InvoiceState.DRAFT, SalesReturn)
    accountant.post(f"/sales-returns/editor/{back.id}/issue")
    assert f"/sales-returns/show/{back.id}" in accountant.get(f"/invoices/editor/{sold.id}").text
    assert f"/invoices/show/{sold.id}" in accountant.get(f"/sales-returns/editor/{back.id}").text


def test_a_return_of_too_much_is_said_at_its_line(accountant: Any) -> None:
    sold = issued_invoice(lines=[line("3", "1000")])
    rows = [{"original_line_id": sold.lines[0].id, "quantity": "4"}]
    body = {"original_id": sold.id, "reason": "x", "lines": rows}
    for url in ("/sales-returns/editor/preview", "/sales-returns/editor/save"):
        answer = accountant.post(url, json=body)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["path"] == "lines[0].quantity"


def test_nothing_comes_back_by_the_editor_of_another_kind(accountant: Any) -> None:
    sold = issued_invoice()
    assert accountant.get(f"/purchase-returns/editor/new?invoice_id={sold.id}").status_code == 404
    body = {"original_id": sold.id, "reason": "x", "lines": []}
    assert accountant.post("/purchase-returns/editor/save", json=body).status_code == 404


def test_voiding_asks_for_a_reason_and_makes_the_counter_document(accountant: Any) -> None:
    sold = issued_invoice()
    url = f"/invoices/step/void/{sold.id}"
    assert accountant.get(url).status_code == 200
    assert accountant.post(url, data={"reason": " "}).status_code == 422
    accountant.post(url, data={"reason": "اشتباه"})
    db.session.expire_all()
    assert sold.state is InvoiceState.VOID
    counter = db.session.query(Invoice).filter_by(voids_id=sold.id).one()
    assert (counter.state, counter.effect_rials) == (InvoiceState.ISSUED, -sold.payable_rials)
    assert f"/invoices/show/{counter.id}" in accountant.get(f"/invoices/editor/{sold.id}").text
    assert f"/invoices/show/{sold.id}" in accountant.get(f"/invoices/editor/{counter.id}").text


@pytest.mark.parametrize("day", ["1405/13/01", "1405/08/30"], ids=["no day", "before the invoice"])
def test_a_bad_day_of_voiding_keeps_what_was_typed(accountant: Any, day: str) -> None:
    sold = issued_invoice(invoice_on="1405/09/01")
    url = f"/invoices/step/void/{sold.id}"
    assert 'name="on"' in accountant.get(url).text
    answer = accountant.post(url, data={"reason": "دلیلی برای ابطال", "on": day})
    assert answer.status_code == 422
    assert "دلیلی برای ابطال" in answer.text
    assert f'value="{day}"' in answer.text
    db.session.expire_all()
    assert sold.state is InvoiceState.ISSUED
    accountant.post(url, data={"reason": "دلیل", "on": "1405/09/02"})
    counter = db.session.query(Invoice).filter_by(voids_id=sold.id).one()
    assert counter.invoice_on == date(2026, 11, 23)


def test_a_purchase_that_looks_booked_is_asked_about(accountant: Any) -> None:
    supplier = CustomerFactory(is_supplier=True)
    first = entry(supplier, kind=PURCHASE, supplier_number="F-0012")
    saved(accountant, "/purchases/editor/save", first)
    taken = accountant.post("/purchases/editor/save", json={**first, "supplier_number": "f ۰۰۱۲"})
    assert taken.json["errors"][0]["path"] == "supplier_number"
    same_day = {**first, "supplier_number": "77"}
    near = {**first, "supplier_number": "12", "lines": [line("9", "9")]}
    for body in (same_day, near):
        answer = accountant.post("/purchases/editor/save", json=body)
        assert (answer.status_code, answer.json["code"]) == (409, "alike")
        assert db.session.query(PurchaseInvoice).count() == 1
    saved(accountant, "/purchases/editor/save", {**near, "is_confirmed": True})


def test_a_purchase_offers_suppliers_and_their_last_price(accountant: Any) -> None:
    from tests.factories import ProductFactory

    supplier, buyer = CustomerFactory(name="تأمین", is_supplier=True), CustomerFactory(name="تأمین دیگر")
    product = ProductFactory(name="شکر", price_rials=9_999)
    for price in ("700", "800.5"):
        issued_invoice(supplier, [line("1", price, product_id=product.id)], kind=PURCHASE)
    found = [row["id"] for row in accountant.get("/purchases/editor/customers").json["results"]]
    assert supplier.id in found
    assert buyer.id not in found
    for customer, price in ((supplier, "800.5"), (buyer, "")):
        url = f"/purchases/editor/products?q={product.code}&customer_id={customer.id}"
        assert accountant.get(url).json["results"][0]["price"] == price


def test_instalments_share_the_payable_and_are_checked(accountant: Any) -> None:
    asked = {"payable": "1000", "count": "۳", "first_on": "1404/06/31", "months": "1"}
    made = accountant.post("/invoices/editor/schedule", json=asked).json["instalments"]
    assert made == [
        {"due_on": "1404/06/31", "amount": "334"},
        {"due_on": "1404/07/30", "amount": "333"},
        {"due_on": "1404/08/30", "amount": "333"},
    ]
    assert accountant.post("/invoices/editor/schedule", json={**asked, "count": "0"}).status_code == 422
    body = entry(lines=[line("1", "1000", taxes=[])], terms="instalments", invoice_on="1404/06/01", instalments=made)
    invoice = saved(accountant, "/invoices/editor/save", body)
    assert [one.amount_rials for one in invoice.instalments] == [334, 333, 333]
    wrong = accountant.post("/invoices/editor/save", json={**body, "instalments": made[:2]})
    assert wrong.json["errors"][0]["path"] == "instalments"


def test_free_goods_stay_marked_and_cost_nothing(accountant: Any) -> None:
    body = entry(lines=[line("1", "1000"), line("1", "700", is_free=True)])
    invoice = saved(accountant, "/invoices/editor/save", body)
    assert [one.is_free for one in invoice.lines] == [False, True]
    assert invoice.payable_rials == 1100


def test_the_inbox_counts_drafts_of_every_kind_that_one_may_see(accountant: Any, as_user: Any) -> None:
    sold, bought = draft_invoice(), draft_invoice(kind=PURCHASE)
    for one in (sold, bought):
        assert f"/show/{one.id}" in accountant.get("/").text
    home = as_user(Role.SALES, home_department=sold.department).get("/").text
    assert f"/show/{sold.id}" in home
    assert f"/show/{bought.id}" not in home


def test_a_link_is_given_back_to_the_page_of_its_kind(as_user: Any) -> None:
    bought = issued_invoice(kind=PURCHASE)
    page = as_user("admin").get(f"/print/invoices/{bought.id}/link")
    assert f"/purchases/show/{bought.id}" in page.text
    assert f"/invoices/editor/{bought.id}" not in page.text
