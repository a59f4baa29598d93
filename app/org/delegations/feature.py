"""Delegations: the manifest."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import Entry, Feature, Role
from app.org.delegations import services
from app.org.delegations.models import Delegation
from app.org.delegations.views import DelegationView

OWN = frozenset({"list", "show", "add", "edit", "delete", "see_own"})


def _install(_app: Flask) -> None:
    services.install()


FEATURE = Feature(
    name="org.delegations",
    label=_l("Delegations"),
    category="org",
    entries=(Entry(DelegationView, "Delegations", _l("Delegations"), "arrow-left-right"),),
    apis=(api_of(DelegationView),),
    models=(Delegation,),
    actions=frozenset({"see_own", "see_department", "see_all"}),
    # Everybody in the office goes on leave; a dealer is outside of it.
    grants={
        **{role: OWN for role in Role if role is not Role.DEALER},
        Role.MANAGER: OWN | {"see_department"},
        Role.SUPERVISOR: OWN | {"see_department"},
    },
    setup=_install,
)
