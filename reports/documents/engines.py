"""Engines that turn our HTML into a PDF: wkhtmltopdf through pdfkit, WeasyPrint where it is missing.

Both take the same HTML and reach nothing outside it: no network, no files, no scripts. Pictures
are data URIs. wkhtmltopdf 0.12.6 still asks 127.0.0.1 with every switch of its own turned off;
only a proxy that nobody answers on stops it.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from flask_babel import lazy_gettext as _l

from app.core.errors import DomainError
from reports.documents.fonts import fontconfig_file
from reports.documents.html import HtmlDocument

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

AT_ONCE = 2
"""wkhtmltopdf processes at a time, in all processes of ours together."""
_turns = threading.BoundedSemaphore(AT_ONCE)
_BASE_SECONDS = 30.0
_SECONDS_A_PAGE = 0.5
_WAIT_SECONDS = 120.0
_LOOK_AGAIN_SECONDS = 0.05
_DEAD_PROXY = "http://127.0.0.1:1"
# WebKit shrinks a page by 1.25 at least and by 2 at most, to what fits the width of the paper. A
# page of full width, set larger than 1.25, therefore comes out exactly as wide as the paper.
_ZOOM = 1.5


class EngineChoice(StrEnum):
    """Values of the setting PDF_ENGINE."""

    AUTO = "auto"
    WKHTMLTOPDF = "wkhtmltopdf"
    WEASYPRINT = "weasyprint"


class PdfEngineMissing(DomainError):
    """The engine asked for, or with `auto` any engine, is not installed here."""

    code = "pdf_engine_missing"
    default_message = _l("No program that makes PDFs is installed. Install wkhtmltopdf or Pango.")


class PdfFailed(DomainError):
    """The engine gave no PDF; `detail` has its own last words."""

    code = "pdf_failed"
    default_message = _l("The PDF could not be made.")


class PdfTimeout(PdfFailed):
    """The engine took too long, or too many papers are being made at once."""

    code = "pdf_timeout"
    default_message = _l("Making the PDF took too long. Please try again.")


class PdfEngine(Protocol):
    """Makes a PDF of HTML that is cut into pages already."""

    name: EngineChoice

    def render(self, document: HtmlDocument) -> bytes:
        """The PDF. Raises PdfFailed or PdfTimeout."""
        ...


def _seconds(document: HtmlDocument) -> float:
    return _BASE_SECONDS + _SECONDS_A_PAGE * document.page_count


class WkhtmltopdfEngine:
    """wkhtmltopdf in a process of its own, its command line made by pdfkit."""

    name = EngineChoice.WKHTMLTOPDF

    def __init__(self, *, program: str | None = None, data: Path | None = None) -> None:
        """`data` is the application's data folder, where the font cache goes.

        Raises:
            PdfEngineMissing: the program is not on this machine.
        """
        found = program or shutil.which("wkhtmltopdf")
        if not found:
            raise PdfEngineMissing(engine=str(self.name))
        self._program = found
        self._data = data

    def render(self, document: HtmlDocument) -> bytes:
        with _turn(self._data), tempfile.TemporaryDirectory(prefix="kartabl-pdf-") as home:
            command = self._command(document)
            page = document.html.replace("</head>", f"<style>body{{zoom:{_ZOOM}}}</style></head>", 1)
            return _run(command, page.encode(), env=self._environment(home), seconds=_seconds(document))

    def _command(self, document: HtmlDocument) -> list[str]:
        from pdfkit import PDFKit
        from pdfkit.configuration import Configuration

        configuration = Configuration(wkhtmltopdf=self._program, meta_tag_prefix="no-options-from-the-page-")
        kit = PDFKit("-", "string", options=_options(document), configuration=configuration)
        command: list[str] = kit.command()
        return command

    def _environment(self, home: str) -> dict[str, str]:
        """Nothing of our own environment but the path: no proxy settings, no secrets."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": home,
            "TMPDIR": home,
            "XDG_RUNTIME_DIR": home,
            "LANG": "C.UTF-8",
            "QT_QPA_PLATFORM": "offscreen",
            "FONTCONFIG_FILE": str(fontconfig_file(self._data)),
        }


