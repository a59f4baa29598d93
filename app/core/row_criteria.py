"""The loader criteria by which the row scope reaches every statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import LoaderCriteriaOption, Mapper


class RowCriteria(LoaderCriteriaOption):
    """Loader criteria that also hold for an alias joined by a plain ON clause.

    SQLAlchemy adapts them to an alias everywhere but there, where they would limit the model's own
    table a second time and leave the alias open.
    """

    _traverse_internals = LoaderCriteriaOption._traverse_internals  # statements stay cached

    def _all_mappers(self) -> Iterator[Mapper[Any]]:
        """The model alone: the kinds below one have rules of their own."""
        assert self.entity is not None  # made for a model, never for a mixin
        yield self.entity.mapper

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        criteria: ColumnElement[bool] = super()._resolve_where_criteria(ext_info)
        adapter = ext_info._adapter if ext_info.is_aliased_class else None
        return criteria if adapter is None else adapter.traverse(criteria)
