"""Near copies in a bank: which items ask the same, how far they differ, and whether their keys agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from qbank.core.item import Item
from qbank.kinds import KINDS
from qbank.lint.folding import folded, negations, numbers, without_particles
from qbank.lint.trigrams import Grams, grams, join, nearest, similarity

Finding = Literal["copy", "another_key", "perhaps_another_key", "other_stem"]

SHORTEST_STEM = 8
"""A stem of fewer trigrams (下列说法正确的是) says too little to be judged without its options."""
SAME_STEM = 0.75
"""From here on two stems ask the same, unless their numbers or negations differ."""
SHORTEST_OPTIONS = 16
"""Characters that a set of options must have before sharing it means anything (升高、降低、不变 do not)."""


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two items that are alike, ``first`` the earlier one in the files.

    stem, whole : Jaccard index of the stems alone, and of stems with options, prompts and parts ;
    finding : ``another_key`` the same question, and what is right in one is wrong in the other; ``perhaps_another_key``
        nearly the same question with different keys; ``other_stem`` the same options and key under another stem
    """

    first: str
    second: str
    stem: float
    whole: float
    finding: Finding

    @property
    def similarity(self) -> float:
        """Return the greater of the two measures."""
        return max(self.stem, self.whole)


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """A bank's items in the order of its files, ready to be compared; see `Grams`.

    twins : pairs of rows with the same options and key, whatever they ask
    """

    items: tuple[Item, ...]
    stems: Grams
    wholes: Grams
    twins: tuple[tuple[int, int], ...]


def stem_of(item: Item) -> str:
    """Return the stem as its writer sees it: of a template, the text with its expressions."""
    drawn = item.template.text.get("stem") if item.template else None
    return drawn if isinstance(drawn, str) else item.stem


def options_of(item: Item) -> tuple[str, ...]:
    """Return what is asked beside the stem: options, prompts, the texts of parts; never answers or rubrics."""
    drawn = item.template.text.get("options") if item.template else None
    if isinstance(drawn, Mapping):
        return tuple(str(text) for text in drawn.values())
    passages = KINDS[item.kind].passages(item)
    return tuple(passage.text for passage in passages if passage.role not in ("answer", "rubric"))


def make_index(items: Sequence[Item]) -> Index:
    """Return the trigrams of all stems and of all questions in whole."""
    ordered = tuple(sorted(items, key=lambda item: (item.span, item.id)))
    stems = [[folded(stem_of(item))] for item in ordered]
    options = [[folded(text) for text in options_of(item)] for item in ordered]
    wholes = [stem + more for stem, more in zip(stems, options, strict=True)]
    return Index(ordered, grams(stems), grams(wholes), tuple(_twins(ordered, options)))


def near_pairs(index: Index, threshold: float, *, only_whole: bool = False) -> list[NearPair]:
    """Return every pair that is alike by its stems or in whole, the most alike first; enemies are left out.

    only_whole : stems alone do not count
    """
    import numpy as np

    by_whole = join(index.wholes, threshold)
    pairs = set(zip(by_whole.first.tolist(), by_whole.second.tolist(), strict=True))
    if not only_whole:
        by_stem = join(index.stems, threshold)
        long = index.stems.sizes >= SHORTEST_STEM
        kept = long[by_stem.first] & long[by_stem.second]
        pairs |= set(zip(by_stem.first[kept].tolist(), by_stem.second[kept].tolist(), strict=True))
    pairs |= set(index.twins)
    at = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    stems, wholes = (similarity(given, at[:, 0], at[:, 1]) for given in (index.stems, index.wholes))
    found = (
        _judged(index.items[first], index.items[second], stem, whole, threshold)
        for (first, second), stem, whole in zip(at.tolist(), stems.tolist(), wholes.tolist(), strict=True)
        if not are_enemies(index.items[first], index.items[second])
    )
    return sorted(found, key=lambda pair: (-pair.similarity, pair.first, pair.second))


