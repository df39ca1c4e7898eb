"""The tar inside a package: written as a stream, read back strictly, as nothing but what is written here.

Any tar program reads it. Here it is read piece by piece as the decryption hands it over; links, devices, sparse files
and long records of other programs are refused, whatever they are called.
"""

from __future__ import annotations

import tarfile
from collections.abc import Generator
from typing import Protocol

BLOCK = 512
PIECE = 1 << 16
MOST_RECORD = 1 << 14


class TarError(ValueError):
    """The stream is no such tar; the argument says where."""


class Receiver(Protocol):
    """What is done with the files of a tar, one after the other."""

    def begin(self, name: str, size: int) -> None: ...
    def take(self, piece: bytes) -> None: ...
    def end(self) -> None: ...


def header(name: str, size: int) -> bytes:
    """Return what stands before a file's bytes: no clock, no owner, readable and writable by the owner only."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry.tobuf(tarfile.PAX_FORMAT)


def padding(size: int) -> bytes:
    """Return the zeros after a file of that size."""
    return bytes(-size % BLOCK)


END = bytes(2 * BLOCK)


class TarReader:
    """Takes the bytes of a tar as they come and hands its files on; `complete` says whether its end was reached."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._held = bytearray()
        self._steps = self._read()
        self._wanted = next(self._steps)
        self.complete = False

    def write(self, data: bytes) -> int:
        """Take bytes; raises `TarError`, or what the receiver raises."""
        self._held += data
        while self._wanted <= len(self._held):
            piece = bytes(self._held[: self._wanted])
            del self._held[: self._wanted]
            self._wanted = self._steps.send(piece)
        return len(data)

    def flush(self) -> None:
        """Do nothing; writers of streams are asked to."""

    def _read(self) -> Generator[int, bytes, None]:
        """Ask for so many bytes, get them, and go on."""
        while True:
            block = yield BLOCK
            if block == bytes(BLOCK):
                break
            entry = _entry(block)
            name = entry.name
            if entry.type == tarfile.XHDTYPE:
                record = yield _size(entry, MOST_RECORD)
                yield from _skip(entry.size)
                name = _path(record)
                entry = _entry((yield BLOCK))
            if entry.type != tarfile.REGTYPE:
                raise TarError(f"{name[:100]}: type {entry.type!r}")
            self._receiver.begin(name, entry.size)
            left = entry.size
            while left:
                piece = yield min(left, PIECE)
                left -= len(piece)
                self._receiver.take(piece)
            yield from _skip(entry.size)
            self._receiver.end()
        if (yield BLOCK) != bytes(BLOCK):
            raise TarError("end")
        self.complete = True
        yield 1
        raise TarError("bytes after the end")


def _entry(block: bytes) -> tarfile.TarInfo:
    try:
        entry = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError, ValueError) as fault:
        raise TarError(str(fault)) from fault
    if entry.size < 0:
        raise TarError(f"{entry.name[:100]}: size {entry.size}")
    return entry


def _size(entry: tarfile.TarInfo, most: int) -> int:
    if not 0 < entry.size <= most:
        raise TarError(f"record of {entry.size} bytes")
    return entry.size


def _skip(size: int) -> Generator[int, bytes, None]:
    """Ask for the zeros after so many bytes."""
    if (rest := len(padding(size))) and (yield rest) != padding(size):
        raise TarError("padding")


def _path(record: bytes) -> str:
    """Return the name that an extended header gives; it gives nothing else.

    >>> _path("15 path=试卷\\n".encode())
    '试卷'
    """
    length, _, rest = record.partition(b" ")
    if not length.isdigit() or len(length) > 5 or int(length) != len(record):
        raise TarError("record")
    key, _, value = rest.partition(b"=")
    if key != b"path" or not value.endswith(b"\n"):
        raise TarError(f"record {key[:20]!r}")
    try:
        return value[:-1].decode("utf-8")
    except UnicodeDecodeError as fault:
        raise TarError(str(fault)) from fault
