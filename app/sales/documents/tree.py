"""The family of a document: what it came from, and what came of it, as a tree that its reader may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.core.links import kind_name, record_url
from app.sales.documents.conversions import end_of, link_to, links_from, start_of

MOST = 200
"""Documents of one tree that are shown."""


@dataclass(slots=True)
class Node:
    """One document of the tree; `is_here` marks the one whose page it is."""

    record: Any
    is_here: bool
    children: list[Node] = field(default_factory=list)

    @property
    def url(self) -> str | None:
        """The document's page, where the reader may open it."""
        return record_url(self.record)

    @property
    def kind(self) -> str:
        """What the screens call a document of its kind."""
        return kind_name(self.record)


def tree_of(document: Any) -> Node | None:
    """The tree that a document stands in, from its first visible ancestor; None where it stands alone."""
    root = document
    while (link := link_to(root)) is not None and (above := start_of(link)) is not None:
        root = above
    budget = [MOST]
    node = _grown(root, document, budget)
    return node if node.children else None


def _grown(record: Any, here: Any, budget: list[int]) -> Node:
    node = Node(record, is_here=record is here)
    for link in links_from(record):
        if budget[0] <= 0:
            break
        budget[0] -= 1
        found = end_of(link)
        if found is not None:
            node.children.append(_grown(found, here, budget))
    return node
