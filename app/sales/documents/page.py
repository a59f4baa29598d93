"""What the page of any document with lines shows beside its own head: terms, additions, words for the script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app.core.calendar import parse_date
from app.core.formats import jdate_input, lang
from app.core.number_words import words
from app.sales.documents import choices
from app.sales.documents.filling import plain

BLANK: dict[str, Any] = {"version": "", "policy": "line_floor", "lines": [], "discounts": [], "additions": []}
"""A document that is not there yet, as an entry."""


def discount_text(record: Any) -> str:
    """The document's discount as the editor's one field shows it."""
    for row in record.adjustments if record else ():
        if row.is_discount:
            return f"{plain(row.percent)}%" if row.percent is not None else str(row.amount_rials)
    return ""


def additions(record: Any) -> list[dict[str, Any]]:
    """The additions and deductions that the editor offers, with what the document has of them."""
    stored = {row.name: row for row in (record.adjustments if record else ()) if not row.is_discount}
    offered = choices.addition_kinds()
    fields = [
        {
            "name": kind.name,
            "label": kind.title,
            "sign": kind.sign,
            "taxed": stored[kind.name].taxed if kind.name in stored else kind.is_taxed,
            "amount": stored[kind.name].amount_rials if kind.name in stored else "",
        }
        for kind in offered
    ]
    known = {kind.name for kind in offered}
    return fields + [
        {"name": name, "label": name, "sign": row.sign, "taxed": row.taxed, "amount": row.amount_rials}
        for name, row in stored.items()
        if name not in known
    ]


def figures(record: Any) -> dict[str, Any]:
    """The stored sums by name, and the payable in the reader's words; empty for a new document."""
    if record is None:
        return {}
    names = ("gross", "discount", "net", "tax", "additions", "payable")
    found: dict[str, Any] = {name: getattr(record, f"{name}_rials") for name in names}
    return {**found, "words": words(record.payable_rials, lang())}


def page_data(
    editor: str,
    record: Any,
    entry: dict[str, Any],
    *,
    read_only: bool,
    questions: tuple[str, ...] = ("preview", "products", "resolve"),
    own: Mapping[str, Any] | None = None,
    save_to: str = "",
) -> dict[str, Any]:
    """What the editor's script needs: the document, words, and addresses of the endpoint `editor`.

    `own` are the arguments that name a stored document in its address of saving; `save_to` is the
    question that takes the save, where that is not `save` or `save_new`.
    """
    for line, stored in zip(entry["lines"], record.lines if record else [], strict=True):
        line["unit"], line["payable"] = str(stored.unit or ""), str(stored.payable_rials)
    for row in entry.get("instalments", ()):
        row["due_on"] = jdate_input(parse_date(row["due_on"]))
    return {
        "document": {**entry, "payable": str(record.payable_rials if record else 0)},
        "read_only": read_only,
        "default_taxes": choices.default_taxes(),
        "percent_sign": "٪" if str(get_locale()).startswith("fa") else "%",
        "urls": {
            **{name: url_for(f"{editor}.{name}") for name in questions},
            "save": url_for(f"{editor}.{save_to or ('save' if record else 'save_new')}", **(own or {})),
        },
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "product": _("Goods or service"),
        "unit": _("Unit"),
        "quantity": _("Quantity"),
        "unit_price": _("Unit price (rials)"),
        "discount": _("Discount"),
        "free": _("Free"),
        "tax": _("Tax"),
        "payable": _("Payable (rials)"),
        "row": _("Row {row}"),
        "saving": _("Saving…"),
        "failed": _("The document was not saved."),
        "offline": _("The server did not answer. Nothing is lost; try again."),
        "save_anyway": _("Save all the same"),
        "instalment": _("Instalment {row}"),
        "due_on": _("Due date"),
        "amount": _("Amount (rials)"),
        "remove": _("Remove"),
        "adds_up": _("The instalments add up to the payable amount."),
        "missing": _("{amount} rials are still missing."),
        "too_much": _("{amount} rials too much."),
    }
