"""Feature manifests: what a module brings, read strictly at start.

A feature package has `feature.py` with one `FEATURE`. The loader imports it, checks it and
registers its views, grants, workflows, searches and inboxes; a mistake stops the start with a
sentence that names the feature.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from flask_appbuilder import AppBuilder

    from app.core.workflow import Workflow

NAME = re.compile(r"^[a-z]+\.[a-z_]+$")
READ = frozenset({"list", "show"})
WRITE = READ | {"add", "edit", "delete"}
SHEETS = frozenset({"import", "export"})
"""What grants are mostly made of: screens and interface of one record type, and its workbooks."""


class Role(StrEnum):
    """The people of the product; stored as role names."""

    MANAGER = "Manager"
    TELEMARKETER = "Telemarketer"
    SALES = "Sales expert"
    REP = "Field rep"
    SUPERVISOR = "Field supervisor"
    DEALER = "Dealer"
    ACCOUNTANT = "Accountant"
    COLLECTOR = "Collector"
    SECRETARY = "Secretary"


class FeatureError(RuntimeError):
    """A manifest is wrong; the application must not start."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A view of the feature; with a label it is in the menu.

    `name` is the constant ASCII key of the menu permission.
    """

    view: type[Any]
    name: str = ""
    label: Any = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class SearchSource:
    """What the top search box looks into: the model, and how a hit is shown."""

    model: type[Any]
    label: Any
    icon: str
    title: Callable[[Any], str]
    detail: Callable[[Any], str]
    endpoint: str


@dataclass(frozen=True, slots=True)
class Band:
    """A part of an inbox by how near its rows are: counted to `count`, beyond that `is_capped`."""

    label: Any
    tone: str
    count: int
    url: str
    is_capped: bool = False


@dataclass(frozen=True, slots=True)
class Inbox:
    """A box on the home page: `rows(limit)`, `count()` and `bands()` see only what the actor may."""

    name: str
    label: Any
    icon: str
    subject: str
    count: Callable[[], int]
    rows: Callable[[int], Sequence[Any]]
    url: Callable[[], str]
    bands: Callable[[], Sequence[Band]] = tuple


@dataclass(frozen=True, slots=True)
class Feature:
    """A module as data.

    `grants` maps a shipped role to the actions it gets on `name`, e.g. {"list", "show",
    "see_department"}; the words are those of FAB without `can_`. `setup` runs at every start,
    `seed` at `init`: it makes the rows without which the module does not work, and changes
    nothing where they are. `more_grants` does as `grants` for further subjects of the feature's
    views, by subject.
    """

    name: str
    label: Any
    category: str = ""
    entries: tuple[Entry, ...] = ()
    apis: tuple[type[Any], ...] = ()
    models: tuple[type[Any], ...] = ()
    workflows: tuple[Workflow, ...] = ()
    actions: frozenset[str] = frozenset()
    grants: dict[Role, frozenset[str]] = field(default_factory=dict)
    more_grants: dict[str, dict[Role, frozenset[str]]] = field(default_factory=dict)
    searches: tuple[SearchSource, ...] = ()
    inboxes: tuple[Inbox, ...] = ()
    setup: Callable[[Flask], None] | None = None
    seed: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A heading of the sidebar."""

    name: str
    label: Any
    icon: str


def grants_by_subject(feature: Feature) -> dict[str, dict[Role, frozenset[str]]]:
    """Everything that a manifest grants: subject → role → actions without `can_`."""
    return {feature.name: feature.grants, **feature.more_grants}


def load_features(names: Sequence[str]) -> list[Feature]:
    """The manifests of `names`, in order. Raises FeatureError for anything wrong."""
    features: list[Feature] = []
    _import_models(names)
    for name in names:
        if not NAME.match(name):
            raise FeatureError(f"FEATURES: {name!r} is not of the form context.feature")
        try:
            module = import_module(f"app.{name}.feature")
        except ModuleNotFoundError as error:
            raise FeatureError(f"feature {name}: {error}") from error
        feature = getattr(module, "FEATURE", None)
        if not isinstance(feature, Feature):
            raise FeatureError(f"feature {name}: feature.py has no FEATURE")
        if feature.name != name:
            raise FeatureError(f"feature {name}: its manifest calls itself {feature.name}")
        if feature in features:
            raise FeatureError(f"feature {name} is listed twice")
        _check(feature)
        features.append(feature)
    return features


def _import_models(names: Sequence[str]) -> None:
    """All models before any view: a relationship may name a model of a feature that comes later."""
    for name in names:
        if NAME.match(name) and find_spec("app." + name.split(".")[0]) and find_spec(f"app.{name}.models"):
            import_module(f"app.{name}.models")


def _check(feature: Feature) -> None:
    for entry in feature.entries:
        if entry.label and not entry.name.isascii():
            raise FeatureError(f"feature {feature.name}: menu name {entry.name!r} must be ASCII")
        if getattr(entry.view, "class_permission_name", None) is None:
            raise FeatureError(f"feature {feature.name}: {entry.view.__name__} has no class_permission_name")
    for grants in grants_by_subject(feature).values():
        for role, actions in grants.items():
            unknown = {a for a in actions if a.startswith("can_")}
            if unknown:
                raise FeatureError(f"feature {feature.name}: grant of {role} without can_: {sorted(unknown)}")


def register_features(
    app: Flask, builder: AppBuilder, features: Sequence[Feature], headings: dict[str, Category]
) -> None:
    """Add every view, API and menu entry; keep the manifests at app.extensions['kartabl']."""
    app.extensions["kartabl"] = {"features": list(features), "headings": headings}
    for feature in features:
        heading = headings.get(feature.category)
        for entry in feature.entries:
            if not entry.label:
                builder.add_view_no_menu(entry.view)
                continue
            builder.add_view(
                entry.view,
                entry.name,
                label=entry.label,
                icon=entry.icon,
                category=heading.name if heading else "",
                category_label=heading.label if heading else "",
                category_icon=heading.icon if heading else "",
            )
        for api in feature.apis:
            builder.add_api(api)
        if feature.setup is not None:
            feature.setup(app)


def features_of(app: Flask) -> list[Feature]:
    """The manifests that this application runs with."""
    found: list[Feature] = app.extensions["kartabl"]["features"]
    return found


def headings_of(app: Flask) -> dict[str, Category]:
    """The headings of the sidebar, in order."""
    found: dict[str, Category] = app.extensions["kartabl"]["headings"]
    return found
