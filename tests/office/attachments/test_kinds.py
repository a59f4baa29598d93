"""What a file is, is found from its bytes; what could run, burst or mislead is refused with a reason."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.office.attachments.kinds import LARGEST, taken
from app.office.attachments.models import FileKind
from app.office.attachments.refusals import BadFile
from tests.office.attachments import hostile

SOUND = b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42isom....soun"
TAKEN = {
    "page.pdf": (hostile.PDF, FileKind.PDF, "page.pdf"),
    "picture.png": (hostile.picture(), FileKind.PICTURE, "picture.png"),
    "IMG_1.JPG": (hostile.picture(form="JPEG"), FileKind.PICTURE, "IMG_1.jpg"),
    "moving.gif": (hostile.picture(form="GIF"), FileKind.PICTURE, "moving.png"),
    "sent.jpg": (hostile.picture(form="WEBP"), FileKind.PICTURE, "sent.webp"),
    "no ending": (hostile.picture(), FileKind.PICTURE, "no ending.png"),
    "letter 12.3": (hostile.PDF, FileKind.PDF, "letter 12.3.pdf"),
    "fax.tif": (hostile.picture(form="TIFF"), FileKind.SCAN, "fax.tif"),
    "book.xlsx": (hostile.office(), FileKind.SHEET, "book.xlsx"),
    "letter.docx": (hostile.office("wordprocessingml.document.main+xml"), FileKind.DOCUMENT, "letter.docx"),
    "talk.pptx": (hostile.office("presentationml.presentation.main+xml"), FileKind.SLIDES, "talk.pptx"),
    "book.ods": (hostile.open_document("spreadsheet"), FileKind.SHEET, "book.ods"),
    "letter.odt": (hostile.open_document(), FileKind.DOCUMENT, "letter.odt"),
    "rows.csv": ("نام,مبلغ\nرضا,۱۲".encode(), FileKind.TEXT, "rows.csv"),
    "old.txt": ("سلام".encode("cp1256"), FileKind.TEXT, "old.txt"),
    "wide.txt": ("سلام".encode("utf-16"), FileKind.TEXT, "wide.txt"),
    "call.mp3": (b"ID3\x04\0\0\0\0\0\0", FileKind.SOUND, "call.mp3"),
    "call.wav": (b"RIFF\0\0\0\0WAVEfmt ", FileKind.SOUND, "call.wav"),
    "voice.ogg": (b"OggS\0\x02", FileKind.SOUND, "voice.ogg"),
    "voice.m4a": (SOUND, FileKind.SOUND, "voice.m4a"),
    "voice.amr": (b"#!AMR\n\x3c", FileKind.SOUND, "voice.amr"),
}
REFUSED = {
    "web page named .pdf": ("offer.pdf", hostile.SCRIPT, "web_page"),
    "web page in wide letters": ("offer.txt", hostile.SCRIPT.decode().encode("utf-16"), "web_page"),
    "web page behind spaces": ("offer.txt", b"\xef\xbb\xbf \n\n <HTML><body>", "web_page"),
    "script inside text": ("rows.csv", b"a,b\n<script>x</script>", "web_page"),
    "drawing with a script": ("logo.png", b'<svg xmlns="x" onload="alert(1)"/>', "web_page"),
    "program": ("setup.pdf", b"MZ\x90\0" + b"\0" * 100, "program"),
    "program of Linux": ("tool", b"\x7fELF\x02", "program"),
    "shell": ("note.txt", b"#!/bin/sh\nrm -rf /", "program"),
    "two endings": ("invoice.pdf.exe", hostile.PDF, "program"),
    "turned name": ("invoice\u202efdp.exe", hostile.PDF, "program"),
    "script by its name": ("run.js", b"alert(1)", "program"),
    "NUL before the ending": ("invoice.exe\0.pdf.bat", hostile.PDF, "program"),
    "empty": ("empty.pdf", b"", "empty"),
    "only spaces": ("empty.txt", b" \n ", "empty"),
    "no name": ("\u202e/..", hostile.PDF, "no_name"),
    "too large": ("big.txt", b"a" * (LARGEST + 1), "too_large"),
    "PDF with an archive behind": ("both.pdf", hostile.PDF + hostile.archive({"a.class": b"x" * 3000}) * 8, "damaged"),
    "archive": ("files.zip", hostile.archive({"a.txt": b"x"}), "unknown"),
    "macros": ("book.xlsx", hostile.office(**{"xl/vbaProject.bin": b"x"}), "macros"),
    "macros by type": ("book.xlsx", hostile.office("x", a=b"") and hostile.archive(
        {"[Content_Types].xml": b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"}), "macros"),
    "macros of LibreOffice": ("letter.odt", hostile.open_document(**{"Basic/Standard/Module1.xml": b"x"}), "macros"),
    "old Office": ("letter.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_office"),
    "bomb": ("book.xlsx", hostile.office(**{"xl/worksheets/sheet1.xml": b"0" * (40 << 20)}), "zip_bomb"),
    "two Office files in one": ("book.xlsx", hostile.archive({"[Content_Types].xml":
        b"spreadsheetml.sheet.main+xml wordprocessingml.document.main+xml"}), "unknown"),
    "locked": ("letter.odt", hostile.open_document(**{"META-INF/manifest.xml": b"<m:encryption-data/>"}), "password"),
    "broken zip": ("book.xlsx", hostile.office()[:-30], "damaged"),
    "hundred megapixels": ("map.png", hostile.huge_png(), "picture_too_large"),
    "half a picture": ("a.jpg", hostile.picture((400, 300), "JPEG")[:200], "picture"),
    "film": ("clip.mp4", SOUND + b"vide", "film"),
    "anything": ("a.bin", bytes(range(256)), "unknown"),
}  # fmt: skip


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("name", TAKEN)
def test_what_an_office_sends_is_taken(name: str) -> None:
    content, kind, kept = TAKEN[name]
    file = taken(name, content)
    assert (file.format.kind, file.name) == (kind, kept)


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_hostile_or_broken_is_refused_with_a_reason(app: object, case: str) -> None:
    name, content, code = REFUSED[case]
    with pytest.raises(BadFile) as refused:
        taken(name, content)
    assert refused.value.subject["refusal"] == code
    assert len(str(refused.value)) > 15


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Temp\\قرارداد.pdf", "قرارداد.pdf"),
        ("پيش\u200cفاكتور.pdf", "پیش‌فاکتور.pdf"),
        ("a\u202eb\u2066c\0d\r\n.pdf", "abcd.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("con.pdf", "_con.pdf"),
        (" . .hidden. .pdf", "hidden.pdf"),
        ("x" * 500 + ".pdf", "x" * 120 + ".pdf"),
    ],
)
def test_names_are_made_harmless(given: str, kept: str) -> None:
    assert taken(given, hostile.PDF).name == kept


@pytest.mark.usefixtures("app")
def test_of_a_picture_only_its_pixels_are_kept() -> None:
    hung = taken("a.jpg", hostile.picture(form="JPEG", behind=hostile.SCRIPT))
    photo = taken("b.jpg", hostile.photo_with_place())
    assert b"script" not in hung.content
    assert b"SECRET-PLACE" not in photo.content
    assert photo.thumbnail is not None
    assert Image.open(io.BytesIO(photo.thumbnail)).format == "WEBP"


@pytest.mark.usefixtures("app")
def test_a_large_photograph_is_made_smaller() -> None:
    kept = taken("wide.png", hostile.picture((5000, 1000)))
    assert Image.open(io.BytesIO(kept.content)).size == (2560, 512)
