"""Whatever goes in comes out: answers of any shape, int8 and int16, in parts, corrected and removed; on both engines."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from qbank.core.ratings import Ratings
from qbank.core.responses import NOT_SEEN, Responses
from qbank.ledger import (
    Ledger,
    LedgerError,
    SittingRecord,
    Source,
    add_answers,
    entries,
    list_sittings,
    open_ledger,
    read_answers,
    read_sitting,
    remove_sitting,
    tables,
    verify_ledger,
)
from tests.ledger.strategies import responses

PAPERS = (("f", "x", "text of f"), ("g", "y", "text of g"))
LAW = settings(max_examples=15, deadline=None)
numbers = itertools.count(1)


def record(id: str) -> SittingRecord:
    return SittingRecord(id, "2026-11-23", "Linz", "spiralled", 60.0, 100.0, "bank")


def cells(given: Responses, items: tuple[str, ...]) -> list[list[str]]:
    """Return what each person marked as words; an item that the file did not have was not seen."""
    column = {item: n for n, item in enumerate(given.items)}
    return [
        [
            str(NOT_SEEN) if item not in column
            else f"={given.labels[column[item]][row[column[item]]]}" if row[column[item]] >= 0
            else str(row[column[item]])
            for item in items
        ]
        for row in given.answer.tolist()
    ]  # fmt: skip


def other_persons(part: int, given: Responses) -> Responses:
    """Return the answers as those of persons whom no other part has: who sits two parts is one row of the sitting."""
    if part == 0:
        return given
    return dataclasses.replace(given, persons=tuple(f"{part}·{row}·{number}" for row, number in enumerate(given.persons)))


def exposure(given: Responses) -> tuple[tuple[str, str, int], ...]:
    sat = given.standing != 1
    return tuple((item, f"{item}.1", int((given.answer[sat, n] != NOT_SEEN).sum())) for n, item in enumerate(given.items))


@st.composite
def ratings(draw: st.DrawFn, given: Responses) -> Ratings | None:
    n = draw(st.integers(0, 5)) if given.persons and given.items else 0
    if not n:
        return None
    index = [draw(st.lists(st.integers(0, top), min_size=n, max_size=n)) for top in (len(given.persons) - 1, len(given.items) - 1, 1, 1)]
    marks = draw(st.lists(st.sampled_from([0.0, 0.5, 2.5, float("nan")]), min_size=n, max_size=n))
    return Ratings(*(np.array(c, dtype=np.int32) for c in index), np.array(marks), ("step 1", "步骤 2"), ("甲", "乙"))


@LAW
@given(data=st.data())
def test_every_answer_that_is_read_again_is_the_one_given(ledger: Ledger, ledger_place: str, data: st.DataObject) -> None:
    id = f"s{next(numbers)}"
    parts = [other_persons(n, data.draw(responses(id))) for n in range(data.draw(st.integers(1, 3)))]
    rated = [data.draw(ratings(part)) for part in parts]
    for n, part in enumerate(parts):
        names = tuple(f"张{row}" for row in range(len(part.persons)))
        source = Source(f"d{n}", "f.csv", part=f"站{n}" if n else "", names=names, exposure=exposure(part))
        assert add_answers(ledger, record(id), PAPERS, part, source, ratings=rated[n]) == "added"
        assert add_answers(ledger, record(id), PAPERS, part, source, ratings=rated[n]) == "unchanged"
    other = open_ledger(ledger_place)
    stored = read_sitting(other, id)
    alone = read_answers(other, id)
    with other.read() as connection:
        d = tables.identity.c
        named = connection.execute(select(d.number, d.name).where(d.intake.like(f"{id}/%")).order_by(d.intake, d.position)).all()
    other.close()
    assert stored is not None and alone is not None
    found = stored.responses
    np.testing.assert_array_equal(found.answer, alone.answer)
    assert (found.items, found.labels) == (alone.items, alone.labels)
    expected = [row for part in parts for row in cells(part, found.items)]
    assert cells(found, found.items) == expected
    assert [found.forms[n] for n in found.form] == [part.forms[n] for part in parts for n in part.form]
    np.testing.assert_array_equal(found.standing, np.concatenate([part.standing for part in parts]))
    groups = dict(found.groups)
    for name in {name for part in parts for name, _ in part.groups}:
        words = [w for part in parts for w in dict(part.groups).get(name, ("",) * len(part.persons))]
        assert list(groups.get(name, ("",) * len(words))) == words
    assert [row[0] for row in named] == [person for part in parts for person in part.persons]
    if any(rated):
        assert stored.ratings is not None
        np.testing.assert_array_equal(stored.ratings.marks, np.concatenate([r.marks for r in rated if r is not None]))
    if len(parts) == 1:
        for name in ("items", "labels", "forms", "groups"):
            assert getattr(found, name) == getattr(parts[0], name)
    assert verify_ledger(ledger)[1] == []


@LAW
@given(data=st.data())
def test_a_corrected_file_replaces_the_former_with_a_trace_and_without_its_names(ledger: Ledger, data: st.DataObject) -> None:
    id = f"c{next(numbers)}"
    first, second, other = (other_persons(n, data.draw(responses(id))) for n in range(3))
    add_answers(ledger, record(id), PAPERS, first, Source("d1", exposure=exposure(first)))
    add_answers(ledger, record(id), PAPERS, other, Source("o1", part="other", exposure=exposure(other)))
    changed = Source("d2", why="two columns were swapped", exposure=exposure(second))
    assert add_answers(ledger, record(id), PAPERS, second, changed) == "different"
    assert add_answers(ledger, record(id), PAPERS, second, changed, replace=True) == "replaced"
    stored = read_sitting(ledger, id)
    assert stored is not None
    rows = [row for part in (second, other) for row in cells(part, stored.responses.items)]
    assert cells(stored.responses, stored.responses.items) == rows
    with ledger.read() as connection:
        i, d, b = tables.intake.c, tables.identity.c, tables.response_block.c
        kept = connection.execute(select(i.id, i.current).where(i.sitting == id).order_by(i.id)).all()
        named = set(connection.execute(select(d.intake).where(d.intake.like(f"{id}/%"))).scalars())
        blocks = set(connection.execute(select(b.intake).where(b.intake.like(f"{id}/%"))).scalars())
    assert [tuple(row) for row in kept] == [(f"{id}//1", False), (f"{id}//2", True), (f"{id}/other/1", True)]
    assert f"{id}//1" not in named and len(blocks) == 3
    entry = next(e for e in entries(ledger, subject=id) if e.action == "answers replaced")
    assert entry.facts["before"]["digest"] == "d1" and entry.facts["why"] == "two columns were swapped"
    assert verify_ledger(ledger)[1] == []
    assert remove_sitting(ledger, id) and read_sitting(ledger, id) is None
    assert verify_ledger(ledger)[1] == []


def simple(id: str, n: int = 3) -> Responses:
    return Responses(
        id, tuple(f"P{row}" for row in range(n)), ("i",), np.zeros((n, 1), np.int16), (("A", "B"),), ("f", "g"),
        np.zeros(n, np.int16), (), np.zeros(n, np.int8),
    )  # fmt: skip


def test_a_part_that_declares_another_sitting_or_paper_is_different(ledger: Ledger) -> None:
    assert add_answers(ledger, record("s"), PAPERS, simple("s"), Source("d1")) == "added"
    other = dataclasses.replace(record("s"), cut=70.0)
    assert add_answers(ledger, other, PAPERS, simple("s"), Source("d2", part="b")) == "different"
    paper = (("f", "z", "another f"), PAPERS[1])
    assert add_answers(ledger, record("s"), paper, simple("s"), Source("d2", part="b")) == "different"
    assert [n for _, n in list_sittings(ledger)] == [3]


def test_a_name_that_the_database_cannot_hold_leaves_nothing_behind(postgres_place: str) -> None:
    ledger = open_ledger(postgres_place)
    source = Source("d", names=("张\x00三", "", ""))
    with pytest.raises(LedgerError) as caught:
        add_answers(ledger, record("s"), PAPERS, simple("s"), source)
    assert caught.value.reason == "refused"
    assert list_sittings(ledger) == () and entries(ledger) == ()
    assert add_answers(ledger, record("s"), PAPERS, simple("s"), Source("d")) == "added"
    ledger.close()


def test_words_sort_alike_on_both_engines(ledger: Ledger) -> None:
    ids = ["B", "a", "A-1", "A1", "_", "é", "中", "z", "10", "9"]
    for id in ids:
        add_answers(ledger, record(id), PAPERS, simple(id), Source("d"))
    assert [found.id for found, _ in list_sittings(ledger)] == sorted(ids)
