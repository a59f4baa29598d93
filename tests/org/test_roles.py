"""Roles in screens: rights by the matrix, closed fields, people, what is shipped, and who may not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import current_app
from flask_appbuilder.security.sqla.models import Group, Role, assoc_user_group
from flask_babel import force_locale
from sqlalchemy import event, func, insert, select

from app.core.actor import Actor, FieldLevel, Reach, acting_as
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, StaleVersion
from app.core.feature import Role as Shipped
from app.core.field_rights import fields_of
from app.core.history import history_of
from app.org.access import fields, matrix, queries, services
from app.org.access.models import FieldRight
from app.org.access.recording import NoAdministratorLeft, RoleProtected
from app.org.access.services import Choice
from app.org.employees.models import Employee
from app.org.employees.services import LastAdministrator
from app.org.roles import sync_roles
from app.org.security import actor_of
from tests.factories import CustomerFactory, EmployeeFactory

PAGES = ("/access-roles/", "/access-roles/1", "/access-roles/new", "/access-roles/people", "/access/", "/access/1")


@pytest.fixture
def admin(session: Any) -> Iterator[Actor]:
    person = session.query(Employee).filter_by(username="admin").one()
    with acting_as(actor_of(person)) as who:
        yield who


def role_named(name: Shipped | str) -> Role:
    found: Role = current_app.extensions["appbuilder"].sm.find_role(str(name))
    return found


def choices_of(role: Role) -> dict[str, Choice]:
    """The matrix as its page shows it."""
    held = services.rights_of(role)
    return {
        module.subject: Choice(
            module.reach_in(held), frozenset(one.key for one in module.abilities if one.state(held) == "full")
        )
        for module in matrix.modules()
    }


def test_saving_what_the_page_shows_changes_nothing(admin: Actor) -> None:
    for name in Shipped:
        role = role_named(name)
        before = services.rights_of(role)
        services.set_rights(role, choices_of(role), seen=services.fingerprint(role))
        assert services.rights_of(role) == before, name


@pytest.mark.databases
def test_a_new_role_gets_what_is_ticked_and_its_menu(session: Any, admin: Actor) -> None:
    role = services.create_role("Auditors", purpose="look, do not touch")
    chosen = {"crm.customers": Choice(Reach.TEAM, frozenset({"export"})), "sales.catalog": Choice(Reach.ALL)}
    services.set_rights(role, chosen, seen=services.fingerprint(role))
    rights = services.rights_of(role)
    for action in ("can_list", "can_show", "can_see_team", "can_export"):
        assert (action, "crm.customers") in rights
    assert ("menu_access", "Customers") in rights
    assert ("can_edit", "crm.customers") not in rights
    assert {action for action, subject in rights if subject == "sales.catalog"} == {"can_list", "can_show"}
    services.set_rights(role, {}, seen=services.fingerprint(role))
    assert not {s for _a, s in services.rights_of(role)} & {"crm.customers", "sales.catalog", "Customers"}


def test_who_may_do_something_must_see_it(admin: Actor) -> None:
    role = services.create_role("Blind")
    with pytest.raises(Invalid):
        services.set_rights(
            role, {"crm.customers": Choice(Reach.NONE, frozenset({"edit"}))}, seen=services.fingerprint(role)
        )


def test_a_stale_page_does_not_overwrite_what_somebody_else_saved(admin: Actor) -> None:
    role = services.create_role("Two hands")
    seen = services.fingerprint(role)
    services.set_rights(role, {"crm.customers": Choice(Reach.OWN)}, seen=seen)
    with pytest.raises(StaleVersion):
        services.set_rights(role, {}, seen=seen)


def test_an_ability_is_held_in_full_in_part_or_not() -> None:
    two = matrix.Ability("x", "X", frozenset({("can_a", "s"), ("can_b", "s")}))
    held = [{("can_a", "s"), ("can_b", "s")}, {("can_a", "s")}, {("can_c", "s")}]
    assert [two.state(rights) for rights in held] == ["full", "part", "none"]


def test_rights_outside_the_matrix_stay(admin: Actor) -> None:
    role = services.create_role("Expert")
    odd = current_app.extensions["appbuilder"].sm.add_permission_view_menu("can_odd", "crm.customers")
    role.permissions.append(odd)
    db.session.flush()
    services.set_rights(role, {"crm.customers": Choice(Reach.OWN)}, seen=services.fingerprint(role))
    assert ("can_odd", "crm.customers") in services.rights_of(role)


def test_a_copy_has_the_same_rights_and_closed_fields(admin: Actor) -> None:
    seller = role_named(Shipped.SALES)
    services.set_fields(seller, {("crm_customer", "note"): FieldLevel.HIDDEN}, seen=services.fingerprint(seller))
    copy = services.create_role("Junior sellers", like=seller)
    assert services.rights_of(copy) == services.rights_of(seller)
    assert [(one.field, one.level) for one in services.field_rights_of(copy)] == [("note", FieldLevel.HIDDEN)]


def test_a_shipped_role_is_changed_renamed_and_restored(admin: Actor) -> None:
    seller = role_named(Shipped.SALES)
    shipped = services.rights_of(seller)
    assert not queries.is_changed(seller)
    services.set_rights(seller, {"crm.customers": Choice(Reach.OWN)}, seen=services.fingerprint(seller))
    services.set_fields(seller, {("crm_customer", "note"): FieldLevel.READ}, seen=services.fingerprint(seller))
    services.rename_role(seller, "Verkauf")
    assert str(seller) == "Verkauf"
    assert seller.name == Shipped.SALES
    assert queries.is_changed(seller)
    sync_roles()
    assert db.session.scalar(select(func.count()).select_from(Role).where(Role.name == Shipped.SALES)) == 1
    services.restore_role(seller)
    assert services.rights_of(seller) == shipped
    assert services.field_rights_of(seller) == []
    assert not queries.is_changed(seller)


def test_names_are_needed_and_not_shared(admin: Actor) -> None:
    services.create_role("Guests")
    for bad in ("", "guests", "Manager", "x" * 61):
        with pytest.raises(Invalid):
            services.create_role(bad)


def test_a_role_that_people_have_is_not_deleted(admin: Actor) -> None:
    role = services.create_role("Held")
    person = EmployeeFactory()
    services.give_role(role, person)
    with pytest.raises(services.RoleInUse):
        services.delete_role(role)
    services.take_role(role, person)
    services.delete_role(role)
    assert db.session.get(Role, role.id) is None


@pytest.mark.parametrize("name", ["Admin", Shipped.DEALER.value])
def test_no_road_deletes_or_renames_what_the_product_knows(admin: Actor, name: str) -> None:
    with pytest.raises(NotAllowed):
        services.delete_role(role_named(name))
    with pytest.raises(RoleProtected):
        _rename(name)


def _rename(name: str) -> None:
    role_named(name).name = "other"
    db.session.flush()


def test_the_last_administrator_is_not_locked_out(session: Any, admin: Actor) -> None:
    person = session.query(Employee).filter_by(username="admin").one()
    with pytest.raises(LastAdministrator):
        services.take_role(role_named("Admin"), person)


def test_the_last_administrator_by_a_group_is_kept_on_fabs_screens_too(session: Any, admin: Actor) -> None:
    person = session.query(Employee).filter_by(username="admin").one()
    group = Group(name="bosses", label="", description="", roles=[role_named("Admin")])
    session.add(group)
    session.flush()
    session.execute(insert(assoc_user_group).values(group_id=group.id, user_id=person.id))
    person.roles = []
    session.flush()
    group.roles = []
    with pytest.raises(NoAdministratorLeft):
        session.flush()


@pytest.mark.parametrize("who", [Shipped.MANAGER, Shipped.SALES, Shipped.DEALER])
def test_only_administrators_change_roles(session: Any, who: Shipped) -> None:
    person, role = EmployeeFactory(role=who), role_named(Shipped.SALES)
    session.flush()
    attempts: list[Callable[[], Any]] = [
        lambda: services.create_role("Mine"),
        lambda: services.rename_role(role, "x"),
        lambda: services.delete_role(role),
        lambda: services.restore_role(role),
        lambda: services.set_rights(role, {}, seen=services.fingerprint(role)),
        lambda: services.set_fields(role, {}, seen=services.fingerprint(role)),
        lambda: services.give_role(role, person),
        lambda: services.take_role(role, person),
    ]
    with acting_as(actor_of(person)):
        for attempt in attempts:
            with pytest.raises(NotAllowed):
                attempt()


def test_nobody_gets_the_right_to_change_roles_by_the_matrix(admin: Actor) -> None:
    module = matrix.module_of("org.access")
    assert module is not None
    assert ("can_edit", "org.access") not in {right for one in module.abilities for right in one.rights}


# --- closed fields


def test_what_a_record_is_called_by_and_what_it_needs_cannot_be_hidden(admin: Actor) -> None:
    role = role_named(Shipped.SALES)
    for name in ("name", "code"):
        with pytest.raises(Invalid):
            services.set_fields(role, {("crm_customer", name): FieldLevel.HIDDEN}, seen=services.fingerprint(role))
    product = fields.record_of("sales_product")
    assert product is not None
    assert product.field("name") is None


def test_no_record_is_called_by_a_field_that_can_be_hidden(app: Any) -> None:
    """The words of a record stand on lists, links and in messages, where nobody asks again."""
    for record in fields.records():
        spoken = fields_of(record.model, "__str__")
        hideable = {one.name for one in record.fields if FieldLevel.HIDDEN in one.levels}
        assert not spoken & hideable, record.table


def test_the_most_generous_role_that_opens_the_module_counts(session: Any, admin: Actor) -> None:
    seller, clerk, stranger = (role_named(n) for n in (Shipped.SALES, Shipped.SECRETARY, Shipped.DEALER))
    for role in (seller, stranger):
        session.add(
            FieldRight(
                role_id=role.id, subject="crm.customers", model="crm_customer", field="note", level=FieldLevel.HIDDEN
            )
        )
    session.flush()
    one, both, beside = EmployeeFactory(), EmployeeFactory(), EmployeeFactory()
    one.roles, both.roles, beside.roles = [seller], [seller, clerk], [seller, stranger]
    session.flush()
    found = [actor_of(person).field_level("crm_customer", "note") for person in (one, both, beside)]
    assert found == [FieldLevel.HIDDEN, FieldLevel.FULL, FieldLevel.HIDDEN]


# --- history


def test_every_change_of_a_role_is_in_its_history(session: Any, admin: Actor) -> None:
    role = services.create_role("Watched")
    person = EmployeeFactory()
    services.set_rights(role, {"crm.customers": Choice(Reach.OWN)}, seen=services.fingerprint(role))
    services.set_fields(role, {("crm_customer", "note"): FieldLevel.HIDDEN}, seen=services.fingerprint(role))
    services.give_role(role, person)
    services.take_role(role, person)
    with force_locale("en"):
        told = [(str(diff.label), diff.old, diff.new) for entry in history_of(role) for diff in entry.diffs]
    assert ("Customers: See", False, True) in told
    assert ("Customers: field “Note”", "full", "hidden") in told
    assert ("Person", None, str(person)) in told
    assert ("Person", str(person), None) in told
    assert {entry.actor_name for entry in history_of(role)} == {admin.name}


def test_a_change_on_fabs_own_screen_is_recorded_too(session: Any, as_user: Callable[..., Any]) -> None:
    role = role_named(Shipped.COLLECTOR)
    keep = [one.id for one in role.permissions][:-1]
    browser = as_user("admin")
    answer = browser.post(f"/roles/edit/{role.id}", data={"name": role.name, "permissions": keep})
    assert answer.status_code == 302
    entry = history_of(Role, role.id)[0]
    assert [(diff.old, diff.new) for diff in entry.diffs] == [(True, False)]
    assert entry.via == "form"


# --- screens


@pytest.mark.databases
def test_the_screens_of_a_role_work_and_bite_on_the_next_click(session: Any, as_user: Callable[..., Any]) -> None:
    person = EmployeeFactory(role=Shipped.SALES)
    customer = CustomerFactory(department=person.home_department, note="Qznote")
    role = role_named(Shipped.SALES)
    session.commit()
    admin, seller = as_user("admin"), as_user(person)
    assert "Qznote" in seller.get(f"/customers/show/{customer.id}").text
    page = admin.get(f"/access-roles/{role.id}")
    assert page.status_code == 200
    seen = services.fingerprint(role)
    sent = {"seen": seen, "field:crm_customer.note": "hidden"}
    assert admin.post(f"/access-roles/{role.id}/fields", data=sent).status_code == 302
    assert "Qznote" not in seller.get(f"/customers/show/{customer.id}").text
    sent = {"seen": services.fingerprint(role), "see:sales.catalog": "all"}
    assert admin.post(f"/access-roles/{role.id}/rights", data=sent).status_code == 302
    assert seller.get(f"/customers/show/{customer.id}").status_code == 403
    assert admin.post(f"/access-roles/{role.id}/restore").status_code == 302
    assert "Qznote" in seller.get(f"/customers/show/{customer.id}").text
    assert admin.post(f"/access-roles/{role.id}/take", data={"person": person.id}).status_code == 302
    assert seller.get(f"/customers/show/{customer.id}").status_code == 403


def test_a_refused_save_keeps_what_was_ticked(session: Any, as_user: Callable[..., Any]) -> None:
    role = role_named(Shipped.DEALER)
    admin = as_user("admin")
    sent = {"seen": services.fingerprint(role), "do": ["crm.customers:edit"]}
    answer = admin.post(f"/access-roles/{role.id}/rights", data=sent)
    assert answer.status_code == 422
    assert 'value="crm.customers:edit" checked' in answer.text


def test_every_box_has_words(session: Any, as_user: Callable[..., Any]) -> None:
    page = as_user("admin").get(f"/access-roles/{role_named(Shipped.SALES).id}").text
    boxes = re.findall(
        r'<label class="tick[^>]*>\s*<input type="checkbox"[^>]*>\s*<span class="tick-words">([^<]+)', page
    )
    assert len(boxes) == page.count('type="checkbox" class="form-check-input" name="do"')
    assert all(words.strip() for words in boxes)
    selects = re.findall(r'<select[^>]*name="see:[^"]*"[^>]*>', page)
    assert selects
    assert all("aria-label=" in one for one in selects)


@pytest.mark.parametrize(
    "path", ["/access-roles/", "/access-roles/1", "/access-roles/new", "/access-roles/people", "/access/", "/access/1"]
)
def test_the_least_powerful_see_no_page_of_roles(session: Any, as_user: Callable[..., Any], path: str) -> None:
    for who in (Shipped.DEALER, Shipped.MANAGER):
        assert as_user(who).get(path).status_code in (302, 403)


def test_the_list_of_roles_asks_a_fixed_number_of_questions(session: Any, admin: Actor) -> None:
    said: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    for number in range(2):
        services.create_role(f"Own {number}", like=role_named(Shipped.SALES))
    session.expire_all()
    event.listen(db.engines[None], "before_cursor_execute", note)
    try:
        queries.role_lines()
        few = len(said)
        for number in range(6):
            services.create_role(f"More {number}", like=role_named(Shipped.SALES))
        session.commit()
        session.expire_all()
        said.clear()
        queries.role_lines()
    finally:
        event.remove(db.engines[None], "before_cursor_execute", note)
    assert len(said) <= few + 1
