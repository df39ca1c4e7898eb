"""Items that are not written yet: one prototype for each kind of item that the rules can tell apart.

The prototypes are real records, so every rule compiles them like the items of the bank and no rule is known here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.compile import candidates_of, compile_program
from qbank.assemble.explain.unwritten import unwritten_body
from qbank.assemble.pool import pool_for
from qbank.assemble.program import Program
from qbank.assemble.rules import label_of
from qbank.assemble.scene import Scene
from qbank.assemble.setting import Setting, scene_of
from qbank.assemble.uses import past_uses
from qbank.core.bank import Bank
from qbank.core.item import COGNITIVE_LEVELS, Cognitive, Item
from qbank.core.standard import Competency
from qbank.problem import Span

GRADES = (1, 2, 3, 4, 5)
USUAL_SECONDS = 45
PREFIX = "~new-"
"""Begins the id of an item that does not exist; sorted after every id that may stand in a bank."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a rule can tell of an item that is not written yet.

    competency : one that may be asked; where rules look at single competencies, the very one ; typical : whether its
    seconds are what the bank's items of that kind take ; own : whether rules look at single competencies
    """

    kind: str
    marks: float
    domain: str
    importance: str
    competency: str
    grade: int
    cognitive: Cognitive
    seconds: int
    tags: tuple[str, ...]
    typical: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Wide:
    """A setting widened by the prototypes of unwritten items.

    program : over the items of the pool and, after these, one item for each cell ; uses : (n_items,) as in the
    program ; scene : what its rules were compiled in
    """

    setting: Setting
    scene: Scene
    program: Program
    cells: tuple[Cell, ...]

    @property
    def n_real(self) -> int:
        """Return the number of items that exist."""
        return len(self.setting.pool.ids)

    @property
    def virtual(self) -> NDArray[np.bool_]:
        """Return which columns of the program are of items that do not exist; shape (n_columns,)."""
        return self.program.item >= self.n_real


def widen(setting: Setting, cells: tuple[Cell, ...] | None = None) -> Wide:
    """Return the setting with a prototype of each cell, compiled at the abilities of the setting itself.

    cells : in place of all that the rules can tell apart
    """
    cells = cells_of(setting) if cells is None else cells
    models = models_of(setting)
    items = tuple(item_of(cell, f"{PREFIX}{number:05d}", setting, models) for number, cell in enumerate(cells))
    wider = with_items(setting, items)
    narrow = scene_of(setting)
    scene = replace(narrow, pool=wider.pool, candidates=wider.candidates)
    return Wide(setting, scene, compile_program(setting.rules, scene), cells)


def with_items(setting: Setting, items: tuple[Item, ...]) -> Setting:
    """Return the setting of a bank that holds these items too."""
    bank, blueprint, history = setting.bank, setting.blueprint, setting.history
    wider: Bank = replace(
        bank, items={**bank.items, **{item.id: item for item in items}},
        fingerprints={**bank.fingerprints, **{item.id: item.id for item in items}},
    )  # fmt: skip
    uses = past_uses(blueprint, history, setting.as_of, same_day=setting.same_day)
    trials = bool(setting.pool.trial.any())
    pool = pool_for(blueprint, wider, history, uses, trials=trials)
    return replace(setting, bank=wider, pool=pool, candidates=candidates_of(blueprint, setting.rules, pool))


def models_of(setting: Setting) -> dict[str, Item]:
    """Return an item of each kind whose body an unwritten one may borrow."""
    models: dict[str, Item] = {}
    for item in setting.bank.items.values():
        models.setdefault(item.kind, item)
    return models


def item_of(cell: Cell, id: str, setting: Setting, models: dict[str, Item]) -> Item:
    """Return an item of a cell as a record that the papers of the setting may hold."""
    status = "released" if setting.blueprint.purpose == "practice" else "live"
    facts: dict[str, Any] = {
        "id": id, "competency": cell.competency, "level": setting.blueprint.level, "marks": cell.marks,
        "status": status, "grade": cell.grade, "cognitive": cell.cognitive, "seconds": cell.seconds, "tags": cell.tags,
        "enemies": (), "steps": (), "stimulus": "", "stimulus_hash": "", "source_id": "", "template": None, "stem": id,
    }  # fmt: skip
    if cell.kind in models:
        return replace(models[cell.kind], **facts)
    return Item(kind=cell.kind, body=unwritten_body(cell.kind), rationale="", reference="", span=Span(""), **facts)


def cells_of(setting: Setting) -> tuple[Cell, ...]:
    """Return every cell that the rules of a blueprint can tell apart, in the order of the standard."""
    blueprint, standard = setting.blueprint, setting.bank.standard
    words = " ".join([*(label_of(rule) for rule in blueprint.rules), *(s.where for s in blueprint.sections)])
    own = "competency" in words
    cognitive: tuple[Cognitive, ...] = COGNITIVE_LEVELS if "cognitive" in words else ("understand",)
    tags: list[tuple[str, ...]] = [(), *((tag,) for tag in _tags_in(setting))] if "tags" in words else [()]
    points: dict[tuple[str, str, str], list[Competency]] = {}
    for point in standard.competencies.values():
        if blueprint.level in point.levels:
            points.setdefault((point.domain, point.importance, point.code if own else ""), []).append(point)
    n_items = Counter(item.competency for item in setting.bank.items.values())
    cells: list[Cell] = []
    for kind, marks in dict.fromkeys((section.kind, section.marks_each) for section in blueprint.sections):
        seconds = _seconds(setting, kind, spread="seconds" in words)
        for (domain, importance, _), found in points.items():
            code = min(found, key=lambda point: n_items[point.code]).code
            cells += [
                Cell(kind, marks, domain, importance, code, grade, thought, time, tag, typical, own)
                for grade in GRADES
                for thought in cognitive
                for time, typical in seconds
                for tag in tags
            ]
    return tuple(cells)


def _tags_in(setting: Setting) -> list[str]:
    tags = {tag for item in setting.pool.items for tag in item.tags}
    words = " ".join(label_of(rule) for rule in setting.blueprint.rules)
    return sorted(tag for tag in tags if tag in words)


def _seconds(setting: Setting, kind: str, *, spread: bool) -> list[tuple[int, bool]]:
    """Return the seconds that items of a kind take: the usual ones, and where rules ask, the least and the most."""
    found = [item.seconds for item in setting.pool.items if item.kind == kind]
    found = found or [item.seconds for item in setting.pool.items] or [USUAL_SECONDS]
    usual = round(median(found))
    if not spread:
        return [(usual, True)]
    return [(usual, True), *((time, False) for time in dict.fromkeys((min(found), max(found))) if time != usual)]
