"""A workbook of 100,000 customers × 15 columns brought in and written out, against its floors of the same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter
from sqlalchemy import select

import app.sales.catalog.models  # noqa: F401 - customers point to price lists by name
from app.core import bulk
from app.core.actor import Actor, acting_as
from app.core.calendar import format_date
from app.core.db import db, writing
from app.core.jobs import enqueue
from app.core.search import index_new
from app.core.sheets import sheet_named
from app.crm.customers.models import Customer
from app.demo.customers import Places, customer_rows
from app.org.departments.queries import default_department
from app.org.employees.models import Employee
from app.org.security import actor_of
from bench.ground import Figure, application
from bench.site import Site, running
from imports.batches import apply_batch, new_batch
from imports.models import Stage
from tests.app_fixtures import KEYS

ROWS = 100_000
LIST = "/customers/list/"
CALM_SECONDS = 10.0
HEADINGS = {
    "code": "code",
    "name": "customer name",
    "kind": "type",
    "company_name": "company",
    "national_id": "national id",
    "legal_id": "legal id",
    "economic_code": "economic code",
    "mobile": "mobile",
    "phone": "telephone",
    "province": "province",
    "city": "city",
    "address": "address",
    "postal_code": "postal code",
    "credit_limit_rials": "credit limit",
    "registered_on": "registered",
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command that ended: what it said, its seconds by the clock and of the processor, and the
    highest memory of it and its children together."""

    status: int
    words: str
    seconds: float
    processor: float
    peak_mb: float


def run(kind: str, scale: float) -> Iterator[Figure | str]:
    """Rows per second and peak memory of import and export, beside reading, inserting and selecting alone."""
    count = max(100, int(ROWS * scale))
    with application(kind, "bench_sheets") as (app, url, folder):
        rows = _rows(count)
        source = folder / "customers.xlsx"
        _write(source, rows)
        insert = count / _insert_alone(rows)
        look = _kartabl(url, folder, "inspect", str(source), "--json")
        read = count / json.loads(look.words)["seconds"]
        idle = _kartabl(url, folder, "export", "customers", str(folder / "none.xlsx"), "--filter", "q=zzzzzz")
        least = 1 / (1 / read + 1 / insert)
        come = _kartabl(url, folder, "import", "customers", str(source), "--json")
        report: dict[str, Any] = (
            json.loads(come.words) if come.words.startswith("{") else {"verdict": come.words[-300:]}
        )
        if report.get("new") != count:
            yield f"import of {count} rows: {report.get('verdict')} {report.get('reason')}, {report.get('new')} new"
            return
        note = f"load {os.getloadavg()[0]:.0f}; limit: read alone {read:,.0f}/s, insert alone {insert:,.0f}/s"
        yield Figure(kind, f"import {count} × 15", count / report["seconds"], "rows/s", least, "15,000", note)
        yield Figure(kind, "import, per second of processor", _rate(count, come, idle), "rows/s", least, "15,000")
        yield Figure(kind, "import, peak memory", come.peak_mb, "MB", look.peak_mb, note="limit: inspect")
        again = json.loads(_kartabl(url, folder, "import", "customers", str(source), "--json").words)
        if again.get("same") != count:
            yield f"second import: {again.get('new')} new, {again.get('updated')} updated, {again.get('same')} same"
        yield Figure(kind, "import again, all the same", count / again["seconds"], "rows/s", least)
        floor = count / _select_alone()
        empty = _kartabl(url, folder, "export", "customers", str(folder / "none.xlsx"), "--filter", "q=zzzzzz")
        out = _kartabl(url, folder, "export", "customers", str(folder / "out.xlsx"))
        if out.status:
            yield f"export ended with {out.status}: {out.words[-300:]}"
            return
        clock = count / max(out.seconds - empty.seconds, 1e-3)
        note = f"load {os.getloadavg()[0]:.0f}; limit: the same columns selected alone; start-up taken off"
        yield Figure(kind, f"export {count}", clock, "rows/s", floor, "30,000", note)
        yield Figure(kind, "export, per second of processor", _rate(count, out, empty), "rows/s", floor, "30,000")
        yield Figure(kind, "export, peak memory", out.peak_mb, "MB", empty.peak_mb, note="limit: an empty export")
        back = _kartabl(url, folder, "undo-import", str(report["batch"]), "--json")
        if back.status or json.loads(back.words)["deleted"] != count:
            yield f"undo ended with {back.status}: {back.words[-300:]}"
            return
        yield Figure(kind, f"undo of {count}", count / max(back.seconds - empty.seconds, 1e-3), "rows/s")
        with running(app, kind, url, folder) as site:
            yield from _beside_the_web(kind, site, source, count)


