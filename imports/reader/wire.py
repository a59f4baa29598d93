"""How cells travel from the child to its parent.

A block of rows is a line of JSON, then one piece of bytes per column: texts and numbers go as they
lie in memory, several times quicker than JSON.

No pickle: the child has handled a stranger's file, so the parent takes only plain values from it.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import isfinite
from typing import IO, Any

from imports.reader.facts import ERROR_WORDS

BETWEEN = "\0"
Bad = list[tuple[int, int, str]]


def send(output: IO[bytes], **message: Any) -> None:
    """Write one message."""
    line = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    output.write(line.encode("utf-8", "replace") + b"\n")


def send_block(output: IO[bytes], rows: list[list[Any]], first: int, column: int, *, error_words: bool) -> None:
    """Write rows that start at row `first` and column `column`; blank cells are empty texts.

    `error_words` names texts such as #REF! as errors, for formats that have nothing else.
    """
    width = max(map(len, rows))
    if any(len(row) != width for row in rows):
        rows = [row if len(row) == width else [*row, *[""] * (width - len(row))] for row in rows]
    bad: Bad = []
    kinds, parts, days = [], [], {}
    for place, values in enumerate(zip(*rows, strict=True)):
        kind, part = _text_column(values, place, bad, error_words=error_words) or _number_column(values) or ("j", b"")
        if kind == "j":
            plain, dated = _mixed_column(values, place, bad)
            part = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
            if dated:
                days[str(place)] = dated
        kinds.append(kind)
        parts.append(part)
    sizes = [len(part) for part in parts]
    send(output, block=first, column=column, height=len(rows), kinds="".join(kinds), sizes=sizes, days=days, bad=bad)
    output.writelines(parts)


def _text_column(values: Sequence[Any], place: int, bad: Bad, *, error_words: bool) -> tuple[str, bytes] | None:
    try:
        joined = BETWEEN.join(values)
    except TypeError:
        return None
    if len(joined) == len(values) - 1:
        return ("e", b"") if joined.count(BETWEEN) == len(joined) else None
    if joined.count(BETWEEN) != len(values) - 1:
        return None
    if error_words and ERROR_WORDS.search(joined):
        kept = list(values)
        for row, value in enumerate(values):
            if ERROR_WORDS.fullmatch(value.strip()):
                bad.append((row, place, value.strip()))
                kept[row] = ""
        joined = BETWEEN.join(kept)
    return "t", joined.encode("utf-8", "replace")


def _number_column(values: Sequence[Any]) -> tuple[str, bytes] | None:
    """Floats only, all of them finite."""
    if set(map(type, values)) != {float} or not isfinite(sum(values)):
        return None
    return "n", array("d", values).tobytes()


def _mixed_column(values: Sequence[Any], place: int, bad: Bad) -> tuple[list[Any], list[int]]:
    plain: list[Any] = []
    dated = []
    for row, value in enumerate(values):
        kind = type(value)
        if kind is str:
            plain.append(value or None)
        elif kind is float:
            plain.append(_whole(value) if isfinite(value) else None)
            if not isfinite(value):
                bad.append((row, place, "#NUM!"))
        elif kind is timedelta:
            plain.append(_duration(value))
        elif hasattr(value, "isoformat"):
            plain.append(value.isoformat())
            if kind is datetime or kind is date:
                dated.append(row)
        else:
            plain.append(value)
    return plain, dated


def _whole(value: float) -> int | float:
    return int(value) if value.is_integer() else value


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def read_column(kind: str, part: bytes, height: int, days: Sequence[int]) -> list[Any]:
    """A column of a block as values; blank is None. Equal texts are one object where they repeat."""
    if kind == "e":
        return [None] * height
    if kind == "t":
        texts = part.decode().split(BETWEEN)
        different = set(texts)
        if len(different) * 2 < len(texts):
            same = {text: text for text in different}
            texts = [same[text] for text in texts]
        return [text or None for text in texts] if "" in different else texts
    if kind == "n":
        return [_whole(value) for value in memoryview(part).cast("d")]
    values: list[Any] = json.loads(part)
    for row in days:
        text = values[row]
        values[row] = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    return values
