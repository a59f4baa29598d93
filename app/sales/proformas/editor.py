"""The pages of proformas: a draft to work on, an offer to send, revise and follow."""

from __future__ import annotations

import uuid
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.actor import require_current
from app.core.digits import to_ascii
from app.core.errors import FieldError, Invalid, NotFound
from app.core.links import record_url
from app.sales.documents import conversions
from app.sales.documents.editor import LineQuestions, did, saved, sent
from app.sales.proformas import editor_page, links, papers, services
from app.sales.proformas.kinds import ProformaKind
from app.sales.proformas.models import Proforma


class ProformaEditor(LineQuestions):
    """The editor of sales proformas."""

    kind: ClassVar[ProformaKind] = ProformaKind.SALES
    listing: ClassVar[str] = "ProformaView"
    route_base = "/proformas/editor"
    class_permission_name = "sales.proformas"
    default_view = "new"

    def find(self, proforma_id: int) -> Proforma:
        """A visible proforma of the editor's kind. Raises NotFound."""
        proforma = services.open_proforma(proforma_id)
        if proforma.kind is not self.kind:
            raise NotFound(proforma_id=proforma_id)
        return proforma

    def url_of(self, proforma_id: int) -> str:
        """The page of a proforma of this kind."""
        return url_for(f"{self.endpoint}.show", proforma_id=proforma_id)

    def page(self, proforma: Proforma | None) -> str:
        """The kind's page."""
        return render_template("proformas/editor.html", **editor_page.context(self, proforma))

    @expose("/<int:proforma_id>")
    @has_access
    @permission_name("show")
    def show(self, proforma_id: int) -> str:
        return self.page(self.find(proforma_id))

    @expose("/new")
    @has_access
    @permission_name("add")
    def new(self) -> str:
        return self.page(None)

    @expose("/save", methods=["POST"])
    @has_access
    @permission_name("add")
    def save_new(self) -> Any:
        return saved(lambda: services.save_draft(sent(), kind=self.kind), self.url_of)

    @expose("/<int:proforma_id>/save", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self, proforma_id: int) -> Any:
        self.find(proforma_id)
        return saved(lambda: services.save_draft(sent(), kind=self.kind, proforma_id=proforma_id), self.url_of)

    @expose("/<int:proforma_id>/discard", methods=["POST"])
    @has_access
    @permission_name("delete")
    def discard(self, proforma_id: int) -> Any:
        self.find(proforma_id)
        if did(lambda: services.discard_draft(proforma_id)):
            flash(_("The draft is discarded."), "success")
            return redirect(url_for(f"{self.listing}.list"))
        return redirect(self.url_of(proforma_id))

    @expose("/<int:proforma_id>/revise", methods=["POST"])
    @has_access
    @permission_name("revise")
    def revise(self, proforma_id: int) -> Any:
        """Open a new revision."""
        self.find(proforma_id)
        made: list[Proforma] = []
        if not did(lambda: made.append(services.revise(proforma_id))):
            return redirect(self.url_of(proforma_id))
        flash(_("This is the new revision. The one before can be read and is not valid any more."), "success")
        return redirect(self.url_of(made[0].id))

    @expose("/<int:proforma_id>/link", methods=["POST"])
    @has_access
    @permission_name("send")
    def link(self, proforma_id: int) -> Any:
        """Make a link for the customer and show it, this once."""
        proforma = self.find(proforma_id)
        made: list[Any] = []
        recipient = request.form.get("recipient", "")
        if not did(lambda: made.append(links.make_link(proforma_id, recipient=recipient))):
            return redirect(self.url_of(proforma_id))
        _link, token = made[0]
        answer = make_response(
            render_template(
                "kartabl/shown_once.html",
                title=_("Link to proforma %(name)s", name=str(proforma)),
                secret=url_for("PublicProformaView.page", token=token, _external=True),
                back=self.url_of(proforma_id),
                sentence=_("Whoever has this link sees the offer and can answer it:"),
                advice=_("It works until the last day of the offer, and can be revoked on the page of the proforma."),
            )
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/<int:proforma_id>/links/<int:link_id>/revoke", methods=["POST"])
    @has_access
    @permission_name("send")
    def revoke(self, proforma_id: int, link_id: int) -> Any:
        """Close a link at once."""
        self.find(proforma_id)
        if did(lambda: links.revoke(proforma_id, link_id)):
            flash(_("The link is closed."), "success")
        return redirect(self.url_of(proforma_id))

    @expose("/<int:proforma_id>/paper.pdf")
    @has_access
    @permission_name("print")
    def paper(self, proforma_id: int) -> Any:
        """The PDF."""
        return papers.pdf_answer(self.find(proforma_id), inline=True)

    @expose("/<int:proforma_id>/signature.png")
    @has_access
    @permission_name("show")
    def signature(self, proforma_id: int) -> Any:
        """What the customer drew."""
        found = self.find(proforma_id).answer
        if found is None or found.signature is None:
            raise NotFound(proforma_id=proforma_id)
        response = make_response(found.signature)
        response.headers["Content-Type"] = "image/png"
        return response

    @expose("/<int:proforma_id>/convert/<route>", methods=["GET", "POST"])
    @has_access
    @permission_name("convert")
    def convert(self, proforma_id: int, route: str) -> Any:
        """What of it goes over, by line; then the document that is made."""
        proforma = self.find(proforma_id)
        way = next((one for one in conversions.routes_from(proforma) if one.name == route), None)
        if way is None:
            raise NotFound(route=route)
        if request.method != "POST":
            return self._ask(proforma, way)
        made: list[Any] = []
        key = request.form.get("key", "")

        def make() -> None:
            made.append(conversions.convert(route, proforma_id, key=key, quantities=_quantities(proforma)))

        if not did(make):
            return redirect(url_for(f"{self.endpoint}.convert", proforma_id=proforma_id, route=route))
        flash(_("Made from the proforma: a draft to check and issue."), "success")
        return redirect(record_url(made[0]) or self.url_of(proforma_id))

    def _ask(self, proforma: Proforma, way: conversions.Route) -> str:
        return render_template(
            "proformas/convert.html",
            title=_("%(target)s from %(source)s", target=str(way.label), source=str(proforma)),
            proforma=proforma,
            way=way,
            left=conversions.left_of(proforma, way.lane),
            key=str(uuid.uuid4()),
            may_exceed=require_current().can("exceed", self.class_permission_name),
            action=url_for(f"{self.endpoint}.convert", proforma_id=proforma.id, route=way.name),
            back=self.url_of(proforma.id),
        )


def _quantities(proforma: Proforma) -> dict[int, Decimal]:
    """What was typed for each line, by its id. Raises Invalid."""
    found, errors = {}, []
    for line in proforma.lines:
        typed = to_ascii(request.form.get(f"line-{line.id}", "")).replace(",", "").strip()
        try:
            quantity = Decimal(typed or "0")
            if not quantity.is_finite() or abs(quantity) >= 10**12 or quantity != round(quantity, 3):
                raise InvalidOperation
            found[line.id] = quantity
        except InvalidOperation:
            errors.append(FieldError(f"line-{line.id}", "quantity", _l("A quantity is not a number.")))
    if errors:
        raise Invalid(errors)
    return found


class PurchaseProformaEditor(ProformaEditor):
    """The editor of suppliers' proformas."""

    kind = ProformaKind.PURCHASE
    listing = "PurchaseProformaView"
    route_base = "/purchase-proformas/editor"
    class_permission_name = "sales.purchase_proformas"
    is_bought = True
