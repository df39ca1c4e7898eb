"""What a package says that it holds: every file's size and hash, and which papers they are of."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from qbank.files.sealing.names import is_safe, same_names
from qbank.problem import Problem, Span, error

MANIFEST = "manifest.json"
FORMAT = 1
MOST_BYTES = 32 << 20
"""A manifest of a hundred thousand files is below this."""
Part = Literal["papers", "keys", "together"]
PARTS: tuple[Part, ...] = ("papers", "keys", "together")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PackedFile:
    """name : with ``/`` between folders ; size in bytes ; sha256 in hexadecimal digits"""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PackedForm:
    """A paper that the files are of, with what it can be rebuilt and audited from."""

    form: str
    digest: str
    blueprint: str
    blueprint_digest: str
    bank: str
    bank_digest: str
    statistics_digest: str
    seed: int
    as_of: str
    engine_version: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """part : what is inside ; not_before : a day as a statement, no lock ; engine_version : that of who sealed"""

    part: Part
    sitting: str
    who: str
    not_before: str
    engine_version: str
    forms: tuple[PackedForm, ...]
    files: tuple[PackedFile, ...]

    @property
    def size(self) -> int:
        """Return the bytes of all files together."""
        return sum(file.size for file in self.files)


def manifest_text(manifest: Manifest) -> str:
    """Return the manifest as JSON: files and papers by name, no clock, so that the same files give the same text."""
    data = asdict(manifest)
    data["forms"] = sorted(data["forms"], key=lambda form: str(form["form"]))
    data["files"] = sorted(data["files"], key=lambda file: str(file["name"]))
    return json.dumps({"qbank": "manifest", "format": FORMAT, **data}, ensure_ascii=False, indent=1) + "\n"


def parse_manifest(source: bytes, shown: str) -> tuple[Manifest | None, list[Problem]]:
    """Return the manifest that a text holds, or nothing and the first thing that is wrong with it."""
    try:
        return _manifest(source), []
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        return None, [error("Z222", Span(shown), detail=_words(fault))]


def _words(fault: BaseException) -> str:
    return f"{fault.args[0]}"[:200] if fault.args else type(fault).__name__


def _manifest(source: bytes) -> Manifest:
    if len(source) > MOST_BYTES:
        raise ValueError(f"> {MOST_BYTES >> 20} MB")
    data = json.loads(source.decode("utf-8"), parse_constant=_no_number)
    if not isinstance(data, dict) or data.get("qbank") != "manifest":
        raise ValueError('"qbank": "manifest"')
    if data.get("format") != FORMAT:
        raise ValueError(f"format {str(data.get('format'))[:20]}")
    if data["part"] not in PARTS:
        raise ValueError("part")
    said = {name: _text(data, name) for name in ("sitting", "who", "not_before", "engine_version")}
    forms = tuple(_form(one) for one in _list(data, "forms"))
    files = tuple(_file(one) for one in _list(data, "files"))
    if doubled := same_names([MANIFEST, *(file.name for file in files)]):
        raise ValueError(f"files: {doubled[0][:100]!r}")
    return Manifest(data["part"], forms=forms, files=files, **said)


def _no_number(word: str) -> None:
    raise ValueError(word)


def _list(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = data[name]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError(name)
    return found


def _text(data: Mapping[str, Any], name: str) -> str:
    """Return a text; control characters would speak to the terminal that shows it."""
    if not isinstance(data[name], str) or plain_words(data[name]) != data[name]:
        raise ValueError(name)
    return str(data[name])


def plain_words(text: str) -> str:
    """Return a text on one line: a space for each control character and half of a character.

    >>> plain_words("李\\x1b[2J　赵")
    '李 [2J\\u3000赵'
    """
    return "".join(" " if unicodedata.category(mark) in ("Cc", "Cs") else mark for mark in text)


def _number(data: Mapping[str, Any], name: str) -> int:
    if not isinstance(data[name], int) or isinstance(data[name], bool):
        raise ValueError(name)
    return int(data[name])


def _form(data: Mapping[str, Any]) -> PackedForm:
    names = ("form", "digest", "blueprint", "blueprint_digest", "bank", "bank_digest", "statistics_digest", "as_of", "engine_version")
    return PackedForm(seed=_number(data, "seed"), **{name: _text(data, name) for name in names})


def _file(data: Mapping[str, Any]) -> PackedFile:
    file = PackedFile(_text(data, "name"), _number(data, "size"), _text(data, "sha256"))
    if not is_safe(file.name):
        raise ValueError(f"files: {file.name[:100]!r}")
    if file.size < 0 or not _SHA256.fullmatch(file.sha256):
        raise ValueError(f"files: {file.name[:100]!r}")
    return file
