"""The pages of proformas: a draft to work on, an offer to send, revise and follow."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.errors import NotFound
from app.sales.documents.editor import LineQuestions, did, saved, sent
from app.sales.documents.making import Making
from app.sales.proformas import editor_page, links, papers, services
from app.sales.proformas.kinds import ProformaKind
from app.sales.proformas.models import Proforma


class ProformaEditor(LineQuestions, Making):
    """The editor of sales proformas."""

    kind: ClassVar[ProformaKind] = ProformaKind.SALES
    listing: ClassVar[str] = "ProformaView"
    route_base = "/proformas/editor"
    class_permission_name = "sales.proformas"
    default_view = "new"

    def find(self, record_id: int) -> Proforma:
        """A visible proforma of the editor's kind. Raises NotFound."""
        proforma = services.open_proforma(record_id)
        if proforma.kind is not self.kind:
            raise NotFound(proforma_id=record_id)
        return proforma

    def url_of(self, record_id: int) -> str:
        """The page of a proforma of this kind."""
        return url_for(f"{self.endpoint}.show", proforma_id=record_id)

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


class PurchaseProformaEditor(ProformaEditor):
    """The editor of suppliers' proformas."""

    kind = ProformaKind.PURCHASE
    listing = "PurchaseProformaView"
    route_base = "/purchase-proformas/editor"
    class_permission_name = "sales.purchase_proformas"
    is_bought = True
