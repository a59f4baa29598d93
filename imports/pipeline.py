"""Rows of a sheet as checked values: every error of every row, found column by column.

Nothing here writes. Reading is vectorised: each column is parsed as a whole, keys and groups are
compared by pandas, references are looked up once per column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from flask_babel import lazy_gettext as _l
from numpy.typing import NDArray
from sqlalchemy import inspect

from app.core.cells import Choice, Reference
from app.core.errors import DomainError
from app.core.raw_cells import Parsed, Problem, as_text
from app.core.sheets import Column, SheetSpec
from imports.layout import Layout
from imports.mapping import ColumnMapping, MissingColumns, stand_for, with_keys
from imports.reader.read import Cell, Sheet, column_letters
from imports.totals_rows import differing_totals
from imports.transforms import cells_of, exchange, made_of

Lookup = Callable[[Column, Reference, set[str]], dict[str, int | Problem]]
"""Finds records by the texts of a whole column: text → id, or why not; unknown texts are left out."""

REQUIRED = Problem("required", _l("This must be filled in."))
NO_VALUE = Problem(
    "formula_without_value",
    _l("This formula was never worked out. Open the file in Excel, save it and upload it again."),
)
UNKNOWN = Problem("unknown_reference", _l("No such record was found."))


ASKED = frozenset({"unknown_reference", "unknown_choice", "yes_or_no", "ambiguous_reference", "may_not_add"})
"""Problems of words that a person can say the meaning of."""


class BadConstant(DomainError):
    """What was typed for all rows of a column cannot be read."""

    code = "bad_constant"
    default_message = _l("The value for all rows cannot be read.")

    def __init__(self, column: Column, problem: Problem) -> None:
        words = _l("%(column)s for all rows: %(problem)s", column=str(column.label), problem=str(problem.message))
        super().__init__(words, column=column.name)


class TooManyBadCells(DomainError):
    """The sheet has more error cells than can be named one by one."""

    code = "too_many_error_cells"
    default_message = _l("The sheet has too many cells with errors. Repair its formulas and upload it again.")


@dataclass(frozen=True, slots=True)
class CellError:
    """One bad cell: where it is, and why. `row` counts from 1 as in Excel."""

    sheet: str
    row: int
    column: str
    header: str
    name: str
    code: str
    message: Any

    def as_json(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet, "row": self.row, "column": self.column, "header": self.header,
            "code": self.code, "message": str(self.message),
        }  # fmt: skip


@dataclass(slots=True)
class Checked:
    """All rows of a sheet, parsed. `frame` has one object column per mapped spec column.

    `rows` are the sheet's rows (from 0) of the frame's rows. `problems` holds per column name the
    problems by place in the frame. For documents, `group` says which document a row belongs to.
    `unknown` counts the words that mean nothing here, by column; `stand_ins` are the records to be
    made (imports.missing) by the negative ids that hold their place. `warnings` are cells that
    hinder nothing and should be looked at.
    """

    spec: SheetSpec
    sheet: str
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    headers: dict[str, tuple[str, str]]
    problems: dict[str, dict[int, Problem]] = field(default_factory=dict)
    group: NDArray[np.int64] | None = None
    unknown: dict[str, Counter[str]] = field(default_factory=dict)
    stand_ins: dict[int, Any] = field(default_factory=dict)
    warnings: list[CellError] = field(default_factory=list)

    def add(self, name: str, place: int, problem: Problem) -> None:
        """Note a problem; the first of a cell stays."""
        self.problems.setdefault(name, {}).setdefault(place, problem)

    def bad_places(self) -> set[int]:
        """Places in the frame with an error."""
        return {place for found in self.problems.values() for place in found}

    def bad_groups(self) -> set[int]:
        """Documents with an error in any of their rows."""
        assert self.group is not None
        return {int(self.group[place]) for place in self.bad_places()}

    def errors(self) -> list[CellError]:
        """Every error, by row and column."""
        found = [
            self.cell(int(self.rows[place]), name, problem)
            for name, problems in self.problems.items()
            for place, problem in problems.items()
        ]
        return sorted(found, key=lambda error: (error.row, len(error.column), error.column))

    def cell(self, row: int, name: str, problem: Problem) -> CellError:
        """What is said of a cell by its row of the sheet, from 0, and its column."""
        letter, header = self.headers.get(name, ("", str(self.spec.column(name).label)))
        return CellError(self.sheet, row + 1, letter, header, name, problem.code, problem.message)


def check_rows(
    sheet: Sheet, layout: Layout, mapping: ColumnMapping, spec: SheetSpec, *, lookup: Lookup | None = None
) -> Checked:
    """Parse and check all data rows of a sheet.

    Raises:
        MissingColumns: a required column has neither source nor constant.
        BadConstant: a constant cannot be read.
        TooManyBadCells: the survey could not name them all.
    """
    mapping.require_complete(spec)
    if sheet.error_count > len(sheet.errors) or sheet.valueless_count > len(sheet.valueless):
        raise TooManyBadCells(count=sheet.error_count + sheet.valueless_count)
    spec, mapping = with_keys(spec, mapping.keys), stand_for(mapping, spec)
    headers = {header.column: header.full for header in layout.headers}
    checked = Checked(
        spec=spec,
        sheet=sheet.name,
        frame=pd.DataFrame(index=range(len(layout.data))),
        rows=layout.data,
        headers={name: (column_letters(at), headers.get(at, "")) for name, at in mapping.sources.items()},
    )
    columns = {column.name: column for column in spec.all_columns if column.name in mapping.sources}
    raw = {name: read_cells(sheet, layout, mapping, name) for name in columns}
    parsed = {name: column.kind.parse(raw[name], unit=mapping.units.get(name)) for name, column in columns.items()}
    _add_bad_cells(sheet, mapping, checked, parsed)
    for name, column in columns.items():
        _check_length(spec, column, parsed[name])
        if isinstance(column.kind, Reference) and lookup is not None:
            resolve(column, column.kind, parsed[name], lookup)
        if not column.writable and isinstance(column.kind, Choice):
            parsed[name].problems.clear()
        _count_unknown(checked, name, raw.pop(name), parsed[name])
    values: dict[str, list[Any]] = {name: found.values for name, found in parsed.items()}
    for name, words in mapping.constants.items():
        if name not in values:
            values[name] = [read_constant(spec.column(name), words, lookup)] * len(layout.data)
    checked.frame = pd.DataFrame({name: pd.Series(found, dtype=object) for name, found in values.items()})
    checked.problems = {name: found.problems for name, found in parsed.items() if found.problems}
    _check_together(checked)
    if spec.check is not None:
        for place, name, problem in spec.check(values):
            checked.add(name, place, problem)
    read = {name: (column.kind, parsed[name]) for name, column in columns.items()}
    doubts = differing_totals(sheet, layout, mapping, read, checked.group)
    checked.warnings = [checked.cell(*doubt) for doubt in doubts]
    return checked


# --- one column


def read_cells(sheet: Sheet, layout: Layout, mapping: ColumnMapping, name: str) -> list[Cell]:
    """The raw cells of a spec column: taken, put together or apart, exchanged for the person's answers."""
    recipe = mapping.recipes.get(name)
    if recipe is None:
        cells = cells_of(sheet, layout, mapping.sources[name])
    else:
        cells = made_of(recipe, [cells_of(sheet, layout, column) for column in recipe.columns])
    answers = mapping.values.get(name)
    return exchange(cells, answers) if answers else cells


