"""The second factor: setting it up, and entering it at sign-in."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_login import current_user

from app.core.actor import require_current
from app.core.db import db
from app.core.fresh import require_fresh_password
from app.core.rate_limits import TooMany
from app.org.employees.models import Employee
from app.org.sign_ins import freshness, second_factor, sessions
from app.org.sign_ins.backoff import Guess


class SecondFactorView(BaseView):
    """`/account/second-factor/`: set up, new recovery codes, turn off; always one's own."""

    route_base = "/account/second-factor"
    class_permission_name = "org.account"
    base_permissions: list[str] = []
    default_view = "page"

    @expose("/")
    @require_fresh_password
    def page(self) -> str:
        require_current()
        return self._page()

    def _page(self, refusal: Any = "") -> str:
        factor = second_factor.of(current_user.id)
        waits = factor is not None and factor.confirmed_at is None
        return render_template(
            "sign_ins/second_factor.html", title=_("Second factor"), crumbs=_crumbs(), factor=factor, refusal=refusal,
            picture=second_factor.qr_picture(factor, current_user.username) if factor and waits else "",
            key=second_factor.key_words(factor) if factor and waits else "",
            is_demanded=second_factor.is_demanded_of(current_user.id),
        )  # fmt: skip

    @expose("/prepare", methods=["POST"])
    @require_fresh_password
    def prepare(self) -> Any:
        """Make a secret; it counts only after its first code."""
        require_current()
        second_factor.prepare(current_user.id)
        db.session.commit()
        return redirect(url_for("SecondFactorView.page"))

    @expose("/turn-on", methods=["POST"])
    @require_fresh_password
    def turn_on(self) -> Any:
        """The first code; answers with the recovery codes, shown once."""
        require_current()
        factor = second_factor.of(current_user.id)
        if factor is None or factor.confirmed_at is not None:
            return redirect(url_for("SecondFactorView.page"))
        try:
            codes = second_factor.confirm(factor, request.form.get("code", ""))
        except second_factor.WrongCode as error:
            db.session.rollback()
            return self._page(error), error.status
        sessions.end_others(current_user.id)
        db.session.commit()
        return _codes_page(codes)

    @expose("/codes", methods=["POST"])
    @require_fresh_password
    def codes(self) -> Any:
        """New recovery codes instead of the old ones."""
        require_current()
        factor = second_factor.of(current_user.id)
        if factor is None or factor.confirmed_at is None:
            return redirect(url_for("SecondFactorView.page"))
        codes = second_factor.renew_recovery_codes(factor)
        db.session.commit()
        return _codes_page(codes)

    @expose("/turn-off", methods=["POST"])
    @require_fresh_password
    def turn_off(self) -> Any:
        """Sign in by the password alone again. Raises Demanded where a role asks for it."""
        require_current()
        if second_factor.is_demanded_of(current_user.id):
            raise second_factor.Demanded
        if second_factor.turn_off(current_user.id):
            flash(_("The second factor is turned off."), "success")
        db.session.commit()
        return redirect(url_for("AccountView.page"))


class CodeView(BaseView):
    """`/login/second-factor`: between the password and the first page."""

    route_base = "/login"
    class_permission_name = "org.account"
    base_permissions: list[str] = []
    default_view = "page"

    @expose("/second-factor", methods=["GET", "POST"])
    def page(self) -> Any:
        row = sessions.waiting()
        back = freshness.own_address(request.args.get("next"))
        if row is None:
            if current_user and current_user.is_authenticated:
                return redirect(back)
            session.pop(sessions.KEY, None)
            flash(_("Sign in again."), "warning")
            return redirect(self.appbuilder.get_url_for_login)
        if request.method != "POST":
            return _code_page(back)
        employee = db.session.get_one(Employee, row.employee_id)
        try:
            guess = Guess(str(employee.id), kind="code")
        except TooMany as error:
            return _code_page(back, error), error.status
        if not second_factor.accepts(employee.id, request.form.get("code", "")):
            return _code_page(back, second_factor.WrongCode()), second_factor.WrongCode.status
        sessions.complete(row, employee)
        db.session.commit()
        guess.was_right()
        return redirect(back)


def _code_page(back: str, refusal: Any = "") -> str:
    return render_template("sign_ins/code.html", title=_("Second factor"), next=back, refusal=refusal)


def _codes_page(codes: list[str]) -> Any:
    answer = make_response(
        render_template("sign_ins/codes.html", title=_("Recovery codes"), crumbs=_crumbs(), codes=codes)
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Your account"), url_for("AccountView.page"))]
