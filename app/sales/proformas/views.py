"""The lists of both kinds of proforma, their rules and their REST."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import redirect, url_for
from flask_babel import lazy_gettext as _l

from app.core.fab import ModelApi, ModelView, SQLAInterface, expose, has_access
from app.core.forms import ModelForm
from app.crm.customers.models import Customer
from app.sales.documents.heads import head_of
from app.sales.proformas import services
from app.sales.proformas.kinds import POLICIES, ProformaKind, ProformaState
from app.sales.proformas.models import Proforma, ProformaRules, PurchaseProforma, SalesProforma

FIGURES = ("gross_rials", "discount_rials", "net_rials", "tax_rials", "additions_rials", "payable_rials")


def _labels(kind: ProformaKind) -> dict[str, Any]:
    return {
        "customer": POLICIES[kind].party,
        "customer_name": POLICIES[kind].party,
        "proforma_on": _l("Proforma date"),
        "valid_until": _l("Valid until"),
        "revision": _l("Revision"),
        "payable_rials": _l("Payable (rials)"),
        "days_left": _l("Days left"),
    }


class ProformaView(ModelView):
    """Offers to customers; a row opens in the editor."""

    model: Any = SalesProforma
    editor: ClassVar[str] = "ProformaEditor"
    class_permission_name = "sales.proformas"
    route_base = "/proformas"
    list_title = _l("Sales proformas")
    item_title = _l("Sales proforma")
    icon = "file-earmark-text"
    labels: ClassVar[dict[str, Any]] = _labels(ProformaKind.SALES)
    list_columns: Any = (
        *("customer_name", "number", "revision", "proforma_on", "valid_until", "days_left", "payable_rials", "state"),
        "reference",
    )
    sort_columns = ("proforma_on", "number", "valid_until")
    default_sort = "-proforma_on"
    filter_columns = (*("state", "customer", "proforma_on", "valid_until", "payable_rials", "department", "owner"),)
    add_columns: ClassVar[list[str]] = ["customer"]
    # The head of a draft can be changed in the sheet; the editor has the rest.
    edit_columns: ClassVar[list[str]] = ["customer", "reference", "proforma_on", "valid_until", "note"]
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_add", "can_edit"]

    def is_editable(self, record: Proforma) -> bool:
        return record.state is ProformaState.DRAFT

    def write_changes(self, record: Proforma, form: ModelForm) -> None:
        """Save the head of a draft through the service, which knows what else follows from it."""
        entry = {**services.document_of(record), **head_of(form)}
        services.save_draft(entry, kind=record.kind, proforma_id=record.id)

    def service_delete(self, record: Proforma) -> None:
        services.discard_draft(record.id)

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        return redirect(url_for(f"{self.editor}.show", proforma_id=self.find(pk).id))

    @expose("/add", methods=["GET"])
    @has_access
    def add(self) -> Any:
        return redirect(url_for(f"{self.editor}.new"))

    @expose("/edit/<pk>", methods=["GET"])
    @has_access
    def edit(self, pk: str) -> Any:
        return redirect(url_for(f"{self.editor}.show", proforma_id=self.find(pk).id))


class PurchaseProformaView(ProformaView):
    """Offers of suppliers."""

    model = PurchaseProforma
    editor = "PurchaseProformaEditor"
    class_permission_name = "sales.purchase_proformas"
    route_base = "/purchase-proformas"
    list_title = _l("Purchase proformas")
    item_title = _l("Purchase proforma")
    icon = "file-earmark-text"
    labels: ClassVar[dict[str, Any]] = _labels(ProformaKind.PURCHASE)
    choice_filters: ClassVar[dict[str, Any]] = {"customer": lambda: Customer.is_supplier}


class ProformaRulesView(ModelView):
    """Who approves what, and how long an offer stands."""

    model = ProformaRules
    class_permission_name = "sales.proforma_rules"
    route_base = "/proforma-rules"
    list_title = _l("Rules of proformas")
    item_title = _l("Rules of proformas")
    icon = "sliders"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_edit"]
    list_columns = ("approve_percent", "approve_rials", "valid_days", "soon_days")
    form_columns = list_columns
    labels: ClassVar[dict[str, Any]] = {
        "approve_percent": _l("Discount up to which it is approved without a further right (percent)"),
        "approve_rials": _l("Amount up to which it is approved without a further right (rials)"),
        "valid_days": _l("Days for which a new offer stands"),
        "soon_days": _l("Days before its end in which an offer counts as ending soon"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "approve_percent": _l("Empty: no limit. Above it the right “approve above the limits” is needed."),
        "approve_rials": _l("Empty: no limit. Above it the right “approve above the limits” is needed."),
    }


class ProformaApi(ModelApi):
    """Sales proformas for programs, read only."""

    resource_name = "proformas"
    datamodel = SQLAInterface(SalesProforma)
    class_permission_name = "sales.proformas"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show"]
    list_columns: ClassVar[list[str]] = [
        *("id", "kind", "state", "fiscal_year", "number", "revision", "previous_id", "reference", "proforma_on"),
        *("valid_until", "customer.id", "customer_name", *FIGURES),
    ]
    show_columns = list_columns
    order_columns: ClassVar[list[str]] = ["id", "proforma_on"]


class PurchaseProformaApi(ProformaApi):
    """Suppliers' proformas for programs, read only."""

    resource_name = "purchase-proformas"
    datamodel = SQLAInterface(PurchaseProforma)
    class_permission_name = "sales.purchase_proformas"
