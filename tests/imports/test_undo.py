"""A batch taken back: everything as it was, or what prevents it; and the same file coming twice."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from app.core import jobs
from app.core.actor import Actor, acting_as
from app.core.audit import history_of, verify_chain
from app.core.db import db
from app.core.errors import NotAllowed, NotFound
from app.core.feature import Role
from app.core.search import matching_ids
from app.core.sheets import sheet_named
from app.crm.customers.models import Customer, CustomerContact
from app.finance.invoices import services
from app.finance.invoices.models import Invoice, InvoiceLine
from imports.apply import Order, Report, run_import
from imports.choice import Choice
from imports.models import ImportBatch, Stage
from imports.past import earlier_import, open_batch
from imports.undo import CannotUndo, NotApplied, undo_batch, what_prevents
from tests.factories import CustomerFactory, DepartmentFactory, EmployeeFactory, ProductFactory
from tests.factories.acting import actor_with

SYSTEM = Actor.system("test")
RIGHTS = (("import", "crm.customers"), ("see_department", "crm.customers"))


def book(path: Path, *rows: list[Any]) -> Path:
    made = Workbook()
    sheet: Any = made.active
    for row in rows:
        sheet.append(row)
    made.save(path / "book.xlsx")
    return path / "book.xlsx"


def bring(path: Path, *, sheet: str = "customers", actor: Actor = SYSTEM, **options: Any) -> ImportBatch:
    with acting_as(actor):
        report = run_import(path, Order(sheet_named(sheet), **options))
    assert report.stored, (report.message, [one.as_json() for one in report.errors])
    return db.session.get_one(ImportBatch, report.batch_id)


def taken_back(batch: ImportBatch, actor: Actor = SYSTEM) -> dict[str, int]:
    with acting_as(actor):
        return undo_batch(batch)


def customers(tmp_path: Path) -> tuple[Customer, ImportBatch]:
    """A stored customer that a batch changes, and the batch, which adds two more."""
    with acting_as(SYSTEM):
        known = CustomerFactory(code="K1", name="علی رضایی", city="تهران", credit_limit_rials=5)
        db.session.flush()
    path = book(
        tmp_path,
        ["کد", "نام", "شهر", "اعتبار"],
        ["K1", "علی کامرانی", "شیراز", 7],
        ["N1", "تازه یک", "قم", 1],
        ["N2", "تازه دو", None, None],
    )
    return known, bring(path)


@pytest.mark.databases
def test_undo_deletes_what_was_new_and_restores_what_was_changed(session: Any, tmp_path: Path) -> None:
    known, batch = customers(tmp_path)
    session.expire_all()
    assert (known.name, known.city, known.credit_limit_rials) == ("علی کامرانی", "شیراز", 7)
    fresh = session.scalars(select(Customer.id).where(Customer.code == "N1")).one()

    assert what_prevents(batch) == []
    assert taken_back(batch) == {"deleted": 2, "restored": 1}

    session.expire_all()
    assert (known.name, known.city, known.credit_limit_rials) == ("علی رضایی", "تهران", 5)
    assert not session.scalars(select(Customer).where(Customer.code.in_(["N1", "N2"]))).all()
    assert matching_ids(session(), Customer, "علی رضایی", limit=5) == [known.id]
    assert matching_ids(session(), Customer, "کامرانی", limit=5) == []
    assert (batch.stage, batch.counts["deleted"], batch.counts["restored"]) == (Stage.UNDONE, 2, 1)
    last = history_of(known)[0]
    assert (last.ref, {diff.field: (diff.old, diff.new) for diff in last.diffs}["city"]) == (
        f"undo:{batch.id}", ("شیراز", "تهران"),
    )  # fmt: skip
    gone = history_of(Customer, fresh)[0]
    assert (gone.action, {diff.field: diff.old for diff in gone.diffs}["name"]) == ("deleted", "تازه یک")
    with pytest.raises(NotApplied):
        taken_back(batch)


def test_undone_file_can_come_in_again(session: Any, tmp_path: Path) -> None:
    _known, batch = customers(tmp_path)
    taken_back(batch)

    again = bring(tmp_path / "book.xlsx")

    assert (again.counts["new"], again.counts["updated"]) == (2, 1)
    assert taken_back(again) == {"deleted": 2, "restored": 1}


@pytest.mark.databases
def test_what_was_changed_since_prevents_the_undo(session: Any, tmp_path: Path) -> None:
    known, batch = customers(tmp_path)
    employee = EmployeeFactory(first_name="مینا", last_name="صادقی")
    session.flush()
    session.expire_all()
    fresh = session.scalars(select(Customer).where(Customer.code == "N1")).one()
    with acting_as(actor_with(employee, ("see_all", "crm.customers"), ("edit", "crm.customers"))):
        known.city = "یزد"
        fresh.contacts.append(CustomerContact(name="رابط"))
        session.flush()

    found = {(one.code, one.record_id): one for one in what_prevents(batch)}

    assert set(found) == {("changed", known.id), ("changed", fresh.id)}
    assert "مینا صادقی" in found[("changed", known.id)].message
    assert found[("changed", fresh.id)].name == "تازه یک"
    with pytest.raises(CannotUndo):
        taken_back(batch)
    session.expire_all()
    assert (known.city, known.name, batch.stage) == ("یزد", "علی کامرانی", Stage.DONE)


@pytest.mark.databases
def test_what_is_referred_to_prevents_the_undo(session: Any, tmp_path: Path) -> None:
    _known, batch = customers(tmp_path)
    fresh = session.scalars(select(Customer.id).where(Customer.code == "N2")).one()
    with acting_as(SYSTEM):
        services.save_draft(entry(fresh, ProductFactory()))

    (one,) = what_prevents(batch)

    assert (one.code, one.record_id, one.count) == ("referenced", fresh, 1)
    with pytest.raises(CannotUndo):
        taken_back(batch)


def test_new_record_that_somebody_deleted_is_no_hindrance(session: Any, tmp_path: Path) -> None:
    _known, batch = customers(tmp_path)
    with acting_as(SYSTEM):
        session.delete(session.scalars(select(Customer).where(Customer.code == "N1")).one())
        session.flush()

    assert taken_back(batch)["restored"] == 1
    assert not session.scalars(select(Customer).where(Customer.code == "N2")).all()


def entry(customer_id: int, product: Any, **more: Any) -> dict[str, Any]:
    line = {"product_id": product.id, "quantity": "2", "unit_price": "1000", "discounts": [], "taxes": []}
    return {
        "customer_id": customer_id, "invoice_on": "2026-11-20", "terms": "cash", "reference": "", "note": "",
        "lines": [{**line, "description": "x", "unit_id": product.unit_id}], "discounts": [], "additions": [], **more,
    }  # fmt: skip


def invoices(tmp_path: Path) -> tuple[Invoice, ImportBatch]:
    """A draft that a batch writes over, and the batch, which adds one."""
    with acting_as(SYSTEM):
        customer, product = CustomerFactory(code="K1"), ProductFactory(code="P1")
        db.session.flush()
        draft = services.save_draft(entry(customer.id, product, reference="R1", note="پیشین", terms="credit"))
    path = book(
        tmp_path,
        ["شماره عطف", "تاریخ", "کد مشتری", "کد کالا", "تعداد", "فی", "شرح فاکتور", "سررسید"],
        ["R1", "1405/08/29", "K1", "P1", 3, 2000, None, None],
        ["R2", "1405/08/29", "K1", "P1", 1, 500, None, None],
        ["R2", "1405/08/29", "K1", "P1", 4, 700, None, None],
    )
    return draft, bring(path, sheet="sales_invoices")


@pytest.mark.databases
def test_drafts_written_over_come_back_whole(session: Any, tmp_path: Path) -> None:
    draft, batch = invoices(tmp_path)
    before = session.scalar(select(func.count()).select_from(InvoiceLine))
    session.expire_all()
    assert [(line.quantity, line.unit_price) for line in draft.lines] == [(3, 2000)]
    assert (draft.note, draft.terms.value) == ("پیشین", "credit")  # blank cells overwrite nothing

    assert taken_back(batch) == {"deleted": 1, "restored": 1}

    session.expire_all()
    assert [(line.quantity, line.unit_price) for line in draft.lines] == [(2, 1000)]
    assert session.scalar(select(func.count()).select_from(InvoiceLine)) == before - 2
    assert not session.scalars(select(Invoice).where(Invoice.reference == "R2")).all()


def test_issued_invoice_prevents_the_undo(session: Any, tmp_path: Path) -> None:
    _draft, batch = invoices(tmp_path)
    fresh = session.scalars(select(Invoice.id).where(Invoice.reference == "R2")).one()
    with acting_as(SYSTEM):
        services.issue_invoice(fresh)

    # Its open item in the settlement points to it besides.
    assert {(one.code, one.record_id) for one in what_prevents(batch)} == {("changed", fresh), ("referenced", fresh)}


# --- whose batches


def test_others_batches_are_found_only_by_whoever_sees_all_rows(session: Any, tmp_path: Path) -> None:
    home = DepartmentFactory()
    owner, colleague, chief = (EmployeeFactory(home_department=home) for _ in range(3))
    session.flush()
    batch = bring(book(tmp_path, ["کد", "نام"], ["N1", "الف"]), actor=actor_with(owner, *RIGHTS))
    overseer = actor_with(chief, ("import", "crm.customers"), ("see_all", "crm.customers"))

    with acting_as(actor_with(colleague, *RIGHTS)), pytest.raises(NotFound):
        open_batch(batch.id)
    with acting_as(actor_with(owner, ("see_department", "crm.customers"))), pytest.raises(NotAllowed):
        open_batch(batch.id)
    with acting_as(overseer):
        assert undo_batch(open_batch(batch.id)) == {"deleted": 1, "restored": 0}


def test_records_out_of_reach_are_not_taken_back(session: Any, tmp_path: Path) -> None:
    home, away = DepartmentFactory(), DepartmentFactory(code="AWAY")
    owner = EmployeeFactory(home_department=home)
    session.flush()
    batch = bring(book(tmp_path, ["کد", "نام"], ["N1", "الف"]), actor=actor_with(owner, *RIGHTS))
    owner.home_department = away
    session.flush()

    with acting_as(actor_with(owner, *RIGHTS)):
        (one,) = what_prevents(batch)
        assert (one.code, one.name) == ("out_of_reach", f"#{one.record_id}")
        with pytest.raises(CannotUndo):
            undo_batch(batch)


# --- pages and command


def test_button_of_the_page_takes_a_batch_back(committed_app: Any, tmp_path: Path) -> None:
    from tests.app_fixtures import employee, sign_in

    visitor = sign_in(committed_app, employee("admin"))
    path = book(tmp_path, ["کد", "نام"], ["N1", "الف"], ["N2", "ب"])
    number = bring(path).id
    db.session.commit()

    listed, page = visitor.get("/imports/"), visitor.get(f"/imports/{number}")
    assert f"/imports/{number}" in listed.text
    assert f"/imports/{number}/undo" in page.text
    answer = visitor.post(f"/imports/{number}/undo")
    assert answer.status_code == 302
    jobs.work_off()
    after = visitor.get(answer.headers["Location"])

    assert f"/imports/{number}/undo" not in after.text
    assert not db.session.scalars(select(Customer).where(Customer.code.in_(["N1", "N2"]))).all()
    assert visitor.post(f"/imports/{number}/undo").status_code == 409
    assert verify_chain().ok


def test_page_lists_what_prevents_the_undo(session: Any, as_user: Any, tmp_path: Path) -> None:
    known, batch = customers(tmp_path)
    with acting_as(SYSTEM):
        session.refresh(known)
        known.city = "یزد"
        session.flush()
    visitor = as_user("admin")

    page = visitor.get(f"/imports/{batch.id}")

    assert "علی کامرانی" in page.text
    assert f"/imports/{batch.id}/undo" not in page.text
    assert visitor.post(f"/imports/{batch.id}/undo").status_code == 409


def test_pages_of_others_batches_are_not_found(session: Any, as_user: Any, tmp_path: Path) -> None:
    _known, batch = customers(tmp_path)
    for role in (Role.REP, Role.SALES):
        visitor = as_user(role, home_department=DepartmentFactory())
        assert visitor.get(f"/imports/{batch.id}").status_code == 404
        assert visitor.post(f"/imports/{batch.id}/undo").status_code == 404
        assert f"/imports/{batch.id}" not in visitor.get("/imports/").text


def test_command_undoes_and_says_what_prevents(app: Any, session: Any, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    known, batch = customers(tmp_path)
    with acting_as(SYSTEM):
        session.refresh(known)
        known.city = "یزد"
        session.flush()
    refused = run(args=["kartabl", "undo-import", str(batch.id), "--json"])
    assert (refused.exit_code, json.loads(refused.output)["hindrances"][0]["id"]) == (2, known.id)

    other = bring(book(tmp_path, ["کد", "نام"], ["N7", "الف"]))
    done = run(args=["kartabl", "undo-import", str(other.id), "--json"])
    assert (done.exit_code, json.loads(done.output)) == (
        0, {"undone": True, "deleted": 1, "restored": 0, "hindrances": []},
    )  # fmt: skip
    assert run(args=["kartabl", "undo-import", "987654"]).exit_code == 1


# --- the same file twice, and blank cells


def test_same_file_again_says_so(session: Any, as_user: Any, tmp_path: Path) -> None:
    path = book(tmp_path, ["کد", "نام"], ["N1", "الف"])
    first = bring(path)
    again = report_of(path)

    assert again.as_json()["imported_before"] == {
        "batch": first.id, "at": first.updated_at.isoformat(), "by": first.person,
    }  # fmt: skip
    visitor = as_user("admin")
    answer = visitor.post("/import/customers", data={"file": (io.BytesIO(path.read_bytes()), "again.xlsx")})
    page = visitor.get(answer.headers["Location"])
    assert f"/imports/{first.id}" in page.text
    taken_back(first)
    assert earlier_import(sheet_named("customers"), first.sha256) is None


def report_of(path: Path, **options: Any) -> Report:
    with acting_as(SYSTEM):
        return run_import(path, Order(sheet_named("customers"), **options), dry_run=True)


@pytest.mark.databases
def test_blank_cells_clear_only_what_was_said(session: Any, tmp_path: Path) -> None:
    with acting_as(SYSTEM):
        known = CustomerFactory(code="K1", name="علی", city="تهران", province="تهران", national_id="0123529190")
        session.flush()
    path = book(tmp_path, ["کد", "نام", "شهر", "استان", "کد ملی"], ["K1", "علی", None, None, None])

    assert report_of(path).numbers()["same"] == 1
    batch = bring(path, choice=Choice(clear=("city", "name", "code")))

    session.refresh(known)
    assert (known.city, known.province, known.national_id, known.name) == (None, "تهران", "0123529190", "علی")
    assert list(batch.mapping["clear"]) == ["city", "name", "code"]
    assert [(d.field, d.old, d.new) for d in history_of(known)[0].diffs] == [("city", "تهران", None)]
    assert report_of(path, choice=Choice(clear=("city",))).numbers()["same"] == 1


def test_command_clears_blanks_and_names_columns_that_cannot_be(app: Any, session: Any, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    with acting_as(SYSTEM):
        known = CustomerFactory(code="K1", name="علی", city="تهران")
        session.commit()
    path = str(book(tmp_path, ["کد", "نام", "شهر"], ["K1", "علی", None]))

    assert run(args=["kartabl", "import", "customers", path, "--clear-blank", "name"]).exit_code == 1
    done = run(args=["kartabl", "import", "customers", path, "--clear-blank", "city", "--json"])

    assert json.loads(done.output)["updated"] == 1
    session.refresh(known)
    assert known.city is None
