"""The list and form of additions and deductions."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from app.core.fab import ModelView
from app.sales.documents.models import AdditionKind


class AdditionKindView(ModelView):
    """What can be added to a document or deducted from it."""

    model = AdditionKind
    class_permission_name = "sales.documents"
    route_base = "/additions"
    list_title = _l("Additions and deductions")
    item_title = _l("Addition or deduction")
    icon = "calculator"
    list_columns = ("title", "sign", "is_taxed", "position", "is_active")
    form_columns = ("name", "title", "sign", "is_taxed", "position", "is_active")
    default_sort = "position"
    labels: ClassVar[dict[str, Any]] = {
        "name": _l("Key"),
        "title": _l("Title"),
        "sign": _l("Sign"),
        "is_taxed": _l("Taxed"),
        "position": _l("Order"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "name": _l("A short word that documents and workbooks keep; it does not change."),
        "sign": _l("1 adds to the document, -1 deducts from it."),
    }
