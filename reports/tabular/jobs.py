"""Long exports: written by a worker, kept for a day for the one who asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.core import clock
from app.core.actor import require_current
from app.core.db import db, writing
from app.core.errors import NotFound
from app.core.job_runner import JobRun
from app.core.jobs import Job, JobState, job
from app.core.schedule import every
from reports.tabular.export import ACTION, Values, open_export

KEPT_FOR = timedelta(hours=24)


class ExportGone(NotFound):
    """The file was kept for a day and is no more."""

    code = "export_gone"
    default_message = _l("This file is kept for one day only. Export the list again.")


def folder() -> Path:
    """Where finished exports wait; nobody but this system's user may read it."""
    path = Path(current_app.config["DATA"]) / "exports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


@job("reports.export", label=_l("Export"), writes=False)
def export_list(run: JobRun, subject: str, values: Values, table: str = "") -> None:
    """Write a list to a file of the job's number, log it, and end the job with where it is."""
    export = open_export(subject, values, table)
    total = None if export.main.lines or len(export.tables) > 1 else export.count()
    run.progress(0, total)
    with whole_file(folder() / f"{run.id}.{export.options.format}") as file:
        rows = export.write(file, progress=run.progress)
    db.session.rollback()
    with writing():
        export.log(rows)
        run.complete(
            {
                "rows": rows,
                "download": f"/export/files/{run.id}",
                "file_name": export.file_name(),
                "subject": subject,
                "expires_at": (clock.now() + KEPT_FOR).isoformat(),
            }
        )
        db.session.commit()


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is complete."""
    part = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def finished_file(job_id: int, *, name: str = "reports.export", action: str = ACTION) -> tuple[Path, dict[str, Any]]:
    """The file of one's own job of that name and the job's result; `action` is the right on its subject.

    Raises NotFound for everybody else's, NotAllowed once the right is gone, ExportGone after a day.
    """
    actor = require_current()
    record = db.session.get(Job, job_id)
    is_own = record is not None and actor.user_id is not None and record.actor_id == actor.user_id
    if record is None or not is_own or record.name != name or record.state is not JobState.DONE:
        raise NotFound(job=job_id)
    result: dict[str, Any] = record.result or {}
    actor.require(action, str(result.get("subject")))
    path = folder() / f"{job_id}.{Path(str(result.get('file_name'))).suffix.lstrip('.') or 'xlsx'}"
    is_old = record.finished_at is None or record.finished_at < clock.now() - KEPT_FOR
    if is_old or not path.is_file():
        raise ExportGone(job=job_id)
    return path, result


@every(seconds=900)
def remove_old_exports() -> int:
    """Delete the files of yesterday, and parts that a dead worker left."""
    limit = time.time() - KEPT_FOR.total_seconds()
    old = [path for path in folder().iterdir() if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
