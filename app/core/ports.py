"""Where upper layers plug their engines in: a list offers Import, Export and Print without knowing who does it.

Filled at composition; empty ports simply offer nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ListAction:
    """A button that a list or a record offers: where it leads and which right it needs."""

    name: str
    label: Any
    icon: str
    action: str  # the right on the model's subject, e.g. "import"
    url: Callable[..., str]  # called with subject= and, for a record, record_id=
    dialog: bool = False  # its page asks something first, and opens over the list


class Port:
    """A registry of offers, each asked with a model and answering an action or None."""

    def __init__(self) -> None:
        self._offers: list[Callable[[type[Any]], ListAction | None]] = []

    def register(self, offer: Callable[[type[Any]], ListAction | None]) -> None:
        if offer not in self._offers:
            self._offers.append(offer)

    def actions_for(self, model: type[Any]) -> Iterator[ListAction]:
        for offer in self._offers:
            action = offer(model)
            if action is not None:
                yield action


list_actions = Port()
"""Buttons over a list: import, export, sheet."""
upload_actions = Port()
"""Buttons beside the choice of a file to import: an empty form to fill in."""
record_actions = Port()
"""Buttons on a record: print, refer."""
