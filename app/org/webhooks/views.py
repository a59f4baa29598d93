"""The administrator's screens of webhooks and of what was sent."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect
from wtforms import SelectField, URLField

from app.core.fab import ModelView, action
from app.core.workflow import Workflow
from app.org.access import matrix
from app.org.webhooks import sending
from app.org.webhooks.models import Delivery, Webhook

SUBJECT = "org.webhooks"
CHANGES = {"created": _l("created"), "updated": _l("changed"), "deleted": _l("deleted")}


def _subjects() -> list[tuple[str, str]]:
    """What can be told of: every module, by the words of the menu."""
    told = [(module.subject, str(module.label)) for module in matrix.modules() if module.subject != SUBJECT]
    return [("", _("everything")), *told]


def _events() -> list[tuple[str, str]]:
    """What can happen to a record: the three changes, and every step of a workflow."""
    steps = {step.name: step.label for flow in Workflow.all() for step in flow.transitions.values()}
    return [("", _("anything")), *((name, str(label)) for name, label in {**CHANGES, **steps}.items())]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


class DeliveryView(ModelView):
    """What was sent where, and what came of it."""

    model = Delivery
    class_permission_name = SUBJECT
    route_base = "/webhook-deliveries"
    list_title, item_title, icon = _l("Webhook messages"), _l("Webhook message"), "send"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_again"]
    list_columns = ("webhook", "subject", "event", "state", "tries", "status", "error", "made_at", "next_at")
    sort_columns = ("made_at",)
    default_sort = "-made_at"
    filter_columns = ("webhook",)
    form_columns = ("event",)
    show_sections = ((_l("Webhook message"), (*list_columns, "event_id", "body")),)
    labels: ClassVar[dict[str, Any]] = {
        "webhook": _l("Webhook"), "subject": _l("Subject"), "event": _l("Event"), "tries": _l("Tries"),
        "status": _l("Answer"), "error": _l("Error"), "made_at": _l("Made"), "next_at": _l("Next try"),
        "event_id": _l("Number of the event"), "body": _l("Content"), "state": _l("State"),
    }  # fmt: skip

    @action("again", _l("Send again"), _l("Send the chosen messages again?"), "arrow-repeat")
    def again(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            sending.again(delivery)
        flash(_("The messages wait for the next delivery."), "success")


class WebhookView(ModelView):
    """Addresses that are told of changes."""

    model = Webhook
    class_permission_name = SUBJECT
    route_base = "/webhooks"
    list_title, item_title, icon = _l("Webhooks"), _l("Webhook"), "broadcast"
    list_columns = ("name", "url", "subject", "event", "is_active")
    sort_columns = ()
    filter_columns = ("is_active",)
    form_columns = ("name", "url", "subject", "event", "is_active")
    optional_columns = frozenset({"subject", "event"})
    related_views: ClassVar[list[Any]] = [DeliveryView]
    labels: ClassVar[dict[str, Any]] = {"url": _l("Address"), "subject": _l("Subject"), "event": _l("Event")}
    formatters_columns: ClassVar[dict[str, Any]] = {
        "subject": lambda value: dict(_subjects()).get(value, value),
        "event": lambda value: dict(_events()).get(value, value),
    }
    add_form_extra_fields: ClassVar[dict[str, Any]] = {
        "url": URLField(_l("Address"), render_kw={"class": "form-control", "dir": "ltr", "required": True}),
        "subject": SelectField(
            _l("Subject"), choices=_subjects, coerce=_text, default="", render_kw={"class": "form-select"}
        ),
        "event": SelectField(
            _l("Event"), choices=_events, coerce=_text, default="", render_kw={"class": "form-select"}
        ),
    }
    edit_form_extra_fields = add_form_extra_fields

    def pre_add(self, item: Webhook) -> None:
        self.pre_update(item)

    def pre_update(self, item: Webhook) -> None:
        """Another address gets another secret: whoever had the first must not read what the second is sent."""
        item.subject, item.event = item.subject or "", item.event or ""
        sending.check_url(item.url)
        if inspect(item).attrs.url.history.has_changes():
            g.kartabl_webhook_secret = secrets.token_urlsafe(32)
            sending.seal_secret(item, g.kartabl_webhook_secret)

    def post_add(self, item: Webhook) -> None:
        text = g.pop("kartabl_webhook_secret", None)
        if text is None:
            return
        flash(_("Secret of “%(name)s”, shown only now: %(secret)s", name=item.name, secret=text), "warning")

    post_update = post_add
