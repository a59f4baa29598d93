"""Values that people mistype and attackers send."""

from __future__ import annotations

import io
import random
import string
from typing import Any

TEXTS = (
    "", " ", "0", "-1", "1", "00", "1e999", "NaN", "Infinity", "-0", "9" * 30, "9" * 400, "9" * 5000, "1.5", "1,5",
    "۱۲۳", "٣", "²",
    "true", "on", "y", "null", "None", "undefined", "[]", "{}", "\0", "a\0b", "\r\nSet-Cookie: x=1", "\n", "\t",
    "1405/13/45", "1405/01/01", "0000/00/00", "2026-11-23", "31/02/1405", "99999/1/1", "-1/1/1",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "{{7*7}}", "${7*7}",
    "%s%n%x", "%f",
    "' OR 1=1 --", "'; DROP TABLE ab_user; --", "1 UNION SELECT 1", "\\", "'", "\"", "`id`", "$(id)", "| id", "; id",
    "../../../../etc/passwd", "..\\..\\x", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:1/", "//evil.example",
    "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "سلام دنيا", "ي‌ك", "\u202eabc", "\u200f\u200e", "\ufeff",
    "\U0001f469\u200d\U0001f467" * 20, "Ω" * 300,
    "a" * 256, "a" * 5000, "ا" * 70000, "x@y", "@", "09123456789", "+98 (0) 912", "2147483648", "-2147483649",
    "9223372036854775808", "1_000", "0x10", "1/0", "٪", "\ud7ff", "\uffff", "é", "A\u0301",
)  # fmt: skip
FILES: tuple[tuple[str, bytes], ...] = (
    ("empty.xlsx", b""),
    ("bad.xlsx", b"PK\x03\x04 not a zip"),
    ("rows.csv", "نام,کد\nعلی,1\n".encode()),
    ("x.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40),
    ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
    ("../../evil.html", b"<script>alert(1)</script>"),
    ("a" * 300 + ".jpg", b"\xff\xd8\xff\xe0" + b"x" * 200),
    ("\0.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
)


def text(dice: random.Random) -> str:
    """A hostile text, or random letters, or two of them together."""
    roll = dice.random()
    if roll < 0.75:
        return dice.choice(TEXTS)
    if roll < 0.9:
        return "".join(dice.choice(string.printable) for _ in range(dice.randrange(40)))
    return dice.choice(TEXTS) + dice.choice(TEXTS)


def file(dice: random.Random) -> tuple[Any, str]:
    """An upload for a Werkzeug client."""
    name, content = dice.choice(FILES)
    return io.BytesIO(content), name


def json_value(dice: random.Random, depth: int = 0) -> Any:
    """Anything that JSON can say, three levels deep."""
    kind = dice.randrange(7 if depth < 3 else 5)
    if kind == 0:
        return dice.choice((None, True, False))
    if kind == 1:
        return dice.choice((0, -1, 1, 2**31, 2**63, 10**30, -(2**63)))
    if kind == 2:
        return dice.choice((0.5, -0.0, 1e308, 1e-9))
    if kind in (3, 4):
        return text(dice)
    if kind == 5:
        return [json_value(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {text(dice)[:30]: json_value(dice, depth + 1) for _ in range(dice.randrange(4))}
