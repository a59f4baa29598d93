"""What of this installation is present, missing or wrong, and what to do about it.

Each check answers with findings and never raises: a doctor who faints helps nobody.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, current_app
from packaging.markers import Marker
from sqlalchemy import make_url, text

from app.core import clock
from app.core.db import db
from app.core.secrets import is_weak

PYTHONS = ((3, 11), (3, 13))
LEAST_DISK = 1024**3
TEHRAN_OFFSET = timedelta(hours=3, minutes=30)
BUILT_ON = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE = 10
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+))?")


class Status(StrEnum):
    OK = "ok"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found, what then does not work, what to do."""

    name: str
    status: Status
    found: str
    effect: str = ""
    remedy: str = ""
    is_optional: bool = False

    @property
    def is_ill(self) -> bool:
        """Whether the installation does not work as it should because of it."""
        return self.status is Status.WRONG or (self.status is Status.MISSING and not self.is_optional)


Check = Callable[[Flask], Iterator[Finding]]


def examine(app: Flask) -> list[Finding]:
    """Look at everything; needs an application context."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings.extend(check(app))
        except Exception as error:  # noqa: BLE001 -- a check that fails is itself a finding
            name = check.__name__.removeprefix("check_")
            findings.append(Finding(name, Status.WRONG, f"{type(error).__name__}: {error}", "the check itself failed"))
    return findings


def as_json(findings: list[Finding]) -> dict[str, object]:
    """`{"ok": …, "checks": [{"name", "status", "found", "effect", "remedy", "is_optional"}]}`."""
    return {"ok": not any(f.is_ill for f in findings), "checks": [asdict(f) for f in findings]}


def check_python(_app: Flask) -> Iterator[Finding]:
    version = sys.version.split()[0]
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        yield Finding("python", Status.OK, version)
    else:
        yield Finding(
            "python", Status.WRONG, version, "untested: packages may not install", "use Python 3.11, 3.12 or 3.13"
        )


def check_packages(_app: Flask) -> Iterator[Finding]:
    """The versions installed against requirements.lock."""
    lock = project_root() / "requirements.lock"
    pins = [match for line in lock.read_text(encoding="utf-8").splitlines() if (match := PIN.match(line))]
    wanted = {pin["name"]: pin["version"] for pin in pins if not pin["marker"] or Marker(pin["marker"]).evaluate()}
    differing = []
    for name, version in wanted.items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "nothing"
        if installed != version:
            differing.append(f"{name}: {installed} instead of {version}")
    if differing:
        yield Finding(
            "packages", Status.WRONG, "; ".join(differing), "runs with versions nobody has tested", "make setup"
        )
    else:
        yield Finding("packages", Status.OK, f"{len(wanted)} packages as in requirements.lock")


def check_database(app: Flask) -> Iterator[Finding]:
    address = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).render_as_string(hide_password=True)
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            version = ".".join(map(str, connection.dialect.server_version_info or ()))
            yield Finding("database", Status.OK, f"{address} ({connection.dialect.name} {version})")
            yield _schema(connection)
    except Exception as error:  # noqa: BLE001 -- each driver has its own errors
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        yield Finding("database", Status.WRONG, f"{address}: {reason}", "nothing works", "check DATABASE_URL")


def _schema(connection: object) -> Finding:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    head = ScriptDirectory(str(project_root() / "app" / "migrations")).get_current_head()
    current = MigrationContext.configure(connection).get_current_revision()  # type: ignore[arg-type]
    if current == head:
        return Finding("schema", Status.OK, str(current))
    if current is None:
        return Finding("schema", Status.MISSING, "no schema yet", "nothing works", "flask kartabl init")
    return Finding("schema", Status.WRONG, f"{current}, wants {head}", "pages fail", "flask kartabl init")


def check_redis(app: Flask) -> Iterator[Finding]:
    address = app.config.get("REDIS_URL")
    if not address:
        yield Finding("redis", Status.OK, "not configured: the queue is kept in the data folder")
        return
    import redis

    try:
        with redis.from_url(address, socket_connect_timeout=PATIENCE) as client:
            version = client.info("server")["redis_version"]
        yield Finding("redis", Status.OK, version)
    except redis.RedisError as error:
        yield Finding(
            "redis", Status.WRONG, str(error), "no job runs, no alarm rings", "start Redis or unset REDIS_URL"
        )


def check_printing(app: Flask) -> Iterator[Finding]:
    chosen = app.config.get("PDF_ENGINE", "auto")
    weasyprint = _weasyprint_fault()
    wkhtmltopdf = _version("wkhtmltopdf", "--version")
    is_last = wkhtmltopdf is None and weasyprint is not None
    if wkhtmltopdf is None:
        yield Finding(
            "wkhtmltopdf",
            Status.MISSING,
            "not found",
            "no PDF can be made" if is_last else "WeasyPrint makes the PDFs, slower in bulk",
            "apt-get install wkhtmltopdf (Debian 13 has none)",
            is_optional=chosen != "wkhtmltopdf" and not is_last,
        )
    else:
        yield Finding("wkhtmltopdf", Status.OK, wkhtmltopdf)
    if weasyprint is None:
        yield Finding("weasyprint", Status.OK, metadata.version("weasyprint"))
    else:
        yield Finding(
            "weasyprint",
            Status.MISSING,
            weasyprint,
            "no PDF can be made" if is_last else "no second engine where wkhtmltopdf fails",
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
            is_optional=chosen != "weasyprint" and not is_last,
        )


def _weasyprint_fault() -> str | None:
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        return str(error).strip().splitlines()[0]
    return None


def check_fonts(_app: Flask) -> Iterator[Finding]:
    folder = Path(__file__).parent / "static" / "vendor" / "vazirmatn"
    if not any(folder.rglob("*.ttf")):
        yield Finding(
            "fonts", Status.MISSING, "no Vazirmatn in the source", "PDFs are unreadable", "get the source again"
        )
    elif shutil.which("fc-list") is None:
        yield Finding("fonts", Status.MISSING, "no fontconfig", "PDFs use a substitute", "apt-get install fontconfig")
    else:
        yield Finding("fonts", Status.OK, "Vazirmatn, found through fontconfig")


def check_development(_app: Flask) -> Iterator[Finding]:
    """Programs that only the tests use; looked for where the test runner is installed."""
    if not _installed("pytest"):
        return
    for name, programs, effect, package in (
        ("chromium", ("chromium", "chromium-browser", "google-chrome"), "browser tests", "chromium"),
        ("libreoffice", ("soffice", "libreoffice"), "workbook tests", "libreoffice-calc"),
        ("postgresql server", ("initdb", *_postgres_programs()), "tests on PostgreSQL", "postgresql"),
        ("redis server", ("redis-server",), "tests on Redis", "redis-server"),
        ("pdftoppm", ("pdftoppm",), "tests of printed pages", "poppler-utils"),
    ):
        found = next(filter(None, map(shutil.which, programs)), None)
        if found:
            yield Finding(name, Status.OK, found, is_optional=True)
        else:
            remedy = f"apt-get install {package}"
            yield Finding(name, Status.MISSING, "not found", f"{effect} fail", remedy, is_optional=True)


def _postgres_programs() -> list[str]:
    return sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), reverse=True)


def _installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def check_data_folder(app: Flask) -> Iterator[Finding]:
    folder = Path(app.config["DATA"])
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        yield Finding("data folder", Status.WRONG, f"{folder} cannot be written", "nothing works", "check KARTABL_DATA")
        return
    open_to_others = [path for path in (folder, *_private_files(folder)) if path.stat().st_mode & stat.S_IRWXO]
    if open_to_others:
        names = ", ".join(str(path) for path in open_to_others)
        yield Finding("data folder", Status.WRONG, f"open to others: {names}", "other users read it", "chmod -R o-rwx")
    else:
        yield Finding("data folder", Status.OK, str(folder))


def _private_files(folder: Path) -> Iterator[Path]:
    """What lies directly in a folder that others may enter; deeper down the folder itself protects."""
    if folder.stat().st_mode & stat.S_IXOTH:
        yield from (path for path in folder.iterdir() if path.suffix in {".db", ".key"} or path.name == "keys")
    yield from (folder / "keys").glob("*.key")


def check_keys(app: Flask) -> Iterator[Finding]:
    for setting in ("SECRET_KEY", "JWT_SECRET_KEY", "DATA_KEY"):
        key = str(app.config.get(setting) or "")
        if is_weak(key):
            yield Finding(setting, Status.WRONG, "short or known", "sessions can be forged", "unset it: one is made")
        else:
            yield Finding(setting, Status.OK, f"{len(key)} characters")


def check_disk(app: Flask) -> Iterator[Finding]:
    free = shutil.disk_usage(app.config["DATA"]).free
    words = f"{free / 1024**3:.1f} GiB free"
    if free < LEAST_DISK:
        yield Finding("disk", Status.WRONG, words, "imports, faxes and backups fail soon", "make room")
    else:
        yield Finding("disk", Status.OK, words)


def check_time(_app: Flask) -> Iterator[Finding]:
    try:
        offset = clock.now().astimezone(ZoneInfo("Asia/Tehran")).utcoffset()
    except ZoneInfoNotFoundError:
        yield Finding("time", Status.MISSING, "no time zone Asia/Tehran", "dates are wrong", "make setup")
        return
    if offset != TEHRAN_OFFSET or clock.now() < BUILT_ON:
        found = f"{clock.now():%Y-%m-%d %H:%M} UTC, Tehran at {offset}"
        yield Finding("time", Status.WRONG, found, "dates and numbers are wrong", "set the clock; make setup")
    else:
        yield Finding("time", Status.OK, f"Asia/Tehran at +03:30; tzdata {metadata.version('tzdata')}")


def project_root() -> Path:
    """The folder of the lock files."""
    return Path(__file__).resolve().parents[2]


def _version(program: str, option: str) -> str | None:
    """The first line a program says of itself; None when it is not there or does not start."""
    path = shutil.which(program)
    if path is None:
        return None
    try:
        done = subprocess.run([path, option], capture_output=True, text=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip().partition("\n")[0]


CHECKS: tuple[Check, ...] = (
    check_python,
    check_packages,
    check_database,
    check_redis,
    check_printing,
    check_fonts,
    check_data_folder,
    check_keys,
    check_disk,
    check_time,
    check_development,
)


def report(findings: list[Finding]) -> Iterator[str]:
    """The findings for people, one or two lines each."""
    for finding in findings:
        yield f"{finding.status:<8} {finding.name}: {finding.found}"
        if finding.status is not Status.OK:
            yield f"{'':<8} {finding.effect}; to do: {finding.remedy}"


def examine_current() -> list[Finding]:
    """The findings on the running application."""
    return examine(current_app._get_current_object())  # type: ignore[attr-defined]
