"""What the catalogue needs on an empty start: units, tax rates and the base price list."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core.calendar import from_jalali
from app.core.db import db
from app.sales.catalog.models import PriceList, TaxKind, TaxRate, Unit


def seed() -> None:
    """Add what is missing; rows that somebody changed stay as they are."""
    _units()
    _rates()
    _price_list()
    db.session.flush()


def _units() -> None:
    """Codes of the tax system's table of units (IRAN.md, Tax system)."""
    shipped = (
        ("pcs", _("piece"), "1627", 0),
        ("kg", _("kilogram"), "164", 3),
        ("ton", _("ton"), "169", 3),
        ("m", _("metre"), "165", 3),
        ("l", _("litre"), "1637", 3),
        ("ctn", _("carton"), "1624", 0),
    )
    if db.session.scalar(select(func.count()).select_from(Unit)):
        return
    for code, name, moadian_code, decimals in shipped:
        db.session.add(Unit(code=code, name=name, moadian_code=moadian_code, decimals=decimals))


def _rates() -> None:
    """VAT 9 % before 1403-01-01, 10 % from then on (IRAN.md, Money)."""
    if db.session.scalar(select(func.count()).select_from(TaxRate)):
        return
    for year, percent in ((1390, 9), (1403, 10)):
        first_day = from_jalali(year, 1, 1)
        rate = TaxRate(
            kind=TaxKind.VAT,
            code=TaxKind.VAT.value,
            name=_("VAT"),
            percent=Decimal(percent),
            from_on=first_day,
        )
        db.session.add(rate)


def _price_list() -> None:
    if not db.session.scalar(select(func.count()).select_from(PriceList)):
        db.session.add(PriceList(code="BASE", name=_("Base price list"), is_base=True))
