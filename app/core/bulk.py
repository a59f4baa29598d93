"""Many rows at once, without the ORM: for imports, demo data and benchmarks.

The flush is bypassed, so whatever it would do is done here for all rows together: column
defaults, stored sort and search keys, stamps. What the flush would *refuse* is the caller's to check first:
values, and the scope of every row (`core.scope.pending_links_ok`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Column, func, insert, inspect, select

from app.core import audit, text
from app.core.db import Sorted, Stamped, db
from app.core.search import Searchable, fill_search_texts, index_new

CHUNK = 10_000
Row = dict[str, Any]


def insert_rows(model: type[Any], rows: Iterable[Mapping[str, Any]], *, chunk: int = CHUNK) -> int:
    """Insert rows of one shape (column attribute → value); returns how many.

    All rows must have the same keys. On PostgreSQL they go by COPY. Does not commit.
    """
    count = 0
    for part in chunks(rows, chunk):
        complete(model, part)
        _write(model, part)
        count += len(part)
    if count and issubclass(model, Searchable):
        index_new(db.session(), model)
    return count


def chunks(rows: Iterable[Mapping[str, Any]], size: int) -> Iterator[list[Row]]:
    """Lists of at most `size` copied rows."""
    source = iter(rows)
    while part := [dict(row) for row in islice(source, size)]:
        yield part


def complete(model: type[Any], rows: Sequence[Row]) -> None:
    """Fill what a flush fills, in place: sort keys, derived keys, stamps, column defaults."""
    if not rows:
        return
    if issubclass(model, Sorted):
        for key, source in model.__sort_keys__.items():
            if source not in rows[0]:
                continue
            for row, value in zip(rows, text.sort_keys(row[source] or "" for row in rows), strict=True):
                row[key] = value
    derive = getattr(model, "derive_keys", None)
    if derive is not None:
        derive(rows)
    if issubclass(model, Searchable):
        fill_search_texts(model, rows)
    constants = audit.stamp_values() if issubclass(model, Stamped) else {}
    constants = {**_defaults(model), **constants}
    missing = {name: value for name, value in constants.items() if name not in rows[0]}
    for row in rows:
        row.update(missing)


def reserve_ids(model: type[Any], count: int) -> range | list[int]:
    """Keys for `count` new rows, so that their children can be written beside them.

    On SQLite the caller's transaction holds the only write lock; on PostgreSQL they come from the
    table's sequence.
    """
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
        return list(connection.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count))))
    first = (connection.scalar(select(func.max(model.id))) or 0) + 1
    return range(first, first + count)


def _defaults(model: type[Any]) -> dict[str, Any]:
    found = {}
    for prop in inspect(model).column_attrs:
        default = getattr(prop.columns[0], "default", None)
        if default is not None and default.is_scalar:
            found[prop.key] = default.arg
    return found


def _write(model: type[Any], rows: list[Row]) -> None:
    connection = db.session.connection()
    columns = {prop.key: prop.columns[0] for prop in inspect(model).column_attrs if prop.key in rows[0]}
    if connection.dialect.name == "postgresql":
        _copy(connection, model, columns, rows)
        return
    names = {key: column.name for key, column in columns.items()}
    if any(key != name for key, name in names.items()):
        rows = [{names[key]: row[key] for key in names} for row in rows]
    connection.execute(insert(model.__table__), rows)


def _copy(connection: Any, model: type[Any], columns: Mapping[str, Column[Any]], rows: Sequence[Row]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    target = quote(model.__table__.name)
    names = ", ".join(quote(column.name) for column in columns.values())
    binders = [(key, _binder(column, connection.dialect)) for key, column in columns.items()]
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {target} ({names}) FROM STDIN") as stream,
    ):
        for row in rows:
            stream.write_row([row[key] if bind is None else bind(row[key]) for key, bind in binders])


def _binder(column: Column[Any], dialect: Any) -> Callable[[Any], Any] | None:
    return column.type.dialect_impl(dialect).bind_processor(dialect)
