"""Finding rows by any part of their words and numbers, at a million rows.

A searchable row stores its folded words in `search_text`. On SQLite an FTS5 trigram table beside
the model's table indexes them, on PostgreSQL a pg_trgm GIN index. ORM writes keep the index right
by themselves; a bulk road fills `search_text` with `fill_search_texts` and calls `index_new` after
its inserts, because a trigger per inserted row makes inserts seven times slower.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import (
    DDL,
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    column,
    event,
    func,
    inspect,
    or_,
    select,
    table,
    text,
    true,
)
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from app.core.db import SortKey, db
from app.core.field_rights import may_read
from app.core.scope import Scoped, limiting_actor, scope_rule
from app.core.text import search_key, search_keys, sort_key

TRIGRAM = 3
"""Shorter words have no trigram and search only the beginning of the name."""
PENDING_BYTES = 16 << 20
"""What FTS5 gathers before it writes a part of the index; with its own 1 MB a bulk insert takes half as long again."""
LAST_CHARACTER = "\U0010ffff"
LOOKED_AT = 20_000
"""Rows that are looked through for somebody from whom a searched field is hidden."""
_DIGITS = re.compile(r"[+]?\d[\d\-/.()]*$")
_SEARCH_TABLE = re.compile(r"_fts(_(data|idx|docsize|config|content))?$")
_SEARCH_INDEX = re.compile(r"^ix_.*_search$")


class Searchable:
    """A row that is found by any part of the attributes named in `__search_fields__`.

    Attributes may be properties; numbers are found by any part of them, with or without the
    leading zero or country code.
    """

    __search_fields__: ClassVar[tuple[str, ...]] = ("name",)

    @declared_attr
    def search_text(cls) -> Mapped[str]:
        return mapped_column(Text, default="", server_default="", deferred=True)

    def fill_search_text(self) -> None:
        """Fold the words of the search fields; called at every flush that changes one."""
        values = (getattr(self, name) for name in self.__search_fields__)
        self.search_text = folded(values)


def folded(values: Iterable[Any]) -> str:
    """Several values as one folded text, empty ones left out."""
    return " ".join(search_key(str(value)) for value in values if value not in (None, ""))


def fill_search_texts(model: type[Searchable], columns: dict[str, list[Any]]) -> None:
    """Set `search_text` of rows by column (attribute → values) that bypass the flush.

    A search field that is no column is taken as empty.
    """
    names = [name for name in model.__search_fields__ if name in columns]
    parts = [search_keys(str(value) if value else "" for value in columns[name]) for name in names]
    columns["search_text"] = [" ".join(filter(None, words)) for words in zip(*parts, strict=True)]


def _before_insert(_mapper: Any, _connection: Any, target: Searchable) -> None:
    target.fill_search_text()


def _before_update(_mapper: Any, _connection: Any, target: Searchable) -> None:
    state = inspect(target)
    session = state.session
    if session is None or not session.is_modified(target):
        return
    names = target.__search_fields__
    if any(name not in state.attrs or state.attrs[name].history.has_changes() for name in names):
        target.fill_search_text()


def _after_flush(session: Session, _context: Any) -> None:
    """Index new rows; changed and deleted ones are followed by triggers."""
    if not session.new or session.get_bind().dialect.name != "sqlite":
        return
    fresh: dict[str, list[dict[str, Any]]] = {}
    for record in session.new:
        if isinstance(record, Searchable):
            entry = {"row": record.id, "words": record.search_text}  # type: ignore[attr-defined]
            fresh.setdefault(record.__tablename__, []).append(entry)  # type: ignore[attr-defined]
    for name, entries in fresh.items():
        statement = f"INSERT INTO {name}_fts(rowid, search_text) VALUES (:row, :words)"
        session.connection().execute(text(statement), entries)


event.listen(Searchable, "before_insert", _before_insert, propagate=True)
event.listen(Searchable, "before_update", _before_update, propagate=True)
event.listen(Session, "after_flush", _after_flush)


# The index -------------------------------------------------------------------------------------


def index_statements(table_name: str, dialect: str) -> tuple[str, ...]:
    """The DDL that makes the index of a searchable table."""
    t = table_name
    if dialect == "postgresql":
        return (
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            f"CREATE INDEX ix_{t}_search ON {t} USING gin (search_text gin_trgm_ops)",
        )
    # A row that a bulk road has not indexed yet must not be taken out: that would spoil the index.
    known = f"EXISTS (SELECT 1 FROM {t}_fts_docsize WHERE id = old.id)"
    out = f"INSERT INTO {t}_fts({t}_fts, rowid, search_text) VALUES ('delete', old.id, old.search_text);"
    changed = "old.search_text IS NOT new.search_text"
    return (
        f"CREATE VIRTUAL TABLE {t}_fts USING fts5("
        f"search_text, content='{t}', content_rowid='id', tokenize='trigram', detail='full')",
        f"CREATE TRIGGER {t}_fts_delete AFTER DELETE ON {t} WHEN {known} BEGIN {out} END",
        f"CREATE TRIGGER {t}_fts_update AFTER UPDATE OF search_text ON {t} WHEN {changed} AND {known} "
        f"BEGIN {out} INSERT INTO {t}_fts(rowid, search_text) VALUES (new.id, new.search_text); END",
    )


def create_search_index(op: Any, table_name: str) -> None:
    """In a migration: make the index of a searchable table, and fill it from rows already there."""
    dialect = op.get_bind().dialect.name
    for statement in index_statements(table_name, dialect):
        op.execute(text(statement.replace(":", "\\:")))
    if dialect == "sqlite":
        op.execute(text(f"INSERT INTO {table_name}_fts({table_name}_fts) VALUES ('rebuild')"))


def drop_search_index(op: Any, table_name: str) -> None:
    """In a migration: take the index away again."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(text(f"DROP INDEX IF EXISTS ix_{table_name}_search"))
        return
    for name in (f"{table_name}_fts_delete", f"{table_name}_fts_update"):
        op.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
    op.execute(text(f"DROP TABLE IF EXISTS {table_name}_fts"))