def _options(document: HtmlDocument) -> dict[str, str]:
    return {
        "encoding": "UTF-8",
        "page-width": f"{document.form.width_mm}mm",
        "page-height": f"{document.form.height_mm}mm",
        "margin-top": "0",
        "margin-right": "0",
        "margin-bottom": "0",
        "margin-left": "0",
        "proxy": _DEAD_PROXY,
        "load-error-handling": "ignore",
        "load-media-error-handling": "ignore",
        "disable-javascript": "",
        "disable-plugins": "",
        "disable-local-file-access": "",
        "javascript-delay": "0",
    }


@contextmanager
def _turn(data: Path | None) -> Iterator[None]:
    """A turn of this process, then one of all processes that share the data folder."""
    until = time.monotonic() + _WAIT_SECONDS
    if not _turns.acquire(timeout=_WAIT_SECONDS):
        raise PdfTimeout
    try:
        with ExitStack() as held:
            while data is not None and not _took_slot(data, held):
                if time.monotonic() > until:
                    raise PdfTimeout
                time.sleep(_LOOK_AGAIN_SECONDS)
            yield
    finally:
        _turns.release()


def _took_slot(data: Path, held: ExitStack) -> bool:
    """Whether one of the lock files was free; it is let go with `held`, or with the process."""
    for number in range(AT_ONCE):
        slot = (data / f"pdf-turn-{number}.lock").open("w")
        try:
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            slot.close()
            continue
        held.enter_context(slot)
        return True
    return False


def _run(command: list[str], page: bytes, *, env: dict[str, str], seconds: float) -> bytes:
    try:
        done = subprocess.run(command, input=page, capture_output=True, env=env, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as late:
        raise PdfTimeout from late
    except OSError as error:
        raise PdfFailed(detail=str(error)) from error
    if not done.stdout.startswith(b"%PDF"):
        raise PdfFailed(detail=done.stderr.decode(errors="replace")[-500:], exit_code=done.returncode)
    return done.stdout


class WeasyPrintEngine:
    """WeasyPrint inside this process, one paper at a time."""

    name = EngineChoice.WEASYPRINT
    _lock = threading.Lock()

    def __init__(self, *, data: Path | None = None) -> None:
        """Raises PdfEngineMissing where WeasyPrint or its Pango library is missing."""
        if not _weasyprint_works():
            raise PdfEngineMissing(engine=str(self.name))
        self._data = data
        # one warning a page for each property that only WebKit knows
        logging.getLogger("weasyprint").setLevel(logging.ERROR)

    def render(self, document: HtmlDocument) -> bytes:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher

        with self._lock:
            fonts = _font_configuration(fontconfig_file(self._data))
            page = HTML(string=document.html, url_fetcher=URLFetcher(allowed_protocols=("data",)), media_type="print")
            pdf: bytes = page.write_pdf(font_config=fonts)
        return pdf


@lru_cache(maxsize=1)
def _weasyprint_works() -> bool:
    """Whether WeasyPrint can be imported; without the Pango library it raises OSError."""
    if find_spec("weasyprint") is None:
        return False
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return False
    return True


@lru_cache(maxsize=2)
def _font_configuration(conf: Path) -> FontConfiguration:
    """Fontconfig reads its file name from the environment, once, while this is made."""
    from weasyprint.text.fonts import FontConfiguration

    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(conf)
    try:
        return FontConfiguration()
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before


def available_engines() -> tuple[EngineChoice, ...]:
    """The engines that work on this machine, the preferred one first."""
    found = []
    if shutil.which("wkhtmltopdf"):
        found.append(EngineChoice.WKHTMLTOPDF)
    if _weasyprint_works():
        found.append(EngineChoice.WEASYPRINT)
    return tuple(found)


def choose_engine(choice: str = EngineChoice.AUTO, *, data: Path | None = None) -> PdfEngine:
    """The engine of the setting PDF_ENGINE; `auto` takes wkhtmltopdf, else WeasyPrint.

    Raises:
        PdfEngineMissing: the one asked for, or any with `auto`, is missing.
        ValueError: the setting has another word.
    """
    match EngineChoice(choice):
        case EngineChoice.WKHTMLTOPDF:
            return WkhtmltopdfEngine(data=data)
        case EngineChoice.WEASYPRINT:
            return WeasyPrintEngine(data=data)
        case _:
            return WkhtmltopdfEngine(data=data) if shutil.which("wkhtmltopdf") else WeasyPrintEngine(data=data)
