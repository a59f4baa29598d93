"""The check of the whole history: the chain, its rows, the heads kept outside, documents and records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from app.core.chain import GENESIS, anchors, link
from app.core.db import db, writing
from app.core.ledger import HistoryBatch, HistoryRow, batch_digest, chain_key, entry_digest, rows_digest
from app.core.records_check import audited_models, differences
from app.core.seals import broken_seals, sealable_models

_MOST_FINDINGS = 1_000
_STREAM = 5_000
Place = tuple[int, bytes]
"""How many batches the chain had, and the hash of the last."""
figure_checks: list[Callable[[Connection], Iterator[tuple[str, int, str]]]] = []
"""Features register here what they store although its parts say it: (table, record id, field) of each that differs."""

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
    "record_changed": _l("A record was changed past the history."),
    "record_gone": _l("A record was removed past the history."),
    "record_unknown": _l("A record came in past the history."),
    "figure_differs": _l("A stored figure is not what its parts add up to."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where: a record and its field, a batch or a place in the chain."""

    code: str
    model: str | None = None
    record_id: int | None = None
    batch_id: int | None = None
    seq: int | None = None
    position: int | None = None
    field: str | None = None

    @property
    def message(self) -> str:
        return str(WORDS[self.code])

    def as_json(self) -> dict[str, Any]:
        names = ("model", "record_id", "field", "batch_id", "seq", "position")
        where = {name: getattr(self, name) for name in names}
        return {"code": self.code, "message": self.message, **{k: v for k, v in where.items() if v is not None}}


@dataclass(slots=True)
class Verdict:
    """What a check of the whole history found; `findings` holds the first thousand."""

    findings: list[Finding] = field(default_factory=list)
    batches: int = 0
    unsealed: int = 0
    rows: int = 0
    documents: int = 0
    records: int = 0
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
        names = ("batches", "unsealed", "rows", "documents", "records", "head", "more")
        counts = {name: getattr(self, name) for name in names}
        return {"ok": self.ok, **counts, "findings": [f.as_json() for f in self.findings]}


def verify_chain(models: Sequence[type[Any]] | None = None, *, against: Sequence[Place] = ()) -> Verdict:
    """Check every batch, row, link, kept head, sealed document and record (of all models, or of `models`).

    `against` are heads that were kept elsewhere (`parse_head`). Reads everything once, in order, as
    it was at one moment; about 90,000 rows a second.
    """
    verdict = Verdict()
    kept = list(anchors())  # before the snapshot: a worker may seal and keep a newer head meanwhile
    with writing(intent=False), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with Session(connection) as session:
            _check_links(session, verdict)
            _check_rows(session, verdict)
            _check_anchors(session, verdict, kept)
            for seq, head in against:
                _check_head(session, verdict, seq, head)
        for model in sealable_models() if models is None else models:
            _check_documents(model, verdict)
        for model in audited_models() if models is None else models:
            _check_records(connection, model, verdict)
        for check in figure_checks if models is None else ():
            for table, record_id, name in check(connection):
                verdict.add("figure_differs", model=table, record_id=record_id, field=name)
    return verdict


def parse_head(text: str) -> Place:
    """A head as `verify-chain --head` prints it. Raises ValueError."""
    place, _colon, head = text.strip().partition(":")
    found = bytes.fromhex(head)
    if not (place.isascii() and place.isdigit()) or len(found) not in {0, len(GENESIS)}:
        raise ValueError(text)
    return int(place), found


def _check_documents(model: type[Any], verdict: Verdict) -> None:
    for record_id, what in broken_seals(model):
        verdict.add(f"document_{what}", model=model.__tablename__, record_id=record_id)
    sealed = select(func.count(HistoryRow.record_id.distinct())).where(
        HistoryRow.model == model.__tablename__, HistoryRow.content.is_not(None)
    )
    verdict.documents += db.session.scalar(sealed) or 0


def _check_records(connection: Connection, model: type[Any], verdict: Verdict) -> None:
    """The records against what the history says of them; what is named already is not named again."""
    named = {(finding.model, finding.record_id) for finding in verdict.findings}
    for record_id, what, name in differences(connection, model):
        if (model.__tablename__, record_id) not in named:
            verdict.add(f"record_{what}", model=model.__tablename__, record_id=record_id, field=name)
    verdict.records += connection.scalar(select(func.count()).select_from(model.__table__)) or 0


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
    for seq, head, genuine in kept:
        if not genuine:
            verdict.add("anchor_forged", seq=seq)
        else:
            _check_head(session, verdict, seq, head)


def _check_head(session: Session, verdict: Verdict, seq: int, head: bytes) -> None:
    """A head that was kept outside the database against the chain at its place."""
    last = session.scalar(select(func.max(HistoryBatch.seq))) or 0
    if seq > last:
        verdict.add("tail_cut", seq=last)
    elif seq and session.scalar(select(HistoryBatch.hash).where(HistoryBatch.seq == seq)) != head:
        verdict.add("head_differs", seq=seq)
