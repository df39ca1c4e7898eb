"""XML documents of a file, a folder or a ZIP archive, none larger than it ought to be and none from outside."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path, PurePosixPath
from zlib import error as zlib_error

from qbank.files.paths import shown_path
from qbank.problem import Problem, Span, error

MAX_DOCUMENT = 64 << 20
MAX_TOTAL = 1 << 30
MAX_DOCUMENTS = 200_000
MAX_RATIO = 400
Documents = list[tuple[str, bytes]]
"""The name of each document as messages show it, and its bytes."""


def xml_documents(path: Path) -> tuple[Documents, list[Problem]]:
    """Return the XML documents in the order of their names, and what was refused."""
    shown = shown_path(path)
    try:
        if path.is_dir():
            return _of_folder(path, shown)
        data = path.read_bytes() if path.stat().st_size <= MAX_TOTAL else b""
    except (OSError, ValueError) as fault:
        return [], [error("Y011", Span(shown), detail=getattr(fault, "strerror", None) or str(fault))]
    if zipfile.is_zipfile(io.BytesIO(data)):
        return documents_of_zip(data, shown)
    if not data:
        return [], [error("R303", Span(shown))]
    if len(data) > MAX_DOCUMENT:
        return [], [error("R302", Span(shown), name=shown, reason="archive large")]
    return [(shown, data)], []


def is_archive_of_xml(data: bytes) -> bool:
    """Return whether bytes are a ZIP archive that holds XML but no workbook."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name.casefold() for name in archive.namelist()[:MAX_DOCUMENTS]]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        return False
    return "[content_types].xml" not in names and any(name.endswith(".xml") for name in names)


def _of_folder(path: Path, shown: str) -> tuple[Documents, list[Problem]]:
    found: Documents = []
    total = 0
    for file in sorted(path.rglob("*")):
        if file.suffix.casefold() != ".xml" or file.is_symlink() or not file.is_file():
            continue
        total += file.stat().st_size
        if file.stat().st_size > MAX_DOCUMENT or total > MAX_TOTAL or len(found) >= MAX_DOCUMENTS:
            return [], [error("R302", Span(shown), name=shown_path(file), reason="archive large")]
        found.append((shown_path(file), file.read_bytes()))
    return found, [] if found else [error("R303", Span(shown))]


def documents_of_zip(data: bytes, shown: str) -> tuple[Documents, list[Problem]]:
    """Return the XML documents of an archive; nothing where one entry is unsafe."""
    found: Documents = []
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = sorted(archive.infolist(), key=lambda entry: entry.filename)
            for entry in entries[: MAX_DOCUMENTS + 1]:
                if entry.is_dir() or not entry.filename.casefold().endswith(".xml"):
                    continue
                reason = _unsafe(entry)
                if (not reason and total + entry.file_size > MAX_TOTAL) or len(found) >= MAX_DOCUMENTS:
                    reason = "archive large"
                content = b""
                if not reason:
                    with archive.open(entry) as file:
                        content = file.read(min(entry.file_size, MAX_DOCUMENT) + 1)
                    reason = "archive large" if len(content) > min(entry.file_size, MAX_DOCUMENT) else ""
                if reason:
                    return [], [error("R302", Span(shown), name=entry.filename[:120], reason=reason)]
                total += len(content)
                found.append((f"{shown}#{entry.filename}", content))
    except (zipfile.BadZipFile, zlib_error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as fault:
        return [], [error("R302", Span(shown), name=str(fault)[:60], reason="archive damaged")]
    return found, [] if found else [error("R303", Span(shown))]


def _unsafe(entry: zipfile.ZipInfo) -> str:
    """Return why an entry is refused, "" where it is not."""
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in entry.filename or stat.S_ISLNK(entry.external_attr >> 16):
        return "archive path"
    if entry.flag_bits & 1:
        return "archive locked"
    if entry.file_size > MAX_DOCUMENT or entry.file_size > MAX_RATIO * max(entry.compress_size, 1) + 10_000:
        return "archive large"
    return ""
