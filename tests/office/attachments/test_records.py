"""Files and notes of records: added, listed, opened, removed, kept in the history; and closed to everybody else."""

from __future__ import annotations

import io
import os
import re
import tarfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor, acting_as
from app.core.audit import history_of, seal_pending, verify_chain
from app.core.backup import make_backup
from app.core.db import db
from app.core.feature import Role
from app.finance.invoices.returns import save_return
from app.office.attachments import services, store, upkeep
from app.office.attachments.models import Attachment, Note
from tests.access.probing import path_of
from tests.factories import ContactFactory, CustomerFactory, EmployeeFactory
from tests.factories.finance import issued_invoice
from tests.factories.orders import draft_order
from tests.factories.proformas import draft_proforma
from tests.factories.settlement import cash, draft_payment
from tests.office.attachments import hostile

JSON = {"Accept": "application/json"}


@pytest.fixture
def desk(as_user: Any) -> Any:
    return as_user(Role.SALES)


@pytest.fixture
def customer(desk: Any) -> Any:
    return CustomerFactory(department=desk.user.home_department)


def of(record: Any) -> str:
    return f"/files/of/{record.__table__.name}/{record.id}"


def upload(desk: Any, record: Any, *files: tuple[bytes, str], note: str = "", **more: Any) -> Any:
    sent = [(io.BytesIO(content), name) for content, name in files]
    return desk.post(of(record), data={"files": sent, "note": note}, content_type="multipart/form-data", **more)


def only_file() -> Attachment:
    return db.session.scalars(select(Attachment)).one()


def test_a_file_is_added_and_comes_back_as_it_was(desk: Any, customer: Any) -> None:
    answer = upload(desk, customer, (hostile.PDF, "قرارداد.pdf"), note="نسخه امضا شده")
    assert answer.status_code == 302
    assert answer.location == f"/customers/show/{customer.id}#kept"
    page = desk.get(f"/customers/show/{customer.id}").text
    assert "قرارداد.pdf" in page
    assert "نسخه امضا شده" in page

    opened = desk.get(f"/files/{only_file().id}")
    got = desk.get(opened.location)
    assert got.get_data() == hostile.PDF
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert "no-store" in got.headers["Cache-Control"]


def test_a_picture_opens_in_a_sandbox_and_has_a_thumbnail(desk: Any, customer: Any) -> None:
    upload(desk, customer, (hostile.picture(), "a.png"))
    file = only_file()
    shown = desk.get(desk.get(f"/files/{file.id}").location)
    saved = desk.get(desk.get(f"/files/{file.id}?save=1").location)
    assert shown.mimetype == "image/png"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert not shown.headers["Content-Disposition"].startswith("attachment")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    small = re.search(r'src="(/files/get/[^"]+)"', desk.get(of(customer)).text)
    assert small is not None
    assert desk.get(small.group(1)).mimetype == "image/webp"


def test_a_bad_file_stops_none_of_the_others(desk: Any, customer: Any) -> None:
    answer = upload(desk, customer, (hostile.SCRIPT, "x.pdf"), (hostile.PDF, "y.pdf"), headers=JSON)
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json["errors"]] == ["bad_file"]
    assert "x.pdf" in answer.json["errors"][0]["message"]
    assert "y.pdf" in answer.json["page"]
    assert [file.name for file in db.session.scalars(select(Attachment))] == ["y.pdf"]


def test_the_same_bytes_lie_in_the_store_once(desk: Any, customer: Any) -> None:
    other = CustomerFactory(department=desk.user.home_department)
    content = hostile.PDF + os.urandom(8).hex().encode() + b"\n%%EOF"
    for record in (customer, other):
        upload(desk, record, (content, "a.pdf"))
    digests = set(db.session.scalars(select(Attachment.sha256)))
    assert len(digests) == 1
    path = store.path_of(digests.pop())
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in path.parent.iterdir() if path.name in one.name] == [path.name]


