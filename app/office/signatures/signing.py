"""Signing and refusing: the right person, in their turn, over the data as they are."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor, current, require_current
from app.core.db import db
from app.core.errors import DomainError, GuardRefused, NotAllowed, NotFound
from app.core.text import clean
from app.office.signatures.digests import digest_of, left_open
from app.office.signatures.models import STAMP, Signature, Signing, Verdict
from app.office.signatures.people import Authority, authorities, post_of
from app.office.signatures.registry import Signable, signable_of
from app.office.signatures.scan_workflow import SUBJECT
from app.office.signatures.scans import key_of, usable_scan
from app.office.signatures.standing import Place, Standing, next_position, standing_of

SIGN = "sign"
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of a code: none that is read as another."""
CODE_LENGTH = 10
LONGEST_REASON = 500


class ReasonMissing(DomainError):
    """A refusal needs a reason."""

    code = "reason_required"
    default_message = _l("Say why you refuse, so that it can be put right.")


def send(record: Any) -> Signing:
    """Send a document for signing: from now on it waits for its places in order. Safe to repeat.

    Raises NotAllowed, GuardRefused for a document without places or in a state where nothing is signed.
    """
    actor = require_current()
    actor.require(SIGN, SUBJECT)
    how = _signable(record)
    if record.state in how.dead:
        raise GuardRefused(_l("This document is not valid any more; nothing is signed on it."))
    found = standing_of(record)
    if not found.places:
        raise GuardRefused(_l("There is no place to sign on this kind of document. Define one first."))
    if found.signing is not None:
        return found.signing
    made = Signing(
        subject=type(record).__subject__, model=how.table, record_id=record.id, code=_new_code(),
        opened_at=clock.now(), opened_by_id=actor.user_id,
        next_position=next_position([place.slot for place in found.places], ()),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def sign(record: Any, slot_id: int) -> Signature:
    """Fill a place of a document with the actor's signature (or the stamp); flushes.

    Raises NotAllowed, NotFound, GuardRefused.
    """
    actor, signing, place, holder = _turn(record, slot_id)
    scan = usable_scan(STAMP if place.slot.uses_stamp else key_of(actor.user_id or 0))
    made = _say(record, signing, place, actor, holder, verdict=Verdict.SIGNED, scan_id=scan.id)
    _count(record, signing)
    return made


def refuse(record: Any, slot_id: int, *, reason: str) -> Signature:
    """Refuse to sign; the others wait until the document is changed or the same person signs. Raises as `sign`."""
    actor, signing, place, holder = _turn(record, slot_id)
    words = clean(reason)[:LONGEST_REASON].strip()
    if not words:
        raise ReasonMissing(path="reason")
    made = _say(record, signing, place, actor, holder, verdict=Verdict.REFUSED, reason=words)
    _count(record, signing)
    return made


def who_for(place: Place, found: Sequence[Authority]) -> Authority | None:
    """In whose place the actor may fill a place now: the own turn first, then that of who is away."""
    signed = {one.signature.holder_id for one in place.given if one.counts}
    return next((one for one in found if one.fills(place.slot) and one.holder_id not in signed), None)


def void(signature: Signature, *, changed: Sequence[str] = ()) -> None:
    """End a signature because the document is not what was signed."""
    if signature.verdict is Verdict.SIGNED:
        signature.verdict = Verdict.VOIDED
    end(signature)
    signature.changed = ",".join(changed)[:500]


def end(signature: Signature) -> None:
    """Let a signature or refusal stand no more; it stays in the history."""
    actor = current()
    signature.is_standing, signature.ended_at = False, clock.now()
    signature.ended_by = (actor.name if actor else "system")[:200]


def _signable(record: Any) -> Signable:
    how = signable_of(record)
    if how is None:
        raise NotFound
    return how


def _turn(record: Any, slot_id: int) -> tuple[Actor, Signing, Place, Authority]:
    """Everything that must hold before somebody says a word; what no longer is true is voided first."""
    signing = send(record)
    db.session.execute(select(Signing.id).where(Signing.id == signing.id).with_for_update())
    db.session.expire(signing, ["signatures"])
    actor, found = require_current(), standing_of(record)
    for one in [one for place in found.places for one in place.given if not one.is_true]:
        void(one.signature)
    db.session.flush()
    found = standing_of(record)
    place = next((place for place in found.places if place.slot.id == slot_id and place.slot.is_active), None)
    if place is None:
        raise NotFound(slot_id=slot_id)
    return actor, signing, place, _holder(actor, found, place)


def _holder(actor: Actor, found: Standing, place: Place) -> Authority:
    holder = who_for(place, authorities(actor))
    if holder is None:
        raise NotAllowed(_l("This place is not yours to sign."))
    if place.is_filled:
        raise GuardRefused(_l("This place is signed already."))
    if not place.is_open:
        raise GuardRefused(_l("It is not your turn yet: others sign before you."))
    refusal = found.refusal
    if refusal is not None and refusal.holder_id != holder.holder_id:
        raise GuardRefused(
            _l("%(who)s refused to sign: %(why)s Change the document first.", who=refusal.holder, why=refusal.reason)
        )
    return holder


def _say(record: Any, signing: Signing, place: Place, actor: Actor, holder: Authority, **said: Any) -> Signature:
    """Write what somebody says, bound to the data as the database has them."""
    for one in place.given:
        if one.signature.holder_id == holder.holder_id:
            end(one.signature)
    db.session.flush()
    made = Signature(
        signing_id=signing.id, slot_id=place.slot.id, signer_id=actor.user_id, holder_id=holder.holder_id,
        post_name=post_of(holder.holder_id), signed_at=clock.now(), left_open=left_open(record, _signable(record)),
        **{"reason": "", "scan_id": None, **said},
    )  # fmt: skip
    made.digest = digest_of(record, made)
    db.session.add(made)
    db.session.flush()
    return made


def _count(record: Any, signing: Signing) -> None:
    """Whose turn it is now, for the inboxes."""
    db.session.expire(signing, ["signatures"])
    found = standing_of(record)
    given = [one for place in found.places for one in place.given]
    signing.next_position = next_position([place.slot for place in found.places], given)
    signing.is_refused = found.refusal is not None
    db.session.flush()


def _new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _turn in range(CODE_LENGTH))
