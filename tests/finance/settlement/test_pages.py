"""The pages of settlement: who opens them, what they show, what they save."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest

from app.core.calendar import format_date
from app.core.clock import today
from app.core.feature import Role
from app.finance.cheques.models import Cheque
from app.finance.cheques.queries import mean_due
from app.finance.settlement.models import Payment
from app.finance.settlement.postings import stored_items
from app.finance.settlement.statement import statement_of
from tests.factories import CustomerFactory
from tests.factories.finance import issued_invoice, line
from tests.factories.settlement import cash, cheque, draft_payment, posted_payment

Browser = Callable[..., Any]


def test_a_cashier_settles_an_invoice_by_its_page(session: Any, as_user: Browser) -> None:
    clerk = as_user(Role.ACCOUNTANT)
    invoice = issued_invoice(lines=[line("1", "1000", taxes=[])])
    led = clerk.get(f"/settlement/invoice/{invoice.id}")
    page = clerk.get(led.headers["Location"])
    assert page.status_code == 200
    assert 'id="cashier-data"' in page.text
    shown = clerk.get(f"/settlement/open?customer={invoice.customer_id}").get_json()
    assert [one["open"] for one in shown["debits"]] == [1000]
    entry = {
        "kind": "receipt",
        "customer_id": invoice.customer_id,
        "paid_on": format_date(today(), "en"),
        "lines": [cash(400), cheque(600)],
        "chosen": [{"item_id": shown["debits"][0]["id"], "amount": "1000"}],
        "post": True,
    }
    answer = clerk.post("/settlement/save", json=entry)
    assert answer.status_code == 200, answer.text
    assert clerk.get(answer.get_json()["url"]).status_code == 200
    item = stored_items(invoice.id)[0]
    assert (item.settled_rials, item.covered_rials) == (400, 600)
    reverse = f"/payments/step/reverse/{answer.get_json()['id']}"
    assert clerk.get(reverse).status_code == 200
    assert clerk.post(reverse, data={"reason": "wrong"}).status_code == 302
    session.expire_all()
    assert stored_items(invoice.id)[0].open_rials == 1000


def test_a_bad_entry_names_its_field(session: Any, as_user: Browser) -> None:
    clerk = as_user(Role.ACCOUNTANT)
    bad = {"customer_id": CustomerFactory().id, "lines": [cheque(5, sayad_id="12")]}
    answer = clerk.post("/settlement/save", json=bad)
    assert answer.status_code == 422
    assert [error["path"] for error in answer.get_json()["errors"]] == ["lines[0].cheque.sayad_id"]
    assert clerk.post("/settlement/save", json=["nothing"]).status_code == 422


def test_a_draft_opens_again_and_is_discarded(session: Any, as_user: Browser) -> None:
    clerk = as_user(Role.ACCOUNTANT)
    entry = {"customer_id": CustomerFactory().id, "lines": [cash(70)]}
    saved = clerk.post("/settlement/save", json=entry).get_json()
    assert '"amount": 70' in clerk.get(saved["url"]).text
    assert clerk.post(f"/settlement/{saved['id']}/discard").status_code == 302
    assert session.get(Payment, saved["id"]) is None


def test_the_statement_runs_a_balance_over_a_period(session: Any, as_user: Browser) -> None:
    clerk = as_user(Role.ACCOUNTANT)
    customer = CustomerFactory()
    issued_invoice(customer, [line("1", "1000", taxes=[])], invoice_on="1405/06/01")
    posted_payment(customer, [cash(300)], paid_on="1405/07/01")
    whole = statement_of(customer)
    assert [row.balance for row in whole.rows] == [1000, 700]
    part = statement_of(customer, since=whole.rows[1].on)
    assert (part.before, part.after, len(part.rows)) == (1000, 700, 1)
    page = clerk.get(f"/settlement/statement/{customer.id}?from=1405/07/01")
    assert page.status_code == 200
    assert clerk.get(f"/settlement/statement/{customer.id}?from=rubbish").status_code == 200
    assert clerk.get("/settlement/statement/999999").status_code == 404


def test_the_mean_due_date_is_that_of_the_book() -> None:
    days = ((500, date(2027, 1, 5)), (300, date(2027, 2, 20)), (200, date(2027, 5, 10)))
    cheques = [Cheque(amount_rials=amount * 1_000_000, due_on=due_on) for amount, due_on in days]
    base = date(2026, 11, 22)
    assert [(format_date(due_on, "en")) for _amount, due_on in days] == ["1405/10/15", "1405/12/01", "1406/02/20"]
    assert format_date(mean_due(cheques, base=base) or base, "en") == "1405/11/24"
    assert mean_due([], base=base) is None


def test_the_calendar_and_the_lists_open(session: Any, as_user: Browser) -> None:
    clerk = as_user(Role.ACCOUNTANT)
    paid = posted_payment(CustomerFactory(), [cheque(900)])
    for path in (
        *("/cheque-calendar/", "/cheque-calendar/?direction=issued", "/cheques/list/", "/payments/list/"),
        *("/open-items/list/", "/opening-balances/list/", "/settlement-rules/list/", "/opening-balances/add"),
        *(f"/cheques/show/{paid.lines[0].cheque_id}", "/invoices/list/", "/settlement/new?kind=payment"),
    ):
        assert clerk.get(path).status_code == 200, path


@pytest.mark.parametrize("path", ["/settlement/new", "/cheque-calendar/", "/settlement/open?customer=1"])
def test_who_has_no_right_gets_nothing(session: Any, as_user: Browser, path: str) -> None:
    assert as_user(Role.TELEMARKETER).get(path).status_code in (302, 403)


def test_an_invoice_says_how_far_it_is_settled_and_offers_to_settle(session: Any, as_user: Browser) -> None:
    clerk = as_user(Role.ACCOUNTANT)
    invoice = issued_invoice(lines=[line("1", "1000", taxes=[])], due_on="1406/12/01")
    page = clerk.get(f"/invoices/editor/{invoice.id}", follow_redirects=True).text
    assert f"/settlement/invoice/{invoice.id}" in page
    assert "تسویه‌نشده" in page
    assert "<span" in page.split("</h1>")[0].rsplit("<h1", 1)[1]
    found = clerk.get("/invoices/list/?f_payment_state=unpaid").text
    assert f"/invoices/show/{invoice.id}" in found
    assert f"/invoices/show/{invoice.id}" not in clerk.get("/invoices/list/?f_payment_state=paid").text


def test_the_due_list_is_narrowed_and_goes_out_as_a_workbook(session: Any, as_user: Browser) -> None:
    clerk, customer = as_user(Role.ACCOUNTANT), CustomerFactory(name="=خورشید")
    posted_payment(customer, [cheque(900, "1405/10/01", bank="ملت"), cheque(100, "1405/11/01", bank="سامان")])
    posted_payment(CustomerFactory(), [cheque(50, "1405/10/05", bank="ملت")])
    for query, total in (
        ("", 1050),
        (f"customer={customer.id}", 1000),
        ("bank=ملت", 950),
        ("from=1405/10/02&to=1405/10/30", 50),
        ("state=deposited", 0),
        ("direction=issued", 0),
        ("from=rubbish&customer=x&state=lost", 1050),
    ):
        assert clerk.get(f"/cheque-calendar/?{query}").status_code == 200
        answer = clerk.get(f"/cheque-calendar/due.xlsx?{query}")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
        assert [row[6].value for row in sheet.iter_rows()][-1] == total, query
    assert as_user(Role.COLLECTOR).get("/cheque-calendar/due.xlsx").status_code in (302, 403)


def test_chosen_drafts_are_booked_from_the_list_all_or_none(session: Any, as_user: Browser) -> None:
    clerk, customer = as_user(Role.ACCOUNTANT), CustomerFactory()
    good, bad = draft_payment(customer, [cash(5)]), draft_payment(customer, [cash(6)], paid_on="1405/01/01")
    form = {"action": "post", "rowid": [str(good.id), str(bad.id)]}
    with session.no_autoflush:
        bad.chosen = [[999_999, 6]]
    clerk.post("/payments/action_post", data=form)
    assert {session.get(Payment, one.id).number for one in (good, bad)} == {None}
    clerk.post("/payments/action_post", data={**form, "rowid": [str(good.id)]})
    assert session.get(Payment, good.id).number == 1


def test_a_cheque_leads_to_its_receipt(session: Any, as_user: Browser) -> None:
    clerk = as_user(Role.ACCOUNTANT)
    paid = posted_payment(CustomerFactory(), [cheque(900)])
    led = clerk.get(f"/settlement/cheque/{paid.lines[0].cheque_id}")
    assert led.headers["Location"].endswith(f"/settlement/{paid.id}")
    assert clerk.get("/settlement/cheque/999999").status_code == 404
