"""A person in two parts of a sitting is one row: theory from the answers, marks of tasks from the raters, days apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qbank.core.ratings import Ratings
from qbank.core.responses import NOT_MARKED, NOT_SEEN, OMITTED, STANDINGS, Responses, Standing
from qbank.ledger.joining import heaviest, joined, joined_ratings, rows_of_persons

LABELS = {"Q1": ("A", "B"), "Q2": ("A", "B"), "T1": ("8", "9.5"), "T2": ("1",)}
Cells = Mapping[str, Sequence[int]]


def part(
    persons: Cells, items: Sequence[str], *, standing: Sequence[Standing] | None = None, form: int = 0,
    site: str = "", labels: Mapping[str, tuple[str, ...]] = LABELS,
) -> Responses:  # fmt: skip
    rows = np.array(list(persons.values()), dtype=np.int16).reshape(len(persons), len(items))
    return Responses(
        sitting="S", persons=tuple(persons), items=tuple(items), answer=rows, labels=tuple(labels[item] for item in items),
        forms=("A", "B"), form=np.full(len(persons), form, dtype=np.int16),
        groups=(("site", (site,) * len(persons)),) if site else (),
        standing=np.array([STANDINGS.index(word) for word in standing or ["present"] * len(persons)], dtype=np.int8),
    )  # fmt: skip


def cells(found: Responses) -> dict[str, dict[str, int | str]]:
    return {
        person: {
            item: found.labels[n][code] if (code := int(found.answer[row, n])) >= 0 else code
            for n, item in enumerate(found.items)
        }
        for row, person in enumerate(found.persons)
    }


def standings(found: Responses) -> list[str]:
    return [STANDINGS[code] for code in found.standing]


def test_marks_of_tasks_join_the_answers_of_the_same_persons_in_any_order_of_parts() -> None:
    theory = part({"p1": [0, 1, NOT_MARKED], "p2": [1, OMITTED, NOT_MARKED]}, ["Q1", "Q2", "T1"], site="东站")
    marks = part({"p2": [1], "p1": [NOT_MARKED]}, ["T1"])
    expected = {"p1": {"Q1": "A", "Q2": "B", "T1": NOT_MARKED}, "p2": {"Q1": "B", "Q2": OMITTED, "T1": "9.5"}}
    one = joined("S", ("A", "B"), [theory, marks], [False, True])
    two = joined("S", ("A", "B"), [marks, theory], [True, False])
    assert cells(one) == cells(two) == expected
    assert one.persons == ("p1", "p2") and two.persons == ("p2", "p1")
    assert dict(one.groups)["site"] == ("东站", "东站") and not one.answer.flags.writeable


def test_a_blank_among_the_answers_gives_way_to_the_raters_even_if_they_have_not_marked_yet() -> None:
    theory = part({"p1": [0, OMITTED], "p2": [0, OMITTED], "p3": [0, OMITTED]}, ["Q1", "T1"])
    marks = part({"p1": [0], "p2": [NOT_MARKED]}, ["T1"])
    found = joined("S", ("A", "B"), [theory, marks], [False, True])
    assert [row["T1"] for row in cells(found).values()] == ["8", NOT_MARKED, OMITTED]


def test_stations_side_by_side_stay_side_by_side() -> None:
    east = part({"p1": [0, 1]}, ["Q1", "Q2"], site="东站")
    west = part({"p2": [1, 0]}, ["Q2", "Q1"], site="西站", form=1, labels={"Q1": ("B", "A"), "Q2": ("A", "B", "C")})
    found = joined("S", ("A", "B"), [east, west])
    assert cells(found) == {"p1": {"Q1": "A", "Q2": "B"}, "p2": {"Q1": "B", "Q2": "B"}}
    assert found.form.tolist() == [0, 1] and dict(found.groups)["site"] == ("东站", "西站")


def test_whoever_missed_the_theory_but_did_the_task_is_present_and_did_not_see_the_theory() -> None:
    theory = part({"p1": [OMITTED, OMITTED, NOT_MARKED]}, ["Q1", "Q2", "T1"], standing=["absent"])
    found = joined("S", ("A", "B"), [theory, part({"p1": [1]}, ["T1"])], [False, True])
    assert cells(found) == {"p1": {"Q1": NOT_SEEN, "Q2": NOT_SEEN, "T1": "9.5"}}
    assert standings(found) == ["present"]


def test_an_empty_sheet_of_marks_makes_nobody_present() -> None:
    theory = part({"p1": [OMITTED, NOT_MARKED]}, ["Q1", "T1"], standing=["absent"])
    found = joined("S", ("A", "B"), [theory, part({"p1": [NOT_MARKED]}, ["T1"])], [False, True])
    assert standings(found) == ["absent"]


def test_a_breach_in_one_part_withholds_all() -> None:
    theory = part({"p1": [0], "p2": [0], "p3": [0]}, ["Q1"], standing=["present", "withheld", "void"])
    marks = part({"p1": [0], "p2": [0], "p3": [0]}, ["T1"], standing=["withheld", "present", "present"])
    assert standings(joined("S", ("A", "B"), [theory, marks], [False, True])) == ["withheld", "withheld", "void"]


def test_ratings_point_to_the_persons_and_items_of_the_whole() -> None:
    theory = part({"p1": [0], "p2": [0]}, ["Q1"])
    marks = part({"p2": [0, 0], "p1": [1, 0]}, ["T2", "T1"])
    ratings = Ratings(*(np.array(a, np.int32) for a in ([0, 1], [0, 1], [0, 0], [0, 0])), np.array([1.0, 8.0]), ("",), ("甲",))
    whole = joined("S", ("A", "B"), [theory, marks], [False, True])
    rows = rows_of_persons([theory, marks])[1]
    found = joined_ratings([None, ratings], [theory.items, marks.items], whole.items, rows)
    assert found is not None
    assert [(whole.persons[p], whole.items[i]) for p, i in zip(found.person, found.item, strict=True)] == [("p2", "T2"), ("p1", "T1")]


PERSONS = st.lists(st.sampled_from(["p1", "p2", "p3", "p4", "p5"]), unique=True)


@given(st.data(), PERSONS, PERSONS)
def test_nobody_is_lost_and_nobody_is_doubled(data: st.DataObject, one: list[str], two: list[str]) -> None:
    code = st.sampled_from([0, 1, OMITTED, NOT_SEEN])
    theory = part({p: [data.draw(code), data.draw(code)] for p in one}, ["Q1", "Q2"])
    marks = part({p: [data.draw(st.sampled_from([0, 1, NOT_MARKED]))] for p in two}, ["T1"])
    found = joined("S", ("A", "B"), [theory, marks], [False, True])
    assert sorted(found.persons) == sorted({*one, *two})
    read = cells(found)
    for own, names in ((theory, ["Q1", "Q2"]), (marks, ["T1"])):
        for person, row in cells(own).items():
            assert {name: read[person][name] for name in names} == row


def test_of_two_standings_the_heavier_one_holds_in_either_order() -> None:
    """Absent gives way to all, present to void, void to withheld."""
    order: list[Standing] = ["absent", "present", "void", "withheld"]
    assert {*order} == {*STANDINGS}
    for n, light in enumerate(order):
        for heavy in order[n:]:
            for pair in ([light, heavy], [heavy, light]):
                assert heaviest(pair) == heavy
                parts = [part({"p1": [0]}, [item], standing=[word]) for item, word in zip(("Q1", "Q2"), pair, strict=True)]
                assert standings(joined("S", ("A", "B"), parts)) == [heavy]


def test_of_two_files_with_a_person_the_first_says_paper_and_site_and_a_blank_says_nothing() -> None:
    one, two = part({"p1": [0]}, ["Q1"], site="东站", form=1), part({"p1": [1]}, ["Q2"], site="西站")
    found = joined("S", ("A", "B"), [one, two], [False, False])
    assert (dict(found.groups)["site"], found.form.tolist()) == (("东站",), [1])
    blank = part({"p1": [0]}, ["Q1"])
    blank = replace(blank, groups=(("site", ("",)),))
    assert dict(joined("S", ("A", "B"), [blank, two], [False, False]).groups)["site"] == ("西站",)
    # raters' marks of a station go before neither
    marks = part({"p1": [1]}, ["T1"], site="评分组")
    assert dict(joined("S", ("A", "B"), [two, marks], [False, True]).groups)["site"] == ("西站",)
    assert dict(joined("S", ("A", "B"), [marks, blank], [True, False]).groups)["site"] == ("评分组",)


def test_a_task_that_raters_left_blank_was_sat_and_one_not_marked_yet_says_nothing() -> None:
    theory = part({"p1": [OMITTED], "p2": [OMITTED]}, ["Q1"], standing=["absent", "absent"])
    marks = part({"p1": [OMITTED], "p2": [NOT_MARKED]}, ["T1"])
    assert standings(joined("S", ("A", "B"), [theory, marks], [False, True])) == ["present", "absent"]


def test_of_two_files_of_answers_the_first_that_has_an_answer_says_it() -> None:
    one = part({"p1": [0, NOT_MARKED], "p2": [1, 0]}, ["Q1", "T1"])
    two = part({"p1": [1, 1], "p2": [0, 1]}, ["Q1", "T1"])
    assert cells(joined("S", ("A", "B"), [one, two], [False, False])) == {"p1": {"Q1": "A", "T1": "9.5"}, "p2": {"Q1": "B", "T1": "8"}}


def test_who_was_absent_from_every_part_keeps_what_stands_on_paper() -> None:
    one, two = (part({"p1": [OMITTED]}, [item], standing=["absent"]) for item in ("Q1", "Q2"))
    found = joined("S", ("A", "B"), [one, two], [False, False])
    assert standings(found) == ["absent"] and cells(found) == {"p1": {"Q1": OMITTED, "Q2": OMITTED}}
