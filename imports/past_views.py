"""The pages of imports that were carried out: the list, one batch, its undo."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.core import jobs
from app.core.actor import require_current
from app.core.db import db
from app.core.formats import num
from app.core.row_numbers import row_number
from app.core.sheets import sheet_named
from imports.batches import undo_import
from imports.models import ImportBatch, Stage
from imports.past import batches_of, clearable_columns, earlier_import, may_open, open_batch
from imports.undo import NotApplied, what_prevents

PAGE = 50


class PastImportView(BaseView):
    """`/imports`: everybody's own batches; others' too for whoever may import and see all rows of their kind."""

    route_base = "/imports"
    template_folder = str(Path(__file__).parent / "templates")
    class_permission_name = "imports"
    base_permissions: list[str] = []

    @expose("/", methods=("GET",))
    def index(self) -> str:
        """The newest first."""
        before = row_number(request.args.get("before"))
        found = batches_of(require_current(), before=before, limit=PAGE + 1)
        older = url_for("PastImportView.index", before=found[PAGE - 1].id) if len(found) > PAGE else ""
        rows = [(batch, sheet_named(batch.spec)) for batch in found[:PAGE]]
        return render_template("imports/past.html", title=_("Imports"), rows=rows, older=older)

    @expose("/<int:batch_id>", methods=("GET",))
    def show(self, batch_id: int) -> str:
        """What one batch did, whether it can be undone, and how far that is."""
        job_id = row_number(request.args.get("job"))
        return _page(open_batch(batch_id), jobs.job_view(job_id) if job_id else None)

    @expose("/<int:batch_id>/undo", methods=("POST",))
    def undo(self, batch_id: int) -> Any:
        """Take the batch back in a job; where something prevents it, say what."""
        batch = open_batch(batch_id)
        if batch.stage is not Stage.DONE:
            raise NotApplied(batch=batch_id)
        if what_prevents(batch):
            return _page(batch), HTTPStatus.CONFLICT
        job = jobs.enqueue(undo_import, batch_id=batch.id)
        db.session.commit()
        return redirect(url_for("PastImportView.show", batch_id=batch.id, job=job.id))


def _page(batch: ImportBatch, job: dict[str, Any] | None = None) -> str:
    may_undo = batch.stage is Stage.DONE and (job is None or job["ended"])
    return render_template(
        "imports/batch.html",
        title=_("Import %(number)s", number=num(batch.id)),
        crumbs=[(_("Imports"), url_for("PastImportView.index"))],
        batch=batch,
        spec=sheet_named(batch.spec),
        job=job,
        may_undo=may_undo,
        hindrances=what_prevents(batch) if may_undo else [],
    )


def add_template_words(app: Flask) -> None:
    """What the wizard's pages ask about earlier imports of the same file."""

    def earlier_import_of(batch: ImportBatch) -> ImportBatch | None:
        return earlier_import(sheet_named(batch.spec), batch.sha256, but=batch.id)

    app.add_template_global(earlier_import_of)
    app.add_template_global(clearable_columns)
    app.add_template_global(lambda batch: may_open(batch, require_current()), "may_open_import")
