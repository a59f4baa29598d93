"""`/p/<token>`: the offer for whoever holds its link, and their answer. No session, no cookie."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import force_locale
from flask_babel import gettext as _

from app.core.actor import acting_as
from app.core.db import db
from app.core.errors import DomainError
from app.core.formats import lang
from app.org.company.services import company
from app.sales.documents.page import figures
from app.sales.proformas import links, papers
from app.sales.proformas.kinds import STATE_LABELS, STATE_TONES
from app.sales.proformas.models import ProformaLink
from app.sales.proformas.services import open_proforma

LANGUAGES = ("fa", "en")


class PublicProformaView(BaseView):
    """One offer on a page of its own; nothing else of the house or of the customer is on it."""

    route_base = "/p"
    class_permission_name = "sales.proforma_links"
    base_permissions: list[str] = []
    default_view = "page"

    @expose("/<token>", methods=["GET", "POST"])
    def page(self, token: str) -> Any:
        with force_locale(_locale()):
            try:
                if request.method == "POST":
                    return _answered(token)
                return _page(token)
            except (links.NoSuchLink, links.LinkOver) as error:
                db.session.rollback()
                return _gone(error)

    @expose("/<token>/proforma.pdf", methods=["GET"])
    def paper(self, token: str) -> Any:
        with force_locale(_locale()):
            try:
                link = links.opened(token)
                with acting_as(links.OUTSIDE):
                    return papers.pdf_answer(open_proforma(link.proforma_id), inline=False)
            except (links.NoSuchLink, links.LinkOver) as error:
                db.session.rollback()
                return _gone(error)


def _locale() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "fa"


def _answered(token: str) -> Any:
    form = request.form
    try:
        links.answer(
            token,
            is_accepted=form.get("answer") == "accept",
            name=form.get("name", ""),
            note=form.get("note", ""),
            signature=form.get("signature", ""),
            address=request.remote_addr or "",
        )
        db.session.commit()
    except (links.NoSuchLink, links.LinkOver):
        raise
    except DomainError as error:
        db.session.rollback()
        return _page(token, refusal=error), error.status
    return _page(token)


def _page(token: str, *, refusal: DomainError | None = None) -> str:
    link: ProformaLink = links.opened(token)
    with acting_as(links.OUTSIDE):
        proforma = open_proforma(link.proforma_id)
        return render_template(
            "proformas/public.html",
            title=_("Proforma %(number)s", number=proforma.number_text),
            proforma=proforma,
            company=company(),
            figures=figures(proforma),
            state_label=STATE_LABELS[proforma.state],
            state_tone=STATE_TONES.get(proforma.state, "muted"),
            is_open=links.is_open(proforma),
            answer=proforma.answer,
            refusal=refusal,
            typed=request.form,
            here=url_for("PublicProformaView.page", token=token, lang=lang()),
            paper=url_for("PublicProformaView.paper", token=token, lang=lang()) if papers.has_paper() else "",
            others=[
                (name, url_for("PublicProformaView.page", token=token, lang=name))
                for name in LANGUAGES
                if name != lang()
            ],
        )


def _gone(error: DomainError) -> tuple[str, HTTPStatus]:
    return render_template("proformas/gone.html", title=_("Proforma"), words=error), error.status
