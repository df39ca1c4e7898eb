"""Scoring runs: another beside the old ones, who flips, what was asked for in vain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from qbank.core.form import answer_places, form_items
from qbank.core.scoring_rules import in_words
from qbank.ledger import counts_of, current_scoring, entries, scorings_of, totals
from qbank.ledger.scorings import SCORED
from qbank.problem import Problem
from qbank.workflow.decide import decide
from qbank.workflow.rekeying import Asked
from qbank.workflow.score_list import scores_table, write_scores
from qbank.workflow.scoring import score_sitting
from qbank.workflow.scoring_run import ScoringRun, compare, list_runs, result_rows, run_scoring
from qbank.workflow.standing import mark_standing
from tests.workflow.places import SITTING, Place, added, edit_item, read_table


def run(place: Place, asked: Asked | None = None, **options: object) -> ScoringRun:
    found, problems = run_scoring(SITTING, place.workspace, asked, **options)  # type: ignore[arg-type]
    assert found is not None, problems
    return found


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def single(place: Place, nth: int = 0) -> str:
    return [entry.id for entry in form_items(place.forms[0]) if entry.order and entry.id != place.miskeyed][nth]


def test_the_same_rules_changes_and_answers_add_no_run(place: Place) -> None:
    added(place)
    first, again = run(place), run(place)
    assert (first.number, first.outcome, again.number, again.outcome) == (1, "added", 1, "unchanged")
    assert first.comparison is None and again.comparison is None
    other = run(place, Asked(credit=(single(place),)))
    assert (other.number, other.outcome) == (2, "added")
    past, problems = list_runs(SITTING, place.workspace)
    assert not problems and [(each.run.number, each.run.current) for each in past] == [(1, False), (2, True)]
    assert [each.n_passed for each in past] == [first.n_passed, other.n_passed]
    assert past[1].mean == pytest.approx(other.mean)


def test_the_flips_are_the_difference_of_the_two_lists(place: Place) -> None:
    added(place)
    before = run(place)
    items = tuple(entry.id for entry in answer_places(place.forms[0]))[:3]
    after = run(place, Asked(credit=items[:2], drop=items[2:]))
    lists = [{str(row[0]): row for row in scores_table(each.scored, each.number, "zh")[1]} for each in (before, after)]
    changed = {number for number in lists[0] if lists[0][number][-2] != lists[1][number][-2]}
    found = after.comparison
    assert found is not None and found.before == 1 and found.n_compared == 300
    assert {flip.number for flip in found.flips} == changed and changed
    for flip in found.flips:
        assert (flip.before, flip.after) == (lists[0][flip.number][-3], lists[1][flip.number][-3])
        assert flip.passed == (lists[1][flip.number][-2] == "合格") and flip.form == lists[0][flip.number][1]
    assert found.mean_change == pytest.approx(after.mean - before.mean)
    assert found.n_changed == sum(lists[0][n][-3] != lists[1][n][-3] for n in lists[0])


def test_a_run_that_is_only_tried_stores_nothing(place: Place) -> None:
    added(place)
    run(place)
    tried = run(place, Asked(credit=(single(place),)), dry_run=True)
    assert (tried.number, tried.outcome) == (0, "tried") and tried.comparison is not None
    assert len(list_runs(SITTING, place.workspace)[0]) == 1


def test_the_ledger_keeps_totals_counts_and_who_did_it(place: Place) -> None:
    added(place)
    done = run(place, why="first", who="wang")
    ledger = place.workspace.open()
    try:
        current = current_scoring(ledger, SITTING)
        assert current is not None and (current.who, current.why, current.number) == ("wang", "first", 1)
        assert scorings_of(ledger, "none") == ()
        stored = totals(ledger, SITTING, 1)
        rows = counts_of(ledger, SITTING, 1)
        last = next(entry for entry in reversed(entries(ledger, subject=SITTING)) if entry.action == "scored")
        with pytest.raises(KeyError):
            totals(ledger, SITTING, 9)
    finally:
        ledger.close()
    np.testing.assert_array_equal(stored, done.scored.scores.total)
    assert last.who == "wang" and last.facts["after"]["number"] == 1
    assert sum(row.registered for row in rows) == 300 and sum(row.passed for row in rows) == done.n_passed
    assert sum(row.sum for row in rows) == pytest.approx(np.nansum(stored))
    assert sum(row.sum_of_squares for row in rows) == pytest.approx(np.nansum(stored**2))
    bands = np.sum([row.bands for row in rows], axis=0)
    expected, _ = np.histogram(stored, bins=np.arange(0, 101, 5))
    np.testing.assert_array_equal(bands, expected)


def test_a_run_keeps_holding_for_whoever_asks_and_a_later_decision_is_told(place: Place) -> None:
    added(place)
    item = single(place)
    done = run(place, Asked(credit=(item,)))
    found, problems = score_sitting(SITTING, place.workspace)
    assert found is not None and not problems and found.credited == {item}
    np.testing.assert_array_equal(found.scores.total, done.scored.scores.total)
    decided, problems = decide(SITTING, single(place, 1), place.workspace, verdict="credit", why="x", who="me", at="now")
    assert decided is not None and not problems and decided.run is not None and decided.run.number == 2
    found, problems = score_sitting(SITTING, place.workspace)
    assert found is not None and not problems and len(found.credited) == 2
    assert run(place, Asked(credit=(item,))).outcome == "unchanged"
    assert score_sitting(SITTING, place.workspace)[1] == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Asked(rekey=("BOF4-XXX-99=A",)), "M101"), (Asked(drop=("BOF4-XXX-99",)), "M101"), (Asked(rekey=("A",)), "M102"),
        (Asked(rekey=("=A",)), "M102"), (Asked(rekey=("{item}=Z",)), "M103"), (Asked(rekey=("{item}=B|",)), "M103"),
        (Asked(rekey=("{item}@nowhere=B",)), "M115"), (Asked(drop=("{item}",), credit=("{item}",)), "M107"),
        (Asked(rekey=("{item}={key}",)), "M110"),
    ],
)  # fmt: skip
def test_what_is_asked_for_in_vain_is_told_and_stores_no_wrong_run(place: Place, asked: Asked, code: str) -> None:
    added(place)
    entry = next(entry for entry in form_items(place.forms[0]) if entry.id == single(place))
    words = {"item": entry.id, "key": entry.marked["key"]}
    asked = Asked(*(tuple(word.format(**words) for word in group) for group in (asked.rekey, asked.drop, asked.credit)))
    found, problems = run_scoring(SITTING, place.workspace, asked)
    assert codes(problems) == [code]
    assert (found is None) == (code != "M110")
    assert len(list_runs(SITTING, place.workspace)[0]) == (code == "M110")


def test_a_paper_of_which_nothing_is_left_is_told(place: Place) -> None:
    added(place)
    every = tuple(entry.id for entry in answer_places(place.forms[0]))
    assert codes(run_scoring(SITTING, place.workspace, Asked(drop=every))[1]) == ["M108"]


def test_rules_of_a_file_win_and_their_mistakes_have_a_place(place: Place, tmp_path: Path) -> None:
    added(place)
    rules = tmp_path / "rules.yaml"
    rules.write_text("penalty: {single: 0.25}\nround: {step: 1, direction: down}\n", "utf-8")
    done = run(place, Asked(rules=rules))
    assert done.scored.scores.rules.penalty == {"single": 0.25}
    assert (done.scored.scores.total == np.floor(done.scored.scores.total)).all()
    rules.write_text("scoring:\n  penalty: {singel: 0.25, essay: 1}\n", "utf-8")
    found, problems = run_scoring(SITTING, place.workspace, Asked(rules=rules))
    assert found is None
    assert [(p.code, p.span.line, p.span.column) for p in problems] == [("M113", 2, 13), ("M113", 2, 27)]
    assert dict(problems[0].facts)["suggestion"] == "single"
    rules.write_text("omited: zero\nround: {step: -1}\n", "utf-8")
    assert {(p.code, p.span.line) for p in run_scoring(SITTING, place.workspace, Asked(rules=rules))[1]} == {("S101", 1), ("S104", 2)}


def test_the_working_list_says_what_became_of_whoever_has_no_marks_and_by_what_rules(place: Place, tmp_path: Path) -> None:
    added(place)
    header, rows = read_table(place.responses)
    for row, standing in zip(rows, ("absent", "void", "withheld"), strict=False):
        mark_standing(SITTING, row[header.index("person")], standing, place.workspace, why="report")  # type: ignore[arg-type]
    done = run(place)
    for language, words in (("en", ["absent", "void", "withheld"]), ("zh", ["缺考", "作废", "违纪不计"])):
        csv, xlsx, notes = write_scores(done.scored, done.number, tmp_path / language, language)  # type: ignore[arg-type]
        titles, listed = read_table(csv)
        assert [row[-2] for row in listed[:3]] == words and {row[-3] for row in listed[:3]} == {""}
        assert len(listed) == 300 and len(titles) == len(listed[0])
        rules = [f"{name}: {said}" for name, said in in_words(done.scored.scores.rules, language)]  # type: ignore[arg-type]
        assert notes.read_text("utf-8-sig").splitlines()[1:] == rules
        sheet = pl.read_excel(xlsx, read_options={"dtypes": "string"}).to_series(0).to_list()
        assert sheet[-len(rules):] == rules


def test_a_run_that_leaves_out_what_the_last_one_changed_says_so(place: Place) -> None:
    added(place)
    item = single(place)
    run(place, Asked(drop=(item,)))
    _, again = run_scoring(SITTING, place.workspace, Asked(drop=(item,)))
    _, credited = run_scoring(SITTING, place.workspace, Asked(credit=(item,)), dry_run=True)
    _, plain = run_scoring(SITTING, place.workspace)
    assert ["M117" in codes(problems) for problems in (again, credited, plain)] == [False, False, True]


def test_a_bank_that_is_named_must_be_that_of_the_papers(place: Place) -> None:
    added(place)
    other = place.root / "banks/all-kinds"
    assert (other / "bank.yaml").is_file()
    for folder, code in ((other, "M118"), (place.root / "nowhere", "")):
        found, problems = run_scoring(SITTING, place.workspace, bank_path=folder)
        assert found is None and [problem.severity for problem in problems] == ["error"]
        assert code in codes(problems)[0]
    assert list_runs(SITTING, place.workspace) [0] == ()
    assert run(place, bank_path=place.bank).number == 1


def test_a_sitting_that_nobody_knows_and_one_without_runs_are_told_apart(place: Place) -> None:
    assert codes(list_runs("2031-01-Z", place.workspace)[1]) == ["L102"]
    assert not place.database.exists()
    added(place)
    assert codes(list_runs("2031-01-Z", place.workspace)[1]) == ["L102"]
    assert codes(list_runs(SITTING, place.workspace)[1]) == ["M116"]


def test_what_stands_is_the_last_run_and_not_one_before(place: Place) -> None:
    added(place)
    items = [single(place, nth) for nth in range(3)]
    for n in range(3):
        run(place, Asked(drop=tuple(items[: n + 1])))
    scored, _ = score_sitting(SITTING, place.workspace)
    assert scored is not None and scored.run is not None and scored.run.number == 3
    assert sorted(scored.dropped) == sorted(items)


def test_scoring_again_after_a_change_that_was_taken_back_is_told_in_the_trail(place: Place) -> None:
    added(place)
    person = read_table(place.responses)[1][0][0]
    run(place)
    scored_before = scored_steps(place)
    for standing in ("void", "present"):
        mark_standing(SITTING, person, standing, place.workspace, why="mistaken")
    assert run(place).outcome == "unchanged"
    steps = scored_steps(place)[len(scored_before):]
    assert steps == [{"number": 1, "unchanged": True}]
    assert run(place).outcome == "unchanged" and len(scored_steps(place)) == len(scored_before) + 1


def scored_steps(place: Place) -> list[dict[str, object]]:
    """Return what the trail says of every scoring, oldest first."""
    ledger = place.workspace.open()
    try:
        return [dict(entry.facts) for entry in entries(ledger) if entry.action == SCORED]
    finally:
        ledger.close()


def test_a_bank_that_was_broken_after_printing_does_not_hinder_scoring(place: Place) -> None:
    """What was printed is marked; a stem changed, an item deleted, and then a mistake in the file change no mark."""
    added(place)
    before = run(place, dry_run=True).scored.scores
    edited, gone, broken = single(place), single(place, 1), single(place, 2)
    edit_item(place, edited, r"^    stem: .*$", "    stem: 全新的题干，此前没有人见过（　　）。")
    edit_item(place, gone, r"(?s)\A.*\Z", "")
    after, problems = run_scoring(SITTING, place.workspace, dry_run=True)
    assert after is not None and not problems
    assert np.array_equal(after.scored.scores.share, before.share, equal_nan=True)
    edit_item(place, broken, r"^    key: .*$", "    key: Z")
    after, problems = run_scoring(SITTING, place.workspace)
    assert after is not None and [(problem.code, problem.severity) for problem in problems] == [("M119", "warning")]
    assert np.array_equal(after.scored.scores.total, before.total, equal_nan=True) and after.number == 1


def test_who_had_no_total_in_the_former_run_is_compared_with_nothing(place: Place) -> None:
    added(place)
    scored, _ = score_sitting(SITTING, place.workspace)
    assert scored is not None
    before = scored.scores.total.copy()
    before[int(np.argmax(before))] = np.nan
    found = compare(scored, before, 1)
    assert (found.n_compared, found.n_changed, found.flips, found.mean_change) == (299, 0, (), 0.0)
    fewer = compare(scored, before - 1e-12, 1)
    assert (fewer.n_changed, fewer.flips) == (0, ())
    counts = result_rows(scored)
    assert sum(row.present for row in counts) == 300 and not any(row.waiting for row in counts)
