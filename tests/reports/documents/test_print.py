"""The printed paper itself, read back: the same HTML over both engines."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.core.money import format_rials
from reports.documents.batch import render_batch
from reports.documents.engines import PdfEngine
from reports.documents.forms import FORMS, LEGAL, ColumnKey, PaperForm
from reports.documents.html import HtmlDocument, invoice_html
from reports.documents.values import CopyMark, InvoicePrint, NothingToPrint, PartyBlock, sum_lines
from tests.factories.printing import full_invoice, invoice_print, print_line
from tests.reports.documents.paperwork import Word, html_pages, letters, numbers, pdf_pages, pictures, plain, words

HOSTILE = (
    print_line(0, description="شرح بلند " * 556),
    print_line(1, description="A" * 5000),
    print_line(2, description="<script>alert('x')</script> <img src=http://127.0.0.1/> & \u202e {{ 7*7 }}"),
    print_line(3, description="", unit="", code=""),
)
PAPERS: dict[str, InvoicePrint] = {
    "15 lines": full_invoice(15),
    "60 lines": full_invoice(60),
    "32 lines": full_invoice(32, mark=CopyMark.COPY),
    "hostile": full_invoice(lines=HOSTILE, buyer=PartyBlock(), note="یادداشت " * 400, mark=CopyMark.VOID),
    "no lines": invoice_print(0, buyer=PartyBlock(), note="", amount_in_words="", due_on=None, issued_on=None),
}
LANDSCAPE = PaperForm.A4_LANDSCAPE
EDITIONS = [
    *(pytest.param(name, LANDSCAPE, "fa", id=name) for name in PAPERS),
    *(pytest.param("32 lines", form, "fa", id=form) for form in PaperForm if form is not LANDSCAPE),
    pytest.param("32 lines", LANDSCAPE, "en", id="en"),
]
_made: dict[tuple[str, str, str, str], bytes] = {}


@lru_cache(maxsize=32)
def document(name: str, form: PaperForm, locale: str) -> HtmlDocument:
    return invoice_html(PAPERS[name], form=form, locale=locale)


def printed(engine: PdfEngine, name: str, form: PaperForm = LANDSCAPE, locale: str = "fa") -> bytes:
    """A paper, made once by each engine for all tests of this file."""
    key = (engine.name, name, form, locale)
    if key not in _made:
        _made[key] = engine.render(document(name, form, locale))
    return _made[key]


@pytest.mark.parametrize(("name", "form", "locale"), EDITIONS)
def test_every_number_and_letter_of_the_html_is_on_its_page(
    engine: PdfEngine, name: str, form: PaperForm, locale: str
) -> None:
    html = html_pages(document(name, form, locale).html)
    pdf = pdf_pages(printed(engine, name, form, locale))
    assert len(pdf) == len(html) == document(name, form, locale).page_count
    for number, (expected, found) in enumerate(zip(html, pdf, strict=True), start=1):
        assert numbers(found) == numbers(expected), number
        assert letters(found) == letters(expected), number


@pytest.mark.parametrize(("name", "pages"), [("15 lines", 1), ("60 lines", 3)])
def test_pages_count_themselves_at_the_foot(engine: PdfEngine, name: str, pages: int) -> None:
    found = words(printed(engine, name))
    assert len(found) == pages
    for at, page in enumerate(found, start=1):
        foot = [word.text for word in page if word.top > FORMS[LANDSCAPE].height_mm - 13]
        assert sorted(text for text in foot if text.isdigit()) == sorted([str(at), str(pages)])


def test_carried_sums_are_printed_on_both_pages(engine: PdfEngine) -> None:
    lines = PAPERS["60 lines"].lines
    pages = words(printed(engine, "60 lines"))
    done = 0
    for before, after in pairwise(pages):
        done += len(_positions(before))
        carried = plain(format_rials(sum_lines(lines[:done]).payable_rials))
        assert carried in {word.text for word in before}
        assert carried in {word.text for word in after}


def test_sums_payable_and_words_close_the_last_page(engine: PdfEngine) -> None:
    value = PAPERS["60 lines"]
    last = pdf_pages(printed(engine, "60 lines"))[-1]
    for rials in (value.sums.gross_rials, value.sums.tax_rials, value.sums.payable_rials, value.payable_rials):
        assert plain(format_rials(rials)) in numbers(last)
    joined = plain(last).replace("\n", " ")
    for word in plain(value.amount_in_words).split():
        assert word in joined


def _column(key: ColumnKey) -> tuple[float, float]:
    """Left and right edge of a column of the Persian form; the first column stands at the right."""
    form = FORMS[LANDSCAPE]
    right = form.width_mm - form.margin_mm
    for name, width in form.columns:
        if name is key:
            return right - width, right
        right -= width
    raise KeyError(key)


def _inside(page: list[Word], key: ColumnKey) -> list[Word]:
    left, right = _column(key)
    return [word for word in page if left < (word.left + word.right) / 2 < right]


def _positions(page: list[Word]) -> list[int]:
    rows = sorted(_inside(page, ColumnKey.ROW), key=lambda word: word.top)
    return [int(word.text) for word in rows if word.text.isdigit()]


def test_rows_run_down_from_the_right_column_and_none_is_cut(engine: PdfEngine) -> None:
    pages = words(printed(engine, "60 lines"))
    assert [at for page in pages for at in _positions(page)] == list(range(1, 61))
    lines = PAPERS["60 lines"].lines
    for page in pages:
        for row in _inside(page, ColumnKey.ROW):
            if row.text.isdigit():
                payable = plain(format_rials(lines[int(row.text) - 1].payable_rials))
                beside = [word for word in _inside(page, ColumnKey.PAYABLE) if abs(word.middle - row.middle) < 1]
                assert [word.text for word in beside] == [payable]


@pytest.mark.parametrize("name", ["60 lines", "hostile"])
def test_no_word_of_the_table_leaves_its_column(engine: PdfEngine, name: str) -> None:
    page = words(printed(engine, name))[0]
    table = [word for word in page if 60 < word.top < 185]
    for key in LEGAL:
        left, right = _column(key)
        for word in (word for word in _inside(table, key) if word.text.strip()):
            if key is ColumnKey.UNIT_PRICE or word.bottom - word.top > 10:
                continue  # the label of the sum row runs over columns; the watermark over all
            assert left - 0.1 <= word.left, (key, word)
            assert word.right <= right + 0.1, (key, word)


def test_amounts_of_a_column_end_on_one_line(engine: PdfEngine) -> None:
    page = words(printed(engine, "15 lines"))[0]
    edges = [word.right for word in _inside(page, ColumnKey.PAYABLE) if word.text.count(",") >= 2]
    assert len(edges) > 15
    assert max(edges) - min(edges) < 0.5


@pytest.mark.parametrize(("name", "form", "locale"), EDITIONS)
def test_borders_are_whole_and_margins_equal(
    engine: PdfEngine, name: str, form: PaperForm, locale: str, tmp_path: Path
) -> None:
    size = FORMS[form]
    for picture in pictures(printed(engine, name, form, locale), tmp_path):
        ink = picture < 225
        dot = size.width_mm / ink.shape[1]
        upright = np.flatnonzero(ink.sum(axis=0) * dot > 15)
        left, right = upright[0] * dot, size.width_mm - (upright[-1] + 1) * dot
        assert left == pytest.approx(size.margin_mm, abs=0.6)
        assert right == pytest.approx(size.margin_mm, abs=0.6)
        edge = int((size.margin_mm - 1) / dot)
        assert not ink[:, :edge].any()
        assert not ink[:, -edge:].any()
        assert not ink[-edge:].any()


def test_script_in_a_description_prints_as_text(engine: PdfEngine) -> None:
    html = document("hostile", LANDSCAPE, "fa").html
    assert "<script" not in html
    assert "<img src=http" not in html
    text = plain(" ".join(pdf_pages(printed(engine, "hostile"))))
    assert "alert('x')" in text
    assert text.count("script") == 2
    assert "7*7" in text


def test_batch_is_one_pdf_whose_papers_count_their_own_pages(engine: PdfEngine) -> None:
    values = [invoice_print(2, number="1405-1"), invoice_print(25, number="1405-2"), invoice_print(1, number="1405-3")]
    pages = pdf_pages(render_batch(values, engine=engine))
    alone = [len(pdf_pages(engine.render(invoice_html(value)))) for value in values]
    assert len(pages) == sum(alone) == 4
    assert [next(n for n in ("1405-1", "1405-2", "1405-3") if n in plain(page)) for page in pages] == [
        "1405-1",
        "1405-2",
        "1405-2",
        "1405-3",
    ]


def test_empty_batch_is_refused(engine: PdfEngine) -> None:
    with pytest.raises(NothingToPrint):
        render_batch([], engine=engine)
