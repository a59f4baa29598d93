"""What a batch looks like before it is stored, as JSON: for the page's grid and for programs.

Rows count from 1 and columns are letters, as in Excel and in `import --json`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from app.core.db import db
from app.core.errors import FieldError, Invalid
from imports import corrections, replacing
from imports.batches import own_batch, rows_of
from imports.corrections import Corrected, Search, open_for_correction
from imports.models import ImportBatch
from imports.plans import Verdict
from imports.row_store import KeptRow, RowStore, Show, is_correction, open_rows, original, shown
from imports.rows import column_number

PAGE = 100
MOST_ROWS = 500
EXAMPLES = 5
SHOWN = ("all", "errors", "corrected", *(verdict.value for verdict in Verdict))


def summary(store: RowStore) -> dict[str, Any]:
    """Counts that add up to `rows`, the documents' too, and the errors by kind."""
    kinds = [
        {"name": k.name, "header": k.header, "code": k.code, "message": k.message, "count": k.count}
        for k in store.kinds()
    ]
    return {
        "counts": store.counts(),
        "documents": store.document_counts(),
        "error_count": store.error_count(),
        "left_out": store.left_out,
        "warnings": store.warnings,
        "kinds": kinds,
    }


def window(batch: ImportBatch, args: Mapping[str, str]) -> dict[str, Any]:
    """A window of the rows: `show`, `name`, `code`, `offset`, `size`, or `row` to stand at.

    Raises Invalid, RowsGone.
    """
    show = Show(args.get("show") or "all", args.get("name") or "", args.get("code") or "")
    if show.what not in SHOWN:
        raise Invalid([FieldError("show", "unknown", _("Use one of: %(allowed)s.", allowed=", ".join(SHOWN)))])
    size = max(1, min(_number(args, "size", PAGE), MOST_ROWS))
    with open_rows(rows_of(batch)) as store:
        offset = _number(args, "offset", 0)
        if args.get("row"):
            offset = store.offset_of(_number(args, "row", 1) - 1, show) // size * size
        total, rows = store.page(show, offset=offset, limit=size)
        return {
            "total": total, "offset": offset, "rows": [row_json(store, row) for row in rows],
            "acts": corrections.acts_of(batch.id), **summary(store),
        }  # fmt: skip


def errors(batch: ImportBatch, args: Mapping[str, str]) -> dict[str, Any]:
    """Bad cells as `import --json` names them, from `offset` on. Raises Invalid, RowsGone."""
    offset, size = _number(args, "offset", 0), max(1, min(_number(args, "size", 1_000), 10_000))
    with open_rows(rows_of(batch)) as store:
        found = [error for place, error in enumerate(store.errors()) if offset <= place < offset + size]
        return {"total": store.error_count(), "offset": offset, "errors": found}


def row_json(store: RowStore, row: KeptRow) -> dict[str, Any]:
    """A row: its cells by letter, which of them were corrected (with what the file says), its errors."""
    letters = {column.at: column.letter for column in store.columns}
    pairs = [(column.letter, cell) for column, cell in zip(store.columns, row.cells, strict=True)]
    return {
        "row": row.row + 1,
        "verdict": row.verdict,
        "cells": {letter: shown(cell) for letter, cell in pairs if cell is not None},
        "corrected": {letter: shown(original(cell)) for letter, cell in pairs if is_correction(cell)},
        "errors": [
            {"column": "" if at is None else letters.get(at, ""), "code": code, "message": message}
            for at, code, message in row.errors
        ],
    }


def correct(batch_id: int, sent: Any) -> dict[str, Any]:
    """Correct cells: {"cells": [{"row", "column", "text"}]}; commits. Raises Invalid, NotCorrectable."""
    own_batch(batch_id)
    texts = read_cells(sent)
    return _act(batch_id, lambda batch, store: corrections.correct(batch, store, texts))


def undo(batch_id: int) -> dict[str, Any]:
    """Take the last correction back; commits."""
    return _act(batch_id, corrections.undo)


