"""What all documents with lines share: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import Entry, Feature, Role
from app.sales.documents.conversion_models import Conversion, ConversionLine
from app.sales.documents.models import AdditionKind
from app.sales.documents.seed import seed_additions
from app.sales.documents.views import AdditionKindView

WRITE = frozenset({"list", "show", "add", "edit", "delete"})

FEATURE = Feature(
    name="sales.documents",
    label=_l("Additions and deductions"),
    category="sales",
    entries=(Entry(AdditionKindView, "Additions", _l("Additions and deductions"), "calculator"),),
    apis=(api_of(AdditionKindView),),
    models=(AdditionKind, Conversion, ConversionLine),
    grants={Role.ACCOUNTANT: WRITE, Role.MANAGER: WRITE},
    seed=seed_additions,
)
