"""Bad cells put right before anything is stored: typed over, replaced, undone, and checked at once.

What is typed goes into `ImportCorrection`; the uploaded file stays as it came. Only the rows that a
correction can touch are checked again: its own, those that share a key with it, and for documents
the whole document and the one above.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

import numpy as np
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import jobs
from app.core.db import db
from app.core.digits import ARABIC_INDIC, ASCII, PERSIAN
from app.core.errors import DomainError
from app.core.events import after_commit
from app.core.text import SAME_LETTERS
from imports.apply import Order, check_sheet, map_columns, plan_import
from imports.batches import check_batch, corrections_of, order_of, rows_of
from imports.layout import Layout
from imports.models import ImportBatch, ImportCorrection, Stage
from imports.overlay import put
from imports.plans import Plan
from imports.reader.read import Sheet
from imports.row_store import RowStore, shown
from imports.rows import row_keys

CHECKED_AT_ONCE = 1_000
"""Rows; more are checked by a job."""
MOST_CELLS = 200_000
MOST_CHARACTERS = 10_000

Texts = dict[tuple[int, int], str]


class NotCorrectable(DomainError):
    """The batch is written, refused, not checked yet, or a job is at work on it."""

    code = "not_correctable"
    status = HTTPStatus.CONFLICT
    default_message = _l("This file cannot be corrected now. Wait for its check to end, or upload it again.")


class BadCorrection(DomainError):
    """A correction points to no cell of the table, or is no text."""

    code = "bad_correction"
    default_message = _l("This cell is not in the table that was read.")


@dataclass(frozen=True, slots=True)
class Corrected:
    """What came of an act: cells changed, places checked again, or the job that checks all rows."""

    cells: int = 0
    places: tuple[int, ...] = ()
    job_id: int | None = None


@dataclass(frozen=True)
class Search:
    """What is looked for: in one column of the sheet or all, as the whole cell or a part of it.

    Persian and Arabic letters, digits of all kinds and capitals are the same.
    """

    find: str
    column: int | None = None
    whole: bool = False
    only_bad: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The words as people may have written them."""
        wanted = self.find.strip() if self.whole else self.find
        has_case = wanted.lower() != wanted.upper()
        return re.compile("".join(map(_any_form, wanted)), re.IGNORECASE if has_case else 0)

    def replaced(self, text: str, by: str) -> str | None:
        """The text with every hit replaced; None without a hit."""
        if self.whole or not self.find:
            return by if self.pattern.fullmatch(text.strip()) else None
        changed, hits = self.pattern.subn(lambda _hit: by, text)
        return changed if hits else None

    def may_hold(self, cells: str) -> bool:
        """Whether a row of cells as JSON can hold a hit; quick, and never wrong with no."""
        if not self.find.strip() or WRITTEN_OTHERWISE.search(cells) or '"' in self.find:
            return True
        return self.pattern.search(cells) is not None


WRITTEN_OTHERWISE = re.compile(r'\["[dt]"|\d\.\d{14}|\\|\d[eE][+-]?\d')
"""JSON that shows as other letters than it is made of: dates, long fractions, escapes."""
_FORMS: dict[str, str] = {}
for _digits in zip(ASCII, PERSIAN, ARABIC_INDIC, strict=True):
    _FORMS |= dict.fromkeys(_digits, "".join(_digits))
for _form, _letter in SAME_LETTERS.items():
    _FORMS[_letter] = _FORMS.get(_letter, _letter) + _form
_FORMS |= {form: _FORMS[letter] for form, letter in SAME_LETTERS.items()}
_FORMS |= dict.fromkeys(" \u200c\u00a0", " \u200c\u00a0")


def _any_form(letter: str) -> str:
    return f"[{_FORMS[letter]}]" if letter in _FORMS else re.escape(letter)


def open_for_correction(batch: ImportBatch) -> RowStore:
    """The kept rows of a batch that may be corrected now; the caller closes it.

    Raises NotCorrectable, RowsGone.
    """
    running = batch.job_id is not None and not jobs.job_view(batch.job_id)["ended"]
    if batch.stage is not Stage.CHECKED or running:
        raise NotCorrectable(batch=batch.id)
    return RowStore(rows_of(batch))


