"""Keys are made at installation, readable by their owner only; a known or open key stops the start."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.core.secrets import KNOWN_WEAK, OpenKey, WeakKey, ensure_keys, read_or_make

NAMES = ("secret.key", "token.key", "data.key")
ROOT = Path(__file__).resolve().parents[2]


def installation(folder: Path, **settings: Any) -> Any:
    return SimpleNamespace(config={"DATA": folder, **settings})


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_are_made_once_with_closed_modes(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        first = installation(tmp_path / "data")
        ensure_keys(first)
    finally:
        os.umask(before)
    keys = tmp_path / "data" / "keys"
    assert mode(tmp_path / "data") == 0o700
    assert mode(keys) == 0o700
    assert [mode(keys / name) for name in NAMES] == [0o600] * 3
    made = [first.config[name] for name in ("SECRET_KEY", "JWT_SECRET_KEY", "DATA_KEY")]
    assert len(set(made)) == 3
    again = installation(tmp_path / "data")
    ensure_keys(again)
    assert [again.config[name] for name in ("SECRET_KEY", "JWT_SECRET_KEY", "DATA_KEY")] == made


@pytest.mark.parametrize("key", sorted(KNOWN_WEAK - {""}) + ["short", "k" * 64, "password" * 8])
@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY", "DATA_KEY"])
def test_a_known_or_weak_key_stops_the_start(tmp_path: Path, name: str, key: str) -> None:
    with pytest.raises(WeakKey, match=name):
        ensure_keys(installation(tmp_path, **{name: key}))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("opened", [0o640, 0o604, 0o644, 0o660])
def test_a_key_that_others_read_stops_the_start(tmp_path: Path, name: str, opened: int) -> None:
    ensure_keys(installation(tmp_path))
    (tmp_path / "keys" / name).chmod(opened)
    with pytest.raises(OpenKey, match="chmod"):
        ensure_keys(installation(tmp_path))


def test_an_open_key_folder_stops_the_start(tmp_path: Path) -> None:
    ensure_keys(installation(tmp_path))
    (tmp_path / "keys").chmod(0o755)
    with pytest.raises(OpenKey):
        ensure_keys(installation(tmp_path))


def test_two_starters_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "secret.key"
    code = (
        "import sys; from pathlib import Path; from app.core.secrets import read_or_make;"
        " print(read_or_make(Path(sys.argv[1])))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = {process.communicate(timeout=60)[0].strip() for process in running}
    assert said == {read_or_make(path)}


def test_the_whole_application_refuses_to_start(tmp_path: Path) -> None:
    environment = {**os.environ, "KARTABL_DATA": str(tmp_path / "data")}
    start = [sys.executable, "-c", "from app import create_app; create_app()"]
    ensure_keys(installation(tmp_path / "data"))
    (tmp_path / "data" / "keys" / "secret.key").chmod(0o644)
    done = subprocess.run(start, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "open to other users" in done.stderr
