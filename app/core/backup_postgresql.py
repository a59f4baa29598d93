"""PostgreSQL's own programs for copying a database; the password goes by the environment, not the command."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import URL

from app.core.errors import DomainError


class ProgramFailed(DomainError):
    """pg_dump or pg_restore is missing, or said no; the message holds its words."""

    code = "backup_failed"


def dump(url: URL, target: Path) -> None:
    """Write the database as of one moment. Raises ProgramFailed."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(url: URL, source: Path) -> None:
    """Fill an empty database from `dump`, whole or not at all. Raises ProgramFailed."""
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(source))


def _run(program: str, url: URL, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise ProgramFailed(
            _l("%(program)s is not on this machine: apt-get install postgresql-client", program=program)
        )
    # The plain address: SQLAlchemy names its driver, and hides nothing on a command line.
    address = url.set(drivername="postgresql", password=None).render_as_string()
    environment = {**os.environ, "PGPASSWORD": str(url.password or "")}
    done = subprocess.run(
        [found, f"--dbname={address}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = done.stderr.strip().splitlines()[-1:] or [str(done.returncode)]
        raise ProgramFailed(_l("%(program)s failed: %(words)s", program=program, words=words[0]))
