"""Questions from and for other programs: one module a format, one line a format in `READERS` and `WRITERS`.

A reader turns bytes into `Draft` records and problems; it never raises, whatever the bytes are.
"""

from __future__ import annotations

from collections.abc import Callable

from qbank.files.interchange.draft import Draft, Read
from qbank.files.interchange.spreadsheet import read_csv, read_xlsx
from qbank.problem import Span, error

Reader = Callable[[bytes, str, str], Read]
"""(bytes, name of the file, kind that an empty 题型 stands for) → drafts and problems"""

READERS: dict[str, Reader] = {
    "xlsx": read_xlsx,
    "csv": read_csv,
}
SUFFIXES = {
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".csv": "csv", ".tsv": "csv", ".tab": "csv",
}  # fmt: skip


def detect_format(data: bytes, name: str) -> str:
    """Return the format of a file by its content, then its name; empty where neither tells.

    >>> detect_format(b"PK\\x03\\x04...", "a.dat"), detect_format(b"", "a.csv"), detect_format(b"hello", "a.docx")
    ('xlsx', 'csv', '')
    """
    if data.startswith(b"PK\x03\x04"):
        return "xlsx"
    suffix = "." + name.rpartition(".")[2].casefold()
    return SUFFIXES.get(suffix, "")


def parse_bytes(format: str, data: bytes, name: str, kind: str = "") -> Read:
    """Return the drafts in a file of that format, and everything in it that cannot be read."""
    return READERS[format](data, name, kind)


def parse_any(data: bytes, name: str, *, format: str = "", kind: str = "") -> Read:
    """Return the drafts in a file whose format is given or found, and everything that cannot be read."""
    word = format or detect_format(data, name)
    if word not in READERS:
        return [], [error("I122", Span(name), known=", ".join(READERS))]
    return parse_bytes(word, data, name, kind)


__all__ = ["READERS", "Draft", "detect_format", "parse_any", "parse_bytes"]
