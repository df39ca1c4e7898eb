"""Unseen characters in every file that people write, and in what is read from other programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.files.blueprint import read_blueprint
from qbank.files.interchange.draft import Draft, odd_character, without_unseen_characters
from qbank.files.unseen import unseen_characters
from qbank.files.yaml_text import parse_yaml
from qbank.problem import Problem, Span
from qbank.workflow.workspace import find_workspace


def found(source: str) -> list[tuple[str, str, int, int]]:
    """Return code, severity and place of what is told of a text."""
    node, problems = parse_yaml(source, "a.yaml")
    assert node is not None and not problems
    return [(one.code, one.severity, one.span.line, one.span.column) for one in unseen_characters(node, source, "a.yaml")]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("stem: 碱\u200b度", [("Y013", "warning", 1, 8)]),
        ("stem: |\n  一\n  碱\xad度\u202e", [("Y013", "warning", 3, 4), ("Y012", "error", 3, 6)]),
        ('stem: "一\\u200b二\\u2067"', [("Y013", "warning", 1, 9), ("Y012", "error", 1, 16)]),
        ("key: [[氧化\u200b钙]]", [("Y014", "error", 1, 10)]),
        ("options: {A: 碱\u200b度, \u2060B: 酸}", [("Y013", "warning", 1, 15), ("Y014", "error", 1, 19)]),
        ("a: b # 注\u202e释", [("Y012", "error", 1, 9)]),
        ("stem: 碱\ue123度", [("Y013", "warning", 1, 8)]),
        ("stem: ❤\ufe0f 👨\u200d👩\nkey: A", []),
        ("stem: $\\frac{a}{b} \\alpha \\beta$", []),
    ],
)
def test_each_is_told_at_its_place_and_gravely_where_it_does_harm(source: str, told: list[tuple[str, str, int, int]]) -> None:
    assert found(source) == told


def codes(problems: list[Problem]) -> list[str]:
    """Return the codes of unseen characters among some problems."""
    return [problem.code for problem in problems if problem.code.startswith("Y")]


def test_blueprints_and_the_words_of_a_centre_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.yaml").write_text("blueprint: x\ntitle: 示\u202e例\n", "utf-8")
    assert codes(read_blueprint(Path("plan.yaml"))[1]) == ["Y012"]
    (tmp_path / "qbank.yaml").write_text("workspace: x\nprint:\n  notices: [请\u200b安静]\n", "utf-8")
    assert codes(find_workspace(tmp_path)[1]) == ["Y013"]


def test_what_comes_from_another_program_loses_them_and_says_so() -> None:
    draft = Draft("single", {"stem": "碱\u200b度\u202e", "options": {"A": "\ufeff高"}, "key": "A\u200e"}, Span("a.gift", 3, 1))
    cleaned, (problem,) = without_unseen_characters(draft)
    assert cleaned.entries == {"stem": "碱度", "options": {"A": "高"}, "key": "A"}
    assert (problem.code, dict(problem.facts)) == ("I139", {"n": "4", "characters": "U+200B, U+200E, U+202E, U+FEFF"})
    assert without_unseen_characters(cleaned) == (cleaned, [])
    assert odd_character("碱\x85") == "\x85"
