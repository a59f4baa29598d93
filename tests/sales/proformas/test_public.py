"""The page for whoever holds a link: what it shows, how it is answered, and when it is over."""

from __future__ import annotations

import base64
import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from PIL import Image, ImageDraw

from app.core import rate_limits
from app.core.actor import Actor, acting_as
from app.core.clock import today
from app.core.errors import GuardRefused, NotAllowed
from app.core.feature import Role
from app.core.pictures import BadSignature
from app.sales.proformas import links, services, signature
from app.sales.proformas.kinds import ProformaKind, ProformaState
from app.sales.proformas.models import Proforma, ProformaLink
from app.sales.proformas.rules import seed_rules
from app.sales.proformas.workflow import flow_of
from tests.factories import CustomerFactory, EmployeeFactory
from tests.factories.acting import actor_with
from tests.factories.finance import line
from tests.factories.proformas import approved_proforma, draft_proforma

BY = Actor.system("test")
S = ProformaState


@pytest.fixture
def offer(app: Any, session: Any) -> Proforma:
    with acting_as(BY):
        seed_rules()
        made = approved_proforma(CustomerFactory(name="Zagros"), [line("2", "1000", description="Cable")])
    session.commit()
    return made


def link_to(offer: Proforma, session: Any, recipient: str = "") -> tuple[ProformaLink, str]:
    with acting_as(BY):
        link, token = links.make_link(offer.id, recipient=recipient)
    session.commit()
    return link, token


def drawn(size: tuple[int, int] = (600, 200), *, form: str = "PNG", stroke: bool = True) -> str:
    image, out = Image.new("RGBA", size, (0, 0, 0, 0)), io.BytesIO()
    if stroke:
        ImageDraw.Draw(image).line((10, 10, 200, 100), fill="black", width=4)
    (image if form == "PNG" else image.convert("RGB")).save(out, form)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def test_a_token_has_192_bits_and_only_its_digest_is_kept(offer: Proforma, session: Any) -> None:
    link, token = link_to(offer, session)
    other, another = link_to(offer, session)
    assert len(base64.urlsafe_b64decode(token)) * 8 == 192
    assert token != another
    assert token not in {link.digest, other.digest}
    assert link.digest == links.digest_of(token)
    assert offer.state is S.SENT


def test_the_page_shows_the_offer_and_sets_no_cookie(client: Any, offer: Proforma, session: Any) -> None:
    _link, token = link_to(offer, session)
    answer = client.get(f"/p/{token}?lang=en")
    assert answer.status_code == 200
    assert "Cable" in answer.text
    assert "Zagros" in answer.text
    assert 'dir="ltr"' in answer.text
    assert 'lang="fa"' in client.get(f"/p/{token}?lang=fa").text
    assert answer.headers.getlist("Set-Cookie") == []
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == (
        "no-store, private",
        "noindex, nofollow",
    )
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_nothing_of_another_customer_is_on_it(client: Any, offer: Proforma, session: Any) -> None:
    with acting_as(BY):
        approved_proforma(CustomerFactory(name="Alborz"), [line("1", "7", description="Secret")])
    session.commit()
    _link, token = link_to(offer, session)
    page = client.get(f"/p/{token}?lang=en").text
    assert "Alborz" not in page
    assert "Secret" not in page


