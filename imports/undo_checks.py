"""What stands in the way of taking a batch back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, inspect, or_, select
from sqlalchemy.orm import aliased

from app.core import level_guard
from app.core.calendar import format_datetime
from app.core.db import db
from app.core.ledger import HistoryBatch, HistoryRow
from app.core.links import fab, record_url
from app.core.scope import unscoped
from app.core.sheets import Undoing, all_sheets, sheet_for
from imports.lookup import chunks

if TYPE_CHECKING:
    from imports.undo import Trace

SHOWN = 100
MESSAGES = {
    "changed": _l("%(who)s changed this on %(when)s."),
    "referenced": _l("%(count)d rows of “%(what)s” refer to it."),
    "gone": _l("It was changed by the import and deleted since."),
    "out_of_reach": _l("It is in a department that you have no access to."),
}


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One reason: of which record, and what happened to it."""

    code: str
    model: type[Any]
    record_id: int
    at: datetime | None = None
    who: str = ""
    what: str = ""
    count: int = 0

    @property
    def record(self) -> Any | None:
        """None where it is gone or not theirs to see."""
        return None if self.code == "out_of_reach" else db.session.get(self.model, self.record_id)

    @property
    def name(self) -> str:
        """The record as people call it, or its number."""
        return f"#{self.record_id}" if self.record is None else str(self.record)

    @property
    def url(self) -> str | None:
        """The record's page."""
        return None if self.record is None else record_url(self.record)

    @property
    def kind(self) -> str:
        """What sort of record it is."""
        return label_of(self.model)

    @property
    def message(self) -> str:
        """Why it prevents the undo."""
        when = format_datetime(self.at) if self.at else ""
        if self.code == "held":
            return self.what
        return str(MESSAGES[self.code]) % {"who": self.who, "when": when, "what": self.what, "count": self.count}

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code, "kind": self.kind, "id": self.record_id, "name": self.name, "message": self.message,
            "at": self.at.isoformat() if self.at else None, "by": self.who,
        }  # fmt: skip


def label_of(model: type[Any]) -> str:
    """What one record of a model is called: on its screen, else its sheet's name."""
    views: list[Any] = fab().baseviews
    for view in views:
        if hasattr(view, "item_title") and view.datamodel.obj is model and view.item_title:
            return str(view.item_title)
    spec = sheet_for(model)
    return str(spec.label) if spec is not None else str(model.__tablename__)


def hindrances(reference: str, traces: Sequence[Trace]) -> list[Hindrance]:
    """The first hundred reasons why what stands under a reference in the history cannot be taken back."""
    found = chain(
        _changed_since(reference, traces),
        chain.from_iterable(_referenced(reference, trace, traces) for trace in traces),
        chain.from_iterable(_held(trace) for trace in traces),
        chain.from_iterable(_above_levels(trace) for trace in traces),
        chain.from_iterable(_missing(trace) for trace in traces),
    )
    return list(islice(found, SHOWN))


def _changed_since(reference: str, traces: Sequence[Trace]) -> Iterator[Hindrance]:
    """Later changes by anybody: of a new record all, of a changed one its own and not those of its children."""
    ours, later = aliased(HistoryRow), aliased(HistoryRow)
    our_batch, their_batch = aliased(HistoryBatch), aliased(HistoryBatch)
    same_part = or_(
        later.part == ours.part,
        and_(ours.part.is_(None), or_(later.part.is_(None), ours.action == "created")),
    )
    statement = (
        select(later.model, later.record_id, later.part, their_batch.at, their_batch.actor_name)
        .select_from(our_batch)
        .join(ours, ours.batch_id == our_batch.id)
        .join(
            later,
            and_(
                later.model == ours.model, later.record_id == ours.record_id, later.batch_id > ours.batch_id, same_part
            ),
        )
        .join(their_batch, their_batch.id == later.batch_id)
        .where(our_batch.ref == reference, or_(their_batch.ref.is_(None), their_batch.ref != reference))
        .where(ours.action.in_(("created", "updated")), later.batch_id > ours.batch_id)
        .order_by(later.batch_id, later.position)
        .limit(SHOWN)
    )
    by_table = {trace.model.__tablename__: trace for trace in traces}
    found: dict[tuple[type[Any], int], Hindrance] = {}
    for table, record_id, part, at, who in db.session.execute(statement):
        name, _colon, key = part.partition(":") if part else (table, "", record_id)
        trace, one = (by_table[table], int(record_id)) if table in by_table else (by_table[name], int(key))
        found[(trace.model, one)] = Hindrance("changed", trace.model, one, at, who)
    for trace in traces:
        mine = {one for model, one in found if model is trace.model}
        gone = (mine & set(trace.created)) - _existing(trace.model, mine)
        yield from (found[(trace.model, one)] for one in sorted(mine - gone))


