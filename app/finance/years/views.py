"""Fiscal years on the screen."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from app.core.fab import ModelView
from app.finance.years.models import FiscalYear
from app.finance.years.services import SUBJECT, check_year


class FiscalYearView(ModelView):
    """Fiscal years with their state, and the day up to which the books are locked."""

    model = FiscalYear
    class_permission_name = SUBJECT
    route_base = "/fiscal-years"
    list_title = _l("Fiscal years")
    item_title = _l("Fiscal year")
    icon = "calendar3"
    list_columns = ("year", "starts_on", "ends_on", "state", "locked_until")
    form_columns = ("year", "locked_until")
    show_sections = ((_l("Fiscal year"), ("year", "state", "starts_on", "ends_on", "locked_until")),)
    default_sort = "-year"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_add", "can_edit"]
    labels: ClassVar[dict[str, Any]] = {
        "year": _l("Fiscal year"),
        "starts_on": _l("First day"),
        "ends_on": _l("Last day"),
        "locked_until": _l("Books locked up to"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "locked_until": _l("Up to this day nothing can be issued, voided or settled any more.")
    }

    def pre_add(self, item: FiscalYear) -> None:
        check_year(item)

    pre_update = pre_add
