"""A workbook brought in: read, mapped, checked, planned and written in one transaction."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from app.core import audit
from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError, StaleVersion
from app.core.sheets import SheetSpec
from imports.choice import Choice
from imports.joined import has_title, read_tables
from imports.layout import Layout, find_layout
from imports.mapping import ColumnMapping, UnknownHeader, map_chosen
from imports.missing import Answers, make_missing
from imports.models import ImportBatch, Stage
from imports.overlay import Corrections, overlay
from imports.past import earlier_import
from imports.pipeline import CellError, Checked, check_rows
from imports.plans import Mode, Plan, Verdict
from imports.reader.read import Sheet, file_sha256
from imports.roads import road_of
from imports.rows import RowWriter

KEPT_ERRORS = 2_000
KEPT_UNKNOWN = 1_000
Progress = Callable[[int, int, Any], None]


class NoRows(DomainError):
    """The sheet has no table that fits."""

    code = "no_rows"
    default_message = _l("No rows under a header that fits were found in this workbook.")


class ChangedMeanwhile(DomainError):
    """Somebody else wrote what this import was about to write."""

    code = "changed_meanwhile"
    default_message = _l("Somebody changed some of these records meanwhile. Nothing was stored; import the file again.")


@dataclass(frozen=True, slots=True)
class Order:
    """What shall be done: the sheet's spec, which rows are written, and where new ones belong."""

    spec: SheetSpec
    mode: Mode = Mode.BOTH
    good_rows: bool = False
    department_id: int | None = None
    choice: Choice = field(default_factory=Choice)
    corrections: Corrections = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """What came of an import, or would."""

    verdict: str = "accept"
    reason: str = ""
    message: str = ""
    rows: int = 0
    counts: dict[Verdict, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    documents: int | None = None
    errors: list[CellError] = field(default_factory=list)
    warnings: list[CellError] = field(default_factory=list)
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)
    has_warnings: bool = False
    stored: bool = False
    batch_id: int | None = None
    sha256: str = ""
    earlier: dict[str, Any] | None = None
    seconds: float = 0.0
    peak_mb: float = 0.0

    def numbers(self) -> dict[str, Any]:
        """The counts, as the JSON has them."""
        found = {one.value: self.counts.get(one, 0) for one in Verdict if one is not Verdict.ERROR}
        extra = {} if self.documents is None else {"documents": self.documents}
        return {"rows": self.rows, **extra, **found, "left_out": self.left_out}

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "message": self.message,
            **self.numbers(),
            "errors": [error.as_json() for error in self.errors],
            "warnings": [warning.as_json() for warning in self.warnings],
            "unknown": self.unknown,
            "imported_before": self.earlier,
            "stored": self.stored,
            "batch": self.batch_id,
            "seconds": round(self.seconds, 3),
            "peak_mb": round(self.peak_mb, 1),
        }


def open_table(path: Path, order: Order, *, name: str | None = None) -> tuple[Sheet, Layout, ColumnMapping, float]:
    """The sheet of a file that fits, its table and its mapping, and the reader's peak in MB.

    Raises WorkbookRefused, NoRows, UnknownHeader.
    """
    choice = order.choice
    workbook = read_tables(path, order.spec, name=name, only=choice.sheet)
    words = {word for column in order.spec.all_columns for word in column.words()}
    found: list[tuple[tuple[bool, bool, int, int], Sheet, Layout, ColumnMapping]] = []
    lacking: UnknownHeader | None = None
    for sheet in workbook.sheets:
        if choice.sheet is not None and sheet.name != choice.sheet:
            continue
        layout = find_layout(sheet, words, header_row=choice.header_row, hidden=choice.hidden)
        try:
            mapping = map_columns(layout, order)
        except UnknownHeader as unknown:
            lacking = unknown
            continue
        if len(layout.data) or mapping.sources:
            is_filled = bool(len(layout.data) and mapping.sources)
            rank = is_filled, has_title(sheet, order.spec), len(mapping.sources), -len(found)
            found.append((rank, sheet, layout, mapping))
    if not found:
        raise lacking or NoRows
    _rank, sheet, layout, mapping = max(found, key=lambda one: one[0])
    if not len(layout.data):
        raise NoRows
    return sheet, layout, mapping, workbook.peak_mb


def map_columns(layout: Layout, order: Order) -> ColumnMapping:
    """Which column is which: what words tell, and what the person chose. Raises UnknownHeader."""
    return map_chosen(layout, order.spec, order.choice)


def check_sheet(sheet: Sheet, layout: Layout, mapping: ColumnMapping, order: Order) -> Checked:
    """All data rows of a sheet, checked as the actor of now."""
    answers = Answers(order.spec, mapping)
    checked = check_rows(sheet, layout, mapping, order.spec, lookup=answers)
    checked.stand_ins = answers.stand_ins
    return checked


def plan_import(checked: Checked, order: Order) -> Plan:
    """What would be done with checked rows by the actor of now."""
    plan = road_of(order.spec).plan
    return plan(checked, order.mode, department_id=order.department_id, clear=frozenset(order.choice.clear))


