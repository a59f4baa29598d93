"""Handing the marked workbook out: at once where it is small, by a job where it is large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import jobs
from app.core.db import db, writing
from app.core.job_runner import JobRun
from app.core.jobs import job
from app.core.sheets import sheet_named
from imports.batches import corrections_of, file_of, folder, own_batch, rows_of
from imports.models import ImportBatch, ImportCorrection
from imports.returned import Marks, marked_workbook
from imports.row_store import RowsGone, open_rows

MARKED_AT_ONCE = 100_000
"""Cells; a larger workbook is marked by a job."""


def last_act(batch: ImportBatch) -> int:
    """The number of the last correction of a batch, 0 for none."""
    acts = select(ImportCorrection.id).where(ImportCorrection.batch_id == batch.id).order_by(ImportCorrection.id.desc())
    return db.session.scalars(acts.limit(1)).first() or 0


def marks_of(batch: ImportBatch) -> Marks:
    """What is marked in the workbook of a batch; without its rows, the errors that the batch itself keeps."""
    corrections, stamp = corrections_of(batch.id), {"batch": batch.id, "act": last_act(batch)}
    try:
        with open_rows(rows_of(batch)) as store:
            errors, spec = list(store.errors()), sheet_named(batch.spec)
            return Marks(store.sheet, store.header_rows[1], errors, corrections, stamp, store.warnings, spec)
    except RowsGone:
        chosen = batch.mapping or {}
        header_row = chosen.get("header_row") or 0
        return Marks(chosen.get("sheet") or "", header_row, list(batch.errors), corrections, stamp)


def is_large(batch: ImportBatch) -> bool:
    """Whether the marked workbook must be made by a job first, and is not made yet."""
    if _made(batch) is not None:
        return False
    try:
        with open_rows(rows_of(batch)) as store:
            return store.counts()["rows"] * len(store.columns) > MARKED_AT_ONCE
    except RowsGone:
        return False


def ready_workbook(batch: ImportBatch) -> bytes | None:
    """The marked workbook; None where a job must make it first. Raises WorkbookRefused when the upload is gone."""
    made = _made(batch)
    if made is not None:
        return made.read_bytes()
    return None if is_large(batch) else marked_workbook(file_of(batch), marks_of(batch), name=batch.file_name)


def ask_for_workbook(batch: ImportBatch) -> int:
    """Queue the marking; the batch points to the job."""
    batch.job_id = jobs.enqueue(mark_workbook, batch_id=batch.id).id
    return batch.job_id


@job("imports.mark", label=_l("Marking the errors in a workbook"), writes=False)
def mark_workbook(run: JobRun, *, batch_id: int) -> dict[str, Any]:
    """Write the marked workbook beside the upload."""
    with writing(intent=False):
        batch = own_batch(batch_id)
        run.progress(0, 1)
        content = marked_workbook(file_of(batch), marks_of(batch), name=batch.file_name)
        draft = _path(batch).with_suffix(".marking")
        draft.touch(0o600)
        draft.write_bytes(content)
        draft.replace(_path(batch))
    return {"bytes": len(content)}


def _path(batch: ImportBatch) -> Path:
    return folder() / f"{batch.id}.marked"


def _made(batch: ImportBatch) -> Path | None:
    """The workbook that a job made, unless the rows changed since."""
    path, rows = _path(batch), rows_of(batch)
    if path.is_file() and (not rows.is_file() or rows.stat().st_mtime_ns <= path.stat().st_mtime_ns):
        return path
    return None
