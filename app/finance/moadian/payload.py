"""The payload of the tax system: its own field names, amounts in rials, instants in milliseconds.

`payload_of` builds the whole document from an invoice's values; `restated` says a known one again
under another subject (a void says what it voids). Both prove the sums before they answer.

Source: IRAN.md, "Tax system"; names and order of the fields as in the published instruction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.finance.moadian.codes import Column, InvoiceType, Settlement, Subject
from app.finance.moadian.tax_id import serial_text, tax_id
from app.finance.moadian.values import Buyer, Charge, Item, Paper, Payment

HEADER = (
    *("taxid", "indatim", "indati2m", "inty", "inno", "irtaxid", "inp", "ins", "tins", "tob", "bid", "tinb", "sbc"),
    *("bpc", "bbc", "ft", "bpn", "scln", "scc", "cdcn", "cdcd", "crn", "billid", "tprdis", "tdis", "tadis", "tvam"),
    *("todam", "tbill", "tonw", "torv", "tocv", "setm", "cap", "insp", "tvop", "tax17"),
)
BODY = (
    *("sstid", "sstt", "am", "mu", "nw", "fee", "cfee", "cut", "exr", "ssrv", "sscv", "prdis", "dis", "adis", "vra"),
    *("vam", "odt", "odr", "odam", "olt", "olr", "olam", "consfee", "spro", "bros", "tcpbs", "cop", "vop", "bsrn"),
    "tsstam",
)
PAYMENT = ("iinn", "acn", "trmn", "pmt", "trn", "pcn", "pid", "pdt", "pv")
SUMS = {"tprdis": "prdis", "tdis": "dis", "tadis": "adis", "tvam": "vam"}

Fields = dict[str, Any]


class SumsDiffer(RuntimeError):
    """A payload whose sums do not hold; it must not leave the house."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a document one of its own: serial, subject, instant, and the tax ID that it speaks of."""

    serial: int
    subject: Subject
    at: datetime
    earlier: str | None = None


def payload_of(paper: Paper, *, serial: int, subject: Subject = Subject.ORIGINAL, earlier: str | None = None) -> Fields:
    """The document of an invoice.

    `earlier` is the tax ID that an amendment, void or return speaks of; an original has none.
    Raises ValueError where the two do not go together, BadTaxId, and SumsDiffer.
    """
    identity = Identity(serial, subject, paper.at, earlier)
    body = [_item(item) for item in paper.items]
    header = {
        **_identified(identity, memory_id=paper.seller.memory_id),
        "inty": int(paper.type),
        "inp": int(paper.pattern),
        "tins": paper.seller.economic_code,
        "sbc": paper.seller.branch_code or None,
        **_buyer(paper.buyer if paper.type is not InvoiceType.THIRD else Buyer()),
        **_sums(body),
    }
    header |= _settlement(paper, total=header["tbill"])
    made = {
        "header": _in_order(header, HEADER),
        "body": body,
        "payments": [_payment(payment) for payment in paper.payments],
    }
    prove(made)
    return made


def restated(known: Mapping[str, Any], *, memory_id: str, identity: Identity) -> Fields:
    """A known document under another subject: a void repeats what it voids, line by line."""
    header = {**known["header"], **_identified(identity, memory_id=memory_id)}
    made = {"header": _in_order(header, HEADER), "body": list(known["body"]), "payments": list(known["payments"])}
    prove(made)
    return made


def prove(payload: Mapping[str, Any]) -> None:
    """Raises SumsDiffer unless each line and the header add up as the tax system adds them."""
    header, body = payload["header"], payload["body"]
    for place, line in enumerate(body, start=1):
        if line["adis"] != line["prdis"] - line["dis"]:
            raise SumsDiffer(f"line {place}: adis is not prdis - dis")
        if line["tsstam"] != line["adis"] + line["vam"] + (line["odam"] or 0) + (line["olam"] or 0):
            raise SumsDiffer(f"line {place}: tsstam is not adis + vam + odam + olam")
    for name, expected in _sums(body).items():
        if header[name] != expected:
            raise SumsDiffer(f"{name} is {header[name]}, the lines sum to {expected}")
    if header["tbill"] != header["tadis"] + header["tvam"] + header["todam"]:
        raise SumsDiffer("tbill is not tadis + tvam + todam")


