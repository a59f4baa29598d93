"""The decision of edit levels as a table: rows that name nobody, somebody, and how far they go."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.core.level_rules import ANY, Barrier, Cell, Figures, Limits, Standing, decide

DAY = date(2026, 11, 24)
CELL = Cell("papers", "draft", "issue")
WIDE = Cell("papers", ANY, "issue")
PLAIN = Figures(amount_rials=100, discount_rials=10, gross_rials=110, day=date(2026, 11, 20))
FREE = Limits()


def standing(**cells: tuple[Limits, ...]) -> Standing:
    return frozenset({(CELL if name == "here" else WIDE, rows) for name, rows in cells.items()})


@pytest.mark.parametrize(
    ("rows", "barrier"),
    [
        pytest.param({}, None, id="no rows: the role decides"),
        pytest.param({"here": ()}, Barrier.NOT_NAMED, id="rows, none of mine"),
        pytest.param({"here": (FREE,)}, None, id="named without limits"),
        pytest.param({"anywhere": ()}, Barrier.NOT_NAMED, id="any state counts where the state has none"),
        pytest.param({"here": (FREE,), "anywhere": ()}, None, id="the state's own rows count first"),
        pytest.param({"here": (), "anywhere": (FREE,)}, Barrier.NOT_NAMED, id="also when they shut out"),
        pytest.param({"here": (Limits(amount_rials=100),)}, None, id="an amount is reached"),
        pytest.param({"here": (Limits(amount_rials=99),)}, Barrier.AMOUNT, id="one rial too much"),
        pytest.param({"here": (Limits(amount_rials=99), Limits(amount_rials=100))}, None, id="the widest row counts"),
        pytest.param(
            {"here": (Limits(amount_rials=100, age_days=1), Limits(amount_rials=50))},
            Barrier.AGE,
            id="every limit of one row, and the widest row tells what is missing",
        ),
        pytest.param({"here": (Limits(discount_percent=Decimal("9.09")),)}, Barrier.DISCOUNT, id="a hair above 9.09 %"),
        pytest.param({"here": (Limits(discount_percent=Decimal("9.1")),)}, None, id="within 9.1 %"),
        pytest.param({"here": (Limits(age_days=4),)}, None, id="four days old"),
        pytest.param({"here": (Limits(age_days=3),)}, Barrier.AGE, id="a day too old"),
    ],
)
def test_decision(rows: dict[str, tuple[Limits, ...]], barrier: Barrier | None) -> None:
    assert decide(standing(**rows), CELL, PLAIN, on=DAY).barrier is barrier


@pytest.mark.parametrize("action", ["view", "edit", "cancel"])
def test_rows_of_one_action_say_nothing_of_another(action: str) -> None:
    assert decide(standing(here=()), Cell("papers", "draft", action), PLAIN, on=DAY).is_allowed


def test_rows_of_one_kind_and_state_say_nothing_of_others() -> None:
    shut = standing(here=())
    assert decide(shut, Cell("papers", "issued", "issue"), PLAIN, on=DAY).is_allowed
    assert decide(shut, Cell("orders", "draft", "issue"), PLAIN, on=DAY).is_allowed


def test_a_gross_of_nothing_has_no_discount() -> None:
    nothing = Figures(amount_rials=0, discount_rials=0, gross_rials=0, day=DAY)
    assert decide(standing(here=(Limits(discount_percent=Decimal(0)),)), CELL, nothing, on=DAY).is_allowed
