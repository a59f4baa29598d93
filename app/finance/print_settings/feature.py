"""Print settings: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.feature import Entry, Feature, Role
from app.finance.print_settings.models import PrintSettings
from app.finance.print_settings.services import seed_print_settings
from app.finance.print_settings.views import PrintSettingsView

EDIT = frozenset({"list", "show", "edit"})

FEATURE = Feature(
    name="finance.print_settings",
    label=_l("Print settings"),
    category="finance",
    entries=(Entry(PrintSettingsView, "Print settings", _l("Print settings"), "printer"),),
    models=(PrintSettings,),
    grants={Role.MANAGER: EDIT, Role.ACCOUNTANT: EDIT},
    seed=seed_print_settings,
)
