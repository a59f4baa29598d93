"""The money pages of the dealer panel: the manifest. They open by the rights of the panel itself."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.feature import Entry, Feature
from app.finance.cheques.models import Cheque
from app.finance.dealers.views import DealerMoneyView
from app.finance.invoices.kinds import POLICIES
from app.finance.settlement.models import OpenItem
from app.sales.dealers import panel

SEEN = (*(policy.subject for policy in POLICIES.values()), OpenItem.__subject__, Cheque.__subject__)
"""Of these somebody in the panel sees the dealer's own rows."""


def _setup(_app: Flask) -> None:
    lends = tuple(("see_own", subject) for subject in SEEN)
    panel.add_page("DealerMoneyView.invoices", _l("Invoices"), "file-earmark-text", lends=lends)
    panel.add_page("DealerMoneyView.account", _l("Account"), "cash-coin")


FEATURE = Feature(
    name="finance.dealers",
    label=_l("Dealers’ accounts"),
    category="finance",
    entries=(Entry(DealerMoneyView),),
    setup=_setup,
)
