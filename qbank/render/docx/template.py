"""A centre's own Word file, looked through before anything is made of it: bounded, whole, with nothing fetched."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from zlib import error as zlib_error

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

MAX_BYTES, MAX_UNPACKED, MAX_ENTRIES = 20_000_000, 100_000_000, 2_000
TYPES = "[Content_Types].xml"
WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml."
RELATION = re.compile(rb"<Relationship\b[^>]*>")
OTHER_FILES = {b"%PDF": "PDF", b"\xd0\xcf\x11\xe0": ".doc", b"{\\rtf": "RTF"}
OTHER_PACKAGES = {b"spreadsheetml": "Excel", b"presentationml": "PowerPoint", b"visio": "Visio"}


class UnusableTemplate(ValueError):
    """A file that cannot stand in for our own: the code of its problem, and what was found."""

    def __init__(self, detail: str, code: str = "Z501") -> None:
        self.detail, self.code = detail, code
        super().__init__(detail)


def open_template(data: bytes) -> WordDocument:
    """Return the Word file (.docx or .dotx); raise `UnusableTemplate` for what is none, has macros or no styles, is too
    large, or fetches from elsewhere."""
    with refused():
        files = looked_through(data)
        document = Document(io.BytesIO(as_document(data, files)))
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


def looked_through(data: bytes) -> Mapping[str, bytes]:
    """Return the files of a Word file by name; raise `UnusableTemplate` for one that cannot serve."""
    if len(data) > MAX_BYTES:
        raise UnusableTemplate(f"> {MAX_BYTES // 1_000_000} MB", "Z504")
    if not data.startswith(b"PK"):
        found = next((name for start, name in OTHER_FILES.items() if data.startswith(start)), "")
        raise UnusableTemplate(found or repr(data[:8].decode("latin-1")), "Z502")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ENTRIES or total > MAX_UNPACKED:
            raise UnusableTemplate(f"{len(entries)} / {total // 1_000_000} MB", "Z504")
        files = {entry.filename: archive.read(entry) for entry in entries}  # checks the size and sum that the directory promises
    check_kind(files)
    for name, content in files.items():
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in content:
            raise UnusableTemplate(f"{name}: DOCTYPE")
        if name.endswith(".rels"):
            for relation in RELATION.findall(content):
                if b'"External"' in relation and b"/hyperlink" not in relation:
                    raise UnusableTemplate(f"{name}: {relation.decode('utf-8', 'replace')[:80]}", "Z505")
    return files


def check_kind(files: Mapping[str, bytes]) -> None:
    """Raise `UnusableTemplate` for a package that is no Word file, has macros, or has no styles."""
    types = files.get(TYPES, b"")
    if b"macroEnabled" in types or any(name.lower().endswith("vbaproject.bin") for name in files):
        raise UnusableTemplate("vbaProject.bin", "Z503")
    if WORD + b"document.main+xml" not in types and WORD + b"template.main+xml" not in types:
        found = next((name for word, name in OTHER_PACKAGES.items() if word in types), "")
        raise UnusableTemplate(found or ("OpenDocument" if "content.xml" in files else "ZIP"), "Z502")
    if WORD + b"styles+xml" not in types:
        raise UnusableTemplate("word/styles.xml", "Z506")


def as_document(data: bytes, files: Mapping[str, bytes]) -> bytes:
    """Return a .dotx as the .docx that it is but for its type; a .docx as it is."""
    types = files[TYPES]
    if WORD + b"template.main+xml" not in types:
        return data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content if name != TYPES else types.replace(WORD + b"template.main", WORD + b"document.main"))
    return buffer.getvalue()
