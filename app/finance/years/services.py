"""What depends on a fiscal year being open."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core.calendar import fiscal_year, format_date, jalali_year_range
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid
from app.core.formats import lang
from app.finance.years.models import FiscalYear, YearState

SUBJECT = "finance.years"


class YearClosed(DomainError):
    """The date lies in a closed fiscal year, or before the day up to which the books are locked."""

    code = "year_closed"


def require_open(on: date, *, path: str = "invoice_on") -> int:
    """The fiscal year of a date on which something may still be booked. Raises YearClosed.

    A year that nobody opened opens with the first thing booked in it. Until the transaction ends
    nobody closes the year.
    """
    year = fiscal_year(on)
    query = select(FiscalYear.state, FiscalYear.locked_until).where(FiscalYear.year == year)
    row = db.session.execute(query.with_for_update(read=True)).one_or_none()
    if row is None:
        _make(year)
        row = db.session.execute(query.with_for_update(read=True)).one()
    if row.state is YearState.CLOSED:
        raise YearClosed(
            _l("The fiscal year %(year)s is closed. Choose a date in an open year.", year=year), path=path, year=year
        )
    if row.locked_until is not None and on <= row.locked_until:
        raise YearClosed(
            _l("The books are locked up to %(day)s. Choose a later date.", day=format_date(row.locked_until, lang())),
            path=path,
            year=year,
        )
    return year


def _make(year: int) -> None:
    """The row of a year, whoever of several makes it first."""
    starts_on, ends_on = jalali_year_range(year)
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(FiscalYear(year=year, starts_on=starts_on, ends_on=ends_on))


def check_year(year: FiscalYear) -> None:
    """Fill the first and last day of a year that is being saved. Raises Invalid."""
    if year.year is None or not 1300 <= year.year <= 1600:
        raise Invalid([FieldError("year", "range", _l("Give a Jalali year of four digits, like 1405."))])
    year.starts_on, year.ends_on = jalali_year_range(year.year)
    if year.locked_until is not None and not year.starts_on <= year.locked_until <= year.ends_on:
        raise Invalid([FieldError("locked_until", "range", _l("This day does not lie in the year."))])
