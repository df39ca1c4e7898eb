"""Everything that one run of assembly, audit or explanation starts from: rules read, items eligible, the past known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.candidates import Candidates
from qbank.assemble.compile import candidates_of, read_expression, read_rules
from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.expected import ability_at_cut
from qbank.assemble.goals import comparison_points, read_goals
from qbank.assemble.item_columns import vocabulary
from qbank.assemble.plausible import implausible
from qbank.assemble.pool import Pool, other_marks, pool_for
from qbank.assemble.rules import Compiled
from qbank.assemble.scene import PastPaper, Scene
from qbank.assemble.uses import past_uses
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.history import NO_HISTORY, History
from qbank.problem import Problem, error, has_errors, warning

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Setting:
    """A blueprint with its rules read and what it may draw from; see `Scene` for the meaning of the last four."""

    blueprint: Blueprint
    bank: Bank
    rules: tuple[Compiled, ...]
    pool: Pool
    candidates: Candidates
    history: History = NO_HISTORY
    as_of: str = ""
    same_day: bool = True
    past: tuple[PastPaper, ...] = ()
    alike: tuple[tuple[str, str, float], ...] = ()


def make_setting(
    blueprint: Blueprint, bank: Bank, history: History = NO_HISTORY, *, as_of: str = "", same_day: bool = True,
    past: tuple[PastPaper, ...] = (), alike: tuple[tuple[str, str, float], ...] = (),
) -> tuple[Setting | None, list[Problem]]:  # fmt: skip
    """Return the setting, or nothing and all that is wrong with the blueprint before any solver starts."""
    words = vocabulary(bank)
    rules, problems = read_rules(blueprint, words)
    problems += read_goals(blueprint)[1]
    if blueprint.level not in bank.standard.levels:
        levels = ", ".join(map(str, bank.standard.levels))
        problems.append(error("P108", blueprint.span, level=blueprint.level, levels=levels))
    if blueprint.level not in bank.standard.levels or any(
        read_expression(section.where, section.span, words)[1] for section in blueprint.sections
    ):
        return None, problems
    trials = any(CONSTRAINTS[rule.word].roles is not None for rule in rules)
    uses = past_uses(blueprint, history, as_of, same_day=same_day)
    pool = pool_for(blueprint, bank, history, uses, trials=trials)
    if not pool.ids:
        status = "released" if blueprint.purpose == "practice" else "live"
        empty = error("A204", blueprint.span, level=blueprint.level, status=status)
        return None, [*problems, empty, *of_other_marks(blueprint, bank)]
    candidates = candidates_of(blueprint, rules, pool)
    problems += implausible(blueprint, bank, history, rules, pool, candidates)
    if has_errors(problems):
        return None, problems
    return Setting(blueprint, bank, rules, pool, candidates, history, as_of, same_day, past, alike), problems


def scene_of(setting: Setting, marks: Array | None = None, *, cut: float | None = None) -> Scene:
    """Return the scene at the ability where the papers' expected score is the cut.

    marks : (n_items,) what each item carries, on average over the papers once these are known; before that, what it
    would carry ; cut : that ability, where it is known
    """
    if marks is None or not marks.any():
        marks = np.zeros(len(setting.pool.ids))
        np.maximum.at(marks, setting.candidates.item, setting.candidates.marks)
    if not marks.any():  # nothing fits any section: the program will say so
        marks = np.ones(len(setting.pool.ids))
    blueprint, pool = setting.blueprint, setting.pool
    if cut is None:
        cut = ability_at_cut(pool, marks / marks.sum(), blueprint.cut / blueprint.marks)
    theta = comparison_points(read_goals(blueprint)[0], cut, pool.ability_sd)
    return Scene(
        setting.blueprint, setting.pool, setting.candidates, setting.bank.standard, cut, theta, setting.history,
        setting.as_of, setting.same_day, setting.past, setting.alike,
    )  # fmt: skip


def of_other_marks(blueprint: Blueprint, bank: Bank) -> list[Problem]:
    """Return how many items of each kind stay out because their own marks are not those of their section."""
    sections = {section.kind: section for section in blueprint.sections}
    return [
        warning("A209", sections[kind].span, kind=kind, n=n, marks=f"{sections[kind].marks_each:g}")
        for kind, n in other_marks(blueprint, bank).items()
    ]
