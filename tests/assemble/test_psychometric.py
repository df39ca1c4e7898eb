"""Rules of measurement: what holds between papers, at the cut, and what is said of wrong ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from qbank.assemble.certificate import apart
from qbank.assemble.compile import compile_program, read_rules
from qbank.assemble.constraints.psychometric import reference_covariance, true_score_sd, usual_rules
from qbank.assemble.engine import assemble
from qbank.assemble.expected import probability
from qbank.assemble.program import violations
from qbank.assemble.scene import Selection
from qbank.assemble.setting import make_setting, scene_of
from qbank.assemble.verify import audit_forms
from qbank.problem import Problem
from tests.assemble.samples import mixed_items, tiny_bank, tiny_blueprint, written_objective


@pytest.mark.parametrize("rule", ["- characteristic: {at: [0], within: 0.2}", "- characteristic: {within: 4%}", ""])
def test_papers_differ_by_no_more_than_the_rule_lets_them(rule: str) -> None:
    bank = tiny_bank(mixed_items(9))
    blueprint = tiny_blueprint(*([rule] if rule else []), "- overlap: {max: 0}", n_forms=2)
    setting, problems = make_setting(blueprint, bank)
    assert setting is not None and not problems
    scene = scene_of(setting)
    program = compile_program(setting.rules, scene)
    theta = 0.0 if "[0]" in rule else scene.cut
    within = 0.2 if "0.2" in rule else 0.16 if rule else 0.5
    own = setting.candidates.marks * probability(setting.pool, np.array([theta]))[setting.candidates.item, 0]
    one = [i for i, item in enumerate(setting.pool.items) if item.kind == "true_false"]
    two = [i for i, item in enumerate(setting.pool.items) if item.kind == "single"]
    papers = [(*pair, last) for pair in combinations(one, 2) for last in two]
    kept = set()
    for first, second in combinations(papers, 2):
        if set(first) & set(second):
            continue
        chosen = np.zeros((2, program.n_columns), dtype=np.bool_)
        chosen[0, list(first)] = chosen[1, list(second)] = True
        holds = abs(own[list(first)].sum() - own[list(second)].sum()) <= within
        assert holds == (not violations(program, chosen))
        kept.add(holds)
    assert kept == {True, False}, "the rule keeps some papers out and lets others be"


def test_the_usual_rule_gives_way_to_a_written_one_and_asks_nothing_of_one_paper() -> None:
    def usual(*rules: str, n_forms: int = 2) -> int:
        blueprint = tiny_blueprint(*rules, n_forms=n_forms)
        return len(usual_rules(read_rules(blueprint, {})[0], blueprint))

    assert (usual(), usual(n_forms=1), usual("- characteristic: {within: 2}")) == (1, 0, 0)
    assert usual("- characteristic: {at: [0], within: 2}") == usual("- characteristic: {target: 2, within: 2}") == 1


def test_rules_at_the_cut_are_counted_where_the_papers_were_made() -> None:
    """The cut's ability moves with the papers: a rule that just holds where they were made must not fail elsewhere."""
    bank = tiny_bank(mixed_items(24))
    blueprint = tiny_blueprint("- overlap: {max: 0}", n_forms=2, true_false=4, single=2)
    blueprint = replace(blueprint, objective=written_objective("{minimise: seconds}"))
    made, _ = assemble(blueprint, bank)
    assert made is not None
    scene = scene_of(made.setting, cut=made.forms[0].certificate.cut_ability)
    audit = audit_forms(made.forms, made.setting)
    (check,) = [check for check in audit.checks if check.rule.startswith("characteristic")]
    marks = np.zeros((2, len(made.setting.pool.ids)))
    for row, form in zip(marks, made.forms, strict=True):
        for section in form.sections:
            for entry in section.items:
                row[made.setting.pool.ids.index(entry.id)] = entry.marks
    assert check.found == pytest.approx(apart(made.setting.pool, marks, np.array([scene.cut]))[0], abs=1e-12)
    assert check.holds


def test_the_linear_spread_is_never_above_the_exact_one_and_near_it() -> None:
    setting, _ = make_setting(tiny_blueprint(), tiny_bank(mixed_items(9)))
    assert setting is not None
    covariance, pool = reference_covariance(scene_of(setting)), setting.pool
    for paper in combinations(range(9), 3):
        positions = np.array(paper)
        chosen = Selection(positions, np.zeros(3, np.int64), np.ones(3, np.bool_), np.array([1.0, 1.0, 2.0]))
        exact, linear = true_score_sd(pool, chosen), float(chosen.marks @ covariance[positions])
        assert 0.95 * exact <= linear <= exact + 1e-12


def problems_of(rule: str) -> list[Problem]:
    return read_rules(tiny_blueprint(rule), {})[1]


@pytest.mark.parametrize(
    ("rule", "code", "column"),
    [
        ("- information: {at: here, min: 3}", "P167", 21),
        ("- information: {at: [0, 12], min: 3}", "P167", 21),
        ("- information: {at: {from: 1, to: 0}, min: 3}", "P167", 21),
        ("- information: {at: cut}", "P106", 3),
        ("- csem: {max: -1}", "P107", 15),
        ("- sd: {most: 3}", "P107", 8),
        ("- expected_score: {at: people, min: 3}", "P167", 24),
    ],
)
def test_a_wrong_rule_of_measurement_is_said_once_at_its_place(rule: str, code: str, column: int) -> None:
    found = problems_of(rule)
    assert [(problem.code, problem.span.column) for problem in found] == [(code, column)]


@pytest.mark.parametrize("rule", ["- characteristic: {at: [0, 1], target: [2], within: 1}", "- characteristic: {target: 2}",
                                  "- information: {min: 30%}"])  # fmt: skip
def test_amounts_that_mean_nothing_are_refused(rule: str) -> None:
    assert {problem.code for problem in problems_of(rule)} == {"P107"}
