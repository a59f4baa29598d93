"""What a valid request sends: enough for the route to work for somebody who may use it."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from typing import Any

from app.finance.invoices.returns import entry_of
from app.finance.invoices.services import open_invoice
from app.office.edit_levels import services as level_services
from app.org.access import services
from tests.access.world import ANONYMOUS, BOOK, NO_ROLE, Place, Row, World
from tests.factories import signatures

_numbers = itertools.count(1)
TERM = {"from_on": "1406/01/01", "until_on": "1406/01/05"}


def new(prefix: str) -> str:
    """A word that no row has yet."""
    return f"{prefix}{next(_numbers)}"


def workbook(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """An upload of customers."""
    return {"spec": "customers", "file": (io.BytesIO(BOOK), "probe.xlsx")}


def correction(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A cell of the probed workbook put right."""
    return {"cells": [{"row": 2, "column": "B", "text": "Corrected"}]}


def replacement(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A word of the probed workbook replaced."""
    return {"find": "o", "replace": "oo"}


def file_of_record(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A file to add to a record, for a page and for a program."""
    return {name: (io.BytesIO(b"probe"), "probe.txt") for name in ("files", "file")}


def note_of_record(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A note on a record."""
    return {"text": "probe"}


def nothing(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """An empty form."""
    return {}


def drawn(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A signature from a page's canvas."""
    return {"signature": signatures.drawn()}


def signature_slot(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A place to sign on proformas."""
    return {
        "subject": "sales.proformas", "form": "all", "label_fa": new("Probe "), "label_en": "Probe", "position": "9",
        "role": world.ids["role"], "needed": "1", "is_active": "y",
    }  # fmt: skip


def edit(body: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The body of a change: the same as of a new row, with the version of the page."""

    def make(world: World, person: str, row: Row | None) -> dict[str, Any]:
        return {**body(world, person, row), "version": str(row.version if row else "")}

    return make


def chosen(action: str) -> Callable[..., dict[str, Any]]:
    """A bulk action over the probed row."""

    def make(_world: World, _person: str, row: Row | None) -> dict[str, Any]:
        return {"action": action, "rowid": [str(row.id if row else 1)]}

    return make


def noted(_world: World, _person: str, row: Row | None) -> dict[str, Any]:
    """A sheet in which the note of the probed row is changed."""
    change = {"id": row.id, "version": str(row.version)} if row else {}
    return {"rows": [{"key": "probe", "cells": {"note": new("Probe ")}, **change}]}


def below_customer(lead: str, **cells: str) -> Callable[..., dict[str, Any]]:
    """A sheet with a new row below the customer of the person who probes."""

    def make(world: World, person: str, _row: Row | None) -> dict[str, Any]:
        customer = world.row("customer", person, Place.MINE)
        name = f"{customer.key} {customer.secret}"
        return {"rows": [{"key": "probe", "cells": {"customer": name, lead: new("Probe "), **cells}}]}

    return make


def own_customer(world: World, person: str) -> int:
    """The customer of the person who probes."""
    return world.row("customer", person, Place.MINE).id


def person_id(world: World, person: str) -> int:
    """The number of the person who probes."""
    return world.user_ids[NO_ROLE if person == ANONYMOUS else person]


def customer(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    place = world.ids["department:ours"]
    owner = person_id(world, person)
    return {
        "kind": "person",
        "name": new("Probe "),
        "is_customer": "y",
        "is_active": "y",
        "department": place,
        "owner": owner,
    }


def customer_json(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    return {
        "kind": "person",
        "name": new("Probe "),
        "department": world.ids["department:ours"],
        "owner": person_id(world, person),
    }


def contact(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    return {"customer": own_customer(world, person), "name": new("Probe ")}


def phone(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    return {"customer": own_customer(world, person), "label": new("Probe "), "number": "02188776655"}


def address(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    return {"customer": own_customer(world, person), "label": new("Probe "), "address": "Tehran"}


def delegation(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    return {"principal": person_id(world, person), "delegate": world.ids["stranger"], "reason": new("Probe "), **TERM}


def department(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"code": new("PD"), "name": "Probe", "position": "0", "is_active": "y"}


def post(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"code": new("PP"), "name": "Probe", "position": "0", "seats": "1"}


def holder(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"post": world.ids["post"], "employee": world.ids["colleague"], "from_on": "1405/06/01"}


def employee(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    name = new("probe")
    return {
        "first_name": "Probe",
        "last_name": name,
        "email": f"{name}@example.com",
        "username": name,
        "active": "y",
        "home_department": world.ids["department:ours"],
    }


def batch_print(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    """A print of one invoice that the person sees."""
    return {"output": "pdf", "rowid": str(world.row("invoice", person, Place.MINE).id)}


def print_settings(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """The print settings with another text."""
    choices = {"style": "company", "paper": "a4", "orientation": "portrait", "copies": "plain"}
    return {**choices, "foot_text": new("Probe ")}


def company(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"name": new("Probe ")}


def named(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"code": new("PN"), "name": new("Probe "), "position": "0", "is_active": "y"}


def api_key(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"name": new("Probe "), "days": "30", "networks": ""}


def webhook(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"name": new("Probe "), "url": f"https://example.com/{new('hook')}", "is_active": "y"}


def code_and_name(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"code": new("PC"), "name": new("Probe ")}


def category_json(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"code": new("PC"), "name": new("Probe "), "position": 0}


def unit(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"code": new("PU"), "name": new("Probe "), "decimals": "0", "is_active": "y"}


def product(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {
        "code": new("PG"),
        "name": new("Probe "),
        "kind": "goods",
        "unit": world.ids["unit"],
        "tax_class": "taxable",
        "is_active": "y",
    }


def product_json(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"code": new("PG"), "name": new("Probe "), "kind": "goods", "unit": world.ids["unit"]}


def product_unit(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"product": world.ids["product"], "unit": world.ids["unit"], "factor": "3"}


def price(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {
        "price_list": world.ids["price list"],
        "product": world.ids["product"],
        "unit": world.ids["unit of the product"],
        "price_rials": "5000",
        "from_on": "1400/01/01",
        "until_on": "1400/06/01",
    }


def tax_rate(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"kind": "vat", "code": new("pr"), "name": new("Probe "), "percent": "9", "from_on": "1406/01/01"}


def tax_memory(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A memory in use from a day that no probed invoice reaches."""
    return {**tax_memory_json(_world, _person, _row), "is_active": "y"}


def tax_memory_json(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    day = f"1420/{next(_numbers) % 12 + 1:02d}/01"
    codes = {"memory_id": "PROBE1", "economic_code": "10380284790", "invoice_type": "1", "pattern": "1"}
    return {**codes, "serial_from": "1", "from_on": day}


def send_window(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    number = next(_numbers)
    return {"from_on": f"14{20 + number % 10}/{number % 12 + 1:02d}/02", "warn_days": "3", "refuse_days": "9"}


def send_window_json(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {**send_window(_world, _person, _row), "warn_days": 3, "refuse_days": 9}


def new_password(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"password": "Probe-Pass-1!", "conf_password": "Probe-Pass-1!"}


LINE = {"description": "Probe", "quantity": "1", "unit_price": "1000", "taxes": []}


def invoice(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    head = {"customer_id": own_customer(world, person), "invoice_on": "1405/09/01", "policy": "line_floor"}
    return {**head, "lines": [LINE], "discounts": [], "additions": []}


def proforma(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    head = {"customer_id": own_customer(world, person), "policy": "line_floor"}
    return {**head, "lines": [LINE], "discounts": [], "additions": []}


def converted(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A conversion of all that is left."""
    return {"key": new("conversion-")}


def wanted(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A product for the basket of a dealer's person."""
    return {"product_id": next(row.id for row in world.rows if row.kind == "product"), "quantity": "2"}


def proforma_rules(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"valid_days": new("1"), "soon_days": "2"}


def work_stage(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A stage of production of every family."""
    return {"name": new("Probe "), "position": "9", "is_active": "y"}


def material(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A row of a bill of materials: the probed one the other way round."""
    return {"product": world.ids["component"], "component": world.ids["product"], "quantity": "2", "waste_percent": "1"}


def begun(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A line taken to its first stage."""
    return {"stage_id": str(world.ids["first stage"]), "people": "Probe"}


def ended(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A stage ended with nothing good and nothing lost."""
    return {"good": "0", "waste": "0"}


def used(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A material used that no bill foresees."""
    return {"component_id": str(world.ids["component"]), "quantity": "3"}


def purchase(world: World, person: str, row: Row | None) -> dict[str, Any]:
    return {**invoice(world, person, row), "supplier_number": new("P"), "is_confirmed": True}


def order(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    head = {"customer_id": own_customer(world, person), "order_on": "1405/09/01", "policy": "line_floor"}
    return {**head, "lines": [LINE], "discounts": [], "additions": [], "reason": "probe"}


def schedule(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"payable": "1000", "count": "3", "first_on": "1405/10/01", "months": "1"}


def coming_back(kind: str) -> Callable[..., dict[str, Any]]:
    """A return of what the probed return (or the person's own) is of."""

    def make(world: World, person: str, row: Row | None) -> dict[str, Any]:
        draft_id = (row or world.row(kind, person, Place.MINE)).id
        with world.app.app_context():
            draft = open_invoice(draft_id)
            return {**entry_of(draft), "id": None, "reason": new("Probe ")}

    return make


def preview(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"policy": "line_floor", "lines": [{"quantity": "2", "unit_price": "850", "taxes": []}]}


def texts(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"texts": ["Probe"]}


def demand(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A role that needs a second factor from now on."""
    return {"role": world.ids["free role"]}


def _seen(world: World, row: Row | None) -> str:
    """The mark of a role as its page shows it."""
    with world.app.app_context():
        return services.fingerprint(services.open_role(row.id if row else 1))


def new_role(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"title": new("Probe "), "purpose": "Probe"}


def role_rights(world: World, _person: str, row: Row | None) -> dict[str, Any]:
    return {"seen": _seen(world, row), "see:crm.customers": "all", "do": "crm.customers:edit"}


def role_fields(world: World, _person: str, row: Row | None) -> dict[str, Any]:
    return {"seen": _seen(world, row), "field:crm_customer.note": "hidden"}


def edit_level(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """A cell that names a role without people, up to another amount each time."""
    with world.app.app_context():
        seen = level_services.mark_of("finance.invoices")
    who = f"role:{world.ids['free role']}"
    return {"seen": seen, "state": "draft", "action": "issue", "who": who, "amount": str(1_000 + next(_numbers))}


def role_person(world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"person": str(world.ids["colleague"])}


def addition(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"name": new("pa"), "title": new("Probe "), "sign": "1", "position": "9", "is_active": "y"}


def fiscal_year(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    return {"year": str(1300 + next(_numbers) % 60)}


def receipt(world: World, person: str, row: Row | None) -> dict[str, Any]:
    """Cash of the person's own customer."""
    customer = world.row("customer", person, Place.MINE).id
    lines = [{"method": "cash", "amount": "5"}]
    return {"kind": "receipt", "customer_id": customer, "lines": lines, "version": str(row.version if row else "")}


def opening(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    """An opening balance of the person's own customer."""
    customer = world.row("customer", person, Place.MINE).id
    return {
        "customer": customer, "side": "debit", "amount_rials": "700", "booked_on": "1405/09/01", "reference": new("O"),
    }  # fmt: skip


def opening_row(world: World, person: str, _row: Row | None) -> dict[str, Any]:
    """A sheet with a new opening balance of the person's own customer."""
    customer = world.row("customer", person, Place.MINE)
    cells = {"customer": f"{customer.key} {customer.secret}", "side": "debit", "amount_rials": "700"}
    return {"rows": [{"key": "probe", "cells": {**cells, "booked_on": "1405/09/01", "reference": new("O")}}]}


def opening_json(world: World, person: str, row: Row | None) -> dict[str, Any]:
    """The same as a program sends it."""
    return {**opening(world, person, row), "amount_rials": 700, "booked_on": "2026-11-22"}


def write_off_limit(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """Another limit."""
    return {"write_off_limit_rials": str(1_000 + next(_numbers))}


def write_off_limit_json(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """The same as a program sends it."""
    return {"write_off_limit_rials": 1_000 + next(_numbers)}


def reason(_world: World, _person: str, _row: Row | None) -> dict[str, Any]:
    """Why a step is taken."""
    return {"reason": "probe"}
