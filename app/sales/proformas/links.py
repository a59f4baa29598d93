"""Public links to a proforma: made, revoked, opened by a token, answered once.

A token is 192 bits of chance, shown once and kept as SHA-256. Of a link whose days are over, which
was revoked or whose revision stands no more, nothing is shown but that (410); of a token that was
never ours, that there is nothing (404).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from http import HTTPStatus

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import Actor, acting_as, require_current
from app.core.clock import now, today
from app.core.db import db
from app.core.errors import DomainError, GuardRefused, NotFound
from app.core.text import clean
from app.sales.proformas.kinds import LIVE, OFFERED, POLICIES, ProformaState
from app.sales.proformas.models import Proforma, ProformaAnswer, ProformaLink
from app.sales.proformas.services import open_proforma
from app.sales.proformas.signature import png_of
from app.sales.proformas.workflow import flow_of

BYTES = 24
"""Of a token: 192 bits."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
OUTSIDE = Actor.system("proforma link")
"""Who opens and answers for the holder of a link."""
SHOWN = frozenset({*LIVE, ProformaState.REJECTED, ProformaState.INVOICED})
LONGEST_NAME, LONGEST_NOTE = 120, 1000


class NoSuchLink(DomainError):
    """The token was never given out."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND
    default_message = _l("There is nothing at this address. Check the link that you got.")


class LinkOver(DomainError):
    """The link was revoked, or its offer is not open to people outside."""

    code = "link_gone"
    status = HTTPStatus.GONE
    default_message = _l("This link is not valid any more. Ask whoever sent it for a new one.")


SUPERSEDED = _l("A newer offer took the place of this one. Ask whoever sent it for the new link.")
EXPIRED = _l("The last day of this offer has passed. Ask whoever sent it for a new one.")


class Answered(DomainError):
    """This revision has its answer."""

    code = "answered"
    status = HTTPStatus.CONFLICT
    default_message = _l("This offer was answered already.")


class NameMissing(DomainError):
    """An answer needs the name of who gives it."""

    code = "required"
    default_message = _l("Write your name.")


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(proforma_id: int, *, recipient: str = "") -> tuple[ProformaLink, str]:
    """A new link and its token, which nobody can read again; an approved proforma is sent by it.

    Raises GuardRefused for a proforma that is not offered or a supplier's, NotAllowed, NotFound.
    """
    proforma, actor = open_proforma(proforma_id, for_change=True), require_current()
    actor.require("send", POLICIES[proforma.kind].subject)
    if POLICIES[proforma.kind].is_bought or proforma.state not in (*OFFERED, ProformaState.ACCEPTED):
        raise GuardRefused(_l("Only an approved offer to a customer is sent."))
    if proforma.valid_until < today():
        raise GuardRefused(_l("The last day of this offer has passed. Give it a later one."), path="valid_until")
    if proforma.state is ProformaState.APPROVED:
        flow_of(proforma).apply(proforma, "send", actor=actor)
    token = secrets.token_urlsafe(BYTES)
    link = ProformaLink(
        digest=digest_of(token), recipient=clean(recipient)[:LONGEST_NAME], made_at=now(), made_by_id=actor.user_id
    )
    proforma.links.append(link)
    db.session.flush()
    return link, token


def revoke(proforma_id: int, link_id: int) -> ProformaLink:
    """The link closed at once; again does nothing. Raises NotFound, NotAllowed."""
    proforma = open_proforma(proforma_id, for_change=True)
    require_current().require("send", POLICIES[proforma.kind].subject)
    link = next((one for one in proforma.links if one.id == link_id), None)
    if link is None:
        raise NotFound(link_id=link_id)
    link.revoked_at = link.revoked_at or now()
    db.session.flush()
    return link


def opened(token: str) -> ProformaLink:
    """The link of a token, whose proforma may be shown. Raises NoSuchLink, LinkOver."""
    if not TOKEN.fullmatch(token):
        raise NoSuchLink
    with acting_as(OUTSIDE):
        link = db.session.scalars(select(ProformaLink).where(ProformaLink.digest == digest_of(token))).one_or_none()
        if link is None:
            raise NoSuchLink
        if link.revoked_at is not None:
            raise LinkOver
        if not is_shown(link.proforma):
            raise LinkOver(_why_over(link.proforma))
    return link


def _why_over(proforma: Proforma) -> object:
    """What the holder of a link is told; nothing of the house's own reasons."""
    if proforma.state is ProformaState.SUPERSEDED:
        return SUPERSEDED
    return EXPIRED if proforma.valid_until < today() else None


def is_shown(proforma: Proforma) -> bool:
    """Whether people outside may look at a proforma now."""
    return proforma.state in SHOWN and proforma.valid_until >= today()


def is_open(proforma: Proforma) -> bool:
    """Whether a proforma waits for its answer."""
    return proforma.state in OFFERED and proforma.answer is None and proforma.valid_until >= today()


def answer(
    token: str, *, is_accepted: bool, name: str, note: str = "", signature: str = "", address: str = ""
) -> ProformaAnswer:
    """The customer's word, kept with time and address; the proforma follows it.

    `signature` is a PNG as a data URI. Raises NoSuchLink, LinkOver, Answered, NameMissing, BadSignature.
    """
    proforma_id = opened(token).proforma_id
    with acting_as(OUTSIDE):
        proforma = open_proforma(proforma_id, for_change=True)
        link = opened(token)
        if not is_open(proforma):
            raise Answered
        name, note = clean(name)[:LONGEST_NAME], clean(note)[:LONGEST_NOTE]
        if not name:
            raise NameMissing(path="name")
        drawn = png_of(signature) if signature else None
        found = ProformaAnswer(
            link_id=link.id, is_accepted=is_accepted, name=name, note=note, signature=drawn,
            has_signature=drawn is not None, at=now(), address=address[:60],
        )  # fmt: skip
        proforma.answer = found
        db.session.flush()
        step, reason = ("accept", None) if is_accepted else ("reject", note or str(_l("Refused by the customer.")))
        flow_of(proforma).apply(proforma, step, actor=OUTSIDE, reason=reason)
    return found
