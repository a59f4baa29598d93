"""Screens of customers, and of the contacts, numbers and addresses below them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup, escape

from app.core.fab import ModelApi, ModelView, action
from app.crm.customers import services
from app.crm.customers.models import Customer, CustomerAddress, CustomerContact, CustomerPhone
from app.crm.customers.queries import Double, DoubleBy, doubles_of

SUBJECT = "crm.customers"
SAME = {
    DoubleBy.NATIONAL_ID: _l("the same national ID"),
    DoubleBy.LEGAL_ID: _l("the same legal ID"),
    DoubleBy.PHONE: _l("the same phone number"),
    DoubleBy.NAME: _l("the same name"),
}


class _BelowCustomer(ModelView):
    """Rows below a customer, under the customer's own subject and scope."""

    class_permission_name = SUBJECT
    filter_columns = ("customer",)


class ContactView(_BelowCustomer):
    model = CustomerContact
    route_base = "/customer-contacts"
    list_title = _l("Contacts")
    item_title = _l("Contact")
    icon = "person-badge"
    list_columns = ("name", "post", "mobile", "phone", "email")
    form_columns = ("customer", "name", "post", "mobile", "phone", "email")
    labels: ClassVar[dict[str, Any]] = {"post": _l("Post")}

    def pre_add(self, item: CustomerContact) -> None:
        services.check_contact(item)

    pre_update = pre_add


class PhoneView(_BelowCustomer):
    model = CustomerPhone
    route_base = "/customer-phones"
    list_title = _l("Further numbers")
    item_title = _l("Number")
    icon = "telephone"
    list_columns = ("label", "number", "do_not_call")
    form_columns = ("customer", "label", "number", "do_not_call")
    labels: ClassVar[dict[str, Any]] = {
        "label": _l("Label"),
        "number": _l("Phone number"),
        "do_not_call": _l("Do not call"),
    }

    def pre_add(self, item: CustomerPhone) -> None:
        services.check_phone(item)

    pre_update = pre_add


class AddressView(_BelowCustomer):
    model = CustomerAddress
    route_base = "/customer-addresses"
    list_title = _l("Further addresses")
    item_title = _l("Address")
    icon = "geo-alt"
    list_columns = ("label", "province", "city", "address", "postal_code")
    form_columns = ("customer", "label", "province", "city", "address", "postal_code", "latitude", "longitude")
    labels: ClassVar[dict[str, Any]] = {"label": _l("Label"), "latitude": _l("Latitude"), "longitude": _l("Longitude")}

    def pre_add(self, item: CustomerAddress) -> None:
        services.check_address(item)

    pre_update = pre_add


class CustomerView(ModelView):
    """Customers; never deleted, but taken out of use."""

    model = Customer
    class_permission_name = SUBJECT
    route_base = "/customers"
    list_title = _l("Customers")
    item_title = _l("Customer")
    icon = "people"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_add", "can_edit"]
    method_permission_name: ClassVar[dict[str, str]] = {"deactivate": "edit", "reactivate": "edit"}
    list_columns = ("name", "code", "company_name", "mobile", "city", "owner", "is_active")
    sort_columns = ("name", "code")
    default_sort = "name"
    filter_columns = (
        *("kind", "is_customer", "is_supplier", "is_dealer", "is_active", "province", "city"),
        *("owner", "department", "registered_on", "credit_limit_rials"),
    )
    form_sections = (
        (_l("Who"), ("kind", "name", "first_name", "last_name", "company_name", "code")),
        (_l("Role"), ("is_customer", "is_supplier", "is_dealer", "is_active")),
        (_l("Identity"), ("national_id", "legal_id", "economic_code", "registration_no")),
        (_l("Reach"), ("mobile", "phone", "email")),
        (_l("Address"), ("province", "city", "address", "postal_code", "latitude", "longitude")),
        (_l("Trade"), ("credit_limit_rials", "price_list", "registered_on")),
        (_l("Care"), ("owner", "department", "note")),
    )
    show_sections = form_sections
    # The services fill these: a name from its parts, a code from the series.
    optional_columns = frozenset({"name", "code"})
    related_views: ClassVar[list[Any]] = [ContactView, PhoneView, AddressView]
    labels: ClassVar[dict[str, Any]] = {
        "is_customer": _l("Customer"),
        "is_supplier": _l("Supplier"),
        "is_dealer": _l("Dealer"),
        "credit_limit_rials": _l("Credit limit (rials)"),
        "price_list": _l("Price list"),
        "registered_on": _l("Registered on"),
        "latitude": _l("Latitude"),
        "longitude": _l("Longitude"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "code": _l("Left empty, the next code of the series is taken."),
        "name": _l("Left empty, it is made of first and last name, or taken from the company."),
    }

    def pre_add(self, item: Customer) -> None:
        services.check_customer(item)

    pre_update = pre_add

    def post_add(self, item: Customer) -> None:
        """Say which customers look like the saved one."""
        doubles = doubles_of(item)
        if doubles:
            flash(_doubles_message(doubles), "warning")

    post_update = post_add

    @action("deactivate", _l("Take out of use"), _l("Take the chosen customers out of use?"), "person-x")
    def deactivate(self, customers: Sequence[Customer]) -> None:
        """They stay in documents and history, and are no longer offered."""
        for customer in customers:
            services.deactivate_customer(customer)
        flash(
            ngettext(
                "%(num)d customer was taken out of use.", "%(num)d customers were taken out of use.", len(customers)
            ),
            "success",
        )

    @action(
        "reactivate",
        _l("Bring back into use"),
        _l("Bring the chosen customers back into use?"),
        "person-check",
        single=False,
    )
    def reactivate(self, customers: Sequence[Customer]) -> None:
        for customer in customers:
            services.reactivate_customer(customer)
        flash(
            ngettext("%(num)d customer is in use again.", "%(num)d customers are in use again.", len(customers)),
            "success",
        )


def _doubles_message(doubles: Sequence[Double]) -> Markup:
    """One sentence with a link to each customer that looks the same."""
    links = Markup(" · ").join(
        Markup('<a href="{}">{}</a> ({})').format(
            url_for("CustomerView.show", pk=double.customer_id), double.name, SAME[double.by]
        )
        for double in doubles[:5]
    )
    return escape(_("This may be a double. Look at:")) + Markup(" ") + links


class CustomerApi(ModelApi):
    """Customers for programs, by the rules of the screen."""

    view = CustomerView
    resource_name = "customers"
    class_permission_name = SUBJECT
    list_columns: ClassVar[list[str]] = [
        *(
            "id",
            "version",
            "code",
            "kind",
            "name",
            "first_name",
            "last_name",
            "company_name",
            "national_id",
            "legal_id",
        ),
        *("mobile", "phone", "city", "is_customer", "is_supplier", "is_dealer", "is_active", "department", "owner"),
    ]
    show_columns: ClassVar[list[str]] = [
        *list_columns,
        *("economic_code", "registration_no", "email", "province", "postal_code", "address", "latitude", "longitude"),
        *("credit_limit_rials", "price_list", "registered_on", "note"),
    ]
