"""The first pages of the import wizard: upload, columns, check, unknown values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Response, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import jobs
from app.core.actor import require_current
from app.core.cells import Reference
from app.core.choices import options
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.core.ports import ListAction
from app.core.sheets import SheetSpec, sheet_for, sheet_named
from imports import wizard_mapping
from imports.again import go_on
from imports.batches import check_batch, file_of, new_batch, own_batch
from imports.choice import Choice
from imports.mapping import ColumnMapping, map_chosen
from imports.models import ImportBatch
from imports.samples import file_columns
from imports.wizard import wizard_page
from imports.wizard_mapping import Table, first_choice, kept, open_head, read_entry
from imports.wizard_values import answered, questions


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
                table = open_head(batch, sheet=None, header_row=None)
            except DomainError as refused:
                file_of(batch).unlink(missing_ok=True)
                db.session.rollback()
                problem = str(refused)
            else:
                earlier = go_on(batch, table.sheet, table.layout)
                page = "ImportView.mapping" if earlier is None else "ImportView.wait"
                batch_id = (earlier or batch).id
                db.session.commit()
                return redirect(url_for(page, batch_id=batch_id))
        elif request.method == "POST":
            problem = _("Choose a file first.")
        page = wizard_page("upload", spec, "imports/upload.html", problem=problem)
        return (page, 422) if problem else page

    @expose("/batch/<int:batch_id>/mapping", methods=("GET", "POST"))
    def mapping(self, batch_id: int) -> Any:
        """Say which column is which; what was found by words or remembered is chosen already."""
        batch = own_batch(batch_id)
        spec = sheet_named(batch.spec)
        if batch.stage.is_over:
            return redirect(url_for("PreviewView.report", batch_id=batch.id))
        afresh = request.values.get("afresh") == "1"
        table = open_head(batch, sheet=request.values.get("sheet"), header_row=_typed_row(), afresh=afresh)
        earlier, found = first_choice(batch, table)
        if request.method == "GET":
            return _mapping_page(batch, spec, table, earlier, found, afresh=afresh)
        entry = read_entry(spec, table, request.form, request.form.getlist("key"), earlier)
        found = map_chosen(table.layout, spec, entry.choice)
        missing = [str(one) for one in found.missing(spec)]
        if request.form.get("look") or request.form.get("accept"):
            return _mapping_page(batch, spec, table, entry.choice, found, problems=entry.problems, afresh=afresh)
        if not missing and not entry.problems:
            batch.mapping = kept(entry.choice, table)
            batch.job_id = jobs.enqueue(check_batch, batch_id=batch.id).id
            db.session.commit()
            return redirect(url_for("ImportView.wait", batch_id=batch.id))
        problem = _("The sheet has no column for: %(columns)s.", columns=", ".join(missing)) if missing else ""
        page = _mapping_page(
            batch, spec, table, entry.choice, found, problems=entry.problems, problem=problem, afresh=afresh
        )
        return page, 422

    @expose("/batch/<int:batch_id>/wait", methods=("GET",))
    def wait(self, batch_id: int) -> Any:
        """Progress of the running job, then on to what it found."""
        batch = own_batch(batch_id)
        job = jobs.job_view(batch.job_id or 0)
        if job["ended"] and job["state"] == "done":
            if batch.stage.is_over:
                return redirect(url_for("PreviewView.report", batch_id=batch.id))
            asks = bool(batch.unknown) and not (batch.mapping or {}).get("asked")
            page = "ImportView.values" if asks else "PreviewView.preview"
            return redirect(url_for(page, batch_id=batch.id))
        return wizard_page("check", sheet_named(batch.spec), "imports/wait.html", batch=batch, job=job)

    @expose("/batch/<int:batch_id>/values", methods=("GET", "POST"))
    def values(self, batch_id: int) -> Any:
        """Say what the values mean that no record is known for; then the rows are checked again."""
        batch = own_batch(batch_id)
        spec = sheet_named(batch.spec)
        if batch.stage.is_over or not batch.unknown:
            return redirect(url_for("PreviewView.preview", batch_id=batch.id))
        if request.method == "GET":
            return wizard_page(
                "check", spec, "imports/values.html", batch=batch, questions=questions(batch, spec)
            )  # fmt: skip
        choice = answered(batch, spec, request.form)
        batch.mapping = {**batch.mapping, **choice.as_json(), "asked": True}
        batch.job_id = jobs.enqueue(check_batch, batch_id=batch.id).id
        db.session.commit()
        return redirect(url_for("ImportView.wait", batch_id=batch.id))

    @expose("/batch/<int:batch_id>/choices/<column>", methods=("GET",))
    def choices(self, batch_id: int, column: str) -> Response:
        """The records that can be chosen for a column that names one, by what was typed."""
        spec = sheet_named(own_batch(batch_id).spec)
        kinds = {one.name: one.kind for one in spec.all_columns}
        kind = kinds.get(column)
        if not isinstance(kind, Reference):
            raise NotFound(column=column)
        typed = request.args.get("page", "")
        page = int(typed) if typed.isascii() and typed.isdigit() else 1
        return jsonify(options(kind.model, request.args.get("q", ""), page))


def _typed_row() -> int | None:
    """The header row that was typed, from 0."""
    typed = request.values.get("header_row", "")
    return int(typed) - 1 if typed.isascii() and typed.isdigit() and 0 < int(typed) < 10_000_000 else None


def _mapping_page(
    batch: ImportBatch, spec: SheetSpec, table: Table, choice: Choice, found: ColumnMapping, **more: Any
) -> str:
    return wizard_page(
        "mapping", spec, "imports/mapping.html", batch=batch, table=table, mapping=found, hidden=choice.hidden,
        columns=file_columns(table.sheet, table.layout, found, spec),
        constants=wizard_mapping.constant_fields(spec, found, choice),
        keys=wizard_mapping.key_fields(spec, found, choice),
        joined=wizard_mapping.joined_names(spec, found), hint_of=wizard_mapping.column_hint,
        answered=wizard_mapping.answer_counts(spec, choice),
        **{"problem": "", "problems": {}, **more},
    )  # fmt: skip
