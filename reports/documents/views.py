"""The print routes of one invoice: what it shall look like, then the PDF or the workbook."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import audit, levels, outside
from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError
from app.core.links import record_url
from app.core.ports import ListAction
from app.finance.invoices.models import Invoice, PurchaseInvoice
from app.finance.invoices.services import open_invoice
from app.finance.invoices.states import InvoiceState
from app.finance.print_settings.choices import Copies, Orientation, PaperSize, PrintStyle
from app.finance.print_settings.services import print_settings
from reports.documents.invoices import invoice_papers, invoice_print
from reports.documents.jobs import ACTION, workbook_of
from reports.documents.options import PrintOptions
from reports.documents.render import render_all, render_pdf
from reports.documents.signed import signed_paper

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHOICES = {"style": PrintStyle, "paper": PaperSize, "orientation": Orientation, "copies": Copies}
"""What the dialog asks, by the name of the argument."""

PRINT = ListAction(
    name="print",
    label=_l("Print"),
    icon="printer",
    action=ACTION,
    url=lambda *, subject, record_id: url_for("PrintView.choose", invoice_id=record_id),
    dialog=True,
)


def offer_print(model: type[Any]) -> ListAction | None:
    """The print button of a record whose document has a form."""
    return PRINT if issubclass(model, Invoice) else None


LINK = ListAction(
    name="outside_link",
    label=_l("Link to send"),
    icon="link-45deg",
    action=ACTION,
    url=lambda *, subject, record_id: url_for("PrintView.give", invoice_id=record_id),
)
DAYS = (1, 7, 30)


def offer_link(model: type[Any]) -> ListAction | None:
    """The button that makes a link by which somebody outside gets our paper; a purchase is the supplier's own."""
    return LINK if issubclass(model, Invoice) and model is not PurchaseInvoice else None


def locale_of_now() -> str:
    """The language in which papers are printed: that of the person."""
    return str(get_locale() or "fa")


def invoice_pdf(invoice_id: int) -> Response:
    """The PDF of an invoice as the settings have it, without a copy mark. Raises NotFound."""
    invoice, locale = open_invoice(invoice_id), locale_of_now()
    options = PrintOptions.read({}, print_settings())
    signed = signed_paper(invoice, style=options.style, locale=locale)
    paper = invoice_print(invoice, locale=locale, signed=signed)
    return _inline(render_pdf(paper, form=options.form, locale=locale), invoice)


def _inline(pdf: bytes, invoice: Invoice) -> Response:
    response = make_response(pdf)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="invoice-{invoice.number_text or invoice.id}.pdf"'
    return response


def printable_invoice(invoice_id: int) -> Invoice:
    """An invoice of any kind that the actor sees and may print. Raises NotAllowed, LevelRefused, NotFound."""
    actor = require_current()
    invoice = open_invoice(invoice_id)
    actor.require(ACTION, type(invoice).__subject__)
    levels.require(levels.PRINT, invoice)
    return invoice


class NotIssued(DomainError):
    """A draft is nobody's paper yet."""

    code = "not_issued"
    default_message = _l("Issue the invoice first: a draft is not given to people outside.")


class PrintView(BaseView):
    """Papers of invoices; each asks for the right to print on its own kind."""

    route_base = "/print"
    template_folder = str(Path(__file__).parent / "templates")
    class_permission_name = "reports.documents"
    base_permissions: list[str] = []

    @expose("/invoices/<int:invoice_id>")
    def choose(self, invoice_id: int) -> str:
        """Form, paper and copies, as the settings have them."""
        invoice = printable_invoice(invoice_id)
        part = request.headers.get("X-Part") == "dialog"
        return render_template(
            "documents/choose_part.html" if part else "documents/choose.html",
            title=_("Print: %(what)s", what=str(invoice)),
            action=url_for("PrintView.invoice", invoice_id=invoice_id),
            workbook=url_for("PrintView.workbook", invoice_id=invoice_id),
            back=record_url(invoice) or url_for("HomeView.index"),
            is_draft=invoice.state is InvoiceState.DRAFT,
            choices=CHOICES,
            options=PrintOptions.read({}, print_settings()),
        )

    @expose("/invoices/<int:invoice_id>.pdf")
    def invoice(self, invoice_id: int) -> Response:
        """The PDF; form, paper and copies from the address, else from the settings."""
        invoice, locale = printable_invoice(invoice_id), locale_of_now()
        options = PrintOptions.read(request.args, print_settings())
        signed = signed_paper(invoice, style=options.style, locale=locale)
        papers = invoice_papers(invoice, options.copies, locale=locale, signed=signed)
        if len(papers) == 1:
            return _inline(render_pdf(papers[0], form=options.form, locale=locale), invoice)
        return _inline(render_all(papers, form=options.form, locale=locale), invoice)

    @expose("/invoices/<int:invoice_id>.xlsx")
    def workbook(self, invoice_id: int) -> Response:
        """The official form as a workbook."""
        invoice = printable_invoice(invoice_id)
        response = make_response(workbook_of(invoice, locale=locale_of_now()))
        name = f"invoice-{invoice.number_text or invoice.id}.xlsx"
        response.headers["Content-Type"] = XLSX
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["Cache-Control"] = "no-store, private"
        return response

    @expose("/invoices/<int:invoice_id>/link", methods=("GET", "POST"))
    def give(self, invoice_id: int) -> Any:
        """Make a link to the paper for people outside; the history keeps who gave it away."""
        invoice = printable_invoice(invoice_id)
        back = record_url(invoice) or url_for("HomeView.index")
        title = _("Link to invoice %(name)s", name=str(invoice))
        if request.method != "POST":
            return render_template("kartabl/give_link.html", title=title, days=DAYS, back=back)
        if invoice.state is InvoiceState.DRAFT:
            raise NotIssued(invoice=invoice)
        days = next((number for number in DAYS if request.form.get("days") == str(number)), DAYS[1])
        link = outside.make_link("invoice", invoice_id, lasting=timedelta(days=days))
        audit.record_bulk(db.session, Invoice, [(invoice_id, {})], action="link_given")
        db.session.commit()
        answer = make_response(
            render_template(
                "kartabl/shown_once.html", title=title, secret=link, back=back,
                sentence=_("Whoever has this link can open the PDF:"),
                advice=_("It works for %(days)s days and cannot be changed.", days=days),
            )
        )  # fmt: skip
        answer.headers["Cache-Control"] = "no-store"
        return answer
