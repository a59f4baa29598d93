"""Acting as somebody with exactly the named rights, to show what a right allows and refuses."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.actor import Actor, ActorKind
from app.org.departments.models import Department
from app.org.employees.models import Employee


def actor_with(
    employee: Employee,
    *rights: tuple[str, str],
    departments: Iterable[Department] | None = None,
) -> Actor:
    """An actor of `employee` with (action, subject) rights, in its home department or the given ones."""
    places = [employee.home_department] if departments is None else list(departments)
    return Actor(
        ActorKind.USER,
        str(employee),
        user_id=employee.id,
        rights=frozenset((f"can_{action}", subject) for action, subject in rights),
        department_ids=frozenset(place.id for place in places),
        home_department_id=employee.home_department_id,
    )
