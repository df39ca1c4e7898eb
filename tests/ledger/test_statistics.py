"""Statistics over sittings against a count of the persons one by one; what is not scored is listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.tally import Tally
from qbank.ledger import (
    DIMENSIONS,
    Dimension,
    Ledger,
    Selection,
    StatisticsTable,
    open_ledger,
    statistics,
    tables,
)
from tests.ledger.filled import Filled, Person, fill, score

PERSONS = st.lists(
    st.builds(
        Person, site=st.sampled_from(["", "甲", "乙"]), form=st.sampled_from(["A", "B"]),
        standing=st.sampled_from(["present", "present", "present", "absent", "void", "withheld", "waiting"]),
        total=st.integers(0, 200).map(lambda half: half / 2),
    ),
    max_size=12,
).map(tuple)  # fmt: skip
SITTINGS = st.lists(
    st.builds(
        Filled, id=st.sampled_from([f"s{n}" for n in range(6)]), date=st.sampled_from(["2025-12-31", "2026-01-01", "2026-05-09"]),
        occupation=st.sampled_from(["6-17 炼钢工", "6-18 轧钢工"]), level=st.integers(1, 5), persons=PERSONS, scored=st.booleans(),
    ),
    max_size=4, unique_by=lambda one: one.id,
)  # fmt: skip
BY = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=3).map(tuple)


def counted(path: Path, sittings: list[Filled], by: tuple[Dimension, ...], selection: Selection | None = None) -> StatisticsTable:
    """Return the statistics of a ledger of one's own."""
    path.unlink(missing_ok=True)
    ledger = open_ledger(path)
    try:
        for one in sittings:
            fill(ledger, one)
        return statistics(ledger, by, selection)
    finally:
        ledger.close()


def label(one: Filled, person: Person, name: Dimension) -> str:
    return {
        "occupation": one.occupation, "level": str(one.level), "site": person.site, "sitting": one.id, "paper": person.form,
        "month": one.date[:7], "year": one.date[:4],
    }[name]  # fmt: skip


