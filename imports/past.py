"""Batches that were carried out: who may look at them, and whether a file was brought in before."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from app.core.actor import Actor, Reach, require_current
from app.core.db import db
from app.core.errors import NotFound
from app.core.sheets import Column, SheetSpec, all_sheets, sheet_named
from imports.models import ImportBatch, Stage
from imports.plans import blanks


def open_batch(batch_id: int) -> ImportBatch:
    """What was done of a batch, for its owner and for whoever may import and see all rows of its kind.

    Raises NotFound.
    """
    batch = db.session.get(ImportBatch, batch_id)
    actor = require_current()
    if batch is None or not may_open(batch, actor):
        raise NotFound(batch=batch_id)
    actor.require("import", sheet_named(batch.spec).subject)
    return batch


def _is_own(batch: ImportBatch, actor: Actor) -> bool:
    return actor.user_id is not None and batch.actor_id == actor.user_id


def overseen(actor: Actor) -> list[str]:
    """The sheets whose imports by anybody an actor may look at and undo."""
    return [
        spec.name
        for spec in all_sheets()
        if actor.can("import", spec.subject) and actor.reach(spec.subject) is Reach.ALL
    ]


def may_open(batch: ImportBatch, actor: Actor) -> bool:
    """Whether `open_batch` finds it for an actor."""
    return _is_own(batch, actor) or batch.spec in overseen(actor)


def batches_of(actor: Actor, *, before: int | None = None, limit: int = 50) -> list[ImportBatch]:
    """The newest batches that an actor may look at; `before` is a batch's id for paging back."""
    may_import = [spec.name for spec in all_sheets() if actor.can("import", spec.subject)]
    in_reach = or_(ImportBatch.actor_id == actor.user_id, ImportBatch.spec.in_(overseen(actor)))
    query = select(ImportBatch).where(ImportBatch.spec.in_(may_import), in_reach)
    query = query.order_by(ImportBatch.id.desc()).limit(limit)
    query = query.options(selectinload(ImportBatch.actor))
    return list(db.session.scalars(query if before is None else query.where(ImportBatch.id < before)))


def clearable_columns(batch: ImportBatch) -> list[Column]:
    """The columns of a batch's sheet whose blank cells may clear what is stored."""
    spec = sheet_named(batch.spec)
    read, may_be_blank = (batch.mapping or {}).get("sources") or {}, blanks(spec)
    return [column for column in spec.columns if column.name in read and column.name in may_be_blank]


def earlier_import(spec: SheetSpec, sha256: str, *, but: int | None = None) -> ImportBatch | None:
    """The last batch that brought the same file in and was not undone; anybody's."""
    query = select(ImportBatch).where(
        ImportBatch.sha256 == sha256, ImportBatch.spec == spec.name, ImportBatch.stage == Stage.DONE
    )
    query = query if but is None else query.where(ImportBatch.id != but)
    return db.session.scalars(query.order_by(ImportBatch.id.desc()).limit(1)).first()
