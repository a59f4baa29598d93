"""The catalogue: the manifest. Products, prices and tax rates are three subjects."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import Entry, Feature, Role, SearchSource
from app.sales.catalog.models import (
    PriceList,
    PriceListItem,
    Product,
    ProductCategory,
    ProductPicture,
    ProductUnit,
    TaxRate,
    Unit,
)
from app.sales.catalog.seed import seed
from app.sales.catalog.services import PRICES, RATES
from app.sales.catalog.views import (
    CategoryView,
    PriceItemView,
    PriceListView,
    ProductApi,
    ProductUnitView,
    ProductView,
    TaxRateView,
    UnitView,
)

SEE = frozenset({"list", "show"})
WORK = SEE | {"add", "edit", "delete"}
SHEETS = frozenset({"import", "export"})

FEATURE = Feature(
    name="sales.catalog",
    label=_l("Products and services"),
    category="sales",
    entries=(
        Entry(ProductView, "Products", _l("Products and services"), "box-seam"),
        Entry(PriceListView, "Price lists", _l("Price lists"), "tags"),
        Entry(CategoryView, "Product groups", _l("Product groups"), "diagram-3"),
        Entry(UnitView, "Units of measure", _l("Units of measure"), "rulers"),
        Entry(TaxRateView, "Tax rates", _l("Tax rates"), "percent"),
        Entry(ProductUnitView),
        Entry(PriceItemView),
    ),
    apis=(
        ProductApi,
        *(
            api_of(view)
            for view in (ProductUnitView, CategoryView, UnitView, PriceListView, PriceItemView, TaxRateView)
        ),
    ),
    models=(Product, ProductUnit, ProductPicture, ProductCategory, Unit, PriceList, PriceListItem, TaxRate),
    actions=frozenset({"import", "export"}),
    grants={
        Role.MANAGER: WORK | SHEETS,
        Role.ACCOUNTANT: WORK | SHEETS,
        Role.SALES: SEE | {"export"},
        Role.TELEMARKETER: SEE,
        Role.SUPERVISOR: SEE,
        Role.REP: SEE,
        Role.COLLECTOR: SEE,
        Role.SECRETARY: SEE,
    },
    more_grants={
        PRICES: {
            Role.MANAGER: WORK | SHEETS,
            Role.ACCOUNTANT: WORK | SHEETS,
            Role.SALES: SEE | {"export"},
            Role.TELEMARKETER: SEE,
            Role.SUPERVISOR: SEE,
            Role.REP: SEE,
        },
        RATES: {
            Role.MANAGER: frozenset({"list", "show"}),
            Role.ACCOUNTANT: frozenset({"list", "show", "add", "edit"}),
        },
    },
    searches=(
        SearchSource(
            model=Product,
            label=_l("Products and services"),
            icon="box-seam",
            title=str,
            detail=lambda product: product.code,
            endpoint="ProductView.show",
        ),
    ),
    seed=seed,
)
