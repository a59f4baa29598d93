"""Nobody gets a signature as it is kept: every role over every route, pictures and papers taken apart."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Iterator

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.core.db import db
from app.core.feature import Role
from app.office.signatures import scans, signing
from app.office.signatures.models import SignatureInk, SignatureScan, SignatureSlot, SignatureView
from app.office.signatures.registry import document
from app.org.employees.models import Employee
from tests.access.probing import Probe, Prober, probes
from tests.access.world import Place, World
from tests.factories.signatures import as_person, given

LEAST = 500
SHOWING = ("OwnSignatureView.", "SignatureScanView.", "SignatureViewView.", "PrintView.invoice", "SigningView.")


@pytest.fixture
def kept(world: World, prober: Prober) -> Iterator[list[tuple[bytes, str]]]:
    """Every signature as it is kept, and as it lies in the database; the manager's stands on an invoice."""
    with prober.undone():
        manager = db.session.get_one(Employee, world.user_ids[Role.MANAGER.value])
        row = world.row("invoice", Role.MANAGER.value, Place.MINE)
        given(manager)
        with as_person(manager):
            invoice = document("finance.invoices", row.id)
            at = select(SignatureSlot).where(SignatureSlot.subject == "finance.invoices")
            for slot in db.session.scalars(at):
                slot.is_required = False
            db.session.flush()
            own = next(slot for slot in db.session.scalars(at) if str(slot.label_en) == "Manager")
            signing.sign(invoice, own.id)
        found = [
            (scans._opened(scan), db.session.get_one(SignatureInk, scan.id).sealed)
            for scan in db.session.scalars(select(SignatureScan))
        ]
        db.session.commit()
        yield found


def chosen(world: World) -> list[Probe]:
    """Every probe of what shows signatures and papers, and a share of all others."""
    every = list(probes(world))
    near = [probe for probe in every if probe.endpoint.startswith(SHOWING) and probe.method == "GET"]
    rest = [probe for probe in every if not probe.endpoint.startswith(SHOWING) and probe.method == "GET"]
    return near + random.Random(11).sample(rest, max(0, LEAST - len(near) + 100))


def shows(answer: TestResponse, kept: list[tuple[bytes, str]]) -> bool:
    """Whether an answer has the bytes of a kept signature in any form, or its pixels."""
    content = answer.get_data()
    for png, sealed in kept:
        if png in content or base64.b64encode(png)[:200] in content or sealed[:200].encode() in content:
            return True
    originals = [Image.open(io.BytesIO(png)).convert("RGBA") for png, _sealed in kept]
    return any(same(picture, original) for picture in pictures_of(content) for original in originals)


def pictures_of(content: bytes) -> list[Image.Image]:
    if content.startswith(b"\x89PNG"):
        return [Image.open(io.BytesIO(content))]
    if content.startswith(b"%PDF"):
        return [image.image for page in PdfReader(io.BytesIO(content)).pages for image in page.images if image.image]
    return []


def same(picture: Image.Image, original: Image.Image) -> bool:
    """Whether a picture is pixel for pixel the original, its opacity or its look on white paper."""
    if picture.size != original.size:
        return False
    on_white = Image.new("RGBA", original.size, "white")
    on_white.alpha_composite(original)
    forms = (original.convert("RGB"), on_white.convert("RGB"), original.getchannel("A").convert("RGB"))
    return any(picture.convert("RGB").tobytes() == form.tobytes() for form in forms)


@pytest.mark.timeout(300)
def test_no_probe_gets_a_signature_as_it_is_kept(world: World, prober: Prober, kept: list[tuple[bytes, str]]) -> None:
    found, count = [], 0
    for probe in chosen(world):
        browser = prober.browser_of(probe)
        cookies = dict(browser._cookies)
        with prober.undone():
            answer = prober.send(probe)
        browser._cookies = cookies
        count += 1
        if shows(answer, kept):
            found.append(str(probe))
    print(f"\n{count} probes, {len(found)} with the original")
    assert count >= LEAST
    assert found == []


def test_the_comparison_finds_an_original(kept: list[tuple[bytes, str]]) -> None:
    """The probes above would see one: by its bytes, and by its pixels."""
    from werkzeug.wrappers import Response

    png = kept[0][0]
    again = io.BytesIO()
    Image.open(io.BytesIO(png)).save(again, "PNG", compress_level=1)
    for content in (b"x" + png, again.getvalue(), kept[0][1].encode()):
        assert shows(Response(content), kept)  # type: ignore[arg-type]


def test_every_print_and_preview_is_in_the_log(world: World, prober: Prober, kept: list[tuple[bytes, str]]) -> None:
    browser = world.browsers[Role.MANAGER.value]
    row = world.row("invoice", Role.MANAGER.value, Place.MINE)
    own = select(SignatureScan.id).where(SignatureScan.employee_id == world.user_ids[Role.MANAGER.value])
    scan_id = db.session.scalar(own)
    before = db.session.scalar(select(func.count(SignatureView.id)))
    for _turn in range(3):
        assert browser.get(f"/print/invoices/{row.id}.pdf").status_code == 200
        assert browser.get(f"/signature/{scan_id}/preview.png").status_code == 200
    assert db.session.scalar(select(func.count(SignatureView.id))) == before + 6
