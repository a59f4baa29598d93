"""The screen on which people hand their work over."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from app.core.fab import ModelView
from app.org.delegations.models import Delegation
from app.org.delegations.services import SUBJECT, check_delegation


class DelegationView(ModelView):
    """Delegations that one gave, was given, or that people of one's departments gave."""

    model = Delegation
    class_permission_name = SUBJECT
    route_base = "/delegations"
    list_title = _l("Delegations")
    item_title = _l("Delegation")
    icon = "arrow-left-right"
    list_columns = ("principal", "delegate", "from_on", "until_on", "reason")
    form_columns = ("principal", "delegate", "from_on", "until_on", "reason")
    optional_columns = frozenset({"principal"})
    labels: ClassVar[dict[str, Any]] = {
        "principal": _l("Who is away"),
        "delegate": _l("Delegate"),
        "reason": _l("Reason"),
    }
    description_columns: ClassVar[dict[str, Any]] = {"principal": _l("Left empty, it is you.")}

    def pre_add(self, item: Delegation) -> None:
        check_delegation(item)

    pre_update = pre_add
