"""From a scan that was sent to one that is in use: alone the first time, by two people ever after."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.errors import GuardRefused, NotAllowed
from app.core.workflow import Step, Transition, Workflow
from app.office.signatures.models import SCAN_LABELS, STAMP, ScanState, SignatureScan

SUBJECT = "office.signatures"
GIVE, KEEP_STAMP = "give", "keep_stamp"


def owns(actor: Actor, scan: SignatureScan) -> bool:
    """Whether somebody is the owner: the person whose signature it is, or a keeper of the stamp."""
    if scan.owner_key == STAMP:
        return (f"can_{KEEP_STAMP}", SUBJECT) in actor.rights
    return actor.user_id is not None and scan.employee_id == actor.user_id


def was_given_before(scan: SignatureScan) -> bool:
    """Whether the owner had one in use already, now or once."""
    used = (ScanState.ACTIVE, ScanState.RETIRED)
    query = select(SignatureScan.id).where(SignatureScan.owner_key == scan.owner_key, SignatureScan.state.in_(used))
    return db.session.scalars(query.limit(1)).first() is not None


def is_first_and_own(step: Step) -> None:
    """Raises NotAllowed for somebody else's, GuardRefused for one that replaces another."""
    if not owns(step.actor, step.document):
        raise NotAllowed(_l("The first signature is given by its owner alone."))
    if was_given_before(step.document):
        raise GuardRefused(_l("There is a signature already. Ask for its replacement."))


def is_the_second_person(step: Step) -> None:
    """Raises NotAllowed for who asked, and for anybody but the owner or an administrator."""
    scan, actor = step.document, step.actor
    other = actor.is_admin if scan.is_by_owner else owns(actor, scan)
    if not other or actor.user_id is None or actor.user_id == scan.asked_by_id:
        raise NotAllowed(_l("A replacement is confirmed by the other one of the two: the owner or an administrator."))


def is_one_of_the_two(step: Step) -> None:
    """Raises NotAllowed for anybody but the owner and administrators."""
    if not (step.actor.is_admin or owns(step.actor, step.document)):
        raise NotAllowed


def note_decision(step: Step) -> None:
    step.document.decided_by_id, step.document.decided_at = step.actor.user_id, clock.now()


def retire_present(step: Step) -> None:
    """The one in use until now stays for what it signed, and is used no more."""
    present = active_scan(step.document.owner_key)
    if present is not None:
        SCANS.apply(present, "retire", actor=step.actor)


def active_scan(owner_key: str) -> SignatureScan | None:
    """The scan that an owner signs with; None before the first."""
    query = select(SignatureScan).where(SignatureScan.owner_key == owner_key, SignatureScan.state == ScanState.ACTIVE)
    return db.session.scalars(query).first()


_WAITS = (ScanState.WAITING,)
SCANS = Workflow(
    name="office.signature_scans",
    subject=SUBJECT,
    model=SignatureScan,
    states=ScanState,
    initial=ScanState.WAITING,
    state_labels=SCAN_LABELS,
    transitions=(
        Transition(
            "take", _WAITS, ScanState.ACTIVE, GIVE, _l("Give one's own signature"),
            guards=(is_first_and_own,), before=(note_decision,),
        ),
        Transition(
            "confirm", _WAITS, ScanState.ACTIVE, GIVE, _l("Confirm the replacement"),
            guards=(is_the_second_person,), before=(retire_present, note_decision),
        ),
        Transition(
            "decline", _WAITS, ScanState.DECLINED, GIVE, _l("Decline"), guards=(is_one_of_the_two,),
            before=(note_decision,), style="danger",
        ),
        Transition(
            "retire", (ScanState.ACTIVE,), ScanState.RETIRED, GIVE, _l("Use no more"), guards=(is_one_of_the_two,),
            style="danger",
        ),
    ),
)  # fmt: skip
