"""The print settings on one form, with the logo."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField

from app.core.db import db
from app.core.fab import ModelView, expose, has_access, permission_name
from app.finance.print_settings.models import PrintSettings
from app.finance.print_settings.services import SUBJECT, print_settings, remove_logo, set_logo

LOGO = "new_logo"


class PrintSettingsView(ModelView):
    """One row: the list leads straight to it, and nothing is added or deleted."""

    model = PrintSettings
    class_permission_name = SUBJECT
    route_base = "/print-settings"
    list_title = _l("Print settings")
    item_title = _l("Print settings")
    icon = "printer"
    template_folder = str(Path(__file__).parent / "templates")
    show_template = "print_settings/show.html"
    exclude_route_methods: ClassVar[set[str]] = {"add", "delete", "action", "action_post", "choices"}
    list_columns = ("style",)
    form_sections = (
        (_l("What the print dialog starts from"), ("style", "paper", "orientation", "copies")),
        (_l("Company form"), (LOGO, "head_text", "bank_accounts", "foot_text")),
        (_l("All forms"), ("has_qr",)),
    )
    show_sections = (
        (_l("What the print dialog starts from"), ("style", "paper", "orientation", "copies")),
        (_l("Company form"), ("head_text", "bank_accounts", "foot_text")),
        (_l("All forms"), ("has_qr",)),
    )
    edit_form_extra_fields: ClassVar[dict[str, Any]] = {LOGO: FileField(_l("Logo"))}
    add_form_extra_fields = edit_form_extra_fields
    labels: ClassVar[dict[str, Any]] = {
        "style": _l("Form"),
        "paper": _l("Paper"),
        "orientation": _l("Orientation"),
        "copies": _l("Copies"),
        "head_text": _l("Text under the company's name"),
        "foot_text": _l("Text at the foot"),
        "bank_accounts": _l("Bank accounts"),
        "has_qr": _l("QR code"),
        LOGO: _l("Logo"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "bank_accounts": _l("One account a line, as customers shall read it."),
        "has_qr": _l("A square on the last page that says number, date, amount and both parties."),
        LOGO: _l("PNG, JPEG, WebP or GIF, at most 8 MB; it is printed at most 5 by 2.5 centimetres."),
    }

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        return redirect(url_for("PrintSettingsView.show", pk=1))

    def service_edit(self, record: PrintSettings, form: Any) -> None:
        """Take a picture that was sent along."""
        sent = form[LOGO].data if LOGO in form else None
        if sent is not None and getattr(sent, "filename", None):
            set_logo(sent.read())

    @expose("/logo")
    @has_access
    @permission_name("show")
    def logo(self) -> Any:
        """The logo as it is printed; 404 without one."""
        content = print_settings().logo
        if content is None:
            abort(404)
        response = Response(content, mimetype="image/png")
        response.headers["Cache-Control"] = "private, no-cache"
        response.add_etag()
        return response.make_conditional(request)

    @expose("/logo/remove", methods=["POST"])
    @has_access
    @permission_name("edit")
    def no_logo(self) -> Any:
        remove_logo()
        db.session.commit()
        flash(_("Papers are printed without a logo from now on."), "success")
        return redirect(url_for("PrintSettingsView.show", pk=1))
