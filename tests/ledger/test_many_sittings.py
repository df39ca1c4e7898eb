"""What is told over several sittings, parts and corrected files: who counts, who sat before, what was seen, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, insert, select

from qbank.core.ratings import Ratings
from qbank.core.responses import NOT_SEEN, OMITTED, STANDINGS, VOID, Responses, Standing
from qbank.ledger import (
    Ledger,
    LedgerError,
    PaperCut,
    Selection,
    Source,
    accept_cuts,
    add_answers,
    blocks,
    changes_by,
    cuts_of,
    find_person,
    list_papers,
    list_sittings,
    mark_person,
    open_ledger,
    read_other_parts,
    read_papers,
    read_sitting,
    remove_sitting,
    repeaters_of,
    statistics,
    steps_of,
    tables,
    unmatched_of,
)
from qbank.ledger.answer_marks import mark_answers
from qbank.ledger.forget import forget
from qbank.ledger.forget import known_as as known_persons
from qbank.ledger.seen import known_as, sat_before, seen_items
from tests.ledger.filled import Filled, Person, fill
from tests.ledger.test_ledger import record

Rows = Mapping[str, Sequence[int]]
"""By number of the person, the codes of the answers."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Yield an empty ledger in a file: both engines answer these queries alike, as other tests show."""
    opened = open_ledger(tmp_path / "l.db", who="tester")
    yield opened
    opened.close()


def file_of(
    id: str, rows: Rows, items: Sequence[str] = ("i", "j"), *, absent: Sequence[str] = (), forms: tuple[str, ...] = ("f",),
    form: Mapping[str, int] | None = None, groups: tuple[tuple[str, tuple[str, ...]], ...] = (),
) -> Responses:  # fmt: skip
    standing: list[Standing] = ["absent" if person in absent else "present" for person in rows]
    return Responses(
        sitting=id, persons=tuple(rows), items=tuple(items), answer=np.array(list(rows.values()), np.int16).reshape(len(rows), -1),
        labels=(("A", "B"),) * len(items), forms=forms, form=np.array([(form or {}).get(person, 0) for person in rows], np.int16),
        groups=groups, standing=np.array([STANDINGS.index(word) for word in standing], np.int8),
    )  # fmt: skip


def put(
    ledger: Ledger, file: Responses, date: str = "2026-05-01", *, part: str = "", documents: tuple[str, ...] = (),
    again: bool = False, rated: bool = False, papers: Sequence[str] = ("f",), exposure: tuple[tuple[str, str, int], ...] = (),
) -> None:  # fmt: skip
    """Add a file of answers, or (``rated``) of raters' marks; ``again``: in place of the one before."""
    one = np.zeros(len(file.persons), np.int32)
    ratings = Ratings(np.arange(one.size, dtype=np.int32), one, one, one, np.ones(one.size), ("",), ("甲",)) if rated else None
    digest = f"{file.answer.tobytes()!r} {file.persons} {file.standing.tobytes()!r} {file.items}"
    source = Source(digest, part=part, documents=documents, why="wrong file" if again else "", exposure=exposure)
    texts = tuple((form, form, f"text of {form}") for form in papers)
    done = add_answers(ledger, record(file.sitting, date), texts, file, source, ratings=ratings, replace=again)
    assert done == ("replaced" if again else "added")


def test_a_corrected_file_counts_its_own_persons_alone(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"1": [0, 0], "2": [0, 1], "3": [1, 1]}))
    put(ledger, file_of("s", {"1": [0, 0], "2": [0, 1]}), again=True)
    assert [n for _, n in list_sittings(ledger)] == [2]
    assert [one.persons for one in statistics(ledger).unscored] == [2]


def test_nobody_is_counted_twice_among_those_who_are_not_scored_yet(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"1": [0, 0], "2": [0, 1]}))
    put(ledger, file_of("s", {"2": [0], "1": [1], "9": [1]}, ("t",)), part="marks", rated=True)
    put(ledger, file_of("s", {"2": [0], "1": [0]}, ("t",)), part="marks", rated=True, again=True)
    put(ledger, file_of("t", {"1": [0, 0]}), "2026-06-01")
    assert [(one.sitting, one.persons, one.outdated) for one in statistics(ledger).unscored] == [("s", 2, False), ("t", 1, False)]
    put(ledger, file_of("s", {"3": [1]}, ("t",)), part="more")
    assert [one.persons for one in statistics(ledger, selection=Selection(until="2026-05-01")).unscored] == [3]


