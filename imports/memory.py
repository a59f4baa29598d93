"""What was chosen before: headers and whole sheets, remembered per person and for the company.

A person's own choice wins over the company's, which is the last one of anybody. Constants and
answers may name records that others do not see, so only their owner gets them back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, ForeignKey, Index, String, or_, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Identified, Stamped, db
from imports.choice import Choice
from imports.layout import Layout
from imports.mapping import Origin, Remembered
from imports.models import ImportBatch

HEADER_LENGTH = 200
COMPANY = text("user_id IS NULL")


class RememberedHeader(Identified, Stamped, Model):
    """The column that a header (folded) was given last, "" for none; `user_id` None is the company's."""

    __tablename__ = "imports_remembered_header"
    __table_args__ = (
        Index("uq_imports_remembered_header", "user_id", "spec", "header", unique=True),
        Index(
            "uq_imports_remembered_header_company", "spec", "header",
            unique=True, sqlite_where=COMPANY, postgresql_where=COMPANY,
        ),
    )  # fmt: skip

    spec: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    header: Mapped[str] = mapped_column(String(HEADER_LENGTH))
    column: Mapped[str] = mapped_column(String(60))


class RememberedSheet(Identified, Stamped, Model):
    """What was chosen for a sheet with these headers, whatever their order.

    `choice` is {"units", "recipes", "keys"} and, in a person's own row, {"constants", "values",
    "create"}; recipes name headers, not places.
    """

    __tablename__ = "imports_remembered_sheet"
    __table_args__ = (
        Index("uq_imports_remembered_sheet", "user_id", "spec", "fingerprint", unique=True),
        Index(
            "uq_imports_remembered_sheet_company", "spec", "fingerprint",
            unique=True, sqlite_where=COMPANY, postgresql_where=COMPANY,
        ),
    )  # fmt: skip

    spec: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    choice: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered for a table: its headers, and what was chosen for the same sheet at `at`."""

    headers: dict[str, Remembered] = field(default_factory=dict)
    choice: Choice = field(default_factory=Choice)
    origin: Origin | None = None
    at: datetime | None = None


def keys_at(layout: Layout) -> dict[str, str]:
    """The folded headers of a table by their place, as a batch keeps them."""
    return {str(header.column): header.keys()[0][:HEADER_LENGTH] for header in layout.headers}


def fingerprint(headers: Mapping[str, str]) -> str:
    """What tells sheets with the same headers from others."""
    return hashlib.sha256("\n".join(sorted(headers.values())).encode()).hexdigest()


def recall(spec: str, layout: Layout, *, user_id: int | None) -> Memory:
    """What a person, or else the company, chose before for the headers of a table."""
    at = keys_at(layout)
    model = RememberedHeader
    mine = or_(model.user_id == user_id, model.user_id.is_(None))
    found: dict[str, Remembered] = {}
    statement = select(model).where(mine, model.spec == spec, model.header.in_(set(at.values())))
    for one in sorted(db.session.scalars(statement), key=lambda row: row.user_id is not None):
        found[one.header] = Remembered(one.column, Origin.COMPANY if one.user_id is None else Origin.PERSON)
    sheet = _sheet(spec, at, user_id)
    if sheet is None:
        return Memory(found)
    origin = Origin.COMPANY if sheet.user_id is None else Origin.PERSON
    return Memory(found, _choice(sheet.choice, at), origin, sheet.updated_at)


def _sheet(spec: str, at: Mapping[str, str], user_id: int | None) -> RememberedSheet | None:
    model = RememberedSheet
    mine = or_(model.user_id == user_id, model.user_id.is_(None))
    statement = select(model).where(mine, model.spec == spec, model.fingerprint == fingerprint(at))
    return max(db.session.scalars(statement), key=lambda row: row.user_id is not None, default=None)


def _choice(stored: Mapping[str, Any], at: Mapping[str, str]) -> Choice:
    """A stored choice for this table, its recipes led back to where the headers stand now."""
    places = {key: int(place) for place, key in at.items()}
    recipes = {
        name: {"columns": [places[key] for key in one["headers"]], "part": one["part"]}
        for name, one in stored.get("recipes", {}).items()
        if all(key in places for key in one["headers"])
    }
    return Choice.from_json({**stored, "recipes": recipes})


def remember(batch: ImportBatch) -> None:
    """Keep what was chosen for a batch, for its person and for the company; flushes.

    Losing a race with another import that remembers the same sheet is no error: one of them stays.
    """
    at = (batch.mapping or {}).get("at")
    if not at:
        return
    choice = Choice.from_json(batch.mapping)
    recipes = {
        name: {"headers": [at[str(place)] for place in one.columns], "part": one.part.value}
        for name, one in choice.recipes.items()
    }
    common = {"units": choice.units, "recipes": recipes, "keys": choice.keys}
    own = {**common, "constants": choice.constants, "values": choice.values, "create": choice.create}
    try:
        with db.session.begin_nested():
            for user_id, kept in ((batch.actor_id, own), (None, common)):
                columns = _columns(choice, at)
                # That one person left a column out is no reason to leave it out for everybody.
                kept_columns = {key: name for key, name in columns.items() if name or user_id}
                _keep_headers(batch.spec, kept_columns, user_id)
                _keep_sheet(batch.spec, fingerprint(at), user_id, kept)
    except IntegrityError:
        return


def _columns(choice: Choice, at: Mapping[str, str]) -> dict[str, str]:
    """Folded header → column; what is only made of other columns is no header's own."""
    found = dict.fromkeys(at.values(), "")
    for name, place in (choice.sources or {}).items():
        if name not in choice.recipes:
            found[at[str(place)]] = name
    return found


def _keep_headers(spec: str, columns: Mapping[str, str], user_id: int | None) -> None:
    model = RememberedHeader
    statement = select(model).where(
        model.spec == spec, model.user_id == user_id if user_id else model.user_id.is_(None), model.header.in_(columns)
    )
    known = {row.header: row for row in db.session.scalars(statement)}
    for header, column in columns.items():
        if header in known:
            known[header].column = column
        else:
            db.session.add(model(spec=spec, user_id=user_id, header=header, column=column))


def _keep_sheet(spec: str, print_: str, user_id: int | None, choice: dict[str, Any]) -> None:
    model = RememberedSheet
    whose = model.user_id == user_id if user_id else model.user_id.is_(None)
    row = db.session.scalars(select(model).where(model.spec == spec, whose, model.fingerprint == print_)).first()
    if row is None:
        db.session.add(model(spec=spec, user_id=user_id, fingerprint=print_, choice=choice))
    else:
        row.choice = choice
