"""Stored invoices on paper and in workbooks: one set of totals, and only for those who may."""

from __future__ import annotations

import io
import re
import threading
import time
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader

from app.core import jobs
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.digits import to_ascii
from app.core.feature import Role
from app.core.money import format_rials, words
from app.finance.invoices import returns, services, voids
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.print_settings.choices import Copies
from app.finance.print_settings.services import print_settings
from reports.documents.invoices import invoice_papers, invoice_print
from reports.documents.values import CopyMark, Relation
from reports.tabular.jobs import folder
from tests.factories import CustomerFactory, DepartmentFactory
from tests.factories.finance import draft_invoice, entry, issued_invoice, line
from tests.reports.documents.paperwork import numbers, pdf_pages, plain

TERMS: dict[str, Any] = {
    "lines": [line(str(at % 7 + 1), str(3335 + at * 777), discounts=[{"percent": "7.5"}]) for at in range(24)],
    "discounts": [{"percent": "5"}, {"amount": "700", "of": "payable"}],
    "additions": [{"name": "freight", "amount": "12345", "sign": 1, "taxed": False}],
}
FIGURES = ("gross_rials", "discount_rials", "net_rials", "tax_rials")


@pytest.fixture
def system(app: Any) -> Any:
    with acting_as(Actor.system("test")):
        yield


def sheet_rows(content: bytes) -> list[list[Any]]:
    """The cells of a workbook's first sheet."""
    sheet = load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


VAT, DUTY = {"name": "VAT", "percent": "10"}, {"name": "duty", "percent": "3"}
INSIDE = {**VAT, "included": True}
DOCUMENTS: dict[str, tuple[InvoiceKind, dict[str, Any]]] = {
    "discounts and freight on 24 lines": (InvoiceKind.SALES, TERMS),
    "prices that hold the tax": (
        InvoiceKind.SALES,
        {
            "prices_include_tax": True,
            "lines": [line("1", "8000000", taxes=[INSIDE]), line("3", "5000000", taxes=[INSIDE])],
        },
    ),
    "half up, two taxes, a free line": (
        InvoiceKind.SALES,
        {
            "policy": "line_half_up",
            "lines": [line("2.5", "400001", taxes=[VAT, DUTY]), line("1", "333335", is_free=True)],
        },
    ),
    "rounded as a whole, with instalments": (
        InvoiceKind.PURCHASE,
        {
            "policy": "document_half_up",
            "lines": [line("3", "3335"), line("7", "1999"), line("1", "12345"), line("11", "777")],
            "terms": "instalments",
            "instalments": [{"due_on": "1405/10/01", "amount": "40000"}, {"due_on": "1405/11/01", "amount": "9379"}],
        },
    ),
    "a return of a part": (InvoiceKind.SALES_RETURN, TERMS),
}
PATHS = {InvoiceKind.SALES: "invoices", InvoiceKind.PURCHASE: "purchases", InvoiceKind.SALES_RETURN: "sales-returns"}
SUMS = ("gross", "discount", "net", "tax", "additions", "payable")


def drafted(kind: InvoiceKind, terms: dict[str, Any]) -> tuple[Invoice, dict[str, Any]]:
    """A draft and the entry that it came of."""
    if kind is not InvoiceKind.SALES_RETURN:
        body = entry(kind=kind, **terms)
        return services.save_draft(body, kind=kind), body
    original = issued_invoice(**terms)
    rows = [{"original_line_id": one.id, "quantity": "1"} for one in original.lines[:5]]
    freight = [{"name": "freight", "amount": "2345"}]
    body = {"original_id": original.id, "invoice_on": "1405/09/01", "reason": "x", "lines": rows, "additions": freight}
    return returns.save_return(body), body


def previewed(answer: dict[str, Any]) -> dict[str, int]:
    """The sums that the form shows while one types: of an invoice gross and discount are sums of its lines."""
    lines = answer["lines"]
    if isinstance(lines, list):
        answer |= {name: sum(int(one[name]) for one in lines) for name in ("gross", "discount")}
    return {name: int(answer[name]) for name in SUMS}


