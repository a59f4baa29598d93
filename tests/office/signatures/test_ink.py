"""The ink of a signature: taken off its paper, and never given away as it is kept."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from app.core.pictures import drawing
from app.office.signatures import ink
from tests.factories.signatures import INK, drawn, photo, strokes


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def test_paper_becomes_transparent_and_ink_keeps_its_colour() -> None:
    """Over a shadow across the page: paper is clear, the strokes are opaque and blue."""
    found = np.asarray(opened(ink.taken_off_paper(photo())).convert("RGBA"), dtype=float)
    truth = Image.new("L", (800, 500), 0)
    strokes(truth, 255)
    inked = found[..., 3] > 128
    assert 0.5 < inked.sum() / (np.asarray(truth) > 128).sum() < 1.6
    assert (found[..., 3] < 20).mean() > 0.8
    colour = np.median(found[inked][:, :3], axis=0)
    assert np.abs(colour - INK).max() < 45


def test_picture_is_cut_to_its_ink() -> None:
    small = opened(ink.taken_off_paper(photo()))
    assert 300 < small.width < 400
    assert 100 < small.height < 180


def test_drawing_keeps_its_own_transparency() -> None:
    found = opened(ink.taken_off_paper(drawing(drawn())))
    assert found.mode == "RGBA"
    assert found.width < 300


def test_large_photo_is_kept_within_limits() -> None:
    found = opened(ink.taken_off_paper(photo(size=(3000, 2000))))
    assert found.width <= ink.KEPT[0]
    assert found.height <= ink.KEPT[1]


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(Image.new("RGB", (400, 300), "white"), id="empty paper"),
        pytest.param(Image.new("RGB", (400, 300), "black"), id="no paper"),
        pytest.param(Image.new("RGBA", (400, 300), (0, 0, 0, 0)), id="nothing drawn"),
        pytest.param(Image.fromarray(np.random.default_rng(3).integers(225, 245, (300, 400, 3), np.uint8)), id="noise"),
    ],
)
def test_picture_without_a_signature_is_refused(picture: Image.Image) -> None:
    with pytest.raises(ink.NoInk):
        ink.taken_off_paper(picture)


@pytest.mark.parametrize("copy", ["marked", "printed"])
def test_copies_have_not_the_pixels_that_are_kept(copy: str) -> None:
    kept = ink.taken_off_paper(photo())
    png = ink.marked_copy(kept, ["Sara 1405/09/03"], rtl=False) if copy == "marked" else ink.printed_copy(kept)
    assert png != kept
    assert opened(png).size != opened(kept).size


def test_marked_copy_shows_the_viewer_across_it() -> None:
    kept = ink.taken_off_paper(photo())
    first, second = (
        np.asarray(opened(ink.marked_copy(kept, [name], rtl=False)).convert("RGB")) for name in ("A", "BBB")
    )
    reddish = (first[..., 0].astype(int) - first[..., 1] > 40).mean()
    assert reddish > 0.01
    assert (first != second).any()
