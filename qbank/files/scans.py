"""Folders of scans, and the table in which a person decides what a machine must not: one row a place on a picture."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qbank.files.disk import read_data, write_bytes, write_text
from qbank.files.paths import shown_path
from qbank.files.plain_rows import delimited_rows, workbook_rows
from qbank.files.tables import harmless
from qbank.problem import Problem, Span, error

COLUMNS = ("scan", "digest", "form", "page", "person", "place", "why", "read", "crop", "decision")
"""The columns of ``review.csv``; ``scan``, ``digest``, ``place`` and ``decision`` are read back."""
READ_BACK = ("scan", "digest", "place", "decision")
MOST_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided of one place: ``scan`` is ``file#picture``, ``place`` a question's column, ``number`` or ``page``."""

    scan: str
    digest: str
    place: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One row of the table for a person: where it is, why, what was made out, its picture, and what was decided before."""

    scan: str
    digest: str
    form: str
    page: str
    person: str
    place: str
    why: str
    read: str
    picture: bytes
    decision: str = ""


def scan_files(folder: Path, suffixes: Sequence[str]) -> tuple[tuple[Path, ...], list[Problem]]:
    """Return the scans in a folder and below, or the file itself; parts of a name that are numbers count as such."""
    shown = shown_path(folder)
    if folder.is_file():
        return (folder,), []
    if not folder.is_dir():
        return (), [error("O106", Span(shown))]
    found = [
        path for path in folder.rglob("*")
        if path.suffix.lower() in suffixes and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]  # fmt: skip
    if not found:
        return (), [error("O107", Span(shown), suffixes=", ".join(suffix.removeprefix(".") for suffix in suffixes))]
    return tuple(sorted(found, key=lambda path: natural(path.relative_to(folder).as_posix()))), []


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """Return the key that sorts page 2 before page 10.

    >>> sorted(["p10.png", "p2.png"], key=natural)
    ['p2.png', 'p10.png']
    """
    return tuple((int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name))


def read_scan(path: Path) -> tuple[bytes | None, list[Problem]]:
    """Return the bytes of a scan, or nothing and why."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None, [error("O101", Span(shown_path(path)), detail=f"> {MOST_BYTES >> 20} MB")]
        return path.read_bytes(), []
    except OSError as fault:
        return None, [error("O101", Span(shown_path(path)), detail=fault.strerror or str(fault))]


def read_decisions(path: Path) -> tuple[tuple[Decision, ...], list[Problem]]:
    """Return what a person decided in a review table (CSV or XLSX); rows without a decision are left out."""
    shown = shown_path(path)
    data, problems = read_data(path, shown)
    if data is None:
        return (), problems
    try:
        rows = workbook_rows(data) if data[:2] == b"PK" else delimited_rows(data)
    except (ValueError, csv.Error) as fault:
        return (), [error("O301", Span(shown), detail=fault)]
    header = [cell.strip().casefold() for cell in rows[0][1]] if rows else []
    if missing := [name for name in READ_BACK if name not in header]:
        return (), [error("O302", Span(shown, 1, 1), missing=", ".join(missing), columns=", ".join(COLUMNS))]
    at = {name: header.index(name) for name in READ_BACK}
    decisions: list[Decision] = []
    for line, row in rows[1:]:
        cells = {name: row[column].strip() if column < len(row) else "" for name, column in at.items()}
        value = cells["decision"]
        value = value[1:] if value[:1] == "'" and value[1:2] in ("=", "+", "-", "@") else value
        if value:
            span = Span(shown, line, at["decision"] + 1)
            decisions.append(Decision(cells["scan"], cells["digest"], cells["place"], value, span))
    return tuple(decisions), []


def review_table(rows: Iterable[tuple[ReviewRow, str]]) -> str:
    """Return the table for a person as CSV; each row with the name of its picture."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row, crop in rows:
        cells = (row.scan, row.digest, row.form, row.page, row.person, row.place, row.why, row.read, crop, row.decision)
        writer.writerow([cell if cell == "-" else harmless(cell) for cell in cells])
    return buffer.getvalue()


def write_review(folder: Path, rows: Sequence[ReviewRow], page: str) -> tuple[Path, ...]:
    """Write the pictures, the page that shows them, and last the table; pictures of an earlier run that nobody needs go."""
    crops = folder / "crops"
    names = [f"{number:05d}-{_plain(row)}.jpg" if row.picture else "" for number, row in enumerate(rows, start=1)]
    for row, name in zip(rows, names, strict=True):
        if name:
            write_bytes(crops / name, row.picture)
    if crops.is_dir():
        for path in crops.glob("[0-9][0-9][0-9][0-9][0-9]-*.jpg"):
            if path.name not in names:
                path.unlink()
    write_text(folder / "review.html", page)
    table = review_table((row, f"crops/{name}" if name else "") for row, name in zip(rows, names, strict=True))
    write_text(folder / "review.csv", table, bom=True)
    return folder / "review.csv", folder / "review.html"


def _plain(row: ReviewRow) -> str:
    return re.sub(r"[^\w.-]+", "_", f"{Path(row.scan).name}-{row.place}")[:80]
