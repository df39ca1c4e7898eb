"""Persons in blocks: those who saw the same items together, in the order of their sum scores."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, ScoreArray

# Forms of fewer persons, if they are many, join in one block with a mask, at twice the arithmetic.
FORM_SIZE = 24
MANY_FORMS = 24
# Rows that one core takes at a time.
STRETCH = 16_384
# Blocks of fewer rows are one chunk or two; their order does not matter.
SORTED_ROWS = 256


@dataclass(frozen=True, slots=True)
class Block:
    """Persons of one group who saw the same items, or the rest of a group with a mask.

    items      (n_block_items,) columns of the scores
    scores     (n_rows, n_block_items), 0 where not seen
    seen       the same shape, 1 seen and 0 not, or None when all is seen
    persons    (n_rows,) row of the scores;  weights: (n_rows,) how many persons answered exactly so
    group      index of the group
    covariates (n_rows, n_covariates) where each person has another ability distribution, else None
    """

    items: IndexArray
    scores: ScoreArray
    seen: ScoreArray | None
    persons: IndexArray
    weights: FloatArray
    group: int
    covariates: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a block without its rows.

    items, group    as in Block;  masked: whether its persons saw different items
    n_persons       how many;  n_rows: at most so many rows, once equal answers are joined
    """

    items: IndexArray
    group: int
    masked: bool
    n_persons: int
    n_rows: int


def head_of(block: Block, *, collapse: bool) -> Head:
    """Return the head of a block before its equal rows are joined."""
    masked, n_persons = block.seen is not None, block.persons.size
    highest = int(block.scores.max(initial=0)) if collapse and not masked else 0
    n_rows = n_patterns(block.items.size, highest, n_persons) if collapse and not masked else None
    return Head(block.items, block.group, masked, n_persons, n_persons if n_rows is None else min(n_persons, n_rows))


def n_patterns(n_items: int, highest: int, n_persons: int) -> int | None:
    """Return how many different answers there can be, if so few that joining equal rows saves work.

    >>> n_patterns(5, 1, 1000), n_patterns(20, 1, 1000)
    (32, None)
    """
    # Compared as logarithms: a power of 2,000 items is beyond float64.
    few = n_items * np.log(highest + 1) <= np.log(max(1.0, 4.0 * n_persons))
    return int((highest + 1) ** n_items) if few else None


def group_by_form(
    scores: ScoreArray, groups: IndexArray, *, collapse: bool, covariates: FloatArray | None = None
) -> tuple[Block, ...]:
    """Return the blocks of the persons who saw anything.

    scores : (n_persons, n_items), −1 not seen;  groups : (n_persons,) index of each person's group.
    collapse : equal answers of a short form become one weighted row, where that saves work.
    covariates : (n_persons, n_covariates) if each person has another ability distribution
    """
    complete = scores.size > 0 and int(scores.min()) != NOT_SEEN
    packed = None if complete else packed_patterns(scores)
    blocks: list[Block] = []
    for group in np.unique(groups):
        persons = np.flatnonzero(groups == group)
        forms = [persons] if packed is None else forms_of(packed, persons)
        small = [form for form in forms if form.size < FORM_SIZE]
        if len(small) > MANY_FORMS:
            forms = [form for form in forms if form.size >= FORM_SIZE]
            blocks.append(masked_block(scores, np.sort(np.concatenate(small)), int(group)))
        blocks.extend(complete_block(scores, form, int(group)) for form in forms)
    if covariates is not None:
        return tuple(replace(block, covariates=covariates[block.persons]) for block in blocks)
    return tuple(collapsed(block) for block in blocks) if collapse else tuple(blocks)


