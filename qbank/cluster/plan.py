"""From what the workers hold to blocks of all persons: the same ones that one process would make."""

from collections.abc import Sequence

import numpy as np

from qbank.cluster.held import Counts, Plan, Survey
from qbank.irt.blocks import FORM_SIZE, MANY_FORMS, Block, Head, head_of, n_patterns
from qbank.irt.models import IndexArray, ScoreArray
from qbank.irt.respondents import RespondentsHere

Links = list[tuple[IndexArray, ScoreArray | None]]


def counted_together(found: Sequence[Counts]) -> tuple[int, IndexArray, tuple[str, ...], bool]:
    """Return persons, counts and groups of all sources, and whether there are groups."""
    n_items = {count.counts.shape[1] for count in found if count.n_persons} or {0}
    if len(n_items) > 1:
        raise ValueError(f"all blocks need the same items in the same order, found {min(n_items)} and {max(n_items)}")
    grouped = {count.groups is not None for count in found if count.n_persons} or {False}
    if len(grouped) > 1:
        raise ValueError("either all blocks or none need groups")
    total = np.zeros((max(count.counts.shape[0] for count in found), n_items.pop()), dtype=np.intp)
    for count in found:
        if count.n_persons:
            total[: count.counts.shape[0]] += count.counts
    names = sorted({name for count in found for name in count.groups or ()})
    return sum(count.n_persons for count in found), total, tuple(names) or ("",), grouped.pop()


def planned(surveys: Sequence[Survey], n_items: int) -> tuple[tuple[Head, ...], list[IndexArray], Links]:
    """Return the heads of all blocks, for each survey the block of each of its forms, and who links which items.

    Forms of fewer persons join in one block with a mask, if a group has many, as in `blocks.group_by_form`.
    """
    place: dict[tuple[int, bytes], int] = {}
    number = [
        np.array(
            [
                place.setdefault((int(group), pattern.tobytes()), len(place))
                for group, pattern in zip(survey.group, survey.patterns, strict=True)
            ],
            dtype=np.intp,
        )
        for survey in surveys
    ]
    n_persons, highest = np.zeros(len(place), dtype=np.intp), np.zeros(len(place), dtype=np.intp)
    for own, survey in zip(number, surveys, strict=True):
        n_persons[own] += survey.n_persons
        np.maximum.at(highest, own, survey.highest)
    groups = np.array([group for group, _ in place], dtype=np.intp)
    bits = np.frombuffer(b"".join(pattern for _, pattern in place), dtype=np.uint8).reshape(len(place), -1)
    seen = np.unpackbits(bits, axis=1, count=n_items).astype(np.int8) if place else np.zeros((0, n_items), np.int8)
    heads: list[Head] = []
    links: Links = []
    block_of = np.full(len(place), -1, dtype=np.intp)
    for group in np.unique(groups).tolist():
        here = groups == group
        small = here & (n_persons < FORM_SIZE)
        if small.sum() > MANY_FORMS:
            items = np.flatnonzero(seen[small].any(axis=0))
            block_of[small] = len(heads)
            n = int(n_persons[small].sum())
            heads.append(Head(items, group, True, n, n))
            links.append((items, seen[small][:, items]))
        for form in np.flatnonzero(here & (block_of < 0)):
            items, n = np.flatnonzero(seen[form]), int(n_persons[form])
            patterns = n_patterns(items.size, int(highest[form]), n)
            block_of[form] = len(heads)
            heads.append(Head(items, group, False, n, n if patterns is None else min(n, patterns)))
            links.append((items, None))
    return tuple(heads), [block_of[own] for own in number], links


def plan_of(heads: tuple[Head, ...], number: IndexArray) -> Plan:
    """Return the plan of one source."""
    return Plan(heads, number)


def persons_before(
    sums: Sequence[tuple[IndexArray, ...]], numbers: Sequence[tuple[int, ...]], n_blocks: int
) -> list[list[IndexArray]]:
    """Return for each block of each source how many persons of all sources come before its first of each sum score.

    sums : for each source and block, persons by sum score;  numbers : of these blocks among all n_blocks
    """
    longest = np.zeros(n_blocks, dtype=np.intp)
    for own, places in zip(sums, numbers, strict=True):
        for counts, number in zip(own, places, strict=True):
            longest[number] = max(longest[number], counts.size)
    total = [np.zeros(size, dtype=np.intp) for size in longest]
    for own, places in zip(sums, numbers, strict=True):
        for counts, number in zip(own, places, strict=True):
            total[number][: counts.size] += counts
    ahead = [np.concatenate(([0], np.cumsum(counts)))[:-1].astype(np.intp) for counts in total]
    found = []
    for own, places in zip(sums, numbers, strict=True):
        before = []
        for counts, number in zip(own, places, strict=True):
            before.append(ahead[number][: counts.size].copy())
            ahead[number][: counts.size] += counts
        found.append(before)
    return found


def sample_of(
    heads: Sequence[Head],
    drawn: Sequence[tuple[tuple[ScoreArray, ScoreArray | None, IndexArray], ...]],
    numbers: Sequence[tuple[int, ...]],
) -> RespondentsHere:
    """Return the sampled persons of all sources in blocks, in the order in which one process holds them."""
    by_block: dict[int, list[tuple[ScoreArray, ScoreArray | None, IndexArray]]] = {}
    for own, places in zip(drawn, numbers, strict=True):
        for part, number in zip(own, places, strict=True):
            by_block.setdefault(number, []).append(part)
    blocks = []
    for number in sorted(by_block):
        head, parts = heads[number], by_block[number]
        order = np.argsort(np.concatenate([key for _, _, key in parts]), kind="stable")
        masks = [seen for _, seen, _ in parts if seen is not None]
        blocks.append(
            Block(
                head.items,
                np.concatenate([scores for scores, _, _ in parts])[order],
                np.concatenate(masks)[order] if masks else None,
                np.arange(order.size),
                np.ones(order.size),
                head.group,
            )
        )
    return RespondentsHere(tuple(blocks), tuple(head_of(block, collapse=False) for block in blocks))
