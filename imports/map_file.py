"""A mapping as a JSON file, for programs: what the columns page asks, by words instead of places.

{"sheet": "Invoices", "header_row": 4, "hidden": "leave",
 "columns": {"unit_price": "Gross", "due_on": "D"}, "ignore": ["State"],
 "units": {"unit_price": "toman"},
 "parts": {"first_name": {"of": ["Buyer"], "part": "given"}},
 "constants": {"quantity": "1", "customer": {"id": 7}},
 "values": {"customer": {"Arya": "C-12", "Pars": {"id": 7}, "Nik": {"create": "company"}, "-": null}},
 "create": {"customer": "company"}, "keys": ["code", "name+mobile"], "clear": ["due_on"]}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l

from app.core.cells import Reference
from app.core.errors import DomainError
from app.core.money import Unit
from app.core.row_numbers import row_number
from app.core.sheets import SheetSpec
from imports.choice import Answer, Choice, Part
from imports.layout import Hidden
from imports.makers import maker_of
from imports.plans import blanks
from imports.transforms import fold

T = TypeVar("T")
FIELDS = "sheet header_row hidden columns ignore units parts constants values create keys clear".split()


class BadMap(DomainError):
    """A mapping given as JSON cannot be used."""

    code = "bad_map"

    def __init__(self, path: str, why: Any) -> None:
        super().__init__(_l("The mapping is wrong at %(path)s: %(why)s", path=path, why=why), path=path)


class NotClearable(DomainError):
    """A column that is always filled."""

    code = "not_clearable"
    default_message = _l("This column cannot be cleared. Choose one that may be empty.")


def read_map_data(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises BadMap."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadMap(path.name, _l("this is not a JSON file")) from error
    return dict(_object(data, path.name))


def read_map(data: Any, spec: SheetSpec) -> Choice:
    """The choice in a mapping of JSON values. Raises BadMap."""
    if not isinstance(data, dict):
        raise BadMap("/", _l("an object is wanted"))
    for name in data:
        _known(name, FIELDS, name)
    row = data.get("header_row")
    if row is not None and (not isinstance(row, int) or isinstance(row, bool) or row < 1):
        raise BadMap("header_row", _l("a whole number from 1 is wanted"))
    return Choice(
        sheet=None if data.get("sheet") is None else _words(data["sheet"], "sheet"),
        header_row=None if row is None else row - 1,
        hidden=Hidden(_known(data.get("hidden") or Hidden.INCLUDE, Hidden, "hidden")),
        columns=_by_column(data, "columns", spec, _words),
        ignore=tuple(_words(one, "ignore") for one in _list(data, "ignore")),
        units=_by_column(data, "units", spec, lambda one, path: _known(one, [unit.value for unit in Unit], path)),
        parts=_by_column(data, "parts", spec, _part),
        constants=_by_column(data, "constants", spec, _answer),
        values=_by_column(data, "values", spec, _answers),
        create=_created(data, spec),
        keys=_keys(data, spec),
        clear=tuple(_cleared(one, spec) for one in _list(data, "clear")),
    )


def _by_column(data: Mapping[str, Any], name: str, spec: SheetSpec, read: Callable[[Any, str], T]) -> dict[str, T]:
    known = [column.name for column in spec.all_columns]
    found = {} if data.get(name) is None else _object(data[name], name)
    return {_known(one, known, name): read(value, f"{name}.{one}") for one, value in found.items()}


def _object(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadMap(path, _l("an object is wanted"))
    return value


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    value = data.get(name) or []
    if not isinstance(value, list):
        raise BadMap(name, _l("a list is wanted"))
    return value


def _words(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadMap(path, _l("words are wanted"))
    return value


def _known(value: Any, known: Iterable[str], path: str) -> str:
    known = list(known)
    if not isinstance(value, str) or value not in known:
        raise BadMap(path, _l("“%(value)s” is not one of %(known)s", value=str(value)[:60], known=", ".join(known)))
    return value


def _part(value: Any, path: str) -> tuple[tuple[str, ...], Part]:
    given = _object(value, path)
    of = tuple(_words(one, f"{path}.of") for one in _list(given, "of"))
    if not of:
        raise BadMap(f"{path}.of", _l("words are wanted"))
    return of, Part(_known(given.get("part", Part.JOINED.value), [part.value for part in Part], f"{path}.part"))


def _answer(value: Any, path: str) -> Answer:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    given = _object(value, path)
    if set(given) == {"id"} and isinstance(given["id"], int) and row_number(given["id"]) is not None:
        return {"id": given["id"]}
    if set(given) == {"create"} and isinstance(given["create"], str):
        return {"create": given["create"]}
    raise BadMap(path, _l('words, null, {"id": number} or {"create": kind} are wanted'))


def _answers(value: Any, path: str) -> dict[str, Answer]:
    return {fold(words): _answer(one, f"{path}.{words}") for words, one in _object(value, path).items()}


def _created(data: Mapping[str, Any], spec: SheetSpec) -> dict[str, str]:
    """Column → kind of new records; `["unit"]` is short for the plain kind."""
    given = data.get("create") or {}
    found = dict.fromkeys(given, "") if isinstance(given, list) else given
    return _by_column({"create": found}, "create", spec, lambda kind, path: _kind(spec, kind, path))


def _kind(spec: SheetSpec, kind: Any, path: str) -> str:
    column = spec.column(path.partition(".")[2])
    maker = maker_of(column.kind.model) if isinstance(column.kind, Reference) and column.kind.create else None
    if maker is None:
        raise BadMap(path, _l("no new records are made here"))
    return _known(kind, maker.kinds, path)


def _cleared(value: Any, spec: SheetSpec) -> str:
    """A column whose blank cells clear what is stored. Raises NotClearable for one that is always filled."""
    known = sorted(blanks(spec))
    if isinstance(value, str) and value in {column.name for column in spec.all_columns} - set(known):
        raise NotClearable(columns=[value], known=known)
    return _known(value, known, "clear")


def _keys(data: Mapping[str, Any], spec: SheetSpec) -> tuple[tuple[str, ...], ...] | None:
    known = {"+".join(key): key for key in (*spec.keys, *spec.further_keys)}
    return tuple(known[_known(one, known, "keys")] for one in _list(data, "keys")) or None
