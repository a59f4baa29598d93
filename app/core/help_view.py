"""The help page: the main job in a few steps, and the keys that save time."""

from __future__ import annotations

from flask import Flask, abort, render_template
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.core.actor import ActorKind, current


class HelpView(BaseView):
    """`/help/`, for everybody who is signed in."""

    route_base = "/help"
    class_permission_name = "core.help"
    base_permissions: list[str] = []
    default_view = "page"

    @expose("/")
    def page(self) -> str:
        actor = current()
        if actor is None or actor.kind is ActorKind.ANONYMOUS:
            abort(401)
        return render_template("kartabl/help.html", title=_("Help"))

    @expose("/access")
    def access(self) -> str:
        """How access is decided, for administrators and whoever wonders."""
        actor = current()
        if actor is None or actor.kind is ActorKind.ANONYMOUS:
            abort(401)
        return render_template("kartabl/help_access.html", title=_("How access is decided"))


def install(_app: Flask, builder: object) -> None:
    """Add the route to the application."""
    builder.add_view_no_menu(HelpView)  # type: ignore[attr-defined]
