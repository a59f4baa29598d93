"""Many invoices printed by a worker: one PDF, a PDF each, or workbooks; kept for a day like exports."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import count
from typing import IO

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import clock, levels
from app.core.actor import require_current
from app.core.calendar import format_date
from app.core.db import db, writing
from app.core.job_runner import JobRun
from app.core.jobs import job
from app.finance.invoices.models import Invoice
from app.finance.print_settings.choices import Copies
from app.finance.print_settings.services import print_settings
from app.org.exports.services import note_export
from reports.documents.batch import AT_A_TIME, Binder, Named, Printed, printed
from reports.documents.invoices import invoice_papers, load_for_print
from reports.documents.options import Output, PrintOptions, output_of
from reports.documents.render import engine_of_settings
from reports.documents.sheet_form import SheetForms
from reports.documents.signed import UNSIGNED, signed_papers
from reports.documents.values import NothingToPrint
from reports.tabular.jobs import KEPT_FOR, folder, whole_file

ACTION = "print"
JOB = "reports.print"
MOST = 5_000
"""Invoices of one print."""
_UNSAFE = re.compile(r"[^\w.-]+")


@job(JOB, label=_l("Print"), writes=False)
def print_invoices(
    run: JobRun, *, subject: str, invoice_ids: list[int], options: dict[str, str], output: str = "pdf"
) -> None:
    """Print the invoices, in the order of their ids here, to a file of the job's number.

    What the person may not print any more is left out. Raises NothingToPrint when nothing is left.
    """
    require_current().require(ACTION, subject)
    chosen, kind = PrintOptions.read(options, print_settings()), output_of(output)
    work = _Print(run, chosen, invoice_ids)
    run.progress(0, len(invoice_ids))
    with whole_file(folder() / f"{run.id}.{kind.suffix}") as file:
        {Output.PDF: work.one_pdf, Output.ZIP: work.zipped}.get(kind, work.workbook)(file, kind)
    if not work.done:
        raise NothingToPrint
    db.session.rollback()
    with writing():
        note_export(
            subject=subject, sheet=Invoice.__tablename__, filters={}, options={"format": kind.suffix}, rows=work.done
        )
        run.complete(
            {
                "rows": work.done,
                "download": f"/print/files/{run.id}",
                "file_name": f"invoices-{format_date(clock.today(), 'en').replace('/', '-')}.{kind.suffix}",
                "subject": subject,
                "expires_at": (clock.now() + KEPT_FOR).isoformat(),
            }
        )
        db.session.commit()


class _Print:
    """One job's print; `done` counts the invoices that are in the file."""

    def __init__(self, run: JobRun, options: PrintOptions, invoice_ids: Sequence[int]) -> None:
        self._run = run
        self._options = options
        self._ids = invoice_ids
        self._locale = str(get_locale() or "fa")
        self._names: set[str] = set()
        self.done = 0

    def one_pdf(self, file: IO[bytes], _kind: Output) -> None:
        """All papers one after the other."""
        binder = Binder()
        for part in self._printed():
            binder.add(part)
        binder.write(file)

    def zipped(self, file: IO[bytes], _kind: Output) -> None:
        """A PDF for each invoice, named by its number."""
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # a PDF is packed already
            for part in self._printed():
                for name, pdf in part.split():
                    archive.writestr(f"{name}.pdf", pdf)

    def workbook(self, file: IO[bytes], kind: Output) -> None:
        """The official form of each as a table, on sheets of their own or one below the other."""
        with SheetForms(file, locale=self._locale, is_one_sheet=kind is Output.ONE_SHEET) as book:
            for part in self._parts(Copies.PLAIN):
                for name, (paper,) in part:
                    book.add(paper, name=name)
                self._note(len(part))

    def _printed(self) -> Iterator[Printed]:
        parts = self._parts(self._options.copies)
        for part in printed(parts, engine=engine_of_settings(), form=self._options.form, locale=self._locale):
            self._note(len(part.names))
            yield part

    def _note(self, more: int) -> None:
        self.done += more
        self._run.progress(self.done, len(self._ids))

    def _parts(self, copies: Copies) -> Iterator[list[Named]]:
        """Twenty invoices at a time as values, in a transaction of their own that only reads."""
        actor = require_current()
        for start in range(0, len(self._ids), AT_A_TIME):
            with writing(intent=False):
                ids = self._ids[start : start + AT_A_TIME]
                signed = signed_papers(Invoice, ids, style=self._options.style, locale=self._locale)
                found = load_for_print(ids)
                part: list[Named] = [
                    (
                        self._name(invoice),
                        invoice_papers(invoice, copies, locale=self._locale, signed=signed.get(invoice.id, UNSIGNED)),
                    )
                    for invoice in found
                    if actor.can(ACTION, type(invoice).__subject__)
                    and levels.refusal_of(actor, levels.PRINT, invoice) is None
                ]
                db.session.rollback()
            yield part

    def _name(self, invoice: Invoice) -> str:
        """A file name that no other invoice of this print has."""
        stem = _UNSAFE.sub("-", f"{invoice.kind}-{invoice.number_text or _('draft')}").strip("-")[:60]
        names = (stem if turn == 1 else f"{stem}-{turn}" for turn in count(1))
        name = next(one for one in names if one not in self._names)
        self._names.add(name)
        return name


def workbook_of(invoice: Invoice, *, locale: str) -> bytes:
    """One invoice as a workbook in the official form."""
    out = BytesIO()
    with SheetForms(out, locale=locale) as book:
        (paper,) = invoice_papers(invoice, Copies.PLAIN, locale=locale)
        book.add(paper, name=str(invoice))
    return out.getvalue()
