"""The page of an invitation: open to whoever holds the link, once."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.core.db import db
from app.org.sign_ins import invitations, passwords


class InvitationView(BaseView):
    """`/invitation/<token>`; looking at it uses nothing up, a messenger's preview does that."""

    route_base = "/invitation"
    class_permission_name = "org.invitations"
    base_permissions: list[str] = []
    default_view = "page"

    @expose("/<token>", methods=["GET", "POST"])
    def page(self, token: str) -> Any:
        try:
            invitation = invitations.open_invitation(token)
            if request.method != "POST":
                return _page(invitation)
            return self._accept(token, invitation)
        except invitations.InvitationGone as error:
            db.session.rollback()
            return _page(None, error), error.status

    def _accept(self, token: str, invitation: Any) -> Any:
        password, again = request.form.get("password", ""), request.form.get("again", "")
        if password != again:
            return _page(invitation, _("The two passwords differ.")), 422
        try:
            invitations.accept(token, password)
        except passwords.WeakPassword as error:
            db.session.rollback()
            return _page(invitations.open_invitation(token), error), error.status
        db.session.commit()
        flash(_("Your password is set. Sign in with it."), "success")
        return redirect(self.appbuilder.get_url_for_login)


def _page(invitation: Any, refusal: Any = "") -> str:
    return render_template(
        "sign_ins/invitation.html", title=_("Invitation"), invitation=invitation, refusal=refusal, rules=passwords.RULES
    )
