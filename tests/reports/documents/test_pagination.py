"""Pages cut before an engine runs: nothing lost, sums carried, no page fuller than its paper."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.digits import to_ascii
from app.core.money import Unit, format_rials
from reports.documents.forms import FORMS, LEGAL, SUMMED, Form, PaperForm
from reports.documents.pages import Page, Paper, TableRow
from reports.documents.paper import set_paper
from reports.documents.values import InvoicePrint, PrintAdjustment, PrintSums, sum_lines
from tests.factories.printing import full_invoice, invoice_print, print_line

FORM = FORMS[PaperForm.A4_LANDSCAPE]


def text_of(row: TableRow, at: int) -> str:
    return to_ascii(re.sub(r"<[^>]+>", "", "".join(row.cells[at].lines)))


def line_rows(page: Page) -> list[TableRow]:
    return [row for row in page.rows if row.css not in ("carried", "extra") and "sum" not in row.css]


def positions(paper: Paper) -> list[list[int]]:
    found = [[text_of(row, 0) for row in line_rows(page)] for page in paper.pages]
    return [[int(text) for text in page if text.isdigit()] for page in found]


def amounts(row: TableRow) -> list[str]:
    return [text_of(row, at) for at in range(1, len(row.cells))]


def shown(sums: PrintSums) -> list[str]:
    return [to_ascii(format_rials(getattr(sums, f"{key}_rials"))) for key in SUMMED]


def filled_mm(page: Page, paper: Paper, form: Form) -> float:
    """An independent count of how high a page is."""
    form = form.dense() if paper.dense else form
    gap = form.gap_mm + form.border_mm
    top = form.small_head_mm + gap
    if page.number == 1:
        top = form.head_mm + gap + sum(block.height_mm + gap for block in paper.parties)
    table = sum(row.height_mm + form.border_mm for row in page.rows)
    if page.rows:
        table += paper.head.height_mm + 2 * form.border_mm
    fields = sum(row.height_mm + form.border_mm for row in page.fields) + (gap if page.fields else 0)
    return top + table + fields + (form.signature_mm + gap + form.border_mm if page.signs else 0)


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_columns_fill_the_page_between_its_margins(form: Form) -> None:
    assert sum(width for _, width in form.columns) == pytest.approx(form.inner_width_mm)
    for row in form.party_rows:
        assert sum(share for _, share in row) == pytest.approx(1)


def test_columns_of_the_official_form_stand_in_the_order_of_the_law() -> None:
    assert [key for key, _ in FORM.columns] == list(LEGAL)
    assert len(FORM.columns) == 11


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (15, 1), (60, 3)])
def test_page_counts_of_the_official_form(count: int, pages: int) -> None:
    assert len(set_paper(invoice_print(count), form=FORM, locale="fa").pages) == pages


def test_sums_are_carried_from_page_to_page() -> None:
    value = invoice_print(60)
    paper = set_paper(value, form=FORM, locale="fa")
    done = 0
    for page, on_page in zip(paper.pages, positions(paper), strict=True):
        if page.number > 1:
            assert page.rows[0].css == "carried"
            assert amounts(page.rows[0]) == shown(sum_lines(value.lines[:done]))
        done += len(on_page)
        assert amounts(page.rows[-1]) == shown(sum_lines(value.lines[:done]))
    assert "total" in paper.pages[-1].rows[-1].css
    assert done == 60


def test_additions_stand_between_the_sum_and_the_payable_amount() -> None:
    value = invoice_print(2, adjustments=(PrintAdjustment("حمل", 5000), PrintAdjustment("کسر", -700)))
    rows = set_paper(value, form=FORM, locale="fa").pages[-1].rows[-4:]
    assert [row.css for row in rows] == ["sum", "extra", "extra", "sum total"]
    assert [amounts(row)[-1] for row in rows[1:]] == ["5٬000", "-700", to_ascii(format_rials(value.payable_rials))]


def test_closing_never_stands_alone_on_its_page() -> None:
    for count in range(10, 40):
        last = set_paper(full_invoice(count), form=FORM, locale="fa").pages[-1]
        assert line_rows(last), count
        assert last.signs
        assert last.fields


def test_long_description_goes_on_over_pages_and_counts_once() -> None:
    value = invoice_print(lines=(print_line(0, description="شرح بلند " * 600), print_line(1)))
    paper = set_paper(value, form=FORM, locale="fa")
    assert len(paper.pages) >= 3
    assert [at for page in positions(paper) for at in page] == [1, 2]
    assert amounts(paper.pages[1].rows[0]) == shown(sum_lines(value.lines[:1]))
    printed = sum(len(row.cells[2].lines) for page in paper.pages for row in line_rows(page))
    assert printed == sum(len(_whole_description(line.description)) for line in value.lines)


def _whole_description(text: str) -> tuple[str, ...]:
    alone = set_paper(invoice_print(lines=(print_line(description=text),)), form=FORM, locale="fa")
    return tuple(line for page in alone.pages for row in line_rows(page) for line in row.cells[2].lines)


def test_toman_paper_shows_tens_of_rials() -> None:
    value = invoice_print(lines=(print_line(gross_rials=1235, discount_rials=0, net_rials=1235, tax_rials=0,
                                            payable_rials=1235),), unit=Unit.TOMAN)  # fmt: skip
    row = set_paper(value, form=FORM, locale="fa").pages[0].rows[-1]
    assert amounts(row)[-1] == "123٫5"


_TEXTS = st.text(alphabet="ابپتی‌ ABC12()/-،.\n", max_size=900)


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(_TEXTS, max_size=40),
    note=st.text(alphabet="ابپتی ABC12", max_size=4000),
    extras=st.integers(min_value=0, max_value=12),
    form=st.sampled_from(list(FORMS.values())),
    locale=st.sampled_from(["fa", "en"]),
)
def test_no_page_is_fuller_than_its_paper_and_no_line_is_lost(
    texts: list[str], note: str, extras: int, form: Form, locale: str
) -> None:
    lines = tuple(print_line(at, description=text) for at, text in enumerate(texts))
    value: InvoicePrint = full_invoice(
        lines=lines, note=note, adjustments=[PrintAdjustment(f"ردیف {at}", at) for at in range(extras)]
    )
    paper = set_paper(value, form=form, locale=locale)
    assert [at for page in positions(paper) for at in page] == list(range(1, len(lines) + 1))
    assert [page.signs for page in paper.pages] == [False] * (len(paper.pages) - 1) + [True]
    for page in paper.pages:
        assert filled_mm(page, paper, form) <= form.body_height_mm + 0.01, page.number
