"""What a model looks like as a sheet: columns, keys and words, once for both directions.

A feature declares a `SheetSpec` and registers it; import, export, the template with its
drop-downs and the sheet in the browser follow from it. See docs/excel.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any

from flask import current_app, has_app_context
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect

from app.core import text
from app.core.actor import FieldLevel
from app.core.cells import TEXT, Kind, Reference
from app.core.errors import DomainError
from app.core.field_rights import has_limits, level
from app.core.raw_cells import Problem

Check = Callable[[Mapping[str, Sequence[Any]]], Iterable[tuple[int, str, Problem]]]
"""A rule over several columns of all rows: values by column name → (place, column, problem)."""

Completion = Callable[[dict[str, list[Any]]], None]
"""Fills the columns (attribute → values) of new rows in place, adding those that are not there."""

HELP_MARK = "ⓘ"
"""Begins every cell of a template's row of help, by which import knows it."""
UNIT = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|（([^（）]*)）")
MARKS = re.compile(r"[\s\u200c_\-–—/\\.:؛،,*#|'\"«»?؟+]+")
UNIT_WORDS = {
    "rial": ("ریال", "به ریال", "﷼", "rial", "rials", "irr"),
    "toman": ("تومان", "به تومان", "تومن", "toman", "tomans", "irt"),
}
UNITS = {text.search_key(word): unit for unit, words in UNIT_WORDS.items() for word in words}


class UnknownSheet(DomainError):
    """There is no sheet of that name."""

    code = "unknown_sheet"
    default_message = _l("There is no sheet of this name.")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `attr` is where the model keeps it, dotted for a related value; `name` unless given.

    `aliases` are further words that headers use for it, Persian and English; the label and the
    name always count. A column that is not `writable` is written on export and only recognised
    on import. `default` stands in a new row where the sheet says nothing. `pick` makes the value
    of what `attr` holds, where several columns are kept in one place: of a JSON, or of the rows of
    a relation; `loads` are the dotted relations that the value is worked out of. `help` says in the
    template what belongs here. A `frozen` column is written with a new row and never changed by a sheet.
    """

    name: str
    label: Any
    kind: Kind = TEXT
    aliases: tuple[str, ...] = ()
    required: bool = False
    attr: str = ""
    default: Any = None
    writable: bool = True
    most: int | None = None
    width: int = 0
    help: Any = ""
    pick: Callable[[Any], Any] | None = None
    loads: tuple[str, ...] = ()
    frozen: bool = False

    @property
    def path(self) -> str:
        """The attribute of the model."""
        return self.attr or self.name

    def read(self, row: Any) -> Any:
        """The value of a record, following relations; None where one is missing."""
        if isinstance(self.kind, Reference):
            target = attrgetter(self.path.removesuffix("_id"))(row)
            return None if target is None else getattr(target, self.kind.shown)
        for part in self.path.split("."):
            row = getattr(row, part)
            if row is None:
                return None
        return row if self.pick is None else self.pick(row)

    def words(self) -> set[str]:
        """Folded headers that mean this column: its label in every language, whoever reads the sheet."""
        return {header_key(word) for word in (self.name, *in_every_language(self.label), *self.aliases)} - {""}


def in_every_language(label: Any) -> Iterator[str]:
    """A label as every language of the application has it."""
    yield str(label)
    for locale in current_app.config["LANGUAGES"] if has_app_context() else ():
        with force_locale(locale):
            yield str(label)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a document, on the same rows as its header or repeated under it.

    Rows belong to one document while the columns of the spec's first key agree.
    """

    model: type[Any]
    columns: tuple[Column, ...]
    relation: str = "lines"


