"""Webhooks: told after the commit, signed, tried again, never inside the network."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from flask import Flask
from lxml import html

from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.feature import Role
from app.org.webhooks import sending
from app.org.webhooks.models import Delivery, DeliveryState, Webhook
from tests.factories.crm import CustomerFactory
from tests.factories.org import EmployeeFactory

SECRET = "the secret of the tests"


class Listener(HTTPServer):
    """A program that is told; it answers `status`."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.heard: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?x=1"


class _Answer(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1/elsewhere")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Says nothing."""


@pytest.fixture
def listener(committed_app: Flask) -> Iterator[Listener]:
    committed_app.config["WEBHOOK_PRIVATE"] = True
    server = Listener()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def hook(url: str, **values: Any) -> Webhook:
    made = Webhook(name="shop", url=url, subject="", event="", **values)
    sending.seal_secret(made, SECRET)
    db.session.add(made)
    db.session.commit()
    return made


def messages() -> list[Delivery]:
    db.session.expire_all()
    return db.session.query(Delivery).order_by(Delivery.id).all()


@pytest.mark.databases
def test_committed_change_arrives_signed_and_once(committed_app: Flask, listener: Listener) -> None:
    hook(listener.url)
    customer = CustomerFactory()
    db.session.commit()
    number = customer.id
    sending.deliver_due()
    sending.deliver_due()
    told = [(h, b) for h, b in listener.heard if json.loads(b)["table"] == "crm_customer"]
    ((headers, body),) = told
    message = json.loads(body)
    assert (message["subject"], message["event"], message["records"]) == ("crm.customers", "created", [number])
    moment, mark = (part.partition("=")[2] for part in headers["Kartabl-Signature"].split(","))
    assert mark == hmac.new(SECRET.encode(), f"{moment}.".encode() + body, "sha256").hexdigest()
    assert headers["Kartabl-Event"] == message["id"]
    assert {one.state for one in messages()} == {DeliveryState.SENT}


def test_rolled_back_change_is_not_told(committed_app: Flask, listener: Listener) -> None:
    hook(listener.url)
    CustomerFactory()
    db.session.rollback()
    assert messages() == []


def test_subject_and_event_choose(committed_app: Flask, listener: Listener) -> None:
    wants = hook(listener.url)
    wants.subject, wants.event = "crm.customers", "updated"
    db.session.commit()
    customer = CustomerFactory()
    db.session.commit()
    customer.note = "x"
    db.session.commit()
    (message,) = messages()
    assert (message.event, json.loads(message.body)["fields"]) == ("updated", ["note"])
    wants.is_active = False
    customer.note = "y"
    db.session.commit()
    assert len(messages()) == 1


def test_failure_is_tried_again_later_and_given_up_at_last(committed_app: Flask, listener: Listener) -> None:
    hook(listener.url)
    listener.status = 503
    CustomerFactory(owner=None)
    db.session.commit()
    db.session.query(Delivery).filter(Delivery.subject != "crm.customers").delete()
    db.session.commit()
    moment = clock.now()
    for place, wait in enumerate((*sending.WAITS, None), start=1):
        with clock.frozen(moment):
            sending.deliver_due()
            sending.deliver_due()
        (message,) = messages()
        assert (message.tries, message.status, message.error) == (place, 503, "HTTP 503")
        if wait is not None:
            assert message.next_at == moment + wait
            moment += wait
    assert message.state is DeliveryState.FAILED
    listener.status = 204
    sending.again(message)
    db.session.commit()
    sending.deliver_due()
    assert messages()[0].state is DeliveryState.SENT


def test_redirect_is_not_followed(committed_app: Flask, listener: Listener) -> None:
    hook(listener.url)
    listener.status = 302
    CustomerFactory()
    db.session.commit()
    sending.deliver_due()
    assert {one.error for one in messages()} == {"HTTP 302"}


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.0.0.8", "192.168.1.1", "169.254.169.254", "172.16.0.1", "[::1]", "[fd00::1]",
     "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433", "224.0.0.1"],
)  # fmt: skip
def test_nothing_inside_the_network_is_called(committed_app: Flask, listener: Listener, host: str) -> None:
    committed_app.config["WEBHOOK_PRIVATE"] = False
    url = f"http://{host}:{listener.server_port}/"
    with pytest.raises(sending.Refused, match="inside this network"):
        sending.post(url, b"{}", {})
    assert listener.heard == []


@pytest.mark.parametrize("url", ["", "x", "ftp://example.com/", "file:///etc/passwd", "https://u:p@example.com/"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        sending.check_url(url)


def test_only_the_administrator_sees_and_makes_them(as_user: Callable[..., Any], session: Any) -> None:
    for role in Role:
        browser = as_user(EmployeeFactory(role=role))
        assert browser.get("/webhooks/list/").status_code in {302, 403}
        assert browser.post("/webhooks/add", data={"name": "x", "url": "https://example.com"}).status_code in {302, 403}
    assert session.query(Webhook).count() == 0
    admin = as_user("admin")
    added = admin.post("/webhooks/add", data={"name": "Shop", "url": "https://example.com/a", "is_active": "y"})
    assert added.status_code == 302
    made = session.query(Webhook).one()
    shown = admin.get(added.location).text
    assert made.secret not in shown
    assert "shown only now" in shown or "فقط" in shown


def test_the_form_offers_modules_and_events_by_their_words(as_user: Callable[..., Any], session: Any) -> None:
    admin = as_user("admin")
    admin.get("/lang/en")
    page = html.fromstring(admin.get("/webhooks/add").text)
    offered = {
        name: {one.get("value"): one.text for one in page.xpath(f"//select[@name='{name}']/option")}
        for name in ("subject", "event")
    }
    assert offered["subject"][""] == "everything"
    assert offered["subject"]["crm.customers"] == "Customers"
    assert offered["event"]["issue"] == "Issue"
    sent = {"name": "Shop", "url": "https://example.com/a", "is_active": "y"}
    assert admin.post("/webhooks/add", data={**sent, "subject": "no.such"}).status_code == 422
    assert admin.post("/webhooks/add", data={**sent, "subject": "crm.customers", "event": "updated"}).status_code == 302
    made = session.query(Webhook).one()
    assert (made.subject, made.event) == ("crm.customers", "updated")
    listed = admin.get("/webhooks/list/").text
    assert "Customers" in listed
    assert "crm.customers" not in listed


def test_old_messages_go_after_a_month(committed_app: Flask, listener: Listener) -> None:
    hook(listener.url)
    CustomerFactory()
    db.session.commit()
    sending.deliver_due()
    sending.forget_old()
    assert messages()
    with clock.frozen(clock.now() + timedelta(days=31)):
        sending.forget_old()
    assert messages() == []
