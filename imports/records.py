"""Rows that are one record each: found by their keys, compared, inserted and updated in bulk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from sqlalchemy import Float, inspect, select

from app.core import audit
from app.core.actor import Reach, require_current
from app.core.bulk import CHUNK, Columns, insert_columns, reserve_ids, update_columns
from app.core.cells import Email
from app.core.db import Sorted, Versioned, db
from app.core.errors import ScopeViolation
from app.core.ledger import plain
from app.core.scope import Scoped, limiting_actor, unscoped
from app.core.search import Searchable
from app.core.sheets import SheetSpec
from app.org.departments.queries import home_department_id
from imports.lookup import chunks, one_of, owner_of_new
from imports.pipeline import Checked
from imports.plans import AMBIGUOUS_ROW, FROZEN, TAKEN, TWICE, Change, Mode, Plan, Verdict, blanks


def plan_records(
    checked: Checked, mode: Mode, *, department_id: int | None = None, clear: frozenset[str] = frozenset()
) -> Plan:
    """The verdict of every row, and the values of the new and the changed ones.

    A blank cell of a column in `clear` clears what is stored; any other leaves it alone.
    """
    spec, count = checked.spec, len(checked.frame)
    values = _values(checked)
    found = _find(checked, values)
    values = {name: cells for name, cells in values.items() if name in _written(spec)}
    changes = _changes(spec, values, found, clear)
    _refuse_frozen(checked, changes)
    is_fresh = [place not in found for place in range(count)]
    fresh = list(compress(range(count), is_fresh))
    _refuse_taken(checked, values, fresh, changes)
    bad = checked.bad_places()
    plan = Plan(checked, mode, [Verdict.SAME] * count)
    for place in fresh:
        plan.verdicts[place] = Verdict.NEW if mode is not Mode.UPDATE else Verdict.SKIPPED
    for change in changes:
        plan.verdicts[change.place] = Verdict.UPDATED if mode is not Mode.ADD else Verdict.SKIPPED
    for place in bad:
        plan.verdicts[place] = Verdict.ERROR
    if mode is not Mode.ADD:
        plan.changed = [change for change in changes if change.place not in bad]
    if mode is not Mode.UPDATE:
        for place in bad:
            is_fresh[place] = False
        plan.new = {name: list(compress(column, is_fresh)) for name, column in values.items()}
        _place(spec, plan.new, sum(is_fresh), department_id)
    return plan


def apply_records(plan: Plan) -> None:
    """Write a plan in the running transaction: bulk statements, history, search index."""
    spec = plan.checked.spec
    count = len(next(iter(plan.new.values()), ()))
    for start in range(0, count, CHUNK):
        _insert(spec, {name: column[start : start + CHUNK] for name, column in plan.new.items()})
    for part in chunks(plan.changed, CHUNK):
        _update(spec.model, part)


def change_records(model: type[Any], wanted: Mapping[int, dict[str, Any]]) -> None:
    """Give stored records these values (attribute → value), with history, in the running transaction."""
    stored = _load(model, set(wanted), list(dict.fromkeys(name for new in wanted.values() for name in new)))
    changes = []
    for record_id, new in wanted.items():
        old = stored.row(record_id)
        differing = {name: value for name, value in new.items() if value != old[name]}
        if differing:
            changes.append(Change(record_id, 0, old, differing))
    for part in chunks(changes, CHUNK):
        _update(model, part)


# --- planning


def _values(checked: Checked) -> dict[str, list[Any]]:
    """The cells by attribute of the model, as the database holds them; keys that only find rows too."""
    found, keys = {}, checked.spec.key_columns()
    columns = inspect(checked.spec.model).columns
    for column in checked.spec.columns:
        if column.name not in checked.frame or not (column.writable or column.name in keys):
            continue
        cells = checked.frame[column.name].tolist()
        if isinstance(column.kind, Email):
            cells = [cell and cell.lower() for cell in cells]
        elif isinstance(columns[column.path].type, Float):
            cells = [None if cell is None else float(cell) for cell in cells]
        found[column.path] = cells
    return found


def _written(spec: SheetSpec) -> set[str]:
    return {column.path for column in spec.columns if column.writable}


def _find(checked: Checked, values: Columns) -> dict[int, int]:
    """The id of the record that each row means, by place. Rows with a bad key are in neither."""
    spec, found = checked.spec, dict[int, int]()
    left: Sequence[int] = range(len(checked.frame))
    told: set[int] = set()
    for key in spec.keys:
        paths = tuple(spec.column(name).path for name in key)
        if any(path not in values for path in paths):
            continue
        # Two words together find a row only where nothing surer is given.
        places = left if len(key) == 1 else [place for place in left if place not in told]
        wanted = _wanted([values[path] for path in paths], places)
        for row, ids in _stored_keys(spec, paths, wanted).items():
            for place in wanted[row]:
                if len(ids) > 1:
                    checked.add(key[0], place, AMBIGUOUS_ROW)
                found[place] = ids[0]
        told.update(*wanted.values())
        left = [place for place in left if place not in found]
    first: dict[int, int] = {}
    for place in sorted(found):
        if first.setdefault(found[place], place) != place:
            name = spec.keys[0][0]
            checked.add(name if name in checked.frame else checked.frame.columns[0], place, TWICE)
    return found


def _wanted(columns: Sequence[list[Any]], places: Sequence[int]) -> dict[tuple[Any, ...], list[int]]:
    """The places of each key that is filled in whole."""
    wanted: dict[tuple[Any, ...], list[int]] = {}
    if len(columns) == 1:
        (column,) = columns
        for place in places:
            if column[place] is not None:
                wanted.setdefault((column[place],), []).append(place)
        return wanted
    for place in places:
        row = tuple(column[place] for column in columns)
        if None not in row:
            wanted.setdefault(row, []).append(place)
    return wanted


def _stored_keys(
    spec: SheetSpec, key: tuple[str, ...], wanted: Mapping[tuple[Any, ...], list[int]]
) -> dict[tuple[Any, ...], list[int]]:
    attributes = [getattr(spec.model, name) for name in key]
    limits = [] if spec.finds is None or key == ("id",) else [spec.finds]
    found: dict[tuple[Any, ...], list[int]] = {}
    for part in chunks({row[-1] for row in wanted}):
        statement = select(spec.model.id, *attributes).where(one_of(attributes[-1], part), *limits)
        statement = statement.order_by(spec.model.id)
        for record_id, *row in db.session.execute(statement):
            if tuple(row) in wanted:
                found.setdefault(tuple(row), []).append(record_id)
    return found


@dataclass(frozen=True, slots=True)
class _Stored:
    """What records hold now: the place of each id in the columns."""

    places: dict[int, int]
    columns: Columns

    def row(self, record_id: int) -> dict[str, Any]:
        place = self.places[record_id]
        return {name: column[place] for name, column in self.columns.items()}


def _load(model: type[Any], ids: set[int], names: Sequence[str]) -> _Stored:
    """The columns of the sheet, and everything that derived columns and the update are made of."""
    wanted = list(dict.fromkeys([*names, *_sources(model), *(["version"] if issubclass(model, Versioned) else [])]))
    attributes = [getattr(model, name) for name in wanted]
    stored = _Stored({}, {name: [] for name in wanted})
    for part in chunks(sorted(ids)):
        rows = db.session.execute(select(model.id, *attributes).where(one_of(model.id, part))).all()
        keys, *columns = zip(*rows, strict=True) if rows else ((), *([()] * len(wanted)))
        stored.places.update(zip(keys, range(len(stored.places), len(stored.places) + len(keys)), strict=True))
        for name, column in zip(wanted, columns, strict=True):
            stored.columns[name] += column
    return stored


def _sources(model: type[Any]) -> list[str]:
    names = list(model.__search_fields__) if issubclass(model, Searchable) else []
    names += list(model.__sort_keys__.values()) if issubclass(model, Sorted) else []
    return names + ([model.__audit_parent__] if model.__audit_parent__ else [])


def _changes(spec: SheetSpec, values: Columns, found: dict[int, int], clear: frozenset[str]) -> list[Change]:
    """The records that differ from their rows, in order of the rows."""
    stored = _load(spec.model, set(found.values()), list(values))
    cleared = {spec.column(name).path: blank for name, blank in blanks(spec).items() if name in clear}
    differing: dict[int, dict[str, Any]] = {}
    at = {place: stored.places[record_id] for place, record_id in found.items()}
    for name, column in values.items():
        old = stored.columns[name]
        for place, where in at.items():
            new = column[place]
            if new is None and name in cleared:
                new = cleared[name]
            elif new is None:
                continue
            if new != old[where]:
                differing.setdefault(place, {})[name] = new
    return [Change(found[place], place, stored.row(found[place]), new) for place, new in sorted(differing.items())]


def _refuse_frozen(checked: Checked, changes: Sequence[Change]) -> None:
    """Name the cells that would change what a stored record keeps for good."""
    frozen = {column.path: column.name for column in checked.spec.columns if column.frozen}
    for change in changes:
        for path in change.new.keys() & frozen.keys():
            checked.add(frozen[path], change.place, FROZEN)


def _refuse_taken(checked: Checked, values: Columns, fresh: Sequence[int], changes: Sequence[Change]) -> None:
    """Name the rows whose unique values somebody else has, seen or unseen."""
    spec = checked.spec
    for name in spec.unique:
        if name not in values:
            continue
        column = values[name]
        wanted: dict[Any, int] = {}
        asked = [(place, column[place]) for place in fresh]
        altered = [(change.place, change.new[name]) for change in changes if name in change.new]
        for place, value in asked + altered:
            if value is not None and wanted.setdefault(value, place) != place:
                checked.add(name, place, TWICE)
        if (name,) in spec.keys and limiting_actor() is None:
            # Fresh rows were looked for by this key already, and nobody had it.
            wanted = {value: place for place, value in altered}
        attribute = getattr(spec.model, name)
        with unscoped("a code is unique in the whole company"):
            for part in chunks(wanted):
                for value in db.session.scalars(select(attribute).where(one_of(attribute, part))):
                    checked.add(name, wanted[value], TAKEN)


def _place(spec: SheetSpec, new: dict[str, list[Any]], count: int, department_id: int | None) -> None:
    """Give new rows their department and owner. Raises ScopeViolation out of reach."""
    if not count or not issubclass(spec.model, Scoped) or spec.model.__scope_parent__:
        return
    actor = limiting_actor()
    if actor is not None and actor.customer_id is not None:
        _stay_with_party(spec.model, new, actor.customer_id)
    home = department_id or home_department_id(require_current())
    new["department_id"] = [home if place is None else place for place in new.get("department_id", [None] * count)]
    if actor is not None and actor.reach(spec.subject) is not Reach.ALL:
        if not set(new["department_id"]) <= actor.department_ids:
            raise ScopeViolation(path="department_id")
        owner = owner_of_new(spec)
        if owner is not None and spec.model.__scope_owner__:
            new[spec.model.__scope_owner__] = [owner] * count


def _stay_with_party(model: Any, new: dict[str, list[Any]], customer_id: int) -> None:
    """A dealer's person brings in only rows about that dealer. Raises ScopeViolation."""
    party = model.__scope_party__
    if party is None or set(new.get(party, ())) != {customer_id}:
        raise ScopeViolation(path=party or "department_id")


