"""The dealer panel: own door, own prices, a basket that becomes an order once, own orders alone."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.feature import Role
from app.crm.customers.models import Customer
from app.org.employees.models import Employee
from app.sales.catalog.pictures import set_picture
from app.sales.dealers import baskets
from app.sales.dealers.models import Basket
from app.sales.orders.kinds import OrderSource, OrderState
from app.sales.orders.models import SalesOrder
from app.sales.orders.workflow import flow_of
from tests.app_fixtures import ADMIN_PASSWORD, Visitor
from tests.factories import CustomerFactory, EmployeeFactory, PriceListFactory, PriceListItemFactory, ProductFactory
from tests.factories.dealers import dealer_person
from tests.factories.finance import line
from tests.factories.orders import BY, draft_order

PAGES = ("/dealer/", "/dealer/basket", "/dealer/orders")


@pytest.fixture
def person(app: Flask) -> Employee:
    return dealer_person()


@pytest.fixture
def panel(as_user: Any, person: Employee) -> Visitor:
    visitor: Visitor = as_user(person)
    return visitor


def put(panel: Visitor, product: Any, quantity: str) -> Any:
    return panel.post("/dealer/basket/put", data={"product_id": product.id, "quantity": quantity})


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page[-3000:]
    return found[1]


def order_form(panel: Visitor, **typed: str) -> dict[str, str]:
    page = panel.get("/dealer/basket").text
    return {"key": hidden(page, "key"), "shown": hidden(page, "shown"), **typed}


def stored_basket(person: Employee) -> Basket | None:
    return db.session.scalar(select(Basket).where(Basket.user_id == person.id, Basket.order_id.is_(None)))


def order_count() -> int:
    return db.session.scalar(select(func.count()).select_from(SalesOrder)) or 0


def submitted(customer: Any, **head: Any) -> SalesOrder:
    order: Any = draft_order(customer, **head)
    with acting_as(BY):
        flow_of(order).apply(order, "submit", actor=BY)
    return order


# The door -----------------------------------------------------------------------------------------


def test_the_panels_door_shows_its_own_face_and_leads_inside(client: Visitor, person: Employee) -> None:
    with acting_as(Actor.system("test")):
        from werkzeug.security import generate_password_hash

        person.password = generate_password_hash(ADMIN_PASSWORD)
    door = client.get("/dealer/login")
    assert door.headers["Location"].startswith("/login/?next=")
    page = client.get(door.headers["Location"]).text
    assert "پنل نمایندگان" in page
    wrong = client.post(door.headers["Location"], data={"username": person.username, "password": "wrong"})
    assert "next=" in wrong.headers["Location"]
    assert "پنل نمایندگان" in client.get(wrong.headers["Location"]).text
    answer = client.post(door.headers["Location"], data={"username": person.username, "password": ADMIN_PASSWORD})
    assert answer.headers["Location"].endswith("/dealer/")


def test_the_offices_door_keeps_its_face(client: Visitor) -> None:
    assert "پنل نمایندگان" not in client.get("/login/").text
    assert "پنل نمایندگان" not in client.get("/login/?next=/customers/list/").text


def test_a_dealers_person_is_led_to_the_panel_and_the_office_is_not(panel: Visitor, as_user: Any) -> None:
    assert panel.get("/").headers["Location"].endswith("/dealer/")
    assert as_user(Role.SALES).get("/").status_code == 200


def test_visitors_are_led_to_the_sign_in(client: Visitor) -> None:
    for page in PAGES:
        assert client.get(page).headers["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SALES, Role.DEALER])
def test_whoever_works_for_no_dealer_is_refused(as_user: Any, role: Role) -> None:
    office = as_user(role)
    assert {office.get(page).status_code for page in PAGES} == {403}
    assert as_user("admin").get("/dealer/").status_code == 403


@pytest.mark.parametrize("change", [{"is_dealer": False}, {"is_active": False}])
def test_a_party_that_is_no_dealer_any_more_opens_nothing(as_user: Any, change: dict[str, bool]) -> None:
    visitor = as_user(dealer_person(CustomerFactory(**{"is_dealer": True, **change})))
    assert visitor.get("/dealer/").status_code == 403


OFFICE = ("/orders/list/", "/orders/editor/new", "/customers/list/", "/invoices/list/", "/products/list/")
FRAME, SIDEBAR = 'class="dealer-menu"', 'id="sidebar"'


def test_for_a_dealers_person_there_is_no_page_of_the_office(panel: Visitor) -> None:
    for address in (*OFFICE, "/dealer/orders/999999", "/no-such-page"):
        answer = panel.get(address)
        assert answer.status_code == 404, address
        assert FRAME in answer.text, address
        assert SIDEBAR not in answer.text, address
        assert 'href="/dealer/"' in answer.text.split("error-actions")[1], address
    assert panel.post("/orders/editor/save", json={"lines": []}).status_code == 404


def test_ones_own_pages_stand_in_the_panels_frame(panel: Visitor, as_user: Any) -> None:
    for address in ("/account/", "/account/second-factor/", "/resetmypassword/form", "/userinfoeditview/form"):
        page = panel.get(address)
        assert page.status_code == 200, address
        assert FRAME in page.text, address
        assert SIDEBAR not in page.text, address
    assert "/api-keys/" not in panel.get("/account/").text
    office = as_user(Role.SALES).get("/account/").text
    assert SIDEBAR in office
    assert FRAME not in office


def test_signing_out_leads_to_the_panels_door(panel: Visitor, as_user: Any) -> None:
    assert panel.post("/logout/").headers["Location"] == "/login/?next=%2Fdealer%2F"
    assert "dealer" not in as_user(Role.SALES).post("/logout/").headers["Location"]


def test_who_is_no_dealer_any_more_sees_the_frame_without_the_menu(as_user: Any) -> None:
    visitor = as_user(dealer_person(CustomerFactory(is_dealer=False)))
    page = visitor.get("/dealer/")
    assert page.status_code == 403
    assert FRAME not in page.text
    assert 'class="dealer-head"' in page.text


# The catalogue ------------------------------------------------------------------------------------


def test_every_product_has_the_dealers_own_price(panel: Visitor, person: Employee) -> None:
    product, other = ProductFactory(name="Teapot", price_rials=100), ProductFactory(name="Tray", price_rials=200)
    prices = PriceListFactory()
    PriceListItemFactory(price_list=prices, product=product, price_rials=77_000)
    db.session.get_one(Customer, person.customer_id).price_list_id = prices.id
    page = panel.get("/lang/en", headers={"Referer": "/dealer/"}) and panel.get("/dealer/").text
    assert "77,000" in page
    assert ">200<" in page
    page = panel.get("/dealer/?q=Teapot").text
    assert f"product-{product.id}" in page
    assert f"product-{other.id}" not in page


def test_products_out_of_use_are_not_offered(panel: Visitor) -> None:
    gone = ProductFactory(is_active=False)
    assert f"product-{gone.id}" not in panel.get("/dealer/").text
    assert put(panel, gone, "1").status_code == 404
    assert panel.get(f"/dealer/pictures/{gone.id}").status_code == 404


def test_pictures_are_shown(panel: Visitor) -> None:
    product, out = ProductFactory(), io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(out, "PNG")
    with acting_as(Actor.system("test")):
        set_picture(product, out.getvalue())
    assert f"/dealer/pictures/{product.id}" in panel.get("/dealer/").text
    answer = panel.get(f"/dealer/pictures/{product.id}?small=1")
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")


def test_pages_of_the_catalogue_follow_each_other(panel: Visitor) -> None:
    made = {ProductFactory().id for _ in range(30)}
    first = panel.get("/dealer/").text
    more = re.search(r'href="(/dealer/\?after=\d+)"', first)
    assert more
    shown = [set(map(int, re.findall(r'id="product-(\d+)"', text))) for text in (first, panel.get(more[1]).text)]
    assert shown[0] & shown[1] == set()
    assert made <= shown[0] | shown[1]


# The basket ---------------------------------------------------------------------------------------


def test_the_same_form_twice_puts_once(panel: Visitor, person: Employee) -> None:
    product = ProductFactory()
    for _ in range(2):
        answer = put(panel, product, "۳")
        assert answer.headers["Location"].endswith(f"#product-{product.id}")
    basket = stored_basket(person)
    assert basket is not None
    assert [(one.product_id, one.quantity) for one in basket.lines] == [(product.id, Decimal(3))]
    put(panel, product, "0")
    db.session.refresh(basket)
    assert basket.lines == []


@pytest.mark.parametrize("typed", ["many", "-2", "1.5", "1e9", "99999999999999999999"])
def test_what_is_no_quantity_is_told(panel: Visitor, person: Employee, typed: str) -> None:
    answer = put(panel, ProductFactory(), typed)
    assert answer.status_code == 302
    assert "tone-bad" in panel.get("/dealer/").text
    assert stored_basket(person) is None


def test_two_people_of_a_dealer_have_a_basket_each(panel: Visitor, person: Employee, as_user: Any) -> None:
    put(panel, ProductFactory(), "2")
    colleague = as_user(dealer_person(db.session.get_one(Customer, person.customer_id)))
    assert "basket-line" not in colleague.get("/dealer/basket").text


def test_rows_are_corrected_together(panel: Visitor, person: Employee) -> None:
    first, second = ProductFactory(), ProductFactory()
    put(panel, first, "1"), put(panel, second, "1")
    basket = stored_basket(person)
    assert basket is not None
    one, two = basket.lines
    form = {f"code-{one.id}": one.code, f"quantity-{one.id}": "5", f"code-{two.id}": two.code, f"quantity-{two.id}": ""}
    panel.post("/dealer/basket/lines", data=form)
    assert [(row.product_id, row.quantity) for row in basket.lines] == [(first.id, Decimal(5))]


def test_a_full_basket_takes_no_more(panel: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baskets, "MOST_LINES", 1)
    put(panel, ProductFactory(), "1")
    put(panel, ProductFactory(), "1")
    page = panel.get("/dealer/basket").text
    assert page.count('class="basket-line') == 2  # the list and its one row
    assert "tone-bad" in page


# The order ----------------------------------------------------------------------------------------


def test_a_basket_becomes_a_submitted_order_of_the_dealer(panel: Visitor, person: Employee) -> None:
    product = ProductFactory(price_rials=1_000)
    dealer = db.session.get_one(Customer, person.customer_id)
    dealer.owner = EmployeeFactory()
    put(panel, product, "4")
    answer = panel.post("/dealer/basket/order", data=order_form(panel, note="Soon", deliver_on=""))
    order = db.session.scalars(select(SalesOrder)).one()
    assert answer.headers["Location"].endswith(f"/dealer/orders/{order.id}")
    assert (order.source, order.state, order.number) == (OrderSource.DEALER, OrderState.SUBMITTED, 1)
    assert (order.customer_id, order.owner_id, order.department_id) == (
        dealer.id, dealer.owner_id, dealer.department_id,
    )  # fmt: skip
    assert (order.net_rials, order.tax_rials, order.payable_rials, order.note) == (4_000, 400, 4_400, "Soon")
    assert stored_basket(person) is None
    page = panel.get(f"/dealer/orders/{order.id}").text
    assert "سفارش شما را دریافت کردیم" in page


def test_a_request_that_is_sent_again_makes_no_second_order(panel: Visitor) -> None:
    put(panel, ProductFactory(), "1")
    form = order_form(panel)
    places = [panel.post("/dealer/basket/order", data=form).headers["Location"] for _ in range(3)]
    assert len(set(places)) == 1
    assert order_count() == 1


def test_prices_that_include_tax_stay_what_they_are(panel: Visitor, person: Employee) -> None:
    prices = PriceListFactory(prices_include_tax=True)
    product = PriceListItemFactory(price_list=prices, price_rials=11_000).product
    db.session.get_one(Customer, person.customer_id).price_list_id = prices.id
    put(panel, product, "2")
    panel.post("/dealer/basket/order", data=order_form(panel))
    order = db.session.scalars(select(SalesOrder)).one()
    assert (order.net_rials, order.tax_rials, order.payable_rials) == (20_000, 2_000, 22_000)


def test_a_price_that_changed_is_looked_at_first(panel: Visitor) -> None:
    product = ProductFactory(price_rials=1_000)
    put(panel, product, "1")
    form = order_form(panel)
    product.price_rials = 2_000
    answer = panel.post("/dealer/basket/order", data={**form, "note": "kept words"})
    assert answer.status_code == 422
    assert "kept words" in answer.text
    assert order_count() == 0


def test_nothing_is_ordered_with_a_bad_row_date_or_key(panel: Visitor, person: Employee) -> None:
    product = ProductFactory()
    put(panel, product, "1")
    form = order_form(panel)
    assert panel.post("/dealer/basket/order", data={**form, "deliver_on": "soon"}).status_code == 422
    assert panel.post("/dealer/basket/order", data={**form, "deliver_on": "1390/01/01"}).status_code == 422
    assert panel.post("/dealer/basket/order", data={**form, "note": "x" * 2_000}).status_code == 422
    assert panel.post("/dealer/basket/order", data={**form, "key": "0" * 32}).status_code == 422
    product.is_active = False
    assert panel.post("/dealer/basket/order", data=form).status_code == 422
    assert order_count() == 0


def test_a_colleague_cannot_order_by_somebodys_key(panel: Visitor, person: Employee, as_user: Any) -> None:
    put(panel, ProductFactory(), "1")
    colleague = as_user(dealer_person(db.session.get_one(Customer, person.customer_id)))
    colleague.post("/dealer/basket/order", data=order_form(panel))
    assert order_count() == 0


def test_without_the_right_to_order_the_panel_is_read_only(app: Flask, panel: Visitor) -> None:
    role = app.extensions["appbuilder"].sm.find_role(Role.DEALER.value)
    role.permissions = [one for one in role.permissions if one.permission.name != "can_order"]
    assert panel.get("/dealer/basket").status_code == 200
    assert put(panel, ProductFactory(), "1").status_code == 403


# Orders -------------------------------------------------------------------------------------------


def test_the_timeline_tells_in_plain_words_and_no_reason(panel: Visitor, person: Employee) -> None:
    order = submitted(db.session.get_one(Customer, person.customer_id))
    with acting_as(BY):
        flow_of(order).apply(order, "hold", actor=BY, reason="owes too much")
    page = panel.get(f"/dealer/orders/{order.id}").text
    assert "owes too much" not in page
    assert page.index("سفارش شما در انتظار است") < page.index("سفارش شما را دریافت کردیم")
    assert f"/dealer/orders/{order.id}" in panel.get("/dealer/orders").text


def test_a_draft_of_the_office_is_not_shown(panel: Visitor, person: Employee) -> None:
    draft = draft_order(db.session.get_one(Customer, person.customer_id))
    assert f"/dealer/orders/{draft.id}" not in panel.get("/dealer/orders").text
    assert panel.get(f"/dealer/orders/{draft.id}").status_code == 404


def test_another_dealers_order_is_not_found(panel: Visitor) -> None:
    order = submitted(CustomerFactory(is_dealer=True))
    assert panel.get(f"/dealer/orders/{order.id}").status_code == 404
    assert panel.post(f"/dealer/orders/{order.id}/repeat").status_code == 404
    assert f"/dealer/orders/{order.id}" not in panel.get("/dealer/orders").text


def test_the_last_order_is_repeated_as_far_as_it_is_sold(panel: Visitor, person: Employee) -> None:
    sold, gone = ProductFactory(), ProductFactory(is_active=False)
    rows = [line("4", product_id=sold.id), line("2", product_id=gone.id)]
    order = submitted(db.session.get_one(Customer, person.customer_id), lines=rows)
    assert f"/dealer/orders/{order.id}/repeat" in panel.get("/dealer/").text
    for _ in range(2):
        panel.post(f"/dealer/orders/{order.id}/repeat")
    basket = stored_basket(person)
    assert basket is not None
    assert [(row.product_id, row.quantity) for row in basket.lines] == [(sold.id, Decimal(4))]
    assert "tone-warn" in panel.get("/dealer/basket").text


def test_older_orders_follow_on_the_next_page(panel: Visitor, person: Employee) -> None:
    customer = db.session.get_one(Customer, person.customer_id)
    made = {submitted(customer).id for _ in range(22)}
    first = panel.get("/dealer/orders").text
    more = re.search(r'href="(/dealer/orders\?before=\d+)"', first)
    assert more
    shown = {int(one) for text in (first, panel.get(more[1]).text) for one in re.findall(r"/dealer/orders/(\d+)", text)}
    assert shown == made
