"""Eight processes issue a thousand invoices each; then again while one is killed every two seconds."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.db import db
from bench.ground import Figure, application
from tests.finance.invoices import invoice_storm
from tests.storm import Weather, blow

LANES = 8
EACH = 1_000
KILL_EVERY = 2.0
STORM = "tests.finance.invoices.invoice_storm:"


def run(kind: str, scale: float) -> Iterator[Figure | str]:
    """Figures of the calm and the stormy run, and of naive numbers, which must fail."""
    count = int(LANES * EACH * scale)
    alone, _ = _blow(kind, "issue", max(100, count // 16), lanes=1)
    for name, kill_every in (("calm", None), ("killed", KILL_EVERY)):
        weather, faults = _blow(kind, "issue", count, kill_every=kill_every)
        yield from weather.errors + faults
        note = f"{len(weather.errors)} errors, {'; '.join(faults) or '0 faults'}, {weather.kills} kills"
        yield Figure(kind, f"issue {count} by {LANES} ({name})", weather.per_second, "/s", alone.per_second, note=note)
        yield Figure(kind, f"wait p99 ({name})", weather.quantile(0.99) * 1e3, "ms", weather.quantile(0.5) * 1e3)
    weather, faults = _blow(kind, "issue_naively", max(200, count // 8))
    if not weather.clashes:
        yield "naive numbers passed the same check"
    told = f"{len(weather.errors)} errors; {'; '.join(faults)}"
    yield Figure(kind, "naive numbers: processes that clashed", len(weather.clashes), "", note=told)


def _blow(
    kind: str, name: str, count: int, *, lanes: int = LANES, kill_every: float | None = None
) -> tuple[Weather, list[str]]:
    with application(kind, "bench_issue") as (_app, url, folder):
        invoice_storm.make_drafts(count)
        db.session.remove()
        weather = blow(STORM + name, url, folder, lanes=lanes, kill_every=kill_every, limit=1_800)
        found = weather, invoice_storm.faults(weather.shown, count)
        db.session.remove()
        return found
