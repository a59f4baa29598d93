"""The states of an invoice; kept apart so that models need nothing of the workflow."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class InvoiceState(StrEnum):
    """پیش‌نویس، صادرشده، ابطال‌شده."""

    DRAFT = "draft"
    ISSUED = "issued"
    VOID = "void"


class PaymentAxis(StrEnum):
    """How far an issued invoice is settled: تسویه‌نشده، بخشی، پوشش با چک، تسویه‌شده، سررسیدگذشته، بیش‌پرداخت."""

    UNPAID = "unpaid"
    PARTLY = "partly"
    COVERED = "covered"
    PAID = "paid"
    OVERDUE = "overdue"
    OVERPAID = "overpaid"


STATE_LABELS = {
    InvoiceState.DRAFT: _l("Draft"),
    InvoiceState.ISSUED: _l("Issued"),
    InvoiceState.VOID: _l("Void"),
}
PAYMENT_LABELS = {
    PaymentAxis.UNPAID: _l("Unpaid"),
    PaymentAxis.PARTLY: _l("Partly paid"),
    PaymentAxis.COVERED: _l("Covered by cheques"),
    PaymentAxis.PAID: _l("Paid"),
    PaymentAxis.OVERDUE: _l("Overdue"),
    PaymentAxis.OVERPAID: _l("Overpaid"),
}
