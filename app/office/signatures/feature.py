"""Electronic signatures: the manifest."""

from __future__ import annotations

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l

from app.core import ports, public_pages
from app.core.fab import api_of
from app.core.feature import READ, WRITE, Entry, Feature, Inbox, Role
from app.office.signatures import queries, voiding
from app.office.signatures.models import (
    Signature,
    SignatureInk,
    SignatureScan,
    SignatureSlot,
    SignatureView,
    Signing,
)
from app.office.signatures.panels import account_panel, document_panel
from app.office.signatures.scan_workflow import GIVE, KEEP_STAMP, SCANS, SUBJECT
from app.office.signatures.signing import SIGN
from app.office.signatures.slots import seed_slots
from app.office.signatures.views.checks import CheckView
from app.office.signatures.views.scans import (
    LOG_SUBJECT,
    REGISTER_SUBJECT,
    OwnSignatureView,
    SignatureScanView,
    SignatureViewView,
)
from app.office.signatures.views.signing import SLOTS, SignatureSlotView, SigningView

# Everybody in the office may be asked to sign; a dealer is outside of it.
OFFICE = [role for role in Role if role is not Role.DEALER]


def _install(_app: Flask) -> None:
    ports.record_panels.register(account_panel)
    ports.record_panels.register(document_panel)
    public_pages.register("CheckView.start", "CheckView.page")
    voiding.install()


FEATURE = Feature(
    name=SUBJECT,
    label=_l("Electronic signatures"),
    category="org",
    entries=(
        Entry(SigningView, "Waiting for my signature", _l("Waiting for my signature"), "pen"),
        Entry(SignatureSlotView, "Places to sign", _l("Places to sign"), "ui-checks"),
        Entry(SignatureScanView, "Scanned signatures", _l("Scanned signatures"), "vector-pen"),
        Entry(SignatureViewView, "Looks at signatures", _l("Looks at signatures"), "eye"),
        Entry(OwnSignatureView),
        Entry(CheckView),
    ),
    apis=(api_of(SignatureSlotView),),
    models=(SignatureScan, SignatureInk, SignatureView, SignatureSlot, Signing, Signature),
    workflows=(SCANS,),
    grants={
        **{role: frozenset({"list", SIGN, GIVE}) for role in OFFICE},
        Role.MANAGER: frozenset({"list", SIGN, GIVE, KEEP_STAMP}),
    },
    more_grants={
        REGISTER_SUBJECT: {Role.MANAGER: frozenset({"list"})},
        SLOTS: {Role.MANAGER: WRITE, Role.ACCOUNTANT: READ},
        LOG_SUBJECT: {Role.MANAGER: frozenset({"list"})},
    },
    inboxes=(
        Inbox(
            name="signatures_waiting",
            label=_l("Waiting for my signature"),
            icon="pen",
            subject=SUBJECT,
            count=queries.waiting_count,
            rows=queries.waiting_documents,
            url=lambda: url_for("SigningView.waiting"),
        ),
    ),
    setup=_install,
    seed=seed_slots,
)
