"""Screens of posts and of the people who hold them."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from app.core.fab import ModelView
from app.org.posts.models import Post, PostHolder
from app.org.posts.services import SUBJECT, check_post, check_term

WORK: list[str] = ["can_list", "can_show", "can_add", "can_edit"]


class PostHolderView(ModelView):
    """Terms; they end, and stay as a record."""

    model = PostHolder
    class_permission_name = SUBJECT
    route_base = "/post-holders"
    list_title = _l("Holders")
    item_title = _l("Term in a post")
    icon = "person-badge"
    base_permissions: ClassVar[list[str]] = WORK
    list_columns = ("post", "employee", "from_on", "until_on")
    form_columns = ("post", "employee", "from_on", "until_on")
    filter_columns = ("post", "employee")
    labels: ClassVar[dict[str, Any]] = {"post": _l("Post"), "employee": _l("Employee")}

    def pre_add(self, item: PostHolder) -> None:
        check_term(item)

    pre_update = pre_add


class PostView(ModelView):
    """Posts as an indented tree."""

    model = Post
    class_permission_name = SUBJECT
    route_base = "/posts"
    list_title = _l("Posts")
    item_title = _l("Post")
    icon = "diagram-2"
    base_permissions: ClassVar[list[str]] = WORK
    default_sort = "tree_order"
    page_size = 100
    list_columns = ("indented", "code", "department", "seats")
    sort_columns = ("code",)
    filter_columns = ("department",)
    form_columns = ("code", "name", "parent", "department", "seats", "position")
    related_views: ClassVar[list[Any]] = [PostHolderView]
    labels: ClassVar[dict[str, Any]] = {"indented": _l("Post"), "parent": _l("Below"), "seats": _l("Seats")}

    def pre_add(self, item: Post) -> None:
        check_post(item)

    pre_update = pre_add
