"""One invoice as a paper: its parts set in type, measured and dealt out over pages."""

from __future__ import annotations

from functools import lru_cache

import segno
from markupsafe import Markup

from app.core.calendar import format_date, format_datetime
from reports.documents.forms import SUMMED, Form
from reports.documents.labels import Labels
from reports.documents.layout import Sheet, amount_row, field_row, party, sum_row, table_head, terms_line
from reports.documents.pages import Cell, FieldRow, Page, Paper, Party, Signature, TableRow
from reports.documents.pagination import Heights, Paginator
from reports.documents.typeset import Typesetter
from reports.documents.values import CopyMark, InvoicePrint, PartyBlock, SignatureSlot

_WATERMARKS = (CopyMark.DRAFT, CopyMark.VOID)
_SIGNATURE_LINES = 2
NAME_SIZE = 1.35
"""The company's name in its own head, by the size of the other text."""
SMALL_HEAD_SHARE = 1 / 3
"""Seller, title and reference share the small head of the later pages."""


def set_paper(value: InvoicePrint, *, form: Form, locale: str) -> Paper:
    """One invoice set in type on one form; rows stand closer where that saves a page."""
    roomy = _set(value, form, locale, dense=False)
    if len(roomy.pages) == 1:
        return roomy
    dense = _set(value, form.dense(), locale, dense=True)
    return dense if len(dense.pages) < len(roomy.pages) else roomy


def _set(value: InvoicePrint, form: Form, locale: str, *, dense: bool) -> Paper:
    sheet = Sheet(
        form, Labels(locale=locale, unit=value.unit, is_company=form.is_company), Typesetter(locale), value.unit
    )
    labels = sheet.labels
    parties = _parties(sheet, value)
    relation = _relation(sheet, value)
    head = table_head(sheet)
    pages = _pages(sheet, value, _heights(form, parties, head, len(relation)))
    title = labels.title(value.title)
    mark = " · ".join(labels[f"mark_{one}"] for one in (value.mark, value.copy) if one is not CopyMark.NONE)
    short = _short_reference(sheet, value)
    return Paper(
        dense=dense,
        pad_mm=form.pad_mm,
        title=title,
        title_points=sheet.type.one_line_size(
            title, width_mm=form.inner_width_mm * 0.5, points=form.title_points, bold=True
        ),
        currency_note=labels["currency_note"].replace("{unit}", labels.unit),
        seller_name=_one_line(sheet, _ours(value).name, share=SMALL_HEAD_SHARE - 0.02),
        reference=_reference(sheet, value),
        short_reference=short,
        small_points=_small_points(sheet, title, short, mark),
        parties=parties,
        head=head,
        pages=pages,
        signatures=_signatures(sheet, value),
        logo=value.logo,
        qr=_qr(value.qr),
        qr_label=value.check_code or labels["verify"],
        mark=mark,
        watermark=labels[f"mark_{value.mark}"] if value.mark in _WATERMARKS else "",
        relation=relation,
        company=_company(sheet, value) if form.is_company else ((), ()),
        page_lines=tuple(labels.page(page.number, len(pages)) for page in pages),
    )


def _heights(form: Form, parties: tuple[Party, ...], head: TableRow, related_lines: int) -> Heights:
    """What stands around the rows; `related_lines` is how many lines name other documents."""
    gaps = form.gap_mm + form.border_mm
    related = related_lines * form.leading_mm + 1 if related_lines else 0
    return Heights(
        first_top=form.head_mm + related + sum(block.height_mm + gaps for block in parties) + gaps,
        next_top=form.small_head_mm + gaps,
        table_head=head.height_mm + 2 * form.border_mm,
        signatures=form.signature_mm + gaps + form.border_mm,
    )


def _ours(value: InvoicePrint) -> PartyBlock:
    return value.buyer if value.is_bought else value.seller


