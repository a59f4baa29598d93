"""Scans: given by their owner, replaced by two, encrypted, and every look written down."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from app.core import vault
from app.core.errors import GuardRefused, NotAllowed, NotFound
from app.core.feature import Role
from app.office.signatures import scans
from app.office.signatures.models import STAMP, ScanState, SignatureInk, SignatureScan, SignatureView, ViewReason
from app.org.sign_ins.models import SignIn
from tests.factories import EmployeeFactory
from tests.factories.signatures import as_person, drawn, given, jpeg, photo, signatory, stamped


@pytest.fixture
def sara(session: Any) -> Any:
    return signatory(Role.SALES, first_name="Zohreh", last_name="Moradi")


@pytest.fixture
def admin(session: Any) -> Any:
    return EmployeeFactory(role="Admin")


def give_again(person: Any, *, by: Any) -> SignatureScan:
    with as_person(by):
        return scans.give(photo(seed=7), owner_key=scans.key_of(person.id))


def decide(scan: SignatureScan, step: str, *, by: Any) -> None:
    with as_person(by):
        scans.decide(scan.id, step)


def test_first_signature_is_in_use_at_once(sara: Any) -> None:
    scan = given(EmployeeFactory(role=Role.REP))
    assert scan.state is ScanState.ACTIVE
    assert scans.usable_scan(scan.owner_key) is scan


def test_nobody_gives_the_first_signature_of_another(session: Any, admin: Any) -> None:
    person = EmployeeFactory(role=Role.SALES)
    with pytest.raises(NotAllowed):
        give_again(person, by=admin)
    with pytest.raises(NotAllowed):
        give_again(person, by=EmployeeFactory(role=Role.MANAGER))


def test_dealer_gives_no_signature(session: Any) -> None:
    dealer = EmployeeFactory(role=Role.DEALER)
    with pytest.raises(NotAllowed):
        give_again(dealer, by=dealer)


def test_replacement_of_the_owner_waits_for_an_administrator(sara: Any, admin: Any) -> None:
    old = scans.usable_scan(scans.key_of(sara.id))
    asked = give_again(sara, by=sara)
    assert asked.state is ScanState.WAITING
    assert scans.usable_scan(scans.key_of(sara.id)) is old
    decide(asked, "confirm", by=admin)
    assert (old.state, asked.state) == (ScanState.RETIRED, ScanState.ACTIVE)


def test_replacement_of_an_administrator_waits_for_the_owner(sara: Any, admin: Any) -> None:
    asked = give_again(sara, by=admin)
    with pytest.raises(NotAllowed):
        decide(asked, "confirm", by=admin)
    with pytest.raises(NotAllowed):
        decide(asked, "confirm", by=EmployeeFactory(role="Admin"))
    decide(asked, "confirm", by=sara)
    assert asked.state is ScanState.ACTIVE


@pytest.mark.parametrize("role", [Role.SALES, Role.MANAGER])
def test_replacement_is_confirmed_by_nobody_else(sara: Any, role: Role) -> None:
    asked = give_again(sara, by=sara)
    with pytest.raises(NotAllowed):
        decide(asked, "confirm", by=sara)
    with pytest.raises(NotFound):
        decide(asked, "confirm", by=EmployeeFactory(role=role))
    with pytest.raises(NotFound):
        decide(asked, "decline", by=EmployeeFactory(role=role))
    assert asked.state is ScanState.WAITING


def test_administrator_replaces_the_own_signature_only_with_another(session: Any) -> None:
    boss, other = EmployeeFactory(role=["Admin"]), EmployeeFactory(role=["Admin"])
    given(boss)
    asked = give_again(boss, by=boss)
    with pytest.raises(NotAllowed):
        decide(asked, "confirm", by=boss)
    decide(asked, "confirm", by=other)
    assert asked.state is ScanState.ACTIVE


def test_what_was_retired_cannot_be_used_and_is_not_replaced_alone(sara: Any) -> None:
    decide(scans.usable_scan(scans.key_of(sara.id)), "retire", by=sara)
    with pytest.raises(GuardRefused):
        scans.usable_scan(scans.key_of(sara.id))
    assert give_again(sara, by=sara).state is ScanState.WAITING


def test_newer_request_takes_the_place_of_the_older(sara: Any) -> None:
    older, newer = give_again(sara, by=sara), give_again(sara, by=sara)
    assert (older.state, newer.state) == (ScanState.DECLINED, ScanState.WAITING)


def test_stamp_is_given_by_its_keeper_and_replaced_by_two(session: Any, admin: Any) -> None:
    keeper = EmployeeFactory(role=Role.MANAGER)
    assert stamped(keeper).state is ScanState.ACTIVE
    later = stamped(keeper)
    assert later.state is ScanState.WAITING
    decide(later, "confirm", by=admin)
    assert scans.usable_scan(STAMP) is later


def test_stamp_is_not_given_by_others(session: Any) -> None:
    with pytest.raises(NotAllowed):
        stamped(EmployeeFactory(role=Role.ACCOUNTANT))


def test_database_has_no_readable_ink(sara: Any, session: Any) -> None:
    """Neither PNG nor a row that another scan's key opens."""
    session.flush()
    scan = scans.usable_scan(scans.key_of(sara.id))
    sealed = session.get_one(SignatureInk, scan.id).sealed
    assert b"PNG" not in base64.b64decode(sealed)
    assert scans._opened(scan).startswith(b"\x89PNG")
    other = given(EmployeeFactory(role=Role.SALES))
    session.get_one(SignatureInk, other.id).sealed = sealed
    with pytest.raises(vault.Unreadable):
        scans._opened(other)


