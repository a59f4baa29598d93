"""The tests' own servers: there when asked for, gone with the run."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import psycopg
import pytest
import redis

from tests import services

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.pg
def test_a_database_copied_from_a_template_has_its_rows() -> None:
    def build(url: str) -> None:
        with psycopg.connect(services.plain_url(url)) as connection:
            connection.execute("CREATE TABLE word AS SELECT 'سلام' AS text")

    first = services.postgresql_copy("words", build, "words_1")
    with psycopg.connect(services.plain_url(first)) as connection:
        connection.execute("DELETE FROM word")
    second = services.postgresql_copy("words", build, "words_2")
    with psycopg.connect(services.plain_url(second)) as connection:
        assert connection.execute("SELECT text FROM word").fetchall() == [("سلام",)]
    services.drop_database(first)
    services.drop_database(second)


@pytest.mark.redis
def test_redis_answers(redis_url: str) -> None:
    with redis.from_url(redis_url) as client:
        client.set("tests:hello", "سلام")
        assert client.get("tests:hello").decode() == "سلام"


@pytest.mark.redis
def test_a_server_ends_with_a_run_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests import services\n"
        "folder = services.begin_run()\n"
        "print(folder, services.service('redis'), flush=True)\n"
        "sys.stdin.read()\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert run.stdin is not None
    assert run.stdout is not None
    folder, url = run.stdout.readline().split()
    guard = json.loads((Path(folder) / "redis.ready").read_text())["guard"]
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdin.close()
    run.stdout.close()
    services._wait_for_end(guard)
    assert not Path(folder).exists()
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2].partition("/")[0])), timeout=1)


def test_nothing_leaves_this_machine() -> None:
    with socket.socket() as outside, pytest.raises(PermissionError, match="stay on this machine"):
        outside.connect(("192.0.2.1", 80))


@pytest.mark.browser
def test_chromium_shows_a_page(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1 dir=rtl>سلام</h1>")
    assert page.text_content("h1") == "سلام"
    page.close()


@pytest.mark.office
def test_libreoffice_converts_a_workbook(tmp_path: Path, office: Callable[..., Path]) -> None:
    book = openpyxl.Workbook()
    book.active.append(["نام", 12])
    book.save(tmp_path / "one.xlsx")
    made = office(tmp_path / "one.xlsx", to="csv:Text - txt - csv (StarCalc):44,34,76", folder=tmp_path)
    assert made.read_text(encoding="utf-8") == "نام,12\n"
