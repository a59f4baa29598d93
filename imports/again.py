"""A workbook that comes again: repaired in Excel and uploaded, it goes on where it was.

The batch, its columns and its mode stay. What was typed in the grid before the workbook was handed
out stands in the workbook; what was typed later stays, unless the workbook says something new there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from app.core import jobs
from app.core.db import db
from app.core.errors import DomainError
from app.core.events import after_commit
from imports.batches import check_batch, file_of, own_batch, rows_of
from imports.layout import Layout
from imports.models import ImportBatch, ImportCorrection, Stage
from imports.overlay import stored
from imports.reader.read import Sheet, read_workbook
from imports.returned import stamp_of
from imports.row_store import RowsGone, RowStore, open_rows, original, shown


def go_on(fresh: ImportBatch, sheet: Sheet, layout: Layout) -> ImportBatch | None:
    """The batch that an upload continues, checked anew by a job; None when it continues none.

    `sheet` and `layout` are what was found in the upload. The upload's own batch is then gone.
    """
    path = file_of(fresh)
    stamp = stamp_of(path)
    earlier = _earlier(fresh, stamp)
    if earlier is None or not _has_same_columns(earlier, sheet, layout):
        return None
    later: list[ImportCorrection] = []
    for act in db.session.scalars(select(ImportCorrection).where(ImportCorrection.batch_id == earlier.id)).all():
        if act.id <= stamp.get("act", 0):
            db.session.delete(act)
        else:
            later.append(act)
    if later:
        _drop_overruled(
            earlier, later, read_workbook(path, name=fresh.file_name, sheets=[sheet.name]).sheet(sheet.name)
        )
    earlier.file_name, earlier.sha256 = fresh.file_name, fresh.sha256
    target = file_of(earlier)
    after_commit(lambda: _move(path, target))  # before the job starts, which waits for the commit too
    db.session.delete(fresh)
    earlier.job_id = jobs.enqueue(check_batch, batch_id=earlier.id).id
    db.session.flush()
    return earlier


def _move(path: Path, target: Path) -> None:
    path.replace(target)


def _earlier(fresh: ImportBatch, stamp: Mapping[str, int]) -> ImportBatch | None:
    if "batch" not in stamp:
        return None
    try:
        found = own_batch(stamp["batch"])
    except DomainError:
        return None
    is_running = found.job_id is not None and not jobs.job_view(found.job_id)["ended"]
    if found.id == fresh.id or found.spec != fresh.spec or found.stage is not Stage.CHECKED or is_running:
        return None
    return found


def _has_same_columns(batch: ImportBatch, sheet: Sheet, layout: Layout) -> bool:
    """Whether the columns still stand where the batch's mapping looks for them."""
    try:
        with open_rows(rows_of(batch)) as store:
            if sheet.name != store.sheet or layout.header_rows != store.header_rows:
                return False
            now = {header.column: header.full for header in layout.headers}
            return all(now.get(column.at, "") == column.header for column in store.columns if column.names)
    except RowsGone:
        return False


def _drop_overruled(batch: ImportBatch, acts: list[ImportCorrection], sheet: Sheet) -> None:
    """Forget corrections of cells that were changed in the workbook since."""
    with open_rows(rows_of(batch)) as store:
        before = _texts(store, {row for act in acts for row, _column, _text in act.cells})
    for act in acts:
        act.cells = [
            [row, column, text]
            for row, column, text in act.cells
            if column < len(sheet.columns) and _same(before.get((row, column), ""), sheet, row, column)
        ]


def _same(before: str, sheet: Sheet, row: int, column: int) -> bool:
    return shown(stored(sheet, row, column)) == before


def _texts(store: RowStore, rows: set[int]) -> dict[tuple[int, int], str]:
    """What the file said in some rows, below the corrections."""
    found = {}
    for row in store.rows(store.places_of(rows).values()):
        for column, cell in zip(store.columns, row.cells, strict=True):
            found[(row.row, column.at)] = shown(original(cell))
    return found
