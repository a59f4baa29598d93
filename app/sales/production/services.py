"""What is done in production: plan from an order, begin and end a stage, note materials. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import levels
from app.core.actor import require_current
from app.core.calendar import fiscal_year
from app.core.clock import now, today
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.core.numbering import take_number
from app.sales.catalog.models import Product
from app.sales.documents.conversions import Taken
from app.sales.orders.models import Order
from app.sales.production.models import (
    SUBJECT,
    Material,
    MaterialUse,
    Production,
    ProductionLine,
    ProductionState,
    StageRun,
)
from app.sales.production.queries import OPEN, lines_of
from app.sales.production.stages import StagePlan, close, coming_to
from app.sales.production.workflow import FLOW

SERIES = "production"
THOUSANDTH = Decimal("0.001")


class OutOfTurn(DomainError):
    """The stage is not the next one of the line, or was not begun."""

    code = "out_of_turn"
    default_message = _l("This line does not stand at that stage.")


class MoreThanCame(DomainError):
    """More is reported than came to the stage."""

    code = "more_than_came"

    def __init__(self, *, came: Decimal) -> None:
        words = format(came.normalize(), "f")
        super().__init__(_l("Only %(came)s came to this stage; good and waste together cannot be more.", came=words),
                         path="good_quantity", came=came)  # fmt: skip


class NotRunning(DomainError):
    """The process is finished or cancelled."""

    code = "not_running"
    default_message = _l("This production is finished or cancelled.")


def production_of(order: Order, taken: Sequence[Taken]) -> Production:
    """A planned process of what is taken of an order, with the materials that its bills foresee."""
    on = today()
    return Production(
        state=ProductionState.PLANNED,
        branch_id=order.branch_id,
        fiscal_year=fiscal_year(on),
        number=take_number(db.session(), kind=SERIES, branch_id=order.branch_id, fiscal_year=fiscal_year(on), on=on),
        title=order.customer_name,
        planned_on=on,
        due_on=order.deliver_on,
        note=order.note,
        department_id=order.department_id,
        owner_id=require_current().user_id,
        lines=_lines(taken),
    )


@levels.doing("work")
def begin_stage(line_id: int, stage_id: int, *, people: str = "") -> StageRun:
    """A line taken to its next stage. Raises NotFound, NotAllowed, NotRunning, OutOfTurn."""
    line = _held(line_id)
    following = StagePlan.read().next_of(line)
    if line.stage_id is not None or following is None or following.id != stage_id:
        raise OutOfTurn
    if line.production.state is ProductionState.PLANNED:
        FLOW.apply(line.production, "start", actor=require_current())
    run = StageRun(stage_id=stage_id, started_at=now(), people=people.strip())
    line.runs.append(run)
    line.stage_id = stage_id
    db.session.flush()
    return run


@levels.doing("work")
def end_stage(line_id: int, *, good: Decimal, waste: Decimal, note: str = "") -> StageRun:
    """The stage at which a line stands ended: what came out good goes on, the waste is noted.

    After the last stage, or where nothing good is left, the line is done; when every line is, the
    process finishes. Raises NotFound, NotAllowed, NotRunning, OutOfTurn, MoreThanCame.
    """
    line = _held(line_id)
    run = next((one for one in line.runs if one.stage_id == line.stage_id), None)
    if run is None or run.finished_at is not None:
        raise OutOfTurn
    came = coming_to(line)
    if good < 0 or waste < 0 or good + waste > came:
        raise MoreThanCame(came=came)
    run.finished_at, run.good_quantity, run.waste_quantity, run.note = now(), good, waste, note.strip()
    line.stage_id = None
    line.waste_quantity += waste
    plan = StagePlan.read()
    if not good or plan.next_of(line) is None:
        close(line)
    db.session.flush()
    production = line.production
    if all(plan.is_through(one) for one in production.lines):
        FLOW.apply(production, "finish", actor=require_current())
    return run


@levels.doing("work")
def note_material(line_id: int, component_id: int, *, quantity: Decimal) -> MaterialUse:
    """What a line really used of a component, in the component's own unit; the last word counts.

    The component need not be on a bill of materials. Raises NotFound, NotAllowed, NotRunning.
    """
    line = _held(line_id)
    use = next((one for one in line.uses if one.component_id == component_id), None)
    if use is None:
        if db.session.scalar(select(Product.id).where(Product.id == component_id)) is None:
            raise NotFound(component_id=component_id)
        use = MaterialUse(component_id=component_id)
        line.uses.append(use)
    use.quantity = quantity
    db.session.flush()
    return use


def finished_quantities(production: Production) -> dict[int, Decimal]:
    """What of a process is made for good, by the line's id."""
    return {line.id: line.good_quantity for line in production.lines}


def _lines(taken: Sequence[Taken]) -> list[ProductionLine]:
    wanted = {one.line.product_id for one in taken} - {None}
    bills: dict[int, list[Material]] = {}
    for row in db.session.scalars(select(Material).where(Material.product_id.in_(wanted)).order_by(Material.id)):
        bills.setdefault(row.product_id, []).append(row)
    return [
        ProductionLine(
            position=place,
            product_id=one.line.product_id,
            description=one.line.description,
            unit_id=one.line.unit_id,
            quantity=one.quantity,
            uses=[
                MaterialUse(component_id=row.component_id, planned_quantity=_needed(row, one.quantity))
                for row in bills.get(one.line.product_id, ())
            ],
        )
        for place, one in enumerate(taken, start=1)
    ]


def _needed(material: Material, quantity: Decimal) -> Decimal:
    """How much of a component a quantity needs, its usual waste included, to a thousandth."""
    exact = material.quantity * quantity * (1 + material.waste_percent / 100)
    return exact.quantize(THOUSANDTH, rounding=ROUND_HALF_UP)


def _held(line_id: int) -> ProductionLine:
    """A line of a process that runs or is planned, the whole process locked for work on it."""
    require_current().require("work", SUBJECT)
    process = select(Production).join(ProductionLine).where(ProductionLine.id == line_id)
    locked = process.with_for_update(of=Production).execution_options(populate_existing=True)
    production = db.session.scalars(locked).one_or_none()
    if production is None:
        raise NotFound(line_id=line_id)
    if production.state not in OPEN:
        raise NotRunning
    return next(line for line in lines_of(production.id, is_fresh=True) if line.id == line_id)
