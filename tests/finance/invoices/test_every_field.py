"""Every field of issued documents by every road: form, sheet, interface, bulk action, changed file, raw SQL.

The fields come from the mapped columns, the entry of the form and the columns of the sheets, so that one that is
added later is tried too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.core import audit
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.feature import Role
from app.core.links import view_of
from app.core.sheets import sheet_for
from app.finance.invoices import returns, services
from app.finance.invoices.frozen import PARTS
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import CLASS_OF, Invoice, InvoiceLineTax
from imports.apply import Order, run_import
from reports.tabular.export import open_export
from tests.factories.finance import issued_invoice
from tests.factories.issued import KINDS, PATHS, content_of, frozen, other

VIEWS = {
    InvoiceKind.SALES: "InvoiceView",
    InvoiceKind.SALES_RETURN: "SalesReturnView",
    InvoiceKind.PURCHASE: "PurchaseView",
    InvoiceKind.PURCHASE_RETURN: "PurchaseReturnView",
}
UNSEALED = frozenset({"search_text", "payment_state", "open_due_on", "version"})
"""What others work out of a document; no part of it. Stamps say when it was written, and are not part of it either."""


def stored(invoice_id: int) -> bytes:
    """An invoice as the database has it now."""
    db.session.expire_all()
    invoice = db.session.get(Invoice, invoice_id)
    assert invoice is not None
    return content_of(invoice)


def is_unsealed(name: str) -> bool:
    return name in UNSEALED or name.startswith(("created_", "updated_")) or name == "id"


def fields_of(model: type[Any]) -> list[str]:
    """The mapped columns of a model that are part of the document."""
    return [name for name in inspect(model).column_attrs.keys() if not is_unsealed(name)]  # noqa: SIM118


# The screens ------------------------------------------------------------------------------------


def changed_entries(invoice: Invoice) -> Iterator[dict[str, Any]]:
    """What the form would send, with one field changed each time; of lines, additions and instalments too."""
    whole = returns.entry_of(invoice) if POLICIES[invoice.kind].is_return else services.document_of(invoice)
    whole["version"] = str(invoice.version)
    for name, value in whole.items():
        if name != "version":
            yield {**whole, name: other(value) if not isinstance(value, list) else []}
        if isinstance(value, list) and value:
            first, *rest = value
            for inner, old in first.items():
                yield {**whole, name: [{**first, inner: other(old)}, *rest]}


@pytest.mark.parametrize("kind", KINDS)
def test_no_field_of_the_form_the_sheet_or_the_interface(as_user: Any, as_program: Any, kind: str) -> None:
    invoice = frozen(kind)
    db.session.commit()
    invoice_id, path, version = invoice.id, PATHS[invoice.kind], str(invoice.version)
    entries, before = list(changed_entries(invoice)), stored(invoice_id)
    accountant, program = as_user(Role.ACCOUNTANT), as_program(Role.ACCOUNTANT)
    names = {*fields_of(Invoice), "customer", "department", "branch", "owner", "lines"}
    answers = [accountant.post(f"/{path}/editor/{invoice_id}/save", json=body) for body in entries]
    for name in sorted(names):
        row = {"key": "1", "id": invoice_id, "version": version, "cells": {name: "1"}}
        answers += [
            accountant.post(f"/{path}/sheet/save", json={"rows": [row]}),
            accountant.post(f"/{path}/edit/{invoice_id}", data={name: "1", "version": version}),
            program.put(f"/api/v1/{path}/{invoice_id}", json={name: 1, "version": version}),
        ]
    assert {answer.status_code for answer in answers} <= {200, 302, 400, 403, 404, 405, 409, 422}
    assert len(answers) > 100
    assert stored(invoice_id) == before


@pytest.mark.parametrize("kind", KINDS)
def test_no_bulk_action(app: Flask, as_user: Any, kind: str) -> None:
    invoice = frozen(kind)
    db.session.commit()
    invoice_id, path, before = invoice.id, PATHS[invoice.kind], stored(invoice.id)
    view = view_of(VIEWS[invoice.kind])
    accountant = as_user(Role.ACCOUNTANT)
    names = {*view.actions, "issue", "delete", "preflight", "print"}
    for name in sorted(names):
        answer = accountant.post(f"/{path}/action_post", data={"action": name, "rowid": [str(invoice_id)]})
        assert answer.status_code < 500
    row = {"key": "1", "id": invoice_id, "version": "1", "deleted": True}
    assert accountant.post(f"/{path}/sheet/save", json={"rows": [row]}).status_code < 500
    assert stored(invoice_id) == before


# A changed file ---------------------------------------------------------------------------------


def exported(kind: InvoiceKind, path: Path) -> Any:
    """The workbook that the list exports, opened."""
    with path.open("wb") as file:
        open_export(POLICIES[kind].subject, {}).write(file)
    return load_workbook(path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(InvoiceKind))
def test_no_column_of_a_changed_file(app: Flask, tmp_path: Path, kind: InvoiceKind) -> None:
    """One issued document for each column; in the file each has that one cell changed."""
    spec = sheet_for(CLASS_OF[kind])
    assert spec is not None
    assert spec.lines is not None
    columns = len(spec.columns) + len(spec.lines.columns)
    with acting_as(Actor.system("test")):
        made = [frozen(kind.value) for _column in range(columns)]
        db.session.flush()
        before = {one.id: stored(one.id) for one in made}
        book = exported(kind, tmp_path / "out.xlsx")
        sheet = book.active
        first = next(row for row in range(1, 9) if sheet.cell(row, 1).value is not None and sheet.cell(row, 2).value)
        assert sheet.max_column == columns
        for place in range(columns):
            cell = sheet.cell(first + 1 + place, place + 1)
            cell.value = other(cell.value) if not hasattr(cell.value, "hour") else 1
        book.save(tmp_path / "changed.xlsx")
        for good_rows in (False, True):
            run_import(tmp_path / "changed.xlsx", Order(spec, good_rows=good_rows))
        assert {key: stored(key) for key in before} == before


# Raw SQL ----------------------------------------------------------------------------------------


def rows_of(invoice: Invoice) -> Iterator[Any]:
    yield invoice
    yield invoice.lines[0]
    yield invoice.lines[0].taxes[0]
    yield from invoice.adjustments[:1]
    yield from invoice.instalments[:1]


def named() -> list[int]:
    """The invoices that the check names."""
    found = audit.verify_chain([Invoice]).findings
    db.session.rollback()
    return sorted({one.record_id for one in found if one.model == "finance_invoice" and one.record_id is not None})


def places_of(invoice: Invoice) -> list[tuple[str, Any, int]]:
    """Table, column and key of every value that is part of a document."""
    return [
        (inspect(type(row)).local_table.name, inspect(type(row)).column_attrs[name].columns[0], row.id)
        for row in rows_of(invoice)
        for name in fields_of(type(row))
    ]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_column_changed_by_raw_sql_is_named(committed_app: Flask, kind: str) -> None:
    """As many documents as columns, of each another one changed: refused by the database, or named."""
    count = len(places_of(frozen(kind)))
    made = [frozen(kind) for _column in range(count)]
    db.session.commit()
    audit.seal_pending()
    wanted = [(invoice.id, *places_of(invoice)[place]) for place, invoice in enumerate(made)]
    db.session.rollback()
    assert named() == []
    changed = {invoice_id: f"{table}.{column.name}" for invoice_id, table, column, key in wanted
               if change_by_hand(table, column, key)}  # fmt: skip
    found = named()
    assert {place for invoice_id, place in changed.items() if invoice_id not in found} == set()
    assert len(changed) > 40


def change_by_hand(table: str, column: Any, key: int) -> bool:
    """Whether the database takes another value in one column."""
    with db.engine.begin() as connection:
        old = connection.exec_driver_sql(f"SELECT {column.name} FROM {table} WHERE id = {key}").scalar()
    value = _literal(_different(old, column))
    try:
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE {table} SET {column.name} = {value} WHERE id = {key}")
    except (IntegrityError, ProgrammingError):
        return False
    return True


def _different(old: Any, column: Any) -> Any:
    if column.foreign_keys:
        return None if old is not None else 1
    if old is None:
        is_text = column.type.python_type is str
        return "x" if is_text else "2026-01-01" if "DATE" in str(column.type).upper() else 1
    return other(old)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"{value}" if isinstance(value, int) else f"'{value}'"


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("work", ["DELETE FROM {table} WHERE id = {key}", "added"])
def test_a_part_removed_or_added_by_raw_sql_is_named(committed_app: Flask, part: type[Any], work: str) -> None:
    invoice = frozen("sales")
    db.session.commit()
    audit.seal_pending()
    row = next(one for one in rows_of(invoice) if isinstance(one, part))
    table, key, invoice_id = inspect(part).local_table, row.id, invoice.id
    db.session.rollback()
    names = [c.name for c in table.columns if c.name != "id"]
    if work == "added":
        values = ", ".join("position + 7" if name == "position" else name for name in names)
        work = f"INSERT INTO {{table}} ({', '.join(names)}) SELECT {values} FROM {{table}} WHERE id = {{key}}"
    elif part is not InvoiceLineTax:
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM finance_invoice_line_tax")
    with db.engine.begin() as connection:
        connection.exec_driver_sql(work.format(table=table.name, key=key))
    assert named() == [invoice_id]


def test_an_untouched_document_is_not_named(committed_app: Flask) -> None:
    issued_invoice()
    db.session.commit()
    audit.seal_pending()
    assert named() == []
