"""Values that name no record yet: answered by a person, or made after asking.

While rows are checked, a record that shall be made is a stand-in with a negative id, so that a
check writes nothing; the record itself is made in the transaction that writes the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, select

from app.core.actor import require_current
from app.core.cells import Reference
from app.core.db import db
from app.core.raw_cells import Problem
from app.core.sheets import Column, SheetSpec
from imports.choice import Answer
from imports.lookup import chunks, find_in_reach, refuse_foreign
from imports.makers import maker_of
from imports.mapping import ColumnMapping
from imports.pipeline import Checked
from imports.transforms import fold

MAY_NOT_ADD = Problem("may_not_add", _l("You may not add records here. Choose one that exists."))
GONE = Problem("unknown_reference", _l("The record chosen for this value is gone. Choose another."))


@dataclass(frozen=True, slots=True)
class StandIn:
    """A record to be made: of which model and kind, and what its name will be."""

    model: type[Any]
    kind: str
    name: str


class Answers:
    """A `Lookup` that hears the person's answers first, then what is stored.

    Chosen records are looked up under the actor's scope, like any others.
    """

    def __init__(self, spec: SheetSpec, mapping: ColumnMapping) -> None:
        self._spec, self._stored = spec, find_in_reach(spec)
        self._mapping = mapping
        self._ids: dict[tuple[type[Any], str], int] = {}
        self.stand_ins: dict[int, StandIn] = {}

    def __call__(self, column: Column, kind: Reference, texts: set[str]) -> dict[str, int | Problem]:
        told = {folded: one for folded, one in self._mapping.values.get(column.name, {}).items() if one is not None}
        answers = {value: told[key] for value in texts if (key := fold(value)) in told} if told else {}
        found = self._chosen(kind, answers)
        for value, answer in answers.items():
            if isinstance(answer, dict) and "create" in answer:
                found[value] = self._stand_in(kind.model, str(answer["create"]), value)
        found |= self._stored(column, kind, texts - found.keys())
        if column.name in self._mapping.create:
            for value in texts - found.keys():
                found[value] = self._stand_in(kind.model, self._mapping.create[column.name], value)
        return found

    def _chosen(self, kind: Reference, answers: Mapping[str, Answer]) -> dict[str, int | Problem]:
        wanted = {
            value: answer["id"]
            for value, answer in answers.items()
            if isinstance(answer, dict) and isinstance(answer.get("id"), int)
        }
        seen: set[int] = set()
        for part in chunks(set(wanted.values())):
            seen |= set(db.session.scalars(select(kind.model.id).where(kind.model.id.in_(part))))
        found: dict[str, int | Problem] = {}
        for value, record_id in wanted.items():
            found[value] = record_id if record_id in seen else GONE
        return refuse_foreign(self._spec, kind, found)

    def _stand_in(self, model: type[Any], kind: str, value: str) -> int | Problem:
        maker = maker_of(model)
        if maker is None or kind not in maker.kinds or not require_current().can("add", maker.subject):
            return MAY_NOT_ADD
        most = inspect(model).columns["name"].type.length
        if most is not None and len(value) > most:
            return Problem("too_long", _l("This text is longer than %(most)d characters.", most=most))
        key = (model, fold(value))
        if key not in self._ids:
            self._ids[key] = -1 - len(self._ids)
            self.stand_ins[self._ids[key]] = StandIn(model, kind, value)
        return self._ids[key]


def make_missing(checked: Checked) -> int:
    """Make the records that good rows stand in for, and put them in the rows; answers how many.

    Raises NotAllowed, Invalid, ScopeViolation.
    """
    if not checked.stand_ins:
        return 0
    good = _good_rows(checked)
    wanted = sorted(
        {one for name in _references(checked) for one in checked.frame[name][good] if one is not None and one < 0},
        reverse=True,
    )
    made: dict[int, int] = {}
    for model, kind in dict.fromkeys((checked.stand_ins[one].model, checked.stand_ins[one].kind) for one in wanted):
        maker = maker_of(model)
        assert maker is not None
        require_current().require("add", maker.subject)
        these = [one for one in wanted if checked.stand_ins[one].model is model and checked.stand_ins[one].kind == kind]
        ids = maker.make([checked.stand_ins[one].name for one in these], kind)
        made |= dict(zip(these, ids, strict=True))
    for name in _references(checked):
        column = [None if one is None else made.get(one, one) for one in checked.frame[name].tolist()]
        checked.frame[name] = pd.Series(column, dtype=object)
    return len(made)


def _references(checked: Checked) -> list[str]:
    columns = checked.spec.all_columns
    return [one.name for one in columns if isinstance(one.kind, Reference) and one.name in checked.frame]


def _good_rows(checked: Checked) -> list[bool]:
    if checked.group is None:
        bad = checked.bad_places()
        return [place not in bad for place in range(len(checked.frame))]
    groups = checked.bad_groups()
    return [int(group) not in groups for group in checked.group]
