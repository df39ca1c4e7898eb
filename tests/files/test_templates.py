"""Templates as people write them: one mistake is one problem at its place; sound ones have none."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.messages import LANGUAGES, group_texts, problem_hint, problem_message
from qbank.problem import Problem
from qbank.workflow.bank import check_bank
from tests.files.sound import BANK, STANDARD, lies_inside, write_bank
from tests.files.template_cases import CASES, HEAD, SOUND, Wrong


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work inside the bank's folder, as people do, so that paths are shown relative to it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems_of_form() -> list[Problem]:
    """Return everything wrong but what rules of good writing find in these short stems."""
    return [problem for problem in check_bank(Path())[1] if not problem.code.startswith("W")]


def write(case: Wrong, folder: Path) -> None:
    write_bank(folder, {"bank.yaml": BANK, "standard.yaml": STANDARD, "items/t.yaml": HEAD + case.text})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_mistake_is_one_problem_at_its_place(case: Wrong, folder: Path) -> None:
    write(case, folder)
    found = problems_of_form()
    assert [(str(problem.span), problem.code, problem.severity) for problem in found] == [
        (f"items/t.yaml:{case.at}", case.code, case.severity)
    ]
    (problem,) = found
    facts = dict(problem.facts)
    assert case.facts.items() <= facts.items(), facts
    for span in (problem.span, *problem.related):
        assert lies_inside(span, folder), span
    for language in LANGUAGES:
        assert problem_message(problem, language)
        assert problem_hint(problem, language)


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_a_sound_template_has_no_problem(case: Wrong, folder: Path) -> None:
    write(case, folder)
    source, _ = check_bank(Path())
    assert problems_of_form() == [] and source.bank is not None and list(source.bank.items) == ["T-1"]


def test_the_sentence_about_a_variant_holds_the_sentence_of_its_kind(folder: Path) -> None:
    write(next(case for case in CASES if case.name == "options that read alike in one variant"), folder)
    (problem,) = problems_of_form()
    assert problem_message(problem, "en") == "with m=80, c=0.2: option B equals option A"
    assert problem_message(problem, "zh") == "抽到 m=80, c=0.2 时：选项 B 与 A 相同"


def test_every_code_of_templates_has_a_case() -> None:
    codes = {code for code in group_texts("en", "problem") if code.startswith("V1") and "." not in code}
    assert codes - {case.code for case in CASES} == set()


@pytest.mark.parametrize("case", [*SOUND, *CASES], ids=lambda case: case.name)
def test_what_is_found_again_from_the_cache_is_the_same(
    case: Wrong, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QBANK_CACHE_DIR", str(folder / "cache"))
    write(case, folder)
    first, found = check_bank(Path(), cached=True)
    again, found_again = check_bank(Path(), cached=True)
    assert found_again == found
    assert first.bank == again.bank


def test_expressions_in_a_folded_text_are_told_at_its_beginning(folder: Path) -> None:
    text = SOUND[0].text.replace("    stem: 铁水 {{ m }} t，含碳 {{ c | 2 }} %，", "    stem: >\n      铁水 {{ m }} t，\n      含碳 {{ d }} %{{ c }}，")
    write(Wrong("", text, "", ""), folder)
    assert [(str(problem.span), problem.code) for problem in problems_of_form()] == [("items/t.yaml:7:11", "V103")]
