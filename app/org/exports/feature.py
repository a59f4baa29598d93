"""Exports: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.feature import Entry, Feature, Role
from app.org.exports.models import ExportRecord
from app.org.exports.views import ExportRecordView

FEATURE = Feature(
    name="org.exports",
    label=_l("Exports"),
    category="org",
    entries=(Entry(ExportRecordView, "Exports", _l("Exports"), "file-earmark-excel"),),
    models=(ExportRecord,),
    grants={Role.MANAGER: frozenset({"list"})},
)
