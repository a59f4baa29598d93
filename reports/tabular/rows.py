"""How the rows of a table are read: by one statement of plain values, or by records in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import aliased, selectinload

from app.core.listing import ListQuery, loads_for
from reports.tabular.plan import Batch, Field, TablePlan

BATCH = 1_000


def read_batches(plan: TablePlan, query: ListQuery, size: int = BATCH) -> Iterator[Batch]:
    """The cells of all rows of a list, column by column, batch by batch, in its order.

    Where every column is a stored value, one statement of plain tuples is read; where one is
    worked out in Python, records are loaded in batches.
    """
    reader = _Tuples.of(plan) or _Records(plan)
    for columns in reader.batches(query, size):
        yield [one.write(values) for one, values in zip(plan.fields, columns, strict=True)]


# --- stored values: one statement ------------------------------------------------------------


class _Tuples:
    """Reads a plan by one statement of columns, relations joined; the row scope holds for each join."""

    def __init__(self, plan: TablePlan) -> None:
        self._model = plan.spec.model
        self._joins: dict[tuple[Any, ...], tuple[Any, Any]] = {}
        self._line: Any = None
        self._relation = plan.lines.relation if plan.lines else ""
        self._fields = plan.fields
        self._is_inner = plan.only_lines
        self._lists: dict[int, Any] = {}
        if plan.lines is not None:
            self._line = self._joined(self._model, (), self._relation, many=True)
        self.columns = [self._column(place, one) for place, one in enumerate(plan.fields)]

    @classmethod
    def of(cls, plan: TablePlan) -> _Tuples | None:
        """None where some column is not stored."""
        try:
            return cls(plan)
        except LookupError:
            return None

    def _column(self, place: int, one: Field) -> Any:
        """The column to read; for a list of child rows the id that they hang on."""
        *steps, last = one.stored_path
        if one.column is not None and one.column.loads:
            raise LookupError(last)
        entity = self._line if one.in_line else self._model
        walked: tuple[str, ...] = (self._relation,) if one.in_line else ()
        for step in steps:
            entity = self._joined(entity, walked, step)
            walked = (*walked, step)
        mapper = inspect(entity).mapper
        relation = mapper.relationships.get(last)
        if relation is not None and relation.uselist and one.column is not None and one.column.pick is not None:
            self._lists[place] = relation
            return entity.id
        if last not in mapper.column_attrs:
            raise LookupError(last)
        return getattr(entity, last)

    def _joined(self, entity: Any, walked: tuple[str, ...], step: str, *, many: bool = False) -> Any:
        key = (*walked, step)
        if key not in self._joins:
            relation = inspect(entity).mapper.relationships.get(step)
            if relation is None or (relation.uselist and not many):
                raise LookupError(step)
            target = aliased(relation.mapper.class_)
            self._joins[key] = target, getattr(entity, step).of_type(target)
        return self._joins[key][0]

    def _statement(self, query: ListQuery) -> Any:
        """The list's statement; a broad search, which goes by the search's own table, as its ids."""
        ident = self._model.id
        if query.id_column is ident:
            return query.statement(*self.columns)
        found = query.statement(query.id_column).order_by(None)
        return select(*self.columns).where(ident.in_(found)).order_by(ident.desc() if query.is_descending else ident)

    def _line_order(self) -> list[Any]:
        relation = inspect(self._model).relationships[self._relation]
        mapper = relation.mapper
        return [getattr(self._line, mapper.get_property_by_column(c).key) for c in relation.order_by or ()]

    def batches(self, query: ListQuery, size: int) -> Iterator[Batch]:
        statement = self._statement(query)
        for place, (_target, onto) in enumerate(self._joins.values()):
            statement = statement.join(onto, isouter=not (self._is_inner and place == 0))
        if self._line is not None:
            statement = statement.order_by(*self._line_order(), self._line.id)
        result = query.session.execute(statement, execution_options={"yield_per": size})
        for rows in result.partitions():
            yield self._picked(query, list(zip(*rows, strict=True)))

    def _picked(self, query: ListQuery, columns: Batch) -> Batch:
        known: dict[Any, dict[int, list[Any]]] = {}
        for place, relation in self._lists.items():
            if relation not in known:
                known[relation] = _children(query, relation, {key for key in columns[place] if key is not None})
            columns[place] = [known[relation].get(key) for key in columns[place]]
        return [one.picked(column) for one, column in zip(self._fields, columns, strict=True)]


def _children(query: ListQuery, relation: Any, ids: set[int]) -> dict[int, list[Any]]:
    """The rows of a relation by the record they hang on, as tuples with names."""
    mapper = relation.mapper
    (owner,) = (getattr(mapper.class_, mapper.get_property_by_column(c).key) for c in relation.remote_side)
    attributes = [getattr(mapper.class_, one.key) for one in mapper.column_attrs]
    found: dict[int, list[Any]] = {}
    statement = select(owner, *attributes).where(owner.in_(sorted(ids))).order_by(owner, *(relation.order_by or ()))
    for row in query.session.execute(statement):
        found.setdefault(row[0], []).append(row)
    return found


# --- records ---------------------------------------------------------------------------------


class _Records:
    """Reads a plan by records with what they refer to; a record without lines still gives a row."""

    def __init__(self, plan: TablePlan) -> None:
        self._plan = plan
        self._model = plan.spec.model

    def batches(self, query: ListQuery, size: int) -> Iterator[Batch]:
        options = self._options()
        for ids in query.iterate_ids(size):
            records = _load(query, ids, options)
            rows = [self._row(record, line) for record in records for line in self._lines(record)]
            if rows:
                yield list(zip(*rows, strict=True))

    def _options(self) -> tuple[Any, ...]:
        relation = self._plan.lines.relation if self._plan.lines else ""
        paths = [
            ".".join(([relation] if one.in_line else []) + steps)
            for one in self._plan.fields
            for steps in (one.stored_path, *(load.split(".") for load in (one.column.loads if one.column else ())))
        ]
        return (*self._plan.spec.loads, *self._line_options(), *loads_for(self._model, list(dict.fromkeys(paths))))

    def _line_options(self) -> list[Any]:
        """The lines, and what hangs on them where a column is worked out from it."""
        if self._plan.lines is None:
            return []
        relation = getattr(self._model, self._plan.lines.relation)
        mapper = inspect(self._plan.lines.model)
        known = {*mapper.column_attrs.keys(), *mapper.relationships.keys()}
        options = [selectinload(relation)]
        if any(one.in_line and one.stored_path[0] not in known for one in self._plan.fields):
            below = (one.class_attribute for one in mapper.relationships if one.uselist)
            options += [selectinload(relation).selectinload(attribute) for attribute in below]
        return options

    def _lines(self, record: Any) -> Sequence[Any]:
        if self._plan.lines is None:
            return (None,)
        return list(getattr(record, self._plan.lines.relation)) or (() if self._plan.only_lines else (None,))

    def _row(self, record: Any, line: Any) -> list[Any]:
        return [
            (one.read(line) if line is not None else None) if one.in_line else one.read(record)
            for one in self._plan.fields
        ]


def _load(query: ListQuery, ids: Sequence[int], options: Sequence[Any]) -> list[Any]:
    model = query.spec.model
    statement = select(model).where(model.id.in_(ids)).options(*options)
    by_id = {record.id: record for record in query.session.scalars(statement).unique()}
    return [by_id[ident] for ident in ids if ident in by_id]
