"""A statement of account on paper: the company's head, the period, a running balance, carried sums.

Rows are set in type and dealt out over pages here, as those of invoices are; no engine cuts a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup

from app.core.calendar import format_date
from app.core.clock import today
from app.core.money import words
from app.core.pictures import data_uri
from app.finance.print_settings.services import print_settings
from app.finance.settlement.statement import Row, Statement
from app.org.company.services import company
from reports.documents.bidi import box_text_nodes, printable
from reports.documents.fonts import FAMILY
from reports.documents.forms import FORMS, Form, PaperForm
from reports.documents.html import HtmlDocument, environment
from reports.documents.typeset import Typesetter

POINTS, LEADING_MM, PAD_MM = 8.6, 4.3, 0.9
WIDTHS_MM = {"row": 9.0, "on": 19.0, "text": 66.0, "debit": 29.0, "credit": 29.0, "balance": 30.0, "side": 8.0}
FIRST_TOP_MM, NEXT_TOP_MM, HEAD_MM, CLOSING_MM = 47.0, 13.0, 8.0, 36.0
"""What stands over the table of the first and of later pages, its head, and what closes the last page."""


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A row of the table as it is printed; `css` is its look, `height_mm` without borders."""

    number: str
    on: str
    text: tuple[Markup, ...]
    debit: str
    credit: str
    balance: str
    side: str
    height_mm: float
    css: str = ""


def statement_html(statement: Statement, *, locale: str = "fa") -> HtmlDocument:
    """The whole statement as HTML, cut into pages of A4."""
    form, setter = FORMS[PaperForm.COMPANY_A4_PORTRAIT], Typesetter(locale)
    with force_locale(locale):
        pages = _Pages(form, setter, statement).deal()
        html = environment().get_template("statement.html").render(
            **_head(statement, setter),
            pages=pages,
            widths=WIDTHS_MM,
            heads=_heads(),
            page_lines=[_("Page %(page)s of %(pages)s", page=at, pages=len(pages)) for at in range(1, len(pages) + 1)],
            form=form, family=FAMILY, points=POINTS, leading=LEADING_MM, pad=PAD_MM, head_mm=HEAD_MM,
            lang="fa" if setter.rtl else "en", direction="rtl" if setter.rtl else "ltr",
            start="right" if setter.rtl else "left", end="left" if setter.rtl else "right",
        )  # fmt: skip
    return HtmlDocument(box_text_nodes(html, rtl=setter.rtl), form, (len(pages),))


def _heads() -> dict[str, str]:
    return {
        "row": _("No."), "on": _("Date"), "text": _("Description"), "debit": _("Debits"), "credit": _("Credits"),
        "balance": _("Balance"), "side": "",
    }  # fmt: skip


def _head(statement: Statement, setter: Typesetter) -> dict[str, object]:
    us, settings, party = company(), print_settings(), statement.customer
    wide = FORMS[PaperForm.COMPANY_A4_PORTRAIT].inner_width_mm
    since = _day(statement.since, setter) if statement.since else ""
    until = _day(statement.until or today(), setter)
    codes = [
        (_("National ID"), party.legal_id or party.national_id),
        (_("Code"), party.code),
        (_("Phone"), party.phone),
    ]
    return {
        "title": _("Statement of account"),
        "document_title": printable(_("Statement of account of %(name)s", name=party.name)),
        "logo": data_uri(settings.logo),
        "company": setter.lines(us.name, width_mm=wide * 0.34, points=POINTS * 1.35, bold=True)[:2],
        "head_text": setter.lines(settings.head_text or us.phone or "", width_mm=wide * 0.34, points=POINTS)[:2],
        "party_label": _("Party"),
        "party": setter.lines(party.name, width_mm=wide * 0.6, points=POINTS, bold=True)[:2],
        "short_party": setter.lines(party.name, width_mm=wide * 0.38, points=POINTS, bold=True)[:1],
        "short_company": setter.lines(us.name, width_mm=wide * 0.38, points=POINTS, bold=True)[:1],
        "codes": [(label, setter.code(str(value))) for label, value in codes if value],
        "period": _("From %(since)s to %(until)s", since=since, until=until) if since
        else _("Up to %(until)s", until=until),
        "made": _("Printed on %(day)s", day=_day(today(), setter)),
        "closing": setter.lines(_closing(statement, setter), width_mm=wide - 4, points=POINTS, bold=True),
        "note": _("Amounts in rials. Cheques that are not cleared are counted as received."),
        "signatures": (_("Issued by"), _("Confirmed by the party")),
    }  # fmt: skip


