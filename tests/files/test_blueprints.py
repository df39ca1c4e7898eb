"""Blueprint files: every mistake has its code, its line and its column, and all are said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.assemble.compile import read_rules
from qbank.assemble.goals import read_goals
from qbank.core.blueprint import Blueprint
from qbank.files.blueprint import read_blueprint
from qbank.problem import Problem

ROOT = Path(__file__).resolve().parents[2]

SOUND = """\
blueprint: bof-4
title: 试卷
bank: ../banks/steelmaking
level: 4
forms: 2
minutes: 90
marks: 50
cut: 30
seed: 7
sections:
  - {title: 单选, kind: single, items: 40, marks_each: 1}
  - {title: 判断, kind: true_false, items: 20, marks_each: 0.5}
weights: {from: standard, tolerance: 1}
constraints:
  - count: {where: 'grade >= 4', min: 10, max: 25%}
  - once_per: competency
objective: {parallel: [expected_score], at: [-0.5, 1]}
solver: {max_nodes: 10}
notices: [先填姓名]
"""


def read(tmp_path: Path, text: str) -> tuple[Blueprint | None, list[Problem]]:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    blueprint, problems = read_blueprint(path)
    lines = text.split("\n")
    for problem in problems:
        assert problem.span.path.endswith("plan.yaml")
        assert 1 <= problem.span.line <= len(lines)
        assert 1 <= problem.span.column <= len(lines[problem.span.line - 1]) + 1
    return blueprint, problems


def test_a_sound_blueprint_is_read_whole(tmp_path: Path) -> None:
    blueprint, problems = read(tmp_path, SOUND)
    assert blueprint is not None and not problems
    assert (blueprint.name, blueprint.title, blueprint.bank, blueprint.level) == ("bof-4", "试卷", "../banks/steelmaking", 4)
    assert (blueprint.n_forms, blueprint.minutes, blueprint.marks, blueprint.cut, blueprint.seed) == (2, 90, 50, 30, 7)
    sections = [(s.title, s.kind, s.items, s.marks_each, s.instruction) for s in blueprint.sections]
    assert sections == [("单选", "single", 40, 1.0, ""), ("判断", "true_false", 20, 0.5, "")]
    assert [(section.span.line, section.span.column) for section in blueprint.sections] == [(11, 5), (12, 5)]
    assert blueprint.weights_tolerance == 1.0
    assert [(rule.word, rule.span.line, rule.span.column) for rule in blueprint.rules] == [
        ("count", 15, 5), ("once_per", 16, 5),
    ]  # fmt: skip
    assert blueprint.rules[0].value == {"where": "grade >= 4", "min": 10, "max": "25%"}
    place = blueprint.rules[0].place
    assert [(place(*steps).line, place(*steps).column) for steps in ((), ("where",), ("max",))] == [
        (15, 12), (15, 20), (15, 48),
    ]  # fmt: skip
    assert (place("where", inside=True).column, place("max", key=True).column) == (21, 43)
    objective = blueprint.objective
    assert objective is not None and objective.value == {"parallel": ["expected_score"], "at": [-0.5, 1]}
    assert (objective.span.line, objective.place("at").column) == (17, 45)
    assert (blueprint.max_nodes, blueprint.notices) == (10, ("先填姓名",))


def test_what_is_left_out_has_its_customary_value(tmp_path: Path) -> None:
    text = "blueprint: b\nbank: x\nlevel: 4\nminutes: 1\nmarks: 2\ncut: 1\nsections:\n- {title: t, kind: single, items: 2, marks_each: 1}\n"
    blueprint, problems = read(tmp_path, text)
    assert blueprint is not None and not problems
    assert (blueprint.n_forms, blueprint.seed, blueprint.weights_tolerance, blueprint.rules) == (1, 1, None, ())
    assert blueprint.objective is None
    assert blueprint.max_nodes > 0


def test_the_digest_names_the_text(tmp_path: Path) -> None:
    first, _ = read(tmp_path, SOUND)
    again, _ = read(tmp_path, SOUND)
    other, _ = read(tmp_path, SOUND.replace("min: 10", "min: 11"))
    assert first is not None and again is not None and other is not None
    assert first.digest == again.digest != other.digest


# What is replaced in the sound text, by what, then code, line, column, and some of the facts.
MISTAKES = [
    ("blueprint: bof-4", "blueprint: -bof", "S108", 1, 12, {"key": "blueprint"}),
    ("blueprint: bof-4\n", "", "S102", 1, 1, {"key": "blueprint"}),
    ("bank: ../banks/steelmaking", "bank: ''", "S106", 3, 7, {"key": "bank"}),
    ("bank: ../banks/steelmaking\n", "", "S102", 1, 1, {"key": "bank"}),
    ("level: 4", "level: 6", "S104", 4, 8, {"key": "level", "found": "6"}),
    ("level: 4", "level: four", "S103", 4, 8, {"expected": "whole number", "found": "text"}),
    ("level: 4", "levle: 4", "S101", 4, 1, {"key": "levle", "suggestion": "level"}),
    ("forms: 2", "forms: 0", "S104", 5, 8, {"key": "forms", "found": "0"}),
    ("forms: 2", "forms: 2.5", "S103", 5, 8, {"key": "forms"}),
    ("forms: 2", "forms: true", "S103", 5, 8, {"found": "true/false"}),
    ("forms: 2", "forms: 1001", "S104", 5, 8, {"key": "forms"}),
    ("minutes: 90", "minutes: 0", "S104", 6, 10, {"key": "minutes"}),
    ("minutes: 90", "minutes: 90m", "S103", 6, 10, {"key": "minutes"}),
    ("marks: 50", "marks: 0", "S104", 7, 8, {"key": "marks"}),
    ("marks: 50", "marks: 60", "P103", 7, 8, {"marks": "60", "total": "50"}),
    ("cut: 30", "cut: -1", "S104", 8, 6, {"key": "cut"}),
    ("cut: 30", "cut: 51", "P104", 8, 6, {"cut": "51", "marks": "50"}),
    ("seed: 7", "seed: seven", "S103", 9, 7, {"key": "seed"}),
    ("seed: 7", "seed: -7", "S104", 9, 7, {"key": "seed", "found": "-7"}),
    ("kind: single", "kind: singel", "S105", 11, 23, {"found": "singel", "suggestion": "single"}),
    ("items: 40", "items: 0", "S104", 11, 38, {"key": "items"}),
    ("items: 40", "itmes: 40", "S101", 11, 31, {"key": "itmes", "suggestion": "items"}),
    ("marks_each: 0.5", "marks_each: 0.3", "S104", 12, 58, {"key": "marks_each"}),
    ("title: 单选", "title: ''", "S106", 11, 13, {"key": "title"}),
    ("from: standard", "from: thin air", "S105", 13, 17, {"found": "thin air"}),
    ("from: standard, ", "", "S102", 13, 10, {"key": "from"}),
    ("tolerance: 1}", "tolerance: -1}", "S104", 13, 38, {"key": "tolerance"}),
    ("once_per: competency", "once_per", "P102", 16, 5, {"found": "text"}),
    ("once_per: competency", "{once_per: competency, overlap: {max: 0}}", "P102", 16, 5, {"found": "mapping"}),
    ("once_per: competency", "[once_per]", "P102", 16, 5, {"found": "list"}),
    ("max_nodes: 10", "max_nodes: 0", "S104", 18, 21, {"key": "max_nodes"}),
    ("max_nodes: 10", "max_seconds: 10", "S101", 18, 10, {"key": "max_seconds"}),
    ("[先填姓名]", "['']", "S106", 19, 11, {"least": "1"}),
    ("seed: 7", "cut: 7", "Y002", 9, 1, {"key": "cut"}),
    ("title: 试卷", "title: &a 试卷", "Y003", 2, 8, {}),
    ("title: 试卷", "title: [试卷", "Y001", None, None, {}),
]


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column", "said"), MISTAKES, ids=[f"{m[2]} {m[1].strip()}" for m in MISTAKES]
)
def test_a_mistake_is_said_at_its_place(
    tmp_path: Path, old: str, new: str, code: str, line: int | None, column: int | None, said: dict[str, str]
) -> None:
    assert SOUND.count(old) == 1
    _, problems = read(tmp_path, SOUND.replace(old, new))
    found = [problem for problem in problems if problem.code == code]
    assert len(found) == 1, problems
    assert all(problem.severity == "error" for problem in problems)
    # An unknown key leaves the right one missing: only then are there two.
    assert {problem.code for problem in problems} <= {code, "S102", "P103"}
    if line is not None:
        assert (found[0].span.line, found[0].span.column) == (line, column)
    assert said.items() <= dict(found[0].facts).items()


@pytest.mark.parametrize("at", ["[]", "[1000]", "[a]", "cutt"])
def test_points_of_comparison_that_mean_nothing_are_refused(tmp_path: Path, at: str) -> None:
    blueprint, problems = read(tmp_path, SOUND.replace("at: [-0.5, 1]", f"at: {at}"))
    assert blueprint is not None and not problems
    goals, problems = read_goals(blueprint)
    assert not goals
    assert [problem.code for problem in problems] == ["P167"]
    assert {problem.span.line for problem in problems} == {17}


def test_sections_of_one_kind_may_differ_in_marks_and_in_what_they_hold(tmp_path: Path) -> None:
    two = "  - {title: 难题, kind: single, items: 5, marks_each: 2, where: grade >= 4}\n"
    text = SOUND.replace("marks: 50", "marks: 60").replace("weights:", f"{two}weights:")
    blueprint, problems = read(tmp_path, text)
    assert blueprint is not None and not problems
    assert [section.where for section in blueprint.sections if section.title == "难题"] == ["grade >= 4"]


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    text = SOUND.replace("level: 4", "level: 9").replace("items: 40", "items: none").replace("once_per: competency", "7")
    blueprint, problems = read(tmp_path, text)
    assert blueprint is None
    assert sorted(problem.code for problem in problems) == ["P102", "S103", "S104"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "7\n", "constraints: 3\n"])
def test_a_file_that_is_no_blueprint_is_refused_without_an_exception(tmp_path: Path, text: str) -> None:
    blueprint, problems = read(tmp_path, text)
    assert blueprint is None and problems


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    blueprint, problems = read_blueprint(tmp_path / "none.yaml")
    assert blueprint is None
    assert [problem.severity for problem in problems] == ["error"]


def test_every_blueprint_of_the_repository_is_sound() -> None:
    paths = sorted((ROOT / "blueprints").glob("*.yaml"))
    assert paths
    for path in paths:
        blueprint, problems = read_blueprint(path)
        assert blueprint is not None and not problems


RANKED = SOUND + """\
purpose: competition
ranking:
  ties:
    - {marks: 'grade >= 4', title: 难题}
    - section: 判断
    - {time: 用时, first: lower}
    - {marks: 'domain == "B-C"', first: lower}
  awards: [1, 2, 3]
