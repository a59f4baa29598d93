"""Fiscal years: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import Entry, Feature, Role
from app.finance.years.models import FiscalYear
from app.finance.years.views import FiscalYearView
from app.finance.years.workflow import YEAR_FLOW

SEE = frozenset({"list", "show"})

FEATURE = Feature(
    name="finance.years",
    label=_l("Fiscal years"),
    category="finance",
    entries=(Entry(FiscalYearView, "Fiscal years", _l("Fiscal years"), "calendar3"),),
    apis=(api_of(FiscalYearView),),
    models=(FiscalYear,),
    workflows=(YEAR_FLOW,),
    actions=frozenset({"close", "reopen"}),
    grants={
        Role.ACCOUNTANT: SEE | {"add", "edit", "close"},
        Role.MANAGER: SEE | {"add", "edit", "close", "reopen"},
    },
)
