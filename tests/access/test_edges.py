"""What the table of routes cannot say: tokens and cookies, forged forms, rows of others in one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.core.feature import Role
from tests.access import bodies
from tests.access.probing import METHODS, REFUSALS, Probe, Prober, methods_of, path_of, probes
from tests.access.routes import ROUTES, Door
from tests.access.world import ADMIN, Place, World

SELLER, REP = Role.SALES.value, Role.REP.value
NO_PAGE_OF_OURS = {"SecurityApi.login", "SecurityApi.refresh"}


def pages(world: World, methods: tuple[str, ...], *, program: bool) -> Iterator[tuple[Probe, str]]:
    """The administrator's probes of every page (or API), with the address of each."""
    for probe in probes(world):
        route = probe.route
        if probe.person != ADMIN or route.door is Door.PUBLIC or probe.method not in methods:
            continue
        if route.program is program and (probe.row is None or probe.row.place is Place.MINE):
            values = dict(route.values) | ({route.key: probe.row.id} if probe.row and route.key else {})
            yield probe, path_of(world.app, probe.endpoint.partition("#")[0], values)


def test_no_form_is_taken_without_the_token_of_its_page(prober: Prober, world: World) -> None:
    taken = []
    for probe, url in pages(world, ("POST", "PUT", "DELETE"), program=False):
        with prober.undone():
            prober.written.clear()
            sent = probe.route.send(world, ADMIN, probe.row) if probe.route.send else {}
            how: dict[str, Any] = {"json" if probe.route.as_json else "data": sent}
            answer = world.browsers[ADMIN].open(url, method=probe.method, csrf=False, **how)
            if answer.status_code != 400 or prober.written:
                taken.append(f"{probe} {answer.status_code}")
    assert not taken


def test_the_interface_takes_no_cookie(prober: Prober, world: World) -> None:
    taken = []
    for probe, url in pages(world, METHODS, program=True):
        with prober.undone():
            answer = world.browsers[ADMIN].open(url, method=probe.method, json={} if probe.method != "GET" else None)
            if answer.status_code != 401:
                taken.append(f"{probe} {answer.status_code}")
    assert not taken


def test_no_page_takes_a_bearer_token(prober: Prober, world: World) -> None:
    taken = []
    for probe, url in pages(world, ("GET",), program=False):
        with prober.undone():
            answer = world.programs[ADMIN].get(url)
            if answer.status_code not in (302, 303, *REFUSALS) or prober.leaks("anonymous", answer):
                taken.append(f"{probe} {answer.status_code}")
    assert not taken


def test_a_token_counts_on_the_interface_and_not_the_cookie_beside_it(prober: Prober, world: World) -> None:
    hidden = world.row("customer", REP, Place.THEIRS)
    token = {"Authorization": f"Bearer {world.programs[REP].bearer}"}
    assert world.browsers[ADMIN].get(f"/api/v1/customers/{hidden.id}", headers=token).status_code in REFUSALS


@pytest.mark.parametrize("kind", ["customer", "invoice"])
@pytest.mark.parametrize("person", [SELLER, REP, Role.SUPERVISOR.value, Role.COLLECTOR.value])
def test_lists_count_only_what_is_seen(prober: Prober, world: World, person: str, kind: str) -> None:
    """No list, search, filter or sort brings a hidden row, nor its count."""
    hidden = world.row(kind, person, Place.THEIRS)
    screen = {"customer": "customers", "invoice": "invoices"}[kind]
    browser = world.browsers[person]
    department = world.ids["department:theirs"]
    addresses = [
        f"/{screen}/list/?q={hidden.key}",
        f"/{screen}/list/?f_department={department}",
        f"/{screen}/list/?f_owner={world.ids['stranger']}",
        f"/{screen}/list/?size=200",
        f"/search?q={hidden.key}&format=json",
        f"/invoices/editor/customers?q={hidden.key}",
    ]
    for address in addresses:
        answer = browser.get(address)
        assert prober.leaks(person, answer) == [], address
        assert f"/{screen}/show/{hidden.id}" not in answer.text


FORGED: tuple[tuple[str, str], ...] = (
    ("/customer-contacts/add", "contact"),
    ("/customer-phones/add", "phone"),
    ("/customer-addresses/add", "address"),
)


@pytest.mark.parametrize(("path", "body"), FORGED)
def test_nothing_is_hung_on_a_hidden_customer(prober: Prober, world: World, path: str, body: str) -> None:
    hidden = world.row("customer", SELLER, Place.THEIRS)
    sent = {**getattr(bodies, body)(world, SELLER, None), "customer": hidden.id}
    refused_and_nothing_changed(prober, world, SELLER, path, data=sent)


