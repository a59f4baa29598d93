"""From a printed value to a PDF, by the engine and the folder that the settings name."""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app

from reports.documents.batch import render_batch
from reports.documents.engines import PdfEngine, choose_engine
from reports.documents.forms import PaperForm
from reports.documents.html import invoice_html
from reports.documents.store import PaperStore, stored_pdf
from reports.documents.values import CopyMark, InvoicePrint


def engine_of_settings() -> PdfEngine:
    """The engine that this installation prints with. Raises PdfEngineMissing."""
    return choose_engine(current_app.config["PDF_ENGINE"], data=current_app.config["DATA"])


def render_pdf(value: InvoicePrint, *, form: PaperForm = PaperForm.A4_LANDSCAPE, locale: str = "fa") -> bytes:
    """The paper of one invoice as PDF bytes; made once, but for a draft, which changes, and a signed one.

    Signatures stay encrypted at rest: no paper that carries them is kept.
    """
    if value.mark is CopyMark.DRAFT or value.check_code:
        return engine_of_settings().render(invoice_html(value, form=form, locale=locale))
    store = PaperStore(current_app.config["DATA"] / "papers")
    return stored_pdf(value, store=store, engine=engine_of_settings(), form=form, locale=locale)


def render_all(
    values: Iterable[InvoicePrint], *, form: PaperForm = PaperForm.A4_LANDSCAPE, locale: str = "fa"
) -> bytes:
    """Many papers as one PDF. Raises NothingToPrint when there is none."""
    return render_batch(values, engine=engine_of_settings(), form=form, locale=locale)
