"""What a password must be, on every road that sets one."""

from __future__ import annotations

from typing import Any

import pytest
from flask_appbuilder.cli import fab
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.core.actor import Actor, acting_as
from app.core.feature import Role
from app.org.employees.models import Employee
from app.org.employees.services import change_password
from app.org.setup import prepare
from app.org.sign_ins.passwords import WeakPassword, check_for_forms, check_new_password
from tests.factories import EmployeeFactory

WEAK = {
    "short": "Aa1!aaaa",
    "common": "password123",
    "common with ornaments": "Password1!",
    "a row of keys": "qwertyuiop[]",
    "digits": "1234567890",
    "a date": "1370/01/01a",
    "one letter": "aaaaaaaaaaaa",
    "too long": "k" * 129,
    "our own name": "kartabl1405",
    "empty": "",
}
GOOD = ("Quiet-River-77", "four blue camels walk", "کتابخانه‌ی بزرگ شهر ما", "Kar7abl-Tests!", "x" * 5 + "Gh7#kQz2" * 8)


@pytest.mark.parametrize("password", WEAK.values(), ids=WEAK)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_new_password(password)


@pytest.mark.parametrize("password", GOOD)
def test_a_good_one_is_taken_without_rules_about_signs(password: str) -> None:
    check_new_password(password)


@pytest.mark.parametrize("password", ["Shirin-Farhadi", "farhadi.shirin!9", "shirin.f 2026 x"])
def test_ones_own_name_is_no_password(app: Any, password: str) -> None:
    person = EmployeeFactory.build(
        username="shirin.f", first_name="Shirin", last_name="Farhadi", email="sf@example.com"
    )
    with pytest.raises(WeakPassword):
        check_new_password(password, person)


def test_every_road_asks(app: Any, session: Any, as_user: Any) -> None:
    person = EmployeeFactory()
    with acting_as(Actor.system("test")), pytest.raises(WeakPassword):
        change_password(person, "password123")
    with pytest.raises(WeakPassword):
        prepare(admin="x", password="password123")
    visitor = as_user(Role.SALES)
    before = visitor.user.password
    sent = {"current_password": "x", "password": "password123", "conf_password": "password123"}
    page = visitor.post("/resetmypassword/form", data=sent)
    assert visitor.user.password == before
    assert app.config["FAB_PASSWORD_COMPLEXITY_VALIDATOR"] is check_for_forms
    assert "field-errors" in page.text


def test_the_command_line_resets_a_password(app: Any, session: Any) -> None:
    """What run.py advises to somebody who forgot the administrator's."""
    result = app.test_cli_runner().invoke(fab, ["reset-password", "--username", "admin", "--password", GOOD[0]])
    assert result.exit_code == 0, result.output
    admin = session.scalars(select(Employee).where(Employee.username == "admin")).one()
    assert check_password_hash(admin.password, GOOD[0])
