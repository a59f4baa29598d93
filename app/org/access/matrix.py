"""What can be granted, worked out from the manifests, views and workflows: modules and their abilities.

An ability is what people call a thing ("see", "change", "issue"); below it lie one or more rights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.core.actor import Reach
from app.core.feature import Category, Feature, features_of, grants_by_subject
from app.core.links import fab
from app.core.scope import Scoped
from app.core.workflow import Workflow

Right = tuple[str, str]

SEE = frozenset({"list", "show"})
REACH_ACTIONS = {Reach.OWN: "see_own", Reach.TEAM: "see_team", Reach.DEPARTMENT: "see_department", Reach.ALL: "see_all"}
REACH_LABELS: dict[Reach, Any] = {
    Reach.NONE: _l("nothing"),
    Reach.OWN: _l("own rows"),
    Reach.TEAM: _l("own and the team's rows"),
    Reach.DEPARTMENT: _l("rows of the departments"),
    Reach.ALL: _l("all rows"),
}
COLUMNS: dict[str, tuple[Any, frozenset[str]]] = {
    "add": (_l("Add"), frozenset({"add"})),
    "edit": (_l("Change"), frozenset({"edit"})),
    "delete": (_l("Delete"), frozenset({"delete"})),
    "import": (_l("Import"), frozenset({"import"})),
    "export": (_l("Export"), frozenset({"export"})),
    "print": (_l("Print"), frozenset({"print"})),
}
"""The abilities that most modules have; each is a column of the matrix."""
WORDS: dict[str, Any] = {
    "amend": _l("Amend with a reason"),
    "answer": _l("Note the customer's answer"),
    "approve_above": _l("Approve above the limits"),
    "convert": _l("Make documents from it"),
    "end": _l("End sign-ins"),
    "exceed": _l("Make more than is left"),
    "keep_stamp": _l("Keep the company stamp"),
    "order": _l("Order in the panel"),
    "over_credit": _l("Approve beyond the credit limit"),
    "revise": _l("Make a new revision"),
    "sign": _l("Sign documents"),
    "work": _l("Report the work"),
}
"""Abilities that no step or button has words for, or only those of one step among several."""
ADMINISTRATORS = frozenset({("edit", "org.access")})
"""What no role gives: only administrators change roles."""


@dataclass(frozen=True, slots=True)
class Ability:
    """Something that can be allowed in a module, with the rights it takes."""

    key: str
    label: Any
    rights: frozenset[Right]

    def state(self, held: frozenset[Right] | set[Right]) -> str:
        """`full`, `part` or `none` of it is in the held rights."""
        if self.rights <= held:
            return "full"
        return "part" if self.rights & held else "none"


@dataclass(frozen=True, slots=True)
class Module:
    """A subject of rights as people know it. `reaches` is empty where rows belong to no department."""

    subject: str
    label: Any
    heading: str
    see: Ability
    abilities: tuple[Ability, ...]
    reaches: tuple[Reach, ...]
    menu: frozenset[str]

    def ability(self, key: str) -> Ability | None:
        """The ability of a key; None where the module has none."""
        return next((one for one in self.abilities if one.key == key), None)

    @property
    def further(self) -> tuple[Ability, ...]:
        """The abilities that are this module's own."""
        return tuple(one for one in self.abilities if one.key not in COLUMNS)

    def reach_in(self, held: frozenset[Right] | set[Right]) -> Reach:
        """How far rights reach here; without the right to open the module nowhere."""
        if not self.see.rights & held:
            return Reach.NONE
        if not self.reaches:
            return Reach.ALL
        wide = [reach for reach, action in REACH_ACTIONS.items() if (f"can_{action}", self.subject) in held]
        return wide[-1] if wide else Reach.NONE

    def reach_right(self, reach: Reach) -> Right:
        """The right that reaches so far."""
        return (f"can_{REACH_ACTIONS[reach]}", self.subject)


def modules() -> list[Module]:
    """Every module in the order of the menu; worked out once an application."""
    found: list[Module] | None = current_app.extensions["kartabl"].get("modules")
    if found is None:
        found = current_app.extensions["kartabl"]["modules"] = list(_modules())
    return found


