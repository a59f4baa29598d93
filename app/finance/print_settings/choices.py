"""What can be chosen for a print: which form, on which paper, which copies."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class PrintStyle(StrEnum):
    """The form prescribed by law, or the company's own."""

    OFFICIAL = "official"
    COMPANY = "company"

    @property
    def label(self) -> Any:
        return {"official": _l("Official form"), "company": _l("Company form")}[self.value]


class PaperSize(StrEnum):
    """ISO 216 sizes that offices print on."""

    A4 = "a4"
    A5 = "a5"

    @property
    def label(self) -> Any:
        return self.value.upper()


class Orientation(StrEnum):
    """Which way the paper lies."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"

    @property
    def label(self) -> Any:
        return {"landscape": _l("Landscape"), "portrait": _l("Portrait")}[self.value]


class Copies(StrEnum):
    """Which copies of a paper are printed, each with its mark."""

    PLAIN = "plain"
    BUYER = "buyer"
    SELLER = "seller"
    BOTH = "both"

    @property
    def label(self) -> Any:
        return {
            "plain": _l("One, without a mark"),
            "buyer": _l("Original for the buyer"),
            "seller": _l("Copy for the seller"),
            "both": _l("Both, one after the other"),
        }[self.value]
