"""Who holds which post on a day, and who stands above whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.db import db
from app.org.employees.models import Employee
from app.org.posts.models import Post, PostHolder


def post_tree() -> Sequence[Post]:
    """Posts from the top down; `depth` says how far each is indented."""
    return db.session.scalars(select(Post).order_by(Post.tree_order)).all()


def holders_on(post: Post, *, on: date | None = None) -> Sequence[Employee]:
    """The people in a post on a day (today), those longest in it first."""
    day = on or clock.today()
    query = (
        select(Employee)
        .join(PostHolder, PostHolder.employee_id == Employee.id)
        .where(PostHolder.post_id == post.id, PostHolder.from_on <= day, _open_until(day))
        .order_by(PostHolder.from_on, PostHolder.id)
    )
    return db.session.scalars(query).all()


def posts_of(employee_id: int, *, on: date | None = None) -> Sequence[Post]:
    """The posts that somebody holds on a day (today), the highest first."""
    day = on or clock.today()
    query = (
        select(Post)
        .join(PostHolder, PostHolder.post_id == Post.id)
        .where(PostHolder.employee_id == employee_id, PostHolder.from_on <= day, _open_until(day))
        .options(joinedload(Post.parent))
        .order_by(Post.depth, Post.tree_order)
    )
    return db.session.scalars(query).unique().all()


def superiors_of(employee_id: int, *, on: date | None = None) -> Sequence[Employee]:
    """Who is asked next when this person does not answer: holders of the nearest held post above."""
    for post in posts_of(employee_id, on=on):
        above = post.parent
        while above is not None:
            found = [person for person in holders_on(above, on=on) if person.id != employee_id]
            if found:
                return found
            above = above.parent
    return ()


def team_of(employee_id: int, *, on: date | None = None) -> set[int]:
    """The ids of the people in posts below those that somebody holds on a day (today), at any depth."""
    day = on or clock.today()
    held = select(PostHolder.post_id).where(
        PostHolder.employee_id == employee_id, PostHolder.from_on <= day, _open_until(day)
    )
    below = select(Post.id).where(Post.parent_id.in_(held)).cte("below", recursive=True)
    below = below.union(select(Post.id).join(below, Post.parent_id == below.c.id))
    people = select(PostHolder.employee_id).where(
        PostHolder.post_id.in_(select(below.c.id)), PostHolder.from_on <= day, _open_until(day)
    )
    return set(db.session.scalars(people)) - {employee_id}


def terms_over(post_id: int, from_on: date, until_on: date | None, *, but: int | None = None) -> Sequence[PostHolder]:
    """Terms in a post that share a day with the given span, except the row `but`."""
    query = select(PostHolder).where(PostHolder.post_id == post_id, _open_until(from_on))
    if until_on is not None:
        query = query.where(PostHolder.from_on <= until_on)
    if but is not None:
        query = query.where(PostHolder.id != but)
    return db.session.scalars(query).all()


def _open_until(day: date) -> ColumnElement[bool]:
    return or_(PostHolder.until_on.is_(None), PostHolder.until_on >= day)
