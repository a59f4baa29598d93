"""Lists of a million rows: filter, search, sort and page in few statements and constant time.

Ids come first (an index walk), then the rows of the page with the relations that are shown. Pages
are taken by key, not by offset, and counting stops at a thousand. The same query drives the
screen, the export and the API, so all three show the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func, inspect, literal, select, tuple_
from sqlalchemy.orm import Session

from app.core import scope, search
from app.core.cursor import Cursor, decode, encode
from app.core.filters import BROAD, Bound, Values, bind, unknown_arguments
from app.core.list_spec import Column, ListSpec, loads_for, register_spec, sort_attribute, spec_for

__all__ = [
    "COUNT_LIMIT",
    "MAX_SIZE",
    "Column",
    "Count",
    "ListPage",
    "ListQuery",
    "ListSpec",
    "Window",
    "loads_for",
    "register_spec",
    "sort_attribute",
    "spec_for",
]

COUNT_LIMIT = 1_000
MAX_SIZE = 200
BROAD_IN_PART = 250
"""As BROAD for somebody who sees a part of the rows: each hit has to be looked at first."""
MOST_BRANCHES = 24
"""Departments that a list reads one by one; each is a statement of a fraction of a millisecond."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are, as far as it was worth counting."""

    number: int
    is_capped: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a list: its ids in order, and the cursors at its ends; empty where the list ends."""

    ids: list[int]
    before: str = ""
    after: str = ""


@dataclass(slots=True)
class ListPage:
    """One page of a list with everything its template needs."""

    spec: ListSpec
    rows: Sequence[Any]
    filters: Mapping[str, Bound]
    text: str
    sort: str
    size: int
    count: Count
    before: str = ""
    after: str = ""
    notices: list[str] = field(default_factory=list)

    @property
    def active(self) -> list[Bound]:
        return [bound for bound in self.filters.values() if bound.is_active]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text) or bool(self.active)


class ListQuery:
    """A list as one request asks for it. Make it with `read`; it belongs to that request alone."""

    def __init__(self, spec: ListSpec, session: Session) -> None:
        self.spec = spec
        self.session = session
        self.dialect = session.get_bind().dialect.name
        self.text = ""
        self.filters: dict[str, Bound] = {}
        self.conditions: list[ColumnElement[bool]] = []
        self.sort = spec.default_sort
        self.size = spec.size
        self.cursor: Cursor | None = None
        self.notices: list[str] = []
        self._broad: search.Query | None = None
        self._has_ids = False  # narrowed to a short list of rows
        self._known: Count | None = None

    @classmethod
    def read(cls, spec: ListSpec, values: Values, session: Session, *conditions: ColumnElement[bool]) -> ListQuery:
        """The query that the address asks for. What it does not know is left out with a notice."""
        spec = spec.as_seen()
        query = cls(spec, session)
        query.conditions.extend(conditions)
        query.filters = bind(spec.filters, values, session)
        query.conditions += [b.condition for b in query.filters.values() if b.condition is not None]
        if any(unknown_arguments(spec.filters, values)):
            query.notices.append(_("A filter in the address is not known here and was left out."))
        query._read_sort(_first(values, "sort"))
        query._read_size(_first(values, "size"))
        query._read_text(_first(values, "q"))
        query._read_cursor(values)
        return query

    def _read_sort(self, asked: str) -> None:
        if not asked:
            return
        if asked.removeprefix("-") in self.spec.sorts:
            self.sort = asked
        else:
            self.notices.append(_("The list cannot be sorted by that column."))

    def _read_size(self, asked: str) -> None:
        if asked.isascii() and asked.isdigit() and len(asked) < 5:
            self.size = max(1, min(int(asked), MAX_SIZE))

    def _read_text(self, typed: str) -> None:
        self.text = typed.strip()[:200]
        query = search.parse(self.text)
        if not self.text or query.is_empty or not self.spec.is_searchable:
            return
        hides = search.hides_words(self.spec.model)
        if not query.long and not (hides and search.prefix_column(self.spec.model) is None):
            self.conditions.append(search.begins_with(self.spec.model, query.typed, self.dialect))
            return
        is_limited = search.is_limited(self.spec.model)
        most = BROAD_IN_PART if is_limited else BROAD
        ids = search.probe_ids(self.session, self.spec.model, self.text, limit=most + 1)
        if not self.conditions and (len(ids) <= most or is_limited or most >= COUNT_LIMIT):
            self._known = Count(min(len(ids), most), len(ids) > most)
        if hides and len(ids) > most:
            ids = ids[:most]
            self.notices.append(_("Very many records match; these are the newest. Type more to see others."))
        if len(ids) <= most:
            self._has_ids = True
            self.conditions.append(self.spec.model.id.in_(ids))
            return
        self._broad = query
        self.sort = "-id"
        self.notices.append(_("Very many records match, so the newest come first. Type more to sort them."))

    def _read_cursor(self, values: Values) -> None:
        token = _first(values, "after") or _first(values, "before")
        is_back = not _first(values, "after") and bool(token or _first(values, "page") == "last")
        if not token and not is_back:
            return
        key = None
        if token:
            key = decode(token, self.key_column.type)
            if key is None:
                self.notices.append(_("That page is gone; this is the first one."))
                return
        self.cursor = Cursor(key=key, is_back=is_back)

    # Statements --------------------------------------------------------------------------------

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def id_column(self) -> Any:
        if self._broad is not None and self.dialect == "sqlite":
            return search.fts_table(self.spec.model).c.rowid
        return self.spec.model.id

    @property
    def key_column(self) -> Any:
        """The column that the list is sorted by; the id breaks ties."""
        name = self.sort.removeprefix("-")
        return self.spec.model.id if name == "id" else self.spec.sorts[name]

    @property
    def _is_by_id(self) -> bool:
        return self.sort.removeprefix("-") == "id"

    def _base(self, *entities: Any) -> Select[Any]:
        if self._broad is None:
            return select(*entities).where(*self.conditions)
        found = search.candidates(self.spec.model, self._broad, self.dialect).order_by(None)
        return found.with_only_columns(*entities, maintain_column_froms=True).where(*self.conditions)

    def statement(self, *entities: Any) -> Select[Any]:
        """All rows of the list in its order, without pages; for streaming to a file."""
        base = self._base(*(entities or (self.spec.model,)))
        key, ident = self.key_column, self.id_column
        if self._is_by_id:
            return base.order_by(ident.desc() if self.is_descending else ident)
        order = [key.desc(), ident.desc()] if self.is_descending else [key, ident]
        if _is_nullable(key):
            order.insert(0, key.is_(None))
        return base.order_by(*order)

    def count(self) -> Count:
        """How many rows there are, up to a thousand."""
        if self._known is not None:
            return self._known
        inner = self._base(self.id_column).limit(COUNT_LIMIT + 1).subquery()
        number = self.session.scalar(select(func.count()).select_from(inner)) or 0
        return Count(min(number, COUNT_LIMIT), number > COUNT_LIMIT)

    def _fetch(self, cursor: Cursor | None, limit: int) -> list[tuple[int, Any]]:
        """(id, key) from a cursor on, in reading order; rows without a key come last of all."""
        is_back = cursor is not None and cursor.is_back
        is_down = self.is_descending != is_back
        start = cursor.key if cursor is not None else None
        found: list[tuple[int, Any]] = []
        for is_null in self._parts(start, is_back=is_back):
            statement = self._part(is_null, is_down=is_down)
            if start is not None and (start[0] is None) == is_null:
                statement = statement.where(self._beyond(start, is_null, is_down=is_down))
            found += self._read(statement, limit - len(found), is_down=is_down)
            if len(found) >= limit:
                break
        return found

    def _read(self, statement: Select[Any], limit: int, *, is_down: bool) -> list[tuple[int, Any]]:
        """The first rows of an ordered statement; department by department where that is an index walk."""
        parts = [statement.where(branch) for branch in self._branches()] or [statement]
        rows = [(row[0], row[1]) for part in parts for row in self.session.execute(part.limit(limit))]
        if len(parts) > 1:
            rows = list(dict.fromkeys(rows))  # an own row of an own department comes twice
            rows.sort(key=lambda row: (row[0],) if row[1] is None else (row[1], row[0]), reverse=is_down)
        return rows[:limit]

    def _branches(self) -> list[ColumnElement[bool]]:
        if self._broad is not None or self._is_by_id or self._has_ids or not _by_department(self.key_column):
            return []
        return self._scope_branches()

    def _scope_branches(self) -> list[ColumnElement[bool]]:
        asked = next(
            (bound for bound in self.filters.values() if _is_department(bound) and bound.condition is not None), None
        )
        departments = None if asked is None else {int(value) for value in asked.values}
        found = scope.branches(self.spec.model, departments=departments)
        return found if len(found) <= MOST_BRANCHES else []

    def _parts(self, start: tuple[Any, int] | None, *, is_back: bool) -> list[bool]:
        """Rows with a key and rows without are read apart: no index serves both in one order."""
        if self._is_by_id or not _is_nullable(self.key_column):
            return [False]
        parts = [True, False] if is_back else [False, True]
        return parts if start is None else parts[parts.index(start[0] is None) :]

    def _part(self, is_null: bool, *, is_down: bool) -> Select[Any]:
        key, ident = self.key_column, self.id_column
        if self._is_by_id:
            return self._base(ident, ident.label("key")).order_by(ident.desc() if is_down else ident)
        statement = self._base(ident, key.label("key"))
        if is_null:
            return statement.where(key.is_(None)).order_by(ident.desc() if is_down else ident)
        if _is_nullable(key):
            statement = statement.where(key.is_not(None))
        return statement.order_by(*((key.desc(), ident.desc()) if is_down else (key, ident)))

    def _beyond(self, start: tuple[Any, int], is_null: bool, *, is_down: bool) -> ColumnElement[bool]:
        value, last = start
        ident = self.id_column
        if is_null or self._is_by_id:
            return ident < last if is_down else ident > last
        here = tuple_(self.key_column, ident)
        there = tuple_(literal(value, self.key_column.type), literal(last))
        return here < there if is_down else here > there

    def _narrow(self) -> None:
        """Count what the filters leave, and go on with the ids where they are few.

        A rare value met in the order of another column would be a walk over the whole table.
        """
        narrowing = [bound for bound in self.filters.values() if bound.condition is not None]
        if self._known is not None or not narrowing:
            return
        ids: set[int] = set()
        base = self._base(self.id_column).limit(COUNT_LIMIT + 1)
        for part in [base.where(branch) for branch in self._scope_branches()] or [base]:
            if len(ids) <= COUNT_LIMIT:
                ids.update(self.session.scalars(part))
        self._known = Count(min(len(ids), COUNT_LIMIT), len(ids) > COUNT_LIMIT)
        if not self._known.is_capped:
            self.conditions, self._broad = [self.spec.model.id.in_(sorted(ids))], None
            self._has_ids = True
        elif self.dialect == "sqlite":
            # Rows that are many are met soon in the list's order: by their own index all were sorted.
            common = [bound.condition for bound in narrowing if not _is_department(bound)]
            kept = [condition for condition in self.conditions if not any(condition is one for one in common)]
            self.conditions = kept + [condition.is_(True) for condition in common if condition is not None]

    # Results -----------------------------------------------------------------------------------

    def page(self) -> ListPage:
        """The rows of the page, the ways to the next and the previous one, and the count."""
        window = self.window()
        is_whole = self.cursor is None and not window.after
        return ListPage(
            spec=self.spec,
            rows=self.rows(window.ids),
            filters=self.filters,
            text=self.text,
            sort=self.sort,
            size=self.size,
            count=Count(len(window.ids)) if is_whole else self.count(),
            before=window.before,
            after=window.after,
            notices=self.notices,
        )

    def window(self) -> Window:
        """The ids of the page, and the ways to the next and the previous one."""
        self._narrow()
        found = self._fetch(self.cursor, self.size + 1)
        is_back = self.cursor is not None and self.cursor.is_back
        has_more, found = len(found) > self.size, found[: self.size]
        if is_back:
            found.reverse()
        has_before = has_more if is_back else self.cursor is not None and self.cursor.key is not None
        has_after = (self.cursor is not None and self.cursor.key is not None) if is_back else has_more
        return Window(
            ids=[ident for ident, _key in found],
            before=encode(found[0]) if found and has_before else "",
            after=encode(found[-1]) if found and has_after else "",
        )

    def keys_of(self, ids: Sequence[int]) -> list[tuple[int, Any]]:
        """(id, sort key) of those of `ids` that are in the list, in its order."""
        self._narrow()
        columns = (self.id_column, self.key_column.label("key"))
        found = [(row[0], row[1]) for row in self.session.execute(self._base(*columns).where(self.id_column.in_(ids)))]
        known = sorted((row for row in found if row[1] is not None), key=lambda row: (row[1], row[0]))
        blank = sorted(row for row in found if row[1] is None)
        return [*known[::-1], *blank[::-1]] if self.is_descending else [*known, *blank]

    def rows(self, ids: Sequence[int], loads: Sequence[Any] | None = None) -> list[Any]:
        """The records of `ids` in that order, with the relations that the list shows or with `loads`."""
        if not ids:
            return []
        model = self.spec.model
        statement = select(model).where(model.id.in_(ids)).options(*(self.spec.loads if loads is None else loads))
        by_id = {row.id: row for row in self.session.scalars(statement).unique()}
        return [by_id[ident] for ident in ids if ident in by_id]

    def iterate(self, batch: int = 1_000) -> Iterator[list[Any]]:
        """All rows of the list, batch by batch, in its order."""
        for ids in self.iterate_ids(batch):
            yield self.rows(ids)

    def iterate_ids(self, batch: int = 5_000) -> Iterator[list[int]]:
        """The ids of all rows of the list, batch by batch, in its order."""
        cursor: Cursor | None = None
        while True:
            found = self._fetch(cursor, batch)
            if found:
                yield [ident for ident, _key in found]
            if len(found) < batch:
                return
            ident, key = found[-1]
            cursor = Cursor(key=(key, ident), is_back=False)


def _first(values: Values, name: str) -> str:
    return next(iter(values.get(name) or ()), "")


def _is_department(bound: Bound) -> bool:
    return getattr(bound.filter.attribute, "key", "") == "department_id"


def _by_department(attribute: Any) -> bool:
    """Whether an index gives a department's rows in the order of a column."""
    column = inspect(attribute.class_).columns[attribute.key]
    return any(
        len(index.columns) > 1 and index.columns[0].name == "department_id" and column in list(index.columns)[1:3]
        for index in column.table.indexes
    )


def _is_nullable(attribute: Any) -> bool:
    return bool(attribute.property.columns[0].nullable)
