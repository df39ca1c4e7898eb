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
from qbank.core.authored import WrittenText

NUMBERS = Literal["seconds", "marks", "grade", "facility", "uses", "characters", "calibrated"]


class CountRule(Selecting):
    """``count:`` and ``marks:``"""


class ShareRule(Selecting):
    """``share:``"""

    of: Literal["items", "marks"] = "marks"
    among: WrittenText = "True"


class NumberRule(Selecting):
    """``sum:`` and ``mean:``"""

    of: NUMBERS


def compile_count(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """count: how many items of a paper satisfy an expression.

    ``- count: {where: 'importance == "X"', min: 80%}``: a percentage is of the paper's scored items, or of those of the
    section that ``section:`` names. ``- count: {section: 判断题, where: 'domain == "A"', max: 1}``: of one section.
    Only items whose marks count are meant; with ``scored: false``, only those that do not (see pretest).
    """
    columns = selected_candidates(rule, scene)
    low, high = limits(rule.value, n_places(rule.value, scene.blueprint))
    draft.add(columns, np.ones(columns.size), low, high, rule.source)


def count_count(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    low, high = limits(rule.value, n_places(rule.value, scene.blueprint))
    return (Finding(float(len(selected_places(rule, scene, chosen))), low, high),)


def compile_marks(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """marks: how many marks of a paper stand on items that satisfy an expression.

    ``- marks: {where: 'cognitive == "apply"', min: 15%, max: 30%}``: a percentage is of the paper's marks, or of those
    of the section that ``section:`` names.
    """
    columns = selected_candidates(rule, scene)
    low, high = limits(rule.value, n_marks(rule.value, scene.blueprint))
    draft.add(columns, scene.candidates.marks[columns], low, high, rule.source)


def count_marks(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    low, high = limits(rule.value, n_marks(rule.value, scene.blueprint))
    return (Finding(sum(float(chosen.marks[place]) for place in selected_places(rule, scene, chosen)), low, high),)


def compile_share(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """share: what part of some items of a paper satisfies an expression, counted in marks or in items.

    ``- share: {among: 'domain == "B"', where: 'grade >= 3', min: 40%}``: of the marks below domain B at least 40 %
    stand on items of grade 3 or more, however many marks there are. A percentage is of what ``among`` selects on this
    very paper; without ``among`` that is the whole paper, and ``count`` and ``marks`` with a percentage say the same.

    ``- share: {of: items, where: 'key == "true"', among: 'kind == "true_false"', min: 40%, max: 60%}``: of items
    instead of marks. A paper that holds nothing of ``among`` cannot break the rule.
    """
    inside = np.isin(selected_candidates(rule, scene, "among"), selected_candidates(rule, scene))
    columns = selected_candidates(rule, scene, "among")
    weight = scene.candidates.marks[columns] if rule.value.of == "marks" else np.ones(columns.size)
    low, high = limits(rule.value, 1.0)
    if np.isfinite(low):
        draft.add(columns, weight * (inside - low), 0.0, np.inf, rule.source)
    if np.isfinite(high):
        draft.add(columns, weight * (inside - high), -np.inf, 0.0, rule.source)


def count_share(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    inside = set(selected_places(rule, scene, chosen))
    places = selected_places(rule, scene, chosen, "among")
    weight = {place: float(chosen.marks[place]) if rule.value.of == "marks" else 1.0 for place in places}
    whole = sum(weight.values())
    if not whole:
        return (Finding(0.0, -np.inf, np.inf),)
    low, high = limits(rule.value, 1.0)
    return (Finding(sum(weight[place] for place in places if place in inside) / whole, low, high),)


def compile_sum(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """sum: the sum of a number over the items of a paper.

    ``- sum: {of: seconds, max: 5400}``: the expected answering time stays within the examination.
    ``- sum: {of: characters, max: 9000}``: so does what there is to read (characters of stems, options and parts as
    printed, without blanks; a stimulus is not counted). Other numbers: ``grade``, ``uses`` (how often an item was used
    of late), ``marks`` (an item's own), ``facility``, ``calibrated`` (1 or 0: ``min: 40`` asks for 40 calibrated items).
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
    ``- mean: {of: grade, section: 判断题, max: 3}``: of one section. A paper without such items cannot break the rule.
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
