"""Electronic signatures on papers: the places of a document as the form prints them, and its check.

Whoever prints a signature opens its scan: that is written down, in a transaction of its own, before
the paper exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core.db import db, writing
from app.core.money import Unit
from app.core.pictures import data_uri
from app.finance.print_settings.choices import PrintStyle
from app.office.signatures.checks import address_of, shown_code
from app.office.signatures.models import Signature, SignatureScan, Signing, SlotForm, Verdict
from app.office.signatures.models import SignatureSlot as Slot
from app.office.signatures.registry import load, signable_of_model
from app.office.signatures.scans import for_paper
from app.office.signatures.standing import Given, Place, slots_of, standing, with_people
from reports.documents.labels import Labels
from reports.documents.values import SignatureSlot


@dataclass(frozen=True, slots=True)
class SignedPaper:
    """What a paper shows of its signatures: the boxes, the code and the address of its check."""

    signatures: tuple[SignatureSlot, ...] = ()
    code: str = ""
    address: str = ""


UNSIGNED = SignedPaper()


def signed_paper(record: Any, *, style: PrintStyle, locale: str) -> SignedPaper:
    """The signatures of one document; none before it was sent for signing. Commits."""
    return signed_papers(type(record), [record.id], style=style, locale=locale).get(record.id, UNSIGNED)


def signed_papers(model: type[Any], ids: Sequence[int], *, style: PrintStyle, locale: str) -> dict[int, SignedPaper]:
    """The signatures of those documents that were sent for signing, by number; commits where there are any."""
    how = signable_of_model(model)
    if how is None:
        return {}
    query = select(Signing).where(Signing.model == how.table, Signing.record_id.in_(ids))
    query = query.options(*with_people(), selectinload(Signing.signatures).joinedload(Signature.scan))
    signings = {one.record_id: one for one in db.session.scalars(query)}
    if not signings:
        return {}
    found: dict[int, SignedPaper] = {}
    scans: list[tuple[int, int, int, str]] = []
    words = Labels(locale=locale, unit=Unit.RIAL)
    for record in load(how, signings):
        signing = signings[record.id]
        places = standing(how, record, signing, slots_of(signing.subject)).places
        boxes: list[SignatureSlot] = []
        for place in places:
            for box, scan_id in _boxes(place, words, style, locale):
                if scan_id is not None:
                    scans.append((record.id, len(boxes), scan_id, str(record)))
                boxes.append(box)
        found[record.id] = SignedPaper(tuple(boxes), shown_code(signing.code), address_of(signing.code))
    return _with_images(found, scans)


def _boxes(place: Place, words: Labels, style: PrintStyle, locale: str) -> Iterable[tuple[SignatureSlot, int | None]]:
    """The boxes of a place: one for each signature, one that says what is missing."""
    if place.slot.form not in (SlotForm.ALL, SlotForm(style.value)):
        return
    label = _label(place.slot, locale)
    for one in place.given:
        yield _box(one, label, words)
    if place.missing and not any(not one.counts for one in place.given):
        yield SignatureSlot(label, note=words["unsigned"]), None


def _box(one: Given, label: str, words: Labels) -> tuple[SignatureSlot, int | None]:
    said = one.signature
    box = SignatureSlot(label, name=str(said.signer), post=said.post_name)
    if not one.is_true:
        return replace(box, note=words["changed"]), None
    if said.verdict is not Verdict.SIGNED:
        return replace(box, note=words["refused"]), None
    note = words["behalf"].replace("{name}", str(said.holder)) if said.is_for_another else ""
    return replace(box, note=note, signed_at=said.signed_at), said.scan_id


def _label(slot: Slot, locale: str) -> str:
    return slot.label_fa if locale.startswith("fa") else slot.label_en


def _with_images(found: dict[int, SignedPaper], scans: Sequence[tuple[int, int, int, str]]) -> dict[int, SignedPaper]:
    """The boxes with their pictures; each opening is committed before its picture goes on."""
    if not scans:
        return found
    db.session.commit()  # a transaction that began by reading must not be promoted
    with writing():
        pictures = {
            (record_id, at): data_uri(for_paper(db.session.get_one(SignatureScan, scan_id), document=document))
            for record_id, at, scan_id, document in scans
        }
        db.session.commit()
    return {
        record_id: replace(
            paper,
            signatures=tuple(
                replace(box, image=pictures.get((record_id, at))) for at, box in enumerate(paper.signatures)
            ),
        )
        for record_id, paper in found.items()
    }