def replace(batch_id: int, sent: Any) -> dict[str, Any]:
    """Find and replace: {"find", "replace", "column", "whole", "only_bad", "preview"}.

    With `preview` nothing changes: how many cells would, with some examples. In a large file a job
    does it, which the answer names.
    """
    batch = own_batch(batch_id)
    search, by = _read_search(sent)
    if sent.get("preview"):
        with open_rows(rows_of(batch)) as store:
            texts = corrections.found_cells(store, search, by)
            return {"count": len(texts), "examples": _examples(store, texts)}
    return _act(batch_id, lambda batch, store: _replace(batch, store, search, by))


def _replace(batch: ImportBatch, store: RowStore, search: Search, by: str) -> Corrected:
    if store.counts()["rows"] > replacing.AT_ONCE:
        return Corrected(job_id=replacing.ask_to_replace(batch, search, by))
    return corrections.correct(batch, store, corrections.found_cells(store, search, by))


def _act(batch_id: int, work: Callable[[ImportBatch, RowStore], Corrected]) -> dict[str, Any]:
    batch = own_batch(batch_id)
    store = open_for_correction(batch)
    try:
        done = work(batch, store)
        rows = [] if done.job_id else [row_json(store, row) for row in store.rows(done.places)]
        answer = {"cells": done.cells, "job": done.job_id, "rows": rows, "acts": corrections.acts_of(batch.id)}
        if done.job_id is None:
            answer |= summary(store)
        db.session.commit()
        return answer
    finally:
        store.close()


def read_cells(sent: Any) -> corrections.Texts:
    """What a page or a program sends as corrections. Raises Invalid with every bad one."""
    cells = sent.get("cells") if isinstance(sent, dict) else None
    if not isinstance(cells, list):
        raise Invalid([FieldError("cells", "type", _("Send a list of cells with row, column and text."))])
    texts: corrections.Texts = {}
    bad = []
    for place, cell in enumerate(cells):
        read = _read_cell(cell)
        if read is None:
            bad.append(FieldError(f"cells[{place}]", "cell", _("A cell has a row from 1, a column letter and a text.")))
        else:
            texts[read[0]] = read[1]
    if bad:
        raise Invalid(bad)
    return texts


def _read_cell(cell: Any) -> tuple[tuple[int, int], str] | None:
    if not isinstance(cell, dict):
        return None
    row, column, text = cell.get("row"), cell.get("column"), cell.get("text")
    if row.__class__ is not int or not 1 <= row <= 1 << 21 or not isinstance(text, str):
        return None
    if not isinstance(column, str) or not re.fullmatch("[A-Z]{1,3}", column):
        return None
    return (row - 1, column_number(column) or 0), text.strip()


def _read_search(sent: Any) -> tuple[Search, str]:
    given = sent if isinstance(sent, dict) else {}
    find, by, column = given.get("find"), given.get("replace", ""), given.get("column") or ""
    is_letter = (
        isinstance(column, str) and column.isascii() and (column == "" or (column.isalpha() and column.isupper()))
    )
    if not isinstance(find, str) or not isinstance(by, str) or not is_letter:
        raise Invalid([FieldError("find", "type", _("Say what is looked for and what stands instead."))])
    if not find and not given.get("whole"):
        raise Invalid([FieldError("find", "required", _("Say what is looked for."))])
    search = Search(find, column_number(column), whole=bool(given.get("whole")), only_bad=bool(given.get("only_bad")))
    return search, by


def _examples(store: RowStore, texts: corrections.Texts) -> list[dict[str, Any]]:
    chosen = dict(sorted(texts.items())[:EXAMPLES])
    places = store.places_of(row for row, _column in chosen)
    found = []
    for (row, at), text in chosen.items():
        kept = store.rows([places[row]])[0]
        index, column = next((i, c) for i, c in enumerate(store.columns) if c.at == at)
        found.append({"row": row + 1, "column": column.letter, "before": shown(kept.cells[index]), "after": text})
    return found


def _number(args: Mapping[str, str], name: str, default: int) -> int:
    text = args.get(name) or ""
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Invalid([FieldError(name, "number", _("This must be a whole number."))])
    return int(text)
