"""What a person or a program enters of a proforma, checked whole: every bad field is named.

The JSON is that of every document (see app.sales.documents.entry) with the head beside it:
`customer_id`, `proforma_on`, `valid_until`, `branch_id`, `reference`, `note`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.clock import today
from app.core.errors import Invalid
from app.crm.customers.models import Customer
from app.org.branches.models import Branch
from app.org.branches.queries import main_branch
from app.sales.documents.entry import Body, Reader
from app.sales.proformas.kinds import POLICIES, ProformaKind
from app.sales.proformas.rules import rules


@dataclass(frozen=True, slots=True)
class ProformaEntry:
    """A whole entered proforma with everything looked up and its totals computed."""

    customer: Customer
    branch: Branch
    proforma_on: date
    valid_until: date
    prices_include_tax: bool
    reference: str | None
    note: str
    body: Body


def read_entry(data: Mapping[str, Any], *, kind: ProformaKind) -> ProformaEntry:
    """The entry as checked values. Raises Invalid with every error, head, lines and totals."""
    reader = Reader(data)
    customer = reader.party(is_bought=POLICIES[kind].is_bought)
    branch = reader.record("branch_id", Branch, data.get("branch_id")) or main_branch()
    proforma_on = reader.day("proforma_on", default=today()) or today()
    valid_until = reader.day("valid_until") or proforma_on + timedelta(days=rules().valid_days)
    if valid_until < proforma_on:
        reader.bad("valid_until", "order", _l("The offer would end before the date of the proforma."))
    body = reader.body()
    reference, note = reader.words("reference") or None, reader.words("note")
    if reader.errors or body is None or customer is None:
        raise Invalid(reader.errors)
    return ProformaEntry(
        customer=customer,
        branch=branch,
        proforma_on=proforma_on,
        valid_until=valid_until,
        prices_include_tax=bool(data.get("prices_include_tax")),
        reference=reference,
        note=note,
        body=body,
    )
