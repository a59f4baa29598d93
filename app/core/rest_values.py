"""Values between Python and JSON, and how OpenAPI tells about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import BigInteger, Boolean, Date, Float, Integer, inspect
from sqlalchemy import Enum as EnumType

from app.core.db import ScaledDecimal, UtcDateTime
from app.core.errors import FieldError, Invalid
from app.core.filters import RANGES


def plain(record: Any, path: str) -> Any:
    """The value at an attribute or dotted path as JSON has it; a related row as id and words."""
    value = record
    for part in path.split("."):
        value = getattr(value, part) if value is not None else None
    return _plain(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return value
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    ident = getattr(value, "id", None)
    return {"id": ident, "text": str(value)} if ident is not None else str(value)


def typed_text(name: str, value: Any) -> Iterator[str]:
    """What a person would have typed for a JSON value. Raises Invalid for objects."""
    items = value if isinstance(value, list) else [value]
    for item in items:
        if isinstance(item, dict):
            raise Invalid([FieldError(name, "type", _("Send a value, not an object."))])
        if isinstance(item, bool):
            yield "y" if item else "false"
        else:
            yield "" if item is None else str(item)


def component(model: type[Any], names: Sequence[str]) -> dict[str, Any]:
    """The OpenAPI schema of a row with these columns."""
    return {"type": "object", "properties": {name: _schema(model, name) for name in names}}


def filter_parameters(filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The OpenAPI parameters of a list's filters; ranges have two."""
    for one in filters.values():
        for ending in ("_from", "_to") if one.kind in RANGES else ("",):
            yield {"in": "query", "name": f"{one.argument}{ending}", "schema": {"type": "string"}}


def _schema(model: type[Any], name: str) -> dict[str, Any]:
    mapper = inspect(model)
    if name in mapper.relationships:
        return {"description": "id when sent; {id, text} when answered"}
    if name not in mapper.column_attrs:
        return {"readOnly": True}
    column = mapper.column_attrs[name].columns[0]
    schema = _schema_of_type(column.type)
    length = getattr(column.type, "length", None)
    if schema == {"type": "string"} and length:
        schema["maxLength"] = length
    if column.nullable:
        schema["nullable"] = True
    return schema


def _schema_of_type(kind: Any) -> dict[str, Any]:
    schemas: tuple[tuple[Any, dict[str, Any]], ...] = (
        (Boolean, {"type": "boolean"}),
        (ScaledDecimal, {"type": "string", "format": "decimal"}),
        (BigInteger, {"type": "integer", "format": "int64"}),
        (Integer, {"type": "integer"}),
        (Float, {"type": "number"}),
        (UtcDateTime, {"type": "string", "format": "date-time"}),
        (Date, {"type": "string", "format": "date"}),
    )
    if isinstance(kind, EnumType) and kind.enum_class is not None:
        return {"type": "string", "enum": [member.value for member in kind.enum_class]}
    return next((dict(schema) for types, schema in schemas if isinstance(kind, types)), {"type": "string"})
