"""Kinds of one table: models that share it and are told apart by a column."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect


def kinds_of(model: type[Any]) -> dict[Any, type[Any]]:
    """The models of the kinds that share a table, by kind; empty for any other model."""
    mapper = inspect(model)
    if mapper.polymorphic_on is None or mapper.inherits is not None:
        return {}
    return {kind: below.class_ for kind, below in mapper.polymorphic_map.items() if below is not mapper}


def whole_of(model: type[Any]) -> Any:
    """The model whose columns a rule names: of a kind that of all kinds.

    A kind's own attributes narrow whatever subquery they stand in to that kind, so that the rules
    of two kinds beside each other would find no row.
    """
    mapper = inspect(model)
    return mapper.base_mapper.class_ if mapper.base_mapper.polymorphic_on is not None else model
