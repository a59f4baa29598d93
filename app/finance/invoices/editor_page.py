"""What the page of an invoice shows: the document, what can be done with it, and its chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext as _

from app.core import levels, ports
from app.core.actor import require_current
from app.core.clock import today
from app.core.field_rights import may_read, may_write
from app.core.links import record_url, view_of
from app.core.record_page import steps
from app.finance.invoices import queries, services
from app.finance.invoices.kinds import POLICIES, TERM_LABELS, Terms
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import STATE_LABELS, InvoiceState
from app.finance.invoices.workflow import flow_of
from app.org.branches.queries import branches
from app.sales.documents import page
from app.sales.documents.tree import tree_of

if TYPE_CHECKING:
    from app.finance.invoices.editor import DocumentEditor


def head(editor: DocumentEditor, invoice: Invoice | None) -> dict[str, Any]:
    """What the page of any kind shows above the lines: title, state, steps, chain."""
    actor, policy = require_current(), POLICIES[editor.kind]
    state = invoice.state if invoice else InvoiceState.DRAFT
    is_draft = state is InvoiceState.DRAFT
    is_mine = is_draft and (invoice is None or levels.allows(levels.EDIT, invoice))
    offered = [step for step in steps(view_of(editor.listing), invoice) if step.needs_reason] if invoice else []
    issue = _offer(invoice, "issue")
    return {
        "title": _title(editor, invoice),
        "invoice": invoice,
        "editor": editor.endpoint,
        "kind_policy": policy,
        "read_only": not (is_mine and actor.can("edit" if invoice else "add", policy.subject)),
        "state": state.value,
        "state_label": STATE_LABELS[state],
        "steps": offered,
        "may_issue": issue is not None and issue.refusal is None,
        "above_level": issue.refusal if issue is not None and isinstance(issue.refusal, levels.LevelRefused) else None,
        "may_discard": invoice is not None and is_mine and actor.can("delete", policy.subject),
        "return_url": _return_url(editor, invoice),
        "panels": ports.record_panels.panels_for(invoice) if invoice else [],
        "record_actions": list(ports.record_actions.actions_for(type(invoice))) if invoice else [],
        "actor": actor,
        "today": today(),
        "chain": chain(invoice) if invoice else [],
        "family": tree_of(invoice) if invoice else None,
        "list_url": url_for(f"{editor.listing}.list") if actor.can("list", policy.subject) else "",
    }


def context(editor: DocumentEditor, invoice: Invoice | None) -> dict[str, Any]:
    """Everything that the editor of lines shows."""
    shared = head(editor, invoice)
    found = branches()
    return {
        **shared,
        "term_labels": TERM_LABELS,
        "instalments": Terms.INSTALMENTS.value,
        "branches": found if len(found) > 1 else [],
        "discount_text": page.discount_text(invoice),
        "additions": page.additions(invoice),
        "figures": page.figures(invoice),
        "hidden_fields": [name for name in services.LIMITABLE if not may_read(Invoice, name)],
        "closed_fields": [name for name in services.LIMITABLE if not may_write(Invoice, name)],
        "document": page.page_data(
            editor.endpoint,
            invoice,
            services.document_of(invoice) if invoice else {**page.BLANK},
            read_only=shared["read_only"],
            questions=("preview", "products", "resolve", "schedule"),
            own={"invoice_id": invoice.id} if invoice else {},
        ),
    }


def chain(invoice: Invoice) -> list[dict[str, Any]]:
    """The documents that belong to an invoice, each with what it is to it and its address."""
    found = [(_("Return of"), invoice.original), (_("Counter document of"), invoice.voids)]
    found += [(_("Voided by"), one) for one in queries.counter_documents(invoice)]
    found += [(_("Came back by"), one) for one in queries.returns_of(invoice)]
    return [
        {
            "relation": relation,
            "name": f"{POLICIES[one.kind].label} {one}",
            "url": record_url(one),
            "on": one.invoice_on,
            "payable_rials": one.payable_rials,
            "state": one.state,
            "reason": one.reason,
        }
        for relation, one in found
        if one is not None
    ]


def _offer(invoice: Invoice | None, name: str) -> Any:
    """A step that the actor may take in principle, or None."""
    if invoice is None:
        return None
    found = flow_of(invoice).available(invoice, require_current())
    return next((offer for offer in found if offer.transition.name == name), None)


def _return_url(editor: DocumentEditor, invoice: Invoice | None) -> str:
    """Where a return of an issued invoice begins; empty where nothing comes back."""
    policy = POLICIES[editor.kind]
    if invoice is None or policy.returned_as is None or not editor.returns_by:
        return ""
    may = require_current().can("add", POLICIES[policy.returned_as].subject)
    stands = invoice.state is InvoiceState.ISSUED and invoice.voids_id is None
    return url_for(f"{editor.returns_by}.new", invoice_id=invoice.id) if may and stands else ""


def _title(editor: DocumentEditor, invoice: Invoice | None) -> str:
    label = str(POLICIES[editor.kind].label)
    if invoice is None:
        return _("New: %(item)s", item=label)
    if invoice.number is None:
        return _("Draft: %(item)s", item=label)
    if invoice.voids_id is not None:
        return _("Counter document: %(item)s", item=f"{label} {invoice.number_text}")
    return f"{label} {invoice.number_text}"
