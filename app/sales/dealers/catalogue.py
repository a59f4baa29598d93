"""The catalogue as a dealer sees it: products that are sold, each with the dealer's own price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import joinedload

from app.core.clock import today
from app.core.db import db
from app.core.digits import to_ascii
from app.core.errors import NotFound
from app.core.search import matching_ids
from app.core.text import clean
from app.crm.customers.models import Customer
from app.sales.catalog.models import Product, ProductPicture
from app.sales.catalog.queries import Price
from app.sales.dealers import baskets
from app.sales.dealers.prices import own_prices

SIZE = 24
MOST_FOUND = 300


@dataclass(frozen=True, slots=True)
class Offer:
    """A product on the shelf: its price, if there is one, and how much of it lies in the basket."""

    product: Product
    price: Price | None
    quantity: Decimal | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the catalogue; `after` is the last product's id where more follow."""

    offers: tuple[Offer, ...]
    after: int | None


def shelf(dealer: Customer, *, text: str = "", after: int | None = None) -> Shelf:
    """Products by name, 24 a page, of those that fit `text` where it is given."""
    query = select(Product).where(Product.is_active)
    text = clean(text)[:100]
    if text:
        code = to_ascii(text)
        found = matching_ids(db.session(), Product, text, limit=MOST_FOUND)
        query = query.where(or_(Product.id.in_(found), Product.code == code, Product.barcode == code))
    if after is not None:
        last = select(Product.name_sort, Product.id).where(Product.id == after)
        if (place := db.session.execute(last).first()) is not None:
            query = query.where(tuple_(Product.name_sort, Product.id) > tuple_(*place))
    picture = joinedload(Product.picture).load_only(ProductPicture.id)
    query = query.order_by(Product.name_sort, Product.id).limit(SIZE + 1).options(joinedload(Product.unit), picture)
    products = db.session.scalars(query).all()
    shown = products[:SIZE]
    prices, held = own_prices(shown, dealer.id, today()), baskets.quantities()
    offers = tuple(Offer(one, prices.get(one.id), held.get(one.id)) for one in shown)
    return Shelf(offers, shown[-1].id if len(products) > SIZE else None)


def sold_product(product_id: int) -> Product:
    """A product that is sold. Raises NotFound."""
    query = select(Product).where(Product.id == product_id, Product.is_active).options(joinedload(Product.unit))
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(product_id=product_id)
    return found
