"""What we change inside Flask-AppBuilder 5.3, each with its reason and a test in tests/core.

Applied once at composition. An upgrade that makes one needless fails its test.
"""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, g, has_request_context, request, session
from flask_appbuilder import ModelRestApi, baseviews
from flask_appbuilder.babel.manager import BabelManager
from flask_appbuilder.babel.views import LocaleView
from flask_appbuilder.baseviews import BaseModelView, BaseView
from flask_appbuilder.models.filters import Filters as BaseFilters
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security import decorators
from flask_appbuilder.security.manager import BaseSecurityManager
from flask_appbuilder.views import ModelView as FabModelView
from sqlalchemy import inspect

from app.core.row_numbers import row_number

_apply_order_by = SQLAInterface.apply_order_by
_add_filter_index = BaseFilters.add_filter_index


def apply() -> None:
    """Put the patches on FAB's classes. Safe to repeat."""
    BabelManager.get_locale = _get_locale
    LocaleView.update_redirect = _remember_nothing
    LocaleView.get_redirect = _back_to_referrer
    BaseView.update_redirect = _remember_nothing
    BaseView.get_redirect = _back_to_referrer
    BaseSecurityManager.add_permissions_view = _add_permissions_only
    decorators.flash = _say_nothing
    BaseModelView._filters = _FiltersOfRequest()
    ModelRestApi._filters = _FiltersOfRequest()
    SQLAInterface.apply_order_by = _order_by_known
    baseviews.get_page_args = lambda: _numbers("page_")
    baseviews.get_page_size_args = lambda: _numbers("psize_")
    BaseFilters.add_filter_index = _add_known_filter
    # It sends any file of the upload folder to whoever may open any list.
    FabModelView.download = None
    FabModelView.get_action_permission_name = _action_permission


def _order_by_known(self: Any, query: Any, order_column: str, *args: Any, **options: Any) -> Any:
    """FAB hands the name of a column from the address to SQL, and fails for one that does not exist."""
    model: Any = self.obj
    *path, last = order_column.split(".")
    for name in path:
        relation = inspect(model).relationships.get(name) if model is not None else None
        model = relation.mapper.class_ if relation is not None else None
    known = model is not None and last in inspect(model).column_attrs
    renders = not path and hasattr(getattr(self.obj, last or "-", None), "_col_name")
    return _apply_order_by(self, query, order_column if known or renders else "", *args, **options)


def _numbers(start: str) -> dict[str, int]:
    """By view, what FAB reads from `page_<view>` and `psize_<view>`; it fails for what is no number."""
    sent = {name: row_number(value) for name, value in request.args.items() if name.startswith(start)}
    return {name.removeprefix(start): number for name, number in sent.items() if number is not None}


def _add_known_filter(self: Any, column: str, index: int, value: Any) -> None:
    """FAB fails for a filter that is not there, and PostgreSQL for a text with NUL in it."""
    if index < len(self._search_filters.get(column, ())):
        texts = [value] if isinstance(value, str) else value
        _add_filter_index(self, column, index, [text.replace("\0", "") for text in texts])


def _action_permission(self: Any, name: str) -> str:
    """FAB fails for an action that its screens of rights do not have, whoever asks; here it is not found."""
    if name not in self.actions:
        abort(404)
    return str(self.method_permission_name.get(self.actions[name].func.__name__) or name)


def _get_locale(self: Any) -> str:
    """FAB writes the language into the session of every visitor, robots too, so each gets a cookie.

    Ours only reads: the address (API), the choice in the session, the person's own language.
    """
    default: str = self.babel_default_locale
    if not has_request_context():
        return default
    asked = request.args.get("_l_")
    if asked is not None:
        return asked if asked in self.languages else default
    chosen = session.get("locale")
    if chosen in self.languages:
        return str(chosen)
    user = g.get("user")
    own = getattr(user, "locale", None) if user is not None and user.is_authenticated else None
    return str(own) if own in self.languages else default


def _remember_nothing(_self: Any) -> None:
    """FAB keeps the last five addresses in the cookie of everybody; two open tabs mix them up."""


class _FiltersOfRequest:
    """FAB keeps the filters of a list on the view, which all threads share.

    One person's filter then shapes another's result. Each request gets a copy of its own.
    """

    def __get__(self, view: Any, owner: type[Any]) -> Any:
        first = None if view is None else view.__dict__.get("_filters_first")
        if first is None or not has_request_context():
            return first
        known: dict[int, Any] = request.environ.setdefault("kartabl.filters", {})
        if id(view) not in known:
            mine = copy.copy(first)
            mine.filters, mine.values = list(first.filters), list(first.values)
            known[id(view)] = mine
        return known[id(view)]

    def __set__(self, view: Any, filters: Any) -> None:
        view.__dict__["_filters_first"] = filters


def _say_nothing(_message: str, _category: str = "") -> None:
    """FAB tells a visitor who is not signed in yet that access is denied; the sign-in page says enough."""


def _back_to_referrer(_self: Any) -> str:
    """Back to the page that the request came from, when it is ours; else home."""
    home: str = current_app.extensions["appbuilder"].get_url_for_index
    referrer = urlsplit(request.referrer or "")
    if not referrer.path or referrer.netloc != request.host or referrer.path == request.path:
        return home
    return referrer.path + (f"?{referrer.query}" if referrer.query else "")


def _add_permissions_only(self: Any, base_permissions: list[str], view_menu: str) -> None:
    """FAB deletes the permissions of a subject that the view at hand does not have.

    Our subjects have several views (list, editor, API): each would take away the others' rights.
    """
    admin = self.find_role(self.auth_role_admin)
    known = {
        p.permission.name: p for p in self.find_permissions_view_menu(self.add_view_menu(view_menu)) if p.permission
    }
    for name in base_permissions:
        permission = known.get(name) or self.add_permission_view_menu(name, view_menu)
        if admin is not None and permission not in admin.permissions:
            self.add_permission_role(admin, permission)
