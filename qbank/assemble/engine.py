"""The whole of assembly: setting → program → papers with a certificate, or the rules that fall short."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.anchors import choose_anchor
from qbank.assemble.arrangement import arrangement_of
from qbank.assemble.certificate import Reached, certificate_of
from qbank.assemble.compile import compile_program
from qbank.assemble.explain.ladder import Explanation, explain
from qbank.assemble.explain.problems import problems_of
from qbank.assemble.goals import Stage, next_program, read_goals, stages_of
from qbank.assemble.lacking import lacking
from qbank.assemble.layout import Heading, build_form
from qbank.assemble.program import Program, objective
from qbank.assemble.rules import anchor_size
from qbank.assemble.scene import PastPaper, Scene
from qbank.assemble.search import Outcome, search_papers
from qbank.assemble.setting import Setting, make_setting, of_other_marks, scene_of
from qbank.assemble.watch import ALONE, Watch
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.form import Form
from qbank.core.history import NO_HISTORY, History
from qbank.problem import Problem, error, has_errors, warning

PASSES = 2
"""The cut's ability depends on the papers: the first pass finds it, the second compares the papers there."""
EFFORT = 20
"""Rounds of the search for several papers."""

BASIS_CODES = {"judged": ("A207", "A203"), "planned": ("A213", "A212")}
"""What is said of papers that do not rest on calibrated items alone: of a single paper, of several."""

