"""Orders of all kinds: the manifest."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from flask import Flask, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import formats
from app.core.clock import today
from app.core.feature import Band, Entry, Feature, Inbox, Role, SearchSource
from app.crm.customers.views import CustomerView
from app.office.signatures.registry import Usual, signable
from app.sales.orders import credit, jobs, progress, queries  # noqa: F401 - jobs registers the bulk approval
from app.sales.orders.editor import ProductionOrderEditor, PurchaseOrderEditor, SalesOrderEditor
from app.sales.orders.kinds import POLICIES, OrderState
from app.sales.orders.models import (
    SOON_DAYS,
    Order,
    OrderAdjustment,
    OrderAmendment,
    OrderLine,
    OrderLineTax,
    ProductionOrder,
    PurchaseOrder,
    SalesOrder,
)
from app.sales.orders.views import (
    ProductionOrderApi,
    ProductionOrderView,
    PurchaseOrderApi,
    PurchaseOrderView,
    SalesOrderApi,
    SalesOrderView,
)
from app.sales.orders.workflow import FLOWS

LISTS = (SalesOrderView, PurchaseOrderView, ProductionOrderView)
MENU = (
    ("Sales orders", _l("Sales orders")),
    ("Purchase orders", _l("Purchase orders")),
    ("Production orders", _l("Production orders")),
)
WAITING = (
    _l("Sales orders waiting for approval"),
    _l("Purchase orders waiting for approval"),
    _l("Production orders waiting for approval"),
)

# A customer's page shows its orders; sales lies above and plugs itself in.
CustomerView.related_views.extend(view for view in LISTS if view not in CustomerView.related_views)

SEE = frozenset({"list", "show"})
WORK = SEE | {"add", "edit", "delete", "submit", "see_department", "print", "export"}
MANAGE = WORK | {"approve", "amend", "convert", "hold", "cancel", "complete", "import", "see_all"}
ACTIONS = frozenset(
    {
        *("list", "show", "add", "edit", "delete"),
        *("submit", "approve", "amend", "convert", "exceed", "over_credit", "hold", "cancel", "complete"),
        *("import", "export", "print", "see_own", "see_department", "see_all"),
    }
)


View = type[SalesOrderView | PurchaseOrderView | ProductionOrderView]


def _inbox(view: View, label: object) -> Inbox:
    """The orders of a kind that wait for their approval."""
    kind = view.model.__kind__
    assert kind is not None
    return Inbox(
        name=f"{POLICIES[kind].subject}.waiting",
        label=label,
        icon=view.icon,
        subject=POLICIES[kind].subject,
        count=partial(queries.waiting_count, kind),
        rows=partial(queries.waiting_orders, kind),
        url=partial(_waiting_url, view),
        bands=partial(_bands, view),
    )


def _waiting_url(view: View, **more: Any) -> str:
    """The list of what waits, where it is narrowed further and approved by the dozen."""
    return url_for(f"{view.__name__}.list", f_state=OrderState.SUBMITTED.value, sort="deliver_on", **more)


def _bands(view: View) -> list[Band]:
    """What waits by its delivery: past, soon and later; those that nobody waits for are left out."""
    kind, soon = view.model.__kind__, today() + timedelta(days=SOON_DAYS)
    assert kind is not None
    parts = (
        (_("Late"), "bad", None, today() - timedelta(days=1)),
        (_("Within %(days)s days", days=formats.num(SOON_DAYS)), "warn", today(), soon),
        (_("Later"), "info", soon + timedelta(days=1), None),
    )
    bands = []
    for words, tone, since, until in parts:
        found = queries.waiting_between(kind, since, until)
        days = {"f_deliver_on_from": since, "f_deliver_on_to": until}
        narrowed = {name: formats.jdate_input(day) for name, day in days.items() if day is not None}
        bands.append(Band(words, tone, found.number, _waiting_url(view, **narrowed), found.is_capped))
    return [band for band in bands if band.count]


USUAL_SIGNATURES = (Usual(_l("Ordered by"), Role.SALES), Usual(_l("Manager"), Role.MANAGER))


def _setup(_app: Flask) -> None:
    signable(
        Order, day="order_on", dead={OrderState.CANCELLED}, usual=USUAL_SIGNATURES,
        later={"number", "fiscal_year", "submitted_at", "approved_at", "approved_by_id"},
    )  # fmt: skip
    credit.install()
    progress.install()


FEATURE = Feature(
    name="sales.orders",
    label=_l("Orders"),
    category="sales",
    entries=(
        *(Entry(view, *words, view.icon) for view, words in zip(LISTS, MENU, strict=True)),
        *(Entry(editor) for editor in (SalesOrderEditor, PurchaseOrderEditor, ProductionOrderEditor)),
    ),
    apis=(SalesOrderApi, PurchaseOrderApi, ProductionOrderApi),
    models=(
        *(Order, SalesOrder, PurchaseOrder, ProductionOrder),
        *(OrderLine, OrderLineTax, OrderAdjustment, OrderAmendment),
    ),
    workflows=tuple(FLOWS.values()),
    actions=ACTIONS,
    grants={
        Role.MANAGER: MANAGE | {"exceed", "over_credit"},
        Role.SALES: WORK | {"amend", "convert", "approve"},
        Role.REP: SEE | {"see_own", "add", "edit", "submit"},
        Role.SUPERVISOR: SEE | {"see_department"},
        Role.ACCOUNTANT: SEE | {"see_all", "convert", "print", "export"},
    },
    more_grants={
        "sales.purchase_orders": {
            Role.MANAGER: MANAGE | {"exceed"},
            Role.ACCOUNTANT: WORK | {"approve", "amend", "convert", "complete", "import", "see_all"},
        },
        "sales.production_orders": {
            Role.MANAGER: MANAGE | {"exceed"},
            Role.SALES: WORK | {"amend", "convert"},
            Role.ACCOUNTANT: SEE | {"see_all", "print", "export"},
        },
    },
    searches=tuple(
        SearchSource(
            model=view.model,
            label=label,
            icon=view.icon,
            title=str,
            detail=lambda order: order.customer_name,
            endpoint=f"{view.__name__}.show",
        )
        for view, (_name, label) in zip(LISTS, MENU, strict=True)
    ),
    inboxes=tuple(_inbox(view, label) for view, label in zip(LISTS, WAITING, strict=True)),
    setup=_setup,
)
