"""How a process of production moves: planned → being made → finished, or cancelled.

It starts with the first stage of its first line and finishes with the last stage of its last.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.clock import now
from app.core.errors import GuardRefused
from app.core.levels import Measures
from app.core.workflow import Step, Transition, Workflow
from app.sales.production.models import STATE_LABELS, SUBJECT, Production, ProductionState
from app.sales.production.stages import StagePlan, close

S = ProductionState


def all_lines_are_made(step: Step) -> None:
    """Raises GuardRefused while a line stands at a stage or has not begun, and names it."""
    plan = StagePlan.read()
    waiting = [line.description for line in step.document.lines if not plan.is_through(line)]
    if waiting:
        raise GuardRefused(_l("Not everything is made yet: %(names)s.", names=", ".join(waiting)))


def nothing_was_made(step: Step) -> None:
    """Raises GuardRefused when goods came out already: then the process is finished, not cancelled."""
    if any(line.good_quantity for line in step.document.lines):
        raise GuardRefused(_l("Goods came out of this process already. Finish it instead."))


def keep_start(step: Step) -> None:
    """When the work began."""
    step.document.started_at = step.document.started_at or now()


def keep_end(step: Step) -> None:
    """When the work ended, and what came of each line."""
    step.document.finished_at = now()
    for line in step.document.lines:
        close(line)


FLOW = Workflow(
    name=SUBJECT,
    subject=SUBJECT,
    model=Production,
    states=ProductionState,
    initial=S.PLANNED,
    state_labels=STATE_LABELS,
    measures=Measures(day="planned_on"),
    transitions=(
        Transition("start", (S.PLANNED,), S.RUNNING, "work", _l("Start"), icon="play", before=(keep_start,)),
        Transition("finish", (S.RUNNING,), S.FINISHED, "work", _l("Finish"), icon="flag",
                   guards=(all_lines_are_made,), before=(keep_end,)),
        Transition("cancel", (S.PLANNED, S.RUNNING), S.CANCELLED, "cancel", _l("Cancel the production"),
                   style="danger", icon="x-circle", needs_reason=True, guards=(nothing_was_made,)),
    ),
)  # fmt: skip
