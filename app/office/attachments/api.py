"""Files and notes for programs: the same records, rights and limits as in the browser."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, jsonify, request
from flask_appbuilder.api import BaseApi, expose
from flask_babel import gettext as _

from app.core.db import db
from app.core.errors import FieldError, Invalid
from app.core.rest_access import bearer_only
from app.core.rest_answer import answered
from app.core.row_numbers import row_number
from app.office.attachments import queries, services, store
from app.office.attachments.models import Attachment, Kept, Note
from app.office.attachments.records import record_of
from app.office.attachments.views import SUBJECT, answer_bytes, upload_of

AT_A_TIME = 100


def _row(kept: Kept) -> dict[str, Any]:
    person = kept.created_by
    return {
        "id": kept.id,
        "created_at": kept.created_at.isoformat() if kept.created_at else None,
        "created_by": {"id": person.id, "text": str(person)} if person is not None else None,
        "via": kept.via.value,
    }


def _file(file: Attachment) -> dict[str, Any]:
    shown = ("name", "media_type", "byte_count", "sha256", "note")
    return {**_row(file), "kind": file.kind.value, **{name: getattr(file, name) for name in shown}}


def _note(note: Note) -> dict[str, Any]:
    return {**_row(note), "text": note.text}


class AttachmentApi(BaseApi):
    """Files and notes of records; a record is named by its table, as in webhooks, and its id."""

    resource_name = "records"
    class_permission_name = SUBJECT
    base_permissions: list[str] = []
    openapi_spec_tag = "Files and notes"

    @expose("/<table>/<int:record_id>/files", methods=["GET"])
    @bearer_only
    @answered
    def files(self, table: str, record_id: int) -> Response:
        """The files of a record, newest first.

        ---
        get:
          parameters:
          - {in: path, name: table, required: true, schema: {type: string}, description: 'such as crm_customer'}
          - {in: path, name: record_id, required: true, schema: {type: integer}}
          security: [{jwt: []}]
          responses:
            200:
              description: The files, without their bytes
              content: {application/json: {schema: {type: object}}}
            401: {$ref: '#/components/responses/401'}
            404: {$ref: '#/components/responses/404'}
        """
        return jsonify({"result": [_file(file) for file in queries.files_of(record_of(table, record_id))]})

    @expose("/<table>/<int:record_id>/files", methods=["POST"])
    @bearer_only
    @answered
    def add_file(self, table: str, record_id: int) -> Any:
        """Add one file to a record.

        ---
        post:
          parameters:
          - {in: path, name: table, required: true, schema: {type: string}}
          - {in: path, name: record_id, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema:
                  type: object
                  properties: {file: {type: string, format: binary}, note: {type: string, maxLength: 300}}
          security: [{jwt: []}]
          responses:
            201:
              description: Added; pictures are encoded anew, so that size and digest differ from what was sent
              content: {application/json: {schema: {type: object}}}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            404: {$ref: '#/components/responses/404'}
            422: {$ref: '#/components/responses/422'}
        """
        record, file = services.open_for_adding(table, record_id), request.files.get("file")
        if file is None or not file.filename:
            raise Invalid([FieldError("file", "required", _("Choose a file first."))])
        added = services.attach(record, file.filename, upload_of(file), note=request.form.get("note", ""))
        db.session.commit()
        return jsonify({"id": added.id, "result": _file(added)}), HTTPStatus.CREATED

    @expose("/files/<int:file_id>", methods=["GET"])
    @bearer_only
    @answered
    def file(self, file_id: int) -> Response:
        """The bytes of a file.

        ---
        get:
          parameters: [{in: path, name: file_id, required: true, schema: {type: integer}}]
          security: [{jwt: []}]
          responses:
            200:
              description: The file
              content: {application/octet-stream: {schema: {type: string, format: binary}}}
            401: {$ref: '#/components/responses/401'}
            404: {$ref: '#/components/responses/404'}
        """
        file = queries.attachment_of(file_id)
        return answer_bytes(store.path_of(file.sha256), media_type=file.media_type, name=file.name)

    @expose("/files/<int:file_id>", methods=["DELETE"])
    @bearer_only
    @answered
    def remove_file(self, file_id: int) -> Response:
        """Take a file off its record.

        ---
        delete:
          parameters: [{in: path, name: file_id, required: true, schema: {type: integer}}]
          security: [{jwt: []}]
          responses:
            200: {description: Removed}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            404: {$ref: '#/components/responses/404'}
        """
        services.remove(queries.attachment_of(file_id))
        db.session.commit()
        return jsonify({"message": "OK"})

    @expose("/<table>/<int:record_id>/notes", methods=["GET"])
    @bearer_only
    @answered
    def notes(self, table: str, record_id: int) -> Response:
        """The notes of a record, newest first, a hundred at a time.

        ---
        get:
          parameters:
          - {in: path, name: table, required: true, schema: {type: string}}
          - {in: path, name: record_id, required: true, schema: {type: integer}}
          - {in: query, name: before, schema: {type: integer}, description: 'the id of a note; older ones follow'}
          security: [{jwt: []}]
          responses:
            200:
              description: The notes
              content: {application/json: {schema: {type: object}}}
            401: {$ref: '#/components/responses/401'}
            404: {$ref: '#/components/responses/404'}
        """
        record, before = record_of(table, record_id), row_number(request.args.get("before"))
        return jsonify({"result": [_note(one) for one in queries.notes_of(record, limit=AT_A_TIME, before=before)]})

    @expose("/<table>/<int:record_id>/notes", methods=["POST"])
    @bearer_only
    @answered
    def add_note(self, table: str, record_id: int) -> Any:
        """Write a note on a record; it is never changed afterwards.

        ---
        post:
          parameters:
          - {in: path, name: table, required: true, schema: {type: string}}
          - {in: path, name: record_id, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {type: object, required: [text], properties: {text: {type: string, maxLength: 4000}}}
          security: [{jwt: []}]
          responses:
            201:
              description: Written
              content: {application/json: {schema: {type: object}}}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            404: {$ref: '#/components/responses/404'}
            422: {$ref: '#/components/responses/422'}
        """
        record, sent = services.open_for_adding(table, record_id), request.get_json(silent=True)
        text = sent.get("text") if isinstance(sent, dict) else None
        if not isinstance(text, str):
            raise Invalid([FieldError("text", "required", _("Write something first."))])
        written = services.write_note(record, text)
        db.session.commit()
        return jsonify({"id": written.id, "result": _note(written)}), HTTPStatus.CREATED
