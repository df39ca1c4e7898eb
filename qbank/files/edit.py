"""Changing authored files on the disk: only what was read, all of them or none."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qbank.files.disk import BOM, decoded, read_data, read_text, write_bytes
from qbank.problem import Problem, Span, error

Rewrite = Callable[[str], "str | Problem"]
"""The text of a file, as it stands there → its new text, or why not."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One file to change: how problems name it, the digest it had when it was read (empty where nobody cares), how."""

    shown: str
    expected: str
    rewrite: Rewrite


def text_digest(text: str) -> str:
    """Return 16 hexadecimal digits of a file's exact text; a byte order mark does not count."""
    return hashlib.sha256(text.removeprefix(BOM).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """Return the digest that `edit_file` expects: of what stands in the file now, an empty text where nothing can be read."""
    text, _ = read_text(path, "")
    return "" if text is None else text_digest(text)


def edit_file(path: Path, expected_digest: str, rewrite: Rewrite, *, shown: str = "") -> list[Problem]:
    """Write what the function makes of a file's text, unless the file is no longer what was read."""
    return edit_files({path: Planned(shown or path.as_posix(), expected_digest, rewrite)})


def edit_files(planned: Mapping[Path, Planned]) -> list[Problem]:
    """Change every file or none: all new texts are made before the first one is written.

    Where the disk fails in the middle, what was written is put back before the failure is passed on.
    """
    problems: list[Problem] = []
    new: dict[Path, tuple[bytes, bytes]] = {}
    for path, plan in planned.items():
        data, wrong = read_data(path, plan.shown)
        text, more = decoded(data, plan.shown) if data is not None else (None, [])
        problems += [*wrong, *more]
        if data is None or text is None:
            continue
        if plan.expected and text_digest(text) != plan.expected:
            problems.append(error("E108", Span(plan.shown)))
            continue
        outcome = plan.rewrite(text)
        if isinstance(outcome, Problem):
            problems.append(outcome)
        elif outcome != text:
            mark = BOM if data.startswith(BOM.encode()) else ""
            new[path] = data, (mark + outcome.removeprefix(BOM)).encode("utf-8")
    # making the new texts takes time: somebody may have saved a file meanwhile
    problems += [error("E108", Span(planned[path].shown)) for path, (old, _) in new.items() if path.read_bytes() != old]
    if not problems:
        _write_all(new)
    return problems


def _write_all(new: Mapping[Path, tuple[bytes, bytes]]) -> None:
    done: list[Path] = []
    try:
        for path, (_, data) in new.items():
            _write_in_place(path, data)
            done.append(path)
    except OSError:
        for path in done:
            with contextlib.suppress(OSError):
                _write_in_place(path, new[path][0])
        raise


def _write_in_place(path: Path, data: bytes) -> None:
    """Write through a link, and leave the file's permissions as they are."""
    target = Path(os.path.realpath(path))
    mode = target.stat().st_mode & 0o7777
    write_bytes(target, data)
    target.chmod(mode)
