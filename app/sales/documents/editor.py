"""What the editors of documents share: the questions of their script and the shape of a refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any, ClassVar

from flask import Response, flash, jsonify, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.db import db
from app.core.documents_api import preview_response
from app.core.errors import DomainError, Invalid
from app.core.formats import lang
from app.core.saving import attempt
from app.sales.catalog.models import Product
from app.sales.documents import choices
from app.sales.documents.entry import document_part

MOST_PASTED = 2_000


def refusal(error: DomainError) -> tuple[Response, int]:
    """A refusal for the editor: the sentence, and every bad field where there are some."""
    body: dict[str, Any] = {"code": error.code, "message": str(error)}
    if isinstance(error, Invalid):
        body["message"] = _("The document was not saved. Correct what is marked.")
        body["errors"] = [e.as_json() for e in error.errors]
    elif error.path:
        body["errors"] = [{"path": error.path, "code": error.code, "message": str(error)}]
    return jsonify(body), error.status


def sent() -> dict[str, Any]:
    """The JSON object of a request; an empty one for anything else."""
    data = request.get_json(silent=True)
    return data if isinstance(data, dict) else {}


def did(work: Callable[[], Any]) -> bool:
    """Whether `work` was done and committed; a refusal is said on the next page."""
    words = attempt(work)
    if words is not None:
        flash(words, "danger")
    return words is None


def saved(work: Callable[[], Any], url_of: Callable[[int], str], *, words: str = "") -> Any:
    """The answer to a save by `work`: the document's page, which says `words`, or every bad field."""
    if not sent():
        return jsonify(message=_("Some values are not valid.")), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        record = work()
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return refusal(error)
    flash(words or _("The draft is saved."), "success")
    return jsonify(id=record.id, url=url_of(record.id))


class LineQuestions(BaseView):
    """What the grid of lines asks while one types: totals, products, parties, pasted names.

    `is_bought` asks for suppliers.
    """

    is_bought: ClassVar[bool] = False

    def prices(self, products: Sequence[Product], customer_id: int | None, day: date) -> choices.Prices:
        """What products cost for a party on a day: by its price list."""
        return choices.list_prices(products, customer_id, day)

    @expose("/preview", methods=["POST"])
    @has_access
    @permission_name("show")
    def preview(self) -> Any:
        data = request.get_json(silent=True)
        return preview_response(document_part(data) if isinstance(data, dict) else data, words_in=lang())

    @expose("/products")
    @has_access
    @permission_name("show")
    def products(self) -> Response:
        found = choices.product_choices(
            request.args.get("q", ""),
            pricing=self.prices,
            customer_id=request.args.get("customer_id"),
            on=request.args.get("on"),
        )
        return jsonify(results=found)

    @expose("/customers")
    @has_access
    @permission_name("show")
    def customers(self) -> Response:
        return jsonify(choices.party_choices(request.args.get("q", ""), is_bought=self.is_bought))

    @expose("/resolve", methods=["POST"])
    @has_access
    @permission_name("show")
    def resolve(self) -> Any:
        data = sent()
        texts = data.get("texts")
        if not isinstance(texts, list) or len(texts) > MOST_PASTED:
            return jsonify(message=_("Some values are not valid.")), HTTPStatus.UNPROCESSABLE_ENTITY
        found = choices.products_named(
            [str(text)[:300] for text in texts],
            pricing=self.prices,
            customer_id=data.get("customer_id"),
            on=data.get("on"),
        )
        return jsonify(found=found)