def is_search_object(name: str | None, kind: str) -> bool:
    """Whether a table or index belongs to the search; Alembic's autogenerate must pass over it."""
    pattern = _SEARCH_INDEX if kind == "index" else _SEARCH_TABLE
    return kind in {"table", "index"} and pattern.search(name or "") is not None


def searchable_models() -> list[type[Any]]:
    """Every mapped searchable model, by table."""
    models = {m.class_ for m in db.Model.registry.mappers if issubclass(m.class_, Searchable)}
    return sorted(models, key=lambda model: str(model.__tablename__))


def _index_with_table(target: Table, connection: Any, **_options: Any) -> None:
    """`create_all` (tests, scratch databases) makes the index with the table."""
    if "search_text" in target.c and target.metadata is db.Model.metadata:  # a migration says it itself
        for statement in index_statements(target.name, connection.dialect.name):
            connection.execute(DDL(statement.replace("%", "%%")))


def _drop_with_table(target: Table, connection: Any, **_options: Any) -> None:
    is_ours = target.metadata is db.Model.metadata
    if is_ours and "search_text" in target.c and connection.dialect.name == "sqlite":
        connection.execute(DDL(f"DROP TABLE IF EXISTS {target.name}_fts"))


event.listen(Table, "after_create", _index_with_table)
event.listen(Table, "after_drop", _drop_with_table)


def index_new(session: Session, model: type[Any]) -> None:
    """Index the rows that a bulk insert added after the last indexed one. Safe to repeat."""
    if session.get_bind().dialect.name != "sqlite":
        return
    t = model.__tablename__
    session.connection().execute(text(f"INSERT INTO {t}_fts({t}_fts, rank) VALUES ('hashsize', {PENDING_BYTES})"))
    session.connection().execute(
        text(
            f"INSERT INTO {t}_fts(rowid, search_text) SELECT id, search_text FROM {t} "
            f"WHERE id > coalesce((SELECT max(id) FROM {t}_fts_docsize), 0) ORDER BY id"
        )
    )


def rebuild_index(session: Session, model: type[Any]) -> None:
    """Make the SQLite index anew from the table; PostgreSQL looks after its own."""
    if session.get_bind().dialect.name == "sqlite":
        t = model.__tablename__
        session.connection().execute(text(f"INSERT INTO {t}_fts({t}_fts) VALUES ('rebuild')"))


# Asking ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, folded: words that an index finds, and short ones that it cannot.

    Each long word is a tuple of spellings, one of which must be there.
    """

    long: tuple[tuple[str, ...], ...]
    short: tuple[str, ...]
    typed: str

    @property
    def is_empty(self) -> bool:
        return not self.long and not self.short


def parse(typed: str) -> Query:
    """Fold what was typed and split it into words, all of which must be found."""
    words = search_key(typed[:200]).split()[:8]
    long = tuple(spellings for word in words if (spellings := _spellings(word)))
    short = tuple(word for word in words if not _spellings(word))
    return Query(long, short, " ".join(words))


@lru_cache(maxsize=1024)
def _spellings(word: str) -> tuple[str, ...]:
    """The forms a word may be stored in; a phone number also without its zero or country code."""
    found = [word]
    if _DIGITS.match(word):
        bare = re.sub(r"\D", "", word)
        found.append(bare)
        stripped = bare.removeprefix("0098") if bare.startswith("0098") else bare.removeprefix("0")
        if len(stripped) > TRIGRAM:
            found.append(stripped)
    return tuple(dict.fromkeys(spelling for spelling in found if len(spelling) >= TRIGRAM))


def fts_table(model: type[Any]) -> Any:
    """The FTS5 table of a model as a FROM element: rowid and its hidden match column."""
    return _fts_table(str(model.__tablename__))


@lru_cache(maxsize=256)
def _fts_table(name: str) -> Any:
    """One object for each table: two of them in a statement would be two tables."""
    return table(f"{name}_fts", column("rowid"), column(f"{name}_fts"))


def match_expression(query: Query) -> str:
    """The long words in FTS5's language; quotes keep every character literal."""
    words = []
    for spellings in query.long:
        quoted = ['"{}"'.format(spelling.replace('"', '""')) for spelling in spellings]
        words.append(f"({' OR '.join(quoted)})" if len(quoted) > 1 else quoted[0])
    return " AND ".join(words)


