"""Exporting a list: the rows that the actor sees under its filters, written to a file and logged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core import clock, levels
from app.core.actor import require_current
from app.core.audit import record_bulk
from app.core.calendar import format_date
from app.core.db import db, writing
from app.core.errors import DomainError, NotFound
from app.core.fab import ModelView
from app.core.filters import unknown_arguments
from app.core.links import fab
from app.core.listing import ListQuery
from app.org.exports.services import note_export
from reports.tabular.files import Progress, write_csv, write_workbook
from reports.tabular.options import ARGUMENTS, FileFormat, Options
from reports.tabular.plan import TablePlan, tables_of

ACTION = "export"
PAGING = frozenset({"after", "before", "page", "size"})
Values = Mapping[str, list[str]]


class UnreadableFilter(DomainError):
    """A filter is not known or its value cannot be read: a file with more rows would be the answer."""

    code = "unreadable_filter"
    default_message = _l("A filter of this list cannot be read, so nothing was exported. Check it on the list.")


@dataclass(frozen=True, slots=True)
class ListExport:
    """A list with its filters, ready to be written by the actor of now; `tables` is never empty.

    Documents that edit levels keep from being exported are left out, as those that are not seen.
    """

    subject: str
    tables: list[TablePlan]
    query: ListQuery
    values: Values
    options: Options

    @property
    def main(self) -> TablePlan:
        """The table of the list itself."""
        return self.tables[0]

    def count(self, limit: int | None = None) -> int:
        """How many records there are, counted up to a limit."""
        ids = self.query.statement(self.query.id_column).order_by(None)
        inner = (ids if limit is None else ids.limit(limit)).subquery()
        with levels.purpose(levels.EXPORT):
            return self.query.session.scalar(select(func.count()).select_from(inner)) or 0

    def write(self, file: IO[bytes], *, progress: Progress | None = None) -> int:
        """Write the file; answers how many rows it has. The labels are in the language of now."""
        write = write_csv if self.options.format is FileFormat.CSV else write_workbook
        with levels.purpose(levels.EXPORT):
            return write(file, self.tables, self.query, progress or (lambda _done: None))

    def file_name(self) -> str:
        """A name for the file: the table and today's date."""
        return f"{self.main.name}-{format_date(clock.today(), 'en').replace('/', '-')}.{self.options.format}"

    def log(self, rows: int) -> None:
        """Write down that the actor took these rows out, for the history and the administrator; the caller commits."""
        filters = urlencode([(name, value) for name, values in self.values.items() for value in values])
        changes: dict[str, Any] = {"rows": [None, rows]}
        if filters:
            changes["filters"] = [None, filters]
        record_bulk(db.session, self.main.spec.model, [(0, changes)], action="exported")
        note_export(
            subject=self.subject, sheet=self.main.name, filters=self.values, options=self.options.as_json(), rows=rows
        )


def open_export(subject: str, values: Values, table: str = "", *, options: Options | None = None) -> ListExport:
    """The list of a subject with the filters of an address; `table` chooses among several.

    The options of the file are among the arguments too, unless given. Raises NotFound for no such
    list, NotAllowed without the right, UnreadableFilter, UnknownOption.
    """
    require_current().require(ACTION, subject)
    view = view_of(subject, table)
    options = options or Options.read(values)
    values = {name: list(given) for name, given in values.items() if name not in PAGING | ARGUMENTS}
    query = view.query(values)
    unread = [bound.filter.name for bound in query.filters.values() if bound.message]
    unread += unknown_arguments(query.spec.filters, values)
    if unread:
        raise UnreadableFilter(names=unread)
    return ListExport(subject, tables_of(query.spec, view.list_title, options), query, values, options)


def lists() -> Iterator[ModelView]:
    """Every list of records, in the order of the menu."""
    return (view for view in fab().baseviews if isinstance(view, ModelView))


def view_of(subject: str, table: str = "") -> ModelView:
    """The list of a subject: of a table, else its first. Raises NotFound."""
    for view in lists():
        if view.class_permission_name == subject and table in ("", view.model.__tablename__):
            return view
    raise NotFound(subject_name=subject, table=table)


def export_now(export: ListExport, file: IO[bytes]) -> int:
    """Write and log an export at once, in a reading and a short writing transaction; commits."""
    with writing(intent=False):
        rows = export.write(file)
        db.session.rollback()
    with writing():
        export.log(rows)
        db.session.commit()
    return rows