def columns() -> dict[str, Any]:
    """The columns of the matrix that some module needs, with their words."""
    used = {ability.key for module in modules() for ability in module.abilities}
    return {key: label for key, (label, _actions) in COLUMNS.items() if key in used}


def module_of(subject: str) -> Module | None:
    """The module of a subject; None for what only experts grant."""
    return next((module for module in modules() if module.subject == subject), None)


def by_heading(headings: Mapping[str, Category]) -> list[tuple[Any, list[Module]]]:
    """The modules under the words of their headings."""
    groups: dict[str, list[Module]] = {name: [] for name in headings}
    for module in modules():
        groups.setdefault(module.heading, []).append(module)
    return [
        (headings[name].label if name in headings else _l("Further"), found) for name, found in groups.items() if found
    ]


def _modules() -> Iterator[Module]:
    features = features_of(current_app._get_current_object())  # type: ignore[attr-defined]
    scoped = {
        model.__subject__ for one in features for model in one.models if issubclass(model, Scoped)
    }  # fmt: skip
    seen: set[str] = set()
    for feature in features:
        for subject in _subjects(feature):
            if subject in seen:
                continue
            seen.add(subject)
            actions = set(_actions(feature, subject))
            if actions & SEE:
                yield _module(feature, subject, actions, is_scoped=subject in scoped)


def _subjects(feature: Feature) -> list[str]:
    views = [entry.view.class_permission_name for entry in feature.entries]
    return list(dict.fromkeys([feature.name, *views, *grants_by_subject(feature)]))


def _actions(feature: Feature, subject: str) -> Iterator[str]:
    """The actions of a subject, without `can_`."""
    for view in fab().baseviews:
        if view.class_permission_name == subject:
            yield from (name.removeprefix("can_") for name in view.base_permissions)
    if subject == feature.name:
        yield from feature.actions
    for granted in grants_by_subject(feature).get(subject, {}).values():
        yield from granted
    for flow in Workflow.all():
        if flow.subject == subject:
            yield from (transition.action for transition in flow.transitions.values())


def _module(feature: Feature, subject: str, actions: set[str], *, is_scoped: bool) -> Module:
    reaching = set(REACH_ACTIONS.values())
    free = {a for a in actions - SEE - reaching if (a, subject) not in ADMINISTRATORS}
    abilities = []
    for key, (label, wanted) in COLUMNS.items():
        if wanted & free:
            abilities.append(_ability(key, label, wanted & free, subject))
            free -= wanted
    abilities += [_ability(action, _words(action, subject), {action}, subject) for action in sorted(free)]
    return Module(
        subject=subject,
        label=_label(feature, subject),
        heading=feature.category,
        see=_ability("see", _l("See"), actions & SEE, subject),
        abilities=tuple(abilities),
        reaches=tuple(REACH_ACTIONS) if is_scoped else (),
        menu=frozenset(
            entry.name for entry in feature.entries if entry.label and entry.view.class_permission_name == subject
        ),
    )


def _ability(key: str, label: Any, actions: Iterable[str], subject: str) -> Ability:
    return Ability(key, label, frozenset((f"can_{action}", subject) for action in actions))


def _words(action: str, subject: str) -> Any:
    """The words of an action of a module's own: those of its step or button."""
    if action in WORDS:
        return WORDS[action]
    for flow in Workflow.all():
        for transition in flow.transitions.values() if flow.subject == subject else ():
            if transition.action == action:
                return transition.label
    for view in fab().baseviews:
        if view.class_permission_name == subject and action in getattr(view, "actions", {}):
            return view.actions[action].text
    return action.replace("_", " ").capitalize()


def _label(feature: Feature, subject: str) -> Any:
    if subject == feature.name:
        return feature.label
    entries = [entry for entry in feature.entries if entry.view.class_permission_name == subject]
    named = next((entry.label for entry in entries if entry.label), None)
    return named or (getattr(entries[0].view, "list_title", None) if entries else None) or subject
