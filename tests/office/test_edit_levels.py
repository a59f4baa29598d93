"""Edit levels on the session and the workflow: what they let through, what not, and for whom."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select, update

from app.core import clock, level_guard, levels
from app.core.actor import Actor, acting_as
from app.core.bulk import insert_columns
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound, StaleVersion
from app.core.feature import Role
from app.core.history import history_of
from app.core.level_rules import Limits
from app.core.levels import LevelRefused
from app.core.sheets import sheet_named
from app.finance.invoices import services as invoices
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice, InvoiceLine
from app.finance.invoices.workflow import FLOWS
from app.office.edit_levels import services
from app.office.edit_levels.effects import Turn, effect_of
from app.office.edit_levels.table import Who
from app.org.access.services import create_role
from app.org.posts.models import PostHolder
from app.org.security import actor_of
from app.sales.orders.models import OrderLine
from app.sales.production.models import StageRun
from app.sales.proformas.models import ProformaLineTax
from imports.apply import Order, run_import
from tests.factories import CustomerFactory, DelegationFactory, EmployeeFactory, PostFactory
from tests.factories.finance import draft_invoice, entry, issued_invoice, line
from tests.office.level_rows import by_role, set_cell

KIND = "finance.invoices"
HEAD = ("شماره فاکتور", "تاریخ", "کد مشتری", "شرح", "تعداد", "قیمت واحد")
ORDER_HEAD = ("شماره سفارش", "تاریخ سفارش", "کد مشتری", "شرح", "تعداد", "قیمت واحد")
FREE = Limits()


@pytest.fixture
def clerk(session: Any) -> Any:
    """An accountant: the role gives everything with invoices."""
    return EmployeeFactory(role=Role.ACCOUNTANT)


@pytest.fixture
def draft(clerk: Any) -> Invoice:
    """A draft of 2,200 rials in the clerk's department."""
    return draft_invoice(CustomerFactory(department=clerk.home_department))


def acting(person: Any) -> Any:
    return acting_as(actor_of(person))


def shut(action: str, *, state: str = "") -> None:
    """Give an action to holders of a post alone, which nobody has."""
    set_cell(KIND, action, (Who(post_id=PostFactory().id), FREE), state=state)


def test_without_rows_the_role_decides(clerk: Any, draft: Invoice) -> None:
    with acting(clerk):
        assert invoices.issue_invoice(draft.id).number is not None


def test_a_step_is_refused_where_nobody_names_the_person(clerk: Any, draft: Invoice) -> None:
    shut("issue")
    with acting(clerk) as who:
        assert [str(type(one.refusal).__name__) for one in FLOWS[InvoiceKind.SALES].available(draft, who)] == [
            "LevelRefused"
        ]
        with pytest.raises(LevelRefused):
            invoices.issue_invoice(draft.id)


def test_the_right_of_the_role_stays_the_first_condition(draft: Invoice) -> None:
    secretary = EmployeeFactory(role=Role.SECRETARY, home_department=draft.department)
    set_cell(KIND, "issue", (by_role(Role.SECRETARY), FREE))
    with acting(secretary), pytest.raises(NotAllowed) as refusal:
        FLOWS[InvoiceKind.SALES].apply(draft, "issue", actor=actor_of(secretary))
    assert refusal.value.code == "not_allowed"


def test_a_step_within_and_above_the_amount(clerk: Any, draft: Invoice) -> None:
    set_cell(KIND, "issue", (by_role(Role.ACCOUNTANT), Limits(amount_rials=2_199)))
    with acting(clerk), pytest.raises(LevelRefused, match=r"۲٬۲۰۰|2,200"):
        invoices.issue_invoice(draft.id)
    set_cell(KIND, "issue", (by_role(Role.ACCOUNTANT), Limits(amount_rials=2_200)))
    with acting(clerk):
        invoices.issue_invoice(draft.id)


def test_an_edit_does_not_lift_a_document_over_the_own_limit(clerk: Any, draft: Invoice) -> None:
    set_cell(KIND, "edit", (by_role(Role.ACCOUNTANT), Limits(amount_rials=5_000)))
    bigger = entry(draft.customer, [line("9")]) | {"version": str(draft.version)}
    with acting(clerk), pytest.raises(LevelRefused):
        invoices.save_draft(bigger, invoice_id=draft.id)