def _referenced(reference: str, trace: Trace, traces: Sequence[Trace]) -> Iterator[Hindrance]:
    """Rows of other tables that point to new records and are not new with them."""
    if not trace.created or undoing_of(trace.model) is not None:
        return
    own = {other.model.__tablename__: set(other.created) for other in traces}
    target = inspect(trace.model).local_table
    for mapper in db.Model.registry.mappers:
        if mapper.single and mapper.inherits is not None:
            continue  # the rows of its table are counted with those of the class above
        table = mapper.local_table
        for key in table.foreign_keys:
            if key.column.table is not target or key.ondelete == "CASCADE":
                continue
            counts: Counter[int] = Counter()
            ours = own.get(table.name, set())
            row_id = table.c.id if "id" in table.c else key.parent
            for part in _new_ids(reference, trace):
                statement = select(key.parent, row_id).where(key.parent.in_(part)).limit(SHOWN + len(ours))
                rows = db.session.connection().execute(statement)
                counts.update(record_id for record_id, pointing in rows if pointing not in ours)
            for record_id, count in counts.items():
                yield Hindrance("referenced", trace.model, record_id, what=label_of(mapper.class_), count=count)


def undoing_of(model: type[Any]) -> Undoing | None:
    """How new records of a model are taken back; None where their rows are deleted."""
    return next((spec.undoing for spec in all_sheets() if spec.model is model), None)


def _held(trace: Trace) -> Iterator[Hindrance]:
    """New records that their own rules do not let go."""
    undoing = undoing_of(trace.model)
    if undoing is not None:
        for record_id, why in undoing.prevents(trace.created).items():
            yield Hindrance("held", trace.model, record_id, what=str(why))


def _above_levels(trace: Trace) -> Iterator[Hindrance]:
    """Documents that edit levels keep from being changed or deleted."""
    for record_id, why in level_guard.refusals(db.session, trace.model, [*trace.created, *trace.changed]).items():
        yield Hindrance("held", trace.model, record_id, what=str(why))


def _new_ids(reference: str, trace: Trace) -> Iterator[Any]:
    """The ids of new records for an IN: one subquery, so that a foreign key without index is scanned once."""
    if trace.model.__audit_parent__ is not None:
        yield from chunks(trace.created)
        return
    yield (
        select(HistoryRow.record_id)
        .join(HistoryBatch, HistoryBatch.id == HistoryRow.batch_id)
        .where(HistoryBatch.ref == reference, HistoryRow.model == trace.model.__tablename__)
        .where(HistoryRow.part.is_(None), HistoryRow.action == "created")
    )


def _existing(model: type[Any], ids: Iterable[int]) -> set[int]:
    with unscoped("what exists out of reach is told from what is gone"):
        return {one for part in chunks(ids) for one in db.session.scalars(select(model.id).where(model.id.in_(part)))}


def _missing(trace: Trace) -> Iterator[Hindrance]:
    """Records that are gone, or that the actor may not see any more."""
    model = trace.model
    for part in chunks([*trace.created, *trace.changed]):
        seen = set(db.session.scalars(select(model.id).where(model.id.in_(part))))
        if len(seen) == len(part):
            continue
        existing = _existing(model, part)
        for record_id in part:
            if record_id in existing and record_id not in seen:
                yield Hindrance("out_of_reach", model, record_id)
            elif record_id not in existing and record_id in trace.changed:
                yield Hindrance("gone", model, record_id)
