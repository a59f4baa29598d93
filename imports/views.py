"""The import wizard: upload, columns, check, preview, report."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from flask import Response, redirect, render_template, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import jobs
from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError
from app.core.ports import ListAction
from app.core.sheets import SheetSpec, sheet_for, sheet_named
from imports.batches import apply_batch, check_batch, file_of, new_batch, order_of, own_batch
from imports.layout import Layout, find_layout
from imports.mapping import ColumnMapping, map_headers
from imports.models import ImportBatch, Stage
from imports.plans import Mode
from imports.reader.read import Sheet, read_workbook
from imports.returned import marked_workbook

STEPS = (
    ("upload", _l("Choose the file")),
    ("mapping", _l("Columns")),
    ("check", _l("Check")),
    ("preview", _l("Preview")),
    ("report", _l("Result")),
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD_ROWS = 100
SHOWN_ERRORS = 200


def offer_import(model: type[Any]) -> ListAction | None:
    """The import button of a list whose model has a sheet."""
    spec = sheet_for(model)
    if spec is None:
        return None
    return ListAction(
        name="import",
        label=_l("Import from Excel"),
        icon="upload",
        action="import",
        url=lambda *, subject: url_for("ImportView.upload", spec_name=spec.name),
    )


class ImportView(BaseView):
    """`/import/<sheet>` and the pages of a batch; the right is `import` on the sheet's subject."""

    route_base = "/import"
    template_folder = str(Path(__file__).parent / "templates")
    class_permission_name = "imports"
    base_permissions: list[str] = []

    @expose("/<spec_name>", methods=("GET", "POST"))
    def upload(self, spec_name: str) -> Any:
        """Choose a file."""
        spec = sheet_named(spec_name)
        require_current().require("import", spec.subject)
        file = request.files.get("file") if request.method == "POST" else None
        problem = ""
        if file is not None and file.filename:
            batch = new_batch(spec, name=file.filename, content=file.stream)
            try:
                _open_head(batch)
            except DomainError as refused:
                file_of(batch).unlink(missing_ok=True)
                db.session.rollback()
                problem = str(refused)
            else:
                db.session.commit()
                return redirect(url_for("ImportView.mapping", batch_id=batch.id))
        elif request.method == "POST":
            problem = _("Choose a file first.")
        page = _page("upload", spec, "imports/upload.html", problem=problem)
        return (page, 422) if problem else page

    @expose("/batch/<int:batch_id>/mapping", methods=("GET", "POST"))
    def mapping(self, batch_id: int) -> Any:
        """Say which column is which; what was found by words is chosen already."""
        batch = own_batch(batch_id)
        spec = sheet_named(batch.spec)
        if batch.stage is Stage.DONE:
            return redirect(url_for("ImportView.report", batch_id=batch.id))
        sheets, sheet, layout, found = _open_head(batch)
        problem = ""
        if request.method == "POST":
            chosen = _read_mapping(spec, sheet)
            missing = chosen.missing(spec)
            batch.mapping = {
                "sheet": sheet.name,
                "header_row": layout.header_rows[0] if layout.header_rows else None,
                "sources": chosen.sources,
                "units": chosen.units,
            }
            if not missing:
                batch.job_id = jobs.enqueue(check_batch, batch_id=batch.id).id
                db.session.commit()
                return redirect(url_for("ImportView.wait", batch_id=batch.id))
            found = chosen
            names = ", ".join(str(one) for one in missing)
            problem = _("The sheet has no column for: %(columns)s.", columns=names)
        context = {"sheets": sheets, "sheet": sheet, "layout": layout, "mapping": found, "problem": problem}
        page = _page("mapping", spec, "imports/mapping.html", batch=batch, samples=_samples(sheet, layout), **context)
        return (page, 422) if problem else page

    @expose("/batch/<int:batch_id>/wait", methods=("GET",))
    def wait(self, batch_id: int) -> Any:
        """Progress of the running job, then on to what it found."""
        batch = own_batch(batch_id)
        job = jobs.job_view(batch.job_id or 0)
        if job["ended"] and job["state"] == "done":
            step = "report" if batch.stage is Stage.DONE else "preview"
            return redirect(url_for(f"ImportView.{step}", batch_id=batch.id))
        return _page("check", sheet_named(batch.spec), "imports/wait.html", batch=batch, job=job)

    @expose("/batch/<int:batch_id>/preview", methods=("GET",))
    def preview(self, batch_id: int) -> Any:
        """What would be written, and every cell to repair."""
        batch = own_batch(batch_id)
        if batch.stage is Stage.UPLOADED:
            return redirect(url_for("ImportView.mapping", batch_id=batch.id))
        return _page(
            "preview", sheet_named(batch.spec), "imports/preview.html", batch=batch, modes=list(Mode),
            errors=batch.errors[:SHOWN_ERRORS],
        )  # fmt: skip

    @expose("/batch/<int:batch_id>/apply", methods=("POST",))
    def apply(self, batch_id: int) -> Any:
        """Check again with another mode, or write the batch in a job."""
        batch = own_batch(batch_id)
        if batch.stage is Stage.DONE:
            return redirect(url_for("ImportView.report", batch_id=batch.id))
        mode = request.form.get("mode", batch.mode.value)
        batch.mode = Mode(mode) if mode in set(Mode) else batch.mode
        batch.good_rows = bool(request.form.get("good_rows"))
        work = check_batch if request.form.get("again") or batch.stage is not Stage.CHECKED else apply_batch
        batch.job_id = jobs.enqueue(work, batch_id=batch.id).id
        db.session.commit()
        return redirect(url_for("ImportView.wait", batch_id=batch.id))

    @expose("/batch/<int:batch_id>/report", methods=("GET",))
    def report(self, batch_id: int) -> Any:
        """What was written."""
        batch = own_batch(batch_id)
        if batch.stage is not Stage.DONE:
            return redirect(url_for("ImportView.preview", batch_id=batch.id))
        return _page("report", sheet_named(batch.spec), "imports/report.html", batch=batch)

    @expose("/batch/<int:batch_id>/errors.xlsx", methods=("GET",))
    def errors(self, batch_id: int) -> Response:
        """The person's own workbook with the bad cells marked."""
        batch = own_batch(batch_id)
        header_row = (batch.mapping or {}).get("header_row") or 0
        content = marked_workbook(file_of(batch), batch.errors, name=batch.file_name, header_row=header_row)
        stem = batch.file_name.rsplit(".", 1)[0]
        response = send_file(io.BytesIO(content), XLSX, as_attachment=True, download_name=f"{stem}-errors.xlsx")
        response.headers["Cache-Control"] = "no-store, private"
        return response


