"""What is done with proformas: save a draft, make a revision, discard. Services flush and never commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import flag_modified

from app.core.actor import require_current
from app.core.clock import today
from app.core.db import db
from app.core.errors import DomainError, NotFound, StaleVersion
from app.core.field_rights import may_write, seen
from app.sales.documents import conversions
from app.sales.documents.entry import Reader
from app.sales.documents.filling import adjustment_entries, line_entry, place_lines
from app.sales.proformas.entry import ProformaEntry, read_entry
from app.sales.proformas.kinds import POLICIES, ProformaKind, ProformaState
from app.sales.proformas.models import CLASS_OF, Proforma, ProformaAdjustment, ProformaLine, ProformaLineTax
from app.sales.proformas.rules import rules
from app.sales.proformas.workflow import flow_of, revising

LIMITABLE = ("reference", "note")
"""What of an entry a role may have no right to change; then it stays as it is."""
HEAD = (
    "kind", "branch_id", "fiscal_year", "number", "reference", "customer_id", "customer_name", "proforma_on",
    "valid_until", "note", "prices_include_tax", "department_id", "owner_id",
)  # fmt: skip
"""What a revision takes over from the one before."""


class ProformaFrozen(DomainError):
    """The proforma is not a draft any more; see `revise`."""

    code = "frozen"
    default_message = _l("This proforma is no draft any more. Make a new revision of it.")


class RevisionKept(DomainError):
    """A draft that stands for an older revision is not discarded."""

    code = "revision_kept"
    default_message = _l("This draft stands for an older revision. Cancel it instead of discarding it.")


def open_proforma(proforma_id: int, *, for_change: bool = False) -> Proforma:
    """One visible proforma with its lines. Raises NotFound; locked on PostgreSQL for a change."""
    query = (
        select(Proforma)
        .where(Proforma.id == proforma_id)
        .options(selectinload(Proforma.lines).selectinload(ProformaLine.taxes), selectinload(Proforma.adjustments))
    )
    if for_change:
        query = query.with_for_update(of=Proforma).execution_options(populate_existing=True)
    proforma = db.session.scalars(query).one_or_none()
    if proforma is None:
        raise NotFound(proforma_id=proforma_id)
    return proforma


def save_draft(data: Mapping[str, Any], *, kind: ProformaKind, proforma_id: int | None = None) -> Proforma:
    """A draft made or changed from an entry; `data["version"]` guards against a stale save.

    Raises Invalid with every bad field, StaleVersion, ProformaFrozen, MoreThanLeft (made from an
    order), NotFound, NotAllowed.
    """
    actor = require_current()
    if proforma_id is None:
        actor.require("add", POLICIES[kind].subject)
        proforma = CLASS_OF[kind](state=ProformaState.DRAFT, owner_id=actor.user_id)
    else:
        proforma = open_proforma(proforma_id, for_change=True)
        actor.require("edit", POLICIES[proforma.kind].subject)
        if proforma.state is not ProformaState.DRAFT:
            raise ProformaFrozen(proforma=proforma)
        if str(data.get("version") or "") != str(proforma.version):
            raise StaleVersion(proforma=proforma)
    kept = _fill(proforma, read_entry(data, kind=proforma.kind or kind))
    db.session.add(proforma)
    db.session.flush()
    conversions.lines_saved(proforma, kept)
    return proforma


def revise(proforma_id: int) -> Proforma:
    """A new draft with the same number and the next revision; the old one is superseded.

    What the old one had taken of its order, the new one takes, and where that had been given back
    already it is taken again. Raises IllegalTransition, GuardRefused (an invoice of it stands),
    MoreThanLeft, NotConvertible, NotAllowed, NotFound.
    """
    old, actor = open_proforma(proforma_id, for_change=True), require_current()
    actor.require("revise", POLICIES[old.kind].subject)
    with revising():
        flow_of(old).apply(old, "supersede", actor=actor)
    new = type(old)(
        **{name: getattr(old, name) for name in HEAD if name != "kind"},
        state=ProformaState.DRAFT,
        revision=old.revision + 1,
        previous_id=old.id,
    )
    if new.valid_until < today():
        new.proforma_on, new.valid_until = today(), today() + timedelta(days=rules().valid_days)
    body = Reader(_terms_of(old)).body()
    if body is None:  # what was stored once is read again
        raise ProformaFrozen(proforma=old)
    place_lines(new, body, ProformaLine, ProformaLineTax, ProformaAdjustment)
    db.session.add(new)
    db.session.flush()
    conversions.move(old, new, {one.id: line for one, line in zip(old.lines, new.lines, strict=True)})
    return new


def discard_draft(proforma_id: int) -> None:
    """A first draft removed. Raises ProformaFrozen, RevisionKept, NotFound, NotAllowed."""
    proforma = open_proforma(proforma_id, for_change=True)
    require_current().require("delete", POLICIES[proforma.kind].subject)
    if proforma.state is not ProformaState.DRAFT:
        raise ProformaFrozen(proforma=proforma)
    if proforma.previous_id is not None:
        raise RevisionKept(proforma=proforma)
    conversions.release(proforma)
    db.session.delete(proforma)
    db.session.flush()


def document_of(proforma: Proforma) -> dict[str, Any]:
    """The proforma as an entry again: what the editor opens."""
    shown = seen(proforma)
    return {
        **_terms_of(proforma),
        "version": str(proforma.version),
        "customer_id": proforma.customer_id,
        "proforma_on": proforma.proforma_on.isoformat(),
        "valid_until": proforma.valid_until.isoformat(),
        "reference": shown.reference or "",
        "note": shown.note or "",
        "prices_include_tax": proforma.prices_include_tax,
        "branch_id": proforma.branch_id,
    }


def _terms_of(proforma: Proforma) -> dict[str, Any]:
    return {
        "policy": proforma.policy.value,
        "lines": [line_entry(line) for line in proforma.lines],
        **adjustment_entries(proforma.adjustments),
    }


def _fill(proforma: Proforma, entry: ProformaEntry) -> dict[int, Any]:
    proforma.customer, proforma.customer_name = entry.customer, entry.customer.name
    proforma.proforma_on, proforma.valid_until = entry.proforma_on, entry.valid_until
    if proforma.number is None:  # a number belongs to its branch
        proforma.branch = entry.branch
    for name in LIMITABLE:
        if may_write(Proforma, name):
            setattr(proforma, name, getattr(entry, name))
    proforma.prices_include_tax = entry.prices_include_tax
    if proforma.department_id is None:
        proforma.department_id = require_current().home_department_id or entry.customer.department_id
    if proforma.id is not None:
        flag_modified(proforma, "customer_name")  # a change of lines alone is a new version too
    return place_lines(proforma, entry.body, ProformaLine, ProformaLineTax, ProformaAdjustment)
