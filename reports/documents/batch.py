"""Many papers in one PDF: one run of the engine for all of them."""

from __future__ import annotations

from collections.abc import Iterable

from reports.documents.engines import PdfEngine
from reports.documents.forms import PaperForm
from reports.documents.html import batch_html
from reports.documents.values import InvoicePrint, NothingToPrint


def render_batch(
    values: Iterable[InvoicePrint],
    *,
    engine: PdfEngine,
    form: PaperForm = PaperForm.A4_LANDSCAPE,
    locale: str = "fa",
) -> bytes:
    """All invoices as one PDF, each on pages of its own that count from one.

    Raises:
        NothingToPrint: there is no invoice.
    """
    papers = list(values)
    if not papers:
        raise NothingToPrint
    return engine.render(batch_html(papers, form=form, locale=locale))
