"""The export button of every list: what the file shall hold, then the file at once, or a job for a long list."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import Any

from flask import Response, redirect, render_template, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import jobs, levels
from app.core.actor import require_current
from app.core.db import db, writing
from app.core.listing import Count, spec_for
from app.core.ports import ListAction
from app.core.sheets import SheetSpec, sheet_for, sheet_named
from app.org.exports.services import last_options
from reports.tabular.export import ACTION, ListExport, export_now, open_export, view_of
from reports.tabular.jobs import export_list, finished_file
from reports.tabular.options import ARGUMENTS, DateForm, FileFormat, Options, Span
from reports.tabular.plan import related_tables
from reports.tabular.template import template_of

DIRECT_ROWS = 2_000
"""Lists of more records are written by a worker."""


def offer_export(model: type[Any]) -> ListAction | None:
    """The export button of a list."""
    if spec_for(model) is None:
        return None
    url = partial(_url, table=model.__tablename__)
    return ListAction("export", _l("Export to Excel"), "file-earmark-excel", ACTION, url, dialog=True)


def offer_template(model: type[Any]) -> ListAction | None:
    """The empty form of a model's sheet, for those who may bring rows in."""
    spec = sheet_for(model)
    if spec is None:
        return None

    def url(**_subject: str) -> str:
        return url_for("ExportView.template", spec_name=spec.name)

    return ListAction("template", _l("Empty form to fill in"), "file-earmark-excel", "import", url)


def _url(*, subject: str, table: str) -> str:
    return url_for("ExportView.choose", subject=subject, table=_table(subject, table))


def _table(subject: str, table: str) -> str | None:
    """A table for the address; None for the first list of its subject, which goes without saying."""
    return table if table and view_of(subject).model.__tablename__ != table else None


class ExportView(BaseView):
    """`/export/<subject>?…` takes the list's own query; the right is `export` on that subject."""

    route_base = "/export"
    template_folder = str(Path(__file__).parent / "templates")
    class_permission_name = "reports.tabular"
    base_permissions: list[str] = []

    @expose("/<subject>", methods=("GET",))
    @expose("/<subject>/<table>", methods=("GET",))
    def table(self, subject: str, table: str = "") -> Any:
        """The file of a list as it is filtered; beyond 2,000 records the page of a job."""
        values = request.args.to_dict(flat=False)
        export = open_export(subject, values, table)
        if export.count(DIRECT_ROWS + 1) > DIRECT_ROWS:
            return _queue(subject, table, values)
        file = io.BytesIO()
        export_now(export, file)
        file.seek(0)
        return _private(file, export.options.format, export.file_name())

    @expose("/choose/<subject>", methods=("GET",))
    @expose("/choose/<subject>/<table>", methods=("GET",))
    def choose(self, subject: str, table: str = "") -> str:
        """What the file shall hold; as the person chose the last time."""
        values = request.args.to_dict(flat=False)
        export = open_export(subject, values, table, options=Options.remembered(last_options()))
        model = export.main.spec.model
        part = request.headers.get("X-Part") == "dialog"
        return render_template(
            "tabular/choose_part.html" if part else "tabular/choose.html",
            title=_("Export: %(what)s", what=str(view_of(subject, table).list_title)),
            action=url_for("ExportView.table", subject=subject, table=_table(subject, table)),
            back=_back(export),
            hidden=[(name, one) for name, many in _kept(values).items() for one in many],
            options=export.options,
            choices=(FileFormat, Span, DateForm),
            sheet=sheet_for(model),
            related=_related(sheet_for(model)),
            count=_counted(export),
            is_narrowed=any(bound.is_active for bound in export.query.filters.values()) or bool(export.query.text),
            direct_rows=DIRECT_ROWS,
        )

    @expose("/template/<spec_name>", methods=("GET",))
    def template(self, spec_name: str) -> Response:
        """An empty workbook to fill in, with drop-downs of what the person may choose."""
        spec = sheet_named(spec_name)
        require_current().require("import", spec.subject)
        content = io.BytesIO(template_of(spec))
        return _private(content, FileFormat.XLSX, f"{spec.name}-form.xlsx")

    @expose("/files/<int:job_id>", methods=("GET",))
    def file(self, job_id: int) -> Response:
        """The finished file of one's own export; 404 for anybody else's."""
        path, result = finished_file(job_id)
        name = str(result.get("file_name") or path.name)
        return _private(path, FileFormat(path.suffix.removeprefix(".")), name)


def _counted(export: ListExport) -> Count:
    with levels.purpose(levels.EXPORT):
        return export.query.count()


def _kept(values: dict[str, list[str]]) -> dict[str, list[str]]:
    """The arguments that go on to the file: the list's own, and the columns that are seen."""
    return {name: many for name, many in values.items() if name not in ARGUMENTS - {"names"}}


def _related(sheet: SheetSpec | None) -> list[str]:
    """What further sheets a workbook can have, in words."""
    if sheet is None:
        return []
    lines = [_("Lines")] if sheet.lines is not None else []
    return lines + [str(one.label) for one in related_tables(sheet)]


def _back(export: ListExport) -> str:
    """The list that the person came from, as it was."""
    view = view_of(export.subject, export.main.spec.model.__tablename__)
    return url_for(f"{view.endpoint}.list", **_kept(request.args.to_dict(flat=False)))  # type: ignore[arg-type]


def _queue(subject: str, table: str, values: dict[str, list[str]]) -> Any:
    db.session.rollback()
    with writing():
        record = jobs.enqueue(export_list, subject=subject, values=values, table=table)
        job_id = record.id
        db.session.commit()
    return redirect(url_for("JobView.page", job_id=job_id))


def _private(content: Any, file_format: FileFormat, name: str) -> Response:
    response = send_file(content, file_format.mimetype, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store, private"
    return response
