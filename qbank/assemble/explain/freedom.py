"""What of a writing commission does not matter: attributes whose other values would do as well.

An attribute that no row of the program looks at is open at once. Others are tried: all items of a cell are moved to the
other value while the cells before it stand at either end of their own freedom, and the program must keep a solution.
At the end every item is drawn anew several times, anywhere within the freedom of its cell; where one draw has no
solution, only what no row looks at stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.explain.cells import Cell, Wide, widen
from qbank.assemble.explain.commission import Free, Plan
from qbank.assemble.explain.model import Model
from qbank.assemble.explain.pooled_rows import pooled_blocks, rows_of, single_blocks

DRAWS = 4
MOST_CELLS = 40
"""Cells of a plan up to which other values are tried."""
EXACT = 1500
"""Columns of all papers up to which each paper is looked at, not their sum alone."""
NODES = 60
"""Branch-and-bound nodes of a draw; one that is undecided by then counts as having no solution."""
MANY = 3000
"""Columns from which on the draws at the end are held against the linear program alone."""
Counts = NDArray[np.int64]
Key = tuple[object, ...]
"""What stays the same of a cell, or its three attributes that may change: grade, importance, cognitive level."""
NAMES = ("grade", "importance", "cognitive")


def freedom(plan: Plan, wide: Wide) -> dict[int, Free]:
    """Return for each cell of a plan the values of its attributes that would do, where there are others."""
    used = [int(place) for place in np.flatnonzero(plan.n)]
    families = _families(wide.cells)
    unseen = _unseen(wide, used, families)
    if len(used) > MOST_CELLS:
        return unseen
    near = sorted({place for own in used for place in families[_fixed(wide.cells[own])].values()})
    tries = _Tries(wide, near)
    start = np.zeros(len(near), dtype=np.int64)
    for place in used:
        start[tries.number[place]] = plan.n[place]
    found: dict[int, Free] = {}
    ends = [start, start]
    for place in used:
        found[place], ends = tries.tried(place, families[_fixed(wide.cells[place])], unseen[place], ends)
    rng = np.random.default_rng(wide.setting.blueprint.seed)
    draws = (tries.drawn(plan, found, families, rng) for _ in range(DRAWS))
    whole = tries.rows.item.size < MANY
    return found if all(tries.possible(draw, whole=whole) for draw in draws) else unseen


def _fixed(cell: Cell) -> Key:
    point = cell.competency if cell.own else ""
    return (cell.kind, cell.marks, cell.domain, point, cell.seconds, cell.typical, cell.tags)


def _varied(cell: Cell) -> Key:
    return (cell.grade, cell.importance, cell.cognitive)


def _families(cells: tuple[Cell, ...]) -> dict[Key, dict[Key, int]]:
    """Return the cells that differ in grade, importance and cognitive level alone, by these three."""
    families: dict[Key, dict[Key, int]] = {}
    for place, cell in enumerate(cells):
        families.setdefault(_fixed(cell), {})[_varied(cell)] = place
    return families


def _unseen(wide: Wide, used: list[int], families: Mapping[Key, Mapping[Key, int]]) -> dict[int, Free]:
    """Return for each cell the attributes that no row looks at."""
    matrix = sparse.csc_matrix(wide.program.matrix)
    likes: dict[Key, list[int]] = {}  # whatever their domain; and then whatever their importance too
    for place, cell in enumerate(wide.cells):
        for importance in (cell.importance, None):
            key = (cell.kind, cell.marks, cell.seconds, cell.tags, cell.grade, importance, cell.cognitive)
            likes.setdefault(key, []).append(place)
    found: dict[int, Free] = {}
    for place in used:
        cell, own = wide.cells[place], _column(wide, matrix, place)
        free: Free = {}
        for importance in (cell.importance, None):
            same = likes[(cell.kind, cell.marks, cell.seconds, cell.tags, cell.grade, importance, cell.cognitive)]
            if not cell.own and len(same) > 1 and all(_column(wide, matrix, other) == own for other in same):
                free["domain"] = frozenset(wide.cells[other].domain for other in same)
        family = families[_fixed(cell)]
        for at, name in enumerate(NAMES):
            values = {key[at]: other for key, other in family.items() if _but(key, at) == _but(_varied(cell), at)}
            if all(_column(wide, matrix, other) == own for other in values.values()):
                free[name] = EVERY[name]
        found[place] = free
    return found


EVERY: Mapping[str, frozenset[object]] = {
    "grade": frozenset({1, 2, 3, 4, 5}), "importance": frozenset("XYZ"),
    "cognitive": frozenset({"remember", "understand", "apply", "analyse"}),
}  # fmt: skip


def _but(key: Key, at: int) -> Key:
    return (*key[:at], *key[at + 1 :])


def _column(wide: Wide, matrix: sparse.csc_matrix, place: int) -> Key:
    """Return what the rows say of the candidates of a cell; rows of its own item alone do not count."""
    found = []
    for column in np.flatnonzero(wide.program.item == wide.n_real + place):
        part = slice(matrix.indptr[column], matrix.indptr[column + 1])
        rows = [
            (int(row), float(value)) for row, value in zip(matrix.indices[part], matrix.data[part], strict=True)
            if not wide.program.hard[row]
        ]  # fmt: skip
        found.append((int(wide.program.role[column]), tuple(rows)))
    return tuple(found)


class _Tries:
    """The program over a few cells; number : cell → its place among these."""

    def __init__(self, wide: Wide, near: list[int]) -> None:
        self.cells = wide.cells
        self.number = {place: number for number, place in enumerate(near)}
        small = widen(wide.setting, tuple(wide.cells[place] for place in near))
        n_forms = wide.setting.blueprint.n_forms
        exact = small.program.n_columns * n_forms <= EXACT
        self.rows = rows_of(small, single_blocks(n_forms) if exact else pooled_blocks(n_forms))
        self.model = Model(self.rows.matrix, np.ones(self.rows.item.size, dtype=np.bool_))

    def possible(self, n: Counts, *, whole: bool) -> bool:
        """Return whether papers are possible with so many items of each cell."""
        bounds = self.rows.bounds(most_written=n.astype(np.float64))
        return self.model.solve(bounds, whole=whole, max_nodes=NODES).found

    def moved(self, n: Counts, own: int, other: int) -> Counts:
        """Return the plan with all items of one cell moved to another."""
        made, here, there = n.copy(), self.number[own], self.number[other]
        made[there] += made[here]
        made[here] -= n[here]
        return made

    def tried(
        self, place: int, family: Mapping[Key, int], unseen: Free, ends: list[Counts]
    ) -> tuple[Free, list[Counts]]:
        """Return what else a cell may be, and the plans with this cell at the two ends of its grades."""
        cell, free = self.cells[place], dict(unseen)
        grade, importance, cognitive = cell.grade, cell.importance, cell.cognitive

        def do(others: list[int]) -> bool:
            return all(self.possible(self.moved(n, place, other), whole=False) for n in ends for other in others)

        if "grade" not in free:
            free["grade"] = frozenset(_run(grade, lambda other: do([family[other, importance, cognitive]])))
        grades = sorted(int(str(one)) for one in free["grade"])
        at = dict.fromkeys((grades[0], grade, grades[-1]))
        for name, values in (("importance", {key[1] for key in family}), ("cognitive", {key[2] for key in family})):
            if name in free or len(values) < 2:
                continue
            good = {getattr(cell, name)}
            for value in values - good:
                keys = [(one, value, cognitive) if name == "importance" else (one, importance, value) for one in at]
                if do([family[key] for key in keys if key in family]):
                    good.add(value)
            free[name] = frozenset(good)
        low, high = (family[end, importance, cognitive] for end in (grades[0], grades[-1]))
        return free, [self.moved(ends[0], place, low), self.moved(ends[1], place, high)]

    def drawn(
        self, plan: Plan, found: Mapping[int, Free], families: Mapping[Key, Mapping[Key, int]], rng: np.random.Generator
    ) -> Counts:
        """Return the plan with each item drawn within the freedom of its cell."""
        n = np.zeros(len(self.number), dtype=np.int64)
        for place, free in found.items():
            near = [
                other for key, other in families[_fixed(self.cells[place])].items()
                if all(key[at] in free.get(name, {_varied(self.cells[place])[at]}) for at, name in enumerate(NAMES))
            ]  # fmt: skip
            for choice in rng.integers(0, len(near), int(plan.n[place])):
                n[self.number[near[choice]]] += 1
        return n


def _run(grade: int, good: Callable[[int], bool]) -> list[int]:
    """Return the grades around one that would do, as a run without gaps.

    >>> _run(3, lambda grade: grade in (1, 4, 5))
    [3, 4, 5]
    """
    kept = [grade]
    for step in (-1, 1):
        other = grade + step
        while 1 <= other <= 5 and good(other):
            kept.append(other)
            other += step
    return sorted(kept)
