"""The offset page and the statement on paper and as a workbook: what they show, do and refuse."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.core.actor import Actor, acting_as
from app.core.feature import Role
from app.finance.settlement import matching, statement
from app.finance.settlement.ledger import MatchReversed
from app.finance.settlement.postings import stored_items
from app.finance.settlement.queries import balance_of, open_items, recent_matches
from app.finance.settlement.statement import statement_of
from app.finance.settlement.states import Side
from reports.documents.render import engine_of_settings
from reports.documents.statements import statement_html
from tests.factories import CustomerFactory
from tests.factories.finance import issued_invoice, line
from tests.factories.settlement import cash, cheque, posted_payment

Browser = Callable[..., Any]


def owing(customer: Any, *amounts: int) -> list[Any]:
    return [issued_invoice(customer, [line("1", str(one), taxes=[])], due_on="1406/01/01") for one in amounts]


def test_a_credit_is_settled_against_a_debit_and_taken_back(session: Any, as_user: Browser) -> None:
    clerk, customer = as_user(Role.ACCOUNTANT), CustomerFactory()
    posted_payment(customer, [cash(700)])
    (invoice,) = owing(customer, 1000)
    credit, debit = (open_items(customer.id, side=side)[0].id for side in (Side.CREDIT, Side.DEBIT))
    page = clerk.get(f"/settlement/offset/{customer.id}")
    assert page.status_code == 200
    assert f'name="credit" value="{credit}"' in page.text
    url = f"/settlement/offset/{customer.id}"
    assert clerk.post(url, data={"credit": credit, "debit": debit, "amount": "۶۰۰"}).status_code == 302
    assert stored_items(invoice.id)[0].settled_rials == 600
    made = recent_matches(customer.id)[0]
    assert clerk.post(f"{url}/take-back/{made.id}", data={"reason": ""}).status_code == 302
    assert stored_items(invoice.id)[0].settled_rials == 600
    clerk.post(f"{url}/take-back/{made.id}", data={"reason": "wrong invoice"})
    assert stored_items(invoice.id)[0].settled_rials == 0
    assert "wrong invoice" in clerk.get(url).text


@pytest.mark.parametrize(
    ("amount", "code"), [("701", "NotOpen"), ("0", "NotOpen"), ("-5", "amount"), ("word", "amount")]
)
def test_a_wrong_amount_is_refused_in_words(session: Any, as_user: Browser, amount: str, code: str) -> None:
    clerk, customer = as_user(Role.ACCOUNTANT), CustomerFactory()
    posted_payment(customer, [cash(700)])
    (invoice,) = owing(customer, 1000)
    credit, debit = (open_items(customer.id, side=side)[0].id for side in (Side.CREDIT, Side.DEBIT))
    form = {"credit": credit, "debit": debit, "amount": amount}
    answer = clerk.post(f"/settlement/offset/{customer.id}", data=form, follow_redirects=True)
    assert answer.status_code == 200, code
    assert "alert" in answer.text or "toast" in answer.text
    assert stored_items(invoice.id)[0].open_rials == 1000


def test_items_of_another_party_are_not_settled_here(session: Any, as_user: Browser) -> None:
    clerk, customer, other = as_user(Role.ACCOUNTANT), CustomerFactory(), CustomerFactory()
    posted_payment(other, [cash(700)])
    owing(customer, 1000)
    owing(other, 1)
    credit, debit = open_items(other.id, side=Side.CREDIT)[0].id, open_items(customer.id, side=Side.DEBIT)[0].id
    clerk.post(f"/settlement/offset/{customer.id}", data={"credit": credit, "debit": debit})
    assert not recent_matches(customer.id)


def test_the_oldest_is_settled_first(session: Any, as_user: Browser) -> None:
    clerk, customer = as_user(Role.ACCOUNTANT), CustomerFactory()
    posted_payment(customer, [cash(700)])
    first, second = owing(customer, 500, 500)
    assert clerk.post(f"/settlement/offset/{customer.id}/oldest").status_code == 302
    assert [stored_items(one.id)[0].open_rials for one in (first, second)] == [0, 300]
    assert clerk.post(f"/settlement/offset/{customer.id}/oldest").status_code == 302
    assert balance_of(customer.id) == 300


def test_what_was_written_off_is_taken_back_with_its_document_only(session: Any) -> None:
    customer = CustomerFactory()
    owing(customer, 1000)
    posted_payment(customer, [{"method": "write_off", "amount": "5"}, cash(10)], note="rounding")
    money, written = sorted(recent_matches(customer.id), key=lambda one: -one.amount_rials)
    with acting_as(Actor.system("test")):
        with pytest.raises(matching.WrittenOff):
            matching.unmatch(written.id, reason="no")
        matching.unmatch(money.id, reason="other invoice")
        with pytest.raises(MatchReversed):
            matching.unmatch(money.id, reason="twice")


@pytest.mark.parametrize("path", ["/settlement/offset/{0}", "/settlement/statement/{0}.xlsx"])
def test_who_may_only_look_neither_offsets_nor_exports(session: Any, as_user: Browser, path: str) -> None:
    customer = CustomerFactory()
    clerk = as_user(Role.COLLECTOR, home_department=customer.department)
    assert clerk.get(path.format(customer.id)).status_code in (302, 403)
    page = clerk.get(f"/settlement/statement/{customer.id}")
    assert page.status_code == 200
    assert path.format(customer.id) not in page.text


def test_a_statement_is_a_workbook_that_reads_back(session: Any, as_user: Browser) -> None:
    clerk, customer = as_user(Role.ACCOUNTANT), CustomerFactory(name="=1+1")
    owing(customer, 1000)
    posted_payment(customer, [cash(300), cheque(100)])
    answer = clerk.get(f"/settlement/statement/{customer.id}.xlsx")
    assert answer.status_code == 200, answer.text
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data), data_only=True).worksheets[0]
    rows = [row[:7] for row in sheet.iter_rows(min_row=4, values_only=True)]
    figures = [(row[4], row[5], row[6]) for row in rows]
    assert figures == [(1000, None, 1000), (None, 300, 700), (None, 100, 600), (1000, 400, 600)]
    formulas = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert formulas["G5"].value == "=G4+E5-F5"


def test_a_long_period_says_that_it_is_cut(session: Any, as_user: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, customer = as_user(Role.ACCOUNTANT), CustomerFactory()
    owing(customer, 1, 2, 3)
    monkeypatch.setattr(statement, "MOST_ROWS", 2)
    assert statement_of(customer).is_cut
    assert "notice tone-warn" in clerk.get(f"/settlement/statement/{customer.id}").text


@pytest.mark.parametrize("locale", ["fa", "en"])
def test_a_statement_on_paper_carries_its_sums(session: Any, tmp_path: Path, locale: str) -> None:
    customer = CustomerFactory(name="شرکت " + "بازرگانی آذرخش " * 12)
    owing(customer, *range(1_000_000, 1_000_080))
    paper = statement_html(statement_of(customer, since=date(2026, 11, 22)), locale=locale)
    assert paper.page_count == 3
    file = tmp_path / "statement.pdf"
    file.write_bytes(engine_of_settings().render(paper))
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    pages = text.translate({ord(p): str(d) for d, p in enumerate("۰۱۲۳۴۵۶۷۸۹")} | {ord("٬"): ","}).split("\f")[:-1]
    assert len(pages) == 3
    total = sum(range(1_000_000, 1_000_080))
    assert f"{total:,}" in pages[2]
    carried = next(line for line in pages[1].splitlines() if "," in line)
    last = [line for line in pages[0].splitlines() if "," in line][-1]
    figure = max((word for word in last.split() if "," in word), key=len)
    assert figure in carried


def test_who_may_not_print_gets_no_paper(session: Any, as_user: Browser) -> None:
    customer = CustomerFactory()
    clerk = as_user(Role.TELEMARKETER)
    assert clerk.get(f"/print/statements/{customer.id}.pdf").status_code in (302, 403)
    assert as_user(Role.ACCOUNTANT).get(f"/print/statements/{customer.id}.pdf").data.startswith(b"%PDF")
