"""The paper of an invoice for the dealer; a layer above knows how it is made and says so here."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from app.core.errors import NotFound

Maker = Callable[[int], Response]
"""The PDF of the invoice of an id, as far as the present actor sees it. Raises NotFound."""
_makers: list[Maker] = []


def register(maker: Maker) -> None:
    """Say how the PDF of an invoice is made; safe to repeat."""
    _makers[:] = [maker]


def has_paper() -> bool:
    """Whether this installation prints invoices."""
    return bool(_makers)


def paper_of(invoice_id: int) -> Response:
    """The PDF as an answer to a request. Raises NotFound, also where nothing prints."""
    if not _makers:
        raise NotFound(invoice_id=invoice_id)
    return _makers[0](invoice_id)