def near_item(index: Index, item: Item, threshold: float, *, only_whole: bool = False) -> list[NearPair]:
    """Return the pairs of one item with the others, the most alike first; enemies are left out."""
    stem = folded(stem_of(item))
    stems = nearest(index.stems, [stem])
    wholes = nearest(index.wholes, [stem, *map(folded, options_of(item))])
    long = (index.stems.sizes >= SHORTEST_STEM) & (len({*zip(stem, stem[1:], stem[2:], strict=False)}) >= SHORTEST_STEM)
    alike = (wholes >= threshold) | ((stems >= threshold) & long & (not only_whole))
    rows = set(alike.nonzero()[0].tolist())
    rows |= {row for twins in index.twins for row in twins if item.id in {index.items[other].id for other in twins}}
    pairs = [
        _judged(item, index.items[row], float(stems[row]), float(wholes[row]), threshold)
        for row in rows
        if index.items[row].id != item.id and not are_enemies(item, index.items[row])
    ]
    return sorted(pairs, key=lambda pair: (-pair.similarity, pair.second))


def are_enemies(one: Item, other: Item) -> bool:
    """Return whether the two were declared never to stand on one paper, on either side."""
    return other.id in one.enemies or one.id in other.enemies


def clusters(pairs: Sequence[NearPair]) -> list[tuple[str, ...]]:
    """Return the groups that pairs hang together in, the largest first, ids in the order that the pairs name them."""
    parent: dict[str, str] = {}

    def root(id: str) -> str:
        parent.setdefault(id, id)
        while parent[id] != id:
            parent[id] = id = parent[parent[id]]
        return id

    for pair in pairs:
        parent[root(pair.second)] = root(pair.first)
    groups: dict[str, list[str]] = {}
    for id in list(parent):
        groups.setdefault(root(id), []).append(id)
    return sorted((tuple(group) for group in groups.values()), key=lambda group: -len(group))


def key_text(item: Item) -> str:
    """Return what is right in words, folded, whatever letter it stands under; empty where that is no single thing."""
    kind = KINDS[item.kind]
    if item.template or kind.parts(item):
        return ""
    passages = list(kind.passages(item))
    right = sorted(folded(passage.text) for passage in passages if passage.role == "option" and passage.right)
    right = right or [folded(passage.text) for passage in passages if passage.role == "answer"]
    if right:
        return "；".join(right)
    label = kind.key_label(item.body.marked())
    options = dict(kind.options(item))
    if options and set(label) <= set(options):
        return "；".join(folded(options[letter]) for letter in label)
    return folded(label)


def contradict(key: str, options: Sequence[str], other_key: str, other_options: Sequence[str]) -> bool:
    """Return whether one question with these keys has two: each key differs, and one is offered as wrong by the other.

    >>> contradict("高", ("高", "低"), "低", ("低", "不变")), contradict("a", ("a", "b"), "c", ("c", "d"))
    (True, False)
    """
    if key == other_key or not key or not other_key:
        return False
    return key in other_options or other_key in options or not (options or other_options)


def _judged(one: Item, other: Item, stem: float, whole: float, threshold: float) -> NearPair:
    first, second = (one, other) if one.span <= other.span else (other, one)
    finding = key_finding(first, second, stem)
    if finding == "copy" and max(stem, whole) < threshold:
        finding = "other_stem"
    return NearPair(first.id, second.id, stem, whole, finding)


def key_finding(one: Item, other: Item, stem: float) -> Finding:
    """Return what the keys of two items with stems that much alike say: ``copy`` where nothing speaks against it."""
    shown = [(item.kind, item.stimulus_hash, sorted(item.media.values())) for item in (one, other)]
    if shown[0] != shown[1]:
        return "copy"
    keys = key_text(one), key_text(other)
    if keys[0] == keys[1] or not all(keys):
        return "copy"
    texts = folded(stem_of(one)), folded(stem_of(other))
    if without_particles(texts[0]) == without_particles(texts[1]):
        options = [[folded(text) for text in options_of(item)] for item in (one, other)]
        return "another_key" if contradict(keys[0], options[0], keys[1], options[1]) else "perhaps_another_key"
    same = all(part(texts[0]) == part(texts[1]) for part in (numbers, negations))
    return "perhaps_another_key" if stem >= SAME_STEM and same else "copy"


def _twins(items: Sequence[Item], options: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Yield neighbours among the items that have the same options and key."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, (item, texts) in enumerate(zip(items, options, strict=True)):
        if sum(map(len, texts)) >= SHORTEST_OPTIONS and len(texts) > 1:
            groups.setdefault((item.kind, *sorted(texts)), []).append(row)
    for rows in groups.values():
        by_key: dict[str, list[int]] = {}
        for row in rows if len(rows) > 1 else ():
            by_key.setdefault(key_text(items[row]), []).append(row)
        for key, same in by_key.items():
            yield from pairwise(same) if key else ()
