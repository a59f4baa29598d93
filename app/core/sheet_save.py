"""Saving a sheet: all rows of a request in one transaction, by the form's own road, or none of them.

A row that somebody else has changed meanwhile is a conflict and comes back as it is now; a bad cell
comes back with its reason. Nothing is stored until neither is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import MultiDict

from app.core import audit
from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid
from app.core.forms import ModelForm, stored_values
from app.core.history import history_of
from app.core.raw_cells import Problem
from app.core.rest_values import typed_text
from app.core.saving import refusal_of
from app.core.sheet_entry import FROZEN, Row, check_cells, read_entry
from app.core.sheet_rows import Sheet, SheetColumn, rows_of, texts_of


@dataclass(slots=True)
class Outcome:
    """What came of a save. `conflicts` are rows as they are now, or None where they are gone."""

    errors: list[dict[str, str]] = field(default_factory=list)
    conflicts: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    records: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return bool(self.errors or self.conflicts)


def save_sheet(sheet: Sheet, sent: Any) -> Outcome:
    """Store the rows of a request and commit, or say why nothing was stored.

    Raises BadEntry, TooManyRows, NotAllowed.
    """
    rows = read_entry(sheet, sent)
    _require_rights(sheet, rows)
    outcome = _prepare(sheet, rows)
    if outcome.is_refused:
        db.session.rollback()
        return outcome
    with audit.via(audit.Via.SHEET):
        try:
            _write(sheet, rows, outcome)
            if not outcome.is_refused:
                db.session.flush()
                outcome.ids = {key: record.id for key, record in outcome.records.items()}  # the commit forgets them
                db.session.commit()
                return outcome
            db.session.rollback()
        except (DomainError, SQLAlchemyError) as error:
            db.session.rollback()
            refusal_of(error)  # raises what is no refusal
            outcome = _find_culprits(sheet, sent)
    return outcome


def check_sheet(sheet: Sheet, sent: Any) -> tuple[Outcome, dict[str, dict[str, str]]]:
    """The problems that the cells of a request have, and each good cell as it would be stored."""
    rows = read_entry(sheet, sent)
    _load(sheet, rows, is_locking=False)
    check_cells(sheet, [row for row in rows if row.is_new or row.record is not None])
    outcome = Outcome(errors=_errors(rows))
    return outcome, {row.key: dict(_clean_texts(sheet, row)) for row in rows}


def _clean_texts(sheet: Sheet, row: Row) -> Any:
    for name, value in row.values.items():
        column = sheet.column(name)
        if name not in row.problems and column is not None and not column.is_reference:
            yield name, texts_of(column.kind, [value])[0]


def _require_rights(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Raises NotAllowed where the actor may not do to rows what is asked at all."""
    actor, subject = require_current(), sheet.spec.subject
    wanted = {"delete" if row.is_deleted else "add" if row.is_new else "edit" for row in rows}
    for action in sorted(wanted):
        actor.require(action, subject)


def _prepare(sheet: Sheet, rows: Sequence[Row]) -> Outcome:
    """Load what is stored, find conflicts, read and check the cells."""
    _load(sheet, rows)
    outcome = Outcome(conflicts=_conflicts(sheet, rows))
    known = [row for row in rows if row.is_new or row.record is not None]
    for row in known:
        if row.record is not None and not sheet.view.is_editable(row.record):
            row.refuse("", FROZEN)
        if row.is_deleted and not sheet.may_delete:
            row.refuse("", FROZEN)
    check_cells(sheet, known)
    outcome.errors = _errors(rows)
    return outcome


def _load(sheet: Sheet, rows: Sequence[Row], *, is_locking: bool = True) -> None:
    """The records of the rows under the row scope, locked until the commit where the database can."""
    ids = sorted(row.record_id for row in rows if row.record_id is not None)
    model = sheet.spec.model
    statement = (
        select(model)
        .where(model.id.in_(ids), *sheet.view.list_conditions())
        .options(*sheet.loads())
        .order_by(model.id)
        .execution_options(populate_existing=True)
    )
    if is_locking:
        statement = statement.with_for_update(of=model)
    found = {record.id: record for record in db.session.scalars(statement).unique()} if ids else {}
    for row in rows:
        row.record = None if row.record_id is None else found.get(row.record_id)


def _conflicts(sheet: Sheet, rows: Sequence[Row]) -> dict[str, dict[str, Any] | None]:
    found: dict[str, dict[str, Any] | None] = {}
    known = [row for row in rows if row.record is not None]
    for row, now in zip(known, rows_of(sheet, [row.record for row in known]), strict=True):
        if now["version"] != row.version:
            found[row.key] = {**now, "by": _last_hand(row.record)}
    return found | {row.key: None for row in rows if row.record is None and not row.is_new}


