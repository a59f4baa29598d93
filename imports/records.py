"""Rows that are one record each: found by their keys, compared, inserted and updated in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Float, bindparam, inspect, select, update

from app.core import audit
from app.core.actor import Reach, require_current
from app.core.bulk import insert_rows, reserve_ids
from app.core.cells import Email
from app.core.db import Sorted, Stamped, Versioned, db
from app.core.errors import ScopeViolation
from app.core.ledger import plain
from app.core.scope import Scoped, limiting_actor, unscoped
from app.core.search import Searchable, fill_search_texts
from app.core.sheets import SheetSpec
from app.core.text import sort_keys
from app.org.departments.queries import home_department_id
from imports.lookup import chunks, owner_of_new
from imports.pipeline import Checked
from imports.plans import AMBIGUOUS_ROW, TAKEN, TWICE, Change, Mode, Plan, Verdict

WRITTEN_AT_ONCE = 10_000


def plan_records(checked: Checked, mode: Mode, *, department_id: int | None = None) -> Plan:
    """The verdict of every row, and the values of the new and the changed ones."""
    spec = checked.spec
    values = _values(checked)
    found = _find(checked, values)
    stored = _load(spec, set(found.values()), list(values))
    changes = _changes(checked, values, found, stored)
    fresh = [place for place in range(len(checked.frame)) if place not in found]
    _refuse_taken(checked, values, [*((p, None) for p in fresh), *((c.place, c.new) for c in changes.values())])
    bad = checked.bad_places()
    plan = Plan(checked, mode, [Verdict.SAME] * len(checked.frame))
    for place in fresh:
        plan.verdicts[place] = Verdict.NEW if mode is not Mode.UPDATE else Verdict.SKIPPED
    for place, change in changes.items():
        plan.verdicts[place] = Verdict.UPDATED if mode is not Mode.ADD else Verdict.SKIPPED
        if mode is not Mode.ADD and place not in bad:
            plan.changed.append(change)
    for place in bad:
        plan.verdicts[place] = Verdict.ERROR
    if mode is not Mode.UPDATE:
        places = [place for place, verdict in enumerate(plan.verdicts) if verdict is Verdict.NEW]
        plan.new = {name: [column[place] for place in places] for name, column in values.items()}
        _place(spec, plan.new, len(places), department_id)
    return plan


def apply_records(plan: Plan) -> None:
    """Write a plan in the running transaction: bulk statements, history, search index."""
    model = plan.checked.spec.model
    complete = plan.checked.spec.complete_new
    names = list(plan.new)
    for part in chunks(zip(*plan.new.values(), strict=True), WRITTEN_AT_ONCE):
        rows = [dict(zip(names, row, strict=True)) for row in part]
        if complete is not None:
            complete(rows)
        _fill_defaults(model, rows)
        ids = list(reserve_ids(model, len(rows)))
        for row, record_id in zip(rows, ids, strict=True):
            row["id"] = record_id
        insert_rows(model, rows)
        parents = _parents(model, ((row["id"], row) for row in rows))
        audit.record_bulk(db.session, model, [(record_id, {}) for record_id in ids], parents=parents)
    for part in chunks(plan.changed, WRITTEN_AT_ONCE):
        _update(model, part)


# --- planning


def _values(checked: Checked) -> dict[str, list[Any]]:
    """The cells by attribute of the model, as the database holds them."""
    found = {}
    columns = inspect(checked.spec.model).columns
    for column in checked.spec.columns:
        if column.name not in checked.frame or not column.writable:
            continue
        cells = checked.frame[column.name].tolist()
        if isinstance(column.kind, Email):
            cells = [cell and cell.lower() for cell in cells]
        elif isinstance(columns[column.path].type, Float):
            cells = [None if cell is None else float(cell) for cell in cells]
        found[column.path] = cells
    return found


def _find(checked: Checked, values: dict[str, list[Any]]) -> dict[int, int]:
    """The id of the record that each row means, by place. Rows with a bad key are in neither."""
    spec, found = checked.spec, dict[int, int]()
    told: set[int] = set()
    for key in spec.keys:
        paths = tuple(spec.column(name).path for name in key)
        if any(path not in values for path in paths):
            continue
        wanted: dict[tuple[Any, ...], list[int]] = {}
        for place, row in enumerate(zip(*(values[path] for path in paths), strict=True)):
            # Two words together find a row only where nothing surer is given.
            if place not in found and None not in row and not (len(key) > 1 and place in told):
                wanted.setdefault(row, []).append(place)
        told.update(place for places in wanted.values() for place in places)
        for row, ids in _stored_keys(spec, paths, wanted).items():
            for place in wanted[row]:
                if len(ids) > 1:
                    checked.add(key[0], place, AMBIGUOUS_ROW)
                found[place] = ids[0]
    first: dict[int, int] = {}
    for place in sorted(found):
        if first.setdefault(found[place], place) != place:
            name = spec.keys[0][0]
            checked.add(name if name in checked.frame else checked.frame.columns[0], place, TWICE)
    return found


def _stored_keys(
    spec: SheetSpec, key: tuple[str, ...], wanted: dict[tuple[Any, ...], list[int]]
) -> dict[tuple[Any, ...], list[int]]:
    attributes = [getattr(spec.model, name) for name in key]
    found: dict[tuple[Any, ...], list[int]] = {}
    for part in chunks({row[-1] for row in wanted}):
        statement = select(spec.model.id, *attributes).where(attributes[-1].in_(part)).order_by(spec.model.id)
        for record_id, *row in db.session.execute(statement):
            if tuple(row) in wanted:
                found.setdefault(tuple(row), []).append(record_id)
    return found


def _load(spec: SheetSpec, ids: set[int], names: Sequence[str]) -> dict[int, dict[str, Any]]:
    """What the records hold now, with everything that derived columns are made of."""
    model = spec.model
    wanted = list(dict.fromkeys([*names, *_sources(model)]))
    attributes = [getattr(model, name) for name in wanted]
    found = {}
    for part in chunks(sorted(ids)):
        for record_id, *row in db.session.execute(select(model.id, *attributes).where(model.id.in_(part))):
            found[record_id] = dict(zip(wanted, row, strict=True))
    return found


def _sources(model: type[Any]) -> list[str]:
    names = list(model.__search_fields__) if issubclass(model, Searchable) else []
    return names + (list(model.__sort_keys__.values()) if issubclass(model, Sorted) else [])


def _changes(
    checked: Checked, values: dict[str, list[Any]], found: dict[int, int], stored: dict[int, dict[str, Any]]
) -> dict[int, Change]:
    """By place: the records that differ from their rows. A blank cell leaves what is stored."""
    changes = {}
    for place, record_id in found.items():
        old = stored[record_id]
        new = {
            name: column[place]
            for name, column in values.items()
            if column[place] is not None and column[place] != old[name]
        }
        if new:
            changes[place] = Change(record_id, place, old, new)
    return changes


def _refuse_taken(
    checked: Checked, values: dict[str, list[Any]], rows: Sequence[tuple[int, dict[str, Any] | None]]
) -> None:
    """Name the rows whose unique values somebody else has, seen or unseen."""
    for name in checked.spec.unique:
        if name not in values:
            continue
        column = values[name]
        wanted: dict[Any, int] = {}
        for place, new in rows:
            value = column[place] if new is None else new.get(name)
            if value is not None and wanted.setdefault(value, place) != place:
                checked.add(name, place, TWICE)
        attribute = getattr(checked.spec.model, name)
        with unscoped("a code is unique in the whole company"):
            for part in chunks(wanted):
                for value in db.session.scalars(select(attribute).where(attribute.in_(part))):
                    checked.add(name, wanted[value], TAKEN)


def _place(spec: SheetSpec, new: dict[str, list[Any]], count: int, department_id: int | None) -> None:
    """Give new rows their department and owner. Raises ScopeViolation out of reach."""
    if not count or not issubclass(spec.model, Scoped) or spec.model.__scope_parent__:
        return
    actor = limiting_actor()
    home = department_id or home_department_id(require_current())
    new["department_id"] = [home if place is None else place for place in new.get("department_id", [None] * count)]
    if actor is not None and actor.reach(spec.subject) is not Reach.ALL:
        if not set(new["department_id"]) <= actor.department_ids:
            raise ScopeViolation(path="department_id")
        owner = owner_of_new(spec)
        if owner is not None and spec.model.__scope_owner__:
            new[spec.model.__scope_owner__] = [owner] * count


# --- writing


def _fill_defaults(model: type[Any], rows: list[dict[str, Any]]) -> None:
    for name in rows[0]:
        column = inspect(model).columns[name]
        if not column.nullable and column.default is not None and column.default.is_scalar:
            default = column.default.arg
            for row in rows:
                if row[name] is None:
                    row[name] = default


def _update(model: type[Any], changes: Sequence[Change]) -> None:
    rows = [{**change.old, **change.new} for change in changes]
    if issubclass(model, Sorted):
        for key, source in model.__sort_keys__.items():
            for row, value in zip(rows, sort_keys(row[source] or "" for row in rows), strict=True):
                row[key] = value
    derive = getattr(model, "derive_keys", None)
    if derive is not None:
        derive(rows)
    if issubclass(model, Searchable):
        fill_search_texts(model, rows)
    if issubclass(model, Stamped):
        stamps = {name: value for name, value in audit.stamp_values().items() if name.startswith("updated")}
        for row in rows:
            row.update(stamps)
    columns = inspect(model).columns
    table = model.__table__
    values: dict[Any, Any] = {columns[name]: bindparam(f"new_{name}", type_=columns[name].type) for name in rows[0]}
    if issubclass(model, Versioned):
        values[table.c.version] = table.c.version + 1
    statement = update(table).where(table.c.id == bindparam("record_id")).values(values)
    bound = [
        {"record_id": change.record_id, **{f"new_{name}": value for name, value in row.items()}}
        for change, row in zip(changes, rows, strict=True)
    ]
    db.session.connection().execute(statement, bound)
    parents = _parents(model, ((change.record_id, {**change.old, **change.new}) for change in changes))
    audit.record_bulk(db.session, model, _diffs(changes), action="updated", parents=parents)


def _parents(model: type[Any], rows: Iterable[tuple[int, dict[str, Any]]]) -> dict[int, int]:
    """Under which record the history of each row is filed; none where rows stand alone."""
    key = model.__audit_parent__
    return {} if key is None else {record_id: row[key] for record_id, row in rows}


def _diffs(changes: Sequence[Change]) -> Iterator[tuple[int, dict[str, Any]]]:
    for change in changes:
        yield change.record_id, {name: [plain(change.old[name]), plain(new)] for name, new in change.new.items()}
