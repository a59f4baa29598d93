"""The dealer panel: the manifest."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core import home
from app.core.feature import Entry, Feature, Role
from app.org.sign_ins.doors import register_face
from app.sales.dealers import baskets, panel
from app.sales.dealers.models import Basket, BasketLine
from app.sales.dealers.views import DealerView


def _setup(app: Flask) -> None:
    home.lead(panel.landing)
    register_face("/dealer/", "dealers/login.html")
    panel.add_page("DealerView.catalogue", _l("Catalogue"), "grid")
    panel.add_page("DealerView.basket", _l("Basket"), "cart")
    panel.add_page("DealerView.orders", _l("Orders"), "receipt")
    app.jinja_env.globals.update(
        present_dealer=panel.present_dealer, dealer_pages=panel.pages, basket_count=baskets.line_count
    )


FEATURE = Feature(
    name="sales.dealers",
    label=_l("Dealer panel"),
    category="sales",
    entries=(Entry(DealerView),),
    models=(Basket, BasketLine),
    actions=frozenset({"list", "order", "see_own"}),
    grants={Role.DEALER: frozenset({"list", "order", "see_own"})},
    setup=_setup,
)
