"""Conversions: one document made from another, wholly, by line or by quantity, never beyond what there is.

A feature registers a `Route` from one kind to another with a small function that makes the target;
rights, locks, the ledger of what is left, the resent request and the links are here. The source's
row is locked while a conversion is made, so that two at one moment queue up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core.actor import require_current
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.core.events import signal
from app.core.scope import unscoped
from app.sales.documents.conversion_models import Conversion, ConversionLine

KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
ROUTES: dict[str, Route] = {}
"""The registered routes by name."""

converted = signal(
    "converted",
    "What is left of a document changed: one was made from it, or one that was is gone. "
    "Sent after the flush, inside the transaction. Sender: the source's subject; source_id=int.",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A line of the source and how much of it goes over."""

    line: Any
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Route:
    """A way from one kind of document to another.

    `states` are those of a source that may go it. `make` gets the source and what is taken, and
    answers the new document, its `lines` in the order of what was taken; it neither flushes nor
    asks for rights. Routes of one `lane` share what is left of a line. `makes_draft`: people still
    change the target before it counts.
    """

    name: str
    source: type[Any]
    target: type[Any]
    lane: str
    label: Any
    icon: str
    states: frozenset[Any]
    make: Callable[[Any, Sequence[Taken]], Any]
    makes_draft: bool = True


class NotConvertible(DomainError):
    """The document's state does not allow the conversion."""

    code = "not_convertible"
    default_message = _l("In its present state nothing can be made from this document.")


class NothingLeft(DomainError):
    """Everything went over already."""

    code = "nothing_left"
    default_message = _l("Nothing is left of this document: all of it went over already.")


class MoreThanLeft(DomainError):
    """More of a line is asked for than is left."""

    code = "more_than_left"

    def __init__(self, path: str, *, what: str, left: Decimal) -> None:
        message = _l("Of “%(what)s” only %(left)s is left.", what=what, left=format(left.normalize(), "f"))
        super().__init__(message, path=path, left=left)


def register(route: Route) -> None:
    """Let a route be gone; safe to repeat."""
    ROUTES[route.name] = route


def routes_from(source: Any) -> list[Route]:
    """The routes that the actor may go from a document in its present state."""
    actor = require_current()
    return [
        route
        for route in ROUTES.values()
        if route.source is type(source)
        and source.state in route.states
        and actor.can("convert", subject_of(source))
        and actor.can("add", route.target.__subject__)
    ]


def subject_of(document: Any) -> str:
    """The subject by which links name a document's kind."""
    subject: str = type(document).__subject__
    return subject


def taken_of(source: Any, lane: str, *, but: int | None = None) -> dict[int, Decimal]:
    """How much of each line went over on a lane, by the line's id; `but` leaves one conversion out."""
    query = (
        select(ConversionLine.source_line_id, func.sum(ConversionLine.quantity))
        .join(Conversion)
        .where(
            Conversion.source_subject == subject_of(source),
            Conversion.source_id == source.id,
            Conversion.lane == lane,
            Conversion.is_live,
            Conversion.id != (but or 0),
        )
        .group_by(ConversionLine.source_line_id)
    )
    return {line_id: Decimal(quantity) for line_id, quantity in db.session.execute(query)}


def left_of(source: Any, lane: str, *, but: int | None = None) -> dict[int, Decimal]:
    """How much of each line is left on a lane, by the line's id; never below zero."""
    taken = taken_of(source, lane, but=but)
    return {line.id: max(line.quantity - taken.get(line.id, Decimal(0)), Decimal(0)) for line in source.lines}


def convert(name: str, source_id: int, *, key: str, quantities: Mapping[int, Decimal] | None = None) -> Any:
    """The document made from another on a route: all that is left, or `quantities` by the line's id.

    A second call with the same `key` answers what the first one made. Raises NotFound, NotAllowed,
    NotConvertible, NothingLeft, MoreThanLeft, and what making the target raises. Flushes.
    """
    actor = require_current()
    route = ROUTES.get(name)
    if route is None or not KEY.fullmatch(key):
        raise NotFound(route=name)
    actor.require("convert", route.source.__subject__)
    actor.require("add", route.target.__subject__)
    source = _locked(route.source, source_id)
    if (made := _made_before(source, key)) is not None:
        return made
    if source.state not in route.states:
        raise NotConvertible
    taken = _taken(source, route, quantities, may_exceed=actor.can("exceed", subject_of(source)))
    target = route.make(source, taken)
    db.session.add(target)
    db.session.flush()
    link(route, source, target, taken, key=key)
    return target


def link(route: Route, source: Any, target: Any, taken: Sequence[Taken], *, key: str) -> Conversion:
    """Note that `target` was made from `source`; both are flushed."""
    conversion = Conversion(
        route=route.name,
        lane=route.lane,
        source_subject=subject_of(source),
        source_id=source.id,
        target_subject=subject_of(target),
        target_id=target.id,
        key=key,
        at=now(),
        by_id=require_current().user_id,
        lines=[
            ConversionLine(source_line_id=one.line.id, target_line_id=line.id, quantity=one.quantity)
            for one, line in zip(taken, target.lines, strict=True)
        ],
    )
    db.session.add(conversion)
    db.session.flush()
    converted.send(subject_of(source), source_id=source.id)
    return conversion


def _locked(model: type[Any], record_id: int) -> Any:
    query = select(model).where(model.id == record_id).with_for_update(of=model)
    found = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(record_id=record_id)
    return found


