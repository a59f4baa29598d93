"""Screens of the catalogue: products with units and pictures, price lists, tax rates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from flask import Response, abort, flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField

from app.core.db import db
from app.core.fab import ModelApi, ModelView, action, expose, has_access, permission_name
from app.sales.catalog import services
from app.sales.catalog.models import (
    PriceList,
    PriceListItem,
    Product,
    ProductCategory,
    ProductUnit,
    TaxRate,
    Unit,
)
from app.sales.catalog.pictures import set_picture
from app.sales.catalog.services import PRICES, RATES, SUBJECT

WORK: list[str] = ["can_list", "can_show", "can_add", "can_edit"]
PICTURE = "picture_file"


def picture_answer(product: Product) -> Response:
    """A product's picture as an answer, or its thumbnail with ?small=1; 404 where it has none."""
    picture = product.picture
    if picture is None:
        abort(404)
    response = Response(picture.thumbnail if request.args.get("small") else picture.content)
    response.mimetype = picture.media_type
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.set_etag(picture.sha256)
    response.make_conditional(request)
    return response


class ProductUnitView(ModelView):
    """Further units of a product, with their conversion."""

    model = ProductUnit
    class_permission_name = SUBJECT
    route_base = "/product-units"
    list_title = _l("Further units")
    item_title = _l("Unit of a product")
    icon = "box"
    list_columns = ("unit", "factor", "barcode")
    form_columns = ("product", "unit", "factor", "barcode")
    filter_columns = ("product",)
    labels: ClassVar[dict[str, Any]] = {"factor": _l("Base units in one"), "barcode": _l("Barcode")}

    def pre_add(self, item: ProductUnit) -> None:
        services.check_product_unit(item)

    pre_update = pre_add


class PriceItemView(ModelView):
    """Prices with the days they hold."""

    model = PriceListItem
    class_permission_name = PRICES
    route_base = "/prices"
    list_title = _l("Prices")
    item_title = _l("Price")
    icon = "cash"
    list_columns = ("product", "unit", "price_list", "price_rials", "from_on", "until_on")
    form_columns = ("price_list", "product", "unit", "price_rials", "from_on", "until_on")
    filter_columns = ("price_list", "product", "from_on", "price_rials")
    labels: ClassVar[dict[str, Any]] = {"price_list": _l("Price list")}

    def pre_add(self, item: PriceListItem) -> None:
        services.check_price(item)

    pre_update = pre_add


class ProductView(ModelView):
    """Products and services; never deleted, but taken out of use."""

    model = Product
    class_permission_name = SUBJECT
    route_base = "/products"
    list_title = _l("Products and services")
    item_title = _l("Product")
    icon = "box-seam"
    base_permissions: ClassVar[list[str]] = WORK
    method_permission_name: ClassVar[dict[str, str]] = {"deactivate": "edit"}
    list_columns = ("name", "code", "category", "unit", "price_rials", "tax_class", "is_active")
    sort_columns = ("name", "code")
    default_sort = "name"
    filter_columns = ("kind", "category", "unit", "tax_class", "is_active", "price_rials")
    form_sections = (
        (_l("Product"), ("code", "name", "kind", "category", "barcode", PICTURE)),
        (_l("Unit and price"), ("unit", "price_rials")),
        (_l("Tax"), ("tax_code", "tax_class", "duty_code", "charge_code")),
        (_l("Care"), ("is_active", "note")),
    )
    show_sections = (
        (_l("Product"), ("code", "name", "kind", "category", "barcode")),
        (_l("Unit and price"), ("unit", "price_rials")),
        (_l("Tax"), ("tax_code", "tax_class", "duty_code", "charge_code")),
        (_l("Care"), ("is_active", "note")),
    )
    template_folder = str(Path(__file__).parent / "templates")
    show_template = "catalog/product.html"
    add_form_extra_fields: ClassVar[dict[str, Any]] = {PICTURE: FileField(_l("Picture"))}
    edit_form_extra_fields = add_form_extra_fields
    related_views: ClassVar[list[Any]] = [ProductUnitView, PriceItemView]
    labels: ClassVar[dict[str, Any]] = {
        "barcode": _l("Barcode"),
        "category": _l("Group"),
        "tax_code": _l("Tax system's identifier"),
        "tax_class": _l("VAT"),
        "duty_code": _l("Code of the other duty"),
        "charge_code": _l("Code of the other legal charge"),
        PICTURE: _l("Picture"),
    }

    def pre_add(self, item: Product) -> None:
        services.check_product(item)

    pre_update = pre_add

    def service_add(self, record: Product, form: Any) -> None:
        db.session.add(record)
        self.service_edit(record, form)

    def service_edit(self, record: Product, form: Any) -> None:
        """Keep a picture that was sent along."""
        sent = form[PICTURE].data if PICTURE in form else None  # programs send none
        if sent is not None and getattr(sent, "filename", None):
            set_picture(record, sent.read())

    @expose("/picture/<pk>")
    @has_access
    @permission_name("show")
    def picture(self, pk: str) -> Any:
        """The product's picture, or its thumbnail with ?small=1; safe to keep by its hash."""
        return picture_answer(self.find(pk))

    @action("deactivate", _l("Take out of use"), _l("Take the chosen products out of use?"), "box")
    def deactivate(self, products: Sequence[Product]) -> None:
        for product in products:
            services.update_product(product, is_active=False)
        flash(_("The chosen products are out of use."), "success")