def _parties(sheet: Sheet, value: InvoicePrint) -> tuple[Party, ...]:
    """Both parties; on the company form only the other one, as the head says who we are."""
    both = {"seller": value.seller, "buyer": value.buyer}
    if sheet.form.is_company:
        del both["buyer" if value.is_bought else "seller"]
    return tuple(party(sheet, block, side=side) for side, block in both.items() if block.name)


def _relation(sheet: Sheet, value: InvoicePrint) -> tuple[Markup, ...]:
    texts = [sheet.labels.relation(relation, number) for relation, number in value.relations]
    wide = sheet.form.inner_width_mm * 0.5
    return sheet.type.lines(
        "، ".join(texts) if sheet.type.rtl else ", ".join(texts), width_mm=wide, points=sheet.form.points
    )


def _company(sheet: Sheet, value: InvoicePrint) -> tuple[tuple[Markup, ...], tuple[Markup, ...]]:
    """The company's name and the text under it, as many lines as the head has room for."""
    form = sheet.form
    wide = form.inner_width_mm * form.head_share - (form.head_mm if value.logo else 0)
    name = sheet.type.lines(_ours(value).name, width_mm=wide, points=form.points * NAME_SIZE, bold=True)[:2]
    room = int((form.head_mm - len(name) * form.leading_mm * NAME_SIZE) // form.leading_mm)
    text = value.head_text or _ours(value).phone
    return name, sheet.type.lines(text, width_mm=wide, points=form.points)[: max(room, 0)]


def _pages(sheet: Sheet, value: InvoicePrint, heights: Heights) -> tuple[Page, ...]:
    paginator = Paginator(sheet, heights)
    paginator.add_lines(value.lines)
    if not value.lines:
        paginator.add_blank(_blank_row(sheet))
    paginator.close(tail=_tail(sheet, value), fields=_closing_fields(sheet, value))
    return paginator.pages()


def _blank_row(sheet: Sheet) -> TableRow:
    cells = tuple(Cell((), css="num" if key in SUMMED else "") for key, _ in sheet.form.columns)
    return TableRow(cells, sheet.row_height(1))


def _tail(sheet: Sheet, value: InvoicePrint) -> list[TableRow]:
    """The sums of the lines; with additions and deductions also these and what is payable."""
    if not value.is_priced:
        return []
    if not value.adjustments:
        return [sum_row(sheet, sheet.labels["sum"], value.sums, css="sum total")]
    return [
        sum_row(sheet, sheet.labels["sum"], value.sums),
        *(amount_row(sheet, row.label, row.amount_rials, css="extra") for row in value.adjustments),
        amount_row(sheet, f"{sheet.labels['payable']} ({sheet.labels.unit})", value.payable_rials, css="sum total"),
    ]


def _closing_fields(sheet: Sheet, value: InvoicePrint) -> list[FieldRow]:
    wide = sheet.form.inner_width_mm
    due = format_date(value.due_on, sheet.type.locale) if value.due_on else ""
    words = (
        "in_words",
        f"{value.amount_in_words} {sheet.labels.unit}" if value.amount_in_words else "",
        sheet.form.words_share,
    )
    terms = ("terms", terms_line(sheet, value.terms, due), 1 - sheet.form.words_share)
    note = field_row(sheet, [("note", value.note, 1.0)], width_mm=wide)
    if not value.is_priced:
        return [note]
    own = _company_fields(sheet, value) if sheet.form.is_company else []
    if sheet.form.words_share == 1.0:
        return [
            field_row(sheet, [words], width_mm=wide),
            field_row(sheet, [("terms", terms[1], 1.0)], width_mm=wide),
            note,
            *own,
        ]
    return [field_row(sheet, [words, terms], width_mm=wide), note, *own]


def _company_fields(sheet: Sheet, value: InvoicePrint) -> list[FieldRow]:
    """What the company writes under its own form: its accounts, its terms; nothing where it wrote nothing."""
    wide = sheet.form.inner_width_mm
    rows = []
    if value.bank_accounts and not value.is_bought:
        rows.append(field_row(sheet, [("bank_accounts", value.bank_accounts, 1.0)], width_mm=wide))
    if value.foot_text:
        rows.append(field_row(sheet, [("", value.foot_text, 1.0)], width_mm=wide))
    return rows


def _reference(sheet: Sheet, value: InvoicePrint) -> tuple[tuple[str, str], ...]:
    """Serial, number and date with their labels; an unknown serial is left out."""
    rows = _short_reference(sheet, value)
    if value.supplier_number:
        return ((f"{sheet.labels['supplier_number']}:", sheet.type.code(value.supplier_number)), *rows)
    if value.deliver_on is not None:
        rows = (*rows, (f"{sheet.labels['deliver_on']}:", format_date(value.deliver_on, sheet.type.locale)))
    if value.serial:
        rows = ((f"{sheet.labels['serial']}:", sheet.type.code(value.serial)), *rows)
    return rows


def _short_reference(sheet: Sheet, value: InvoicePrint) -> tuple[tuple[str, str], ...]:
    """Number and date, which stand on every page."""
    issued = format_date(value.issued_on, sheet.type.locale) if value.issued_on else ""
    return (
        (f"{sheet.labels['number']}:", sheet.type.code(value.number)),
        (f"{sheet.labels['date']}:", issued),
    )


def _small_points(sheet: Sheet, title: str, reference: tuple[tuple[str, str], ...], mark: str) -> float:
    """The size of type in which title and reference keep to their thirds of a page's small head."""
    wide = sheet.form.inner_width_mm * SMALL_HEAD_SHARE - 2 * sheet.form.side_pad_mm
    gaps = sheet.form.side_pad_mm * 6
    texts = (" ".join(f"{label} {text}" for label, text in reference), f"{title} {mark}".strip())
    return round(
        min(
            sheet.type.one_line_size(text, width_mm=wide - gaps, points=sheet.form.points, bold=True) for text in texts
        ),
        2,
    )


def _one_line(sheet: Sheet, text: str, *, share: float) -> Markup:
    """The text cut to one line of a share of the page."""
    lines = sheet.type.lines(text, width_mm=sheet.form.inner_width_mm * share, points=sheet.form.points, bold=True)
    if not lines:
        return Markup("")
    return lines[0] + "…" if len(lines) > 1 else lines[0]


def _signatures(sheet: Sheet, value: InvoicePrint) -> tuple[Signature, ...]:
    """Our place with the stamp, the slots of the form, the other party's; electronic slots stand for ours."""
    first, last = ("seller_sign", "buyer_sign") if value.is_priced else ("ordered_by", "works")
    ours = () if value.check_code else (Signature(sheet.labels[first], image=value.stamp),)
    count = len(value.signatures) + len(ours) + 1
    return (
        *ours,
        *(_signature(sheet, slot, count) for slot in value.signatures),
        Signature(sheet.labels[last]),
    )


def _signature(sheet: Sheet, slot: SignatureSlot, count: int) -> Signature:
    wide = sheet.form.inner_width_mm / count - 2 * sheet.form.side_pad_mm
    who = " - ".join(part for part in (slot.name, slot.post) if part)
    room = 1 if slot.note else _SIGNATURE_LINES
    lines = sheet.type.lines(who, width_mm=wide, points=sheet.form.points)[:room]
    if slot.note:
        lines = (*lines, *sheet.type.lines(slot.note, width_mm=wide, points=sheet.form.points)[:_SIGNATURE_LINES])
    if slot.signed_at is not None:
        signed = format_datetime(slot.signed_at, sheet.type.locale)
        lines = (*lines, *sheet.type.code_lines(signed, width_mm=wide, points=sheet.form.points))
    return Signature(slot.label, lines, slot.image)


@lru_cache(maxsize=256)
def _qr(payload: str) -> str | None:
    if not payload:
        return None
    return segno.make(payload, error="m", micro=False).png_data_uri(scale=6, border=1)
