"""Batches of import for programs: the wizard's road with a bearer token, and who may not go it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask_jwt_extended import create_access_token
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from app.core import jobs
from app.core.db import db
from app.core.feature import Role
from app.crm.customers.models import Customer
from tests.app_fixtures import employee
from tests.factories import DepartmentFactory, EmployeeFactory

ROOT = "/api/v1/imports/"
ROWS = (("کد مشتری", "نام", "کد ملی", "شهر"), ("A1", "الف", "0123529190", "تهران"), ("A2", "ب", "0123529191", "طهران"))


def book(*rows: tuple[Any, ...]) -> io.BytesIO:
    made, content = Workbook(), io.BytesIO()
    sheet: Any = made.active
    for row in rows or ROWS:
        sheet.append(row)
    made.save(content)
    content.seek(0)
    return content


def upload(program: Any, *, spec: str = "customers") -> Any:
    return program.post(ROOT, data={"spec": spec, "file": (book(), "c.xlsx")})


@pytest.fixture
def program(committed_app: Any) -> Any:
    visitor: Any = committed_app.test_client()
    visitor.bearer = create_access_token(identity=str(employee("admin").id), fresh=True)
    return visitor


@pytest.fixture
def address(program: Any) -> str:
    """A batch that was uploaded and checked."""
    made = upload(program)
    assert made.status_code == 201, made.text
    assert made.json["mapping"]["columns"] == {"code": "A", "name": "B", "national_id": "C", "city": "D"}
    address = f"{ROOT}{made.json['id']}"
    assert program.post(f"{address}/check").status_code == 202
    jobs.work_off()
    return address


def stored() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Customer.code).where(Customer.code.in_(("A1", "A2")))))


def test_a_program_corrects_and_imports(program: Any, address: str) -> None:
    checked = program.get(address).json
    assert (checked["stage"], checked["error_count"], checked["counts"]["error"]) == ("checked", 1, 1)
    found = program.get(f"{address}/errors").json["errors"]
    assert [(e["row"], e["column"], e["code"]) for e in found] == [(3, "C", "national_id")]

    refused = program.post(f"{address}/apply", json={})
    jobs.work_off()
    assert (refused.status_code, stored()) == (202, set())
    cells = {"cells": [{"row": 3, "column": "C", "text": "۰۶۸۴۱۵۹۴۱۵"}]}
    worse = program.post(f"{address}/corrections", json=cells)
    assert worse.json["error_count"] == 1
    undone = program.delete(f"{address}/corrections")
    assert (undone.json["acts"], undone.json["rows"][0]["cells"]["C"]) == (0, "0123529191")
    better = program.post(f"{address}/corrections", json={"cells": [{"row": 3, "column": "C", "text": "0684159414"}]})
    assert better.json["error_count"] == 0
    program.post(f"{address}/apply", json={"mode": "add"})
    jobs.work_off()

    assert program.get(address).json["stage"] == "done"
    assert stored() == {"A1", "A2"}
    assert program.post(f"{address}/corrections", json=cells).status_code == 409


def test_find_and_replace_says_first_what_it_would_do(program: Any, address: str) -> None:
    wish = {"find": "طهران", "replace": "تهران", "column": "D", "whole": True}
    told = program.post(f"{address}/replace", json={**wish, "preview": True}).json
    assert told["count"] == 1
    assert told["examples"] == [{"row": 3, "column": "D", "before": "طهران", "after": "تهران"}]
    assert program.get(f"{address}/rows").json["acts"] == 0

    done = program.post(f"{address}/replace", json=wish).json

    assert (done["cells"], done["acts"], done["rows"][0]["corrected"]) == (1, 1, {"D": "طهران"})


def test_a_mapping_is_sent_by_words_or_letters(program: Any, address: str) -> None:
    lacking = program.put(f"{address}/mapping", json={"columns": {"code": "A"}, "ignore": ["نام"]})
    assert lacking.status_code == 422
    unknown = program.put(f"{address}/mapping", json={"columns": {"no such": "A"}})
    assert unknown.status_code == 422
    answer = program.put(f"{address}/mapping", json={"columns": {"note": "D"}})
    assert answer.json["columns"]["note"] == "D"
    assert program.get(f"{address}/mapping").json["columns"]["note"] == "D"


def test_the_marked_workbook_goes_on_where_it_was(program: Any, address: str) -> None:
    back = program.get(f"{address}/workbook")
    marked: Any = load_workbook(io.BytesIO(back.data))
    assert marked.active["C3"].comment is not None
    marked.active["C3"].value = "0684159414"
    out = io.BytesIO()
    marked.save(out)
    out.seek(0)
    again = program.post(ROOT, data={"spec": "customers", "file": (out, "c-errors.xlsx")})
    jobs.work_off()

    assert (again.json["goes_on"], f"{ROOT}{again.json['id']}") == (True, address)
    assert program.get(address).json["error_count"] == 0


def test_a_waiting_check_can_be_cancelled(program: Any) -> None:
    address = f"{ROOT}{upload(program).json['id']}"
    program.post(f"{address}/check")
    assert program.post(f"{address}/check").status_code == 409
    assert program.post(f"{address}/cancel").json["job"]["state"] == "cancelled"
    jobs.work_off()
    assert program.get(address).json["stage"] == "uploaded"
    assert program.post(f"{address}/apply", json={}).status_code == 409


@pytest.mark.parametrize(
    "sent",
    [None, [], {}, {"cells": 1}, {"cells": [{"row": 0, "column": "A", "text": "x"}]}, {"cells": [{"row": 3}]},
     {"cells": [{"row": 3, "column": "a", "text": "x"}]}, {"cells": [{"row": 3, "column": "A", "text": 5}]},
     {"cells": [{"row": 99, "column": "A", "text": "x"}]}, {"cells": [{"row": 3, "column": "ZZ", "text": "x"}]},
     {"cells": [{"row": 3, "column": "A", "text": "x" * 10_001}]},
     {"cells": [{"row": True, "column": "A", "text": ""}]}],
)  # fmt: skip
def test_a_bad_correction_is_refused_with_a_sentence(program: Any, address: str, sent: Any) -> None:
    answer = program.post(f"{address}/corrections", json=sent)
    assert answer.status_code == 422, answer.text
    assert answer.json["message"]
    assert program.get(f"{address}/rows").json["acts"] == 0


def test_bad_requests_are_refused_with_a_sentence(program: Any, address: str) -> None:
    assert program.post(ROOT, data={"spec": "customers"}).status_code == 422
    assert upload(program, spec="no such").status_code == 422
    junk = {"spec": "customers", "file": (io.BytesIO(b"\x00\x01 junk"), "c.xlsx")}
    assert program.post(ROOT, data=junk).status_code == 422
    for path in ("rows?offset=x", "rows?show=nothing", "errors?size=-1"):
        assert program.get(f"{address}/{path}").status_code == 422, path
    for sent in ({}, {"find": ""}, {"find": 1}, {"find": "x", "column": "?"}):
        assert program.post(f"{address}/replace", json=sent).status_code == 422, sent
    for sent in ({"mode": "x"}, {"clear": ["code"]}, {"clear": 1}, {"surprise": 1}):
        assert program.post(f"{address}/apply", json=sent).status_code == 422, sent


def test_only_a_token_opens_it(as_user: Callable[..., Any], client: Any) -> None:
    for visitor in (as_user("admin"), client):
        assert visitor.post(ROOT, data={"spec": "customers"}).status_code == 401
        assert visitor.get(f"{ROOT}1").status_code == 401
    assert client.get(f"{ROOT}1", headers={"Authorization": "Bearer e30.e30.e30"}).status_code in (401, 422)
    assert client.get(f"{ROOT}1", headers={"Authorization": "Bearer kbl_nobody"}).status_code == 401


def test_without_the_right_nothing_is_taken(as_program: Callable[..., Any], session: Any) -> None:
    assert upload(as_program(EmployeeFactory())).status_code == 403
    assert upload(as_program(Role.REP)).status_code == 403


def test_a_batch_is_its_owners_alone(as_program: Callable[..., Any], session: Any) -> None:
    address = f"{ROOT}{upload(as_program('admin')).json['id']}"
    other = as_program(Role.MANAGER, home_department=DepartmentFactory())
    for path in ("", "/mapping", "/rows", "/errors", "/workbook"):
        assert other.get(address + path).status_code == 404, path
    for path in ("/check", "/corrections", "/replace", "/apply", "/cancel", "/workbook"):
        assert other.post(address + path, json={"cells": []}).status_code == 404, path
    assert other.put(f"{address}/mapping", json={}).status_code == 404
    assert other.delete(f"{address}/corrections").status_code == 404
