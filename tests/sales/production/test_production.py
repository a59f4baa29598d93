"""Production: from a sales order to finished goods, stage by stage, and what comes back to the orders."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from app.core.actor import acting_as
from app.core.db import db
from app.core.errors import GuardRefused, NotFound
from app.sales.documents import conversions
from app.sales.orders.kinds import MAKING, OrderState
from app.sales.orders.ledger import ledger_of
from app.sales.orders.models import Order
from app.sales.orders.services import document_of, save_draft
from app.sales.orders.workflow import flow_of
from app.sales.production import services
from app.sales.production.models import Material, Production, ProductionState, Stage
from app.sales.production.queries import board
from app.sales.production.services import MoreThanCame, NotRunning, OutOfTurn
from app.sales.production.stages import StagePlan, coming_to
from app.sales.production.workflow import FLOW
from tests.factories.finance import line
from tests.factories.orders import approved_order
from tests.factories.production import BY, TO_ORDER, planned_production, production_from, set_up_stages
from tests.factories.sales import ProductCategoryFactory, ProductFactory
from tests.statements import statements_of

ONE, TWO, TEN = Decimal(1), Decimal(2), Decimal(10)


@pytest.fixture(autouse=True)
def _system(app: Any) -> Iterator[None]:
    with acting_as(BY):
        yield


@pytest.fixture
def stages() -> list[Stage]:
    """Two stages for everything."""
    return set_up_stages("stage 1", "stage 2")


def ordered(quantity: str = "10", **terms: Any) -> tuple[Order, Production]:
    """An approved production order that came of a sales order, and its planned process."""
    sale = approved_order(lines=[line(quantity, "1000", **terms)])
    order = conversions.convert(TO_ORDER, sale.id, key="to-order-1")
    for step in ("submit", "approve"):
        flow_of(order).apply(order, step, actor=BY)
    return order, production_from(order)


def make(production: Production, stages: list[Stage], *goods: int) -> None:
    (made,) = production.lines
    for stage, good in zip(stages, goods, strict=False):
        came = coming_to(made)
        services.begin_stage(made.id, stage.id, people="رضا و مریم")
        services.end_stage(made.id, good=Decimal(good), waste=came - good)


def test_a_production_order_carries_goods_and_no_prices(stages: list[Stage]) -> None:
    order, production = ordered()
    assert (order.payable_rials, order.lines[0].quantity) == (0, TEN)
    assert (production.number, production.lines[0].quantity, production.state) == (1, TEN, ProductionState.PLANNED)


def test_goods_go_through_the_stages_and_the_order_is_done(stages: list[Stage]) -> None:
    order, production = ordered()
    make(production, stages, 10, 10)
    assert production.state is ProductionState.FINISHED
    assert production.lines[0].good_quantity == TEN
    assert order.state is OrderState.DONE


def test_waste_leaves_the_rest_to_be_made_again(stages: list[Stage]) -> None:
    order, production = ordered()
    make(production, stages, 9, 7)
    assert (production.lines[0].good_quantity, production.lines[0].waste_quantity) == (Decimal(7), Decimal(3))
    assert order.state is OrderState.IN_PROGRESS
    assert list(conversions.left_of(order, MAKING).values()) == [Decimal(3)]
    again = production_from(order, key="to-work-02")
    make(again, stages, 3, 3)
    assert order.state is OrderState.DONE


def test_waste_after_the_order_was_closed_short_is_left_of_the_sale(stages: list[Stage]) -> None:
    order, production = ordered()
    link = conversions.link_to(order)
    assert link is not None
    sale = conversions.start_of(link)
    flow_of(order).apply(order, "close_short", actor=BY, reason="x")
    assert list(conversions.left_of(sale, MAKING).values()) == [Decimal(0)]  # all of it is in the works
    make(production, stages, 9, 7)
    assert list(conversions.left_of(sale, MAKING).values()) == [Decimal(3)]


def test_stages_are_taken_in_turn(stages: list[Stage]) -> None:
    _order, production = ordered()
    made = production.lines[0]
    with pytest.raises(OutOfTurn):
        services.begin_stage(made.id, stages[1].id)
    with pytest.raises(OutOfTurn):
        services.end_stage(made.id, good=ONE, waste=ONE)
    services.begin_stage(made.id, stages[0].id)
    with pytest.raises(OutOfTurn):
        services.begin_stage(made.id, stages[0].id)
    columns = {column.of: list(column.cards) for column in board()}
    assert (columns[None], columns[stages[0]], columns[stages[1]]) == ([], [made], [])


def test_no_more_comes_out_of_a_stage_than_came(stages: list[Stage]) -> None:
    _order, production = ordered()
    made = production.lines[0]
    services.begin_stage(made.id, stages[0].id)
    with pytest.raises(MoreThanCame):
        services.end_stage(made.id, good=TEN, waste=ONE)


def test_a_family_has_stages_of_its_own(stages: list[Stage]) -> None:
    product = ProductFactory()
    if product.category is None:
        product.category = ProductCategoryFactory()
    own = Stage(name="own", category=product.category)
    db.session.add(own)
    db.session.flush()
    _order, production = ordered(product_id=product.id)
    assert list(StagePlan.read().stages_of(production.lines[0])) == [own]


def test_the_bill_of_materials_foresees_and_the_use_is_noted(stages: list[Stage]) -> None:
    product, steel = ProductFactory(), ProductFactory()
    db.session.add(Material(product=product, component=steel, quantity=Decimal("1.5"), waste_percent=TEN))
    db.session.flush()
    _order, production = ordered(product_id=product.id)
    (use,) = production.lines[0].uses
    assert (use.component, use.planned_quantity) == (steel, Decimal("16.5"))
    services.note_material(production.lines[0].id, steel.id, quantity=Decimal(17))
    assert use.quantity == Decimal(17)


def test_a_cancelled_process_gives_its_goods_back_to_the_order(stages: list[Stage]) -> None:
    order, production = ordered()
    with pytest.raises(GuardRefused) as refusal:
        flow_of(order).apply(order, "cancel", actor=BY, reason="x")
    assert production.number_text in str(refusal.value)
    FLOW.apply(production, "cancel", actor=BY, reason="x")
    assert list(conversions.left_of(order, MAKING).values()) == [TEN]
    with pytest.raises(NotRunning):
        services.begin_stage(production.lines[0].id, stages[0].id)


def test_a_process_that_made_something_is_not_cancelled(stages: list[Stage]) -> None:
    _order, production = ordered()
    make(production, stages[:1], 10)
    services.begin_stage(production.lines[0].id, stages[1].id)
    production.lines[0].good_quantity = ONE
    with pytest.raises(GuardRefused):
        FLOW.apply(production, "cancel", actor=BY, reason="x")


def test_nothing_good_ends_a_line_at_once(stages: list[Stage]) -> None:
    order, production = ordered()
    make(production, stages[:1], 0)
    assert (production.state, production.lines[0].is_done) == (ProductionState.FINISHED, True)
    assert list(conversions.left_of(order, MAKING).values()) == [TEN]


def test_a_stage_taken_out_of_use_holds_nothing_up(stages: list[Stage]) -> None:
    order, production = ordered()
    make(production, stages[:1], 9)
    stages[1].is_active = False
    db.session.flush()
    assert production.state is ProductionState.RUNNING
    FLOW.apply(production, "finish", actor=BY)
    assert production.lines[0].good_quantity == Decimal(9)
    assert list(conversions.left_of(order, MAKING).values()) == [ONE]


def test_the_board_still_shows_what_stands_at_a_stage_out_of_use(stages: list[Stage]) -> None:
    _order, production = ordered()
    services.begin_stage(production.lines[0].id, stages[0].id)
    stages[0].is_active = False
    db.session.flush()
    assert {column.of: list(column.cards) for column in board()}[stages[0]] == production.lines


def asked() -> int:
    """How many questions the board asks of the database."""
    db.session.flush()
    db.session.expire_all()
    with statements_of() as statements:
        plan = StagePlan.read()
        for column in board():
            for one in column.cards:
                assert plan.next_of(one) or one.stage_id
                assert one.production.number_text
    return len(statements)


def test_the_board_asks_no_more_for_more_lines(stages: list[Stage]) -> None:
    ordered()
    few = asked()
    assert few > 0
    for _more in range(5):
        planned_production(lines=[line("3", "0"), line("4", "0")])
    assert asked() == few


def test_a_material_that_no_bill_foresees(stages: list[Stage]) -> None:
    _order, production = ordered()
    glue = ProductFactory()
    with pytest.raises(NotFound):
        services.note_material(production.lines[0].id, 0, quantity=ONE)
    services.note_material(production.lines[0].id, glue.id, quantity=TWO)
    assert [(use.component, use.planned_quantity, use.quantity) for use in production.lines[0].uses] == [(glue, 0, TWO)]


def test_the_sales_order_sees_what_is_made(stages: list[Stage]) -> None:
    sale = approved_order(lines=[line("10", "1000")])
    order = conversions.convert(TO_ORDER, sale.id, key="to-order-1")
    for step in ("submit", "approve"):
        flow_of(order).apply(order, step, actor=BY)
    make(production_from(order), stages, 9, 8)
    ledger = ledger_of(sale)
    assert ledger is not None
    making = ledger.rows[0].lanes[1]
    assert (making.taken, making.left, making.done) == (TEN, 0, Decimal(8))
    flow_of(order).apply(order, "close_short", actor=BY, reason="x")
    assert list(conversions.left_of(sale, MAKING).values()) == [TWO]
    flow_of(order).apply(order, "reopen", actor=BY, reason="x")
    assert list(conversions.left_of(sale, MAKING).values()) == [0]


def test_a_draft_production_order_gives_back_what_it_drops(stages: list[Stage]) -> None:
    sale = approved_order(lines=[line("10", "1000")])
    order = conversions.convert(TO_ORDER, sale.id, key="to-order-1")
    entry = document_of(order)
    entry["lines"][0]["quantity"] = "4"
    save_draft(entry, kind=order.kind, order_id=order.id)
    assert list(conversions.left_of(sale, MAKING).values()) == [Decimal(6)]
