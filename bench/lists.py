"""Lists and searches over many customers, whole requests with their pages, against an empty view.

    python -m bench.lists --rows 1000000 [--database-url postgresql+psycopg://…] [--data FOLDER] [--json]

The data is the demo company with as many customers as asked; a second run finds it there.
Every address is asked as the administrator and as a seller who sees a part of the departments.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, event

from bench.ground import Figure
from tests import services

LIST = "/customers/list/"
ADMIN, SELLER, PASSWORD = "bench-admin", "bench-seller", "Bench-Lists-1!"
ROUNDS, WARM = 40, 4


def make_app(folder: Path, url: str | None) -> Any:
    """The application on its own database; settings come before the import."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["KARTABL_DATA"] = str(folder)
    if url:
        os.environ["DATABASE_URL"] = url
    import config
    from app import create_app

    app = create_app(config.TestConfig, WTF_CSRF_ENABLED=False)
    app.add_url_rule("/bench-empty", view_func=lambda: "empty", endpoint="bench_empty")
    return app


def fill(app: Any, rows: int) -> float:
    """Make the customers and two people who sign in; the seconds it took."""
    from sqlalchemy import text

    from app.core.actor import Actor, acting_as
    from app.core.db import db, writing
    from app.demo.build import build
    from app.org.departments.models import Department
    from app.org.employees.models import Employee
    from app.org.setup import prepare

    with app.app_context(), acting_as(Actor.system("bench")), writing():
        prepare(admin=ADMIN, password=PASSWORD)
        begun = time.perf_counter()
        build(customers=rows, invoices=0, seed=1403)
        seconds = time.perf_counter() - begun
        manager = app.extensions["appbuilder"].sm
        for name, role in ((ADMIN, "Admin"), (SELLER, "Sales expert")):
            user = db.session.query(Employee).filter_by(username=name).one_or_none()
            if user is None:
                user = manager.add_user(name, name, "Bench", f"{name}@example.com", manager.find_role(role), PASSWORD)
            user.must_change_password = False
        user.home_department_id = db.session.query(Employee.home_department_id).join(
            Department, Department.id == Employee.home_department_id
        ).order_by(Employee.id.desc()).limit(1).scalar()  # fmt: skip
        db.session.commit()
        db.session.execute(text("ANALYZE"))
        db.session.commit()
    return seconds


def addresses(app: Any) -> Iterator[tuple[str, Callable[[int], str]]]:
    """What is asked, by name; the round's number makes each search another one."""
    from app.core.actor import Actor, acting_as
    from app.core.cursor import encode
    from app.core.db import db
    from app.crm.customers.models import Customer

    with app.app_context(), acting_as(Actor.system("bench")):
        half = db.session.query(Customer).count() // 2
        middle = db.session.query(Customer.id, Customer.name_sort).order_by(Customer.name_sort, Customer.id)
        token = encode(tuple(middle.offset(half).limit(1).one()))  # type: ignore[arg-type]
        department = db.session.query(Customer.department_id).limit(1).scalar()
        some = db.session.query(Customer.name, Customer.mobile).order_by(Customer.id).offset(half).limit(ROUNDS).all()
    names = [row.name.split() for row in some]
    yield "empty view", lambda _n: "/bench-empty"
    yield "first page", lambda _n: LIST
    yield "deep page", lambda _n: f"{LIST}?after={token}"
    yield "last page", lambda _n: f"{LIST}?page=last"
    yield "search: a word", lambda n: f"{LIST}?q={names[n % len(names)][0]}"
    yield "search: whole name", lambda n: f"{LIST}?q={' '.join(names[n % len(names)])}"
    yield "search: a number", lambda n: f"{LIST}?q={some[n % len(some)].mobile}"
    yield "search: nothing found", lambda _n: f"{LIST}?q=قققققق"
    yield "search: two letters", lambda n: f"{LIST}?q={names[n % len(names)][0][:2]}"
    yield "filter: city", lambda _n: f"{LIST}?f_city=یزد"
    yield "filter: rare", lambda _n: f"{LIST}?f_is_active=0"
    yield "home page", lambda _n: "/"
    yield "filter: department", lambda _n: f"{LIST}?f_department={department}"
    yield "top search", lambda n: f"/search?format=json&q={names[n % len(names)][0]}"


_statements = [0]


def _count_statement(*_arguments: Any) -> None:
    _statements[0] += 1


def measure(browser: Any, address: Callable[[int], str]) -> dict[str, float]:
    """p50, p95 and worst of a request in milliseconds, its processor time, and the last one's statements."""
    times, spent = [], []
    for number in range(ROUNDS + WARM):
        _statements[0] = 0
        begun, processor = time.perf_counter(), time.process_time()
        answer = browser.get(address(number))
        took = (time.perf_counter() - begun) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{address(number)}: {answer.status_code}")
        if number >= WARM:
            times.append(took)
            spent.append((time.process_time() - processor) * 1000)
    times.sort()
    p95 = times[int(len(times) * 0.95) - 1]
    return {"p50": statistics.median(times), "p95": p95, "max": times[-1], "cpu": statistics.median(spent)} | {
        "statements": _statements[0]
    }


def run(kind: str, scale: float) -> Iterator[Figure | str]:
    """The figures of the table, measured by a process of its own, as settings come before imports."""
    rows = max(1_000, int(1_000_000 * scale))
    with TemporaryDirectory(prefix="kartabl-bench-") as folder:
        command = [sys.executable, "-m", "bench.lists", "--json", "--rows", str(rows), "--data", folder]
        if kind == "postgresql":
            command += ["--database-url", services.postgresql_database("bench_lists")]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if kind == "postgresql":
            services.drop_database(command[-1])
    if done.returncode:
        yield "the measurement of lists ended with an error"
        return
    requests = json.loads(done.stdout)["requests"]
    for name, took in requests.items():
        who = name.partition(":")[0]
        empty = requests[f"{who}: empty view"]
        target = "40 ms" if "search" in name else "35 ms"
        note = f"{took['statements']} statements, {took['cpu']:.1f} ms of our processor"
        yield Figure(kind, f"{name}, p50", took["p50"], "ms", empty["p50"], target, note)
        yield Figure(kind, f"{name}, p95", took["p95"], "ms", empty["p95"], target)


def figures_of(folder: Path, url: str | None, rows: int) -> dict[str, Any]:
    """All figures of one database."""
    app = make_app(folder, url)
    event.listen(Engine, "before_cursor_execute", _count_statement)
    figures: dict[str, Any] = {"rows": rows, "fill_seconds": fill(app, rows), "requests": {}}
    for who in (ADMIN, SELLER):
        browser = app.test_client()
        browser.post("/login/", data={"username": who, "password": PASSWORD})
        for name, address in addresses(app):
            figures["requests"][f"{who.removeprefix('bench-')}: {name}"] = measure(browser, address)
    return figures


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database-url")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    folder = options.data or Path(tempfile.mkdtemp(prefix="kartabl-bench-"))
    figures = figures_of(folder, options.database_url, options.rows)
    if options.json:
        json.dump(figures, sys.stdout, ensure_ascii=False, indent=2)
        return 0
    print(f"{figures['rows']:,} customers, made in {figures['fill_seconds']:.0f} s")
    for name, took in figures["requests"].items():
        times = " ".join(f"{part} {took[part]:7.1f}  " for part in ("p50", "p95", "max", "cpu"))
        print(f"{name:32} {times} {took['statements']:2} SQL")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
