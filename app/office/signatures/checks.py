"""What anybody may ask of a paper: is it genuine? Number, date, total and signers, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus

from flask import current_app, has_request_context, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.digits import to_ascii
from app.core.errors import DomainError
from app.office.signatures.models import Signing, Verdict
from app.office.signatures.registry import load, signable_of_subject, subjects
from app.office.signatures.standing import Standing, Worth, slots_of, standing, with_people

ANYBODY = Actor.system("paper check")
"""Who reads the document for a visitor."""
_SEPARATORS = re.compile(r"[\s-]+")
GROUP = 5


class NoSuchPaper(DomainError):
    """No signed document has this code."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND
    default_message = _l("No signed document has this code. Check the letters on the paper.")


@dataclass(frozen=True, slots=True)
class Signer:
    """One signature as the public sees it."""

    place: str
    name: str
    post: str
    on_behalf_of: str
    at: datetime
    is_true: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a paper; `kind` in the words of the menu."""

    worth: Worth
    code: str
    kind: str = ""
    number: str = ""
    on: date | None = None
    total_rials: int | None = None
    signers: tuple[Signer, ...] = ()
    missing: tuple[str, ...] = ()


def answer_of(typed: str) -> Answer:
    """The answer to a code as people type it. Raises NoSuchPaper."""
    code = _SEPARATORS.sub("", to_ascii(typed)).upper()[:12]
    with acting_as(ANYBODY):
        signing = db.session.scalars(select(Signing).where(Signing.code == code).options(*with_people())).first()
        if signing is None:
            raise NoSuchPaper
        how, model = signable_of_subject(signing.subject)
        records = load(how, [signing.record_id], model=model)
        kind = dict(subjects()).get(signing.subject, "")
        if not records:
            return Answer(Worth.VOIDED, shown_code(code), kind)
        found = standing(how, records[0], signing, slots_of(signing.subject))
        return Answer(
            worth=found.worth,
            code=shown_code(code),
            kind=kind,
            number=str(records[0].number_text),
            on=getattr(records[0], how.day),
            total_rials=records[0].payable_rials,
            signers=_signers(found),
            missing=tuple(place.slot.label for place in found.places if place.slot.is_required and not place.is_filled),
        )


def _signers(found: Standing) -> tuple[Signer, ...]:
    return tuple(
        Signer(
            place=place.slot.label,
            name=str(one.signature.signer),
            post=one.signature.post_name,
            on_behalf_of=str(one.signature.holder) if one.signature.is_for_another else "",
            at=one.signature.signed_at,
            is_true=one.is_true,
        )
        for place in found.places
        for one in place.given
        if one.signature.verdict is Verdict.SIGNED
    )


def shown_code(code: str) -> str:
    """A code in groups, as papers print it."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def address_of(code: str) -> str:
    """The full address of a paper's check; the code alone where nobody said by which address we are reached."""
    base = current_app.config["PUBLIC_URL"] or (request.host_url if has_request_context() else "")
    if not base:
        return shown_code(code)
    path = url_for("CheckView.page", code=code) if has_request_context() else f"/check/{code}"
    return base.rstrip("/") + path