def run_import(
    path: Path, order: Order, *, name: str | None = None, dry_run: bool = False, batch: ImportBatch | None = None,
    progress: Progress | None = None, rows: RowWriter | None = None,
) -> Report:  # fmt: skip
    """Check a file and, unless `dry_run`, write it into the running transaction; never commits.

    With errors nothing is written unless the order wants the good rows. A refused file is a
    report with verdict `reject`. `rows` keeps every row as it was seen. Raises NotAllowed without
    the right to import.
    """
    found = read_file(path, order, name=name, progress=progress, rows=rows)
    carry_out(found, order, dry_run=dry_run, batch=batch, progress=progress, rows=rows)
    return found.report


@dataclass(slots=True)
class FileRead:
    """A file that was read and its cells checked: what `carry_out` goes on with."""

    path: Path
    name: str
    report: Report
    checked: Checked | None = None


def read_file(
    path: Path, order: Order, *, name: str | None = None, progress: Progress | None = None,
    rows: RowWriter | None = None,
) -> FileRead:  # fmt: skip
    """The first half of `run_import`: reads only, so that on SQLite nobody waits for it."""
    require_current().require("import", order.spec.subject)
    found = FileRead(path, name or path.name, Report())
    report, say = found.report, progress or _say_nothing
    with _measured(report):
        say(0, 4, _("Reading the workbook"))
        report.sha256 = file_sha256(path) if path.is_file() else ""
        report.earlier = _earlier(order.spec, report.sha256)
        sheet, layout, mapping, report.peak_mb = open_table(path, order, name=name)
        originals = overlay(sheet, order.corrections)
        if rows is not None:
            rows.take_rows(sheet, layout, mapping, originals)
        say(1, 4, _("Checking the rows"))
        report.has_warnings = bool(layout.hidden_count or sheet.state != "visible")
        report.left_out = layout.left_out()
        found.checked = check_sheet(sheet, layout, mapping, order)
    return found


def carry_out(
    found: FileRead, order: Order, *, dry_run: bool = False, batch: ImportBatch | None = None,
    progress: Progress | None = None, rows: RowWriter | None = None,
) -> None:  # fmt: skip
    """The second half: compare with what is stored and write, in the running transaction."""
    report, say = found.report, progress or _say_nothing
    if found.checked is None:
        return
    require_current().require("import", order.spec.subject)
    with _measured(report):
        say(2, 4, _("Comparing with what is stored"))
        plan = plan_import(found.checked, order)
        _count(report, plan)
        if rows is not None:
            rows.take_plan(plan)
        if not dry_run and (not report.errors or order.good_rows):
            say(3, 4, _("Writing"))
            _write(plan, order, found, batch)


def _earlier(spec: SheetSpec, sha256: str) -> dict[str, Any] | None:
    """Who brought the same file in before, and when."""
    found = earlier_import(spec, sha256)
    if found is None or found.updated_at is None:
        return None
    return {"batch": found.id, "at": found.updated_at.isoformat(), "by": found.person}


def _say_nothing(_done: int, _total: int, _message: Any) -> None:
    pass


@contextmanager
def _measured(report: Report) -> Iterator[None]:
    """Note seconds and memory; turn a refusal into the report's verdict.

    The collector rests meanwhile: it would walk over millions of cells again and again, which took
    a quarter of the time, and they hold no cycles.
    """
    started, was_collecting = time.perf_counter(), gc.isenabled()
    gc.disable()
    try:
        yield
    except DomainError as refused:
        if refused.status in (403, 404):
            raise
        report.verdict, report.reason, report.message = "reject", refused.code, str(refused)
    finally:
        if was_collecting:
            gc.enable()
        report.seconds += time.perf_counter() - started
        report.peak_mb = max(report.peak_mb, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _count(report: Report, plan: Plan) -> None:
    report.rows = len(plan.checked.frame)
    report.counts = {one: plan.count(one) for one in Verdict}
    report.documents = len(plan.verdicts) if plan.checked.spec.lines is not None else None
    report.errors = plan.checked.errors()
    report.unknown = {name: dict(counts.most_common(KEPT_UNKNOWN)) for name, counts in plan.checked.unknown.items()}
    report.warnings = plan.checked.warnings
    well = "accept_with_warnings" if report.has_warnings or report.warnings else "accept"
    report.verdict = "accept_with_row_errors" if report.errors else well


def _write(plan: Plan, order: Order, found: FileRead, batch: ImportBatch | None) -> None:
    spec, report = plan.checked.spec, found.report
    if batch is None:
        batch = ImportBatch(spec=spec.name, file_name=found.name[-255:], sha256=report.sha256, mode=plan.mode)
        batch.mapping, batch.good_rows = order.choice.as_json(), order.good_rows
        batch.actor_id = require_current().user_id
        db.session.add(batch)
    batch.stage = Stage.DONE
    batch.counts = report.numbers()
    batch.errors = [error.as_json() for error in report.errors[:KEPT_ERRORS]]
    db.session.flush()
    report.batch_id = batch.id
    try:
        with audit.via(audit.Via.IMPORT, ref=f"import:{batch.id}"):
            if make_missing(plan.checked):
                plan = plan_import(plan.checked, order)
            road_of(spec).write(plan, batch.id)
    except (StaleVersion, IntegrityError) as clash:
        raise ChangedMeanwhile from clash
    report.stored = True
