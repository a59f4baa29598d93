"""Edit levels over documents off a sheet: each that goes beyond the person's own is refused in its cell."""

from __future__ import annotations

from datetime import date

from app.core import levels, totals
from app.core.raw_cells import Problem
from imports.papers import StoredPaper
from imports.pipeline import Checked


def is_within_level(checked: Checked, paper: StoredPaper, figures: totals.Totals, *, on: date, cell: str) -> bool:
    """Whether the actor's level lets a draft be changed as it is stored, and be what the sheet makes of it.

    What stands against it goes to the paper's `cell`. The guard of the session asks again when it is written.
    """
    document, actor = levels.document_of(checked.spec.model), levels.limited_actor()
    if document is None or actor is None:
        return True
    after = levels.Figures(figures.payable, figures.discount, figures.gross, on)
    refusal = levels.refusal_by(actor, document, document.initial, levels.EDIT, after)
    if refusal is None and paper.stored is not None:
        refusal = levels.refusal_of(actor, levels.EDIT, paper.stored)
    if refusal is not None:
        checked.add(cell, paper.places[0], Problem(refusal.code, refusal.message))
    return refusal is None
