"""Roles: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.feature import Feature
from app.org.access.models import FieldRight

FEATURE = Feature(name="org.access", label=_l("Roles"), category="org", models=(FieldRight,))
