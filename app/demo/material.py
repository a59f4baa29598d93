"""Where plausible Iranian names, numbers and places of the demo company come from."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

DATA = Path(__file__).parent / "data"
MOBILE_PREFIXES = (
    "910 911 912 913 914 915 916 917 918 919 901 902 903 905 930 933 935 936 937 938 939 920 921 922 990 991 992"
).split()
SCATTER = 7_654_321  # prime to every power of ten: a permutation that does not look like a count


@lru_cache(maxsize=8)
def table(name: str) -> Any:
    """A data file of the demo, read once; callers do not change it."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def national_id(serial: int) -> str:
    """The serial-th valid national ID; different for different serials below 10^9."""
    body = f"{(serial * SCATTER + 123_456_789) % 1_000_000_000:09d}"
    if body[3:9] == "000000":
        body = body[:3] + "000001"
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11
    return body + str(rest if rest < 2 else 11 - rest)


def legal_id(serial: int) -> str:
    """The serial-th valid legal-entity ID; different for different serials below 10^8."""
    body = f"14{(serial * SCATTER + 21_098_765) % 100_000_000:08d}"
    shift = int(body[9]) + 2
    weights = (29, 27, 23, 19, 17) * 2
    rest = sum((int(digit) + shift) * weight for digit, weight in zip(body, weights, strict=True)) % 11
    return body + str(rest % 10)


def mobile(serial: int) -> str:
    """The serial-th mobile number, E.164; different for different serials below 270 million."""
    turn, place = divmod(serial, len(MOBILE_PREFIXES))
    return f"+98{MOBILE_PREFIXES[place]}{(turn * SCATTER + place * 7_310_977 + 1_234_567) % 10_000_000:07d}"


def landline(serial: int, area: str) -> str:
    """A landline of a town, E.164."""
    return f"+98{area}{20_000_000 + (serial * SCATTER) % 70_000_000:08d}"


def postal_code(rng: Random) -> str:
    """Ten digits; the first is never 0 or 2."""
    return rng.choice("13456789") + "".join(rng.choices("13456789", k=4)) + f"{rng.randrange(100_000):05d}"


def barcode(serial: int) -> str:
    """An EAN-13 with Iran's prefix and a right check digit."""
    body = f"626{serial:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)
