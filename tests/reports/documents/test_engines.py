"""Engines that reach nothing outside the page, take turns and give up in time."""

from __future__ import annotations

import fcntl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from reports.documents import engines
from reports.documents.engines import (
    EngineChoice,
    PdfEngine,
    PdfEngineMissing,
    PdfFailed,
    PdfTimeout,
    WkhtmltopdfEngine,
    available_engines,
    choose_engine,
)
from reports.documents.forms import FORMS, PaperForm
from reports.documents.html import HtmlDocument, invoice_html
from reports.documents.store import PaperStore, stored_pdf
from tests.factories.printing import invoice_print, picture
from tests.reports.documents.paperwork import pdf_pages, pictures


def page(body: str, head: str = "") -> HtmlDocument:
    html = f"<!DOCTYPE html><html><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>"
    return HtmlDocument(html, FORMS[PaperForm.A4_LANDSCAPE], (1,))


class Listener(HTTPServer):
    """A web server that remembers who came."""

    seen: list[str]


@pytest.fixture
def listener() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: object) -> None:
            pass

    server = Listener(("127.0.0.1", 0), Handler)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_is_fetched_over_the_network(engine: PdfEngine, listener: Listener) -> None:
    for host in ("127.0.0.1", "localhost"):
        url = f"http://{host}:{listener.server_port}"
        head = (
            f"<link rel='stylesheet' href='{url}/css'><style>@import url({url}/import);"
            f"@font-face{{font-family:X;src:url({url}/font)}} body{{background:url({url}/back);font-family:X}}</style>"
            f"<script src='{url}/script'></script><meta http-equiv='refresh' content='0;url={url}/refresh'>"
        )
        body = (
            f"<p>still here</p><img src='{url}/img'><iframe src='{url}/frame'></iframe><object data='{url}/object'>"
            f"</object><embed src='{url}/embed'><video src='{url}/video' poster='{url}/poster'></video>"
            f"<script>new Image().src='{url}/js'</script><img src=x onerror=\"this.src='{url}/onerror'\">"
        )
        pdf = engine.render(page(body, head))
        assert "still here" in "".join(pdf_pages(pdf))
    assert listener.seen == []


def test_no_file_of_the_machine_is_read(engine: PdfEngine, tmp_path: Path) -> None:
    secret = tmp_path / "secret.html"
    secret.write_text("<p>topsecret</p>")
    body = f"<p>still here</p><iframe src='file://{secret}'></iframe><object data='file://{secret}'></object>"
    text = "".join(pdf_pages(engine.render(page(body))))
    assert "still here" in text
    assert "topsecret" not in text


def test_scripts_do_not_run(engine: PdfEngine) -> None:
    text = "".join(pdf_pages(engine.render(page("<p>before</p><script>document.write('after')</script>"))))
    assert "before" in text
    assert "after" not in text


def test_embedded_pictures_are_printed(engine: PdfEngine, tmp_path: Path) -> None:
    (picture_of_page,) = pictures(engine.render(page(f"<img src='{picture()}'>")), tmp_path)
    assert (picture_of_page < 200).sum() > 500


def test_options_hidden_in_the_page_are_not_taken(fonts: Path) -> None:
    hostile = page("<p>x</p>", "<meta name='pdfkit-page-size' content='A0'>")
    command = WkhtmltopdfEngine(data=fonts)._command(hostile)
    assert "A0" not in command
    assert command[command.index("--proxy") + 1] == "http://127.0.0.1:1"


def program(folder: Path, text: str) -> str:
    path = folder / "wkhtmltopdf"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_program_sees_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://topsecret")
    engine = WkhtmltopdfEngine(program=program(tmp_path, "cat >/dev/null; echo %PDF; env"), data=tmp_path)
    seen = engine.render(page(""))
    assert b"FONTCONFIG_FILE=" in seen
    assert b"topsecret" not in seen


def test_third_paper_waits_for_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = WkhtmltopdfEngine(program=program(tmp_path, "cat >/dev/null; echo %PDF"), data=tmp_path)
    monkeypatch.setattr(engines, "_WAIT_SECONDS", 0.01)
    with engines._turn(tmp_path):
        assert engine.render(page("")).startswith(b"%PDF")
        with engines._turn(tmp_path), pytest.raises(PdfTimeout):
            engine.render(page(""))
    assert engine.render(page("")).startswith(b"%PDF")


def test_other_processes_take_turns_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = WkhtmltopdfEngine(program=program(tmp_path, "cat >/dev/null; echo %PDF"), data=tmp_path)
    monkeypatch.setattr(engines, "_WAIT_SECONDS", 0.01)
    locks = [(tmp_path / f"pdf-turn-{number}.lock").open("w") for number in range(engines.AT_ONCE)]
    for lock in locks:
        fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(PdfTimeout):
        engine.render(page(""))
    locks[1].close()
    assert engine.render(page("")).startswith(b"%PDF")
    locks[0].close()


def test_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_BASE_SECONDS", 0.05)
    monkeypatch.setattr(engines, "_SECONDS_A_PAGE", 0.0)
    engine = WkhtmltopdfEngine(program=program(tmp_path, "exec sleep 30"), data=tmp_path)
    with pytest.raises(PdfTimeout):
        engine.render(page(""))


def test_program_that_fails_says_why(tmp_path: Path) -> None:
    engine = WkhtmltopdfEngine(program=program(tmp_path, "cat >/dev/null; echo no display >&2; exit 1"), data=tmp_path)
    with pytest.raises(PdfFailed) as failure:
        engine.render(page(""))
    assert failure.value.subject == {"detail": "no display\n", "exit_code": 1}


def test_auto_prefers_wkhtmltopdf_and_falls_back(fonts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert available_engines() == (EngineChoice.WKHTMLTOPDF, EngineChoice.WEASYPRINT)
    assert choose_engine("auto", data=fonts).name is EngineChoice.WKHTMLTOPDF
    monkeypatch.setenv("PATH", "")
    assert choose_engine("auto", data=fonts).name is EngineChoice.WEASYPRINT
    with pytest.raises(PdfEngineMissing):
        choose_engine("wkhtmltopdf", data=fonts)


def test_without_any_engine_the_refusal_says_so(fonts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(engines, "_weasyprint_works", lambda: False)
    assert available_engines() == ()
    with pytest.raises(PdfEngineMissing):
        choose_engine("auto", data=fonts)


def test_unknown_engine_is_an_error_of_the_settings() -> None:
    with pytest.raises(ValueError, match="chromium"):
        choose_engine("chromium")


def test_our_font_and_no_other_is_embedded(engine: PdfEngine) -> None:
    pdf = engine.render(invoice_html(invoice_print(1)))
    done = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True)
    fonts = done.stdout.decode().splitlines()[2:]
    assert len(fonts) == 2
    assert all("Vazirmatn" in font for font in fonts)


def test_paper_is_made_once_and_kept(tmp_path: Path, fonts: Path) -> None:
    class Counting:
        name = EngineChoice.WEASYPRINT
        made = 0

        def render(self, document: HtmlDocument) -> bytes:
            self.made += 1
            return b"%PDF " + str(self.made).encode()

    engine, store = Counting(), PaperStore(tmp_path / "papers")
    first = stored_pdf(invoice_print(2), store=store, engine=engine)
    assert stored_pdf(invoice_print(2), store=store, engine=engine) == first
    assert engine.made == 1
    assert stored_pdf(invoice_print(3), store=store, engine=engine) != first
    assert not list(tmp_path.rglob(".new-*"))
