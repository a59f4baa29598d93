"""What a person chooses for a file: its format, which columns, how dates are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from flask_babel import lazy_gettext as _l

from app.core.errors import DomainError


class FileFormat(StrEnum):
    """The kind of file."""

    XLSX = "xlsx"
    CSV = "csv"

    @property
    def label(self) -> Any:
        return {"xlsx": _l("Excel workbook (xlsx)"), "csv": _l("Comma-separated text (csv)")}[self.value]

    @property
    def mimetype(self) -> str:
        if self is FileFormat.CSV:
            return "text/csv"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Span(StrEnum):
    """Which columns go out: all that can come in again, or those of the list in its order."""

    ALL = "all"
    SEEN = "seen"

    @property
    def label(self) -> Any:
        return {"all": _l("All columns"), "seen": _l("The columns of this list")}[self.value]


class DateForm(StrEnum):
    """How dates are written: as Jalali text, or as real dates with Jalali text beside them."""

    JALALI = "jalali"
    REAL = "real"

    @property
    def label(self) -> Any:
        return {"jalali": _l("Jalali text"), "real": _l("Real dates, and Jalali text beside them")}[self.value]


class UnknownOption(DomainError):
    """An option of an export has a value that is not known."""

    code = "unknown_option"
    default_message = _l("This file cannot be made: one of its options is not known.")


@dataclass(frozen=True, slots=True)
class Options:
    """The choices for one file.

    `names` are the columns of the list that are seen, in their order; empty for those that the list
    has by itself. `related` adds a sheet for each related table.
    """

    format: FileFormat = FileFormat.XLSX
    columns: Span = Span.ALL
    dates: DateForm = DateForm.JALALI
    related: bool = False
    names: tuple[str, ...] = ()

    @classmethod
    def read(cls, values: Mapping[str, list[str]]) -> Self:
        """The options among the arguments of an address. Raises UnknownOption."""
        given = {name: values[name][0] for name in ("format", "columns", "dates") if values.get(name)}
        try:
            return cls(
                FileFormat(given.get("format", "xlsx")),
                Span(given.get("columns", "all")),
                DateForm(given.get("dates", "jalali")),
                (values.get("related") or ["0"])[0] not in ("", "0"),
                tuple(filter(None, (values.get("names") or [""])[0].split(","))),
            )
        except ValueError as error:
            raise UnknownOption(given=given) from error

    def as_json(self) -> dict[str, Any]:
        """The options as they are kept for the next time."""
        return {name: value for name, value in asdict(self).items() if name != "names"}

    @classmethod
    def remembered(cls, stored: Mapping[str, Any]) -> Self:
        """The options of an earlier export; the usual ones where they are known no more."""
        try:
            return cls.read({name: [str(int(v) if v.__class__ is bool else v)] for name, v in stored.items()})
        except UnknownOption:
            return cls()


ARGUMENTS = frozenset({"format", "columns", "dates", "related", "names"})
"""The arguments of an address that are options of the file, not filters of the list."""
