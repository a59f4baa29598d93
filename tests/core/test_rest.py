"""REST over customers: the same rules as the screens, told to programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_30_VALIDATOR

from app.core.db import db
from app.core.feature import Role
from app.crm.customers.models import Customer
from tests.factories.crm import CustomerFactory
from tests.factories.org import DepartmentFactory, EmployeeFactory

ROOT = "/api/v1/customers/"


@pytest.fixture
def desk(session: Any) -> Any:
    return EmployeeFactory(role=Role.SALES)


def codes_of(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["code"] for row in answer.json["result"]]


@pytest.mark.databases
def test_program_sees_only_rows_of_its_user(as_program: Callable[..., Any], desk: Any) -> None:
    mine = CustomerFactory(department=desk.home_department, name="پروین")
    other = CustomerFactory(name="پروین")
    api = as_program(desk)
    assert codes_of(api.get(ROOT)) == [mine.code]
    assert codes_of(api.get(f"{ROOT}?search=پروین")) == [mine.code]
    assert api.get(f"{ROOT}{mine.id}").status_code == 200
    assert api.get(f"{ROOT}{other.id}").status_code == 404
    assert api.put(f"{ROOT}{other.id}", json={"name": "x"}).status_code == 404
    assert api.get(f"{ROOT}{mine.id}").json["result"]["department"]["id"] == mine.department_id


@pytest.mark.parametrize("method", ["get", "post"])
def test_cookie_is_no_key_to_the_interface(as_user: Callable[..., Any], method: str) -> None:
    answer = getattr(as_user("admin"), method)(ROOT, json={"name": "x"})
    assert answer.status_code == 401
    assert answer.json


def test_forged_token_is_refused(client: Any) -> None:
    for token in ("x", "e30.e30.e30", "null"):
        answer = client.get(ROOT, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in {401, 422}


def test_program_without_the_right_is_forbidden(as_program: Callable[..., Any], session: Any) -> None:
    api = as_program(EmployeeFactory())
    assert api.get(ROOT).status_code == 403
    assert api.post(ROOT, json={"name": "x"}).status_code == 403
    reader = as_program(Role.SECRETARY)
    assert reader.get(ROOT).status_code == 200
    assert reader.post(ROOT, json={"name": "x"}).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "sort=password",
        "sort=-note",
        "colour=red",
        "f_password=1",
        "f_registered_on_from=1404/13/01",
        "size=0",
        "size=abc",
        "size=100000",
        "page=-1",
        "page=99999",
        "q=(",
        "q=!!!",
        "q=1",
        "q=(order_column:password)",
        "q=(filters:!((col:x)))",
        "q=(filters:!((col:name,opr:evil,value:1)))",
        "q=(unknown:1)",
        "q=(page:a)",
        "f_kind=alien",
    ],
)
def test_list_asked_wrongly_is_a_400_that_says_what(as_program: Callable[..., Any], session: Any, query: str) -> None:
    CustomerFactory()
    answer = as_program("admin").get(f"{ROOT}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "bad_query"


@pytest.mark.databases
def test_pages_by_cursor_and_by_number_agree(as_program: Callable[..., Any], session: Any) -> None:
    made = [CustomerFactory().code for _n in range(7)]
    api = as_program("admin")
    first = api.get(f"{ROOT}?size=3&sort=code")
    second = api.get(f"{ROOT}?size=3&sort=code&after={first.json['next']}")
    assert codes_of(second) == codes_of(api.get(f"{ROOT}?size=3&sort=code&page=1"))
    assert codes_of(second) == codes_of(api.get(f"{ROOT}?q=(order_column:code,order_direction:asc,page:1,page_size:3)"))
    third = api.get(f"{ROOT}?size=3&sort=code&after={second.json['next']}")
    assert third.json["next"] is None
    assert sorted(codes_of(first) + codes_of(second) + codes_of(third)) == sorted(made)
    assert first.json["count"] == 7


def test_filters_of_both_kinds_narrow(as_program: Callable[..., Any], session: Any) -> None:
    CustomerFactory(code="A", city="تهران")
    CustomerFactory(code="B", city="شیراز")
    api = as_program("admin")
    assert codes_of(api.get(f"{ROOT}?f_city=شیراز")) == ["B"]
    assert codes_of(api.get(f"{ROOT}?q=(filters:!((col:city,opr:eq,value:'تهران')))")) == ["A"]


@pytest.mark.databases
def test_row_is_added_changed_and_read(as_program: Callable[..., Any], desk: Any) -> None:
    api = as_program(desk)
    answer = api.post(
        ROOT,
        json={
            "name": "علي",
            "code": "Z1",
            "mobile": "09125088505",
            "credit_limit_rials": 5000,
            "registered_on": "2025-03-21",
            "is_dealer": True,
        },
    )
    assert answer.status_code == 201, answer.text
    pk = answer.json["id"]
    row = db.session.get(Customer, pk)
    assert (row.name, row.credit_limit_rials, row.is_dealer, row.department_id) == (
        "علی",
        5000,
        True,
        desk.home_department_id,
    )
    assert api.put(f"{ROOT}{pk}", json={"note": "زنگ بزن"}).status_code == 200
    db.session.refresh(row)
    assert (row.note, row.name, row.is_dealer, row.credit_limit_rials) == ("زنگ بزن", "علی", True, 5000)
    assert api.put(f"{ROOT}{pk}", json={"note": None, "is_dealer": False}).status_code == 200
    db.session.refresh(row)
    assert (row.note, row.is_dealer) == (None, False)


@pytest.mark.databases
def test_taken_code_is_a_422_at_its_path(as_program: Callable[..., Any], session: Any) -> None:
    department = CustomerFactory(code="TAKEN").department
    answer = as_program("admin").post(ROOT, json={"name": "x", "code": "TAKEN", "department": department.id})
    assert answer.status_code == 422, answer.text
    assert [(e["path"], e["code"]) for e in answer.json["errors"]] == [("code", "duplicate")]


@pytest.mark.parametrize(
    ("sent", "paths"),
    [
        ({"name": "x" * 201}, ["name"]),
        ({"kind": "alien"}, ["kind"]),
        ({"registered_on": "1404/13/01", "credit_limit_rials": "much"}, ["credit_limit_rials", "registered_on"]),
        ({"nonsense": 1}, ["nonsense"]),
        ({"name": {"a": 1}}, ["name"]),
        ({"owner": 99999999}, ["owner"]),
        ({"owner": "1 OR 1=1"}, ["owner"]),
        ({"national_id": "1234567890"}, ["national_id"]),
        ({"latitude": "95", "longitude": "50"}, ["latitude"]),
        ({"latitude": float("1e300")}, ["latitude"]),
        ({"credit_limit_rials": 10**30}, ["credit_limit_rials"]),
    ],
    ids=str,
)
def test_bad_values_are_a_422_with_their_paths(
    as_program: Callable[..., Any], session: Any, sent: dict[str, Any], paths: list[str]
) -> None:
    department = DepartmentFactory()
    answer = as_program("admin").post(ROOT, json={"name": "نمونه", "department": department.id, **sent})
    assert answer.status_code == 422, answer.text
    assert sorted({error["path"] for error in answer.json["errors"]}) == paths


@pytest.mark.parametrize("body", ["", "[]", "1", "null", "{", '"x"'])
def test_body_that_is_no_object_is_a_400(as_program: Callable[..., Any], body: str) -> None:
    answer = as_program("admin").post(ROOT, data=body, content_type="application/json")
    assert answer.status_code == 400


def test_older_version_is_a_409(as_program: Callable[..., Any], session: Any) -> None:
    customer = CustomerFactory()
    api = as_program("admin")
    assert api.put(f"{ROOT}{customer.id}", json={"note": "a", "version": customer.version}).status_code == 200
    assert api.put(f"{ROOT}{customer.id}", json={"note": "b", "version": 1}).status_code == 409


def test_hidden_row_cannot_be_linked(as_program: Callable[..., Any], desk: Any) -> None:
    strange = DepartmentFactory()
    answer = as_program(desk).post(ROOT, json={"name": "x", "department": strange.id})
    assert answer.status_code in {403, 422}
    assert db.session.query(Customer).filter_by(name="x").count() == 0


@pytest.mark.parametrize("address", ["x", "0", "99999999999999999", "1;2", "%00"])
def test_impossible_row_is_a_404_in_json(as_program: Callable[..., Any], address: str) -> None:
    answer = as_program("admin").get(ROOT + address)
    assert answer.status_code == 404
    assert answer.json["status"] == 404


@pytest.fixture
def told(session: Any, as_program: Callable[..., Any]) -> Any:
    """The OpenAPI description, as a program of the least powerful person reads it."""
    answer = as_program(EmployeeFactory(role=Role.SECRETARY)).get("/api/v1/_openapi")
    assert answer.status_code == 200
    return answer.json


def test_the_description_needs_a_token(client: Any) -> None:
    assert client.get("/api/v1/_openapi").status_code == 401


def test_interface_describes_itself(told: Any) -> None:
    assert {"/api/v1/customers/", "/api/v1/customers/{pk}"} <= told["paths"].keys()
    name = told["components"]["schemas"]["CustomerApi.post"]["properties"]["name"]
    assert name["type"] == "string"
    listed = {one["name"] for one in told["paths"]["/api/v1/customers/"]["get"]["parameters"]}
    assert {"search", "after", "f_city", "f_registered_on_from", "f_registered_on_to"} <= listed


def test_description_is_valid_and_complete(told: Any, app: Any) -> None:
    """Valid as OpenAPI 3.0, every reference leads somewhere, and every address of the interface is in it."""
    OPENAPI_30_VALIDATOR.validate(json.loads(json.dumps(told)))
    text = json.dumps(told)
    for pointer in set(re.findall(r'"#/([^"]+)"', text)):
        place = told
        for part in pointer.split("/"):
            assert part in place, pointer
            place = place[part]
    addresses = {
        re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.startswith(("/api/v1/_", "/api/v1/menu"))
    }
    assert addresses <= told["paths"].keys(), addresses - told["paths"].keys()
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            if path.startswith(("/api/v1/security", "/api/v1/menu", "/api/v1/imports")):
                continue
            assert operation.get("responses"), (path, method)
            assert operation.get("security"), (path, method)


def test_every_screen_with_rows_has_an_interface(app: Any) -> None:
    from app.core.fab import ModelApi, ModelView

    views = app.extensions["appbuilder"].baseviews
    told = {view.datamodel.obj for view in views if isinstance(view, ModelApi)}
    without = {type(view).__name__ for view in views if isinstance(view, ModelView) and view.model not in told}
    assert without <= LOGS, without


LOGS = {
    "PrintSettingsView", "ExportRecordView", "SignInView", "SecondFactorDemandView", "WebhookView", "DeliveryView",
    "SignatureScanView", "SignatureViewView",
}  # fmt: skip
"""Screens of the administrator about the installation itself, and the one row of print settings."""