def one_by_one(sittings: list[Filled], by: tuple[Dimension, ...]) -> dict[tuple[str, ...], Tally]:
    """Return the tallies counted from the persons."""
    groups: dict[tuple[str, ...], list[tuple[Filled, Person]]] = {}
    for one in sittings:
        for person in one.persons if one.scored else ():
            groups.setdefault(tuple(label(one, person, name) for name in by), []).append((one, person))
    found = {}
    for labels, own in groups.items():
        standing = Counter(person.standing for _, person in own)
        totals = [(100 * person.total / one.marks, person.total >= one.cut) for one, person in own if person.standing == "present"]
        bands = [0] * 20
        for total, _ in totals:
            bands[min(int(total // 5), 19)] += 1
        found[labels] = Tally(
            len(own), standing["present"], standing["void"], standing["withheld"], standing["waiting"], sum(passed for _, passed in totals),
            sum(total for total, _ in totals), sum(total**2 for total, _ in totals), tuple(bands),
        )  # fmt: skip
    return found


def same(found: Tally, expected: Tally) -> bool:
    exact = replace(found, sum=0.0, sum_of_squares=0.0) == replace(expected, sum=0.0, sum_of_squares=0.0)
    return exact and found.sum == pytest.approx(expected.sum) and found.sum_of_squares == pytest.approx(expected.sum_of_squares)


@settings(max_examples=18)
@given(sittings=SITTINGS, by=BY)
def test_the_counts_are_those_of_the_persons(tmp_path: Path, sittings: list[Filled], by: tuple[Dimension, ...]) -> None:
    table = counted(tmp_path / "ledger.db", sittings, by)
    expected = one_by_one(sittings, by)
    assert {row.labels for row in table.rows} == set(expected)
    assert all(same(row.tally, expected[row.labels]) for row in table.rows)
    absent = sum(person.standing == "absent" for one in sittings if one.scored for person in one.persons)
    assert table.total.absent == absent
    for length in range(len(by)):
        whole = one_by_one(sittings, by[:length])
        several = Counter(labels[:length] for labels in expected)
        totals = {row.labels: row.tally for row in table.totals if len(row.labels) == length}
        assert set(totals) == ({labels for labels, n in several.items() if n > 1} if length else set())
        assert all(same(tally, whole[labels]) for labels, tally in totals.items())
    assert same(table.total, one_by_one(sittings, ()).get((), Tally()))
    assert [one.sitting for one in table.unscored] == [one.id for one in sorted(sittings, key=lambda s: (s.date, s.id)) if not one.scored]
    assert all(one.persons == len(next(s for s in sittings if s.id == one.sitting).persons) for one in table.unscored)


def test_both_engines_count_the_same(ledger: Ledger) -> None:
    words = ("present", "absent", "void", "withheld", "waiting")
    some = [
        Filled(f"s{n}", f"202{n}-05-01", level=n + 3, persons=tuple(
            Person(("甲", "", "乙")[k % 3], "AB"[k % 2], words[k % 5 if k < 10 else 0], 40 + k) for k in range(20 + n)
        ), scored=n < 2)
        for n in range(3)
    ]  # fmt: skip
    for one in some:
        fill(ledger, one)
    for by in (("site", "level"), ("month", "paper", "sitting"), ()):
        table = statistics(ledger, by)  # type: ignore[arg-type]
        expected = one_by_one(some, by)  # type: ignore[arg-type]
        assert {row.labels for row in table.rows} == set(expected)
        assert all(same(row.tally, expected[row.labels]) for row in table.rows)
    assert [one.sitting for one in table.unscored] == ["s2"] and table.unscored[0].persons == 22
    assert statistics(ledger, (), Selection(sites=("甲",), since="2021-01-01")).total.registered == 7


@settings(max_examples=6)
@given(sittings=SITTINGS)
def test_the_order_in_which_sittings_came_does_not_matter(tmp_path: Path, sittings: list[Filled]) -> None:
    there, back = (counted(tmp_path / "l.db", some, ("site", "level")) for some in (sittings, sittings[::-1]))
    assert there.unscored == back.unscored and [row.labels for row in there.rows] == [row.labels for row in back.rows]
    assert all(same(a.tally, b.tally) for a, b in zip(there.rows, back.rows, strict=True))


def sitting(id: str, date: str, *totals: float, **facts: object) -> Filled:
    persons = tuple(Person("甲", "A", "present", total) for total in totals)
    return replace(Filled(id, date, persons=persons), **facts)  # type: ignore[arg-type]


def test_a_selection_takes_days_levels_sites_and_sittings(tmp_path: Path) -> None:
    some = [sitting("a", "2025-05-01", 50, 70), sitting("b", "2026-05-01", 80, level=3), sitting("c", "2026-11-01", 90)]
    chosen: list[tuple[Selection, int]] = [
        (Selection(since="2026-05-01"), 2), (Selection(until="2026-05-01"), 3), (Selection(since="2026-05-01", until="2026-05-01"), 1),
        (Selection(levels=(3,)), 1), (Selection(sittings=("a", "c")), 3), (Selection(sites=("乙",)), 0), (Selection(sites=("甲",)), 4),
        (Selection(occupations=("6-17-02-02 炼钢工",)), 4), (Selection(occupations=("x",)), 0),
    ]  # fmt: skip
    assert [counted(tmp_path / "l.db", some, (), one).total.registered for one, _ in chosen] == [n for _, n in chosen]


def test_levels_run_from_the_lowest_skill_to_the_highest(tmp_path: Path) -> None:
    some = [sitting(f"s{level}", "2026-01-01", 60, level=level) for level in (1, 5, 3)]
    assert [row.labels for row in counted(tmp_path / "l.db", some, ("level",)).rows] == [("5",), ("3",), ("1",)]


def test_marks_of_another_full_score_count_in_per_cent(tmp_path: Path) -> None:
    some = [sitting("a", "2026-01-01", 90, marks=150.0, cut=90.0), sitting("b", "2026-02-01", 60)]
    table = counted(tmp_path / "l.db", some, ())
    assert (table.total.sum, table.total.sum_of_squares, table.total.passed) == (pytest.approx(120), pytest.approx(7200), 2)
    assert (table.marks, table.cuts, table.n_sittings) == ((100.0, 150.0), (60.0,), 2)


def test_the_scoring_that_holds_counts_alone_and_one_that_holds_no_more_is_outdated(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "l.db")
    one = sitting("a", "2026-01-01", 50, 55)
    fill(ledger, one)
    score(ledger, sitting("a", "2026-01-01", 60, 65), number=2)
    assert (statistics(ledger).total.passed, statistics(ledger).total.registered) == (2, 2)
    with ledger.begin() as connection:
        connection.execute(tables.scoring.update().values(current=False))
    table = statistics(ledger)
    assert (table.total.registered, [entry.outdated for entry in table.unscored]) == (0, [True])
    ledger.close()


def test_a_dimension_that_there_is_not_is_a_wrong_call(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "l.db")
    for by in (("weather",), ("site", "site")):
        with pytest.raises(ValueError, match="dimensions are occupation"):
            statistics(ledger, by)  # type: ignore[arg-type]
    assert statistics(ledger).rows == ()
    ledger.close()