# --- writing


def _insert(spec: SheetSpec, columns: Columns) -> None:
    model, count = spec.model, len(next(iter(columns.values())))
    if spec.complete_new is not None:
        spec.complete_new(columns)
    for name, column in columns.items():
        default = inspect(model).columns[name].default
        if not inspect(model).columns[name].nullable and default is not None and default.is_scalar:
            columns[name] = [default.arg if value is None else value for value in column]
    if spec.store_new is not None:
        spec.store_new(columns)
        return
    columns["id"] = list(reserve_ids(model, count))
    insert_columns(model, columns)


def _update(model: type[Any], changes: Sequence[Change]) -> None:
    ids = [change.record_id for change in changes]
    whole = [{**change.old, **change.new} for change in changes]
    changed = {name for change in changes for name in change.new}
    sources = {name for name in _sources(model) if name in whole[0]}
    names = changed | sources if changed & sources else changed
    columns = {name: [row[name] for row in whole] for name in sorted(names)}
    versions = [change.old["version"] for change in changes] if issubclass(model, Versioned) else ()
    update_columns(model, ids, columns, versions=versions)
    parents = _parents(model, ids, {name: [row[name] for row in whole] for name in whole[0]})
    audit.record_bulk(db.session, model, _diffs(changes), action="updated", parents=parents)


def _parents(model: type[Any], ids: Sequence[int], columns: Columns) -> dict[int, int]:
    """Under which record the history of each row is filed; none where rows stand alone."""
    key = model.__audit_parent__
    return {} if key is None else dict(zip(ids, columns[key], strict=True))


def _diffs(changes: Sequence[Change]) -> Iterator[tuple[int, dict[str, Any]]]:
    for change in changes:
        yield change.record_id, {name: [plain(change.old[name]), plain(new)] for name, new in change.new.items()}
