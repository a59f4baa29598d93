"""A workbook brought in: read, mapped, checked, planned and written in one transaction."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import audit
from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError
from app.core.sheets import SheetSpec
from imports.choice import Choice
from imports.documents import apply_documents, plan_documents
from imports.layout import Layout, find_layout
from imports.mapping import ColumnMapping, UnknownHeader, map_chosen
from imports.missing import Answers, make_missing
from imports.models import ImportBatch, Stage
from imports.overlay import Corrections, overlay
from imports.pipeline import CellError, Checked, check_rows
from imports.plans import Mode, Plan, Verdict
from imports.reader.read import Sheet, file_sha256, read_workbook
from imports.records import apply_records, plan_records
from imports.rows import RowWriter

KEPT_ERRORS = 2_000
KEPT_UNKNOWN = 1_000
Progress = Callable[[int, int, Any], None]


class NoRows(DomainError):
    """The sheet has no table that fits."""

    code = "no_rows"
    default_message = _l("No rows under a header that fits were found in this workbook.")


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
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)
    stored: bool = False
    batch_id: int | None = None
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
            "unknown": self.unknown,
            "stored": self.stored,
            "seconds": round(self.seconds, 3),
            "peak_mb": round(self.peak_mb, 1),
        }


def open_table(path: Path, order: Order, *, name: str | None = None) -> tuple[Sheet, Layout, ColumnMapping, float]:
    """The sheet of a file that fits, its table and its mapping, and the reader's peak in MB.

    Raises WorkbookRefused, NoRows, UnknownHeader.
    """
    choice = order.choice
    workbook = read_workbook(path, name=name, sheets=None if choice.sheet is None else [choice.sheet])
    words = {word for column in order.spec.all_columns for word in column.words()}
    found: list[tuple[int, int, Sheet, Layout, ColumnMapping]] = []
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
        if len(layout.data):
            found.append((len(mapping.sources), -len(found), sheet, layout, mapping))
    if not found:
        raise lacking or NoRows
    _score, _place, sheet, layout, mapping = max(found, key=lambda one: one[:2])
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
    plan = plan_records if order.spec.lines is None else plan_documents
    return plan(checked, order.mode, department_id=order.department_id)


def run_import(
    path: Path, order: Order, *, name: str | None = None, dry_run: bool = False, batch: ImportBatch | None = None,
    progress: Progress | None = None, rows: RowWriter | None = None,
) -> Report:  # fmt: skip
    """Check a file and, unless `dry_run`, write it into the running transaction; never commits.

    With errors nothing is written unless the order wants the good rows. A refused file is a
    report with verdict `reject`. `rows` keeps every row as it was seen. Raises NotAllowed without
    the right to import.
    """
    require_current().require("import", order.spec.subject)
    say = progress or (lambda _done, _total, _message: None)
    started, report = time.perf_counter(), Report()
    try:
        say(0, 4, _("Reading the workbook"))
        sheet, layout, mapping, child_mb = open_table(path, order, name=name)
        report.peak_mb = child_mb
        originals = overlay(sheet, order.corrections)
        if rows is not None:
            rows.take_rows(sheet, layout, mapping, originals)
        say(1, 4, _("Checking the rows"))
        checked = check_sheet(sheet, layout, mapping, order)
        has_warnings = bool(layout.hidden_count or sheet.state != "visible")
        report.left_out = layout.left_out()
        del sheet, layout
        say(2, 4, _("Comparing with what is stored"))
        plan = plan_import(checked, order)
        _count(report, plan)
        if rows is not None:
            rows.take_plan(plan)
        if has_warnings and report.verdict == "accept":
            report.verdict = "accept_with_warnings"
        if not dry_run and (not report.errors or order.good_rows):
            say(3, 4, _("Writing"))
            _write(plan, order, report, path, name or path.name, batch)
    except DomainError as refused:
        if refused.status in (403, 404):
            raise
        report.verdict, report.reason, report.message = "reject", refused.code, str(refused)
    report.seconds = time.perf_counter() - started
    report.peak_mb = max(report.peak_mb, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return report


def _count(report: Report, plan: Plan) -> None:
    report.rows = len(plan.checked.frame)
    report.counts = {one: plan.count(one) for one in Verdict}
    report.documents = len(plan.verdicts) if plan.checked.spec.lines is not None else None
    report.errors = plan.checked.errors()
    report.unknown = {name: dict(counts.most_common(KEPT_UNKNOWN)) for name, counts in plan.checked.unknown.items()}
    report.verdict = "accept_with_row_errors" if report.errors else "accept"


def _write(plan: Plan, order: Order, report: Report, path: Path, name: str, batch: ImportBatch | None) -> None:
    order_spec = plan.checked.spec
    if batch is None:
        batch = ImportBatch(spec=order_spec.name, file_name=name[:255], sha256=file_sha256(path), mode=plan.mode)
        batch.actor_id = require_current().user_id
        db.session.add(batch)
    batch.stage = Stage.DONE
    batch.counts = report.numbers()
    batch.errors = [error.as_json() for error in report.errors[:KEPT_ERRORS]]
    db.session.flush()
    report.batch_id = batch.id
    with audit.via(audit.Via.IMPORT, ref=f"import:{batch.id}"):
        if make_missing(plan.checked):
            plan = plan_import(plan.checked, order)
        (apply_records if order_spec.lines is None else apply_documents)(plan)
    report.stored = True
