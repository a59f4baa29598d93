"""Edit levels in words: kinds of documents, states, actions, whom a row names and how far it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.db import db
from app.core.digits import localize
from app.core.formats import lang
from app.core.history import Diff, HistoryEntry
from app.core.level_rules import ANY, EDIT, EXPORT, PRINT, VIEW, Limits
from app.core.levels import Document
from app.core.links import fab
from app.core.money import format_rials
from app.core.workflow import Workflow
from app.office.edit_levels.models import EditLevel, LevelTable, percent_text
from app.office.edit_levels.table import Row, Who
from app.org.posts.models import Post

ACTIONS = {VIEW: _l("See"), EDIT: _l("Change"), PRINT: _l("Print"), EXPORT: _l("Export")}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of all roles and posts, read once a page."""

    roles: Mapping[int, str]
    posts: Mapping[int, str]

    @classmethod
    def read(cls) -> Names:
        roles = {role.id: str(role) for role in db.session.scalars(select(Role).order_by(Role.name))}
        posts = {post.id: post.indented for post in db.session.scalars(select(Post).order_by(Post.tree_order))}
        return cls(roles, posts)

    def of(self, who: Who) -> str:
        """Whom a row names."""
        if who.rank is not None:
            return rank_words(who.rank)
        if who.role_id is not None:
            return self.roles.get(who.role_id, "?")
        return self.posts.get(who.post_id or 0, "?").strip()


def rank_words(rank: int) -> str:
    """A level of the chart and those above it; 1 is the top."""
    if rank == 1:
        return _("Top of the chart")
    return _("Level %(number)s of the chart and above", number=localize(str(rank), lang()))


def kind_words(document: Document) -> str:
    """What documents of a kind are called: the title of their list."""
    for view in fab().baseviews:
        if getattr(getattr(view, "datamodel", None), "obj", None) is document.model and hasattr(view, "list_title"):
            return str(view.list_title)
    return document.kind


def state_words(document: Document, state: str) -> str:
    """What a state is called; ANY too."""
    if state == ANY:
        return _("Any state")
    flow = Workflow.of(document.model)
    return str(flow.label(document.states(state))) if flow is not None else state


def action_words(document: Document, action: str) -> str:
    """What an action is called: a step by its first button."""
    further = dict(document.measures.actions)
    if action in ACTIONS or action in further:
        return str(ACTIONS.get(action) or further[action])
    flow = Workflow.of(document.model)
    steps = flow.transitions.values() if flow is not None else ()
    named = [str(step.label) for step in steps if step.action == action and step.applies is None]
    named += [str(step.label) for step in steps if step.action == action]
    return named[0] if named else action


def limits_words(limits: Limits) -> str:
    """How far a row goes, in a few words; empty for no limit."""
    found = []
    if limits.amount_rials is not None:
        found.append(_("up to %(amount)s rials", amount=format_rials(limits.amount_rials, lang())))
    if limits.discount_percent is not None:
        shown = localize(percent_text(limits.discount_percent), lang())
        found.append(_("discount up to %(percent)s percent", percent=shown))
    if limits.age_days is not None:
        found.append(_("up to %(days)s days old", days=localize(str(limits.age_days), lang())))
    return _(", ").join(found)


def rows_words(rows: Iterable[Row], names: Names) -> list[tuple[str, str]]:
    """(who, how far) of rows."""
    return [(names.of(row.who), limits_words(row.limits)) for row in rows]


def readable(entry: HistoryEntry, document: Document) -> HistoryEntry:
    """An entry of the history with states, actions and the kind in words."""
    told: dict[str, Callable[[str], str]] = {
        "kind": lambda _value: kind_words(document),
        "state": lambda value: state_words(document, value),
        "action": lambda value: action_words(document, value),
    }

    def shown(diff: Diff) -> Diff:
        say = told.get(diff.field)
        if say is None:
            return diff
        old, new = (None if value is None else say(value) for value in (diff.old, diff.new))
        return replace(diff, old=old, new=new)

    return replace(entry, diffs=tuple(map(shown, entry.diffs)))


def label_of_field(model: type[Any], name: str) -> Any:
    """The words of a field in the history; None for other models."""
    return model.__labels__.get(name) if model in (LevelTable, EditLevel) else None
