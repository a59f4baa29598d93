"""The queue of documents: what an issued invoice tells the tax system, and making a refused one anew.

Called inside the issuing transaction, so that an invoice and its document come together or not at
all. Sending is never a condition of issuing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.clock import now, today
from app.core.db import db
from app.core.digits import to_ascii
from app.core.errors import FieldError, GuardRefused, Invalid
from app.core.numbering import take_number
from app.core.scope import unscoped
from app.core.workflow import Step
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.invoices.returned import left_of
from app.finance.invoices.states import InvoiceState
from app.finance.moadian import queries
from app.finance.moadian.build import items_of, moment_of, paper_left, paper_of
from app.finance.moadian.checks import KINDS
from app.finance.moadian.codes import Subject
from app.finance.moadian.models import SendWindow, TaxDocument, TaxMemory
from app.finance.moadian.payload import Fields, Identity, instant_of, payload_of, restated, to_text
from app.finance.moadian.preflight import TAXPAYER_CODE
from app.finance.moadian.tax_id import MEMORY_ID
from app.finance.moadian.values import Paper

ANY_DAY = date(1970, 1, 1)
"""Serials rise with every document, whatever its date."""
KEPT = ("inty", "inp", "tins", "sbc", "tob", "bid", "tinb", "bpc", "bbc", "bpn")
"""What a later document says of kind, seller and buyer is what the earlier one said."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be told, as of which instant, of which earlier document; no paper to repeat that one."""

    subject: Subject
    at: datetime
    earlier: TaxDocument | None = None
    paper: Paper | None = None


def tell_of_issue(_flow: object, *, step: Step) -> None:
    """Listens to the invoices' workflows: queue the document of what was just issued."""
    if step.transition.name == "issue":
        queue_document(step.document)


def queue_document(invoice: Invoice) -> TaxDocument | None:
    """The document of an issued invoice, with the next serial of its memory; flushed.

    None where the tax system is turned off for it, or knows nothing of what a return or counter
    document would change.
    """
    memory = queries.memory_for(invoice.branch_id, invoice.invoice_on) if invoice.kind in KINDS else None
    if memory is None:
        return None
    with unscoped("a document follows its invoice, whoever may see the others of its sale"):
        plan = _plan(invoice, memory)
        if plan is None:
            return None
        return _stored(invoice, memory, plan, on=invoice.invoice_on)


def amend(document: TaxDocument) -> TaxDocument:
    """A document that says anew what stands of a sale (اصلاحی), with the codes of now.

    For what stays the same trade with the same buyer: a wrong product or unit code. Anything else is
    a void and a new invoice. Raises GuardRefused where it is not the sale's last word, or voids it.
    """
    last = queries.standing_of(document.sale_id)
    if last is None or last.id != document.id or last.subject is Subject.VOID:
        raise GuardRefused(_l("Only the last document that stands of a sale can be amended."))
    memory = _memory_of(document)
    with unscoped("a document follows its invoice, whoever may see the others of its sale"):
        at = now()
        plan = Plan(Subject.AMEND, at, document, _paper_left(document.sale, memory, at=at))
        return _stored(document.invoice, memory, plan, on=today())


def rebuild(step: Step) -> None:
    """Make a document's payload anew under its tax ID. Raises GuardRefused where something has come after it."""
    document: TaxDocument = step.document
    last = queries.last_told(document.sale_id)
    if last is not None and last.id != document.id:
        raise GuardRefused(
            _l("%(tax_id)s speaks of the same sale and is newer; this one stays as it is.", tax_id=last.tax_id)
        )
    if document.subject is not Subject.VOID and document.invoice.state is not InvoiceState.ISSUED:
        raise GuardRefused(_l("The invoice is void; there is nothing to send any more."))
    memory = _memory_of(document)
    with unscoped("a document follows its invoice, whoever may see the others of its sale"):
        at = instant_of(document.fields["header"]["indatim"])
        paper = None if document.subject is Subject.VOID else _paper_left(document.sale, memory, at=at)
        fields = _fields(memory, Plan(document.subject, at, document.earlier, paper), document.serial)
    document.payload, document.total_rials = to_text(fields), fields["header"]["tbill"]


def _memory_of(document: TaxDocument) -> TaxMemory:
    invoice = document.invoice
    memory = queries.memory_for(invoice.branch_id, invoice.invoice_on)
    if memory is None or memory.memory_id != document.memory_id:
        raise GuardRefused(
            _l("The tax memory %(memory)s is not in use for this invoice any more.", memory=document.memory_id)
        )
    return memory


def _plan(invoice: Invoice, memory: TaxMemory) -> Plan | None:
    sale_id, at = queries.sale_id_of(invoice), moment_of(invoice)
    if sale_id == invoice.id:
        return Plan(Subject.ORIGINAL, at, paper=paper_of(invoice, memory, items_of([sale_id])[sale_id]))
    standing = queries.standing_of(sale_id)
    if standing is None:
        return None
    if invoice.kind is InvoiceKind.SALES:
        return Plan(Subject.VOID, at, standing)
    paper = _paper_left(db.session.get_one(Invoice, sale_id), memory, at=at)
    if not paper.items:
        return Plan(Subject.VOID, at, standing)
    if standing.subject is Subject.VOID:  # all had come back, and now some of it did not
        return Plan(Subject.ORIGINAL, at, paper=paper)
    return Plan(Subject.AMEND if invoice.voids_id else Subject.RETURN, at, standing, paper)