def test_papers_come_in_the_order_in_which_they_were_given(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"1": [0, 0]}, forms=("m", "z", "a")), papers=("m", "z", "a"))
    assert [form for form, _ in read_papers(ledger, "s")] == ["m", "z", "a"]
    found = read_sitting(ledger, "s")
    assert found is not None and found.papers == ("text of m", "text of z", "text of a")
    assert found.responses.forms == ("m", "z", "a")


def test_sittings_and_papers_come_by_their_days_whatever_their_names(ledger: Ledger) -> None:
    put(ledger, file_of("a", {"1": [0, 0]}), "2026-11-01")
    put(ledger, file_of("b", {"1": [0, 0]}), "2026-05-01")
    assert [one.id for one, _ in list_sittings(ledger)] == ["b", "a"]
    assert [day for _, day, _ in list_papers(ledger)] == ["2026-05-01", "2026-11-01"]


def test_parts_stand_in_the_order_of_their_names_whichever_came_first(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"w": [0, 0]}), part="west")
    put(ledger, file_of("s", {"e": [0, 1]}), part="east")
    found = read_sitting(ledger, "s")
    assert found is not None and found.responses.answer.tolist() == [[0, 1], [0, 0]]
    assert [intake.split("/")[1] for intake in found.intakes] == ["east", "west"]


def test_a_column_without_a_word_is_no_group_of_persons(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"1": [0, 0], "2": [0, 1]}, groups=(("site", ("", "")), ("room", ("", "3")))))
    found = read_sitting(ledger, "s")
    assert found is not None and found.responses.groups == (("room", ("", "3")),)


def test_answers_of_which_a_block_is_missing_are_damaged(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"1": [0, 0], "2": [0, 1]}))
    with ledger.begin() as connection:
        connection.execute(delete(tables.response_block))
    with pytest.raises(LedgerError, match="0 of 2 persons"):
        read_sitting(ledger, "s")


def test_other_parts_know_the_documents_that_there_are_and_whether_any_holds_answers(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"1": [0, 0], "2": [0, 1]}), documents=("", "ID2"))
    put(ledger, file_of("s", {"1": [0]}, ("t",)), part="marks", rated=True)
    found = read_other_parts(ledger, "s", "more")
    assert found is not None and found.documents == {"2": "ID2"} and found.has_answers
    put(ledger, file_of("s", {"1": [0, 0]}), documents=("ID1",), again=True)
    later = read_other_parts(ledger, "s", "more")
    assert later is not None and later.documents == {"1": "ID1"} and later.responses.persons == ("1",)


def test_with_a_sitting_go_the_levels_of_all(ledger: Ledger) -> None:
    for id, date in (("s", "2026-05-01"), ("t", "2026-11-01")):
        put(ledger, file_of(id, {"1": [0, 0]}), date)
    with ledger.begin() as connection:
        connection.execute(insert(tables.sitting_level), [{"sitting": id, "logits": 0.1, "n_shared": 12} for id in ("s", "t")])
    assert remove_sitting(ledger, "s")
    with ledger.read() as connection:
        assert connection.execute(select(tables.sitting_level)).all() == []


def test_marks_laid_over_answers_are_not_in_them_as_on_paper(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"1": [0, 0], "2": [0, 1]}))
    plain = read_sitting(ledger, "s", as_on_paper=True)
    assert plain is not None
    mark_answers(ledger, plain.responses, np.array([1]), ("i",), "void", "copied", {})
    marked, paper = read_sitting(ledger, "s"), read_sitting(ledger, "s", as_on_paper=True)
    assert marked is not None and paper is not None
    assert marked.responses.answer.tolist() == [[0, 0], [VOID, 1]] and paper.responses.answer.tolist() == [[0, 0], [0, 1]]


