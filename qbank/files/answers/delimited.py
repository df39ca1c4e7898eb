"""CSV, TSV and text parted by semicolons, in UTF-8, UTF-16 or GB18030 → a table of answers.

Where every cell ends at the next mark, a fast reader relies on that after the marks of each line were counted; quotes
about whole cells without a mark, a quote or a line end inside change nothing and go first. What is quoted otherwise the csv
module reads, strictly.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qbank.files.answers.findings import MOST
from qbank.files.answers.header import header_at
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.problem import Problem, Span, error

HEADER_WITHIN = 30
"""A title may stand above the header, but not more lines than these."""
CHUNK = 5_000
DELIMITERS = ",\t;"
WIDE_MARKS = ("，".encode(), "；".encode())
"""What stands between cells where the file was typed by hand with a Chinese keyboard."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Lines:
    """Rows of cells with their lines: of the header, and of all below it, with rows of another length put aside."""

    header: list[str]
    head: int
    frame: pl.DataFrame
    lines: Rows
    ragged: list[tuple[int, int]]


def read_delimited(data: bytes, name: str, reading: Reading) -> tuple[AnswerTable | None, list[Problem]]:
    """Return the table of a text file, or nothing and why; rows of another length than the header are told and left out."""
    octets = as_utf8(data, reading.encoding)
    if octets is None:
        return None, [_unreadable(data, name)]
    del data
    octets = octets if reading.delimiter else with_tabs(octets)
    delimiter = reading.delimiter or delimiter_of(octets[:20_000].decode("utf-8", "ignore"))
    plain = without_quotes(octets, delimiter)
    try:
        found = _quoted(octets, delimiter, reading) if plain is None else _plain(plain, delimiter, reading)
    except csv.Error as fault:
        return None, [error("R102", Span(name), detail=str(fault))]
    if found is None:
        return None, [error("R103", Span(name))]
    return _table(found, name)


def as_utf8(data: bytes, encoding: str = "") -> bytes | None:
    """Return text as UTF-8 with ``\\n`` line ends: by its mark, as UTF-8, as GB18030, or as the encoding that is named.

    >>> [text and text.decode() for text in map(as_utf8, ("考号".encode("gb18030"), "考号".encode("utf-16"), b"\\xff"))]
    ['考号', '考号', None]
    """
    if encoding:
        guesses = [encoding]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        guesses = ["utf-16"]
    elif data[:200].count(0) * 20 >= len(data[:200]) > 0:  # in text of two bytes a character every comma has one
        guesses = ["utf-16-le" if data[1:200:2].count(0) >= data[:200:2].count(0) else "utf-16-be"]
    else:
        guesses = ["utf-8", "gb18030"]
    for guess in guesses:
        try:
            text = data.decode(guess)
            octets = data if guess == "utf-8" else text.encode()
        except (UnicodeError, LookupError):
            continue
        del text
        if b"\x00" in octets or b"\xef\xbf\xbf" in octets:  # U+FFFF is in no text
            return None
        octets = octets.removeprefix(codecs.BOM_UTF8)
        return octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in octets else octets
    return None


def _unreadable(data: bytes, name: str) -> Problem:
    """Return where a zero byte stands that no text has, or else that the bytes are no text."""
    at = data.find(b"\x00")
    if at < 0 or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or as_utf8(data.replace(b"\0", b"")) is None:
        return error("R101", Span(name))
    before = data[data.rfind(b"\n", 0, at) + 1 : at]
    mark = delimiter_of(data[:20_000].decode("latin-1"))
    return error("R227", Span(name, data.count(b"\n", 0, at) + 1, before.count(mark.encode()) + 1), n=data.count(0))


def delimiter_of(text: str) -> str:
    """Return the mark between cells: the most frequent of comma, tab and semicolon in the first line that has any.

    >>> delimiter_of("成绩\\nperson;1,1;2\\n"), delimiter_of("person")
    (';', ',')
    """
    for line in text[:20_000].split("\n")[:HEADER_WITHIN]:
        if any(mark in line for mark in DELIMITERS):
            return max("\t;,", key=line.count)
    return ","


def with_tabs(octets: bytes) -> bytes:
    """Return text whose cells are parted by full-width commas or semicolons as text parted by tabs; any other as it is.

    A line of title may hold such commas too, so they must be more than the other marks of any line.

    >>> with_tabs("准考证号，1，2\\n01，A,C，B\\n".encode()).decode()
    '准考证号\\t1\\t2\\n01\\tA,C\\tB\\n'
    """
    if not any(mark in octets for mark in WIDE_MARKS):
        return octets
    lines = octets[:20_000].split(b"\n")[:HEADER_WITHIN]
    plain = max(line.count(mark.encode()) for line in lines for mark in DELIMITERS)
    n, wide = max((max(line.count(mark) for line in lines), mark) for mark in WIDE_MARKS)
    return octets.replace(b"\t", b" ").replace(wide, b"\t") if n > plain else octets


