"""What every feature keeps to, checked over all manifests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

import config
from app.core import levels, sheets
from app.core.feature import Feature, Role, grants_by_subject, load_features
from app.core.scope import Scoped, scoped_models
from app.core.workflow import Workflow
from app.office.edit_levels import words as level_words
from app.office.edit_levels.services import actions_of

ROOT = Path(__file__).resolve().parents[2]
FEATURES = load_features(config.FEATURES)
WORKFLOWS = [(feature, flow) for feature in FEATURES for flow in feature.workflows]
REACHES = frozenset({"see_own", "see_team", "see_department", "see_all"})
LIFTED = {
    "app/finance/moadian/queries.py": 2,  # the chain of a sale is one, whoever may see which return
    "app/finance/moadian/services.py": 4,  # and so are the serials of a memory
    "app/finance/invoices/returned.py": 3,  # what came back counts wherever it was booked
    "app/finance/invoices/year_end.py": 1,  # a year closes for everybody
    "app/finance/invoices/services.py": 1,  # a supplier's number is unique in the company
    "app/finance/cheques/services.py": 2,  # a Sayad number is unique in the company
    "app/finance/settlement/payments.py": 1,  # and so is a reference
    "app/finance/settlement/ledger.py": 1,  # what a document settles follows from it
    "app/finance/settlement/credit.py": 1,  # a customer's credit is one in the company
    "app/sales/orders/credit.py": 2,  # and so are its limit and what it ordered
    "app/sales/orders/services.py": 1,  # a reference is unique in the company
    "app/sales/orders/progress.py": 1,  # the ledger moves an order whoever made its child
    "app/sales/proformas/progress.py": 1,  # and a proforma
    "app/sales/production/conversions.py": 1,  # and takes back what a production left of it
    "app/sales/documents/conversions.py": 1,  # and counts what is left of it
    "app/core/level_guard.py": 1,  # an edit level asks of a document whether its changer sees it or not
    "app/core/seals.py": 1,  # a check of seals looks at every document
    "app/crm/customers/codes.py": 1,  # a code is unique in the company
    "app/org/delegations/queries.py": 2,  # who stands in for whom is known to both
    "imports/document_lookups.py": 1,  # a reference is unique in the company
    "imports/records.py": 1,  # and so is a code
    "imports/undo.py": 1,  # all in reach was asked before; half an import is not taken back
    "imports/undo_checks.py": 1,  # a record out of reach is told from one that is gone
}
"""Where the row scope is lifted, and how often. A new place is talked over first."""

each_feature = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
each_flow = pytest.mark.parametrize("flow", [flow for _f, flow in WORKFLOWS], ids=lambda flow: flow.name)


def views_of(feature: Feature) -> list[type[Any]]:
    return [entry.view for entry in feature.entries] + list(feature.apis)


def test_every_package_with_a_manifest_is_listed() -> None:
    found = {f"{path.parent.parent.name}.{path.parent.name}" for path in (ROOT / "app").glob("*/*/feature.py")}
    assert found == set(config.FEATURES)


@each_feature
def test_every_view_has_a_constant_ascii_permission_name(feature: Feature) -> None:
    for view in views_of(feature):
        name = view.class_permission_name or getattr(view.view, "class_permission_name", None)
        assert name, view
        assert name.isascii()
        assert name == name.lower()
        assert " " not in name


@each_feature
def test_granted_actions_exist(feature: Feature, app: Flask) -> None:
    """A grant of a right that nothing asks for is a typing mistake."""
    for subject, grants in grants_by_subject(feature).items():
        known = set(feature.actions) | set(_actions(app, subject))
        for role, actions in grants.items():
            assert actions <= known, f"{subject}, {role}: {sorted(actions - known)}"


def _actions(app: Flask, subject: str) -> Iterator[str]:
    for view in app.extensions["appbuilder"].baseviews:
        if view.class_permission_name == subject:
            yield from (name.removeprefix("can_") for name in view.base_permissions)


@each_feature
def test_grants_go_to_shipped_roles_and_subjects_of_the_feature(feature: Feature) -> None:
    subjects = {view.class_permission_name for view in views_of(feature)} | {feature.name}
    for subject, grants in grants_by_subject(feature).items():
        assert subject in subjects
        assert set(grants) <= set(Role)


@each_feature
def test_whoever_lists_scoped_rows_also_has_a_reach(feature: Feature) -> None:
    """Without one a list stays empty, and nobody knows why."""
    scoped = {model.__subject__ for model in feature.models if issubclass(model, Scoped)}
    for subject, grants in grants_by_subject(feature).items():
        for role, actions in grants.items():
            if subject in scoped and "list" in actions:
                assert actions & REACHES, f"{role} lists {subject} and sees no row"
            if subject not in scoped:
                assert not actions & REACHES, f"{role} reaches {subject}, which has no departments"


@each_feature
def test_no_menu_entry_is_without_a_grant(feature: Feature) -> None:
    """Somebody besides the administrator opens it, or it says that it is the administrator's."""
    for entry in feature.entries:
        if entry.label and entry.name not in ADMINISTRATORS:
            grants = grants_by_subject(feature).get(entry.view.class_permission_name, {})
            assert any("list" in actions for actions in grants.values()), entry.name


ADMINISTRATORS = frozenset(
    {
        "Access check",
        "Branches",
        "Edit levels",
        "Roles",
        "Second factor by role",
        "Sign-ins",
        "Webhook messages",
        "Webhooks",
    }
)
"""Menu entries that are the administrator's alone."""