@dataclass(frozen=True, slots=True)
class NameParts:
    """Columns of a person's name: the whole can be put together of the parts, and taken apart.

    `bare` are headers that mean the whole name where they stand alone, and the given name where
    the sheet has a column for the family name beside them.
    """

    whole: str
    given: str
    family: str
    bare: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undoing:
    """How new records are taken back where that is more than deleting their rows.

    `take_back` undoes those of these ids; `prevents` says by id why one cannot be, before it is tried.
    `follows` are models whose rows such a record makes itself: `take_back` sees to them.
    """

    take_back: Callable[[Sequence[int]], None]
    prevents: Callable[[Sequence[int]], Mapping[int, Any]]
    follows: tuple[type[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """A model as a sheet. `keys` are sets of columns that find an existing row, best first.

    `unique` are columns whose value no two records share in the whole company. `complete_new` fills
    of new rows what a person's form would fill. `parent` is the column, and the relation of the
    model, of the record that a row hangs on: a customer's contacts go out beside the customers.
    `further_keys` find rows only where a person says so. `stands_for` names columns of words that
    serve as another column (a reference) where the sheet does not have that one. `store_new` books
    new rows (columns by attribute, flushed) where they are more than rows of a table, and `undoing`
    takes them back. `finds` is a condition of the rows that keys find; the system's own number finds all.
    """

    name: str
    subject: str
    label: Any
    model: type[Any]
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...]
    lines: Lines | None = None
    check: Check | None = None
    complete_new: Completion | None = None
    unique: tuple[str, ...] = ()
    parent: str = ""
    names: NameParts | None = None
    further_keys: tuple[tuple[str, ...], ...] = ()
    stands_for: Mapping[str, str] = field(default_factory=dict, hash=False)
    store_new: Completion | None = None
    undoing: Undoing | None = None
    finds: Any = field(default=None, hash=False, compare=False)

    def __post_init__(self) -> None:
        names = [column.name for column in self.all_columns]
        keyed = (name for key in (*self.keys, *self.further_keys) for name in key)
        named = {*keyed, *self.unique, *filter(None, [self.parent])}
        missing = named - set(names)
        if len(set(names)) != len(names) or missing or not self.keys:
            raise ValueError(f"sheet {self.name}: doubled columns or unknown keys {sorted(missing)}")

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns of the header and of the lines."""
        return self.columns + (self.lines.columns if self.lines else ())

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def key_columns(self) -> set[str]:
        """Every column that stands in a key."""
        return {name for key in self.keys for name in key}


_SHEETS: dict[str, SheetSpec] = {}


def register_sheet(spec: SheetSpec) -> SheetSpec:
    """Make a sheet known; registering the same name again replaces it."""
    _SHEETS[spec.name] = spec
    return spec


def all_sheets() -> list[SheetSpec]:
    """Every sheet, in the order of registration."""
    return list(_SHEETS.values())


def sheet_named(name: str) -> SheetSpec:
    """The sheet of a name or of a subject, as the present actor may use it. Raises UnknownSheet."""
    for spec in _SHEETS.values():
        if name in (spec.name, spec.subject):
            return as_allowed(spec)
    raise UnknownSheet(name=name, known=sorted(_SHEETS))


def related_sheets(spec: SheetSpec) -> list[SheetSpec]:
    """The sheets whose rows hang on the records of another, as the present actor may use them."""
    return [as_allowed(one) for one in _SHEETS.values() if one.parent and parent_model(one) is spec.model]


def parent_model(spec: SheetSpec) -> type[Any]:
    """The model on whose records the rows of a sheet hang."""
    found: type[Any] = inspect(spec.model).relationships[spec.parent].mapper.class_
    return found


def sheet_for(model: type[Any]) -> SheetSpec | None:
    """The sheet of a model, as the present actor may use it."""
    return next((as_allowed(spec) for spec in _SHEETS.values() if spec.model is model), None)


def as_allowed(spec: SheetSpec) -> SheetSpec:
    """The sheet without what the present actor may not read.

    Columns that they may read and not change go out, and are not taken in.
    """
    models = [spec.model, *([spec.lines.model] if spec.lines else [])]
    if not any(has_limits(model) for model in (*models, *_referred(spec))):
        return spec
    columns = _allowed_columns(spec.model, spec.columns)
    lines = spec.lines and replace(spec.lines, columns=_allowed_columns(spec.lines.model, spec.lines.columns))
    known = {column.name for column in (*columns, *(lines.columns if lines else ()))}
    names = spec.names
    return replace(
        spec,
        columns=columns,
        lines=lines,
        keys=tuple(key for key in spec.keys if known.issuperset(key)),
        further_keys=tuple(key for key in spec.further_keys if known.issuperset(key)),
        unique=tuple(name for name in spec.unique if name in known),
        names=names if names and known.issuperset((names.whole, names.given, names.family)) else None,
        stands_for={words: other for words, other in spec.stands_for.items() if {words, other} <= known},
    )


def _referred(spec: SheetSpec) -> list[type[Any]]:
    return [column.kind.model for column in spec.all_columns if isinstance(column.kind, Reference)]


def _allowed_columns(model: type[Any], columns: Sequence[Column]) -> tuple[Column, ...]:
    found = []
    for column in columns:
        own, shown = level(model, column.path), FieldLevel.FULL
        if isinstance(column.kind, Reference):
            shown = level(column.kind.model, column.kind.shown)
        if FieldLevel.HIDDEN in (own, shown):
            continue
        found.append(column if own is FieldLevel.FULL else replace(column, writable=False))
    return tuple(found)


@lru_cache(maxsize=10_000)
def header_key(header: str) -> str:
    """A header folded for comparison: no unit in brackets, no marks, no spaces."""
    return MARKS.sub("", text.search_key(UNIT.sub(" ", header)))


def header_unit(header: str) -> str | None:
    """The unit of money that a header names: rial, toman or None."""
    for groups in UNIT.findall(header):
        for word in groups:
            if (unit := UNITS.get(text.search_key(word))) is not None:
                return unit
    words = text.search_key(header).split()
    found = {UNITS[word] for word in words if word in UNITS}
    return found.pop() if len(found) == 1 else None
