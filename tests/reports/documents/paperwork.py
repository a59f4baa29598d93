"""Reading a printed paper back: its words by page and place, its picture."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections import Counter
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import numpy as np
from PIL import Image

from app.core.digits import to_ascii

MM = 72 / 25.4
_NUMBER = re.compile(r"[0-9][0-9,.]*[0-9]|[0-9]")
_LETTERS = re.compile(r"[^\W\d_]+")
_MARKS = re.compile(r"[\u200b-\u200f\u202a-\u202e\u0640\u0653-\u0655]")


@dataclass(frozen=True)
class Word:
    """A word of a page and its box in millimetres from the top left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def plain(text: str) -> str:
    """The text with one form a letter, ASCII digits and separators, without marks."""
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return to_ascii(text).replace("٬", ",").replace("٫", ".").replace("\u06d5", "ه")


def numbers(text: str) -> Counter[str]:
    return Counter(_NUMBER.findall(plain(text)))


def letters(text: str) -> Counter[str]:
    """How often each letter stands in the text, whatever the order (لا is read back as ال)."""
    return Counter("".join(_LETTERS.findall(plain(text))))


def html_pages(html: str) -> list[str]:
    """The text of each page of the HTML."""
    body = html[html.index("<body>") :]
    return [unescape(re.sub(r"<[^>]+>", " ", _glued(page))) for page in body.split('<div class="page')[1:]]


def _glued(page: str) -> str:
    """Boxes inside a word are no spaces, other tags are; the rest of the opening tag goes."""
    page = page.split(">", 1)[1]
    page = re.sub(r'<span class="z">.</span>', "", page)
    return re.sub(r"</?span[^>]*>", "", page)


def pdf_pages(pdf: bytes) -> list[str]:
    """The text of each page of the PDF."""
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def words(pdf: bytes) -> list[list[Word]]:
    """The words of each page with their places."""
    done = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True)
    pages = []
    for page in done.stdout.decode().split("<page ")[1:]:
        found = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>', page)
        pages.append(
            [
                Word(plain(unescape(text)), *(float(edge) / MM for edge in (left, top, right, bottom)))
                for left, top, right, bottom, text in found
            ]
        )
    return pages


def pictures(pdf: bytes, folder: Path, *, dpi: int = 100) -> list[np.ndarray]:
    """Each page as grey values."""
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", "-", str(folder / "page")], input=pdf, check=True)
    return [np.array(Image.open(path).convert("L")) for path in sorted(folder.glob("page*.png"))]
