"""A package as somebody handed it in: its files by path, none larger than can be true, none that leads out of it."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zlib import error as zlib_error

from qbank.files.interchange.encoding import MAX_BYTES
from qbank.files.interchange.qti.package import packed
from qbank.files.interchange.workbook import archive_refused
from qbank.files.interchange.xml_tree import parse_xml
from qbank.problem import Problem, Span, error

MAX_FILES = 5000
DEEPEST = 120
"""Elements within elements that a file may have; no question needs a third of it."""
_PLAIN_DOCTYPE = re.compile(rb"""<!DOCTYPE\s+[\w:.-]+(?:\s+(?:SYSTEM|PUBLIC)(?:\s+(?:"[^"<>\[]*"|'[^'<>\[]*'))*)?\s*>""")
_FILE_BASE = re.compile(r"^(?:\$|%24)IMS-CC-FILEBASE(?:\$|%24)/*|^(?:\$|%24)CANVAS_COURSE_REFERENCE(?:\$|%24)/file_contents/(?:course%20files/)?")


@dataclass(frozen=True, slots=True)
class Package:
    """What was handed in: the name by which people know it, and the bytes of its files by path."""

    name: str
    files: Mapping[str, bytes]
    single: bool = False
    folded: Mapping[str, str] = field(default_factory=dict)

    def shown(self, path: str) -> str:
        """Return how a file of the package is named in a message."""
        return self.name if self.single else f"{self.name}/{path}"

    def found(self, address: str, beside: str) -> str:
        """Return the path of the file that an address in another file means, empty where there is none."""
        plain = unquote(_FILE_BASE.sub("", address).partition("?")[0].partition("#")[0])
        near = posixpath.normpath(posixpath.join(posixpath.dirname(beside), plain))
        for path in (near, posixpath.normpath(plain), f"web_resources/{plain}"):
            if path in self.files:
                return path
            if (other := self.folded.get(path.casefold())) is not None:
                return other
        return ""


def unpack(data: bytes, name: str) -> tuple[Package | None, list[Problem]]:
    """Return the files of a package, or of a single XML file as one; nothing and why where it is refused."""
    if not data.startswith(b"PK\x03\x04"):
        return Package(name, {name: data}, single=True), []
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if problem := archive_refused(entries, len(data), name):
                return None, [problem]
            for entry in entries:
                path = posixpath.normpath(entry.filename.replace("\\", "/").lstrip("/"))
                if entry.is_dir():
                    continue
                if path in files:
                    return None, [error("I121", Span(name), entry=entry.filename[:100])]
                files[path] = archive.read(entry)  # checks the size and sum that the directory promises
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zlib_error) as fault:
        return None, [error("I101", Span(name), detail=str(fault).strip().split("\n", 1)[0][:200] or type(fault).__name__)]
    return Package(name, files, folded={path.casefold(): path for path in files}), []


def folder_package(folder: Path, shown: str) -> tuple[bytes | None, list[Problem]]:
    """Return an unpacked package as the package again, or nothing and why; links are left alone."""
    files: dict[str, bytes] = {}
    size = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or any((folder / outer).is_symlink() for outer in path.relative_to(folder).parents if outer.name):
            continue
        size += path.stat().st_size
        if size > MAX_BYTES or len(files) >= MAX_FILES:
            return None, [error("I102", Span(shown), megabytes=MAX_BYTES >> 20)]
        files[path.relative_to(folder).as_posix()] = path.read_bytes()
    if not any(name.casefold().endswith(".xml") for name in files):
        return None, [error("X438", Span(shown))]
    return packed(files), []


def tree_of(package: Package, path: str) -> tuple[Any, list[Problem]]:
    """Return the root of an XML file of a package, or None and why.

    A document type that only names a DTD, as QTI 1.2 files have it, is passed over and never fetched; one that
    declares anything is refused.
    """
    data = package.files[path]
    if found := _PLAIN_DOCTYPE.search(data[:2000]):
        lines = b"\n" * found.group().count(b"\n")
        data = data[: found.start()] + lines + data[found.end() :]
    root, problems = parse_xml(data, package.shown(path))
    if root is not None and (node := _too_deep(root)) is not None:
        return None, [error("X422", Span(package.shown(path), node.sourceline or 1, 1), most=DEEPEST)]
    return root, problems


def _too_deep(root: Any) -> Any:
    from lxml import etree

    depth = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST:
            return node
    return None
