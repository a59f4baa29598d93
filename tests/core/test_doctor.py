"""The doctor names what is ill, what then does not work, and what to do; and never faints."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core import doctor
from app.core.doctor import Status


def findings(app: Flask) -> dict[str, doctor.Finding]:
    return {finding.name: finding for finding in doctor.examine(app)}


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_kwargs: None)


def test_a_prepared_installation_is_well(committed_app: Flask) -> None:
    assert {name: f.found for name, f in findings(committed_app).items() if f.is_ill} == {}


def test_a_missing_program_says_what_then_does_not_work(app: Flask, nothing_installed: None) -> None:
    found = findings(app)
    printing = found["wkhtmltopdf"]
    assert printing.status is Status.MISSING
    assert "WeasyPrint" in printing.effect
    assert "apt-get install" in printing.remedy
    assert not printing.is_ill
    assert found["chromium"].status is Status.MISSING


def test_a_missing_engine_that_was_chosen_is_an_illness(
    app: Flask, nothing_installed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PDF_ENGINE", "wkhtmltopdf")
    assert findings(app)["wkhtmltopdf"].is_ill


@pytest.mark.parametrize("key", ["", "secret", "short", "a" * 64, "password" * 8])
def test_a_weak_key_is_wrong(app: Flask, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setitem(app.config, "SECRET_KEY", key)
    assert findings(app)["SECRET_KEY"].status is Status.WRONG


def test_an_unreachable_redis_is_wrong(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "REDIS_URL", "redis://127.0.0.1:1/0")
    assert findings(app)["redis"].is_ill


@pytest.mark.redis
def test_a_reachable_redis_is_well(app: Flask, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "REDIS_URL", redis_url)
    assert findings(app)["redis"].status is Status.OK


def test_a_data_folder_open_to_others_is_wrong(committed_app: Flask) -> None:
    folder = Path(committed_app.config["DATA"])
    for key in (folder / "keys").glob("*.key"):
        key.chmod(0o644)
    assert findings(committed_app)["data folder"].status is Status.WRONG


def test_a_full_disk_is_wrong(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_DISK", 1 << 60)
    assert findings(app)["disk"].status is Status.WRONG


def test_a_package_of_another_version_is_wrong(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "project_root", lambda: tmp_path)
    (tmp_path / "requirements.lock").write_text(
        "flask==0.1 \\\n    --hash=sha256:00\nnowhere==1 ; python_version < '3'\n", encoding="utf-8"
    )
    found = next(doctor.check_packages(app))
    assert found.status is Status.WRONG
    assert "instead of 0.1" in found.found
    assert "nowhere" not in found.found


def test_an_older_schema_is_wrong(committed_app: Flask) -> None:
    from app.core.db import db

    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    assert findings(committed_app)["schema"].is_ill


def test_passwords_of_the_database_are_not_shown(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SQLALCHEMY_DATABASE_URI", "postgresql+psycopg://u:hush@127.0.0.1/x")
    assert "hush" not in json.dumps(doctor.as_json(doctor.examine(app)))


def test_a_check_that_fails_is_a_finding(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def check_stars(_app: Flask) -> Any:
        raise RuntimeError("clouds")

    monkeypatch.setattr(doctor, "CHECKS", (check_stars,))
    (found,) = doctor.examine(app)
    assert (found.name, found.status) == ("stars", Status.WRONG)


def test_the_command_prints_json_and_fails_when_something_is_ill(
    committed_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: Callable[..., Any] = committed_app.test_cli_runner().invoke
    well = run(args=["kartabl", "doctor", "--json"])
    assert well.exit_code == 0
    assert json.loads(well.output)["ok"] is True
    monkeypatch.setitem(committed_app.config, "SECRET_KEY", "secret")
    ill = run(args=["kartabl", "doctor"])
    assert ill.exit_code == 1
    assert "sessions can be forged" in ill.output
