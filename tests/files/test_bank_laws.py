"""What does not change a bank's problems, and what changes an item's fingerprint."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.item import marked_hash, seen_hash
from qbank.problem import Problem
from qbank.workflow.bank import check_bank, usable_bank
from tests.files.sound import SOUND, sound_bank, write_bank

ONE_ITEM = {
    "id": "Q-1", "kind": "single", "competency": "A-001", "level": 4, "stem": "求 $x$", "options": {"A": "1.10", "B": "2"},
    "key": "A", "marks": 1, "status": "draft", "grade": 2, "cognitive": "apply", "seconds": 60, "rationale": "r",
    "reference": "p. 7", "enemies": [], "tags": ["炉"],
}  # fmt: skip
BROKEN_ITEMS = [
    {**ONE_ITEM, "id": "P-1", "key": "E"},
    {**ONE_ITEM, "id": "P-2", "competency": "A-01"},
    {**ONE_ITEM, "id": "P-3", "enemies": ["nobody"]},
    {**ONE_ITEM, "id": "P-4", "stem": "$x"},
    {**ONE_ITEM, "id": "P-5", "grade": 7},
    {**ONE_ITEM, "id": "P-6"},
    {**ONE_ITEM, "id": "P-6"},
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class WrittenOut(yaml.SafeDumper):
    """A dumper that never abbreviates by anchor and alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dumped(items: list[dict[str, Any]]) -> str:
    return yaml.dump({"items": items}, Dumper=WrittenOut, allow_unicode=True, sort_keys=False)


def codes_and_facts(problems: list[Problem]) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    facts = [(problem.code, tuple(fact for fact in problem.facts if fact[0] != "first")) for problem in problems]
    return sorted(facts)


ONE_FILE_EACH = {f"items/{index}.yaml": dumped([item]) for index, item in enumerate(BROKEN_ITEMS)}


def test_problems_do_not_depend_on_the_order_in_which_files_are_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bank(folder, {**SOUND, **ONE_FILE_EACH, "items/z/y.yaml": dumped(BROKEN_ITEMS[:1])})
    _, found = check_bank(Path())
    assert {problem.code for problem in found} >= {"Q101", "Q102", "Q104", "Q111", "Q112", "S104"}
    walk: Callable[..., Iterator[tuple[str, list[str], list[str]]]] = os.walk

    def backwards(top: Path, onerror: object = None) -> Iterator[tuple[str, list[str], list[str]]]:
        return iter([(parent, folders, names[::-1]) for parent, folders, names in list(walk(top))[::-1]])

    monkeypatch.setattr(os, "walk", backwards)
    assert check_bank(Path())[1] == found


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(BROKEN_ITEMS))
def test_mistakes_do_not_depend_on_the_order_of_items(order: list[dict[str, Any]]) -> None:
    write_bank(Path(), {**SOUND, "items/b.yaml": dumped(BROKEN_ITEMS)})
    _, before = check_bank(Path())
    write_bank(Path(), {**SOUND, "items/b.yaml": dumped(order)})
    assert codes_and_facts(check_bank(Path())[1]) == codes_and_facts(before)


def test_items_in_one_file_or_in_many_have_the_same_mistakes(tmp_path: Path) -> None:
    one = write_bank(tmp_path / "one", {**SOUND, "items/b.yaml": dumped(BROKEN_ITEMS)})
    many = write_bank(tmp_path / "many", {**SOUND, **ONE_FILE_EACH})
    # style is not compared: the second item of a repeated id is judged only where it stands in another file
    together, apart = ([p for p in check_bank(root)[1] if p.severity == "error"] for root in (one, many))
    assert codes_and_facts(together) == codes_and_facts(apart)


def test_a_mistake_in_one_item_hides_none_in_another_and_its_enemies_know_it(folder: Path) -> None:
    friends = [{**ONE_ITEM, "id": "P-1", "key": "E"}, {**ONE_ITEM, "id": "P-2", "enemies": ["P-1", "P-3"]},
               {**ONE_ITEM, "id": "P-3", "grade": 7}]  # fmt: skip
    write_bank(folder, {**SOUND, "items/b.yaml": dumped(friends)})
    errors = [problem.code for problem in check_bank(Path())[1] if problem.severity == "error"]
    assert errors == ["Q104", "S104"]


