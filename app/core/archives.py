"""Zip files that people send: looked through before any part is unpacked.

Workbooks and text documents are zips. What their directory claims is held against limits (parts,
sizes, ratio, parts that share bytes), so that nothing unpacks to more than was agreed.
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

END_RECORD = b"PK\x05\x06"
END_REACH = 22 + 65_535
ZIP64_COUNT = 0xFFFF
DIRECTORY_BYTES_PER_PART = 1_024
PIECE = 1 << 20


class ZipLimits(Protocol):
    """How much an archive may hold; bytes and counts. `ratio` holds for parts above `ratio_from_bytes`."""

    @property
    def parts(self) -> int: ...
    @property
    def part_bytes(self) -> int: ...
    @property
    def unpacked_bytes(self) -> int: ...
    @property
    def ratio(self) -> int: ...
    @property
    def ratio_from_bytes(self) -> int: ...


class Refused(Exception):
    """The file is not read; `code` says why, `detail` fills the sentence."""

    def __init__(self, code: str, **detail: object) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@contextmanager
def checked_archive(file: IO[bytes], limits: ZipLimits) -> Iterator[zipfile.ZipFile]:
    """The archive in an open file, within limits. Raises Refused."""
    size = file.seek(0, os.SEEK_END)
    _check_end_record(file, size, limits)
    try:
        archive = open_zip(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused("damaged") from error
    with archive:
        infos = archive.infolist()
        _check_sizes(infos, limits)
        _check_places(infos, size)
        yield archive


def open_zip(file: str | Path | IO[bytes]) -> zipfile.ZipFile:
    """The archive, its parts named with slashes: some programs of Windows write backslashes."""
    archive = zipfile.ZipFile(file)
    for info in archive.filelist:
        info.filename = info.filename.replace("\\", "/")
        archive.NameToInfo[info.filename] = info
    return archive


def pieces(archive: zipfile.ZipFile, name: str, *, most: int | None = None) -> Iterator[bytes]:
    """The unpacked bytes of a part, a megabyte at a time. Raises Refused when it is damaged."""
    read = 0
    try:
        with archive.open(name) as part:
            while piece := part.read(PIECE):
                read += len(piece)
                if most is not None and read > most:
                    raise Refused("zip_bomb", megabytes=read >> 20)
                yield piece
    except (zipfile.BadZipFile, EOFError, OSError, KeyError, NotImplementedError, ValueError) as error:
        raise Refused("damaged") from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise Refused("damaged") from error
        raise


def _check_end_record(file: IO[bytes], size: int, limits: ZipLimits) -> None:
    """Look at the claimed number of parts before a library makes an object of each."""
    file.seek(max(0, size - END_REACH))
    tail = file.read()
    place = tail.rfind(END_RECORD)
    if place < 0 or len(tail) - place < 22:
        raise Refused("damaged")
    count, directory = struct.unpack_from("<HI", tail, place + 10)
    if count == ZIP64_COUNT or count > limits.parts or directory > count * DIRECTORY_BYTES_PER_PART + 4096:
        raise Refused("too_many_parts", most=limits.parts)


def _check_sizes(infos: list[zipfile.ZipInfo], limits: ZipLimits) -> None:
    names = [info.filename for info in infos]
    if len(infos) > limits.parts:
        raise Refused("too_many_parts", most=limits.parts)
    if len(set(names)) != len(names):
        raise Refused("damaged")
    total = 0
    for info in infos:
        total += info.file_size
        if info.flag_bits & 1:
            raise Refused("password")
        if info.file_size > limits.part_bytes or total > limits.unpacked_bytes:
            raise Refused("zip_bomb", megabytes=total >> 20)
        if info.file_size > limits.ratio_from_bytes and info.file_size > limits.ratio * max(info.compress_size, 1):
            raise Refused("zip_bomb", megabytes=info.file_size >> 20)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("unsupported")


def _check_places(infos: list[zipfile.ZipInfo], size: int) -> None:
    """Parts that overlap unpack the same bytes many times over."""
    end = 0
    for info in sorted(infos, key=lambda item: item.header_offset):
        if info.header_offset < end or info.header_offset + info.compress_size > size:
            raise Refused("damaged" if info.header_offset >= end else "zip_bomb", megabytes=0)
        end = info.header_offset + 30 + info.compress_size
