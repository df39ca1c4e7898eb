"""Blueprints drawn at random over tiny banks: whatever comes of them is true, recounted and rebuilt from the papers alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

from qbank.assemble import Assembly, assemble, audit_forms, make_setting
from qbank.assemble.compile import compile_program
from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.explain.ladder import Explanation, explain
from qbank.assemble.explain.problems import problems_of
from qbank.assemble.goals import read_goals, stages_of
from qbank.assemble.pool import enemy_items
from qbank.assemble.program import objective
from qbank.assemble.scene import PastPaper, Selection
from qbank.assemble.setting import Setting, scene_of
from qbank.assemble.weights import domain_weights
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint, Section
from qbank.core.history import NO_HISTORY, History, Use
from qbank.core.item import Item
from qbank.files.forms import form_text, parse_form
from qbank.problem import Problem, has_errors
from qbank.workflow.versions import with_version_checks, with_versions
from tests.assemble.samples import (
    HERE,
    made_up_history,
    tiny_bank,
    tiny_blueprint,
    tiny_item,
    written_objective,
)

SITTINGS = (("T-01", "S1", "2026-06-01"), ("T-02", "S1", "2026-06-01"), ("T-02", "S2", "2026-07-01"), ("T-05", "S2", "2026-07-01"))
USES = tuple(Use(id, "f", sitting, date, 300, 0.5, 0.2, ()) for id, sitting, date in SITTINGS)
PAST = (
    PastPaper("OLD-A", "2024-05-01", frozenset({"T-01", "T-02", "T-04"})),
    PastPaper("OLD-B", "2025-05-01", frozenset({"T-03", "T-05"})),
)
ALIKE = (("T-01", "T-04", 0.9), ("T-02", "T-05", 0.8), ("T-03", "T-06", 0.7))
MANY = 3000
"""Papers up to which all are looked at."""

WHERE = (
    "grade >= 3", 'domain == "A"', 'tags == "x1"', 'cognitive in ["apply", "analyse"]', 'kind == "single"', "seconds > 50",
    'stimulus == "S-1"', "True", "grade < 1", 'id == "T-03"',
)  # fmt: skip
# Of each word its forms; W stands for an expression, N and M for an id, S for a section.
RULES = (
    "count: {where: 'W', min: 1}", "count: {where: 'W', max: 2, section: S}", "count: {where: 'W', max: 40%}",
    "count: {where: 'W', min: 1, scored: false}", "marks: {where: 'W', min: 0.5, max: 3}", "marks: {where: 'W', max: 50%, section: S}",
    "share: {of: items, where: 'W', among: 'W', max: 60%}", "share: {where: 'W', among: 'W', min: 30%}",
    "sum: {of: seconds, where: 'W', max: 150}", "sum: {of: grade, where: 'W', min: 5}", "sum: {of: uses, max: 1}",
    "mean: {of: grade, where: 'W', max: 4}", "mean: {of: facility, min: 0.5, section: S}",
    "crossed: {by: [domain, cognitive], cells: {A: {apply: 0-1, analyse: 1+}, B: {remember: 0-2}}}",
    "keys: {min: 0.5, max: 1.7}", "keys: {kind: single, max: 50%}", "once_per: competency", "once_per: stimulus", "once_per: tags",
    "once_per: {of: domain, where: 'W', max: 2}", "all_or_none: [N, M]", "at_most_one: [N, M, T-00, T-07]",
    "at_most: {items: [N, M, T-08], max: 1}", "if_then: {if: 'W', then: 'W', min: 1}", "if_then: {if: 'W', then: 'W', max: 1}",
    "include: [N]", "exclude: [N, M]", "place: {item: N, at: 1}", "place: {item: N, at: 1, section: S}", "sets: {items: 2-3}",
    "sets: {of: competency, items: 1-2, number: 1+}", "sets: {items: 1+, marks: 1-3, section: S}", "anchor: {items: 1, tolerance: 1}",
    "anchor: {items: 1, tolerance: 3, place: external}", "pretest: {section: S, items: 1}",
    "pretest: {section: S, items: 2, where: 'W', places: end}", "apart: {similarity: 0.5}", "overlap: {max: 0}", "overlap: {max: 1}",
    "overlap: {exact: 1}", "overlap: {max: 0, with: [OLD-A]}", "overlap: {max: 1, since: 2025-01-01}", "exposure: {max_uses: 2}",
    "exposure: {max_persons: 400}", "expected_score: {at: [-1, 0.5], min: 20%, max: 80%}", "expected_score: {at: population, min: 40%}",
    "sd: {min: 0.4, max: 0.9}", "information: {at: [0], min: 0.5}", "csem: {at: {from: -0.5, to: 0.5}, max: 1.3}",
    "characteristic: {at: [0], target: 50%, within: 1}", "characteristic: {at: [-1, 1], within: 10%}",
)  # fmt: skip
GOALS = (
    "{parallel: [expected_score, information], at: cut}", "{parallel: [information], at: [-1, 0, 1]}",
    "{target: {information: 0.8, at: [0]}}", "{target: {expected_score: {-1: 1, 1: 3}}}",
    "{relative: {information: [1, 2, 1], at: [-1, 0, 1]}}", "{maximise: information}",
    "{maximise: information, at: {from: -1, to: 1}, robust: true}", "{minimise: uses}", "{minimise: seconds}",
    "{goals: [{maximise: information}, {minimise: uses, priority: 2}]}",
    "{goals: [{parallel: [expected_score]}, {minimise: seconds, weight: 2}]}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A plan, the bank that it draws from, and what is known of its items."""

    blueprint: Blueprint
    items: tuple[Item, ...]
    history: History

    @property
    def bank(self) -> Bank:
        """Return the items as a bank."""
        return tiny_bank(self.items)

    def assembled(self, **changed: Any) -> tuple[Assembly | None, list[Problem]]:
        """Return what assembly makes of the case, with another blueprint or bank."""
        plan = {"blueprint": self.blueprint, "bank": self.bank} | changed
        return assemble(plan["blueprint"], plan["bank"], self.history, as_of="2026-11-23", past=PAST, alike=ALIKE)

    def setting(self) -> Setting | None:
        """Return the setting of the case, None where its blueprint is refused."""
        return make_setting(self.blueprint, self.bank, self.history, as_of="2026-11-23", past=PAST, alike=ALIKE)[0]


