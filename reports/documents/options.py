"""What a person chose for a print, read from an address; what is not said comes from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from flask_babel import lazy_gettext as _l

from app.finance.print_settings.choices import Copies, Orientation, PaperSize, PrintStyle
from app.finance.print_settings.models import PrintSettings
from reports.documents.forms import PaperForm
from reports.tabular.options import UnknownOption


class Output(StrEnum):
    """The file that many invoices come in."""

    PDF = "pdf"
    ZIP = "zip"
    SHEETS = "sheets"
    ONE_SHEET = "one_sheet"

    @property
    def label(self) -> Any:
        return {
            "pdf": _l("One PDF"),
            "zip": _l("A PDF each, in one zip file"),
            "sheets": _l("Excel in the official form, a sheet each"),
            "one_sheet": _l("Excel in the official form, one after the other"),
        }[self.value]

    @property
    def suffix(self) -> str:
        return {"pdf": "pdf", "zip": "zip"}.get(self.value, "xlsx")


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """Form, paper and copies of a print."""

    style: PrintStyle = PrintStyle.OFFICIAL
    paper: PaperSize = PaperSize.A4
    orientation: Orientation = Orientation.LANDSCAPE
    copies: Copies = Copies.PLAIN

    @classmethod
    def read(cls, values: Mapping[str, Any], settings: PrintSettings) -> Self:
        """The options among the arguments of an address. Raises UnknownOption."""
        try:
            return cls(
                PrintStyle(values.get("style") or settings.style),
                PaperSize(values.get("paper") or settings.paper),
                Orientation(values.get("orientation") or settings.orientation),
                Copies(values.get("copies") or settings.copies),
            )
        except ValueError as error:
            raise UnknownOption from error

    @property
    def form(self) -> PaperForm:
        prefix = "company_" if self.style is PrintStyle.COMPANY else ""
        return PaperForm(f"{prefix}{self.paper}_{self.orientation}")

    def as_json(self) -> dict[str, str]:
        """The options as a job carries them."""
        return {
            "style": str(self.style),
            "paper": str(self.paper),
            "orientation": str(self.orientation),
            "copies": str(self.copies),
        }


def output_of(value: str) -> Output:
    """The file that was asked for. Raises UnknownOption."""
    try:
        return Output(value)
    except ValueError as error:
        raise UnknownOption from error
