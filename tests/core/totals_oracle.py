"""docs/totals.md worked out a second time, with fractions and plain searches, on the JSON itself."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """The document breaks a rule on the way."""


def totals(document: Json) -> Json:
    """What `to_json(compute(parse(document)))` must give, words apart."""
    policy = document["policy"]
    lines = [_line(line, policy) for line in document["lines"]]
    for discount in document.get("discounts", []):
        if discount.get("of", "net") == "net":
            amount = _amount(discount, sum(line["net"] for line in lines), policy)
            for line, part in zip(lines, _share(amount, [line["net"] for line in lines]), strict=True):
                line["net"] -= part
                line["touched"] = line["touched"] or part != 0
    nets = [line["net"] for line in lines]
    for addition in document.get("additions", []):
        if addition["taxed"] and sum(nets):
            parts = _share(int(addition["amount"]), nets)
            for line, part in zip(lines, parts, strict=True):
                line["extra"] += addition["sign"] * part
                if line["net"] + line["extra"] < 0:
                    raise Refused
    for line in lines:
        net, gross = line["net"] + line["extra"], line["gross"] + line["extra"]
        line["taxes"] = _taxes(line["json"]["taxes"], net, gross, policy)
    if policy == "document_half_up":
        _round_once(lines)
    return _sums(document, lines, policy)


def _sums(document: Json, lines: list[Json], policy: str) -> Json:
    left = sum(line["net"] + sum(amount for _, _, amount in line["taxes"]) for line in lines)
    off = 0
    for discount in document.get("discounts", []):
        if discount.get("of", "net") == "payable":
            off += _amount(discount, left - off, policy)
    missing = 0
    for line in lines:
        held = [
            amount for tax, (_, _, amount) in zip(line["json"]["taxes"], line["taxes"], strict=True) if tax["included"]
        ]
        if held and not line["touched"] and not line["extra"]:
            missing += line["sold_at"] - line["net"] - sum(held)
    additions = sum(a["sign"] * int(a["amount"]) for a in document.get("additions", [])) - off + missing
    net = sum(line["net"] for line in lines)
    tax = left - net
    if net + tax + additions < 0:
        raise Refused
    by_name: dict[str, list[int]] = {}
    for line in lines:
        for name, base, amount in line["taxes"]:
            both = by_name.setdefault(name, [0, 0])
            both[0] += base
            both[1] += amount
    return {
        "lines": [_written(line) for line in lines],
        "net": str(net),
        "tax": str(tax),
        "additions": str(additions),
        "payable": str(net + tax + additions),
        "taxes": {name: {"base": str(base), "amount": str(amount)} for name, (base, amount) in by_name.items()},
    }


def _written(line: Json) -> Json:
    tax = sum(amount for _, _, amount in line["taxes"])
    return {
        "gross": str(line["gross"]),
        "discount": str(line["gross"] - line["net"]),
        "net": str(line["net"]),
        "tax": str(tax),
        "payable": str(line["net"] + tax),
        "taxes": {name: {"base": str(base), "amount": str(amount)} for name, base, amount in line["taxes"]},
    }


def _round(value: Fraction, policy: str) -> int:
    return math.floor(value) if policy == "line_floor" else math.floor(value + Fraction(1, 2))


def _amount(discount: Json, left: int, policy: str) -> int:
    amount = (
        int(discount["amount"]) if "amount" in discount else _round(left * Fraction(discount["percent"]) / 100, policy)
    )
    if amount > left:
        raise Refused
    return amount


def _share(amount: int, weights: list[int]) -> list[int]:
    if not amount:
        return [0] * len(weights)
    exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
    return _largest_remainder(amount, exact)


def _largest_remainder(amount: int, exact: list[Fraction]) -> list[int]:
    parts = [math.floor(part) for part in exact]
    while sum(parts) < amount:
        rests = [part - whole for part, whole in zip(exact, parts, strict=True)]
        parts[rests.index(max(rests))] += 1
    return parts


def _line(line: Json, policy: str) -> Json:
    total = sold_at = _round(Fraction(line["quantity"]) * Fraction(line["unit_price"]), policy)
    for discount in line["discounts"]:
        sold_at -= _amount(discount, sold_at, policy)
    gross, net = total, sold_at
    if any(tax["included"] for tax in line["taxes"]):
        gross = _largest(total, lambda n: _with(line["taxes"], n, n, policy), total)
        net = _largest(gross, lambda n: _with(line["taxes"], n, gross, policy), sold_at)
    return {"json": line, "gross": gross, "net": net, "sold_at": sold_at, "touched": False, "extra": 0}


def _largest(most: int, value: Any, price: int) -> int:
    """The largest whole number up to `most` whose value is not above a price, by halving."""
    if value(0) > price:
        raise Refused
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if value(middle) <= price else (low, middle - 1)
    return low


def _with(taxes: list[Json], net: int, gross: int, policy: str) -> int:
    done = _taxes(taxes, net, gross, policy)
    return net + sum(amount for tax, (_, _, amount) in zip(taxes, done, strict=True) if tax["included"])


def _taxes(taxes: list[Json], net: int, gross: int, policy: str) -> list[tuple[str, int, int]]:
    done: list[tuple[str, int, int]] = []
    for tax in taxes:
        before = sum(amount for _, _, amount in done)
        base = {"net": net, "gross": gross, "net_plus_previous": net + before}[tax.get("base", "net")]
        done.append((tax["name"], base, _round(base * Fraction(tax["percent"]) / 100, policy)))
    return done


def _round_once(lines: list[Json]) -> None:
    for name in {tax["name"] for line in lines for tax in line["json"]["taxes"]}:
        places = [(line, i) for line in lines for i, tax in enumerate(line["json"]["taxes"]) if tax["name"] == name]
        exact = [line["taxes"][i][1] * Fraction(line["json"]["taxes"][i]["percent"]) / 100 for line, i in places]
        total = _round(sum(exact, Fraction()), "document_half_up")
        for (line, i), amount in zip(places, _largest_remainder(total, exact), strict=True):
            line["taxes"][i] = (name, line["taxes"][i][1], amount)
