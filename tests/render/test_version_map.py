"""The map of versions: every question in every version with the number and key that stand there; long keys left out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.presentation import Paper, PaperSection, Question
from qbank.render.places import answer_places
from qbank.render.texts import parts_of
from qbank.render.txt import text_of
from qbank.render.version_map import MOST_ROWS, map_tables
from tests.render.every_kind import en_every_kind, paper_of, zh_every_kind
from tests.render.samples import zh_paper
from tests.render.versions import scrambled, with_versions

PAPERS: dict[str, Callable[[], Paper]] = {"zh": zh_every_kind, "en": en_every_kind}


@pytest.mark.parametrize("own", [0, 1, 2])
@pytest.mark.parametrize("name", PAPERS)
def test_each_row_names_one_item_by_the_number_and_key_of_every_version(name: str, own: int) -> None:
    paper = PAPERS[name]()
    found = with_versions(paper, own).version_map
    assert found is not None
    order = [own, *(by for by in range(3) if by != own)]
    there = []
    for by in order:
        places = (place for section in scrambled(paper, by)[0].sections for place in answer_places(section))
        there.append({place.question.item: (place.label, place.question.answer) for place in places})
    rows = [row for rows in found.sections for row in rows]
    printed = (place for section in scrambled(paper, own)[0].sections for place in answer_places(section))
    assert [row[0].label for row in rows] == [place.label for place in printed if not place.question.task]
    assert [letter for letter, _, _ in found.versions] == ["ABC"[by] for by in order]
    for row in rows:
        assert len({place.item for place in row}) == 1
        for place, known in zip(row, there, strict=True):
            label, answer = known[place.item]
            assert place.label == label
            assert place.answer in (answer, "")
    shown = {place.item for row in rows for place in row if place.answer}
    written = {item for item in there[0] if item.startswith(("K-16", "K-17", "E-9", "K-18.5", "E-10.3"))}
    assert not shown & written


def test_a_judgement_with_a_correction_is_right_or_wrong_in_the_map() -> None:
    answers = ("√", "× 新版规程生效后，旧版应从现场收回；需要留存的，应加作废标识。")
    questions = tuple(Question(f"Q-{n}", n, "true_false", "", (), answer, "tick", 1.0) for n, answer in enumerate(answers, start=1))
    found = with_versions(paper_of("zh", (PaperSection("S", "", 1.0, questions),), "", ""), 0, 2).version_map
    assert found is not None
    assert [row[0].answer for row in found.sections[0]] == ["√", "×"]


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 170), n_versions=st.integers(2, 8))
def test_the_tables_hold_every_row_once_block_by_block(n: int, n_versions: int) -> None:
    questions = tuple(Question(f"Q-{k}", k, "single", "", (("A", ""), ("B", "")), "A", "bracket", 1.0) for k in range(1, n + 1))
    paper = with_versions(paper_of("zh", (PaperSection("S", "", 1.0, questions),), "", ""), 0, n_versions)
    read = []
    for table in map_tables(paper):
        assert len(table.rows) <= MOST_ROWS
        read += [row[block][0].label for block in range(len(table.rows[0])) for row in table.rows if row[block] is not None]  # type: ignore[index]
    assert read == [str(k) for k in range(1, n + 1)]


def test_a_paper_without_versions_has_no_map() -> None:
    assert "version-map" not in parts_of(zh_paper())
    assert "version-map" in parts_of(with_versions(zh_paper(), 0))


def test_the_text_reads_across_from_one_version_to_the_others() -> None:
    shown = text_of(with_versions(zh_paper(3, 0, 0), 1), "version-map")
    assert re.findall(r"(?m)^(\d+ .*)$", shown) == ["1    C     2    B     3    D", "2    C     3    B     1    D", "3    B     1    A     2    C"]