class _NamedView(ModelView):
    """Short lists with a code and a name."""

    base_permissions: ClassVar[list[str]] = WORK

    def pre_add(self, item: Any) -> None:
        services.check_named(item)

    pre_update = pre_add


class UnitView(_NamedView):
    model = Unit
    class_permission_name = SUBJECT
    route_base = "/units"
    list_title = _l("Units of measure")
    item_title = _l("Unit of measure")
    icon = "rulers"
    list_columns = ("code", "name", "moadian_code", "decimals", "is_active")
    form_columns = ("code", "name", "moadian_code", "decimals", "is_active")
    labels: ClassVar[dict[str, Any]] = {"moadian_code": _l("Code in the tax system"), "decimals": _l("Decimals")}


class CategoryView(_NamedView):
    model = ProductCategory
    class_permission_name = SUBJECT
    route_base = "/product-groups"
    list_title = _l("Product groups")
    item_title = _l("Product group")
    icon = "diagram-3"
    default_sort = "tree_order"
    list_columns = ("indented", "code")
    form_columns = ("code", "name", "parent", "position")
    labels: ClassVar[dict[str, Any]] = {"indented": _l("Group"), "parent": _l("Below")}


class PriceListView(_NamedView):
    model = PriceList
    class_permission_name = PRICES
    route_base = "/price-lists"
    list_title = _l("Price lists")
    item_title = _l("Price list")
    icon = "tags"
    method_permission_name: ClassVar[dict[str, str]] = {"make_base": "edit"}
    list_columns = ("code", "name", "is_base", "prices_include_tax", "is_active")
    form_columns = ("code", "name", "prices_include_tax", "is_active")
    related_views: ClassVar[list[Any]] = [PriceItemView]
    labels: ClassVar[dict[str, Any]] = {
        "is_base": _l("Base list"),
        "prices_include_tax": _l("Prices include tax"),
    }

    @action("make_base", _l("Make the base list"), _l("Use this list wherever none is named?"), "star", multiple=False)
    def make_base(self, price_lists: Sequence[PriceList]) -> None:
        """The one list that holds where no other is named."""
        services.make_base(price_lists[0])
        flash(_("“%(name)s” is the base list now.", name=price_lists[0].name), "success")


class TaxRateView(ModelView):
    """Dated rates; a rate that has held is not deleted, a new row follows it."""

    model = TaxRate
    class_permission_name = RATES
    route_base = "/tax-rates"
    list_title = _l("Tax rates")
    item_title = _l("Tax rate")
    icon = "percent"
    base_permissions: ClassVar[list[str]] = WORK
    list_columns = ("name", "kind", "code", "percent", "from_on")
    form_columns = ("kind", "code", "name", "percent", "from_on")
    optional_columns = frozenset({"code"})
    labels: ClassVar[dict[str, Any]] = {"percent": _l("Percent")}
    description_columns: ClassVar[dict[str, Any]] = {"code": _l("Left empty, the general rate of its kind.")}

    def pre_add(self, item: TaxRate) -> None:
        services.check_rate(item)

    pre_update = pre_add


class ProductApi(ModelApi):
    """Products for programs, by the rules of the screen."""

    view = ProductView
    resource_name = "products"
    class_permission_name = SUBJECT
    list_columns: ClassVar[list[str]] = [
        *("id", "version", "code", "kind", "name", "barcode", "category", "unit", "tax_code", "tax_class"),
        *("price_rials", "is_active"),
    ]
    show_columns: ClassVar[list[str]] = [*list_columns, "duty_code", "charge_code", "note"]
    add_columns: ClassVar[list[str]] = [
        *("code", "kind", "name", "barcode", "category", "unit", "tax_code", "tax_class"),
        *("duty_code", "charge_code", "price_rials", "is_active", "note"),
    ]
    edit_columns = add_columns
