"""Where a page of a list begins or ends: the sort key and id of one row, as text for an address.

A cursor gives away nothing and opens nothing: the rows behind it are scoped as always. A broken
one is refused as a whole.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from sqlalchemy import Boolean, Date, Float, Integer
from sqlalchemy import Enum as EnumType

from app.core.db import ScaledDecimal, UtcDateTime

Key = tuple[Any, int]
"""The sort key and the id of a row."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Read on from a row, forwards or backwards; with no row, from that end of the list."""

    key: Key | None
    is_back: bool


def encode(row: tuple[int, Any]) -> str:
    """A cursor on a row given as (id, sort key)."""
    ident, key = row
    body = json.dumps([_plain(key), ident], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def decode(token: str, column_type: Any) -> Key | None:
    """The (sort key, id) of a cursor for a column of that type; None for anything else."""
    try:
        padded = token[:4000] + "=" * (-len(token[:4000]) % 4)
        key, ident = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
        if type(ident) is not int or not 0 <= ident < 2**31:
            return None
        return (None if key is None else _typed(key, column_type)), ident
    except (ValueError, TypeError, binascii.Error, InvalidOperation, UnicodeError):
        return None


def _plain(key: Any) -> Any:
    if isinstance(key, Enum):
        return key.value
    if isinstance(key, (date, datetime)):
        return key.isoformat()
    return str(key) if isinstance(key, Decimal) else key


def _typed(key: Any, column_type: Any) -> Any:
    if isinstance(column_type, EnumType) and column_type.enum_class is not None:
        return column_type.enum_class(key)
    if isinstance(column_type, ScaledDecimal):
        found = Decimal(key)
        column_type.process_bind_param(found, None)  # too many decimals, or no number
        return found
    if isinstance(column_type, UtcDateTime):
        moment = datetime.fromisoformat(key)
        if moment.tzinfo is None:
            raise ValueError("naive")
        return moment
    if isinstance(column_type, Date):
        return date.fromisoformat(key)
    wanted: tuple[type[Any], ...] = (str,)
    if isinstance(column_type, Boolean):
        wanted = (bool,)
    elif isinstance(column_type, Integer):
        wanted = (int,)
    elif isinstance(column_type, Float):
        wanted = (int, float)
    if type(key) not in wanted or (wanted == (int,) and abs(key) >= 2**63):
        raise ValueError("another type")
    return key