def _day(value: date, setter: Typesetter) -> str:
    return format_date(value, setter.locale)


def _closing(statement: Statement, setter: Typesetter) -> str:
    amount = abs(statement.after)
    if not amount:
        return _("The account is balanced.")
    said = {"amount": _grouped(amount, setter), "words": words(amount, locale=setter.locale)}
    if statement.after > 0:
        return _("The party owes %(amount)s rials (%(words)s).", **said)
    return _("The party is owed %(amount)s rials (%(words)s).", **said)


def _grouped(amount: int, setter: Typesetter) -> str:
    return setter.decimal(Decimal(amount))


class _Pages:
    """Deals the rows out over pages: each ends with the sums up to it, the next begins with them."""

    def __init__(self, form: Form, setter: Typesetter, statement: Statement) -> None:
        self.form, self.setter, self.statement = form, setter, statement
        self.debit = self.credit = 0
        self.balance = statement.before

    def deal(self) -> list[list[PaperRow]]:
        pages: list[list[PaperRow]] = []
        page, room = self._begin(pages)
        rows = list(self._rows())
        for at, (row, printed) in enumerate(rows):
            is_last = at == len(rows) - 1
            after = self._cost(self._sum_height()) + (CLOSING_MM if is_last else 0)
            if self._cost(printed.height_mm) + after > room and len(page) > (1 if pages else 0):
                page.append(self._sums(_("Sum up to this page"), "carried"))
                pages.append(page)
                page, room = self._begin(pages)
            page.append(printed)
            room -= self._cost(printed.height_mm)
            self.debit, self.credit, self.balance = self.debit + row.debit, self.credit + row.credit, row.balance
        page.append(self._sums(_("Total"), "total"))
        return [*pages, page]

    def _begin(self, pages: Sequence[object]) -> tuple[list[PaperRow], float]:
        top = NEXT_TOP_MM if pages else FIRST_TOP_MM
        room = self.form.body_height_mm - top - self._cost(HEAD_MM)
        page: list[PaperRow] = []
        if pages:
            page.append(self._sums(_("Carried from the page before"), "carried"))
        elif self.statement.since is not None:
            page.append(self._sums(_("Carried over"), "carried"))
        return page, room - sum(self._cost(row.height_mm) for row in page)

    def _cost(self, height_mm: float) -> float:
        return height_mm + 2 * self.form.border_mm

    def _sum_height(self) -> float:
        return LEADING_MM + 2 * PAD_MM

    def _sums(self, label: str, css: str) -> PaperRow:
        is_opening = not self.debit and not self.credit and css == "carried"
        debit, credit = ("", "") if is_opening else (self._amount(self.debit), self._amount(self.credit))
        text = (self.setter.boxed(label),)
        return PaperRow("", "", text, debit, credit, *self._owed(self.balance), self._sum_height(), css)

    def _rows(self) -> Iterator[tuple[Row, PaperRow]]:
        wide = WIDTHS_MM["text"] - 2 * self.form.side_pad_mm
        for at, row in enumerate(self.statement.rows, start=1):
            text = self.setter.lines(_text_of(row), width_mm=wide, points=POINTS)
            yield (
                row,
                PaperRow(
                    number=self.setter.decimal(Decimal(at)),
                    on=_day(row.on, self.setter),
                    text=text,
                    debit=self._amount(row.debit) if row.debit else "",
                    credit=self._amount(row.credit) if row.credit else "",
                    balance=self._owed(row.balance)[0],
                    side=self._owed(row.balance)[1],
                    height_mm=max(len(text), 1) * LEADING_MM + 2 * PAD_MM,
                ),
            )

    def _amount(self, amount: int) -> str:
        return _grouped(amount, self.setter)

    def _owed(self, balance: int) -> tuple[str, str]:
        """A balance without sign, and the short word of its side."""
        side = "" if not balance else _("Dr.") if balance > 0 else _("Cr.")
        return self._amount(abs(balance)), side


def _text_of(row: Row) -> str:
    return f"{row.title} — {row.detail}" if row.detail else row.title
