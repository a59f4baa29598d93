"""Every registered sheet: what goes out comes in again as the same, whoever saved it in between.

A later module is covered by registering its sheet; its rows come from the demo company, or from
`hostile_rows` below. A sheet of which there is no row fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask

from app.core import clock
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.sheets import SheetSpec
from app.demo.build import build
from app.finance.cheques.workflow import CHEQUE_FLOW
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.returns import save_return
from app.finance.invoices.services import issue_invoice
from app.finance.invoices.voids import void_invoice
from app.finance.settlement.models import OpeningBalance
from app.finance.settlement.openings import book_opening, undo_opening
from app.finance.settlement.payments import reverse_payment
from app.finance.settlement.queries import open_items
from app.finance.settlement.states import PaymentKind, Side
from app.sales.orders.kinds import POLICIES as POLICIES_OF_ORDERS
from app.sales.orders.kinds import OrderKind
from app.sales.proformas.kinds import ProformaKind
from app.sales.proformas.services import revise
from imports.specs import SPECS
from tests import services
from tests.app_fixtures import dispose, fresh_database, make_app
from tests.factories import CustomerFactory, EmployeeFactory, ProductFactory
from tests.factories.finance import draft_invoice, issued_invoice, line
from tests.factories.orders import approved_order, draft_order
from tests.factories.proformas import approved_proforma, draft_proforma
from tests.factories.settlement import cash, cheque, draft_payment, posted_payment
from tests.modules import probed_modules

NAMES = [spec.name for spec in SPECS]
AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
"""LibreOffice's filter for comma-separated UTF-8 with the cells as they are seen."""
ROADS = ("ours", "real-dates", "english", "csv", "csv-real-dates", "ods", "ods-xlsx", "office-csv")


def hostile_rows() -> None:
    """What programs between two exports like to change."""
    owner = EmployeeFactory()
    place = {"owner": owner, "department": owner.home_department}
    customer = CustomerFactory(
        **place, code="0012", name="=1+1", national_id="0012345679", note="=SUM(A1)\n+98 دو خط", latitude=35.732595,
        longitude=51.4, credit_limit_rials=10**15, registered_on=clock.today(), email="a@b.ir", is_dealer=True,
        company_name="@کافه", address="-پلاک ۳؛ \"واحد ۲\", طبقهٔ ۱", economic_code="00411111111",
        postal_code="0123456789",
    )  # fmt: skip
    CustomerFactory(**place, code="1e5", name="TRUE", city="1405/09/02", note="-")
    hang_on(customer)
    ProductFactory(code="007", barcode="6260000000248", price_rials=745_000, name="+شکر ٪۵", tax_code="0000000000017")
    lines = [
        line("2.125", "1000", discounts=[{"percent": "5"}, {"percent": "2.5"}, {"amount": "100"}]),
        line("3", "700.25", discounts=[{"amount": "100"}, {"percent": "5"}]),
        line("1", "10000"),
    ]
    additions = [
        {"name": "freight", "amount": "200000", "sign": 1, "taxed": False},
        {"name": "deduction", "amount": "300", "sign": -1, "taxed": False},
        {"name": "بیمه; باربری: ۲", "amount": "500", "sign": 1, "taxed": True},
    ]
    discounts = [{"percent": "1.5"}, {"amount": "10"}, {"percent": "2", "of": "payable"}]
    issued_invoice(lines=lines, invoice_on="", additions=additions, discounts=discounts, reference="00-1")
    draft_invoice(lines=[line("1", "250")], reference="R-1", additions=additions[:1], invoice_on="")
    returned_invoices(lines)
    draft_invoice(lines=lines[:1], additions=[{"name": "packing", "amount": "9", "sign": 1, "taxed": False}])
    settled_rows(customer)
    ordered_rows(customer, lines, additions, discounts)
    for module in probed_modules():
        for words in ("007", "=1+1", "-"):
            module.make(words=words, **place)


