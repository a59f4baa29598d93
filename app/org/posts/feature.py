"""Posts: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import Entry, Feature, Role
from app.org.posts.models import Post, PostHolder
from app.org.posts.views import PostHolderView, PostView

FEATURE = Feature(
    name="org.posts",
    label=_l("Posts"),
    category="org",
    entries=(Entry(PostView, "Posts", _l("Posts"), "diagram-2"), Entry(PostHolderView)),
    apis=(api_of(PostView), api_of(PostHolderView)),
    models=(Post, PostHolder),
    grants={Role.MANAGER: frozenset({"list", "show"})},
)
