"""Which paper each registered person gets: never one that is not allowed, as balanced as can be, neighbours different.

Three steps. How many persons of each kind get each paper: the sum of squares of the papers' counts is least. That is a
flow with convex costs, optimal once no chain of exchanges leads from a paper to one with at least two persons fewer
(Ahuja, Magnanti & Orlin 1993, Network Flows, theorem 9.1). How that spreads over rooms: each is balanced by itself, and
what is exchanged for the balance of all is exchanged where it unbalances a room least. Who in the room: at random, then
exchanges while they leave fewer neighbours with the same paper.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
MOST_ROUNDS = 6


def spread_papers(allowed: Mask, room: Counts, *, rng: np.random.Generator) -> Counts:
    """Return for each person the paper, −1 for whom none is allowed; (n_persons,).

    allowed : (n_persons, n_papers) ; room : (n_persons,) int, persons of a room in the order of their seats: whoever
    follows in it is a neighbour

    Where everything is allowed, papers come in random cycles: their numbers differ by one at most, in every room and in
    all, and no neighbours share a paper if there are two. The same arguments and seed give the same papers.

    >>> rng = np.random.default_rng(1)
    >>> found = spread_papers(np.ones((6, 3), dtype=bool), np.zeros(6, dtype=int), rng=rng)
    >>> np.bincount(found).tolist(), bool((found[1:] == found[:-1]).any())
    ([2, 2, 2], False)
    """
    given = np.full(allowed.shape[0], -1, dtype=np.int64)
    someone = np.flatnonzero(allowed.any(axis=1))
    if not someone.size:
        return given
    order = rng.permutation(allowed.shape[1])
    here = allowed[someone][:, order]
    kinds, kind = np.unique(here, axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    rooms, at = np.unique(room[someone], return_inverse=True)
    size = np.zeros((rooms.size, kinds.shape[0]), dtype=np.int64)
    np.add.at(size, (at, kind), 1)
    counts = _rotated(size[:, 0], kinds.shape[1])[:, None, :] if kinds.all() else _by_room(size, kinds)
    place = np.argsort(at, kind="stable")
    for number, seats in enumerate(np.split(place, np.cumsum(size.sum(axis=1))[:-1])):
        given[someone[seats]] = order[_seated(kind[seats], kinds, counts[number], rng)]
    return given


def balanced_counts(size: Counts, kinds: Mask) -> Counts:
    """Return how many persons of each kind get each paper, (n_kinds, n_papers), the papers' counts most alike.

    size : (n_kinds,) persons ; kinds : (n_kinds, n_papers) what they may get, at least one paper each

    >>> balanced_counts(np.array([4, 2]), np.array([[True, True], [False, True]])).tolist()
    [[3, 1], [0, 2]]
    """
    counts = np.zeros(kinds.shape, dtype=np.int64)
    for number, may in enumerate(kinds):
        papers = np.flatnonzero(may)
        counts[number, papers] = size[number] // papers.size
        counts[number, papers[: size[number] % papers.size]] += 1
    while (chain := _chain(counts, kinds)) is not None:
        steps = [(a, b, int(np.argmax(np.where(kinds[:, b], counts[:, a], -1)))) for a, b in pairwise(chain)]
        total = counts.sum(axis=0)
        moved = min(int(total[chain[0]] - total[chain[-1]]) // 2, *(int(counts[k, a]) for a, _, k in steps))
        for a, b, k in steps:
            counts[k, a] -= moved
            counts[k, b] += moved
    return counts


def neighbours_alike(given: Counts, room: Counts) -> int:
    """Return how many pairs that follow each other in a room have the same paper."""
    same = (given[1:] == given[:-1]) & (room[1:] == room[:-1]) & (given[1:] >= 0)
    return int(same.sum())


def _chain(counts: Counts, kinds: Mask) -> list[int] | None:
    """Return papers along which persons can move one on, from one with two more persons at least to the last."""
    total = counts.sum(axis=0)
    step = ((counts > 0).T.astype(np.int64) @ kinds.astype(np.int64)) > 0
    for start in np.argsort(-total, kind="stable").tolist():
        before: dict[int, int] = {start: start}
        waiting = deque([start])
        while waiting:
            a = waiting.popleft()
            for b in np.flatnonzero(step[a]).tolist():
                if b not in before:
                    before[b] = a
                    waiting.append(b)
        end = min(before, key=lambda paper: (total[paper], paper))
        if total[start] - total[end] >= 2:
            chain = [end]
            while chain[-1] != start:
                chain.append(before[chain[-1]])
            return chain[::-1]
    return None


def _rotated(size: Counts, n_papers: int) -> Counts:
    """Return persons by room and paper: equal shares, and what is left over goes round from room to room."""
    counts = np.repeat((size // n_papers)[:, None], n_papers, axis=1)
    first = 0
    for number, extra in enumerate((size % n_papers).tolist()):
        counts[number, (first + np.arange(extra)) % n_papers] += 1
        first = (first + extra) % n_papers
    return np.asarray(counts)


def _by_room(size: Counts, kinds: Mask) -> Counts:
    """Return persons by room, kind and paper, (n_rooms, n_kinds, n_papers).

    Every room by itself is balanced, then exchanges between rooms make the papers' counts in all as alike as can be,
    each in the room that it unbalances least.
    """
    total = np.zeros(kinds.shape[1], dtype=np.int64)
    counts = np.zeros((*size.shape, kinds.shape[1]), dtype=np.int64)
    for number, own in enumerate(size):
        order = np.argsort(total, kind="stable")  # what is left over goes to the papers that have fewest so far
        here = np.flatnonzero(own)
        counts[number, here[:, None], order] = balanced_counts(own[here], kinds[np.ix_(here, order)])
        total += counts[number].sum(axis=0)
    while (chain := _chain(counts.sum(axis=0), kinds)) is not None:
        for a, b in pairwise(chain):
            inside = counts.sum(axis=1)
            cost = np.where((counts[:, :, a] > 0) & kinds[:, b], (inside[:, b] - inside[:, a])[:, None], np.iinfo(np.int64).max)
            room, kind = np.unravel_index(int(np.argmin(cost)), cost.shape)
            counts[room, kind, a] -= 1
            counts[room, kind, b] += 1
    return counts


def _seated(kind: Counts, kinds: Mask, counts: Counts, rng: np.random.Generator) -> Counts:
    """Return the papers of one room, seat after seat; counts : (n_kinds, n_papers) how many of each kind get which."""
    here = counts.sum(axis=0)
    if (kind == kind[0]).all():
        here = counts[kind[0]]
        may = np.flatnonzero(kinds[kind[0]])
        if np.ptp(here[may]) <= 1:
            return may[_cycles(here[may], rng)]
    paper = np.empty(kind.size, dtype=np.int64)
    for number in np.unique(kind).tolist():
        own = np.repeat(np.arange(kinds.shape[1]), counts[number])
        paper[kind == number] = rng.permutation(own)
    return _parted(paper, kinds[kind], rng)


def _cycles(counts: Counts, rng: np.random.Generator) -> Counts:
    """Return papers in random cycles, first those of which there is one more; no paper follows itself."""
    parts = [rng.permutation(np.flatnonzero(counts > counts.min()))] if np.ptp(counts) else []
    for _ in range(int(counts.min())):
        cycle = rng.permutation(counts.size)
        if parts and parts[-1].size and cycle[0] == parts[-1][-1] and cycle.size > 1:
            cycle[[0, 1]] = cycle[[1, 0]]
        parts.append(cycle)
    return np.concatenate(parts)


def _parted(paper: Counts, allowed: Mask, rng: np.random.Generator) -> Counts:
    """Return the papers with exchanges between two persons who may both, while fewer neighbours share a paper."""
    for _ in range(MOST_ROUNDS):
        alike = np.flatnonzero(paper[1:] == paper[:-1])
        if not alike.size:
            break
        moved = False
        for place in rng.permutation(np.unique(np.concatenate([alike, alike + 1]))).tolist():
            moved |= _exchange(paper, allowed, place, rng)
        if not moved:
            break
    return paper


def _exchange(paper: Counts, allowed: Mask, place: int, rng: np.random.Generator) -> bool:
    own = paper[place]
    if not _alike_at(paper, place):
        return False
    may = allowed[place, paper] & allowed[:, own] & (paper != own)
    left = np.concatenate([[-1], paper[:-1]])
    right = np.concatenate([paper[1:], [-1]])
    before = (left == paper).astype(np.int64) + (right == paper)
    after = (left == own).astype(np.int64) + (right == own)
    there = (paper == left[place]).astype(np.int64) + (paper == right[place])
    change = np.where(may, after - before + there - before[place], 9)
    for beside in (place - 1, place + 1):  # their pair counts differently
        if 0 <= beside < paper.size and may[beside]:
            window = slice(max(min(place, beside) - 1, 0), max(place, beside) + 2)
            old = _pairs(paper[window])
            paper[[place, beside]] = paper[[beside, place]]
            change[beside] = _pairs(paper[window]) - old
            paper[[place, beside]] = paper[[beside, place]]
    best = int(change.min())
    if best >= 0:
        return False
    other = int(rng.choice(np.flatnonzero(change == best)))
    paper[[place, other]] = paper[[other, place]]
    return True


def _alike_at(paper: Counts, place: int) -> bool:
    return bool(_pairs(paper[max(place - 1, 0) : place + 2]))


def _pairs(paper: Counts) -> int:
    return int((paper[1:] == paper[:-1]).sum())
