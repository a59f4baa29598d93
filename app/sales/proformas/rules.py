"""What the company allows who issues proformas, and how long an offer stands."""

from __future__ import annotations

from decimal import Decimal

from app.core.db import db
from app.sales.proformas.models import Proforma, ProformaRules

DEFAULT_VALID_DAYS = 10
DEFAULT_SOON_DAYS = 3
HUNDRED = Decimal(100)


def rules() -> ProformaRules:
    """The company's rules; the shipped ones where nobody saved any."""
    found = db.session.get(ProformaRules, 1)
    return found or ProformaRules(id=1, valid_days=DEFAULT_VALID_DAYS, soon_days=DEFAULT_SOON_DAYS)


def seed_rules() -> None:
    """The row itself, where there is none; nothing is limited yet."""
    if db.session.get(ProformaRules, 1) is None:
        db.session.add(ProformaRules(id=1, valid_days=DEFAULT_VALID_DAYS, soon_days=DEFAULT_SOON_DAYS))
        db.session.flush()


def discount_percent(proforma: Proforma) -> Decimal:
    """All discounts of a proforma as percent of its gross; 0 for a gross of 0."""
    if not proforma.gross_rials:
        return Decimal(0)
    return proforma.discount_rials * HUNDRED / proforma.gross_rials


def is_above(proforma: Proforma) -> bool:
    """Whether a proforma lies above the thresholds, by its discount or by its payable."""
    found = rules()
    by_percent = found.approve_percent is not None and discount_percent(proforma) > found.approve_percent
    return by_percent or (found.approve_rials is not None and proforma.payable_rials > found.approve_rials)
