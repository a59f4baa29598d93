"""Rows of edit levels, written as an administrator writes them."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.level_rules import ANY, Cell, Limits
from app.office.edit_levels import services
from app.office.edit_levels.table import Row, Who

BY = Actor.system("test")


def by_role(role: Any) -> Who:
    """Whom a role names."""
    return Who(role_id=current_app.extensions["appbuilder"].sm.find_role(str(role)).id)


def set_cell(kind: str, action: str, *rows: tuple[Who, Limits], state: str = ANY) -> None:
    """Give a cell exactly these rows."""
    cell = Cell(kind, state, action)
    document = services.document_of(kind)
    with acting_as(BY):
        after = services.with_cell(services.rows_of(kind), cell, [Row(cell, who, limits) for who, limits in rows])
        services.save_rows(document, after, seen=services.mark_of(kind))
        db.session.flush()
