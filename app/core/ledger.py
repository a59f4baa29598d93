"""The tables of the history, and the digests that make a later change of them visible.

Rows are written in batches: one per flush or bulk load, naming who, when and how once. A row's
digest covers the row; a batch's digest covers its head and its rows; the chain (core.chain) runs
over batches. All digests are keyed with a key that is not in the database, so that somebody who
writes raw SQL cannot make them fit again. See docs/adr/0002-history-chain.md.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple

from flask import current_app
from flask_appbuilder import Model
from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.engine import Connection
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.core.db import ScaledDecimal, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")
DIGEST_SIZE = 16
CHUNK = 5_000
_SEPARATOR = "\x1f"
_DIALECT = DefaultDialect()


def _only(condition: str) -> dict[str, Any]:
    """The condition of a partial index, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class HistoryBatch(Model):
    """Changes that were made together (دستهٔ تاریخچه); sealed into the chain a moment after."""

    __tablename__ = "core_history_batch"
    __table_args__ = (
        Index("ix_core_history_batch_ref", "ref", **_only("ref IS NOT NULL")),
        Index("ix_core_history_batch_open", "id", **_only("seq IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(200))
    via: Mapped[str] = mapped_column(String(20))
    remote_address: Mapped[str | None] = mapped_column(String(45))
    ref: Mapped[str | None] = mapped_column(String(80))
    row_count: Mapped[int]
    nonce: Mapped[bytes] = mapped_column(LargeBinary(8))
    rows_digest: Mapped[bytes] = mapped_column(LargeBinary(DIGEST_SIZE))
    digest: Mapped[bytes] = mapped_column(LargeBinary(DIGEST_SIZE))
    seq: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    prev_hash: Mapped[bytes | None] = mapped_column(LargeBinary(DIGEST_SIZE))
    hash: Mapped[bytes | None] = mapped_column(LargeBinary(DIGEST_SIZE))


class HistoryRow(Model):
    """What happened to one record (سطر تاریخچه). `changes` is JSON {field: [old, new]}.

    `content` is the digest of a document's content at the moment it was sealed. `part` names a
    child row (table and id) whose history is filed with its parent.
    """

    __tablename__ = "core_history"
    __table_args__ = (
        Index("ix_core_history_record", "model", "record_id"),
        Index("ix_core_history_sealed", "model", "record_id", **_only("content IS NOT NULL")),
        {"sqlite_with_rowid": False},
    )

    batch_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    model: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[int] = mapped_column(BigInteger)
    part: Mapped[str | None] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(String(1000))
    changes: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes | None] = mapped_column(LargeBinary(DIGEST_SIZE))
    digest: Mapped[bytes] = mapped_column(LargeBinary(DIGEST_SIZE))


class Entry(NamedTuple):
    """One row to write. `changes` is JSON text already. A tuple, because bulk roads make them by the thousand."""

    model: str
    record_id: int
    action: str
    changes: str = "{}"
    part: str | None = None
    note: str | None = None
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Who made a batch, when and how."""

    at: datetime
    actor_id: int | None
    actor_name: str
    via: str
    remote_address: str | None
    ref: str | None


def chain_key() -> bytes:
    """The key of all digests, derived from the installation's data key."""
    key: bytes | None = current_app.extensions.get("kartabl_chain_key")
    if key is None:
        source = str(current_app.config["DATA_KEY"]).encode()
        key = current_app.extensions["kartabl_chain_key"] = blake2b(source, person=b"kartabl-chain").digest()
    return key


def keyed(key: bytes, *parts: bytes) -> bytes:
    """A keyed digest of parts, each preceded by its length so that none can flow into the next."""
    digest = blake2b(key=key, digest_size=DIGEST_SIZE)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def entry_digest(key: bytes, nonce: bytes, position: int, entry: Entry | HistoryRow) -> bytes:
    """The digest of one row; `position` counts from 0 within the batch."""
    s = _SEPARATOR
    what = f"{entry.part or ''}{s}{entry.action}{s}{entry.note or ''}{s}{entry.changes}"
    body = f"{position}{s}{entry.model}{s}{entry.record_id}{s}{what}".encode()
    return blake2b(nonce + (entry.content or b"") + body, key=key, digest_size=DIGEST_SIZE).digest()


def batch_digest(key: bytes, head: Head | HistoryBatch, *, nonce: bytes, count: int, rows: bytes) -> bytes:
    """The digest of a batch: its head and the digest of its rows."""
    fields = (
        head.at.astimezone(UTC).isoformat(), str(head.actor_id), head.actor_name, head.via,
        head.remote_address or "", head.ref or "", str(count),
    )  # fmt: skip
    return keyed(key, nonce, _SEPARATOR.join(fields).encode(), rows)


def rows_digest(digests: Iterable[bytes]) -> bytes:
    """One digest of all row digests, in order of position."""
    total = blake2b(digest_size=DIGEST_SIZE)
    for digest in digests:
        total.update(digest)
    return total.digest()


def write_batch(connection: Connection, head: Head, entries: Sequence[Entry]) -> int | None:
    """Insert a batch with its rows inside the running transaction; returns its id."""
    if not entries:
        return None
    key, nonce = chain_key(), secrets.token_bytes(8)
    digests = [entry_digest(key, nonce, position, entry) for position, entry in enumerate(entries)]
    total = rows_digest(digests)
    values = {
        "at": head.at,
        "actor_id": head.actor_id,
        "actor_name": head.actor_name,
        "via": head.via,
        "remote_address": head.remote_address,
        "ref": head.ref,
        "row_count": len(entries),
        "nonce": nonce,
        "rows_digest": total,
        "digest": batch_digest(key, head, nonce=nonce, count=len(entries), rows=total),
    }
    batch_id: int = connection.execute(
        HistoryBatch.__table__.insert().returning(HistoryBatch.__table__.c.id), values
    ).scalar_one()
    rows = (
        (batch_id, position, e.model, e.record_id, e.part, e.action, e.note, e.changes, e.content, digest)
        for position, (e, digest) in enumerate(zip(entries, digests, strict=True))
    )
    _insert_rows(connection, rows, len(entries))
    return batch_id


_COLUMNS = ("batch_id", "position", "model", "record_id", "part", "action", "note", "changes", "content", "digest")


def _insert_rows(connection: Connection, rows: Iterator[tuple[Any, ...]], count: int) -> None:
    names = ", ".join(_COLUMNS)
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        if count > 50:
            with driver.cursor() as cursor, cursor.copy(f"COPY core_history ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(_COLUMNS))
    else:
        marks = ", ".join("?" * len(_COLUMNS))
    statement = f"INSERT INTO core_history ({names}) VALUES ({marks})"  # noqa: S608 - constant names
    while chunk := list(islice(rows, CHUNK)):
        connection.exec_driver_sql(statement, chunk)


def plain(value: Any) -> Any:
    """A column's value as JSON can carry it, the same on every database."""
    if value is None or isinstance(value, bool | int | float | str):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, bytes):
        return f"<{len(value)} bytes {blake2b(value, digest_size=8).hexdigest()}>"
    if isinstance(value, dict | list | tuple):
        return value
    return str(value)


def from_plain(kind: TypeEngine[Any], value: Any) -> Any:
    """A value of the history as Python has it in a column of a type: `plain` the other way round."""
    if value is None or isinstance(value, dict | list):
        return value
    if isinstance(kind, ScaledDecimal):
        return Decimal(value)
    python_type = (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type
    if hasattr(python_type, "fromisoformat"):
        return python_type.fromisoformat(value)
    return python_type(value)


def as_stored(kind: TypeEngine[Any], value: Any) -> Any:
    """A value as it comes back from the database, which our types may clean on its way in."""
    if value is None or not isinstance(kind, TypeDecorator):
        return value
    bound = kind.process_bind_param(value, _DIALECT)
    reads_as_it_is = type(kind).process_result_value is TypeDecorator.process_result_value
    return bound if reads_as_it_is else kind.process_result_value(bound, _DIALECT)


def to_text(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, letters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=plain)