def test_history_keeps_no_ink(sara: Any, session: Any) -> None:
    session.flush()
    sealed = session.scalars(select(SignatureInk.sealed)).first()
    kept = session.execute(text("SELECT changes FROM core_history")).scalars()
    assert all(sealed not in changes for changes in kept)


def test_every_opening_is_written_down(sara: Any, session: Any) -> None:
    scan = scans.usable_scan(scans.key_of(sara.id))
    with as_person(sara):
        scans.preview(scan)
        scans.for_paper(scan, document="Invoice 1405-1")
    views = session.scalars(select(SignatureView).where(SignatureView.scan_id == scan.id)).all()
    assert [(view.reason, view.viewer_id, view.document) for view in views] == [
        (ViewReason.PREVIEW, sara.id, ""),
        (ViewReason.PRINT, sara.id, "Invoice 1405-1"),
    ]


# Over the pages ----------------------------------------------------------------------------------


def test_drawing_and_photo_are_taken_over_the_page(as_user: Callable[..., Any], session: Any) -> None:
    browser = as_user(Role.SALES)
    assert browser.post("/signature/new", data={"signature": drawn()}).status_code == 302
    assert session.scalars(select(SignatureScan)).one().state is ScanState.ACTIVE
    sent = {"file": (io.BytesIO(jpeg(photo())), "photo.jpg")}
    assert browser.post("/signature/new", data=sent, content_type="multipart/form-data").status_code == 302
    states = session.scalars(select(SignatureScan.state).order_by(SignatureScan.id)).all()
    assert states == [ScanState.ACTIVE, ScanState.WAITING]
    page = browser.get("/signature/").text
    assert "preview.png" in page


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"signature": "data:image/png;base64,AAAA"}, id="no png"),
        pytest.param({"signature": drawn(size=(2000, 200))}, id="too wide"),
    ],
)
def test_bad_picture_is_refused_with_words(as_user: Callable[..., Any], session: Any, sent: dict[str, str]) -> None:
    answer = as_user(Role.SALES).post("/signature/new", data=sent)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert session.scalars(select(SignatureScan)).all() == []


def test_giving_asks_for_the_password_again(as_user: Callable[..., Any], session: Any) -> None:
    browser = as_user(Role.SALES)
    session.query(SignIn).update({"fresh_at": None})
    assert "/account/confirm" in browser.get("/signature/new").headers["Location"]
    assert "confirm_password" in browser.post("/signature/new", data={"signature": drawn()}).text
    assert session.scalars(select(SignatureScan)).all() == []


def test_preview_is_for_the_owner_and_administrators(as_user: Callable[..., Any], sara: Any, session: Any) -> None:
    scan = scans.usable_scan(scans.key_of(sara.id))
    address = f"/signature/{scan.id}/preview.png"
    session.commit()
    assert as_user(Role.MANAGER).get(address).status_code == 404
    assert as_user(sara).get(address).status_code == 200
    answer = as_user("admin").get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.data != scans._opened(scan)
    views = session.scalars(select(SignatureView)).all()
    assert len(views) == 2
    assert "Zohreh Moradi" in as_user(Role.MANAGER).get("/signature-views/list/").text


def test_account_page_leads_to_the_signature(as_user: Callable[..., Any], sara: Any) -> None:
    assert 'href="/signature/"' in as_user(sara).get("/account/").text
    assert 'href="/signature/"' not in as_user(Role.DEALER).get("/account/").text
