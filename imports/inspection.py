"""What the first page of the import says of a file, before anything is mapped."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from app.core.sheets import SheetSpec, all_sheets
from imports.layout import Layout, Skipped, find_layout
from imports.reader.limits import DEFAULT, Limits
from imports.reader.read import Sheet, WorkbookRefused, address, read_workbook

NAMED = 50


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """One sheet. `rows` and `columns` are its used size; row numbers count from 1."""

    name: str
    state: str
    rows: int
    columns: int
    header_row: int | None
    header_rows: list[int]
    headers: list[str]
    spec: str | None
    error_cells: int
    formulas: int
    formulas_without_values: int
    hidden_rows: int
    is_filtered: bool
    merged_ranges: int
    totals_rows: int
    left_out: dict[str, int]
    data_rows: int
    first_errors: list[str]
    first_formulas_without_values: list[str]


@dataclass(slots=True)
class Inspection:
    """The verdict on a file: accept, accept_with_warnings or reject with a reason."""

    file: str
    verdict: str = "accept"
    reason: str | None = None
    message: str = ""
    format: str = ""
    sheets: list[SheetFacts] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    peak_mb: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def inspect_file(path: str | os.PathLike[str], *, name: str | None = None, limits: Limits = DEFAULT) -> Inspection:
    """What is in a file. Never raises for what the file is: the verdict says so."""
    shown = name or Path(path).name
    try:
        workbook = read_workbook(path, name=name, limits=limits)
    except WorkbookRefused as refused:
        return Inspection(shown, verdict="reject", reason=refused.code, message=str(refused))
    found = Inspection(shown, format=workbook.kind, seconds=workbook.seconds, peak_mb=workbook.peak_mb)
    for sheet in workbook.sheets:
        layout, spec = best_layout(sheet)
        facts = _facts(sheet, layout, spec)
        found.sheets.append(facts)
        found.warnings += _warnings(facts)
    if not any(sheet.rows for sheet in found.sheets):
        found.verdict, found.reason = "reject", "no_rows"
        found.message = _("The workbook has no filled cells.")
    elif found.warnings:
        found.verdict = "accept_with_warnings"
    return found


def best_layout(sheet: Sheet) -> tuple[Layout, SheetSpec | None]:
    """The table of a sheet, and the registered sheet whose words its header knows best."""
    specs = [(spec, {word for column in spec.all_columns for word in column.words()}) for spec in all_sheets()]
    layout = find_layout(sheet, set().union(*(words for _spec, words in specs)))
    best, most = None, 1
    for spec, words in specs:
        known = sum(1 for header in layout.headers if words.intersection(header.keys()))
        keyed = sum(1 for column in spec.columns if column.required and _is_there(column.words(), layout))
        if known and known + keyed > most:
            best, most = spec, known + keyed
    return layout, best


def _is_there(words: set[str], layout: Layout) -> bool:
    return any(words.intersection(header.keys()) for header in layout.headers)


def _facts(sheet: Sheet, layout: Layout, spec: SheetSpec | None) -> SheetFacts:
    rows = [] if layout.header_rows is None else sorted({row + 1 for row in layout.header_rows})
    return SheetFacts(
        name=sheet.name,
        state=sheet.state,
        rows=sheet.rows,
        columns=sheet.width,
        header_row=rows[0] if rows else None,
        header_rows=rows,
        headers=[header.full for header in layout.headers],
        spec=spec.name if spec else None,
        error_cells=sheet.error_count,
        formulas=sheet.formula_count,
        formulas_without_values=sheet.valueless_count,
        hidden_rows=sheet.hidden_count,
        is_filtered=sheet.is_filtered,
        merged_ranges=len(sheet.merged),
        totals_rows=layout.skipped_count(Skipped.TOTALS),
        left_out=layout.left_out(),
        data_rows=len(layout.data),
        first_errors=[f"{address(*at)} {text}" for at, text in sorted(sheet.errors.items())[:NAMED]],
        first_formulas_without_values=[address(*at) for at in sorted(sheet.valueless)[:NAMED]],
    )


def _warnings(facts: SheetFacts) -> list[dict[str, str]]:
    found: list[tuple[str, str]] = []
    if facts.error_cells:
        found.append(("error_cells", _("%(count)d cells hold an error.", count=facts.error_cells)))
    if facts.formulas_without_values:
        count = facts.formulas_without_values
        found.append(("formulas_without_values", _("%(count)d formulas were never worked out.", count=count)))
    if facts.hidden_rows:
        words = _("%(count)d rows are hidden; they are read too, unless you leave them out.", count=facts.hidden_rows)
        found.append(("hidden_rows", words))
    if facts.state != "visible":
        found.append(("hidden_sheet", _("This sheet is hidden.")))
    if facts.rows and facts.header_row is None:
        found.append(("no_header", _("No header row was found; choose it yourself.")))
    return [{"sheet": facts.name, "code": code, "message": message} for code, message in found]