def _page(step: str, spec: SheetSpec, template: str, **context: Any) -> str:
    title = _("Import: %(what)s", what=str(spec.label))
    return render_template(template, title=title, steps=STEPS, step=step, spec=spec, **context)


def _open_head(batch: ImportBatch) -> tuple[list[str], Sheet, Layout, ColumnMapping]:
    """The names of the sheets, the chosen or best one, its table and mapping, from its first rows.

    Raises WorkbookRefused.
    """
    order = order_of(batch)
    wanted = request.values.get("sheet") or order.choice.sheet
    typed = request.values.get("header_row", "")
    row = int(typed) - 1 if typed.isascii() and typed.isdigit() and int(typed) > 0 else None
    workbook = read_workbook(file_of(batch), name=batch.file_name, head=HEAD_ROWS)
    words = {word for column in order.spec.all_columns for word in column.words()}
    found = []
    for sheet in workbook.sheets:
        sheet.rows = min(sheet.rows, HEAD_ROWS)
        layout = find_layout(sheet, words, header_row=row)
        mapping = map_headers(layout, order.spec)
        found.append((sheet.name == wanted, len(mapping.sources), -len(found), sheet, layout, mapping))
    _is_wanted, _score, _place, sheet, layout, mapping = max(found, key=lambda one: one[:3])
    return [one.name for one in workbook.sheets], sheet, layout, mapping


def _read_mapping(spec: SheetSpec, sheet: Sheet) -> ColumnMapping:
    chosen = ColumnMapping()
    for column in spec.all_columns:
        value = request.form.get(f"column-{column.name}", "")
        if value.isascii() and value.isdigit() and int(value) < len(sheet.columns):
            chosen.sources[column.name] = int(value)
            unit = request.form.get(f"unit-{column.name}")
            if unit in ("rial", "toman"):
                chosen.units[column.name] = unit
    return chosen


def _samples(sheet: Sheet, layout: Layout) -> dict[int, list[str]]:
    """The first filled cells of each column."""
    found = {}
    for header in layout.headers:
        column = sheet.columns[header.column]
        cells = [column[row] for row in layout.data.tolist() if row < len(column) and column[row] is not None]
        found[header.column] = [str(cell)[:40] for cell in cells[:3]]
    return found
