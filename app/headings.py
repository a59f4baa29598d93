"""The headings of the sidebar, in order."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.feature import Category

HEADINGS = {
    "crm": Category("crm", _l("Customers"), "people"),
    "sales": Category("sales", _l("Sales"), "cart"),
    "field": Category("field", _l("Field work"), "geo-alt"),
    "finance": Category("finance", _l("Finance"), "receipt"),
    "org": Category("org", _l("Organisation"), "diagram-3"),
}
