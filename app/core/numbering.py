"""Gapless numbers: one counter row per kind, branch and Jalali year, taken inside the issuing transaction.

Take the number last before the commit: from then on the counter's row is locked and every other
issuer of the series waits. A rollback gives the number back. UNIQUE on the document's own table
stands behind it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column, scoped_session

from app.core.db import Identified
from app.core.errors import DomainError


class Counter(Identified, Model):
    """The last number of a series (شمارنده) and the date of the document that got it."""

    __tablename__ = "core_counter"
    __table_args__ = (UniqueConstraint("kind", "branch_id", "fiscal_year"),)

    kind: Mapped[str] = mapped_column(String(60))
    branch_id: Mapped[int]
    fiscal_year: Mapped[int]
    last_value: Mapped[int]
    last_on: Mapped[date]


class DateBeforeLastNumber(DomainError):
    """The document is dated before the last numbered one; numbers rise with the date.

    `last_on` and `on` are the two dates, Gregorian.
    """

    code = "date_before_last_number"
    default_message = _l("A document with a later date already has a number. Give this one a date not before it.")

    def __init__(self, *, on: date, last_on: date, last_value: int) -> None:
        super().__init__(path="invoice_on", on=on, last_on=last_on, last_value=last_value)
        self.on, self.last_on, self.last_value = on, last_on, last_value


def take_number(
    session: Session | scoped_session[Any], *, kind: str, branch_id: int, fiscal_year: int, on: date
) -> int:
    """The next number of a series, final when the running transaction commits. Take it last.

    `on` is the document's date. Raises DateBeforeLastNumber.
    """
    return take_numbers(session, kind=kind, branch_id=branch_id, fiscal_year=fiscal_year, on=on, count=1)[0]


def take_numbers(
    session: Session | scoped_session[Any],
    *,
    kind: str,
    branch_id: int,
    fiscal_year: int,
    on: date,
    count: int,
    until: date | None = None,
) -> range:
    """The next `count` numbers of a series in one step, for documents sorted by date.

    `on` is the first document's date, `until` the last one's. Raises DateBeforeLastNumber, and
    ValueError for a count below one or dates that fall.
    """
    last_on = on if until is None else until
    if count < 1 or last_on < on:
        raise ValueError("numbers are taken for at least one document, in order of date")
    # On the connection, not the session: the document that is being numbered is flushed once, later.
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    table = Counter.__table__
    series = {"kind": kind, "branch_id": branch_id, "fiscal_year": fiscal_year}
    # One statement makes the first row or locks and raises the present one. On PostgreSQL it waits
    # for whoever holds the row and then sees that one's value, as SELECT … FOR UPDATE would.
    statement = (
        insert(table)
        .values(**series, last_value=count, last_on=last_on)
        .on_conflict_do_update(
            index_elements=["kind", "branch_id", "fiscal_year"],
            set_={"last_value": table.c.last_value + count, "last_on": last_on},
            where=table.c.last_on <= on,
        )
        .returning(table.c.last_value)
    )
    last = connection.execute(statement).scalar()
    if last is None:
        row = connection.execute(select(table.c.last_on, table.c.last_value).filter_by(**series)).one()
        raise DateBeforeLastNumber(on=on, last_on=row.last_on, last_value=row.last_value)
    return range(last - count + 1, last + 1)
