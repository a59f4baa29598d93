"""The chain over the history: sealing new batches, and finding what was changed behind our back.

Batches are written unchained, so that writers never wait for each other; a sealer then gives each
its place (`seq`) and the hash over its predecessor's. The newest head is also kept in files of
the data folder, outside the database: a chain whose tail was cut is shorter than they say.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import db, writing
from app.core.ledger import HistoryBatch, HistoryRow, batch_digest, chain_key, entry_digest, keyed, rows_digest
from app.core.schedule import every
from app.core.seals import broken_seals, sealable_models

GENESIS = bytes(16)
_LOCK = 0x6B617274  # our advisory lock on PostgreSQL
_MOST_FINDINGS = 1_000
_STREAM = 5_000

WORDS = {
    "row_changed": _l("A history row was changed."),
    "row_missing": _l("History rows were removed."),
    "row_added": _l("A history row was added."),
    "batch_changed": _l("Who, when or how of a change was altered."),
    "batch_missing": _l("A batch of history was removed."),
    "chain_broken": _l("A link of the chain does not fit."),
    "tail_cut": _l("The end of the history was cut off."),
    "head_differs": _l("The history is not the one that was kept outside the database."),
    "anchor_forged": _l("A head that was kept outside the database was altered."),
    "document_changed": _l("An issued document was changed."),
    "document_gone": _l("An issued document was removed."),
    "document_unsealed": _l("A document counts as issued but was never sealed."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where: a record, a batch or a place in the chain."""

    code: str
    model: str | None = None
    record_id: int | None = None
    batch_id: int | None = None
    seq: int | None = None
    position: int | None = None

    @property
    def message(self) -> str:
        return str(WORDS[self.code])

    def as_json(self) -> dict[str, Any]:
        where = {name: getattr(self, name) for name in ("model", "record_id", "batch_id", "seq", "position")}
        return {"code": self.code, "message": self.message, **{k: v for k, v in where.items() if v is not None}}


@dataclass(slots=True)
class Verdict:
    """What a check of the whole history found; `findings` holds the first thousand."""

    findings: list[Finding] = field(default_factory=list)
    batches: int = 0
    unsealed: int = 0
    rows: int = 0
    documents: int = 0
    head: str = ""
    more: int = 0

    @property
    def ok(self) -> bool:
        return not self.findings

    def add(self, code: str, **where: Any) -> None:
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(Finding(code, **where))
        else:
            self.more += 1

    def as_json(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in ("batches", "unsealed", "rows", "documents", "head", "more")}
        return {"ok": self.ok, **counts, "findings": [f.as_json() for f in self.findings]}


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


# --- the check ------------------------------------------------------------------------------


def verify_chain(models: Sequence[type[Any]] | None = None) -> Verdict:
    """Check every batch, row, link, kept head and sealed document (of all sealed models, or of `models`).

    Reads everything once, in order, in a session of its own; about 90,000 rows a second.
    """
    verdict = Verdict()
    kept = list(anchors())  # before the session's snapshot: a worker may seal and keep a newer head meanwhile
    with writing(intent=False), Session(db.engine) as session:
        _check_links(session, verdict)
        _check_rows(session, verdict)
        _check_anchors(session, verdict, kept)
    for model in sealable_models() if models is None else models:
        for record_id, what in broken_seals(model):
            verdict.add(f"document_{what}", model=model.__tablename__, record_id=record_id)
        sealed = select(func.count(HistoryRow.record_id.distinct())).where(
            HistoryRow.model == model.__tablename__, HistoryRow.content.is_not(None)
        )
        verdict.documents += db.session.scalar(sealed) or 0
    return verdict


def _check_links(session: Session, verdict: Verdict) -> None:
    """The chain itself, in order of place: no gap, each hash over its predecessor's."""
    key, expected, prev = chain_key(), 1, GENESIS
    query = select(HistoryBatch.seq, HistoryBatch.id, HistoryBatch.digest, HistoryBatch.prev_hash, HistoryBatch.hash)
    rows = session.execute(
        query.where(HistoryBatch.seq.is_not(None)).order_by(HistoryBatch.seq).execution_options(yield_per=_STREAM)
    )
    for place, batch_id, digest, prev_hash, stored in rows:
        seq, found = place or 0, stored or b""
        verdict.batches += 1
        if seq != expected:
            verdict.add("batch_missing", seq=expected)
        elif prev_hash != prev or link(key, prev, seq, batch_id, digest) != found:
            verdict.add("chain_broken", seq=seq, batch_id=batch_id)
        expected, prev = seq + 1, found
    verdict.head = f"{expected - 1}:{prev.hex() if prev else ''}"
    verdict.unsealed = session.scalar(select(func.count()).where(HistoryBatch.seq.is_(None))) or 0


def _check_rows(session: Session, verdict: Verdict) -> None:
    """Each batch against its rows, both streams in order of batch."""
    batches = session.execute(
        select(*HistoryBatch.__table__.c).order_by(HistoryBatch.id).execution_options(yield_per=_STREAM)
    )
    stream: Iterator[Any] = iter(
        session.execute(
            select(*HistoryRow.__table__.c)
            .order_by(HistoryRow.batch_id, HistoryRow.position)
            .execution_options(yield_per=_STREAM)
        )
    )
    row = next(stream, None)
    for batch in batches:
        mine = []
        while row is not None and row.batch_id <= batch.id:
            if row.batch_id == batch.id:
                mine.append(row)
            else:
                verdict.add("row_added", model=row.model, record_id=row.record_id, batch_id=row.batch_id)
            row = next(stream, None)
        _check_batch(batch, mine, verdict)
    while row is not None:
        verdict.add("row_added", model=row.model, record_id=row.record_id, batch_id=row.batch_id)
        row = next(stream, None)


def _check_batch(batch: Any, rows: list[Any], verdict: Verdict) -> None:
    """A batch's head, then its rows one by one: which was changed, and whether any is missing."""
    key = chain_key()
    verdict.rows += len(rows)
    head = batch_digest(key, batch, nonce=batch.nonce, count=batch.row_count, rows=batch.rows_digest)
    if head != batch.digest:
        verdict.add("batch_changed", batch_id=batch.id, seq=batch.seq)
    changed = [r for r in rows if entry_digest(key, batch.nonce, r.position, r) != r.digest]
    for row in changed:
        verdict.add("row_changed", model=row.model, record_id=row.record_id, batch_id=batch.id)
    missing = set(range(batch.row_count)) - {r.position for r in rows}
    for position in sorted(missing):
        verdict.add("row_missing", batch_id=batch.id, position=position)
    for row in rows:
        if row.position >= batch.row_count:
            verdict.add("row_added", model=row.model, record_id=row.record_id, batch_id=batch.id)
    if not changed and not missing and rows_digest(r.digest for r in rows) != batch.rows_digest:
        verdict.add("row_changed", batch_id=batch.id)


def _check_anchors(session: Session, verdict: Verdict, kept: Sequence[tuple[int, bytes, bool]]) -> None:
    last = session.scalar(select(func.max(HistoryBatch.seq))) or 0
    for seq, head, genuine in kept:
        if not genuine:
            verdict.add("anchor_forged", seq=seq)
        elif seq > last:
            verdict.add("tail_cut", seq=last)
        elif session.scalar(select(HistoryBatch.hash).where(HistoryBatch.seq == seq)) != head:
            verdict.add("head_differs", seq=seq)
