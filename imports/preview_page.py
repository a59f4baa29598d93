"""What the page of a preview says: its words, its addresses, the columns of its grid."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.formats import num
from app.core.sheets import sheet_named
from imports import preview
from imports.batches import rows_of
from imports.layout import Skipped
from imports.models import ImportBatch
from imports.row_store import RowsGone, RowStore, open_rows

TONES = {"new": "ok", "updated": "info", "same": "muted", "skipped": "warn", "error": "bad"}


def page_data(batch: ImportBatch) -> dict[str, Any] | None:
    """Everything that the grid starts with; None when the rows are no longer kept."""
    try:
        with open_rows(rows_of(batch)) as store:
            return {
                "columns": _columns(batch, store),
                "summary": preview.summary(store),
                "left_out": [_left_out(Skipped(why), count) for why, count in store.left_out.items()],
                "tones": TONES,
                "labels": verdict_labels(),
                "words": _words(),
                "urls": {
                    name: url_for(f"{view}.{name}", batch_id=batch.id)
                    for view, name in (
                        ("PreviewView", "rows"), ("PreviewView", "correct"), ("PreviewView", "replace"),
                        ("PreviewView", "undo"), ("ImportView", "wait"),
                    )
                },
            }  # fmt: skip
    except RowsGone:
        return None


def verdict_labels() -> dict[str, str]:
    """What becomes of a row, in words."""
    return {
        "new": _("New"),
        "updated": _("Updated"),
        "same": _("Same as stored"),
        "skipped": _("Left alone"),
        "error": _("With errors"),
    }


def _columns(batch: ImportBatch, store: RowStore) -> list[dict[str, Any]]:
    labels = {column.name: str(column.label) for column in sheet_named(batch.spec).all_columns}
    return [
        {
            "letter": column.letter,
            "header": column.header,
            "names": list(column.names),
            "label": " · ".join(labels[name] for name in column.names if name in labels),
        }
        for column in store.columns
    ]


def _left_out(why: Skipped, count: int) -> str:
    shown = num(count)
    sentences = {
        Skipped.BLANK: ngettext("%(count)s blank row", "%(count)s blank rows", count, count=shown),
        Skipped.TOTALS: ngettext("%(count)s row of totals", "%(count)s rows of totals", count, count=shown),
        Skipped.NOTE: ngettext("%(count)s note", "%(count)s notes", count, count=shown),
        Skipped.REPEATED_HEADER: ngettext(
            "%(count)s repeated header", "%(count)s repeated headers", count, count=shown
        ),
        Skipped.HELP: ngettext("%(count)s row of help", "%(count)s rows of help", count, count=shown),
        Skipped.HIDDEN: ngettext("%(count)s hidden row", "%(count)s hidden rows", count, count=shown),
    }
    return sentences[why]


def _words() -> dict[str, str]:
    return {
        "row": _("Row"),
        "verdict": _("What happens"),
        "why": _("Why"),
        "before": _("In the file: {before}"),
        "failed": _("That did not reach the server. Try again."),
        "acts": _("{count} corrections can be taken back"),
        "window": _("{from} to {to} of {total}"),
        "documents": _("{count} documents: {parts}"),
        "errors": _("{count} cells are still wrong"),
        "ready": _("All rows are right."),
        "nothing": _("Nothing was found."),
        "hits": _("{count} cells."),
        "example": _("{cell}: {before} ← {after}"),
        "sure": _("Change {count} cells?"),
        "replace": _("Replace"),
        "replaced": _("{count} cells were changed."),
    }
