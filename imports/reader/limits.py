"""How much a workbook may cost before it is refused. Shared by the parent and its child."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of one reading; bytes, seconds and counts.

    `cells` counts the rectangle from A1 to the last used cell, because readers allocate it whole.
    """

    file_bytes: int = 60 * MB
    parts: int = 2_000
    part_bytes: int = 700 * MB
    unpacked_bytes: int = 900 * MB
    ratio: int = 150
    ratio_from_bytes: int = 8 * MB
    sheets: int = 200
    rows: int = 1_048_576
    cells: int = 12_000_000
    named_cells: int = 20_000
    text_length: int = 32_767
    memory_bytes: int = 1_536 * MB
    cpu_seconds: int = 60
    wall_seconds: int = 90


DEFAULT = Limits()
