"""What people type into forms, and the values or sentences that come of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from flask import current_app
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.core import fields
from app.core.db import db
from app.org.employees.models import Employee
from tests.factories import DelegationFactory
from tests.factories.org import EmployeeFactory


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Sample(Form):
    text = fields.CleanTextField("t")
    kept = fields.CleanTextField("k", is_nullable=False)
    code = fields.CleanTextField("c", is_code=True)
    rials = fields.RialsField("r")
    quantity = fields.DecimalField("q")
    whole = fields.WholeField("w")
    measure = fields.MeasureField("m")
    day = fields.JalaliDateField("d")
    moment = fields.JalaliDateTimeField("i")
    colour = fields.EnumField("e", members=Colour)
    shade = fields.EnumField("s", members=Colour, is_nullable=True)


def typed(app: Any, **values: str) -> Sample:
    with app.test_request_context("/"):
        form = Sample(MultiDict({"colour": "red", **values}))
        form.validate()
        return form


@pytest.mark.parametrize(
    ("name", "entry", "value"),
    [
        ("text", "  علي\u200c  كريمي ", "علی کریمی"),
        ("text", "   ", None),
        ("kept", "   ", ""),
        ("code", " ۱۲۳-الف ", "123-الف"),
        ("rials", "۱۲٬۳۴۵", 12_345),
        ("rials", "1,200 تومان", 12_000),
        ("rials", "", None),
        ("rials", "0", 0),
        ("quantity", "۲٫۵", Decimal("2.5")),
        ("quantity", "1,234.125", Decimal("1234.125")),
        ("whole", "۴۲", 42),
        ("measure", "۳۵٫۶۸۹", 35.689),
        ("day", "۱۴۰۴/۰۱/۰۱", date(2025, 3, 21)),
        ("day", "2025-03-21", date(2025, 3, 21)),
        ("moment", "1404/01/01 12:00", datetime(2025, 3, 21, 8, 30, tzinfo=UTC)),
        ("colour", "blue", Colour.BLUE),
        ("shade", "", None),
    ],
)
def test_entry_becomes_its_value(app: Any, name: str, entry: str, value: Any) -> None:
    form = typed(app, **{name: entry})
    assert form.errors == {}
    assert form[name].data == value


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        *[("rials", entry) for entry in ("خیلی", "1.5", "9" * 30)],
        *[("quantity", entry) for entry in ("1.2345", "NaN", "1e99")],
        *[("whole", entry) for entry in ("1.5", "9999999999")],
        *[("day", entry) for entry in ("1404/13/01", "1404/12/30x", "امروز؟")],
        *[("colour", entry) for entry in ("green", "")],
        ("moment", "1404/01/01 25:00"),
        ("shade", "green"),
        ("measure", "inf"),
    ],
)
def test_bad_entry_is_a_sentence_and_stays_in_its_input(app: Any, name: str, entry: str) -> None:
    form = typed(app, **{name: entry})
    assert set(form.errors) == {name}
    if name not in {"colour", "shade"}:
        with app.test_request_context("/"):
            assert entry in str(form[name]())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(entry=st.text(max_size=30))
def test_no_entry_is_a_failure(app: Any, entry: str) -> None:
    typed(
        app,
        **dict.fromkeys(("text", "code", "rials", "quantity", "whole", "measure", "day", "moment", "colour"), entry),
    )


def test_value_is_written_as_it_is_typed(app: Any) -> None:
    with app.test_request_context("/"):
        form = Sample(data={"day": date(2025, 3, 21), "quantity": Decimal("2.500"), "rials": 1000, "shade": Colour.RED})
        assert 'value="1404/01/01"' in str(form.day())
        assert 'value="2.5"' in str(form.quantity())
        assert 'value="1000"' in str(form.rials())
        assert 'selected value="red"' in str(form.shade())


# Several related rows --------------------------------------------------------------------------


def people_form(allowed: Callable[[], Any] | None = None) -> type[Form]:
    field = fields.RemoteMultipleField("p", target=Employee, options_url=lambda: "/x", allowed=allowed)
    return type("People", (Form,), {"people": field})


def test_several_rows_are_chosen_by_their_ids(session: Any) -> None:
    first, second = EmployeeFactory(), EmployeeFactory()
    session.flush()
    with current_app.test_request_context("/"):
        form: Any = people_form()(
            MultiDict([("people", str(first.id)), ("people", str(second.id))]), data={"people": []}
        )
        assert form.validate()
        assert {row.id for row in form.people.records} == {first.id, second.id}
        assert str(form.people()).count("<option") == 2


@pytest.mark.parametrize("entry", ["999999", "x", "1 OR 1"])
def test_row_that_is_not_there_cannot_be_among_them(session: Any, entry: str) -> None:
    with current_app.test_request_context("/"):
        form: Any = people_form()(MultiDict([("people", entry)]), data={"people": []})
        assert not form.validate()


def test_row_outside_the_allowed_ones_may_stay_but_not_be_added(session: Any) -> None:
    kept, wanted = EmployeeFactory(), EmployeeFactory()
    session.flush()
    only_nobody = people_form(lambda: Employee.id == -1)
    with current_app.test_request_context("/"):
        stays: Any = only_nobody(MultiDict([("people", str(kept.id))]), data={"people": [kept.id]})
        assert stays.validate()
        grows: Any = only_nobody(
            MultiDict([("people", str(kept.id)), ("people", str(wanted.id))]), data={"people": [kept.id]}
        )
        assert not grows.validate()
    assert db.session.get(Employee, wanted.id) is not None


@pytest.mark.parametrize("blank", ["\t", " ", "\u200c", "\u00a0"])
def test_a_required_day_that_is_only_blank_is_missing(app: Any, as_user: Any, session: Any, blank: str) -> None:
    row = DelegationFactory()
    session.flush()
    sent = {"version": "1", "delegate": row.delegate_id, "from_on": blank, "until_on": "1405/09/05", "reason": "x"}
    assert as_user("admin").post(f"/delegations/edit/{row.id}", data=sent).status_code in {409, 422}
    assert as_user("admin").post("/delegations/add", data=sent).status_code == 422
