"""The list and form of branches."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fab import ModelView
from app.org.branches.models import Branch


class BranchView(ModelView):
    """Branches of the company, each with number series of its own."""

    model = Branch
    class_permission_name = "org.branches"
    route_base = "/branches"
    list_title = _l("Branches")
    item_title = _l("Branch")
    icon = "shop"
    list_columns = ("code", "name")
    form_columns = ("code", "name")
    default_sort = "code"
