"""A proforma as the value that the form prints, and its PDF."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import gettext as _

from app.core import levels
from app.core.calendar import format_date
from app.core.formats import lang
from app.core.money import words
from app.core.pictures import data_uri
from app.finance.invoices.workflow import buyer_block
from app.finance.print_settings.services import print_settings
from app.org.company.services import company
from app.sales.proformas.kinds import POLICIES, ProformaState
from app.sales.proformas.models import Proforma
from reports.documents.invoices import our_block, party_block, print_adjustments, print_line
from reports.documents.options import PrintOptions
from reports.documents.render import render_pdf
from reports.documents.signed import UNSIGNED, SignedPaper, signed_paper
from reports.documents.values import CopyMark, DocumentTitle, InvoicePrint

MARKS = {
    ProformaState.DRAFT: CopyMark.DRAFT,
    ProformaState.CANCELLED: CopyMark.VOID,
    ProformaState.SUPERSEDED: CopyMark.VOID,
}


def proforma_print(proforma: Proforma, *, locale: str = "fa", signed: SignedPaper = UNSIGNED) -> InvoicePrint:
    """The paper of a proforma; a draft, and one that is not valid any more, is marked across the page.

    Raises LevelRefused.
    """
    levels.require(levels.PRINT, proforma)
    ours, theirs = our_block(), party_block(buyer_block(proforma))
    is_bought = POLICIES[proforma.kind].is_bought
    settings = print_settings()
    until = _("Valid until %(day)s.", day=format_date(proforma.valid_until, lang()))
    return InvoicePrint(
        seller=theirs if is_bought else ours,
        buyer=ours if is_bought else theirs,
        is_bought=is_bought,
        title=DocumentTitle.PURCHASE_PROFORMA if is_bought else DocumentTitle.PROFORMA,
        number=str(proforma.number or ""),
        serial=proforma.number_text,
        issued_on=proforma.proforma_on,
        lines=tuple(print_line(line) for line in proforma.lines),
        adjustments=print_adjustments(proforma),
        payable_rials=proforma.payable_rials,
        amount_in_words=words(proforma.payable_rials, locale=locale),
        note=" ".join(filter(None, (until, proforma.note or company().print_note))),
        mark=MARKS.get(proforma.state, CopyMark.NONE),
        logo=data_uri(settings.logo),
        head_text=settings.head_text,
        bank_accounts=settings.bank_accounts,
        foot_text=settings.foot_text,
        signatures=signed.signatures,
        check_code=signed.code,
        qr=signed.address,
    )


def proforma_pdf(proforma: Proforma) -> bytes:
    """The PDF as the settings of printing have it, in the reader's language."""
    locale = str(get_locale() or "fa")
    options = PrintOptions.read({}, print_settings())
    signed = signed_paper(proforma, style=options.style, locale=locale)
    return render_pdf(proforma_print(proforma, locale=locale, signed=signed), form=options.form, locale=locale)