def test_a_repeater_sat_both_times_and_on_an_earlier_day(ledger: Ledger) -> None:
    put(ledger, file_of("first", {"1": [0, 0], "2": [0, 1], "3": [0, 0]}, absent=["2"]), "2025-11-01")
    put(ledger, file_of("same day", {"1": [0, 0]}), "2026-05-01")
    put(ledger, file_of("now", {"1": [0, 0], "2": [0, 1], "3": [0, 0]}, absent=["3"]), "2026-05-01")
    one, *_ = known_as(ledger, ["1"])
    found = repeaters_of(ledger, "now")
    assert list(found) == [one] and found[one].earlier == (("first", "f"),)


def test_earlier_papers_of_a_repeater_come_oldest_first(ledger: Ledger) -> None:
    days = {"a": "2025-11-01", "b": "2025-05-01", "c": "2025-08-01", "d": "2024-01-01"}
    for id, date in days.items():
        put(ledger, file_of(id, {"1": [0, 0]}), date)
    put(ledger, file_of("now", {"1": [0, 0]}), "2026-05-01")
    (found,) = repeaters_of(ledger, "now").values()
    assert [sitting for sitting, _ in found.earlier] == ["d", "b", "c", "a"]


def test_who_was_absent_is_nobody_to_be_matched(ledger: Ledger) -> None:
    put(ledger, file_of("then", {"1": [0, 0]}), "2025-05-01", documents=("ID1",))
    put(ledger, file_of("now", {"1": [0, 0], "8": [0, 0], "9": [0, 0]}, absent=["9"]), "2026-05-01")
    [found] = unmatched_of(ledger, "now")
    assert (found.n, found.of, found.same, found.sittings) == (2, 2, 1, ("then",))


def test_a_file_that_was_replaced_matches_nobody(ledger: Ledger) -> None:
    put(ledger, file_of("then", {"1": [0, 0]}), "2025-05-01", documents=("ID1",))
    put(ledger, file_of("mid", {"7": [0, 0], "8": [0, 1]}), "2025-11-01")
    put(ledger, file_of("mid", {"8": [0, 1]}), "2025-11-01", again=True)
    put(ledger, file_of("now", {"7": [0, 0], "8": [0, 0]}), "2026-05-01")
    [found] = unmatched_of(ledger, "now")
    assert (found.n, found.of, found.same) == (1, 2, 0)


def test_a_number_counts_as_the_same_only_where_the_person_may_be(ledger: Ledger) -> None:
    put(ledger, file_of("then", {"1": [0, 0]}), "2025-05-01", documents=("ID1",))
    put(ledger, file_of("now", {"2": [0, 0], "3": [0, 0]}), "2026-05-01")
    put(ledger, file_of("later", {"2": [0, 0], "1": [0, 0]}), "2026-08-01", documents=("", "ID1"))
    # number 2 of "later" is the person of "now"; 3 may be the one with ID1, who has other numbers
    [found] = unmatched_of(ledger, "now")
    assert (found.n, found.same, found.sittings) == (1, 0, ("later", "then"))


def test_what_a_person_has_seen_adds_up_over_sittings_and_files_that_hold(ledger: Ledger) -> None:
    put(ledger, file_of("a", {"1": [0, NOT_SEEN, 0], "2": [0, 0, 0]}, ("i", "j", "k")), "2025-01-01")
    put(ledger, file_of("a", {"1": [0, NOT_SEEN], "2": [NOT_SEEN, 0]}), "2025-01-01", again=True)
    put(ledger, file_of("b", {"1": [NOT_SEEN, OMITTED], "2": [0, 0]}, absent=["2"]), "2025-06-01")
    put(ledger, file_of("b", {"1": [0]}, ("t",)), "2025-06-01", part="marks", rated=True)
    persons = known_as(ledger, ["1", "2", "nobody"])
    found = seen_items(ledger, persons, ("i", "j", "k", "t"))
    assert found.seen.tolist() == [[True, True, False, True], [False, True, False, False], [False] * 4]
    assert found.sittings == (("a", "b"), ("a",), ())
    without = seen_items(ledger, persons, ("i", "j"), without="a")
    assert without.seen.tolist() == [[False, True], [False, False], [False, False]]


