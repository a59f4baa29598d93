"""One's own account: who I am here, the password, the second factor, the browsers that are signed in."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.core import ports
from app.core.actor import require_current
from app.core.db import db
from app.core.fresh import require_fresh_password
from app.core.home import landing_of
from app.org.sign_ins import freshness, second_factor, sessions


class AccountView(BaseView):
    """`/account/`, for everybody who is signed in; each sees their own and nothing else."""

    route_base = "/account"
    class_permission_name = "org.account"
    base_permissions: list[str] = []
    default_view = "page"

    @expose("/")
    def page(self) -> str:
        who = require_current()
        factor = second_factor.of(who.user_id or 0)
        return render_template(
            "sign_ins/account.html",
            title=_("Your account"),
            person=current_user,
            rows=sessions.open_rows(current_user.id),
            here=sessions.present(),
            factor=factor if factor and factor.confirmed_at else None,
            has_password=freshness.asks_password(),
            is_demanded=second_factor.is_demanded_of(current_user.id),
            panels=ports.record_panels.panels_for(current_user._get_current_object()),
            is_office=landing_of(who) is None,
        )

    @expose("/confirm", methods=["GET", "POST"])
    def confirm(self) -> Any:
        """The password once more; then on to `next`."""
        require_current()
        back = freshness.own_address(request.args.get("next"))
        if request.method != "POST":
            return redirect(back) if freshness.is_fresh() else freshness.confirm_page(back, is_form=False)
        return freshness.confirm(back)

    @expose("/sign-ins/<int:sign_in_id>/end", methods=["POST"])
    @require_fresh_password
    def end(self, sign_in_id: int) -> Any:
        """Sign one of one's own browsers out."""
        who = require_current()
        if sessions.end_one(who.user_id or 0, sign_in_id):
            flash(_("That browser is signed out."), "success")
        db.session.commit()
        return redirect(url_for("AccountView.page"))

    @expose("/sign-ins/end-others", methods=["POST"])
    @require_fresh_password
    def end_others(self) -> Any:
        """Sign all browsers but this one out."""
        who = require_current()
        count = sessions.end_others(who.user_id or 0)
        db.session.commit()
        flash(ngettext("One browser is signed out.", "%(num)s browsers are signed out.", count), "success")
        return redirect(url_for("AccountView.page"))
