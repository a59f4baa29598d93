"""REST over a model."""

from __future__ import annotations

from flask_appbuilder import ModelRestApi


class ModelApi(ModelRestApi):
    """To be."""
