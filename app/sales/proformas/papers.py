"""The paper of a proforma; a layer above knows how it is made and says so here."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, make_response

from app.core.errors import NotFound
from app.sales.proformas.models import Proforma

Maker = Callable[[Proforma], bytes]
_makers: list[Maker] = []


def register(maker: Maker) -> None:
    """Say how the PDF of a proforma is made."""
    _makers[:] = [maker]


def has_paper() -> bool:
    """Whether this installation prints proformas."""
    return bool(_makers)


def pdf_answer(proforma: Proforma, *, inline: bool) -> Response:
    """The PDF as an answer to a request. Raises NotFound where nothing prints."""
    if not _makers:
        raise NotFound(proforma_id=proforma.id)
    response = make_response(_makers[0](proforma))
    name = f"proforma-{proforma.number_text or proforma.id}.pdf".replace("/", "-")
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
    return response