def _made_before(source: Any, key: str) -> Any:
    query = select(Conversion).where(
        Conversion.source_subject == subject_of(source), Conversion.source_id == source.id, Conversion.key == key
    )
    conversion = db.session.scalars(query).one_or_none()
    if conversion is None:
        return None
    found = end_of(conversion)
    if found is None:
        raise NotFound(key=key)
    return found


def _taken(source: Any, route: Route, quantities: Mapping[int, Decimal] | None, *, may_exceed: bool) -> list[Taken]:
    left = left_of(source, route.lane)
    wanted = left if quantities is None else quantities
    if unknown := wanted.keys() - left.keys():
        raise NotFound(lines=unknown)
    taken = []
    for place, line in enumerate(source.lines):
        quantity = wanted.get(line.id, Decimal(0))
        if quantity < 0 or (quantity > left[line.id] and not may_exceed):
            raise MoreThanLeft(f"lines[{place}].quantity", what=line.description, left=left[line.id])
        if quantity > 0:
            taken.append(Taken(line, quantity))
    if not taken:
        raise NothingLeft
    return taken


def end_of(conversion: Conversion) -> Any:
    """The document that a conversion made, None where the actor may not see it."""
    model = ROUTES[conversion.route].target
    return db.session.scalars(select(model).where(model.id == conversion.target_id)).one_or_none()


def start_of(conversion: Conversion) -> Any:
    """The document that a conversion went out from, None where the actor may not see it."""
    model = ROUTES[conversion.route].source
    return db.session.scalars(select(model).where(model.id == conversion.source_id)).one_or_none()


def link_to(target: Any) -> Conversion | None:
    """The live conversion that made a document, if one did."""
    query = select(Conversion).where(
        Conversion.target_subject == subject_of(target), Conversion.target_id == target.id, Conversion.is_live
    )
    return db.session.scalars(query).one_or_none()


def links_from(source: Any) -> Sequence[Conversion]:
    """The live conversions of a document, oldest first."""
    query = select(Conversion).where(
        Conversion.source_subject == subject_of(source), Conversion.source_id == source.id, Conversion.is_live
    )
    return db.session.scalars(query.order_by(Conversion.id)).all()


def lines_saved(target: Any, kept: Mapping[int, Any]) -> None:
    """Follow a saved draft: `kept` gives for each old line's id the line that it became.

    A line that is gone gives back what it took, one with another quantity takes that much. Raises
    MoreThanLeft with the place of the line. Nothing happens for a document that was not converted.
    """
    conversion = link_to(target)
    if conversion is None:
        return
    route = ROUTES[conversion.route]
    source = _locked_unscoped(route.source, conversion.source_id)
    left = left_of(source, route.lane, but=conversion.id)
    may_exceed = require_current().can("exceed", subject_of(source))
    for row in list(conversion.lines):
        line = kept.get(row.target_line_id or 0)
        if line is None:
            conversion.lines.remove(row)
            continue
        rest = left.get(row.source_line_id, Decimal(0))
        if line.quantity > max(rest, row.quantity) and not may_exceed:
            raise MoreThanLeft(f"lines[{line.position - 1}].quantity", what=line.description, left=rest)
        left[row.source_line_id] = rest - line.quantity
        row.target_line_id, row.quantity = line.id, line.quantity
    db.session.flush()
    converted.send(subject_of(source), source_id=source.id)


def release(target: Any, *, keep: Mapping[int, Decimal] | None = None) -> None:
    """Give back what a document took, because it is gone, cancelled, expired or void.

    `keep` says by its line's id how much stays taken: what was made from it in its turn.
    """
    conversion = link_to(target)
    if conversion is None:
        return
    kept = {} if keep is None else keep
    for row in conversion.lines:
        row.quantity = min(row.quantity, kept.get(row.target_line_id or 0, Decimal(0)))
    conversion.is_live = any(row.quantity for row in conversion.lines)
    db.session.flush()
    converted.send(conversion.source_subject, source_id=conversion.source_id)


def move(target: Any, successor: Any, lines: Mapping[int, Any]) -> None:
    """Hang a conversion on the document that supersedes its target; `lines` maps old ids to new lines.

    What the target had given back is taken again, as far as it is left. Raises MoreThanLeft, and
    NotConvertible where the source takes no conversion any more.
    """
    conversion = link_to(target) or _released_link_to(target)
    if conversion is None:
        return
    if not conversion.is_live:
        route = ROUTES[conversion.route]
        if _locked_unscoped(route.source, conversion.source_id).state not in route.states:
            raise NotConvertible
        conversion.is_live = True
    conversion.target_subject, conversion.target_id = subject_of(successor), successor.id
    db.session.flush()
    for row in conversion.lines:
        line = lines.get(row.target_line_id or 0)
        row.target_line_id = line.id if line is not None else None
    lines_saved(successor, {line.id: line for line in successor.lines})


def _released_link_to(target: Any) -> Conversion | None:
    """The last conversion that made a document and gave everything back."""
    query = select(Conversion).where(
        Conversion.target_subject == subject_of(target), Conversion.target_id == target.id, ~Conversion.is_live
    )
    return db.session.scalars(query.order_by(Conversion.id.desc()).limit(1)).one_or_none()


def _locked_unscoped(model: type[Any], record_id: int) -> Any:
    with unscoped("what is left of a source is counted whoever saves its child"):
        return _locked(model, record_id)


def names_of(links: Iterable[Conversion]) -> list[str]:
    """What the targets of links are called, for a refusal; those out of sight by their kind alone."""
    found = []
    for one in links:
        target = end_of(one)
        found.append(str(target) if target is not None else str(ROUTES[one.route].label))
    return found
