"""Theory and raters' marks of one person, added days apart in either order, with a document or without: one row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qbank.core.ratings import Ratings
from qbank.core.responses import NOT_MARKED, Responses
from qbank.ledger import (
    Ledger,
    Source,
    add_answers,
    changes_by,
    list_sittings,
    read_answers,
    read_other_parts,
    read_sitting,
    unmatched_of,
)
from qbank.workflow.parts import clashes, papers_of_persons, uses_of
from tests.ledger.test_ledger import record

PAPERS = (("f", "d", "text"),)


def responses(persons: tuple[str, ...], items: tuple[str, ...], answer: list[list[int]], labels: tuple[str, ...]) -> Responses:
    return Responses(
        sitting="s", persons=persons, items=items, answer=np.array(answer, np.int16), labels=(labels,) * len(items),
        forms=("f",), form=np.zeros(len(persons), np.int16), groups=(), standing=np.zeros(len(persons), np.int8),
    )  # fmt: skip


THEORY = responses(("001", "002"), ("Q1", "T1"), [[0, NOT_MARKED], [1, NOT_MARKED]], ("A", "B"))
MARKS = responses(("００２", "001"), ("T1",), [[0], [1]], ("8", "9"))
RATINGS = Ratings(*(np.array(a, np.int32) for a in ([0, 1], [0, 0], [0, 0], [0, 0])), np.array([8.0, 9.0]), ("",), ("甲",))


def add(ledger: Ledger, part: str, **documents: tuple[str, ...]) -> None:
    if part == "":
        outcome = add_answers(ledger, record(), PAPERS, THEORY, Source("t", part="", **documents))
    else:
        outcome = add_answers(ledger, record(), PAPERS, MARKS, Source("m", part=part), ratings=RATINGS)
    assert outcome == "added"


@pytest.mark.parametrize("order", [("", "ratings"), ("ratings", "")])
@pytest.mark.parametrize("documents", [(), ("ID1", "ID2")])
def test_a_person_in_two_parts_is_one(ledger: Ledger, order: tuple[str, str], documents: tuple[str, ...]) -> None:
    for part in order:
        add(ledger, part, documents=documents)
    found = read_sitting(ledger, "s")
    assert found is not None and found.ratings is not None
    whole = found.responses
    assert whole.persons == tuple(dict.fromkeys(whole.persons)) and len(whole.persons) == 2
    read = [[whole.labels[n][whole.answer[row, n]] for n in range(2)] for row in range(2)]
    assert dict(zip(whole.items, zip(*sorted(read), strict=True), strict=True)) == {"Q1": ("A", "B"), "T1": ("9", "8")}
    for person, marks in zip(found.ratings.person, found.ratings.marks, strict=True):
        column = whole.items.index("T1")
        assert whole.labels[column][whole.answer[person, column]] == f"{marks:g}"
    assert [n for _, n in list_sittings(ledger)] == [2]
    answers = read_answers(ledger, "s")
    assert answers is not None and answers.answer.shape == (2, 2)


def test_the_same_document_has_the_same_pseudonym_in_every_sitting_though_marks_came_first(ledger: Ledger) -> None:
    add(ledger, "ratings")
    add(ledger, "", documents=("ID1", "ID2"))
    add_answers(ledger, record("other"), PAPERS, replace(THEORY, sitting="other"), Source("o", documents=("ID1", "ID2")))
    one, two = read_sitting(ledger, "s"), read_sitting(ledger, "other")
    assert one is not None and two is not None
    assert sorted(one.responses.persons) == sorted(two.responses.persons)


def test_a_number_that_two_stations_gave_to_two_documents_is_two_persons(ledger: Ledger) -> None:
    add_answers(ledger, record(), PAPERS, THEORY, Source("a", part="east", documents=("ID1", "ID2")))
    add_answers(ledger, record(), PAPERS, THEORY, Source("b", part="west", documents=("ID3", "ID2")))
    found = read_sitting(ledger, "s")
    assert found is not None and len(found.responses.persons) == 3


def test_what_other_parts_hold_tells_paper_clash_and_exposure(ledger: Ledger) -> None:
    assert read_other_parts(ledger, "s", "ratings") is None
    add(ledger, "")
    others = read_other_parts(ledger, "s", "ratings")
    assert others is not None and others.has_answers and read_other_parts(ledger, "s", "") is None
    assert papers_of_persons(others) == {"001": "f", "002": "f"}
    assert clashes(MARKS, others, "m.csv") == []
    twice = responses(("001",), ("Q1",), [[1]], ("A", "B"))
    (problem,) = clashes(twice, others, "m.csv")
    assert (problem.code, dict(problem.facts)) == ("R336", {"person": "001", "item": "Q1", "n": "1"})
    (problem,) = clashes(replace(MARKS, forms=("g",)), others, "m.csv")
    assert (problem.code, dict(problem.facts)["n"]) == ("R337", "2")


def test_raters_marks_alone_say_no_paper_of_anybody(ledger: Ledger) -> None:
    add(ledger, "ratings")
    others = read_other_parts(ledger, "s", "")
    assert others is not None and not others.has_answers and papers_of_persons(others) is None


def test_nobody_is_counted_twice_for_one_question(ledger: Ledger) -> None:
    from tests.files.answers.papers import every_kind

    form = every_kind()[0]
    theory = replace(THEORY, items=("Q-1", "K-8"), forms=(form.id,))
    marks = replace(MARKS, persons=("001", "003"), items=("K-8",), forms=(form.id,))
    assert {item: n for item, _, n in uses_of((form,), theory, None)} == {"Q-1": 2, "K-8": 2}
    add_answers(ledger, record(), ((form.id, "d", "t"),), theory, Source("t", exposure=uses_of((form,), theory, None)))
    others = read_other_parts(ledger, "s", "ratings")
    assert {item: n for item, _, n in uses_of((form,), marks, others)} == {"K-8": 1}


def test_a_correction_of_marks_knows_its_persons_though_their_documents_stand_elsewhere(ledger: Ledger) -> None:
    add(ledger, "", documents=("ID1", "ID2"))
    add(ledger, "ratings")
    other = replace(MARKS, answer=np.array([[1], [1]], np.int16))
    found = changes_by(ledger, "s", "ratings", other, ())
    assert found is not None
    assert (found.persons_new, found.persons_gone, found.persons_changed, found.answers_changed) == (0, 0, 1, 1)


def test_a_sheet_of_marks_without_documents_makes_nobody_unmatched(ledger: Ledger) -> None:
    add(ledger, "", documents=("ID1", "ID2"))
    add(ledger, "ratings")  # by number only, of the same persons
    one = replace(THEORY, sitting="t", persons=("901", "902"))
    add_answers(ledger, replace(record(), id="t", date="2026-12-01"), PAPERS, one, Source("u", documents=("ID1", "ID3")))
    assert unmatched_of(ledger, "t") == () and unmatched_of(ledger, "s") == ()
    other = replace(THEORY, sitting="v", persons=("001", "904"))
    add_answers(ledger, replace(record(), id="v", date="2027-01-01"), PAPERS, other, Source("w"))
    [found] = unmatched_of(ledger, "v")
    assert (found.with_document, found.n, found.of, found.sittings, found.same) == (False, 2, 2, ("s", "t"), 1)
    [found] = unmatched_of(ledger, "s")
    assert (found.with_document, found.n, found.of, found.sittings, found.same) == (True, 1, 2, ("v",), 0)  # ID1 is found in t
