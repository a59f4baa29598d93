"""What is allowed, worked out again from the manifests alone: no code of the row scope is asked."""

from __future__ import annotations

from functools import lru_cache

import config
from app.core.feature import Role, grants_by_subject, load_features
from app.org.roles import EVERYBODY
from tests.access import bodies
from tests.access.routes import Door, Route
from tests.access.world import ADMIN, ANONYMOUS, NO_ROLE, OF_DEALER, Place, Row
from tests.modules import probed_modules

SUBJECT_OF = {
    "customer": "crm.customers",
    "file": "crm.customers",
    "contact": "crm.customers",
    "phone": "crm.customers",
    "address": "crm.customers",
    "invoice": "finance.invoices",
    "tax document": "finance.invoices",
    "purchase": "finance.purchases",
    "sales return": "finance.sales_returns",
    "purchase return": "finance.purchase_returns",
    "order": "sales.orders",
    "purchase order": "sales.purchase_orders",
    "production order": "sales.production_orders",
    "proforma": "sales.proformas",
    "purchase proforma": "sales.purchase_proformas",
    **dict.fromkeys(("production", "production line", "line at work"), "sales.production"),
    "payment": "finance.settlement",
    "opening": "finance.settlement",
    "open item": "finance.settlement",
    "cheque": "finance.cheques",
    "delegation": "org.delegations",
    **{module.kind: module.subject for module in probed_modules()},
}
"""Rows that belong to departments, and whose reach counts for them."""
ABOUT_A_PARTY = frozenset(
    {
        *("customer", "file", "contact", "phone", "address", "invoice", "purchase", "sales return", "purchase return"),
        *("order", "purchase order", "production order", "proforma", "purchase proforma"),
        *("payment", "opening", "open item", "cheque", "tax document"),
    }
)
"""Of these somebody who works for a dealer sees the dealer's own, and nothing of the others in SUBJECT_OF."""

IN_THE_PANEL = frozenset({"customer", "order", "invoice", "opening", "open item", "cheque"})
"""What the dealer panel shows of the dealer's own to somebody with the role "Dealer"."""

TO_DEALERS = {OF_DEALER: ABOUT_A_PARTY, Role.DEALER.value: IN_THE_PANEL}
PANEL = "sales.dealers"
"""Its pages are for people of dealers; the administrator works for none."""

FILES = {"batch": "import", "export file": "export"}
"""One person's alone, not even the administrator's, for as long as that person holds the right: a file
may hold what only its owner may see."""


@lru_cache(maxsize=1)
def _grants() -> dict[str, dict[str, frozenset[str]]]:
    """Subject → role → actions, from every manifest."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for feature in load_features(config.FEATURES):
        for subject, grants in grants_by_subject(feature).items():
            found[subject] = {role.value: actions for role, actions in grants.items()}
    return found


def holds(person: str, action: str, subject: str) -> bool:
    """Whether somebody has a right."""
    if person == ADMIN:
        return True
    if person in (ANONYMOUS, NO_ROLE):
        return False
    role = Role.MANAGER.value if person == OF_DEALER else person
    return (f"can_{action}", subject) in EVERYBODY or action in _grants().get(subject, {}).get(role, frozenset())


def sees(person: str, row: Row) -> bool:
    """Whether somebody sees a row, by place and reach."""
    is_mine = row.place is Place.MINE and row.owner == person
    if row.kind in FILES:
        return is_mine and holds(person, FILES[row.kind], "crm.customers")
    if row.kind == "import":  # its page shows no cell of the file
        return holds(person, "import", "crm.customers") and (is_mine or _sees_all(person, "crm.customers"))
    if person == ADMIN:
        return True
    if row.kind in ("job", "api key"):
        return is_mine
    if row.kind in ("price list", "employee"):
        subject = {"price list": "sales.prices", "employee": "org.employees"}[row.kind]
        return holds(person, "list", subject) or holds(person, "show", subject)
    subject = SUBJECT_OF.get(row.kind)
    if subject is None:
        return True
    if person in TO_DEALERS:
        return is_mine and row.kind in TO_DEALERS[person]
    if holds(person, "see_all", subject):
        return True
    in_department = row.place in (Place.MINE, Place.OURS, Place.BELOW, Place.DEALER)
    if holds(person, "see_department", subject):
        return is_mine or in_department
    return is_mine and holds(person, "see_own", subject)


def _sees_all(person: str, subject: str) -> bool:
    return person != OF_DEALER and holds(person, "see_all", subject)


def adds_elsewhere(person: str, route: Route) -> bool:
    """Whether the route makes rows that are not about the dealer for whom the person works."""
    forms = {bodies.customer, bodies.customer_json, bodies.delegation, *(m.body for m in probed_modules())}
    sheets = {bodies.correction, bodies.replacement}  # new customers, checked again at once
    return person == OF_DEALER and ((route.action == "add" and route.send in forms) or route.send in sheets)


def allows(person: str, route: Route, row: Row | None) -> bool:
    """Whether a request gets in."""
    if route.door is Door.PUBLIC:
        return True
    if route.door is Door.NOBODY or person == ANONYMOUS:
        return False
    if route.door is Door.SIGNED_IN:
        return True
    if route.subject == PANEL and person != Role.DEALER.value:
        return False
    if route.door is Door.OWNER:
        return row is not None and sees(person, row)
    return holds(person, route.action, route.subject) and (row is None or sees(person, row))
