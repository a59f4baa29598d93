"""What can be done with records besides changing them: bulk actions and the steps of a workflow.

FAB hands any row of any department to an action; here an action gets only rows that the actor
sees, by POST alone, and a step goes through the one workflow that knows its rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import ModelView as FabModelView
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from werkzeug.wrappers import Response

from app.core import actor as acting
from app.core import ports
from app.core.calendar import InvalidDate, parse_date
from app.core.clock import today
from app.core.db import db
from app.core.errors import IllegalTransition, NotFound
from app.core.row_numbers import row_number
from app.core.saving import attempt
from app.core.web import wants_json
from app.core.workflow import ReasonRequired, Transition, Workflow

AT_ONCE = 5_000
"""Rows of one bulk action; a page shows at most 200."""


class RowActions(FabModelView):
    """The routes for actions and steps; `ModelView` brings the rest."""

    model: Any
    step_template = "kartabl/model/step.html"

    def list_conditions(self) -> Iterable[ColumnElement[bool]]:
        """Conditions of every list of this view; a convenience, the row scope is the protection."""
        return ()

    def find(self, pk: Any, *loads: Any) -> Any:
        """The record of a page; the actor must be able to see it. Raises NotFound."""
        number = row_number(pk)
        if number is None:
            raise NotFound
        statement = select(self.model).where(self.model.id == number, *self.list_conditions()).options(*loads)
        record = db.session.scalars(statement).unique().first()
        if record is None:
            raise NotFound(record_id=pk)
        return record

    def url_after(self, record: Any) -> str:
        """Where a save, a step or a cancel leads: the record's page, else the list."""
        if record is not None and record.id is not None and self.may("show"):
            return url_for(f"{self.endpoint}.show", pk=record.id)
        return url_for(f"{self.endpoint}.list")

    def may(self, name: str) -> bool:
        """Whether the actor holds a right here and the view offers what it is for."""
        who = acting.current()
        offered = f"can_{name}" in self.base_permissions
        return offered and who is not None and who.can(name, self.class_permission_name)

    # Actions -----------------------------------------------------------------------------------

    def _name_actions(self) -> None:
        """An action needs a right of its own name, or the one in `method_permission_name`."""
        for name, item in self.actions.items():
            if not self.method_permission_name.get(item.func.__name__):
                self.base_permissions = [f"can_{p}" if p == name else p for p in self.base_permissions]

    def get_action_permission_name(self, name: str) -> str:
        mapped = self.method_permission_name.get(self.actions[name].func.__name__)
        return f"can_{mapped or name}"

    def offered_actions(self, *, single: bool = False) -> dict[str, Any]:
        """The actions for chosen rows (or for one record) that the actor has the right to."""
        who = acting.require_current()
        own = {
            name: item
            for name, item in self.actions.items()
            if (item.single if single else item.multiple)
            and who.can(self.get_action_permission_name(name), self.class_permission_name)
        }
        above = [] if single else ports.rows_actions.actions_for(self.model)
        return own | {offer.name: offer for offer in above if who.can(offer.action, self.class_permission_name)}

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: str) -> Any:
        """One record's action, from its page."""
        return self._run_action(name, [pk])

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """A bulk action over the chosen rows of a list."""
        return self._run_action(request.form.get("action", ""), request.form.getlist("rowid"))

    def _run_action(self, name: str, pks: Sequence[str]) -> Any:
        who = acting.require_current()
        run, right = self._action_named(name)
        who.require(right, self.class_permission_name)
        ids = {number for number in map(row_number, pks[:AT_ONCE]) if number is not None}
        statement = select(self.model).where(self.model.id.in_(ids), *self.list_conditions()).order_by(self.model.id)
        records = db.session.scalars(statement).unique().all()
        if not records:
            raise NotFound
        if len(records) < len(set(pks)):
            flash(_("Some of the chosen records were not found and were left out."), "warning")
        answer: list[Any] = []
        words = attempt(lambda: answer.append(run(records)))
        if words is not None:
            flash(words, "danger")
        elif answer and isinstance(answer[0], (Response, str)):
            return answer[0]
        return redirect(self.get_redirect())

    def _action_named(self, name: str) -> tuple[Callable[[Sequence[Any]], Any], str]:
        """What an action does and the right that it needs; its own, or one that a layer above offers."""
        if name in self.actions:
            return self.actions[name].func, self.get_action_permission_name(name)
        offer = next((one for one in ports.rows_actions.actions_for(self.model) if one.name == name), None)
        if offer is None:
            abort(404)
        return offer.run, offer.action

    # Steps -------------------------------------------------------------------------------------

    @expose("/step/<string:name>/<pk>", methods=["GET", "POST"])
    def step(self, name: str, pk: str) -> Any:
        """Take a step of the record's workflow; one that needs a reason or a day asks for it first."""
        who = acting.require_current()
        record = self.find(pk)
        flow = Workflow.of(self.model)
        if flow is None:
            abort(404)
        transition = flow.transition(name)
        who.require(transition.action, flow.subject)
        if request.method == "GET":
            if record.state not in transition.sources:
                raise IllegalTransition(document=record, transition=name)
            return self._ask(record, transition)
        reason = request.form.get("reason", "").strip()[:1000]
        try:
            data = {"on": parse_date(request.form.get("on") or "")} if transition.asks_day else {}
        except InvalidDate as error:
            return self._asked_again(record, transition, str(error))
        if transition.needs_reason and not reason:
            return self._asked_again(record, transition, str(ReasonRequired.default_message))
        words = attempt(lambda: flow.apply(record, name, actor=who, reason=reason or None, **data))
        return self._stepped(pk, transition, words)

    def _stepped(self, pk: str, transition: Transition, refusal: str | None) -> Any:
        """The answer to a step that was taken or refused: a page for people, words for a script."""
        done = _("Done: %(step)s.", step=str(transition.label))
        if wants_json():
            return jsonify(message=refusal or done), HTTPStatus.CONFLICT if refusal else HTTPStatus.OK
        if refusal is None:
            flash(done, "success")
        elif transition.asks_day:  # another day may do: what was typed stays
            return self._asked_again(self.find(pk), transition, refusal)
        else:
            flash(refusal, "danger")
        return redirect(self.url_after(self.find(pk)))

    def _asked_again(self, record: Any, transition: Transition, refusal: str) -> Any:
        if wants_json():
            return jsonify(message=refusal), HTTPStatus.UNPROCESSABLE_ENTITY
        return self._ask(record, transition, refusal), HTTPStatus.UNPROCESSABLE_ENTITY

    def _ask(self, record: Any, transition: Transition, refusal: str = "") -> str:
        """The page that asks for the reason of a step, and for its day."""
        page: str = self.render_template(
            self.step_template, title=str(transition.label), view=self, record=record, transition=transition,
            refusal=refusal, typed=request.form, today=today(), cancel_url=self.url_after(record),
        )  # fmt: skip
        return page
