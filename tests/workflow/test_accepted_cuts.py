"""An equated cut that somebody accepted: one cut a paper in marks, lists, counts and analysis, until it is taken back."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

from qbank.analysis import EquatingSettings, borderline_table, pass_rates
from qbank.cli.__main__ import group
from qbank.core.history import Use
from qbank.ledger import (
    counts_of,
    cuts_of,
    entries,
    pass_stage,
    scorings_of,
    stages_of,
    verify_ledger,
    write_analysis,
)
from qbank.workflow.accepted_cuts import AcceptedCuts, accept, take_back
from qbank.workflow.analysed_data import analysed_data
from qbank.workflow.decide import compare_alternatives, decide
from qbank.workflow.equating import Equated, equate_sitting
from qbank.workflow.score_list import scores_table
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.scoring_run import run_scoring
from tests.workflow.places import DATE, SITTING, Place, added, read_table

LINEAR = EquatingSettings(method="linear")


def scored(place: Place) -> ScoredSitting:
    found, _ = score_sitting(SITTING, place.workspace)
    assert found is not None
    return found


def equated(place: Place) -> Equated:
    done, _ = equate_sitting(SITTING, place.workspace, LINEAR)
    assert done is not None
    return done


def accepted(place: Place, why: str = "agreed by the panel") -> tuple[Equated, AcceptedCuts]:
    added(place)
    run_scoring(SITTING, place.workspace)
    done = equated(place)
    made, problems = accept(done, place.workspace, why=why, who="Wang")
    assert made is not None and problems == []
    return done, made


def test_each_paper_is_passed_by_its_own_cut_everywhere(place: Place) -> None:
    done, made = accepted(place)
    pair = done.analysis.pairs.row(0, named=True)
    paper, base, mark = pair["paper"], pair["base"], pair["cut_mark"]
    (cut,) = made.cuts
    assert (cut.paper, cut.cut, cut.equated, cut.base_cut, cut.method) == (paper, mark, pair["equated_cut"], pair["cut"], "linear")
    assert cut.who == "Wang" and cut.why == "agreed by the panel" and mark == math.ceil(cut.equated - 1e-9) and mark != pair["cut"]
    now = scored(place)
    responses, total = now.stored.responses, now.scores.total
    of_paper = np.array([responses.forms[form] == paper for form in responses.form])
    by_hand = np.nan_to_num(total, nan=-1.0) >= np.where(of_paper, mark, now.stored.record.cut)
    assert made.run.n_passed == by_hand.sum()
    # who flips is who equating said would
    assert made.run.comparison is not None and len(made.run.comparison.flips) == pair["n_up"] + pair["n_down"] > 0
    assert {flip.number for flip in made.run.comparison.flips} == set(done.person.values())
    # the list
    header, rows = scores_table(now, made.run.number, "en")
    verdicts = [row[header.index("verdict")] for row in rows]
    assert [word == "pass" for word in verdicts] == by_hand.tolist()
    # the counts behind the statistics
    ledger = place.workspace.open()
    counts = {row.form: row.passed for row in counts_of(ledger, SITTING, made.run.number)}
    assert sum(row.passed for row in counts_of(ledger, SITTING, made.run.number)) == by_hand.sum()
    assert set(counts) == {paper, base}
    assert scorings_of(ledger, SITTING)[-1].changes["cuts"] == {paper: mark}
    assert verify_ledger(ledger)[1] == []
    ledger.close()
    # the analysis
    data = analysed_data(now)
    rates = dict(pass_rates(data).filter(by="form").select("value", "n_passed").iter_rows())
    assert rates[paper] == (by_hand & of_paper).sum() and rates[base] == (by_hand & ~of_paper).sum()
    assert dict(borderline_table(data).select("form", "cut").iter_rows()) == {base: pair["cut"], paper: mark}


def test_taking_back_restores_what_was_and_both_stand_in_the_trail(place: Place) -> None:
    _, made = accepted(place)
    before = scored(place)
    undone, problems = take_back(SITTING, place.workspace, why="appeal", who="Li")
    assert undone is not None and problems == [] and undone.cuts == () and undone.before == made.cuts
    now = scored(place)
    assert set(now.cuts) == {now.stored.record.cut} and len(set(before.cuts)) == 2
    assert undone.run.n_passed == made.run.n_passed - sum(1 if flip.passed else -1 for flip in made.run.comparison.flips)
    there = {(flip.number, flip.passed) for flip in made.run.comparison.flips}
    assert {(flip.number, not flip.passed) for flip in undone.run.comparison.flips} == there
    ledger = place.workspace.open()
    assert cuts_of(ledger, SITTING) == () and verify_ledger(ledger)[1] == []
    actions = [(entry.action, entry.who) for entry in entries(ledger) if entry.action.startswith("cuts")]
    ledger.close()
    assert actions == [("cuts accepted", "Wang"), ("cuts taken back", "Li")]
    again, problems = take_back(SITTING, place.workspace, why="appeal")
    assert again is None and [problem.code for problem in problems] == ["N123"]


def test_a_reason_is_needed_and_without_one_nothing_happens(place: Place) -> None:
    added(place)
    run_scoring(SITTING, place.workspace)
    made, problems = accept(equated(place), place.workspace, why=" ")
    assert made is None and [problem.code for problem in problems] == ["N120"]
    ledger = place.workspace.open()
    assert cuts_of(ledger, SITTING) == () and len(scorings_of(ledger, SITTING)) == 1
    ledger.close()


def test_a_release_is_taken_back_and_the_new_verdicts_are_scored(place: Place) -> None:
    added(place)
    ledger = place.workspace.open()
    use = Use(place.miskeyed, "a.b", SITTING, DATE, 300, 0.5, 0.3, ())
    write_analysis(ledger, SITTING, [(use, False)])
    for stage in ("analysed", "keys"):
        pass_stage(ledger, SITTING, stage, "seen")
    ledger.close()
    run_scoring(SITTING, place.workspace)
    ledger = place.workspace.open()
    pass_stage(ledger, SITTING, "calibrated", "none needed")
    pass_stage(ledger, SITTING, "released", "signed")
    assert all(state.passed for state in stages_of(ledger, SITTING))
    stood = [state.stage for state in stages_of(ledger, SITTING) if state.passed]
    ledger.close()
    made, _ = accept(equated(place), place.workspace, why="agreed")
    assert made is not None and made.taken_back == ("scored", "calibrated", "released")
    ledger = place.workspace.open()
    assert [state.stage for state in stages_of(ledger, SITTING) if state.passed] == [*stood[:3], "scored"]
    ledger.close()


@pytest.mark.parametrize("verdict", ["credit", "rekey"])
def test_a_cut_equated_from_other_marks_is_warned_of(verdict: str, place: Place) -> None:
    _, made = accepted(place)
    entry = next(each for each in place.forms[0].sections[0].items if each.kind == "single")
    named = "" if verdict == "credit" else "B" if entry.marked["key"] != "B" else "C"
    decided, told = decide(
        SITTING, entry.id, place.workspace, verdict=verdict, why="misprint", who="Li", at="now", named=named, into_bank=False
    )
    assert decided is not None and decided.alternative.equated
    _, problems = score_sitting(SITTING, place.workspace)
    for each in (told, problems):
        (outdated,) = [problem for problem in each if problem.code == "N121"]
        assert dict(outdated.facts) == {"n": "1", "papers": made.cuts[0].paper, "id": SITTING, "again": SITTING}
    again, problems = accept(equated(place), place.workspace, why="equated again")
    assert again is not None and "N121" not in {problem.code for problem in problems}
    _, problems = score_sitting(SITTING, place.workspace)
    assert "N121" not in {problem.code for problem in problems}


def test_every_way_of_marking_an_item_says_its_equated_cut(place: Place) -> None:
    added(place)
    item = place.forms[1].sections[0].items[0].id
    rows, _ = compare_alternatives(SITTING, item, place.workspace)
    stands = next(row for row in rows if row.stands)
    pair = equate_sitting(SITTING, place.workspace, EquatingSettings())[0].analysis.pairs.row(0, named=True)
    assert stands.equated == {pair["paper"]: pair["cut_mark"]}
    assert all(set(row.equated) == {pair["paper"]} for row in rows)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_verb_accepts_prints_it_with_every_result_and_takes_it_back(
    language: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(place)
    monkeypatch.chdir(place.root)

    def said(*words: str) -> str:
        done = CliRunner().invoke(group, ["--lang", language, *words])
        assert done.exit_code == 0, done.output
        return done.output

    said("score", SITTING)
    out = said("equate", SITTING, "--method", "linear", "--accept", "--why", "agreed", "--who", "Wang", "--json")
    (cut,) = json.loads(out)["result"]["accepted"]["cuts"]
    words = {"en": f"paper {cut['paper']}: {cut['cut']:g}, equated", "zh": f"{cut['paper']} 卷 {cut['cut']:g}，经等值"}[language]
    assert words in said("score", SITTING) and words in said("sitting", "show", SITTING)
    assert read_table(place.root / "results" / SITTING / f"{SITTING}-scores.csv")[1]
    out = said("equate", SITTING, "--take-back", "--why", "appeal")
    assert f"{cut['base_cut']:g}" in out and words not in said("score", SITTING)
