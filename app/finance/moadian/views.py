"""Screens of the tax system: the queue of documents, and the settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from app.core import jobs
from app.core.actor import require_current
from app.core.db import db
from app.core.fab import ModelView, action, expose, has_access, permission_name
from app.finance.moadian import queries, services
from app.finance.moadian.jobs import send_documents
from app.finance.moadian.models import SendWindow, TaxDocument, TaxMemory
from app.finance.moadian.sending import file_name, zipped
from app.finance.moadian.workflow import DOCUMENT_FLOW, SUBJECT

SETTINGS = "finance.moadian_settings"
TELLING = (
    *("sstid", "sstt", "am", "mu", "fee", "prdis", "dis", "adis", "vra", "vam", "odam", "olam", "tsstam"),
)  # fmt: skip
"""The fields of a line that a page shows."""


class TaxDocumentView(ModelView):
    """Every document that the tax system was or will be told, and what became of it."""

    model = TaxDocument
    class_permission_name = SUBJECT
    route_base = "/moadian/tax-documents"
    list_title = _l("Documents for the tax system")
    item_title = _l("Document for the tax system")
    icon = "file-earmark-check"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_send"]
    method_permission_name: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("write", "mark_sent", "accept", "amend"), "send"),
        "archive": "show",
    }
    list_columns = ("tax_id", "invoice", "subject", "total_rials", "issued_on", "state", "error")
    sort_columns = ("issued_on", "tax_id")
    default_sort = "-issued_on"
    filter_columns = ("state", "subject", "issued_on", "tax_id", "memory_id")
    form_columns = ("tax_id",)
    show_sections = (
        (_l("Document"), ("tax_id", "serial_text", "subject", "earlier", "invoice", "sale")),
        (_l("Standing"), ("state", "error", "attempts", "total_rials", "issued_on", "memory_id", "created_at")),
    )
    show_template = "moadian/document.html"
    labels: ClassVar[dict[str, Any]] = {
        "tax_id": _l("Tax ID"),
        "serial_text": _l("Serial of the memory"),
        "subject": _l("Subject of the document"),
        "earlier": _l("Speaks of"),
        "invoice": _l("Invoice"),
        "sale": _l("Sale"),
        "total_rials": _l("Total (rials)"),
        "issued_on": _l("Date of the document"),
        "memory_id": _l("Memory ID"),
        "attempts": _l("Times written"),
        "error": _l("Reason of the refusal"),
    }

    def list_loads(self) -> Iterable[Any]:
        return (joinedload(TaxDocument.invoice),)

    def show_context(self, record: TaxDocument) -> dict[str, Any]:
        fields = record.fields
        header = {name: value for name, value in fields["header"].items() if value is not None}
        return {"header": header, "body": fields["body"], "telling": TELLING, "chain": queries.chain_of(record.sale)}

    @expose("/file/<pk>")
    @has_access
    @permission_name("show")
    def file(self, pk: str) -> Response:
        """The payload of one document, exactly as it is signed."""
        record = self.find(pk)
        return _download(record.payload.encode(), file_name(record.tax_id), "application/json")

    @action("write", _l("Write files"), _l("Write the files of the chosen documents that are ready?"),
            "file-earmark-arrow-down", single=False)  # fmt: skip
    def write(self, documents: Sequence[TaxDocument]) -> Any:
        """Queue the files of the chosen documents."""
        job = jobs.enqueue(send_documents, document_ids=[document.id for document in documents])
        db.session.commit()
        flash(_("The files are being written; this page can be left."), "info")
        return redirect(url_for("JobView.page", job_id=job.id))

    @action("mark_sent", _l("Mark as sent"), _l("Were the files of the chosen documents sent?"), "send", single=False)
    def mark_sent(self, documents: Sequence[TaxDocument]) -> None:
        _step("mark_sent", documents)

    @action("accept", _l("Mark as accepted"), _l("Did the tax system accept the chosen documents?"), "check2-circle",
            single=False)  # fmt: skip
    def accept(self, documents: Sequence[TaxDocument]) -> None:
        _step("accept", documents)

    @action("archive", _l("Download files"), "", "download", single=False)
    def archive(self, documents: Sequence[TaxDocument]) -> Response:
        return _download(zipped(documents), "moadian.zip", "application/zip")

    @action("amend", _l("Amend"),
            _l("Tell the tax system anew what stands of this sale, with the product and unit codes of now?"),
            "pencil-square", multiple=False)  # fmt: skip
    def amend(self, documents: Sequence[TaxDocument]) -> Any:
        made = services.amend(documents[0])
        db.session.flush()
        flash(_("The amendment %(tax_id)s is ready to send.", tax_id=made.tax_id), "success")
        return redirect(url_for("TaxDocumentView.show", pk=made.id))


def _step(name: str, documents: Sequence[TaxDocument]) -> None:
    """One step for those of the chosen documents that can take it."""
    actor = require_current()
    sources = DOCUMENT_FLOW.transition(name).sources
    movable = [document for document in documents if document.state in sources]
    for document in movable:
        DOCUMENT_FLOW.apply(document, name, actor=actor)
    flash(
        _("Done for %(done)d of %(chosen)d documents.", done=len(movable), chosen=len(documents)),
        "success" if len(movable) == len(documents) else "warning",
    )


def _download(content: bytes, name: str, media_type: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


class TaxMemoryView(ModelView):
    """Under which memory each branch issues, from a day on."""

    model = TaxMemory
    class_permission_name = SETTINGS
    route_base = "/moadian/tax-memories"
    list_title = _l("Tax memories")
    item_title = _l("Tax memory")
    icon = "safe"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_add", "can_edit"]
    list_columns = ("memory_id", "economic_code", "branch", "invoice_type", "from_on", "is_active")
    sort_columns = ("from_on",)
    default_sort = "-from_on"
    form_sections = (
        (_l("Seller"), ("memory_id", "economic_code", "branch", "branch_code")),
        (_l("Invoices"), ("invoice_type", "has_consumers", "pattern", "serial_from")),
        (_l("In use"), ("from_on", "is_active")),
    )
    optional_columns = frozenset({"branch_code", "serial_from"})
    labels: ClassVar[dict[str, Any]] = {
        "memory_id": _l("Memory ID"),
        "branch_code": _l("Branch code in the tax system"),
        "invoice_type": _l("Type of invoice"),
        "has_consumers": _l("Type 2 for people without an economic code"),
        "pattern": _l("Pattern of invoice"),
        "serial_from": _l("First serial"),
        "is_active": _l("Turned on"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "memory_id": _l("Six letters and digits from the taxpayer portal."),
        "branch": _l("Left empty, of the whole company; a branch's own row goes before it."),
        "serial_from": _l("More than 1 where another program has used this memory before."),
        "is_active": _l("Turned off, nothing is checked or queued for invoices of this branch from this day on."),
    }

    def pre_add(self, item: TaxMemory) -> None:
        item.serial_from = item.serial_from or 1
        services.check_memory(item)

    pre_update = pre_add


class SendWindowView(ModelView):
    """How long after its date an invoice may be sent."""

    model = SendWindow
    class_permission_name = SETTINGS
    route_base = "/moadian/send-windows"
    list_title = _l("Days for sending")
    item_title = _l("Days for sending")
    icon = "hourglass-split"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_add", "can_edit"]
    list_columns = ("from_on", "warn_days", "refuse_days")
    sort_columns = ("from_on",)
    default_sort = "-from_on"
    form_columns = ("from_on", "warn_days", "refuse_days")
    labels: ClassVar[dict[str, Any]] = {
        "warn_days": _l("Warn after (days)"),
        "refuse_days": _l("Refuse after (days)"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "from_on": _l("For invoices dated from this day on."),
    }

    def pre_add(self, item: SendWindow) -> None:
        services.check_window(item)

    pre_update = pre_add
