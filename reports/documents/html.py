"""HTML of printed documents: the same text for every engine.

A value is set in type (`layout`), dealt out over pages (`pagination`), printed by one template
and passed through one filter that boxes every run of text (`bidi`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.documents.bidi import box_text_nodes, printable
from reports.documents.fonts import FAMILY
from reports.documents.forms import FORMS, Form, PaperForm
from reports.documents.pages import Paper
from reports.documents.paper import set_paper
from reports.documents.values import InvoicePrint

_TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True)
class HtmlDocument:
    """HTML of one or many documents on one form, and how many pages each must come to."""

    html: str
    form: Form
    paper_pages: tuple[int, ...]

    @property
    def page_count(self) -> int:
        return sum(self.paper_pages)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates of papers."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def invoice_html(value: InvoicePrint, *, form: PaperForm = PaperForm.A4_LANDSCAPE, locale: str = "fa") -> HtmlDocument:
    """One invoice as HTML, cut into pages."""
    return batch_html([value], form=form, locale=locale)


def batch_html(
    values: Sequence[InvoicePrint], *, form: PaperForm = PaperForm.A4_LANDSCAPE, locale: str = "fa"
) -> HtmlDocument:
    """Many invoices as one HTML; each begins a page and counts its own pages. All are priced, or none is."""
    paper_form = FORMS[form] if all(value.is_priced for value in values) else FORMS[form].unpriced()
    papers = [set_paper(value, form=paper_form, locale=locale) for value in values]
    rtl = locale.startswith("fa")
    html = (
        environment()
        .get_template("invoice.html")
        .render(
            papers=papers,
            form=paper_form,
            family=FAMILY,
            lang="fa" if rtl else "en",
            direction="rtl" if rtl else "ltr",
            start="right" if rtl else "left",
            end="left" if rtl else "right",
            title=_document_title(papers, values),
        )
    )
    return HtmlDocument(box_text_nodes(html, rtl=rtl), paper_form, tuple(len(paper.pages) for paper in papers))


def _document_title(papers: Sequence[Paper], values: Sequence[InvoicePrint]) -> str:
    if len(papers) == 1:
        return printable(f"{papers[0].title} {values[0].number}".strip())
    return papers[0].title if papers else ""
