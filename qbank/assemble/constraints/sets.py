"""Questions that share a stimulus stand as a group: how many of a case, how many cases, what a case is worth."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.program import Draft, Source
from qbank.assemble.rules import (
    Compiled,
    Finding,
    Range,
    Within,
    limits,
    n_marks,
    n_places,
    selected_candidates,
    selected_places,
)
from qbank.assemble.scene import Scene, Selection

Indices = NDArray[np.int64]


class SetsRule(Within):
    """``sets:``"""

    of: Literal["stimulus", "competency"] = "stimulus"
    items: Range | None = None
    number: Range | None = None
    marks: Range | None = None


def compile_sets(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """sets: questions about one stimulus (材料) stand on a paper as a group, or not at all.

    ``- sets: {of: stimulus, items: 2-3, number: 1}``: every paper has questions about exactly one stimulus, two or
    three of them. ``items`` are the questions of one stimulus that stand together, ``number`` is how many stimuli a
    paper has, ``marks`` what those of one stimulus are worth together: ``- sets: {items: 1+, marks: 2-4}``.

    ``- sets: {where: 'stimulus == "S-1"', items: 2-3, number: 1}``: of a chosen case. With ``section:`` only the
    questions of that section are meant. A percentage is of the items or marks of the paper, or of its section.
    Questions without a stimulus are free. ``of: competency`` groups by competency instead.
    """
    columns = selected_candidates(rule, scene)
    low, high, least, most = _bounds(rule.value, scene)
    indicators = []
    for name, members in _groups(rule.value.of, columns, scene).items():
        source = Source(f"{rule.label} ({name})", rule.span, rule.index)
        if members.size < low:
            draft.forbid(members, source)
            continue
        indicator = draft.add_set(members, int(np.ceil(low)), int(min(high, members.size)), source)
        indicators.append(indicator)
        both, marks = np.append(members, indicator), scene.candidates.marks[members]
        if least > 0:
            draft.add(both, np.append(marks, -least), 0.0, np.inf, source)
        if np.isfinite(most):
            draft.add(both, np.append(marks, -most), -np.inf, 0.0, source)
    if rule.value.number is not None:
        fewest, many = limits(rule.value.number, 1.0)
        draft.add(np.array(indicators, dtype=np.int64), np.ones(len(indicators)), fewest, many, rule.source)


def count_sets(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    groups: dict[str, list[int]] = {}
    for place in selected_places(rule, scene, chosen):
        item = scene.pool.items[chosen.positions[place]]
        name = item.stimulus if rule.value.of == "stimulus" else item.competency
        if name:
            groups.setdefault(name, []).append(place)
    low, high, least, most = _bounds(rule.value, scene)
    found = []
    for name, places in sorted(groups.items()):
        found.append(Finding(float(len(places)), low, high, f"{name} items"))
        if rule.value.marks is not None:
            found.append(Finding(sum(float(chosen.marks[place]) for place in places), least, most, f"{name} marks"))
    if rule.value.number is not None:
        found.append(Finding(float(len(groups)), *limits(rule.value.number, 1.0), rule.value.of))
    return tuple(found)


def _bounds(rule: SetsRule, scene: Scene) -> tuple[float, float, float, float]:
    """Return least and most items of a set, then least and most marks."""
    low, high = limits(rule.items, n_places(rule, scene.blueprint)) if rule.items else (1.0, np.inf)
    least, most = limits(rule.marks, n_marks(rule, scene.blueprint)) if rule.marks else (-np.inf, np.inf)
    return max(low, 1.0), high, least, most


def _groups(of: str, columns: Indices, scene: Scene) -> dict[
    str, Indices
]:
    """Return the candidates of each stimulus, by its name in order; those without one are left out."""
    items = scene.candidates.item[columns]
    names = np.array([getattr(scene.pool.items[item], of) for item in items], dtype=object)
    return {name: columns[names == name] for name in sorted(set(names.tolist()) - {""})}
