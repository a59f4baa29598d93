"""The screens: the queue and its actions, the check on an invoice's page and over drafts, files, programs, denial."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock, jobs
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.errors import DomainError
from app.core.feature import Role
from app.finance.invoices.states import InvoiceState
from app.finance.moadian import sending
from app.finance.moadian.codes import DocumentState
from app.finance.moadian.models import SendWindow, TaxDocument, TaxMemory
from app.finance.moadian.sending import Delivery, FileSender, Parcel
from app.finance.moadian.workflow import DOCUMENT_FLOW
from tests.factories import DepartmentFactory
from tests.factories import moadian as make
from tests.factories.finance import line

NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
LIST = "/moadian/tax-documents"


@pytest.fixture(autouse=True)
def _noon(app: Any) -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """Where the files go; no other sender is installed."""
    sending.install_sender(lambda: FileSender(tmp_path))
    yield tmp_path
    sending._senders.clear()


def queued(**head: Any) -> TaxDocument:
    make.good_sale(**head)
    return newest()


def newest() -> TaxDocument:
    found = db.session.scalars(select(TaxDocument).order_by(TaxDocument.id.desc())).first()
    assert found is not None
    return found


def state_of(document_id: int) -> DocumentState:
    return db.session.get_one(TaxDocument, document_id).state


# --- the queue


def test_list_and_page_show_the_document(as_user: Callable[..., Any]) -> None:
    make.memory_in_use()
    document = queued()
    browser = as_user("admin")
    assert document.tax_id in browser.get(f"{LIST}/list/").text
    page = browser.get(f"{LIST}/show/{document.id}").text
    for words in (document.tax_id, "tprdis", "2710000138624"):
        assert words in page


def test_file_is_the_payload_to_the_last_byte(as_user: Callable[..., Any]) -> None:
    make.memory_in_use()
    document = queued()
    answer = as_user("admin").get(f"{LIST}/file/{document.id}")
    assert answer.data == document.payload.encode()
    assert f"{document.tax_id}.json" in answer.headers["Content-Disposition"]


def test_writing_files_is_a_job_that_can_run_twice(as_user: Callable[..., Any], folder: Path) -> None:
    make.memory_in_use()
    documents = [queued().id for _ in range(3)]
    browser = as_user("admin")
    for _run in range(2):
        answer = browser.post(f"{LIST}/action_post", data={"action": "write", "rowid": documents})
        assert answer.status_code == 302
        assert "/jobs/" in answer.headers["Location"]
    job_ids = db.session.scalars(select(jobs.Job.id).where(jobs.Job.name == "finance.moadian.send")).all()
    with acting_as(Actor.system("test")):
        from app.finance.moadian.jobs import send, send_order

        waiting = send_order(documents)
        assert waiting == sorted(documents)
        for document_id in waiting:
            send(document_id)
            send(document_id)
    assert len(job_ids) == 2
    files = sorted(path.name for path in (folder / make.MEMORY).iterdir())
    assert files == sorted(f"{db.session.get_one(TaxDocument, i).tax_id}.json" for i in documents)
    assert {state_of(i) for i in documents} == {DocumentState.WRITTEN}
    written = json.loads((folder / make.MEMORY / files[0]).read_text("utf-8"))
    assert written["header"]["ins"] == 1


@pytest.mark.parametrize(
    ("start", "name", "end"),
    [
        ((), "mark_sent", DocumentState.READY),
        (("write",), "mark_sent", DocumentState.SENT),
        (("write",), "accept", DocumentState.ACCEPTED),
        (("write", "mark_sent"), "accept", DocumentState.ACCEPTED),
    ],
    ids=["not yet written", "sent", "accepted at once", "accepted"],
)
def test_bulk_steps(
    as_user: Callable[..., Any], folder: Path, start: tuple[str, ...], name: str, end: DocumentState
) -> None:
    make.memory_in_use()
    document = queued()
    for step in start:
        DOCUMENT_FLOW.apply(document, step, actor=Actor.system("test"))
    as_user("admin").post(f"{LIST}/action_post", data={"action": name, "rowid": [document.id]})
    assert state_of(document.id) is end


def test_refusal_asks_for_its_reason_and_shows_it(as_user: Callable[..., Any], folder: Path) -> None:
    make.memory_in_use()
    document = queued()
    DOCUMENT_FLOW.apply(document, "write", actor=Actor.system("test"))
    browser = as_user("admin")
    assert browser.post(f"{LIST}/step/reject/{document.id}", data={}).status_code == 422
    browser.post(f"{LIST}/step/reject/{document.id}", data={"reason": "0303301 goods code"})
    assert state_of(document.id) is DocumentState.REJECTED
    assert "0303301 goods code" in browser.get(f"{LIST}/list/?f_state=rejected").text
    assert document.tax_id in browser.get("/").text  # among the home page's boxes
    browser.post(f"{LIST}/step/retry/{document.id}")
    assert state_of(document.id) is DocumentState.READY


def test_archive_holds_the_chosen_files(as_user: Callable[..., Any]) -> None:
    make.memory_in_use()
    chosen = [queued(), queued()]
    queued()
    data = {"action": "archive", "rowid": [document.id for document in chosen]}
    answer = as_user("admin").post(f"{LIST}/action_post", data=data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == {
            f"{document.tax_id}.json": document.payload for document in chosen
        }


def test_amendment_from_the_page(as_user: Callable[..., Any]) -> None:
    make.memory_in_use()
    document = queued()
    answer = as_user("admin").post(f"{LIST}/action/amend/{document.id}")
    assert answer.status_code == 302
    assert newest().earlier_id == document.id


# --- senders


def test_a_sender_that_sends_leaves_the_document_sent(app: Flask) -> None:
    class Line:
        def take(self, parcel: Parcel) -> Delivery:
            return Delivery(f"reference of {parcel.tax_id}", is_sent=True)

    make.memory_in_use()
    document = queued()
    sending.install_sender(Line)
    try:
        with acting_as(Actor.system("test")):
            DOCUMENT_FLOW.apply(document, "write", actor=Actor.system("test"))
    finally:
        sending._senders.clear()
    assert document.state is DocumentState.SENT


def test_a_sender_that_fails_leaves_the_document_ready(app: Flask) -> None:
    class Down:
        def take(self, _parcel: Parcel) -> Delivery:
            raise DomainError("down")

    make.memory_in_use()
    document = queued()
    db.session.commit()
    sending.install_sender(Down)
    try:
        with acting_as(Actor.system("test")), pytest.raises(DomainError):
            DOCUMENT_FLOW.apply(document, "write", actor=Actor.system("test"))
    finally:
        sending._senders.clear()
    db.session.rollback()
    assert (document.state, document.attempts) == (DocumentState.READY, 0)


def test_files_are_whole_private_and_may_be_written_again(tmp_path: Path) -> None:
    sender = FileSender(tmp_path)
    for content in (b"{}", b'{"a":1}'):
        sender.take(Parcel("DEF5GH0481F000000000C2", "DEF5GH", content))
    (file,) = (tmp_path / "DEF5GH").iterdir()
    assert (file.name, file.read_bytes(), file.stat().st_mode & 0o777) == (
        "DEF5GH0481F000000000C2.json", b'{"a":1}', 0o600,
    )  # fmt: skip


# --- the check


def test_a_drafts_page_says_what_would_be_refused(as_user: Callable[..., Any]) -> None:
    make.memory_in_use()
    bad, good = make.good_draft(lines=[line()]), make.good_draft()
    browser = as_user("admin")
    page = browser.get(f"/invoices/editor/{bad.id}").text
    assert "preflight-head" in page
    assert page.count('class="finding tone-bad"') == 2
    page = browser.get(f"/invoices/editor/{good.id}").text
    assert "preflight-head" in page
    assert "finding tone-bad" not in page


def test_a_drafts_page_says_nothing_while_turned_off(as_user: Callable[..., Any]) -> None:
    draft = make.good_draft()
    assert "preflight-head" not in as_user("admin").get(f"/invoices/editor/{draft.id}").text


def test_issue_from_the_page_is_refused_with_the_reasons(as_user: Callable[..., Any]) -> None:
    make.memory_in_use()
    bad = make.good_draft(lines=[line()])
    browser = as_user("admin")
    browser.post(f"/invoices/editor/{bad.id}/issue")
    assert bad.state is InvoiceState.DRAFT


def test_an_issued_invoices_page_shows_its_tax_id(as_user: Callable[..., Any]) -> None:
    make.memory_in_use()
    document = queued()
    assert document.tax_id in as_user("admin").get(f"/invoices/editor/{document.invoice_id}").text


def test_chosen_drafts_are_checked_in_one_go(as_user: Callable[..., Any]) -> None:
    make.memory_in_use()
    drafts = [make.good_draft(lines=[line()]), make.good_draft(), make.good_draft(invoice_on="1404/12/01")]
    sale = make.good_sale()
    browser = as_user("admin")
    assert "preflight" in browser.get("/invoices/list/").text
    data = {"action": "preflight", "rowid": [sale.id, *(draft.id for draft in drafts)]}
    page = browser.post("/invoices/action_post", data=data).text
    assert page.count('class="card preflight"') == 2  # the third is of a day before the tax system was turned on
    assert page.count('class="finding tone-bad"') == 2
    assert page.count('class="notice tone-') == 3  # refused, turned off, left out


def test_a_return_is_checked_over_its_list(as_user: Callable[..., Any]) -> None:
    make.memory_in_use()
    draft = make.return_draft(make.good_sale(), {0: "3"})
    data = {"action": "preflight", "rowid": [draft.id]}
    page = as_user("admin").post("/sales-returns/action_post", data=data).text
    assert page.count('class="card preflight"') == 1
    assert 'class="finding tone-bad"' not in page


def test_nothing_is_offered_while_turned_off(as_user: Callable[..., Any]) -> None:
    draft = make.good_draft()
    browser = as_user("admin")
    assert 'value="preflight"' not in browser.get("/invoices/list/").text
    answer = browser.post("/invoices/action_post", data={"action": "preflight", "rowid": [draft.id]})
    assert answer.status_code == 404


# --- settings


def test_memory_and_window_are_made_in_screens(as_user: Callable[..., Any]) -> None:
    browser = as_user("admin")
    form = {
        "memory_id": "def5gh", "economic_code": "۱۰۳۸۰۲۸۴۷۹۰", "invoice_type": "1", "pattern": "1",
        "from_on": "1404/12/11", "is_active": "y", "has_consumers": "y", "serial_from": "",
    }  # fmt: skip
    answer = browser.post("/moadian/tax-memories/add", data=form)
    assert answer.status_code == 302, answer.text
    memory = db.session.scalars(select(TaxMemory)).one()
    assert (memory.memory_id, memory.economic_code, memory.serial_from) == ("DEF5GH", "10380284790", 1)
    bad = browser.post("/moadian/tax-memories/add", data={**form, "memory_id": "12", "from_on": "1405/01/01"})
    assert bad.status_code == 422
    browser.post("/moadian/send-windows/add", data={"from_on": "1405/01/01", "warn_days": "3", "refuse_days": "12"})
    assert db.session.scalars(select(SendWindow).where(SendWindow.refuse_days == 12)).one().warn_days == 3


# --- programs and denial


def test_programs_read_the_queue_and_write_nothing(as_program: Callable[..., Any]) -> None:
    make.memory_in_use()
    document = queued()
    program = as_program("admin")
    answer = program.get("/api/v1/tax-documents/")
    assert document.id in answer.json["ids"]
    assert program.delete(f"/api/v1/tax-documents/{document.id}").status_code in {404, 405}


@pytest.mark.parametrize("role", [Role.SALES, Role.TELEMARKETER, Role.REP, Role.DEALER, Role.SECRETARY])
def test_least_powerful_users_change_nothing(as_user: Callable[..., Any], role: Role) -> None:
    make.memory_in_use()
    department = DepartmentFactory()
    document = queued(customer=make.known_buyer(department=department))
    browser = as_user(role, home_department=department)
    tries = [
        browser.post(f"{LIST}/action_post", data={"action": "accept", "rowid": [document.id]}),
        browser.post(f"{LIST}/action/amend/{document.id}"),
        browser.post(f"{LIST}/step/write/{document.id}"),
        browser.post("/moadian/tax-memories/add", data={"memory_id": "ABCDEF"}),
        browser.get(f"{LIST}/file/{document.id}"),
    ]
    assert {answer.status_code for answer in tries} <= {302, 403, 404}
    assert state_of(document.id) is DocumentState.READY
    assert newest().id == document.id


def test_another_departments_document_is_not_found(as_user: Callable[..., Any]) -> None:
    make.memory_in_use()
    document = queued(customer=make.known_buyer(department=DepartmentFactory()))
    browser = as_user(Role.SALES, home_department=DepartmentFactory())
    assert document.tax_id not in browser.get(f"{LIST}/list/").text
