"""How a fiscal year moves: open → closed, and open again by who may."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.workflow import Transition, Workflow
from app.finance.years.models import STATE_LABELS, FiscalYear, YearState

YEAR_FLOW = Workflow(
    name="finance.years",
    subject="finance.years",
    model=FiscalYear,
    states=YearState,
    initial=YearState.OPEN,
    state_labels=STATE_LABELS,
    transitions=(
        Transition(
            name="close",
            sources=(YearState.OPEN,),
            target=YearState.CLOSED,
            action="close",
            label=_l("Close the year"),
            icon="lock",
            style="danger",
            confirm=_l("Close this fiscal year? Nothing dated in it can be issued or settled any more."),
        ),
        Transition(
            name="reopen",
            sources=(YearState.CLOSED,),
            target=YearState.OPEN,
            action="reopen",
            label=_l("Open the year again"),
            icon="unlock",
            needs_reason=True,
        ),
    ),
)
