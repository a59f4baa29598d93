"""What a cashier enters of a receipt or payment, checked whole: every bad field is named.

JSON: `customer_id`, `paid_on`, `note`, `branch_id`; `lines` with `method`, `amount` and, by method,
`account`, `tracking`, `cheque` (typed) or `cheque_id` (one in hand), `item_id` (an offset);
`chosen` as [{"item_id", "amount"}], absent for the oldest due first; `reference`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.calendar import InvalidDate, parse_date
from app.core.clock import today
from app.core.db import db
from app.core.digits import to_ascii
from app.core.errors import DomainError, FieldError, Invalid
from app.core.money import MAX_RIALS, parse_rials
from app.core.text import clean
from app.crm.customers.models import Customer
from app.finance.cheques.entry import ChequeEntry, read_cheque
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import ChequeState, Direction
from app.finance.settlement.models import OpenItem
from app.finance.settlement.states import Method, PaymentKind
from app.org.branches.models import Branch
from app.org.branches.queries import main_branch

MOST_LINES = 200
MOST_CHOSEN = 1_000


@dataclass(frozen=True, slots=True)
class LineEntry:
    """One part of the payment."""

    method: Method
    amount: int
    account: str = ""
    tracking: str = ""
    cheque: ChequeEntry | None = None
    cheque_id: int | None = None
    item_id: int | None = None


@dataclass(frozen=True, slots=True)
class PaymentEntry:
    """A whole entered payment with everything looked up."""

    customer: Customer
    branch: Branch
    paid_on: date
    note: str
    lines: tuple[LineEntry, ...]
    chosen: tuple[tuple[int, int], ...] | None
    reference: str | None = None

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)


@dataclass(slots=True)
class Reader:
    """Reads single values and collects what is wrong with them."""

    errors: list[FieldError] = field(default_factory=list)

    def bad(self, path: str, code: str, message: Any) -> None:
        self.errors.append(FieldError(path, code, message))

    def day(self, value: Any, path: str, *, default: date | None = None) -> date | None:
        try:
            return parse_date(value or "") or default
        except InvalidDate as error:
            self.bad(path, "date", error.message)
            return default

    def words(self, value: Any, path: str, longest: int) -> str:
        if not isinstance(value or "", str) or len(value or "") > longest:
            self.bad(path, "text", _l("This text is not valid or is too long."))
            return ""
        return clean(value or "")

    def amount(self, value: Any, path: str) -> int:
        """Rials above zero; 0 with an error otherwise."""
        try:
            amount = parse_rials(value) if value not in (None, "") else 0
        except DomainError as error:
            self.bad(path, error.code, error.message)
            return 0
        if not 0 < amount <= MAX_RIALS // 1_000:
            self.bad(path, "amount", _l("Enter an amount above zero."))
            return 0
        return amount

    def key(self, value: Any, path: str) -> int | None:
        if value in (None, ""):
            return None
        if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit() or len(str(value)) > 9:
            self.bad(path, "reference", _l("This record was not found."))
            return None
        return int(value)

    def record(self, model: type[Any], value: Any, path: str) -> Any:
        """The row of an id; the session's scope hides what may not be seen."""
        key = self.key(value, path)
        if key is None:
            return None
        found = db.session.scalar(select(model).where(model.id == key))
        if found is None:
            self.bad(path, "reference", _l("This record was not found."))
        return found

    def close(self) -> None:
        """Raises Invalid when anything was wrong."""
        if self.errors:
            raise Invalid(self.errors)


def read_payment(data: Mapping[str, Any], *, kind: PaymentKind) -> PaymentEntry:
    """The entry as checked values. Raises Invalid with every error."""
    reader = Reader()
    customer = reader.record(Customer, data.get("customer_id"), "customer_id")
    if customer is None and not reader.errors:
        reader.bad("customer_id", "required", _l("Choose the party."))
    branch = reader.record(Branch, data.get("branch_id"), "branch_id") or main_branch()
    paid_on = reader.day(data.get("paid_on"), "paid_on", default=today()) or today()
    if paid_on > today():
        reader.bad("paid_on", "future", _l("Money that comes later is not booked yet; choose a date up to today."))
    note = reader.words(data.get("note"), "note", 500)
    reference = to_ascii(reader.words(data.get("reference"), "reference", 60)) or None
    lines = _read_lines(reader, data.get("lines"), kind=kind, customer=customer)
    chosen = _read_chosen(reader, data.get("chosen"), total=sum(line.amount for line in lines))
    if any(line.method is Method.WRITE_OFF for line in lines) and not note:
        reader.bad("note", "required", _l("Say in the note why an amount is written off."))
    reader.close()
    return PaymentEntry(customer, branch, paid_on, note, lines, chosen, reference)


