"""Finding stored records by the words that people use for them: in bulk, within the actor's scope."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import ARRAY, ColumnElement, any_, func, literal, select

from app.core import text
from app.core.cells import Reference
from app.core.db import db
from app.core.field_rights import readable
from app.core.raw_cells import Problem

CHUNK = 5_000
AMBIGUOUS = Problem("ambiguous_reference", _l("Several records have this name. Use the code."))


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """Lists of at most `size` values."""
    source = iter(values)
    while part := list(islice(source, size)):
        yield part


def one_of(attribute: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """The condition that a column of texts or whole numbers has one of many values, as one parameter.

    A parameter for each value takes three times as long to put together as the database to look.
    """
    if not {type(value) for value in values} <= {str, int}:
        return cast("ColumnElement[bool]", attribute.in_(values))
    if db.session.get_bind().dialect.name == "postgresql":
        return cast("ColumnElement[bool]", attribute == any_(literal(list(values), ARRAY(attribute.type))))
    each = func.json_each(json.dumps(values)).table_valued("value")
    return cast("ColumnElement[bool]", attribute.in_(select(each.c.value)))


def find_references(kind: Reference, texts: set[str], *conditions: ColumnElement[bool]) -> dict[str, int | Problem]:
    """The ids of the records that texts name; unknown texts are left out.

    The columns of `kind.by` are tried in order. The row scope of the session hides what the actor
    may not see, so that it is unknown here too; `conditions` narrow what may be chosen.
    """
    found: dict[str, int | Problem] = {}
    for name in readable(kind.model, kind.by):
        left = [value for value in texts if value not in found]
        if not left:
            break
        fold = _folding(name)
        by_key: dict[str, list[str]] = {}
        for value, key in zip(left, fold(left), strict=True):
            by_key.setdefault(key, []).append(value)
        model: Any = kind.model
        attribute = getattr(model, name)
        for part in chunks(by_key):
            statement = select(model.id, attribute).where(one_of(attribute, part), *conditions)
            for record_id, key in db.session.execute(statement):
                for value in by_key[key]:
                    known = found.get(value)
                    found[value] = record_id if known is None or known == record_id else AMBIGUOUS
    return found


def _folding(name: str) -> Callable[[Sequence[str]], Sequence[str]]:
    if name.endswith("_sort"):
        return text.sort_keys
    if name.endswith("_key"):
        return lambda values: [key[:200] for key in text.search_keys(values)]
    return lambda values: values
