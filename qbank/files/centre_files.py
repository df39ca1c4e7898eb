"""The files that a centre puts on its papers: logo, and Typst blocks of its own, read as data from the workspace."""

from __future__ import annotations

import re
from pathlib import Path

from qbank.files.media import read_media
from qbank.files.paths import lies_below, shown_path
from qbank.files.text_places import words_span
from qbank.problem import Problem, Span, error

SUFFIXES = (".typ", ".svg", ".png", ".jpg", ".jpeg")
MAX_BYTES, MAX_FILES = 2_000_000, 50
MAX_WORD_BYTES = 20_000_000
FORBIDDEN = re.compile(r"\"[^\"\n]*@[^\"\n]*|from-unicode|\\u\{|\b(?:eval|plugin)\s*\(")
"""Packages come from the network; what makes their names out of pieces is refused too."""


def read_logo(root: Path, name: str) -> tuple[bytes, list[Problem]]:
    """Return the bytes of a logo, by its path in the workspace, or none and why."""
    data, problems = read_media(root, name, _named(root, name))
    return data or b"", problems


def read_template(root: Path, name: str) -> tuple[dict[str, bytes], str, list[Problem]]:
    """Return the files of a template's folder by name, the folder as shown, and what is wrong.

    Without a name it is ``print/`` of the workspace, where that holds ``centre.typ``.
    """
    folder = root / (name or "print")
    shown = shown_path(folder)
    if not name and not (folder / "centre.typ").is_file():
        return {}, "", []
    if not lies_below(folder, root) or not (folder / "centre.typ").is_file():
        return {}, shown, [error("Z902", _named(root, name), folder=name)]
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES or not path.is_file() or not lies_below(path, root):
            continue
        data = path.read_bytes()
        where = shown_path(path)
        if len(data) > MAX_BYTES or len(files) >= MAX_FILES:
            problems.append(error("Z903", Span(where), megabytes=MAX_BYTES // 1_000_000, n=MAX_FILES))
            continue
        if path.suffix.lower() == ".typ":
            problems += _forbidden(data, where)
        files[path.name] = data
    return files, shown, problems


def _named(root: Path, name: str) -> Span:
    """Return where a file or folder is named in the settings of a workspace, else where they begin."""
    settings = root / "qbank.yaml"
    return words_span((settings,), name) or Span(shown_path(settings), 1, 1)


def read_word_template(path: Path) -> bytes:
    """Return the bytes of a Word file, one more than it may have where it is too large."""
    with path.open("rb") as file:
        return file.read(MAX_WORD_BYTES + 1)


def _forbidden(data: bytes, shown: str) -> list[Problem]:
    """Return an error for each line that would fetch a package or run what is not in the file."""
    text = data.decode("utf-8", "replace")
    return [
        error("Z904", Span(shown, number, found.start() + 1), found=found[0].strip('"'))
        for number, line in enumerate(text.split("\n"), start=1)
        if (found := FORBIDDEN.search(line))
    ]
