"""Questions from and for other programs: one module a format, one line a format in `READERS` and `WRITERS`.

A reader turns bytes into `Draft` records and problems; it never raises, whatever the bytes are.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from qbank.files.interchange.aiken import read_aiken, write_aiken
from qbank.files.interchange.canvas import CANVAS_KINDS, write_canvas
from qbank.files.interchange.draft import Draft, Read
from qbank.files.interchange.gift import GIFT_KINDS, read_gift, write_gift
from qbank.files.interchange.legacy import END, read_legacy
from qbank.files.interchange.moodle import read_moodle
from qbank.files.interchange.moodle_writer import MOODLE_KINDS, write_moodle
from qbank.files.interchange.outgoing import Writer
from qbank.files.interchange.qti.reading import read_qti
from qbank.files.interchange.spreadsheet import read_csv, read_xlsx
from qbank.files.interchange.table_writers import write_csv, write_xlsx
from qbank.kinds import KINDS
from qbank.problem import Span, error

Reader = Callable[[bytes, str, str], Read]
"""(bytes, name of the file, kind that an empty 题型 stands for) → drafts and problems"""

READERS: dict[str, Reader] = {
    "xlsx": read_xlsx,
    "csv": read_csv,
    "legacy": read_legacy,
    "gift": read_gift,
    "aiken": read_aiken,
    "moodle": read_moodle,
    "qti": read_qti,
    "canvas": read_qti,
}
WRITERS: dict[str, Writer] = {
    "xlsx": write_xlsx,
    "csv": write_csv,
    "gift": write_gift,
    "aiken": write_aiken,
    "moodle": write_moodle,
    "canvas": write_canvas,
}
FORMAT_KINDS: dict[str, frozenset[str]] = {
    "xlsx": frozenset({*KINDS, "template"}),
    "csv": frozenset({*KINDS, "template"}),
    "gift": GIFT_KINDS,
    "aiken": frozenset({"single"}),
    "moodle": frozenset(MOODLE_KINDS),
    "canvas": frozenset(CANVAS_KINDS),
}
"""format → the kinds of item that it gives back as they were; ``template``: also items whose numbers are drawn"""
SUFFIXES = {
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".csv": "csv", ".tsv": "csv", ".tab": "csv",
    ".gift": "gift", ".xml": "moodle",
}  # fmt: skip


def detect_format(data: bytes, name: str) -> str:
    """Return the format of a file by its content, then its name; empty where neither tells.

    >>> detect_format(b"PK\\x03\\x04...", "a.dat"), detect_format(b"", "a.csv"), detect_format(b"hello", "a.docx")
    ('xlsx', 'csv', '')
    """
    if data.startswith(b"PK\x03\x04"):
        return "qti" if _is_package(data) else "xlsx"
    if format := _told_by_text(data[:200_000]):
        return format
    suffix = "." + name.rpartition(".")[2].casefold()
    return SUFFIXES.get(suffix, "")


def _is_package(data: bytes) -> bool:
    """Return whether a zip archive is a content package rather than a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name.casefold() for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return not any(name.startswith("xl/") for name in names) and any(name.endswith(("imsmanifest.xml", ".xml", ".qti")) for name in names)


_QTI = re.compile(rb"<(?:\w+:)?(?:qti-)?(?:assessment-?(?:Item|Test|Section|Stimulus)|questestinterop|manifest)[\s>/]", re.IGNORECASE)


def _told_by_text(data: bytes) -> str:
    """Return the format that a text file shows by itself."""
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|[A-Za-z!])", data):
        return "qti" if _QTI.search(data.replace(b"\x00", b"")) else "moodle"
    if END.encode() in data or END.encode("gb18030") in data:
        return "legacy"
    if re.search(rb"(?m)^(?:::|\$CATEGORY:|// (?:question:|qbank))", data):
        return "gift"
    return "aiken" if _ANSWER_LINE.search(data) else ""


_WORDS, _COLONS = (
    b"|".join([ascii, *(re.escape(word.encode(encoding)) for encoding in ("utf-8", "gb18030"))])
    for ascii, word in ((b"ANSWER", "答案"), (b":", "："))
)
_ANSWER_LINE = re.compile(rb"(?im)^[ \t]*(?:" + _WORDS + rb")[ \t]*(?:" + _COLONS + rb")[ \t]*[A-Z]\s*$")


def parse_bytes(format: str, data: bytes, name: str, kind: str = "") -> Read:
    """Return the drafts in a file of that format, and everything in it that cannot be read."""
    return READERS[format](data, name, kind)


def parse_any(data: bytes, name: str, *, format: str = "", kind: str = "") -> Read:
    """Return the drafts in a file whose format is given or found, and everything that cannot be read."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return [], [error("I149", Span(name))]
    word = format or detect_format(data, name)
    if word not in READERS:
        return [], [error("I122", Span(name), known=", ".join(READERS))]
    return parse_bytes(word, data, name, kind)


__all__ = ["FORMAT_KINDS", "READERS", "WRITERS", "Draft", "detect_format", "parse_any", "parse_bytes"]
