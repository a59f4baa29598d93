"""`/api/v1/imports/…`: a batch of import for programs, step by step as in the wizard; see docs/api.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from flask import Response, jsonify, request
from flask_appbuilder.api import BaseApi, expose
from flask_babel import gettext as _

from app.core import jobs
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid
from app.core.rest_access import bearer_only
from app.core.rest_answer import answered
from app.core.sheets import sheet_named
from imports import preview
from imports.again import go_on
from imports.batches import apply_batch, check_batch, file_of, new_batch, own_batch, rows_of
from imports.choice import Choice
from imports.corrections import NotCorrectable
from imports.map_file import read_map
from imports.mapping import map_chosen
from imports.models import ImportBatch, Stage
from imports.past import clearable_columns
from imports.plans import Mode
from imports.preview_views import workbook_response
from imports.returning import ask_for_workbook, ready_workbook
from imports.row_store import RowsGone, open_rows
from imports.wizard_mapping import Table, first_choice, kept, open_head


class BatchApi(BaseApi):
    """Uploads, maps, checks, corrects and applies; bearer tokens only, each person their own batches."""

    resource_name = "imports"
    class_permission_name = "imports"
    base_permissions: list[str] = []
    openapi_spec_tag = "Imports"

    @expose("/", methods=["POST"])
    @bearer_only
    @answered
    def create(self) -> Any:
        """Upload a workbook.

        ---
        post:
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema:
                  type: object
                  properties: {spec: {type: string}, file: {type: string, format: binary}}
          responses:
            201: {description: The batch with the mapping that words give}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            422: {description: The file is refused}
        """
        file, name = request.files.get("file"), request.form.get("spec", "")
        if file is None or not file.filename:
            raise Invalid([FieldError("file", "required", _("Choose a file first."))])
        batch = new_batch(sheet_named(name), name=file.filename, content=file.stream)
        try:
            table = open_head(batch, sheet=None, header_row=None)
        except DomainError:
            file_of(batch).unlink(missing_ok=True)
            raise
        earlier = go_on(batch, table.sheet, table.layout)
        if earlier is None:
            answer = {**batch_json(batch), "mapping": mapping_json(batch, table)}
        else:
            answer = {**batch_json(earlier), "goes_on": True}
        db.session.commit()
        return jsonify(answer), HTTPStatus.CREATED

    @expose("/<int:batch_id>", methods=["GET"])
    @bearer_only
    @answered
    def show(self, batch_id: int) -> Response:
        """Stage, counts and the job at work.

        ---
        get:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          responses:
            200: {description: The batch}
            401: {$ref: '#/components/responses/401'}
            404: {$ref: '#/components/responses/404'}
        """
        return jsonify(batch_json(own_batch(batch_id)))

    @expose("/<int:batch_id>/mapping", methods=["GET", "PUT"])
    @bearer_only
    @answered
    def mapping(self, batch_id: int) -> Response:
        """Which column is which: as it stands, or as sent (the object of `import --map`).

        ---
        get:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          responses:
            200: {description: 'Headers, columns and what is missing'}
            404: {$ref: '#/components/responses/404'}
        put:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          requestBody:
            content: {application/json: {schema: {type: object}}}
          responses:
            200: {description: The mapping as it stands now}
            404: {$ref: '#/components/responses/404'}
            422: {description: The mapping is wrong}
        """
        batch = own_batch(batch_id)
        if request.method == "GET":
            return jsonify(mapping_json(batch, open_head(batch, sheet=None, header_row=None)))
        _require_open(batch)
        choice = read_map(request.get_json(silent=True), sheet_named(batch.spec))
        answer = _map(batch, choice)
        db.session.commit()
        return jsonify(answer)

    @expose("/<int:batch_id>/check", methods=["POST"])
    @bearer_only
    @answered
    def check(self, batch_id: int) -> Any:
        """Check all rows in a job.

        ---
        post:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          responses:
            202: {description: The batch with its job}
            404: {$ref: '#/components/responses/404'}
            409: {description: A job is at work already}
        """
        batch = own_batch(batch_id)
        _require_open(batch)
        return _queued(batch, check_batch)

    @expose("/<int:batch_id>/rows", methods=["GET"])
    @bearer_only
    @answered
    def rows(self, batch_id: int) -> Response:
        """A window of the checked rows.

        ---
        get:
          parameters:
          - {in: path, name: batch_id, schema: {type: integer}}
          - {in: query, name: show, schema: {type: string}}
          - {in: query, name: offset, schema: {type: integer}}
          - {in: query, name: size, schema: {type: integer}}
          responses:
            200: {description: 'Rows, counts that add up, errors by kind'}
            404: {$ref: '#/components/responses/404'}
        """
        return jsonify(preview.window(own_batch(batch_id), request.args))

    @expose("/<int:batch_id>/errors", methods=["GET"])
    @bearer_only
    @answered
    def errors(self, batch_id: int) -> Response:
        """Every bad cell, as `import --json` names them.

        ---
        get:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          responses:
            200: {description: Bad cells}
            404: {$ref: '#/components/responses/404'}
        """
        return jsonify(preview.errors(own_batch(batch_id), request.args))

    @expose("/<int:batch_id>/corrections", methods=["POST", "DELETE"])
    @bearer_only
    @answered
    def corrections(self, batch_id: int) -> Response:
        """Correct cells, or take the last correction back.

        ---
        post:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          requestBody:
            content: {application/json: {schema: {type: object}}}
          responses:
            200: {description: The rows that were checked again}
            409: {description: It cannot be corrected now}
            422: {description: Bad cells}
        delete:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          responses:
            200: {description: The rows that were checked again}
            409: {description: It cannot be corrected now}
        """
        if request.method == "DELETE":
            return jsonify(preview.undo(batch_id))
        return jsonify(preview.correct(batch_id, request.get_json(silent=True)))

    @expose("/<int:batch_id>/replace", methods=["POST"])
    @bearer_only
    @answered
    def replace(self, batch_id: int) -> Response:
        """Find and replace; with `preview` only count.

        ---
        post:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          requestBody:
            content: {application/json: {schema: {type: object}}}
          responses:
            200: {description: What was or would be changed}
            409: {description: It cannot be corrected now}
            422: {description: Nothing to look for}
        """
        return jsonify(preview.replace(batch_id, request.get_json(silent=True)))

    @expose("/<int:batch_id>/apply", methods=["POST"])
    @bearer_only
    @answered
    def apply(self, batch_id: int) -> Any:
        """Write the batch in a job: all of it or nothing, or the good rows if so ordered.

        ---
        post:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          requestBody:
            content: {application/json: {schema: {type: object}}}
          responses:
            202: {description: The batch with its job}
            409: {description: 'It is not checked, or a job is at work already'}
            422: {description: A bad order}
        """
        batch = own_batch(batch_id)
        _require_open(batch)
        if batch.stage is not Stage.CHECKED:
            raise NotCorrectable(_("Check the rows first."))
        _take_order(batch, request.get_json(silent=True) or {})
        return _queued(batch, apply_batch)

    @expose("/<int:batch_id>/cancel", methods=["POST"])
    @bearer_only
    @answered
    def cancel(self, batch_id: int) -> Response:
        """Stop the job at work; what it did not finish never was.

        ---
        post:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          responses:
            200: {description: The batch with its job}
            404: {$ref: '#/components/responses/404'}
        """
        batch = own_batch(batch_id)
        if batch.job_id is not None:
            jobs.cancel(batch.job_id)
            db.session.commit()
        return jsonify(batch_json(batch))

    @expose("/<int:batch_id>/workbook", methods=["GET", "POST"])
    @bearer_only
    @answered
    def workbook(self, batch_id: int) -> Any:
        """The upload with its bad cells marked; a large one is made by a job that POST starts.

        ---
        get:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          responses:
            200: {description: The workbook}
            409: {description: It is large; ask for it with POST first}
        post:
          parameters: [{in: path, name: batch_id, schema: {type: integer}}]
          responses:
            202: {description: The batch with its job}
        """
        batch = own_batch(batch_id)
        if request.method == "POST":
            ask_for_workbook(batch)
            db.session.commit()
            return jsonify(batch_json(batch)), HTTPStatus.ACCEPTED
        content = ready_workbook(batch)
        if content is None:
            raise NotCorrectable(_("This workbook is large. Ask for it with POST, then fetch it."))
        return workbook_response(batch, content)


def batch_json(batch: ImportBatch) -> dict[str, Any]:
    """A batch with its job, and the counts of its rows while they are kept."""
    found: dict[str, Any] = {
        "id": batch.id, "spec": batch.spec, "file_name": batch.file_name, "sha256": batch.sha256,
        "stage": batch.stage.value, "message": batch.message, "mode": batch.mode.value, "good_rows": batch.good_rows,
        "counts": dict(batch.counts), "unknown": batch.unknown,
        "job": jobs.job_view(batch.job_id) if batch.job_id else None,
    }  # fmt: skip
    if batch.stage is Stage.CHECKED:
        try:
            with open_rows(rows_of(batch)) as store:
                found |= preview.summary(store)
        except RowsGone:
            pass
    return found


def mapping_json(batch: ImportBatch, table: Table) -> dict[str, Any]:
    """The headers of the table, and which column of the spec each one feeds."""
    spec = sheet_named(batch.spec)
    _choice, mapping = first_choice(batch, table)
    letters = {header.column: header.letter for header in table.layout.headers}
    return {
        "sheets": table.sheets,
        "sheet": table.sheet.name,
        "header_row": table.layout.header_rows[0] + 1 if table.layout.header_rows else None,
        "headers": {header.letter: header.full for header in table.layout.headers},
        "columns": {name: letters[at] for name, at in mapping.sources.items() if at in letters},
        "units": dict(mapping.units),
        "missing": [column.name for column in spec.all_columns if column.label in mapping.missing(spec)],
    }


def _map(batch: ImportBatch, choice: Choice) -> dict[str, Any]:
    """Keep a choice for a batch. Raises Invalid where a column is missing."""
    spec = sheet_named(batch.spec)
    table = open_head(batch, sheet=choice.sheet, header_row=choice.header_row)
    mapping = map_chosen(table.layout, spec, choice)
    missing = mapping.missing(spec)
    if missing:
        raise Invalid([FieldError("columns", "missing", one) for one in missing])
    header_row = table.layout.header_rows[0] if table.layout.header_rows else None
    chosen = replace(
        choice, sheet=table.sheet.name, header_row=header_row, sources=mapping.sources, units=mapping.units,
        recipes=mapping.recipes, columns={}, parts={},
    )  # fmt: skip
    batch.mapping = kept(chosen, table)
    db.session.flush()
    return mapping_json(batch, table)


def _take_order(batch: ImportBatch, sent: Any) -> None:
    given: Mapping[str, Any] = sent if isinstance(sent, dict) else {}
    mode, clear = given.get("mode", batch.mode.value), given.get("clear") or []
    offered = {column.name for column in clearable_columns(batch)}
    bad = [] if mode in set(Mode) else [FieldError("mode", "unknown", _("Use add, update or both."))]
    if not isinstance(clear, list) or set(map(str, clear)) - offered:
        bad.append(FieldError("clear", "unknown", _("Such a column cannot be cleared.")))
    if bad or given.keys() - {"mode", "good_rows", "clear"}:
        raise Invalid(bad or [FieldError("", "unknown", _("There is no such field."))])
    batch.mode, batch.good_rows = Mode(mode), bool(given.get("good_rows"))
    batch.mapping = {**batch.mapping, "clear": clear}


def _require_open(batch: ImportBatch) -> None:
    """Raises NotCorrectable for a batch that is over or at work."""
    if batch.stage.is_over or (batch.job_id is not None and not jobs.job_view(batch.job_id)["ended"]):
        raise NotCorrectable(batch=batch.id)


def _queued(batch: ImportBatch, work: Any) -> Any:
    batch.job_id = jobs.enqueue(work, batch_id=batch.id).id
    db.session.commit()
    return jsonify(batch_json(batch)), HTTPStatus.ACCEPTED