def packed_patterns(scores: ScoreArray) -> NDArray[np.uint64]:
    """Return the pattern of seen items of each person as bits, (n_persons, n_words)."""
    n_words = -(-scores.shape[1] // 64)
    found = np.zeros((scores.shape[0], 8 * n_words), dtype=np.uint8)
    for low in range(0, scores.shape[0], STRETCH):
        bits = np.packbits(scores[low : low + STRETCH] != NOT_SEEN, axis=1)
        found[low : low + STRETCH, : bits.shape[1]] = bits
    return found.view(np.uint64)


def forms_of(packed: NDArray[np.uint64], persons: IndexArray) -> list[IndexArray]:
    """Return the persons of each pattern of seen items, leaving out those who saw none."""
    persons = persons[packed[persons].any(axis=1)]
    if not persons.size:
        return []
    patterns = packed[persons]
    # A random linear hash: sorting numbers is far quicker than sorting patterns.
    odd = np.random.default_rng(0).integers(0, 2**63, packed.shape[1], dtype=np.uint64) * 2 + 1
    _, first, form = np.unique((patterns * odd).sum(axis=1), return_index=True, return_inverse=True)
    if (patterns != patterns[first][form]).any():
        bytes_of = np.ascontiguousarray(patterns).view(np.dtype((np.void, 8 * packed.shape[1]))).ravel()
        _, form = np.unique(bytes_of, return_inverse=True)
    order = np.argsort(form, kind="stable")
    return np.split(persons[order], np.cumsum(np.bincount(form))[:-1])


def complete_block(scores: ScoreArray, persons: IndexArray, group: int) -> Block:
    """Return the block of persons who saw the same items, from SORTED_ROWS in the order of their sum scores."""
    items = np.flatnonzero(scores[persons[0]] != NOT_SEEN)
    if persons.size == scores.shape[0] and items.size == scores.shape[1]:
        order = _order(scores)
        persons, answers = persons[order], scores[order]
    else:
        answers = scores[persons] if items.size == scores.shape[1] else scores[np.ix_(persons, items)]
        order = _order(answers)
        if answers.shape[0] >= SORTED_ROWS:
            persons, answers = persons[order], answers[order]
    return Block(items, answers, None, persons, np.ones(persons.size), group)


def _order(scores: ScoreArray) -> IndexArray:
    """Return the order of the sum scores: rows that stand together share the nodes that matter."""
    if scores.shape[0] < SORTED_ROWS:
        return np.arange(scores.shape[0])
    return np.argsort(scores.sum(axis=1, dtype=np.int32), kind="stable")


def masked_block(scores: ScoreArray, persons: IndexArray, group: int, items: IndexArray | None = None) -> Block:
    """Return the block of persons who saw different items; `items`: its columns, by default what any of them saw."""
    rows = scores[persons]
    if items is None:
        items = np.flatnonzero((rows != NOT_SEEN).any(axis=0))
    part = rows[:, items]
    mask = (part != NOT_SEEN).astype(np.int8)
    return Block(items, part * mask, mask, persons, np.ones(persons.size), group)


def collapsed(block: Block) -> Block:
    """Return the block with equal rows joined, if there can be far fewer patterns than persons."""
    highest = int(block.scores.max(initial=0))
    if block.seen is not None or n_patterns(block.items.size, highest, block.persons.size) is None:
        return block
    key = block.scores.astype(np.int64) @ (highest + 1) ** np.arange(block.items.size)
    _, first, count = np.unique(key, return_index=True, return_counts=True)
    return replace(
        block, scores=block.scores[first], persons=block.persons[first], weights=count.astype(np.float64)
    )


def thin(blocks: Sequence[Block], stride: int) -> tuple[Block, ...]:
    """Return every stride-th row of each block."""
    return tuple(rows_of(block, slice(None, None, stride)) for block in blocks)


def stretches(block: Block) -> list[Block]:
    """Return a block in stretches of rows that several cores can share; how long they are depends on it alone."""
    n_rows = block.persons.size
    if n_rows <= STRETCH:
        return [block]
    cuts = np.linspace(0, n_rows, -(-n_rows // STRETCH) + 1).astype(np.intp)
    return [rows_of(block, slice(low, high)) for low, high in pairwise(cuts)]


def rows_of(block: Block, rows: slice | IndexArray) -> Block:
    """Return some rows of a block."""
    return replace(
        block,
        scores=block.scores[rows],
        seen=None if block.seen is None else block.seen[rows],
        persons=block.persons[rows],
        weights=block.weights[rows],
        covariates=None if block.covariates is None else block.covariates[rows],
    )
