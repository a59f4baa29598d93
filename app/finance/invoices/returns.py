"""Returns: drafts made from an issued invoice, capped in quantity and in money.

What a return enters is which lines of the original come back, how many and in what condition, and
how much of the additions (freight) is refunded. Its figures are never entered: they follow from
what was charged (see app.finance.invoices.returned).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from app.core.calendar import InvalidDate, parse_date
from app.core.clock import today
from app.core.db import db
from app.core.digits import to_ascii
from app.core.errors import DomainError, FieldError, Invalid, NotFound
from app.core.formats import lang
from app.core.money import parse_rials
from app.core.number_words import words
from app.core.row_numbers import row_number
from app.core.totals import LineTotals
from app.core.workflow import Step
from app.finance.invoices.kinds import POLICIES, Condition
from app.finance.invoices.models import CLASS_OF, Invoice, InvoiceAdjustment, InvoiceLine, InvoiceLineTax
from app.finance.invoices.returned import OFFSET, Left, extras_left, figures_of, left_of, offset_of
from app.finance.invoices.services import draft_of, open_invoice
from app.finance.invoices.states import InvoiceState
from app.finance.invoices.workflow import FLOWS

LONGEST = 300
QUANTITY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,3})?")


class NotReturnable(DomainError):
    """Nothing comes back of this document: a draft, a void or counter document, or a return."""

    code = "not_returnable"
    default_message = _l("Only an issued invoice can be returned.")


class ReturnOutdated(DomainError):
    """More came back, or a return was voided, since this draft was worked out."""

    code = "outdated"
    default_message = _l(
        "Other goods of this invoice came back meanwhile. Open the draft, look at it and save it again."
    )


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """One line that comes back: of which original, how many, in what condition."""

    original: InvoiceLine
    quantity: Decimal
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class ReturnEntry:
    """An entered return, checked against what is left of its original."""

    original: Invoice
    invoice_on: date
    reason: str
    note: str
    lines: tuple[ReturnedLine, ...]
    refunds: dict[str, int]


def returnable(invoice_id: int, *, for_change: bool = False) -> Invoice:
    """The issued invoice whose goods may come back. Raises NotFound, NotReturnable."""
    original = open_invoice(invoice_id, for_change=for_change)
    takes_returns = POLICIES[original.kind].returned_as is not None
    if not takes_returns or original.state is not InvoiceState.ISSUED or original.voids_id is not None:
        raise NotReturnable(invoice=original)
    return original


def save_return(data: Mapping[str, Any], *, return_id: int | None = None) -> Invoice:
    """A draft of a return made or changed.

    `data`: `original_id`, `invoice_on`, `reason`, `note`, `version`, `lines` of `original_line_id`,
    `quantity`, `condition`, and `additions` of `name`, `amount`. Raises Invalid with every bad
    field, NotFound, NotReturnable, NotAllowed, StaleVersion, InvoiceFrozen.
    """
    stored = open_invoice(return_id) if return_id is not None else None
    if stored is not None and not POLICIES[stored.kind].is_return:
        raise NotFound(invoice_id=return_id)
    original = returnable(_key(data.get("original_id")) if stored is None else stored.original_id or 0)
    kind = POLICIES[original.kind].returned_as
    assert kind is not None
    draft = draft_of(kind, return_id, version=data.get("version"))
    entry = read_return(data, original=original, but_id=return_id)
    _fill(draft, entry)
    db.session.add(draft)
    db.session.flush()
    return draft


def read_return(data: Mapping[str, Any], *, original: Invoice, but_id: int | None = None) -> ReturnEntry:
    """The entry checked against what is left of the original. Raises Invalid with every error."""
    errors: list[FieldError] = []
    invoice_on = today()
    try:
        invoice_on = parse_date(data.get("invoice_on") or "") or invoice_on
    except InvalidDate as error:
        errors.append(FieldError("invoice_on", "date", error.message))
    if invoice_on < original.invoice_on:
        errors.append(FieldError("invoice_on", "order", _l("A return is not dated before its invoice.")))
    lines = _read_lines(data.get("lines"), original, but_id, errors)
    refunds = _read_refunds(data.get("additions"), extras_left(original, but_id=but_id).charged, errors)
    texts = {name: _words(data.get(name), name, errors) for name in ("reason", "note")}
    if not texts["reason"]:
        errors.append(FieldError("reason", "required", _l("Say why the goods came back.")))
    if errors:
        raise Invalid(errors)
    return ReturnEntry(original, invoice_on, texts["reason"], texts["note"], lines, refunds)


def _read_lines(raw: Any, original: Invoice, but_id: int | None, errors: list[FieldError]) -> tuple[ReturnedLine, ...]:
    rows = [row for row in raw if isinstance(row, Mapping)] if isinstance(raw, list) else []
    left = left_of(original, but_id=but_id)
    by_id = {str(line.id): line for line in original.lines}
    found: dict[int, ReturnedLine] = {}
    for place, row in enumerate(rows):
        line = by_id.get(str(row.get("original_line_id")))
        if line is None or line.id in found:
            errors.append(FieldError(f"lines[{place}]", "reference", _l("This line is not one of the invoice.")))
        elif (one := _read_line(row, line, left[line.id], f"lines[{place}]", errors)) is not None:
            found[line.id] = one
    if not found and not errors:
        errors.append(FieldError("lines", "required", _l("Say what came back: give a quantity to at least one line.")))
    return tuple(found[line.id] for line in original.lines if line.id in found)


def _read_line(
    row: Mapping[str, Any], line: InvoiceLine, left: Left, path: str, errors: list[FieldError]
) -> ReturnedLine | None:
    try:
        quantity = _quantity(row.get("quantity"))
        condition = Condition(row["condition"]) if row.get("condition") else None
    except ValueError:
        errors.append(FieldError(path, "quantity", _l("Give the quantity as a number and choose a condition.")))
        return None
    if quantity <= 0:
        return None
    if quantity > left.quantity:
        message = _l("Only %(left)s can still come back of this line.", left=f"{left.quantity.normalize():f}")
        errors.append(FieldError(f"{path}.quantity", "exceeds", message))
        return None
    return ReturnedLine(line, quantity, condition)


def _quantity(value: Any) -> Decimal:
    """Raises ValueError for anything but a number of at most three decimals."""
    written = to_ascii(str(value or "0")).replace("٫", ".").replace("٬", "").replace(",", "").strip()
    if not QUANTITY.fullmatch(written):
        raise ValueError(written)
    return Decimal(written)


def _read_refunds(raw: Any, charged: dict[str, int], errors: list[FieldError]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, row in enumerate(raw if isinstance(raw, list) else []):
        name, path = str(row.get("name")) if isinstance(row, Mapping) else "", f"additions[{place}].amount"
        try:
            amount = parse_rials(str(row["amount"] or "0")) if name in charged else 0
        except (DomainError, KeyError):
            errors.append(FieldError(path, "amount", _l("Give an amount in whole rials.")))
            continue
        if not 0 <= amount <= charged.get(name, 0):
            message = _l("At most %(left)s rials of this can be refunded.", left=f"{charged[name]:,}")
            errors.append(FieldError(path, "exceeds", message))
        elif amount:
            found[name] = amount
    return found


def _words(value: Any, name: str, errors: list[FieldError]) -> str:
    if value is None or (isinstance(value, str) and len(value) <= LONGEST):
        return (value or "").strip()
    errors.append(FieldError(name, "text", _l("This text is not valid or is too long.")))
    return ""


def _key(value: Any) -> int:
    return row_number(value) or 0


def preview(data: Mapping[str, Any], *, original: Invoice, but_id: int | None = None) -> dict[str, Any]:
    """What a return would come to, in strings of whole rials; nothing is stored.

    `lines` by the id of the original line: `net`, `tax`, `payable`. Raises Invalid.
    """
    entry = read_return(data, original=original, but_id=but_id)
    kind = POLICIES[original.kind].returned_as
    assert kind is not None
    draft = CLASS_OF[kind](id=but_id)
    _put_figures(draft, entry)
    lines = {
        str(line.original_line_id): {
            "net": str(line.net_rials), "tax": str(line.tax_rials), "payable": str(line.payable_rials)
        }
        for line in draft.lines
    }  # fmt: skip
    figures = ("gross", "discount", "net", "tax", "additions", "payable")
    found = {name: str(getattr(draft, f"{name}_rials")) for name in figures}
    return {"lines": lines, **found, "words": words(draft.payable_rials, lang())}


def _fill(draft: Invoice, entry: ReturnEntry) -> None:
    original = entry.original
    for name in ("customer", "customer_name", "branch", "policy", "prices_include_tax", "department_id"):
        setattr(draft, name, getattr(original, name))
    draft.original, draft.invoice_on = original, entry.invoice_on
    draft.reason, draft.note = entry.reason, entry.note
    if draft.id is not None:
        flag_modified(draft, "customer_name")  # a change of lines alone is a new version too
        draft.lines.clear()
        db.session.flush()
    draft.lines, draft.adjustments = [], []
    _put_figures(draft, entry)


def _put_figures(draft: Invoice, entry: ReturnEntry) -> None:
    left = left_of(entry.original, but_id=draft.id)
    pairs = [(one, figures_of(one.original, left[one.original.id], quantity=one.quantity)) for one in entry.lines]
    draft.lines = [_line(place, one, figures) for place, (one, figures) in enumerate(pairs, start=1)]
    draft.gross_rials = sum(f.gross for _one, f in pairs)
    draft.discount_rials = sum(f.discount for _one, f in pairs)
    draft.net_rials, draft.tax_rials = sum(f.net for _one, f in pairs), sum(f.tax for _one, f in pairs)
    draft.adjustments = _adjustments(draft, entry, left)
    draft.additions_rials = sum(a.sign * (a.amount_rials or 0) for a in draft.adjustments)
    draft.payable_rials = draft.net_rials + draft.tax_rials + draft.additions_rials


def _line(place: int, one: ReturnedLine, figures: LineTotals) -> InvoiceLine:
    of = one.original
    return InvoiceLine(
        position=place,
        original_line_id=of.id,
        condition=one.condition,
        quantity=one.quantity,
        **{name: getattr(of, name) for name in (
            "product_id", "product_code", "description", "unit_id", "unit_price", "is_free", "discounts",
        )},
        gross_rials=figures.gross,
        discount_rials=figures.discount,
        net_rials=figures.net,
        tax_rials=figures.tax,
        payable_rials=figures.payable,
        taxes=[
            InvoiceLineTax(
                position=tax.position,
                name=tax.name,
                percent=tax.percent,
                included=tax.included,
                base=tax.base,
                base_rials=amount.base,
                amount_rials=amount.amount,
            )
            for tax, amount in zip(of.taxes, figures.taxes, strict=True)
        ],
    )  # fmt: skip


def _adjustments(draft: Invoice, entry: ReturnEntry, left: dict[int, Left]) -> list[InvoiceAdjustment]:
    """Refunded additions, and the share in what the original took off its payable."""
    found = [
        InvoiceAdjustment(is_discount=False, name=name, amount_rials=amount, sign=1)
        for name, amount in entry.refunds.items()
    ]
    worth = draft.net_rials + draft.tax_rials
    whole = sum(one.gross - one.discount + sum(tax.amount for tax in one.taxes) for one in left.values())
    coming = {one.original.id: one.quantity for one in entry.lines}
    is_last = all(one.quantity == coming.get(key, 0) for key, one in left.items())
    taken_off = extras_left(entry.original, but_id=draft.id).taken_off
    offset = min(offset_of(worth, whole, taken_off, is_last=is_last), worth + sum(entry.refunds.values()))
    if offset:
        sign = -1 if offset > 0 else 1
        found.append(InvoiceAdjustment(is_discount=False, name=OFFSET, amount_rials=abs(offset), sign=sign))
    for place, adjustment in enumerate(found):
        adjustment.position = place
    return found


def entry_of(draft: Invoice) -> dict[str, Any]:
    """A stored return as its entry again: what the form opens."""
    return {
        "version": str(draft.version),
        "original_id": draft.original_id,
        "invoice_on": draft.invoice_on.isoformat(),
        "reason": draft.reason,
        "note": draft.note,
        "lines": [
            {
                "original_line_id": line.original_line_id,
                "quantity": f"{line.quantity.normalize():f}",
                "condition": line.condition.value if line.condition else "",
            }
            for line in draft.lines
        ],
        "additions": [{"name": a.name, "amount": str(a.amount_rials)} for a in draft.adjustments if a.name != OFFSET],
    }


def check_outdated(draft: Invoice) -> None:
    """Raises ReturnOutdated, Invalid or NotReturnable where the return no longer fits its original.

    Locks the original until the end of the transaction, so that of two returns one waits.
    """
    query = select(Invoice.state).where(Invoice.id == draft.original_id).with_for_update()
    if db.session.scalar(query) is not InvoiceState.ISSUED:
        raise NotReturnable(invoice=draft)
    original = open_invoice(draft.original_id or 0)
    entry = read_return(entry_of(draft), original=original, but_id=draft.id)
    left = left_of(original, but_id=draft.id)
    for line, one in zip(draft.lines, entry.lines, strict=True):
        figures = figures_of(one.original, left[one.original.id], quantity=one.quantity)
        if (line.net_rials, line.tax_rials) != (figures.net, figures.tax):
            raise ReturnOutdated(invoice=draft)
    fresh = _adjustments(draft, entry, left)
    if [(a.name, a.sign, a.amount_rials) for a in fresh] != [
        (a.name, a.sign, a.amount_rials) for a in draft.adjustments
    ]:
        raise ReturnOutdated(invoice=draft)


def _worth(adjustment: InvoiceAdjustment) -> tuple[str, int, int | None]:
    return adjustment.name, adjustment.sign, adjustment.amount_rials


def _still_fits(step: Step) -> None:
    if step.transition.name == "issue" and step.document.voids_id is None:
        check_outdated(step.document)


def install() -> None:
    """Let the workflows of returns ask whether the original has moved on."""
    for kind, flow in FLOWS.items():
        if POLICIES[kind].is_return and _still_fits not in flow.policies:
            flow.policies.append(_still_fits)
