"""Edit levels: the manifest, and where the kernel is told who stands by what."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import audit, level_guard, levels, ports, scope
from app.core.db import db
from app.core.feature import Entry, Feature
from app.core.ports import Panel
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
    ports.record_panels.register(why_closed)


def why_closed(record: Any) -> Panel | None:
    """On the page of a draft: why its reader, whose role would let them, may not change it."""
    document, actor = levels.document_of(type(record)), levels.limited_actor()
    if document is None or actor is None or record.state is not document.initial:
        return None
    refusal = levels.refusal_of(actor, levels.EDIT, record)
    if refusal is None or not actor.can("edit", document.subject):
        return None
    return Panel("edit_levels/panel.html", {"why": _("You cannot change this. %(why)s", why=str(refusal))})


FEATURE = Feature(
    name=SUBJECT,
    label=_l("Edit levels"),
    category="org",
    entries=(Entry(EditLevelsView, "Edit levels", _l("Edit levels"), "sliders"),),
    models=(LevelTable, EditLevel),
    setup=enforce,
)
