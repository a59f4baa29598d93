"""What the documents of a sheet refer to, loaded once: parties, goods, rates of the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.cells import Reference
from app.core.db import db
from app.core.raw_cells import Problem
from app.core.scope import unscoped
from app.crm.customers.models import Customer
from app.org.branches.queries import main_branch
from app.sales.catalog.models import Product, TaxKind
from app.sales.catalog.queries import NoRate, rates_on, taxes_of
from app.sales.documents.choices import tax_name
from imports.lookup import chunks, find_references
from imports.papers import Paper, StoredPaper
from imports.pipeline import REQUIRED, UNKNOWN, Checked
from imports.plans import TAKEN

RATES = ("tax_percent", "duty_percent", "charge_percent")
"""The columns of a line that say a rate, in the order of the kinds of tax."""


@dataclass(slots=True)
class Known:
    """Parties and goods by their keys, and rates by the day that was asked for."""

    branch_id: int = 0
    customers: dict[int, Customer] = field(default_factory=dict)
    products: dict[int, Product] = field(default_factory=dict)
    rates: dict[date, Any] = field(default_factory=dict)

    def taxes(self, on: date, cells: Mapping[str, Any]) -> list[tuple[str, Decimal]]:
        """Names and percents as the line says; where it names no rate, as the catalogue says for that day.

        Raises NoRate.
        """
        if any(name in cells for name in RATES):
            pairs = zip((tax_name(kind) for kind in TaxKind), (cells.get(name) for name in RATES), strict=True)
            return [(name, Decimal(percent)) for name, percent in pairs if percent is not None]
        if "tax_rials" in cells and not cells["tax_rials"]:
            return []
        if on not in self.rates:
            self.rates[on] = rates_on(on)
        product = self.products.get(cells.get("product") or 0)
        if product is not None:
            return [(tax_name(tax.kind), tax.percent) for tax in taxes_of(product, on=on, rates=self.rates[on])]
        general = self.rates[on].get(TaxKind.VAT.value)
        if general is None:
            raise NoRate(on=on)
        return [("VAT", general.percent)]


def load_known(checked: Checked, papers: Sequence[Paper]) -> Known:
    """What papers name by key; a party that is still to be made stands in by its name."""
    known = Known(main_branch().id)
    customers = {p.head.get("customer") for p in papers} - {None}
    products = {line.get("product") for p in papers for line in p.lines} - {None}
    for part in chunks(customers):
        known.customers |= {c.id: c for c in db.session.scalars(select(Customer).where(Customer.id.in_(part)))}
    for stand_in in (one for one in customers if one in checked.stand_ins):
        known.customers[stand_in] = Customer(id=stand_in, name=checked.stand_ins[stand_in].name)
    for part in chunks(products):
        statement = select(Product).where(Product.id.in_(part)).options(joinedload(Product.unit))
        known.products |= {p.id: p for p in db.session.scalars(statement)}
    return known


def name_customers(checked: Checked, papers: Sequence[Paper]) -> None:
    """Where no code is given, the party's name finds them; of a document that needs one, a missing one is named."""
    bad = checked.problems.get("customer", {})
    nameless = [p for p in papers if p.head.get("customer") is None and p.places[0] not in bad]
    names = {p.head["customer_name"] for p in nameless if p.head.get("customer_name")}
    column = checked.spec.column("customer")
    found = find_references(column, Reference(Customer, ("name_key",)), names)
    for paper in nameless:
        name = paper.head.get("customer_name")
        answer = found.get(name, UNKNOWN) if name else REQUIRED
        if isinstance(answer, Problem):
            checked.add("customer_name" if name else "customer", paper.places[0], answer)
        else:
            paper.head["customer"] = answer


def refuse_taken(checked: Checked, papers: Sequence[StoredPaper], column_of: Callable[[StoredPaper], str]) -> None:
    """Name new papers whose reference a document out of reach has already, in the column of their key."""
    wanted = {p.reference: p for p in papers if p.stored is None and p.reference is not None}
    model = checked.spec.model
    with unscoped("a reference is unique in the whole company"):
        for part in chunks(wanted):
            for reference in db.session.scalars(select(model.reference).where(model.reference.in_(part))):
                paper = wanted[reference]
                checked.add(column_of(paper), paper.places[0], TAKEN)
