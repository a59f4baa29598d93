"""Screens of scans: one's own, the stamp's, everybody's for the administrator, and the log of looks."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar

from flask import Response, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.actor import require_current
from app.core.db import db, writing
from app.core.errors import DomainError, NotFound
from app.core.fab import ModelView
from app.core.fresh import require_fresh_password
from app.core.pictures import decoded, drawing
from app.core.row_numbers import row_number
from app.office.signatures import scans
from app.office.signatures.models import STAMP, SignatureScan, SignatureView
from app.office.signatures.scan_workflow import GIVE, KEEP_STAMP, SUBJECT, owns

LOG_SUBJECT = "office.signature_views"
REGISTER_SUBJECT = "office.signature_scans"
DECISIONS = {
    "confirm": _l("The new signature is in use; the old one stays with what it signed."),
    "decline": _l("The new signature was declined."),
    "retire": _l("This signature is used no more."),
}


class SignatureViewView(ModelView):
    """Every look at a scan; written by the program, changed by nobody."""

    model = SignatureView
    class_permission_name = LOG_SUBJECT
    route_base = "/signature-views"
    list_title, item_title, icon = _l("Looks at signatures"), _l("Look at a signature"), "eye"
    base_permissions: ClassVar[list[str]] = ["can_list"]
    exclude_route_methods: ClassVar[set[str]] = {"show", "add", "edit", "delete", "action", "action_post", "step"}
    list_columns = ("at", "scan", "viewer_name", "reason", "document", "address")
    sort_columns = ("at",)
    default_sort = "-at"
    filter_columns = ("viewer",)
    form_columns = ("document",)
    labels: ClassVar[dict[str, Any]] = {
        "at": _l("When"), "scan": _l("Whose signature"), "viewer": _l("Who"), "viewer_name": _l("Who"),
        "reason": _l("Why"), "document": _l("Document"), "address": _l("Address"),
    }  # fmt: skip


class SignatureScanView(ModelView):
    """Everybody's scans without their pictures, for the administrator."""

    model = SignatureScan
    class_permission_name = REGISTER_SUBJECT
    route_base = "/signature-scans"
    list_title, item_title, icon = _l("Scanned signatures"), _l("Scanned signature"), "vector-pen"
    base_permissions: ClassVar[list[str]] = ["can_list"]
    # A step asks for the password again: see OwnSignatureView.
    exclude_route_methods: ClassVar[set[str]] = {"show", "add", "edit", "delete", "action", "action_post", "step"}
    list_columns = ("owner", "state", "asked_at", "asked_by", "decided_at", "decided_by")
    sort_columns = ("asked_at",)
    default_sort = "-asked_at"
    filter_columns = ("employee",)
    form_columns = ("employee",)
    labels: ClassVar[dict[str, Any]] = {
        "owner": _l("Whose"), "employee": _l("Employee"), "state": _l("State"), "asked_at": _l("Given"),
        "asked_by": _l("Given by"), "decided_at": _l("Decided"), "decided_by": _l("Decided by"),
    }  # fmt: skip


class OwnSignatureView(BaseView):
    """`/signature/`: one's own signature or the stamp; given, replaced, looked at."""

    route_base = "/signature"
    default_view = "page"
    template_folder = str(Path(__file__).parents[1] / "templates")
    class_permission_name = SUBJECT
    base_permissions: ClassVar[list[str]] = ["can_give", "can_keep_stamp"]

    @expose("/")
    def page(self) -> str:
        """One's own, or with `?of=` the stamp's or (administrators) somebody's."""
        actor = require_current()
        owner_key = _asked_owner()
        return render_template(
            "signatures/own.html",
            title=_title(owner_key),
            rows=scans.scans_of(owner_key),
            of=request.args.get("of", ""),
            actor=actor,
            may_give=owner_key == scans.key_of(actor.user_id or 0) or actor.is_admin or owner_key == STAMP,
            has_stamp=actor.can(KEEP_STAMP, SUBJECT),
            owns=owns,
        )

    @expose("/new", methods=["GET", "POST"])
    @require_fresh_password
    def new(self) -> Any:
        """Draw or upload; the password was entered a moment ago."""
        owner_key = _asked_owner()
        refusal = None
        if request.method == "POST":
            try:
                scan = scans.give(_sent_picture(), owner_key=owner_key)
                db.session.commit()
                flash(_given_words(scan), "success")
                return redirect(url_for("OwnSignatureView.page", of=request.args.get("of")))
            except DomainError as error:
                db.session.rollback()
                if error.status is not HTTPStatus.UNPROCESSABLE_ENTITY:
                    raise
                refusal = error
        page = render_template(
            "signatures/new.html", title=_title(owner_key), of=request.args.get("of", ""), refusal=refusal
        )
        return (page, HTTPStatus.UNPROCESSABLE_ENTITY) if refusal else page

    @expose("/<int:scan_id>/<any(confirm, decline, retire):step>", methods=["POST"])
    @require_fresh_password
    def decide(self, scan_id: int, step: str) -> Any:
        """The word of the second person, or the end of a scan."""
        scan = scans.decide(scan_id, step)
        of = STAMP if scan.employee_id is None else scan.employee_id
        db.session.commit()
        flash(str(DECISIONS[step]), "success")
        return redirect(url_for("OwnSignatureView.page", of=of))

    @expose("/<int:scan_id>/preview.png")
    def preview(self, scan_id: int) -> Response:
        """The marked copy; who looks is written down first."""
        require_current().require(GIVE, SUBJECT)
        db.session.rollback()
        with writing():
            content = scans.preview(scans.seen_scan(scan_id))
            db.session.commit()
        response = Response(content, mimetype="image/png")
        response.headers["Cache-Control"] = "no-store, private"
        return response


def _asked_owner() -> str:
    """Whose scans this request is about. Raises NotAllowed, NotFound."""
    actor = require_current()
    actor.require(GIVE, SUBJECT)
    of = request.args.get("of", "")
    if of == STAMP:
        actor.require(KEEP_STAMP, SUBJECT)
        return STAMP
    number = row_number(of) if of else actor.user_id
    if number is None or (number != actor.user_id and not actor.is_admin):
        raise NotFound(of=of)
    return scans.key_of(number)


def _sent_picture() -> Any:
    drawn, file = request.form.get("signature", ""), request.files.get("file")
    if file is not None and file.filename:
        return decoded(file.read())
    if not drawn:
        raise scans.NothingSent(path="signature")
    return drawing(drawn)


def _title(owner_key: str) -> str:
    if owner_key == STAMP:
        return _("Company stamp")
    if owner_key == scans.key_of(require_current().user_id or 0):
        return _("Your signature")
    return _("Signature of an employee")


def _given_words(scan: SignatureScan) -> str:
    if scan.decided_at is not None:
        return _("The signature is in use.")
    if scan.is_by_owner:
        return _("The replacement waits for an administrator.")
    return _("The replacement waits for its owner.")
