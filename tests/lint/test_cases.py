"""Every rule of style on snippets that pass and fail it, with line and column; the cases are data."""

from __future__ import annotations

from collections import Counter

import pytest

from qbank.lint import RULES, code_of
from qbank.messages import LANGUAGES, problem_hint, problem_message
from tests.lint.cases import FOLDER, Case, cases, findings, no_errors

CASES = cases()
STYLE = sorted(code for code in map(code_of, RULES.values()) if code.startswith("W"))


def test_every_rule_of_style_has_cases_and_every_file_a_rule() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == STYLE


@pytest.mark.parametrize("code", STYLE)
def test_every_rule_has_two_cases_that_pass_and_two_that_fail(code: str) -> None:
    n = Counter(bool(case.line) for case in CASES if case.code == code)
    assert n[True] >= 2 and n[False] >= 2


@pytest.mark.parametrize("case", CASES, ids=[f"{case.code}-{index}" for index, case in enumerate(CASES)])
def test_a_rule_finds_what_its_case_says_and_nothing_else(case: Case) -> None:
    problems = findings(case)
    assert no_errors(problems), problems
    found = [problem for problem in problems if problem.code == case.code]
    places = [(problem.span.line, problem.span.column) for problem in found]
    assert places == ([(case.line, case.column)] if case.line else []), found
    for problem in found:
        assert {**dict(problem.facts), **(case.facts or {})} == dict(problem.facts)
        assert all(problem_message(problem, language) and problem_hint(problem, language) for language in LANGUAGES)
