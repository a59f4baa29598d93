"""The filters of a list: typed from the column, read from the address, bound to one request.

A bad value is a message beside its filter and filters nothing out; the list still shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Boolean, ColumnElement, Date, Float, Integer, Numeric, and_, false, func, inspect, select
from sqlalchemy import Enum as EnumType
from sqlalchemy.orm import MANYTOONE, Session

from app.core import calendar, formats
from app.core.calendar import InvalidDate
from app.core.db import ScaledDecimal, UtcDateTime
from app.core.digits import to_ascii
from app.core.labels import label_of
from app.core.money import InvalidAmount, parse_rials
from app.core.row_numbers import row_number
from app.core.search import LAST_CHARACTER, Searchable, hides_words, probe_ids
from app.core.text import clean

PREFIX = "f_"
BROAD = 1_000
"""A search with more hits than this is not narrowed by its ids."""


class Kind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    NUMBER = "number"
    RIALS = "rials"
    RELATION = "relation"


RANGES = frozenset({Kind.DATE, Kind.INSTANT, Kind.NUMBER, Kind.RIALS})
Values = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Filter:
    """One thing a list can be narrowed by; `attribute` is the column it looks at."""

    name: str
    label: Any
    kind: Kind
    model: type[Any]
    attribute: Any
    choices: tuple[tuple[str, Any], ...] = ()
    target: type[Any] | None = None

    @property
    def argument(self) -> str:
        """The name in the address; ranges add `_from` and `_to`."""
        return PREFIX + self.name

    @property
    def arguments(self) -> tuple[str, ...]:
        if self.kind in RANGES:
            return (f"{self.argument}_from", f"{self.argument}_to")
        return (self.argument,)


@dataclass(slots=True)
class Bound:
    """A filter with what this request says about it."""

    filter: Filter
    raw: dict[str, list[str]] = field(default_factory=dict)
    condition: ColumnElement[bool] | None = None
    message: str = ""
    shown: str = ""

    @property
    def is_active(self) -> bool:
        return any(value for values in self.raw.values() for value in values)

    def value(self, suffix: str = "") -> str:
        """What was typed, for the input."""
        return next(iter(self.raw.get(self.filter.argument + suffix, [])), "")

    @property
    def values(self) -> list[str]:
        return self.raw.get(self.filter.argument, [])


def filter_for(model: type[Any], name: str, label: Any = None) -> Filter:
    """The filter that suits a column or many-to-one relation. Raises TypeError for anything else."""
    label = label if label is not None else label_of(model, name)
    mapper = inspect(model)
    if name in mapper.relationships:
        relation = mapper.relationships[name]
        if relation.direction is not MANYTOONE:
            raise TypeError(f"{model.__name__}.{name}: only many-to-one relations can filter a list")
        key = mapper.get_property_by_column(next(iter(relation.local_columns)))
        return Filter(name, label, Kind.RELATION, model, getattr(model, key.key), target=relation.mapper.class_)
    if name not in mapper.column_attrs:
        raise TypeError(f"{model.__name__}.{name} is no column, so it cannot filter a list")
    attribute = getattr(model, name)
    kind = kind_of(attribute.type, name)
    choices: tuple[tuple[str, Any], ...] = ()
    if kind is Kind.CHOICE:
        choices = tuple((str(member.value), member) for member in attribute.type.enum_class)
    return Filter(name, label, kind, model, attribute, choices)


def kind_of(column_type: Any, name: str) -> Kind:
    """Which kind of filter a type of column gets."""
    kinds: tuple[tuple[type[Any] | tuple[type[Any], ...], Kind], ...] = (
        (EnumType, Kind.CHOICE),
        (Boolean, Kind.BOOLEAN),
        (UtcDateTime, Kind.INSTANT),
        (Date, Kind.DATE),
        ((ScaledDecimal, Integer, Float, Numeric), Kind.RIALS if name.endswith("_rials") else Kind.NUMBER),
    )
    return next((kind for types, kind in kinds if isinstance(column_type, types)), Kind.TEXT)


def bind(filters: Mapping[str, Filter], values: Values, session: Session) -> dict[str, Bound]:
    """Every filter with its value, condition or message; nothing is kept on the filters."""
    bound = {}
    for name, one in filters.items():
        raw = {a: [v for v in values[a] if v.strip()] for a in one.arguments if values.get(a)}
        entry = Bound(one, raw)
        if entry.is_active:
            try:
                entry.condition = _READERS[one.kind](entry, session)
            except _Bad as bad:
                entry.message = bad.args[0]
        bound[name] = entry
    return bound


def unknown_arguments(filters: Mapping[str, Filter], values: Values) -> Iterator[str]:
    """Filters in the address that this list does not have."""
    known = {argument for one in filters.values() for argument in one.arguments}
    return (name for name in values if name.startswith(PREFIX) and name not in known)


class _Bad(Exception):
    """A value that cannot be read; the argument is the sentence for its reader."""


def _text(bound: Bound, session: Session) -> ColumnElement[bool]:
    one = bound.filter
    word = clean(to_ascii(bound.value())) if not _is_persian_text(one) else clean(bound.value())
    bound.shown = bound.value()
    dialect = session.get_bind().dialect.name
    inside: ColumnElement[bool]
    if leads_an_index(inspect(one.model).columns[one.attribute.key], behind=inspect(one.model).polymorphic_on):
        return _starts(one.attribute, word, dialect)
    if dialect == "sqlite":
        inside = func.instr(func.lower(one.attribute), word.lower()) > 0
    else:
        inside = one.attribute.icontains(word, autoescape=True)
    if issubclass(one.model, Searchable) and one.name in one.model.__search_fields__ and not hides_words(one.model):
        ids = probe_ids(session, one.model, word, limit=BROAD + 1) if len(word) > 2 else []
        if ids and len(ids) <= BROAD:
            return and_(one.model.id.in_(ids), inside)  # type: ignore[attr-defined]
    return inside


def _starts(attribute: Any, word: str, dialect: str) -> ColumnElement[bool]:
    """A text that begins with a word; what an index can answer."""
    if dialect == "sqlite":
        return and_(attribute >= word, attribute < word + LAST_CHARACTER)
    found: ColumnElement[bool] = attribute.startswith(word, autoescape=True)
    return found


def leads_an_index(column: Any, *, behind: Any = None) -> bool:
    """Whether some index begins with the column, or with `behind` and then the column.

    `behind` is what tells the classes of one table apart: every question names its value.
    """
    table = column.table
    if column.primary_key or column.unique or column.index:
        return True
    indexes = [list(index.expressions) for index in table.indexes]
    indexes += [list(c.columns) for c in table.constraints if c.__visit_name__ == "unique_constraint"]
    return any(one[0] is column or (one[0] is behind and one[1:2] == [column]) for one in indexes)


def _is_persian_text(one: Filter) -> bool:
    return type(one.attribute.type).__name__ == "CleanText"


def _choice(bound: Bound, _session: Session) -> ColumnElement[bool]:
    members = dict(bound.filter.choices)
    found = [members[value] for value in bound.values if value in members]
    if len(found) < len(bound.values):
        raise _Bad(_("There is no such choice."))
    bound.shown = _(", ").join(formats.label_of(member) for member in found)
    return _one_of(bound.filter.attribute, found)


def _one_of(attribute: Any, values: list[Any]) -> ColumnElement[bool]:
    """For one value an equation, which lets an index give the order too."""
    return attribute == values[0] if len(values) == 1 else attribute.in_(values)


def _boolean(bound: Bound, _session: Session) -> ColumnElement[bool]:
    value = bound.value()
    if value not in {"0", "1"}:
        raise _Bad(_("There is no such choice."))
    bound.shown = _("Yes") if value == "1" else _("No")
    return bound.filter.attribute.is_(value == "1")


def _relation(bound: Bound, session: Session) -> ColumnElement[bool]:
    one = bound.filter
    ids = [number for number in map(row_number, bound.values) if number is not None]
    if len(ids) < len(bound.values) or one.target is None:
        raise _Bad(_("There is no such choice."))
    found = session.scalars(select(one.target).where(one.target.id.in_(ids))).all()
    bound.shown = _(", ").join(str(row) for row in found) or _("— hidden —")
    return _one_of(one.attribute, [row.id for row in found]) if found else false()


def _range(read: Callable[[str, str], Any]) -> Callable[[Bound, Session], ColumnElement[bool]]:
    def reader(bound: Bound, _session: Session) -> ColumnElement[bool]:
        attribute = bound.filter.attribute
        low, high = bound.value("_from"), bound.value("_to")
        conditions = []
        if low:
            conditions.append(attribute >= read(low, "from"))
        if high:
            last = read(high, "to")
            # An instant's upper bound is the end of its day, which is already the next one.
            conditions.append(attribute < last if bound.filter.kind is Kind.INSTANT else attribute <= last)
        bound.shown = _range_words(low, high)
        return and_(*conditions)

    return reader


def _range_words(low: str, high: str) -> str:
    if low and high:
        return _("%(low)s to %(high)s", low=low, high=high)
    return _("from %(low)s", low=low) if low else _("up to %(high)s", high=high)


def _date(typed: str, _end: str) -> date:
    try:
        found = calendar.parse_date(typed)
    except InvalidDate as error:
        raise _Bad(_("“%(value)s” is not a date. Write it like 1404/09/02.", value=typed)) from error
    if found is None:
        raise _Bad(_("“%(value)s” is not a date. Write it like 1404/09/02.", value=typed))
    return found


def _instant(typed: str, end: str) -> datetime:
    day = _date(typed, end) + (timedelta(days=1) if end == "to" else timedelta())
    return datetime.combine(day, time(), calendar.TEHRAN).astimezone(UTC)


def _number(typed: str, _end: str) -> Decimal:
    try:
        found = Decimal(to_ascii(typed).replace("٬", "").replace(",", "").replace("٫", ".").strip())
    except InvalidOperation as error:
        raise _Bad(_("“%(value)s” is not a number.", value=typed)) from error
    if not found.is_finite() or abs(found) >= 10**15:
        raise _Bad(_("“%(value)s” is not a number.", value=typed))
    return round(found, 3)


def _rials(typed: str, _end: str) -> int:
    try:
        return parse_rials(typed)
    except InvalidAmount as error:
        raise _Bad(str(error)) from error


_READERS: dict[Kind, Callable[[Bound, Session], ColumnElement[bool]]] = {
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.BOOLEAN: _boolean,
    Kind.RELATION: _relation,
    Kind.DATE: _range(_date),
    Kind.INSTANT: _range(_instant),
    Kind.NUMBER: _range(_number),
    Kind.RIALS: _range(_rials),
}
