"""Issued documents of every kind, void and counter ones too: whatever the road, nothing changes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, update

from app.core import audit
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.errors import DomainError
from app.core.feature import Role
from app.core.workflow import StateAssigned
from app.finance.invoices import returns, services, voids
from app.finance.invoices.frozen import FREE
from app.finance.invoices.models import Invoice, InvoiceAdjustment, InvoiceInstalment, InvoiceLine, InvoiceLineTax
from app.finance.invoices.services import InvoiceFrozen
from tests.factories.finance import entry, issued_invoice
from tests.factories.issued import KINDS, PATHS, TERMS, content_of, frozen, other


@pytest.mark.databases
@pytest.mark.parametrize("kind", KINDS)
def test_no_field_changes_in_the_session(app: Flask, kind: str) -> None:
    invoice = frozen(kind)
    db.session.flush()
    tried = 0
    for part in (invoice, *invoice.lines, *invoice.lines[0].taxes, *invoice.adjustments, *invoice.instalments):
        model, key = type(part), part.id
        for name in inspect(model).column_attrs.keys():  # noqa: SIM118
            if name in FREE or name == "id":
                continue
            record = db.session.get(model, key)
            old = getattr(record, name)
            with pytest.raises((InvoiceFrozen, StateAssigned)), db.session.begin_nested():
                setattr(record, name, other(old))
            db.session.expire_all()
            tried += 1
    assert tried > 60


def test_a_line_does_not_move_to_a_draft(app: Flask) -> None:
    with acting_as(Actor.system("test")):
        sold, draft = issued_invoice(**TERMS), services.save_draft(entry(**TERMS))
        with pytest.raises(InvoiceFrozen), db.session.begin_nested():
            sold.lines[0].invoice_id, sold.lines[0].position = draft.id, 9


@pytest.mark.parametrize("model", [Invoice, InvoiceLine, InvoiceLineTax, InvoiceAdjustment, InvoiceInstalment])
def test_no_bulk_statement_of_the_mapper_runs(app: Flask, model: type[Any]) -> None:
    frozen("sales")
    with pytest.raises((InvoiceFrozen, audit.UnrecordedChange)):
        db.session.execute(update(model).values(id=model.id))


@pytest.mark.parametrize("kind", KINDS)
def test_no_screen_and_no_interface_changes_one(as_user: Any, as_program: Any, kind: str) -> None:
    invoice = frozen(kind)
    db.session.commit()
    before, path = content_of(invoice), PATHS[invoice.kind]
    accountant, program = as_user(Role.ACCOUNTANT), as_program(Role.ACCOUNTANT)
    body = {**entry(kind=invoice.kind), "note": "changed", "version": str(invoice.version)}
    if "return" in path:
        body = {**returns.entry_of(invoice), "note": "changed"}
    sheet = {"rows": [{"key": "1", "id": invoice.id, "version": str(invoice.version), "cells": {"note": "changed"}}]}
    answers = {
        "form": accountant.post(f"/{path}/editor/{invoice.id}/save", json=body),
        "delete": accountant.post(f"/{path}/editor/{invoice.id}/discard"),
        "issue again": accountant.post(f"/{path}/editor/{invoice.id}/issue"),
        "sheet": accountant.post(f"/{path}/sheet/save", json=sheet),
        "bulk": accountant.post(f"/{path}/action_post", data={"action": "issue", "rowid": [str(invoice.id)]}),
        "put": program.put(f"/api/v1/{path}/{invoice.id}", json={"note": "changed"}),
        "remove": program.delete(f"/api/v1/{path}/{invoice.id}"),
    }
    assert {road: answer.status_code for road, answer in answers.items() if answer.status_code >= 500} == {}
    db.session.expire_all()
    assert content_of(db.session.get(Invoice, invoice.id)) == before


@pytest.mark.parametrize("kind", KINDS)
def test_raw_sql_is_named_by_the_chain(committed_app: Flask, kind: str) -> None:
    invoice = frozen(kind)
    invoice_id, line_id = invoice.id, invoice.lines[0].id
    db.session.commit()
    audit.seal_pending()
    assert audit.verify_chain().ok
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE finance_invoice_line SET description = 'x' WHERE id = {line_id}")
    found = audit.verify_chain().findings
    assert [one.record_id for one in found if one.model == "finance_invoice"] == [invoice_id]


def test_a_draft_still_changes(app: Flask) -> None:
    """The guard is about issued ones: this is what shows that the tests above can fail."""
    with acting_as(Actor.system("test")):
        draft = services.save_draft(entry(**TERMS))
        draft.note = "changed"
        db.session.flush()
        assert draft.note == "changed"
        with pytest.raises(DomainError):
            voids.void_invoice(draft.id, reason="x")
