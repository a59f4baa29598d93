"""What is taken for the number of a row, wherever a page or a program sends one."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.row_numbers import LARGEST, row_number


@pytest.mark.parametrize(
    ("sent", "number"),
    [("7", 7), (7, 7), (" 12 ", 12), (str(LARGEST), LARGEST), ("0", 0)],
)
def test_numbers_are_taken(sent: Any, number: int) -> None:
    assert row_number(sent) == number


@pytest.mark.parametrize("sent", [None, "", "x", "-1", -1, "1.0", 1.5, True, "²", "١", "9" * 30, str(LARGEST + 1), [7]])
def test_nothing_else_is(sent: Any) -> None:
    assert row_number(sent) is None


@pytest.mark.databases
@pytest.mark.parametrize(
    "path",
    [
        f"/customers/show/{LARGEST + 1}",
        f"/imports/{'9' * 30}",
        f"/jobs/{2**63}",
        f"/access/{2**63}",
        f"/access-roles/{2**64}",
    ],
)
def test_an_address_that_no_row_can_have_is_not_there(as_user: Any, session: Any, path: str) -> None:
    assert as_user("admin").get(path).status_code == 404


@pytest.mark.parametrize("person", ["", "x", "9" * 30])
def test_a_role_is_given_to_nobody_by_a_number_that_is_none(as_user: Any, session: Any, person: str) -> None:
    assert as_user("admin").post("/access-roles/1/give", data={"person": person}).status_code == 404
