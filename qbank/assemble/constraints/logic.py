"""Which items stand together, alone, always or never."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np

from qbank.assemble.program import Draft
from qbank.assemble.rules import Compiled, Finding
from qbank.assemble.scene import Scene, Selection
from qbank.core.authored import Authored, Many, WrittenText


class OncePerRule(Authored):
    """``once_per:``"""

    value: Literal["competency", "domain"]


class ItemsRule(Authored):
    """``include:`` and ``exclude:``"""

    value: Many[WrittenText]


def compile_once_per(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """once_per: no two items of a paper share a value.

    ``- once_per: competency``: no competency (鉴定点) is asked twice on one paper.
    """
    groups: dict[str, list[int]] = {}
    for position in range(len(scene.pool.ids)):
        groups.setdefault(_key(rule, scene, position), []).append(position)
    for members in groups.values():
        if len(members) > 1:
            columns = draft.columns_of(members)
            draft.add(columns, np.ones(columns.size), -np.inf, 1.0, rule.source)


def count_once_per(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    keys = Counter(_key(rule, scene, int(position)) for position in chosen.positions)
    return (Finding(float(max(keys.values(), default=0)), -np.inf, 1.0),)


def _key(rule: Compiled, scene: Scene, position: int) -> str:
    by_competency = rule.value.value == "competency"
    return scene.pool.items[position].competency if by_competency else scene.pool.domain[position]


def compile_include(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """include: items that stand on every paper (which overlap must then allow).

    ``- include: [BOF4-BCC-01]``
    """
    for id in rule.value.value:
        columns = draft.columns_of([scene.pool.ids.index(id)] if id in scene.pool.ids else [])
        draft.add(columns, np.ones(columns.size), 1.0, 1.0, rule.source)


def count_include(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    present = {scene.pool.ids[position] for position in chosen.positions}
    return (Finding(float(sum(id in present for id in rule.value.value)), float(len(rule.value.value)), np.inf),)


def compile_exclude(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """exclude: items that stand on no paper.

    ``- exclude: [BOF4-BCC-01]``
    """
    left_out = [scene.pool.ids.index(id) for id in rule.value.value if id in scene.pool.ids]
    draft.forbid(draft.columns_of(left_out), rule.source)


def count_exclude(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    present = {scene.pool.ids[position] for position in chosen.positions}
    return (Finding(float(sum(id in present for id in rule.value.value)), -np.inf, 0.0),)