def without_quotes(octets: bytes, delimiter: str) -> bytes | None:
    """Return text without the quotes that stand about whole cells, None where a quote means more than that.

    >>> without_quotes(b'"01","",A\\n', ","), without_quotes(b'"A,C"\\n', ","), without_quotes(b'"A ""B"" C"\\n', ",")
    (b'01,,A\\n', None, None)
    """
    if b'"' not in octets:
        return octets
    text = np.frombuffer(octets, np.uint8)
    quotes = np.flatnonzero(text == ord('"'))
    if quotes.size % 2:
        return None
    opening, closing = quotes[::2], quotes[1::2]
    ends = np.zeros(256, np.bool_)
    ends[[ord(delimiter), 10]] = True
    marks = np.flatnonzero(ends[text])
    before, after = opening[opening > 0] - 1, closing[closing < text.size - 1] + 1
    whole = ends[text[before]].all() and ends[text[after]].all()
    if not whole or (np.searchsorted(marks, opening) != np.searchsorted(marks, closing)).any():
        return None
    return octets.replace(b'"', b"")


def _filled(row: list[str]) -> bool:
    return any(cell.strip() for cell in row)


def _quoted(octets: bytes, delimiter: str, reading: Reading) -> _Lines | None:
    """Return the rows as the csv module reads them; raises `csv.Error`."""
    source = _numbered(octets, delimiter)
    first = [(line, row) for line, row in _some(source, HEADER_WITHIN + reading.skip_rows) if line > reading.skip_rows]
    if not first:
        return None
    at = header_at([row for _, row in first], reading)
    head, header = first[at]
    frames: list[pl.DataFrame] = []
    lines: list[int] = []
    ragged: list[tuple[int, int]] = []
    chunk: list[list[str]] = []

    def put() -> None:
        if chunk or not frames:
            columns = zip(*chunk, strict=True) if chunk else [()] * len(header)
            series = [pl.Series(str(n), list(cells), dtype=pl.String).cast(pl.Categorical) for n, cells in enumerate(columns)]
            frames.append(pl.DataFrame(series))
            chunk.clear()

    for line, row in _after(first[at + 1 :], source):
        if len(row) != len(header):
            ragged.append((line, len(row)))
            continue
        chunk.append(row)
        lines.append(line)
        if len(chunk) >= CHUNK:
            put()
    put()
    return _Lines(header, head, pl.concat(frames, rechunk=True), np.array(lines, dtype=np.int64), ragged)


def _numbered(octets: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with the line on which it begins."""
    text = io.TextIOWrapper(io.BytesIO(octets), encoding="utf-8", newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    for row in reader:
        if _filled(row):
            yield line, row
        line = reader.line_num + 1


def _some(rows: Iterator[tuple[int, list[str]]], n: int) -> Iterator[tuple[int, list[str]]]:
    for _, row in zip(range(n), rows, strict=False):
        yield row


def _after(
    first: list[tuple[int, list[str]]], rest: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield from first
    yield from rest


def _plain(data: bytes, delimiter: str, reading: Reading) -> _Lines | None:
    """Return the rows of a text without quotes."""
    if not data.endswith(b"\n"):
        data += b"\n"
    octets = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(octets == 10)
    starts = np.concatenate([[0], ends[:-1] + 1])
    marks = np.add.reduceat(octets == ord(delimiter), starts, dtype=np.int64)
    written = np.ones(256, np.uint8)
    written[[ord(delimiter), 32, 9, 10]] = 0
    filled = np.add.reduceat(written[octets], starts, dtype=np.int64) > 0
    rows = np.flatnonzero(filled)
    rows = rows[rows >= reading.skip_rows]
    if not rows.size:
        return None

    def cells(row: int) -> list[str]:
        return data[starts[row] : ends[row]].decode().split(delimiter)

    at = header_at([cells(row) for row in rows[:HEADER_WITHIN].tolist()], reading)
    head, rows = int(rows[at]), rows[at + 1 :]
    header = cells(head)
    whole = marks[rows] == len(header) - 1
    ragged = [(row + 1, int(marks[row]) + 1) for row in rows[~whole].tolist()]
    kept = rows[whole]
    schema = {str(n): pl.Categorical for n in range(len(header))}
    if not kept.size:
        return _Lines(header, head + 1, pl.DataFrame(schema=schema), kept + 1, ragged)
    if kept.size == starts.size - head - 1:
        body: bytes = data[starts[head + 1] :]
    else:
        body = b"".join(data[starts[row] : ends[row] + 1] for row in kept.tolist())
    frame = pl.read_csv(body, has_header=False, separator=delimiter, quote_char=None, schema=schema)
    return _Lines(header, head + 1, frame, kept + 1, ragged)


def _table(found: _Lines, name: str) -> tuple[AnswerTable, list[Problem]]:
    problems: list[Problem] = []
    kept = [
        n for n, title in enumerate(found.header)
        if title.strip() or found.frame.to_series(n).null_count() < found.frame.height
    ]  # fmt: skip
    n_cells = len(found.header)
    for line, n in found.ragged[:MOST]:
        problems.append(error("R108", Span(name, line, min(n, n_cells) + 1), found=n, expected=n_cells))
    if len(found.ragged) > MOST:
        more = Span(name, found.ragged[MOST][0], 1)
        problems.append(error("R113", more, most=MOST, code="R108", n=len(found.ragged) - MOST))
    table = AnswerTable(
        name, "", found.frame.select(str(n) for n in kept), found.lines, tuple(n + 1 for n in kept), found.head, {},
        tuple(found.header[n] for n in kept),
    )  # fmt: skip
    return table, problems
