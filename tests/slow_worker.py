"""The real worker with one more job, which stops at a gate so that a test can kill it there."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from app.core.db import db
from app.core.job_runner import JobRun
from app.core.jobs import job
from app.worker import huey

__all__ = ["huey", "pass_gate"]


@job("test.pass_gate", attempts=5)
def pass_gate(run: JobRun, *, folder: str) -> str:
    """Leave an effect, say so at the first pipe, wait at the second, and only then end."""
    db.session.execute(text("INSERT INTO test_effect (job_id) VALUES (:id)"), {"id": run.id})
    Path(folder, "arrived").open("w").close()  # opens when the test listens
    with Path(folder, "gate").open() as gate:
        return gate.readline().strip()
