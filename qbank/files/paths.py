"""Paths as people type them, and which of them may be read."""

from __future__ import annotations

import os
from pathlib import Path

from qbank.files.disk import decoded, read_data
from qbank.files.unseen import unseen_characters
from qbank.files.yaml_text import Node, parse_yaml
from qbank.problem import Problem


def read_node(path: Path, shown: str) -> tuple[Node | None, list[Problem]]:
    """Return the YAML tree of one file, or nothing and why."""
    data, problems = read_data(path, shown)
    return (None, problems) if data is None else parse_data(data, shown)


def parse_data(data: bytes, shown: str) -> tuple[Node | None, list[Problem]]:
    """Return the YAML tree of bytes and the unseen characters in it, or nothing and why."""
    text, problems = decoded(data, shown)
    if text is None:
        return None, problems
    node, problems = parse_yaml(text, shown)
    return node, problems + (unseen_characters(node, text, shown) if node is not None else [])


def shown_path(path: Path) -> str:
    """Return a path as people type it: relative to the working directory where it lies below it, with slashes."""
    try:
        return Path(os.path.realpath(path)).relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def lies_below(path: Path, root: Path) -> bool:
    """Return whether a path leads below a folder; no link leads there that runs in circles, nor an impossible name."""
    try:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))
    except ValueError:
        return False


def is_file(path: Path) -> bool:
    """Return whether a file stands there; false too for names that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
