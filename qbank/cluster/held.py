"""What a worker does with its blocks: read, counted, surveyed, laid out in forms, summed.

Which persons make a block of the estimation (a form, or the rest with a mask) depends on all persons of all workers.
So each worker first says which patterns of seen items it holds, and then is told to which block each belongs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from qbank.cluster.sources import BlockSource
from qbank.irt.answers import checked_groups, checked_scores, counted_scores
from qbank.irt.blocks import (
    SORTED_ROWS,
    Block,
    Head,
    collapsed,
    complete_block,
    forms_of,
    masked_block,
    packed_patterns,
)
from qbank.irt.models import NOT_SEEN, IndexArray, Mask, ScoreArray
from qbank.irt.respondents import Work, summed

Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Rows:
    """Answers as read: scores (n_persons, n_items), groups: labels, None without, group_of: (n_persons,)."""

    scores: ScoreArray
    groups: tuple[str, ...] | None
    group_of: IndexArray


@dataclass(frozen=True, slots=True)
class Counts:
    """What is known of the rows before any form: counts (n_categories, n_items), groups as in Rows."""

    n_persons: int
    counts: IndexArray
    groups: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Survey:
    """The forms of some rows: patterns of seen items as bits (n_forms, n_bytes), and of each the group, the number of
    persons and the highest score, (n_forms,).
    """

    patterns: Bits
    group: IndexArray
    n_persons: IndexArray
    highest: IndexArray


@dataclass(frozen=True, slots=True)
class Plan:
    """number: (n_forms,) the block, among all `heads`, to which each form of a survey belongs."""

    heads: tuple[Head, ...]
    number: IndexArray


@dataclass(frozen=True, slots=True)
class HeldBlocks:
    """The blocks of some rows, and their numbers among all."""

    blocks: tuple[Block, ...]
    numbers: tuple[int, ...]


def read_rows(source: BlockSource) -> Rows:
    """Return the rows of a source, or say what is wrong with them."""
    given, labels = source.read()
    scores = checked_scores(given)
    names, group_of = checked_groups(labels, scores.shape[0])
    return Rows(scores, None if labels is None else names, group_of)


def count_rows(rows: Rows) -> Counts:
    """Return the counts of the rows."""
    return Counts(rows.scores.shape[0], counted_scores(rows.scores), rows.groups)


def survey(rows: Rows, used: IndexArray, groups: tuple[str, ...]) -> Survey:
    """Return the forms of the rows; used : columns that count; groups : labels of all sources."""
    scores = _used(rows, used)
    found = list(_forms(scores, _numbered(rows, groups)))
    seen = np.array([scores[persons[0]] != NOT_SEEN for _, persons in found], dtype=bool).reshape(-1, used.size)
    return Survey(
        np.packbits(seen, axis=1),
        np.array([group for group, _ in found], dtype=np.intp),
        np.array([persons.size for _, persons in found], dtype=np.intp),
        np.array([scores[persons].max(initial=0) for _, persons in found], dtype=np.intp),
    )


def lay_out(rows: Rows, used: IndexArray, groups: tuple[str, ...], plan: Plan) -> HeldBlocks:
    """Return the blocks of the rows, one row a person."""
    scores = _used(rows, used)
    members: dict[int, list[IndexArray]] = {}
    for number, (_, persons) in zip(plan.number.tolist(), _forms(scores, _numbered(rows, groups)), strict=True):
        members.setdefault(number, []).append(persons)
    blocks = []
    for number, forms in members.items():
        head = plan.heads[number]
        if head.masked:
            blocks.append(masked_block(scores, np.sort(np.concatenate(forms)), head.group, head.items))
        else:
            blocks.append(complete_block(scores, forms[0], head.group))
    return HeldBlocks(tuple(blocks), tuple(members))


def count_sums(held: HeldBlocks, heads: Sequence[Head]) -> tuple[IndexArray, ...]:
    """Return for each block how many persons have each sum score, as far as that is their order."""
    return tuple(np.bincount(_order(block, heads[n])) for block, n in zip(held.blocks, held.numbers, strict=True))


def draw(
    held: HeldBlocks, heads: Sequence[Head], before: Sequence[IndexArray], stride: int
) -> tuple[tuple[ScoreArray, ScoreArray | None, IndexArray], ...]:
    """Return every stride-th person of each block in the order of all persons: scores, seen, and that order's key.

    before : for each block, how many persons of all sources stand before the first of each sum score here
    """
    found = []
    for block, number, ahead in zip(held.blocks, held.numbers, before, strict=True):
        key = _order(block, heads[number])
        order = np.argsort(key, kind="stable")
        first = np.concatenate(([0], np.cumsum(np.bincount(key))))[:-1]
        place = ahead[key[order]] + np.arange(order.size) - first[key[order]]
        rows = order[place % stride == 0]
        found.append((block.scores[rows], None if block.seen is None else block.seen[rows], key[rows]))
    return tuple(found)


def join_equal(held: HeldBlocks, heads: Sequence[Head]) -> HeldBlocks:
    """Return the blocks with equal rows joined where the whole block's would be."""
    joined = [
        collapsed(block) if heads[number].n_rows < heads[number].n_persons else block
        for block, number in zip(held.blocks, held.numbers, strict=True)
    ]
    return HeldBlocks(tuple(joined), held.numbers)


def sum_blocks(work: Work[Any, Any], held: HeldBlocks, chosen: Mask | None) -> Any:
    """Return the sum of a work over the blocks, or over those whose number is chosen."""
    # scipy brings a BLAS of its own, which can be held to one thread only once it is loaded.
    import scipy.linalg  # noqa: F401

    blocks = [b for b, n in zip(held.blocks, held.numbers, strict=True) if chosen is None or chosen[n]]
    with _blas().limit(limits=1, user_api="blas"):
        return summed(work, blocks)


def add_each(work: Work[Any, Any], held: HeldBlocks, chosen: Mask | None) -> list[Any]:
    """Return what a work makes of each block, in their order, or of those whose number is chosen."""
    import scipy.linalg  # noqa: F401

    with _blas().limit(limits=1, user_api="blas"):
        return [work.of(b) for b, n in zip(held.blocks, held.numbers, strict=True) if chosen is None or chosen[n]]


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def _order(block: Block, head: Head) -> IndexArray:
    """Return the key by which the persons of the whole block stand, (n_rows,): their sum scores, or nothing."""
    if head.masked or head.n_persons < SORTED_ROWS:
        return np.zeros(block.persons.size, dtype=np.intp)
    sums: IndexArray = block.scores.sum(axis=1, dtype=np.intp)
    return sums


def _used(rows: Rows, used: IndexArray) -> ScoreArray:
    return rows.scores if used.size == rows.scores.shape[1] else rows.scores[:, used]


def _numbered(rows: Rows, groups: tuple[str, ...]) -> IndexArray:
    """Return the group of each person among those of all sources, (n_persons,)."""
    if rows.groups is None:
        return rows.group_of
    place = {label: number for number, label in enumerate(groups)}
    return np.array([place[label] for label in rows.groups] or [0], dtype=np.intp)[rows.group_of]


def _forms(scores: ScoreArray, groups: IndexArray) -> Iterator[tuple[int, IndexArray]]:
    """Yield the group and the persons of each form, always in the same order; who saw nothing is in none."""
    if not scores.size:
        return
    complete = int(scores.min()) != NOT_SEEN
    packed = None if complete else packed_patterns(scores)
    for group in np.unique(groups).tolist():
        persons = np.flatnonzero(groups == group)
        for form in [persons] if packed is None else forms_of(packed, persons):
            yield group, form
