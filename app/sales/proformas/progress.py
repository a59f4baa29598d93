"""What invoices do to a proforma's state, and through it to its order."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from app.core.actor import acting_as
from app.core.db import db
from app.core.scope import unscoped
from app.sales.documents import conversions
from app.sales.orders import progress as orders
from app.sales.proformas.kinds import INVOICING, LIVE, OVER, POLICIES, ProformaState
from app.sales.proformas.models import Proforma
from app.sales.proformas.workflow import LEDGER, flow_of

FOLLOWS = frozenset({*LIVE, ProformaState.INVOICED})
"""States that follow from what is invoiced."""


def invoiced_of(proforma: Proforma) -> dict[int, Decimal]:
    """How much of each line is on issued invoices, by the line's id."""
    return orders.delivered_of(proforma, INVOICING)


def refresh(_subject: str, *, source_id: int) -> None:
    """Bring a proforma's state in line with its invoices, then that of its order."""
    with acting_as(LEDGER), unscoped("the ledger moves a proforma whoever made its invoice"):
        proforma = db.session.scalar(select(Proforma).where(Proforma.id == source_id))
        if proforma is None:
            return
        if proforma.state in FOLLOWS:
            step = _step(proforma)
            if step is not None:
                flow_of(proforma).apply(proforma, step, actor=LEDGER)
        elif proforma.state in OVER:
            conversions.release(proforma, keep=conversions.taken_of(proforma, INVOICING))
        link = conversions.link_to(proforma)
        if link is not None:
            conversions.converted.send(link.source_subject, source_id=link.source_id)


def _step(proforma: Proforma) -> str | None:
    """The step that the invoices ask for; None where the state fits."""
    if not conversions.links_from(proforma):
        goal = _before(proforma)
        return None if proforma.state is goal else f"back_to_{goal.value}"
    done = invoiced_of(proforma)
    is_whole = all(done.get(line.id, 0) >= line.quantity for line in proforma.lines)
    goal = ProformaState.INVOICED if is_whole else ProformaState.PARTLY_INVOICED
    if proforma.state is goal:
        return None
    return "invoice_all" if is_whole else "invoice_part"


def _before(proforma: Proforma) -> ProformaState:
    if proforma.accepted_at is not None:
        return ProformaState.ACCEPTED
    return ProformaState.SENT if proforma.sent_at is not None else ProformaState.APPROVED


def install() -> None:
    """Listen to the ledger of both kinds, and let orders be done through proformas."""
    for policy in POLICIES.values():
        conversions.converted.connect(refresh, sender=policy.subject)
        orders.register_final(policy.subject, invoiced_of)
