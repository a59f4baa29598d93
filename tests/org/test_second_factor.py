"""The second factor: set up, entered, lost, demanded by a role; its secret at rest."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import select, text

from app.core import audit, clock, vault
from app.core.feature import Role
from app.org.employees.services import set_password
from app.org.sign_ins import second_factor
from app.org.sign_ins.models import RecoveryCode, SecondFactor, SecondFactorDemand, SignIn
from tests.factories import EmployeeFactory

PASSWORD = "Right-Pass-12"
PAGE = "/customers/list/"


@pytest.fixture
def person(session: Any) -> Any:
    made = EmployeeFactory(role=Role.SALES)
    set_password(made, PASSWORD, must_change=False)
    session.flush()
    return made


def password_only(app: Any, person: Any, **more: Any) -> Any:
    visitor = app.test_client()
    sent = {"username": person.username, "password": PASSWORD}
    visitor.last = visitor.post("/login/", data=sent, **more)
    return visitor


def phone(key: str, *, minutes: float = 0) -> str:
    """What an app shows that was given the key."""
    secret = base64.b32decode(key.replace(" ", "") + "=" * (-len(key.replace(" ", "")) % 8))
    return TOTP(secret, 6, SHA1(), 30).generate(int((clock.now() + timedelta(minutes=minutes)).timestamp())).decode()


def key_on(page: Any) -> str:
    return unescape(re.search(r'<code class="key"[^>]*>([^<]+)<', page.text)[1])


@pytest.fixture
def enrolled(app: Any, person: Any) -> Any:
    """(key, recovery codes) of the person, set up on the screens."""
    visitor = password_only(app, person)
    assert visitor.post("/account/second-factor/prepare").status_code == 302
    key = key_on(visitor.get("/account/second-factor/"))
    with clock.frozen(clock.now() - timedelta(minutes=5)):
        page = visitor.post("/account/second-factor/turn-on", data={"code": phone(key)})
    assert page.status_code == 200
    return key, re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", page.text)


def enter(visitor: Any, code: str) -> Any:
    return visitor.post("/login/second-factor?next=/customers/list/%3Fsort%3D-name", data={"code": code})


def test_the_password_alone_opens_nothing_any_more(app: Any, person: Any, enrolled: Any) -> None:
    visitor = password_only(app, person)
    answer = visitor.get(f"{PAGE}?sort=-name")
    assert answer.status_code == 302
    assert answer.location == "/login/second-factor?next=/customers/list/?sort%3D-name"
    assert visitor.get("/search", headers={"Accept": "application/json"}).json["code"] == "second_factor"
    assert visitor.post("/account/second-factor/turn-off").status_code == 302
    assert second_factor.is_on(person.id)


def test_the_code_opens_the_page_that_was_wanted(app: Any, person: Any, enrolled: Any) -> None:
    visitor = password_only(app, person)
    answer = enter(visitor, phone(enrolled[0]))
    assert answer.location == "/customers/list/?sort=-name"
    assert visitor.get(PAGE).status_code == 200


@pytest.mark.parametrize("digits", ["۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"], ids=["persian", "arabic"])
def test_digits_of_a_persian_keyboard_count(app: Any, person: Any, enrolled: Any, digits: str) -> None:
    code = phone(enrolled[0]).translate(str.maketrans("0123456789", digits))
    assert enter(password_only(app, person), f"{code[:3]} {code[3:]}").status_code == 302


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "1" * 400, "\0", "²²²²²²"])
def test_another_code_does_not(app: Any, person: Any, enrolled: Any, code: str) -> None:
    visitor = password_only(app, person)
    assert enter(visitor, code).status_code == 422
    assert visitor.get(PAGE).status_code == 302


def test_a_code_counts_once(app: Any, person: Any, enrolled: Any) -> None:
    code = phone(enrolled[0])
    assert enter(password_only(app, person), code).status_code == 302
    assert enter(password_only(app, person), code).status_code == 422


@pytest.mark.parametrize(("minutes", "status"), [(-0.5, 302), (0.5, 302), (-2, 422), (2, 422)])
def test_a_phone_may_be_half_a_minute_off(app: Any, person: Any, enrolled: Any, minutes: float, status: int) -> None:
    assert enter(password_only(app, person), phone(enrolled[0], minutes=minutes)).status_code == status


def test_a_cookie_copied_before_the_code_stays_worthless(app: Any, person: Any, enrolled: Any) -> None:
    visitor, thief = password_only(app, person), app.test_client()
    with visitor.session_transaction() as cookie:
        content = dict(cookie)
    enter(visitor, phone(enrolled[0]))
    with thief.session_transaction() as cookie:
        cookie.update(content)
    assert thief.get(PAGE).status_code == 302
    assert visitor.get(PAGE).status_code == 200


def test_waiting_for_the_code_ends_after_ten_minutes(app: Any, person: Any, enrolled: Any) -> None:
    visitor = password_only(app, person)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        answer = enter(visitor, phone(enrolled[0]))
    assert answer.location == "/login/"


def test_codes_are_not_to_be_guessed(app: Any, person: Any, enrolled: Any) -> None:
    visitor = password_only(app, person)
    answers = [enter(visitor, f"{number:06}").status_code for number in range(10)]
    assert answers == [422] * 3 + [429] * 7


def test_a_recovery_code_opens_once(app: Any, person: Any, enrolled: Any, session: Any) -> None:
    _key, codes = enrolled
    assert len(set(codes)) == 10
    assert enter(password_only(app, person), codes[0].upper()).status_code == 302
    assert enter(password_only(app, person), codes[0]).status_code == 422
    assert second_factor.of(person.id).recovery_left == 9
    assert audit.history_of(person)[0].action == "recovery_code_used"


def test_new_recovery_codes_replace_the_old_ones(app: Any, person: Any, enrolled: Any) -> None:
    key, codes = enrolled
    visitor = password_only(app, person)
    enter(visitor, phone(key))
    page = visitor.post("/account/second-factor/codes")
    assert page.headers["Cache-Control"] == "no-store"
    assert enter(password_only(app, person), codes[0]).status_code == 422


def test_the_secret_lies_encrypted_and_the_codes_as_digests(app: Any, person: Any, enrolled: Any, session: Any) -> None:
    key, codes = enrolled
    row = session.scalars(select(SecondFactor)).one()
    raw = base64.b32decode(key.replace(" ", ""))
    stored = base64.b64decode(row.secret)
    assert raw not in stored
    assert vault.decrypt(row.secret, purpose="second factor", owner=str(person.id)) == raw
    with pytest.raises(vault.Unreadable):
        vault.decrypt(row.secret, purpose="second factor", owner="another")
    app.config["DATA_KEY"], kept = "x" * 40, app.config["DATA_KEY"]
    try:
        with pytest.raises(vault.Unreadable):
            vault.decrypt(row.secret, purpose="second factor", owner=str(person.id))
    finally:
        app.config["DATA_KEY"] = kept
    hashes = set(session.scalars(select(RecoveryCode.code_hash)))
    assert not any(code.replace("-", "") in hashes for code in codes)
    told = "".join(str(row) for row in session.execute(text("SELECT changes FROM core_history")))
    assert row.secret not in told


def test_it_is_turned_off_by_its_owner(app: Any, person: Any, enrolled: Any) -> None:
    visitor = password_only(app, person)
    enter(visitor, phone(enrolled[0]))
    visitor.post("/account/second-factor/turn-off")
    assert password_only(app, person).get(PAGE).status_code == 200
    assert audit.history_of(person)[0].action == "second_factor_off"


def test_setting_it_up_signs_the_other_browsers_out(app: Any, person: Any) -> None:
    other, visitor = password_only(app, person), password_only(app, person)
    visitor.post("/account/second-factor/prepare")
    key = key_on(visitor.get("/account/second-factor/"))
    assert visitor.post("/account/second-factor/turn-on", data={"code": "000000"}).status_code == 422
    visitor.post("/account/second-factor/turn-on", data={"code": phone(key)})
    assert other.get(PAGE).status_code == 302
    assert visitor.get(PAGE).status_code == 200


def test_the_picture_is_drawn_here_and_says_what_apps_read(app: Any, person: Any) -> None:
    factor = second_factor.prepare(person.id)
    picture = second_factor.qr_picture(factor, person.username)
    assert picture.startswith("data:image/svg+xml")
    assert "http:" not in picture.replace("http://www.w3.org", "")


# Lost ------------------------------------------------------------------------------------------


def test_the_administrator_resets_it_and_the_history_says_so(
    app: Any, person: Any, enrolled: Any, as_user: Any, session: Any
) -> None:
    chief = as_user("admin")
    assert chief.post(f"/employees/action/reset_second_factor/{person.id}").status_code == 302
    assert password_only(app, person).get(PAGE).status_code == 200
    entry = audit.history_of(person)[0]
    assert (entry.action, entry.actor_name) == ("second_factor_off", str(chief.user))


@pytest.mark.parametrize("role", [Role.SALES, Role.MANAGER])
def test_others_do_not_reset_it(person: Any, enrolled: Any, as_user: Any, role: Role) -> None:
    assert as_user(role).post(f"/employees/action/reset_second_factor/{person.id}").status_code in {302, 403}
    assert second_factor.is_on(person.id)


# Demanded --------------------------------------------------------------------------------------


@pytest.fixture
def demanded(app: Any, session: Any) -> None:
    role = app.extensions["appbuilder"].sm.find_role(Role.SALES.value)
    session.add(SecondFactorDemand(role_id=role.id))
    session.flush()


def test_a_role_that_demands_it_opens_only_the_set_up(app: Any, person: Any, demanded: Any) -> None:
    visitor = password_only(app, person)
    assert visitor.get(PAGE).location == "/account/second-factor/"
    assert visitor.get("/account/second-factor/").status_code == 200
    visitor.post("/account/second-factor/prepare")
    key = key_on(visitor.get("/account/second-factor/"))
    assert visitor.post("/account/second-factor/turn-on", data={"code": phone(key)}).status_code == 200
    assert visitor.get(PAGE).status_code == 200
    assert visitor.post("/account/second-factor/turn-off").status_code == 422
    assert second_factor.is_on(person.id)


def test_the_demand_bites_at_the_next_request(app: Any, person: Any, session: Any, as_user: Any) -> None:
    visitor, chief = password_only(app, person), as_user("admin")
    assert visitor.get(PAGE).status_code == 200
    role = app.extensions["appbuilder"].sm.find_role(Role.SALES.value)
    assert chief.post("/second-factor-roles/add", data={"role": role.id}).status_code == 302
    assert visitor.get(PAGE).status_code == 302


def test_a_program_of_such_a_person_has_no_rights(as_program: Any, demanded: Any) -> None:
    assert as_program(Role.SALES).get("/api/v1/customers/").status_code == 403


# Programs --------------------------------------------------------------------------------------


def test_a_program_sends_the_code_too(app: Any, person: Any, enrolled: Any) -> None:
    sent = {"username": person.username, "password": PASSWORD, "provider": "db"}
    ask = lambda **more: app.test_client().post("/api/v1/security/login", json={**sent, **more}, csrf=False)
    assert (ask().status_code, ask().json["code"]) == (401, "second_factor")
    assert ask(code="000000").json["code"] == "wrong_code"
    assert "access_token" in ask(code=phone(enrolled[0])).json


def test_only_complete_sign_ins_are_listed(app: Any, person: Any, enrolled: Any, session: Any) -> None:
    visitor = password_only(app, person)
    enter(visitor, phone(enrolled[0]))
    password_only(app, person)
    rows = session.scalars(select(SignIn).where(SignIn.employee_id == person.id)).all()
    waiting = [row for row in rows if row.completed_at is None]
    assert len(waiting) == 1
    page = visitor.get("/account/").text
    assert page.count("row-sign") == len(rows) - 1 > 0
    assert f"/account/sign-ins/{waiting[0].id}/end" not in page
