"""Making posts and seating people in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid
from app.core.text import clean
from app.core.tree import refuse_loop
from app.org.departments.models import Department
from app.org.employees.models import Employee
from app.org.posts.models import Post, PostHolder
from app.org.posts.queries import terms_over

SUBJECT = "org.posts"


class SeatTaken(DomainError):
    """On some day of the term more people would hold the post than it has seats."""

    code = "seat_taken"
    default_message = _l("This post is held by someone else in that time. End the other term first.")


def check_post(post: Post) -> None:
    """Raises Invalid (name, code, seats) or TreeLoop for a post that may not be saved."""
    errors = []
    post.code = (post.code or "").strip()
    post.name = clean(post.name or "")
    if not post.name:
        errors.append(FieldError("name", "required", _l("A post needs a name.")))
    if not post.code:
        errors.append(FieldError("code", "required", _l("A post needs a code.")))
    elif _code_taken(post):
        errors.append(FieldError("code", "taken", _l("Another post has this code.")))
    if post.seats is not None and post.seats < 1:
        errors.append(FieldError("seats", "too_small", _l("A post has at least one seat.")))
    if errors:
        raise Invalid(errors)
    refuse_loop(post)


def check_term(holder: PostHolder) -> None:
    """Raises Invalid or SeatTaken for a term that may not be saved."""
    if holder.until_on is not None and holder.until_on < holder.from_on:
        raise Invalid([FieldError("until_on", "before_start", _l("The last day lies before the first."))])
    post = holder.post or db.session.get_one(Post, holder.post_id)
    employee_id = holder.employee.id if holder.employee is not None else holder.employee_id
    with db.session.no_autoflush:
        others = terms_over(post.id, holder.from_on, holder.until_on, but=holder.id) if post.id else ()
    if any(other.employee_id == employee_id for other in others):
        raise SeatTaken(_l("This person already holds the post in that time."), path="employee_id", holder=holder)
    if most_at_once(others, since=holder.from_on) >= (post.seats or 1):
        raise SeatTaken(path="from_on", holder=holder)


def most_at_once(terms: Sequence[PostHolder], *, since: date) -> int:
    """How many of the terms share one day at most, from `since` on."""
    days = {max(term.from_on, since) for term in terms}
    return max((sum(1 for term in terms if _covers(term, day)) for day in days), default=0)


def _covers(term: PostHolder, day: date) -> bool:
    return term.from_on <= day and (term.until_on is None or term.until_on >= day)


def create_post(
    *,
    code: str,
    name: str,
    parent: Post | None = None,
    department: Department | None = None,
    seats: int = 1,
) -> Post:
    """A new post. Raises NotAllowed, Invalid."""
    require_current().require("add", SUBJECT)
    post = Post(code=code, name=name, parent=parent, department=department, seats=seats)
    check_post(post)
    db.session.add(post)
    db.session.flush()
    return post


def seat(employee: Employee, *, post: Post, from_on: date, until_on: date | None = None) -> PostHolder:
    """Begin somebody's term in a post. Raises NotAllowed, Invalid, SeatTaken."""
    require_current().require("edit", SUBJECT)
    # By ids: a related object would pull the row into the session before it is checked.
    holder = PostHolder(post_id=post.id, employee_id=employee.id, from_on=from_on, until_on=until_on)
    check_term(holder)
    db.session.add(holder)
    db.session.flush()
    return holder


def succeed(employee: Employee, *, post: Post, from_on: date) -> PostHolder:
    """Hand a post over: open terms end the day before `from_on`. Raises as `seat`."""
    require_current().require("edit", SUBJECT)
    for term in terms_over(post.id, from_on, None):
        if term.from_on < from_on:
            term.until_on = from_on - timedelta(days=1)
    db.session.flush()
    return seat(employee, post=post, from_on=from_on)


def _code_taken(post: Post) -> bool:
    query = select(Post.id).where(Post.code == post.code)
    if post.id is not None:
        query = query.where(Post.id != post.id)
    with db.session.no_autoflush:
        return db.session.scalars(query.limit(1)).first() is not None
