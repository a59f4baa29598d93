"""Sending what waits in the outbox: signed, to public addresses only, again and later after a failure."""

from __future__ import annotations

import hmac
import http.client
import socket
import ssl
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from app.core import clock, vault
from app.core.db import db, writing
from app.core.errors import FieldError, Invalid
from app.core.schedule import every
from app.org.webhooks.models import Delivery, DeliveryState, Webhook

WAITS = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400))
AT_ONCE, SECONDS, CLAIM = 20, 10, timedelta(minutes=5)
KEEP = timedelta(days=30)
PURPOSE = "webhook"


class Refused(Exception):
    """The address may not be called, or did not answer; the message says why."""


def check_url(url: str) -> None:
    """Raises Invalid for what is no address to call."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or len(url) > 500:
        raise Invalid([FieldError("url", "address", _("Enter an address that begins with https://."))])


def public_address(host: str, port: int) -> str:
    """One address of a host, all of whose addresses are outside this network. Raises Refused."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise Refused(f"no such host: {error}") from error
    if not current_app.config["WEBHOOK_PRIVATE"]:
        inside = [one for one in found if not ip_address(one).is_global or ip_address(one).is_multicast]
        if inside:
            raise Refused("the address is inside this network")
    return sorted(found)[0]


def signature(secret: bytes, moment: int, body: bytes) -> str:
    """What stands in the header `Kartabl-Signature`."""
    mark = hmac.new(secret, f"{moment}.".encode() + body, "sha256").hexdigest()
    return f"t={moment},v1={mark}"


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of one request; the host is looked up once, and no redirect is followed. Raises Refused."""
    parts = urlsplit(url)
    host, is_safe = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_safe else 80)
    address = public_address(host, port)
    connection: Any = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        connection.sock = socket.create_connection((address, port), SECONDS)
        if is_safe:
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        return int(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def deliver(delivery: Delivery) -> None:
    """Send one message and note what came of it. Flushes nothing; the caller commits."""
    moment, body = int(clock.now().timestamp()), delivery.body.encode()
    delivery.tries += 1
    try:
        secret = vault.decrypt(delivery.webhook.secret, purpose=PURPOSE, owner=delivery.webhook.url)
        headers = {
            "Content-Type": "application/json", "User-Agent": "Kartabl", "Kartabl-Event": delivery.event_id,
            "Kartabl-Signature": signature(secret, moment, body),
        }  # fmt: skip
        delivery.status, delivery.error = post(delivery.webhook.url, body, headers), ""
        if not 200 <= delivery.status < 300:
            delivery.error = f"HTTP {delivery.status}"
    except (Refused, vault.Unreadable) as error:
        delivery.status, delivery.error = None, str(error)[:300]
    if not delivery.error:
        delivery.state, delivery.next_at = DeliveryState.SENT, None
    elif delivery.tries > len(WAITS):
        delivery.state, delivery.next_at = DeliveryState.FAILED, None
    else:
        delivery.next_at = clock.now() + WAITS[delivery.tries - 1]


@every(seconds=2)
def deliver_due() -> None:
    """The worker's postman; two of them never carry the same message."""
    due = (Delivery.state == DeliveryState.WAITING, Delivery.next_at <= clock.now())
    for number in db.session.scalars(select(Delivery.id).where(*due).order_by(Delivery.next_at).limit(AT_ONCE)).all():
        db.session.rollback()
        with writing():
            claim = update(Delivery).where(Delivery.id == number, *due).values(next_at=clock.now() + CLAIM)
            is_mine = db.session.execute(claim).rowcount == 1
            db.session.commit()
        if not is_mine:
            continue
        delivery = db.session.get_one(Delivery, number)
        _load = delivery.webhook.url
        deliver(delivery)
        with writing():
            db.session.commit()


@every(cron="20 3 * * *")
def forget_old() -> None:
    """Messages that arrived or were given up are kept for a month."""
    with writing():
        done = Delivery.state != DeliveryState.WAITING
        db.session.execute(delete(Delivery).where(done, Delivery.made_at < clock.now() - KEEP))
        db.session.commit()


def again(delivery: Delivery) -> None:
    """Send a message anew."""
    delivery.state, delivery.tries, delivery.next_at = DeliveryState.WAITING, 0, clock.now()


def seal_secret(webhook: Webhook, text: str) -> None:
    """Keep the secret that signs; bound to the address, so that another address needs another secret."""
    webhook.secret = vault.encrypt(text.encode(), purpose=PURPOSE, owner=webhook.url)
