"""A bank's folder → `Bank`: bank.yaml, standard.yaml, items/**/*.yaml, and every mistake in any of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qbank.core.authored import Authored, FilledText, WrittenText
from qbank.core.bank import Bank, make_bank
from qbank.core.item import digest
from qbank.core.standard import Standard
from qbank.files.disk import read_text
from qbank.files.items import ItemText, duplicate_ids, read_items
from qbank.files.media import with_media
from qbank.files.shape import shape
from qbank.files.standard import Code, read_standard
from qbank.files.yaml_text import Node, parse_yaml
from qbank.problem import Problem, Span, error

BANK_FILE = "bank.yaml"


class BankText(Authored):
    """bank.yaml."""

    bank: Code
    title: FilledText
    language: Literal["zh", "en"]
    standard: WrittenText = "standard.yaml"
    rules: Literal["national", "free"] = "free"
    notes: WrittenText = ""


@dataclass(frozen=True, slots=True)
class BankSource:
    """A bank as read, with the position of everything.

    bank : None where bank.yaml or the standard cannot be used ; texts : sound items with their nodes, by id ;
    declared : every id that stands in a file, sound or not
    """

    bank: Bank | None
    texts: Mapping[str, ItemText]
    declared: frozenset[str]


def read_node(path: Path, shown: str) -> tuple[Node | None, list[Problem]]:
    """Return the YAML tree of one file, or nothing and why."""
    text, problems = read_text(path, shown)
    if text is None:
        return None, problems
    return parse_yaml(text, shown)


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


def yaml_files(folder: Path) -> list[Path]:
    """Return the YAML files below a folder in an order that no file system decides; links out of it are left out."""
    root = Path(os.path.realpath(folder))
    found = (
        Path(parent) / name
        for parent, _, names in os.walk(folder)
        for name in names
        if name.endswith((".yaml", ".yml")) and not name.startswith(".")
    )
    inside = [path for path in found if lies_below(path, root)]
    return sorted(inside, key=lambda path: path.relative_to(folder).as_posix())


def read_bank(root: Path) -> tuple[BankSource, list[Problem]]:
    """Return the bank in a folder and everything that is wrong with its files, in the order of files and lines."""
    texts, declared, problems = _read_all_items(root / "items")
    texts, wrong = with_media(texts.values(), root)
    problems += wrong
    head, wrong = _read_head(root)
    standard: Standard | None = None
    if head is not None:
        standard, more, standard_digest = _read_standard(root, head.standard)
        wrong += more
    problems = wrong + problems
    bank: Bank | None = None
    if head is not None and standard is not None:
        bank = make_bank(
            name=head.bank, title=head.title, language=head.language, root=shown_path(root), standard=standard,
            standard_digest=standard_digest, items={id: text.item for id, text in texts.items()}, rules=head.rules,
        )  # fmt: skip
    return BankSource(bank, texts, declared), problems


def _read_head(root: Path) -> tuple[BankText | None, list[Problem]]:
    path = root / BANK_FILE
    if not path.is_file():
        return None, [error("B001", Span(shown_path(root)), file=BANK_FILE)]
    shown = shown_path(path)
    node, problems = read_node(path, shown)
    if node is None:
        return None, problems
    head, wrong = shape(BankText, node, shown)
    return head, problems + wrong


def _read_standard(root: Path, name: str) -> tuple[Standard | None, list[Problem], str]:
    path = root / name
    if not lies_below(path, root):
        return None, [error("B003", Span(shown_path(root / BANK_FILE)), file=name)], ""
    if not is_file(path):
        return None, [error("B002", Span(shown_path(root / BANK_FILE)), file=name)], ""
    shown = shown_path(path)
    text, problems = read_text(path, shown)
    if text is None:
        return None, problems, ""
    node, wrong = parse_yaml(text, shown)
    problems += wrong
    if node is None:
        return None, problems, ""
    standard, more = read_standard(node, shown)
    return standard, problems + more, digest(text)


def _read_all_items(folder: Path) -> tuple[dict[str, ItemText], frozenset[str], list[Problem]]:
    texts: dict[str, ItemText] = {}
    declared: list[dict[str, Span]] = []
    problems: list[Problem] = []
    for path in yaml_files(folder):
        shown = shown_path(path)
        node, wrong = read_node(path, shown)
        problems += wrong
        if node is None:
            continue
        items, ids, wrong = read_items(node, shown)
        problems += wrong
        declared.append(ids)
        for text in items:
            texts.setdefault(text.item.id, text)
    problems += duplicate_ids(declared)
    return texts, frozenset(id for ids in declared for id in ids), problems
