"""How a receipt or payment moves: draft → posted → reversed. The number is taken last."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.calendar import fiscal_year, jalali_year_range
from app.core.clock import now, today
from app.core.db import db
from app.core.errors import GuardRefused
from app.core.levels import Measures
from app.core.numbering import take_number
from app.core.workflow import Step, Transition, Workflow
from app.finance.cheques.entry import read_cheque
from app.finance.cheques.models import Cheque
from app.finance.cheques.services import register
from app.finance.cheques.states import ChequeState
from app.finance.cheques.workflow import CHEQUE_FLOW
from app.finance.settlement.allocation import settle, unsettle
from app.finance.settlement.entry import Reader
from app.finance.settlement.models import SUBJECT, Payment, PaymentLine
from app.finance.settlement.rules import check_write_off, direction_of, written_off
from app.finance.settlement.states import STATE_LABELS, PaymentKind, PaymentState
from app.finance.years.services import require_open

SERIES = {PaymentKind.RECEIPT: "payment.receipt", PaymentKind.PAYMENT: "payment.payment"}
HELD = frozenset({ChequeState.DEPOSITED, ChequeState.CLEARED})


def has_lines(step: Step) -> None:
    """Raises GuardRefused for a payment of nothing."""
    if not step.document.lines:
        raise GuardRefused(_l("Enter at least one amount."), path="lines")


def year_is_open(step: Step) -> None:
    """Raises YearClosed for a date whose books are closed."""
    require_open(step.document.paid_on, path="paid_on")


def today_is_open(_step: Step) -> None:
    """Raises YearClosed where today's books are closed: a reversal is booked today."""
    require_open(today(), path="")


def may_write_off(step: Step) -> None:
    """Raises NotAllowed or WriteOffTooLarge."""
    check_write_off(written_off((line.method, line.amount_rials) for line in step.document.lines))


def cheques_can_come_back(step: Step) -> None:
    """Raises GuardRefused while a cheque of the payment is somewhere where it cannot be taken back."""
    for line in step.document.lines:
        cheque: Cheque | None = line.cheque
        is_passed_on = (
            cheque is not None and cheque.state is ChequeState.ENDORSED and step.document.kind is PaymentKind.RECEIPT
        )
        if cheque is not None and (cheque.state in HELD or is_passed_on):
            raise GuardRefused(
                _l("%(cheque)s is deposited, cleared or endorsed. Take it back into hand first.", cheque=str(cheque))
            )


def take_cheques(step: Step) -> None:
    """Typed cheques into the register, endorsed ones out of hand."""
    payment: Payment = step.document
    for place, line in enumerate(payment.lines):
        if line.cheque_entry is not None:
            line.cheque = _registered(payment, line, f"lines[{place}].cheque")
        if line.cheque is None or payment.kind is PaymentKind.RECEIPT:
            continue
        is_ours = line.cheque_entry is not None
        if not is_ours:
            line.cheque.endorsed_to_id = payment.customer_id
        CHEQUE_FLOW.apply(line.cheque, "give" if is_ours else "endorse", actor=step.actor, payment_id=payment.id)
    db.session.flush()


def _registered(payment: Payment, line: PaymentLine, path: str) -> Cheque:
    reader = Reader()
    entry = read_cheque(reader, line.cheque_entry, path, amount=line.amount_rials)
    reader.close()
    if entry is None:
        raise GuardRefused(_l("Enter at least one amount."), path=path)
    return register(
        entry,
        direction=direction_of(payment.kind),
        customer=payment.customer,
        department_id=payment.department_id,
        owner_id=payment.owner_id,
        path=f"{path}.sayad_id",
    )


def settle_items(step: Step) -> None:
    """Match what was chosen, or the oldest due."""
    settle(step.document)


def give_number(step: Step) -> None:
    """Number, fiscal year and moment of posting.

    Numbers rise in the order of posting: a receipt of yesterday may be entered after one of today.
    """
    payment: Payment = step.document
    payment.posted_at, payment.posted_by_id = now(), step.actor.user_id
    payment.fiscal_year = fiscal_year(payment.paid_on)
    payment.number = take_number(
        db.session(),
        kind=SERIES[payment.kind],
        branch_id=payment.branch_id,
        fiscal_year=payment.fiscal_year,
        on=jalali_year_range(payment.fiscal_year)[0],
    )
    payment.fill_search_text()


def give_cheques_back(step: Step) -> None:
    """Cheques that came with the payment leave the register, endorsed ones are in hand again."""
    for line in step.document.lines:
        cheque: Cheque | None = line.cheque
        if cheque is None:
            continue
        if cheque.state is ChequeState.ENDORSED:
            CHEQUE_FLOW.apply(cheque, "take_back", actor=step.actor, payment_id=step.document.id)
            cheque.endorsed_to_id = None
        elif line.cheque_entry is not None and cheque.state in (ChequeState.IN_HAND, ChequeState.GIVEN):
            CHEQUE_FLOW.apply(cheque, "give_back", actor=step.actor, reason=step.reason)
    db.session.flush()


def unsettle_items(step: Step) -> None:
    """Open again exactly what the payment closed."""
    unsettle(step.document, reason=step.reason or "")


PAYMENT_FLOW = Workflow(
    name=SUBJECT,
    subject=SUBJECT,
    model=Payment,
    states=PaymentState,
    initial=PaymentState.DRAFT,
    state_labels=STATE_LABELS,
    measures=Measures(amount="amount_rials", day="paid_on"),
    transitions=(
        Transition(
            name="post",
            sources=(PaymentState.DRAFT,),
            target=PaymentState.POSTED,
            action="post",
            label=_l("Book it"),
            icon="check2-circle",
            guards=(has_lines, year_is_open, may_write_off),
            before=(take_cheques, settle_items, give_number),
            seals=True,
        ),
        Transition(
            name="reverse",
            sources=(PaymentState.POSTED,),
            target=PaymentState.REVERSED,
            action="reverse",
            label=_l("Reverse"),
            icon="arrow-counterclockwise",
            style="danger",
            guards=(cheques_can_come_back, today_is_open),
            before=(give_cheques_back, unsettle_items),
            needs_reason=True,
        ),
    ),
)