def test_menu_names_are_unique() -> None:
    names = [entry.name for feature in FEATURES for entry in feature.entries if entry.label]
    assert len(names) == len(set(names))


def test_every_scoped_model_belongs_to_a_feature_and_has_a_place() -> None:
    listed = {model for feature in FEATURES for model in feature.models}
    for model in scoped_models():
        if not model.__module__.startswith("app."):
            continue
        assert model in listed, model
        columns = model.__mapper__.columns
        if model.__scope_parent__:
            assert columns[model.__scope_parent__].foreign_keys, model
        else:
            assert columns["department_id"].foreign_keys, model
            assert model.__scope_owner__ is None or columns[model.__scope_owner__].foreign_keys
            assert not model.__mapper__.columns["department_id"].nullable or model.__scope_owner__, model


def test_every_row_below_a_scoped_row_is_scoped_too() -> None:
    """A table that hangs on a scoped one by a cascading key would show what its parent hides."""
    for feature in FEATURES:
        for model in feature.models:
            for key in model.__table__.foreign_keys:
                parents = [m for m in scoped_models() if m.__table__ is key.column.table]
                if parents and key.ondelete == "CASCADE":
                    assert issubclass(model, Scoped), model


# Workflows ---------------------------------------------------------------------------------------


def test_every_workflow_belongs_to_a_feature() -> None:
    registered = {flow for flow in Workflow.all() if flow.model.__module__.startswith("app.")}
    assert registered == {flow for _feature, flow in WORKFLOWS}


@each_flow
def test_every_state_can_be_reached(flow: Workflow) -> None:
    transitions = flow.transitions.values()
    sources = {state for transition in transitions for state in transition.sources}
    reached = {flow.initial}
    while more := {t.target for t in transitions if reached & set(t.sources)} - reached:
        reached |= more
    assert sources <= reached
    assert reached == set(flow.states)


@each_flow
def test_every_step_has_a_right_that_is_granted(flow: Workflow) -> None:
    feature = next(feature for feature, other in WORKFLOWS if other is flow)
    granted = {action for actions in grants_by_subject(feature)[flow.subject].values() for action in actions}
    for transition in flow.transitions.values():
        assert transition.action in granted, transition.name


@each_flow
def test_every_step_is_called_by_a_persian_word(flow: Workflow, app: Flask) -> None:
    for transition in flow.transitions.values():
        for words in (transition.label, transition.confirm):
            if words is not None:
                assert is_persian(words), f"{flow.name}.{transition.name}: {words}"


each_document = pytest.mark.parametrize("document", levels.documents(), ids=lambda document: document.kind)


@each_flow
def test_what_has_an_amount_is_a_document_to_edit_levels(flow: Workflow) -> None:
    amounts = {"payable_rials", "amount_rials"} & set(flow.model.__mapper__.columns.keys())
    document = levels.document_of(flow.model)
    assert not amounts or (document is not None and document.measures.amount in amounts)


@each_document
def test_a_document_has_the_figures_that_it_declares(document: levels.Document) -> None:
    columns = document.model.__mapper__.columns
    measures = document.measures
    assert measures.day is not None
    assert columns[measures.day].type.python_type is date
    for name in (measures.amount, *(measures.discount or ())):
        assert name is None or columns[name].type.python_type is int
    assert issubclass(document.model, Scoped), "its rows are limited by the row scope"
    assert document.model.__scope_owner__, "the preview tells what owners would lose"
    assert not set(dict(measures.actions)) & set(document.steps)


@each_document
def test_everything_of_edit_levels_is_called_by_a_persian_word(document: levels.Document, app: Flask) -> None:
    with force_locale("fa"):
        said = [level_words.kind_words(document)]
        said += [level_words.action_words(document, action) for action in actions_of(document)]
        said += [level_words.state_words(document, state.value) for state in document.states]
    assert [one for one in said if not any("\u0600" <= letter <= "\u06ff" for letter in one)] == []


@each_feature
def test_labels_are_persian(feature: Feature, app: Flask) -> None:
    labels = [feature.label, *(entry.label for entry in feature.entries if entry.label)]
    labels += [source.label for source in feature.searches] + [box.label for box in feature.inboxes]
    assert [str(label) for label in labels if not is_persian(label)] == []


def is_persian(words: Any) -> bool:
    """Whether a sentence has a Persian translation."""
    with force_locale("fa"):
        return any("\u0600" <= letter <= "\u06ff" for letter in str(words))


# Sheets and the scope ----------------------------------------------------------------------------


def test_every_sheet_reads_the_headers_that_it_writes(app: Flask) -> None:
    for spec in sheets.all_sheets():
        for locale in ("fa", "en"):
            with force_locale(locale):
                written = {column.name: sheets.header_key(str(column.label)) for column in spec.all_columns}
            assert len(set(written.values())) == len(written), f"{spec.name}: two columns of one header"
            for column in spec.all_columns:
                mine = [other.name for other in spec.all_columns if written[column.name] in other.words()]
                assert mine == [column.name], f"{spec.name} in {locale}: {column.label}"


def test_the_row_scope_is_lifted_only_where_it_is_known() -> None:
    used: dict[str, int] = {}
    for folder in ("app", "imports", "reports"):
        for path in (ROOT / folder).rglob("*.py"):
            count = sum(_lifts(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))
            if count:
                used[path.relative_to(ROOT).as_posix()] = count
    assert used == LIFTED


def _lifts(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "unscoped"