def correct(batch: ImportBatch, store: RowStore, texts: Mapping[tuple[int, int], str]) -> Corrected:
    """Let texts stand for cells (row, column, from 0), and check the rows again. Raises BadCorrection."""
    columns = {column.at for column in store.columns}
    rows = {row for row, _column in texts}
    if len(texts) > MOST_CELLS or rows - store.places_of(rows).keys() or {c for _r, c in texts} - columns:
        raise BadCorrection(batch=batch.id)
    if any(len(text) > MOST_CHARACTERS for text in texts.values()):
        raise BadCorrection(_l("This text is longer than %(most)d characters.", most=MOST_CHARACTERS))
    if not texts:
        return Corrected()
    cells = [[row, column, text] for (row, column), text in texts.items()]
    db.session.add(ImportCorrection(batch_id=batch.id, cells=cells))
    db.session.flush()
    return _checked_again(batch, store, dict(texts))


def undo(batch: ImportBatch, store: RowStore) -> Corrected:
    """Take the last act back; what stood before it stands again."""
    last = db.session.scalars(
        select(ImportCorrection).where(ImportCorrection.batch_id == batch.id).order_by(ImportCorrection.id.desc())
    ).first()
    if last is None:
        return Corrected()
    cells = [(row, column) for row, column, _text in last.cells]
    db.session.delete(last)
    db.session.flush()
    left = corrections_of(batch.id)
    return _checked_again(batch, store, {cell: left.get(cell) for cell in cells})


def found_cells(store: RowStore, search: Search, by: str) -> Texts:
    """Every cell that a replacement would change, with its new text; only columns that are imported."""
    wanted = [
        (index, column.at)
        for index, column in enumerate(store.columns)
        if (search.column is None and column.names) or column.at == search.column
    ]
    found: Texts = {}
    for row, cells in store.scan(search.may_hold, only_bad=search.only_bad):
        for index, at in wanted:
            text = shown(cells[index])
            changed = search.replaced(text, by)
            if changed is not None and changed != text:
                found[(row, at)] = changed
    return found


def acts_of(batch_id: int) -> int:
    """How many acts can be undone."""
    acts = select(ImportCorrection.id).where(ImportCorrection.batch_id == batch_id)
    return len(db.session.scalars(acts).all())


# --- checking again


def _checked_again(batch: ImportBatch, store: RowStore, texts: Mapping[tuple[int, int], str | None]) -> Corrected:
    places = store.set_cells(texts)
    checked = _check(order_of(batch), store, places) if len(places) <= CHECKED_AT_ONCE else None
    if checked is None:
        batch.job_id = jobs.enqueue(check_batch, batch_id=batch.id).id
        return Corrected(len(texts), job_id=batch.job_id)
    plan, places = checked
    store.take_plan(plan, sorted(places))
    numbers = store.document_counts() or store.counts()
    batch.counts = {**batch.counts, **numbers, "rows": store.counts()["rows"], "error_count": store.error_count()}
    after_commit(store.save)
    return Corrected(len(texts), tuple(sorted(places)))


def _check(order: Order, store: RowStore, places: set[int]) -> tuple[Plan, set[int]] | None:
    """The plan of rows and of all that hang together with them; None when those are too many."""
    is_documents = order.spec.lines is not None
    places = places | (store.documents_of(places, above=True) if is_documents else store.same_keys(places))
    while len(places) <= CHECKED_AT_ONCE:
        sheet, layout = _part(store, sorted(places))
        checked = check_sheet(sheet, layout, map_columns(layout, order), order)
        keys = {(number, value) for number, found in enumerate(row_keys(checked)) for value in found if value}
        further = store.with_keys(keys) - places
        if not further:
            return plan_import(checked, order), places
        places |= further | (store.documents_of(further) if is_documents else store.same_keys(further))
    return None


def _part(store: RowStore, places: Iterable[int]) -> tuple[Sheet, Layout]:
    """Some rows of the sheet where they stood; all others blank."""
    rows = store.rows(places)
    height = rows[-1].row + 1 if rows else 0
    width = max((column.at for column in store.columns), default=-1) + 1
    sheet = Sheet(store.sheet, rows=height, width=width, columns=[[None] * height for _column in range(width)])
    for row in rows:
        for column, cell in zip(store.columns, row.cells, strict=True):
            put(sheet, row.row, column.at, cell)
    data = np.array([row.row for row in rows], dtype=np.int64)
    return sheet, Layout(store.header_rows, store.headers, data)
