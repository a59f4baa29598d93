"""Edit levels: the manifest, and where the kernel is told who stands by what."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core import audit, level_guard, levels, scope
from app.core.db import db
from app.core.feature import Entry, Feature
from app.core.workflow import Workflow
from app.office.edit_levels.models import EditLevel, LevelTable
from app.office.edit_levels.services import SUBJECT
from app.office.edit_levels.table import standing_of
from app.office.edit_levels.views import EditLevelsView
from app.office.edit_levels.words import label_of_field


def enforce(_app: Flask) -> None:
    """Put edit levels on every road: steps, writes and what is seen; prints and exports ask by themselves."""
    levels.install_reader(standing_of)
    if levels.policy not in Workflow.everywhere:
        Workflow.everywhere.append(levels.policy)
    scope.narrow_rule(levels.criterion, key=levels.key_of)
    level_guard.install(db.session)
    audit.resolve_labels(label_of_field)


FEATURE = Feature(
    name=SUBJECT,
    label=_l("Edit levels"),
    category="org",
    entries=(Entry(EditLevelsView, "Edit levels", _l("Edit levels"), "sliders"),),
    models=(LevelTable, EditLevel),
    setup=enforce,
)
