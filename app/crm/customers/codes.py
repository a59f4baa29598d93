"""Codes of customers that nobody gave one: counted from one series of the whole company."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from sqlalchemy import select

from app.core.db import db
from app.core.numbering import take_numbers
from app.core.scope import unscoped
from app.crm.customers.models import Customer

SERIES = "crm.customers"
FIRST = 100_000
NO_DATE = date(2000, 1, 1)  # these numbers do not rise with a document's date


def next_codes(count: int) -> list[str]:
    """`count` codes that no customer has.

    Codes that people typed may lie in the way of the series: they are stepped over. Taken from the
    counter inside the present transaction, hence as late in it as possible.
    """
    free: list[str] = []
    while len(free) < count:
        wanted = count - len(free)
        numbers = take_numbers(db.session(), kind=SERIES, branch_id=0, fiscal_year=0, on=NO_DATE, count=wanted)
        codes = [str(FIRST + number) for number in numbers]
        taken = _taken(codes)
        free += [code for code in codes if code not in taken]
    return free


def _taken(codes: list[str]) -> set[str]:
    """Those of an unbroken run of codes that exist, in any department."""
    found: set[str] = set()
    with unscoped("a code is unique in the company"), db.session.no_autoflush:
        # Text between 999999 and 1000000 is empty: one range for each length.
        for _length, group in groupby(codes, key=len):
            run = list(group)
            inside = Customer.code.between(run[0], run[-1])
            found |= set(db.session.scalars(select(Customer.code).where(inside)))
    return found
