"""The columns and values pages: what a person may choose there, what is kept of it, what is refused."""

from __future__ import annotations

import io
from typing import Any

import lxml.html
from openpyxl import Workbook
from sqlalchemy import func, select

from app.core.db import db
from app.core.feature import Role
from app.core.jobs import Job
from app.crm.customers.models import Customer, CustomerKind
from imports.memory import RememberedHeader, RememberedSheet
from imports.models import ImportBatch
from tests.app_fixtures import employee, sign_in
from tests.factories import CustomerFactory, DepartmentFactory
from tests.imports.test_wizard import mapping_form, step_on, upload


def content(*rows: list[Any]) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def start(visitor: Any, *rows: list[Any], spec: str = "customers") -> tuple[str, dict[str, Any]]:
    """The address of the columns page of a fresh upload, and its form."""
    answer = visitor.post(f"/import/{spec}", data={"file": (io.BytesIO(content(*rows)), "c.xlsx")})
    assert answer.status_code == 302, answer.text
    address = answer.headers["Location"]
    return address, mapping_form(visitor.get(address).text)


def page_of(answer: Any) -> Any:
    return lxml.html.fromstring(answer.text)


def bring_in(visitor: Any, address: str, fields: dict[str, Any]) -> None:
    """Check and import with these choices."""
    preview = step_on(visitor, visitor.post(address, data=fields))
    assert preview.request.path.endswith("/preview"), preview.text
    report = step_on(visitor, visitor.post(address.replace("mapping", "apply"), data={"mode": "both"}))
    assert report.request.path.endswith("/report"), report.text


def newest() -> ImportBatch:
    """The batch of the last upload."""
    db.session.expire_all()
    return db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(1)).one()


def queued() -> int:
    return int(db.session.scalar(select(func.count()).select_from(Job)) or 0)


def test_two_columns_cannot_go_to_one(committed_app: Any) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    address, fields = start(visitor, ["نام", "لقب"], ["آریا", "آ"])
    answer = visitor.post(address, data={**fields, "target-1": "name"})
    field = page_of(answer).get_element_by_id("target-1")

    assert answer.status_code == 422
    assert field.get("aria-invalid") == "true"
    assert page_of(answer).get_element_by_id(field.get("aria-describedby")).text_content().strip()


def test_a_required_column_is_asked_for_and_one_value_for_all_rows_will_do(committed_app: Any) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    address, fields = start(visitor, ["شهر"], ["تهران"], ["قم"])
    refused = visitor.post(address, data=fields)
    bring_in(visitor, address, {**fields, "constant-name": "مشتری گذری", "constant-kind": "company"})
    found = db.session.scalars(select(Customer).where(Customer.name == "مشتری گذری")).all()

    assert refused.status_code == 422
    assert page_of(refused).xpath("//div[contains(@class, 'tone-bad')]")
    assert {(one.city, one.kind) for one in found} == {("تهران", CustomerKind.COMPANY), ("قم", CustomerKind.COMPANY)}


def test_a_value_for_all_rows_that_cannot_be_read_is_refused_at_its_field(committed_app: Any) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    address, fields = start(visitor, ["نام"], ["آریا"])
    answer = visitor.post(address, data={**fields, "constant-registered_on": "1404/13/40"})

    assert answer.status_code == 422
    assert page_of(answer).get_element_by_id("constant-registered_on").get("aria-invalid") == "true"


def test_looking_shows_how_cells_are_read_and_starts_nothing(committed_app: Any) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    address, fields = start(visitor, ["نام", "مبلغ اولیه"], ["آریا", "۴۵۰٬۰۰۰"], ["پارس", "دویست"])
    before = queued()
    look = {"look": "1", "target-1": "credit_limit_rials", "unit-1": "toman"}
    answer = visitor.post(address, data={**fields, **look})
    samples = [" ".join(one.text_content().split()) for one in page_of(answer).xpath("//li[contains(@class,'sample')]")]

    assert answer.status_code == 200
    assert queued() == before
    assert any(one.startswith("۴۵۰٬۰۰۰") and one.endswith("۴٬۵۰۰٬۰۰۰ ریال") for one in samples), samples
    assert page_of(answer).xpath("//li[contains(@class,'sample bad')]")[0].text_content().strip().startswith("دویست")