def _paper_left(sale: Invoice, memory: TaxMemory, *, at: datetime) -> Paper:
    return paper_left(sale, memory, left=left_of(sale), at=at)


def _stored(invoice: Invoice, memory: TaxMemory, plan: Plan, *, on: date) -> TaxDocument:
    serial = _next_serial(memory)
    fields = _fields(memory, plan, serial)
    document = TaxDocument(
        invoice_id=invoice.id,
        sale_id=queries.sale_id_of(invoice),
        earlier_id=plan.earlier.id if plan.earlier else None,
        tax_id=fields["header"]["taxid"],
        memory_id=memory.memory_id,
        serial=serial,
        subject=plan.subject,
        payload=to_text(fields),
        total_rials=fields["header"]["tbill"],
        issued_on=on,
    )
    db.session.add(document)
    db.session.flush()
    return document


def _fields(memory: TaxMemory, plan: Plan, serial: int) -> Fields:
    earlier = plan.earlier
    if plan.paper is None:
        assert earlier is not None
        identity = Identity(serial, plan.subject, plan.at, earlier.tax_id)
        return restated(earlier.fields, memory_id=memory.memory_id, identity=identity)
    if earlier is None:
        return payload_of(plan.paper, serial=serial)
    fields = payload_of(plan.paper, serial=serial, subject=plan.subject, earlier=earlier.tax_id)
    fields["header"] |= {name: earlier.fields["header"][name] for name in KEPT}
    return fields


def _next_serial(memory: TaxMemory) -> int:
    taken = take_number(
        db.session(), kind=f"moadian.{memory.memory_id}", branch_id=0, fiscal_year=0, on=ANY_DAY
    )  # one series for a memory, across branches and years
    return memory.serial_from - 1 + taken


# --- settings


def check_memory(memory: TaxMemory) -> None:
    """Fold the codes and raise Invalid with everything that is wrong with a memory's row."""
    memory.memory_id = to_ascii(memory.memory_id or "").strip().upper()
    for name in ("economic_code", "branch_code"):
        setattr(memory, name, to_ascii(getattr(memory, name) or "").strip())
    errors = []
    if not MEMORY_ID.fullmatch(memory.memory_id):
        words = _l("The memory ID has six capital letters and digits.")
        errors.append(FieldError("memory_id", "malformed", words))
    if not TAXPAYER_CODE.fullmatch(memory.economic_code):
        words = _l("An economic code has 11 digits (company) or 14 (person).")
        errors.append(FieldError("economic_code", "malformed", words))
    if memory.branch_code and not (memory.branch_code.isascii() and memory.branch_code.isdigit()):
        errors.append(FieldError("branch_code", "malformed", _l("The branch code has digits only.")))
    with db.session.no_autoflush:
        errors += _series_errors(memory)
        if memory.from_on is not None and _is_doubled(memory):
            words = _l("There is a row of this branch from this day already.")
            errors.append(FieldError("from_on", "taken", words))
    if errors:
        raise Invalid(errors)


def _series_errors(memory: TaxMemory) -> list[FieldError]:
    """Serials of a memory are one series: no row may begin it anew."""
    begin = memory.serial_from if memory.serial_from is not None else 1
    others = select(TaxMemory.serial_from).where(
        TaxMemory.memory_id == memory.memory_id, TaxMemory.id != (memory.id or 0)
    )
    if any(other != begin for other in db.session.scalars(others)):
        words = _l("Another row of this memory begins with another serial; they are one series.")
        return [FieldError("serial_from", "series", words)]
    with unscoped("the serials of a memory are one series, whoever may see which document"):
        lowest = db.session.scalar(
            select(TaxDocument.serial).where(TaxDocument.memory_id == memory.memory_id).order_by(TaxDocument.serial)
        )
    if lowest is not None and begin != lowest:
        words = _l("Documents of this memory exist already; the first serial stays as it is.")
        return [FieldError("serial_from", "in_use", words)]
    return []


def _is_doubled(memory: TaxMemory) -> bool:
    branch_id = memory.branch.id if memory.branch is not None else memory.branch_id
    query = select(TaxMemory.id).where(TaxMemory.from_on == memory.from_on, TaxMemory.id != (memory.id or 0))
    query = query.where(TaxMemory.branch_id.is_(None) if branch_id is None else TaxMemory.branch_id == branch_id)
    return db.session.scalar(query.limit(1)) is not None


def check_window(window: SendWindow) -> None:
    """Raises Invalid for days that make no window."""
    warn, refuse = window.warn_days, window.refuse_days
    errors = []
    if warn is None or not 0 <= warn <= 3650:
        errors.append(FieldError("warn_days", "range", _l("Give a number of days from 0 to 3650.")))
    elif refuse is None or not warn <= refuse <= 3650:
        errors.append(FieldError("refuse_days", "order", _l("This is not before the day of the warning.")))
    if errors:
        raise Invalid(errors)
