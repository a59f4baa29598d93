"""`POST /api/v1/documents/preview`: the totals of a document that is not stored.

The same engine as the editor, the import and the print; the shape is in docs/cli.md.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, jsonify, request
from flask_appbuilder.api import BaseApi, expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _

from app.core import totals
from app.core.errors import FieldError, Invalid
from app.core.number_words import words


def preview(data: Any) -> dict[str, Any]:
    """The totals of a document as JSON figures. Raises Invalid with every error."""
    if not isinstance(data, dict):
        raise Invalid([FieldError("", "type", _("Send one document as a JSON object."))])
    return totals.to_json(totals.compute(totals.parse(data)))


def preview_response(data: Any, *, words_in: str = "fa") -> tuple[Response, int]:
    """The answer of a preview, for the API and for the editor alike; the words in a language of the reader."""
    try:
        found = preview(data)
        return jsonify({**found, "words": words(int(found["payable"]), words_in)}), HTTPStatus.OK
    except Invalid as error:
        return jsonify({"errors": [e.as_json() for e in error.errors]}), HTTPStatus.UNPROCESSABLE_ENTITY


class DocumentsApi(BaseApi):
    """Computes documents for programs; bearer tokens only."""

    resource_name = "documents"
    class_permission_name = "core.documents"
    openapi_spec_tag = "Documents"

    @expose("/preview", methods=["POST"])
    @protect()
    @permission_name("preview")
    def preview(self) -> tuple[Response, int]:
        """Compute a document.

        ---
        post:
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
          responses:
            200:
              description: Totals per line and of the document, as strings of whole rials
            422:
              description: Every bad field with its path, code and message
            401:
              $ref: '#/components/responses/401'
        """
        return preview_response(request.get_json(silent=True))