"""


def test_a_rule_of_ranking_is_read_in_its_order(tmp_path: Path) -> None:
    blueprint, problems = read(tmp_path, RANKED)
    assert blueprint is not None and blueprint.ranking is not None and not problems
    ties = [(tie.by, tie.value, tie.first, tie.named) for tie in blueprint.ranking.ties]
    assert ties == [
        ("marks", "grade >= 4", "higher", "难题"), ("section", "判断", "higher", "判断"), ("time", "用时", "lower", "用时"),
        ("marks", 'domain == "B-C"', "lower", 'domain == "B-C"'),
    ]  # fmt: skip
    assert blueprint.ranking.awards == (1, 2, 3)


def test_a_competition_without_rule_ranks_by_total_and_an_exam_ranks_nobody(tmp_path: Path) -> None:
    plain, _ = read(tmp_path, SOUND + "purpose: competition\n")
    exam, _ = read(tmp_path, SOUND)
    assert plain is not None and plain.ranking is not None and plain.ranking.ties == ()
    assert exam is not None and exam.ranking is None


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"),
    [
        ("section: 判断", "section: 判段", "P110", 24, 16),
        ("section: 判断", "{section: 判断, time: 用时}", "P190", 24, 7),
        ("section: 判断", "{title: 判断}", "P190", 24, 7),
        ("section: 判断", "{mark: 'grade >= 4'}", "S101", 24, 8),
        ("first: lower}\n    - {m", "first: shorter}\n    - {m", "S105", 25, 25),
        ("[1, 2, 3]", "[1, 0, 3]", "S104", 27, 15),
        ("purpose: competition", "purpose: practice", "P191", 21, 1),
    ],
)
def test_what_is_wrong_with_a_rule_of_ranking_is_said_where_it_stands(
    tmp_path: Path, old: str, new: str, code: str, line: int, column: int
) -> None:
    _, problems = read(tmp_path, RANKED.replace(old, new, 1))
    assert [(p.code, p.span.line, p.span.column) for p in problems] == [(code, line, column)]


def test_a_mistake_in_a_tie_breaks_expression_is_placed_inside_it(tmp_path: Path) -> None:
    blueprint, problems = read(tmp_path, RANKED.replace('domain == "B-C"', 'domian == "B-C"'))
    assert blueprint is not None and not problems
    [problem] = read_rules(blueprint, {})[1]
    assert (problem.code, problem.span.line, problem.span.column) == ("P105", 26, 16)
