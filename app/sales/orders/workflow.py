"""How an order moves: draft → submitted → approved → in progress → done, with hold, cancel and close short.

`start`, `complete` and `resume_work` are taken by the ledger alone, when something is made from the
order or is gone again (see progress); people close an order short.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.actor import Actor, current
from app.core.calendar import fiscal_year
from app.core.clock import now, today
from app.core.db import db
from app.core.errors import GuardRefused
from app.core.levels import Measures
from app.core.numbering import take_number
from app.core.workflow import Step, Transition, Workflow
from app.sales.documents import conversions
from app.sales.orders.credit import within_credit
from app.sales.orders.kinds import LIVE, POLICIES, STATE_LABELS, OrderKind, OrderState
from app.sales.orders.models import CLASS_OF, Order

S = OrderState
MEASURES = Measures(
    amount="payable_rials",
    discount=("discount_rials", "gross_rials"),
    day="order_on",
    actions=(("amend", _l("Amend")),),
)


def has_lines(step: Step) -> None:
    """Raises GuardRefused for an order without lines."""
    if not step.document.lines:
        raise GuardRefused(_l("An order without lines cannot be submitted."), path="lines")


def has_no_children(step: Step) -> None:
    """Raises GuardRefused while something that was made from the order stands, and names it."""
    links = conversions.links_from(step.document)
    if links:
        names = ", ".join(conversions.names_of(links))
        raise GuardRefused(_l("Cancel what was made from this order first: %(names)s.", names=names))


def give_number(step: Step) -> None:
    """Number, year and moment of submission."""
    order: Order = step.document
    if order.number is not None:
        return
    order.submitted_at = now()
    order.fiscal_year = fiscal_year(today())
    order.number = take_number(
        db.session(),
        kind=POLICIES[order.kind].series,
        branch_id=order.branch_id,
        fiscal_year=order.fiscal_year,
        on=today(),
    )
    order.fill_search_text()


def keep_approval(step: Step) -> None:
    """Who approved, and when."""
    step.document.approved_at, step.document.approved_by_id = now(), step.actor.user_id


LEDGER = Actor.system("orders")
"""Who moves orders when their ledger changes."""


def by_ledger(_order: Order) -> bool:
    """Whether the ledger is at work."""
    return current() is LEDGER


def was_approved(order: Order) -> bool:
    """Whether the order was approved before it was put on hold."""
    return order.approved_at is not None


def was_not_approved(order: Order) -> bool:
    """Whether the order still waits for its approval."""
    return order.approved_at is None


def _transitions() -> tuple[Transition, ...]:
    return (
        Transition("submit", (S.DRAFT,), S.SUBMITTED, "submit", _l("Submit"),
                   icon="send", guards=(has_lines,), before=(give_number,)),
        Transition("approve", (S.SUBMITTED,), S.APPROVED, "approve", _l("Approve"),
                   icon="check2-circle", guards=(within_credit,), before=(keep_approval,)),
        Transition("start", (S.APPROVED,), S.IN_PROGRESS, "complete", _l("Start"), icon="play", applies=by_ledger),
        Transition("complete", LIVE, S.DONE, "complete", _l("Mark as done"), icon="check2-all", applies=by_ledger),
        Transition("resume_work", (S.DONE,), S.IN_PROGRESS, "complete", _l("Open again"),
                   icon="arrow-counterclockwise", applies=by_ledger),
        Transition("reopen", (S.CLOSED_SHORT,), S.IN_PROGRESS, "complete", _l("Open again"),
                   style="secondary", icon="arrow-counterclockwise", needs_reason=True),
        Transition("hold", (S.SUBMITTED, *LIVE), S.ON_HOLD, "hold", _l("Put on hold"),
                   style="secondary", icon="pause", needs_reason=True),
        Transition("resume", (S.ON_HOLD,), S.APPROVED, "hold", _l("Resume"), icon="play", applies=was_approved),
        Transition("resume_waiting", (S.ON_HOLD,), S.SUBMITTED, "hold", _l("Resume"),
                   icon="play", applies=was_not_approved),
        Transition("close_short", LIVE, S.CLOSED_SHORT, "complete", _l("Close short"),
                   style="secondary", icon="slash-circle", needs_reason=True,
                   confirm=_l("Close this order although something is left of it?")),
        Transition("cancel", (S.DRAFT, S.SUBMITTED, *LIVE, S.ON_HOLD), S.CANCELLED, "cancel", _l("Cancel the order"),
                   style="danger", icon="x-circle", needs_reason=True, guards=(has_no_children,)),
    )  # fmt: skip


def _flow(kind: OrderKind) -> Workflow:
    subject = POLICIES[kind].subject
    return Workflow(
        name=subject,
        subject=subject,
        model=CLASS_OF[kind],
        states=OrderState,
        initial=OrderState.DRAFT,
        state_labels=STATE_LABELS,
        transitions=_transitions(),
        measures=MEASURES,
    )


FLOWS = {kind: _flow(kind) for kind in OrderKind}
"""The workflow of each kind: the same steps, under the rights of the kind's own subject."""


def flow_of(order: Order) -> Workflow:
    """The workflow that an order moves by."""
    return FLOWS[order.kind]
