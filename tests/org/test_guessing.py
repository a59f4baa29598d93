"""Guessing passwords is slow for the guesser and for nobody else; and it tells nothing of who exists."""

from __future__ import annotations

import logging
import re
import statistics
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.feature import Role
from app.org.employees.services import set_password
from app.org.sign_ins.backoff import FREE, LONGEST_WAIT, forget_old_tries, wait_after
from app.org.sign_ins.models import FailedTries
from tests.factories import EmployeeFactory

PASSWORD = "Right-Pass-12"
TRIES = 200
WIDEST_GAP = 0.12
"""Of the medians: what a network, and the machine's own noise, hide by far."""


@pytest.fixture
def person(session: Any) -> Any:
    made = EmployeeFactory(role=Role.SALES)
    set_password(made, PASSWORD, must_change=False)
    session.flush()
    return made


def attempt(app: Any, name: str, password: str = "wrong", *, address: str = "203.0.113.9", visitor: Any = None) -> Any:
    visitor = visitor or app.test_client()
    sent = {"username": name, "password": password}
    return visitor.post("/login/", data=sent, environ_base={"REMOTE_ADDR": address})


def is_in(answer: Any) -> bool:
    return answer.status_code == 302 and not answer.location.startswith("/login/")


def test_ten_wrong_logins(app: Any, person: Any) -> None:
    """Three are looked at; then each answer is a wait, and the right password has to wait as well."""
    with clock.frozen(clock.now()):
        answers = [attempt(app, person.username) for _ in range(10)]
        right = attempt(app, person.username, PASSWORD)
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert right.status_code == 429
    assert [answer.status_code for answer in answers] == [302] * 3 + [429] * 7


def test_somebody_without_a_password_does_not_sign_in(app: Any, session: Any) -> None:
    """A person of a directory, or one who was invited and has not answered; FAB fails there."""
    nobody = EmployeeFactory(password=None)
    session.flush()
    assert attempt(app, nobody.username).location.startswith("/login/")


def test_each_failure_doubles_the_wait(app: Any, person: Any) -> None:
    waits, moment = [], clock.now()
    for _ in range(FREE + 12):
        with clock.frozen(moment):
            attempt(app, person.username)
            waits.append(int(attempt(app, person.username).headers.get("Retry-After", 0)))
        moment += timedelta(seconds=waits[-1] + 1)
    looked_at = [wait for wait in waits if wait]
    assert looked_at[:6] == sorted(looked_at[:6])
    assert max(looked_at) <= LONGEST_WAIT + 1
    assert [wait_after(n) for n in (1, 2, 3, 4, 5, 10, 13, 40)] == [0, 0, 1, 2, 4, 128, 900, 900]


def test_nobody_elsewhere_locks_a_person_out(app: Any, person: Any) -> None:
    for number in range(60):
        attempt(app, person.username, address=f"203.0.113.{number % 3}")
    assert is_in(attempt(app, person.username, PASSWORD, address="198.51.100.4"))


def test_not_even_a_colleague_at_the_same_address(app: Any, person: Any) -> None:
    own = app.test_client()
    assert is_in(attempt(app, person.username, PASSWORD, visitor=own))
    own.post("/logout/")
    with clock.frozen(clock.now()):
        for _ in range(10):
            attempt(app, person.username)
        assert is_in(attempt(app, person.username, PASSWORD, visitor=own))
        own.post("/logout/")
        for _ in range(10):
            attempt(app, person.username, visitor=own)
        assert attempt(app, person.username, PASSWORD, visitor=own).status_code == 429


def test_a_known_browser_is_not_known_for_others(app: Any, person: Any, session: Any) -> None:
    own, other = app.test_client(), EmployeeFactory()
    session.flush()
    attempt(app, person.username, PASSWORD, visitor=own)
    own.post("/logout/")
    with clock.frozen(clock.now()):
        for _ in range(3):
            attempt(app, other.username)
        assert attempt(app, other.username, visitor=own).status_code == 429


