"""Handing one's work over for the days of a leave."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement

from app.core import clock, scope
from app.core.actor import Actor, Reach, require_current
from app.core.db import db
from app.core.errors import FieldError, Invalid, NotAllowed
from app.org.delegations.models import Delegation
from app.org.delegations.queries import delegations_over
from app.org.employees.models import Employee

SUBJECT = "org.delegations"


def check_delegation(delegation: Delegation) -> None:
    """Raises Invalid for a delegation that may not be saved, NotAllowed for somebody else's work.

    Fills the department, by which managers see the delegations of their people.
    """
    actor = require_current()
    principal_id = _id_of(delegation, "principal") or actor.user_id
    delegate_id = _id_of(delegation, "delegate")
    if principal_id != actor.user_id and actor.reach(SUBJECT) in (Reach.NONE, Reach.OWN):
        raise NotAllowed(_l("You can hand over only your own work."), path="principal_id")
    errors = []
    if principal_id == delegate_id:
        errors.append(FieldError("delegate_id", "same_person", _l("Choose another person as the delegate.")))
    if delegation.until_on < delegation.from_on:
        errors.append(FieldError("until_on", "before_start", _l("The last day lies before the first.")))
    elif delegation.id is None and delegation.until_on < clock.today():
        errors.append(FieldError("until_on", "past", _l("These days are over already.")))
    if errors or principal_id is None:
        raise Invalid(errors)
    with db.session.no_autoflush:
        principal = db.session.get_one(Employee, principal_id)
        delegate = db.session.get_one(Employee, delegate_id)
        if not delegate.active:
            raise Invalid([FieldError("delegate_id", "inactive", _l("The delegate no longer works here."))])
        if delegations_over(principal_id, delegation.from_on, delegation.until_on, but=delegation.id):
            message = _l("Some of these days are handed over already.")
            raise Invalid([FieldError("from_on", "overlap", message)])
    delegation.principal_id = principal_id
    delegation.department_id = principal.home_department_id


def delegate(
    *, to: Employee, from_on: date, until_on: date, principal: Employee | None = None, reason: str = ""
) -> Delegation:
    """Hand somebody's work (one's own) over from a day to a day, both included.

    Raises NotAllowed, Invalid.
    """
    actor = require_current()
    actor.require("add", SUBJECT)
    made = Delegation(
        principal_id=principal.id if principal is not None else actor.user_id,
        delegate_id=to.id,
        from_on=from_on,
        until_on=until_on,
        reason=reason,
    )
    check_delegation(made)
    db.session.add(made)
    db.session.flush()
    return made


def _id_of(delegation: Delegation, role: str) -> int | None:
    person: Employee | None = getattr(delegation, role)
    number: int | None = person.id if person is not None else getattr(delegation, f"{role}_id")
    return number


def show_to_delegates(actor: Actor, model: type[object]) -> ColumnElement[bool] | None:
    """A delegate sees the delegations to them, besides what their reach gives."""
    if model is not Delegation or actor.user_id is None or not actor.can("list", SUBJECT):
        return None
    return Delegation.delegate_id == actor.user_id


def install() -> None:
    """Tell the row scope about delegates; at every start."""
    scope.widen_rule(show_to_delegates)
