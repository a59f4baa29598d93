"""What is allowed, worked out again from the manifests alone: no code of the row scope is asked."""

from __future__ import annotations

from functools import lru_cache

import config
from app.core.feature import grants_by_subject, load_features
from app.org.roles import EVERYBODY
from tests.access.routes import Door, Route
from tests.access.world import ADMIN, ANONYMOUS, NO_ROLE, Place, Row
from tests.modules import probed_modules

SUBJECT_OF = {
    "customer": "crm.customers",
    "contact": "crm.customers",
    "phone": "crm.customers",
    "address": "crm.customers",
    "invoice": "finance.invoices",
    "delegation": "org.delegations",
    **{module.kind: module.subject for module in probed_modules()},
}
"""Rows that belong to departments, and whose reach counts for them."""


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
    return (f"can_{action}", subject) in EVERYBODY or action in _grants().get(subject, {}).get(person, frozenset())


def sees(person: str, row: Row) -> bool:
    """Whether somebody sees a row, by place and reach."""
    is_mine = row.place is Place.MINE and row.owner == person
    if row.kind == "batch":  # the administrator's neither: the file may hold what only its owner may bring in
        return is_mine and holds(person, "import", "crm.customers")
    if row.kind == "import":  # its page shows no cell of the file
        return holds(person, "import", "crm.customers") and (is_mine or holds(person, "see_all", "crm.customers"))
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
    if holds(person, "see_all", subject):
        return True
    in_department = row.place in (Place.MINE, Place.OURS, Place.BELOW)
    if holds(person, "see_department", subject):
        return is_mine or in_department
    return is_mine and holds(person, "see_own", subject)


def allows(person: str, route: Route, row: Row | None) -> bool:
    """Whether a request gets in."""
    if route.door is Door.PUBLIC:
        return True
    if route.door is Door.NOBODY or person == ANONYMOUS:
        return False
    if route.door is Door.SIGNED_IN:
        return True
    if route.door is Door.OWNER:
        return row is not None and sees(person, row)
    return holds(person, route.action, route.subject) and (row is None or sees(person, row))
