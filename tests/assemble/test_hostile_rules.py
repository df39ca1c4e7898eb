"""Whatever is written under a key of a rule or a goal: problems at the line that says it, in words of ours, never a fault."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from qbank.assemble.compile import compile_program
from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.lacking import lacking
from qbank.assemble.setting import make_setting, scene_of
from qbank.files.blueprint import read_blueprint
from qbank.messages import problem_hint, problem_message
from qbank.problem import Problem
from tests.assemble.samples import mixed_items, tiny_bank

HEAD = """\
blueprint: wrong
bank: tiny
level: 4
forms: 2
minutes: 90
marks: 4
cut: 2
sections:
  - {title: 判断题, kind: true_false, items: 2, marks_each: 1}
  - {title: 单项选择题, kind: single, items: 1, marks_each: 2}
"""
VALUES = (
    "null", "[]", "{}", "''", "-1", "0", "1e400", "99999999999999999999999999999999", ".nan", "true", "abc", "'101%'",
    "'９%'", "[[[]]]", "{a: {b: {c: 1}}}", "[1, null, x]", "💥", "'999999999999999999999999%'", "[T-01, T-01]",
    "'grade >= 3 and'", "'('",
)  # fmt: skip
GOOD: dict[str, dict[str, str]] = {
    "count": {"where": "grade >= 3", "min": "1", "max": "2", "section": "判断题", "scored": "true"},
    "marks": {"where": "grade >= 3", "min": "1", "max": "2"},
    "share": {"of": "marks", "where": "grade >= 3", "among": "grade >= 1", "min": "10%"},
    "sum": {"of": "seconds", "max": "1000", "where": "grade >= 1"},
    "mean": {"of": "grade", "max": "4"},
    "crossed": {"of": "items", "by": "[domain, cognitive]", "cells": "{A: {apply: 0-1}}", "section": "判断题"},
    "keys": {"kind": "true_false", "min": "0", "max": "2", "section": "判断题"},
    "once_per": {"of": "tags", "prefix": "e", "where": "grade >= 1", "max": "2"},
    "all_or_none": {"items": "[T-01, T-03]"},
    "at_most_one": {"items": "[T-01, T-03]"},
    "at_most": {"items": "[T-01, T-03]", "max": "1"},
    "if_then": {"if": "grade >= 3", "then": "grade >= 2", "min": "1"},
    "include": {"items": "[T-01]"},
    "exclude": {"items": "[T-01]"},
    "place": {"item": "T-01", "at": "1", "section": "判断题"},
    "sets": {"of": "stimulus", "items": "2-3", "number": "1", "marks": "1-3", "where": "grade >= 1"},
    "anchor": {"items": "1", "from": "[OLD]", "where": "grade >= 1", "place": "internal", "tolerance": "0.5"},
    "pretest": {"section": "判断题", "items": "1", "where": "grade >= 1", "places": "[1]"},
    "apart": {"similarity": "0.8"},
    "overlap": {"min": "0", "max": "1", "with": "[OLD]", "since": "2025-01-01"},
    "exposure": {"max_uses": "2", "max_persons": "100", "within_months": "12"},
    "expected_score": {"at": "[0]", "min": "1", "max": "90%"},
    "sd": {"min": "0.1"},
    "information": {"at": "[0]", "min": "0.1"},
    "csem": {"at": "{from: 0, to: 1}", "max": "2"},
    "characteristic": {"within": "0.5", "at": "[0]", "target": "[2]"},
}
GOALS = (
    "{parallel: V}", "{parallel: [information], at: V}", "{target: V}", "{target: {information: V, at: [0]}}",
    "{target: {expected_score: {V: 1}}}", "{relative: {information: V}}", "{maximise: V}",
    "{maximise: information, at: {from: V, to: 1}}", "{maximise: information, weight: V}",
    "{maximise: information, priority: V}", "{maximise: information, slack: V}", "{maximise: information, robust: V}",
    "{minimise: V}", "{goals: V}", "{goals: [V]}", "{goals: [{maximise: information}], at: V}", "{V: 1}",
)  # fmt: skip
FOREIGN = re.compile(r"[Ii]nput should|[Ff]ield required|String should|[Vv]alue error|instance of|unable to parse|should match|functools")


def problems_of(text: str, folder: Path) -> list[Problem]:
    """Return what is wrong with a blueprint over the tiny bank; what passes is compiled."""
    path = folder / "wrong.yaml"
    path.write_text(text, "utf-8")
    blueprint, problems = read_blueprint(path)
    if blueprint is None:
        return problems
    setting, more = make_setting(blueprint, tiny_bank(mixed_items(12)), as_of="2026-11-23")
    if setting is None:
        return problems + more
    compile_program(setting.rules, scene_of(setting))
    return problems + more + lacking(setting)


def check(text: str, folder: Path) -> None:
    lines = text.splitlines()
    for problem in problems_of(text, folder):
        if problem.span.line:
            assert problem.span.column <= len(lines[problem.span.line - 1]) + 1, (text, problem)
        for language in ("zh", "en"):
            said = problem_message(problem, language) + problem_hint(problem, language)  # type: ignore[arg-type]
            assert not FOREIGN.search(said), (text, said)


def rule_text(word: str, keys: dict[str, str]) -> str:
    written = {
        key: value if value in VALUES or re.match(r"[\[{]|[\d.]+$|true", value) else f'"{value}"'
        for key, value in keys.items()
    }
    return f"{HEAD}constraints:\n  - {word}: {{" + ", ".join(f"{key}: {value}" for key, value in written.items()) + "}\n"


@pytest.mark.parametrize("word", CONSTRAINTS)
def test_no_value_under_any_key_of_a_rule_is_a_fault(word: str, tmp_path: Path) -> None:
    good = GOOD[word]
    for key, value in product((*good, "bogus"), VALUES):
        check(rule_text(word, {**good, key: value}), tmp_path)
    for value in VALUES:
        check(f"{HEAD}constraints:\n  - {word}: {value}\n", tmp_path)


@pytest.mark.parametrize("goal", GOALS)
def test_no_value_in_any_place_of_an_objective_is_a_fault(goal: str, tmp_path: Path) -> None:
    for value in VALUES:
        check(f"{HEAD}objective: {goal.replace('V', value, 1)}\n", tmp_path)


SAID = [
    ("count: {scored: maybe, max: 1}", 12, 21, "count 中的 'scored' 有误：应为 true 或 false"),
    ("count: {min: many}", 12, 18, "count 中的 'min' 有误：应为数或百分数，如 3、80%"),
    ("count: {min: 1, maxx: 2}", 12, 21, "count 中的 'maxx' 有误：没有这个键；可用的键：min, max, where, section, scored"),
    ("sum: {max: 3}", 12, 10, "sum 中的 'of' 有误：缺少这个键"),
    ("once_per: copetency", 12, 15, "once_per 中的 'once_per' 有误：只能是 competency, domain, stimulus, tags"),
    ("place: {item: T-01}", 12, 12, "place 中的 'at' 有误：缺少这个键"),
    ("place: {item: T-01, at: [0]}", 12, 29, "place 中的 'at' 有误：应为整数"),
    ("exposure: {max_uses: 1, within_months: 0}", 12, 44, "exposure 中的 'within_months' 有误：应 ≥ 1"),
    ("pretest: {section: 判断题, items: 1, places: middle}", 12, 47, "pretest 中的 'places' 有误：写法不对"),
    ("sets: {items: few}", 12, 19, "sets 中的 'items' 有误：应写成 2-4, 3, 2+, 10%-20%, {min: 2, max: 4}"),
    ("overlap: {max: 0, since: yesterday}", 12, 30, "overlap 中的 'since' 有误：应为日期，如 2026-03-01"),
]


@pytest.mark.parametrize(("rule", "line", "column", "said"), SAID)
def test_what_is_wrong_with_a_rule_is_said_in_its_readers_language(
    rule: str, line: int, column: int, said: str, tmp_path: Path
) -> None:
    (problem,) = problems_of(f"{HEAD}constraints:\n  - {rule}\n", tmp_path)
    assert (problem.span.line, problem.span.column) == (line, column)
    assert problem_message(problem, "zh") == said
