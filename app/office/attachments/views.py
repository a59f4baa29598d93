"""Files and notes for browsers: the panel of a record, adding, opening, removing."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.core.db import db
from app.core.errors import NotFound
from app.core.links import record_url
from app.core.row_numbers import row_number
from app.core.web import wants_json
from app.office.attachments import links, panel, queries, services, store
from app.office.attachments.kinds import LARGEST
from app.office.attachments.models import FileKind
from app.office.attachments.records import record_of
from app.office.attachments.refusals import NotTaken, bad_file

SUBJECT = "office.attachments"
AT_A_TIME = 50
"""Notes on a page of older ones."""


def answer_bytes(path: Path, *, media_type: str, name: str, inline: bool = False) -> Response:
    """Bytes of the store as a file; `core.web` puts it into a sandbox of its own. Raises NotFound."""
    if not path.is_file():
        raise NotFound
    answer = send_file(path, mimetype=media_type, as_attachment=not inline, download_name=name, etag=True)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def upload_of(file: Any) -> bytes:
    """What was sent as a file, no more than one byte beyond the limit."""
    content: bytes = file.stream.read(LARGEST + 1)
    return content


class AttachmentView(BaseView):
    """`/files/…`. No right of its own: whoever may open a record sees its files, whoever may edit it adds some."""

    route_base = "/files"
    class_permission_name = SUBJECT
    base_permissions: list[str] = []
    default_view = "page"

    @expose("/of/<table>/<int:record_id>", methods=["GET"])
    def page(self, table: str, record_id: int) -> str:
        """Files and notes of a record on a page of their own, older notes by `before`."""
        record = record_of(table, record_id)
        return render_template(
            "attachments/page.html", title=_("Files and notes"), subtitle=str(record),
            crumbs=[(str(record), url)] if (url := record_url(record)) else [],
            panel=panel.values(record, before=row_number(request.args.get("before")), limit=AT_A_TIME),
        )  # fmt: skip

    @expose("/of/<table>/<int:record_id>", methods=["POST"])
    def add(self, table: str, record_id: int) -> Any:
        """Add the files that were sent: each by itself, so that a bad one stops none of the others."""
        record = services.open_for_adding(table, record_id)
        sent = [file for file in request.files.getlist("files") if file.filename]
        refusals: list[NotTaken] = [] if sent else [bad_file("no_name", "")]
        for file in sent:
            try:
                services.attach(record, file.filename or "", upload_of(file), note=request.form.get("note", ""))
            except NotTaken as error:
                refusals.append(error)
        db.session.commit()
        return self._done(table, record_id, refusals, _("Added."))

    @expose("/of/<table>/<int:record_id>/notes", methods=["POST"])
    def note(self, table: str, record_id: int) -> Any:
        """Write a note on a record."""
        refusals: list[NotTaken] = []
        try:
            services.write_note(services.open_for_adding(table, record_id), request.form.get("text", ""))
        except NotTaken as error:
            refusals.append(error)
        db.session.commit()
        return self._done(table, record_id, refusals, _("The note was added."))

    @expose("/<int:file_id>", methods=["GET"])
    def open(self, file_id: int) -> Any:
        """Lead to the bytes of a file by a link that lasts some minutes; pictures open, all else is saved."""
        file = queries.attachment_of(file_id)
        is_shown = file.kind is FileKind.PICTURE and "save" not in request.args
        return redirect(links.link_to(file, inline=is_shown))

    @expose("/get/<token>", methods=["GET"])
    def get(self, token: str) -> Response:
        """The bytes of a link."""
        file, small, inline = links.follow(token)
        if small:
            path = store.path_of(file.sha256, small=True)
            return answer_bytes(path, media_type="image/webp", name="small.webp", inline=True)
        return answer_bytes(store.path_of(file.sha256), media_type=file.media_type, name=file.name, inline=inline)

    @expose("/<int:file_id>/remove", methods=["POST"])
    def remove(self, file_id: int) -> Any:
        """Take a file off its record."""
        file = queries.attachment_of(file_id)
        services.remove(file)
        db.session.commit()
        return self._done(file.table_name, file.record_id, [], _("The file was removed."))

    def _done(self, table: str, record_id: int, refusals: list[NotTaken], words: str) -> Any:
        """The panel as it is now for a script, with the refusals; for a form its page again."""
        record = record_of(table, record_id)
        if wants_json():
            page = render_template("attachments/lists.html", panel=panel.values(record))
            told = [{"code": error.code, "message": str(error)} for error in refusals]
            status = HTTPStatus.UNPROCESSABLE_ENTITY if told else HTTPStatus.OK
            return jsonify({"page": page, "errors": told, "message": "" if told else words}), status
        for error in refusals:
            flash(str(error), "danger")
        if not refusals:
            flash(words, "success")
        back = record_url(record) or url_for("AttachmentView.page", table=table, record_id=record_id)
        return redirect(f"{back}#kept")
