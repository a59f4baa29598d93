"""Branches: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import Entry, Feature
from app.org.branches.models import Branch
from app.org.branches.services import seed_branches
from app.org.branches.views import BranchView

FEATURE = Feature(
    name="org.branches",
    label=_l("Branches"),
    category="org",
    entries=(Entry(BranchView, "Branches", _l("Branches"), "shop"),),
    apis=(api_of(BranchView),),
    models=(Branch,),
    seed=seed_branches,
)