def _beside_the_web(kind: str, site: Site, source: Path, count: int) -> Iterator[Figure | str]:
    """The same in the worker, while somebody looks at the list every 200 ms."""
    calm_until = time.monotonic() + CALM_SECONDS
    site.ask(LIST, lambda: time.monotonic() > calm_until - CALM_SECONDS / 2)
    calm = site.ask(LIST, lambda: time.monotonic() > calm_until)
    with acting_as(_admin()), writing():
        with source.open("rb") as content:
            batch = new_batch(sheet_named("customers"), name="customers.xlsx", content=content)
        batch.stage = Stage.CHECKED
        come = enqueue(apply_batch, batch_id=batch.id).id
        db.session.commit()
    for what, job_id in (("import", come), ("export", None)):
        if job_id is None:
            with acting_as(_admin()), writing():
                job_id = enqueue("reports.export", subject="crm.customers", values={}).id
                db.session.commit()
        seconds, busy = site.work(job_id, LIST)
        if busy.errors or not seconds:
            yield f"{what} beside the web: {busy.errors[:5]}, {seconds} s"
            continue
        note = f"{len(busy.times)} pages; limit: the same page with nothing beside it"
        yield Figure(kind, f"page p95 during {what} in the worker", busy.p95, "ms", calm.p95, note=note)
        yield Figure(kind, f"{what} in the worker meanwhile", count / seconds, "rows/s")


def _admin() -> Actor:
    with acting_as(Actor.system("bench")), writing(intent=False):
        found = actor_of(db.session.scalars(select(Employee).where(Employee.username == "admin")).one())
        db.session.rollback()
    return found


def _rate(count: int, command: Command, idle: Command) -> float:
    """Rows per second of processor time beyond that of a command with nothing to do; steady on a busy machine."""
    return count / max(command.processor - idle.processor, 1e-3)


def _rows(count: int) -> list[dict[str, Any]]:
    root = default_department()
    assert root is not None
    places = Places(seats=[(root.id, None)], price_list_ids=[1])
    codes = [f"B{n:07d}" for n in range(count)]
    with acting_as(Actor.system("bench")):
        found = [
            {**row, "price_list_id": None} for row in customer_rows(codes, rng=Random("bench"), places=places, offset=0)
        ]
    db.session.rollback()
    return found


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(HEADINGS.values()))
        for place, row in enumerate(rows, start=1):
            values: list[Any] = [row.get(name) for name in HEADINGS]
            sheet.write_row(place, 0, [format_date(v, "en") if hasattr(v, "year") else v for v in values])


def _insert_alone(rows: list[dict[str, Any]]) -> float:
    """Seconds of the database for the finished rows and their search index: no Python of ours in between."""
    with acting_as(Actor.system("bench")), writing():
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        bulk.complete(Customer, columns)
        connection = db.session.connection()
        names, bound = bulk.bound_columns(connection, Customer, columns)
        made = list(zip(*bound, strict=True))
        started = time.perf_counter()
        for start in range(0, len(made), bulk.CHUNK):
            bulk.write_rows(connection, Customer, names, made[start : start + bulk.CHUNK])
            index_new(db.session(), Customer)
        seconds = time.perf_counter() - started
        db.session.rollback()
    return seconds


def _select_alone() -> float:
    columns = [getattr(Customer, name) for name in HEADINGS]
    with acting_as(Actor.system("bench")), writing(intent=False):
        started = time.perf_counter()
        for _row in db.session.execute(select(*columns).order_by(Customer.id)):
            pass
        seconds = time.perf_counter() - started
        db.session.rollback()
    return seconds


def _kartabl(url: str, folder: Path, *arguments: str) -> Command:
    environment = {**os.environ, **KEYS, "DATABASE_URL": url, "KARTABL_DATA": str(folder / "data")}
    started = time.perf_counter()
    with (folder / "words").open("w+") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app:create_app", "kartabl", *arguments],
            stdout=words,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        peak = [0.0]
        watcher = threading.Thread(target=_watch, args=(process, peak))
        watcher.start()
        _pid, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        watcher.join()
        words.seek(0)
        return Command(process.returncode, words.read(), seconds, used.ru_utime + used.ru_stime, peak[0])


def _watch(process: subprocess.Popen[bytes], peak: list[float]) -> None:
    """Keep the highest sum of resident memory of a process and its descendants, looked at every 50 ms."""
    while process.returncode is None:
        peak[0] = max(peak[0], _memory(process.pid))
        time.sleep(0.05)


def _memory(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20 + sum(_memory(int(child)) for child in children)
