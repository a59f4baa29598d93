"""What a browser asks of a job: how far it is, and to stop it. Only its owner gets an answer."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, redirect, render_template, url_for
from flask_appbuilder import BaseView, expose

from app.core import jobs
from app.core.actor import require_current
from app.core.db import db


class JobView(BaseView):
    """`/jobs/<id>` for polling, `/jobs/<id>/cancel` to stop. Whose job it is decides, no role."""

    route_base = "/jobs"
    class_permission_name = "core.jobs"
    base_permissions: list[str] = []

    @expose("/<int:job_id>", methods=("GET",))
    def show(self, job_id: int) -> Response:
        """State and progress as JSON (see jobs.as_json). 404 for somebody else's."""
        require_current()
        return _fresh(jobs.job_view(job_id))

    @expose("/<int:job_id>/page", methods=("GET",))
    def page(self, job_id: int) -> str:
        """The same for a person: the bar while it runs, then what came of it."""
        require_current()
        job = jobs.job_view(job_id)
        return render_template("kartabl/job.html", title=job["label"], job=job)

    @expose("/<int:job_id>/stop", methods=("POST",))
    def stop(self, job_id: int) -> Any:
        """Stop a job from its page."""
        require_current()
        jobs.cancel(job_id)
        db.session.commit()
        return redirect(url_for("JobView.page", job_id=job_id))

    @expose("/<int:job_id>/cancel", methods=("POST",))
    def cancel(self, job_id: int) -> Response:
        """Ask a job to stop; answers as `show`."""
        require_current()
        view = jobs.cancel(job_id)
        db.session.commit()
        return _fresh(view)


def _fresh(body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response


def install(app: Flask, builder: Any) -> None:
    """Add the routes to the application."""
    builder.add_view_no_menu(JobView)