def test_an_edit_does_not_bring_a_document_down_below_it(clerk: Any, draft: Invoice) -> None:
    """What lies above the own limit is not the person's to change at all."""
    set_cell(KIND, "edit", (by_role(Role.ACCOUNTANT), Limits(amount_rials=2_000)))
    smaller = entry(draft.customer, [line("1")]) | {"version": str(draft.version)}
    with acting(clerk), pytest.raises(LevelRefused):
        invoices.save_draft(smaller, invoice_id=draft.id)


def test_a_new_document_is_within_the_limit_too(clerk: Any) -> None:
    set_cell(KIND, "edit", (by_role(Role.ACCOUNTANT), Limits(amount_rials=5_000)))
    customer = CustomerFactory(department=clerk.home_department)
    with acting(clerk):
        invoices.save_draft(entry(customer), kind=InvoiceKind.SALES)
        with pytest.raises(LevelRefused):
            invoices.save_draft(entry(customer, [line("9")]), kind=InvoiceKind.SALES)


def test_a_line_and_its_tax_are_changed_only_with_their_document(clerk: Any, draft: Invoice) -> None:
    shut("edit")
    with acting(clerk):
        draft.lines[0].description = "Another"
        with pytest.raises(LevelRefused):
            db.session.flush()
        db.session.refresh(draft.lines[0])
        draft.lines[0].taxes[0].name = "Another"
        with pytest.raises(LevelRefused):
            db.session.flush()


def test_a_draft_is_deleted_only_by_who_may_edit_it(clerk: Any, draft: Invoice) -> None:
    shut("edit", state="draft")
    with acting(clerk), pytest.raises(LevelRefused):
        invoices.discard_draft(draft.id)


def test_a_step_may_change_what_an_edit_may_not(clerk: Any, draft: Invoice) -> None:
    """Number, buyer and day follow from the issue; an edit that waits in the session is still an edit."""
    shut("edit")
    with acting(clerk):
        invoices.issue_invoice(draft.id)
    other = draft_invoice(draft.customer)
    with acting(clerk):
        other.note = "slipped in"
        with pytest.raises(LevelRefused):
            FLOWS[InvoiceKind.SALES].apply(other, "issue", actor=actor_of(clerk))


@pytest.mark.parametrize("model", [OrderLine, ProformaLineTax, StageRun])
def test_statements_over_parts_of_documents_are_refused(clerk: Any, model: Any) -> None:
    """A line has no history of its own that would refuse them; documents themselves refuse them by theirs."""
    set_cell("sales.orders", "edit", (by_role(Role.ACCOUNTANT), FREE))
    statement: Any = update(model).values(id=0).where(model.id == 0)
    with acting(clerk), pytest.raises(LevelRefused):
        db.session.execute(statement)
    with acting_as(Actor.system("test")):
        db.session.execute(statement)


def test_administrators_and_the_system_are_free(session: Any, draft: Invoice) -> None:
    for action in ("view", "edit", "issue"):
        shut(action)
    admin = EmployeeFactory(role="Admin")
    with acting(admin):
        draft.note = "by the administrator"
        db.session.flush()
    with acting_as(Actor.system("test")):
        invoices.issue_invoice(draft.id)


# Posts -----------------------------------------------------------------------------------------


@pytest.fixture
def chart(clerk: Any) -> dict[str, Any]:
    """A head above the post of the clerk."""
    head = PostFactory(name="Head")
    desk = PostFactory(name="Desk", parent=head)
    boss = EmployeeFactory(role=Role.ACCOUNTANT, home_department=clerk.home_department)
    since = clock.today() - timedelta(days=9)
    for post, person in ((head, boss), (desk, clerk)):
        db.session.add(PostHolder(post_id=post.id, employee_id=person.id, from_on=since))
    db.session.flush()
    return {"head": head, "desk": desk, "boss": boss}


def may_issue(person: Any, invoice: Invoice) -> bool:
    return levels.refusal_of(actor_of(person), "issue", invoice) is None


