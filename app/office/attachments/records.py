"""The records that files and notes hang on: whatever has a page and a history, seen by whoever may open it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select

from app.core.actor import require_current
from app.core.audit import Audited
from app.core.db import db
from app.core.errors import NotFound
from app.core.fab import ModelView
from app.core.links import page_views
from app.office.attachments.models import Kept
from app.org.access.matrix import Right, module_of


def has_files(model: type[Any]) -> bool:
    """Whether records of a model can have files and notes: they are registered with a page and a history."""
    view = page_views().get(model)
    return isinstance(view, ModelView) and "can_show" in view.base_permissions and issubclass(model, Audited)


def tables() -> dict[str, list[type[Any]]]:
    """By table, the models whose records can have files; several where kinds share a table."""
    found: dict[str, list[type[Any]]] = {}
    for model in page_views():
        if has_files(model):
            found.setdefault(str(inspect(model).local_table.name), []).append(model)
    return found


def table_of(record: Any) -> str:
    """The table of a record, which with its id names it."""
    return str(inspect(type(record)).local_table.name)


def record_of(table: str, record_id: int) -> Any:
    """A record, for whoever may open its page.

    Raises NotFound for everybody else: that it exists is nobody's business; NotAllowed where nobody is
    signed in.
    """
    actor, models = require_current(), tables().get(table)
    if not models:
        raise NotFound(table=table)
    whole: Any = inspect(models[0]).base_mapper.class_
    record = db.session.scalars(select(whole).where(whole.id == record_id)).unique().first()
    view = page_views().get(type(record))
    if view is None or not actor.can("show", view.class_permission_name):
        raise NotFound(table=table, record_id=record_id)
    return view.find(record.id)


def record_behind(kept: Kept) -> Any:
    """The record that a file or note hangs on. Raises NotFound as `record_of` does."""
    return record_of(kept.table_name, kept.record_id)


def adding_rights(model: type[Any]) -> frozenset[Right]:
    """The rights of which one lets people add to a record: to edit it, or, where nobody does, to work with it."""
    module = module_of(str(page_views()[model].class_permission_name))
    if module is None:
        return frozenset()
    edit = module.ability("edit")
    return edit.rights if edit else frozenset(right for ability in module.further for right in ability.rights)


def may_add(record: Any) -> bool:
    """Whether the actor may add to a record that they see."""
    actor = require_current()
    return actor.is_unrestricted or bool(actor.rights & adding_rights(type(record)))
