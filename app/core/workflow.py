"""States and the steps between them: the only place where a state changes.

A workflow is data: transitions with the right each needs, its guards and what it does. `apply`
checks permission, legality, policies and guards in that order, raises when any fails, changes the
state, writes the log and tells who listens. Setting `.state` anywhere else raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, Index, String, event, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import LoaderCallableStatus, Mapped, ORMExecuteState, Session, mapped_column, object_session
from sqlalchemy.orm.attributes import set_committed_value

from app.core import audit, clock, level_guard, levels
from app.core.actor import Actor
from app.core.db import UtcDateTime, db
from app.core.errors import DomainError, IllegalTransition, NotAllowed, NotFound
from app.core.events import signal
from app.core.formats import register_labels
from app.core.ledger import BigId

transition_applied = signal(
    "transition_applied",
    "A document changed its state; sent after the flush, inside the transaction. Sender: the Workflow; step=Step.",
)


class TransitionLog(Model):
    """One step that a document took (گردش کار); written once, never changed."""

    __tablename__ = "core_transition_log"
    __table_args__ = (Index("ix_core_transition_log_record", "model", "record_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    model: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[int] = mapped_column(BigInteger)
    transition: Mapped[str] = mapped_column(String(40))
    from_state: Mapped[str] = mapped_column(String(40))
    to_state: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(1000))


class StateAssigned(NotAllowed, SQLAlchemyError):
    """A state was set outside a workflow step. Also an SQLAlchemyError, so FAB answers a refusal."""

    code = "state_assigned"
    default_message = _l("The state changes only by the steps of the workflow.")


class ReasonRequired(DomainError):
    """The step needs a reason and got none."""

    code = "reason_required"
    default_message = _l("Give a reason for this step.")


class WorkflowError(RuntimeError):
    """A workflow is declared wrongly; the application must not start."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step being taken, as hooks, guards and listeners see it. `data` are the caller's extras."""

    document: Any
    workflow: Workflow
    transition: Transition
    actor: Actor
    reason: str | None
    from_state: StrEnum
    data: Mapping[str, Any] = field(default_factory=dict)