def shown(page: str) -> dict[str, int]:
    """The sums of a stored document's page."""
    cells = re.findall(r'data-total="(\w+)">([^<]*)<', page)
    return {name: int("".join(re.findall(r"-?[0-9]+", to_ascii(text)))) for name, text in cells if name in SUMS}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_form_store_paper_workbook_and_words_say_one_total(as_user: Any, session: Any, name: str) -> None:
    kind, terms = DOCUMENTS[name]
    with acting_as(Actor.system("test")):
        draft, body = drafted(kind, terms)
        invoice = services.issue_invoice(draft.id)
    session.commit()
    stored = {one: getattr(invoice, f"{one}_rials") for one in SUMS}
    spoken = words(invoice.payable_rials)
    visitor = as_user("admin")
    visitor.get("/lang/fa")

    answer = visitor.post(f"/{PATHS[kind]}/editor/preview", json={**body, "id": invoice.id}).json
    assert previewed(answer) == stored
    assert answer["words"] == spoken
    page = visitor.get(f"/{PATHS[kind]}/editor/{invoice.id}").text
    assert shown(page).items() <= stored.items()
    assert {"tax", "additions", "payable"} <= shown(page).keys()
    assert spoken in page

    pages = pdf_pages(visitor.get(f"/print/invoices/{invoice.id}.pdf?style=official&copies=plain").data)
    found = numbers(" ".join(pages))
    for one in (*FIGURES, "payable_rials"):
        assert plain(format_rials(getattr(invoice, one))) in found, one
    assert all(word in plain(pages[-1]) for word in plain(spoken).split())

    rows = sheet_rows(visitor.get(f"/print/invoices/{invoice.id}.xlsx").data)
    sums = next(row for row in rows if row[6] == invoice.gross_rials and row[10] == stored["net"] + stored["tax"])
    assert tuple(sums[6:10]) == tuple(getattr(invoice, one) for one in FIGURES)
    assert any(row[10] == invoice.payable_rials for row in rows)
    assert any(spoken in str(row[0]) for row in rows)
    lines = [row for row in rows if isinstance(row[0], int)]
    assert [row[10] for row in lines] == [one.payable_rials for one in invoice.lines]


