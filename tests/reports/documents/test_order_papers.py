"""Orders on paper and in workbooks: for a party with prices, for the works without, and only for those who may."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from app.core.clock import today
from app.core.feature import Role
from app.sales.orders.kinds import OrderKind
from app.sales.orders.models import Order
from app.sales.orders.workflow import flow_of
from reports.documents.forms import FORMS, LEGAL, PaperForm
from reports.documents.orders import order_print
from reports.documents.values import CopyMark
from tests.factories import CustomerFactory
from tests.factories.finance import line
from tests.factories.orders import BY, approved_order, draft_order
from tests.reports.documents.paperwork import numbers, pdf_pages, plain

PRICED = [line("3", "1234567", description="Steel pipe"), line("2.5", "7654321", description="Elbow")]
COMPANY_FORMS = [form for form in FORMS.values() if form.is_company]


@pytest.fixture
def manager(as_user: Any) -> Any:
    return as_user(Role.MANAGER)


def order_of(kind: OrderKind, **head: Any) -> Order:
    return approved_order(lines=PRICED, kind=kind, deliver_on=today().isoformat(), **head)


def cells(content: bytes) -> list[Any]:
    sheet = load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    return [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell not in (None, "")]


@pytest.mark.parametrize("kind", [OrderKind.SALES, OrderKind.PURCHASE])
def test_an_order_prints_with_its_figures(manager: Any, kind: OrderKind) -> None:
    order = order_of(kind)
    answer = manager.get(f"/print/orders/{order.id}.pdf?paper=a5&orientation=portrait")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    (page,) = pdf_pages(answer.data)
    found = numbers(page)
    for amount in (order.lines[0].payable_rials, order.payable_rials):
        assert found[f"{amount:,}"]
    assert plain("Steel pipe") in plain(page)
    assert order.payable_rials in cells(manager.get(f"/print/orders/{order.id}.xlsx").data)


def test_the_works_get_quantities_and_no_price(manager: Any) -> None:
    customer = CustomerFactory(name="Zaribar Trading")
    order = order_of(OrderKind.PRODUCTION, customer=customer)
    order.lines[0].unit_price, order.lines[0].gross_rials = 1234567, 3703701
    (page,) = pdf_pages(manager.get(f"/print/orders/{order.id}.pdf").data)
    found = numbers(page)
    assert not found["1,234,567"]
    assert not found["3,703,701"]
    for words in ("Steel pipe", "Elbow", "Zaribar Trading", "ضایعات"):
        assert plain(words) in plain(page)
    written = cells(manager.get(f"/print/orders/{order.id}.xlsx").data)
    assert {3, 2.5} <= set(written)
    assert not {1234567, 3703701} & set(written)


def test_an_order_for_the_own_store_names_no_party(manager: Any) -> None:
    order = order_of(OrderKind.PRODUCTION)
    order.customer = None
    paper = order_print(order)
    assert paper.buyer.name == ""
    assert manager.get(f"/print/orders/{order.id}.pdf").status_code == 200
    assert "مشخصات خریدار" not in cells(manager.get(f"/print/orders/{order.id}.xlsx").data)


def test_a_long_order_for_the_works_goes_over_pages_without_sums(manager: Any) -> None:
    order = approved_order(lines=[line("1", "0", description=f"Part {at}") for at in range(60)],
                           kind=OrderKind.PRODUCTION)  # fmt: skip
    pages = pdf_pages(manager.get(f"/print/orders/{order.id}.pdf?paper=a5&orientation=landscape").data)
    assert len(pages) > 1
    assert all(plain("جمع") not in plain(page) for page in pages)
    assert plain("Part 59") in plain(" ".join(pages))


def test_a_draft_and_a_cancelled_order_say_so(manager: Any) -> None:
    order = draft_order()
    assert order_print(order).mark is CopyMark.DRAFT
    flow_of(order).apply(order, "cancel", actor=BY, reason="gone")
    assert order_print(order).mark is CopyMark.VOID


@pytest.mark.parametrize("form", COMPANY_FORMS, ids=lambda form: form.name)
def test_a_paper_without_prices_fills_the_page(form: Any) -> None:
    bare = form.unpriced()
    assert sum(wide for _key, wide in bare.columns) == pytest.approx(bare.inner_width_mm)
    assert not bare.has_sums
    assert form.has_sums
    assert {key for key, _ in FORMS[PaperForm.A4_LANDSCAPE].columns} == set(LEGAL)


@pytest.mark.parametrize("part", ["", ".pdf", ".xlsx"])
def test_who_may_not_print_gets_no_paper(as_user: Any, part: str) -> None:
    order = order_of(OrderKind.SALES)
    bought = order_of(OrderKind.PURCHASE)
    seller = as_user(Role.SALES, home_department=order.department)
    assert seller.get(f"/print/orders/{order.id}{part}").status_code == 200
    assert seller.get(f"/print/orders/{bought.id}{part}").status_code in {403, 404}
    for role in (Role.SUPERVISOR, Role.REP, Role.COLLECTOR, Role.DEALER):
        stranger = as_user(role, home_department=order.department)
        assert stranger.get(f"/print/orders/{order.id}{part}").status_code in {403, 404}
    assert as_user(Role.SALES).get(f"/print/orders/{order.id}{part}").status_code == 404


def test_the_page_of_an_order_offers_its_print(manager: Any, as_user: Any) -> None:
    order = order_of(OrderKind.SALES)
    assert f"/print/orders/{order.id}" in manager.get(f"/orders/editor/{order.id}").text
    watcher = as_user(Role.SUPERVISOR, home_department=order.department)
    assert f"/print/orders/{order.id}" not in watcher.get(f"/orders/editor/{order.id}").text


@pytest.mark.parametrize("address", ["?paper=a3", "?orientation=round"])
def test_what_no_paper_has_is_refused(manager: Any, address: str) -> None:
    order = order_of(OrderKind.SALES)
    assert manager.get(f"/print/orders/{order.id}.pdf{address}").status_code in {400, 404, 422}
