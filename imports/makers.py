"""How a record is made of nothing but its name, where a sheet names one that is not stored yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, select

from app.core.actor import Reach, require_current
from app.core.bulk import insert_columns, reserve_ids
from app.core.db import db
from app.core.digits import to_ascii
from app.core.errors import ScopeViolation
from app.core.scope import limiting_actor
from app.crm.customers.models import Customer, CustomerKind
from app.crm.customers.services import SUBJECT as CUSTOMERS
from app.org.departments.queries import home_department_id
from app.sales.catalog.models import PriceList, ProductCategory, Unit
from app.sales.catalog.services import PRICES, check_named
from app.sales.catalog.services import SUBJECT as CATALOG
from imports.specs.crm_customers import complete_new


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes records of names: `make(names, kind)` answers their ids in order and flushes.

    `subject` is where the right to add is asked for; `kinds` are those a person may choose from,
    with their labels.
    """

    subject: str
    make: Callable[[Sequence[str], str], list[int]]
    kinds: Mapping[str, Any] = field(default_factory=lambda: {"": _l("New record")})


def maker_of(model: type[Any]) -> Maker | None:
    """How records of a model are made of names; None where that takes a form."""
    return MAKERS.get(model)


def _customers(names: Sequence[str], kind: str) -> list[int]:
    actor, limited = require_current(), limiting_actor()
    reach = actor.reach(CUSTOMERS) if limited is not None else Reach.ALL
    home = home_department_id(actor)
    if actor.customer_id is not None or (reach is not Reach.ALL and home not in actor.department_ids):
        raise ScopeViolation(path="department_id")
    owner = actor.user_id if reach is Reach.OWN else None
    count = len(names)
    columns: dict[str, list[Any]] = {
        "name": list(names), "kind": [CustomerKind(kind)] * count,
        "department_id": [home] * count, "owner_id": [owner] * count,
    }  # fmt: skip
    complete_new(columns)
    columns["id"] = ids = list(reserve_ids(Customer, count))
    insert_columns(Customer, columns)
    return ids


def _named(model: type[Any]) -> Callable[[Sequence[str], str], list[int]]:
    """A maker of entries of a short reference list; words that are no code get the next number."""

    def make(names: Sequence[str], _kind: str) -> list[int]:
        taken = set(db.session.scalars(select(model.code)))
        most = inspect(model).columns["code"].type.length
        number = max((int(code) for code in taken if code.isascii() and code.isdigit()), default=0)
        records = []
        for name in names:
            code = to_ascii(name)
            if not code.isascii() or " " in code or len(code) > most or code in taken:
                number += 1
                code = str(number)
            taken.add(code)
            record = model(code=code, name=name)
            with db.session.no_autoflush:
                check_named(record)
            records.append(record)
        db.session.add_all(records)
        db.session.flush()
        return [record.id for record in records]

    return make


MAKERS: dict[type[Any], Maker] = {
    Customer: Maker(
        CUSTOMERS,
        _customers,
        {CustomerKind.COMPANY.value: _l("New company"), CustomerKind.PERSON.value: _l("New person")},
    ),
    ProductCategory: Maker(CATALOG, _named(ProductCategory)),
    Unit: Maker(CATALOG, _named(Unit)),
    PriceList: Maker(PRICES, _named(PriceList)),
}