def read_constant(column: Column, words: str, lookup: Lookup | None) -> Any:
    """The value that a constant's words mean. Raises BadConstant."""
    parsed = column.kind.parse([words])
    if isinstance(column.kind, Reference) and lookup is not None:
        resolve(column, column.kind, parsed, lookup)
    if parsed.problems:
        raise BadConstant(column, parsed.problems[0])
    return parsed.values[0]


def _count_unknown(checked: Checked, name: str, raw: list[Cell], parsed: Parsed) -> None:
    """Count the words that a person can be asked about."""
    places = [place for place, problem in parsed.problems.items() if problem.code in ASKED]
    if places:
        checked.unknown[name] = Counter(as_text(raw[place]).strip() for place in places)


def _add_bad_cells(sheet: Sheet, mapping: ColumnMapping, checked: Checked, parsed: dict[str, Parsed]) -> None:
    """Errors and formulas without value look blank: name them before blanks are judged."""
    if not sheet.errors and not sheet.valueless:
        return
    place_of = {int(row): place for place, row in enumerate(checked.rows)}
    names_of: dict[int, list[str]] = {}
    for name, at in mapping.sources.items():
        recipe = mapping.recipes.get(name)
        for column in recipe.columns if recipe else (at,):
            names_of.setdefault(column, []).append(name)
    bad: list[tuple[tuple[int, int], Problem]] = [(at, NO_VALUE) for at in sheet.valueless]
    bad += [
        (at, Problem("error_cell", _l("This cell holds the error %(error)s.", error=text)))
        for at, text in sheet.errors.items()
    ]
    for (row, column), problem in bad:
        for name in names_of.get(column, ()) if row in place_of else ():
            parsed[name].problems[place_of[row]] = problem


def _check_length(spec: SheetSpec, column: Column, parsed: Parsed) -> None:
    most = column.most or stored_length(spec, column)
    if most is None or _longest(parsed.values) <= most:
        return
    for place, value in enumerate(parsed.values):
        if value.__class__ is str and len(value) > most:
            problem = Problem("too_long", _l("This text is longer than %(most)d characters.", most=most))
            parsed.problems.setdefault(place, problem)