def test_a_removed_file_is_out_of_sight_and_in_the_history(desk: Any, customer: Any) -> None:
    upload(desk, customer, (hostile.PDF, "a.pdf"))
    file = only_file()
    link = desk.get(f"/files/{file.id}").location
    assert desk.post(f"/files/{file.id}/remove").status_code == 302
    assert desk.get(link).status_code == 404
    assert desk.get(f"/files/{file.id}").status_code == 404
    told = [(entry.action, entry.part, entry.note) for entry in history_of(customer) if entry.part]
    assert told == [
        ("removed", f"office_attachment:{file.id}", "a.pdf"),
        ("created", f"office_attachment:{file.id}", None),
    ]
    created = history_of(customer)[1]
    assert {diff.field: diff.new for diff in created.diffs}["name"] == "a.pdf"
    assert "table_name" not in {diff.field for diff in created.diffs}


def test_only_whoever_added_a_file_or_may_edit_removes_it(as_user: Any, desk: Any, customer: Any) -> None:
    upload(desk, customer, (hostile.PDF, "a.pdf"))
    reader = as_user(Role.SECRETARY, home_department=desk.user.home_department)
    assert reader.get(of(customer)).status_code == 200
    assert "kept-add" not in reader.get(of(customer)).text
    assert reader.post(f"/files/{only_file().id}/remove").status_code == 403
    assert upload(reader, customer, (hostile.PDF, "b.pdf"), headers=JSON).status_code == 403
    assert reader.post(f"{of(customer)}/notes", data={"text": "x"}).status_code == 403
    assert only_file().removed_at is None
    only_file().created_by_id = reader.user.id
    assert reader.post(f"/files/{only_file().id}/remove").status_code == 302


