"""Batches on their way through the wizard: stored files, the jobs that check and write them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import IO, Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import require_current
from app.core.db import db, writing
from app.core.errors import NotFound
from app.core.job_runner import JobRun
from app.core.jobs import job
from app.core.schedule import every
from app.core.sheets import SheetSpec, sheet_named
from imports.apply import KEPT_ERRORS, Order, Report, carry_out, read_file, run_import
from imports.choice import Choice
from imports.memory import remember
from imports.models import ImportBatch, ImportCorrection, Stage
from imports.overlay import Corrections
from imports.past import open_batch
from imports.reader.read import file_sha256
from imports.rows import RowWriter
from imports.undo import undo_batch

KEPT_SECONDS = 7 * 24 * 3600


def folder() -> Path:
    """Where uploaded files wait; nobody but this system's user may read it."""
    path = Path(current_app.config["DATA"]) / "imports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def file_of(batch: ImportBatch) -> Path:
    """The stored upload of a batch; the name that people gave it is only in the row."""
    return folder() / f"{batch.id}.upload"


def rows_of(batch: ImportBatch) -> Path:
    """Where the rows of a batch's last check are kept (imports.rows)."""
    return folder() / f"{batch.id}.rows"


def new_batch(spec: SheetSpec, *, name: str, content: IO[bytes]) -> ImportBatch:
    """Store an upload. Raises NotAllowed without the right to import."""
    actor = require_current()
    actor.require("import", spec.subject)
    batch = ImportBatch(spec=spec.name, file_name=name.replace("\0", "")[-255:], sha256="", actor_id=actor.user_id)
    db.session.add(batch)
    db.session.flush()
    path = file_of(batch)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        while piece := content.read(1 << 20):
            out.write(piece)
    batch.sha256 = file_sha256(path)
    db.session.flush()
    return batch


def own_batch(batch_id: int) -> ImportBatch:
    """A batch of the actor. Raises NotFound for anybody else's, NotAllowed once the right is gone."""
    actor = require_current()
    batch = db.session.get(ImportBatch, batch_id)
    if batch is None or actor.user_id is None or batch.actor_id != actor.user_id:
        raise NotFound(batch=batch_id)
    actor.require("import", sheet_named(batch.spec).subject)
    return batch


def order_of(batch: ImportBatch) -> Order:
    """What the person ordered for a batch."""
    choice = Choice.from_json(batch.mapping)
    spec, corrections = sheet_named(batch.spec), corrections_of(batch.id)
    return Order(spec, batch.mode, good_rows=batch.good_rows, choice=choice, corrections=corrections)


def corrections_of(batch_id: int) -> Corrections:
    """What people typed over the cells of a batch's sheet; the latest wins."""
    acts = select(ImportCorrection.cells).where(ImportCorrection.batch_id == batch_id).order_by(ImportCorrection.id)
    return {(row, column): text for cells in db.session.scalars(acts) for row, column, text in cells}


@job("imports.check", label=_l("Checking a workbook"), writes=False)
def check_batch(run: JobRun, *, batch_id: int) -> dict[str, Any]:
    """Check all rows of a batch and keep the counts and errors with it; writes no row."""
    return check_now(run, batch_id)


def check_now(run: JobRun, batch_id: int) -> dict[str, Any]:
    """`check_batch` as a part of another job; ends the job."""
    with writing(intent=False):
        batch = own_batch(batch_id)
        order, path, name = order_of(batch), file_of(batch), batch.file_name
        report = _checked(batch, order, path, name, run)
        db.session.rollback()
    with writing():
        batch = own_batch(batch_id)
        note_report(batch, report)
        run.complete(report.numbers())
        db.session.commit()
    return report.numbers()


def _checked(batch: ImportBatch, order: Order, path: Path, name: str, run: JobRun) -> Report:
    """The report of a check whose rows are kept, unless the file is refused."""
    with RowWriter(rows_of(batch)) as rows:
        report = run_import(path, order, name=name, dry_run=True, progress=run.progress, rows=rows)
        if report.verdict == "reject":
            rows.give_up()
    return report


@job("imports.apply", label=_l("Importing a workbook"))
def apply_batch(run: JobRun, *, batch_id: int) -> dict[str, Any]:
    """Write a batch in one transaction: all of it, or nothing."""
    with writing(intent=False):
        batch = own_batch(batch_id)
        if batch.stage.is_over:
            return dict(batch.counts)
        order = order_of(batch)
        found = read_file(file_of(batch), order, name=batch.file_name, progress=run.progress)
        db.session.rollback()
    report = found.report
    with writing():
        batch = own_batch(batch_id)
        if batch.stage.is_over:
            return dict(batch.counts)
        carry_out(found, order, batch=batch, progress=run.progress)
        if report.stored:
            remember(batch)
        else:
            db.session.rollback()
            note_report(own_batch(batch_id), report)
        run.complete(report.numbers())
        db.session.commit()
    return report.numbers()


@job("imports.undo", label=_l("Undoing an import"))
def undo_import(run: JobRun, *, batch_id: int) -> dict[str, Any]:
    """Take a batch back in one transaction. Raises CannotUndo."""
    with writing():
        counts: dict[str, Any] = undo_batch(open_batch(batch_id))
        run.complete(counts)
        db.session.commit()
    return counts


def note_report(batch: ImportBatch, report: Report) -> None:
    """Keep what a check found."""
    batch.stage = Stage.REJECTED if report.verdict == "reject" else Stage.CHECKED
    batch.message = report.message[:1000]
    batch.counts = {**report.numbers(), "error_count": len(report.errors)}
    batch.errors = [error.as_json() for error in report.errors[:KEPT_ERRORS]]
    batch.unknown = report.unknown


@every(seconds=3600)
def remove_old_uploads() -> int:
    """Delete uploads of a week ago; the batches and their reports stay."""
    limit = time.time() - KEPT_SECONDS
    old = [path for path in folder().iterdir() if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
