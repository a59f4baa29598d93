"""Files of office programs: zips of known parts, without macros, that unpack to what they should."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import IO

from app.core.archives import Refused, checked_archive, pieces
from app.office.attachments.refusals import BadFile, bad_file

OPEN_XML = "application/vnd.openxmlformats-officedocument"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
_MAIN_PARTS = (
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
    (b"wordprocessingml.document.main+xml", "docx"),
    (b"presentationml.presentation.main+xml", "pptx"),
)
_OPEN_DOCUMENTS = {"spreadsheet": "ods", "text": "odt", "presentation": "odp"}
_MACRO_FOLDERS = ("basic/", "scripts/")
_PART = 4 << 20


@dataclass(frozen=True, slots=True)
class _Limits:
    parts: int = 2_000
    part_bytes: int = 200 << 20
    unpacked_bytes: int = 300 << 20
    ratio: int = 150
    ratio_from_bytes: int = 4 << 20


_LIMITS = _Limits()


def format_of(file: IO[bytes], name: str) -> str:
    """xlsx, docx, pptx, ods, odt or odp. Raises BadFile."""
    try:
        with checked_archive(file, _LIMITS) as archive:
            return _format_of(archive, name)
    except Refused as error:
        raise _refusal(error, name) from error


def _refusal(error: Refused, name: str) -> BadFile:
    known = {"too_many_parts": "zip_bomb", "unsupported": "unknown"}
    return bad_file(known.get(error.code, error.code), name)


def _format_of(archive: zipfile.ZipFile, name: str) -> str:
    names = {part.lower() for part in archive.namelist()}
    if any(part.endswith("vbaproject.bin") or part.startswith(_MACRO_FOLDERS) for part in names):
        raise bad_file("macros", name)
    if "[content_types].xml" in names:
        types = _part(archive, "[Content_Types].xml").lower()
        if b"macroenabled" in types or b"vbaproject" in types:
            raise bad_file("macros", name)
        found = [ending for mark, ending in _MAIN_PARTS if mark in types]
        if len(found) == 1:
            return found[0]
    elif "mimetype" in names:
        said = _part(archive, "mimetype").decode("ascii", "replace").strip()
        if said.startswith(f"{OPEN_DOCUMENT}.") and (ending := _OPEN_DOCUMENTS.get(said.rpartition(".")[2])):
            _refuse_locked(archive, names, name)
            return ending
    raise bad_file("unknown", name)


def _refuse_locked(archive: zipfile.ZipFile, names: set[str], name: str) -> None:
    if "meta-inf/manifest.xml" in names and b"encryption-data" in _part(archive, "META-INF/manifest.xml"):
        raise bad_file("password", name)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    return b"".join(pieces(archive, name, most=_PART))
