"""How a cheque moves from hand to bank, and what may happen to it there.

What a step does to invoices is not known here: `app.finance.settlement` listens.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.clock import today
from app.core.errors import GuardRefused
from app.core.levels import Measures
from app.core.workflow import Step, Transition, Workflow
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import STATE_LABELS, ChequeState, Direction
from app.finance.years.services import require_open


def is_received(step: Step) -> None:
    """Raises GuardRefused for a cheque of our own."""
    if step.document.direction is not Direction.RECEIVED:
        raise GuardRefused(_l("This is a cheque of our own; only a received one can take this step."))


def is_issued(step: Step) -> None:
    """Raises GuardRefused for a cheque that somebody gave us."""
    if step.document.direction is not Direction.ISSUED:
        raise GuardRefused(_l("This is a received cheque; only one of our own can take this step."))


def comes_with_payment(step: Step) -> None:
    """Raises GuardRefused unless a payment hands the cheque over, or did before the books began."""
    if not step.data.get("payment_id") and not step.data.get("before_books"):
        raise GuardRefused(_l("Hand a cheque over by a payment: choose it there as the method."))


def is_free_of_payment(step: Step) -> None:
    """Raises GuardRefused for an endorsed cheque that no reversed payment gives back."""
    if step.document.state is ChequeState.ENDORSED and not step.data.get("payment_id"):
        raise GuardRefused(_l("Reverse the payment that handed this cheque over; it then comes back to hand."))


def year_is_open(_step: Step) -> None:
    """Raises YearClosed where today's books are closed."""
    require_open(today(), path="")


def note_day(step: Step) -> None:
    """The day of the step, why the bank refused, and that nobody has a cheque that is back in hand."""
    step.document.state_on = today()
    if step.transition.name == "bounce":
        step.document.bounce_reason = step.reason or ""
    if step.transition.name == "take_back":
        step.document.endorsed_to_id = None


CHEQUE_FLOW = Workflow(
    name="finance.cheques",
    subject="finance.cheques",
    model=Cheque,
    states=ChequeState,
    initial=ChequeState.IN_HAND,
    state_labels=STATE_LABELS,
    measures=Measures(amount="amount_rials", day="due_on"),
    transitions=(
        Transition(
            name="deposit",
            sources=(ChequeState.IN_HAND,),
            target=ChequeState.DEPOSITED,
            action="deposit",
            label=_l("Deposit"),
            icon="bank",
            guards=(is_received,),
            before=(note_day,),
        ),
        Transition(
            name="clear",
            sources=(ChequeState.IN_HAND, ChequeState.DEPOSITED, ChequeState.ENDORSED, ChequeState.GIVEN),
            target=ChequeState.CLEARED,
            action="clear",
            label=_l("Cleared"),
            icon="check2-circle",
            guards=(year_is_open,),
            before=(note_day,),
            confirm=_l("Has the bank paid this cheque? What it covers is then paid."),
        ),
        Transition(
            name="unclear",
            sources=(ChequeState.CLEARED,),
            target=ChequeState.DEPOSITED,
            undoes="clear",
            action="unclear",
            label=_l("Not cleared after all"),
            icon="arrow-counterclockwise",
            style="danger",
            guards=(year_is_open,),
            before=(note_day,),
            needs_reason=True,
        ),
        Transition(
            name="bounce",
            sources=(ChequeState.DEPOSITED, ChequeState.ENDORSED, ChequeState.GIVEN),
            target=ChequeState.BOUNCED,
            action="bounce",
            label=_l("Bounced"),
            icon="exclamation-triangle",
            style="danger",
            guards=(year_is_open,),
            before=(note_day,),
            needs_reason=True,
        ),
        Transition(
            name="take_back",
            sources=(ChequeState.BOUNCED, ChequeState.DEPOSITED, ChequeState.ENDORSED),
            target=ChequeState.IN_HAND,
            action="deposit",
            label=_l("Back in hand"),
            icon="arrow-counterclockwise",
            style="secondary",
            guards=(is_received, is_free_of_payment, year_is_open),
            before=(note_day,),
        ),
        Transition(
            name="give_back",
            sources=(ChequeState.IN_HAND, ChequeState.BOUNCED, ChequeState.GIVEN),
            target=ChequeState.RETURNED,
            action="give_back",
            label=_l("Give back"),
            icon="reply",
            style="danger",
            guards=(year_is_open,),
            before=(note_day,),
            needs_reason=True,
        ),
        Transition(
            name="endorse",
            sources=(ChequeState.IN_HAND,),
            target=ChequeState.ENDORSED,
            action="endorse",
            label=_l("Endorse to a supplier"),
            icon="arrow-left-right",
            style="secondary",
            guards=(is_received, comes_with_payment),
            before=(note_day,),
        ),
        Transition(
            name="give",
            sources=(ChequeState.IN_HAND,),
            target=ChequeState.GIVEN,
            action="endorse",
            label=_l("Hand to the payee"),
            icon="arrow-right",
            style="secondary",
            guards=(is_issued, comes_with_payment),
            before=(note_day,),
        ),
    ),
)
