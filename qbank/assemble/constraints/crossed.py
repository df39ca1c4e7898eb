"""Two-way and n-way tables: how much of a paper falls into each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from qbank.assemble.pool import Pool
from qbank.assemble.program import Draft, Source
from qbank.assemble.rules import (
    Bounds,
    Compiled,
    Finding,
    Mask,
    Range,
    Within,
    limits,
    n_marks,
    n_places,
    selected_candidates,
    selected_places,
)
from qbank.assemble.scene import Scene, Selection
from qbank.core.authored import Many
from qbank.core.where import NUMBER_COLUMNS, Words, number_range

WordColumn = Literal["domain", "competency", "importance", "kind", "cognitive", "tags", "stimulus", "key"]
Column = WordColumn | Literal["grade", "seconds", "characters", "calibrated", "uses", "facility"]
Cell = tuple[tuple[str, ...], Bounds]

_RANGE: TypeAdapter[Bounds] = TypeAdapter(Range)


def _cells(value: Any) -> Any:
    """Return a nested mapping as it is; what stands in its cells is looked at with their columns."""
    if not isinstance(value, dict):
        raise ValueError("{B-C: {remember: 2-4}}")
    return value


class CrossedRule(Within):
    """``crossed:``"""

    of: Literal["items", "marks"] = "items"
    by: Annotated[Many[Column], Field(min_length=1, max_length=4)]
    cells: Annotated[dict[str, Any], BeforeValidator(_cells), Field(min_length=1)]


class WrongCell(Exception):
    """A cell that cannot be read. steps : the keys that lead to it ; reason : ``deep``, ``shallow``, ``range``, ``word``"""

    def __init__(self, steps: tuple[str, ...], reason: str, column: str = "") -> None:
        self.steps, self.reason, self.column = steps, reason, column


def cells_of(rule: CrossedRule, words: Words | None = None) -> Iterator[Cell | WrongCell]:
    """Yield the cells of a table with their bounds, and those that are wrong.

    words : by column, the words that exist
    """
    yield from _below(rule.cells, (), rule.by, words or {})


def _below(value: Any, steps: tuple[str, ...], by: tuple[str, ...], words: Words) -> Iterator[Cell | WrongCell]:
    if len(steps) == len(by):
        try:
            yield steps, _RANGE.validate_python(value)
        except ValidationError:
            yield WrongCell(steps, "range")
        return
    if not isinstance(value, Mapping):
        yield WrongCell(steps, "shallow", by[len(steps)])
        return
    column = by[len(steps)]
    for key, entry in value.items():
        known = number_range(str(key)) is not None if column in NUMBER_COLUMNS else key in words.get(column, (key,))
        if known:
            yield from _below(entry, (*steps, str(key)), by, words)
        else:
            yield WrongCell((*steps, str(key)), "word", column)


def compile_crossed(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """crossed: a table of two or more properties, with bounds for each cell that is written.

    ``- crossed: {by: [domain, cognitive], cells: {A: {remember: 0-1, apply: 1+}, B: {understand: 1}}}``: of the items
    below domain A at most one asks to remember something, at least one to apply it. A cell holds ``2-4`` (from 2 to 4),
    ``3`` (exactly), ``2+`` (at least 2), ``10%-20%`` or ``{min: 2, max: 4}``; a cell that is not written is free.

    ``- crossed: {of: marks, by: [domain, grade], cells: {A: {1-2: 0-50%, 4-5: 1+}}}``: of marks instead of items; the
    keys of a number (grade, seconds, facility …) are numbers or ranges. A percentage is of the marks (or items) of
    the paper, or of its section where ``section:`` names one. Every cell is a row of its own.
    """
    columns = selected_candidates(rule, scene)
    items = scene.candidates.item[columns]
    whole = _whole(rule.value, scene)
    for steps, bounds in _good_cells(rule.value):
        inside = columns[_mask(rule.value.by, steps, scene.pool)[items]]
        values = scene.candidates.marks[inside] if rule.value.of == "marks" else np.ones(inside.size)
        source = Source(f"crossed: {part_name(steps, bounds)}", rule.span, rule.index)
        draft.add(inside, values, *limits(bounds, whole), source)


def count_crossed(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    whole, places, found = _whole(rule.value, scene), selected_places(rule, scene, chosen), []
    for steps, bounds in _good_cells(rule.value):
        tests = [_test(column, key, scene.pool) for column, key in zip(rule.value.by, steps, strict=True)]
        inside = [place for place in places if all(test(int(chosen.positions[place])) for test in tests)]
        amount = sum(float(chosen.marks[place]) if rule.value.of == "marks" else 1.0 for place in inside)
        found.append(Finding(amount, *limits(bounds, whole), part_name(steps, bounds)))
    return tuple(found)


def part_name(steps: tuple[str, ...], bounds: Bounds) -> str:
    """Return the words of a cell.

    >>> part_name(("B-C", "remember"), Bounds(min="2", max="4"))
    'B-C × remember 2–4'
    """
    if bounds.min == bounds.max:
        amount = f"{bounds.min}"
    elif bounds.max is None:
        amount = f"{bounds.min}+"
    else:
        amount = f"{bounds.min or 0}–{bounds.max}"
    return f"{' × '.join(steps)} {amount}"


def _good_cells(rule: CrossedRule) -> Iterator[Cell]:
    return (cell for cell in cells_of(rule) if not isinstance(cell, WrongCell))


def _whole(rule: CrossedRule, scene: Scene) -> float:
    return n_marks(rule, scene.blueprint) if rule.of == "marks" else float(n_places(rule, scene.blueprint))


def _mask(by: tuple[str, ...], steps: tuple[str, ...], pool: Pool) -> Mask:
    mask = np.ones(len(pool.ids), dtype=np.bool_)
    for column, key in zip(by, steps, strict=True):
        if column in NUMBER_COLUMNS:
            low, high = number_range(key) or (np.inf, -np.inf)
            mask &= (pool.columns.numbers[column] >= low) & (pool.columns.numbers[column] <= high)
        else:
            mask &= np.array([key in words for words in pool.columns.words[column]], dtype=np.bool_)
    return mask


def _test(column: str, key: str, pool: Pool) -> Callable[[int], bool]:
    """Return the question whether an item answers to a key, asked of one position in the pool."""
    if column not in NUMBER_COLUMNS:
        return lambda position: key in pool.columns.words[column][position]
    low, high = number_range(key) or (np.inf, -np.inf)
    return lambda position: bool(low <= pool.columns.numbers[column][position] <= high)
