"""Trees kept in a table: departments, posts, groups of goods.

A row names its parent; at every flush that touches a tree the database gets each row's depth and
its place in the whole tree read from the top, so that any list shows the tree by ordering on one
integer column. A loop is refused on every road, also by import and API.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, bindparam, event, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from app.core.db import DERIVED, Sorted
from app.core.errors import DomainError


class TreeLoop(DomainError, SQLAlchemyError):
    """A row was put below itself. Also an SQLAlchemyError, as it is found at flush."""

    code = "tree_loop"
    default_message = _l("A branch cannot be put below itself.")

    def __init__(self, message: Any = None, *, path: str = "parent_id", **subject: Any) -> None:
        DomainError.__init__(self, message, path=path, **subject)


class InTree(Sorted):
    """A row with `parent_id`, sorted among its siblings by `position`, then by name."""

    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    depth: Mapped[int] = mapped_column(Integer, default=0, server_default="0", info=DERIVED)
    tree_order: Mapped[int] = mapped_column(Integer, default=0, server_default="0", index=True, info=DERIVED)

    @property
    def indented(self) -> str:
        """The row's words, moved in by its depth; em spaces survive HTML."""
        return "\u2003" * (self.depth or 0) + str(self)


def walk(children: dict[int | None, list[int]], root: int | None = None, depth: int = 0) -> Iterator[tuple[int, int]]:
    """(id, depth) of a forest from the top down, siblings in the order given."""
    stack = [(node, depth) for node in reversed(children.get(root, []))]
    while stack:
        node, level = stack.pop()
        yield node, level
        stack.extend((child, level + 1) for child in reversed(children.get(node, [])))


def subtree_ids(session: Session, model: type[Any], root_id: int) -> set[int]:
    """The id of a row and of everything below it."""
    tree = select(model.id).where(model.id == root_id).cte("tree", recursive=True)
    tree = tree.union(select(model.id).join(tree, model.parent_id == tree.c.id))
    return set(session.scalars(select(tree.c.id)))


def rebuild(session: Session, model: type[Any]) -> None:
    """Write depth and order of every row of a tree that differ. Raises TreeLoop."""
    table = model.__table__
    columns = (table.c.id, table.c.parent_id, table.c.depth, table.c.tree_order)
    rows = (
        session.connection().execute(select(*columns).order_by(table.c.position, table.c.name_sort, table.c.id)).all()
    )
    children: dict[int | None, list[int]] = defaultdict(list)
    for row in rows:
        children[row.parent_id].append(row.id)
    places = {node: (depth, order) for order, (node, depth) in enumerate(walk(children), start=1)}
    lost = {row.id for row in rows} - places.keys()
    if lost:
        raise TreeLoop(model=model.__name__, ids=sorted(lost))
    moved = [
        {"row": row.id, "new_depth": places[row.id][0], "new_order": places[row.id][1]}
        for row in rows
        if (row.depth, row.tree_order) != places[row.id]
    ]
    if moved:
        session.connection().execute(
            update(table)
            .where(table.c.id == bindparam("row"))
            .values(depth=bindparam("new_depth"), tree_order=bindparam("new_order")),
            moved,
        )
    for record in (*session.identity_map.values(), *session.new):  # new ones are not in the map yet
        if isinstance(record, model) and record.id in places:
            set_committed_value(record, "depth", places[record.id][0])
            set_committed_value(record, "tree_order", places[record.id][1])


def refuse_loop(record: Any) -> None:
    """Raises TreeLoop when one of the branches above `record` is `record` itself."""
    above = record.parent
    seen = {id(record)}
    while above is not None:
        if id(above) in seen:
            raise TreeLoop(record=record)
        seen.add(id(above))
        above = above.parent


def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    """A loop of loaded rows would stop the unit of work itself, with words for programmers."""
    with session.no_autoflush:
        for record in (*session.new, *session.dirty):
            if isinstance(record, InTree):
                refuse_loop(record)


def _after_flush(session: Session, _context: Any) -> None:
    touched = {type(r) for r in (*session.new, *session.dirty, *session.deleted) if isinstance(r, InTree)}
    for model in sorted(touched, key=lambda model: model.__name__):
        rebuild(session, model)


event.listen(Session, "before_flush", _before_flush)
event.listen(Session, "after_flush", _after_flush)
