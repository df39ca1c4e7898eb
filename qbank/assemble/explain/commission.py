"""The smallest writing commission (命题任务书): how many items of which cells make the papers possible."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.explain.cells import GRADES, Cell, item_of, models_of
from qbank.assemble.explain.model import Model
from qbank.assemble.explain.pooled_rows import PLENTY, Rows
from qbank.assemble.setting import Setting
from qbank.core.item import COGNITIVE_LEVELS, Item

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """n : (n_cells,) items to write in each cell ; bound : proven, fewer will not do"""

    n: NDArray[np.int64]
    bound: int

    @property
    def total(self) -> int:
        """Return how many items are to be written."""
        return int(self.n.sum())


def plan_of(rows: Rows, model: Model, *, max_nodes: int = 60) -> Plan | None:
    """Return the fewest items to write so that the program has a solution, or nothing where no writing helps.

    Of equally many: usual seconds before others, middle grades before extreme ones.
    """
    cells = rows.wide.cells
    typical = np.array([cell.typical for cell in cells], dtype=np.bool_)
    for allowed in (np.where(typical, PLENTY, 0.0), np.full(len(cells), PLENTY)):
        bounds = rows.bounds(most_written=allowed)
        linear = model.solve(bounds, _costs(rows, 0.0), whole=False)
        if not linear.found:
            continue
        least = int(np.ceil(linear.objective - 1e-6))
        share = min(1e-3, 0.4 / (10 * max(least, 1)))
        answer = model.solve(bounds, _costs(rows, share), whole=True, max_nodes=max_nodes)
        if answer.found:
            n = np.round(answer.values[rows.written]).astype(np.int64)
            extra = float(_taste(cells) @ n) * share
            return Plan(n, max(least, min(int(n.sum()), int(np.ceil(answer.bound - max(extra, 0.4) - 1e-6)))))
    return None


def _costs(rows: Rows, share: float) -> Array:
    cost = np.zeros(rows.item.size)
    cost[rows.written] = 1.0 + share * _taste(rows.wide.cells)
    return cost


def _taste(cells: tuple[Cell, ...]) -> Array:
    """Return how unwelcome an item of each cell is, all else equal; shape (n_cells,), 0 to 8."""
    return np.array([abs(cell.grade - 3) + 6.0 * (not cell.typical) for cell in cells])


@dataclass(frozen=True, slots=True)
class Line:
    """``n`` items to write, of any of the attributes listed; empty: that attribute does not matter.

    competencies : where rules look at single competencies, those that get ``each`` items ; seconds : where the usual
    time of the kind would not do
    """

    n: int
    kind: str
    marks: float
    domain: str
    importance: tuple[str, ...]
    competencies: tuple[str, ...]
    each: int
    grades: tuple[int, ...]
    cognitive: tuple[str, ...]
    seconds: int | None
    tags: tuple[str, ...]


Free = dict[str, frozenset[object]]
"""Attribute → the values that would do as well."""


def lines_of(plan: Plan, cells: tuple[Cell, ...], free: dict[int, Free] | None = None) -> tuple[Line, ...]:
    """Return the plan as lines that say only what matters; cells that then read alike are joined.

    free : for each cell of the plan what else would do (see `qbank.assemble.explain.freedom`)
    """
    points: dict[tuple[object, ...], Counter[str]] = {}
    for place in np.flatnonzero(plan.n):
        cell, open_ = cells[place], (free or {}).get(int(place), {})
        key = (
            cell.kind, cell.marks, "" if "domain" in open_ else cell.domain,
            () if cell.own else _listed(open_, "importance", cell.importance, ("X", "Y", "Z")),
            _listed(open_, "grade", cell.grade, GRADES), _listed(open_, "cognitive", cell.cognitive, COGNITIVE_LEVELS),
            None if cell.typical else cell.seconds, cell.tags,
        )  # fmt: skip
        points.setdefault(key, Counter())[cell.competency if cell.own else ""] += int(plan.n[place])
    lines = []
    for (kind, marks, domain, importance, grades, cognitive, seconds, tags), found in points.items():
        for each in sorted(set(found.values()), reverse=True):
            codes = tuple(sorted(code for code, n in found.items() if n == each))
            named = codes if codes != ("",) else ()
            lines.append(Line(
                each * len(codes), kind, marks, domain, importance, named, each, grades, cognitive, seconds, tags  # type: ignore[arg-type]
            ))  # fmt: skip
    return tuple(lines)


def _listed(free: Free, name: str, value: object, every: tuple[object, ...]) -> tuple[object, ...]:
    """Return the values of an attribute that will do, none where all will."""
    found = free.get(name, frozenset({value}))
    return () if found >= set(every) else tuple(one for one in every if one in found)


def written_items(plan: Plan, setting: Setting, cells: tuple[Cell, ...]) -> tuple[Item, ...]:
    """Return the items of a plan as records, as they would stand in the bank."""
    models = models_of(setting)
    points = setting.bank.standard.competencies
    items: list[Item] = []
    turns: Counter[tuple[str, str]] = Counter()
    for place in np.flatnonzero(plan.n):
        cell = cells[place]
        alike = [cell.competency] if cell.own else [
            code for code, point in points.items()
            if (point.domain, point.importance) == (cell.domain, cell.importance) and setting.blueprint.level in point.levels
        ]  # fmt: skip
        for _ in range(int(plan.n[place])):
            code = alike[turns[cell.domain, cell.importance] % len(alike)]
            turns[cell.domain, cell.importance] += 1
            items.append(item_of(replace(cell, competency=code), f"~written-{len(items) + 1:04d}", setting, models))
    return tuple(items)
