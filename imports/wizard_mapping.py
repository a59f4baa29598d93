"""The columns page: what a person chooses there, and what the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.actor import require_current
from app.core.cells import Choice as ChoiceKind
from app.core.cells import Reference, YesNo
from app.core.db import db
from app.core.errors import DomainError
from app.core.formats import label_of
from app.core.row_numbers import row_number
from app.core.sheets import Column, SheetSpec
from imports.batches import file_of, order_of
from imports.choice import Answer, Choice, Part, Recipe
from imports.joined import has_title, read_tables
from imports.layout import Hidden, Layout, find_layout
from imports.mapping import PARTED, ColumnMapping, join_names, map_chosen, map_headers
from imports.memory import Memory, keys_at, recall
from imports.missing import Answers
from imports.models import ImportBatch
from imports.pipeline import read_constant
from imports.reader.read import Sheet

HEAD_ROWS = 100


@dataclass(slots=True)
class Table:
    """The table of a batch on its first rows, with the names of all sheets and what is remembered of it."""

    sheets: list[str]
    sheet: Sheet
    layout: Layout
    memory: Memory


@dataclass(slots=True)
class Entry:
    """What was chosen on the page, and what is wrong with it by the name of the field."""

    choice: Choice
    problems: dict[str, str] = field(default_factory=dict)


def open_head(batch: ImportBatch, *, sheet: str | None, header_row: int | None, afresh: bool = False) -> Table:
    """The chosen sheet of a batch, or the one that fits best. `header_row` counts from 0.

    Raises WorkbookRefused.
    """
    order = order_of(batch)
    wanted = sheet or order.choice.sheet
    row = order.choice.header_row if header_row is None and sheet in (None, order.choice.sheet) else header_row
    workbook = read_tables(file_of(batch), order.spec, name=batch.file_name, head=HEAD_ROWS)
    words = {word for column in order.spec.all_columns for word in column.words()}
    found: list[tuple[bool, bool, int, int, Sheet, Layout]] = []
    for one in workbook.sheets:
        one.rows = min(one.rows, HEAD_ROWS)
        layout = find_layout(one, words, header_row=row)
        known = len(map_headers(layout, order.spec).sources)
        found.append((one.name == wanted, has_title(one, order.spec), known, -len(found), one, layout))
    _wanted, _titled, _known, _place, best, layout = max(found, key=lambda one: one[:4])
    user_id = require_current().user_id
    memory = Memory() if afresh else recall(batch.spec, layout, user_id=user_id)
    return Table([one.name for one in workbook.sheets], best, layout, memory)


def first_choice(batch: ImportBatch, table: Table) -> tuple[Choice, ColumnMapping]:
    """What the page starts with: what was chosen for this batch, else what is remembered, else words."""
    stored = Choice.from_json(batch.mapping)
    here = stored.sheet == table.sheet.name and stored.header_row == _header_row(table)
    if stored.sources is not None and here:
        return stored, map_chosen(table.layout, order_of(batch).spec, stored)
    choice = table.memory.choice
    mapping = map_chosen(table.layout, order_of(batch).spec, choice, remembered=table.memory.headers)
    return choice, mapping


def _header_row(table: Table) -> int | None:
    return table.layout.header_rows[0] if table.layout.header_rows else None


def read_entry(spec: SheetSpec, table: Table, form: Mapping[str, Any], keys: list[str], earlier: Choice) -> Entry:
    """The choice that a sent page makes, with everything that is wrong with it.

    Answers to unknown values that were given before stay, unless the page says to ask again.
    """
    mapping, problems = ColumnMapping(), dict[str, str]()
    accepted = str(form.get("accept", "")).partition(":")
    for header in table.layout.headers:
        place = str(header.column)
        target = accepted[2] if accepted[0] == place else str(form.get(f"target-{place}", ""))
        if not _take(mapping, spec, target, header.column):
            problems[f"target-{place}"] = _("Another column of the file goes there already.")
        unit = form.get(f"unit-{place}") or header.unit
        if target in mapping.sources and spec.column(target).kind.name == "rials" and unit in ("rial", "toman"):
            mapping.units[target] = str(unit)
    constants = _constants(spec, form, mapping)
    mapping.constants = dict.fromkeys(constants, "")
    join_names(mapping, spec)
    forgotten = {name for name in (*earlier.values, *earlier.create) if form.get(f"forget-{name}")}
    choice = replace(
        earlier,
        values={name: told for name, told in earlier.values.items() if name not in forgotten},
        create={name: kind for name, kind in earlier.create.items() if name not in forgotten},
        sheet=table.sheet.name,
        header_row=_header_row(table),
        hidden=Hidden.LEAVE if form.get("hidden") == Hidden.LEAVE else Hidden.INCLUDE,
        sources=mapping.sources,
        units=mapping.units,
        recipes=mapping.recipes,
        constants=constants,
        keys=_keys(spec, keys),
    )
    return Entry(choice, problems | _constant_problems(spec, choice, table))


def _take(mapping: ColumnMapping, spec: SheetSpec, target: str, column: int) -> bool:
    """Give a sheet column its target; False where another has it."""
    if target.startswith("names:") and spec.names is not None and target[6:] in PARTED:
        given, family = PARTED[target[6:]]
        wanted: dict[str, Part | None] = {spec.names.whole: None, spec.names.given: given, spec.names.family: family}
    else:
        wanted = {target: None} if any(one.name == target for one in spec.all_columns) else {}
    if any(name in mapping.sources for name in wanted):
        return False
    for name, part in wanted.items():
        mapping.sources[name] = column
        if part is not None:
            mapping.recipes[name] = Recipe((column,), part)
    return True


def _constants(spec: SheetSpec, form: Mapping[str, Any], mapping: ColumnMapping) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for column in spec.all_columns:
        words = str(form.get(f"constant-{column.name}", "")).strip()
        if not words or column.name in mapping.sources:
            continue
        number = row_number(words) if isinstance(column.kind, Reference) else None
        found[column.name] = words if number is None else {"id": number}
    return found


def _constant_problems(spec: SheetSpec, choice: Choice, table: Table) -> dict[str, str]:
    problems = {}
    mapping = map_chosen(table.layout, spec, choice)
    lookup = Answers(spec, mapping)
    for name, words in mapping.constants.items():
        try:
            read_constant(spec.column(name), words, lookup)
        except DomainError as refused:
            problems[f"constant-{name}"] = str(refused)
    return problems


def _keys(spec: SheetSpec, names: list[str]) -> tuple[tuple[str, ...], ...] | None:
    chosen = tuple(key for key in (*spec.keys, *spec.further_keys) if "+".join(key) in names)
    return chosen if chosen and chosen != spec.keys else None


def kept(choice: Choice, table: Table) -> dict[str, Any]:
    """What a batch keeps of a choice."""
    heads = {str(header.column): header.full for header in table.layout.headers}
    return {**choice.as_json(), "at": keys_at(table.layout), "heads": heads}


# --- what the page shows


def constant_fields(spec: SheetSpec, mapping: ColumnMapping, choice: Choice) -> list[dict[str, Any]]:
    """The columns that the file does not have, the required ones first: how a value is given to all rows."""
    free = [
        column
        for column in spec.all_columns
        if column.name not in mapping.sources and (column.writable or column.name in spec.stands_for)
    ]
    standing = {words for words, one in spec.stands_for.items() if one in mapping.sources}
    fields = [_constant_field(column, choice) for column in free if column.name not in standing]
    return sorted(fields, key=lambda one: (not one["required"], one["value"] == ""))


def _constant_field(column: Column, choice: Choice) -> dict[str, Any]:
    answer = choice.constants.get(column.name)
    value = str(answer["id"]) if isinstance(answer, Mapping) else (answer or "")
    text = ""
    number = row_number(value)
    if isinstance(column.kind, Reference) and number is not None:
        model = column.kind.model
        record = db.session.scalars(select(model).where(model.id == number)).unique().one_or_none()
        text = str(record) if record is not None else value
    return {
        "column": column, "value": value, "text": text, "options": member_options(column),
        "required": column.required and column.default is None,
    }  # fmt: skip


def member_options(column: Column) -> list[tuple[str, str]]:
    """The members of a closed set, with what they are called."""
    if isinstance(column.kind, ChoiceKind):
        return [(member.value, label_of(member)) for member in column.kind.members]
    return [("yes", _("Yes")), ("no", _("No"))] if isinstance(column.kind, YesNo) else []


def joined_names(spec: SheetSpec, mapping: ColumnMapping) -> str:
    """The column that is put together of others, and of which, in words; "" for none."""
    names = spec.names
    if names is None or names.whole not in mapping.recipes:
        return ""
    parts = [str(spec.column(one).label) for one in (names.given, names.family) if one in mapping.sources]
    return _(
        "%(whole)s is put together: %(parts)s.", whole=str(spec.column(names.whole).label), parts=" + ".join(parts)
    )


def key_fields(spec: SheetSpec, mapping: ColumnMapping, choice: Choice) -> list[dict[str, Any]]:
    """The keys by which rows can be matched: their words, whether the file has them, whether they are used."""
    chosen = spec.keys if choice.keys is None else choice.keys
    standing = {spec.stands_for.get(name, name) for name in mapping.sources} | set(mapping.sources)
    return [
        {
            "value": "+".join(key),
            "label": " + ".join(str(spec.column(name).label) for name in key),
            "here": (any if spec.lines else all)(name in standing or name in mapping.constants for name in key),
            "used": key in chosen,
        }
        for key in (*spec.keys, *spec.further_keys)
    ]


def answer_counts(spec: SheetSpec, choice: Choice) -> dict[str, int]:
    """How many values of a column have been answered, by the column that the page shows them at."""
    sources = choice.sources or {}
    shown_at = {one: words for words, one in spec.stands_for.items() if words in sources and one not in sources}
    found = {shown_at.get(name, name): len(told) for name, told in choice.values.items() if told}
    return {**dict.fromkeys((shown_at.get(name, name) for name in choice.create), 0), **found}


def column_hint(column: Column) -> str:
    """By what a record is found, for a column that names one."""
    if not isinstance(column.kind, Reference):
        return ""
    words = {"code": _("code"), "national_id": _("national ID"), "legal_id": _("legal ID"), "username": _("user name")}
    named = [words.get(name, _("name")) for name in column.kind.by]
    return _("found by %(keys)s", keys=" · ".join(dict.fromkeys(named)))