def test_a_suggestion_is_taken_by_its_button_only(committed_app: Any) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    address, fields = start(visitor, ["نام", "شماره همراه مشتری"], ["آریا", "09121112233"])
    button = page_of(visitor.get(address)).xpath("//button[@name='accept']")[0]
    answer = visitor.post(address, data={**fields, "accept": button.get("value")})

    assert fields["target-1"] == ""
    assert mapping_form(answer.text)["target-1"] == "mobile"


def test_a_whole_name_can_be_taken_apart(committed_app: Any) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    address, fields = start(visitor, ["نام مشتری", "شهر"], ["محمدی، فاطمه", "قم"])
    bring_in(visitor, address, {**fields, "target-0": "names:family_first"})
    found = db.session.scalars(select(Customer).where(Customer.name == "محمدی، فاطمه")).one()

    assert (found.first_name, found.last_name) == ("فاطمه", "محمدی")


def test_what_was_chosen_is_there_again_for_its_person(committed_app: Any) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    rows = (["طرف", "مبلغ اولیه", "بی‌ربط"], ["آریا", 5000, "x"])
    address, fields = start(visitor, *rows)
    chosen = {
        "target-0": "name", "target-1": "credit_limit_rials", "unit-1": "toman", "constant-city": "قم", "key": "mobile",
    }  # fmt: skip
    bring_in(visitor, address, {**fields, **chosen})

    address, again = start(visitor, *rows)
    page = page_of(visitor.get(address))
    afresh = mapping_form(visitor.get(f"{address}?afresh=1").text)

    assert {name: again.get(name) for name in ("target-0", "target-1", "unit-1", "constant-city")} == {
        name: chosen[name] for name in ("target-0", "target-1", "unit-1", "constant-city")
    }
    assert again["target-2"] == ""
    assert page.xpath("//a[contains(@href, 'afresh=1')]")
    assert (afresh["target-0"], afresh.get("constant-city", "")) == ("", "")


def test_the_company_remembers_columns_but_nobody_elses_values(committed_app: Any) -> None:
    first = sign_in(committed_app, employee("admin"))
    rows = (["طرف", "مبلغ اولیه", "تاریخ"], ["آریا", 5000, "1404/01/01"])
    address, fields = start(first, *rows)
    chosen = {"target-0": "name", "target-1": "credit_limit_rials", "target-2": "", "constant-city": "قم"}
    bring_in(first, address, {**fields, **chosen})
    other = sign_in(committed_app, employee(Role.MANAGER, home_department=DepartmentFactory()))

    _address, theirs = start(other, *rows)

    assert (theirs["target-0"], theirs["target-1"]) == ("name", "credit_limit_rials")
    assert theirs["target-2"] == "registered_on", "what one person left out is not left out for all"
    assert theirs.get("constant-city", "") == ""
    shared = db.session.scalars(select(RememberedSheet).where(RememberedSheet.user_id.is_(None))).one()
    assert not {"constants", "values", "create"} & set(shared.choice)


def test_an_own_choice_wins_over_the_companys(committed_app: Any) -> None:
    mine = sign_in(committed_app, employee("admin"))
    rows = (["نام", "مبلغ اولیه"], ["آریا", 5000])
    address, fields = start(mine, *rows)
    bring_in(mine, address, {**fields, "target-1": "credit_limit_rials"})
    other = sign_in(committed_app, employee(Role.MANAGER, home_department=DepartmentFactory()))
    address, fields = start(other, *rows)
    bring_in(other, address, {**fields, "target-1": "note"})

    _address, fields = start(mine, *rows)
    assert fields["target-1"] == "credit_limit_rials"
    company = select(RememberedHeader.column).where(
        RememberedHeader.user_id.is_(None), RememberedHeader.header == "مبلغاولیه"
    )
    assert db.session.scalars(company).one() == "note"