def test_after_the_wait_the_right_password_opens(app: Any, person: Any, session: Any) -> None:
    moment = clock.now()
    with clock.frozen(moment):
        for _ in range(4):
            attempt(app, person.username)
    with clock.frozen(moment + timedelta(seconds=5)):
        assert is_in(attempt(app, person.username, PASSWORD))
    assert session.scalar(select(func.count()).select_from(FailedTries)) == 0


def test_many_names_from_one_address_wait_too(app: Any, session: Any) -> None:
    with clock.frozen(clock.now()):
        statuses = [attempt(app, f"nobody{number}").status_code for number in range(40)]
    assert statuses[:29] == [302] * 29
    assert statuses[-5:] == [429] * 5


def test_the_interface_waits_with_the_page(app: Any, person: Any) -> None:
    sent = {"username": person.username, "password": "wrong", "provider": "db"}
    with clock.frozen(clock.now()):
        answers = [app.test_client().post("/api/v1/security/login", json=sent, csrf=False) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert answers[-1].json["code"] == "too_many_requests"
    assert "Retry-After" in answers[-1].headers


def test_nothing_of_a_name_is_kept(app: Any, person: Any, session: Any) -> None:
    attempt(app, "my-password-typed-as-a-name")
    keys = session.scalars(select(FailedTries.key)).all()
    assert keys
    assert not any("password" in key for key in keys)


def test_counts_of_yesterday_are_forgotten(app: Any, person: Any, session: Any) -> None:
    attempt(app, person.username)
    with clock.frozen(clock.now() + timedelta(days=2)):
        forget_old_tries()
    assert session.scalar(select(func.count()).select_from(FailedTries)) == 0


def test_known_and_unknown_names_get_the_same_words(app: Any, person: Any, session: Any) -> None:
    closed = EmployeeFactory(active=False)
    set_password(closed, PASSWORD, must_change=False)
    session.flush()

    def words(name: str, password: str) -> list[str]:
        visitor = app.test_client()
        first = attempt(app, name, password, visitor=visitor, address="203.0.113.77")
        page = visitor.get("/login/").text
        with clock.frozen(clock.now()):
            later = [attempt(app, name, password, address="203.0.113.77") for _ in range(3)]
        notice = re.search(r'class="notice-text">([^<]+)<', page)[1]
        return [notice, first.location, *(str(answer.status_code) for answer in later)]

    shown = [words(name, pw) for name, pw in ((person.username, "x"), ("no-one", "x"), (closed.username, PASSWORD))]
    assert shown[0] == shown[1] == shown[2]


def _timings(app: Any, names: list[str]) -> list[float]:
    taken = []
    for number, name in enumerate(names):
        began = time.perf_counter()
        answer = attempt(app, name, address=f"10.{number // 250}.{number % 250}.1")
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 302
    return taken


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("tries", [40, pytest.param(TRIES, marks=pytest.mark.soak)])
def test_the_answer_takes_as_long_for_unknown_names(app: Any, session: Any, tries: int) -> None:
    """Known, unknown and closed names in turn, each from an address of its own."""
    known, closed = EmployeeFactory(), EmployeeFactory(active=False)
    for who in (known, closed):
        set_password(who, PASSWORD, must_change=False)
    session.flush()
    names = [known.username, "nobody-of-that-name", closed.username] * tries
    taken = _timings(app, names)
    medians = [statistics.median(taken[start::3]) for start in range(3)]
    print(f"\n{tries} tries each, median ms: known {medians[0]:.1f}, unknown {medians[1]:.1f}, closed {medians[2]:.1f}")
    assert max(medians) / min(medians) - 1 < WIDEST_GAP


def test_a_wait_is_in_the_log_without_the_name(app: Any, person: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with clock.frozen(clock.now()):
        for _ in range(4):
            attempt(app, person.username, "sesame-open-1")
    assert "has to wait" in caplog.text
    assert "sesame-open-1" not in caplog.text
