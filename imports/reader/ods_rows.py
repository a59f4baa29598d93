"""The XML of an OpenDocument sheet with its plain rows put together, so that little is left to parse.

Most rows hold values and nothing else, and say of the sheet only how far it reaches. Runs of them
become one repeated row of blank marks with the same reach. What is not plainly plain stays byte for
byte, and what is replaced stands where it stood: inside a comment or another table it means as
little as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

END = b"</table:table-row>"
START = b"<table:table-row"
CELL = b"<table:table-cell"
REPEATED = b"number-columns-repeated"
STARTS = (b'<table:table-row table:style-name="', b"<table:table-row>")
ODD = (
    (b"!", b"<!"), (b"'", b"='"), (b"table:formula", b"table:formula"), (b'"error"', b'"error"'),
    (b"-spanned", b"-spanned"), (b"covered-table-cell", b"covered-table-cell"),
    (b"<table:table>", b"<table:table>"), (b"<table:table ", b"<table:table "),
)  # fmt: skip
"""What a plain row does not hold, after the part of it that is quickly looked for."""
BLANKS = re.compile(
    rb'<table:table-cell(?: table:style-name="[^"<>]*")? table:number-columns-repeated="(\d{1,5})"'
    rb'(?: table:style-name="[^"<>]*")?/>'
)
FILLED = b'office:value-type="'
MOST_COLUMNS = 1_000
LONGEST_CARRY = 64 << 20


def shortened(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same document as a survey sees it, piece by piece."""
    carry = b""
    for piece in pieces:
        piece = carry + piece
        cut = piece.rfind(END) + len(END)
        if cut < len(END) and len(piece) < LONGEST_CARRY:
            carry = piece
            continue
        if cut < len(END):
            cut = len(piece)
        carry = piece[cut:]
        yield b"".join(_rows(piece[:cut]))
    yield carry


def _rows(block: bytes) -> Iterator[bytes]:
    count = width = 0
    *rows, rest = block.split(END)
    # Looked for in all rows together, by one letter where that is rare: most blocks have none.
    odd = tuple(mark for letter, mark in ODD if letter in block and mark in block)
    for raw in rows:
        found = _width(raw, odd)
        if found:
            count, width = count + 1, max(width, found)
            continue
        if count:
            yield _run(count, width)
            count = width = 0
        yield raw + END
    if count:
        yield _run(count, width)
    yield rest


def _run(count: int, width: int) -> bytes:
    cells = b'<table:table-cell office:value-type="string"/>' * width
    return b'<table:table-row table:number-rows-repeated="%d">%b</table:table-row>' % (count, cells)


def _width(raw: bytes, odd: tuple[bytes, ...]) -> int:
    """How many cells a plain row reaches; 0 for any other."""
    if not raw.startswith(STARTS) or raw.count(START) > 1 or FILLED not in raw:
        return 0
    if odd and any(mark in raw for mark in odd):
        return 0
    if raw.count(b'="', 0, raw.find(b">")) > 1:  # hidden or repeated
        return 0
    width, repeated = raw.count(CELL), raw.count(REPEATED)
    if repeated:
        blanks = list(BLANKS.finditer(raw))
        if len(blanks) != repeated:
            return 0
        amid = [int(one.group(1)) - 1 for one in blanks if one.end() < len(raw)]
        width += sum(amid) - (1 if amid and len(blanks) > len(amid) else 0)
    return width if width <= MOST_COLUMNS else 0