def _read_lines(reader: Reader, rows: Any, *, kind: PaymentKind, customer: Customer | None) -> tuple[LineEntry, ...]:
    if not isinstance(rows, list) or not rows:
        reader.bad("lines", "required", _l("Enter at least one amount."))
        return ()
    if len(rows) > MOST_LINES:
        reader.bad("lines", "too_many", _l("These are too many lines for one document."))
        return ()
    found = [
        _read_line(reader, row if isinstance(row, Mapping) else {}, f"lines[{place}]", kind, customer)
        for place, row in enumerate(rows)
    ]
    cheques = [line.cheque.sayad_id for line in found if line.cheque and line.cheque.sayad_id]
    ids = [key for line in found for key in (line.cheque_id, -line.item_id if line.item_id else None) if key]
    if len(cheques) != len(set(cheques)) or len(ids) != len(set(ids)):
        reader.bad("lines", "twice", _l("The same cheque or open item stands in two lines."))
    return tuple(found)


def _read_line(
    reader: Reader, row: Mapping[str, Any], path: str, kind: PaymentKind, customer: Customer | None
) -> LineEntry:
    try:
        method = Method(row.get("method") or Method.CASH)
    except ValueError:
        reader.bad(f"{path}.method", "choice", _l("This choice is not known."))
        method = Method.CASH
    held = _cheque_in_hand(reader, row, path, kind) if method is Method.CHEQUE else None
    amount = held.amount_rials if held is not None else reader.amount(row.get("amount"), f"{path}.amount")
    item = None
    if method is Method.OFFSET:
        item = reader.record(OpenItem, row.get("item_id"), f"{path}.item_id")
        if item is None or customer is None or item.customer_id != customer.id or item.side is not kind.side:
            reader.bad(f"{path}.item_id", "reference", _l("Choose an open item of the party to offset."))
    typed = None
    if method is Method.CHEQUE and held is None:
        typed = read_cheque(reader, row.get("cheque"), f"{path}.cheque", amount=amount)
    return LineEntry(
        method=method,
        amount=amount,
        account=reader.words(row.get("account"), f"{path}.account", 60),
        tracking=reader.words(row.get("tracking"), f"{path}.tracking", 60),
        cheque=typed,
        cheque_id=held.id if held is not None else None,
        item_id=item.id if item is not None else None,
    )


def _cheque_in_hand(reader: Reader, row: Mapping[str, Any], path: str, kind: PaymentKind) -> Cheque | None:
    """The received cheque that a payment endorses, when the line names one."""
    cheque: Cheque | None = reader.record(Cheque, row.get("cheque_id"), f"{path}.cheque_id")
    if cheque is None:
        return None
    if kind is not PaymentKind.PAYMENT or cheque.direction is not Direction.RECEIVED:
        reader.bad(
            f"{path}.cheque_id", "direction", _l("Only a received cheque can be endorsed, and only by a payment.")
        )
    elif cheque.state is not ChequeState.IN_HAND:
        reader.bad(f"{path}.cheque_id", "state", _l("This cheque is not in hand any more."))
    return cheque


def _read_chosen(reader: Reader, rows: Any, *, total: int) -> tuple[tuple[int, int], ...] | None:
    if rows is None:
        return None
    if not isinstance(rows, list) or len(rows) > MOST_CHOSEN:
        reader.bad("chosen", "list", _l("Some values are not valid."))
        return ()
    found: dict[int, int] = {}
    for place, row in enumerate(rows):
        row = row if isinstance(row, Mapping) else {}
        key = reader.key(row.get("item_id"), f"chosen[{place}].item_id")
        amount = reader.amount(row.get("amount"), f"chosen[{place}].amount")
        if key is None or key in found:
            reader.bad(f"chosen[{place}].item_id", "reference", _l("Choose each open item once."))
        else:
            found[key] = amount
    if sum(found.values()) > total > 0:
        reader.bad("chosen", "exceeds", _l("More is chosen to be settled than is paid."))
    return tuple(found.items())
