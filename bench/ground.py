"""Where a measurement stands: databases of its own, an application on them, and its figures."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from tests import services
from tests.app_fixtures import dispose, fresh_database, make_app

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "1GB"}
"""The tests' PostgreSQL forgets the disk; a measured one must not."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `limit` is what the same run measured as the floor (or ceiling) of it."""

    database: str
    name: str
    value: float
    unit: str
    limit: float | None = None
    target: str = ""
    note: str = ""

    @property
    def ratio(self) -> str:
        return f"{self.value / self.limit:.2f}" if self.limit else ""


@contextmanager
def servers() -> Iterator[Path]:
    """A folder of the run, in which servers are started when first asked for."""
    os.environ["KARTABL_TEST_POSTGRESQL"] = json.dumps(DURABLE)
    folder = services.begin_run()
    try:
        yield folder
    finally:
        services.end_run(folder)


@contextmanager
def application(kind: str, name: str) -> Iterator[tuple[Flask, str, Path]]:
    """An application on a fresh database of a kind ("sqlite", "postgresql"), its address, a data folder."""
    url = fresh_database(kind, name)
    with TemporaryDirectory(prefix="kartabl-bench-") as folder:
        app = make_app(url, Path(folder))
        try:
            with app.app_context():
                yield app, url, Path(folder)
        finally:
            dispose(app)
            if kind == "postgresql":
                services.drop_database(url)
            else:
                for path in Path(url.removeprefix("sqlite:///")).parent.glob(f"{name}.db*"):
                    path.unlink()


def quantile(values: Sequence[float], part: float) -> float:
    """The value that `part` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def median(values: Sequence[float]) -> float:
    """The value in the middle."""
    return statistics.median(values)


def table(figures: Sequence[Figure]) -> str:
    """All figures as one Markdown table."""
    lines = ["| database | figure | value | limit | ratio | target | note |", "|---|---|---:|---:|---:|---|---|"]
    for f in figures:
        limit = "" if f.limit is None else f"{f.limit:,.1f}"
        lines.append(
            f"| {f.database} | {f.name} | {f.value:,.1f} {f.unit} | {limit} | {f.ratio} | {f.target} | {f.note} |"
        )
    return "\n".join(lines)
