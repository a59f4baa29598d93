"""A backup, and a new installation made of it, by the commands that people type."""

from __future__ import annotations

import re
import secrets
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import gettext
from sqlalchemy import select, text

from app.core import audit, chain
from app.core.chain_check import parse_head, verify_chain
from app.core.db import db
from app.crm.customers.models import Customer
from tests import factories as make
from tests import services
from tests.app_fixtures import _remove, make_app

pytestmark = pytest.mark.databases


@pytest.fixture
def run(committed_app: Flask) -> Callable[..., Any]:
    runner = committed_app.test_cli_runner()
    return lambda *arguments: runner.invoke(args=["kartabl", *map(str, arguments)])


@pytest.fixture
def filled(committed_app: Flask) -> Flask:
    """An installation with a customer, history, and files of which some belong into a backup."""
    make.CustomerFactory(name="Arya")
    db.session.commit()
    audit.seal_pending()
    data = Path(committed_app.config["DATA"])
    for name in ("papers/1.pdf", "keys/extra.key", "exports/day.csv", "queue.db", "backups/old.tar.gz"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(name)
    (data / "way-out").symlink_to("/etc/hostname")
    return committed_app


@pytest.fixture
def backup(filled: Flask, run: Callable[..., Any], tmp_path: Path) -> tuple[Path, str]:
    """The file of a backup, and the head that the command printed."""
    done = run("backup", "--to", tmp_path / "kept")
    assert done.exit_code == 0, done.output
    file, head = done.output.splitlines()
    return Path(file), head.removeprefix("head ")


@pytest.fixture
def empty(database: str, tmp_path: Path) -> Iterator[Flask]:
    """A new installation, whose database has nothing in it yet."""
    name = f"empty_{secrets.token_hex(4)}"
    url = f"sqlite:///{tmp_path / name}.db"
    if database == "postgresql":
        url = services.postgresql_database(name)
    made = make_app(url, tmp_path / name)
    with made.app_context():
        yield made
        _remove(made, url)


def test_its_name_holds_the_day_and_the_head_of_the_history(backup: tuple[Path, str], filled: Flask) -> None:
    file, head = backup
    assert head == chain.head_text()
    found = re.fullmatch(r"kartabl-\d{4}-\d\d-\d\d-\d{6}-head-(\d+)-([0-9a-f]{32})\.tar\.gz", file.name)
    assert found is not None
    assert f"{found[1]}:{found[2]}" == head
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_it_holds_the_database_and_the_files_that_count(backup: tuple[Path, str]) -> None:
    with tarfile.open(backup[0]) as tar:
        names = set(tar.getnames())
    assert {"database", "manifest.json", "files/papers/1.pdf", "files/keys/extra.key"} <= names
    assert not [
        name for name in names if "exports" in name or "queue" in name or "backups" in name or "way-out" in name
    ]
    assert not [name for name in names if name.endswith((".db", ".db-wal"))]


def test_a_new_installation_becomes_what_it_holds(backup: tuple[Path, str], empty: Flask) -> None:
    file, head = backup
    done = empty.test_cli_runner().invoke(args=["kartabl", "restore", str(file)])
    assert done.exit_code == 0, done.output
    assert f"--against {head}" in done.output
    assert (Path(empty.config["DATA"]) / "papers" / "1.pdf").read_text() == "papers/1.pdf"
    with empty.app_context():
        assert db.session.scalars(select(Customer.name)).one() == "Arya"
        assert verify_chain(against=[parse_head(head)]).findings == []
        db.session.remove()
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE crm_customer SET name = 'else'"))
        assert [one.code for one in verify_chain(against=[parse_head(head)]).findings] == ["record_changed"]
        db.session.remove()


def test_nothing_is_restored_over_an_installation(backup: tuple[Path, str], run: Callable[..., Any]) -> None:
    refused = run("restore", backup[0])
    assert refused.exit_code == 1
    assert gettext("The database is not empty. A backup is only restored into a new installation.") in refused.output
    assert db.session.scalars(select(Customer.name)).one() == "Arya"
    db.session.remove()


def test_nor_over_files(backup: tuple[Path, str], empty: Flask) -> None:
    left = Path(empty.config["DATA"]) / "papers" / "2.pdf"
    left.parent.mkdir(parents=True)
    left.write_text("mine")
    refused = empty.test_cli_runner().invoke(args=["kartabl", "restore", str(backup[0])])
    assert refused.exit_code == 1
    assert gettext("The data folder is not empty. A backup is only restored into a new installation.") in refused.output
    assert left.read_text() == "mine"


@pytest.mark.parametrize("fault", ["cut", "changed", "foreign"])
def test_a_damaged_file_is_refused_and_changes_nothing(
    backup: tuple[Path, str], empty: Flask, tmp_path: Path, fault: str
) -> None:
    bad = tmp_path / "bad.tar.gz"
    if fault == "cut":
        bad.write_bytes(backup[0].read_bytes()[:-2000])
    elif fault == "foreign":
        bad.write_bytes(b"PK\x03\x04")
    else:
        with tarfile.open(backup[0]) as tar:
            tar.extractall(tmp_path / "open", filter="data")
        (tmp_path / "open" / "files" / "papers" / "1.pdf").write_text("somebody else's")
        with tarfile.open(bad, "w:gz") as tar:
            tar.add(tmp_path / "open", arcname=".")
        shutil.rmtree(tmp_path / "open")
    refused = empty.test_cli_runner().invoke(args=["kartabl", "restore", str(bad)])
    assert refused.exit_code == 1
    assert gettext("This file is no backup of Kartabl, or it is damaged.") in refused.output
    assert not (Path(empty.config["DATA"]) / "papers").exists()


def test_a_backup_of_the_other_database_is_refused(backup: tuple[Path, str], database: str, tmp_path: Path) -> None:
    other = "sqlite" if database == "postgresql" else "postgresql"
    name = f"other_{secrets.token_hex(4)}"
    url = services.postgresql_database(name) if other == "postgresql" else f"sqlite:///{tmp_path / name}.db"
    made = make_app(url, tmp_path / name)
    with made.app_context():
        refused = made.test_cli_runner().invoke(args=["kartabl", "restore", str(backup[0])])
        _remove(made, url)
    assert refused.exit_code == 1
    assert gettext("This backup is of another kind of database. Set DATABASE_URL to that kind.") in refused.output
