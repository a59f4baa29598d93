"""A cheque as a person types it, checked: Sayad number, dates, account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from flask_babel import lazy_gettext as _l

from app.core import identity
from app.core.digits import to_ascii
from app.core.text import clean


@dataclass(frozen=True, slots=True)
class ChequeEntry:
    """What is known of a cheque before it is in the register."""

    amount: int
    due_on: date
    sayad_id: str | None = None
    number: str = ""
    bank: str = ""
    bank_branch: str = ""
    account: str = ""
    sheba: str | None = None
    owner_name: str = ""

    def as_json(self) -> dict[str, Any]:
        """The entry as it is kept with a draft; `read_cheque` reads it back."""
        return {
            "due_on": self.due_on.isoformat(), "sayad_id": self.sayad_id or "", "number": self.number,
            "bank": self.bank, "bank_branch": self.bank_branch, "account": self.account,
            "sheba": self.sheba or "", "owner_name": self.owner_name,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], *, amount: int) -> ChequeEntry:
        """What `as_json` kept."""
        names = ("number", "bank", "bank_branch", "account", "owner_name")
        return cls(
            amount,
            date.fromisoformat(kept["due_on"]),
            sayad_id=kept.get("sayad_id") or None,
            sheba=kept.get("sheba") or None,
            **{name: str(kept.get(name) or "") for name in names},
        )


class Reads(Protocol):
    """What reads single values and collects errors."""

    def bad(self, path: str, code: str, message: Any) -> None: ...
    def day(self, value: Any, path: str, *, default: date | None = None) -> date | None: ...
    def words(self, value: Any, path: str, longest: int) -> str: ...


def read_cheque(reader: Reads, row: Any, path: str, *, amount: int) -> ChequeEntry | None:
    """The typed cheque, None with errors on the reader where something is wrong."""
    row = row if isinstance(row, Mapping) else {}
    due_on = reader.day(row.get("due_on"), f"{path}.due_on")
    if due_on is None:
        reader.bad(f"{path}.due_on", "required", _l("Enter the due date of the cheque."))
        return None
    sayad_id = identity.normalize_sayad(str(row.get("sayad_id") or "")) or None
    if sayad_id and not identity.valid_sayad(sayad_id):
        reader.bad(f"{path}.sayad_id", "sayad", _l("A Sayad number has exactly 16 digits."))
        return None
    number = to_ascii(reader.words(row.get("number"), f"{path}.number", 30))
    if not sayad_id and not number:
        reader.bad(f"{path}.sayad_id", "required", _l("Enter the Sayad number, or the serial number of an old cheque."))
        return None
    sheba = identity.normalize_sheba(str(row.get("sheba") or "")) or None
    if sheba and not identity.valid_sheba(sheba):
        reader.bad(f"{path}.sheba", "sheba", _l("This Sheba is not valid."))
        return None
    return ChequeEntry(
        amount=amount,
        due_on=due_on,
        sayad_id=sayad_id,
        number=number,
        bank=reader.words(row.get("bank"), f"{path}.bank", 60),
        bank_branch=reader.words(row.get("bank_branch"), f"{path}.bank_branch", 60),
        account=to_ascii(clean(reader.words(row.get("account"), f"{path}.account", 30))),
        sheba=sheba,
        owner_name=reader.words(row.get("owner_name"), f"{path}.owner_name", 200),
    )
