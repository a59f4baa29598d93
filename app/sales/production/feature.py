"""Production: the manifest."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import WRITE, Entry, Feature, Role, SearchSource
from app.sales.production import conversions
from app.sales.production.models import (
    SUBJECT,
    Material,
    MaterialUse,
    Production,
    ProductionLine,
    Stage,
    StageRun,
)
from app.sales.production.seed import seed_stages
from app.sales.production.views import MaterialView, ProductionApi, ProductionView, ProductionWork, StageView
from app.sales.production.workflow import FLOW

SEE = frozenset({"list", "show"})
WORK = SEE | {"add", "work", "see_department", "export"}


def _setup(_app: Flask) -> None:
    conversions.install()


FEATURE = Feature(
    name=SUBJECT,
    label=_l("Production"),
    category="sales",
    entries=(
        Entry(ProductionView, "Production", _l("Productions"), "gear-wide-connected"),
        Entry(ProductionWork, "Production board", _l("Production board"), "kanban"),
        Entry(StageView, "Stages of production", _l("Stages of production"), "signpost-split"),
        Entry(MaterialView, "Bills of materials", _l("Bills of materials"), "boxes"),
    ),
    apis=(ProductionApi, api_of(StageView), api_of(MaterialView)),
    models=(Production, ProductionLine, StageRun, MaterialUse, Stage, Material),
    workflows=(FLOW,),
    actions=frozenset({"list", "show", "add", "work", "cancel", "export", "see_own", "see_department", "see_all"}),
    grants={Role.MANAGER: WORK | {"cancel", "see_all"}, Role.SALES: SEE | {"add", "see_department"}},
    more_grants={"sales.production_stages": {Role.MANAGER: WRITE, Role.SALES: SEE}},
    searches=(
        SearchSource(
            model=Production,
            label=_l("Production"),
            icon="gear-wide-connected",
            title=str,
            detail=lambda production: production.title,
            endpoint="ProductionView.show",
        ),
    ),
    seed=seed_stages,
    setup=_setup,
)
