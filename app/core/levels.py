"""Edit levels: who may do what with which document, in which state and how far. The one place that is asked.

A workflow that declares the figures of its documents makes them documents here. Steps, the session
(edits and deletes), the row scope (what is seen), prints and exports ask; `app.office.edit_levels`
says what each person stands by. System actors and administrators are free, and so is whatever
follows from a step that was allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock
from app.core.actor import Actor, ActorKind, current
from app.core.calendar import format_date
from app.core.digits import localize
from app.core.errors import NotAllowed
from app.core.formats import label_of, lang
from app.core.kinds import whole_of
from app.core.level_rules import (
    ANY,
    EDIT,
    EXPORT,
    PRINT,
    VIEW,
    Barrier,
    Cell,
    Figures,
    Limits,
    Standing,
    Verdict,
    decide,
    earliest,
    rows_for,
)
from app.core.money import format_rials

__all__ = [
    "ANY", "EDIT", "EXPORT", "PRINT", "VIEW", "Cell", "Document", "Figures", "LevelRefused", "Limits", "Measures",
    "Standing", "allows", "declare", "document_of", "documents", "doing", "figures_of", "in_step", "install_reader",
    "purpose", "refusal_of", "require", "standing_of",
]  # fmt: skip


class LevelRefused(NotAllowed, SQLAlchemyError):
    """An edit level stands against it. Also an SQLAlchemyError, as a flush may raise it and FAB must answer."""

    code = "edit_level"
    default_message = _l("The edit levels do not allow this.")

    def __init__(self, message: Any = None, *, path: str = "", **subject: Any) -> None:
        NotAllowed.__init__(self, message, path=path, **subject)


@dataclass(frozen=True, slots=True)
class Measures:
    """The columns of a document that limits look at; `discount` is (discount, gross) in rials.

    `actions` are what can be done to a stored document besides editing and the steps.
    """

    amount: str | None = None
    discount: tuple[str, str] | None = None
    day: str | None = None
    actions: tuple[tuple[str, Any], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name in (self.amount, *(self.discount or ()), self.day) if name is not None)


@dataclass(frozen=True, slots=True)
class Document:
    """A kind of document: its workflow's name, model and states; `steps` are the states in which an action is taken."""

    kind: str
    subject: str
    model: type[Any]
    states: type[StrEnum]
    initial: StrEnum
    measures: Measures
    steps: Mapping[str, frozenset[str]]


_documents: dict[type[Any], Document] = {}
_reader: list[Callable[[int, Collection[int]], Standing]] = []
_doing: ContextVar[str] = ContextVar("kartabl_level_action", default=EDIT)
_in_step: ContextVar[bool] = ContextVar("kartabl_in_step", default=False)
_purpose: ContextVar[str] = ContextVar("kartabl_level_purpose", default=VIEW)


# Documents -------------------------------------------------------------------------------------


def declare(document: Document) -> None:
    """Make a workflow's model a document; the workflow itself calls this."""
    _documents[document.model] = document


def documents() -> list[Document]:
    """Every kind of document, by name."""
    return sorted(_documents.values(), key=lambda one: one.kind)


def document_of(model: type[Any]) -> Document | None:
    """The kind of a model; None for what is no document."""
    return _documents.get(model)


def figures_of(record: Any) -> Figures:
    """The figures of a document as they are now."""
    measures = _documents[type(record)].measures
    return figures_by(measures, lambda name: getattr(record, name))


def figures_by(measures: Measures, value_of: Callable[[str], Any]) -> Figures:
    """Figures of values by column."""
    discount, gross = measures.discount or (None, None)
    return Figures(
        amount_rials=value_of(measures.amount) if measures.amount else None,
        discount_rials=value_of(discount) if discount else None,
        gross_rials=value_of(gross) if gross else None,
        day=value_of(measures.day) if measures.day else None,
    )


# Who stands by what ----------------------------------------------------------------------------


def install_reader(read: Callable[[int, Collection[int]], Standing]) -> None:
    """Say how the standing of a user with these roles is found."""
    _reader[:] = [read]


def standing_of(user_id: int, role_ids: Collection[int]) -> Standing:
    """The standing of a user; empty where nothing is set, so that roles alone decide."""
    return _reader[0](user_id, role_ids) if _reader else frozenset()


def limited_actor(actor: Actor | None = None) -> Actor | None:
    """The actor (the present one) where edit levels count for it; None where they do not."""
    who = actor if actor is not None else current()
    if who is None or who.kind is not ActorKind.USER or who.is_unrestricted or not who.levels:
        return None
    return who


# Asking ----------------------------------------------------------------------------------------


def refusal_of(actor: Actor, action: str, record: Any) -> LevelRefused | None:
    """Why an edit level stands against an action on a stored document; None where none does."""
    document = _documents.get(type(record))
    if document is None or limited_actor(actor) is None:
        return None
    return refusal_by(actor, document, record.state or document.initial, action, figures_of(record), record)


def refusal_by(
    actor: Actor, document: Document, state: StrEnum, action: str, figures: Figures, record: Any = None
) -> LevelRefused | None:
    """As `refusal_of`, for figures that need not be stored."""
    verdict = decide(actor.levels, Cell(document.kind, state.value, action), figures, on=clock.today())
    if verdict.is_allowed:
        return None
    return LevelRefused(words_of(verdict, figures, state), document=record, action=action, barrier=verdict.barrier)


