"""Which documents are signed. Upper features say it with one line each; nothing here knows them.

`signable(Invoice, …)` in the setup of a feature is all: page, print, inbox and public check follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import selectinload

from app.core.db import db
from app.core.errors import NotFound
from app.core.feature import Role
from app.org.access import matrix


@dataclass(frozen=True, slots=True)
class Usual:
    """A place that a new installation begins with."""

    label: Any
    role: Role
    is_required: bool = True
    uses_stamp: bool = False


@dataclass(frozen=True, slots=True)
class Signable:
    """How the documents of one table are signed.

    `model` is that of all kinds, and is Sealable; `day` names its date. In `dead` states nothing is
    signed and its signatures are worth nothing. `later` are columns that may be filled after a
    signature where they were empty. `usual` are the first places of the kind that `usual_for` names.
    """

    model: type[Any]
    day: str
    dead: frozenset[Any]
    later: frozenset[str]
    usual_for: str
    usual: tuple[Usual, ...]

    @property
    def table(self) -> str:
        return str(inspect(self.model).local_table.name)


_signables: dict[type[Any], Signable] = {}


def signable(
    model: type[Any],
    *,
    day: str,
    dead: Iterable[Any] = (),
    later: Iterable[str] = (),
    usual_for: str = "",
    usual: tuple[Usual, ...] = (),
) -> None:
    """Say that documents of a model are signed; safe to repeat."""
    _signables[model] = Signable(model, day, frozenset(dead), frozenset(later), usual_for or model.__subject__, usual)
    parts_of_documents.cache_clear()


def signables() -> list[Signable]:
    """Every kind of document that is signed."""
    return list(_signables.values())


def signable_of(record: Any) -> Signable | None:
    """How a record is signed; None for what is not."""
    return signable_of_model(type(record))


def signable_of_model(model: type[Any]) -> Signable | None:
    """How records of a model, or of one of its kinds, are signed; None for what is not."""
    return next((one for one in _signables.values() if issubclass(model, one.model)), None)


def signable_of_subject(subject: str) -> tuple[Signable, type[Any]]:
    """How documents of a subject are signed, and their class. Raises NotFound."""
    for one in _signables.values():
        for model in _kinds(one.model):
            if model.__subject__ == subject:
                return one, model
    raise NotFound(subject_name=subject)


def subjects() -> list[tuple[str, str]]:
    """What can be signed, by subject, in the words of the menu."""
    found = dict.fromkeys(model.__subject__ for one in _signables.values() for model in _kinds(one.model))
    modules = {subject: matrix.module_of(subject) for subject in found}
    return [(subject, str(module.label) if module else subject) for subject, module in modules.items()]


def document(subject: str, record_id: int) -> Any:
    """A document that the actor sees, with its lines. Raises NotFound."""
    one, model = signable_of_subject(subject)
    found = load(one, [record_id], model=model)
    if not found:
        raise NotFound(subject_name=subject, record_id=record_id)
    return found[0]


def load(one: Signable, ids: Iterable[int], *, model: type[Any] | None = None) -> list[Any]:
    """The documents among `ids` that the actor sees, with all that a signature covers."""
    kind = model or one.model
    query = select(kind).where(kind.id.in_(list(ids)))
    for path in one.model.__sealed_children__:
        option: Any = None
        at = one.model
        for name in path.split("."):
            attribute = getattr(at, name)
            option = selectinload(attribute) if option is None else option.selectinload(attribute)
            at = attribute.property.mapper.class_
        query = query.options(option)
    return list(db.session.scalars(query).unique())


@cache
def parts_of_documents() -> dict[type[Any], tuple[type[Any], str]]:
    """The classes of rows that belong to signed documents: the document's model, and what the row is to it."""
    found: dict[type[Any], tuple[type[Any], str]] = {}
    for model in _signables:
        for kind in _kinds(model):
            found[kind] = (model, "")
        for path in model.__sealed_children__:
            at = model
            for name in path.split("."):
                at = getattr(at, name).property.mapper.class_
            found[at] = (model, path.split(".")[0])
    return found


def _kinds(model: type[Any]) -> list[type[Any]]:
    mapper = inspect(model)
    return [below.class_ for below in mapper.polymorphic_map.values()] or [model]
