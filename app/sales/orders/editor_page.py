"""What the page of an order shows: the document, what can be done with it, its ledger, changes and family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext as _

from app.core import levels, ports
from app.core.actor import require_current
from app.core.clock import today
from app.core.field_rights import may_read, may_write
from app.core.links import view_of
from app.core.record_page import steps
from app.org.branches.queries import branches
from app.sales.documents import page
from app.sales.documents.making import ways_from
from app.sales.documents.tree import tree_of
from app.sales.orders import services
from app.sales.orders.amendments import amendments_of
from app.sales.orders.kinds import POLICIES, SOURCE_LABELS, STATE_LABELS, STATE_TONES, OrderState
from app.sales.orders.ledger import ledger_of
from app.sales.orders.models import Order

if TYPE_CHECKING:
    from app.sales.orders.editor import OrderEditor


def context(editor: OrderEditor, order: Order | None, *, is_amended: bool = False) -> dict[str, Any]:
    """Everything that the page of an order shows; `is_amended` opens a submitted one for a change."""
    actor, policy = require_current(), POLICIES[editor.kind]
    may_save = is_amended or (
        (order is None or (order.state is OrderState.DRAFT and levels.allows(levels.EDIT, order)))
        and actor.can("edit" if order else "add", policy.subject)
    )
    found = branches()
    return {
        **_head(editor, order, is_amended=is_amended),
        "title": _title(editor, order, is_amended=is_amended),
        "read_only": not may_save,
        "today": today(),
        "branches": found if len(found) > 1 else [],
        "discount_text": page.discount_text(order),
        "additions": page.additions(order),
        "figures": page.figures(order),
        "hidden_fields": [name for name in services.LIMITABLE if not may_read(Order, name)],
        "closed_fields": [name for name in services.LIMITABLE if not may_write(Order, name)],
        "document": page.page_data(
            editor.endpoint,
            order,
            services.document_of(order) if order else {**page.BLANK},
            read_only=not may_save,
            save_to="amend" if is_amended else "",
            own={"order_id": order.id} if order else {},
        ),
    }


def _head(editor: OrderEditor, order: Order | None, *, is_amended: bool) -> dict[str, Any]:
    """What stands above the lines: state, steps, buttons."""
    actor, policy = require_current(), POLICIES[editor.kind]
    state = order.state if order else OrderState.DRAFT
    shown = None if is_amended else order
    return {
        "order": order,
        "editor": editor.endpoint,
        "kind_policy": policy,
        "actor": actor,
        "is_amended": is_amended,
        "state_label": STATE_LABELS[state],
        "state_tone": STATE_TONES.get(state, "muted"),
        "source_label": SOURCE_LABELS[order.source] if order else "",
        "steps": steps(view_of(editor.listing), shown) if shown else [],
        "ways": ways_from(editor.endpoint, shown) if shown else [],
        "ledger": ledger_of(shown) if shown else None,
        "family": tree_of(shown) if shown else None,
        "amendments": amendments_of(shown) if shown else [],
        "may_discard": shown is not None
        and state is OrderState.DRAFT
        and actor.can("delete", policy.subject)
        and levels.allows(levels.EDIT, shown),
        "may_amend": shown is not None
        and state in services.AMENDABLE
        and actor.can("amend", policy.subject)
        and levels.allows("amend", shown),
        "record_actions": list(ports.record_actions.actions_for(type(shown))) if shown else [],
        "panels": ports.record_panels.panels_for(shown) if shown else [],
        "list_url": url_for(f"{editor.listing}.list") if actor.can("list", policy.subject) else "",
    }


def _title(editor: OrderEditor, order: Order | None, *, is_amended: bool) -> str:
    label = str(POLICIES[editor.kind].label)
    if order is None:
        return _("New: %(item)s", item=label)
    if order.number is None:
        return _("Draft: %(item)s", item=label)
    named = f"{label} {order.number_text}"
    return _("Amendment: %(item)s", item=named) if is_amended else named
