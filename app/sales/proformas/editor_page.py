"""What the page of a proforma shows: the document, what can be done with it, revisions, links, answer, tree."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext as _

from app.core import levels, ports
from app.core.actor import require_current
from app.core.clock import today
from app.core.field_rights import may_read, may_write
from app.core.links import record_url, view_of
from app.core.record_page import steps
from app.org.branches.queries import branches
from app.sales.documents import page
from app.sales.documents.making import ways_from
from app.sales.documents.tree import tree_of
from app.sales.proformas import links, papers, queries, services
from app.sales.proformas.kinds import OFFERED, POLICIES, REVISABLE, STATE_LABELS, STATE_TONES, ProformaState
from app.sales.proformas.models import Proforma
from app.sales.proformas.rules import rules

if TYPE_CHECKING:
    from app.sales.proformas.editor import ProformaEditor


def context(editor: ProformaEditor, proforma: Proforma | None) -> dict[str, Any]:
    """Everything that the page shows."""
    state = proforma.state if proforma else ProformaState.DRAFT
    may_save = state is ProformaState.DRAFT and _can(editor, "edit" if proforma else "add")
    may_save = may_save and (proforma is None or levels.allows(levels.EDIT, proforma))
    found = branches()
    return {
        "title": _title(editor, proforma),
        "proforma": proforma,
        "editor": editor.endpoint,
        "kind_policy": POLICIES[editor.kind],
        "read_only": not may_save,
        "state_label": STATE_LABELS[state],
        "state_tone": STATE_TONES.get(state, "muted"),
        "today": today(),
        "valid_until": proforma.valid_until if proforma else today() + timedelta(days=rules().valid_days),
        "soon_days": rules().soon_days,
        "list_url": url_for(f"{editor.listing}.list") if _can(editor, "list") else "",
        "branches": found if len(found) > 1 and (proforma is None or proforma.number is None) else [],
        "discount_text": page.discount_text(proforma),
        "additions": page.additions(proforma),
        "figures": page.figures(proforma),
        "hidden_fields": [name for name in services.LIMITABLE if not may_read(Proforma, name)],
        "closed_fields": [name for name in services.LIMITABLE if not may_write(Proforma, name)],
        "document": page.page_data(
            editor.endpoint,
            proforma,
            services.document_of(proforma) if proforma else {**page.BLANK},
            read_only=not may_save,
            own={"proforma_id": proforma.id} if proforma else {},
        ),
        **(_stored(editor, proforma) if proforma else {"steps": [], "panels": [], "ways": [], "family": None}),
    }


def _stored(editor: ProformaEditor, proforma: Proforma) -> dict[str, Any]:
    """What only a stored proforma has."""
    is_draft = proforma.state is ProformaState.DRAFT
    may_send = _can(editor, "send") and not POLICIES[proforma.kind].is_bought
    return {
        "steps": steps(view_of(editor.listing), proforma),
        "ways": ways_from(editor.endpoint, proforma),
        "may_discard": is_draft and proforma.previous_id is None and _can(editor, "delete"),
        "may_revise": proforma.state in REVISABLE and _can(editor, "revise"),
        "may_link": may_send and proforma.state in (*OFFERED, ProformaState.ACCEPTED),
        "may_revoke": may_send,
        "is_shown": links.is_shown(proforma),
        "may_print": papers.has_paper() and _can(editor, "print"),
        "revisions": [(one, record_url(one)) for one in queries.revisions_of(proforma)],
        "family": tree_of(proforma),
        "panels": ports.record_panels.panels_for(proforma),
        "record_actions": [one for one in ports.record_actions.actions_for(type(proforma)) if _can(editor, one.action)],
    }


def _can(editor: ProformaEditor, action: str) -> bool:
    return require_current().can(action, POLICIES[editor.kind].subject)


def _title(editor: ProformaEditor, proforma: Proforma | None) -> str:
    label = str(POLICIES[editor.kind].label)
    if proforma is None:
        return _("New: %(item)s", item=label)
    if proforma.number is None:
        return _("Draft: %(item)s", item=label)
    return f"{label} {proforma.number_text}"
