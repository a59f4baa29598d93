"""Works out the figures of a document, step by step as docs/totals.md tells them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from app.core.errors import FieldError, Invalid
from app.core.money import MAX_RIALS, Rounding, apportion, divide, multiply, percent_of, split
from app.core.totals.checks import check, refusal
from app.core.totals.values import (
    MAX_PERCENT_DECIMALS,
    Addition,
    Discount,
    DiscountOf,
    Document,
    Line,
    LineTotals,
    Policy,
    Tax,
    TaxAmount,
    TaxBase,
    Totals,
)

_PERCENT_SCALE = 10**MAX_PERCENT_DECIMALS
_FAR = 10**24


@dataclass(slots=True)
class _Working:
    """A line on its way: rials at each step."""

    line: Line
    gross: int
    # what the line is sold at after its own discounts, with the taxes that the price includes
    sold_at: int
    net: int
    document_discount: int = 0
    addition: int = 0
    taxes: list[TaxAmount] = field(default_factory=list)
    payable_discount: int = 0

    @property
    def tax(self) -> int:
        return sum(tax.amount for tax in self.taxes)

    @property
    def payable(self) -> int:
        return self.net + self.tax

    @property
    def rounding(self) -> int:
        """Rials missing to the inclusive price, while that price still stands."""
        if self.document_discount or self.addition or not _has_included(self.line):
            return 0
        included = sum(done.amount for tax, done in zip(self.line.taxes, self.taxes, strict=True) if tax.included)
        return self.sold_at - self.net - included


def compute(document: Document) -> Totals:
    """Every figure of a document in whole rials.

    Raises:
        Invalid: a value breaks a limit, a discount or deduction exceeds what it is taken from, or
            a figure does not fit 64 bits. All errors of the first step that fails are named.
    """
    _refuse(check(document))
    rounding = document.policy.rounding
    errors: list[FieldError] = []
    work = [_price(line, path=f"lines[{i}]", rounding=rounding, errors=errors) for i, line in enumerate(document.lines)]
    _refuse(errors)
    _discount_net(work, document.discounts, rounding=rounding)
    _put_additions_in_tax_base(work, document.additions)
    _tax(work, policy=document.policy)
    _discount_payable(work, document.discounts, rounding=rounding)
    totals = _sum(work, document.additions)
    _refuse(_too_large(totals))
    if totals.payable < 0:
        _refuse([refusal("additions", "negative_payable")])
    return totals


def _refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        raise Invalid(errors)


# --- a line before the document


def _price(line: Line, *, path: str, rounding: Rounding, errors: list[FieldError]) -> _Working:
    """Gross and net of a line from its quantity, price and own discounts."""
    total = multiply(line.quantity, price=line.unit_price, rounding=rounding)
    if total > MAX_RIALS:
        errors.append(refusal(path, "too_large"))
    left = total
    for index, discount in enumerate(line.discounts):
        amount = _discount_amount(discount, of=left, rounding=rounding)
        if amount > left:
            errors.append(refusal(f"{path}.discounts[{index}].amount", "discount_exceeds"))
            amount = left
        left -= amount
    if not _has_included(line):
        return _Working(line, gross=total, sold_at=left, net=left)
    gross = _net_within(total, spend=lambda net: _with_included(line.taxes, net=net, gross=net, rounding=rounding))
    net = _net_within(left, spend=lambda net: _with_included(line.taxes, net=net, gross=gross, rounding=rounding))
    if net < 0:
        errors.append(refusal(path, "taxes_exceed"))
    return _Working(line, gross=gross, sold_at=left, net=min(net, gross))


def _discount_amount(discount: Discount, *, of: int, rounding: Rounding) -> int:
    if discount.percent is not None:
        return percent_of(of, percent=discount.percent, rounding=rounding)
    return discount.amount or 0


def _has_included(line: Line) -> bool:
    return any(tax.included for tax in line.taxes)


def _with_included(taxes: Sequence[Tax], *, net: int, gross: int, rounding: Rounding) -> int:
    """A net together with the taxes that a price includes."""
    amounts = _taxes_of(taxes, net=net, gross=gross, rounding=rounding)
    return net + sum(done.amount for tax, done in zip(taxes, amounts, strict=True) if tax.included)


def _net_within(price: int, *, spend: Callable[[int], int]) -> int:
    """The largest net whose `spend` does not exceed a price; -1 when there is none.

    `spend` grows by at least one rial with each rial of net, so that a net which meets the price
    exactly is found when there is one. It is nearly linear: the guess is a few rials off at most.
    """
    start = spend(0)
    if start > price:
        return -1
    net = (price - start) * _FAR // (spend(_FAR) - start)
    while spend(net) > price:
        net -= 1
    while spend(net + 1) <= price:
        net += 1
    return net


def _taxes_of(taxes: Sequence[Tax], *, net: int, gross: int, rounding: Rounding) -> list[TaxAmount]:
    """Each tax of a line, rounded on its own."""
    done: list[TaxAmount] = []
    running = net
    for tax in taxes:
        base = {TaxBase.NET: net, TaxBase.GROSS: gross, TaxBase.NET_PLUS_PREVIOUS: running}[tax.base]
        amount = percent_of(base, percent=tax.percent, rounding=rounding)
        done.append(TaxAmount(tax.name, base, amount))
        running += amount
    return done


# --- the document over its lines


def _discount_net(work: Sequence[_Working], discounts: Sequence[Discount], *, rounding: Rounding) -> None:
    """Take the discounts of the net, one after the other, each shared over what the lines have left."""
    for index, discount in enumerate(discounts):
        if discount.of is not DiscountOf.NET:
            continue
        amount, nets = _taken(discount, index=index, left=[line.net for line in work], rounding=rounding)
        for line, share in zip(work, split(amount, weights=nets), strict=True):
            line.document_discount += share
            line.net -= share


def _discount_payable(work: Sequence[_Working], discounts: Sequence[Discount], *, rounding: Rounding) -> None:
    """Take the discounts of the payable; taxes stay as they are."""
    for index, discount in enumerate(discounts):
        if discount.of is not DiscountOf.PAYABLE:
            continue
        left = [line.payable - line.payable_discount for line in work]
        amount, left = _taken(discount, index=index, left=left, rounding=rounding)
        for line, share in zip(work, split(amount, weights=left), strict=True):
            line.payable_discount += share


def _taken(discount: Discount, *, index: int, left: list[int], rounding: Rounding) -> tuple[int, list[int]]:
    amount = _discount_amount(discount, of=sum(left), rounding=rounding)
    if amount > sum(left):
        _refuse([refusal(f"discounts[{index}].amount", "discount_exceeds")])
    return amount, left


def _put_additions_in_tax_base(work: Sequence[_Working], additions: Sequence[Addition]) -> None:
    """Share taxed additions and deductions over the nets; with no net there is nothing to tax."""
    nets = [line.net for line in work]
    if not sum(nets):
        return
    for index, addition in enumerate(additions):
        if not addition.taxed:
            continue
        for line, share in zip(work, split(addition.sign * addition.amount, weights=nets), strict=True):
            line.addition += share
        if any(line.net + line.addition < 0 for line in work):
            _refuse([refusal(f"additions[{index}].amount", "deduction_exceeds")])


def _tax(work: Sequence[_Working], *, policy: Policy) -> None:
    """Fill in the taxes: rounded per line and tax, or once per tax name over the document."""
    for line in work:
        line.taxes = _taxes_of(
            line.line.taxes,
            net=line.net + line.addition,
            gross=line.gross + line.addition,
            rounding=policy.rounding,
        )
    if policy is Policy.DOCUMENT_HALF_UP:
        for name in _names(tax.name for line in work for tax in line.taxes):
            _tax_over_document(work, name)


def _tax_over_document(work: Sequence[_Working], name: str) -> None:
    """Round one tax once, half up, over all lines, and share it by largest remainder."""
    places = [(line, position) for line in work for position, tax in enumerate(line.taxes) if tax.name == name]
    numerators = [
        line.taxes[position].base * int(line.line.taxes[position].percent * _PERCENT_SCALE) for line, position in places
    ]
    denominator = 100 * _PERCENT_SCALE
    amount = divide(sum(numerators), by=denominator, rounding=Rounding.HALF_UP)
    for (line, position), share in zip(
        places, apportion(amount, numerators=numerators, denominator=denominator), strict=True
    ):
        line.taxes[position] = TaxAmount(name, line.taxes[position].base, share)


def _names(names: Iterable[str]) -> list[str]:
    """Distinct names in order of appearance."""
    return list(dict.fromkeys(names))


# --- sums


def _sum(work: Sequence[_Working], additions: Sequence[Addition]) -> Totals:
    lines = tuple(_finished(line) for line in work)
    net = sum(line.net for line in lines)
    tax = sum(line.tax for line in lines)
    payable_discount = sum(line.payable_discount for line in lines)
    rounding = sum(line.rounding for line in lines)
    added = sum(addition.sign * addition.amount for addition in additions) - payable_discount + rounding
    return Totals(
        lines=lines,
        gross=sum(line.gross for line in lines),
        discount=sum(line.discount for line in lines),
        net=net,
        tax=tax,
        additions=added,
        payable=net + tax + added,
        taxes=_sum_taxes(lines),
        payable_discount=payable_discount,
        rounding=rounding,
    )


def _finished(line: _Working) -> LineTotals:
    return LineTotals(
        gross=line.gross,
        discount=line.gross - line.net,
        document_discount=line.document_discount,
        net=line.net,
        tax=line.tax,
        payable=line.payable,
        taxes=tuple(line.taxes),
        payable_discount=line.payable_discount,
        rounding=line.rounding,
    )


def _sum_taxes(lines: Sequence[LineTotals]) -> tuple[TaxAmount, ...]:
    bases: dict[str, int] = {}
    amounts: dict[str, int] = {}
    for tax in (tax for line in lines for tax in line.taxes):
        bases[tax.name] = bases.get(tax.name, 0) + tax.base
        amounts[tax.name] = amounts.get(tax.name, 0) + tax.amount
    return tuple(TaxAmount(name, base, amounts[name]) for name, base in bases.items())


def _too_large(totals: Totals) -> list[FieldError]:
    """Figures that do not fit 64 bits: lines first, then the sums."""
    errors = [
        refusal(f"lines[{index}]", "too_large")
        for index, line in enumerate(totals.lines)
        if max(line.gross, line.payable, *(tax.base for tax in line.taxes)) > MAX_RIALS
    ]
    sums = (totals.gross, totals.net + totals.tax, abs(totals.additions), abs(totals.payable))
    if not errors and max(*sums, *(tax.base for tax in totals.taxes)) > MAX_RIALS:
        errors.append(refusal("lines", "too_large"))
    return errors
