"""Signing on the screen: what waits for me, one document's places, and the places as data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import SelectField

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.core.fab import ModelView, has_access, permission_name
from app.core.fresh import require_fresh_password
from app.core.links import record_url
from app.core.row_numbers import row_number
from app.office.signatures import queries, signing
from app.office.signatures.models import SignatureSlot
from app.office.signatures.registry import document, subjects
from app.office.signatures.scan_workflow import SUBJECT
from app.office.signatures.signing import SIGN
from app.office.signatures.slots import check_slot, check_unused

SLOTS = "office.signature_slots"


class SigningView(BaseView):
    """`/signing/`: the documents whose open place I may fill, and the word said on each."""

    route_base = "/signing"
    default_view = "waiting"
    template_folder = str(Path(__file__).parents[1] / "templates")
    class_permission_name = SUBJECT
    base_permissions: ClassVar[list[str]] = ["can_list", "can_sign"]

    @expose("/")
    @has_access
    @permission_name("list")
    def waiting(self) -> str:
        turns = queries.waiting_turns()
        return render_template(
            "signatures/waiting.html",
            title=_("Waiting for my signature"),
            turns=[(turn, record_url(turn.record)) for turn in turns],
            kinds=dict(subjects()),
            may_sign=require_current().can(SIGN, SUBJECT),
            me=require_current().user_id,
        )

    @expose("/sign", methods=["POST"])
    @has_access
    @permission_name("sign")
    @require_fresh_password
    def sign_many(self) -> Any:
        """Sign the chosen documents; one that cannot be signed is named and holds the others up in nothing."""
        done, refusals = 0, []
        for key in request.form.getlist("turn")[: queries.LOOKED_AT]:
            try:
                with db.session.begin_nested():
                    record, slot_id = _named(key)
                    signing.sign(record, slot_id)
                done += 1
            except DomainError as error:
                refusals.append(str(error))
        db.session.commit()
        if done:
            flash(ngettext("One document is signed.", "%(num)s documents are signed.", done), "success")
        for words in dict.fromkeys(refusals):
            flash(words, "danger")
        return redirect(url_for("SigningView.waiting"))

    @expose("/<subject>/<int:record_id>/send", methods=["POST"])
    @has_access
    @permission_name("sign")
    def send(self, subject: str, record_id: int) -> Any:
        """Send a document for signing."""
        return _did(subject, record_id, signing.send, _l("The document waits for its signatures."))

    @expose("/<subject>/<int:record_id>/<int:slot_id>/sign", methods=["POST"])
    @has_access
    @permission_name("sign")
    @require_fresh_password
    def sign(self, subject: str, record_id: int, slot_id: int) -> Any:
        return _did(subject, record_id, lambda record: signing.sign(record, slot_id), _l("Signed."))

    @expose("/<subject>/<int:record_id>/<int:slot_id>/refuse", methods=["POST"])
    @has_access
    @permission_name("sign")
    @require_fresh_password
    def refuse(self, subject: str, record_id: int, slot_id: int) -> Any:
        reason = request.form.get("reason", "")
        words = _l("Your refusal is kept; whoever wrote the document sees why.")
        return _did(subject, record_id, lambda record: signing.refuse(record, slot_id, reason=reason), words)


def _named(key: str) -> tuple[Any, int]:
    """A document and a place, as a form names them. Raises NotFound, NotAllowed."""
    subject, _colon, rest = key.partition(":")
    record_id, _colon, slot_id = rest.partition(":")
    numbers = row_number(record_id), row_number(slot_id)
    if numbers[0] is None or numbers[1] is None:
        raise NotFound(key=key)
    return _opened(subject, numbers[0]), numbers[1]


def _opened(subject: str, record_id: int) -> Any:
    require_current().require("show", subject)
    return document(subject, record_id)


def _did(subject: str, record_id: int, work: Callable[[Any], Any], words: Any) -> Any:
    """Do it and go back to the document; a refusal is said there."""
    record = _opened(subject, record_id)
    try:
        work(record)
        db.session.commit()
        flash(str(words), "success")
    except DomainError as error:
        db.session.rollback()
        flash(str(error), "danger")
    return redirect(record_url(document(subject, record_id)) or url_for("SigningView.waiting"))


class SignatureSlotView(ModelView):
    """The places to sign, by kind of document."""

    model = SignatureSlot
    class_permission_name = SLOTS
    route_base = "/signature-slots"
    list_title, item_title, icon = _l("Places to sign"), _l("Place to sign"), "pen"
    list_columns = ("label", "subject", "position", "role", "post", "needed", "is_required", "form", "is_active")
    sort_columns = ("subject",)
    default_sort = "subject"
    filter_columns = ("role", "post")
    form_columns = (
        *("subject", "form", "label_fa", "label_en", "position", "role", "post", "needed"),
        *("is_required", "uses_stamp", "is_active"),
    )
    optional_columns = frozenset({"role", "post"})
    labels: ClassVar[dict[str, Any]] = {
        "label": _l("Place"), "subject": _l("Kind of document"), "form": _l("Printed form"),
        "label_fa": _l("Label in Persian"), "label_en": _l("Label in English"), "position": _l("Turn"),
        "role": _l("Role"), "post": _l("Post"), "needed": _l("People needed"), "is_required": _l("Needed"),
        "uses_stamp": _l("With the company stamp"), "is_active": _l("In use"),
    }  # fmt: skip
    description_columns: ClassVar[dict[str, Any]] = {
        "position": _l("Lower ones sign first; equal ones at the same time."),
        "role": _l("With a post too, whoever signs needs both."),
        "uses_stamp": _l("The stamp is printed instead of the person's own signature."),
    }
    formatters_columns: ClassVar[dict[str, Any]] = {"subject": lambda value: dict(subjects()).get(value, value)}
    add_form_extra_fields: ClassVar[dict[str, Any]] = {
        "subject": SelectField(_l("Kind of document"), choices=subjects, render_kw={"class": "form-select"}),
    }
    edit_form_extra_fields = add_form_extra_fields

    def pre_add(self, item: SignatureSlot) -> None:
        check_slot(item)

    pre_update = pre_add

    def pre_delete(self, item: SignatureSlot) -> None:
        check_unused(item)
