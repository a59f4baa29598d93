"""Numbers of rows as pages, addresses and programs send them; nothing else reaches the database as a key."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1
"""Keys are four bytes wide on PostgreSQL."""


def row_number(sent: Any) -> int | None:
    """The number of a row (or of a page of a list); None for whatever can be none."""
    text = "" if sent is None or isinstance(sent, bool) else str(sent).strip()
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(LARGEST)):
        return None
    return int(text) if int(text) <= LARGEST else None


class RowConverter(IntegerConverter):
    """`<int:…>` of an address: a number that no row can have is an address that is not there."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:  # noqa: A002 - Werkzeug's own name
        super().__init__(map, *args, **{"max": LARGEST, **options})


def install(app: Flask) -> None:
    """Before any route: addresses are compiled when they are added."""
    app.url_map.converters["int"] = RowConverter