def test_a_bank_with_an_error_is_not_usable_and_one_with_warnings_is(folder: Path) -> None:
    unreasoned = SOUND["items/a.yaml"].replace("seconds: 60", "seconds: 60, status: live")
    bank, problems = usable_bank(write_bank(folder, {**SOUND, "items/a.yaml": unreasoned}))
    assert bank is not None and problems == []
    assert {problem.severity for problem in check_bank(folder)[1]} == {"warning"}
    bank, problems = usable_bank(write_bank(folder, {**SOUND, **ONE_FILE_EACH}))
    assert bank is None and problems


def fingerprints(change: dict[str, Any], *, id: str = "Q-1") -> tuple[str, str]:
    """Return seen and marked of the one item after a change."""
    text = dumped([{**ONE_ITEM, **change}])
    item = sound_bank(Path(), {**SOUND, "items/a.yaml": text}).items[id]
    return seen_hash(item), marked_hash(item)


@pytest.mark.parametrize(
    "change",
    [{"rationale": "better"}, {"reference": ""}, {"marks": 2.5}, {"tags": ["a", "b"]}, {"status": "live"}, {"grade": 5},
     {"seconds": 5}, {"cognitive": "analyse"}, {"competency": "A-002"}, {"pin": ["A"]}, {"shuffle": False},
     {"stem": "  求   $x$ \n"}, {"options": {"A": " 1.10 ", "B": "2"}}],
    ids=str,
)  # fmt: skip
def test_what_no_candidate_sees_leaves_the_fingerprint(change: dict[str, Any]) -> None:
    assert fingerprints(change) == fingerprints({})


def test_another_id_leaves_the_fingerprint() -> None:
    assert fingerprints({"id": "Z-9"}, id="Z-9") == fingerprints({})


def test_unicode_written_in_two_ways_leaves_the_fingerprint() -> None:
    assert fingerprints({"stem": "caf\u00e9"}) == fingerprints({"stem": "cafe\u0301"})


@pytest.mark.parametrize(
    "change",
    [{"stem": "求 $y$"}, {"options": {"A": "1.1", "B": "2"}}, {"options": {"A": "2", "B": "1.10"}},
     {"options": {"A": "1.10", "B": "2", "C": "3"}}],
    ids=str,
)  # fmt: skip
def test_stem_and_options_change_only_what_is_seen(change: dict[str, Any]) -> None:
    (seen, marked), (seen_before, marked_before) = fingerprints(change), fingerprints({})
    assert (seen != seen_before, marked) == (True, marked_before)


def test_another_key_changes_only_how_it_is_marked() -> None:
    (seen, marked), (seen_before, marked_before) = fingerprints({"key": "B"}), fingerprints({})
    assert (seen, marked != marked_before) == (seen_before, True)


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(sorted(ONE_ITEM)))
def test_the_order_of_keys_changes_nothing(order: list[str]) -> None:
    text = dumped([{key: ONE_ITEM[key] for key in order}])
    bank = sound_bank(Path(), {**SOUND, "items/a.yaml": text})
    before = sound_bank(Path(), {**SOUND, "items/a.yaml": dumped([ONE_ITEM])})
    assert (bank.fingerprints, bank.digest) == (before.fingerprints, before.digest)


@pytest.mark.parametrize(
    ("file", "old", "new", "same"),
    [
        ("items/a.yaml", "grade: 2", "grade: 3", False),
        ("items/a.yaml", "marks: 2", "marks: 3", False),
        ("items/a.yaml", "key: true", "key: false", False),
        ("standard.yaml", "title: 枪位", "title: 枪", False),
        ("items/a.yaml", "items:", "# a comment\nitems:", True),
        ("bank.yaml", "title: 小题库", "title: 大题库", True),
    ],
)
def test_the_digest_of_a_bank_follows_what_assembly_reads(file: str, old: str, new: str, same: bool) -> None:
    before = sound_bank(Path()).digest
    assert SOUND[file].count(old) == 1
    assert (sound_bank(Path(), {**SOUND, file: SOUND[file].replace(old, new)}).digest == before) is same
