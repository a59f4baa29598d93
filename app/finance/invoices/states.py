"""The states of an invoice; kept apart so that models need nothing of the workflow."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class InvoiceState(StrEnum):
    """پیش‌نویس، صادرشده، ابطال‌شده."""

    DRAFT = "draft"
    ISSUED = "issued"
    VOID = "void"


STATE_LABELS = {
    InvoiceState.DRAFT: _l("Draft"),
    InvoiceState.ISSUED: _l("Issued"),
    InvoiceState.VOID: _l("Void"),
}
