"""Questions that stand on a paper to be tried: nobody's marks depend on them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from qbank.assemble.arrange import PretestPlaces
from qbank.assemble.candidates import Role, section_items
from qbank.assemble.pool import Pool
from qbank.assemble.program import Draft
from qbank.assemble.rules import Compiled, Finding, Mask, selected_items
from qbank.assemble.scene import Scene, Selection
from qbank.core.authored import Authored, FilledText, WrittenText
from qbank.core.blueprint import Blueprint

Number = Annotated[int, Field(ge=1)]


def _numbers(value: Any) -> Any:
    return tuple(int(entry) for entry in value) if isinstance(value, list) and all(isinstance(entry, int) for entry in value) else value


class PretestRule(Authored):
    """``pretest:``"""

    section: FilledText
    items: Number
    where: WrittenText = "True"
    places: Annotated[
        Literal["spread", "end"] | tuple[Number, ...], BeforeValidator(_numbers),
        WithJsonSchema({"anyOf": [{"enum": ["spread", "end"]}, {"type": "array", "items": {"type": "integer"}}]}),
    ] = "spread"  # fmt: skip


def roles_pretest(rule: Compiled, blueprint: Blueprint, pool: Pool) -> tuple[tuple[Role, Mask], ...]:
    """Return the unscored places of a section, for items that nobody has answers to yet."""
    return tuple(
        (
            Role(index, False, section.marks_each),
            section_items(section, pool) & (pool.trial | ~pool.calibrated) & selected_items(rule, pool),
        )
        for index, section in enumerate(blueprint.sections)
        if section.title == rule.value.section
    )


def compile_pretest(rule: Compiled, scene: Scene, draft: Draft) -> None:
    """pretest: questions that do not count, so that answers to them can be collected.

    ``- pretest: {section: 判断题, items: 1, where: 'grade == 1'}``: every paper has one more true/false question, which
    candidates answer like any other and which carries no marks. Only so can papers be built of calibrated items one
    day: the parameters of an item are worth nothing before people have answered it, and a question of unknown
    difficulty should decide nobody's certificate.

    Eligible are approved items that are not in use yet, and live ones that have no calibration. ``places`` says where
    they stand in the section: ``spread`` (evenly, the default, so that nobody can tell), ``end``, or numbers
    (``places: [5, 12]``). The number of questions printed grows by ``items``; the paper's marks stay the same. All other
    rules speak of scored questions unless they say ``scored: false``; ``once_per``, ``enemies`` and ``overlap`` are
    about every question that is printed.
    """
    columns = _columns(rule, scene)
    asked = float(rule.value.items)
    draft.add(columns, np.ones(columns.size), asked, asked, rule.source)


def count_pretest(rule: Compiled, scene: Scene, chosen: Selection) -> tuple[Finding, ...]:
    titles = [section.title for section in scene.blueprint.sections]
    meant = selected_items(rule, scene.pool)
    found = sum(
        bool(meant[position]) and not scored and titles[section] == rule.value.section
        for position, section, scored in zip(chosen.positions, chosen.section, chosen.scored, strict=True)
    )
    others = [other for other in scene.blueprint.rules if other.word in ("pretest", "anchor")]
    most = float(rule.value.items) if len(others) == 1 else np.inf
    return (Finding(float(found), float(rule.value.items), most),)


def pretest_places(rule: Compiled) -> PretestPlaces:
    """Return where in their section the questions of a rule stand."""
    places: PretestPlaces = rule.value.places
    return places


def _columns(rule: Compiled, scene: Scene) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    own = [index for index, role in enumerate(scene.candidates.roles) if role.rule == rule.index]
    return np.flatnonzero(np.isin(scene.candidates.role, own))
