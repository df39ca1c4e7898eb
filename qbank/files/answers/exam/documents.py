"""Files of answers given on screen → records, or what is wrong with each file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qbank.files.exam_formats import ANSWERS_FORMAT, ExamAnswers
from qbank.files.paths import shown_path
from qbank.problem import Problem, Span, error

MOST_BYTES = 8_000_000
"""The answers of one candidate; what is larger is no such file."""
_MARK = f'"{ANSWERS_FORMAT}"'.encode()
_WORDS = {"missing": "exam_missing", "extra_forbidden": "exam_extra"}


@dataclass(frozen=True, slots=True)
class Handed:
    """One file: its name as problems tell it, what it holds as plain data, and as a record."""

    name: str
    data: dict[str, Any]
    answers: ExamAnswers


def exam_paths(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files of answers given on screen among some files and folders, () where one of them is something else.

    In a folder only files that end in ``.json`` are looked at.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted(file for file in path.rglob("*.json") if file.is_file()) if path.is_dir() else [path]
        these = [file for file in inside if is_exam_file(file)]
        if not these or (not path.is_dir() and len(these) < len(inside)):
            return ()
        found += inside
    return tuple(dict.fromkeys(found))


def is_exam_file(path: Path) -> bool:
    """Return whether a file says that it holds answers given on screen, whole or not."""
    try:
        with path.open("rb") as file:
            head = file.read(200)
            if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
                return False
            return _MARK in head + file.read(MOST_BYTES)
    except OSError:
        return False


def read_handed(path: Path) -> tuple[Handed | None, list[Problem]]:
    """Return what a candidate handed in, or nothing and everything that is wrong with the file."""
    name = shown_path(path)
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as fault:
        return None, [error("Y011", Span(name), detail=fault.strerror or str(fault))]
    if size > MOST_BYTES:
        return None, [error("Z711", Span(name), detail=f"{size} bytes")]
    return parse_handed(data, name)


def parse_handed(data: bytes, name: str) -> tuple[Handed | None, list[Problem]]:
    """Return the record in some bytes, or nothing and what is wrong."""
    try:
        found = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as fault:
        return None, [error("Z711", Span(name, fault.lineno, fault.colno), detail=fault.msg)]
    except UnicodeError:
        return None, [error("Z711", Span(name), detail="UTF-8")]
    except (ValueError, RecursionError) as fault:
        return None, [error("Z711", Span(name), detail=str(fault)[:80])]
    if not isinstance(found, dict):
        return None, [error("Z711", Span(name), detail=type(found).__name__)]
    try:
        return Handed(name, found, ExamAnswers.model_validate(found)), []
    except ValidationError as faults:
        return None, [
            error("Z712", Span(name), where=".".join(map(str, fault["loc"]))[:100], detail=_WORDS.get(fault["type"], "exam_wrong"))
            for fault in faults.errors(include_url=False, include_input=False)[:20]
        ]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for n, (key, _) in enumerate(pairs) if key in dict(pairs[:n]))
        raise ValueError(f"{twice!r} × 2")
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(word)
