"""From a printed value to a PDF, by the configured engine."""

from __future__ import annotations

from flask import current_app

from reports.documents.engines import choose_engine
from reports.documents.forms import PaperForm
from reports.documents.html import invoice_html
from reports.documents.values import InvoicePrint


def render_pdf(value: InvoicePrint, *, form: PaperForm = PaperForm.A4_LANDSCAPE, locale: str = "fa") -> bytes:
    """The paper of one invoice as PDF bytes."""
    engine = choose_engine(current_app.config["PDF_ENGINE"], data=current_app.config["DATA"])
    return engine.render(invoice_html(value, form=form, locale=locale))
