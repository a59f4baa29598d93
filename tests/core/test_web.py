"""The edge: CSRF, headers, error pages in both languages, refusals in JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from app.core import fab_patches
from app.core.db import db
from app.core.errors import Invalid
from app.core.integrity import Duplicate, InUse, as_domain_error
from tests.factories.crm import CustomerFactory
from tests.factories.org import EmployeeFactory


def language(browser: Any, code: str) -> Any:
    browser.get(f"/lang/{code}")
    return browser


def test_every_answer_has_the_headers(as_user: Callable[..., Any]) -> None:
    browser = as_user("admin")
    for address in ("/", "/customers/list/", "/nowhere", "/api/v1/customers/", "/static/css/app.css"):
        with browser.get(address) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy, address
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"


def test_pages_have_no_inline_script_or_style(as_user: Callable[..., Any], session: Any) -> None:
    customer = CustomerFactory()
    browser = as_user("admin")
    for address in (
        "/",
        "/customers/list/",
        f"/customers/show/{customer.id}",
        f"/customers/edit/{customer.id}",
        "/search?q=xyz",
        "/nowhere",
    ):
        page = browser.get(address).text
        assert not re.search(r"<script(?![^>]*(src=|application/json))", page), address
        assert not re.search(r"\sstyle=|<style|\son(click|load|error|change|submit)=|javascript:", page), address


@pytest.mark.parametrize("path", ["/customers/add", "/customers/action_post", "/login/"])
def test_post_without_the_pages_token_is_refused(as_user: Callable[..., Any], path: str) -> None:
    assert as_user("admin").post(path, data={"name": "x"}, csrf=False).status_code == 400


def test_token_of_another_visitor_is_refused(as_user: Callable[..., Any], session: Any) -> None:
    token = as_user("admin")._page_token()
    answer = as_user(EmployeeFactory()).post("/customers/add", csrf=False, headers={"X-CSRFToken": token})
    assert answer.status_code == 400


def test_interface_takes_a_post_with_a_bearer_only(client: Any) -> None:
    answer = client.post("/api/v1/customers/", json={}, csrf=False)
    assert answer.status_code == 401
    assert answer.json["code"] == "unauthorized"
    login = client.post("/api/v1/security/login", json={"username": "x", "password": "y", "provider": "db"}, csrf=False)
    assert login.status_code in {401, 404}


@pytest.mark.parametrize(("code", "direction"), [("fa", "rtl"), ("en", "ltr")])
def test_error_pages_speak_the_language_of_the_page(
    as_user: Callable[..., Any], session: Any, code: str, direction: str
) -> None:
    admin, nobody = language(as_user("admin"), code), language(as_user(EmployeeFactory()), code)
    for answer, status in (
        (admin.get("/nowhere"), 404),
        (admin.get("/customers/show/999999"), 404),
        (nobody.get("/customers/list/"), 403),
        (admin.post("/customers/add", csrf=False), 400),
        (admin.get("/customers/action_post"), 405),
    ):
        assert answer.status_code == status
        assert f'dir="{direction}"' in answer.text


def test_failure_is_a_page_without_its_insides(
    app: Any, as_user: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise RuntimeError("secret insides")

    monkeypatch.setitem(app.view_functions, "core_pages.search_page", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)  # noqa: FBT003
    answer = as_user("admin").get("/search?q=x")
    assert answer.status_code == 500
    assert "secret insides" not in answer.text
    told = as_user("admin").get("/search?q=x", headers={"Accept": "application/json"})
    assert told.status_code == 500
    assert told.json["status"] == 500


def test_scripts_get_refusals_as_json(as_user: Callable[..., Any]) -> None:
    answer = as_user("admin").get("/customers/show/999999", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_method_that_is_not_possible_names_those_that_are(as_user: Callable[..., Any]) -> None:
    assert "POST" in as_user("admin").get("/customers/action_post").headers["Allow"]


# Constraints of the database -------------------------------------------------------------------


def violated(work: Callable[[], Any]) -> IntegrityError:
    def flushed() -> None:
        with db.session.begin_nested():
            work()
            db.session.flush()

    with pytest.raises(IntegrityError) as caught:
        flushed()
    return caught.value


@pytest.mark.databases
def test_violated_constraints_become_words(session: Any) -> None:
    CustomerFactory(code="ONE")
    duplicate = as_domain_error(violated(lambda: CustomerFactory(code="ONE")))
    assert isinstance(duplicate, Duplicate)
    assert [error.path for error in duplicate.errors] == ["code"]
    missing = as_domain_error(violated(lambda: CustomerFactory(code=None)))
    assert isinstance(missing, Invalid)
    assert [error.path for error in missing.errors] == ["code"]
    check = as_domain_error(violated(lambda: CustomerFactory(latitude=500)))
    assert isinstance(check, Invalid)
    assert [error.path for error in check.errors] == ["latitude"]
    bounds = as_domain_error(violated(lambda: CustomerFactory(credit_limit_rials=-1)))
    assert [error.path for error in bounds.errors] == ["credit_limit_rials"]  # type: ignore[attr-defined]


@pytest.mark.databases
def test_row_that_others_point_to_is_in_use(session: Any) -> None:
    department = CustomerFactory().department

    def delete() -> None:
        db.session.delete(department)

    assert isinstance(as_domain_error(violated(delete)), InUse)


# Patches of FAB --------------------------------------------------------------------------------


def test_visitor_gets_no_cookie_from_being_looked_at(client: Any) -> None:
    with client.get("/static/css/app.css") as answer:
        assert "Set-Cookie" not in answer.headers
    with client.get("/api/v1/customers/") as answer:
        assert "Set-Cookie" not in answer.headers
    with client.session_transaction() as cookie:
        assert "locale" not in cookie


def test_language_follows_address_choice_person_and_default(
    app: Any, as_user: Callable[..., Any], session: Any
) -> None:
    english = EmployeeFactory(locale="en")
    assert 'lang="en"' in as_user(english).get("/search").text
    assert 'lang="fa"' in as_user(EmployeeFactory()).get("/search").text
    assert 'lang="en"' in as_user(EmployeeFactory()).get("/search?_l_=en").text
    assert 'lang="fa"' in language(as_user(english), "fa").get("/search").text
    with as_user("admin") as browser, browser.session_transaction() as cookie:
        cookie["locale"] = "xx"
    assert 'lang="fa"' in as_user("admin").get("/search?_l_=xx").text


def test_pages_are_not_remembered_in_the_cookie(as_user: Callable[..., Any]) -> None:
    browser = as_user("admin")
    browser.get("/customers/list/")
    browser.get("/customers/add")
    with browser.session_transaction() as cookie:
        assert "page_history" not in cookie


@pytest.mark.parametrize(
    ("referrer", "target"),
    [
        ("http://localhost/customers/list/?sort=-name", "/customers/list/?sort=-name"),
        ("http://evil.example/x", "/"),
        ("//evil.example/x", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_language_switch_returns_to_our_own_page(client: Any, referrer: str, target: str) -> None:
    answer = client.get("/lang/en", headers={"Referer": referrer} if referrer else {})
    assert answer.status_code == 302
    assert answer.headers["Location"] == target


def test_views_of_one_subject_keep_each_others_rights(app: Any, session: Any) -> None:
    manager = app.extensions["appbuilder"].sm
    manager.add_permissions_view(["can_list", "can_issue"], "test.shared")
    manager.add_permissions_view(["can_get"], "test.shared")
    manager.add_permissions_view(["can_list", "can_issue"], "test.shared")
    names = {p.permission.name for p in manager.find_permissions_view_menu(manager.find_view_menu("test.shared"))}
    assert names == {"can_list", "can_issue", "can_get"}
    admin = {(p.permission.name, p.view_menu.name) for p in manager.find_role("Admin").permissions}
    assert {("can_list", "test.shared"), ("can_issue", "test.shared"), ("can_get", "test.shared")} <= admin


def test_filters_of_fabs_own_lists_belong_to_one_request(app: Any) -> None:
    view = next(v for v in app.extensions["appbuilder"].baseviews if type(v).__name__ == "RoleModelView")
    with app.test_request_context("/"):
        view._filters.add_filter_index("name", 0, "x")
        assert len(view._filters.filters) == 1
    with app.test_request_context("/"):
        assert view._filters.filters == []


def test_visitor_is_asked_to_sign_in_without_a_reproach(client: Any) -> None:
    page = client.get("/customers/list/", follow_redirects=True)
    assert page.request.path == "/login/"
    assert "tone-bad" not in page.text


def test_patches_are_put_on_once(app: Any) -> None:
    fab_patches.apply()
    fab_patches.apply()


@pytest.mark.filterwarnings("ignore:Yielding raw tuples", "ignore:The Query.get")
def test_an_unknown_column_in_the_address_of_fabs_lists_is_left_out(as_user: Callable[..., Any]) -> None:
    browser = as_user("admin")
    for column in ("nonsense", "true", "__class__", "permissions.x", "x.y", ".", "1", "metadata"):
        assert browser.get(f"/roles/list/?_oc_RoleModelView={column}&_od_RoleModelView=asc").status_code == 200


def test_signs_of_a_template_in_what_was_typed_stay_text(as_user: Callable[..., Any]) -> None:
    answer = as_user("admin").post("/customers/add", data={"name": "x", "latitude": "%s%n%(x)s", "longitude": "%f"})
    assert answer.status_code == 422