def test_a_post_names_its_holders(clerk: Any, draft: Invoice, chart: dict[str, Any]) -> None:
    set_cell(KIND, "issue", (Who(post_id=chart["head"].id), FREE))
    assert (may_issue(chart["boss"], draft), may_issue(clerk, draft)) == (True, False)


def test_a_level_of_the_chart_names_who_is_there_or_above(clerk: Any, draft: Invoice, chart: dict[str, Any]) -> None:
    set_cell(KIND, "issue", (Who(rank=1), FREE))
    assert (may_issue(chart["boss"], draft), may_issue(clerk, draft)) == (True, False)
    set_cell(KIND, "issue", (Who(rank=2), FREE))
    assert (may_issue(chart["boss"], draft), may_issue(clerk, draft)) == (True, True)


def test_a_delegate_acts_with_the_posts_stood_in_for(clerk: Any, draft: Invoice, chart: dict[str, Any]) -> None:
    set_cell(KIND, "issue", (Who(post_id=chart["head"].id), FREE))
    day = clock.today()
    leave = DelegationFactory(principal=chart["boss"], delegate=clerk, from_on=day, until_on=day)
    assert may_issue(clerk, draft)
    leave.from_on = leave.until_on = day - timedelta(days=1)
    db.session.flush()
    assert not may_issue(clerk, draft)


# What is seen ----------------------------------------------------------------------------------


@pytest.mark.databases
def test_the_row_scope_and_the_decision_agree(session: Any) -> None:
    """Every draft and issued invoice around each limit: seen exactly where `decide` says so."""
    clerk = EmployeeFactory(role=Role.ACCOUNTANT)
    customer = CustomerFactory(department=clerk.home_department)
    made = [
        draft_invoice(customer, [line("1", price, discounts=discounts)], invoice_on=on)
        for price in ("1000", "1001", "3333")
        for discounts in ([], [{"percent": "10"}], [{"percent": "10.5"}])
        for on in ("1405/08/01", (clock.today() - timedelta(days=3)).isoformat())
    ] + [issued_invoice(customer)]
    for limits in (
        Limits(amount_rials=1_100), Limits(discount_percent=services.HUNDRED / 10), Limits(age_days=3),
        Limits(amount_rials=1_101, age_days=3),
    ):  # fmt: skip
        set_cell(KIND, "view", (by_role(Role.ACCOUNTANT), limits), state="draft")
        with acting(clerk) as who:
            seen = set(session.scalars(select(Invoice.id).where(Invoice.id.in_([one.id for one in made]))))
            lines = set(session.scalars(select(InvoiceLine.invoice_id)))
        with acting_as(Actor.system("test")):
            wanted = {one.id for one in made if levels.refusal_of(who, "view", one) is None}
        assert seen == wanted, limits
        assert lines & {one.id for one in made} == wanted, limits
        assert 0 < len(wanted) < len(made), limits


def test_nobody_named_sees_no_draft_of_that_kind_and_all_of_others(clerk: Any, draft: Invoice) -> None:
    bought = draft_invoice(
        CustomerFactory(department=clerk.home_department, is_supplier=True), kind=InvoiceKind.PURCHASE
    )
    shut("view", state="draft")
    with acting(clerk):
        with pytest.raises(NotFound):
            invoices.open_invoice(draft.id)
        assert invoices.open_invoice(bought.id) is not None


# The table -------------------------------------------------------------------------------------


def test_only_who_has_the_right_changes_the_table(clerk: Any) -> None:
    with acting(clerk), pytest.raises(NotAllowed):
        services.save_rows(services.document_of(KIND), [], seen="")


def test_a_stale_page_is_refused_and_bad_rows_are_named(session: Any) -> None:
    shut("issue")
    document = services.document_of(KIND)
    with acting_as(Actor.system("test")):
        with pytest.raises(StaleVersion):
            services.save_rows(document, [], seen="old")
        cell = services.cell_of(document, "draft", "issue")
        wrong = [services.Row(cell, Who(role_id=987_654), Limits(amount_rials=-1, age_days=-1))]
        with pytest.raises(Invalid) as refusal:
            services.save_rows(document, wrong, seen=services.mark_of(KIND))
    assert [one.path for one in refusal.value.errors] == ["rows[0].who", "rows[0].amount", "rows[0].age"]


