"""The bytes of files: in the data folder, named by their digest, so that the same bytes lie there once.

A file is written beside its place, forced to the disk and renamed; a row that names it comes only
after. What no row names any more is swept a while later.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import current_app

SMALL = ".small"
"""The ending of a thumbnail beside its picture."""
_FOLDER, _LOCK = "attachments", ".lock"
SHARDS = tuple(f"{number:02x}" for number in range(256))


def keep(content: bytes, thumbnail: bytes | None = None) -> str:
    """Put bytes into the store; returns their SHA-256 in hex, their name from now on."""
    digest = hashlib.sha256(content).hexdigest()
    with _locked():
        _write(path_of(digest), content)
        if thumbnail is not None:
            _write(path_of(digest, small=True), thumbnail)
    return digest


def path_of(digest: str, *, small: bool = False) -> Path:
    """Where bytes lie, or the thumbnail made of them."""
    return _root() / digest[:2] / (digest + (SMALL if small else ""))


def digests_in(shard: str) -> list[str]:
    """What lies in one of the `SHARDS`."""
    folder = _root() / shard
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(name for name in names if len(name) == 64)


def drop(digest: str, *, written_before: float) -> bool:
    """Delete bytes and their thumbnail, unless they were put in (again) since a moment of the clock."""
    path = path_of(digest)
    with _locked():
        if not path.exists() or path.stat().st_mtime >= written_before:
            return False
        path.unlink()
        path_of(digest, small=True).unlink(missing_ok=True)
    return True


def _root() -> Path:
    return Path(current_app.config["DATA"]) / _FOLDER


def _write(path: Path, content: bytes) -> None:
    """Bytes that are there already are written over all the same: they may be damaged, and now are young again."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _locked() -> Iterator[None]:
    """One process at a time: the sweep must not delete what another has just put in anew."""
    _root().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (_root() / _LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
