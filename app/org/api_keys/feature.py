"""API keys: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.feature import Entry, Feature, Role
from app.org.api_keys.models import ApiKey
from app.org.api_keys.views import ApiKeyView

FEATURE = Feature(
    name="org.api_keys",
    label=_l("API keys"),
    category="org",
    entries=(Entry(ApiKeyView),),
    models=(ApiKey,),
    grants={Role.MANAGER: frozenset({"add"})},
)