def test_a_change_holds_at_once_and_stays_in_the_history(clerk: Any, draft: Invoice) -> None:
    assert may_issue(clerk, draft)
    shut("issue")
    assert not may_issue(clerk, draft)
    set_cell(KIND, "issue")
    assert may_issue(clerk, draft)
    table = services.table_of(KIND)
    actions = [entry.action for entry in history_of(table)]
    assert actions.count("created") >= 2
    assert "deleted" in actions


def test_bulk_roads_ask_too(clerk: Any, draft: Invoice) -> None:
    set_cell(KIND, "edit", (by_role(Role.ACCOUNTANT), Limits(amount_rials=1_000)))
    with acting(clerk):
        with pytest.raises(LevelRefused):
            level_guard.check_updates(db.session, Invoice, [draft.id], {"note": ["x"]})
        assert set(level_guard.refusals(db.session, Invoice, [draft.id])) == {draft.id}


@pytest.mark.parametrize(
    ("kind", "sheet", "head"),
    [("finance.invoices", "sales_invoices", HEAD), ("sales.orders", "sales_orders", ORDER_HEAD)],
)
def test_an_import_says_what_is_above_the_own_limit(
    clerk: Any, tmp_path: Path, kind: str, sheet: str, head: tuple[str, ...]
) -> None:
    """Its cell says so before anything is written; with the usual tax it is 2,200 rials."""
    CustomerFactory(code="C1", name="Aria", department=clerk.home_department)
    book = Workbook()
    for row in (head, ["F-1", "1405/08/01", "C1", "goods", 2, 1000]):
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    actor = replace(actor_of(clerk), rights=actor_of(clerk).rights | {("can_import", kind), ("can_add", kind)})
    for most, errors in ((2_199, ["edit_level"]), (2_200, [])):
        set_cell(kind, "edit", (by_role(Role.ACCOUNTANT), Limits(amount_rials=most)))
        with acting_as(replace(actor, levels=actor_of(clerk).levels)):
            report = run_import(tmp_path / "book.xlsx", Order(sheet_named(sheet)))
        assert [one.code for one in report.errors] == errors
    assert report.numbers()["new"] == 1


def test_rows_that_go_in_as_columns_are_asked_too(clerk: Any, draft: Invoice) -> None:
    """Past the flush, where drafts of an import are written."""
    set_cell(KIND, "edit", (by_role(Role.ACCOUNTANT), Limits(amount_rials=1_000)))
    columns: dict[str, Any] = {"kind": [InvoiceKind.SALES], "payable_rials": [1_001]}
    with acting(clerk), pytest.raises(LevelRefused):
        insert_columns(Invoice, columns)


# What a change would mean ----------------------------------------------------------------------


def test_the_preview_names_who_loses_what(clerk: Any, draft: Invoice) -> None:
    with acting(clerk):
        own = invoices.save_draft(entry(draft.customer), kind=InvoiceKind.SALES)
    document = services.document_of(KIND)
    cell = services.cell_of(document, "draft", "edit")
    nobody = services.Row(cell, Who(post_id=PostFactory().id))
    with acting_as(Actor.system("test")):
        effect = effect_of(document, [], [nobody])
        limited = effect_of(document, [], [services.Row(cell, by_role(Role.ACCOUNTANT), Limits(amount_rials=2_199))])
        wide = effect_of(document, [], [services.Row(cell, by_role(Role.ACCOUNTANT), Limits(amount_rials=2_200))])
        same = effect_of(document, [nobody], [nobody])
    assert own.owner_id == clerk.id
    assert [(one.action, one.states) for one in effect.changes] == [("edit", ["draft"])]
    assert str(clerk) in effect.changes[0].turns[Turn.LOST]
    assert [(one.action, one.state, one.count) for one in effect.lost] == [("edit", "draft", 1)]
    assert str(clerk) in limited.changes[0].turns[Turn.TIGHTER]
    assert [one.count for one in limited.lost] == [1]
    assert wide.lost == []
    assert same.is_empty


