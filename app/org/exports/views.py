"""The list of exports, for whoever answers for the company's data."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from app.core.fab import ModelView
from app.org.exports.models import ExportRecord


class ExportRecordView(ModelView):
    """Who took which rows out; read only."""

    model = ExportRecord
    class_permission_name = "org.exports"
    route_base = "/exports"
    list_title = _l("Exports")
    item_title = _l("Export")
    icon = "file-earmark-excel"
    base_permissions: ClassVar[list[str]] = ["can_list"]
    list_columns = ("what", "exported_at", "actor_name", "row_count", "filter_words", "file_format")
    sort_columns = ("exported_at",)
    default_sort = "-exported_at"
    filter_columns = ("employee", "exported_at")
    labels: ClassVar[dict[str, Any]] = {
        "what": _l("What"),
        "exported_at": _l("When"),
        "actor_name": _l("Exported by"),
        "employee": _l("Employee"),
        "row_count": _l("Rows"),
        "filter_words": _l("Filters"),
        "file_format": _l("Format"),
    }
