"""The migrations make exactly the schema of the models, and every one can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from app.core.db import db
from app.core.search import is_search_object
from tests import services
from tests.app_fixtures import dispose, make_app

MIGRATIONS = Path(__file__).resolve().parents[2] / "app" / "migrations"
OWN_TABLES = {"alembic_version"}


@pytest.fixture
def empty_app(database: str, worker: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without a schema."""
    if database == "postgresql":
        url = services.postgresql_database(f"migrations_{worker}")
    else:
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    app = make_app(url, tmp_path / "data")
    with app.app_context():
        yield app
    dispose(app)
    if database == "postgresql":
        services.drop_database(url)


def schema() -> dict[str, Any]:
    """Tables with columns, keys and indexes as the database tells them."""
    looking = inspect(db.engine)
    return {
        table: {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in looking.get_columns(table)],
            "indexes": sorted((i["name"], tuple(i["column_names"])) for i in looking.get_indexes(table)),
            "keys": sorted((f["name"] or "", tuple(f["constrained_columns"])) for f in looking.get_foreign_keys(table)),
        }
        for table in looking.get_table_names()
    }


@pytest.mark.databases
def test_migrating_up_down_and_up_again_gives_the_same_schema(empty_app: Flask) -> None:
    upgrade()
    first = schema()
    downgrade(revision="base")
    assert set(schema()) <= OWN_TABLES
    upgrade()
    assert schema() == first


@pytest.mark.databases
def test_each_migration_can_be_taken_back_alone(empty_app: Flask) -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    revisions = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    for revision in revisions:
        upgrade(revision=revision)
        after = schema()
        downgrade(revision="-1")
        upgrade(revision=revision)
        assert schema() == after, revision


@pytest.mark.databases
def test_models_and_migrations_agree(empty_app: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        options = {"include_object": ours, "compare_type": True, "render_as_batch": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, db.Model.metadata) == []


def ours(item: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Whether an object belongs to the models and not to the search engine or to a test of the kernel."""
    if is_search_object(name, kind):
        return False
    return reflected or kind != "table" or name not in tables_of_tests()


def tables_of_tests() -> set[str]:
    """Tables of models that tests declare for themselves."""
    models = [mapper.class_ for mapper in db.Model.registry.mappers]
    return {model.__tablename__ for model in models if model.__module__.startswith("tests.")}


@pytest.mark.databases
def test_preparing_twice_changes_nothing(empty_app: Flask) -> None:
    from app.org.setup import prepare

    assert prepare(admin="first", password="long-enough-1") is not None
    before = row_counts()
    assert prepare(admin="second", password="long-enough-2") is None
    assert row_counts() == before


def row_counts() -> dict[str, int]:
    """Rows of every table of the models."""
    db.session.remove()
    with db.engine.connect() as connection:
        return {
            name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()
            for name in sorted(inspect(connection).get_table_names())
            if not name.startswith("audit_") and not is_search_object(name, "table")
        }


def test_there_is_one_line_of_migrations_with_dated_names() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1
    for revision in script.walk_revisions():
        assert Path(revision.path).name[:10].replace("_", "").isdigit()


@pytest.mark.parametrize("path", sorted((MIGRATIONS / "versions").glob("*.py")), ids=lambda path: path.stem)
def test_a_migration_imports_no_models(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert ".models" not in source
    assert "app.core.db" not in source


def test_the_application_says_where_its_migrations_are(app: Flask) -> None:
    assert Path(current_app.extensions["migrate"].directory) == MIGRATIONS
