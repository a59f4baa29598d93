"""Delegations: one's own work, for days that are not handed over already."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import acting_as
from app.core.errors import Invalid, NotAllowed
from app.org.delegations import services
from app.org.delegations.models import Delegation
from app.org.delegations.queries import delegates_of, principals_of
from app.org.delegations.services import delegate
from tests.factories import DelegationFactory, DepartmentFactory, EmployeeFactory
from tests.factories.acting import actor_with

OWN = (("list", "org.delegations"), ("add", "org.delegations"), ("see_own", "org.delegations"))
STAFF = (*OWN, ("see_department", "org.delegations"))
FROM, UNTIL = date(2026, 3, 21), date(2026, 3, 27)


@pytest.fixture(autouse=True)
def _before_the_leave() -> Any:
    services.install()
    with clock.frozen(datetime(2026, 3, 1, 12, tzinfo=clock.TEHRAN)):
        yield


def test_own_work_is_handed_over_and_found_by_both(session: Any) -> None:
    me, other = EmployeeFactory(), EmployeeFactory()
    with acting_as(actor_with(me, *OWN)):
        made = delegate(to=other, from_on=FROM, until_on=UNTIL, reason="مرخصی")
    assert made.department_id == me.home_department_id
    assert list(delegates_of(me.id, on=UNTIL)) == [other]
    assert list(principals_of(other.id, on=FROM)) == [me]
    assert list(delegates_of(me.id, on=date(2026, 3, 28))) == []


def test_somebody_elses_work_is_not_handed_over(session: Any) -> None:
    me, victim = EmployeeFactory(), EmployeeFactory()
    with acting_as(actor_with(me, *OWN)), pytest.raises(NotAllowed):
        delegate(to=me, from_on=FROM, until_on=UNTIL, principal=victim)


def test_who_may_not_add_hands_nothing_over(session: Any) -> None:
    me, other = EmployeeFactory(), EmployeeFactory()
    with acting_as(actor_with(me, OWN[0])), pytest.raises(NotAllowed):
        delegate(to=other, from_on=FROM, until_on=UNTIL)


def test_a_manager_hands_over_for_people_of_the_department_only(session: Any) -> None:
    department = DepartmentFactory()
    manager, mine, other = (EmployeeFactory(home_department=department) for _ in range(3))
    stranger = EmployeeFactory()
    with acting_as(actor_with(manager, *STAFF)):
        delegate(to=other, from_on=FROM, until_on=UNTIL, principal=mine)
        with pytest.raises(NotAllowed):
            delegate(to=other, from_on=FROM, until_on=UNTIL, principal=stranger)


@pytest.mark.parametrize(
    ("from_on", "until_on"),
    [(UNTIL, FROM), (date(2026, 2, 1), date(2026, 2, 2)), (date(2026, 3, 27), date(2026, 4, 1))],
    ids=["backwards", "past", "overlap"],
)
def test_days_that_make_no_sense_are_refused(session: Any, from_on: date, until_on: date) -> None:
    me, other = EmployeeFactory(), EmployeeFactory()
    with acting_as(actor_with(me, *OWN)):
        delegate(to=other, from_on=FROM, until_on=UNTIL)
        with pytest.raises(Invalid):
            delegate(to=other, from_on=from_on, until_on=until_on)


def test_not_to_oneself_and_not_to_somebody_who_left(session: Any) -> None:
    me = EmployeeFactory()
    with acting_as(actor_with(me, *OWN)):
        for to in (me, EmployeeFactory(active=False)):
            with pytest.raises(Invalid):
                delegate(to=to, from_on=FROM, until_on=UNTIL)


def test_only_principal_delegate_and_their_manager_see_it(session: Any) -> None:
    row = DelegationFactory()
    manager = EmployeeFactory(home_department=row.principal.home_department)
    session.flush()
    for actor, sees in (
        (actor_with(row.principal, *OWN), True),
        (actor_with(row.delegate, *OWN), True),
        (actor_with(manager, *STAFF), True),
        (actor_with(EmployeeFactory(), *STAFF), False),
        (actor_with(row.delegate), False),
    ):
        with acting_as(actor):
            assert (session.scalars(select(Delegation)).first() is not None) is sees
