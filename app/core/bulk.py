"""Many rows at once, without the ORM: for imports, demo data and benchmarks.

Rows go through as columns (attribute → values), because a column is cleaned, keyed and bound as a
whole for a fraction of what its values cost one by one. The flush is bypassed, so whatever it would
do is done here: column defaults, stored sort and search keys, stamps, versions. What the flush would
*refuse* is the caller's to check first: values, and the scope of every row
(`core.scope.pending_links_ok`). New rows are written down here; the history of changed ones is the
caller's (`core.audit.record_bulk`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, func, inspect, select

from app.core import audit, level_guard, text
from app.core.db import CleanText, Sorted, Stamped, Versioned, db
from app.core.errors import StaleVersion
from app.core.search import Searchable, fill_search_texts, index_new

CHUNK = 10_000
Columns = dict[str, list[Any]]
"""Rows by column: the values of each attribute, all lists of one length."""


def insert_rows(model: type[Any], rows: Iterable[Mapping[str, Any]], *, chunk: int = CHUNK) -> int:
    """Insert rows of one shape (column attribute → value); returns how many.

    All rows must have the same keys. Does not commit.
    """
    source, count = iter(rows), 0
    while part := list(islice(source, chunk)):
        insert_columns(model, {name: [row[name] for row in part] for name in part[0]})
        count += len(part)
    return count


def insert_columns(model: type[Any], columns: Columns) -> None:
    """Insert the rows of `columns`, which is completed in place. On PostgreSQL they go by COPY. Does not commit.

    Rows of an audited model get their history, and keys for it where they bring none.
    """
    count = len(next(iter(columns.values()), ()))
    if not count:
        return
    complete(model, columns)
    level_guard.check_columns(model, columns)
    is_audited = issubclass(model, audit.Audited)
    if is_audited and "id" not in columns:
        columns["id"] = list(reserve_ids(model, count))
    connection = db.session.connection()
    names, bound = bound_columns(connection, model, columns)
    write_rows(connection, model, names, zip(*bound, strict=True))
    if is_audited:
        audit.record_inserted(db.session, model, columns)
    if issubclass(model, Searchable):
        index_new(db.session(), model)


def update_columns(model: type[Any], ids: Sequence[int], columns: Columns, *, versions: Sequence[int] = ()) -> None:
    """Give the rows of `ids` new values; what is derived of them is derived anew. Does not commit.

    `columns` must hold every source of a derived column or none. With `versions` (a versioned
    model's rows as they were read) raises StaleVersion where a row has another by now.
    """
    connection = db.session.connection()
    level_guard.check_updates(db.session, model, ids, columns)
    _clean_texts(model, columns)
    _derive(model, columns)
    if issubclass(model, Stamped):
        stamps = {name: value for name, value in audit.stamp_values().items() if name.startswith("updated")}
        columns |= {name: [value] * len(ids) for name, value in stamps.items()}
    quote, mark = connection.dialect.identifier_preparer.quote, _mark(connection)
    names, bound = bound_columns(connection, model, columns)
    sets = [f"{quote(name)} = {mark}" for name in names]
    sets += ["version = version + 1"] if issubclass(model, Versioned) else []
    wanted, keys = f"id = {mark}", [ids]
    if versions:
        wanted, keys = f"{wanted} AND version = {mark}", [ids, versions]
    statement = f"UPDATE {quote(model.__table__.name)} SET {', '.join(sets)} WHERE {wanted}"  # noqa: S608 - own names
    for start in range(0, len(ids), CHUNK):
        rows = list(zip(*(values[start : start + CHUNK] for values in (*bound, *keys)), strict=True))
        if connection.exec_driver_sql(statement, rows).rowcount != len(rows) and versions:
            raise StaleVersion


def complete(model: type[Any], columns: Columns) -> None:
    """Clean texts and add what a flush fills: sort keys, derived keys, stamps, column defaults."""
    count = len(next(iter(columns.values())))
    _clean_texts(model, columns)
    _derive(model, columns)
    constants = _defaults(model)
    if issubclass(model, Stamped):
        constants |= audit.stamp_values()
    columns |= {name: [value] * count for name, value in constants.items() if name not in columns}


def _clean_texts(model: type[Any], columns: Columns) -> None:
    kinds = inspect(model).columns
    columns |= {
        name: text.clean_all(cells) for name, cells in columns.items() if isinstance(kinds[name].type, CleanText)
    }


def _derive(model: type[Any], columns: Columns) -> None:
    if issubclass(model, Sorted):
        for key, source in model.__sort_keys__.items():
            if source in columns:
                columns[key] = text.sort_keys(value or "" for value in columns[source])
    derive = getattr(model, "derive_keys", None)
    if derive is not None:
        derive(columns)
    if issubclass(model, Searchable) and any(name in columns for name in model.__search_fields__):
        fill_search_texts(model, columns)


def reserve_ids(model: type[Any], count: int) -> Sequence[int]:
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


# --- writing


def write_rows(connection: Connection, model: type[Any], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows that are bound already; `names` are the table's columns. Nothing is filled in or indexed."""
    quote = connection.dialect.identifier_preparer.quote
    target = f"{quote(model.__table__.name)} ({', '.join(map(quote, names))})"
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as stream:
            for row in rows:
                stream.write_row(row)
        return
    marks = ", ".join("?" * len(names))
    connection.exec_driver_sql(f"INSERT INTO {target} VALUES ({marks})", list(rows))  # noqa: S608 - own names


def _mark(connection: Connection) -> str:
    return "%s" if connection.dialect.name == "postgresql" else "?"


def bound_columns(connection: Connection, model: type[Any], columns: Columns) -> tuple[list[str], list[list[Any]]]:
    """The names of the table's columns, and the values of `complete` columns as the driver wants them."""
    mapped = {prop.key: prop.columns[0] for prop in inspect(model).column_attrs if prop.key in columns}
    bound = [_bind(column, columns[key], connection.dialect) for key, column in mapped.items()]
    return [column.name for column in mapped.values()], bound


def _bind(column: Column[Any], values: list[Any], dialect: Any) -> list[Any]:
    if isinstance(column.type, CleanText):
        return values
    bind: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if bind is None:
        return values
    try:
        known = {value: bind(value) for value in dict.fromkeys(values)}
    except TypeError:  # JSON: a list has no hash
        return [bind(value) for value in values]
    return [known[value] for value in values]
