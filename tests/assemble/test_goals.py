"""Objectives: what they want is said again by enumeration, and every mistake in them has its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.assemble.compile import candidates_of, read_rules
from qbank.assemble.engine import find_stages
from qbank.assemble.expected import item_information, probability
from qbank.assemble.goals import read_goals
from qbank.assemble.item_columns import vocabulary
from qbank.assemble.objectives import OBJECTIVES
from qbank.assemble.pool import make_pool
from qbank.assemble.precision import information_error
from qbank.assemble.program import objective
from qbank.assemble.setting import Setting
from qbank.core.history import NO_HISTORY, logistic
from tests.assemble.samples import mixed_items, tiny_bank, tiny_blueprint, written_objective

USES = {"T-01": 3, "T-02": 1, "T-05": 2, "T-07": 1}
KINDS = frozenset({"single", "true_false"})
Paper = tuple[int, ...]


def setting_of(objective: str | None, *rules: str, n_forms: int = 1, n_items: int = 9, seed: int = 3) -> Setting:
    """Return the setting over a tiny bank whose items were all calibrated."""
    bank = tiny_bank(mixed_items(n_items))
    rng = np.random.default_rng(seed)
    estimates = {
        found: logistic(
            found, "2pl", "s", float(rng.uniform(0.5, 2)), float(rng.normal()), float(rng.uniform(0.05, 0.4)), 0.1, 400, "S1"
        )
        for found in bank.fingerprints.values()
    }  # fmt: skip
    blueprint = tiny_blueprint(*rules, n_forms=n_forms)
    blueprint = replace(blueprint, objective=written_objective(objective) if objective else None)
    compiled, problems = read_rules(blueprint, vocabulary(bank))
    assert not problems and not read_goals(blueprint)[1]
    pool = make_pool(bank, replace(NO_HISTORY, estimates=estimates), level=4, kinds=KINDS, uses=USES)
    return Setting(blueprint, bank, compiled, pool, candidates_of(blueprint, compiled, pool))


def papers_of(setting: Setting) -> list[Paper]:
    """Return every paper of two true/false items and one single-choice item."""
    kinds = [item.kind for item in setting.pool.items]
    one = [i for i, kind in enumerate(kinds) if kind == "true_false"]
    two = [i for i, kind in enumerate(kinds) if kind == "single"]
    return [(*pair, last) for pair in combinations(one, 2) for last in two]


class Truth:
    """Quantities of papers, said again from the pool alone."""

    def __init__(self, setting: Setting) -> None:
        self.pool = setting.pool
        self.marks = np.array([2.0 if item.kind == "single" else 1.0 for item in setting.pool.items])

    def score(self, paper: Paper, theta: float) -> float:
        p = probability(self.pool, np.array([theta]))[:, 0]
        return float(sum(self.marks[i] * p[i] for i in paper))

    def information(self, paper: Paper, theta: float, k: float = 0.0) -> float:
        at = np.array([theta])
        each = item_information(self.pool, at)[:, 0] - k * (information_error(self.pool, at)[:, 0] if k else 0.0)
        return float(sum(max(each[i], 0.0) for i in paper))

    def usual(self, theta: float, k: float = 0.0) -> float:
        return float(np.mean([self.information((i,), theta, k) for i in range(len(self.marks))])) * 3

    def uses(self, paper: Paper) -> int:
        return sum(USES.get(self.pool.ids[i], 0) for i in paper)

    def seconds(self, paper: Paper) -> float:
        return float(sum(self.pool.items[i].seconds for i in paper))


def spread(values: Sequence[float]) -> float:
    return max(values) - min(values)


# Each objective in the user's words, and the same said again over the papers, given the ability at the cut.
TRUTHS: list[tuple[str, int, Callable[[Truth, Sequence[Paper], float], float]]] = [
    ("{parallel: [expected_score], at: [-1, 0.5]}", 2,
     lambda t, x, c: max(spread([t.score(p, th) for p in x]) for th in (-1, 0.5))),
    ("{parallel: [information], at: {from: 0, to: 0.5}}", 2,
     lambda t, x, c: max(spread([t.information(p, th) for p in x]) / t.usual(th) for th in (0, 0.25, 0.5))),
    ("{parallel: [information, expected_score]}", 2,
     lambda t, x, c: max(
         max(spread([t.information(p, th) for p in x]) / t.usual(th), spread([t.score(p, th) for p in x]))
         for th in (c - 0.5, c, c + 0.5))),
    ("{parallel: [information], at: [0], robust: true}", 2,
     lambda t, x, c: spread([t.information(p, 0, 1.0) for p in x]) / t.usual(0, 1.0)),
    ("{target: {information: 0.8}}", 1, lambda t, x, c: abs(t.information(x[0], c) - 0.8) / 0.8),
    ("{target: {information: [0.6, 0.9], at: [-1, 1]}}", 2,
     lambda t, x, c: max(abs(t.information(p, th) - v) / v for p in x for th, v in ((-1, 0.6), (1, 0.9)))),
    ("{target: {information: {-0.5: 0.5, 1: 0.7}, expected_score: {0: 2.1}}}", 2,
     lambda t, x, c: max(max(abs(t.information(p, -0.5) - 0.5) / 0.5, abs(t.information(p, 1) - 0.7) / 0.7,
                             abs(t.score(p, 0) - 2.1)) for p in x)),
    ("{relative: {information: [1, 2, 1], at: [-1, 0, 1]}}", 1,
     lambda t, x, c: -min(t.information(x[0], th) / r for th, r in ((-1, 0.5), (0, 1), (1, 0.5)))),
    ("{relative: {information: [3, 6, 3]}}", 2,
     lambda t, x, c: -min(t.information(p, th) / r for p in x for th, r in ((c - 0.5, 0.5), (c, 1), (c + 0.5, 0.5)))),
    ("{maximise: information}", 1, lambda t, x, c: -t.information(x[0], c)),
    ("{maximise: information, at: [-1, 1]}", 2,
     lambda t, x, c: -min((t.information(p, -1) + t.information(p, 1)) / 2 for p in x)),
    ("{maximise: information, robust: 0.5, at: [0.2]}", 1, lambda t, x, c: -t.information(x[0], 0.2, 0.5)),
    ("{minimise: uses}", 2, lambda t, x, c: sum(t.uses(p) for p in x)),
    ("{minimise: seconds}", 1, lambda t, x, c: t.seconds(x[0])),
    ("{goals: [{parallel: [expected_score], weight: 2}, {target: {information: 0.8}}], at: [0]}", 2,
     lambda t, x, c: max(2 * spread([t.score(p, 0) for p in x]), max(abs(t.information(p, 0) - 0.8) / 0.8 for p in x))),
]  # fmt: skip


def test_every_objective_has_a_truth_and_a_manual_page_with_an_example() -> None:
    assert {word for text, _, _ in TRUTHS for word in re.findall(r"(\w+): ", text) if word in OBJECTIVES} == set(OBJECTIVES)
    for word, entry in OBJECTIVES.items():
        page = entry.wanted.__doc__ or ""
        assert page.startswith(f"{word}: ") and entry.wanted.__name__ == word
        examples = re.findall(r"``objective: (.+?)``", page)
        assert examples
        for example in examples:
            setting_of(example, n_forms=2)


@pytest.mark.parametrize(("text", "n_forms", "truth"), TRUTHS, ids=[text for text, _, _ in TRUTHS])
def test_the_papers_found_are_the_best_of_all(
    text: str, n_forms: int, truth: Callable[[Truth, Sequence[Paper], float], float]
) -> None:
    setting = setting_of(text, "- overlap: {max: 0}", n_forms=n_forms)
    (reached,), program, scene = find_stages(setting)
    facts = Truth(setting)
    families = [
        family
        for family in product(papers_of(setting), repeat=n_forms)
        if len({item for paper in family for item in paper}) == 3 * n_forms
    ]
    best = min(truth(facts, family, scene.cut) for family in families)
    found = [tuple(np.flatnonzero(row).tolist()) for row in reached.outcome.chosen[:, : program.n_candidates]]
    assert truth(facts, found, scene.cut) == pytest.approx(reached.outcome.objective, abs=1e-6)
    assert reached.outcome.objective <= best + reached.stage.gap + 1e-9
    assert reached.outcome.bound <= best + 1e-6


def chosen_ids(setting: Setting) -> list[list[str]]:
    reached, program, _ = find_stages(setting)
    chosen: NDArray[np.bool_] = reached[-1].outcome.chosen[:, : program.n_candidates]
    return [[setting.pool.ids[setting.candidates.item[c]] for c in np.flatnonzero(row)] for row in chosen]


def test_scaling_a_relative_target_changes_nothing() -> None:
    one = setting_of("{relative: {information: [1, 2, 1.5], at: [-1, 0, 1]}}", "- overlap: {max: 1}", n_forms=2)
    two = setting_of("{relative: {information: [40, 80, 60], at: [-1, 0, 1]}}", "- overlap: {max: 1}", n_forms=2)
    assert chosen_ids(one) == chosen_ids(two)
    assert find_stages(one)[0][0].outcome.objective == pytest.approx(find_stages(two)[0][0].outcome.objective, abs=1e-9)


@pytest.mark.parametrize("word", ["{parallel: [expected_score, information]", "{relative: {information: [1, 2, 1]}",
                                  "{target: {information: 0.9}", "{minimise: seconds"])  # fmt: skip
def test_a_later_priority_never_worsens_an_earlier_goal_beyond_its_slack(word: str) -> None:
    first, second = f"{word}, slack: 0.05}}", "{minimise: uses, priority: 2}"
    setting = setting_of(f"{{goals: [{first}, {second}]}}", "- overlap: {max: 1}", n_forms=2)
    lone = replace(setting.blueprint, objective=written_objective(first))
    (alone,), program, _ = find_stages(replace(setting, blueprint=lone))
    (before, after), _, _ = find_stages(setting)
    assert before.outcome.objective == pytest.approx(alone.outcome.objective, abs=1e-9)
    again = objective(program, after.outcome.chosen)
    unit = 0.9 if "relative" in word else 1.0
    slack = 0.0 if "minimise" in word else 0.05 * max(unit, abs(before.outcome.objective), 5.0 if "relative" in word else 0)
    assert again <= before.outcome.objective + slack + 1e-6
    uses = lambda chosen: sum(USES.get(setting.pool.ids[i], 0) for row in chosen for i in np.flatnonzero(row))  # noqa: E731
    assert after.outcome.objective == uses(after.outcome.chosen) <= uses(before.outcome.chosen)


def test_the_second_priority_is_as_good_as_the_first_allows() -> None:
    """Enumerated: of all pairs that are as alike as the first goal reached, the pair with fewest uses."""
    text = "{goals: [{parallel: [expected_score], slack: 0.2}, {minimise: uses, priority: 2}], at: [0]}"
    setting = setting_of(text, "- overlap: {max: 0}", n_forms=2)
    (first, second), _, _ = find_stages(setting)
    facts, papers = Truth(setting), papers_of(setting)
    pairs = [
        (abs(facts.score(a, 0) - facts.score(b, 0)), facts.uses(a) + facts.uses(b))
        for a, b in combinations(papers, 2)
        if not set(a) & set(b)
    ]
    assert first.outcome.objective <= min(pairs)[0] + 0.01
    allowed = [uses for apart, uses in pairs if apart <= first.outcome.objective + 0.2 + 1e-9]
    assert second.outcome.objective == min(allowed)
    assert min(allowed) < min(pairs)[1] or min(pairs)[1] == min(uses for _, uses in pairs)


def test_robust_information_is_what_is_left_after_its_standard_errors() -> None:
    plain, robust = setting_of("{maximise: information, at: [0]}"), setting_of("{maximise: information, at: [0], robust: 2}")
    assert chosen_ids(plain) != chosen_ids(robust), "an item with large errors is no longer the best"


MISTAKES = [
    ("objective: alike", "P160", 12, {"found": "alike"}),
    ("objective: {goals: none}", "P161", 20, {"found": "none"}),
    ("objective: {goals: []}", "P161", 20, {}),
    ("objective: {goals: [{minimise: uses}], weight: 2}", "P162", 40, {"key": "weight"}),
    ("objective: {paralel: [information]}", "P163", 13, {"word": "paralel", "suggestion": "parallel"}),
    ("objective: {parallel: [information], minimise: uses}", "P164", 38, {"first": "parallel", "second": "minimise"}),
    ("objective: {at: cut}", "P165", 12, {}),
    ("objective: {goals: [{weight: 2}]}", "P165", 21, {}),
    ("objective: {goals: [uses]}", "P160", 21, {"found": "uses"}),
    ("objective: {minimise: uses, prioriti: 2}", "P166", 29, {"key": "prioriti", "suggestion": "priority"}),
    ("objective: {target: {informations: 5}}", "P166", 22, {"key": "informations", "suggestion": "information"}),
    ("objective: {parallel: [expected_scores], at: cut}", "P167", 24, {"key": "parallel", "found": "[expected_scores]"}),
    ("objective: {parallel: information}", "P167", 23, {"key": "parallel"}),
    ("objective: {parallel: []}", "P167", 23, {"key": "parallel"}),
    ("objective: {parallel: [information], at: [0, 11]}", "P167", 46, {"key": "at", "found": "[0, 11]"}),
    ("objective: {parallel: [information], at: {from: 1, to: 0}}", "P167", 42, {"key": "at"}),
    ("objective: {parallel: [information], at: {from: 1, too: 0}}", "P167", 52, {"key": "at"}),
    ("objective: {parallel: [information], at: here}", "P167", 42, {"key": "at", "found": "here"}),
    ("objective: {minimise: cost}", "P167", 23, {"key": "minimise", "found": "cost"}),
    ("objective: {minimise: uses, weight: 0}", "P167", 37, {"key": "weight", "found": "0"}),
    ("objective: {minimise: uses, priority: 1.5}", "P167", 39, {"key": "priority"}),
    ("objective: {maximise: information, robust: very}", "P167", 44, {"key": "robust", "found": "very"}),
    ("objective: {maximise: information, slack: -1}", "P167", 43, {"key": "slack"}),
    ("objective: {target: 5}", "P167", 21, {"key": "target", "found": "5"}),
    ("objective: {target: {information: [5, x]}}", "P167", 39, {"key": "information", "found": "[5, x]"}),
    ("objective: {relative: {at: cut}}", "P168", 23, {"key": "information", "word": "relative"}),
    ("objective: {target: {at: cut}}", "P169", 21, {}),
    ("objective: {target: {information: 5, at: [0]}, at: [0]}", "P170", 48, {"word": "target"}),
    ("objective: {relative: {information: [1, 2], at: [0, 1, 2]}}", "P171", 37, {"found": "2", "expected": "3"}),
    ("objective: {relative: {information: [1, 2]}}", "P171", 37, {"found": "2", "expected": "1 / 3"}),
    ("objective: {target: {information: {low: 5}}}", "P172", 36, {"found": "low"}),
    ("objective: {target: {information: {0: 5}, at: [0]}}", "P173", 43, {"quantity": "information"}),
    ("objective: {target: {expected_score: 9}}", "P174", 38, {"found": "9", "marks": "4"}),
]


@pytest.mark.parametrize(("text", "code", "column", "said"), MISTAKES, ids=[f"{m[1]} {m[0]}" for m in MISTAKES])
def test_a_mistake_in_a_goal_is_said_at_its_place(text: str, code: str, column: int, said: dict[str, str]) -> None:
    written = written_objective(text.removeprefix("objective: "))
    goals, problems = read_goals(replace(tiny_blueprint(), objective=written))
    assert [problem.code for problem in problems] == [code]
    assert not goals or code == "P162"
    (problem,) = problems
    assert (problem.span.line, problem.span.column) == (1, column)
    assert {key: str(value) for key, value in said.items()}.items() <= {k: str(v) for k, v in problem.facts}.items()


def test_all_mistakes_are_said_at_once() -> None:
    text = "{goals: [{minimise: use, weight: x}, {parallel: [information], at: [12, 13]}, {maximise: information}], robust: no}"
    goals, problems = read_goals(replace(tiny_blueprint(), objective=written_objective(text)))
    assert [problem.code for problem in problems] == ["P167"] * 6
    assert not goals
