"""How a document stands: every place with what was said in it, whose turn it is, and what the paper is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import db
from app.core.formats import register_labels
from app.office.signatures.digests import holds
from app.office.signatures.models import Signature, SignatureSlot, Signing, Verdict
from app.office.signatures.registry import Signable, signable_of


class Worth(StrEnum):
    """What the signatures of a document are worth: اصل، ناقص، رد شده، تغییر کرده، باطل."""

    GENUINE = "genuine"
    PARTLY = "partly"
    REFUSED = "refused"
    CHANGED = "changed"
    VOIDED = "voided"


WORTH_LABELS = {
    Worth.GENUINE: _l("Genuine: all signatures stand"),
    Worth.PARTLY: _l("Genuine so far: signatures are missing"),
    Worth.REFUSED: _l("A signature was refused"),
    Worth.CHANGED: _l("Changed after signing"),
    Worth.VOIDED: _l("Voided"),
}
WORTH_TONES = {
    Worth.GENUINE: "ok", Worth.PARTLY: "info", Worth.REFUSED: "bad", Worth.CHANGED: "bad", Worth.VOIDED: "bad"
}  # fmt: skip
register_labels(WORTH_LABELS, WORTH_TONES)


@dataclass(frozen=True, slots=True)
class Given:
    """A standing signature; `is_true` is false where the data are not those that were signed."""

    signature: Signature
    is_true: bool

    @property
    def counts(self) -> bool:
        return self.is_true and self.signature.verdict is Verdict.SIGNED


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a document: what was given in it, and whether its turn has come."""

    slot: SignatureSlot
    given: tuple[Given, ...]
    is_open: bool

    @property
    def missing(self) -> int:
        return max(0, self.slot.needed - sum(one.counts for one in self.given))

    @property
    def is_filled(self) -> bool:
        return self.missing == 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A document with its places, and what was voided or taken back before."""

    record: Any
    signing: Signing | None
    places: tuple[Place, ...]
    past: tuple[Signature, ...]
    worth: Worth

    @property
    def refusal(self) -> Signature | None:
        """The refusal that stops the others."""
        found = (one.signature for place in self.places for one in place.given)
        return next((one for one in found if one.verdict is Verdict.REFUSED), None)


def standing_of(record: Any) -> Standing:
    """How a document stands now; every standing signature is compared with the data."""
    how = signable_of(record)
    assert how is not None  # asked for signable documents only
    signing = signing_of(how, record.id)
    return standing(how, record, signing, slots_of(type(record).__subject__))


def standing(how: Signable, record: Any, signing: Signing | None, slots: Sequence[SignatureSlot]) -> Standing:
    """`standing_of` with what was loaded before."""
    said = signing.signatures if signing else []
    current = [Given(one, holds(record, one)) for one in said if one.is_standing]
    asked = [*slots, *{one.signature.slot for one in current if one.signature.slot not in slots}]
    first = next_position(asked, current)
    places = tuple(
        Place(
            slot,
            tuple(one for one in current if one.signature.slot_id == slot.id),
            is_open=first is None or slot.position <= first,
        )
        for slot in sorted(asked, key=lambda slot: (slot.position, slot.id))
    )
    past = tuple(one for one in said if not one.is_standing)
    return Standing(record, signing, places, past, _worth(how, record, places, past))


def next_position(slots: Sequence[SignatureSlot], given: Sequence[Given]) -> int | None:
    """The position of the required places whose turn it is; None once all are filled."""
    counts: dict[int, int] = {}
    for one in given:
        if one.counts:
            counts[one.signature.slot_id] = counts.get(one.signature.slot_id, 0) + 1
    waiting = [slot.position for slot in slots if slot.is_required and counts.get(slot.id, 0) < slot.needed]
    return min(waiting, default=None)


def _worth(how: Signable, record: Any, places: Sequence[Place], past: Sequence[Signature]) -> Worth:
    given = [one for place in places for one in place.given]
    if record.state in how.dead:
        return Worth.VOIDED
    if any(not one.is_true for one in given):
        return Worth.CHANGED
    if any(one.signature.verdict is Verdict.REFUSED for one in given):
        return Worth.REFUSED
    if not given and any(one.verdict is Verdict.VOIDED for one in past):
        return Worth.CHANGED
    is_whole = all(place.is_filled for place in places if place.slot.is_required)
    return Worth.GENUINE if given and is_whole else Worth.PARTLY


def signing_of(how: Signable, record_id: int) -> Signing | None:
    """The way of a document through its places; None before it was sent for signing."""
    query = select(Signing).where(Signing.model == how.table, Signing.record_id == record_id)
    return db.session.scalars(query.options(*with_people())).first()


def with_people() -> tuple[Any, ...]:
    """Loading options for all that is shown of a signing."""
    said = selectinload(Signing.signatures)
    return (said.joinedload(Signature.slot), said.joinedload(Signature.signer), said.joinedload(Signature.holder))


def slots_of(subject: str) -> Sequence[SignatureSlot]:
    """The places that documents of a subject have now, in order."""
    query = (
        select(SignatureSlot)
        .where(SignatureSlot.subject == subject, SignatureSlot.is_active.is_(True))
        .options(joinedload(SignatureSlot.role), joinedload(SignatureSlot.post))
        .order_by(SignatureSlot.position, SignatureSlot.id)
    )
    return db.session.scalars(query).all()