def drawn(seed: int) -> Case:
    """Return a case: half marks, two sections of one kind, stimuli, enemies, items not in use; up to five rules."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(12, 17))
    items = tuple(_item(index, n, rng) for index in range(n))
    half = 0.5 if rng.random() < 0.3 else 1.0
    sections = [
        Section("判断题", "true_false", int(rng.integers(1, 4)), half, "", HERE),
        Section("单项选择题", "single", 1, 1 + half, "", HERE),
    ]
    if rng.random() < 0.3:
        sections.append(Section("判断题二", "true_false", 1, float(rng.choice([half, 2.0])), "", HERE, "grade >= 2"))
    marks = sum(section.items * section.marks_each for section in sections)
    rules = [_rule(str(form), n, sections, rng) for form in rng.choice(RULES, int(rng.integers(0, 6)), replace=False)]
    goal = str(rng.choice(GOALS)) if rng.random() < 0.7 else ""
    blueprint = tiny_blueprint(
        *rules, n_forms=int(rng.choice([1, 1, 2, 2, 3])), sections=tuple(sections), marks=marks, cut=0.6 * marks,
        objective=written_objective(goal) if goal else None, versions=int(rng.choice([1, 1, 2])),
        weights_tolerance=float(rng.choice([1, 2, 3])) if rng.random() < 0.25 else None,
    )  # fmt: skip
    history = made_up_history(tiny_bank(items), seed) if rng.random() < 0.5 else NO_HISTORY
    return Case(blueprint, items, replace(history, uses=USES))


def _item(index: int, n: int, rng: np.random.Generator) -> Item:
    enemies = (f"T-{int(rng.integers(0, n)):02d}",) if rng.random() < 0.25 else ()
    return tiny_item(
        index, kind="single" if rng.random() < 0.4 else "true_false", enemies=tuple(e for e in enemies if e != f"T-{index:02d}"),
        stimulus=str(rng.choice(["", "", "S-1", "S-2"])), competency=f"K{int(rng.integers(0, 8))}", grade=int(rng.integers(1, 6)),
        status=str(rng.choice(["live", "live", "live", "approved", "draft"])),
        tags=tuple(tag for tag in ("even", "x1", "x2") if rng.random() < 0.3),
    )  # fmt: skip


def _rule(form: str, n: int, sections: list[Section], rng: np.random.Generator) -> str:
    first, second = (f"T-{int(index):02d}" for index in rng.choice(n, 2, replace=False))
    words: dict[str, Callable[[], str]] = {
        "'W'": lambda: f"'{rng.choice(WHERE)}'", "[N": lambda: f"[{first}", "N,": lambda: f"{first},", "M": lambda: second,
        "section: S": lambda: f"section: {rng.choice([section.title for section in sections])}",
    }  # fmt: skip
    for word, make in words.items():
        while word in form:
            form = form.replace(word, make(), 1)
    return f"- {form}"


def every_paper(setting: Setting) -> Iterator[Selection] | None:
    """Return every choice of items for the places of one paper, None where these are too many to look at."""
    candidates, groups = setting.candidates, []
    for index, role in enumerate(candidates.roles):
        rule = next((rule for rule in setting.rules if rule.index == role.rule), None)
        size = setting.blueprint.sections[role.section].items if rule is None else rule.value.items
        groups.append(list(combinations(np.flatnonzero(candidates.role == index), size)))
    if np.prod([len(group) for group in groups]) > MANY:
        return None
    columns = (np.array([column for part in chosen for column in part], dtype=np.int64) for chosen in product(*groups))
    return (Selection(candidates.item[c], candidates.section[c], candidates.scored[c], candidates.marks[c]) for c in columns)


def holds(setting: Setting, chosen: Selection) -> bool:
    """Return whether a paper of one is right by the counts of all rules, the weights, and who may not meet."""
    blueprint, present = setting.blueprint, set(chosen.positions.tolist())
    if len(present) < chosen.positions.size or any({*pair} <= present for pair in enemy_items(setting.pool)):
        return False
    if blueprint.weights_tolerance is not None:
        for weight in domain_weights(blueprint, setting.bank.standard):
            on = sum(m for p, m in zip(chosen.positions, chosen.marks, strict=True) if setting.pool.domain[p] in weight.leaves)
            if abs(on - weight.marks) > blueprint.weights_tolerance + 1e-9:
                return False
    scene = scene_of(setting)
    found = (finding for rule in setting.rules for finding in CONSTRAINTS[rule.word].count(rule, scene, chosen))
    return all(finding.low - 1e-9 <= finding.found <= finding.high + 1e-9 for finding in found)


def recomputed(made: Assembly) -> float:
    """Return the objective of the first priority from nothing but the papers and the ability in their certificate."""
    setting, candidates = made.setting, made.setting.candidates
    scene = scene_of(setting, cut=made.forms[0].certificate.cut_ability)
    stage = stages_of(scene, read_goals(setting.blueprint)[0])[0]
    program = replace(compile_program(setting.rules, scene))
    assert stage.cost is None or np.allclose(program.cost[: program.n_candidates], stage.cost)
    chosen = np.zeros((len(made.forms), program.n_columns), dtype=np.bool_)
    for form, paper in enumerate(made.forms):
        for index, section in enumerate(paper.sections):
            for entry in section.items:
                own = (candidates.section == index) & (candidates.scored == entry.scored)
                place = np.flatnonzero(own & (candidates.item == setting.pool.ids.index(entry.id)))
                chosen[form, place[0]] = True
    return objective(program, chosen)


def check_papers(case: Case, made: Assembly) -> None:
    forms = with_versions(made.forms, made.setting)
    audit = with_version_checks(audit_forms(made.forms, made.setting), forms, made.setting)
    assert [check for check in audit.checks if not check.holds] == []
    certificate = made.forms[0].certificate
    assert certificate.bound <= certificate.objective + 1e-6
    assert recomputed(made) == pytest.approx(certificate.objective, abs=1e-4)
    assert [parse_form(form_text(form), "form.yaml")[0] for form in forms] == list(forms)


def check_explanation(case: Case, found: Explanation, problems: list[Problem]) -> None:
    assert has_errors(problems)
    assert problems_of(found)
    assert found.reason in ("shortage", "contradiction", "packing", "none")
    if found.reason == "none":  # the papers exist but for what stands in the blueprint by mistake
        assert any(problem.code.startswith("P") for problem in problems)
    if found.reason == "shortage" and found.proved:
        again, wrong = case.assembled(bank=tiny_bank([*case.items, *found.items]))
        assert again is not None, wrong


SEEDS = (*range(16), 36, 49)
"""The last two: an item of the anchor that fits two sections of one kind; a commission that an anchor must fit too."""


@pytest.mark.parametrize("seed", SEEDS)
def test_what_comes_of_a_blueprint_drawn_at_random_is_true(seed: int) -> None:
    case = drawn(seed)
    made, problems = case.assembled()
    if made is not None:
        check_papers(case, made)
    setting = case.setting()
    if setting is None:
        assert made is None and has_errors(problems)
        return
    if made is None:
        check_explanation(case, explain(setting), problems)
    papers = None if any(rule.word == "anchor" for rule in setting.rules) else every_paper(setting)
    refused = any(problem.code[0] == "P" and problem.severity == "error" for problem in problems)
    if papers is not None and not refused:
        possible = any(holds(setting, paper) for paper in papers)
        assert possible or made is None
        if case.blueprint.n_forms == 1:
            assert possible == (made is not None)


@pytest.mark.parametrize("seed", SEEDS[:8])
def test_papers_of_a_random_blueprint_do_not_depend_on_the_order_of_items(seed: int) -> None:
    case = drawn(seed)
    made, _ = case.assembled()
    other, _ = case.assembled(bank=tiny_bank(case.items[::-1]))
    assert (made is None) == (other is None)
    if made is not None and other is not None:
        assert [form_text(form) for form in made.forms] == [form_text(form) for form in other.forms]


@pytest.mark.parametrize("seed", SEEDS[:8])
def test_a_random_blueprint_without_one_of_its_rules_has_papers_still(seed: int) -> None:
    case = drawn(seed)
    made, _ = case.assembled()
    rules = case.blueprint.rules
    for index in range(len(rules) if made is not None else 0):
        fewer = replace(case.blueprint, rules=rules[:index] + rules[index + 1 :])
        again, problems = case.assembled(blueprint=fewer)
        assert again is not None, (rules[index], problems)
