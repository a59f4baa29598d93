"""Find and replace in a large file: looked for, replaced and checked again by a job, so that no page waits."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import jobs
from app.core.db import db, writing
from app.core.job_runner import JobRun
from app.core.jobs import job
from imports.batches import check_now, own_batch, rows_of
from imports.corrections import Search, found_cells
from imports.models import ImportBatch, ImportCorrection
from imports.row_store import open_rows

AT_ONCE = 5_000
"""Rows; in a file with more a replacement is a job."""


def ask_to_replace(batch: ImportBatch, search: Search, by: str) -> int:
    """Queue a replacement; the batch points to the job."""
    wanted = {"find": search.find, "column": search.column, "whole": search.whole, "only_bad": search.only_bad}
    batch.job_id = jobs.enqueue(replace_cells, batch_id=batch.id, search=wanted, by=by).id
    return batch.job_id


@job("imports.replace", label=_l("Replacing in a workbook"), writes=False)
def replace_cells(run: JobRun, *, batch_id: int, search: dict[str, Any], by: str) -> dict[str, Any]:
    """One act of correction with every hit, then the check of all rows."""
    with writing(intent=False):
        batch = own_batch(batch_id)
        with open_rows(rows_of(batch)) as store:
            texts = found_cells(store, Search(**search), by)
        db.session.rollback()
    cells = [[row, column, text] for (row, column), text in texts.items()]
    with writing():
        acts = select(ImportCorrection).where(ImportCorrection.batch_id == batch_id)
        last = db.session.scalars(acts.order_by(ImportCorrection.id.desc()).limit(1)).first()
        # A job that was killed after this finds the same cells again: they are one act.
        if cells and (last is None or last.cells != cells):
            db.session.add(ImportCorrection(batch_id=batch_id, cells=cells))
        db.session.commit()
    return check_now(run, batch_id) | {"cells": len(cells)}
