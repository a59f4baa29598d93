"""Taking documents to the tax system: a sender behind a Protocol, and the one that writes files.

The files hold the bare payload and are signed and sent by whatever the company uses for that. A
sender that talks to the tax system itself is installed in its place; nothing else changes.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flask import current_app

from app.finance.moadian.models import TaxDocument


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a sender takes: the tax ID, whose memory it is, and the payload as UTF-8 JSON."""

    tax_id: str
    memory_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a parcel went; `is_sent` when it has left for the tax system and is not only laid ready."""

    place: str
    is_sent: bool = False


class Sender(Protocol):
    """Takes one document; the same one twice does no harm. Raises DomainError where it cannot."""

    def take(self, parcel: Parcel) -> Delivery: ...


class FileSender:
    """Lays each document into a folder of its memory, to be signed later; a file is whole or not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, parcel: Parcel) -> Delivery:
        folder = self.folder / parcel.memory_id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = folder / file_name(parcel.tax_id)
        unfinished = target.with_suffix(".part")
        with open(unfinished, "wb", opener=_private) as file:
            file.write(parcel.content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
        return Delivery(str(Path(folder.name) / target.name))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


_senders: list[Callable[[], Sender]] = []


def install_sender(make: Callable[[], Sender]) -> None:
    """Let another sender take the documents from now on."""
    _senders[:] = [make]


def sender() -> Sender:
    """The sender in use."""
    return _senders[0]() if _senders else FileSender(Path(current_app.config["DATA"]) / "moadian")


def file_name(tax_id: str) -> str:
    return f"{tax_id}.json"


def hand_over(document: TaxDocument) -> Delivery:
    """Give a document to the sender in use. Raises what that one raises."""
    return sender().take(Parcel(document.tax_id, document.memory_id, document.payload.encode()))


def zipped(documents: Iterable[TaxDocument]) -> bytes:
    """The files of documents in one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in documents:
            archive.writestr(file_name(document.tax_id), document.payload)
    return out.getvalue()
