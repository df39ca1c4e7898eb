"""A centre's own Word file, looked through before anything is made of it: bounded, whole, with nothing fetched."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from zlib import error as zlib_error

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

MAX_BYTES, MAX_UNPACKED, MAX_ENTRIES = 20_000_000, 100_000_000, 2_000
RELATION = re.compile(rb"<Relationship\b[^>]*>")


class UnusableTemplate(ValueError):
    """A file that cannot stand in for our own: its message says what was found."""


def open_template(data: bytes) -> WordDocument:
    """Return the Word file; raise `UnusableTemplate` for what is none, is too large, or fetches from elsewhere."""
    with refused():
        look_through(data)
        document = Document(io.BytesIO(data))
        if document.styles.element is None or not document.sections:
            raise UnusableTemplate("word/document.xml: w:sectPr")
    return document


@contextmanager
def refused() -> Iterator[None]:
    """Turn what python-docx raises on a file that is not whole into `UnusableTemplate`; it promises no errors of its own."""
    try:
        yield
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, IndexError, AttributeError, TypeError, OSError, EOFError,
            NotImplementedError, RuntimeError, zlib_error, etree.XMLSyntaxError, ValueError) as fault:  # fmt: skip
        if isinstance(fault, UnusableTemplate):
            raise
        raise UnusableTemplate(" ".join(str(fault).split())[:120] or type(fault).__name__) from None


def look_through(data: bytes) -> None:
    """Raise `UnusableTemplate` for an archive that is too large, not a Word file's, or names what lies outside."""
    if len(data) > MAX_BYTES:
        raise UnusableTemplate(f"{len(data)} > {MAX_BYTES} bytes")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ENTRIES or total > MAX_UNPACKED:
            raise UnusableTemplate(f"{len(entries)} entries, {total} bytes unpacked")
        if "word/document.xml" not in archive.namelist():
            raise UnusableTemplate("no word/document.xml")
        for entry in entries:
            content = archive.read(entry)  # checks the size and sum that the directory promises
            if entry.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in content:
                raise UnusableTemplate(f"{entry.filename}: DOCTYPE")
            if entry.filename.endswith(".rels"):
                for relation in RELATION.findall(content):
                    if b'"External"' in relation and b"/hyperlink" not in relation:
                        raise UnusableTemplate(f"{entry.filename}: {relation.decode('utf-8', 'replace')[:80]}")
