"""`GET /api/v1/_openapi`: the interface described for programs and their makers.

FAB serves its description only together with Swagger's page, which needs inline scripts; this is the
description alone, for whoever has a token.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify
from flask_appbuilder.api import BaseApi, expose
from flask_appbuilder.api.manager import OpenApi
from flask_appbuilder.security.decorators import permission_name, protect

SHOWN = "v1"


def description() -> dict[str, Any]:
    """The OpenAPI 3.0 description of every resource; needs a request, whose host it names."""
    spec = OpenApi._create_api_spec(SHOWN)
    for view in current_app.extensions["appbuilder"].baseviews:
        if isinstance(view, BaseApi) and view.version == SHOWN:
            view.add_api_spec(spec)
    told: dict[str, Any] = spec.to_dict()
    return told


class OpenApiView(BaseApi):
    """The description as JSON; bearer tokens only."""

    route_base = "/api/v1"
    class_permission_name = "core.openapi"
    openapi_spec_tag = "Description"

    @expose("/_openapi", methods=["GET"])
    @protect()
    @permission_name("get")
    def get(self) -> Response:
        """Describe the interface.

        ---
        get:
          responses:
            200:
              description: This description
              content:
                application/json:
                  schema:
                    type: object
            401:
              $ref: '#/components/responses/401'
          security:
            - jwt: []
        """
        return jsonify(description())
