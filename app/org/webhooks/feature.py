"""Webhooks: the manifest. Nobody but the administrator says where data goes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.feature import Entry, Feature
from app.org.webhooks import outbox, sending  # noqa: F401 - its sweeps
from app.org.webhooks.models import Delivery, Webhook
from app.org.webhooks.views import DeliveryView, WebhookView

FEATURE = Feature(
    name="org.webhooks",
    label=_l("Webhooks"),
    category="org",
    entries=(
        Entry(WebhookView, "Webhooks", _l("Webhooks"), "broadcast"),
        Entry(DeliveryView, "Webhook messages", _l("Webhook messages"), "send"),
    ),
    models=(Webhook, Delivery),
    setup=outbox.install,
)
