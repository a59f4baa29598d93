"""Scans of signatures: given, replaced, opened; every opening is written down."""

from __future__ import annotations

from collections.abc import Sequence

from flask import has_request_context, request
from flask_babel import lazy_gettext as _l
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock, vault
from app.core.actor import Actor, current, require_current
from app.core.calendar import format_datetime
from app.core.db import db
from app.core.errors import DomainError, GuardRefused, NotAllowed, NotFound
from app.core.formats import lang
from app.office.signatures import ink
from app.office.signatures.models import STAMP, ScanState, SignatureInk, SignatureScan, SignatureView, ViewReason
from app.office.signatures.scan_workflow import GIVE, SCANS, SUBJECT, active_scan, owns, was_given_before
from app.org.employees.models import Employee

PURPOSE = "signature scan"


class NothingSent(DomainError):
    """Neither a drawing nor a file."""

    code = "required"
    default_message = _l("Draw the signature, or choose a photo of it.")


def key_of(employee_id: int) -> str:
    """The owner key of a person."""
    return f"employee:{employee_id}"


def give(picture: Image.Image, *, owner_key: str) -> SignatureScan:
    """Take a picture as somebody's signature: the owner's first one at once, a later one after a second person.

    What waited before is declined. Raises NotAllowed, NoInk, NotFound, GuardRefused.
    """
    actor = require_current()
    actor.require(GIVE, SUBJECT)
    scan = SignatureScan(owner_key=owner_key, employee_id=_employee_of(owner_key), asked_at=clock.now())
    scan.is_by_owner, scan.asked_by_id = owns(actor, scan), actor.user_id
    if not (scan.is_by_owner or actor.is_admin):
        raise NotAllowed
    is_later = was_given_before(scan)
    if not scan.is_by_owner and not is_later:
        raise NotAllowed(_l("The first signature is given by its owner alone."))
    content = ink.taken_off_paper(picture)
    waiting = waiting_scan(owner_key)
    if waiting is not None:
        SCANS.apply(waiting, "decline", actor=actor)
    db.session.add(scan)
    db.session.flush()
    db.session.add(SignatureInk(scan_id=scan.id, sealed=vault.encrypt(content, purpose=PURPOSE, owner=_bound(scan))))
    db.session.flush()
    if not is_later:
        SCANS.apply(scan, "take", actor=actor)
    return scan


def _employee_of(owner_key: str) -> int | None:
    if owner_key == STAMP:
        return None
    person = db.session.get(Employee, int(owner_key.removeprefix("employee:")))
    if person is None:
        raise NotFound(owner=owner_key)
    return person.id


def decide(scan_id: int, step: str) -> SignatureScan:
    """Confirm or decline what waits, or retire what is in use. Raises NotFound, NotAllowed, IllegalTransition."""
    actor = require_current()
    scan = seen_scan(scan_id)
    SCANS.apply(scan, step, actor=actor)
    return scan


def seen_scan(scan_id: int) -> SignatureScan:
    """A scan that the actor may look at: the owner, administrators. Raises NotFound."""
    actor = require_current()
    scan = db.session.get(SignatureScan, scan_id)
    if scan is None or not may_look(actor, scan):
        raise NotFound(scan_id=scan_id)
    return scan


def may_look(actor: Actor, scan: SignatureScan) -> bool:
    """Whether somebody may see the marked copy."""
    return actor.can(GIVE, SUBJECT) and (actor.is_admin or owns(actor, scan))


def waiting_scan(owner_key: str) -> SignatureScan | None:
    """What waits for the second person."""
    query = select(SignatureScan).where(SignatureScan.owner_key == owner_key, SignatureScan.state == ScanState.WAITING)
    return db.session.scalars(query).first()


def scans_of(owner_key: str) -> Sequence[SignatureScan]:
    """All that an owner gave, the newest first."""
    query = select(SignatureScan).where(SignatureScan.owner_key == owner_key).order_by(SignatureScan.id.desc())
    people = (
        joinedload(SignatureScan.employee),
        joinedload(SignatureScan.asked_by),
        joinedload(SignatureScan.decided_by),
    )
    return db.session.scalars(query.options(*people).limit(50)).all()


def usable_scan(owner_key: str) -> SignatureScan:
    """The scan that an owner signs with. Raises GuardRefused before there is one."""
    scan = active_scan(owner_key)
    if scan is None:
        words = _l("The company has no stamp yet.") if owner_key == STAMP else _l("Give your signature first.")
        raise GuardRefused(words)
    return scan


# Opening: the only functions that read the ink ---------------------------------------------------


def preview(scan: SignatureScan) -> bytes:
    """A coarse copy with the viewer's name and the time across it; the look is written down (flushed)."""
    seen = note_view(scan, ViewReason.PREVIEW)
    lines = (seen.viewer_name, format_datetime(seen.at, lang()))
    return ink.marked_copy(_opened(scan), lines, rtl=lang() == "fa")


def for_paper(scan: SignatureScan, *, document: str) -> bytes:
    """The copy that stands on a paper; its use is written down (flushed)."""
    note_view(scan, ViewReason.PRINT, document=document)
    return ink.printed_copy(_opened(scan))


def note_view(scan: SignatureScan, reason: ViewReason, *, document: str = "") -> SignatureView:
    """Write down that a scan is opened by whoever acts now."""
    actor = current()
    seen = SignatureView(
        scan_id=scan.id,
        at=clock.now(),
        viewer_id=actor.user_id if actor else None,
        viewer_name=(actor.name if actor else "system")[:200],
        reason=reason,
        document=document[:200],
        address=(request.remote_addr or "")[:45] if has_request_context() else "",
    )
    db.session.add(seen)
    db.session.flush()
    return seen


def _opened(scan: SignatureScan) -> bytes:
    found = db.session.get_one(SignatureInk, scan.id)
    return vault.decrypt(found.sealed, purpose=PURPOSE, owner=_bound(scan))


def _bound(scan: SignatureScan) -> str:
    """What the encryption is bound to: this scan of this owner, so that rows cannot be exchanged."""
    return f"{scan.owner_key}#{scan.id}"
