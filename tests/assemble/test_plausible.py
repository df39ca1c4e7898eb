"""What a blueprint asks by mistake is said at its place before any solver starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.assemble.lacking import lacking
from qbank.assemble.scene import PastPaper
from qbank.assemble.setting import Setting, make_setting
from qbank.assemble.weights import domain_weights, largest_remainder, smallest_step
from qbank.core.blueprint import Blueprint, Section
from qbank.core.history import NO_HISTORY, logistic
from qbank.files.blueprint import read_blueprint
from qbank.problem import Problem
from tests.assemble.samples import (
    HERE,
    mixed_items,
    steelmaking,
    tiny_bank,
    tiny_blueprint,
    tiny_item,
    tiny_standard,
)

HEAD = """\
blueprint: wrong
bank: ../banks/steelmaking
level: 4
forms: 2
minutes: 90
marks: 100
cut: 60
sections:
  - {title: 单项选择题, kind: single, items: 80, marks_each: 1}
  - {title: 判断题, kind: true_false, items: 20, marks_each: 1}
# 约束
constraints:
  - """

# The text of one rule, the code, the line and column (`constraints:` is line 12), some facts.
WRONG = [
    ("count: {where: grade >= 3, min: 30, max: 20}", "P122", 13, 37, {"min": "30", "max": "20"}),
    ("count: {where: grade >= 3, min: 20%, max: 10%}", "P122", 13, 37, {"word": "count"}),
    ("count: {where: grade >= 3, min: 20%, max: 10}", "P122", 13, 37, {"min": "20%", "max": "10"}),
    ("count: {min: 101}", "P123", 13, 18, {"min": "101", "whole": "100"}),
    ("count: {section: 判断题, min: 21}", "P123", 13, 32, {"whole": "20"}),
    ("marks: {min: 120%}", "P121", 13, 18, {"amount": "120%"}),
    ("sum: {of: seconds, min: 4000, max: 3000}", "P122", 13, 29, {"word": "sum"}),
    ("overlap: {min: 3, max: 2}", "P122", 13, 20, {"word": "overlap"}),
    ("sets: {items: 6-4}", "P122", 13, 19, {"min": "6"}),
    ("include: [BOF4-BCC-01, BOF4-BCC-1]", "P124", 13, 28, {"id": "BOF4-BCC-1"}),
    ("exclude: [NOBODY]", "P124", 13, 15, {"suggestion": ""}),
    ("at_most: {items: [BOF4-BCC-01, BOF4-BCC-01], max: 1}", "P125", 13, 36, {"id": "BOF4-BCC-01"}),
    ("place: {item: NOBODY, at: 1}", "P124", 13, 19, {"id": "NOBODY"}),
    ("place: {item: BOF4-BCC-01, at: 101}", "P128", 13, 36, {"n": "100"}),
    ("place: {item: BOF4-BCC-01, at: 30, section: 判断题}", "P128", 13, 36, {"n": "20"}),
    ("pretest: {section: 判断题, items: 2, places: [3, 23]}", "P130", 13, 47, {"size": "22"}),
    ("pretest: {section: 判断题, items: 2, places: [3]}", "P130", 13, 47, {"n": "2"}),
    ("keys: {kind: single, min: 20%}", "P140", 13, 26, {"kind": "single"}),
    ("crossed: {by: [domain, cognitive], cells: {B-C: {aply: 2-4}}}", "P137", 13, 54, {"suggestion": "apply"}),
    ("crossed: {by: [domain, grade], cells: {B-C: {hard: 2}}}", "P137", 13, 50, {"column": "grade"}),
    ("crossed: {by: [domain], cells: {B-C: 4-x}}", "P138", 13, 42, {"cell": "B-C"}),
    ("crossed: {by: [domain, cognitive], cells: {B-C: 2-4}}", "P138", 13, 53, {"depth": "2"}),
    ("crossed: {by: [domain], cells: {B-C: 4-2}}", "P122", 13, 42, {"max": "2"}),
    ("crossed: {by: [domain], cells: {B-C: 101}}", "P123", 13, 42, {"whole": "100"}),
    ("overlap: {max: 0, with: [bof-4-2020]}", "P136", 13, 30, {"paper": "bof-4-2020"}),
    ("overlap: {max: 0, since: yesterday}", "P107", 13, 30, {"key": "since"}),
    ("count: {where: tags == 'zzz', min: 1}", "P147", 13, 20, {"expression": "tags == 'zzz'"}),
    ("sets: {items: few}", "P107", 13, 19, {"key": "items"}),
]


def problems_of(blueprint: Blueprint) -> list[Problem]:
    setting, problems = make_setting(blueprint, steelmaking())
    return problems if setting is None else [*problems, *lacking(setting)]


@pytest.mark.parametrize(("text", "code", "line", "column", "said"), WRONG, ids=[w[0] for w in WRONG])
def test_what_cannot_be_meant_is_refused_at_its_place(
    tmp_path: Path, text: str, code: str, line: int, column: int, said: dict[str, str]
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"{HEAD}{text}\n", encoding="utf-8")
    blueprint, problems = read_blueprint(path)
    assert blueprint is not None and not problems
    found = problems_of(blueprint)
    assert [problem.code for problem in found] == [code]
    assert (found[0].span.line, found[0].span.column, found[0].severity) == (line, column, "error")
    assert said.items() <= dict(found[0].facts).items()


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    meant = [text for text, code, *_ in WRONG if code in ("P121", "P122", "P123", "P125", "P137", "P138")]
    path.write_text(HEAD + "\n  - ".join(meant) + "\n", encoding="utf-8")
    blueprint, _ = read_blueprint(path)
    assert blueprint is not None
    assert {problem.span.line for problem in problems_of(blueprint)} == set(range(13, 13 + len(meant)))


def test_a_rule_that_matches_nothing_and_asks_for_nothing_is_a_warning() -> None:
    setting = made(tiny_blueprint("- count: {where: 'grade >= 4 and grade <= 3', max: 1}"))
    (found,) = lacking(setting)
    assert (found.code, found.severity) == ("P147", "warning")


def made(blueprint: Blueprint) -> Setting:
    setting, problems = make_setting(blueprint, tiny_bank(mixed_items(9)))
    assert setting is not None, problems
    return setting


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (["- include: [T-01]", "- exclude: [T-01]"], "P126"),
        (["- include: [T-01, T-03]"], "P132"),
        (["- all_or_none: [T-01, T-03]"], "P132"),
        (["- include: [T-01]", "- place: {item: T-03, at: 1}"], "P132"),
        (["- all_or_none: [T-01, T-04]", "- all_or_none: [T-04, T-06]"], "P131"),
        (["- place: {item: T-01, at: 1}", "- place: {item: T-04, at: 1}"], "P139"),
        (["- place: {item: T-01, at: 3}"], "P129"),
        (["- include: [T-01, T-04]", "- overlap: {max: 1}"], "P134"),
    ],
)
def test_rules_that_contradict_each_other_by_their_words_are_refused(rules: list[str], code: str) -> None:
    items = mixed_items(9)
    items[1] = replace(items[1], enemies=("T-03",))
    setting, problems = make_setting(tiny_blueprint(*rules, n_forms=2), tiny_bank(items))
    assert setting is None
    assert [problem.code for problem in problems] == [code]


def test_a_parameter_that_is_not_finite_or_a_slope_not_above_0_is_refused_at_its_item() -> None:
    bank = tiny_bank(mixed_items(9))
    print_ = bank.fingerprints["T-02"]
    for a, b, code in ((np.nan, 0.0, "P135"), (1.0, np.inf, "P135"), (-1.0, 0.0, "P150"), (0.0, 0.0, "P150")):
        history = replace(NO_HISTORY, estimates={print_: logistic(print_, "2pl", "s", a, b, 0.1, 0.1, 300, "S9")})
        setting, (problem,) = make_setting(tiny_blueprint(), bank, history)
        assert setting is None
        assert problem.code == code and dict(problem.facts)["sitting"] == "S9" and problem.span == HERE


def test_a_section_without_enough_items_says_what_it_has_and_needs() -> None:
    setting = made(tiny_blueprint("- overlap: {max: 0}", n_forms=4, true_false=2, single=1))
    found = [dict(problem.facts) for problem in lacking(setting) if problem.code == "P145"]
    assert found == [
        {"title": "判断题", "has": "6", "items": "2", "papers": "4"},
        {"title": "单项选择题", "has": "3", "items": "1", "papers": "4"},
    ]
    assert not lacking(made(tiny_blueprint("- overlap: {max: 1}", n_forms=4)))


def test_a_run_of_the_past_is_known_by_its_name() -> None:
    blueprint = tiny_blueprint("- overlap: {max: 0, with: [old-1]}")
    past = (PastPaper("old-1-A", "2025-01-01", frozenset({"T-01"})),)
    setting, problems = make_setting(blueprint, tiny_bank(mixed_items(9)), past=past)
    assert setting is not None and not problems and not lacking(setting)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.integers(1, 200))
def test_largest_remainders_add_up_and_stay_within_one_step_of_their_share(weights: list[int], n: int) -> None:
    exact = [weight * n / sum(weights) for weight in weights]
    shares = largest_remainder(exact, n)
    assert sum(shares) == n
    assert all(abs(share - target) < 1 for share, target in zip(shares, exact, strict=True))
    assert largest_remainder([share / 2 for share in exact], n, 0.5) == [share / 2 for share in shares]


def test_weights_add_up_to_the_papers_marks_in_steps_that_it_has() -> None:
    sections = (Section("判断题", "true_false", 7, 0.5, "", HERE),)
    blueprint = tiny_blueprint(sections=sections, marks=3.5, weights_tolerance=0.0)
    weights = domain_weights(blueprint, tiny_standard(12))
    assert [(w.code, w.exact, w.marks) for w in weights] == [("A-A", 1.05, 1.0), ("A-B", 1.05, 1.0), ("B", 1.4, 1.5)]
    assert [w.label for w in weights] == ["weights: A-A 1 (1.05)", "weights: A-B 1 (1.05)", "weights: B 1.5 (1.4)"]
    assert smallest_step([1.0, 2.5]) == 0.5
    table = domain_weights(replace(blueprint, weights_table=(("A", 2.0),)), tiny_standard(12))
    assert [(w.marks, w.leaves) for w in table] == [(2.0, {"A", "A-A", "A-B"})]
    wrong = replace(blueprint, weights_table=(("C", 2.0),))
    assert [p.code for p in make_setting(wrong, tiny_bank([tiny_item(1)]))[1]] == ["P120"]
