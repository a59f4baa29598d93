"""One file that holds an installation, and an installation made of one.

The file is a tar of the database as it was at one moment, the data folder's files, and
`manifest.json` with the digest of each. Its name carries the day and the head of the history, so that
the list of backups is also a list of heads that left the database (see ADR 0002).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, make_url

from app.core import backup_postgresql, clock
from app.core.audit import head_text, seal_pending
from app.core.db import db
from app.core.errors import DomainError

FORMAT = 1
KEPT_OUT = ("backups", "exports")
"""Folders of the data folder that a backup has no use for: itself, and files kept for a day."""
PASSING = ("queue.db",)
"""The queue is filled again from the jobs of the database."""
FILES, DATABASE, MANIFEST = "files", "database", "manifest.json"


class BackupRefused(DomainError):
    """A backup cannot be made or put back; the words say why."""

    code = "backup_refused"


def make_backup(folder: Path | None = None) -> tuple[Path, str]:
    """Write a backup into a folder (`backups` of the data folder); returns the file and the head in its name.

    Nobody has to stop working: the database is copied as it was at one moment. Its files are copied
    after it, so that every file it names is there.
    """
    seal_pending()
    head, data = head_text(), _data()
    folder = (folder or data / "backups").resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    seq, _colon, digest = head.partition(":")
    name = f"kartabl-{clock.now():%Y-%m-%d-%H%M%S}-head-{seq}{f'-{digest}' if digest else ''}.tar.gz"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as scratch:
        copy, part = Path(scratch) / DATABASE, Path(scratch) / name
        _copy_database(copy)
        files = {DATABASE: copy} | {f"{FILES}/{path.relative_to(data)}": path for path in _files(data, folder)}
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _write(part, files, {"format": FORMAT, "kind": _kind(), "head": head, "made_at": clock.now().isoformat()})
        part.replace(folder / name)
    return folder / name, head


def restore_backup(file: Path) -> dict[str, Any]:
    """Make an installation of a backup; returns its manifest. Raises BackupRefused over anything that is there.

    The keys of the backup take the place of those that the empty installation was given at its start.
    """
    _refuse_what_is_there(file)
    data = _data()
    with tempfile.TemporaryDirectory(dir=data, prefix=".part-") as scratch:
        unpacked = Path(scratch)
        manifest = _unpack(file, unpacked)
        if manifest["kind"] != _kind():
            raise BackupRefused(_l("This backup is of another kind of database. Set DATABASE_URL to that kind."))
        _put_database(unpacked / DATABASE)
        for path in sorted((unpacked / FILES).rglob("*")):
            target = data / path.relative_to(unpacked / FILES)
            if path.is_dir():
                target.mkdir(parents=True, exist_ok=True, mode=0o700)
            else:
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                path.replace(target)
    return manifest


def _data() -> Path:
    return Path(current_app.config["DATA"]).resolve()


def _kind() -> str:
    return str(db.engine.dialect.name)


def _sqlite_file() -> Path | None:
    name = make_url(str(db.engine.url)).database if _kind() == "sqlite" else None
    return Path(name).resolve() if name else None


def _files(data: Path, target: Path) -> Iterator[Path]:
    """The data folder's files that belong into a backup; no link leads out of it."""
    database = _sqlite_file()
    passing = {f"{one}{ending}" for one in PASSING for ending in ("", "-wal", "-shm")}
    for path in sorted(data.rglob("*")):
        parts = path.relative_to(data).parts
        is_database = database is not None and path.name.startswith(database.name) and path.parent == database.parent
        is_left = parts[0] in KEPT_OUT or parts[0] in passing or any(part.startswith(".part-") for part in parts)
        if path.is_file() and not path.is_symlink() and not is_database and not is_left and target not in path.parents:
            yield path


def _copy_database(target: Path) -> None:
    if _kind() == "postgresql":
        backup_postgresql.dump(db.engine.url, target)
        return
    with closing(db.engine.raw_connection()) as pooled, closing(sqlite3.connect(target)) as copy:
        source: Any = pooled.driver_connection
        source.backup(copy)


def _put_database(copy: Path) -> None:
    if _kind() == "postgresql":
        backup_postgresql.load(db.engine.url, copy)
        return
    target = _sqlite_file()
    if target is None:
        raise BackupRefused(_l("A database in memory cannot be restored."))
    db.engine.dispose()
    for ending in ("", "-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.move(copy, target)


def _write(part: Path, files: dict[str, Path], manifest: dict[str, Any]) -> None:
    digests = {}
    with tarfile.open(part, "w:gz", compresslevel=6) as tar:
        for name, path in files.items():
            if not path.exists():  # went away since it was listed
                continue
            tar.add(path, arcname=name, recursive=False)
            digests[name] = _digest(path)
        listed = part.with_name(MANIFEST)
        listed.write_text(json.dumps({**manifest, "files": digests}, indent=1), encoding="utf-8")
        tar.add(listed, arcname=MANIFEST)


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """The manifest of a backup, all its files unpacked and compared with it."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        digests: dict[str, str] = manifest["files"]
        is_whole = manifest["format"] == FORMAT and all(_digest(folder / n) == d for n, d in digests.items())
    except (OSError, EOFError, ValueError, KeyError, tarfile.TarError) as error:
        raise BackupRefused(_l("This file is no backup of Kartabl, or it is damaged.")) from error
    if not is_whole or DATABASE not in digests:
        raise BackupRefused(_l("This file is no backup of Kartabl, or it is damaged."))
    return manifest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_what_is_there(file: Path) -> None:
    """Only an installation without tables and files is restored into; its own new keys do not count."""
    data, database = _data(), _sqlite_file()
    if (database is None or database.exists()) and inspect(db.engine).get_table_names():
        raise BackupRefused(_l("The database is not empty. A backup is only restored into a new installation."))
    found = [path for path in _files(data, data / "backups") if path != file.resolve()]
    if any(path.relative_to(data).parts[0] != "keys" for path in found):
        raise BackupRefused(_l("The data folder is not empty. A backup is only restored into a new installation."))
