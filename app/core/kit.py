"""What a module is made of, in one import. docs/new-module.md shows each piece at work."""

from __future__ import annotations

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import CleanText, Quantity, Rials, enum_type
from app.core.due import Due
from app.core.fab import ModelView
from app.core.feature import READ, SHEETS, WRITE, Entry, Feature, Role, SearchSource
from app.core.record import Record
from app.core.rest import api_of
from app.core.workflow import Step, Transition, Workflow

__all__ = [
    "READ",
    "SHEETS",
    "WRITE",
    "Boolean",
    "CleanText",
    "Due",
    "Entry",
    "Feature",
    "ForeignKey",
    "Integer",
    "Mapped",
    "Model",
    "ModelView",
    "Quantity",
    "Record",
    "Rials",
    "Role",
    "SearchSource",
    "Step",
    "String",
    "Transition",
    "Workflow",
    "_l",
    "api_of",
    "enum_type",
    "mapped_column",
    "relationship",
]
