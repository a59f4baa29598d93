"""The register of cheques: list and page with the steps of a cheque."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from app.core.fab import ModelView
from app.finance.cheques.models import Cheque

SUBJECT = "finance.cheques"


class ChequeView(ModelView):
    """Cheques come into the register by receipts and payments; here they are followed."""

    model = Cheque
    class_permission_name = SUBJECT
    route_base = "/cheques"
    list_title = _l("Cheques")
    item_title = _l("Cheque")
    icon = "credit-card"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show"]
    list_columns = ("number", "direction", "customer", "amount_rials", "due_on", "bank", "state", "sayad_id")
    sort_columns = ("due_on",)
    default_sort = "due_on"
    filter_columns = ("direction", "state", "customer", "due_on", "amount_rials", "bank", "department", "owner")
    show_sections = (
        (_l("Cheque"), ("direction", "state", "state_on", "amount_rials", "due_on", "customer", "endorsed_to")),
        (_l("Bank"), ("sayad_id", "number", "bank", "bank_branch", "account", "sheba", "owner_name")),
        (_l("Care"), ("bounce_reason", "note", "owner", "department")),
    )
    labels: ClassVar[dict[str, Any]] = {
        "direction": _l("Direction"),
        "customer": _l("Party"),
        "amount_rials": _l("Amount (rials)"),
        "due_on": _l("Due date"),
        "bank": _l("Bank"),
        "bank_branch": _l("Bank branch"),
        "sayad_id": _l("Sayad number"),
        "number": _l("Serial number"),
        "sheba": _l("Sheba"),
        "account": _l("Account"),
        "owner_name": _l("Account holder"),
        "state_on": _l("Since"),
        "endorsed_to": _l("Endorsed to"),
        "bounce_reason": _l("Reason of bouncing"),
    }
