"""Many invoices printed at once: the chosen rows of a list, or the whole list as it is filtered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from flask import Response, redirect, render_template, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import jobs
from app.core.actor import require_current
from app.core.db import db, writing
from app.core.errors import DomainError, NotFound
from app.core.ports import ListAction, RowsAction
from app.core.row_numbers import row_number
from app.finance.invoices.kinds import POLICIES
from app.finance.invoices.models import Invoice
from app.finance.print_settings.services import print_settings
from reports.documents.jobs import ACTION, JOB, MOST, print_invoices
from reports.documents.options import Output, PrintOptions, output_of
from reports.documents.values import NothingToPrint
from reports.documents.views import CHOICES, XLSX
from reports.tabular.export import view_of
from reports.tabular.jobs import finished_file

SUBJECTS = frozenset(policy.subject for policy in POLICIES.values())
MEDIA_TYPES = {".pdf": "application/pdf", ".zip": "application/zip", ".xlsx": XLSX}


class TooManyToPrint(DomainError):
    """A print of more than 5,000 invoices."""

    code = "too_many_to_print"
    default_message = _l("At most 5,000 invoices are printed at once. Narrow the list with its filters.")


def offer_print_chosen(model: type[Any]) -> RowsAction | None:
    """The print button over the chosen rows of a list of invoices."""
    if not issubclass(model, Invoice):
        return None
    return RowsAction("print", _l("Print"), "printer", ACTION, partial(_ask, model.__subject__))


def offer_print_list(model: type[Any]) -> ListAction | None:
    """The print button of a list of invoices, as it is filtered."""
    if not issubclass(model, Invoice):
        return None
    return ListAction("print_list", _l("Print the list"), "printer", ACTION, _list_url, dialog=True)


def _list_url(*, subject: str) -> str:
    return url_for("BatchPrintView.choose", subject=subject)


def _ask(subject: str, invoices: Sequence[Invoice]) -> str:
    """The page that asks how the chosen invoices shall be printed."""
    return _page(subject, [("rowid", str(invoice.id)) for invoice in invoices], len(invoices))


def _page(subject: str, hidden: list[tuple[str, str]], count: int) -> str:
    part = request.headers.get("X-Part") == "dialog"
    return render_template(
        "documents/choose_part.html" if part else "documents/choose.html",
        title=_("Print: %(what)s", what=str(view_of(subject, Invoice.__tablename__).list_title)),
        action=url_for("BatchPrintView.start", subject=subject),
        back=url_for(f"{view_of(subject, Invoice.__tablename__).endpoint}.list"),
        hidden=hidden,
        count=count,
        choices=CHOICES | {"output": Output},
        options=PrintOptions.read({}, print_settings()),
    )


def _checked(subject: str) -> None:
    """Raises NotFound for what is no kind of invoice, NotAllowed without the right to print it."""
    actor = require_current()
    if subject not in SUBJECTS:
        raise NotFound(subject_name=subject)
    actor.require(ACTION, subject)


class BatchPrintView(BaseView):
    """Prints that a worker makes; their files are for the one who asked, for a day."""

    route_base = "/print"
    template_folder = str(Path(__file__).parent / "templates")
    class_permission_name = "reports.documents"
    base_permissions: list[str] = []

    @expose("/many/<subject>", methods=("GET",))
    def choose(self, subject: str) -> str:
        """How a list shall be printed, with the filters of the address."""
        _checked(subject)
        values = request.args.to_dict(flat=False)
        query = view_of(subject, Invoice.__tablename__).query(values)
        hidden = [(name, one) for name, many in values.items() for one in many]
        return _page(subject, hidden, query.count().number)

    @expose("/many/<subject>/start", methods=("POST",))
    def start(self, subject: str) -> Any:
        """Queue the print of the chosen rows, else of the list with the filters that were sent."""
        _checked(subject)
        options, output = PrintOptions.read(request.form, print_settings()), output_of(request.form.get("output", ""))
        ids = _chosen_ids() if "rowid" in request.form else _listed_ids(subject)
        if not ids:
            raise NothingToPrint
        if len(ids) > MOST:
            raise TooManyToPrint(count=len(ids))
        db.session.rollback()
        with writing():
            job_id = jobs.enqueue(
                print_invoices, subject=subject, invoice_ids=ids, options=options.as_json(), output=str(output)
            ).id
            db.session.commit()
        return redirect(url_for("JobView.page", job_id=job_id))

    @expose("/files/<int:job_id>", methods=("GET",))
    def file(self, job_id: int) -> Response:
        """The finished file of one's own print; 404 for anybody else's."""
        path, result = finished_file(job_id, name=JOB, action=ACTION)
        name = str(result.get("file_name") or path.name)
        response = send_file(path, MEDIA_TYPES[path.suffix], as_attachment=True, download_name=name)
        response.headers["Cache-Control"] = "no-store, private"
        return response


def _chosen_ids() -> list[int]:
    sent = request.form.getlist("rowid")
    return sorted({number for number in map(row_number, sent) if number is not None})


def _listed_ids(subject: str) -> list[int]:
    """The invoices of the list in its order, one more than may be printed."""
    asked = set(CHOICES) | {"output", "csrf_token"}
    values = {name: many for name, many in request.form.to_dict(flat=False).items() if name not in asked}
    query = view_of(subject, Invoice.__tablename__).query(values)
    return list(islice(chain.from_iterable(query.iterate_ids()), MOST + 1))
