"""How a document moves: ready → file written → sent → accepted or refused, and again after a refusal."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.workflow import Step, Transition, Workflow
from app.finance.moadian.codes import STATE_LABELS, DocumentState
from app.finance.moadian.models import TaxDocument
from app.finance.moadian.sending import hand_over
from app.finance.moadian.services import rebuild

SUBJECT = "finance.moadian"
_S = DocumentState


def _keep_error(step: Step) -> None:
    step.document.error = step.reason or ""


def _forget_error(step: Step) -> None:
    step.document.error = ""


def _count_attempt(step: Step) -> None:
    step.document.attempts += 1


def _hand_over(step: Step) -> None:
    """The sender takes the document; one that talks to the tax system itself has then sent it."""
    delivery = hand_over(step.document)
    if delivery.is_sent:
        step.workflow.apply(step.document, "mark_sent", actor=step.actor, reason=delivery.place)


DOCUMENT_FLOW = Workflow(
    name=SUBJECT,
    subject=SUBJECT,
    model=TaxDocument,
    states=DocumentState,
    initial=_S.READY,
    state_labels=STATE_LABELS,
    transitions=(
        Transition(
            name="write",
            sources=(_S.READY,),
            target=_S.WRITTEN,
            action="send",
            label=_l("Write the file"),
            icon="file-earmark-arrow-down",
            before=(_count_attempt,),
            after=(_hand_over,),
        ),
        Transition(
            name="mark_sent",
            sources=(_S.WRITTEN,),
            target=_S.SENT,
            action="send",
            label=_l("Mark as sent"),
            icon="send",
        ),
        Transition(
            name="accept",
            sources=(_S.WRITTEN, _S.SENT),
            target=_S.ACCEPTED,
            action="send",
            label=_l("Mark as accepted"),
            icon="check2-circle",
            before=(_forget_error,),
        ),
        Transition(
            name="reject",
            sources=(_S.WRITTEN, _S.SENT),
            target=_S.REJECTED,
            action="send",
            label=_l("Mark as refused"),
            icon="x-circle",
            style="danger",
            needs_reason=True,
            before=(_keep_error,),
        ),
        Transition(
            name="retry",
            sources=(_S.WRITTEN, _S.REJECTED),
            target=_S.READY,
            action="send",
            label=_l("Prepare again"),
            icon="arrow-repeat",
            before=(rebuild, _forget_error),
            confirm=_l("Make this document anew, with the product and unit codes of now, under the same tax ID?"),
        ),
    ),
)
