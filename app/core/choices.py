"""The options of a remote select: the related rows the actor may see, by words, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import String, and_, func, inspect, select, true

from app.core import search
from app.core.db import CleanText, db
from app.core.field_rights import readable, seen
from app.core.text import clean

SIZE = 20


def options(target: type[Any], typed: str, page: int, allowed: Callable[[], Any] | None = None) -> dict[str, Any]:
    """`{"results": [{"id", "text", "hint"}], "more": bool}` for what was typed; pages from 1."""
    statement = select(target)
    if allowed is not None:
        statement = statement.where(allowed())
    if hasattr(target, "is_active"):
        statement = statement.where(target.is_active)
    typed = typed.strip()[:100]
    if typed:
        statement = statement.where(_matches(target, typed))
    start = min(max(page, 1), 500) - 1
    rows = db.session.scalars(statement.order_by(*_order(target)).offset(start * SIZE).limit(SIZE + 1)).unique().all()
    return {"results": [_option(row) for row in rows[:SIZE]], "more": len(rows) > SIZE}


def _option(row: Any) -> dict[str, Any]:
    option = {"id": row.id, "text": str(row)}
    known = seen(row)
    hint = getattr(known, "code", None) or getattr(known, "username", None)
    if hint and hint != option["text"]:
        option["hint"] = str(hint)
    return option


def _matches(target: type[Any], typed: str) -> Any:
    dialect = db.session.get_bind().dialect.name
    if issubclass(target, search.Searchable):
        query = search.parse(typed)
        if query.long or (search.hides_words(target) and search.prefix_column(target) is None):
            return target.id.in_(search.matching_ids(db.session(), target, typed, limit=500))  # type: ignore[attr-defined]
        return search.begins_with(target, query.typed, dialect)
    # Reference lists and people are short: any part of any of their words.
    columns = inspect(target).columns
    names = readable(target, ("name", "title", "code", "first_name", "last_name", "username"))
    words = [columns[name] for name in names if name in columns]
    text = func.lower(_joined([column for column in words if isinstance(column.type, (String, CleanText))]))
    parts = clean(typed).lower().split()
    return _all([text.contains(part, autoescape=True) for part in parts])


def _joined(columns: list[Any]) -> Any:
    joined: Any = func.coalesce(columns[0], "")
    for column in columns[1:]:
        joined = joined.op("||")(" ").op("||")(func.coalesce(column, ""))
    return joined


def _all(conditions: list[Any]) -> Any:
    return and_(true(), *conditions)


def _order(target: type[Any]) -> list[Any]:
    for name in ("tree_order", "name_sort", "full_name_sort", "name"):
        if name in inspect(target).columns:
            return [getattr(target, name), target.id]
    return [target.id.desc()]