def test_only_files_that_hold_say_who_sat_elsewhere(ledger: Ledger) -> None:
    put(ledger, file_of("a", {"1": [0, 0], "2": [0, 1]}), "2025-01-01")
    put(ledger, file_of("a", {"2": [0, 1]}), "2025-01-01", again=True)
    put(ledger, file_of("b", {"1": [0, 0], "2": [0, 0]}), "2025-06-01")
    assert list(sat_before(ledger, "b")) == known_as(ledger, ["2"])


def test_a_correction_counts_persons_whose_standing_or_answers_are_others(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"1": [0, 0], "2": [0, 1], "3": [1, 1], "4": [0, 0]}))
    now = file_of("s", {"1": [0, 0], "2": [1, 1], "3": [1, 1], "5": [0, 0]}, absent=["3"])
    found = changes_by(ledger, "s", "", now, ())
    assert found is not None
    assert (found.persons_new, found.persons_gone, found.persons_changed, found.answers_changed) == (1, 1, 2, 1)
    fewer = changes_by(ledger, "s", "", file_of("s", {"1": [0], "2": [0], "3": [1], "4": [0]}, ("i",)), ())
    assert fewer is not None and (fewer.persons_changed, fewer.answers_changed) == (4, 4)
    relabelled = replace(file_of("s", {"1": [1, 0], "2": [1, 1], "3": [0, 1], "4": [1, 0]}), labels=(("B", "A"), ("A", "B")))
    same = changes_by(ledger, "s", "", relabelled, ())
    assert same is not None and (same.persons_changed, same.answers_changed) == (0, 0)
    put(ledger, file_of("s", {"9": [0, 0]}), part="other")
    assert changes_by(ledger, "s", "other", file_of("s", {"9": [0, 0]}), ()) == replace(same, persons_new=0)


def test_a_document_is_found_however_its_last_letter_is_written(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"1": [0, 0], "2": [0, 1]}), documents=("11010119900101123X", ""))
    one, *_ = known_as(ledger, ["11010119900101123X"])
    for words in ("11010119900101123x", "１１０１０１１９９００１０１１２３ｘ", "1101 0119 9001 01123X", one.upper()):
        assert [found.person for found in find_person(ledger, "s", words)] == [one]
    assert forget(ledger, one) is not None and find_person(ledger, "s", "11010119900101123X") == ()


def cut(paper: str, mark: float) -> PaperCut:
    return PaperCut("s", paper, mark, mark - 0.3, "f", 60.0, "linear", float("nan"), "b", "equated")


def test_of_cuts_accepted_twice_the_later_hold_by_paper_and_all_stay(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"1": [0, 0]}, forms=("f", "g", "h")), papers=("f", "g", "h"))
    assert accept_cuts(ledger, "s", [cut("h", 58.0), cut("g", 61.0)]) == ()
    accept_cuts(ledger, "s", [cut("g", 62.0)])
    assert [(one.paper, one.cut) for one in cuts_of(ledger, "s")] == [("g", 62.0)]
    accept_cuts(ledger, "s", [cut("h", 57.0), cut("g", 62.0)])
    assert [(one.paper, one.cut) for one in cuts_of(ledger, "s")] == [("g", 62.0), ("h", 57.0)]
    with ledger.read() as connection:
        rows = connection.execute(select(tables.paper_cut).order_by(tables.paper_cut.c.number)).all()
    assert [(row.number, row.paper, row.current) for row in rows] == [
        (1, "h", False), (2, "g", False), (3, "g", False), (4, "h", True), (5, "g", True),
    ]  # fmt: skip
    for wrong in ([cut("g", float("nan"))], [cut("g", 60.0), cut("g", 61.0)], [replace(cut("g", 60.0), sitting="t")]):
        with pytest.raises(ValueError, match="one finite cut"):
            accept_cuts(ledger, "s", wrong)


