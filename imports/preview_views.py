"""The preview of a batch: counts, the grid in which bad cells are put right, the workbook back, the import."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from flask import Response, jsonify, redirect, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext

from app.core import jobs
from app.core.db import db
from app.core.sheets import sheet_named
from imports import preview
from imports.batches import apply_batch, check_batch, own_batch
from imports.models import ImportBatch, Stage
from imports.past import clearable_columns
from imports.plans import Mode
from imports.preview_page import page_data
from imports.returning import ask_for_workbook, is_large, ready_workbook
from imports.wizard import wizard_page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSM = "application/vnd.ms-excel.sheet.macroEnabled.12"


class PreviewView(BaseView):
    """`/import/batch/<id>/…`: pages and JSON of a batch that is checked; only its owner gets an answer."""

    route_base = "/import/batch/<int:batch_id>"
    template_folder = str(Path(__file__).parent / "templates")
    class_permission_name = "imports"
    base_permissions: list[str] = []

    @expose("/preview", methods=("GET",))
    def preview(self, batch_id: int) -> Any:
        """What would be written, and every cell to repair."""
        batch = own_batch(batch_id)
        if batch.stage is Stage.UPLOADED:
            return redirect(url_for("ImportView.mapping", batch_id=batch.id))
        spec = sheet_named(batch.spec)
        return wizard_page(
            "preview", spec, "imports/preview.html", batch=batch, modes=list(Mode), is_large=is_large(batch),
            grid=page_data(batch) if batch.stage is Stage.CHECKED else None,
        )  # fmt: skip

    @expose("/rows", methods=("GET",))
    def rows(self, batch_id: int) -> Response:
        """A window of the rows, with counts (see preview.window)."""
        return _fresh(preview.window(own_batch(batch_id), request.args))

    @expose("/correct", methods=("POST",))
    def correct(self, batch_id: int) -> Response:
        """Correct cells; answers the rows that were checked again."""
        return _fresh(preview.correct(batch_id, request.get_json(silent=True)))

    @expose("/replace", methods=("POST",))
    def replace(self, batch_id: int) -> Response:
        """Find and replace, or say what it would do."""
        return _fresh(preview.replace(batch_id, request.get_json(silent=True)))

    @expose("/undo", methods=("POST",))
    def undo(self, batch_id: int) -> Response:
        """Take the last correction back."""
        return _fresh(preview.undo(batch_id))

    @expose("/stop", methods=("POST",))
    def stop(self, batch_id: int) -> Any:
        """Stop the job at work on the batch; what it did not finish never was."""
        batch = own_batch(batch_id)
        if batch.job_id is not None:
            jobs.cancel(batch.job_id)
            db.session.commit()
        return redirect(url_for("ImportView.wait", batch_id=batch.id))

    @expose("/apply", methods=("POST",))
    def apply(self, batch_id: int) -> Any:
        """Check again with another mode, or write the batch in a job."""
        batch = own_batch(batch_id)
        if batch.stage.is_over:
            return redirect(url_for("PreviewView.report", batch_id=batch.id))
        mode = request.form.get("mode", batch.mode.value)
        batch.mode = Mode(mode) if mode in set(Mode) else batch.mode
        batch.good_rows = bool(request.form.get("good_rows"))
        offered = {column.name for column in clearable_columns(batch)}
        batch.mapping = {**batch.mapping, "clear": [name for name in request.form.getlist("clear") if name in offered]}
        work = check_batch if request.form.get("again") or batch.stage is not Stage.CHECKED else apply_batch
        batch.job_id = jobs.enqueue(work, batch_id=batch.id).id
        db.session.commit()
        return redirect(url_for("ImportView.wait", batch_id=batch.id))

    @expose("/report", methods=("GET",))
    def report(self, batch_id: int) -> Any:
        """What was written."""
        batch = own_batch(batch_id)
        if not batch.stage.is_over:
            return redirect(url_for("PreviewView.preview", batch_id=batch.id))
        return wizard_page("report", sheet_named(batch.spec), "imports/report.html", batch=batch)

    @expose("/errors.xlsx", methods=("GET",))
    def errors(self, batch_id: int) -> Any:
        """The person's own workbook with the bad cells marked; a large one is made by a job first."""
        batch = own_batch(batch_id)
        content = ready_workbook(batch)
        if content is not None:
            return workbook_response(batch, content)
        return redirect(url_for("PreviewView.preview", batch_id=batch.id))

    @expose("/mark", methods=("POST",))
    def mark(self, batch_id: int) -> Any:
        """Have a large workbook marked by a job, then back to the preview, which hands it out."""
        batch = own_batch(batch_id)
        ask_for_workbook(batch)
        db.session.commit()
        return redirect(url_for("ImportView.wait", batch_id=batch.id))


def workbook_response(batch: ImportBatch, content: bytes) -> Response:
    """A marked workbook as a download."""
    stem, _dot, suffix = batch.file_name.rpartition(".")
    is_macro = suffix.lower() == "xlsm"
    name = f"{stem or batch.file_name}-{gettext('errors')}.{'xlsm' if is_macro else 'xlsx'}"
    response = send_file(io.BytesIO(content), XLSM if is_macro else XLSX, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _fresh(body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store, private"
    return response
