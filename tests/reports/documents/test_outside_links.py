"""A signed link to an invoice's PDF: for whoever holds it, for some days, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from app.core import audit, clock, outside
from app.core.actor import Actor, acting_as
from app.core.feature import Role
from app.finance.invoices.services import issue_invoice
from tests.factories import CustomerFactory, DepartmentFactory
from tests.factories.finance import draft_invoice


@pytest.fixture(autouse=True)
def quick_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """The making of the PDF is tested elsewhere."""
    monkeypatch.setattr("reports.documents.views.render_pdf", lambda page, **_more: b"%PDF-1.7 " + repr(page).encode())


@pytest.fixture
def invoice(session: Any) -> Any:
    with acting_as(Actor.system("test")):
        made = draft_invoice(CustomerFactory())
        issue_invoice(made.id)
    session.commit()
    return made


def link_of(visitor: Any, invoice: Any, days: int = 7) -> str:
    page = visitor.post(f"/print/invoices/{invoice.id}/link", data={"days": days})
    assert page.status_code == 200, page.text
    return unescape(re.search(r'id="secret">([^<]+)<', page.text)[1])


def test_the_customer_gets_the_paper_without_signing_in(as_user: Any, client: Any, invoice: Any) -> None:
    answer = client.get(link_of(as_user("admin"), invoice))
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert "Set-Cookie" not in answer.headers


def test_it_ends_with_its_days(as_user: Any, client: Any, invoice: Any) -> None:
    link = link_of(as_user("admin"), invoice, days=1)
    with clock.frozen(clock.now() + timedelta(hours=23)):
        assert client.get(link).status_code == 200
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert client.get(link).status_code == 410


def test_nothing_of_it_can_be_changed(as_user: Any, client: Any, invoice: Any) -> None:
    link = link_of(as_user("admin"), invoice)
    start = link.index("/outside/") + len("/outside/")
    for at in range(start, len(link), 3):
        changed = link[:at] + ("A" if link[at] != "A" else "B") + link[at + 1 :]
        assert client.get(changed).status_code in {404, 410}, at


@pytest.mark.parametrize("token", ["none", "x.y", "a" * 3000, "%00", "سلام", "WyJpbnZvaWNlIiwxLDldLg"])
def test_another_token_opens_nothing(client: Any, token: str) -> None:
    assert client.get(f"/outside/{token}").status_code in {404, 410}


def test_the_history_keeps_who_gave_it_away(as_user: Any, invoice: Any) -> None:
    chief = as_user("admin")
    link_of(chief, invoice)
    entry = audit.history_of(invoice)[0]
    assert (entry.action, entry.actor_name) == ("link_given", str(chief.user))


def test_looking_at_the_page_makes_none(as_user: Any, invoice: Any) -> None:
    assert as_user("admin").get(f"/print/invoices/{invoice.id}/link").status_code == 200
    assert audit.history_of(invoice)[0].action != "link_given"


def test_a_draft_is_not_given_away(as_user: Any, session: Any) -> None:
    draft = draft_invoice(CustomerFactory())
    session.commit()
    assert as_user("admin").post(f"/print/invoices/{draft.id}/link").status_code == 422


@pytest.mark.parametrize("role", [Role.SALES, Role.DEALER, Role.SECRETARY])
def test_who_does_not_see_the_invoice_gives_nothing_away(as_user: Any, invoice: Any, role: Role) -> None:
    visitor = as_user(role, home_department=DepartmentFactory())
    assert visitor.post(f"/print/invoices/{invoice.id}/link").status_code in {302, 403, 404}


@pytest.mark.parametrize("lasting", [timedelta(), timedelta(days=-1), timedelta(days=91)])
def test_no_link_lasts_for_ever(app: Any, lasting: timedelta) -> None:
    with app.test_request_context(), pytest.raises(ValueError, match="no link"):
        outside.make_link("invoice", 1, lasting=lasting)
