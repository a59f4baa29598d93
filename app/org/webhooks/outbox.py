"""Putting changes into the outbox, in the transaction that makes them: told is what was committed.

A message names the records and the changed fields, no values: who is told reads them by the
interface, with the rights of its own key.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

from flask import Flask
from sqlalchemy import insert, inspect, literal, select

from app.core import clock
from app.core.audit import records_changed
from app.core.db import db
from app.core.feature import features_of
from app.core.ledger import Entry
from app.org.webhooks.models import Delivery, DeliveryState, Webhook

MOST_RECORDS = 500
"""Records in one message; a bulk road makes several."""
OWN = "org.webhooks"


def install(app: Flask) -> None:
    """Listen to changes of audited records; at every start."""
    subjects = {model.__tablename__: feature.name for feature in features_of(app) for model in feature.models}
    app.extensions["kartabl_webhook_subjects"] = {name: found for name, found in subjects.items() if found != OWN}
    records_changed.connect(_keep)


def _keep(model: type[Any], *, entries: Sequence[Entry], **_more: Any) -> None:
    from flask import current_app

    table = model.__tablename__
    subject = current_app.extensions.get("kartabl_webhook_subjects", {}).get(table)
    if subject is None:
        return
    told = _told(subject)
    for event in dict.fromkeys(entry.action for entry in entries) if told else ():
        if not told & {"", event}:
            continue
        chosen = [entry for entry in entries if entry.action == event]
        for start in range(0, len(chosen), MOST_RECORDS):
            _put(subject, event, table, chosen[start : start + MOST_RECORDS])


def _told(subject: str) -> set[str]:
    """The events of a subject that somebody wants to be told of; empty text means every one."""
    wanted = select(Webhook.event).where(Webhook.is_active, Webhook.subject.in_(["", subject])).distinct()
    return set(db.session.connection().scalars(wanted))


def _put(subject: str, event: str, table: str, entries: Sequence[Entry]) -> None:
    """One message for each address that wants it, by one statement."""
    now, event_id = clock.now(), str(uuid.uuid4())
    body = {
        "id": event_id, "subject": subject, "event": event, "table": table, "at": now.isoformat(),
        "records": [_own_id(entry) for entry in entries],
        "fields": sorted({name for entry in entries for name in json.loads(entry.changes) if name}),
    }  # fmt: skip
    values = {
        "event_id": event_id, "subject": subject, "event": event, "body": json.dumps(body), "tries": 0,
        "state": DeliveryState.WAITING, "made_at": now, "next_at": now, "error": "",
    }  # fmt: skip
    columns = inspect(Delivery).columns
    told = select(Webhook.id, *(literal(value, columns[name].type) for name, value in values.items())).where(
        Webhook.is_active, Webhook.subject.in_(["", subject]), Webhook.event.in_(["", event])
    )
    db.session.connection().execute(insert(Delivery).from_select(["webhook_id", *values], told))


def _own_id(entry: Entry) -> int:
    return int(entry.part.rpartition(":")[2]) if entry.part else entry.record_id
