"""Bytes → text, and which encoding it was: UTF-8, with or without mark, UTF-16, GB18030, and only then a guess."""

from __future__ import annotations

import codecs
from pathlib import Path

from qbank.files.interchange.draft import note
from qbank.files.paths import shown_path
from qbank.problem import Problem, Span, error

MAX_BYTES = 64 << 20


def read_upload(path: Path) -> tuple[bytes | None, list[Problem]]:
    """Return the bytes of a file that somebody handed in, or nothing and why: missing, no file, far too large."""
    span = Span(shown_path(path))
    try:
        if not path.is_file():
            return None, [error("I132", span)]
        if path.stat().st_size > MAX_BYTES:
            return None, [error("I102", span, megabytes=MAX_BYTES >> 20)]
        return path.read_bytes(), []
    except (OSError, ValueError) as fault:
        return None, [error("I101", span, detail=getattr(fault, "strerror", None) or fault)]


def decode(data: bytes, name: str) -> tuple[str | None, list[Problem]]:
    """Return the text with ``\\n`` line ends, or nothing and why; a note says which encoding was taken if not UTF-8.

    >>> decode("考号".encode("gb18030"), "a.csv")[0]
    '考号'
    """
    if len(data) > MAX_BYTES:
        return None, [error("I102", Span(name), megabytes=MAX_BYTES >> 20)]
    text, encoding = _decoded(data)
    if text is None or "\x00" in text:
        return None, [error("I103", Span(name))]
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return None, [error("I104", Span(name))]
    return text, [] if encoding == "utf-8" else [note("I105", Span(name), encoding=encoding)]


def _decoded(data: bytes) -> tuple[str | None, str]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(data, "utf-16"), "utf-16"
    if b"\x00" in data[:2000]:
        return _strictly(data, _utf16_without_mark(data)), _utf16_without_mark(data)
    for encoding in ("utf-8", "gb18030"):
        if (text := _strictly(data, encoding)) is not None:
            return text, encoding
    import charset_normalizer

    guess = charset_normalizer.from_bytes(data[:200_000]).best()
    if guess is None:
        return None, ""
    return _strictly(data, guess.encoding), guess.encoding


def _utf16_without_mark(data: bytes) -> str:
    """Return which half of each pair holds the zeros of ASCII: a table of another program begins with some."""
    return "utf-16-le" if data[1:2000:2].count(0) >= data[0:2000:2].count(0) else "utf-16-be"


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