def to_text(payload: Any) -> str:
    """The payload as JSON with every figure to its last digit; decimals never pass through a float."""
    if isinstance(payload, Mapping):
        inside = ",".join(f"{json.dumps(name)}:{to_text(value)}" for name, value in payload.items())
        return f"{{{inside}}}"
    if isinstance(payload, list):
        return f"[{','.join(map(to_text, payload))}]"
    if isinstance(payload, Decimal):
        return _plain(payload)
    return json.dumps(payload, ensure_ascii=False)


def from_text(text: str) -> Fields:
    """What `to_text` wrote."""
    found: Fields = json.loads(text, parse_float=Decimal)
    return found


def _identified(identity: Identity, *, memory_id: str) -> Fields:
    if (identity.subject is Subject.ORIGINAL) != (identity.earlier is None):
        raise ValueError("an original speaks of no earlier document, every other subject of one")
    moment = milliseconds(identity.at)
    return {
        "taxid": tax_id(memory_id, instant=identity.at, serial=identity.serial),
        "indatim": moment,
        "indati2m": moment,
        "inno": serial_text(identity.serial),
        "irtaxid": identity.earlier,
        "ins": int(identity.subject),
    }


def _buyer(buyer: Buyer) -> Fields:
    return {
        "tob": int(buyer.kind) if buyer.kind is not None else None,
        "bid": buyer.national_id or None,
        "tinb": buyer.economic_code or None,
        "bpc": buyer.postal_code or None,
        "bbc": buyer.branch_code or None,
        "bpn": buyer.passport_no or None,
    }


def _item(item: Item) -> Fields:
    vat = item.of(Column.VAT)
    line = {
        "sstid": item.goods_code,
        "sstt": item.description,
        "am": number(item.quantity),
        "mu": item.unit_code,
        "fee": number(item.fee),
        "prdis": item.gross,
        "dis": item.discount,
        "adis": item.net,
        "vra": number(vat.percent) if vat else 0,
        "vam": vat.amount if vat else 0,
        **_charge(item.of(Column.DUTY), ("odt", "odr", "odam")),
        **_charge(item.of(Column.CHARGE), ("olt", "olr", "olam")),
        "tsstam": item.total,
    }
    return _in_order(line, BODY)


def _charge(charge: Charge | None, names: tuple[str, str, str]) -> Fields:
    if charge is None:
        return {}
    return dict(zip(names, (charge.name, number(charge.percent), charge.amount), strict=True))


def _sums(body: list[Fields]) -> Fields:
    sums: Fields = {name: sum(line[part] for line in body) for name, part in SUMS.items()}
    sums["todam"] = sum((line["odam"] or 0) + (line["olam"] or 0) for line in body)
    sums["tbill"] = sum(line["tsstam"] for line in body)
    return sums


def _settlement(paper: Paper, *, total: int) -> Fields:
    cash = {Settlement.CASH: total, Settlement.CREDIT: None, Settlement.BOTH: paper.cash or 0}[paper.settlement]
    rest = total - (cash or 0)
    return {
        "setm": int(paper.settlement),
        "cap": cash,
        "insp": rest if paper.settlement is not Settlement.CASH else None,
    }


def _payment(payment: Payment) -> Fields:
    return _in_order(
        {
            "iinn": payment.switch_no or None,
            "acn": payment.acceptor_no or None,
            "trmn": payment.terminal_no or None,
            "pmt": int(payment.method),
            "trn": payment.tracking_no or None,
            "pcn": payment.card_no or None,
            "pid": payment.payer_id or None,
            "pdt": milliseconds(payment.at),
            "pv": payment.rials,
        },
        PAYMENT,
    )


def _in_order(fields: Mapping[str, Any], names: tuple[str, ...]) -> Fields:
    if unknown := fields.keys() - set(names):
        raise KeyError(f"no fields of the tax system: {sorted(unknown)}")
    return {name: fields.get(name) for name in names}


def milliseconds(instant: datetime) -> int:
    """Whole milliseconds since 1970 in UTC."""
    return int(instant.timestamp()) * 1000 + instant.microsecond // 1000


def instant_of(moment: int) -> datetime:
    """The instant of so many milliseconds since 1970."""
    return datetime.fromtimestamp(moment // 1000, UTC) + timedelta(milliseconds=moment % 1000)


def number(value: Decimal) -> int | Decimal:
    """A decimal as it is written: whole numbers without a fraction."""
    return int(value) if value == value.to_integral_value() else value.normalize()


def _plain(value: Decimal) -> str:
    return format(value, "f")
