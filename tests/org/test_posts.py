"""Posts: who sits where and when, and who stands above."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.core.actor import acting_as
from app.core.errors import Invalid, NotAllowed
from app.org.posts.queries import holders_on, posts_of, superiors_of
from app.org.posts.services import SeatTaken, create_post, seat, succeed
from tests.factories import EmployeeFactory, PostFactory
from tests.factories.acting import actor_with

ADD, EDIT = ("add", "org.posts"), ("edit", "org.posts")
SPRING, SUMMER, AUTUMN, WINTER = (date(2026, month, 21) for month in (3, 6, 9, 12))


@pytest.fixture
def clerk(session: Any) -> Any:
    with acting_as(actor_with(EmployeeFactory(), ADD, EDIT)) as actor:
        yield actor


def test_who_may_not_edit_seats_nobody(session: Any) -> None:
    person, post = EmployeeFactory(), PostFactory()
    with acting_as(actor_with(EmployeeFactory(), ADD)), pytest.raises(NotAllowed):
        seat(person, post=post, from_on=SPRING)


def test_who_may_not_add_makes_no_post(session: Any) -> None:
    with acting_as(actor_with(EmployeeFactory(), EDIT)), pytest.raises(NotAllowed):
        create_post(code="X", name="X")


def test_a_post_needs_name_code_and_a_seat(clerk: Any) -> None:
    with pytest.raises(Invalid) as refused:
        create_post(code="", name=" ", seats=0)
    assert {error.path for error in refused.value.errors} == {"code", "name", "seats"}


@pytest.mark.parametrize(
    ("from_on", "until_on", "fits"),
    [
        (SPRING, SUMMER, False),
        (date(2026, 9, 20), None, False),
        (AUTUMN, None, True),
        (date(2026, 1, 1), date(2026, 3, 20), True),
        (date(2026, 1, 1), None, False),
    ],
    ids=["inside", "last day", "day after", "before", "around"],
)
def test_one_seat_holds_one_person_a_day(clerk: Any, from_on: date, until_on: date | None, fits: bool) -> None:
    post = PostFactory(seats=1)
    seat(EmployeeFactory(), post=post, from_on=SPRING, until_on=date(2026, 9, 20))
    if fits:
        seat(EmployeeFactory(), post=post, from_on=from_on, until_on=until_on)
        return
    with pytest.raises(SeatTaken):
        seat(EmployeeFactory(), post=post, from_on=from_on, until_on=until_on)


def test_two_seats_hold_two_people_but_not_three(clerk: Any) -> None:
    post = PostFactory(seats=2)
    seat(EmployeeFactory(), post=post, from_on=SPRING, until_on=SUMMER)
    seat(EmployeeFactory(), post=post, from_on=AUTUMN)
    seat(EmployeeFactory(), post=post, from_on=SPRING)  # one in spring, one from autumn: never three
    with pytest.raises(SeatTaken):
        seat(EmployeeFactory(), post=post, from_on=WINTER)


def test_nobody_holds_a_post_twice_at_a_time(clerk: Any) -> None:
    post, person = PostFactory(seats=2), EmployeeFactory()
    seat(person, post=post, from_on=SPRING)
    with pytest.raises(SeatTaken):
        seat(person, post=post, from_on=SUMMER)


def test_a_term_does_not_end_before_it_begins(clerk: Any) -> None:
    with pytest.raises(Invalid):
        seat(EmployeeFactory(), post=PostFactory(), from_on=SUMMER, until_on=SPRING)


def test_a_successor_ends_the_open_term_the_day_before(clerk: Any) -> None:
    post, old, new = PostFactory(), EmployeeFactory(), EmployeeFactory()
    term = seat(old, post=post, from_on=SPRING)
    succeed(new, post=post, from_on=AUTUMN)
    assert term.until_on == date(2026, 9, 20)
    assert list(holders_on(post, on=SUMMER)) == [old]
    assert list(holders_on(post, on=AUTUMN)) == [new]


def test_the_nearest_held_post_above_answers(clerk: Any) -> None:
    chief, person = EmployeeFactory(), EmployeeFactory()
    top = PostFactory(name="مدیر عامل")
    empty = PostFactory(name="مدیر فروش", parent=top)
    own = PostFactory(name="کارشناس", parent=empty)
    seat(chief, post=top, from_on=SPRING)
    seat(person, post=own, from_on=SPRING)
    assert list(superiors_of(person.id, on=SUMMER)) == [chief]
    assert list(superiors_of(chief.id, on=SUMMER)) == []
    assert [post.name for post in posts_of(person.id, on=SUMMER)] == ["کارشناس"]
    assert list(posts_of(person.id, on=date(2025, 1, 1))) == []
