"""The company's particulars: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import Entry, Feature, Role
from app.org.company.models import Company
from app.org.company.services import seed_company
from app.org.company.views import CompanyView

FEATURE = Feature(
    name="org.company",
    label=_l("Company"),
    category="org",
    entries=(Entry(CompanyView, "Company", _l("Company"), "building"),),
    apis=(api_of(CompanyView),),
    models=(Company,),
    grants={Role.MANAGER: frozenset({"list", "show", "edit"})},
    seed=seed_company,
)
