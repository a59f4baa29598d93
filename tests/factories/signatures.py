"""Photos and drawings of signatures, and people who gave theirs."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from app.core.actor import acting_as
from app.core.feature import Role
from app.office.signatures import scans
from app.office.signatures.models import STAMP, SignatureScan
from app.org.security import load_actor
from tests.factories.org import EmployeeFactory

INK = (24, 40, 120)


def photo(*, size: tuple[int, int] = (800, 500), seed: int = 1) -> Image.Image:
    """A photo of a signature on paper that is darker to one side, with some noise."""
    wide, high = size
    shade = np.linspace(245, 170, wide)[None, :, None] * np.array([1.0, 0.98, 0.93])
    noise = np.random.default_rng(seed).normal(0, 4, (high, wide, 3))
    paper = np.clip(np.broadcast_to(shade, (high, wide, 3)) + noise, 0, 255).astype(np.uint8)
    image = Image.fromarray(paper, "RGB")
    strokes(image, INK)
    return image.filter(ImageFilter.GaussianBlur(0.7))


def strokes(image: Image.Image, ink: Any) -> None:
    """Draw a signature in the middle of a picture."""
    wide, high = image.size
    places = [(0.3, 0.6), (0.38, 0.38), (0.45, 0.62), (0.55, 0.4), (0.62, 0.58), (0.7, 0.5)]
    ImageDraw.Draw(image).line([(x * wide, y * high) for x, y in places], fill=ink, width=max(3, wide // 100))


def drawn(*, size: tuple[int, int] = (600, 200)) -> str:
    """A signature drawn on a page's canvas, as it is sent."""
    image, out = Image.new("RGBA", size, (0, 0, 0, 0)), io.BytesIO()
    strokes(image, (16, 32, 74, 255))
    image.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def jpeg(image: Image.Image) -> bytes:
    """A photo as a phone sends it."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def as_person(person: Any) -> Any:
    """Act as an employee with the rights of their roles."""
    return acting_as(load_actor(person.id))


def signatory(role: Role = Role.ACCOUNTANT, **values: Any) -> Any:
    """Somebody of a role who gave their signature."""
    person = EmployeeFactory(role=role, **values)
    given(person)
    return person


def given(person: Any) -> SignatureScan:
    """Somebody's first signature."""
    with as_person(person):
        return scans.give(photo(seed=person.id), owner_key=scans.key_of(person.id))


def stamped(keeper: Any) -> SignatureScan:
    """The company's first stamp."""
    with as_person(keeper):
        return scans.give(photo(seed=99), owner_key=STAMP)
