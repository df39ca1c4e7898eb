"""What is usable but should be looked at: exact place and figures of the warnings."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.lint import RULES
from qbank.messages import LANGUAGES, problem_hint, problem_message
from qbank.workflow.bank import check_bank
from tests.files.sound import BANK, ITEMS, SOUND, STANDARD, write_bank

NATIONAL = BANK + "rules: national\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def warnings_of(files: dict[str, str]) -> list[tuple[str, str, dict[str, str]]]:
    write_bank(Path(), {**SOUND, **files})
    problems = check_bank(Path())[1]
    assert {problem.severity for problem in problems} <= {"warning"}
    for language in LANGUAGES:
        assert all(problem_message(problem, language) and problem_hint(problem, language) for problem in problems)
    return [(problem.code, str(problem.span), dict(problem.facts)) for problem in problems]


def test_a_bank_that_names_no_rules_is_not_held_against_national_ones() -> None:
    assert warnings_of({}) == []


def test_a_domain_needs_twice_its_weight_in_competencies() -> None:
    assert warnings_of({"bank.yaml": NATIONAL}) == [
        ("T110", "standard.yaml:7:11", {"code": "A", "level": "4", "found": "2", "need": "80"}),
        ("T110", "standard.yaml:16:15", {"code": "B-A", "level": "4", "found": "1", "need": "120"}),
    ]


def test_exactly_twice_the_weight_is_enough() -> None:
    enough = STANDARD.replace("{4: 60}", "{4: 0.5}").replace("{4: 40", "{4: 99.5")
    assert [facts["code"] for _, _, facts in warnings_of({"bank.yaml": NATIONAL, "standard.yaml": enough})] == ["A"]


def test_too_few_core_competencies() -> None:
    """Level 4 has three competencies; one of them general is a third, where 15 per cent are allowed."""
    general = STANDARD.replace("枪位, levels", "枪位, importance: Y, levels")
    found = [entry for entry in warnings_of({"bank.yaml": NATIONAL, "standard.yaml": general}) if entry[0] == "T111"]
    assert found == [
        ("T111", "standard.yaml:7:3", {"level": "4", "importance": "X", "share": "66.7%", "limit": "≥ 80%"}),
        ("T111", "standard.yaml:7:3", {"level": "4", "importance": "Y", "share": "33.3%", "limit": "≤ 15%"}),
    ]


@pytest.mark.parametrize(("status", "n_warnings"), [("draft", 0), ("in_review", 0), ("approved", 2), ("live", 2), ("retired", 0)])
def test_an_item_in_use_says_why_its_key_is_right(status: str, n_warnings: int) -> None:
    found = warnings_of({"items/a.yaml": ITEMS.replace("    marks: 2", f"    marks: 2\n    status: {status}")})
    assert found == [
        ("Q120", "items/a.yaml:18:9", {"key": key, "id": "Q-3"}) for key in ("rationale", "reference")[:n_warnings]
    ]


@pytest.mark.parametrize("name", RULES)
def test_a_rules_docstring_is_its_page(name: str) -> None:
    rule = RULES[name]
    page = rule.__doc__ or ""
    assert rule.__name__ == name
    assert page[:1].isupper() and page[1:4].isdigit() and page[4:6] == ": "
    assert len(page.split("\n\n")) >= 2, "a page says what, then why or an example"
    assert page[0] != "W" or ("Bad" in page and "Good" in page)


def test_two_rules_never_share_a_code() -> None:
    codes = [(rule.__doc__ or "")[:4] for rule in RULES.values()]
    assert len(set(codes)) == len(codes)
