"""sitting mark --item: single answers that are void or withheld after the import, and all that follows from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qbank.core.responses import NOT_SEEN, VOID
from qbank.ledger import (
    StoredSitting,
    answer_marks_of,
    entries,
    pass_stage,
    read_answers,
    read_history,
    read_sitting,
    stages_of,
    verify_ledger,
)
from qbank.ledger.forget import forget, known_as
from qbank.problem import Problem, has_errors
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.scoring_run import run_scoring
from qbank.workflow.sitting import Intaking, add_responses
from qbank.workflow.standing import AnswersMarked, Whose, mark_single_answers
from tests.workflow.places import DATE, SITTING, Place, added, read_table, write_table


def item_of(place: Place, form: int = 0) -> str:
    """Return an item that stands on one paper only."""
    papers = [[entry.id for section in form.sections for entry in section.items] for form in place.forms]
    return next(id for id in papers[form] if id not in papers[1 - form])


def on_first(place: Place) -> list[list[str]]:
    """Return the rows of the file of those who had the first paper."""
    header, rows = read_table(place.responses)
    return [row for row in rows if row[header.index("form")] == place.forms[0].id]


def marked(place: Place, whose: Whose, *items: str, standing: str = "void") -> AnswersMarked:
    done, problems = mark_single_answers(SITTING, whose, items, standing, place.workspace, why="page missing", who="wang")  # type: ignore[arg-type]
    assert done is not None and not problems, problems
    return done


def scored(place: Place) -> ScoredSitting:
    found, problems = score_sitting(SITTING, place.workspace)
    assert found is not None and not has_errors(problems), problems
    return found


def stored(place: Place, *, as_on_paper: bool = False) -> StoredSitting:
    ledger = place.workspace.open()
    found = read_sitting(ledger, SITTING, as_on_paper=as_on_paper)
    ledger.close()
    assert found is not None
    return found


def whole(place: Place) -> bool:
    ledger = place.workspace.open()
    problems = verify_ledger(ledger)[1]
    ledger.close()
    return problems == []


def corrected(place: Place, rows: list[list[str]]) -> list[Problem]:
    path = write_table(place.root / "again" / "responses.csv", read_table(place.responses)[0], rows)
    how = Intaking(replace=True, why="rescanned")
    done, problems = add_responses(
        path, (place.form_folder,), place.workspace, id=SITTING, date=DATE, design="spiralled", how=how
    )
    assert done is not None and done.outcome == "replaced", problems
    return problems


def test_one_answer_is_void_and_the_rest_of_the_paper_stands_for_the_whole(place: Place) -> None:
    added(place)
    before, paper = scored(place), stored(place)
    item, number = item_of(place), on_first(place)[0][0]
    done = marked(place, Whose(number), item)
    assert (done.items, done.done.n_persons, done.done.n_changed) == ((item,), 1, 1)
    now, after = stored(place), scored(place)
    row, column = np.argwhere(now.responses.answer != paper.responses.answer)[0].tolist()
    assert now.responses.items[column] == item and now.responses.answer[row, column] == VOID
    assert (stored(place, as_on_paper=True).responses.answer == paper.responses.answer).all()
    worth, full = before.scores.counted[int(paper.responses.form[row]), column], before.forms[0].marks
    rest = before.scores.exact[row] - before.scores.share[row, column] * worth
    assert after.scores.exact[row] == pytest.approx(rest * full / (full - worth))
    others = np.arange(len(paper.responses.persons)) != row
    np.testing.assert_array_equal(after.scores.total[others], before.scores.total[others])
    assert np.isnan(after.scores.share[row, column])


def test_a_whole_room_is_marked_in_one_call_and_taken_back(place: Place) -> None:
    header, rows = read_table(place.responses)
    site = rows[0][header.index("site")]
    added(place)
    item, before = item_of(place), stored(place).responses
    column, sites = before.items.index(item), dict(before.groups)["site"]
    concerned = (before.answer[:, column] != NOT_SEEN) & (np.array(sites) == site)
    done = marked(place, Whose(site=site), item)
    assert done.done.n_changed == done.done.n_persons == concerned.sum() > 1
    assert ((stored(place).responses.answer[:, column] == VOID) == concerned).all()
    assert marked(place, Whose(site=site), item).done.n_changed == 0
    assert marked(place, Whose(site=site), item, standing="present").done.n_changed == concerned.sum()
    np.testing.assert_array_equal(stored(place).responses.answer, before.answer)
    assert whole(place)


def test_what_is_said_of_an_item_counts_the_void_answers_apart(place: Place) -> None:
    added(place)
    item, site = item_of(place), on_first(place)[0][read_table(place.responses)[0].index("site")]
    ledger = place.workspace.open()
    seen = {use.item: use.n_seen for use in read_history(ledger).uses}
    n = marked(place, Whose(site=site), item).done.n_changed
    analysed, problems = analyse_sitting(SITTING, place.workspace, into=place.root / "out")
    assert analysed is not None, problems
    uses = {use.item: use for use in read_history(ledger).uses}
    held = {row.item: row.n for row in _uses(place)}
    ledger.close()
    assert uses[item].n_seen == seen[item]  # who had the paper may have seen the question
    assert held[item] == seen[item] - n


def _uses(place: Place) -> list[object]:
    from qbank.ledger import tables

    ledger = place.workspace.open()
    with ledger.read() as connection:
        rows = connection.execute(tables.item_use.select()).all()
    ledger.close()
    return list(rows)


@pytest.mark.usefixtures("unwritten")
def test_scores_and_release_are_taken_back(place: Place) -> None:
    added(place)
    analyse_sitting(SITTING, place.workspace, into=place.root / "out")
    run_scoring(SITTING, place.workspace)
    ledger = place.workspace.open()
    held = [state.stage for state in stages_of(ledger, SITTING) if state.passed]
    ledger.close()
    done = marked(place, Whose(on_first(place)[0][0]), item_of(place))
    ledger = place.workspace.open()
    now = [state.stage for state in stages_of(ledger, SITTING) if state.passed]
    assert now == [stage for stage in held if stage in ("imported", "analysed", "keys")]
    assert set(done.done.taken_back) == set(held) - set(now)
    obstacle = pass_stage(ledger, SITTING, "scored")
    ledger.close()
    assert obstacle is not None
    assert [problem.code for problem in score_sitting(SITTING, place.workspace)[1]] == ["M112"]


def test_marks_survive_a_corrected_file_or_are_named(place: Place) -> None:
    added(place)
    item, (one, two, *_) = item_of(place), on_first(place)
    for row in (one, two):
        marked(place, Whose(row[0]), item)
    header, rows = read_table(place.responses)
    rows = [row for row in rows if row[0] != two[0]]
    rows[0][header.index(item_of(place)) if rows[0][1] == place.forms[0].id else -1] = ""
    problems = [problem for problem in corrected(place, rows) if problem.code == "H115"]
    assert [dict(problem.facts) for problem in problems] == [{"id": SITTING, "n": "1", "items": f"{item} × 1"}]
    now = stored(place)
    assert (now.responses.answer[:, now.responses.items.index(item)] == VOID).sum() == 1
    assert len(now.marks) == 2 and len(now.unfitting) == 1
    assert whole(place)


def test_who_is_forgotten_keeps_the_marks_and_the_ledger_is_whole(place: Place) -> None:
    added(place)
    item, number = item_of(place), on_first(place)[0][0]
    marked(place, Whose(number), item)
    before = stored(place)
    ledger = place.workspace.open()
    (known,) = known_as(ledger, number)
    fresh = forget(ledger, known.person)
    assert fresh is not None
    assert [mark.person for mark in answer_marks_of(ledger, SITTING)] == [fresh[0]]
    assert known.person not in str([entry.facts for entry in entries(ledger)])
    assert verify_ledger(ledger)[1] == []
    paper = read_answers(ledger, SITTING)
    ledger.close()
    np.testing.assert_array_equal(stored(place).responses.answer, before.responses.answer)
    assert paper is not None and not (paper.answer == VOID).any()


def test_the_trail_names_rows_questions_and_place_but_nobody(place: Place) -> None:
    added(place)
    number, item = on_first(place)[0][0], item_of(place)
    marked(place, Whose(number), item)
    marked(place, Whose(number), item, standing="withheld")
    ledger = place.workspace.open()
    last = [entry for entry in entries(ledger, subject=SITTING) if entry.action == "answer marked"]
    ledger.close()
    assert [(one.who, one.facts["before"], one.facts["after"], one.facts["n"]) for one in last] == [
        ("wang", {"present": 1}, "void", 1), ("wang", {"void": 1}, "withheld", 1),
    ]  # fmt: skip
    assert number not in str([one.facts for one in last]) and last[0].facts["rows"]


def test_an_answer_withheld_earns_nothing_whatever_void_ones_do(place: Place) -> None:
    added(place)
    before, item, number = scored(place), item_of(place), on_first(place)[0][0]
    marked(place, Whose(number), item, standing="withheld")
    after = scored(place)
    change = after.scores.exact - before.scores.exact
    column = before.stored.responses.items.index(item)
    row = int(np.flatnonzero(np.isnan(after.scores.share[:, column]) & ~np.isnan(before.scores.share[:, column]))[0])
    assert change[row] == pytest.approx(-before.scores.share[row, column] * before.scores.counted[0, column])
    assert (np.delete(change, row) == 0).all()


@pytest.mark.parametrize(
    ("whose", "item", "code"),
    [
        (Whose("no such person"), None, "H110"), (Whose(site="nowhere"), None, "H114"), (Whose(room="3"), None, "H114"),
        (Whose("ONE"), "no such item", "H112"), (Whose("ONE"), "OTHER", "H113"),
    ],
)  # fmt: skip
def test_what_cannot_be_marked_is_said_and_changes_nothing(place: Place, whose: Whose, item: str | None, code: str) -> None:
    added(place)
    whose = replace(whose, person=on_first(place)[0][0]) if whose.person == "ONE" else whose
    asked = {None: item_of(place), "OTHER": item_of(place, 1)}.get(item, item)
    done, problems = mark_single_answers(SITTING, whose, [str(asked)], "void", place.workspace, why="x")
    assert done is None and [problem.code for problem in problems] == [code]
    assert stored(place).marks == ()
    other = mark_single_answers("other", whose, [str(asked)], "void", place.workspace, why="x")
    assert [problem.code for problem in other[1]] == ["L102"]


def test_whoever_has_every_answer_void_is_told_of_at_marking(place: Place) -> None:
    added(place)
    row = on_first(place)[3]
    items = [entry.id for section in place.forms[0].sections for entry in section.items]
    done, problems = mark_single_answers(SITTING, Whose(row[0]), items[1:], "void", place.workspace, why="torn")
    assert done is not None and problems == [], "one answer is left"
    done, [problem] = mark_single_answers(SITTING, Whose(row[0]), items[:1], "void", place.workspace, why="torn")
    assert done is not None and (problem.code, problem.severity, dict(problem.facts)["n"]) == ("H116", "warning", "1")
    done, problems = mark_single_answers(SITTING, Whose(row[0]), items[:1], "present", place.workspace, why="found")
    assert done is not None and problems == []