@pytest.mark.parametrize("person", [SELLER, REP])
@pytest.mark.parametrize("place", [Place.THEIRS, Place.ABOVE])
def test_no_row_is_made_in_or_sent_to_a_hidden_department(
    prober: Prober, world: World, person: str, place: Place
) -> None:
    own = world.row("customer", person, Place.MINE)
    sent = {**bodies.customer(world, person, own), "department": world.ids[f"department:{place}"]}
    refused_and_nothing_changed(prober, world, person, "/customers/add", data=sent)
    sent["version"] = own.version
    refused_and_nothing_changed(prober, world, person, f"/customers/edit/{own.id}", data=sent)


def test_an_own_row_is_not_given_away(prober: Prober, world: World) -> None:
    own = world.row("customer", REP, Place.MINE)
    sent = {**bodies.customer(world, REP, own), "owner": world.ids["stranger"], "version": own.version}
    refused_and_nothing_changed(prober, world, REP, f"/customers/edit/{own.id}", data=sent)


def test_no_program_makes_a_row_elsewhere(prober: Prober, world: World) -> None:
    sent = {**bodies.customer_json(world, SELLER, None), "department": world.ids["department:theirs"]}
    with prober.undone():
        prober.written.clear()
        answer = world.programs[SELLER].post("/api/v1/customers/", json=sent)
        assert answer.status_code in (403, 422)
        assert prober.fingerprint() == prober.before


@pytest.mark.parametrize("path", ["/invoices/editor/save", "/invoices/editor/{own}/save"])
def test_no_invoice_is_written_for_a_hidden_customer(prober: Prober, world: World, path: str) -> None:
    own, hidden = world.row("invoice", SELLER, Place.MINE), world.row("customer", SELLER, Place.THEIRS)
    sent = {**bodies.invoice(world, SELLER, own), "customer_id": hidden.id, "version": str(own.version)}
    refused_and_nothing_changed(prober, world, SELLER, path.format(own=own.id), json=sent)


def test_an_action_over_many_rows_takes_only_the_visible(prober: Prober, world: World) -> None:
    own, hidden = world.row("customer", SELLER, Place.MINE), world.row("customer", SELLER, Place.THEIRS)
    from app.core.db import db
    from app.crm.customers.models import Customer

    with prober.undone():
        sent = {"action": "deactivate", "rowid": [own.id, hidden.id]}
        assert world.browsers[SELLER].post("/customers/action_post", data=sent).status_code == 302
        active = {
            row.id: row.is_active for row in db.session.query(Customer).filter(Customer.id.in_([own.id, hidden.id]))
        }
        assert active == {own.id: False, hidden.id: True}


def test_a_job_over_hidden_rows_does_nothing_to_them(prober: Prober, world: World) -> None:
    hidden = world.row("invoice", SELLER, Place.THEIRS)
    with prober.undone():
        sent = {"action": "issue", "rowid": [hidden.id]}
        assert world.browsers[SELLER].post("/invoices/action_post", data=sent).status_code in REFUSALS
        assert prober.fingerprint() == prober.before


def test_a_taken_code_says_nothing_of_who_has_it(prober: Prober, world: World) -> None:
    from app.core.db import db
    from app.crm.customers.models import Customer

    hidden = world.row("customer", SELLER, Place.THEIRS)
    code = db.session.get_one(Customer, hidden.id).code
    db.session.remove()
    sent = {**bodies.customer(world, SELLER, None), "code": code}
    refused_and_nothing_changed(prober, world, SELLER, "/customers/add", data=sent)


def test_prices_do_not_tell_of_a_hidden_customers_list(prober: Prober, world: World) -> None:
    from app.core.db import db
    from app.crm.customers.models import Customer

    hidden = world.row("customer", SELLER, Place.THEIRS)
    with prober.undone():
        product = world.ids["product"]
        db.session.get_one(Customer, hidden.id).price_list_id = world.ids["price list"]
        db.session.commit()
        shown = [
            next(
                p
                for p in world.browsers[SELLER].get(f"/invoices/editor/products?{who}").json["results"]
                if p["id"] == product
            )
            for who in (f"customer_id={hidden.id}", "")
        ]
        assert shown[0]["price"] == shown[1]["price"]


def refused_and_nothing_changed(prober: Prober, world: World, person: str, path: str, **sent: Any) -> None:
    """A forged request answers 403, 404 or 422 and leaves the database as it was."""
    with prober.undone():
        answer = world.browsers[person].post(path, **sent)
        assert answer.status_code in (403, 404, 422), answer.status_code
        assert prober.leaks(person, answer) == []
        assert prober.fingerprint() == prober.before


def test_every_method_of_every_route_is_probed(probed_app: Flask, world: World) -> None:
    probed = {(p.endpoint.partition("#")[0], p.method) for p in probes(world)}
    routed = {(endpoint, method) for endpoint, methods in methods_of(probed_app).items() for method in methods}
    assert routed - probed == set()
    assert set(ROUTES) == {p.endpoint for p in probes(world)}
