"""Papers of signed documents: who signed, what is missing, what was changed, and the code of the check."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text

from app.core.feature import Role
from app.finance.invoices.models import Invoice
from app.finance.print_settings.choices import PrintStyle
from app.office.signatures import signing
from app.office.signatures.checks import shown_code
from app.office.signatures.models import SignatureSlot, SignatureView, Signing, SlotForm, ViewReason
from reports.documents.invoices import invoice_print
from reports.documents.signed import signed_paper, signed_papers
from tests.factories import CustomerFactory, DepartmentFactory
from tests.factories.finance import issued_invoice
from tests.factories.signatures import as_person, signatory


@pytest.fixture
def people(session: Any) -> dict[Role, Any]:
    place = DepartmentFactory()
    return {
        Role.ACCOUNTANT: signatory(Role.ACCOUNTANT, home_department=place, first_name="Mina", last_name="Rad"),
        Role.MANAGER: signatory(Role.MANAGER, home_department=place, first_name="Ali", last_name="Sadr"),
    }


@pytest.fixture
def slots(session: Any) -> list[SignatureSlot]:
    found = session.scalars(
        select(SignatureSlot).where(SignatureSlot.subject == "finance.invoices").order_by(SignatureSlot.position)
    ).all()
    found[2].is_active = False
    return list(found[:2])


@pytest.fixture
def invoice(session: Any, people: Any) -> Invoice:
    made = issued_invoice(CustomerFactory(department=people[Role.MANAGER].home_department))
    session.commit()
    return made


def sign(invoice: Invoice, slot: SignatureSlot, by: Any) -> None:
    with as_person(by):
        signing.sign(invoice, slot.id)


def words_of(answer: Any, folder: Path) -> str:
    assert answer.status_code == 200
    path = folder / "paper.pdf"
    path.write_bytes(answer.data)
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True).stdout


def test_paper_shows_who_signed_and_what_is_missing(
    invoice: Invoice, slots: Any, people: Any, as_user: Callable[..., Any], session: Any, tmp_path: Path
) -> None:
    sign(invoice, slots[0], people[Role.ACCOUNTANT])
    code = session.scalars(select(Signing.code)).one()
    browser = as_user(
        people[Role.MANAGER],
    )
    browser.get("/lang/en")
    answer = browser.get(f"/print/invoices/{invoice.id}.pdf")
    words = words_of(answer, tmp_path)
    assert "Mina Rad" in words
    assert "Not signed yet" in words
    assert shown_code(code) in words
    assert len(PdfReader(tmp_path / "paper.pdf").pages[0].images) >= 2  # the square and one signature
    (seen,) = session.scalars(select(SignatureView)).all()
    assert (seen.reason, seen.viewer_id, seen.document) == (ViewReason.PRINT, people[Role.MANAGER].id, str(invoice))


def test_one_rial_by_raw_sql_is_on_the_paper(
    invoice: Invoice, slots: Any, people: Any, as_user: Callable[..., Any], session: Any, tmp_path: Path
) -> None:
    for slot, role in zip(slots, (Role.ACCOUNTANT, Role.MANAGER), strict=True):
        sign(invoice, slot, people[role])
    session.execute(
        text("UPDATE finance_invoice SET payable_rials = payable_rials + 1, additions_rials = additions_rials + 1")
    )
    session.commit()
    browser = as_user(people[Role.MANAGER])
    browser.get("/lang/en")
    words = words_of(browser.get(f"/print/invoices/{invoice.id}.pdf"), tmp_path)
    assert words.count("Changed after signing") == 2
    assert session.scalars(select(SignatureView)).all() == []


def test_place_of_another_form_is_not_printed(invoice: Invoice, slots: Any, people: Any, session: Any) -> None:
    slots[1].form = SlotForm.COMPANY
    sign(invoice, slots[0], people[Role.ACCOUNTANT])
    shown = {style: signed_paper(invoice, style=style, locale="en").signatures for style in PrintStyle}
    assert len(shown[PrintStyle.OFFICIAL]) == 1
    assert len(shown[PrintStyle.COMPANY]) == 2


def test_unsigned_paper_is_as_before_and_signed_one_is_not_kept(
    invoice: Invoice, slots: Any, people: Any, as_user: Callable[..., Any], app: Any
) -> None:
    assert signed_paper(invoice, style=PrintStyle.OFFICIAL, locale="fa").signatures == ()
    assert invoice_print(invoice).check_code == ""
    sign(invoice, slots[0], people[Role.ACCOUNTANT])
    folder = app.config["DATA"] / "papers"
    before = sorted(folder.rglob("*.pdf"))
    assert as_user(people[Role.MANAGER]).get(f"/print/invoices/{invoice.id}.pdf").status_code == 200
    assert sorted(folder.rglob("*.pdf")) == before


def test_of_many_only_those_sent_for_signing_are_looked_at(
    invoice: Invoice, slots: Any, people: Any, session: Any
) -> None:
    sign(invoice, slots[0], people[Role.ACCOUNTANT])
    other = issued_invoice(CustomerFactory(department=people[Role.MANAGER].home_department))
    with as_person(people[Role.MANAGER]):
        found = signed_papers(Invoice, [invoice.id, other.id], style=PrintStyle.OFFICIAL, locale="en")
    assert list(found) == [invoice.id]
    assert [one.image is not None for one in found[invoice.id].signatures] == [True, False]
    assert [one.document for one in session.scalars(select(SignatureView))] == [str(invoice)]
