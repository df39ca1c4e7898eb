"""similar: which items of a bank are near copies of each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qbank.core.bank import Bank
from qbank.core.item import Item
from qbank.files.bank import BankSource, read_bank, shown_path
from qbank.files.edit import Planned, edit_files, file_digest
from qbank.files.item_files import yaml_files
from qbank.files.splice import Edit, adding, splice
from qbank.lint.difference import difference
from qbank.lint.similarity import (
    NearPair,
    clusters,
    key_text,
    make_index,
    near_item,
    near_pairs,
    options_of,
    stem_of,
)
from qbank.lint.unwritten import is_stub
from qbank.problem import Problem, Span, error, has_errors, warning

LOWEST = 0.05
"""What is less alike than this is not even named as the nearest."""


@dataclass(frozen=True, slots=True)
class Similar:
    """What was compared and found.

    nearest : the most alike pair where none reaches the threshold ; groups : ids that pairs hang together in ;
    files : path and digest of the item files by their shown paths, taken before they were read
    """

    bank: Bank
    n_items: int
    pairs: tuple[NearPair, ...]
    groups: tuple[tuple[str, ...], ...]
    nearest: NearPair | None
    files: Mapping[str, tuple[Path, str]]


def read_items(root: Path) -> tuple[BankSource, list[Problem]]:
    """Return the bank as read; with its errors, where a comparison would leave items out."""
    if not root.is_dir():
        return BankSource(None, {}, frozenset()), [error("B004", Span(shown_path(root)))]
    source, problems = read_bank(root)
    return source, [problem for problem in problems if problem.severity == "error"]


def similar_items(
    root: Path, *, threshold: float, only_whole: bool = False, id: str = ""
) -> tuple[Similar | None, list[Problem]]:
    """Return the near copies in a bank, or of one item of it, and problems for pairs whose keys disagree."""
    files = yaml_files(root / "items", root)[0] if root.is_dir() else []
    read = {shown: (path, file_digest(path)) for path, shown in files}
    source, problems = read_items(root)
    bank = source.bank
    if bank is None or has_errors(problems):
        return None, problems
    if id and id not in bank.items:
        return None, [error("B006", Span(shown_path(root)), id=id)]
    index = make_index([item for item in bank.items.values() if not is_stub(item)])

    def compare(at_least: float) -> list[NearPair]:
        if id:
            return near_item(index, bank.items[id], at_least, only_whole=only_whole)
        return near_pairs(index, at_least, only_whole=only_whole)

    pairs = compare(threshold)
    lower = compare(max(threshold / 3, LOWEST)) if not pairs else []
    found = Similar(bank, len(index.items), tuple(pairs), tuple(clusters(pairs)), lower[0] if lower else None, read)
    return found, [problem for pair in pairs for problem in _key_problems(bank, pair)]


def _key_problems(bank: Bank, pair: NearPair) -> list[Problem]:
    first, second = bank.items[pair.first], bank.items[pair.second]
    if pair.finding == "another_key":
        return [error("D102", second.span, id=second.id, other=first.id, related=(first.span,))]
    if pair.finding == "perhaps_another_key":
        keys = {"key": key_text(second), "other_key": key_text(first)}
        return [warning("D103", second.span, id=second.id, other=first.id, related=(first.span,), **keys)]
    return []


def write_enemies(found: Similar) -> tuple[int, list[Problem]]:
    """Declare the later item of every pair an enemy of the earlier; return how many items were edited, or why none.

    One question with two keys is left out: one of the keys is wrong, and enemies would hide it. Enemies hold both ways, so one
    side is enough. Only those items' lines change, in files that are still what
    was compared; all files or none are written.
    """
    enemies: dict[str, list[str]] = {}
    for pair in found.pairs:
        if pair.finding != "another_key":
            enemies.setdefault(pair.second, []).append(pair.first)
    edits: dict[str, list[Edit]] = {}
    for id, others in enemies.items():
        edits.setdefault(found.bank.items[id].span.path, []).append(adding(id, "enemies", others))
    problems = edit_files({found.files[shown][0]: _planned(shown, found.files[shown][1], own) for shown, own in edits.items()})
    return (0 if problems else len(enemies)), problems


def _planned(shown: str, digest: str, edits: Sequence[Edit]) -> Planned:
    return Planned(shown, digest, lambda text: splice(text, edits, path=shown))


def shown_difference(first: Item, second: Item) -> str:
    """Return what the second item has otherwise: its stem, and its options where these are what differs."""
    stems = difference(stem_of(first), stem_of(second))
    options = [" | ".join(options_of(item)) for item in (first, second)]
    same_stem = stem_of(first) == stem_of(second)
    return difference(*options) if same_stem and options[0] != options[1] else stems


def compared_with(id: str, earlier: Sequence[str], pairs: Sequence[NearPair]) -> NearPair | None:
    """Return the closest pair of an item with one of those before it."""
    known = {*earlier}
    own = [pair for pair in pairs if id in (pair.first, pair.second) and known & {pair.first, pair.second}]
    return max(own, key=lambda pair: pair.similarity, default=None)
