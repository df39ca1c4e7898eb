"""Stubs of new items: their ids, and how they get into a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.kinds import KINDS
from qbank.messages import LANGUAGES, Language
from qbank.messages import text as authored
from qbank.problem import Problem
from qbank.workflow.bank import check_bank
from qbank.workflow.new_item import append_stub, stub_indent, stub_of
from tests.files.sound import ITEMS, SOUND, errors_of, write_bank


def stub(root: Path, competency: str = "A-001", level: int | None = None, *, indent: int = 2) -> tuple[str, list[Problem]]:
    source, _ = check_bank(root)
    assert source.bank is not None
    found, problems = stub_of(
        source.bank, source.declared, "single", competency, language="zh", level=level, indent=indent
    )
    return found or "", problems


def id_of(text: str) -> str:
    return text.split("id: ")[1].split()[0]


def test_the_id_follows_those_of_the_same_competency(tmp_path: Path) -> None:
    write_bank(tmp_path, {**SOUND, "items/a.yaml": ITEMS.replace("id: Q-3", "id: B4-0099").replace("enemies: [Q-1]", "")})
    assert id_of(stub(tmp_path)[0]) == "Q-3"
    assert id_of(stub(tmp_path, "B-A-001")[0]) == "B4-0100"


def test_an_id_that_stands_in_an_unsound_item_is_not_given_again(tmp_path: Path) -> None:
    broken = "items:\n  - {id: Q-4, kind: single}\n  - {id: Q-5, kind: single}\n"
    assert id_of(stub(write_bank(tmp_path, {**SOUND, "items/b.yaml": broken}))[0]) == "Q-6"


def test_a_competency_without_items_gives_its_code(tmp_path: Path) -> None:
    assert id_of(stub(write_bank(tmp_path), "B-A-002")[0]) == "B-A-002-01"


def test_a_wrong_code_and_a_wrong_level_are_problems(tmp_path: Path) -> None:
    write_bank(tmp_path)
    (problem,) = stub(tmp_path, "A-01")[1]
    assert (problem.code, dict(problem.facts)["suggestion"]) == ("B012", "A-001")
    (problem,) = stub(tmp_path, "A-002", 3)[1]
    assert (problem.code, dict(problem.facts)["levels"]) == ("B013", "4")


@pytest.mark.parametrize("kind", KINDS)
def test_a_stub_goes_behind_the_items_of_a_file(kind: str, tmp_path: Path) -> None:
    source, _ = check_bank(write_bank(tmp_path))
    assert source.bank is not None
    text, _ = stub_of(source.bank, source.declared, kind, "A-001", language="zh")
    path = tmp_path / "items" / "a.yaml"
    assert append_stub(path, text or "") == []
    assert path.read_text("utf-8").startswith(ITEMS)
    assert errors_of(tmp_path) == []
    assert check_bank(tmp_path)[0].declared == {"Q-1", "Q-2", "Q-3", id_of(text or "")}


@pytest.mark.parametrize(
    ("before", "indent"),
    [(ITEMS, 2), (ITEMS.replace("\n", "\r\n"), 2), ("\ufeff" + ITEMS, 2), (ITEMS.rstrip("\n"), 2), (ITEMS + "# 完\n", 2),
     (ITEMS.replace("\n  ", "\n"), 0), ("# later\nitems:\n", 2)],
    ids=["lines", "crlf", "bom", "no last break", "comment at the end", "no indent", "no items yet"],
)  # fmt: skip
def test_the_rest_of_the_file_stays_byte_by_byte(before: str, indent: int, tmp_path: Path) -> None:
    write_bank(tmp_path)
    path = tmp_path / "items" / "c.yaml"
    path.write_bytes(before.replace("Q-", "R-").encode())
    assert stub_indent(path) == indent
    assert append_stub(path, stub(tmp_path, indent=indent)[0]) == []
    after = path.read_bytes()
    assert after.startswith(before.replace("Q-", "R-").encode())
    assert (b"\r\n" in after) == ("\r\n" in before) and after.count(b"\n") - after.count(b"\r\n") == (0 if "\r" in before else after.count(b"\n"))
    assert "Q-3" in check_bank(tmp_path)[0].texts


@pytest.mark.parametrize(
    "before",
    ["items: []\n", "items: [{id: Q-9}]\n", "items:\n- id: R-1\ndefaults: {level: 4}\n", "x: 1\n", "items:\n  - stem: |\n      a\n", "[1]\n"],
)
def test_a_file_that_cannot_take_it_is_left_alone(before: str, tmp_path: Path) -> None:
    write_bank(tmp_path)
    path = tmp_path / "items" / "c.yaml"
    path.write_text(before, "utf-8")
    problems = append_stub(path, stub(tmp_path, indent=stub_indent(path))[0])
    if "stem" in before:
        assert problems == []
    else:
        assert [problem.code for problem in problems] == ["B014"]
        assert path.read_text("utf-8") == before


def test_a_new_file_is_made(tmp_path: Path) -> None:
    path = write_bank(tmp_path) / "items" / "new" / "b.yaml"
    assert append_stub(path, stub(tmp_path)[0]) == []
    assert errors_of(tmp_path) == []
    assert "Q-3" in check_bank(tmp_path)[0].texts


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"true_false", "numeric"}))
def test_a_stub_of_which_only_the_stem_is_written_is_still_to_be_written(kind: str, language: Language, tmp_path: Path) -> None:
    root = write_bank(tmp_path)
    source, _ = check_bank(root)
    assert source.bank is not None
    text, _ = stub_of(source.bank, source.declared, kind, "A-001", language=language, level=None)
    assert text is not None
    word = f"stem: {authored(language, 'authored.stub.stem')}"
    (root / "items/new.yaml").write_text("items:\n" + text.replace(word, "stem: 碱度怎样计算？", 1), "utf-8")
    found = [problem for problem in check_bank(root)[1] if problem.code == "G105"]
    assert [(problem.severity, problem.span.line > 8) for problem in found] == [("warning", True)]
