"""The page of one's own API keys: made, shown once, seen, revoked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.core.fresh import require_fresh_password
from app.org.api_keys import services
from app.org.api_keys.models import ApiKey

SUBJECT = "org.api_keys"


class ApiKeyView(BaseView):
    """`/account/keys/`: everybody sees and revokes their own; making one needs the right."""

    route_base = "/account/keys"
    class_permission_name = SUBJECT
    base_permissions: list[str] = ["can_add"]
    default_view = "page"

    @expose("/")
    def page(self) -> Any:
        return self._page({}, {})

    @expose("/make", methods=["POST"])
    @has_access
    @permission_name("add")
    @require_fresh_password
    def make(self) -> Any:
        """A new key; the answer is the only page that ever shows it."""
        who = require_current()
        sent = {name: request.form.get(name, "") for name in ("name", "days", "networks")}
        days = int(sent["days"]) if sent["days"].isascii() and sent["days"].isdigit() else 0
        try:
            key, text = services.make_key(who.user_id or 0, name=sent["name"], days=days, networks=sent["networks"])
        except Invalid as error:
            return self._page(sent, {one.path: one.message for one in error.errors}), HTTPStatus.UNPROCESSABLE_ENTITY
        db.session.commit()
        page = render_template(
            "kartabl/shown_once.html", title=_("API key “%(name)s”", name=key.name), secret=text,
            sentence=_("This is the key. It is shown only now and cannot be read again."),
            advice=_("Keep it where secrets are kept; whoever has it works with your rights."),
            back=url_for("ApiKeyView.page"),
        )  # fmt: skip
        answer = make_response(page)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/<int:key_id>/revoke", methods=["POST"])
    @require_fresh_password
    def revoke(self, key_id: int) -> Any:
        """End a key of one's own; the administrator ends anybody's."""
        who = require_current()
        key = db.session.get(ApiKey, key_id)
        if key is None or not (who.is_admin or key.employee_id == who.user_id):
            raise NotFound
        services.revoke(key)
        db.session.commit()
        flash(_("The key “%(name)s” no longer works.", name=key.name), "success")
        return redirect(url_for("ApiKeyView.page"))

    def _page(self, sent: dict[str, str], errors: dict[str, Any]) -> str:
        who = require_current()
        return render_template(
            "api_keys/page.html", title=_("API keys"), keys=services.keys_of(who.user_id or 0), sent=sent,
            errors=errors, lifetimes=services.LIFETIMES, may_make=who.can("add", SUBJECT),
        )  # fmt: skip
