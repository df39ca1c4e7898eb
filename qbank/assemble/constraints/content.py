"""What a paper holds: how many items or marks, what sum or mean, over any tag expression."""

from __future__ import annotations

from typing import Literal

import numpy as np

from qbank.assemble.program import Draft
from qbank.assemble.rules import (
    Compiled,
    Finding,
    Selecting,
    limits,
    n_marks,
    n_places,
    selected_candidates,
    selected_places,
)
from qbank.assemble.scene import Scene, Selection

NUMBERS = Literal["seconds", "marks", "grade", "facility", "uses"]


class CountRule(Selecting):
    """``count:`` and ``marks:``"""


class NumberRule(Selecting):
    """``sum:`` and ``mean:``"""

    of: NUMBERS


def compile_count(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """count: how many items of a paper satisfy an expression.

    ``- count: {where: 'importance == "X"', min: 80%}``: a percentage is of the paper's items.
    """
    columns = selected_candidates(rule, scene)
    low, high = limits(rule.value, n_places(rule.value, scene.blueprint))
    draft.add(columns, np.ones(columns.size), low, high, rule.source)


def count_count(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    low, high = limits(rule.value, n_places(rule.value, scene.blueprint))
    return (Finding(float(len(selected_places(rule, scene, chosen))), low, high),)


def compile_marks(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """marks: how many marks of a paper stand on items that satisfy an expression.

    ``- marks: {where: 'cognitive == "apply"', min: 15%, max: 30%}``: a percentage is of the paper's marks.
    """
    columns = selected_candidates(rule, scene)
    low, high = limits(rule.value, n_marks(rule.value, scene.blueprint))
    draft.add(columns, scene.candidates.marks[columns], low, high, rule.source)


def count_marks(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    low, high = limits(rule.value, n_marks(rule.value, scene.blueprint))
    return (Finding(sum(float(chosen.marks[place]) for place in selected_places(rule, scene, chosen)), low, high),)


def compile_sum(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """sum: the sum of a number over the items of a paper.

    ``- sum: {of: seconds, max: 5400}``: the expected answering time stays within the examination.
    """
    columns = selected_candidates(rule, scene)
    low, high = limits(rule.value, 1.0)
    draft.add(columns, scene.pool.columns.numbers[rule.value.of][scene.candidates.item[columns]], low, high, rule.source)


def count_sum(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    values = scene.pool.columns.numbers[rule.value.of]
    low, high = limits(rule.value, 1.0)
    found = sum(float(values[chosen.positions[place]]) for place in selected_places(rule, scene, chosen))
    return (Finding(found, low, high),)


def compile_mean(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """mean: the mean of a number over the items of a paper, weighted by marks.

    ``- mean: {of: facility, min: 0.62, max: 0.68}``: 难度系数, the expected share of right answers (easiness).
    """
    columns = selected_candidates(rule, scene)
    values = scene.pool.columns.numbers[rule.value.of][scene.candidates.item[columns]]
    marks = scene.candidates.marks[columns]
    low, high = limits(rule.value, 1.0)
    if np.isfinite(low):
        draft.add(columns, marks * (values - low), 0.0, np.inf, rule.source)
    if np.isfinite(high):
        draft.add(columns, marks * (values - high), -np.inf, 0.0, rule.source)


def count_mean(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    values = scene.pool.columns.numbers[rule.value.of]
    picked = [
        (float(chosen.marks[place]), float(values[chosen.positions[place]]))
        for place in selected_places(rule, scene, chosen)
    ]
    weight = sum(m for m, _ in picked)
    low, high = limits(rule.value, 1.0)
    if not weight:  # a mean over no items cannot be broken; the rows say 0 ≥ 0
        return (Finding(0.0, -np.inf, np.inf),)
    return (Finding(sum(m * v for m, v in picked) / weight, low, high),)
