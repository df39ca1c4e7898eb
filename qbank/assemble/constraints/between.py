"""What holds between papers, and between these papers and those of the past."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated

import numpy as np
from pydantic import Field

from qbank.assemble.program import Draft, Overlap
from qbank.assemble.rules import Compiled, Finding
from qbank.assemble.scene import Scene, Selection
from qbank.core.authored import Authored


class OverlapRule(Authored):
    """``overlap:``"""

    max: Annotated[int, Field(ge=0)]


class ExposureRule(Authored):
    """``exposure:``"""

    max_uses: Annotated[int, Field(ge=0)]
    within_months: Annotated[int, Field(ge=1)] = 24


def compile_overlap(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """overlap: how many items any two of the papers may share.

    ``- overlap: {max: 0}``: no item stands on two papers.
    """
    if rule.value.max == 0:
        draft.limit_uses(np.arange(draft.n_items), 1, rule.source)
    else:
        draft.overlaps.append(Overlap(0, rule.value.max, rule.source))


def compare_overlap(
    rule: Compiled, scene: Scene, papers: Sequence[Selection]
) -> tuple[tuple[tuple[int, int], Finding], ...]:
    items = [frozenset(paper.positions.tolist()) for paper in papers]
    return tuple(
        ((first, second), Finding(float(len(items[first] & items[second])), -np.inf, float(rule.value.max)))
        for first, second in combinations(range(len(papers)), 2)
    )


def compile_exposure(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """exposure: an item that was used often enough lately is left out.

    ``- exposure: {max_uses: 2, within_months: 24}``: sittings within the last 24 months count, by the item's id
    through all its revisions.
    """
    worn = np.flatnonzero(scene.pool.columns.numbers["uses"] >= rule.value.max_uses)
    draft.forbid(draft.columns_of(worn), rule.source)


def count_exposure(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    uses = scene.pool.columns.numbers["uses"]
    found = max((float(uses[position]) + 1 for position in chosen.positions), default=0.0)
    return (Finding(found, -np.inf, float(rule.value.max_uses)),)
