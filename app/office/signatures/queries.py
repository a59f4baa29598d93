"""What waits for whose signature; a clean read for inboxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.core.actor import Actor, current
from app.core.db import db
from app.office.signatures.models import Signature, SignatureSlot, Signing, Verdict
from app.office.signatures.people import any_of, authorities
from app.office.signatures.registry import load, signables

LOOKED_AT = 200
"""Documents of which those that the actor sees are chosen; more than one person signs in a day."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A document whose open place the actor may fill; `holder_id` is somebody else's during a leave."""

    record: Any
    signing: Signing
    slot: SignatureSlot
    holder_id: int

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.signing.subject}:{self.signing.record_id}:{self.slot.id}"


def waiting_turns(limit: int = LOOKED_AT, *, actor: Actor | None = None) -> Sequence[Turn]:
    """What waits for the actor's signature, the longest first; only documents that the actor sees.

    Three queries and one for each kind of document, however many wait.
    """
    who = actor or current()
    found = authorities(who) if who is not None else []
    if who is None or not found:
        return []
    holders = [one.holder_id for one in found]
    rows = db.session.execute(
        select(Signing, SignatureSlot)
        .join(
            SignatureSlot,
            (SignatureSlot.subject == Signing.subject) & (SignatureSlot.position == Signing.next_position),
        )
        .where(
            Signing.next_position.is_not(None),
            Signing.is_refused.is_(False),
            SignatureSlot.is_active.is_(True),
            SignatureSlot.is_required.is_(True),
            any_of(found),
            _signed() < SignatureSlot.needed,
        )
        .order_by(Signing.opened_at, Signing.id)
        .limit(LOOKED_AT)
    ).all()
    done = _done([signing.id for signing, _slot in rows], holders)
    seen = _seen([signing for signing, _slot in rows], who)
    turns = []
    for signing, slot in rows:
        record = seen.get((signing.model, signing.record_id))
        holder = next(
            (one.holder_id for one in found if one.fills(slot) and (signing.id, slot.id, one.holder_id) not in done),
            None,
        )
        if record is not None and holder is not None:
            turns.append(Turn(record, signing, slot, holder))
    return turns[:limit]


def _signed() -> Any:
    """How many stand in a place of a document."""
    return (
        select(func.count(Signature.id))
        .where(
            Signature.signing_id == Signing.id,
            Signature.slot_id == SignatureSlot.id,
            Signature.is_standing.is_(True),
            Signature.verdict == Verdict.SIGNED,
        )
        .scalar_subquery()
    )


def _done(signing_ids: list[int], holders: list[int]) -> set[tuple[int, int, int]]:
    """Places in which one of the holders has signed."""
    if not signing_ids:
        return set()
    query = select(Signature.signing_id, Signature.slot_id, Signature.holder_id).where(
        Signature.signing_id.in_(signing_ids), Signature.holder_id.in_(holders), Signature.is_standing.is_(True)
    )
    return {(row[0], row[1], row[2]) for row in db.session.execute(query)}


def _seen(signings: Sequence[Signing], who: Actor) -> dict[tuple[str, int], Any]:
    """The documents that the actor sees and may open, by table and number."""
    found: dict[tuple[str, int], Any] = {}
    for how in signables():
        ids = [one.record_id for one in signings if one.model == how.table]
        for record in load(how, ids) if ids else ():
            if record.state not in how.dead and who.can("show", type(record).__subject__):
                found[how.table, record.id] = record
    return found


def waiting_count() -> int:
    """How many documents wait for the actor's signature, counted up to `LOOKED_AT`."""
    return len(waiting_turns())


def waiting_documents(limit: int) -> list[Any]:
    """The documents of the first turns, for the home page."""
    return [turn.record for turn in waiting_turns(limit)]
