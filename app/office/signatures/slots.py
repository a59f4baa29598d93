"""The places to sign: checked when saved, and those that a new installation begins with."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.db import db
from app.core.errors import FieldError, GuardRefused, Invalid
from app.office.signatures.models import Signature, SignatureSlot, SlotForm
from app.office.signatures.registry import Signable, signables, subjects


def check_slot(slot: SignatureSlot) -> None:
    """Raises Invalid for a place that nobody could fill, or on a document that is not signed."""
    errors = []
    if slot.subject not in dict(subjects()):
        errors.append(FieldError("subject", "unknown", _l("Choose a kind of document.")))
    if slot.role is None and slot.post is None and slot.role_id is None and slot.post_id is None:
        errors.append(FieldError("role", "required", _l("Say which role or post signs here.")))
    if slot.needed is None or slot.needed < 1:
        errors.append(FieldError("needed", "too_small", _l("At least one person signs.")))
    if errors:
        raise Invalid(errors)


def check_unused(slot: SignatureSlot) -> None:
    """Raises GuardRefused for a place in which somebody signed: it is turned off, not deleted."""
    used = select(Signature.id).where(Signature.slot_id == slot.id).limit(1)
    if db.session.scalars(used).first() is not None:
        raise GuardRefused(_l("Documents were signed here. Turn the place off instead."))


def seed_slots() -> None:
    """The usual places of each kind of document that has none yet; safe to repeat."""
    for how in signables():
        known = select(SignatureSlot.id).where(SignatureSlot.subject == how.usual_for).limit(1)
        if db.session.scalars(known).first() is None:
            _seed(how)
    db.session.flush()


def _seed(how: Signable) -> None:
    roles = current_app.extensions["appbuilder"].sm
    for position, usual in enumerate(how.usual, start=1):
        role = roles.find_role(usual.role.value)
        if role is not None:
            db.session.add(
                SignatureSlot(
                    subject=how.usual_for, form=SlotForm.ALL, label_fa=_in("fa", usual.label),
                    label_en=_in("en", usual.label), position=position, role_id=role.id, needed=1,
                    is_required=usual.is_required, uses_stamp=usual.uses_stamp,
                )
            )  # fmt: skip


def _in(locale: str, words: Any) -> str:
    with force_locale(locale):
        return str(words)
