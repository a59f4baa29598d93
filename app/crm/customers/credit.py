"""How far a customer's credit is used: what each feature says that it owes or is about to.

Layers above register what they know; nobody asks them by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Exposure = Callable[[int], int]
"""Rials that count against the credit of the customer of an id; negative where we owe."""

_exposures: dict[str, tuple[Any, Exposure]] = {}


@dataclass(frozen=True, slots=True)
class Share:
    """One part of what counts against a credit limit."""

    label: Any
    rials: int


def register(name: str, label: Any, exposure: Exposure) -> None:
    """Let a part be counted; safe to repeat."""
    _exposures[name] = (label, exposure)


def shares_of(customer_id: int) -> list[Share]:
    """What counts against a customer's credit, part by part, in order of registration."""
    return [Share(label, exposure(customer_id)) for label, exposure in _exposures.values()]
