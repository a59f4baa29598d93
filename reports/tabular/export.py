"""Exporting a list: the rows that the actor sees under its filters, written to a file and logged."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import require_current
from app.core.audit import record_bulk
from app.core.calendar import format_date
from app.core.db import db, writing
from app.core.errors import DomainError, NotFound
from app.core.fab import ModelView
from app.core.filters import unknown_arguments
from app.core.formats import lang
from app.core.links import fab
from app.core.listing import ListQuery
from reports.tabular.plan import TablePlan, plan_of
from reports.tabular.workbook import Head, WorkbookWriter

ACTION = "export"
PAGING = frozenset({"after", "before", "page", "size"})
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Progress = Callable[[int], Any]
Values = Mapping[str, list[str]]


class UnreadableFilter(DomainError):
    """A filter is not known or its value cannot be read: a file with more rows would be the answer."""

    code = "unreadable_filter"
    default_message = _l("A filter of this list cannot be read, so nothing was exported. Check it on the list.")


@dataclass(frozen=True, slots=True)
class ListExport:
    """A list with its filters, ready to be written by the actor of now."""

    subject: str
    plan: TablePlan
    query: ListQuery
    values: Values

    def count(self, limit: int | None = None) -> int:
        """How many records there are, counted up to a limit."""
        ids = self.query.statement(self.query.id_column).order_by(None)
        inner = (ids if limit is None else ids.limit(limit)).subquery()
        return self.query.session.scalar(select(func.count()).select_from(inner)) or 0

    def write(self, file: IO[bytes], *, as_csv: bool = False, progress: Progress | None = None) -> int:
        """Write the file; answers how many rows it has. The labels are in the language of now."""
        write = _write_csv if as_csv else _write_workbook
        return write(file, self.plan, self.plan.batches(self.query), progress or (lambda _done: None))

    def file_name(self, ending: str = "xlsx") -> str:
        """A name for the file: the table and today's date."""
        return f"{self.plan.name}-{format_date(clock.today(), 'en').replace('/', '-')}.{ending}"

    def log(self, rows: int) -> None:
        """Write to the history that the actor took these rows out; the caller commits."""
        filters = urlencode([(name, value) for name, values in self.values.items() for value in values])
        changes: dict[str, Any] = {"rows": [None, rows]}
        if filters:
            changes["filters"] = [None, filters]
        record_bulk(db.session, self.plan.spec.model, [(0, changes)], action="exported")


def open_export(subject: str, values: Values, table: str = "") -> ListExport:
    """The list of a subject with the filters of an address; `table` chooses among several.

    Raises NotFound for no such list, NotAllowed without the right, UnreadableFilter.
    """
    require_current().require(ACTION, subject)
    view = view_of(subject, table)
    values = {name: list(given) for name, given in values.items() if name not in PAGING}
    query = view.query(values)
    unread = [bound.filter.name for bound in query.filters.values() if bound.message]
    unread += unknown_arguments(view.spec.filters, values)
    if unread:
        raise UnreadableFilter(names=unread)
    return ListExport(subject, plan_of(view.spec, view.list_title), query, values)


def lists() -> Iterator[ModelView]:
    """Every list of records, in the order of the menu."""
    return (view for view in fab().baseviews if isinstance(view, ModelView))


def view_of(subject: str, table: str = "") -> ModelView:
    """The list of a subject: of a table, else its first. Raises NotFound."""
    for view in lists():
        if view.class_permission_name == subject and table in ("", view.model.__tablename__):
            return view
    raise NotFound(subject_name=subject, table=table)


def export_now(export: ListExport, file: IO[bytes], *, as_csv: bool = False) -> int:
    """Write and log an export at once, in a reading and a short writing transaction; commits."""
    with writing(intent=False):
        rows = export.write(file, as_csv=as_csv)
        db.session.rollback()
    with writing():
        export.log(rows)
        db.session.commit()
    return rows


def _write_workbook(file: IO[bytes], plan: TablePlan, batches: Iterator[Any], progress: Progress) -> int:
    heads = []
    for one in plan.fields:
        label = str(one.label)
        heads.append(Head(label, max(one.width, len(label) * 1.15 + 2), one.is_amount))
    with WorkbookWriter(file, str(plan.label), heads, is_rtl=lang() == "fa") as workbook:
        for columns in batches:
            workbook.write(columns)
            progress(workbook.row_count)
    return workbook.row_count


def _write_csv(file: IO[bytes], plan: TablePlan, batches: Iterator[Any], progress: Progress) -> int:
    """Comma-separated UTF-8 with a mark, by which spreadsheets know it. No text begins a formula."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    out = csv.writer(text)
    out.writerow([_harmless(str(one.label)) for one in plan.fields])
    count = 0
    for columns in batches:
        out.writerows(zip(*([_harmless(value) for value in column] for column in columns), strict=True))
        count += len(columns[0])
        progress(count)
    text.detach()
    return count


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