def test_rows_of_another_kind_come_as_far_as_they_fit(session: Any) -> None:
    who = by_role(Role.ACCOUNTANT)
    set_cell(KIND, "issue", (who, Limits(amount_rials=5, discount_percent=Decimal(3))), state="draft")
    set_cell(KIND, "view", (who, Limits(amount_rials=5, discount_percent=Decimal(3), age_days=7)))
    to_invoices = services.like(services.document_of("finance.purchases"), services.document_of(KIND))
    to_payments = services.like(services.document_of("finance.settlement"), services.document_of(KIND))
    assert {row.cell.action for row in to_invoices} == {"issue", "view"}
    assert [(row.cell.action, row.limits) for row in to_payments] == [("view", Limits(amount_rials=5, age_days=7))]


# Screens ---------------------------------------------------------------------------------------


def test_the_screens_show_change_and_explain(as_user: Any, clerk: Any, draft: Invoice) -> None:
    admin = as_user("admin")
    for path in ("/edit-levels/", "/edit-levels/finance.invoices", "/edit-levels/finance.invoices/any/view"):
        assert admin.get(path).status_code == 200, path
    assert as_user(clerk).get("/edit-levels/").status_code in (302, 403)
    typed = {"state": "draft", "action": "issue", "who": f"role:{by_role(Role.ACCOUNTANT).role_id}", "seen": ""}
    wrong = admin.post("/edit-levels/finance.invoices/preview", data={**typed, "amount": "many"})
    assert wrong.status_code == 422
    assert "rows[0].amount-error" in wrong.text
    typed["amount"] = "۲٬۱۹۹"
    assert str(clerk) in admin.post("/edit-levels/finance.invoices/preview", data=typed).text
    assert admin.post("/edit-levels/finance.invoices/save", data=typed).status_code == 302
    assert admin.post("/edit-levels/finance.invoices/save", data=typed).status_code == 409  # the page is old
    told = admin.get(f"/access/record/finance_invoice/{draft.id}?person={clerk.id}").text
    assert re.search("۲٬۱۹۹|2,199", told)
    assert re.search("۲٬۲۰۰|2,200", told)


def test_what_may_not_be_changed_opens_to_be_read_with_the_reason(as_user: Any, clerk: Any, draft: Invoice) -> None:
    set_cell(KIND, "edit", (by_role(Role.ACCOUNTANT), Limits(amount_rials=2_199)))
    page = as_user(clerk).get(f"/invoices/edit/{draft.id}", follow_redirects=True).text
    assert re.search("۲٬۱۹۹|2,199", page)


def test_saving_asks_for_the_password_again(app: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = as_user("admin")
    typed = {"state": "draft", "action": "issue", "who": f"role:{by_role(Role.ACCOUNTANT).role_id}", "seen": ""}
    monkeypatch.setitem(app.config, "FRESH_PASSWORD_FOR", timedelta(0))
    page = admin.post("/edit-levels/finance.invoices/save", data=typed)
    assert "confirm_password" in page.text
    assert 'name="who"' in page.text  # what was typed is held
    assert services.rows_of(KIND) == ()


def test_a_role_that_a_level_names_is_not_deleted(as_user: Any, session: Any) -> None:
    """Its cell would have no line left, and be open to everybody whose role gives the right."""
    admin = as_user("admin")
    with acting_as(actor_of(admin.user)):
        role = create_role("Auditors")
    set_cell(KIND, "issue", (Who(role_id=role.id), FREE))
    admin.post(f"/access-roles/{role.id}/delete")
    assert [row.who.role_id for row in services.rows_of(KIND)] == [role.id]


@pytest.mark.parametrize("address", ["/any/nothing", "/nowhere/view", "/void/issue"])
def test_a_cell_that_is_not_there(as_user: Any, address: str) -> None:
    assert as_user("admin").get(f"/edit-levels/finance.invoices{address}").status_code == 404


def test_a_button_that_a_level_refuses_stays_and_says_why(as_user: Any, clerk: Any, draft: Invoice) -> None:
    set_cell(KIND, "issue", (by_role(Role.ACCOUNTANT), Limits(amount_rials=2_199)))
    page = as_user(clerk).get(f"/invoices/show/{draft.id}", follow_redirects=True).text
    assert re.search(r"disabled[^>]*title=\"[^\"]*(۲٬۱۹۹|2,199)|title=\"[^\"]*(۲٬۱۹۹|2,199)[^>]*disabled", page)