def returned_invoices(lines: list[Any]) -> None:
    """Purchases and returns with what a return can be: half a line, freight, damaged, voided again."""
    freight = [{"name": "freight", "amount": "900", "sign": 1, "taxed": False}]
    supplier = CustomerFactory(code="0077", name="-تأمین", is_supplier=True)
    free = [*lines[:2], line("5", "10", is_free=True)]
    with acting_as(Actor.system("test")):
        for kind in (InvoiceKind.SALES, InvoiceKind.PURCHASE):
            head = {"supplier_number": f"{kind}-007", "invoice_on": ""}
            original = issued_invoice(supplier, free, kind=kind, additions=freight, **head)
            for place, condition, refund in ((0, "damaged", "0"), (1, "", "100"), (2, "sound", "0")):
                row = {"original_line_id": original.lines[place].id, "quantity": "1.125", "condition": condition}
                head = {"original_id": original.id, "reason": "=شکست", "note": "-", "lines": [row]}
                back = save_return({**head, "additions": [{"name": "freight", "amount": refund}]})
                if place:
                    issue_invoice(back.id)
            void_invoice(back.id, reason="+")
    draft_invoice(supplier, free, kind=InvoiceKind.PURCHASE, supplier_number="=0012/A", note="+", invoice_on="")


def ordered_rows(customer: Any, lines: list[Any], additions: list[Any], discounts: list[Any]) -> None:
    """Orders and proformas of every kind, with a number and without, revised, with a party and without one."""
    supplier = CustomerFactory(code="0079", name="@تأمین", is_supplier=True)
    whole = {"lines": lines, "additions": additions, "discounts": discounts, "note": "=1+1; ۲", "reference": "00-1"}
    for kind in OrderKind:
        party = supplier if POLICIES_OF_ORDERS[kind].is_bought else customer
        approved_order(party, kind=kind, deliver_on="1405/12/29", **whole)
        draft_order(party, [line("1", "250")], kind=kind, prices_include_tax=True, reference="007")
    draft_order(customer, [line("2", "10")], kind=OrderKind.PRODUCTION, customer_id=None, reference="-")
    for offer in ProformaKind:
        party = supplier if offer is ProformaKind.PURCHASE else customer
        proforma = approved_proforma(party, kind=offer, **whole)
        with acting_as(Actor.system("test")):
            revise(proforma.id)
        draft_proforma(party, [line("1", "250")], kind=offer, reference="007")


def settled_rows(customer: Any) -> None:
    """Receipts, payments, cheques and opening balances in every state that they can be in."""
    place = {"department_id": customer.department_id}
    with acting_as(Actor.system("test")):
        book_opening(OpeningBalance(customer_id=customer.id, side=Side.DEBIT, amount_rials=900, reference="=0012",
                                    booked_on=clock.today(), note="-۱; ۲: ۳", **place))  # fmt: skip
        for reference in ("007", None):
            gone = OpeningBalance(
                customer_id=customer.id, side=Side.CREDIT, amount_rials=7, reference=reference, **place
            )
            book_opening(gone)
            undo_opening(gone, reason="+")
        for amount in ("150000", "90"):
            issued_invoice(customer, [line("1", amount)], invoice_on="", due_on="1406/01/01")
    posted_payment(
        customer, [cheque(100_000, number="=12", owner_name="-"), cash(2_000)], note="=1+1", reference="00-9"
    )
    posted_payment(customer, [{"method": "card", "amount": "40", "account": "007", "tracking": "0012345678901234"}])
    supplier = CustomerFactory(code="0078", name="+چک", is_supplier=True)
    held = posted_payment(supplier, [cheque(500, sheba="", account="0011")]).lines[0].cheque_id
    posted_payment(supplier, [{"method": "cheque", "cheque_id": str(held)}, cheque(60)], PaymentKind.PAYMENT)
    bounced = posted_payment(customer, [cheque(70)])
    with acting_as(Actor.system("test")):
        for name in ("deposit", "bounce"):
            CHEQUE_FLOW.apply(bounced.lines[0].cheque, name, actor=Actor.system("test"), reason="=کسری؛ 1")
        reverse_payment(posted_payment(customer, [cheque(80), cash(5)]).id, reason="-")
    item = open_items(customer.id, side=Side.DEBIT)[0]
    draft_payment(customer, [cheque(30)], chosen=[{"item_id": item.id, "amount": "20"}], reference="=R;1:2")


def hang_on(customer: Any) -> None:
    """A contact, a number and an address of a customer, each of which programs like to change."""
    from app.crm.customers.models import CustomerAddress, CustomerContact, CustomerPhone

    customer.contacts.append(CustomerContact(name="=مریم", post="-", mobile="+989120000001", phone="+982112345678"))
    customer.phones.append(CustomerPhone(label="", number="+982188888888", do_not_call=True))
    customer.addresses.append(CustomerAddress(label="007", address="+انبار", postal_code="0987654321", latitude=1.5,
                                              longitude=-2.25))  # fmt: skip


