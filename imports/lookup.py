"""Finding stored records by what a sheet says of them: in bulk, within the actor's scope."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import text
from app.core.actor import Reach, require_current
from app.core.cells import Reference
from app.core.db import db
from app.core.raw_cells import Problem
from app.core.scope import Scoped, limiting_actor
from app.core.sheets import Column, SheetSpec
from app.org.departments.models import Department

CHUNK = 5_000
AMBIGUOUS = Problem("ambiguous_reference", _l("Several records have this name. Use the code."))
FOREIGN = Problem("foreign_department", _l("Rows of this department are not yours to write."))


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """Lists of at most `size` values."""
    source = iter(values)
    while part := list(islice(source, size)):
        yield part


def find_references(_column: Column, kind: Reference, texts: set[str]) -> dict[str, int | Problem]:
    """The ids of the records that texts name; a `Lookup` of the pipeline.

    The columns of `kind.by` are tried in order. The row scope of the session hides what the
    actor may not see, so that it is unknown here too.
    """
    found: dict[str, int | Problem] = {}
    for name in kind.by:
        left = [value for value in texts if value not in found]
        if not left:
            break
        fold = _folding(name)
        by_key: dict[str, list[str]] = {}
        for value, key in zip(left, fold(left), strict=True):
            by_key.setdefault(key, []).append(value)
        attribute = getattr(kind.model, name)
        for part in chunks(by_key):
            for record_id, key in db.session.execute(select(kind.model.id, attribute).where(attribute.in_(part))):
                for value in by_key[key]:
                    known = found.get(value)
                    found[value] = record_id if known is None or known == record_id else AMBIGUOUS
    return found


def find_in_reach(spec: SheetSpec) -> Callable[[Column, Reference, set[str]], dict[str, int | Problem]]:
    """`find_references` that refuses departments whose rows of the spec the actor may not write."""
    actor = limiting_actor()

    def lookup(column: Column, kind: Reference, texts: set[str]) -> dict[str, int | Problem]:
        found = find_references(column, kind, texts)
        if actor is None or kind.model is not Department or not issubclass(spec.model, Scoped):
            return found
        if actor.reach(spec.subject) is Reach.ALL:
            return found
        return {
            value: FOREIGN if isinstance(answer, int) and answer not in actor.department_ids else answer
            for value, answer in found.items()
        }

    return lookup


def _folding(name: str) -> Callable[[Sequence[str]], Sequence[str]]:
    if name.endswith("_sort"):
        return text.sort_keys
    if name.endswith("_key"):
        return lambda values: [key[:200] for key in text.search_keys(values)]
    return lambda values: values


def owner_of_new(spec: SheetSpec) -> int | None:
    """Who owns new rows that name nobody: the actor, where only own rows are within reach."""
    actor = require_current()
    return actor.user_id if actor.reach(spec.subject) is Reach.OWN else None
