"""A list as a sheet in the browser: typing, pasting, filling, undoing, saving, two people at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import Site, picture, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
READY = "window.kartablSheet?.grid.table.initialized"
COPIED = Path(__file__).parents[1] / "data" / "clipboard"
PASTE = """([plain, html]) => {
  const data = new DataTransfer();
  data.setData('text/plain', plain);
  if (html) data.setData('text/html', html);
  const target = document.querySelector('#sheet-grid .tabulator-tableholder');
  target.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def open_sheet(page: Page, address: str = "/customers/sheet") -> None:
    page.goto(address)
    until(page, READY)
    until(page, "document.querySelector('#sheet-total').textContent")


def cell(page: Page, row: int, field: str) -> Any:
    return page.evaluate("([row, field]) => kartablSheet.grid.shown[row][field]", [row, field])


def go(page: Page, row: int, field: str) -> None:
    until(page, "kartablSheet.grid.held === null")  # the grid still goes on by itself from the cell before
    page.evaluate("([row, field]) => kartablSheet.grid.moveTo(row, field)", [row, field])


def select(page: Page, top: int, left: str, bottom: int, right: str) -> None:
    script = (
        "([top, left, bottom, right]) => { const { grid } = kartablSheet; const fields = grid.fields();"
        " grid.choose(top, fields.indexOf(left), bottom, fields.indexOf(right)); }"
    )
    page.evaluate(script, [top, left, bottom, right])


def enter(page: Page, text: str) -> None:
    """Open the cell and replace its text; Playwright has no keys for Persian letters."""
    page.keyboard.press("F2")
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")
    until(page, "!kartablSheet.grid.isEditing() && kartablSheet.grid.held === null")


def save(page: Page) -> None:
    page.keyboard.press("Control+s")
    until(page, "document.querySelector('#sheet-live').dataset.tone === 'ok'", seconds=40)


def in_database(site: Site, question: Callable[[], Any]) -> Any:
    from app.core.db import db

    with site.app.app_context():
        found = question()
        db.session.remove()
    return found


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("locale", ["fa", "en"])
def test_the_sheet_fits_and_opens_in_both_languages(person: Callable[..., Page], locale: str, width: int) -> None:
    page = person("admin", locale=locale, width=width)
    for name in ("customers", "products", "invoices"):
        open_sheet(page, f"/{name}/sheet")
        if name == "customers":
            select(page, 1, "name", 4, "mobile")
        picture(page, f"sheet-{name}-{locale}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} overflows"
    page.locator("#sheet-help").click()
    picture(page, f"sheet-keys-{locale}-{width}")


def first_unit() -> Any:
    from app.core.db import db
    from app.sales.catalog.models import Unit

    return db.session.query(Unit.name).order_by(Unit.id).first()[0]  # type: ignore[index]


def test_a_block_of_libreoffice_becomes_200_products(site: Site, person: Callable[..., Page]) -> None:
    page = person("accountant")
    open_sheet(page, "/products/sheet")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    fields = page.evaluate("kartablSheet.grid.fields().slice(1, 9)")
    assert fields == ["name", "code", "category", "unit", "price_rials", "tax_class", "is_active", "kind"]
    before = page.evaluate("kartablSheet.list.rows.length")
    page.locator("#sheet-add").click()
    until(page, "kartablSheet.grid.shown.at(-1).id === null")
    start = page.evaluate("kartablSheet.grid.shown.length - 1")
    unit = in_database(site, first_unit)
    texts = [(COPIED / f"libreoffice_rtl_200x8.{end}").read_text().replace("عدد", unit) for end in ("txt", "html")]
    with page.expect_response(re.compile("/sheet/check$")):
        page.evaluate(PASTE, texts)
    until(page, f"kartablSheet.grid.shown.length === {start} + 200")
    until(page, "document.querySelector('#sheet-problems').hidden")
    picture(page, "sheet-pasted-fa")
    # In the order of the sheet, the first column at the right: nothing is mirrored.
    assert cell(page, start + 1, "name") == "کالای آزمون 2"
    assert cell(page, start + 1, "code") == "00002"
    assert cell(page, start, "price_rials") == "1250000000"  # shown there as 1.25E+09
    assert cell(page, start + 5, "name") == '"ویژه" مهره'
    assert cell(page, start + 7, "name") == 'لوله ۲" گالوانیزه'
    assert page.evaluate("kartablSheet.edits.changed.size") == 200
    save(page)
    assert page.evaluate("kartablSheet.edits.changed.size") == 0
    assert page.evaluate("kartablSheet.list.rows.length") >= min(before + 200, 200)

    def stored() -> Any:
        from sqlalchemy import or_

        from app.core.db import db
        from app.sales.catalog.models import Product

        mine = Product.price_rials.between(1_250_000_000, 1_250_199_000)
        rows = (
            db.session.query(Product)
            .filter(mine, or_(Product.code.startswith("CL-"), Product.code.startswith("00")))
            .all()
        )
        return {row.code: (row.name, row.price_rials, row.is_active, row.kind.value, row.unit.name) for row in rows}

    rows = in_database(site, stored)
    assert len(rows) == 200
    assert rows["CL-0001"] == ("کالای آزمون 1", 1_250_000_000, True, "service", unit)
    assert rows["00200"][1:4] == (1_250_199_000, False, "goods")


def test_typing_filling_and_taking_back(person: Callable[..., Page]) -> None:
    page = person("admin")
    open_sheet(page)
    go(page, 0, "city")
    old = [cell(page, row, "city") for row in range(6)]
    enter(page, "بندرعباس")
    until(page, "kartablSheet.grid.shown[0].city === 'بندرعباس'")
    select(page, 0, "city", 5, "city")
    page.keyboard.press("Control+d")
    assert [cell(page, row, "city") for row in range(6)] == ["بندرعباس"] * 6
    page.keyboard.press("Control+z")
    assert [cell(page, row, "city") for row in range(6)] == ["بندرعباس", *old[1:]]
    page.keyboard.press("Control+z")
    assert [cell(page, row, "city") for row in range(6)] == old
    assert page.evaluate("kartablSheet.edits.changed.size") == 0
    page.keyboard.press("Control+y")
    page.keyboard.press("Control+y")
    assert cell(page, 5, "city") == "بندرعباس"
    select(page, 2, "city", 3, "city")
    page.keyboard.press("Delete")
    assert cell(page, 3, "city") == ""
    page.keyboard.press("Control+z")
    assert cell(page, 3, "city") == "بندرعباس"


def test_the_corner_of_the_block_is_dragged_down(person: Callable[..., Page]) -> None:
    page = person("admin")
    open_sheet(page)
    go(page, 1, "city")
    enter(page, "قم")
    until(page, "kartablSheet.grid.shown[1].city === 'قم'")
    select(page, 1, "city", 1, "city")
    page.locator(".fill-handle").hover()  # which waits until it no longer moves
    handle = page.locator(".fill-handle").bounding_box()
    assert handle is not None
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 60)
    page.mouse.move(x, y + 34 * 3)
    page.mouse.up()
    until(page, "[1, 2, 3, 4].every((row) => kartablSheet.grid.shown[row].city === 'قم')")
    assert cell(page, 5, "city") != "قم"


def test_the_block_is_summed_exactly_and_widths_are_remembered(person: Callable[..., Page]) -> None:
    page = person("accountant", locale="en")
    open_sheet(page, "/products/sheet")
    select(page, 0, "price_rials", 2, "price_rials")
    prices = [int(cell(page, row, "price_rials") or 0) for row in range(3)]
    until(page, "document.querySelector('#sheet-figures').textContent")
    assert f"{sum(prices):,}" in page.inner_text("#sheet-figures")
    page.evaluate("kartablSheet.grid.table.getColumn('code').setWidth(222)")
    edge = page.locator('.tabulator-col[tabulator-field="code"]').bounding_box()
    assert edge is not None
    page.mouse.move(edge["x"] + edge["width"] - 1, edge["y"] + 10)
    page.mouse.down()
    page.mouse.move(edge["x"] + edge["width"] + 30, edge["y"] + 10)
    page.mouse.up()
    width = page.evaluate("kartablSheet.grid.table.getColumn('code').getWidth()")
    assert width > 222
    open_sheet(page, "/products/sheet")
    assert page.evaluate("kartablSheet.grid.table.getColumn('code').getWidth()") == width


def test_a_bad_cell_is_marked_before_it_is_saved(person: Callable[..., Page]) -> None:
    page = person("admin")
    open_sheet(page)
    go(page, 0, "mobile")
    page.evaluate(PASTE, ["۱۲۳\n", ""])
    page.locator(".cell-bad").first.wait_for()
    until(page, "!document.querySelector('#sheet-problems').hidden")
    assert page.locator(".cell-bad").first.get_attribute("aria-invalid") == "true"
    picture(page, "sheet-bad-fa")
    page.keyboard.press("Control+s")
    until(page, "document.querySelector('#sheet-live').dataset.tone === 'bad'")
    assert page.evaluate("kartablSheet.edits.changed.size") == 1


def test_cells_of_excel_with_line_breaks_and_what_cannot_be_changed(person: Callable[..., Page]) -> None:
    page = person("accountant")
    open_sheet(page, "/invoices/sheet")
    find = "[false, true].map((is) => kartablSheet.grid.shown.findIndex((row) => row.frozen === is))"
    draft, frozen = page.evaluate(find)
    assert min(draft, frozen) >= 0
    go(page, draft, "note")
    page.evaluate(PASTE, ['"سطر یک\nسطر ""دو"""\r\n', ""])
    assert cell(page, draft, "note") == 'سطر یک\nسطر "دو"'
    held = cell(page, frozen, "note")
    go(page, frozen, "note")
    page.evaluate(PASTE, ["دیگر\r\n", ""])
    page.keyboard.type("x")
    assert cell(page, frozen, "note") == held
    assert page.locator(".tabulator-editing").count() == 0


def test_references_and_choices_are_found_by_typing(person: Callable[..., Page], site: Site) -> None:
    page = person("admin")
    open_sheet(page)
    go(page, 0, "department")

    def department() -> Any:
        from app.core.db import db
        from tests.factories import DepartmentFactory

        row = DepartmentFactory(name="دفتر قشم")
        db.session.commit()
        return row.code

    code = in_database(site, department)
    page.keyboard.press("F2")
    page.keyboard.insert_text("قشم")
    page.locator(".grid-choices[data-asked='قشم'] li", has_text="دفتر قشم").first.click()
    until(page, f"kartablSheet.grid.shown[0].department === {code!r}")
    page.locator("#sheet-grid", has_text="دفتر قشم").wait_for()
    go(page, 0, "is_active")
    page.keyboard.press("F2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    until(page, "kartablSheet.grid.shown[0].is_active !== kartablSheet.grid.shown[0].base.is_active")


def test_two_people_edit_one_row_and_the_second_is_told(person: Callable[..., Page], site: Site) -> None:
    first, second = person("admin"), person("manager")
    for page in (first, second):
        open_sheet(page)
    go(first, 7, "city")
    enter(first, "بوشهر")
    go(second, 7, "city")
    enter(second, "سمنان")
    go(second, 7, "province")
    enter(second, "سمنان")
    until(second, "kartablSheet.edits.cellCount === 2")
    save(first)
    second.keyboard.press("Control+s")
    second.locator("#sheet-conflicts[open]").wait_for()
    told = second.locator("#sheet-conflicts").inner_text()
    assert "بوشهر" in told
    assert "سمنان" in told
    picture(second, "sheet-conflict-fa")
    second.locator("#sheet-conflicts input[value=mine]").check()
    second.locator("#sheet-conflicts button[value=save]").click()
    until(second, "document.querySelector('#sheet-live').dataset.tone === 'ok'")
    ident = second.evaluate("kartablSheet.grid.shown[7].id")

    def stored() -> Any:
        from app.core.db import db
        from app.crm.customers.models import Customer

        row = db.session.get(Customer, ident)
        assert row is not None
        return row.city, row.province

    assert in_database(site, stored) == ("سمنان", "سمنان")


def test_leaving_with_unsaved_cells_warns(person: Callable[..., Page]) -> None:
    page = person("admin")
    open_sheet(page)
    go(page, 0, "city")
    enter(page, "یزد")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.evaluate("location.assign('/')")
    page.wait_for_url(re.compile(r"/$"))
    assert asked == ["beforeunload"]


def test_who_may_only_read_copies_and_changes_nothing(person: Callable[..., Page]) -> None:
    page = person("telemarketer")
    open_sheet(page, "/products/sheet")
    assert page.locator("#sheet-save, #sheet-add").count() == 0
    go(page, 0, "name")
    page.keyboard.type("x")
    page.evaluate(PASTE, ["دیگر\n", ""])
    assert page.evaluate("kartablSheet.edits.changed.size") == 0
    picture(page, "sheet-read-only-fa")


def test_a_long_list_is_a_window_that_moves(person: Callable[..., Page], site: Site) -> None:
    def many() -> None:
        from app.core.actor import Actor, acting_as
        from app.demo.build import build

        with acting_as(Actor.system("test")):
            build(customers=2_500, invoices=0, seed=7)

    in_database(site, many)
    page = person("admin")
    open_sheet(page)
    until(page, "kartablSheet.list.total > 1000")
    first = cell(page, 0, "name")
    go(page, 0, "note")
    enter(page, "نشان")
    page.keyboard.press("Control+End")
    until(page, "kartablSheet.list.atEnd && !kartablSheet.grid.moving")
    until(page, "kartablSheet.grid.holder.scrollTop > 0")
    last = page.evaluate("kartablSheet.grid.shown.at(-1).name")
    picture(page, "sheet-end-fa")
    page.evaluate("document.querySelector('#sheet-rail').focus()")
    page.keyboard.press("PageUp")
    until(page, "!kartablSheet.list.atEnd && !kartablSheet.grid.moving")
    picture(page, "sheet-middle-fa")
    assert page.locator("#sheet-grid .tabulator-row").first.is_visible()
    top, bottom = page.evaluate("['vDomTop', 'vDomBottom'].map((n) => kartablSheet.grid.table.rowManager.renderer[n])")
    assert top <= page.evaluate("kartablSheet.grid.firstVisible") <= bottom
    middle = page.evaluate("kartablSheet.grid.shown[kartablSheet.grid.firstVisible].name")
    assert first != middle != last
    page.evaluate("kartablSheet.toStart()")
    until(page, "kartablSheet.list.atStart && kartablSheet.grid.shown[0].note === 'نشان'")  # kept while out of sight
    for _turn in range(120):  # down by the wheel, to the end: no row twice, none left out
        page.evaluate("kartablSheet.grid.holder.scrollTop += 1700")
        page.wait_for_timeout(40)
        if page.evaluate("kartablSheet.list.atEnd"):
            break
    assert page.evaluate("kartablSheet.list.atEnd")
    assert page.evaluate("kartablSheet.list.offset + kartablSheet.list.rows.length") == 2_500
    assert page.evaluate("kartablSheet.grid.shown.at(-1).name") == last