@pytest.fixture(scope="module")
def company(worker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demo company, small, with the hostile rows."""
    app = make_app(fresh_database("sqlite", f"{worker}_sheets"), tmp_path_factory.mktemp("company"))
    with app.app_context():
        build(customers=25, invoices=15, seed=1, report=lambda _line: None)
        hostile_rows()
        db.session.commit()
        db.session.remove()
        yield app
    dispose(app)


@pytest.fixture(scope="module")
def files(company: Flask, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Path]]:
    """By road, by sheet: the exported file, and what LibreOffice made of it."""
    found: dict[str, dict[str, Path]] = {road: {} for road in ROADS}
    folders = {road: tmp_path_factory.mktemp(road) for road in ROADS}
    orders = {
        "ours": ("xlsx", []),
        "real-dates": ("xlsx", ["--dates", "real"]),
        "english": ("xlsx", ["--language", "en"]),
        "csv": ("csv", []),
        "csv-real-dates": ("csv", ["--dates", "real"]),
    }
    for road, (suffix, options) in orders.items():
        for name in NAMES:
            found[road][name] = export(company, name, folders[road] / f"{name}.{suffix}", *options)
    ours = list(found["ours"].values())
    for road, sources, to in (("ods", ours, "ods"), ("ods-xlsx", None, "xlsx"), ("office-csv", ours, AS_SHOWN)):
        made = services.office_convert_all(sources or list(found["ods"].values()), to=to, folder=folders[road])
        found[road] = dict(zip(NAMES, made, strict=True))
    return found


def export(app: Flask, name: str, file: Path, *options: str) -> Path:
    done = app.test_cli_runner().invoke(args=["kartabl", "export", name, str(file), *options])
    assert done.exit_code == 0, done.output
    return file


def verdict(app: Flask, name: str, file: Path) -> dict[str, Any]:
    done = app.test_cli_runner().invoke(args=["kartabl", "import", name, str(file), "--dry-run", "--json"])
    found: dict[str, Any] = json.loads(done.output)
    return found


@pytest.mark.office
@pytest.mark.timeout(300)
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("name", NAMES)
def test_what_was_exported_imports_as_the_same(
    company: Flask, files: dict[str, dict[str, Path]], name: str, road: str
) -> None:
    found = verdict(company, name, files[road][name])

    assert (found["verdict"], found["errors"][:5], found["new"], found["updated"]) == ("accept", [], 0, 0)
    assert found["same"] == found.get("documents", found["rows"])
    assert found["same"] > 0, f"no row of {name}: give the demo company some, or hostile_rows"


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_an_empty_form_is_a_sheet_without_rows(company: Flask, tmp_path: Path, spec: SheetSpec) -> None:
    file = export(company, spec.name, tmp_path / "form.xlsx", "--template")
    page = openpyxl.load_workbook(file).worksheets[0]
    writable = [column for column in spec.all_columns if column.writable]

    found = verdict(company, spec.name, file)

    assert [cell.value.rstrip(" *") for cell in page[1]] == _labels(company, writable)
    assert all(cell.value.startswith("ⓘ ") for cell in page[2])
    assert (found["verdict"], found["reason"]) == ("reject", "no_rows")


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_a_filled_form_is_read_without_its_row_of_help(company: Flask, tmp_path: Path, spec: SheetSpec) -> None:
    file = export(company, spec.name, tmp_path / "form.xlsx", "--template")
    book = openpyxl.load_workbook(file)
    exported = openpyxl.load_workbook(export(company, spec.name, tmp_path / "rows.xlsx")).worksheets[0]
    head, *rows = exported.iter_rows(values_only=True)
    page = book.worksheets[0]
    needed = [head.index(cell.value.rstrip(" *")) for cell in page[1] if cell.value.endswith("*")]
    values = dict(zip(head, next(row for row in rows if all(row[place] for place in needed)), strict=True))
    for cell in page[1]:
        filled = page.cell(3, cell.column, values[cell.value.rstrip(" *")])
        if isinstance(filled.value, str):
            filled.data_type = "s"
    book.save(file)

    found = verdict(company, spec.name, file)

    assert (found["rows"], found["errors"]) == (1, [])


def _labels(app: Flask, columns: Any) -> list[str]:
    from flask_babel import force_locale

    with app.test_request_context(), force_locale("fa"):
        return [str(column.label) for column in columns]


def test_the_form_offers_what_may_be_chosen(company: Flask, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(export(company, "products", tmp_path / "form.xlsx", "--template"))
    page, lists = book.worksheets
    rules = {next(iter(rule.sqref.ranges)).min_col: rule for rule in page.data_validations.dataValidation}
    named = [column.name for column in SPECS[NAMES.index("products")].columns]

    assert lists.sheet_state == "hidden"
    offered = [cell.value for cell in lists[chr(65 + named.index("kind"))] if cell.value]
    assert offered[1:] == ["کالا", "خدمت"]
    assert rules[named.index("unit") + 1].formula1.startswith("'")
    assert rules[named.index("code") + 1].type is None
    assert all(rule.prompt for rule in rules.values())


@pytest.mark.parametrize("name", ["customers", "sales_invoices"])
def test_a_workbook_of_several_sheets_comes_in_sheet_by_sheet(company: Flask, tmp_path: Path, name: str) -> None:
    file = export(company, name, tmp_path / "book.xlsx", "--related")
    related = {"customers": ["customer_contacts", "customer_phones", "customer_addresses"], "sales_invoices": []}

    assert len(openpyxl.load_workbook(file).sheetnames) == max(len(related[name]) + 1, 2)
    for one in [name, *related[name]]:
        found = verdict(company, one, file)
        alone = verdict(company, one, export(company, one, tmp_path / f"{one}.xlsx"))
        assert (found["verdict"], found["errors"][:5]) == ("accept", [])
        assert (found["same"], found["rows"]) == (alone["same"], alone["rows"])


def test_a_head_without_lines_and_lines_without_a_head_are_refused(company: Flask, tmp_path: Path) -> None:
    file = export(company, "sales_invoices", tmp_path / "book.xlsx", "--related", "--language", "en")
    book = openpyxl.load_workbook(file)
    heads, lines = book.worksheets
    total = lines.max_row - 1
    heads.append(["", "", "ALONE", "", "1405/01/01"])
    lines.append(["", "", "LOST"])
    for cell in lines[lines.max_row]:
        cell.value = "LOST" if cell.column == 3 else lines.cell(2, cell.column).value if cell.column > 4 else None
    book.save(file)

    found = verdict(company, "sales_invoices", file)

    assert found["rows"] == total + 2
    assert {error["row"] for error in found["errors"]} == {total + 2, total + 3}


def test_discounts_and_freight_of_an_invoice_are_columns(files: dict[str, dict[str, Path]]) -> None:
    sheet = openpyxl.load_workbook(files["english"]["sales_invoices"]).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    (first, second, *_) = [dict(zip(head, row, strict=True)) for row in rows if row[head.index("Reference")] == "00-1"]

    assert (first["Invoice discount percent"], first["Invoice discount (rials)"]) == (1.5, 10)
    assert (first["Freight (rials)"], first["Deduction (rials)"]) == (200_000, 300)
    assert first["Further discounts and additions"] == "-2% of payable; بیمه\\; باربری: ۲: 500 taxed"
    assert (first["Discount percent"], first["Discount (rials)"], first["Further discounts"]) == (5, None, "2.5% + 100")
    assert (second["Discount percent"], second["Discount (rials)"], second["Further discounts"]) == (None, 100, "5%")


def test_an_invoice_that_was_lost_comes_back_with_the_same_figures(company: Flask, tmp_path: Path) -> None:
    from app.finance.invoices.models import Invoice
    from app.finance.invoices.services import discard_draft, document_of

    file = export(company, "sales_invoices", tmp_path / "all.xlsx", "--filter", "q=R-1")
    with company.app_context():
        invoice = db.session.query(Invoice).filter_by(reference="R-1").one()
        before, was = document_of(invoice), invoice.payable_rials
        from app.core.actor import Actor, acting_as

        with acting_as(Actor.system("test")):
            discard_draft(invoice.id)
        db.session.commit()
    done = company.test_cli_runner().invoke(args=["kartabl", "import", "sales_invoices", str(file), "--json"])

    assert json.loads(done.output)["new"] == 1
    with company.app_context():
        invoice = db.session.query(Invoice).filter_by(reference="R-1").one()
        after = {**document_of(invoice), "version": before["version"]}
        after["lines"] = [
            {**line, "line_id": old["line_id"]} for line, old in zip(after["lines"], before["lines"], strict=True)
        ]
        assert after == before
        assert invoice.payable_rials == was > Decimal(200_000)
        db.session.remove()
