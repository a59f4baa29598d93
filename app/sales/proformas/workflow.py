"""How a proforma moves: draft → approved → sent → accepted → invoiced, and the ways out.

The number is taken at approval. `expire` is the sweep's, `supersede` that of a new revision; what is
invoiced moves it by the ledger alone (see progress).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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
from app.sales.proformas.kinds import (
    INVOICING,
    LIVE,
    OFFERED,
    POLICIES,
    REVISABLE,
    STATE_LABELS,
    ProformaKind,
    ProformaState,
)
from app.sales.proformas.models import CLASS_OF, Proforma
from app.sales.proformas.rules import is_above

S = ProformaState
LEDGER = Actor.system("proformas")
"""Who moves proformas when invoices come of them or are gone, and when their days are over."""
_revising: ContextVar[bool] = ContextVar("kartabl_revising", default=False)


@contextmanager
def revising() -> Iterator[None]:
    """While a new revision is made the old one can be superseded."""
    token = _revising.set(True)
    try:
        yield
    finally:
        _revising.reset(token)


def is_revised(_proforma: Proforma) -> bool:
    """Whether a new revision is being made."""
    return _revising.get()


def by_ledger(_proforma: Proforma) -> bool:
    """Whether the ledger or the sweep is at work."""
    return current() is LEDGER


def _was(state: ProformaState, proforma: Proforma) -> bool:
    """Whether `state` was the last one before something was invoiced."""
    if proforma.accepted_at is not None:
        return state is S.ACCEPTED
    return state is (S.SENT if proforma.sent_at is not None else S.APPROVED)


def has_lines(step: Step) -> None:
    """Raises GuardRefused for a proforma without lines."""
    if not step.document.lines:
        raise GuardRefused(_l("A proforma without lines cannot be approved."), path="lines")


def still_stands(step: Step) -> None:
    """Raises GuardRefused where the last day of the offer has passed."""
    if step.document.valid_until < today():
        raise GuardRefused(_l("The last day of this offer has passed. Give it a later one."), path="valid_until")


def within_rules(step: Step) -> None:
    """Raises GuardRefused above the thresholds of the rules; the right `approve_above` lets it pass."""
    proforma: Proforma = step.document
    if is_above(proforma) and not step.actor.can("approve_above", POLICIES[proforma.kind].subject):
        raise GuardRefused(
            _l("Its discount or amount is above what you may approve. Ask somebody who may approve more.")
        )


def has_no_invoices(step: Step) -> None:
    """Raises GuardRefused while an invoice that was made from it stands, and names it."""
    links = conversions.links_from(step.document)
    if links:
        names = ", ".join(conversions.names_of(links))
        raise GuardRefused(_l("Cancel what was made from this proforma first: %(names)s.", names=names))


def give_number(step: Step) -> None:
    """Number and year, unless the revision before gave them; who approved, and when."""
    proforma: Proforma = step.document
    proforma.approved_at, proforma.approved_by_id = now(), step.actor.user_id
    if proforma.number is None:
        proforma.fiscal_year = fiscal_year(today())
        proforma.number = take_number(
            db.session(),
            kind=POLICIES[proforma.kind].series,
            branch_id=proforma.branch_id,
            fiscal_year=proforma.fiscal_year,
            on=today(),
        )
    proforma.fill_search_text()


def keep_sent(step: Step) -> None:
    """When it went out."""
    step.document.sent_at = now()


def keep_accepted(step: Step) -> None:
    """When it was accepted."""
    step.document.accepted_at = now()


def free_rest(step: Step) -> None:
    """Give back to the order what did not become an invoice."""
    conversions.release(step.document, keep=conversions.taken_of(step.document, INVOICING))


def _ways() -> tuple[Transition, ...]:
    """The steps that people take."""
    return (
        Transition("approve", (S.DRAFT,), S.APPROVED, "approve", _l("Approve"), icon="check2-circle",
                   guards=(has_lines, still_stands, within_rules), before=(give_number,)),
        Transition("send", (S.APPROVED,), S.SENT, "send", _l("Mark as sent"), style="secondary", icon="send",
                   guards=(still_stands,), before=(keep_sent,)),
        Transition("accept", OFFERED, S.ACCEPTED, "answer", _l("Accepted"), style="secondary",
                   icon="check-lg", guards=(still_stands,), before=(keep_accepted,),
                   confirm=_l("Note that the offer was accepted?")),
        Transition("reject", (*OFFERED, S.ACCEPTED, S.PARTLY_INVOICED), S.REJECTED, "answer", _l("Refused"),
                   style="secondary", icon="x-lg", needs_reason=True, after=(free_rest,)),
        Transition("cancel", (S.DRAFT, *LIVE), S.CANCELLED, "cancel", _l("Cancel the proforma"),
                   style="danger", icon="x-circle", needs_reason=True, guards=(has_no_invoices,), after=(free_rest,)),
    )  # fmt: skip


def _own_ways() -> tuple[Transition, ...]:
    """The steps that follow from something else."""
    back = tuple(
        Transition(f"back_to_{state.value}", (S.PARTLY_INVOICED, S.INVOICED), state, "answer", STATE_LABELS[state],
                   applies=lambda proforma, state=state: by_ledger(proforma) and _was(state, proforma))  # type: ignore[misc]
        for state in (S.APPROVED, S.SENT, S.ACCEPTED)
    )  # fmt: skip
    return (
        Transition("expire", OFFERED, S.EXPIRED, "answer", _l("Expire"), applies=by_ledger, after=(free_rest,)),
        Transition("supersede", REVISABLE, S.SUPERSEDED, "revise", _l("Supersede"),
                   applies=is_revised, guards=(has_no_invoices,)),
        Transition("invoice_part", (*OFFERED, S.ACCEPTED, S.INVOICED), S.PARTLY_INVOICED, "answer",
                   _l("Partly invoiced"), applies=by_ledger),
        Transition("invoice_all", LIVE, S.INVOICED, "answer", _l("Invoiced"), applies=by_ledger),
        *back,
    )  # fmt: skip


def _flow(kind: ProformaKind) -> Workflow:
    subject = POLICIES[kind].subject
    return Workflow(
        name=subject,
        subject=subject,
        model=CLASS_OF[kind],
        states=ProformaState,
        initial=ProformaState.DRAFT,
        state_labels=STATE_LABELS,
        transitions=(*_ways(), *_own_ways()),
        measures=Measures(amount="payable_rials", discount=("discount_rials", "gross_rials"), day="proforma_on"),
    )


FLOWS = {kind: _flow(kind) for kind in ProformaKind}
"""The workflow of each kind: the same steps, under the rights of the kind's own subject."""


def flow_of(proforma: Proforma) -> Workflow:
    """The workflow that a proforma moves by."""
    return FLOWS[proforma.kind]
