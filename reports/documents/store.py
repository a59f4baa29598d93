"""Papers made once: PDFs kept under the hash of all that decides their look.

An issued invoice does not change, so its paper is the same file each time it is asked for, also
after the program that makes it is upgraded.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reports.documents.engines import PdfEngine
from reports.documents.forms import PaperForm
from reports.documents.html import invoice_html
from reports.documents.values import InvoicePrint, inputs_hash


@dataclass(frozen=True, slots=True)
class PaperStore:
    """A folder of PDFs, written whole or not at all; two writers of one paper write the same."""

    folder: Path

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}.pdf"

    def find(self, digest: str) -> bytes | None:
        try:
            return self.path(digest).read_bytes()
        except FileNotFoundError:
            return None

    def keep(self, digest: str, pdf: bytes) -> None:
        path = self.path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(pdf)
        Path(name).replace(path)


def stored_pdf(
    value: InvoicePrint,
    *,
    store: PaperStore,
    engine: PdfEngine,
    form: PaperForm = PaperForm.A4_LANDSCAPE,
    locale: str = "fa",
) -> bytes:
    """The paper of an invoice from the store, made and kept the first time."""
    digest = inputs_hash(value, form=form, locale=locale)
    found = store.find(digest)
    if found is None:
        found = engine.render(invoice_html(value, form=form, locale=locale))
        store.keep(digest, found)
    return found
