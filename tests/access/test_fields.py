"""What a role may not read shows on no surface, and what it may not change is changed by none."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from app.core import field_rights
from app.core.actor import FieldLevel
from app.core.db import db
from app.crm.customers.models import Customer
from app.finance.invoices.models import Invoice
from app.org.access.models import FieldRight
from tests.access import bodies
from tests.access.closed import (
    CITY,
    HIDDEN,
    MOBILE,
    NATIONAL_ID,
    NOTE,
    PAPER_NOTE,
    SECRETS,
    SELLER,
    Closed,
    close_fields,
)
from tests.access.probing import Probe, Prober, probes, text_of
from tests.access.world import ADMIN, Place, World

LEAST_SURFACES = 10
ON_PAPER = frozenset(
    {
        "PrintView.invoice",
        "PrintView.workbook",
        "ProformaEditor.paper",
        "PurchaseProformaEditor.paper",
        "OrderPrintView.pdf",
        "OrderPrintView.workbook",
    }
)
"""A document is printed whole or not at all: that is the right to print."""
FAB_WARNS = pytest.mark.filterwarnings("ignore:Yielding raw tuples", "ignore:The Query.get")


@pytest.fixture
def closed(prober: Prober, world: World) -> Iterator[Closed]:
    """The seller's role with closed fields, for one test."""
    with prober.undone():
        yield close_fields(world)


def own_probes(world: World, person: str = SELLER) -> list[Probe]:
    """What the seller may ask for of the own rows, and of no row."""
    found = [p for p in probes(world) if p.person == person and p.endpoint not in ON_PAPER]
    return [p for p in found if p.row is None or (p.row.place is Place.MINE and p.row.owner in (person, "everybody"))]


def shown(prober: Prober, chosen: list[Probe]) -> set[str]:
    """The endpoints whose answers show something hidden."""
    found = set()
    for probe in chosen:
        browser = prober.browser_of(probe)
        cookies = dict(browser._cookies)  # some routes sign out, choose a language, flash
        with prober.undone():
            text = text_of(prober.send(probe))
        browser._cookies = cookies
        found |= {f"{probe.method} {probe.endpoint}: {secret}" for secret in SECRETS if secret in text}
    return found


@FAB_WARNS
@pytest.mark.timeout(200)
def test_no_answer_to_the_seller_shows_a_hidden_field(prober: Prober, world: World, closed: Closed) -> None:
    found = shown(prober, own_probes(world))
    print(f"\nfield probes: {len(own_probes(world))}, {len(found)} leaks")
    assert found == set()


