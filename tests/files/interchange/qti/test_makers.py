"""Packages of other makers are read or refused by name, never a traceback and nothing left unsaid."""

from __future__ import annotations

import pytest

from qbank.files.interchange.entries import plainly
from qbank.files.interchange.qti.reading.declared import number
from qbank.messages import LANGUAGES, problem_hint, problem_message
from tests.files.interchange.qti.makers import PACKAGES
from tests.files.interchange.qti.test_reading import packed, read
from tests.files.interchange.strategies import item_text


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_of_another_maker_gives_items_or_says_why_not(name: str) -> None:
    package = PACKAGES[name]
    drafts, problems = read(packed(package.files), "a.zip")
    assert tuple(draft.kind for draft in drafts) == package.kinds, problems
    assert tuple(problem.code for problem in problems if problem.severity == "error") == package.refused, problems
    for problem in problems:
        assert problem.span.path.startswith("a.zip")
        for language in LANGUAGES:
            assert "{" not in problem_message(problem, language) + problem_hint(problem, language)
    head = {"competency": "A-001", "level": 4, "grade": 2, "cognitive": "apply", "seconds": 60}
    for draft in drafts:
        entries = {**head, "id": "X-1", "kind": draft.kind, **{key: value for key, value in draft.entries.items() if key != "stimulus"}}
        assert item_text(plainly(entries)) is not None, entries  # an import makes a sound item of it


def test_what_other_makers_write_otherwise_keeps_its_key_and_its_marks() -> None:
    """A key in CDATA, SCORE.max, a weight in another element, pairs out of one list, statements judged one by one."""
    found = {name: read(packed(PACKAGES[name].files), "a.zip") for name in ("values in CDATA (TAO)", "Blackboard pool", "D2L library", "associate", "KPRIM (OpenOLAT)", "ONYX")}
    entries = {name: drafts[0].entries for name, (drafts, _) in found.items()}
    assert (entries["values in CDATA (TAO)"]["key"], entries["values in CDATA (TAO)"]["credit"]) == (["A", "C"], "balance")
    assert "X427" in [problem.code for problem in found["values in CDATA (TAO)"][1]] and entries["values in CDATA (TAO)"]["marks"] == 0.5
    assert (entries["Blackboard pool"]["stem"], entries["Blackboard pool"]["key"], entries["Blackboard pool"]["marks"]) == ("哪种**金属**？", "B", 5)
    assert found["Blackboard pool"][0][0].source_id == "a:_1_1"
    assert (entries["D2L library"]["key"], entries["D2L library"]["marks"]) == ("B", 2)
    asked = entries["associate"]
    assert [asked["options"][letter] for letter in asked["key"]] == ["Fe", "Cu", "金"] and asked["prompts"] == ["铁", "铜", "Au"]
    assert [(part["kind"], part["key"], part["marks"]) for part in entries["KPRIM (OpenOLAT)"]["parts"]] == [
        ("true_false", True, 0.5), ("true_false", False, 0.5), ("true_false", True, 0.5), ("true_false", False, 0.5)
    ]  # fmt: skip
    assert (entries["ONYX"]["key"], entries["ONYX"]["rationale"]) == ("B", "因为是铜。")


def test_weights_with_sixteen_decimals_are_numbers() -> None:
    """As every program writes a third; they were taken for none, and the key was lost with them."""
    assert number("0.6666666666666666") == pytest.approx(2 / 3) and number("-0.33333333333333331") == pytest.approx(-1 / 3)
    assert number("9" * 90) is None and number("1e99") == 1e99
