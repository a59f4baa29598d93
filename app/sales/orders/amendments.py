"""What an amendment changed, line by line and field by field, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.calendar import parse_date
from app.core.db import db
from app.core.field_rights import may_read
from app.core.formats import jdate
from app.crm.customers.models import Customer
from app.sales.orders.models import Order, OrderAmendment


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what of which line (empty for the head), before and after; both are empty for a whole line."""

    what: str
    before: str = ""
    after: str = ""
    tone: str = "info"


@dataclass(frozen=True, slots=True)
class Shown:
    """An amendment with its changes."""

    amendment: OrderAmendment
    changes: list[Change]


def amendments_of(order: Order) -> list[Shown]:
    """The amendments of an order, the last one first."""
    parties = _parties(order.amendments)
    return [
        Shown(one, [*_head(one.before, one.after, parties), *_lines(one.before, one.after)])
        for one in reversed(order.amendments)
    ]


def _parties(amendments: list[OrderAmendment]) -> dict[Any, str]:
    ids = {entry.get("customer_id") for one in amendments for entry in (one.before, one.after)} - {None}
    if not ids:
        return {}
    return {
        row.id: row.name for row in db.session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids)))
    }


def _head(before: Mapping[str, Any], after: Mapping[str, Any], parties: Mapping[Any, str]) -> Iterator[Change]:
    fields = (
        ("customer_id", _("Party"), lambda value: parties.get(value, _("— hidden —"))),
        ("order_on", _("Order date"), _day),
        ("deliver_on", _("Delivery date"), _day),
        ("reference", _("Reference"), str),
        ("note", _("Note"), str),
        ("prices_include_tax", _("Prices include tax"), lambda value: _("Yes") if value else _("No")),
        ("discounts", _("Order discount"), _adjustments),
        ("additions", _("Additions and deductions"), _adjustments),
    )
    for name, label, words in fields:
        old, new = before.get(name), after.get(name)
        if old != new and may_read(Order, name.removesuffix("_id")):
            yield Change(label, words(old) if old else "", words(new) if new else "")


def _lines(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old = {line["line_id"]: line for line in before["lines"]}
    for line in after["lines"]:
        was = old.pop(line["line_id"], None)
        name = line["description"]
        if was is None:
            yield Change(_("Line added: %(name)s, %(quantity)s", name=name, quantity=line["quantity"]), tone="ok")
            continue
        yield from _line(was, line, name)
    for line in old.values():
        what = _("Line removed: %(name)s, %(quantity)s", name=line["description"], quantity=line["quantity"])
        yield Change(what, tone="bad")


def _line(was: Mapping[str, Any], line: Mapping[str, Any], name: str) -> Iterator[Change]:
    if was["description"] != name:
        yield Change(_("Description"), was["description"], name)
    for field, label, words in (
        ("quantity", _("Quantity"), str),
        ("unit_price", _("Unit price (rials)"), _grouped),
        ("discounts", _("Discount"), _adjustments),
        ("taxes", _("Tax"), _taxes),
        ("is_free", _("Free goods"), lambda value: _("Yes") if value else _("No")),
    ):
        if was.get(field) != line.get(field):
            yield Change(f"{name}: {label}", words(was.get(field)), words(line.get(field)))


def _day(value: Any) -> str:
    return jdate(parse_date(value)) if value else ""


def _grouped(value: Any) -> str:
    whole, point, rest = str(value).partition(".")
    return f"{int(whole):,}{point}{rest}"


def _adjustments(found: Any) -> str:
    return _(", ").join(_adjustment(one) for one in found or ())


def _adjustment(one: Mapping[str, Any]) -> str:
    worth = f"{one['percent']}%" if "percent" in one else _grouped(one["amount"])
    return f"{one['name']}: {worth}" if one.get("name") else worth


def _taxes(found: Any) -> str:
    return " + ".join(f"{one['percent']}%" for one in found or ())
