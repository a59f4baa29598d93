"""The database: one `db`, column types that keep values right, and the mixins of every table.

SQLite is the embedded default (WAL, full sync, foreign keys on); PostgreSQL is a change of one
setting. A unit of work that will write begins IMMEDIATE on SQLite: a deferred one that has read
cannot be promoted while another writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from flask import has_request_context, request
from flask_appbuilder import Model
from flask_appbuilder.models.sqla.base import SQLA
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import BigInteger, DateTime, Engine, Enum, ForeignKey, Index, Integer, String, event
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from app.core import text
from app.core.write_queue import PATIENCE, QueuedConnection

Model.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
db = SQLA(metadata=Model.metadata)
db.Model = Model  # else a registry of its own, empty, and every walk over the models would see none

Rials = Annotated[int, mapped_column(BigInteger)]
"""Money: whole rials, 64 bit."""


DERIVED: dict[Any, Any] = {"derived": True}
"""The `info` of a column that the program works out from others: it has no history of its own."""


class CleanText(TypeDecorator[str]):
    """Text unified on the way in: one ye, one ke, one half-space (see core.text.clean)."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else text.clean(value)


# FAB's roles have a key only; people rename one without losing what the product ships for it. Said
# here, since a column that is added later makes SQLAlchemy look for models that are not there yet.
Role.title = mapped_column(CleanText(60), nullable=True)
Role.purpose = mapped_column(CleanText(300), nullable=True)


class SortKey(TypeDecorator[str]):
    """A stored key whose byte order is the Persian alphabetical order on every database."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        collation = "C" if dialect.name == "postgresql" else None
        length: int | None = getattr(self.impl, "length", None)
        return dialect.type_descriptor(String(length, collation=collation))


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python, UTC in storage. Naive values are refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: an instant needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ScaledDecimal(TypeDecorator[Decimal]):
    """An exact decimal kept as an integer of 10^-scale, since SQLite's NUMERIC is a float."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def process_bind_param(self, value: Decimal | int | str | None, dialect: Any) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.scale)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.scale} decimals")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.scale)


Quantity = Annotated[Decimal, mapped_column(ScaledDecimal(3))]
"""A quantity with up to three decimals."""
Rate = Annotated[Decimal, mapped_column(ScaledDecimal(4))]
"""A percent with up to four decimals: 10 means 10 %."""


def enum_type(members: type[StrEnum]) -> Enum:
    """A closed set stored by value as text, so that adding a member needs no ALTER TYPE."""
    return Enum(members, native_enum=False, length=40, values_callable=lambda e: [m.value for m in e])


def rare_index(table: str, column: str, *, value: bool) -> Index:
    """An index of the rows where a yes/no column has its rarer value; filters ask for it in the same words."""
    return Index(
        f"ix_{table}_{column}", "id",
        sqlite_where=sql_text(f"{column} IS {int(value)}"),
        postgresql_where=sql_text(f"{column} IS {str(value).lower()}"),
    )  # fmt: skip


class Identified:
    """A surrogate key."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)


class Stamped:
    """When and by whom a row was made and last changed; filled at flush by core.audit."""

    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @declared_attr
    def created_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("ab_user.id"))

    @declared_attr
    def updated_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("ab_user.id"))


class Sorted:
    """A row with stored Persian sort keys, filled at every flush.

    `__sort_keys__` says which column is the key of which attribute. Roads that bypass the flush
    (bulk inserts) fill the keys themselves with `core.text.sort_key`.
    """

    __sort_keys__: ClassVar[dict[str, str]] = {"name_sort": "name"}

    def fill_keys(self) -> None:
        for key, source in self.__sort_keys__.items():
            value = text.sort_key(getattr(self, source) or "")
            if getattr(self, key) != value:
                setattr(self, key, value)


def _fill_keys(_mapper: Any, _connection: Any, target: Sorted) -> None:
    target.fill_keys()


event.listen(Sorted, "before_insert", _fill_keys, propagate=True)
event.listen(Sorted, "before_update", _fill_keys, propagate=True)


class Versioned:
    """A row that opens on two screens: a save on an older version is refused."""

    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


_writes: ContextVar[bool | None] = ContextVar("kartabl_writes", default=None)
_patience: ContextVar[float] = ContextVar("kartabl_write_patience", default=PATIENCE)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@contextmanager
def writing(*, intent: bool = True, patience: float = PATIENCE) -> Iterator[None]:
    """Say that transactions begun in this block will write (or, with False, only read).

    `patience` is how many seconds such a transaction waits for its turn on SQLite.
    """
    tokens = _writes.set(intent), _patience.set(patience)
    try:
        yield
    finally:
        _writes.reset(tokens[0])
        _patience.reset(tokens[1])


def _will_write() -> bool:
    stated = _writes.get()
    if stated is not None:
        return stated
    return not has_request_context() or request.method not in SAFE_METHODS


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we begin transactions ourselves, see _begin
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "cache_size=-65536",
        "temp_store=MEMORY",
        "mmap_size=268435456",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "do_connect")
def _connect_in_line(dialect: Any, _record: Any, _args: Any, options: dict[str, Any]) -> None:
    if dialect.name == "sqlite":
        options.setdefault("factory", QueuedConnection)


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name != "sqlite":
        return
    if not _will_write():
        connection.exec_driver_sql("BEGIN")
        return
    connection.connection.driver_connection.take_turn(_patience.get())
    connection.exec_driver_sql("BEGIN IMMEDIATE")
