"""`/check/<code>`: whether a paper is genuine, for whoever holds it. No session, no cookie."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from flask import redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import force_locale
from flask_babel import gettext as _

from app.core.formats import lang
from app.office.signatures.checks import NoSuchPaper, answer_of
from app.org.company.services import company

LANGUAGES = ("fa", "en")


class CheckView(BaseView):
    """One paper's answer; the start page asks for its code."""

    route_base = "/check"
    default_view = "start"
    template_folder = str(Path(__file__).parents[1] / "templates")
    class_permission_name = "office.signature_checks"
    base_permissions: ClassVar[list[str]] = []

    @expose("/")
    def start(self) -> Any:
        typed = request.args.get("code", "").strip()[:40]
        if typed:
            return redirect(url_for("CheckView.page", code=typed, lang=request.args.get("lang")))
        with force_locale(_locale()):
            return _page(None, None, url_for("CheckView.start"))

    @expose("/<string(maxlength=40):code>")
    def page(self, code: str) -> Any:
        with force_locale(_locale()):
            here = url_for("CheckView.page", code=code)
            try:
                return _page(answer_of(code), None, here)
            except NoSuchPaper as error:
                return _page(None, error, here), error.status


def _locale() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "fa"


def _page(answer: Any, refusal: Any, here: str) -> str:
    return render_template(
        "signatures/check.html",
        title=_("Check of a signed paper"),
        company=company(),
        answer=answer,
        refusal=refusal,
        others=[(name, f"{here}?lang={name}") for name in LANGUAGES if name != lang()],
    )