def require(action: str, record: Any, actor: Actor | None = None) -> None:
    """Raises LevelRefused where the actor (the present one) may not do the action with the document."""
    who = limited_actor(actor)
    refusal = refusal_of(who, action, record) if who is not None else None
    if refusal is not None:
        raise refusal


def allows(action: str, record: Any) -> bool:
    """Whether the present actor's level lets an action be done with a document; for what a page offers."""
    who = limited_actor()
    return who is None or refusal_of(who, action, record) is None


def words_of(verdict: Verdict, figures: Figures, state: StrEnum) -> str:
    """A refusal as one sentence."""
    limits = verdict.limits
    match verdict.barrier:
        case Barrier.AMOUNT:
            return _("Its amount (%(amount)s rials) is above the limit of this edit level (%(limit)s rials).",
                     amount=format_rials(figures.amount_rials or 0, lang()),
                     limit=format_rials(limits.amount_rials or 0, lang()))  # fmt: skip
        case Barrier.DISCOUNT:
            return _("Its discount (%(percent)s percent) is above the limit of this edit level (%(limit)s percent).",
                     percent=_plain(figures.discount_percent), limit=_plain(limits.discount_percent))  # fmt: skip
        case Barrier.AGE:
            day = earliest(limits, clock.today())
            return _("It is older than this edit level allows: its date must be %(day)s or later.",
                     day=format_date(day, lang()))  # fmt: skip
    return _("The edit levels give this to others while the document is “%(state)s”.", state=label_of(state))


def _plain(percent: Any) -> str:
    return localize(f"{percent:.2f}".rstrip("0").rstrip("."), lang())


def policy(step: Any) -> None:
    """The workflow's question before each step; what follows from another step is not asked again."""
    if not _in_step.get():
        require(step.transition.action, step.document, step.actor)


@contextmanager
def in_step() -> Iterator[None]:
    """While a step is taken, whatever its hooks do follows from it."""
    token = _in_step.set(True)
    try:
        yield
    finally:
        _in_step.reset(token)


def is_in_step() -> bool:
    """Whether a step is being taken."""
    return _in_step.get()


@contextmanager
def doing(action: str) -> Iterator[None]:
    """Changes in this block are this action, which has a right of its own, and no plain edit."""
    token = _doing.set(action)
    try:
        yield
    finally:
        _doing.reset(token)


def action_now() -> str:
    """What a change of a document is at present: an edit, unless somebody said otherwise."""
    return _doing.get()


# What is seen ----------------------------------------------------------------------------------


@contextmanager
def purpose(action: str) -> Iterator[None]:
    """Read only documents that may be printed or exported, besides being seen, in this block."""
    token = _purpose.set(action)
    try:
        yield
    finally:
        _purpose.reset(token)


def key_of(actor: Actor) -> tuple[str, date | None]:
    """What the criterion depends on besides the actor."""
    return (_purpose.get(), clock.today()) if actor.levels else (VIEW, None)


def criterion(actor: Actor, model: type[Any]) -> ColumnElement[bool] | None:
    """The documents of a kind that the actor's level lets be seen (and printed or exported, where asked)."""
    document = _documents.get(model)
    if document is None or limited_actor(actor) is None:
        return None
    actions = dict.fromkeys((VIEW, _purpose.get()))
    parts = [part for action in actions if (part := allowed_rows(actor.levels, document, action)) is not None]
    return and_(*parts) if parts else None


def allowed_rows(standing: Standing, document: Document, action: str) -> ColumnElement[bool] | None:
    """The documents of a kind for which a standing has the action, as a condition; None for all of them."""
    by_rows: dict[tuple[Limits, ...] | None, list[StrEnum]] = {}
    for state in document.states:
        by_rows.setdefault(rows_for(standing, Cell(document.kind, state.value, action)), []).append(state)
    if set(by_rows) == {None}:
        return None
    model = whole_of(document.model)
    parts = []
    for rows, states in by_rows.items():
        here = model.state.in_(states)
        if rows is None or any(row.is_open for row in rows):
            parts.append(here)
        elif rows:
            parts.append(and_(here, or_(*(_within(row, model, document.measures) for row in rows))))
    return or_(false(), *parts)


def _within(limits: Limits, model: Any, measures: Measures) -> ColumnElement[bool]:
    """The columns of a document within limits; exact in integers on both databases."""
    parts: list[ColumnElement[bool]] = []
    if limits.amount_rials is not None and measures.amount:
        within = getattr(model, measures.amount) <= limits.amount_rials
        parts.append(within.is_(True))  # no index is chosen for it: a list is read in its own order
    if limits.discount_percent is not None and measures.discount:
        discount, gross = (getattr(model, name) for name in measures.discount)
        share = int(limits.discount_percent * 100)  # two decimals: ten-thousandths of the gross, rounded down
        parts.append(discount <= gross // 10_000 * share + (gross % 10_000) * share // 10_000)
    if limits.age_days is not None and measures.day:
        day = getattr(model, measures.day)
        parts.append(or_(day.is_(None), day >= earliest(limits, clock.today())))
    return and_(*parts) if parts else model.id.is_not(None)
