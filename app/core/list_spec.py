"""What a list of a model shows and offers, worked out once: columns, filters, sorting, loading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import joinedload, selectinload

from app.core import search
from app.core.field_rights import has_limits, may_read
from app.core.filters import Filter, leads_an_index


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: attribute or dotted path, its words, and how it sorts if it does."""

    name: str
    label: Any
    sort: str = ""
    formatter: Any = None


@dataclass(frozen=True, slots=True)
class ListSpec:
    """What a list shows and offers, worked out once from a view."""

    model: type[Any]
    subject: str
    columns: tuple[Column, ...]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    sorts: Mapping[str, Any] = field(default_factory=dict)
    default_sort: str = "-id"
    size: int = 25
    loads: tuple[Any, ...] = ()

    @property
    def is_searchable(self) -> bool:
        return issubclass(self.model, search.Searchable)

    def as_seen(self) -> ListSpec:
        """The list as the present actor may read it: nothing shows, narrows or sorts by a hidden field."""
        shown = [column for column in self.columns if may_read(self.model, column.name)]
        if len(shown) == len(self.columns) and not has_limits(self.model):
            return self
        sorts = {n: a for n, a in self.sorts.items() if may_read(self.model, n) and may_read(self.model, a.key)}
        key = self.default_sort.removeprefix("-")
        return replace(
            self,
            columns=tuple(column if column.sort in sorts else replace(column, sort="") for column in shown),
            filters={name: one for name, one in self.filters.items() if may_read(self.model, name)},
            sorts=sorts,
            default_sort=self.default_sort if key == "id" or key in sorts else "-id",
        )


def sort_attribute(model: type[Any], name: str) -> Any | None:
    """The indexed column that a list sorts by when asked for `name`; None when there is none.

    A text column sorts by its stored key `<name>_sort`.
    """
    columns = inspect(model).columns
    stored = f"{name}_sort"
    chosen = stored if stored in columns else name
    if chosen not in columns or not leads_an_index(columns[chosen], behind=inspect(model).polymorphic_on):
        return None
    return getattr(model, chosen)


def loads_for(model: type[Any], names: Sequence[str]) -> tuple[Any, ...]:
    """The loading of every relation among `names`, dotted paths included."""
    options = []
    for name in names:
        entity, option = model, None
        for part in name.split("."):
            relation = inspect(entity).relationships.get(part)
            if relation is None:
                break
            attribute = getattr(entity, part)
            option = _chain(option, attribute, many=bool(relation.uselist))
            entity = relation.mapper.class_
        if option is not None:
            options.append(option)
    return tuple(options)


def _chain(option: Any, attribute: Any, *, many: bool) -> Any:
    if option is None:
        return selectinload(attribute) if many else joinedload(attribute)
    return option.selectinload(attribute) if many else option.joinedload(attribute)


_specs: dict[type[Any], ListSpec] = {}


def register_spec(spec: ListSpec) -> None:
    """Make a list known by its model; the first view of a model wins."""
    _specs.setdefault(spec.model, spec)


def spec_for(model: type[Any]) -> ListSpec | None:
    """The list of a model, for exports, sheets and the API."""
    return _specs.get(model)