def contains(model: type[Any], word: str, dialect: str) -> ColumnElement[bool]:
    """The condition that a word is part of the row's folded text."""
    if dialect == "sqlite":
        return func.instr(model.search_text, word) > 0
    return model.search_text.contains(word, autoescape=True)


def prefix_column(model: type[Any]) -> Any | None:
    """The sort key that two-letter searches look at the beginning of."""
    name = getattr(model, "__search_prefix__", "name_sort")
    found = inspect(model).columns.get(name)
    return getattr(model, name) if found is not None and isinstance(found.type, SortKey) else None


def begins_with(model: type[Any], typed: str, dialect: str) -> ColumnElement[bool]:
    """The condition of a search without any long word: the name begins with what was typed."""
    key = prefix_column(model)
    if key is None:
        return contains(model, typed, dialect)
    first = sort_key(typed)
    return and_(key >= first, key < first + LAST_CHARACTER)


def candidates(model: type[Any], query: Query, dialect: str) -> Select[tuple[int]]:
    """The ids of the rows that match, newest first where words are long, else by name."""
    statement = select(model.id)
    if not query.long:
        key = prefix_column(model)
        statement = statement.where(begins_with(model, query.typed, dialect))
        return statement.order_by(key, model.id) if key is not None else statement.order_by(model.id.desc())
    statement = statement.where(*(contains(model, word, dialect) for word in query.short))
    if dialect == "sqlite":
        fts = fts_table(model)
        statement = statement.select_from(fts).join(model, model.id == fts.c.rowid)
        return statement.where(_match(model, query)).order_by(fts.c.rowid.desc())
    for spellings in query.long:
        statement = statement.where(or_(*(contains(model, word, dialect) for word in spellings)))
    return statement.order_by(model.id.desc())


def matching_ids(session: Session, model: type[Any], typed: str, *, limit: int) -> list[int]:
    """The ids of at most `limit` rows that match what was typed and that the actor may see.

    Newest first; by name when only the beginning of the name was searched. Empty text finds nothing.
    """
    query = parse(typed)
    if query.is_empty:
        return []
    dialect = session.get_bind().dialect.name
    statement = candidates(model, query, dialect)
    if hides_words(model):
        return _seen_ids(session, model, query, statement, limit)
    if dialect == "sqlite" and query.long and not query.short and not is_limited(model):
        fts = fts_table(model)  # every row may be seen, so the rows themselves need not be read
        statement = select(fts.c.rowid).where(_match(model, query)).order_by(fts.c.rowid.desc())
    return list(session.scalars(statement.limit(limit)))


def probe_ids(session: Session, model: type[Any], typed: str, *, limit: int) -> list[int]:
    """As `matching_ids` in no order, for whoever wants to know whether there are few.

    PostgreSQL would walk the newest rows for an order that is thrown away.
    """
    query = parse(typed)
    if session.get_bind().dialect.name == "sqlite" or query.is_empty or hides_words(model):
        return matching_ids(session, model, typed, limit=limit)
    statement = candidates(model, query, "postgresql").order_by(None)
    return list(session.scalars(statement.limit(limit)))


def hides_words(model: type[Any]) -> bool:
    """Whether a field whose words are searched is hidden from the present actor."""
    return not all(may_read(model, name) for name in model.__search_fields__)


def _seen_ids(session: Session, model: type[Any], query: Query, statement: Select[tuple[int]], limit: int) -> list[int]:
    """The ids of the rows that match by what the actor may read: a hit must not tell a hidden number."""
    names = [name for name in model.__search_fields__ if may_read(model, name)]
    ids: list[Any] = list(session.scalars(statement.limit(LOOKED_AT)))
    found: list[int] = []
    for first in range(0, len(ids), 500):
        part = ids[first : first + 500]
        rows = {row.id: row for row in session.scalars(select(model).where(model.id.in_(part)))}
        for ident in part:
            if ident in rows and _has_words(folded(getattr(rows[ident], name) for name in names), query):
                found.append(ident)
                if len(found) >= limit:
                    return found
    return found


def _has_words(words: str, query: Query) -> bool:
    return all(any(form in words for form in forms) for forms in query.long) and all(w in words for w in query.short)


def is_limited(model: type[Any]) -> bool:
    """Whether the actor sees but a part of the rows."""
    actor = limiting_actor()
    return actor is not None and issubclass(model, Scoped) and scope_rule(actor, model) is not true()


def _match(model: type[Any], query: Query) -> ColumnElement[bool]:
    fts = fts_table(model)
    return fts.c[fts.name].op("MATCH", is_comparison=True)(match_expression(query))
