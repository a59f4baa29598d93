"""Finding stored records by what a sheet says of them: in bulk, within the actor's scope."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext as _l

from app.core import references
from app.core.actor import Reach, require_current
from app.core.cells import Reference
from app.core.raw_cells import Problem
from app.core.references import chunks, one_of
from app.core.scope import Scoped, limiting_actor
from app.core.sheets import Column, SheetSpec
from app.org.departments.models import Department

__all__ = ["chunks", "find_in_reach", "find_references", "one_of", "owner_of_new", "refuse_foreign"]

FOREIGN = Problem("foreign_department", _l("Rows of this department are not yours to write."))


def find_references(_column: Column, kind: Reference, texts: set[str]) -> dict[str, int | Problem]:
    """`core.references.find_references` as a `Lookup` of the pipeline."""
    return references.find_references(kind, texts)


def find_in_reach(spec: SheetSpec) -> Callable[[Column, Reference, set[str]], dict[str, int | Problem]]:
    """`find_references` that refuses departments whose rows of the spec the actor may not write."""
    return lambda column, kind, texts: refuse_foreign(spec, kind, find_references(column, kind, texts))


def refuse_foreign(spec: SheetSpec, kind: Reference, found: dict[str, int | Problem]) -> dict[str, int | Problem]:
    """What was found, without departments in which the actor may not write rows of the spec."""
    actor = limiting_actor()
    if actor is None or kind.model is not Department or not issubclass(spec.model, Scoped):
        return found
    if actor.reach(spec.subject) is Reach.ALL:
        return found
    return {
        value: FOREIGN if isinstance(answer, int) and answer not in actor.department_ids else answer
        for value, answer in found.items()
    }


def owner_of_new(spec: SheetSpec) -> int | None:
    """Who owns new rows that name nobody: the actor, where only own rows are within reach."""
    actor = require_current()
    return actor.user_id if actor.reach(spec.subject) is Reach.OWN else None
