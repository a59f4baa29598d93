"""The company's particulars on one form."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_babel import lazy_gettext as _l

from app.core.fab import ModelView, expose, has_access
from app.org.company.models import Company


class CompanyView(ModelView):
    """One row: the list leads straight to it, and nothing is added or deleted."""

    model = Company
    class_permission_name = "org.company"
    route_base = "/company"
    list_title = _l("Company")
    item_title = _l("Company")
    icon = "building"
    exclude_route_methods = {"add", "delete", "action", "action_post", "choices"}
    list_columns = ("name",)
    form_sections = (
        (_l("Seller on every paper"), ("name", "economic_code", "national_id", "registration_no")),
        (_l("Address"), ("province", "city", "postal_code", "address", "phone")),
        (_l("Prints"), ("print_note",)),
    )

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        return redirect(url_for("CompanyView.show", pk=1))
