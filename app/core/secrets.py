"""Keys made at installation and kept in the data folder, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from flask import Flask

KNOWN_WEAK = frozenset(
    {
        "", "thisismyscretkey", "secret", "dev", "changeme", "\2\1thisismyscretkey\1\2\\e\\y\\y\\h",
        "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET", "thisISaSECRET_1234", "YOUR_OWN_RANDOM_GENERATED_SECRET_KEY",
        "TEST_NON_DEV_SECRET", "\2\1thisismyscretkey\1\2\\e\\y\\y\\h_SUPERSET", "temporary_key", "super-secret",
    }
)  # fmt: skip
"""Keys that stand in the examples of frameworks, and are tried first by who forges cookies."""
SHORTEST = 32
FEWEST_LETTERS = 16
"""Different characters of a key; fewer is somebody's word, not a random key."""
OPEN_TO_OTHERS = 0o077


class WeakKey(RuntimeError):
    """A known or short key was configured; starting with it would make sessions forgeable."""


class OpenKey(RuntimeError):
    """A key file can be read by other users of the machine."""


def ensure_keys(app: Flask) -> None:
    """Read or make the keys of this installation and put them into the settings."""
    folder = Path(app.config["DATA"])
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for setting, name in (("SECRET_KEY", "secret.key"), ("JWT_SECRET_KEY", "token.key"), ("DATA_KEY", "data.key")):
        key = app.config.get(setting) or read_or_make(folder / "keys" / name)
        if is_weak(key):
            raise WeakKey(f"{setting} is weak or known; remove it from the settings to have one made")
        app.config[setting] = key


def is_weak(key: str) -> bool:
    """Whether a key is known, short, or some word repeated."""
    return key in KNOWN_WEAK or len(key) < SHORTEST or len(set(key)) < FEWEST_LETTERS


def read_or_make(path: Path) -> str:
    """The key in `path`, made with mode 0600 if it is not there yet; two starters agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    for place in (path, path.parent):
        if place.stat().st_mode & OPEN_TO_OTHERS:
            raise OpenKey(f"{place} is open to other users; run: chmod -R go= {path.parent}")
    return path.read_text().strip()
