"""The sheet of a million customers: first, last, middle and filtered rows, asked of the server and seen in Chromium.

    python -m bench.sheet --rows 1000000 [--database-url postgresql+psycopg://…] [--data FOLDER] [--json]

The data and the two people are those of `bench.lists`. A browser's figure runs from the key or the
address to rows that stand in the grid.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bench.ground import Figure, median
from bench.lists import ADMIN, PASSWORD, SELLER, _count_statement, fill, make_app, measure
from tests import services

SHEET = "/customers/sheet"
ROWS = f"{SHEET}/rows?size=200"
SAVED = 200
ROUNDS = 5


def addresses(app: Any) -> Iterator[tuple[str, Callable[[int], str]]]:
    """What is asked of the server, by name; the round's number makes each place another one."""
    from app.core.actor import Actor, acting_as
    from app.core.db import db
    from app.crm.customers.models import Customer

    with app.app_context(), acting_as(Actor.system("bench")):
        some = [mobile for (mobile,) in db.session.query(Customer.mobile).order_by(Customer.id.desc()).limit(50)]
    yield "empty view", lambda _n: "/bench-empty"
    yield "page with its first 100 rows", lambda _n: SHEET
    yield "first 200 rows", lambda _n: ROWS
    yield "last 200 rows", lambda _n: f"{ROWS}&page=last"
    yield "200 rows at a part of the list", lambda n: f"{ROWS}&at={(n % 97) / 97:.3f}"
    yield "how many rows, about", lambda _n: f"{SHEET}/rows?size=1&estimate=1"
    yield "one row by its phone", lambda n: f"{ROWS}&q={some[n % len(some)]}"
    yield "200 rows of a city", lambda _n: f"{ROWS}&f_city=یزد"
    yield "200 rows by code, from the end", lambda _n: f"{ROWS}&sort=-code"


def measure_saves(browser: Any) -> dict[str, float]:
    """Seconds to check and to save two cells of each of 200 rows."""
    found: dict[str, list[float]] = {"check": [], "save": []}
    for turn in range(ROUNDS):
        rows = browser.get(f"{SHEET}/rows?size={SAVED}").json["rows"]
        cells = {"city": f"Bench {turn}", "credit_limit_rials": str(1_000_000 + turn)}
        sent = [{"key": f"r{r['id']}", "id": r["id"], "version": r["version"], "cells": cells} for r in rows]
        for name, took in found.items():
            begun = time.perf_counter()
            answer = browser.post(f"{SHEET}/{name}", json={"rows": sent})
            took.append(time.perf_counter() - begun)
            if answer.status_code != 200:
                raise RuntimeError(f"{name}: {answer.status_code} {answer.text[:300]}")
    return {name: median(took) for name, took in found.items()}


READY = "window.kartablSheet?.grid.table.initialized && document.querySelector('#sheet-grid .tabulator-row bdi')"
AT_END = "kartablSheet.list.atEnd && !kartablSheet.grid.moving && kartablSheet.grid.holder.scrollTop > 0"
AT_START = "kartablSheet.list.atStart && !kartablSheet.grid.moving"
MIDDLE = "!kartablSheet.list.atStart && !kartablSheet.list.atEnd && !kartablSheet.grid.moving"


def in_browser(app: Any, mobile: str) -> dict[str, float]:
    """Milliseconds until rows stand in the grid of a real browser, the median of some rounds."""
    from playwright.sync_api import sync_playwright
    from waitress.server import create_server

    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    base = f"http://127.0.0.1:{server.effective_port}"
    found: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        options: Any = {"executable_path": services.chromium_path(), "args": list(services.CHROMIUM_OPTIONS)}
        page = playwright.chromium.launch(**options).new_page(viewport={"width": 1280, "height": 860})
        page.goto(f"{base}/login/")
        page.fill("input[name=username]", ADMIN)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/")
        for turn in range(ROUNDS + 1):
            for name, took in _walk(page, base, mobile):
                if turn:  # the first warms the browser's cache
                    found.setdefault(name, []).append(took)
    server.close()
    return {name: median(took) for name, took in found.items()}


def _walk(page: Any, base: str, mobile: str) -> Iterator[tuple[str, float]]:
    """Open the sheet, go to its end, to its middle and back, and find one row."""
    yield "first rows", _until(page, lambda: page.goto(base + SHEET, wait_until="commit"), READY)
    page.wait_for_load_state("networkidle")
    yield "last rows (Ctrl+End)", _until(page, lambda: page.keyboard.press("Control+End"), AT_END)
    page.evaluate("document.querySelector('#sheet-rail').focus()")
    for _step in range(5):
        took = _until(page, lambda: page.keyboard.press("PageUp"), MIDDLE)
        page.wait_for_load_state("networkidle")
    yield "a tenth further (bar)", took
    page.evaluate("kartablSheet.grid.moveTo(kartablSheet.grid.firstVisible, 'name')")
    yield "back to the first rows (Ctrl+Home)", _until(page, lambda: page.keyboard.press("Control+Home"), AT_START)
    page.wait_for_load_state("networkidle")
    yield "a filtered row", _until(page, lambda: page.goto(f"{base}{SHEET}?q={mobile}", wait_until="commit"), READY)


def _until(page: Any, work: Callable[[], Any], ready: str) -> float:
    begun = time.perf_counter()
    work()
    while not page.evaluate(f"Boolean({ready})"):
        if time.perf_counter() - begun > 60:
            raise RuntimeError(f"never: {ready}")
    return (time.perf_counter() - begun) * 1000


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
        if who == ADMIN:
            figures["saves"] = measure_saves(browser)
            mobile = browser.get(f"{SHEET}/rows?size=1&at=0.7").json["rows"][0]["cells"][3]
    figures["browser"] = in_browser(app, mobile)
    return figures


def run(kind: str, scale: float) -> Iterator[Figure | str]:
    """The figures of the table, measured by a process of its own, as settings come before imports."""
    rows = max(3_000, int(1_000_000 * scale))
    with tempfile.TemporaryDirectory(prefix="kartabl-bench-") as folder:
        command = [sys.executable, "-m", "bench.sheet", "--json", "--rows", str(rows), "--data", folder]
        if kind == "postgresql":
            command += ["--database-url", services.postgresql_database("bench_sheet")]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if kind == "postgresql":
            services.drop_database(command[-1])
    if done.returncode:
        yield "the measurement of the sheet ended with an error"
        return
    figures = json.loads(done.stdout)
    for name, took in figures["requests"].items():
        empty = figures["requests"][f"{name.partition(':')[0]}: empty view"]
        note = f"{took['statements']} statements, {took['cpu']:.1f} ms of our processor"
        yield Figure(kind, f"sheet, {name}, p50", took["p50"], "ms", empty["p50"], note=note)
        yield Figure(kind, f"sheet, {name}, p95", took["p95"], "ms", empty["p95"])
    for name, took in figures["browser"].items():
        yield Figure(kind, f"sheet in Chromium: {name}", took, "ms", target="1000 ms")
    for name, took in figures["saves"].items():
        yield Figure(kind, f"sheet: {name} {SAVED} rows × 2 cells", took * 1000, "ms")


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
        print(f"{name:45} {times} {took['statements']:2} SQL")
    saves = {f"{name} {SAVED} rows": took * 1000 for name, took in figures["saves"].items()}
    for name, took in (figures["browser"] | saves).items():
        print(f"{name:45} {took:9.1f} ms")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