def test_a_record_holds_only_so_many_files(desk: Any, customer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_FILES", 1)
    answer = upload(desk, customer, (hostile.PDF, "a.pdf"), (hostile.PDF, "b.pdf"), headers=JSON)
    assert [error["code"] for error in answer.json["errors"]] == ["too_many_files"]
    monkeypatch.setattr(services, "MOST_FILES", 5)
    monkeypatch.setattr(services, "MOST_BYTES", 10)
    assert upload(desk, customer, (hostile.PDF, "c.pdf"), headers=JSON).status_code == 422


def test_an_issued_invoice_takes_files_and_stays_sealed(as_user: Any) -> None:
    invoice = issued_invoice()
    books = as_user("admin")
    assert upload(books, invoice, (hostile.PDF, "رسید.pdf")).status_code == 302
    assert "رسید.pdf" in books.get(f"/invoices/editor/{invoice.id}").text


@pytest.mark.parametrize("kind", ["order", "proforma", "payment", "return"])
def test_the_editors_of_documents_have_the_panel_once_stored(as_user: Any, kind: str) -> None:
    customer = CustomerFactory()
    make: dict[str, Any] = {
        "order": lambda: ("SalesOrderEditor", {"order_id": draft_order(customer).id}),
        "proforma": lambda: ("ProformaEditor", {"proforma_id": draft_proforma(customer).id}),
        "payment": lambda: ("CashierView", {"payment_id": draft_payment(customer, [cash(5)]).id}),
        "return": lambda: ("SalesReturnEditor", {"invoice_id": returned_invoice(customer).id}),
    }
    editor, values = make[kind]()
    books = as_user("admin")
    assert "data-kept" in books.get(path_of(books.application, f"{editor}.show", values)).text
    if kind != "return":
        assert "data-kept" not in books.get(path_of(books.application, f"{editor}.new", {})).text


def returned_invoice(customer: Any) -> Any:
    original = issued_invoice(customer)
    rows = [{"original_line_id": original.lines[0].id, "quantity": "1"}]
    with acting_as(Actor.system("test")):
        return save_return({"original_id": original.id, "reason": "test", "lines": rows})


def test_a_backup_takes_the_bytes(committed_app: Any) -> None:
    with acting_as(Actor.system("test")):
        kept = services.attach(ContactFactory(), "a.pdf", hostile.PDF)
        db.session.commit()
    with tarfile.open(make_backup()[0]) as tar:
        assert f"files/attachments/{kept.sha256[:2]}/{kept.sha256}" in tar.getnames()


# Notes -------------------------------------------------------------------------------------------


def test_notes_stand_with_name_and_safe_links_newest_first(desk: Any, customer: Any) -> None:
    for text in ("اولی https://example.com/a?b=1", "<img src=x onerror=alert(1)> javascript:alert(1)"):
        assert desk.post(f"{of(customer)}/notes", data={"text": text}, headers=JSON).status_code == 200
    page = desk.get(f"/customers/show/{customer.id}").text
    assert 'href="https://example.com/a?b=1"' in page
    assert "noopener" in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert page.index("onerror") < page.index("اولی")
    assert [entry.action for entry in history_of(customer)[:2]] == ["created", "created"]


def test_an_empty_or_endless_note_is_refused(desk: Any, customer: Any) -> None:
    for text in ("  ", "x" * 4001):
        assert desk.post(f"{of(customer)}/notes", data={"text": text}, headers=JSON).status_code == 422
    assert db.session.scalars(select(Note)).first() is None


def test_older_notes_are_a_page_further(desk: Any, customer: Any) -> None:
    for number in range(23):
        desk.post(f"{of(customer)}/notes", data={"text": f"note-{number:02}."})
    page = desk.get(f"/customers/show/{customer.id}").text
    shown = re.findall(r'class="kept-text" dir="auto">(note-\d+)', page)
    assert shown == [f"note-{number:02}" for number in range(22, 2, -1)]
    older = re.search(r'href="([^"]+before=\d+)"', page)
    assert older is not None
    assert "note-02." in desk.get(older.group(1)).text


# Whoever may not see the record --------------------------------------------------------------------


def test_a_stranger_gets_nothing_by_any_road(as_user: Any, as_program: Any, desk: Any, customer: Any) -> None:
    upload(desk, customer, (hostile.PDF, "a.pdf"))
    file = only_file()
    link = desk.get(f"/files/{file.id}").location
    for stranger in (as_user(Role.SALES), as_user(EmployeeFactory(home_department=desk.user.home_department))):
        assert stranger.get(of(customer)).status_code == 404
        assert upload(stranger, customer, (hostile.PDF, "b.pdf")).status_code == 404
        assert stranger.post(f"{of(customer)}/notes", data={"text": "x"}).status_code == 404
        assert stranger.get(f"/files/{file.id}").status_code == 404
        assert stranger.post(f"/files/{file.id}/remove").status_code == 404
        assert stranger.get(link).status_code == 404
        program = as_program(stranger.user)
        base = f"/api/v1/records/crm_customer/{customer.id}"
        single = f"/api/v1/records/files/{file.id}"
        answers = [program.get(address) for address in (f"{base}/files", f"{base}/notes", single)]
        answers += [program.delete(single), program.post(f"{base}/notes", json={"text": "x"})]
        answers += [program.post(f"{base}/files", data={"file": (io.BytesIO(hostile.PDF), "b.pdf")})]
        assert {answer.status_code for answer in answers} == {404}
    assert only_file().removed_at is None
    assert db.session.scalars(select(Note)).first() is None


def test_a_link_is_one_persons_and_ends(
    as_user: Any, desk: Any, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(desk, customer, (hostile.PDF, "a.pdf"))
    link = desk.get(f"/files/{only_file().id}").location
    colleague = as_user(Role.SALES, home_department=desk.user.home_department)
    assert colleague.get(of(customer)).status_code == 200
    assert colleague.get(link).status_code == 404
    assert desk.get(f"{link[:-2]}xx").status_code == 404
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert desk.get(link).status_code == 410


def test_a_right_that_was_lost_closes_a_link_at_once(desk: Any, customer: Any) -> None:
    upload(desk, customer, (hostile.PDF, "a.pdf"))
    link = desk.get(f"/files/{only_file().id}").location
    other = EmployeeFactory()
    customer.department, customer.owner = other.home_department, other
    db.session.flush()
    assert desk.get(link).status_code == 404


@pytest.mark.parametrize(
    "table", ["ab_user", "org_sign_in", "core_history_row", "office_note", "nothing", "finance_open_item"]
)
def test_tables_without_pages_have_no_files(as_user: Any, table: str) -> None:
    assert as_user("admin").get(f"/files/of/{table}/1").status_code == 404


# Programs ------------------------------------------------------------------------------------------


def test_a_program_lists_adds_reads_and_removes(as_program: Any, customer: Any, desk: Any) -> None:
    program = as_program(desk.user)
    base = f"/api/v1/records/crm_customer/{customer.id}"
    added = program.post(f"{base}/files", data={"file": (io.BytesIO(hostile.PDF), "a.pdf"), "note": "n"})
    assert (added.status_code, added.json["result"]["name"], added.json["result"]["via"]) == (201, "a.pdf", "api")
    assert [row["id"] for row in program.get(f"{base}/files").json["result"]] == [added.json["id"]]
    assert program.get(f"/api/v1/records/files/{added.json['id']}").get_data() == hostile.PDF
    assert program.delete(f"/api/v1/records/files/{added.json['id']}").status_code == 200
    assert program.get(f"{base}/files").json["result"] == []
    assert program.post(f"{base}/files", data={"file": (io.BytesIO(hostile.SCRIPT), "a.pdf")}).status_code == 422
    assert program.post(f"{base}/files").json["errors"][0]["path"] == "file"
    assert program.post(f"{base}/notes", json={"text": "از برنامه"}).status_code == 201
    assert [row["text"] for row in program.get(f"{base}/notes").json["result"]] == ["از برنامه"]
    assert program.post(f"{base}/notes", json=[1]).status_code == 422


# What follows by itself ------------------------------------------------------------------------------


@pytest.mark.databases
def test_files_go_with_a_deleted_record_so_that_its_number_is_free(as_user: Any) -> None:
    admin = as_user("admin")
    contact = ContactFactory()
    upload(admin, contact, (hostile.PDF, "a.pdf"))
    admin.post(f"{of(contact)}/notes", data={"text": "x"})
    assert admin.post(f"/customer-contacts/delete/{contact.id}").status_code == 302
    assert only_file().removed_at is not None
    assert db.session.scalars(select(Note)).one().removed_at is not None


def test_bytes_that_nobody_names_are_swept_a_while_later(
    desk: Any, customer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = hostile.PDF + os.urandom(8).hex().encode() + b"\n%%EOF"
    upload(desk, customer, (content, "a.pdf"))
    kept, orphan = only_file(), store.keep(os.urandom(20), os.urandom(5))
    path, lost = store.path_of(kept.sha256), store.path_of(orphan)
    sweep = lambda: [upkeep.sweep_shard(one[:2]) for one in (kept.sha256, orphan)]
    sweep()
    assert lost.exists()  # its row may be on the way
    old = (clock.now() - timedelta(days=2)).timestamp()
    for one in (path, lost, store.path_of(orphan, small=True)):
        os.utime(one, (old, old))
    sweep()
    assert path.exists()
    assert not lost.exists()
    assert not store.path_of(orphan, small=True).exists()
    services_remove(desk, kept)
    sweep()
    assert path.exists()  # removed today
    kept.removed_at = clock.now() - timedelta(days=31)
    db.session.flush()
    sweep()
    assert not path.exists()


def services_remove(desk: Any, file: Attachment) -> None:
    assert desk.post(f"/files/{file.id}/remove").status_code == 302


def test_what_was_changed_past_the_history_is_named(committed_app: Any) -> None:
    with acting_as(Actor.system("test")):
        contact = ContactFactory()
        kept = services.attach(contact, "a.pdf", hostile.PDF)
        services.attach(contact, "b.pdf", hostile.PDF)
        services.write_note(contact, "x")
        db.session.commit()
        services.remove(kept)
        db.session.delete(contact)
        db.session.commit()
    seal_pending()
    assert verify_chain().ok, verify_chain().findings
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE office_attachment SET record_id = 99 WHERE name = 'b.pdf'")
    found = verify_chain().findings
    assert [(one.code, one.model, one.field) for one in found] == [("record_changed", "office_attachment", "record_id")]
