"""Who is in the dealer panel, with which rights, and which pages it has.

The role "Dealer" opens the panel and nothing of the office. Inside, the person acts with a few
rights that the panel lends for the length of a request; the row scope stays that of the dealer's
own party, so that what is lent reaches nobody else's rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import Actor, acting_as, require_current
from app.core.db import db
from app.core.errors import NotAllowed
from app.core.home import Landing
from app.crm.customers.models import Customer
from app.sales.dealers.models import SUBJECT
from app.sales.orders.models import SalesOrder

_lent: set[tuple[str, str]] = {
    ("can_see_own", Customer.__subject__),
    *((f"can_{action}", SalesOrder.__subject__) for action in ("see_own", "add", "submit")),
}


class NotADealer(NotAllowed):
    """The panel is for people of dealers."""

    code = "not_a_dealer"
    default_message = _l("This panel is for people of dealers. Ask the administrator if you are one.")


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the panel's menu."""

    endpoint: str
    label: Any
    icon: str


_pages: list[Page] = []


def add_page(endpoint: str, label: Any, icon: str, *, lends: tuple[tuple[str, str], ...] = ()) -> None:
    """Put a page into the menu; `lends` are (action, subject) rights that it needs inside. Safe to repeat.

    A right that is lent counts for services; the office's own pages ask the person's roles.
    """
    page = Page(endpoint, label, icon)
    if page not in _pages:
        _pages.append(page)
    _lent.update((f"can_{action}", subject) for action, subject in lends)


def pages() -> tuple[Page, ...]:
    """The menu, in order."""
    return tuple(_pages)


@contextmanager
def entered() -> Iterator[Customer]:
    """Act in the panel for the length of a block; gives the dealer. Raises NotADealer."""
    who = require_current()
    if who.customer_id is None or who.is_unrestricted:
        raise NotADealer
    with acting_as(replace(who, rights=who.rights | _lent)) as inside:
        dealer = db.session.scalar(select(Customer).where(Customer.id == who.customer_id))
        if dealer is None or not dealer.is_dealer or not dealer.is_active:
            raise NotADealer
        with acting_as(replace(inside, home_department_id=dealer.department_id)):
            yield dealer


def inside(view: Callable[..., Any]) -> Callable[..., Any]:
    """A route of the panel: it gets the dealer as its first argument."""

    @wraps(view)
    def run(self: Any, *values: Any, **named: Any) -> Any:
        with entered() as dealer:
            return view(self, dealer, *values, **named)

    return run


def landing(who: Actor) -> Landing | None:
    """The panel, for somebody of a dealer; None for everybody else."""
    if who.customer_id is None or not who.can("list", SUBJECT):
        return None
    return Landing(url_for("DealerView.catalogue"), _l("To the catalogue"), "grid", "dealers/frame.html")


def present_dealer() -> str:
    """What the present person's dealer is called; empty where the panel is closed to them."""
    try:
        with entered() as dealer:
            return str(dealer.name)
    except NotADealer:
        return ""
