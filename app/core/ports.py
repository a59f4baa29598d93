"""Where upper layers plug their engines in: a list offers Import, Export and Print without knowing who does it.

Filled at composition; empty ports simply offer nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar


@dataclass(frozen=True, slots=True)
class ListAction:
    """A button that a list or a record offers: where it leads and which right it needs."""

    name: str
    label: Any
    icon: str
    action: str  # the right on the model's subject, e.g. "import"
    url: Callable[..., str]  # called with subject= and, for a record, record_id=
    dialog: bool = False  # its page asks something first, and opens over the list


@dataclass(frozen=True, slots=True)
class RowsAction:
    """A button over the chosen rows of a list. `run` gets the records that the actor sees, and answers a page."""

    name: str
    text: Any
    icon: str
    action: str  # the right on the list's subject
    run: Callable[[Sequence[Any]], Any]
    confirmation: str = ""


Offered = TypeVar("Offered")


class Port(Generic[Offered]):
    """A registry of offers, each asked with a model and answering an action or None."""

    def __init__(self) -> None:
        self._offers: list[Callable[[type[Any]], Offered | None]] = []

    def register(self, offer: Callable[[type[Any]], Offered | None]) -> None:
        if offer not in self._offers:
            self._offers.append(offer)

    def actions_for(self, model: type[Any]) -> Iterator[Offered]:
        for offer in self._offers:
            action = offer(model)
            if action is not None:
                yield action


list_actions: Port[ListAction] = Port()
"""Buttons over a list: import, export, sheet."""
upload_actions: Port[ListAction] = Port()
"""Buttons beside the choice of a file to import: an empty form to fill in."""
record_actions: Port[ListAction] = Port()
"""Buttons on a record: print, refer."""
statement_actions: Port[ListAction] = Port()
"""Buttons on a statement of account, asked with the party's model: print it."""
rows_actions: Port[RowsAction] = Port()
"""Buttons over the chosen rows of a list: print them."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a record's page: a template with its values."""

    template: str
    values: dict[str, Any]


class PanelPort:
    """A registry of parts of a record's page, each asked with the record and answering a panel or None."""

    def __init__(self) -> None:
        self._offers: list[Callable[[Any], Panel | None]] = []

    def register(self, offer: Callable[[Any], Panel | None]) -> None:
        if offer not in self._offers:
            self._offers.append(offer)

    def panels_for(self, record: Any) -> list[Panel]:
        return [panel for offer in self._offers if (panel := offer(record)) is not None]


record_panels = PanelPort()
"""What upper features say on the page of a document: its standing in the tax system."""
below_record = PanelPort()
"""What stands below the page of any record: files and notes."""
