"""Roles: the manifest."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.feature import Entry, Feature
from app.org.access import check_views, recording
from app.org.access.check_views import AccessView
from app.org.access.models import FieldRight
from app.org.access.views import RolesView


def _install(_app: Flask) -> None:
    check_views.install()
    recording.install()


FEATURE = Feature(
    name="org.access",
    label=_l("Roles"),
    category="org",
    entries=(
        Entry(RolesView, "Roles", _l("Roles"), "shield-lock"),
        Entry(AccessView, "Access check", _l("Who can see and do what"), "shield-check"),
    ),
    models=(FieldRight,),
    setup=_install,
)
