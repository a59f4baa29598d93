"""Why a file or a note is not taken, in words that name the file and say what to do."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.errors import DomainError

TAKEN = _l(
    "Taken are pictures, PDF, TIFF, sound, plain text and CSV, and files of Excel, Word, PowerPoint and LibreOffice"
    " without macros."
)


class NotTaken(DomainError):
    """What was sent is not added; the words say why."""


class BadFile(NotTaken):
    """A file is not taken."""

    code = "bad_file"


class BadNote(NotTaken):
    """A note is not taken."""

    code = "bad_note"


class Full(NotTaken):
    """The record has as many files as it can have."""

    code = "too_many_files"


_SENTENCES: dict[str, Any] = {
    "no_name": lambda **of: _l("A file has no name. Give it one and add it again."),
    "empty": lambda **of: _l("“%(name)s” is empty.", **of),
    "too_large": lambda **of: _l("“%(name)s” is larger than %(most)s MB. Make it smaller or split it.", **of),
    "unknown": lambda **of: _l("“%(name)s” is of a kind that is not taken. %(taken)s", taken=TAKEN, **of),
    "program": lambda **of: _l("“%(name)s” is a program or a script, and is not taken.", **of),
    "web_page": lambda **of: _l("“%(name)s” is a web page or a drawing that can hold scripts. Make a PDF of it.", **of),
    "macros": lambda **of: _l("“%(name)s” has macros. Save it without them and add it again.", **of),
    "old_office": lambda **of: _l("“%(name)s” is in a format of old Office. Save it as xlsx, docx or pptx.", **of),
    "password": lambda **of: _l("“%(name)s” is locked by a password. Save it without one and add it again.", **of),
    "damaged": lambda **of: _l("“%(name)s” is damaged or not whole. Open and save it again, then add it.", **of),
    "zip_bomb": lambda **of: _l("“%(name)s” unpacks to far more than it should, and is not taken.", **of),
    "film": lambda **of: _l("“%(name)s” is a film, and films are not taken.", **of),
    "picture": lambda **of: _l("“%(name)s” cannot be read as a picture.", **of),
    "picture_too_large": lambda **of: _l("“%(name)s” has more than 40 million pixels. Make it smaller.", **of),
}


def bad_file(code: str, name: str, **of: Any) -> BadFile:
    """The refusal of a file, to be raised; `refusal` tells programs which it is."""
    sentence = _SENTENCES[code]
    return BadFile(sentence(name=name, **of) if code != "no_name" else sentence(), path="files", refusal=code)
