"""What an uploaded file is: found from its bytes, never from its name, and refused where it is not taken.

Pictures are decoded and encoded anew. All else stays as it came and is only ever given out as a
download; so it is enough that it is one of the kinds of the table and nothing that runs.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from app.core.pictures import BadPicture, PictureTooLarge, decoded, encoded
from app.office.attachments import office_files
from app.office.attachments.models import FileKind
from app.office.attachments.names import RUNNING, ending_of, shown_name, stored_name
from app.office.attachments.refusals import bad_file

MB = 1024 * 1024
LARGEST = 20 * MB
PICTURE_SIDE, THUMBNAIL_SIDE = 2560, 240
"""Pixels: enough to read a photographed page; and what a row of the list shows, twice as fine."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is taken, with its endings, the usual one first."""

    kind: FileKind
    media_type: str
    endings: tuple[str, ...]


JPEG = Format(FileKind.PICTURE, "image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))
PNG = Format(FileKind.PICTURE, "image/png", ("png",))
WEBP = Format(FileKind.PICTURE, "image/webp", ("webp",))
GIF = Format(FileKind.PICTURE, "image/gif", ("gif",))
TIFF = Format(FileKind.SCAN, "image/tiff", ("tif", "tiff"))
PDF = Format(FileKind.PDF, "application/pdf", ("pdf",))
TEXT = Format(FileKind.TEXT, "text/plain", ("txt", "log", "md"))
CSV = Format(FileKind.TEXT, "text/csv", ("csv", "tsv"))
MP3 = Format(FileKind.SOUND, "audio/mpeg", ("mp3",))
WAV = Format(FileKind.SOUND, "audio/wav", ("wav",))
OGG = Format(FileKind.SOUND, "audio/ogg", ("ogg", "oga", "opus"))
FLAC = Format(FileKind.SOUND, "audio/flac", ("flac",))
AMR = Format(FileKind.SOUND, "audio/amr", ("amr",))
M4A = Format(FileKind.SOUND, "audio/mp4", ("m4a", "mp4", "3gp", "aac"))
OFFICE = {
    "xlsx": Format(FileKind.SHEET, f"{office_files.OPEN_XML}.spreadsheetml.sheet", ("xlsx",)),
    "docx": Format(FileKind.DOCUMENT, f"{office_files.OPEN_XML}.wordprocessingml.document", ("docx",)),
    "pptx": Format(FileKind.SLIDES, f"{office_files.OPEN_XML}.presentationml.presentation", ("pptx",)),
    "ods": Format(FileKind.SHEET, f"{office_files.OPEN_DOCUMENT}.spreadsheet", ("ods",)),
    "odt": Format(FileKind.DOCUMENT, f"{office_files.OPEN_DOCUMENT}.text", ("odt",)),
    "odp": Format(FileKind.SLIDES, f"{office_files.OPEN_DOCUMENT}.presentation", ("odp",)),
}
ALL = (JPEG, PNG, WEBP, GIF, TIFF, PDF, TEXT, CSV, MP3, WAV, OGG, FLAC, AMR, M4A, *OFFICE.values())
ENDINGS = tuple(dict.fromkeys(ending for one in ALL for ending in one.endings))
"""Every ending that a file may have, for the choice of files in a browser too."""
_ENCODED = {JPEG: (JPEG, "JPEG"), PNG: (PNG, "PNG"), GIF: (PNG, "PNG"), WEBP: (WEBP, "WEBP")}
_MP3_HEADS = (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xe3")
_HEADS: tuple[tuple[bytes, Format], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"%PDF-", PDF),
    (b"OggS", OGG),
    (b"fLaC", FLAC),
    (b"#!AMR", AMR),
    *((head, MP3) for head in _MP3_HEADS),
)
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa", b"dex\n", b"<?php")
_WEB = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<svg", b"<iframe", b"<?xml", b"<img", b"<object")
_LOOKED_INTO = 64 * 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as it is kept."""

    name: str
    format: Format
    content: bytes
    thumbnail: bytes | None = None


def taken(given_name: str, content: bytes) -> Taken:
    """The file as it is to be kept. Raises BadFile with the reason."""
    name = shown_name(given_name)
    if not name:
        raise bad_file("no_name", name)
    if not content:
        raise bad_file("empty", name)
    if len(content) > LARGEST:
        raise bad_file("too_large", name, most=LARGEST // MB)
    if ending_of(name) in RUNNING:
        raise bad_file("program", name)
    found = _format_of(content, name)
    if found in _ENCODED:
        return _picture(name, found, content)
    return Taken(stored_name(name, found.endings, ENDINGS), found, content)


def _picture(name: str, found: Format, content: bytes) -> Taken:
    """A picture encoded anew: nothing of the file stays but what it shows."""
    kept, form = _ENCODED[found]
    try:
        image = decoded(content, side=PICTURE_SIDE, largest=LARGEST)
    except PictureTooLarge as error:
        raise bad_file("picture_too_large", name) from error
    except BadPicture as error:
        raise bad_file("picture", name) from error
    return Taken(
        stored_name(name, kept.endings, ENDINGS), kept, encoded(image, PICTURE_SIDE, form),
        encoded(image, THUMBNAIL_SIDE),
    )  # fmt: skip


def _format_of(content: bytes, name: str) -> Format:
    if content.startswith(_PROGRAMS) and not content.startswith(b"#!AMR"):
        raise bad_file("program", name)
    for head, found in _HEADS:
        if content.startswith(head):
            return _whole_pdf(content, name) if found is PDF else found
    if content.startswith(b"RIFF") and content[8:12] in (b"WAVE", b"WEBP"):
        return WAV if content[8:12] == b"WAVE" else WEBP
    if content[4:8] == b"ftyp":
        return _sound_of_film(content, name)
    if content.startswith(b"PK"):
        return OFFICE[office_files.format_of(io.BytesIO(content), name)]
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise bad_file("old_office", name)
    return _text(content, name)


def _whole_pdf(content: bytes, name: str) -> Format:
    """A PDF that ends where it should: what is hung on behind makes it a second thing for another program."""
    if b"%%EOF" not in content[-1024:]:
        raise bad_file("damaged", name)
    return PDF


def _sound_of_film(content: bytes, name: str) -> Format:
    """The container of MPEG-4 holds sound or film; only sound is taken."""
    if b"vide" in content or b"soun" not in content:
        raise bad_file("film" if b"vide" in content else "unknown", name)
    return M4A


def _text(content: bytes, name: str) -> Format:
    """Plain text: readable signs and nothing that a browser or a shell would run."""
    text = _read(content)
    if text is None:
        raise bad_file("unknown", name)
    start = text[:_LOOKED_INTO].lstrip("\ufeff \t\r\n\x0c").lower().encode()
    if start.startswith(_WEB) or any(mark in start for mark in _WEB[:6]):
        raise bad_file("web_page", name)
    if not start:
        raise bad_file("empty", name)
    return CSV if ending_of(name) in CSV.endings else TEXT


def _read(content: bytes) -> str | None:
    """The text of a file in UTF-8, UTF-16 or the Persian code page of Windows; None where it is none."""
    codings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8", "cp1256")
    for coding in codings:
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        if not any(ord(c) < 32 and c not in "\t\r\n\x0c\x1a" for c in text):
            return text
    return None