def _last_hand(record: Any) -> str:
    """Who changed a record last, as far as the history knows."""
    entries = history_of(record, limit=1) if isinstance(record, audit.Audited) else []
    return entries[0].actor_name if entries else ""


def _errors(rows: Sequence[Row]) -> list[dict[str, str]]:
    return [
        {"key": row.key, "column": name, "code": problem.code, "message": str(problem.message)}
        for row in rows
        for name, problem in row.problems.items()
    ]


# Writing ---------------------------------------------------------------------------------------


def _write(sheet: Sheet, rows: Sequence[Row], outcome: Outcome) -> None:
    """Let the view's own services change every row; what they refuse is an error of its cell."""
    for row in rows:
        try:
            _write_row(sheet, row)
        except DomainError as refusal:
            _refuse(sheet, row, refusal)
        if row.is_deleted:
            outcome.deleted.append(row.key)
        else:
            outcome.records[row.key] = row.record
    outcome.errors = _errors(rows)


def _write_row(sheet: Sheet, row: Row) -> None:
    view = sheet.view
    if row.is_deleted:
        view.pre_delete(row.record)
        view.service_delete(row.record)
    elif row.is_new:
        row.record = sheet.spec.model()
        view.write_new(row.record, row_form(sheet, row))
    elif row.texts:
        view.write_changes(row.record, row_form(sheet, row))


def _refuse(sheet: Sheet, row: Row, refusal: DomainError) -> None:
    errors = refusal.errors if isinstance(refusal, Invalid) else [FieldError(refusal.path, refusal.code, refusal)]
    for one in errors:
        row.refuse(_column_of(sheet, one.path), Problem(one.code, one.message))


def _column_of(sheet: Sheet, path: str) -> str:
    """The column that a path speaks of; "" where there is none."""
    root = path.partition(".")[0].partition("[")[0]
    for column in sheet.columns:
        if root and root in (column.name, column.field, column.column.path):
            return column.name
    return ""


def row_form(sheet: Sheet, row: Row) -> ModelForm:
    """The cells of a row as the checked form of the screen; fields without a cell are left out.

    Raises Invalid with what the form refuses.
    """
    columns = {name: sheet.column(name) for name in row.texts}
    values = {column.field: (column, row.values[name]) for name, column in columns.items() if column is not None}
    form_class = sheet.view.add_form if row.is_new else sheet.view.edit_form
    pairs = [(name, text) for name, (column, value) in values.items() for text in _typed(column, value)]
    # A reference was looked up with all others; told as stored, the field does not ask again.
    chosen = {name: value for name, (column, value) in values.items() if column.is_reference}
    stored = stored_values(form_class, row.record)
    form: ModelForm = form_class(formdata=MultiDict(pairs), data=stored | chosen, meta={"csrf": False})
    for name in set(form_class.names) - values.keys():
        if not row.is_new or not form[name].flags.required:
            del form[name]
    for name in chosen:
        form[name].record = row.targets.get(values[name][0].name)
    if not form.validate():
        raise Invalid([FieldError(n, "invalid", str(text)) for n, texts in form.errors.items() for text in texts])
    return form


def _typed(column: SheetColumn, value: Any) -> Any:
    """What a person would have typed into the form's field for a value."""
    if isinstance(value, (bool, int)) or value is None:
        return typed_text(column.field, value)
    return [str(getattr(value, "value", None) or texts_of(column.kind, [value])[0])]


# Refused by the database -----------------------------------------------------------------------


def _find_culprits(sheet: Sheet, sent: Mapping[str, Any]) -> Outcome:
    """Try the rows one by one, store none, and say which of them the database refuses and why."""
    rows = read_entry(sheet, sent)
    outcome = _prepare(sheet, rows)
    if not outcome.is_refused:
        for row in rows:
            try:
                with db.session.begin_nested():
                    _write_row(sheet, row)
                    db.session.flush()
            except (DomainError, SQLAlchemyError) as error:
                _refuse(sheet, row, refusal_of(error))
        outcome.errors = _errors(rows)
    db.session.rollback()
    return outcome


def answer_of(sheet: Sheet, outcome: Outcome) -> dict[str, Any]:
    """A stored save as the browser reads it: the rows as they are now, by key."""
    model, ids = sheet.spec.model, outcome.ids
    statement = select(model).where(model.id.in_(list(ids.values()))).options(*sheet.loads())
    records = list(db.session.scalars(statement.execution_options(populate_existing=True)).unique())
    rows = {row["id"]: row for row in rows_of(sheet, records)}
    return {
        "rows": {key: rows[record_id] for key, record_id in ids.items() if record_id in rows},
        "deleted": outcome.deleted,
    }