Hook = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Transition:
    """A step from any of `sources` to `target`; `action` is the right it needs on the subject.

    Guards raise a DomainError and change nothing; `before` hooks work before the state is set,
    `after` hooks when it is flushed. `asks_day` are the words of a day that the person may give, which
    hooks find as `step.data["on"]`. `seals` keeps a digest of the content. `confirm` is a question
    for the person. `style` is the button's (primary, secondary, danger). A document that `applies`
    denies does not have the step at all: it is neither offered nor legal. A step that `undoes` another
    leads to where the document was before that one; `target` is where it leads when nobody knows.
    """

    name: str
    sources: tuple[StrEnum, ...]
    target: StrEnum
    action: str
    label: Any
    guards: tuple[Hook, ...] = ()
    before: tuple[Hook, ...] = ()
    after: tuple[Hook, ...] = ()
    needs_reason: bool = False
    asks_day: Any = None
    confirm: Any = None
    style: str = "primary"
    icon: str = ""
    seals: bool = False
    undoes: str = ""
    applies: Callable[[Any], bool] | None = None

    def is_legal(self, document: Any) -> bool:
        """Whether the document's state has the step."""
        return document.state in self.sources and (self.applies is None or self.applies(document))


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that the actor may take in principle; `refusal` says why not right now."""

    transition: Transition
    refusal: DomainError | None


_moving: ContextVar[frozenset[int]] = ContextVar("kartabl_moving", default=frozenset())


class Workflow:
    """The states of one model and the steps between them.

    `policies` are asked on every step after legality (edit levels, limits); they raise to refuse.
    `everywhere` holds those that are asked for every workflow. With `measures` its records are
    documents, and edit levels count for them.
    """

    everywhere: ClassVar[list[Hook]] = []
    _by_model: ClassVar[dict[type[Any], Workflow]] = {}

    def __init__(
        self,
        *,
        name: str,
        subject: str,
        model: type[Any],
        states: type[StrEnum],
        initial: StrEnum,
        transitions: Sequence[Transition],
        state_labels: Mapping[Any, Any] | None = None,
        measures: levels.Measures | None = None,
    ) -> None:
        self.name = name
        self.subject = subject
        self.model = model
        self.states = states
        self.initial = initial
        self.transitions = {transition.name: transition for transition in transitions}
        self.state_labels = dict(state_labels or {})
        register_labels(self.state_labels)
        self.policies: list[Hook] = []
        self._check(transitions)
        if model not in Workflow._by_model:
            event.listen(model.state, "set", self._refuse_assignment, active_history=True)
        Workflow._by_model[model] = self
        if measures is not None:
            levels.declare(self._document(measures))

    def _document(self, measures: levels.Measures) -> levels.Document:
        steps: dict[str, frozenset[str]] = {}
        for transition in self.transitions.values():
            here = frozenset(state.value for state in transition.sources)
            steps[transition.action] = steps.get(transition.action, frozenset()) | here
        return levels.Document(self.name, self.subject, self.model, self.states, self.initial, measures, steps)

    @classmethod
    def of(cls, model: type[Any]) -> Workflow | None:
        """The workflow of a model, None where it has none."""
        return cls._by_model.get(model)

    @classmethod
    def all(cls) -> list[Workflow]:
        """Every declared workflow, by name."""
        return sorted(cls._by_model.values(), key=lambda workflow: workflow.name)

    def apply(self, document: Any, name: str, *, actor: Actor, reason: str | None = None, **data: Any) -> TransitionLog:
        """Take a step: permission, legality, policies, guards, then the change and its log. Flushes.

        The document's row is locked and its state read anew, so that of two who press the same
        button one is refused. Raises NotAllowed, NotFound, IllegalTransition, ReasonRequired, and what
        policies, guards and hooks raise; then nothing has changed.
        """
        transition = self.transition(name)
        actor.require(transition.action, self.subject)
        session = object_session(document) or db.session()
        if document.state is None:
            document.state = self.initial
        _lock_state(session, document)
        step = Step(document, self, transition, actor, (reason or "").strip() or None, document.state, data)
        self._refuse(step)
        if transition.needs_reason and step.reason is None:
            raise ReasonRequired(path="reason")
        level_guard.check_pending(session)  # an edit that was not flushed yet is no part of the step
        with levels.in_step():
            return self._take(session, step)

    def transition(self, name: str) -> Transition:
        """Raises IllegalTransition for a step that the workflow does not have."""
        try:
            return self.transitions[name]
        except KeyError:
            raise IllegalTransition(transition=name) from None

    def available(self, document: Any, actor: Actor) -> list[Offer]:
        """The steps that are legal now and that the actor has the right to, in declared order."""
        return [
            Offer(transition, self.refusal_of(document, transition, actor))
            for transition in self.legal_steps(document, actor)
        ]

    def legal_steps(self, document: Any, actor: Actor) -> list[Transition]:
        """As `available`, without asking the guards: for many documents at once."""
        return [
            transition
            for transition in self.transitions.values()
            if transition.is_legal(document) and actor.can(transition.action, self.subject)
        ]

    def label(self, state: StrEnum) -> Any:
        """The words of a state."""
        return self.state_labels.get(state, state.value.replace("_", " ").capitalize())

    def unreachable(self) -> set[StrEnum]:
        """The states that no sequence of steps from the initial one reaches."""
        reached, before = {self.initial}, set[StrEnum]()
        while reached != before:
            before = set(reached)
            reached |= {t.target for t in self.transitions.values() if reached & set(t.sources)}
        return set(self.states) - reached

    def refusal_of(self, document: Any, transition: Transition, actor: Actor) -> DomainError | None:
        """Why a step cannot be taken now; None where it can. Rights are not asked."""
        try:
            self._refuse(Step(document, self, transition, actor, None, document.state))
        except DomainError as refusal:
            return refusal
        return None

    def _refuse(self, step: Step) -> None:
        if not step.transition.is_legal(step.document):
            raise IllegalTransition(document=step.document, state=step.document.state, transition=step.transition.name)
        for policy in (*Workflow.everywhere, *self.policies, *step.transition.guards):
            policy(step)

    def _take(self, session: Session, step: Step) -> TransitionLog:
        for hook in step.transition.before:
            hook(step)
        entry = self._move(session, step)
        if step.transition.seals:
            audit.seal(session, step.document)
        for hook in step.transition.after:
            hook(step)
        transition_applied.send(self, step=step)
        return entry

    def _move(self, session: Session, step: Step) -> TransitionLog:
        document, target = step.document, self._target(step)
        with _moving_state(document):
            document.state = target
        audit.mark(document, action=step.transition.name, note=step.reason)
        if inspect(document).identity is None:
            session.add(document)
            session.flush()
        entry = TransitionLog(
            model=inspect(document).mapper.local_table.name,
            record_id=inspect(document).mapper.primary_key_from_instance(document)[0],
            transition=step.transition.name,
            from_state=step.from_state.value,
            to_state=target.value,
            actor_id=step.actor.user_id,
            actor_name=step.actor.name[:200],
            at=clock.now(),
            reason=step.reason,
        )
        session.add(entry)
        session.flush()
        return entry

    def _target(self, step: Step) -> StrEnum:
        """Where a step leads: for one that undoes another, back to where that one began."""
        undoes, target = step.transition.undoes, step.transition.target
        if not undoes:
            return target
        before = [entry.from_state for entry in log_of(step.document) if entry.transition == undoes]
        return self.states(before[-1]) if before else target

    def _check(self, transitions: Sequence[Transition]) -> None:
        if len(self.transitions) != len(transitions):
            raise WorkflowError(f"workflow {self.name}: two steps have one name")
        if not hasattr(self.model, "state"):
            raise WorkflowError(f"workflow {self.name}: {self.model.__name__} has no state")
        known = set(self.states)
        for transition in transitions:
            if not transition.action:
                raise WorkflowError(f"workflow {self.name}: step {transition.name} needs no right")
            if not {*transition.sources, transition.target} <= known:
                raise WorkflowError(f"workflow {self.name}: step {transition.name} names an unknown state")
            if transition.undoes and transition.undoes not in self.transitions:
                raise WorkflowError(f"workflow {self.name}: step {transition.name} undoes an unknown step")

    def _refuse_assignment(self, target: Any, value: Any, old: Any, _initiator: Any) -> None:
        if id(target) in _moving.get() or value == old:
            return
        is_new = not inspect(target).has_identity and old in (LoaderCallableStatus.NO_VALUE, None)
        if is_new and value == self.initial:
            return
        raise StateAssigned(record=target, path="state")


def log_of(record: Any) -> Sequence[TransitionLog]:
    """The steps that a record took, oldest first."""
    model = inspect(record).mapper.local_table.name
    query = select(TransitionLog).where(TransitionLog.model == model, TransitionLog.record_id == record.id)
    return db.session.scalars(query.order_by(TransitionLog.id)).all()


def _lock_state(session: Session, document: Any) -> None:
    """Lock a stored document's row until the end of the transaction and take its state from there.

    Raises NotFound when the row is gone or out of the actor's sight.
    """
    state = inspect(document)
    if not state.persistent:
        return
    model, columns = state.mapper.class_, state.mapper.primary_key
    with session.no_autoflush:
        query = select(model.state).where(*(c == v for c, v in zip(columns, state.identity, strict=True)))
        stored = session.execute(query.with_for_update()).scalar()
    if stored is None:
        raise NotFound(document=document)
    if stored != document.state:
        set_committed_value(document, "state", stored)


@contextmanager
def _moving_state(document: Any) -> Iterator[None]:
    token = _moving.set(_moving.get() | {id(document)})
    try:
        yield
    finally:
        _moving.reset(token)


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk_assignment(state: ORMExecuteState) -> None:
    if not state.is_update or state.bind_mapper is None:
        return
    if state.bind_mapper.class_ in Workflow._by_model and "state" in _assigned(state):
        raise StateAssigned(path="state")


def _assigned(state: ORMExecuteState) -> set[str]:
    """The columns that a bulk update sets, by values or by parameters."""
    statement: Any = state.statement
    pairs = [*(statement._values or {}), *(key for key, _ in getattr(statement, "_ordered_values", None) or ())]
    parameters: Any = state.parameters or {}
    for row in parameters if isinstance(parameters, list) else [parameters]:
        pairs.extend(row)
    return {str(getattr(key, "key", key)) for key in pairs}
