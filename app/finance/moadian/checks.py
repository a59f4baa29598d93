"""The pre-flight check of stored invoices: on an invoice's page, over chosen drafts, and before each issue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.db import db
from app.core.errors import FieldError, Invalid
from app.core.workflow import Step
from app.crm.customers.models import Customer
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.invoices.returned import Left, left_of
from app.finance.moadian import queries
from app.finance.moadian.build import items_of, moment_of, paper_left, paper_of
from app.finance.moadian.codes import DocumentState
from app.finance.moadian.models import TaxMemory
from app.finance.moadian.preflight import Finding, Level, Rules, check, errors_of
from app.finance.moadian.values import Item

KINDS = (InvoiceKind.SALES, InvoiceKind.SALES_RETURN)
"""What the seller tells the tax system; of purchases their sellers do."""


class PreflightFailed(Invalid):
    """The tax system would refuse the invoice; `errors` says why, each with its field."""

    code = "preflight"

    def __str__(self) -> str:
        return str(_l("The tax system would refuse this invoice: %(why)s", why=super().__str__()))


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found of one invoice; `is_on` is False where the tax system is turned off for it."""

    invoice: Invoice
    is_on: bool
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> list[Finding]:
        return errors_of(self.findings)

    @property
    def tone(self) -> str:
        """bad, warn or ok; muted where nothing is looked at."""
        if not self.is_on:
            return "muted"
        return "bad" if self.errors else "warn" if self.findings else "ok"


@dataclass(slots=True)
class _Desk:
    """What several invoices share: settings by branch and day, lines of all in one go."""

    items: Mapping[int, list[Item]]
    parties: Sequence[Customer]
    memories: dict[tuple[int, date], TaxMemory | None] = field(default_factory=dict)
    rules: dict[date, Rules] = field(default_factory=dict)

    def memory(self, invoice: Invoice) -> TaxMemory | None:
        key = (invoice.branch_id, invoice.invoice_on)
        if key not in self.memories:
            self.memories[key] = queries.memory_for(*key)
        return self.memories[key]

    def rules_for(self, invoice: Invoice) -> Rules:
        if invoice.invoice_on not in self.rules:
            self.rules[invoice.invoice_on] = queries.rules_on(invoice.invoice_on)
        return self.rules[invoice.invoice_on]


def reports_of(invoices: Sequence[Invoice]) -> list[Report]:
    """The check of each, in order; what they share is read once for all."""
    parties = select(Customer).where(Customer.id.in_({invoice.customer_id for invoice in invoices}))
    known = db.session.scalars(parties).all()  # held, so that each invoice finds its own
    desk = _Desk(items_of([invoice.id for invoice in invoices]), known)
    return [_report(invoice, desk) for invoice in invoices]


def report_of(invoice: Invoice) -> Report:
    """The check of one invoice. A counter document says again what is known, so nothing is asked of it."""
    if invoice.kind not in KINDS or queries.memory_for(invoice.branch_id, invoice.invoice_on) is None:
        return Report(invoice, is_on=False)
    return reports_of([invoice])[0]


def require_passed(step: Step) -> None:
    """A policy of the invoices' workflows. Raises PreflightFailed for an issue that would be refused."""
    invoice: Invoice = step.document
    if step.transition.name != "issue" or invoice.voids_id is not None:
        return
    errors = report_of(invoice).errors
    if errors:
        raise PreflightFailed([FieldError(error.path, error.code, error.message) for error in errors])


def _report(invoice: Invoice, desk: _Desk) -> Report:
    memory = desk.memory(invoice)
    if memory is None or invoice.kind not in KINDS:
        return Report(invoice, is_on=False)
    if invoice.voids_id is not None:
        return Report(invoice, is_on=True)
    rules = desk.rules_for(invoice)
    if invoice.kind is InvoiceKind.SALES_RETURN:
        return Report(invoice, is_on=True, findings=tuple(_of_return(invoice, memory, rules)))
    findings = check(paper_of(invoice, memory, desk.items[invoice.id]), rules)
    return Report(invoice, is_on=True, findings=tuple(findings))


def _of_return(invoice: Invoice, memory: TaxMemory, rules: Rules) -> Iterator[Finding]:
    """A return tells what is left of its sale, which must be known and not refused."""
    sale: Any = invoice.original
    last = queries.last_told(sale.id)
    if last is None:
        words = _l("The tax system does not know the original invoice; nothing will be sent for this return.")
        yield Finding(Level.WARNING, "original", "unknown_original", words)
        return
    if last.state is DocumentState.REJECTED:
        words = _l("The tax system refused %(tax_id)s of the original invoice: put that right first.",
                   tax_id=last.tax_id)  # fmt: skip
        yield Finding(Level.ERROR, "original", "refused_original", words)
        return
    paper = paper_left(sale, memory, left=_left_with(invoice), at=moment_of(invoice))
    if paper.items:
        yield from check(paper, rules)
    else:
        words = _l("Everything comes back: the document of the original invoice will be voided.")
        yield Finding(Level.WARNING, "lines", "all_returned", words)


def _left_with(invoice: Invoice) -> dict[int, Left]:
    """What is left of the original once this draft is issued."""
    original: Any = invoice.original
    left = left_of(original, but_id=invoice.id)
    for line in invoice.lines:
        if line.original_line_id in left:
            rest = left[line.original_line_id]
            left[line.original_line_id] = replace(
                rest,
                quantity=max(rest.quantity - line.quantity, Decimal(0)),
                gross=rest.gross - line.gross_rials,
                discount=rest.discount - line.discount_rials,
            )
    return left
