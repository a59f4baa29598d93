"""The wizard in a browser's steps: upload, columns, check, preview, import, the marked workbook."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from app.core import jobs
from app.core.db import db
from app.core.feature import Role
from app.crm.customers.models import Customer
from tests.app_fixtures import employee, sign_in
from tests.factories import DepartmentFactory

SAMPLE = Path(__file__).parents[1] / "data" / "sheets" / "customers_libreoffice.xlsx"


def upload(visitor: Any, content: bytes, name: str = "c.xlsx", **options: Any) -> Any:
    return visitor.post("/import/customers", data={"file": (io.BytesIO(content), name)}, **options)


def mapping_form(page: str) -> dict[str, str]:
    """What a browser would send back: the chosen options."""
    import lxml.html

    form = lxml.html.fromstring(page).get_element_by_id("import-mapping")
    return {name: value for name, value in form.form_values() if name != "csrf_token"}


def step_on(visitor: Any, answer: Any) -> Any:
    assert answer.status_code == 302, answer.text
    jobs.work_off()
    return visitor.get(answer.headers["Location"], follow_redirects=True)


def test_forty_customers_come_in_by_the_wizard(committed_app: Any) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    before = db.session.scalar(select(func.count()).select_from(Customer))

    answer = upload(visitor, SAMPLE.read_bytes())
    page = visitor.get(answer.headers["Location"])
    fields = mapping_form(page.text)
    assert fields["target-1"] == "name"
    assert fields["target-4"] == "mobile"
    preview = step_on(visitor, visitor.post(answer.headers["Location"], data=fields))
    assert preview.request.path.endswith("/preview"), preview.text
    address = preview.request.path.replace("/preview", "")
    report = step_on(visitor, visitor.post(f"{address}/apply", data={"mode": "both"}))

    assert report.request.path == f"{address}/report"
    assert db.session.scalar(select(func.count()).select_from(Customer)) == before + 40


def test_bad_cells_come_back_marked(committed_app: Any) -> None:
    book = Workbook()
    sheet: Any = book.active
    for row in (["نام", "کد ملی"], ["الف", "0123529190"], ["ب", "0123529191"]):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    visitor = sign_in(committed_app, employee("admin"))
    before = db.session.scalar(select(func.count()).select_from(Customer))

    answer = upload(visitor, content.getvalue())
    fields = mapping_form(visitor.get(answer.headers["Location"]).text)
    preview = step_on(visitor, visitor.post(answer.headers["Location"], data=fields))
    address = preview.request.path.replace("/preview", "")
    window = visitor.get(f"{address}/rows?show=errors").json
    assert [(row["row"], row["errors"][0]["column"]) for row in window["rows"]] == [(3, "B")]
    marked: Any = load_workbook(io.BytesIO(visitor.get(f"{address}/errors.xlsx").data)).active
    refused = step_on(visitor, visitor.post(f"{address}/apply", data={"mode": "both"}))

    assert marked["B3"].fill.fgColor.rgb == "00FFC7CE"
    assert marked["C3"].value.startswith("کد ملی: ")
    assert marked["C2"].value is None
    assert refused.request.path == f"{address}/preview"
    assert db.session.scalar(select(func.count()).select_from(Customer)) == before


def test_a_file_that_is_no_workbook_is_refused_with_a_sentence(as_user: Callable[..., Any]) -> None:
    answer = upload(as_user("admin"), b"\x00\x01 no workbook", "c.xlsx")
    assert answer.status_code == 422
    assert "notice tone-bad" in answer.text


def test_a_batch_is_its_owners_alone(as_user: Callable[..., Any]) -> None:
    address = upload(as_user("admin"), SAMPLE.read_bytes()).headers["Location"]
    other = as_user(Role.MANAGER, home_department=DepartmentFactory())
    for path in ("mapping", "values", "choices/price_list", "wait", "preview", "report", "errors.xlsx"):
        assert other.get(address.replace("mapping", path)).status_code == 404, path
    assert other.post(address.replace("mapping", "apply")).status_code == 404


def test_who_may_not_import_sees_no_wizard(as_user: Callable[..., Any]) -> None:
    rep = as_user(Role.REP)
    assert rep.get("/import/customers").status_code == 403
    assert upload(rep, SAMPLE.read_bytes()).status_code == 403


def test_an_upload_without_the_pages_token_is_refused(as_user: Callable[..., Any]) -> None:
    assert upload(as_user("admin"), SAMPLE.read_bytes(), csrf=False).status_code == 400


def test_lists_offer_import_to_those_who_may(as_user: Callable[..., Any]) -> None:
    assert "/import/customers" in as_user("admin").get("/customers/list/").text
    assert "/import/customers" not in as_user(Role.REP).get("/customers/list/").text
