"""Files and notes in the browser: chosen, dropped and pasted, each refused by itself, nothing else lost."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.core.db import db
from app.crm.customers.models import Customer
from tests.browser.conftest import Site, until
from tests.office.attachments import hostile

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
HAND_OVER = """([type, name, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type: "image/png" }));
  const target = type === "drop" ? document.querySelector("[data-kept]") : document;
  const options = { bubbles: true, cancelable: true };
  target.dispatchEvent(type === "drop"
    ? new DragEvent("drop", { ...options, dataTransfer: carried })
    : new ClipboardEvent("paste", { ...options, clipboardData: carried }));
}"""


def given(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_files_are_chosen_dropped_and_pasted_and_a_bad_one_stays_alone(site: Site, person: Callable[..., Page]) -> None:
    with site.app.app_context():
        customer_id = db.session.scalar(select(Customer.id).order_by(Customer.id.desc()).limit(1))
        db.session.remove()
    page = person("admin", locale="en")
    page.goto(f"/customers/show/{customer_id}")
    page.set_input_files(
        ".kept-choose input", [given("terms.pdf", hostile.PDF), given("page.pdf", hostile.SCRIPT), given("b.txt", b"b")]
    )
    refused = page.locator(".kept-progress .is-bad")
    refused.wait_for()
    assert "page.pdf" in refused.inner_text()
    picture = base64.b64encode(hostile.picture()).decode()
    for way, name in (("drop", "dropped.png"), ("paste", "image.png")):
        page.evaluate(HAND_OVER, [way, name, picture])
    names = "[...document.querySelectorAll('.kept-name')].map((name) => name.textContent)"
    until(page, f"{names}.length === 4", shows=names)
    assert page.evaluate(names) == ["Pasted picture.png", "dropped.png", "b.txt", "terms.pdf"]
    until(page, "[...document.querySelectorAll('.kept-sign img')].every((one) => one.naturalWidth > 0)")

    page.fill("#kept-text", "Call after noon.")
    page.click(".kept-write button")
    page.locator(".kept-text", has_text="Call after noon.").wait_for()
    assert page.input_value("#kept-text") == ""

    with page.expect_download() as download:
        page.click('.kept-acts a[aria-label="Download terms.pdf"]')
    assert download.value.suggested_filename == "terms.pdf"
    page.locator(".kept-file", has_text="b.txt").locator("button.danger").click()
    with page.expect_navigation():
        page.click("#confirm [value=ok]")
    assert page.locator(".kept-name").all_inner_texts() == ["Pasted picture.png", "dropped.png", "terms.pdf"]
