"""The balance of keys that no layout can mend."""

from __future__ import annotations

from typing import Literal

import numpy as np

from qbank.assemble.item_columns import fixed_key
from qbank.assemble.program import Draft, Source
from qbank.assemble.rules import Bounds, Compiled, Finding, limits
from qbank.assemble.scene import Scene, Selection
from qbank.core.authored import WrittenText


class KeysRule(Bounds):
    """``keys:``"""

    kind: Literal["true_false", "single"] = "true_false"
    section: WrittenText = ""


def compile_keys(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """keys: how many statements of a paper are true, or how many keys stand on one letter that may not move.

    ``- keys: {min: 40%, max: 60%}``: from 40 to 60 % of the true/false questions are true statements, so that
    nobody does well by marking all of them true.

    ``- keys: {kind: single, max: 30%}``: of the single-choice questions whose options keep their order (``pin``,
    ``shuffle: false``) at most 30 % of the section carry the key at A, at B, and so on. Only these need a rule: the
    letters of all other questions are spread evenly when the paper is laid out. A percentage is of the questions of
    that kind on the paper, or in the section that ``section:`` names.
    """
    low, high = limits(rule.value, _whole(rule.value, scene))
    keys = np.array([fixed_key(item) for item in scene.pool.items], dtype=object)[scene.candidates.item]
    meant = np.isin(scene.candidates.section, _sections(rule.value, scene)) & scene.candidates.scored
    for letter in _letters(rule.value, set(keys[meant].tolist())):
        columns = np.flatnonzero(meant & (keys == letter))
        source = Source(f"{rule.label} ({letter})", rule.span, rule.index)
        draft.add(columns, np.ones(columns.size), low if rule.value.kind == "true_false" else -np.inf, high, source)


def count_keys(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    low, high = limits(rule.value, _whole(rule.value, scene))
    sections = _sections(rule.value, scene)
    keys = [
        fixed_key(scene.pool.items[position])
        for position, section, scored in zip(chosen.positions, chosen.section, chosen.scored, strict=True)
        if scored and section in sections
    ]
    least = low if rule.value.kind == "true_false" else -np.inf
    return tuple(
        Finding(float(keys.count(letter)), least, high, letter) for letter in _letters(rule.value, set(keys))
    )


def _letters(rule: KeysRule, present: set[str]) -> list[str]:
    return ["true"] if rule.kind == "true_false" else sorted(present - {""})


def _sections(rule: KeysRule, scene: Scene) -> list[int]:
    return [
        index
        for index, section in enumerate(scene.blueprint.sections)
        if section.kind == rule.kind and rule.section in ("", section.title)
    ]


def _whole(rule: KeysRule, scene: Scene) -> float:
    return float(sum(scene.blueprint.sections[index].items for index in _sections(rule, scene)))