@FAB_WARNS
@pytest.mark.timeout(200)
def test_the_probes_find_a_field_that_is_shown(
    prober: Prober, world: World, closed: Closed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if every surface had forgotten to ask; and the administrator, who reads all, shows what a leak is."""
    monkeypatch.setattr("app.core.actor.Actor.field_level", lambda *_asked: FieldLevel.FULL)
    endpoints = {found.partition(":")[0] for found in shown(prober, own_probes(world))}
    print(f"\nfields open: {len(endpoints)} surfaces leak: {sorted(endpoints)}")
    assert len(endpoints) >= LEAST_SURFACES


SURFACES = {
    "a list": ("app.core.list_spec.may_read", lambda *_: True, "/customers/list/"),
    "a page": ("app.core.record_page.readable", lambda _model, names: list(names), "/customers/show/{customer}"),
    "a form": ("app.core.forms.ModelForm.close_fields", lambda *_: None, "/customers/edit/{customer}"),
    "a history": ("app.core.history.may_read", lambda *_: True, "/customers/show/{customer}"),
    "a search hit": ("app.core.views.seen", lambda record: record, "/search?q={key}&format=json"),
    "an export": ("app.core.sheets.as_allowed", lambda spec: spec, "/export/crm.customers"),
    "the interface": ("app.core.rest.readable", lambda _model, names: list(names), "/api/v1/customers/{customer}"),
    "a search by it": ("app.core.search.hides_words", lambda _model: False, f"/search?q={MOBILE[3:]}&format=json"),
}


@pytest.mark.parametrize("surface", SURFACES)
def test_one_surface_that_forgets_is_found(
    prober: Prober, world: World, closed: Closed, monkeypatch: pytest.MonkeyPatch, surface: str
) -> None:
    target, fault, path = SURFACES[surface]
    row = world.row("customer", SELLER, Place.MINE)
    url = path.format(customer=closed.customer_id, key=row.key)
    people = world.programs if url.startswith("/api") else world.browsers
    marks = (f"/customers/show/{row.id}",) if surface == "a search by it" else SECRETS
    sound = text_of(people[SELLER].get(url))
    assert not [mark for mark in marks if mark in sound]
    monkeypatch.setattr(target, fault)
    broken = text_of(people[SELLER].get(url))
    assert [mark for mark in marks if mark in broken]


def test_the_administrator_reads_them(prober: Prober, world: World, closed: Closed) -> None:
    page = world.browsers[ADMIN].get(f"/customers/show/{closed.customer_id}")
    assert NOTE in page.text
    assert CITY in page.text


@pytest.mark.parametrize(
    "path",
    [
        f"/search?q={MOBILE[3:]}&format=json",
        f"/search?q={NATIONAL_ID}&format=json",
        f"/customers/list/?q={MOBILE[3:]}",
        f"/customers/list/?q={NATIONAL_ID[:4]}",
        f"/invoices/editor/customers?q={MOBILE[3:]}",
        f"/customer-contacts/choices/customer?q={MOBILE[3:]}",
    ],
)
def test_a_hidden_number_finds_nothing(prober: Prober, world: World, closed: Closed, path: str) -> None:
    row = world.row("customer", SELLER, Place.MINE)
    name = world.row("customer", SELLER, Place.MINE).key
    assert name in world.browsers[ADMIN].get(path).text
    text = world.browsers[SELLER].get(path).text
    assert name not in text
    assert f"/customers/show/{row.id}" not in text


def test_what_may_be_read_is_still_found(prober: Prober, world: World, closed: Closed) -> None:
    row = world.row("customer", SELLER, Place.MINE)
    for path in (
        f"/search?q={row.key}&format=json",
        f"/customers/list/?q={row.key}",
        f"/customers/list/?q={row.key[:2]}",
    ):
        assert row.key in world.browsers[SELLER].get(path + row.key).text


def test_a_list_neither_filters_nor_sorts_by_a_hidden_field(prober: Prober, world: World, closed: Closed) -> None:
    row = world.row("customer", SELLER, Place.MINE)
    page = world.browsers[SELLER].get(f"/customers/list/?f_city=nowhere&q={row.key}").text
    assert row.key in page
    assert 'data-add-filter="city"' not in page
    assert 'data-add-filter="province"' in page
    for query in ("f_city=x", "f_credit_limit_rials_from=1", "sort=city"):
        assert world.programs[SELLER].get(f"/api/v1/customers/?{query}").status_code == 400
    refused = world.browsers[SELLER].get(f"/export/crm.customers?f_city={CITY}")
    assert refused.status_code >= 400


def test_the_form_changes_no_closed_field(prober: Prober, world: World, closed: Closed) -> None:
    row = world.row("customer", SELLER, Place.MINE)
    record = db.session.get_one(Customer, row.id)
    sent = {
        **bodies.customer(world, SELLER, row), "version": record.version,
        "mobile": "09120000000", "note": "forged", "city": "forged", "province": "forged", "code": "forged",
        "first_name": "Changed",
    }  # fmt: skip
    assert world.browsers[SELLER].post(f"/customers/edit/{row.id}", data=sent).status_code == 302
    after = db.session.get_one(Customer, row.id)
    assert (after.mobile, after.note, after.city, after.province) == (MOBILE, NOTE, CITY, "Fars")
    assert after.code != "forged"
    assert after.first_name == "Changed"


def test_a_new_row_takes_no_closed_field(prober: Prober, world: World, closed: Closed) -> None:
    sent = {**bodies.customer(world, SELLER, None), "note": "forged", "province": "forged", "email": "a@b.ir"}
    assert world.browsers[SELLER].post("/customers/add", data=sent).status_code == 302
    made = db.session.query(Customer).filter_by(name=sent["name"]).one()
    assert (made.note, made.province, made.email) == (None, None, None)


@pytest.mark.parametrize(("name", "code"), [("note", "unknown"), ("mobile", "unknown"), ("province", "read_only")])
def test_a_program_changes_no_closed_field(prober: Prober, world: World, closed: Closed, name: str, code: str) -> None:
    row = world.row("customer", SELLER, Place.MINE)
    answer = world.programs[SELLER].put(f"/api/v1/customers/{row.id}", json={name: "forged", "first_name": "x"})
    assert answer.status_code == 422
    assert [(e["path"], e["code"]) for e in answer.json["errors"]] == [(name, code)]
    assert db.session.get_one(Customer, row.id).first_name != "x"
    assert world.programs[SELLER].put(f"/api/v1/customers/{row.id}", json={"first_name": "x"}).status_code == 200
    assert db.session.get_one(Customer, row.id).note == NOTE


def test_a_file_goes_out_without_hidden_columns(prober: Prober, world: World, closed: Closed) -> None:
    book = load_workbook(io.BytesIO(world.browsers[SELLER].get("/export/crm.customers").data))
    heads = {str(cell.value) for cell in book.worksheets[0][1]}
    whole = load_workbook(io.BytesIO(world.browsers[ADMIN].get("/export/crm.customers").data))
    missing = {str(cell.value) for cell in whole.worksheets[0][1]} - heads
    assert len(missing) == len(HIDDEN["crm_customer"])


def test_an_import_changes_no_closed_field(prober: Prober, world: World, closed: Closed) -> None:
    row = world.row("customer", SELLER, Place.MINE)
    code = db.session.get_one(Customer, row.id).code
    out = _import(
        world, [("code", "first_name", "note", "city", "province"), (code, "Brought", "forged", "forged", "x")]
    )
    after = db.session.get_one(Customer, row.id)
    assert after.first_name == "Brought", out
    assert (after.note, after.city, after.province) == (NOTE, CITY, "Fars")


def test_an_imported_new_row_takes_no_closed_field(prober: Prober, world: World, closed: Closed) -> None:
    _import(world, [("code", "kind", "name", "note", "province"), ("zz-1", "person", "Brought In", "forged", "forged")])
    made = db.session.query(Customer).filter_by(name="Brought In").one()
    assert (made.note, made.province) == (None, None)
    assert made.code != "zz-1"


def _import(world: World, rows: list[tuple[Any, ...]]) -> Any:
    from app.core.actor import acting_as
    from app.core.sheets import sheet_named
    from app.org.security import load_actor
    from imports.apply import Order, run_import

    book = Workbook()
    for row in rows:
        book.active.append(row)
    path = world.app.config["DATA"] / "probe.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    actor = load_actor(world.user_ids[SELLER])
    assert actor is not None
    with acting_as(actor):
        report = run_import(path, Order(sheet_named("customers")))
    db.session.commit()
    db.session.expire_all()
    return report.as_json()


def test_the_invoice_editor_keeps_closed_fields(prober: Prober, world: World, closed: Closed) -> None:
    row = world.row("invoice", SELLER, Place.MINE)
    page = world.browsers[SELLER].get(f"/invoices/editor/{row.id}").text
    assert PAPER_NOTE not in page
    assert 'data-field="note"' not in page
    version = db.session.get_one(Invoice, row.id).version
    sent = {**bodies.invoice(world, SELLER, row), "version": str(version), "note": "forged", "due_on": "1409/01/01"}
    answer = world.browsers[SELLER].post(f"/invoices/editor/{row.id}/save", json=sent)
    assert answer.status_code == 200, answer.text
    after = db.session.get_one(Invoice, row.id)
    assert (after.note, after.due_on) == (PAPER_NOTE, None)


def test_a_change_bites_on_the_next_request(prober: Prober, world: World, closed: Closed) -> None:
    assert NOTE not in world.browsers[SELLER].get(f"/customers/show/{closed.customer_id}").text
    for right in db.session.query(FieldRight).filter_by(field="note", model="crm_customer"):
        db.session.delete(right)
    assert NOTE in world.browsers[SELLER].get(f"/customers/show/{closed.customer_id}").text


def test_a_key_is_closed_by_its_relation_and_a_property_by_its_parts() -> None:
    assert field_rights.field_name(Customer, "owner_id") == "owner"
    assert field_rights.field_name(Customer, "name_sort") == "name"
    assert "fiscal_year" in field_rights.fields_of(Invoice, "number_text")
    assert "payable_rials" in field_rights.fields_of(Invoice, "inbox_detail")
