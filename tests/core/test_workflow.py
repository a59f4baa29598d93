"""Steps between states: every state and step, every refusal, the log, the seal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from app.core.actor import ANONYMOUS, Actor, ActorKind
from app.core.audit import history_of
from app.core.chain_check import verify_chain
from app.core.db import db
from app.core.errors import DomainError, GuardRefused, IllegalTransition, NotAllowed, NotFound
from app.core.events import after_commit
from app.core.workflow import (
    ReasonRequired,
    StateAssigned,
    Step,
    Transition,
    TransitionLog,
    Workflow,
    WorkflowError,
    log_of,
    transition_applied,
)
from tests.core.kernel_models import Effect, Paper, PaperLine, PaperState

pytestmark = [pytest.mark.usefixtures("kernel"), pytest.mark.databases]
DRAFT, ISSUED, VOID = PaperState.DRAFT, PaperState.ISSUED, PaperState.VOID
SUBJECT = "test.papers"


def needs_lines(step: Step) -> None:
    if not step.document.lines:
        raise GuardRefused("no lines", path="lines")


def number_it(step: Step) -> None:
    step.document.number = step.data.get("number", 1)


FLOW = Workflow(
    name=SUBJECT,
    subject=SUBJECT,
    model=Paper,
    states=PaperState,
    initial=DRAFT,
    transitions=(
        Transition("issue", (DRAFT,), ISSUED, "issue", "Issue", guards=(needs_lines,), before=(number_it,), seals=True),
        Transition("void", (ISSUED,), VOID, "void", "Void", needs_reason=True, style="danger"),
    ),
)


def person(*actions: str) -> Actor:
    return Actor(ActorKind.USER, "Ali", rights=frozenset((f"can_{action}", SUBJECT) for action in actions))


CLERK = person("issue", "void")


@pytest.fixture
def paper() -> Paper:
    return stored()


def stored(state: PaperState = DRAFT) -> Paper:
    paper = Paper(name="first", lines=[PaperLine(text="bolt")])
    db.session.add(paper)
    db.session.commit()
    if state is not DRAFT:
        FLOW.apply(paper, "issue", actor=CLERK)
    if state is VOID:
        FLOW.apply(paper, "void", actor=CLERK, reason="wrong buyer")
    db.session.commit()
    return paper


@pytest.mark.parametrize("name", FLOW.transitions)
@pytest.mark.parametrize("state", PaperState)
def test_each_step_works_from_its_sources_and_from_nowhere_else(state: PaperState, name: str) -> None:
    paper, transition = stored(state), FLOW.transitions[name]
    if state in transition.sources:
        FLOW.apply(paper, name, actor=CLERK, reason="because")
        assert paper.state is transition.target
        return
    with pytest.raises(IllegalTransition):
        FLOW.apply(paper, name, actor=CLERK, reason="because")
    assert paper.state is state


@pytest.mark.parametrize("name", FLOW.transitions)
@pytest.mark.parametrize(
    "actor", [ANONYMOUS, person(), person("list", "edit", "delete")], ids=["anonymous", "none", "other"]
)
def test_each_step_is_denied_without_its_right(name: str, actor: Actor) -> None:
    paper = stored(FLOW.transitions[name].sources[0])
    with pytest.raises(NotAllowed):
        FLOW.apply(paper, name, actor=actor, reason="because")
    assert db.session.scalar(select(Paper.state)) == FLOW.transitions[name].sources[0]


def test_permission_is_asked_before_legality_and_legality_before_guards(paper: Paper) -> None:
    paper.lines.clear()
    db.session.commit()
    with pytest.raises(NotAllowed):
        FLOW.apply(paper, "void", actor=person("issue"))
    with pytest.raises(IllegalTransition):
        FLOW.apply(paper, "void", actor=CLERK)
    with pytest.raises(GuardRefused):
        FLOW.apply(paper, "issue", actor=CLERK)


def test_refused_step_leaves_no_trace(paper: Paper) -> None:
    paper.lines.clear()
    db.session.commit()
    with pytest.raises(GuardRefused):
        FLOW.apply(paper, "issue", actor=CLERK)
    db.session.commit()
    assert (paper.state, paper.number, list(log_of(paper))) == (DRAFT, None, [])


def test_failing_hook_undoes_the_step_with_the_transaction(paper: Paper) -> None:
    def refuse(step: Step) -> None:
        raise GuardRefused("no")

    FLOW.policies.append(refuse)
    try:
        with pytest.raises(GuardRefused):
            FLOW.apply(paper, "issue", actor=CLERK)
    finally:
        FLOW.policies.remove(refuse)
    db.session.rollback()
    assert db.session.scalar(select(Paper.state)) == DRAFT


def test_reason_is_required_and_kept(paper: Paper) -> None:
    FLOW.apply(paper, "issue", actor=CLERK)
    with pytest.raises(ReasonRequired):
        FLOW.apply(paper, "void", actor=CLERK, reason="  ")
    FLOW.apply(paper, "void", actor=CLERK, reason="wrong buyer")
    db.session.commit()
    last = log_of(paper)[-1]
    assert (last.transition, last.from_state, last.to_state, last.actor_name, last.reason) == (
        "void", "issued", "void", "Ali", "wrong buyer",
    )  # fmt: skip
    assert (history_of(paper)[0].action, history_of(paper)[0].note) == ("void", "wrong buyer")


def test_unknown_step_is_refused(paper: Paper) -> None:
    with pytest.raises(IllegalTransition):
        FLOW.apply(paper, "publish", actor=CLERK)


def test_new_document_may_take_its_first_step_before_it_is_stored() -> None:
    paper = Paper(name="fresh", lines=[PaperLine(text="bolt")])
    FLOW.apply(paper, "issue", actor=CLERK, number=9)
    db.session.commit()
    assert (paper.state, paper.number, len(log_of(paper))) == (ISSUED, 9, 1)


def test_issued_document_is_sealed(paper: Paper) -> None:
    FLOW.apply(paper, "issue", actor=CLERK)
    db.session.commit()
    db.session.execute(text("UPDATE test_paper_line SET amount_rials = 1"))
    db.session.commit()
    assert [finding.code for finding in verify_chain([Paper]).findings] == ["document_changed"]


@pytest.mark.parametrize("state", [ISSUED, VOID])
def test_state_cannot_be_assigned(paper: Paper, state: PaperState) -> None:
    with pytest.raises(StateAssigned):
        paper.state = state
    with pytest.raises(StateAssigned):
        Paper(name="slipped in", state=state)
    with pytest.raises((StateAssigned, RuntimeError)):
        db.session.execute(update(Paper).values(state=state))
    db.session.commit()
    assert paper.state is DRAFT


def test_state_cannot_be_assigned_in_bulk_even_by_a_recorded_road(paper: Paper) -> None:
    from app.core.audit import recorded_by_caller

    with recorded_by_caller("test"), pytest.raises(StateAssigned):
        db.session.execute(update(Paper).values({Paper.state: ISSUED}))
    with recorded_by_caller("test"), pytest.raises(StateAssigned):
        db.session.execute(update(Paper), [{"id": paper.id, "state": ISSUED}])


def test_form_that_writes_the_same_state_back_is_let_through(paper: Paper) -> None:
    paper.state = DRAFT
    assert Paper(name="x", state=DRAFT).state is DRAFT


def test_state_is_read_from_the_database_so_that_a_second_press_is_refused(paper: Paper) -> None:
    paper_id = paper.id
    assert paper.state is DRAFT
    db.session.execute(text("UPDATE test_paper SET state = 'issued', version = 2 WHERE id = :id"), {"id": paper_id})
    assert paper.state is DRAFT  # what this screen still shows
    with pytest.raises(IllegalTransition):
        FLOW.apply(paper, "issue", actor=CLERK)
    db.session.rollback()


def test_removed_document_is_not_found(paper: Paper) -> None:
    db.session.commit()
    db.session.refresh(paper)
    db.session.rollback()
    loaded = db.session.get_one(Paper, paper.id)
    assert loaded.state is DRAFT
    db.session.execute(text("DELETE FROM test_paper_line"))
    db.session.execute(text("DELETE FROM test_paper"))
    with pytest.raises(NotFound):
        FLOW.apply(loaded, "issue", actor=CLERK)


def test_buttons_are_those_that_are_legal_and_permitted(paper: Paper) -> None:
    assert [offer.transition.name for offer in FLOW.available(paper, CLERK)] == ["issue"]
    assert FLOW.available(paper, person("void")) == []
    assert FLOW.available(paper, ANONYMOUS) == []


def test_button_that_a_guard_refuses_says_why(paper: Paper) -> None:
    paper.lines.clear()
    db.session.commit()
    (offer,) = FLOW.available(paper, CLERK)
    assert isinstance(offer.refusal, DomainError)
    assert offer.refusal.path == "lines"


@pytest.fixture
def heard() -> Iterator[list[str]]:
    found: list[str] = []

    def hear(sender: Any, step: Step) -> None:
        found.append(f"{step.transition.name} {step.document.state}")
        db.session.add(Effect(number=1))
        after_commit(lambda: found.append("committed"))

    with transition_applied.connected_to(hear, FLOW):
        yield found


def test_listeners_hear_of_a_step_inside_its_transaction(paper: Paper, heard: list[str]) -> None:
    FLOW.apply(paper, "issue", actor=CLERK)
    assert heard == ["issue issued"]
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Effect)) == 0
    assert heard == ["issue issued"]


def test_policies_of_every_workflow_are_asked(paper: Paper) -> None:
    asked: list[str] = []
    ask: Callable[[Step], None] = lambda step: asked.append(step.transition.name)
    Workflow.everywhere.append(ask)
    try:
        FLOW.apply(paper, "issue", actor=CLERK)
    finally:
        Workflow.everywhere.remove(ask)
    assert asked == ["issue"]


def test_log_row_is_written_once_for_each_step(paper: Paper) -> None:
    FLOW.apply(paper, "issue", actor=CLERK)
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(TransitionLog)) == 1


def build(**changes: Any) -> Workflow:
    step = Transition("issue", (DRAFT,), ISSUED, "issue", "Issue")
    values = {
        "name": "x",
        "subject": "x",
        "model": Paper,
        "states": PaperState,
        "initial": DRAFT,
        "transitions": (step,),
    }
    return Workflow(**{**values, **changes})


def test_unreachable_states_are_named() -> None:
    assert FLOW.unreachable() == set()
    try:
        assert build().unreachable() == {VOID}
    finally:
        Workflow._by_model[Paper] = FLOW


@pytest.mark.parametrize(
    "steps",
    [
        (Transition("a", (DRAFT,), ISSUED, "", "A"),),
        (Transition("a", (DRAFT,), ISSUED, "a", "A"), Transition("a", (ISSUED,), VOID, "a", "A")),
        (Transition("a", ("elsewhere",), ISSUED, "a", "A"),),  # type: ignore[arg-type]
        (Transition("a", (DRAFT,), ISSUED, "a", "A", undoes="b"),),
    ],
    ids=["without a right", "two of one name", "unknown state", "undoes nothing"],
)
def test_wrong_declaration_stops_the_start(steps: tuple[Transition, ...]) -> None:
    with pytest.raises(WorkflowError):
        build(transitions=steps)
    assert Workflow.of(Paper) is FLOW
