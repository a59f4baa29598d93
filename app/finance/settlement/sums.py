"""What is settled and covered of each open item, against the matches that say so."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, case, func, or_, select, union_all

from app.finance.settlement.ledger import is_live
from app.finance.settlement.models import Match, OpenItem
from app.finance.settlement.states import MatchKind

_STREAM = 5_000


def differing_items(connection: Connection) -> Iterator[tuple[str, int, str]]:
    """(table, item id, field) of each open item whose stored sum its matches do not add up to.

    Reads both tables once, past the scope: for the check of the history.
    """
    sides = (
        select(side.label("item_id"), Match.kind, Match.amount_rials).where(is_live())
        for side in (Match.debit_id, Match.credit_id)
    )
    part = union_all(*sides).subquery()
    is_covered = part.c.kind == MatchKind.COVERED
    sums = (
        select(
            part.c.item_id,
            func.sum(case((is_covered, 0), else_=part.c.amount_rials)).label("settled"),
            func.sum(case((is_covered, part.c.amount_rials), else_=0)).label("covered"),
        )
        .group_by(part.c.item_id)
        .subquery()
    )
    pairs: dict[str, ColumnElement[bool]] = {
        "settled_rials": OpenItem.settled_rials != func.coalesce(sums.c.settled, 0),
        "covered_rials": OpenItem.covered_rials != func.coalesce(sums.c.covered, 0),
    }
    query = select(OpenItem.id, *pairs.values()).outerjoin(sums, sums.c.item_id == OpenItem.id)
    rows = connection.execution_options(yield_per=_STREAM).execute(query.where(or_(*pairs.values())))
    for item_id, *differs in rows:
        yield from (
            (OpenItem.__tablename__, item_id, name) for name, found in zip(pairs, differs, strict=True) if found
        )
