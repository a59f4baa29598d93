"""What the tax system accepts: a memory in use, a buyer and a product with all codes, invoices of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.crm.customers.models import Customer, CustomerKind
from app.finance.invoices import returns, services, voids
from app.finance.invoices.models import Invoice
from app.finance.moadian.codes import InvoiceType, Pattern, Settlement, Subject
from app.finance.moadian.models import SendWindow, TaxDocument, TaxMemory
from app.finance.moadian.payload import payload_of, to_text
from app.finance.moadian.values import Buyer, Paper, Seller
from app.org.branches.models import Branch
from app.sales.catalog.models import Product
from tests.factories.crm import CustomerFactory
from tests.factories.finance import draft_invoice, issued_invoice, line
from tests.factories.sales import ProductFactory, UnitFactory

MEMORY = "DEF5GH"


def memory_in_use(**values: Any) -> TaxMemory:
    """A memory of the whole company, in use since 1404-12-11."""
    given = {"memory_id": MEMORY, "economic_code": "10380284790", "from_on": date(2026, 3, 2), **values}
    memory = TaxMemory(**given)
    db.session.add(memory)
    db.session.flush()
    return memory


def known_buyer(**values: Any) -> Customer:
    """A company with its legal-entity ID."""
    return CustomerFactory(**{"kind": CustomerKind.COMPANY, "legal_id": "14000405500", **values})


def known_product(**values: Any) -> Product:
    """A product with its identifier and a unit with its code."""
    return ProductFactory(**{"tax_code": "2710000138624", "unit": UnitFactory(moadian_code="1627"), **values})


def known_line(quantity: str = "10", unit_price: str = "3335", product: Product | None = None, **terms: Any) -> Any:
    """A line of an entry that names a product and its unit."""
    of = product or known_product()
    return line(quantity, unit_price, product_id=of.id, unit_id=of.unit_id, description=of.name, **terms)


def good_draft(**head: Any) -> Invoice:
    """A draft that passes the pre-flight check."""
    return draft_invoice(head.pop("customer", None) or known_buyer(), head.pop("lines", None) or [known_line()], **head)


def good_sale(**head: Any) -> Invoice:
    """The same, issued."""
    return issued_invoice(
        head.pop("customer", None) or known_buyer(), head.pop("lines", None) or [known_line()], **head
    )


def return_draft(sale: Invoice, quantities: dict[int, str], **head: Any) -> Invoice:
    """A draft of a return, by the place of each line."""
    rows = [{"original_line_id": sale.lines[place].id, "quantity": count} for place, count in quantities.items()]
    with acting_as(Actor.system("test")):
        return returns.save_return({"original_id": sale.id, "reason": "broken", "lines": rows, **head})


def returned(sale: Invoice, quantities: dict[int, str], **head: Any) -> Invoice:
    """An issued return."""
    draft = return_draft(sale, quantities, **head)
    with acting_as(Actor.system("test")):
        return services.issue_invoice(draft.id)


def voided(invoice: Invoice) -> Invoice:
    """The counter document of an invoice that was voided."""
    with acting_as(Actor.system("test")):
        return voids.void_invoice(invoice.id, reason="a mistake")


def told_document(invoice: Invoice, **values: Any) -> TaxDocument:
    """A document of the queue that hangs on any invoice, made without asking the tax system's rules."""
    serial = invoice.id
    paper = Paper(
        type=InvoiceType.SECOND,
        pattern=Pattern.SALE,
        at=datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
        seller=Seller("PROBE1", "10380284790"),
        buyer=Buyer(),
        items=(),
        settlement=Settlement.CASH,
        payable=0,
    )
    fields = payload_of(paper, serial=serial)
    document = TaxDocument(
        invoice=invoice,
        sale=invoice,
        tax_id=fields["header"]["taxid"],
        memory_id="PROBE1",
        serial=serial,
        subject=Subject.ORIGINAL,
        payload=to_text(fields),
        total_rials=0,
        issued_on=date(2026, 11, 22),
        **values,
    )
    db.session.add(document)
    db.session.flush()
    return document


def window() -> SendWindow:
    """A row of days for sending, of a day that no invoice reaches."""
    made = SendWindow(from_on=date(2041, 1, 1), warn_days=7, refuse_days=30)
    db.session.add(made)
    db.session.flush()
    return made


def other_branch() -> Branch:
    """A branch besides the main one."""
    branch = Branch(code="77", name="شعبه شیراز")
    db.session.add(branch)
    db.session.flush()
    return branch
