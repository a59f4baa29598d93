"""The pages on which goods come back: made from an issued invoice, worked out live, saved, issued."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import jsonify, render_template, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.errors import DomainError, NotFound
from app.core.formats import lang
from app.core.number_words import words
from app.core.row_numbers import row_number
from app.finance.invoices import editor_page, returns
from app.finance.invoices.editor import DocumentEditor
from app.finance.invoices.kinds import CONDITION_LABELS, POLICIES, InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.invoices.returned import OFFSET, extras_left, left_of
from app.sales.documents import choices
from app.sales.documents.editor import refusal, sent
from app.sales.documents.filling import plain


class ReturnEditor(DocumentEditor):
    """A return on the screen, beside what was sold and what came back before."""

    default_view = "show"
    original_kind: ClassVar[InvoiceKind]

    def original(self, invoice_id: Any) -> Invoice:
        """The invoice whose goods come back. Raises NotFound, NotReturnable."""
        found = returns.returnable(row_number(invoice_id) or 0)
        if found.kind is not self.original_kind:
            raise NotFound(invoice_id=invoice_id)
        return found

    @expose("/new")
    @has_access
    @permission_name("add")
    def new(self) -> str:
        return self.page(None, self.original(request.args.get("invoice_id")))

    @expose("/save", methods=["POST"])
    @has_access
    @permission_name("add")
    def save_new(self) -> Any:
        self.original(sent().get("original_id"))
        return self.save_entry(None)

    @expose("/<int:invoice_id>/save", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self, invoice_id: int) -> Any:
        self.find(invoice_id)
        return self.save_entry(invoice_id)

    @expose("/preview", methods=["POST"])
    @has_access
    @permission_name("add")
    def preview(self) -> Any:
        data = sent()
        original = self.original(data.get("original_id"))
        try:
            return jsonify(returns.preview(data, original=original, but_id=row_number(data.get("id"))))
        except DomainError as error:
            return refusal(error)

    def write(self, data: dict[str, Any], invoice_id: int | None) -> Invoice:
        return returns.save_return(data, return_id=invoice_id)

    def page(self, invoice: Invoice | None, original: Invoice | None = None) -> str:
        original = original or (invoice.original if invoice else None)
        if original is None:
            raise NotFound
        shared = editor_page.head(self, invoice)
        return render_template(
            "invoices/return.html",
            **shared,
            original=original,
            original_policy=POLICIES[original.kind],
            rows=_rows(original, invoice),
            refunds=_refunds(original, invoice),
            condition_labels=CONDITION_LABELS,
            document=self._page_data(original, invoice, read_only=shared["read_only"]),
            in_words=words(invoice.payable_rials, lang()) if invoice else "",
            default_date=max(shared["today"], original.invoice_on),
        )

    def _page_data(self, original: Invoice, invoice: Invoice | None, *, read_only: bool) -> dict[str, Any]:
        own: Mapping[str, Any] = {"invoice_id": invoice.id} if invoice else {}
        return {
            "id": invoice.id if invoice else None,
            "original_id": original.id,
            "version": str(invoice.version) if invoice else "",
            "read_only": read_only,
            "urls": {
                "preview": url_for(f"{self.endpoint}.preview"),
                "save": url_for(f"{self.endpoint}.{'save' if invoice else 'save_new'}", **own),
            },
            "words": {
                "saving": _("Saving…"),
                "failed": _("The return was not saved."),
                "offline": _("The server did not answer. Nothing is lost; try again."),
                "row": _("Row {row}"),
            },
        }


def _rows(original: Invoice, invoice: Invoice | None) -> list[dict[str, Any]]:
    """Each line of the original with what came back, what still can, and what this return takes."""
    left = left_of(original, but_id=invoice.id if invoice else None)
    mine = {line.original_line_id: line for line in invoice.lines} if invoice else {}
    found = []
    for line in original.lines:
        rest, here = left[line.id].quantity, mine.get(line.id)
        found.append(
            {
                "line": line,
                "was": plain(line.quantity),
                "came": plain(line.quantity - rest),
                "left": plain(rest),
                "mine": here,
                "quantity": plain(here.quantity) if here else "",
                "is_done": rest <= 0 and here is None,
            }
        )
    return found


def _refunds(original: Invoice, invoice: Invoice | None) -> list[dict[str, Any]]:
    """The additions of the original that can be refunded, with what this return refunds."""
    titles = {kind.name: kind.title for kind in choices.addition_kinds()}
    charged = extras_left(original, but_id=invoice.id if invoice else None).charged
    mine = {a.name: a.amount_rials for a in (invoice.adjustments if invoice else ()) if a.name != OFFSET}
    return [
        {"name": name, "label": titles.get(name, name), "left": left, "amount": mine.get(name, "")}
        for name, left in charged.items()
        if left > 0 or name in mine
    ]


class SalesReturnEditor(ReturnEditor):
    """Returns of sold goods."""

    kind = InvoiceKind.SALES_RETURN
    original_kind = InvoiceKind.SALES
    listing = "SalesReturnView"
    route_base = "/sales-returns/editor"
    class_permission_name = "finance.sales_returns"


class PurchaseReturnEditor(ReturnEditor):
    """Returns of bought goods."""

    kind = InvoiceKind.PURCHASE_RETURN
    original_kind = InvoiceKind.PURCHASE
    listing = "PurchaseReturnView"
    route_base = "/purchase-returns/editor"
    class_permission_name = "finance.purchase_returns"