def _longest(values: list[Any]) -> int:
    if set(map(type, values)) <= {str, type(None)}:
        return max(map(len, filter(None, values)), default=0)
    return max((len(value) for value in values if value.__class__ is str), default=0)


def stored_length(spec: SheetSpec, column: Column) -> int | None:
    """How many characters the column's place in the database holds; None without a limit."""
    model = spec.lines.model if spec.lines and column in spec.lines.columns else spec.model
    found = inspect(model).columns.get(column.path) if "." not in column.path else None
    length = getattr(found.type, "length", None) if found is not None else None
    return length if isinstance(length, int) and not isinstance(column.kind, Reference) else None


def resolve(column: Column, kind: Reference, parsed: Parsed, lookup: Lookup) -> None:
    """Put ids in place of the texts of a reference column, and name those that mean no record."""
    texts = {value for value in parsed.values if value is not None}
    found = lookup(column, kind, texts) if texts else {}
    values: list[Any] = []
    for place, value in enumerate(parsed.values):
        answer = found.get(value, UNKNOWN) if value is not None else None
        if isinstance(answer, Problem):
            parsed.problems.setdefault(place, answer)
            answer = None
        values.append(answer)
    parsed.values = values


# --- rows together


def _check_together(checked: Checked) -> None:
    if checked.spec.lines is not None:
        _check_documents(checked)
        return
    _check_required(checked, checked.spec.columns, range(len(checked.frame)))
    _check_doubles(checked)


def _check_required(checked: Checked, columns: Iterable[Column], places: Iterable[int]) -> None:
    wanted = np.fromiter(places, dtype=np.int64)
    for column in columns:
        if not column.required or column.name not in checked.frame or column.default is not None:
            continue
        blank = checked.frame[column.name].isna().to_numpy()
        for place in wanted[blank[wanted]].tolist():
            checked.add(column.name, place, REQUIRED)


def _check_doubles(checked: Checked) -> None:
    """The same key twice in one file: every later row names the first.

    Only the best key that a row has tells it from others: two customers with codes of their own
    may well share a national ID.
    """
    told = np.zeros(len(checked.frame), dtype=bool)
    for key in checked.spec.keys:
        if any(name not in checked.frame for name in key):
            continue
        frame = checked.frame[list(key)]
        known = frame.notna().all(axis=1).to_numpy()
        doubled = frame.duplicated(keep="first").to_numpy() & known & ~told
        told |= known
        if not doubled.any():
            continue
        firsts = {
            values: place for place, values in reversed(list(enumerate(frame.itertuples(index=False, name=None))))
        }
        for place in np.flatnonzero(doubled).tolist():
            first = int(checked.rows[firsts[tuple(frame.iloc[place])]]) + 1
            checked.add(key[0], place, Problem(
                "duplicate_in_file", _l("The same value stands in row %(row)d already.", row=first)
            ))  # fmt: skip


def _check_documents(checked: Checked) -> None:
    """Give every row its document; header cells may be repeated or left blank, but not disagree."""
    spec = checked.spec
    assert spec.lines is not None
    frame = checked.frame
    key = [name for names in spec.keys for name in names if name in frame]
    if not key:
        raise MissingColumns([spec.column(name).label for name in spec.keys[0]])
    known = frame[key].notna().any(axis=1)
    if len(frame) and not known.iloc[0]:
        checked.add(key[0], 0, REQUIRED)
    filled = frame[key].where(known).ffill() if len(frame) else frame[key]
    keys = pd.MultiIndex.from_frame(filled) if len(key) > 1 else filled[key[0]]
    group = checked.group = pd.factorize(keys, use_na_sentinel=False)[0].astype(np.int64)
    firsts = np.unique(group, return_index=True)[1].astype(np.int64)
    for column in spec.columns:
        if column.name in frame:
            _spread(checked, column, group, firsts)
    _check_required(checked, spec.columns, firsts.tolist())
    _check_required(checked, spec.lines.columns, range(len(frame)))


def _spread(checked: Checked, column: Column, group: NDArray[np.int64], firsts: NDArray[np.int64]) -> None:
    """Write the first value of each document over its rows; name the rows that say another."""
    series = checked.frame[column.name]
    head = series.groupby(group).transform("first")
    differs = (series.notna() & (series != head)).to_numpy()
    if differs.any():
        first_of = dict(zip(group[firsts].tolist(), firsts.tolist(), strict=True))
        for place in np.flatnonzero(differs).tolist():
            row = int(checked.rows[first_of[int(group[place])]]) + 1
            message = _l("This differs from row %(row)d of the same document.", row=row)
            checked.add(column.name, place, Problem("header_disagrees", message))
    checked.frame[column.name] = head.astype(object).where(head.notna(), None)
