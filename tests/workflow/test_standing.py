"""sitting mark: what a paper counts as, changed after the import, with all that follows from it."""

from __future__ import annotations

import pytest

from qbank.core.responses import STANDINGS
from qbank.ledger import entries, identities_of, pass_stage, read_history, read_sitting, stages_of
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.standing import mark_standing
from tests.workflow.places import SITTING, Place, added, read_table


def number(place: Place, row: int) -> str:
    """Return the number of the person in a row of the answers, from 1."""
    return read_table(place.responses)[1][row - 1][0]


def wide(words: str) -> str:
    """Return digits as an input method for Chinese writes them."""
    return "".join(chr(ord(mark) + 0xFEE0) for mark in words)


def standing_of(place: Place, row: int) -> str:
    ledger = place.workspace.open()
    stored = read_sitting(ledger, SITTING)
    ledger.close()
    assert stored is not None
    return STANDINGS[int(stored.responses.standing[row])]


def seen(place: Place) -> dict[str, int]:
    ledger = place.workspace.open()
    uses = read_history(ledger).uses
    ledger.close()
    return {use.item: use.n_seen for use in uses}


def test_a_person_is_found_by_number_in_any_width_and_by_pseudonym(place: Place) -> None:
    added(place)
    done, problems = mark_standing(SITTING, wide(number(place, 17)), "withheld", place.workspace, why="report 3", who="wang")
    assert done is not None and not problems
    assert (done.before, done.after, standing_of(place, 16)) == ("present", "withheld", "withheld")
    again, _ = mark_standing(SITTING, done.person, "present", place.workspace, why="appeal upheld", who="li")
    assert again is not None and (again.before, again.after) == ("withheld", "present")


def test_the_trail_names_row_and_pseudonym_but_never_the_number(place: Place) -> None:
    added(place)
    mark_standing(SITTING, number(place, 17), "void", place.workspace, why="fire alarm", who="wang")
    ledger = place.workspace.open()
    last = entries(ledger, subject=SITTING)[-1]
    known = {known.number for known in identities_of(ledger, SITTING).values()}
    ledger.close()
    assert (last.action, last.who, last.facts["row"], last.facts["before"], last.facts["after"]) == (
        "person marked", "wang", 17, "present", "void",
    )  # fmt: skip
    assert number(place, 17) in known and number(place, 17) not in str(last.facts)


def test_somebody_absent_saw_no_question_and_a_void_paper_was_seen(place: Place) -> None:
    added(place)
    before = seen(place)
    mark_standing(SITTING, number(place, 1), "absent", place.workspace, why="signed for the wrong seat")
    absent = seen(place)
    paper = place.forms[0].sections[0].items[0].id
    other = next(e.id for e in place.forms[1].sections[0].items if e.id not in {p.id for s in place.forms[0].sections for p in s.items})
    assert (absent[paper], absent[other]) == (before[paper] - 1, before[other])
    mark_standing(SITTING, number(place, 1), "void", place.workspace, why="was there after all")
    assert seen(place) == before


@pytest.mark.usefixtures("unwritten")
def test_marking_takes_back_scores_only_and_only_once(place: Place) -> None:
    added(place)
    analyse_sitting(SITTING, place.workspace, into=place.root / "out")
    done, _ = mark_standing(SITTING, number(place, 1), "void", place.workspace, why="fire alarm")
    assert done is not None and done.taken_back == ()
    ledger = place.workspace.open()
    found = pass_stage(ledger, SITTING, "keys", "fine")
    assert found is not None and found.reason == "undecided"
    assert [state.passed for state in stages_of(ledger, SITTING)][:2] == [True, True]
    ledger.close()


def test_wrong_sittings_and_persons_are_problems(place: Place) -> None:
    assert mark_standing(SITTING, number(place, 1), "void", place.workspace, why="x")[1][0].code == "L102"
    added(place)
    assert mark_standing("other", number(place, 1), "void", place.workspace, why="x")[1][0].code == "L102"
    for nobody in ("P99999", "", "'; drop table person"):
        assert [problem.code for problem in mark_standing(SITTING, nobody, "void", place.workspace, why="x")[1]] == ["H110"]
