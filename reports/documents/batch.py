"""Many papers: in one PDF, or one PDF for each document; a few runs of the engine for all of them.

A run of the engine costs more than a page, so documents are printed by the twenty. Two runs go on
side by side, while the next twenty are set in type here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from pypdf import PdfReader, PdfWriter

from reports.documents.engines import AT_ONCE, PdfEngine, PdfFailed
from reports.documents.forms import PaperForm
from reports.documents.html import batch_html
from reports.documents.values import InvoicePrint, NothingToPrint

AT_A_TIME = 20
"""Documents in one run of the engine."""


@dataclass(frozen=True, slots=True)
class Printed:
    """Some documents printed in one run, and how many pages each of them has."""

    pdf: bytes
    names: tuple[str, ...]
    pages: tuple[int, ...]

    def split(self) -> Iterator[tuple[str, bytes]]:
        """Each document as a PDF of its own."""
        reader = PdfReader(BytesIO(self.pdf))
        start = 0
        for name, count in zip(self.names, self.pages, strict=True):
            writer = PdfWriter()
            writer.append(reader, pages=(start, start + count))
            out = BytesIO()
            writer.write(out)
            yield name, out.getvalue()
            start += count


Named = tuple[str, Sequence[InvoicePrint]]
"""A document's name and its papers: one, or a copy for each party."""


def printed(
    parts: Iterable[Sequence[Named]], *, engine: PdfEngine, form: PaperForm, locale: str = "fa"
) -> Iterator[Printed]:
    """Each part printed, in order; two runs of the engine at once, never many parts in memory."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="print") as pool:
        waiting: deque[Future[Printed]] = deque()
        try:
            for part in parts:
                if part:
                    waiting.append(_begin(pool, part, engine, form, locale))
                while len(waiting) > AT_ONCE:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _begin(
    pool: ThreadPoolExecutor, part: Sequence[Named], engine: PdfEngine, form: PaperForm, locale: str
) -> Future[Printed]:
    document = batch_html([paper for _, papers in part for paper in papers], form=form, locale=locale)
    counts = iter(document.paper_pages)
    pages = tuple(sum(next(counts) for _ in papers) for _, papers in part)
    names = tuple(name for name, _ in part)

    def run() -> Printed:
        return Printed(engine.render(document), names, pages)

    return pool.submit(run)


class Binder:
    """Parts bound into one PDF as they come."""

    def __init__(self) -> None:
        self._writer = PdfWriter()
        self.page_count = 0

    def add(self, part: Printed) -> None:
        """Put a part at the end. Raises PdfFailed when the engine printed other pages than were set."""
        self._writer.append(BytesIO(part.pdf), import_outline=False)
        self.page_count += sum(part.pages)
        if len(self._writer.pages) != self.page_count:
            raise PdfFailed(detail=f"{len(self._writer.pages)} pages instead of {self.page_count}")

    def write(self, file: IO[bytes]) -> None:
        self._writer.write(file)


def parts_of(items: Sequence[Named], size: int = AT_A_TIME) -> Iterator[Sequence[Named]]:
    """The documents by the twenty."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def render_batch(
    values: Iterable[InvoicePrint],
    *,
    engine: PdfEngine,
    form: PaperForm = PaperForm.A4_LANDSCAPE,
    locale: str = "fa",
) -> bytes:
    """All papers as one PDF, each on pages of its own that count from one.

    Raises:
        NothingToPrint: there is no paper.
    """
    papers: list[Named] = [("", [value]) for value in values]
    if not papers:
        raise NothingToPrint
    binder = Binder()
    for part in printed(parts_of(papers), engine=engine, form=form, locale=locale):
        binder.add(part)
    out = BytesIO()
    binder.write(out)
    return out.getvalue()
