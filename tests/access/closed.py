"""Fields that a role may not read or not change, planted in the probes' world."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.actor import Actor, FieldLevel, acting_as
from app.core.db import db
from app.core.feature import Role
from app.crm.customers.models import Customer
from app.finance.invoices.models import Invoice
from app.org.access.models import FieldRight
from tests.access.world import Place, World

SELLER = Role.SALES.value
HIDDEN = {
    "crm_customer": ("mobile", "email", "note", "city", "credit_limit_rials", "national_id"),
    "finance_invoice": ("note", "due_on"),
}
READ_ONLY = {"crm_customer": ("province", "code")}
SUBJECTS = {"crm_customer": "crm.customers", "finance_invoice": "finance.invoices"}
MOBILE, EMAIL, NOTE, CITY = "+989127654329", "zqwxhidden@example.com", "Zqwxnotehidden", "Zqwxcityhidden"
NATIONAL_ID, CREDIT, PAPER_NOTE = "0084575948", 987_654_321, "Zqwxpaperhidden"
SECRETS = (MOBILE[3:], EMAIL, NOTE, CITY, NATIONAL_ID, "987654321", "987,654,321", "۹۸۷٬۶۵۴٬۳۲۱", PAPER_NOTE)


@dataclass(frozen=True, slots=True)
class Closed:
    """The seller's own customer and invoice, full of what the seller must not read."""

    customer_id: int
    invoice_id: int


def close_fields(world: World) -> Closed:
    """Fill the seller's own rows with hidden words, and close their fields to the seller's role."""
    made = Closed(
        world.row("customer", SELLER, Place.MINE).id,
        world.row("invoice", SELLER, Place.MINE).id,
    )
    with acting_as(Actor.system("test")):
        customer = db.session.get_one(Customer, made.customer_id)
        customer.mobile, customer.email, customer.note, customer.city = MOBILE, EMAIL, NOTE, CITY
        customer.national_id, customer.credit_limit_rials, customer.province = NATIONAL_ID, CREDIT, "Fars"
        db.session.get_one(Invoice, made.invoice_id).note = PAPER_NOTE
        role = world.app.extensions["appbuilder"].sm.find_role(SELLER)
        for fields, level in ((HIDDEN, FieldLevel.HIDDEN), (READ_ONLY, FieldLevel.READ)):
            for table, names in fields.items():
                for name in names:
                    right = FieldRight(role_id=role.id, subject=SUBJECTS[table], model=table, field=name, level=level)
                    db.session.add(right)
        db.session.commit()
    return made