def test_workbook_adds_up_by_its_own_formulas(as_user: Any, session: Any, office: Any, tmp_path: Any) -> None:
    invoice = issued_invoice(**TERMS)
    session.commit()
    path = tmp_path / "form.xlsx"
    path.write_bytes(as_user("admin").get(f"/print/invoices/{invoice.id}.xlsx").data)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_area
    formulas = [cell.value for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert len(formulas) == 6
    counted = load_workbook(office(path, to="xlsx", folder=tmp_path / "counted"), data_only=True).worksheets[0]
    values = [cell.value for row in counted.iter_rows() for cell in row]
    assert invoice.payable_rials in values
    assert invoice.gross_rials in values


def test_text_never_becomes_a_formula(as_user: Any, session: Any) -> None:
    invoice = issued_invoice(lines=[line(description="=1+1")], note="=HYPERLINK(1)")
    session.commit()
    content = as_user("admin").get(f"/print/invoices/{invoice.id}.xlsx").data
    cells = [cell for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]


@pytest.mark.usefixtures("system")
def test_a_purchase_has_us_as_the_buyer() -> None:
    supplier = CustomerFactory(is_supplier=True)
    draft = services.save_draft(entry(supplier, supplier_number="ف-12"), kind=InvoiceKind.PURCHASE)
    paper = invoice_print(draft)
    assert paper.is_bought
    assert (paper.seller.name, paper.supplier_number) == (supplier.company_name or supplier.name, "ف-12")
    assert (paper.mark, paper.relations) == (CopyMark.DRAFT, ())


@pytest.mark.usefixtures("system")
def test_returns_and_voids_name_each_other() -> None:
    sold = issued_invoice(lines=[line("3")])
    draft = returns.save_return(
        {"original_id": sold.id, "reason": "broken", "lines": [{"original_line_id": sold.lines[0].id, "quantity": "1"}]}
    )
    assert invoice_print(draft).relations == ((Relation.RETURN_OF, str(sold)),)
    assert invoice_print(draft).note == "broken"
    other = issued_invoice()
    counter = voids.void_invoice(other.id, reason="wrong buyer")
    assert invoice_print(other).mark is CopyMark.VOID
    assert invoice_print(other).relations == ((Relation.VOIDED_BY, str(counter)),)
    assert invoice_print(counter).relations == ((Relation.VOIDS, str(other)),)


@pytest.mark.usefixtures("system")
def test_both_copies_are_two_marked_papers() -> None:
    papers = invoice_papers(issued_invoice(), Copies.BOTH)
    assert [paper.copy for paper in papers] == [CopyMark.BUYER, CopyMark.SELLER]


def test_the_square_says_what_the_paper_says(as_user: Any, session: Any) -> None:
    with acting_as(Actor.system("test")):
        invoice = issued_invoice()
        paper = invoice_print(invoice)
        assert f"{invoice.payable_rials:,}" in paper.qr
        print_settings().has_qr = False
        assert invoice_print(invoice).qr == ""


# --- the dialog and the settings


def test_dialog_starts_from_the_settings(as_user: Any, session: Any) -> None:
    invoice = draft_invoice()
    print_settings().style = "company"
    session.commit()
    page = as_user("admin").get(f"/print/invoices/{invoice.id}", headers={"X-Part": "dialog"}).text
    assert re.search(r'name="style" value="company" checked', page)
    assert re.search(r'name="paper" value="a4" checked', page)


@pytest.mark.parametrize("query", ["style=none", "paper=a0", "copies=9", "orientation=%00"])
def test_an_unknown_option_is_refused_in_words(as_user: Any, session: Any, query: str) -> None:
    invoice = draft_invoice()
    session.commit()
    assert as_user("admin").get(f"/print/invoices/{invoice.id}.pdf?{query}").status_code in {400, 422}


def test_a_logo_is_made_anew_and_taken_away(as_user: Any, session: Any) -> None:
    chief = as_user("admin")
    settings = print_settings()
    picture = io.BytesIO()
    Image.new("RGB", (1500, 500), "navy").save(picture, "JPEG")
    form = {"style": "company", "paper": "a5", "orientation": "portrait", "copies": "both", "version": settings.version}
    body = {**form, "head_text": "تلفن 021-1", "new_logo": (io.BytesIO(picture.getvalue()), "logo.jpg")}
    answer = chief.post("/print-settings/edit/1", data=body, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text
    kept = chief.get("/print-settings/logo")
    assert Image.open(io.BytesIO(kept.data)).size == (600, 200)
    assert print_settings().head_text == "تلفن 021-1"
    chief.post("/print-settings/logo/remove")
    assert chief.get("/print-settings/logo").status_code == 404


def test_what_is_no_picture_is_no_logo(as_user: Any, session: Any) -> None:
    form = {"style": "company", "paper": "a5", "orientation": "portrait", "copies": "both"}
    body = {**form, "version": print_settings().version, "new_logo": (io.BytesIO(b"<svg/>"), "logo.svg")}
    answer = as_user("admin").post("/print-settings/edit/1", data=body, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert print_settings().logo is None


# --- many at once


def printed_file(visitor: Any, ids: list[int], **options: str) -> bytes:
    """The file of a print of the chosen invoices, its job worked off here."""
    form = {"rowid": [str(one) for one in ids], "output": "pdf", **options}
    page = visitor.post("/print/many/finance.invoices/start", data=form)
    assert page.status_code == 302, page.text
    assert jobs.work_off() == 1
    assert db.session.get_one(jobs.Job, _newest()).error_message is None
    return visitor.get(f"/print/files/{_newest()}").data


def _newest() -> int:
    return db.session.query(jobs.Job.id).order_by(jobs.Job.id.desc()).limit(1).scalar()


def test_chosen_invoices_come_as_one_pdf_a_zip_and_workbooks(committed_app: Any) -> None:
    from tests.app_fixtures import employee, sign_in

    made = [issued_invoice(lines=[line(str(at + 1))] * (1 + 20 * (at == 2))) for at in range(5)]
    ids, payables = [one.id for one in made], [one.payable_rials for one in made]
    db.session.commit()
    chief = sign_in(committed_app, employee("admin"))
    db.session.commit()

    pdf = printed_file(chief, ids, copies="both")
    text = pdf_pages(pdf)
    for rials in payables:
        assert sum(plain(format_rials(rials)) in numbers(page) for page in text) >= 2
    archive = zipfile.ZipFile(io.BytesIO(printed_file(chief, ids, output="zip", copies="plain", style="company")))
    assert len(archive.namelist()) == len(set(archive.namelist())) == 5
    for name, rials in zip(archive.namelist(), payables, strict=True):
        assert plain(format_rials(rials)) in numbers(" ".join(pdf_pages(archive.read(name))))
    sheets = load_workbook(io.BytesIO(printed_file(chief, ids, output="sheets")), data_only=True).worksheets
    assert len(sheets) == 5
    one = load_workbook(io.BytesIO(printed_file(chief, ids, output="one_sheet")), data_only=True).worksheets
    assert len(one) == 1
    assert len(one[0].row_breaks.brk) == 4
    assert len(PdfReader(io.BytesIO(pdf)).pages) == len(text)


def test_a_seller_prints_only_the_own_departments_invoices(committed_app: Any) -> None:
    from tests.app_fixtures import employee, sign_in

    home = DepartmentFactory()
    ours = issued_invoice(CustomerFactory(department=home))
    theirs = issued_invoice(CustomerFactory(department=DepartmentFactory()))
    ids = {"ours": ours.id, "theirs": theirs.id}
    payable = ours.number_text
    db.session.commit()
    seller = sign_in(committed_app, employee(Role.SALES, home_department=home))
    other = sign_in(committed_app, employee(Role.SALES, home_department=home))
    db.session.commit()
    assert seller.get(f"/print/invoices/{ids['ours']}").status_code == 200
    for ending in ("", ".pdf", ".xlsx"):
        assert seller.get(f"/print/invoices/{ids['theirs']}{ending}").status_code == 404
    archive = zipfile.ZipFile(io.BytesIO(printed_file(seller, list(ids.values()), output="zip")))
    assert archive.namelist() == [f"sales-{payable}.pdf"]
    assert other.get(f"/print/files/{_newest()}").status_code == 404
    assert seller.post("/print/many/finance.purchases/start", data={"rowid": "1", "output": "pdf"}).status_code == 403
    assert seller.get("/print/many/org.nothing").status_code == 404
    assert seller.post("/print/many/finance.invoices/start", data={"output": "pdf", "rowid": "x"}).status_code == 422


@pytest.mark.slow
def test_a_print_that_is_cancelled_leaves_no_file(committed_app: Any) -> None:
    from tests.app_fixtures import employee, sign_in

    ids = [issued_invoice(lines=[line(str(at + 1))] * 15).id for at in range(60)]
    db.session.commit()
    chief = sign_in(committed_app, employee("admin"))
    db.session.commit()
    form = {"rowid": [str(one) for one in ids], "output": "zip", "copies": "both"}
    for state in ("queued", "running"):
        assert chief.post("/print/many/finance.invoices/start", data=form).status_code == 302
        job_id = _newest()
        worker = threading.Thread(target=_work, args=(committed_app,))
        if state == "running":
            worker.start()
            _wait_until(lambda key=job_id: _state(key) == "running")
        assert chief.post(f"/jobs/{job_id}/cancel").status_code < 400
        if state == "running":
            worker.join(60)
        assert _state(job_id) == "cancelled"
        assert chief.get(f"/print/files/{job_id}").status_code == 404
        assert not list(folder().glob(f"*{job_id}*"))


def _work(app: Any) -> None:
    with app.app_context():
        jobs.work_off()
        db.session.remove()


def _state(job_id: int) -> str:
    db.session.rollback()
    return str(db.session.get_one(jobs.Job, job_id).state.value)


def _wait_until(is_so: Any) -> None:
    until = time.monotonic() + 30
    while not is_so() and time.monotonic() < until:
        time.sleep(0.05)
    assert is_so()