def test_unknown_values_are_asked_for_once_and_made_on_import(committed_app: Any) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    known = CustomerFactory(name="پخش پارس")
    db.session.commit()
    known_id = known.id
    head = ["شماره", "تاریخ", "خریدار", "شرح", "تعداد", "قیمت واحد", "درصد مالیات"]
    lines = [[f"N-{n}", "1404/09/02", who, "شرح", 1, 1000, 10] for n, who in enumerate(("آریا", "پارس", "آریا"))]
    address, fields = start(visitor, head, *lines, spec="sales_invoices")
    asked = step_on(visitor, visitor.post(address, data=fields))
    page = page_of(asked)
    before = db.session.scalar(select(func.count()).select_from(Customer))
    told = {"do-customer-0": "create:company", "pick-customer-1": str(known_id)}
    preview = step_on(visitor, visitor.post(asked.request.path, data=told))
    held = db.session.scalar(select(func.count()).select_from(Customer))
    step_on(visitor, visitor.post(address.replace("mapping", "apply"), data={"mode": "both"}))
    batch = newest()

    assert asked.request.path.endswith("/values")
    assert [row.text_content().strip() for row in page.xpath("//tbody//strong/bdi")] == ["آریا", "پارس"]
    assert preview.request.path.endswith("/preview")
    assert held == before
    assert batch.counts["new"] == 3, batch.errors
    assert db.session.scalar(select(func.count()).select_from(Customer)) == before + 1


def test_answers_are_remembered_and_can_be_asked_for_again(committed_app: Any) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    rows = (["نام", "نوع"], ["آریا", "سهامی"])
    address, fields = start(visitor, *rows)
    asked = step_on(visitor, visitor.post(address, data=fields))
    step_on(visitor, visitor.post(asked.request.path, data={"pick-kind-0": "company"}))
    step_on(visitor, visitor.post(address.replace("mapping", "apply"), data={"mode": "both"}))

    address, fields = start(visitor, *rows)
    page = page_of(visitor.get(address))
    silent = step_on(visitor, visitor.post(address, data=fields))
    again = step_on(visitor, visitor.post(address, data={**fields, "forget-kind": "1"}))

    assert page.xpath("//input[@name='forget-kind']")
    assert silent.request.path.endswith("/preview")
    assert again.request.path.endswith("/values")


def test_values_that_stay_errors_lead_on_to_the_preview(committed_app: Any) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    address, fields = start(visitor, ["نام", "نوع"], ["آریا", "سهامی"])
    asked = step_on(visitor, visitor.post(address, data=fields))
    preview = step_on(visitor, visitor.post(asked.request.path, data={"pick-kind-0": "no such member"}))

    assert asked.request.path.endswith("/values")
    assert preview.request.path.endswith("/preview")
    assert [error["code"] for error in newest().errors] == ["unknown_choice"]
    assert page_of(preview).xpath("//a[contains(@href, '/values')]")


def test_choices_are_the_records_in_sight_of_reference_columns(committed_app: Any) -> None:
    here, there = DepartmentFactory(), DepartmentFactory()
    CustomerFactory(name="آریای ما", department=here)
    CustomerFactory(name="آریای دیگران", department=there)
    db.session.commit()
    visitor = sign_in(committed_app, employee(Role.SALES, home_department=here))
    address, _fields = start(visitor, ["مشتری", "نام"], ["آریا", "علی"], spec="customer_contacts")
    seen = visitor.get(address.replace("mapping", "choices/customer?q=آریای")).get_json()["results"]

    assert [one["text"] for one in seen] == ["آریای ما"]
    assert visitor.get(address.replace("mapping", "choices/name")).status_code == 404
    assert visitor.get(address.replace("mapping", "choices/nothing")).status_code == 404


def test_who_may_not_import_gets_none_of_the_pages(committed_app: Any) -> None:
    owner = sign_in(committed_app, employee("admin"))
    address = upload(owner, content(["نام"], ["آریا"])).headers["Location"]
    rep = sign_in(committed_app, employee(Role.REP, home_department=DepartmentFactory()))

    for page in ("mapping", "values", "choices/price_list"):
        assert rep.get(address.replace("mapping", page)).status_code in (403, 404), page
    for page in ("mapping", "values"):
        assert rep.post(address.replace("mapping", page)).status_code in (403, 404), page