def test_cuts_accepted_again_as_they_are_take_nothing_back(ledger: Ledger) -> None:
    put(ledger, file_of("s", {"1": [0, 0]}))
    accept_cuts(ledger, "s", [cut("f", 61.0)])
    before = steps_of(ledger, "s")
    with ledger.begin() as connection:
        connection.execute(insert(tables.gate).values(
            sitting="s", number=9, stage="scored", passed=True, at="", who="", why="", facts={},
        ))  # fmt: skip
    assert accept_cuts(ledger, "s", [cut("f", 61.0)]) == () and len(steps_of(ledger, "s")) == len(before) + 1
    assert accept_cuts(ledger, "s", [cut("f", 62.0)]) == ("scored",)


def test_days_of_a_selection_are_both_included(ledger: Ledger) -> None:
    for id, date in (("a", "2026-01-01"), ("b", "2026-01-02"), ("c", "2026-01-03")):
        fill(ledger, Filled(id, date, persons=(Person("x", "f", "present", 60.0),)))
    assert statistics(ledger, selection=Selection(since="2026-01-02")).n_sittings == 2
    assert statistics(ledger, selection=Selection(until="2026-01-02")).n_sittings == 2


def test_a_cut_that_was_taken_back_is_no_cut_of_the_statistics(ledger: Ledger) -> None:
    fill(ledger, Filled("s", "2026-01-01", persons=(Person("x", "f", "present", 60.0),)))
    accept_cuts(ledger, "s", [cut("f", 63.0)])
    accept_cuts(ledger, "s", [cut("f", 62.0)])
    assert statistics(ledger).cuts == (60.0, 62.0)


def test_a_correction_knows_persons_by_their_documents(ledger: Ledger) -> None:
    file = file_of("s", {"1": [0, 0], "2": [0, 1]})
    put(ledger, file, documents=("ID1", "ID2"))
    found = changes_by(ledger, "s", "", replace(file, persons=("8", "9")), ("ID1", "ID2"))
    assert found is not None and (found.persons_new, found.persons_gone, found.persons_changed) == (0, 0, 0)
    other = changes_by(ledger, "s", "", file, ("ID1", "ID3"))
    assert other is not None and (other.persons_new, other.persons_gone) == (1, 1)


def test_who_was_absent_and_is_present_now_saw_what_stands_on_the_paper(ledger: Ledger) -> None:
    file = file_of("s", {"1": [0, NOT_SEEN], "2": [OMITTED, OMITTED]}, absent=["2"])
    put(ledger, file, exposure=(("i", "i.1", 1), ("j", "j.1", 0)))

    def seen() -> dict[str, int]:
        with ledger.read() as connection:
            return {row.item: row.n_seen for row in connection.execute(select(tables.exposure))}

    [found] = find_person(ledger, "s", "2")
    for standing, expected in (("void", 2), ("present", 2), ("absent", 1)):
        mark_person(ledger, "s", found, standing, "report")  # type: ignore[arg-type]
        assert seen() == {"i": expected, "j": expected - 1}, standing


def test_a_person_is_forgotten_in_every_sitting_oldest_first(ledger: Ledger) -> None:
    for id, date, number in (("a", "2026-05-01", "N1"), ("b", "2025-05-01", "N2")):
        put(ledger, file_of(id, {number: [0, 0], "other": [1, 1]}), date, documents=("ID1", ""))
    [known] = known_persons(ledger, "ID1")
    assert [sitting for sitting, *_ in known.rows] == ["b", "a"] and [one.number for one in known.identities] == ["N2", "N1"]
    done = forget(ledger, known.person)
    assert done is not None and done[1] == 2 and known_persons(ledger, "ID1") == () == known_persons(ledger, "N1")


def test_what_was_seen_is_read_at_the_edges_of_blocks_too(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_ROWS", 2)
    put(ledger, file_of("s", {str(n): [0, NOT_SEEN] if n % 3 else [NOT_SEEN, 0] for n in range(5)}))
    numbers = ["4", "2", "1", "3", "0"]
    found = seen_items(ledger, known_as(ledger, numbers), ("i", "j"))
    assert found.seen.tolist() == [[True, False], [True, False], [True, False], [False, True], [False, True]]
    for number in numbers:
        [person] = find_person(ledger, "s", number)
        assert person.places[0].position == int(number)
