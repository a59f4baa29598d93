"""The export button of every list: a file at once, or a job for a long list."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

from flask import Response, redirect, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import lazy_gettext as _l

from app.core import jobs
from app.core.db import db, writing
from app.core.listing import spec_for
from app.core.ports import ListAction
from reports.tabular.export import ACTION, XLSX, export_now, open_export, view_of
from reports.tabular.jobs import export_list, finished_file

DIRECT_ROWS = 2_000
"""Lists of more records are written by a worker."""


def offer_export(model: type[Any]) -> ListAction | None:
    """The export button of a list."""
    if spec_for(model) is None:
        return None
    url = partial(_url, table=model.__tablename__)
    return ListAction(name="export", label=_l("Export to Excel"), icon="file-earmark-excel", action=ACTION, url=url)


def _url(*, subject: str, table: str) -> str:
    is_first = view_of(subject).model.__tablename__ == table
    return url_for("ExportView.table", subject=subject, table=None if is_first else table)


class ExportView(BaseView):
    """`/export/<subject>?…` takes the list's own query; the right is `export` on that subject."""

    route_base = "/export"
    class_permission_name = "reports.tabular"
    base_permissions: list[str] = []

    @expose("/<subject>", methods=("GET",))
    @expose("/<subject>/<table>", methods=("GET",))
    def table(self, subject: str, table: str = "") -> Any:
        """The workbook of a list as it is filtered; beyond 2,000 records the page of a job."""
        values = request.args.to_dict(flat=False)
        export = open_export(subject, values, table)
        if export.count(DIRECT_ROWS + 1) > DIRECT_ROWS:
            return _queue(subject, table, values)
        file = io.BytesIO()
        export_now(export, file)
        file.seek(0)
        return _private(send_file(file, XLSX, as_attachment=True, download_name=export.file_name()))

    @expose("/files/<int:job_id>", methods=("GET",))
    def file(self, job_id: int) -> Response:
        """The finished file of one's own export; 404 for anybody else's."""
        path, result = finished_file(job_id)
        name = str(result.get("file_name") or path.name)
        return _private(send_file(path, XLSX, as_attachment=True, download_name=name))


def _queue(subject: str, table: str, values: dict[str, list[str]]) -> Any:
    db.session.rollback()
    with writing():
        record = jobs.enqueue(export_list, subject=subject, values=values, table=table)
        job_id = record.id
        db.session.commit()
    return redirect(url_for("JobView.page", job_id=job_id))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store, private"
    return response