NO_ANCHOR = "no anchor"
"""The method of an outcome without papers because no anchor could be chosen."""
LINES = 6
"""Lines of a writing commission that are told where papers cannot be built; --explain tells all."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Assembly:
    """forms : the papers ; setting : what they were made from"""

    forms: tuple[Form, ...]
    setting: Setting


def assemble(
    blueprint: Blueprint, bank: Bank, history: History = NO_HISTORY, *, series: str = "1", as_of: str = "",
    title: str = "", subject: str = "", past: tuple[PastPaper, ...] = (),
    alike: tuple[tuple[str, str, float], ...] = (), watch: Watch = ALONE,
) -> tuple[Assembly | None, list[Problem]]:  # fmt: skip
    """Return parallel papers with their certificate, or nothing and the rules that cannot hold.

    as_of : ISO date up to which past use counts ; title, subject : as printed on the papers ; past, alike : see
    `Scene` ; watch : who follows the search and may stop it. The same blueprint, bank, history and seed give the same
    papers in any process, unless the search is stopped.
    """
    setting, problems = make_setting(blueprint, bank, history, as_of=as_of, past=past, alike=alike)
    if setting is None:
        return None, problems
    short = lacking(setting)
    if has_errors(short):
        of_bank = all(problem.code in ("P145", "P146", "P147") for problem in short)
        why = explain(setting) if of_bank else None
        reasons = problems_of(why, LINES) if why is not None and why.reason != "none" else []
        return None, [*problems, *reasons, *short, *of_other_marks(blueprint, bank)]
    problems += short
    found, program, scene = find_stages(setting, watch)
    outcome = found[-1].outcome
    if outcome.method == NO_ANCHOR:
        rule = next(rule for rule in setting.rules if rule.word == "anchor")
        problems.append(error("P148", rule.span, rule=rule.label, n=anchor_size(blueprint)))
    if not len(outcome.chosen):
        unknown = watch.stopped()
        why = Explanation(setting, "unknown") if unknown else explain(setting, outcome)
        return None, problems + problems_of(why, LINES) + of_other_marks(blueprint, bank)
    if watch.stopped():
        problems.append(warning("A211", blueprint.span))
    marks = marks_on(setting, outcome.chosen)
    certificate = certificate_of(found, scene, marks)
    if certificate.basis != "calibrated":
        code = BASIS_CODES[certificate.basis][blueprint.n_forms > 1]
        problems.append(warning(code, blueprint.span, interval=f"{certificate.interval:.1f}"))
    heading = Heading(series, as_of, title, subject, history.digest)
    candidates, n = setting.candidates, program.n_candidates
    forms = tuple(
        build_form(
            blueprint, bank, setting.pool, index, certificate, heading, positions=candidates.item[picked],
            sections=candidates.section[picked], scored=candidates.scored[picked],
            arrangement=arrangement_of(setting.rules, blueprint),
        )
        for index, picked in enumerate(np.flatnonzero(row[:n]) for row in outcome.chosen)
    )  # fmt: skip
    return Assembly(forms, setting), problems + _mixed_rules(forms, blueprint)


def find_papers(setting: Setting, watch: Watch = ALONE) -> tuple[Outcome, Program]:
    """Return the candidates chosen for each paper, and the program that they solve: that of the last priority."""
    reached, program, _ = find_stages(setting, watch)
    return reached[-1].outcome, program


def find_stages(setting: Setting, watch: Watch = ALONE) -> tuple[tuple[Reached, ...], Program, Scene]:
    """Return what was reached in each stage of the goals, priority by priority, the program of the last one, and the
    scene in which papers were compared.
    """
    goals = read_goals(setting.blueprint)[0]
    marks: Array | None = None
    anchor: tuple[int, ...] | None = None
    for turn in range(PASSES):
        scene = scene_of(setting, marks)
        stages = stages_of(scene, goals)
        if anchor is None:
            anchor = _anchor(setting, scene)
        if anchor is None:
            program = compile_program(setting.rules, scene)
            none = np.zeros((0, program.n_columns), dtype=np.bool_)
            return (Reached(stages[0], Outcome("infeasible", none, np.inf, np.inf, NO_ANCHOR)),), program, scene
        program = compile_program(setting.rules, replace(scene, anchor=anchor))
        reached, program = _search_stages(setting, program, stages if turn == PASSES - 1 else stages[:1], watch)
        if not len(reached[-1].outcome.chosen):
            break
        marks = marks_on(setting, reached[-1].outcome.chosen).mean(axis=0)
    return reached, program, scene


def _anchor(setting: Setting, scene: Scene) -> tuple[int, ...] | None:
    """Return the items of the anchor, none where the blueprint asks for none, None where none can be chosen."""
    rule = next((rule for rule in setting.rules if rule.word == "anchor"), None)
    return choose_anchor(rule, scene, compile_program(setting.rules, scene)) if rule else ()


def _search_stages(
    setting: Setting, program: Program, stages: tuple[Stage, ...], watch: Watch
) -> tuple[tuple[Reached, ...], Program]:
    """Return the stages one after the other; where a later one finds no papers, those of the one before stand."""
    reached: list[Reached] = []
    for stage in stages:
        if reached:
            program = next_program(program, reached[-1].stage, reached[-1].outcome.chosen, stage)
        blueprint = setting.blueprint
        outcome = search_papers(
            program, seed=blueprint.seed, effort=EFFORT, absolute_gap=stage.gap, max_nodes=blueprint.max_nodes,
            progress=watch.progress, should_stop=watch.should_stop,
        )  # fmt: skip
        if reached and not len(outcome.chosen):
            before = reached[-1].outcome
            outcome = replace(before, status="stopped", objective=objective(program, before.chosen), bound=-np.inf)
        reached.append(Reached(stage, outcome))
        if not len(outcome.chosen):
            break
    return tuple(reached), program


def marks_on(setting: Setting, chosen: NDArray[np.bool_]) -> Array:
    """Return the marks that each item carries on each paper; shape (n_forms, n_items)."""
    candidates = setting.candidates
    marks = np.zeros((len(chosen), len(setting.pool.ids)))
    for form, row in enumerate(chosen[:, : candidates.item.size]):
        marks[form, candidates.item[row]] = candidates.marks[row]
    return marks


def _mixed_rules(forms: tuple[Form, ...], blueprint: Blueprint) -> list[Problem]:
    """Return the sections in which not every question is credited by the same rule, so that no sentence can say it."""
    problems: dict[str, Problem] = {}
    for form in forms:
        for section, planned in zip(form.sections, blueprint.sections, strict=True):
            rules = sorted({str(entry.marked["credit"]) for entry in section.items if "credit" in entry.marked})
            if len(rules) > 1 and not section.instruction:
                problems.setdefault(section.title, warning("A210", planned.span, title=section.title, rules=", ".join(rules)))
    return list(problems.values())
