"""Signing: the right person, in turn, over the data as they are; a change voids and is always seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.core.actor import Actor, acting_as
from app.core.clock import today
from app.core.errors import GuardRefused, NotAllowed, NotFound
from app.core.feature import Role
from app.office.signatures import checks, queries, signing
from app.office.signatures.models import Signature, SignatureSlot, Signing, Verdict
from app.office.signatures.registry import document, subjects
from app.office.signatures.slots import seed_slots
from app.office.signatures.standing import Worth, standing_of
from app.org.sign_ins.models import SignIn
from app.sales.proformas import services
from app.sales.proformas.models import Proforma
from app.sales.proformas.workflow import flow_of
from tests.factories import CustomerFactory, DelegationFactory, DepartmentFactory, EmployeeFactory
from tests.factories.finance import draft_invoice, issued_invoice, line
from tests.factories.orders import draft_order
from tests.factories.proformas import draft_proforma, proforma_entry
from tests.factories.signatures import as_person, signatory, stamped

BY = Actor.system("test")


@pytest.fixture
def place(session: Any) -> Any:
    return DepartmentFactory()


def slot(role: Role, position: int = 1, *, subject: str = "sales.proformas", **more: Any) -> SignatureSlot:
    from flask import current_app

    from app.core.db import db

    found = current_app.extensions["appbuilder"].sm.find_role(role.value)
    made = SignatureSlot(
        subject=subject, label_fa=f"جای {position}", label_en=f"Place {position}", position=position,
        role_id=found.id, **more,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


@pytest.fixture
def places(session: Any) -> list[SignatureSlot]:
    """Three in order on a proforma: seller, accountant, manager; nothing that was seeded."""
    for old in session.scalars(select(SignatureSlot)):
        old.is_active = False
    session.flush()
    return [slot(Role.SALES, 1), slot(Role.ACCOUNTANT, 2), slot(Role.MANAGER, 3)]


@pytest.fixture
def offer(session: Any, place: Any) -> Proforma:
    made = draft_proforma(CustomerFactory(department=place), [line("2", "1000", description="Cable")])
    session.commit()
    return made


@pytest.fixture
def people(place: Any) -> dict[Role, Any]:
    return {role: signatory(role, home_department=place) for role in (Role.SALES, Role.ACCOUNTANT, Role.MANAGER)}


def sign(record: Any, at: SignatureSlot, *, by: Any) -> Signature:
    with as_person(by):
        return signing.sign(record, at.id)


def sign_all(offer: Any, places: list[SignatureSlot], people: dict[Role, Any]) -> None:
    for at, role in zip(places, (Role.SALES, Role.ACCOUNTANT, Role.MANAGER), strict=True):
        sign(offer, at, by=people[role])


def worth(record: Any) -> Worth:
    return standing_of(record).worth


def test_each_signs_in_turn_and_the_paper_is_genuine(offer: Any, places: Any, people: Any) -> None:
    with pytest.raises(GuardRefused):
        sign(offer, places[1], by=people[Role.ACCOUNTANT])
    sign_all(offer, places, people)
    assert worth(offer) is Worth.GENUINE
    with pytest.raises(GuardRefused):
        sign(offer, places[0], by=signatory(Role.SALES))


@pytest.mark.parametrize("role", [Role.REP, Role.ACCOUNTANT])
def test_nobody_signs_in_the_place_of_another_role(offer: Any, places: Any, role: Role) -> None:
    with pytest.raises(NotAllowed):
        sign(offer, places[0], by=signatory(role))


def test_dealer_signs_nothing(offer: Any, places: Any) -> None:
    with pytest.raises(NotAllowed):
        sign(offer, places[0], by=EmployeeFactory(role=Role.DEALER))


def test_nobody_signs_without_a_signature(offer: Any, places: Any) -> None:
    with pytest.raises(GuardRefused):
        sign(offer, places[0], by=EmployeeFactory(role=Role.SALES))


def test_equal_positions_are_open_at_the_same_time(offer: Any, places: Any, people: Any) -> None:
    places[1].position = 1
    sign(offer, places[1], by=people[Role.ACCOUNTANT])
    with pytest.raises(GuardRefused):
        sign(offer, places[2], by=people[Role.MANAGER])
    sign(offer, places[0], by=people[Role.SALES])
    sign(offer, places[2], by=people[Role.MANAGER])
    assert worth(offer) is Worth.GENUINE


def test_two_of_many_must_be_two_people(offer: Any, places: Any, people: Any) -> None:
    places[0].needed = 2
    sign(offer, places[0], by=people[Role.SALES])
    with pytest.raises(NotAllowed):
        sign(offer, places[0], by=people[Role.SALES])
    with pytest.raises(GuardRefused):
        sign(offer, places[1], by=people[Role.ACCOUNTANT])
    sign(offer, places[0], by=signatory(Role.SALES))
    sign(offer, places[1], by=people[Role.ACCOUNTANT])


def test_optional_place_holds_nobody_up(offer: Any, places: Any, people: Any) -> None:
    places[0].is_required = False
    sign(offer, places[1], by=people[Role.ACCOUNTANT])
    sign(offer, places[2], by=people[Role.MANAGER])
    assert worth(offer) is Worth.GENUINE


def test_refusal_needs_a_reason_and_stops_the_others(offer: Any, places: Any, people: Any) -> None:
    with as_person(people[Role.SALES]), pytest.raises(signing.ReasonMissing):
        signing.refuse(offer, places[0].id, reason="  ")
    with as_person(people[Role.SALES]):
        signing.refuse(offer, places[0].id, reason="The price is wrong")
    assert worth(offer) is Worth.REFUSED
    with pytest.raises(GuardRefused):
        sign(offer, places[0], by=signatory(Role.SALES))


def change_price(offer: Any) -> None:
    with acting_as(BY):
        values = proforma_entry(offer.customer, [line("2", "900", description="Cable")])
        services.save_draft({**values, "version": offer.version}, kind=offer.kind, proforma_id=offer.id)


def test_after_an_edit_all_sign_again_and_history_stays(offer: Any, places: Any, people: Any, session: Any) -> None:
    sign(offer, places[0], by=people[Role.SALES])
    with as_person(people[Role.ACCOUNTANT]):
        signing.refuse(offer, places[1].id, reason="Too dear")
    change_price(offer)
    session.commit()
    found = standing_of(offer)
    assert [one.verdict for one in found.past] == [Verdict.VOIDED, Verdict.REFUSED]
    assert found.past[0].ended_by == "test"
    assert "payable_rials" in found.past[0].changed
    assert "updated_at" not in found.past[0].changed
    assert found.worth is Worth.CHANGED
    sign_all(offer, places, people)
    assert worth(offer) is Worth.GENUINE
    assert len(session.scalars(select(Signature)).all()) == 5


def test_number_given_at_approval_voids_nothing(offer: Any, places: Any, people: Any, session: Any) -> None:
    sign_all(offer, places, people)
    with acting_as(BY):
        flow_of(offer).apply(offer, "approve", actor=BY)
        flow_of(offer).apply(offer, "send", actor=BY)
    session.commit()
    assert worth(document("sales.proformas", offer.id)) is Worth.GENUINE
    with acting_as(BY):
        flow_of(offer).apply(offer, "cancel", actor=BY, reason="over")
    assert worth(offer) is Worth.VOIDED


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sales_proforma SET payable_rials = payable_rials + 1, additions_rials = additions_rials + 1",
        "UPDATE sales_proforma_line SET unit_price = unit_price + 1",
        "UPDATE sales_proforma_line SET description = 'Wire'",
        "UPDATE sales_proforma_line_tax SET amount_rials = amount_rials + 1",
        "DELETE FROM sales_proforma_line_tax",
        "UPDATE office_signature SET signer_id = (SELECT id FROM ab_user WHERE username = 'admin')",
        "UPDATE office_signature SET left_open = 'payable_rials,note'",
    ],
)
def test_raw_sql_is_seen_by_page_and_public_check(
    offer: Any, places: Any, people: Any, session: Any, statement: str, as_user: Callable[..., Any], client: Any
) -> None:
    sign_all(offer, places, people)
    code = session.scalars(select(Signing.code)).one()
    address, seller = f"/proformas/editor/{offer.id}", as_user(people[Role.SALES])
    assert "worth-genuine" in seller.get(address).text
    session.execute(text(statement))
    session.commit()
    session.expire_all()
    assert "worth-changed" in seller.get(address).text
    assert worth(document("sales.proformas", offer.id)) is Worth.CHANGED
    assert checks.answer_of(code).worth is Worth.CHANGED
    assert "check-changed" in client.get(f"/check/{code}?lang=en").text


def test_what_raw_sql_broke_is_voided_by_the_next_signature(offer: Any, places: Any, people: Any, session: Any) -> None:
    sign(offer, places[0], by=people[Role.SALES])
    session.execute(text("UPDATE sales_proforma SET note = 'x'"))
    session.expire_all()
    with pytest.raises(GuardRefused):
        sign(offer, places[1], by=people[Role.ACCOUNTANT])
    sign(offer, places[0], by=people[Role.SALES])
    assert standing_of(offer).places[0].is_filled


def test_delegate_signs_on_behalf_of_who_is_away(offer: Any, places: Any, people: Any, place: Any) -> None:
    substitute = signatory(Role.REP, home_department=place)
    DelegationFactory(
        principal=people[Role.SALES], delegate=substitute, from_on=today(), until_on=today() + timedelta(days=2)
    )
    made = sign(offer, places[0], by=substitute)
    assert (made.signer_id, made.holder_id) == (substitute.id, people[Role.SALES].id)
    assert made.is_for_another


def test_delegate_of_last_month_signs_nothing(offer: Any, places: Any, people: Any) -> None:
    substitute = signatory(Role.REP)
    DelegationFactory(
        principal=people[Role.SALES], delegate=substitute,
        from_on=today() - timedelta(days=40), until_on=today() - timedelta(days=30),
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        sign(offer, places[0], by=substitute)


def test_stamp_place_takes_the_stamp(offer: Any, places: Any, people: Any) -> None:
    places[2].uses_stamp, places[0].is_required, places[1].is_required = True, False, False
    with pytest.raises(GuardRefused):
        sign(offer, places[2], by=people[Role.MANAGER])
    scan = stamped(people[Role.MANAGER])
    assert sign(offer, places[2], by=people[Role.MANAGER]).scan_id == scan.id


def test_issued_invoice_and_order_are_signed_too(session: Any, places: Any, people: Any, place: Any) -> None:
    at, other = slot(Role.ACCOUNTANT, subject="finance.invoices"), slot(Role.MANAGER, subject="sales.orders")
    invoice = issued_invoice(CustomerFactory(department=place))
    order = draft_order(CustomerFactory(department=place))
    sign(invoice, at, by=people[Role.ACCOUNTANT])
    sign(order, other, by=people[Role.MANAGER])
    assert (worth(invoice), worth(order)) == (Worth.GENUINE, Worth.GENUINE)
    session.execute(text("UPDATE finance_invoice SET number = number + 1"))
    session.expire_all()
    assert worth(invoice) is Worth.CHANGED


def test_draft_is_issued_after_it_was_signed(session: Any, places: Any, people: Any, place: Any) -> None:
    from app.finance.invoices.services import issue_invoice

    at = slot(Role.ACCOUNTANT, subject="finance.invoices")
    invoice = draft_invoice(CustomerFactory(department=place))
    sign(invoice, at, by=people[Role.ACCOUNTANT])
    with acting_as(BY):
        issue_invoice(invoice.id)
    session.commit()
    assert worth(document("finance.invoices", invoice.id)) is Worth.GENUINE


def test_discarded_draft_leaves_no_standing_signature(offer: Any, places: Any, people: Any, session: Any) -> None:
    sign(offer, places[0], by=people[Role.SALES])
    code = session.scalars(select(Signing.code)).one()
    with acting_as(BY):
        services.discard_draft(offer.id)
    session.commit()
    assert session.scalars(select(Signature.is_standing)).all() == [False]
    assert checks.answer_of(code).worth is Worth.VOIDED


# What waits --------------------------------------------------------------------------------------


def waiting(person: Any) -> list[Any]:
    with as_person(person):
        return [turn.record for turn in queries.waiting_turns()]


def test_it_waits_for_whose_turn_it_is_and_who_sees_it(offer: Any, places: Any, people: Any, place: Any) -> None:
    assert waiting(people[Role.SALES]) == []
    with as_person(people[Role.SALES]):
        signing.send(offer)
    assert waiting(people[Role.SALES]) == [offer]
    assert waiting(people[Role.MANAGER]) == []
    assert waiting(signatory(Role.SALES)) == []  # of another department
    sign(offer, places[0], by=people[Role.SALES])
    assert waiting(people[Role.SALES]) == []
    assert waiting(people[Role.ACCOUNTANT]) == [offer]


def test_what_was_refused_waits_for_nobody(offer: Any, places: Any, people: Any) -> None:
    with as_person(people[Role.SALES]):
        signing.refuse(offer, places[0].id, reason="no")
    assert waiting(people[Role.SALES]) == []
    change_price(offer)
    assert waiting(people[Role.SALES]) == [offer]


def test_statements_do_not_grow_with_what_waits(
    places: Any, people: Any, place: Any, session: Any, count_statements: Any
) -> None:
    def add(count: int) -> None:
        for _turn in range(count):
            with as_person(people[Role.SALES]):
                signing.send(draft_proforma(CustomerFactory(department=place)))
        session.flush()

    add(2)
    few = count_statements(lambda: waiting(people[Role.SALES]))
    add(6)
    assert count_statements(lambda: waiting(people[Role.SALES])) == few
    assert len(waiting(people[Role.SALES])) == 8


@pytest.fixture
def count_statements(session: Any) -> Callable[[Callable[[], Any]], int]:
    from sqlalchemy import event

    def count(work: Callable[[], Any]) -> int:
        session.expire_all()
        seen: list[str] = []
        connection = session.connection()

        def note(*args: Any) -> None:
            seen.append(args[2])

        event.listen(connection, "before_cursor_execute", note)
        work()
        event.remove(connection, "before_cursor_execute", note)
        return len(seen)

    return count


# Places as data ----------------------------------------------------------------------------------


def test_usual_places_are_there_and_seeding_repeats_nothing(session: Any) -> None:
    seed_slots()
    session.flush()
    found = session.scalars(select(SignatureSlot)).all()
    assert {one.subject for one in found} == {"finance.invoices", "sales.proformas", "sales.orders"}
    assert {"finance.purchases", "sales.purchase_proformas"} < {subject for subject, _label in subjects()}
    seed_slots()
    assert len(session.scalars(select(SignatureSlot)).all()) == len(found)


def test_place_that_was_used_is_not_deleted(
    offer: Any, places: Any, people: Any, as_user: Callable[..., Any], session: Any
) -> None:
    sign(offer, places[0], by=people[Role.SALES])
    session.commit()
    manager = as_user(people[Role.MANAGER])
    used, unused = places[0].id, places[1].id
    manager.post(f"/signature-slots/delete/{used}")
    manager.post(f"/signature-slots/delete/{unused}")
    assert session.get(SignatureSlot, used) is not None
    assert session.get(SignatureSlot, unused) is None


# Over the pages ----------------------------------------------------------------------------------


def test_signing_over_pages_alone_and_in_bulk(
    offer: Any, places: Any, people: Any, as_user: Callable[..., Any], session: Any
) -> None:
    seller = as_user(people[Role.SALES])
    address = f"/signing/sales.proformas/{offer.id}"
    assert seller.post(f"{address}/send").status_code == 302
    assert f"sales.proformas:{offer.id}:{places[0].id}" in seller.get("/signing/").text
    seller.post(f"{address}/{places[0].id}/sign")
    chosen = {"turn": [f"sales.proformas:{offer.id}:{places[1].id}", "sales.proformas:x:1"]}
    as_user(people[Role.ACCOUNTANT]).post("/signing/sign", data=chosen)
    as_user(people[Role.MANAGER]).post(f"{address}/{places[2].id}/refuse", data={"reason": "Not now"})
    said = [one.verdict for one in session.scalars(select(Signature).order_by(Signature.id))]
    assert said == [Verdict.SIGNED, Verdict.SIGNED, Verdict.REFUSED]


def test_signing_asks_for_the_password_again(
    offer: Any, places: Any, people: Any, as_user: Callable[..., Any], session: Any
) -> None:
    seller = as_user(people[Role.SALES])
    session.query(SignIn).update({"fresh_at": None})
    answer = seller.post(f"/signing/sales.proformas/{offer.id}/{places[0].id}/sign")
    assert "confirm_password" in answer.text
    assert session.scalars(select(Signature)).all() == []


def test_who_does_not_see_the_document_signs_nothing(
    offer: Any, places: Any, as_user: Callable[..., Any], session: Any
) -> None:
    stranger = as_user(signatory(Role.SALES))
    answer = stranger.post(f"/signing/sales.proformas/{offer.id}/{places[0].id}/sign")
    assert answer.status_code == 404
    assert stranger.post(f"/signing/finance.nothing/{offer.id}/1/sign").status_code in (403, 404)
    assert session.scalars(select(Signature)).all() == []


def test_public_check_says_little_and_keeps_no_cookie(
    offer: Any, places: Any, people: Any, session: Any, client: Any
) -> None:
    sign_all(offer, places, people)
    with acting_as(BY):
        flow_of(offer).apply(offer, "approve", actor=BY)
    session.commit()
    code = session.scalars(select(Signing.code)).one()
    answer = client.get(f"/check/{checks.shown_code(code).lower()}?lang=en")
    assert answer.status_code == 200
    assert "check-genuine" in answer.text
    assert f"{offer.payable_rials:,}" in answer.text
    assert "Cable" not in answer.text
    assert offer.customer_name not in answer.text
    assert answer.headers.getlist("Set-Cookie") == []
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert client.get("/check/AAAAABBBBB").status_code == 404
    assert client.get("/check/").status_code == 200
    assert client.get("/check/?code=aaaa").status_code == 302


def test_unknown_document_is_not_there(session: Any) -> None:
    with acting_as(BY), pytest.raises(NotFound):
        document("sales.proformas", 99_999)
