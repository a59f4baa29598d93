"""Cheques: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import Entry, Feature, Role, SearchSource
from app.finance.cheques.calendar_views import ChequeCalendarView
from app.finance.cheques.models import Cheque
from app.finance.cheques.views import ChequeView
from app.finance.cheques.workflow import CHEQUE_FLOW

SEE = frozenset({"list", "show"})
STEPS = frozenset({"deposit", "clear", "unclear", "bounce", "give_back", "endorse"})

FEATURE = Feature(
    name="finance.cheques",
    label=_l("Cheques"),
    category="finance",
    entries=(
        Entry(ChequeView, "Cheques", _l("Cheques"), "credit-card"),
        Entry(ChequeCalendarView, "Cheques falling due", _l("Cheques falling due"), "calendar-event"),
    ),
    apis=(api_of(ChequeView),),
    models=(Cheque,),
    workflows=(CHEQUE_FLOW,),
    actions=STEPS | {"import", "export", "see_own", "see_department", "see_all"},
    grants={
        Role.ACCOUNTANT: SEE | STEPS | {"import", "export", "see_all"},
        Role.MANAGER: SEE | STEPS | {"import", "export", "see_all"},
        Role.COLLECTOR: SEE | {"see_department"},
    },
    searches=(
        SearchSource(
            model=Cheque,
            label=_l("Cheques"),
            icon="credit-card",
            title=str,
            detail=lambda cheque: " · ".join(
                part for part in (cheque.sayad_id, cheque.bank, cheque.owner_name) if part
            ),
            endpoint="ChequeView.show",
        ),
    ),
)
