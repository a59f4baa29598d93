"""What other pages say of signatures: a document's places, and one's own signature on the account page."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.core.actor import Actor, current
from app.core.db import db
from app.core.labels import label_of
from app.core.ports import Panel
from app.office.signatures.checks import shown_code
from app.office.signatures.models import Signature
from app.office.signatures.people import authorities
from app.office.signatures.registry import signable_of
from app.office.signatures.scan_workflow import GIVE, SUBJECT, active_scan
from app.office.signatures.scans import key_of
from app.office.signatures.signing import SIGN, who_for
from app.office.signatures.standing import Standing, standing_of
from app.org.employees.models import Employee


def account_panel(record: Any) -> Panel | None:
    """The line about one's own signature on one's own account page."""
    actor = current()
    if not isinstance(record, Employee) or actor is None or actor.user_id != record.id:
        return None
    if not actor.can(GIVE, SUBJECT):
        return None
    return Panel("signatures/account.html", {"scan": active_scan(key_of(record.id))})


def document_panel(record: Any) -> Panel | None:
    """The places of a document with what the actor may do in them; None where there is no place to sign."""
    actor, how = current(), signable_of(record)
    if how is None or actor is None or not actor.can("list", SUBJECT):
        return None
    found = standing_of(record)
    if not found.places:
        return None
    is_alive, signing = record.state not in how.dead, found.signing
    return Panel(
        "signatures/document.html",
        {
            "standing": found,
            "subject": type(record).__subject__,
            "mine": _mine(found, actor) if signing is not None and is_alive else {},
            "may_send": is_alive and actor.can(SIGN, SUBJECT),
            "code": shown_code(signing.code) if signing else "",
            "check_url": url_for("CheckView.page", code=signing.code) if signing else "",
            "words_of": lambda said: words_of(said, how.model),
        },
    )


def _mine(found: Standing, actor: Actor) -> dict[int, str]:
    """The places that the actor may fill now, each with the name of who is away, if it is theirs."""
    if not actor.can(SIGN, SUBJECT):
        return {}
    who, refusal, mine = authorities(actor), found.refusal, {}
    for place in found.places:
        holder = who_for(place, who) if place.is_open and not place.is_filled else None
        if holder is None or (refusal is not None and refusal.holder_id != holder.holder_id):
            continue
        is_own = holder.holder_id == actor.user_id
        mine[place.slot.id] = "" if is_own else str(db.session.get_one(Employee, holder.holder_id))
    return mine


def words_of(said: Signature, model: type[Any]) -> str:
    """What was changed after a signature, in the words of the form."""
    return _(", ").join(str(label_of(model, name)) for name in said.changed.split(",") if name)
