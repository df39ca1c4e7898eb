"""One mistake, one error: exact code, line and column, inside the file, and a sentence and a hint in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.kinds import KINDS
from qbank.messages import LANGUAGES, problem_hint, problem_message
from tests.files.broken_cases import CASES, Case
from tests.files.sound import KIND_ITEMS, SHARED_ITEMS, SOUND, errors_of, lies_inside, sound_bank, write_bank


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work inside the bank's folder, as people do, so that paths are shown relative to it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_items_of_every_kind_have_no_error(folder: Path) -> None:
    bank = sound_bank(folder, {**SOUND, "items/kinds.yaml": KIND_ITEMS})
    assert {item.kind for item in bank.items.values()} == set(KINDS)


def test_the_items_that_share_stimuli_have_no_error(folder: Path) -> None:
    bank = sound_bank(folder, {**SOUND, "items/shared.yaml": SHARED_ITEMS})
    assert [(id, item.stimulus) for id, item in bank.items.items() if item.stimulus] == [("U-1", "S-1"), ("U-2", "S-1"), ("U-3", "S-2")]
    assert {*bank.stimuli} == {"S-1", "S-2"}


def test_the_sound_bank_has_no_error(folder: Path) -> None:
    bank = sound_bank(folder)
    assert list(bank.items) == ["Q-1", "Q-2", "Q-3"]
    assert [item.kind for item in bank.items.values()] == ["single", "true_false", "numeric"]


def test_case_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_mistake_is_one_error_at_its_place(case: Case, folder: Path) -> None:
    assert case.files != SOUND
    write_bank(folder, case.files)
    found = errors_of(Path())
    assert [(str(problem.span), problem.code) for problem in found] == [(case.at, case.code)]
    (problem,) = found
    assert case.facts.items() <= dict(problem.facts).items()
    for span in (problem.span, *problem.related):
        assert lies_inside(span, folder), span
    for language in LANGUAGES:
        assert problem_message(problem, language)
        assert problem_hint(problem, language)


def test_a_missing_folder_is_one_error() -> None:
    (problem,) = errors_of(Path("nowhere"))
    assert (problem.code, str(problem.span)) == ("B004", "nowhere")


def test_all_mistakes_of_all_files_are_given_at_once(folder: Path) -> None:
    bank = SOUND["bank.yaml"].replace("language: zh", "language: cn")
    standard = SOUND["standard.yaml"].replace("official: false", "official: no")
    items = SOUND["items/a.yaml"].replace("key: A\n", "key: E\n").replace("seconds: 60", "seconds: 4")
    write_bank(folder, {"bank.yaml": bank, "standard.yaml": standard, "items/a.yaml": items})
    assert [(str(problem.span), problem.code) for problem in errors_of(Path())] == [
        ("bank.yaml:3:11", "S105"),
        ("items/a.yaml:1:73", "S104"),
    ]


def test_a_mistake_in_defaults_is_told_once_however_many_items_inherit_it(folder: Path) -> None:
    items = SOUND["items/a.yaml"].replace("level: 4", "level: 2")
    write_bank(folder, {**SOUND, "items/a.yaml": items})
    assert [(str(problem.span), problem.code) for problem in errors_of(Path())] == [("items/a.yaml:1:33", "Q103")]


def test_the_related_place_is_where_the_other_one_stands(folder: Path) -> None:
    write_bank(folder, {**SOUND, "items/a.yaml": SOUND["items/a.yaml"].replace("id: Q-3", "id: Q-1")})
    (problem,) = errors_of(Path())
    assert [str(span) for span in problem.related] == ["items/a.yaml:3:9"]


def test_every_code_of_files_and_rules_has_a_case() -> None:
    """Y010 and Y011 need a huge or unreadable file, S109 a validator of one's own, B004 no folder at all,
    B010 and B011 a pipe and a link; Y013 is a warning (test_unseen.py); Q119 needs an engine without the parts for printing; S111 and S112 are of qbank.yaml (tests/workflow/test_analysis_settings.py)."""
    from qbank.messages import group_texts

    codes = {code for code in group_texts("en", "problem") if code[0] in "YSBTQ" and "." not in code}
    warnings_and_verbs = {"T110", "T111", "Q119", "Q120", "Q405", "B004", "B005", "B006", "B010", "B011", "B012", "B013", "B014", "Y010", "Y011", "Y013", "S109", "S111", "S112"}
    pictures = {code for code in codes if code.startswith("Q30")}
    assert codes - warnings_and_verbs - pictures - {case.code for case in CASES} == set()
