"""The chain over the history: sealing new batches, and finding what was changed behind our back.

Batches are written unchained, so that writers never wait for each other; a sealer then gives each
its place (`seq`) and the hash over its predecessor's. The newest head is also kept in files of
the data folder, outside the database: a chain whose tail was cut is shorter than they say.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from flask import current_app
from sqlalchemy import select, text, update
from sqlalchemy.engine import Connection

from app.core import clock
from app.core.db import db, writing
from app.core.ledger import HistoryBatch, chain_key, keyed
from app.core.schedule import every

GENESIS = bytes(16)
_LOCK = 0x6B617274  # our advisory lock on PostgreSQL
_MOST_FINDINGS = 1_000
_STREAM = 5_000


def link(key: bytes, prev: bytes, seq: int, batch_id: int, digest: bytes) -> bytes:
    """The hash of a batch at its place in the chain."""
    return keyed(key, prev, f"{seq}/{batch_id}".encode(), digest)


def seal_pending(limit: int = 10_000) -> int:
    """Chain the committed batches that are not chained yet; returns how many.

    Safe to run anywhere at any time: one sealer works, others return 0 at once.
    """
    with db.engine.connect() as connection, writing(intent=False):
        waiting = connection.scalar(select(HistoryBatch.id).where(HistoryBatch.seq.is_(None)).limit(1))
    if waiting is None:
        return 0
    with writing(), db.engine.begin() as connection:
        if not _is_only_sealer(connection):
            return 0
        seq, head = _head(connection)
        sealed = _chain(connection, seq, head, limit)
    if sealed:
        keep_anchor(*sealed[-1])
    return len(sealed)


def head_text() -> str:
    """The head as it is noted outside: how many batches are chained, a colon, the hash of the last."""
    with writing(intent=False), db.engine.connect() as connection:
        seq, head = _head(connection)
    return f"{seq}:{head.hex() if seq else ''}"


def _is_only_sealer(connection: Connection) -> bool:
    """On SQLite the write lock says so already."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}))


def _head(connection: Connection) -> tuple[int, bytes]:
    newest = select(HistoryBatch.seq, HistoryBatch.hash).where(HistoryBatch.seq.is_not(None))
    row = connection.execute(newest.order_by(HistoryBatch.seq.desc()).limit(1)).first()
    return (0, GENESIS) if row is None else (row[0] or 0, row[1] or GENESIS)


def _chain(connection: Connection, seq: int, head: bytes, limit: int) -> list[tuple[int, bytes]]:
    key = chain_key()
    pending = connection.execute(
        select(HistoryBatch.id, HistoryBatch.digest)
        .where(HistoryBatch.seq.is_(None))
        .order_by(HistoryBatch.id)
        .limit(limit)
    ).all()
    sealed = []
    for batch_id, digest in pending:
        prev, seq = head, seq + 1
        head = link(key, prev, seq, batch_id, digest)
        connection.execute(
            update(HistoryBatch.__table__)
            .where(HistoryBatch.__table__.c.id == batch_id)
            .values(seq=seq, prev_hash=prev, hash=head)
        )
        sealed.append((seq, head))
    return sealed


@every(seconds=2)
def seal_history() -> None:
    """The worker's sealer."""
    seal_pending()


# --- heads outside the database -------------------------------------------------------------


def anchor_folder() -> Path:
    return Path(current_app.config["DATA"]) / "chain"


def keep_anchor(seq: int, head: bytes) -> None:
    """Write the head into the day's file, replacing the older one of the same day."""
    folder = anchor_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    moment = clock.now().astimezone(UTC)
    proof = keyed(chain_key(), b"anchor", f"{seq}".encode(), head)
    body = {"seq": seq, "hash": head.hex(), "at": moment.isoformat(), "proof": proof.hex()}
    target = folder / f"{moment:%Y-%m-%d}.json"
    if _read_anchor(target)[0] > seq:  # another sealer was later and wrote sooner
        return
    draft = target.with_suffix(f".{os.getpid()}")
    with draft.open("w") as file:
        json.dump(body, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)


def anchors() -> Iterator[tuple[int, bytes, bool]]:
    """(seq, head, whether the file is genuine) of each kept head, oldest first."""
    for path in sorted(anchor_folder().glob("*.json")):
        yield _read_anchor(path)


def _read_anchor(path: Path) -> tuple[int, bytes, bool]:
    """(0, empty, False) for a file that is not there or cannot be read."""
    try:
        body = json.loads(path.read_text())
        seq, head, proof = int(body["seq"]), bytes.fromhex(body["hash"]), bytes.fromhex(body["proof"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, b"", False
    return seq, head, keyed(chain_key(), b"anchor", f"{seq}".encode(), head) == proof