def test_an_answer_is_kept_with_name_time_address_and_signature(client: Any, offer: Proforma, session: Any) -> None:
    _link, token = link_to(offer, session, "Mrs Rad")
    sent = {"answer": "accept", "name": "Sara Rad", "note": "Go on", "signature": drawn()}
    answer = client.post(f"/p/{token}?lang=en", data=sent, csrf=False, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert answer.status_code == 200
    assert answer.headers.getlist("Set-Cookie") == []
    session.expire_all()
    found = offer.answer
    assert found is not None
    assert (found.name, found.note, found.address, found.is_accepted) == ("Sara Rad", "Go on", "203.0.113.9", True)
    assert found.at is not None
    assert found.link is not None
    assert found.link.recipient == "Mrs Rad"
    kept = Image.open(io.BytesIO(found.signature or b""))
    assert (kept.format, kept.mode, kept.size) == ("PNG", "L", (600, 200))
    assert offer.state is S.ACCEPTED
    assert client.post(f"/p/{token}", data=sent, csrf=False).status_code == 409


def test_a_refusal_needs_a_name_and_moves_the_offer(client: Any, offer: Proforma, session: Any) -> None:
    _link, token = link_to(offer, session)
    nameless = client.post(f"/p/{token}?lang=en", data={"answer": "refuse", "note": "Too dear"}, csrf=False)
    assert nameless.status_code == 422
    assert "Too dear" in nameless.text
    sent = {"answer": "refuse", "name": "Sara"}
    assert client.post(f"/p/{token}", data=sent, csrf=False).status_code == 200
    session.expire_all()
    assert offer.state is S.REJECTED
    assert offer.answer is not None
    assert not offer.answer.is_accepted


def test_a_revoked_link_is_over_at_once_and_another_still_works(client: Any, offer: Proforma, session: Any) -> None:
    link, token = link_to(offer, session)
    _other, another = link_to(offer, session)
    with acting_as(BY):
        links.revoke(offer.id, link.id)
    session.commit()
    assert client.get(f"/p/{token}").status_code == 410
    assert client.post(f"/p/{token}", data={"answer": "accept", "name": "x"}, csrf=False).status_code == 410
    assert client.get(f"/p/{token}/proforma.pdf").status_code == 410
    assert client.get(f"/p/{another}").status_code == 200


def test_an_expired_offer_is_over(client: Any, offer: Proforma, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _link, token = link_to(offer, session)
    last = offer.valid_until
    monkeypatch.setattr(links, "today", lambda: last)
    assert client.get(f"/p/{token}").status_code == 200
    monkeypatch.setattr(links, "today", lambda: last + timedelta(days=1))
    page = client.get(f"/p/{token}?lang=en")
    assert page.status_code == 410
    assert "Zagros" not in page.text
    assert client.post(f"/p/{token}", data={"answer": "accept", "name": "x"}, csrf=False).status_code == 410


def test_a_new_revision_closes_the_links_of_the_old_one(client: Any, offer: Proforma, session: Any) -> None:
    _link, token = link_to(offer, session)
    with acting_as(BY):
        services.revise(offer.id)
    session.commit()
    assert client.get(f"/p/{token}").status_code == 410


@pytest.mark.parametrize("token", ["none", "A" * 32, "é" * 32, "../" * 4, "A" * 3000])
def test_an_unknown_token_is_not_there(client: Any, offer: Proforma, token: str) -> None:
    assert client.get(f"/p/{token}").status_code == 404


@pytest.fixture
def limited(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits as they are shipped, counted from nothing."""
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)  # noqa: FBT003
    app.extensions[rate_limits.STORE].storage.reset()


def test_ten_guesses_a_minute_close_the_door(client: Any, limited: None, offer: Proforma, session: Any) -> None:
    _link, token = link_to(offer, session)
    guesses = [f"/p/{'A' * 31}{sign}" for sign in "abcdefghijkl"]
    assert [client.get(guess).status_code for guess in guesses] == [404] * 10 + [429] * 2
    refused = client.post(guesses[0], csrf=False)
    assert (refused.status_code, int(refused.headers["Retry-After"]) <= 61) == (429, True)
    assert client.get(f"/p/{token}").status_code == 429  # or the guesser would learn which ones are right
    elsewhere = client.get(f"/p/{token}", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.status_code == 200


def test_who_has_a_link_opens_it_far_more_often(client: Any, limited: None, offer: Proforma, session: Any) -> None:
    _link, token = link_to(offer, session)
    asked = [client.get(f"/p/{token}").status_code for _turn in range(121)]
    assert asked == [200] * 120 + [429]


def test_a_form_of_another_site_is_refused(client: Any, offer: Proforma, session: Any) -> None:
    _link, token = link_to(offer, session)
    sent = {"answer": "accept", "name": "x"}
    for head in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(f"/p/{token}", data=sent, csrf=False, headers=head).status_code in (400, 422)
    session.expire_all()
    assert offer.state is S.SENT


@pytest.mark.parametrize(
    "uri",
    ["", "data:image/png;base64,", "data:image/png;base64,!!!!", "data:text/html;base64,PGI+", drawn(form="JPEG"),
     drawn((1700, 10)), "data:image/png;base64," + "A" * 250_000],
)  # fmt: skip
def test_only_a_drawing_of_ours_is_a_signature(uri: str) -> None:
    with pytest.raises(BadSignature):
        signature.png_of(uri)


def test_an_empty_drawing_is_none() -> None:
    assert signature.png_of(drawn(stroke=False)) is None


def test_only_an_approved_offer_to_a_customer_gets_a_link(app: Any) -> None:
    with acting_as(BY):
        seed_rules()
        for found in (draft_proforma(), approved_proforma(kind=ProformaKind.PURCHASE)):
            with pytest.raises(GuardRefused):
                links.make_link(found.id)


def test_nobody_makes_or_closes_a_link_without_the_right(offer: Proforma, session: Any) -> None:
    link, _token = link_to(offer, session)
    sees = (("show", "sales.proformas"), ("see_department", "sales.proformas"))
    person = actor_with(EmployeeFactory(home_department=offer.department), *sees, departments=[offer.department])
    with acting_as(person):
        with pytest.raises(NotAllowed):
            links.make_link(offer.id)
        with pytest.raises(NotAllowed):
            links.revoke(offer.id, link.id)


def test_the_link_is_shown_once_on_the_page(as_user: Any, client: Any, offer: Proforma, session: Any) -> None:
    manager = as_user(Role.MANAGER)
    page = manager.post(f"/proformas/editor/{offer.id}/link", data={"recipient": "Mrs Rad"})
    secret = unescape(re.search(r'id="secret">([^<]+)<', page.text)[1])  # type: ignore[index]
    token = secret.rpartition("/")[2]
    assert client.get(f"/p/{token}").status_code == 200
    shown = manager.get(f"/proformas/editor/{offer.id}").text
    assert "Mrs Rad" in shown
    assert token not in shown


def test_an_expired_offer_gets_no_link(offer: Proforma, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = today() + timedelta(days=9)
    monkeypatch.setattr(links, "today", lambda: ends)
    with acting_as(BY), pytest.raises(GuardRefused):
        links.make_link(offer.id)


def test_staff_accepts_by_hand_and_the_page_takes_no_second_word(client: Any, offer: Proforma, session: Any) -> None:
    _link, token = link_to(offer, session)
    with acting_as(BY):
        flow_of(offer).apply(offer, "accept", actor=BY)
    session.commit()
    assert 'name="answer"' not in client.get(f"/p/{token}").text
    assert client.post(f"/p/{token}", data={"answer": "refuse", "name": "x"}, csrf=False).status_code == 409


def test_the_paper_says_what_the_offer_says(
    client: Any, offer: Proforma, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    monkeypatch.setattr(
        "reports.documents.proformas.render_pdf", lambda value, **_more: made.append(value) or b"%PDF-1.7"
    )
    _link, token = link_to(offer, session)
    answer = client.get(f"/p/{token}/proforma.pdf?lang=en")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers.getlist("Set-Cookie") == []
    (value,) = made
    assert (value.buyer.name, value.serial, value.payable_rials) == ("Zagros", offer.number_text, offer.payable_rials)
    assert "Valid until" in value.note
