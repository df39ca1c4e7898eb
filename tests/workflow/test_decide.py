"""Deciding about an item: what it would come to, what is recorded, scored again and written into the bank."""

from __future__ import annotations

import numpy as np
import pytest

from qbank.ledger import decisions_of
from qbank.problem import Problem
from qbank.workflow.alternatives import Alternative
from qbank.workflow.decide import Decided, compare_alternatives, decide
from qbank.workflow.scoring import score_sitting
from qbank.workflow.scoring_run import list_runs
from tests.workflow.places import SITTING, Place, added

AT = "2026-11-24T00:00:00+00:00"


def made(place: Place, verdict: str, named: str = "", *, dry_run: bool = False) -> tuple[Decided | None, list[Problem]]:
    return decide(
        SITTING, place.miskeyed, place.workspace, verdict=verdict, named=named, why="seen", who="wang", at=AT, dry_run=dry_run
    )  # fmt: skip


def totals(place: Place) -> list[float]:
    found, problems = score_sitting(SITTING, place.workspace)
    assert found is not None and not problems, problems
    return [float(each) for each in found.scores.total]


def texts(place: Place) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(place.bank.rglob("*.yaml"))}


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_every_way_of_marking_stands_beside_the_others_and_nothing_is_stored(place: Place) -> None:
    added(place)
    before = texts(place)
    rows, problems = compare_alternatives(SITTING, place.miskeyed, place.workspace)
    right = place.simulated.right
    assert not problems
    assert [(row.verdict, row.named) for row in rows] == [
        ("keep", ""), ("drop", ""), ("rekey", right), ("accept", right), ("credit", "")
    ]  # fmt: skip
    kept, dropped, rekeyed, accepted, credited = rows
    assert [row.stands for row in rows] == [True, False, False, False, False]
    assert not kept.comparison.flips and kept.comparison.n_changed == 0
    assert rekeyed.outcome.item_rest > 0.3 > kept.outcome.item_rest
    assert kept.outcome.facility + rekeyed.outcome.facility == pytest.approx(accepted.outcome.facility)
    assert kept.outcome.n_passed <= accepted.outcome.n_passed <= credited.outcome.n_passed
    assert dropped.marks == pytest.approx(kept.marks)  # scaled to the marks of the paper
    assert list_runs(SITTING, place.workspace)[0] == () and texts(place) == before


@pytest.mark.parametrize("verdict", ["drop", "rekey", "accept", "credit"])
def test_what_a_trial_tells_is_what_the_decision_stores(place: Place, verdict: str) -> None:
    added(place)
    named = place.simulated.right if verdict in ("rekey", "accept") else ""
    tried, _ = made(place, verdict, named, dry_run=True)
    assert not list_runs(SITTING, place.workspace)[0]
    before = np.array(totals(place))
    stored, problems = made(place, verdict, named)
    assert tried is not None and stored is not None and stored.run is not None and not problems
    assert _told(tried.alternative) == _told(stored.alternative)
    assert stored.run.number == 1 and stored.run.outcome == "added"
    now = np.array(totals(place))
    assert int((now != before).sum()) == stored.alternative.comparison.n_changed > 0
    assert int((now >= 60).sum()) == stored.alternative.outcome.n_passed


def _told(row: Alternative) -> tuple[object, ...]:
    return row.outcome.n_passed, row.outcome.mean, row.outcome.alpha, row.comparison.flips


def test_keep_takes_a_verdict_on_the_marks_back(place: Place) -> None:
    added(place)
    before = totals(place)
    made(place, "drop")
    assert totals(place) != before
    made(place, "keep")
    assert totals(place) == before
    ledger = place.workspace.open()
    try:
        assert [each.verdict for each in decisions_of(ledger, SITTING)] == ["drop", "keep"]
    finally:
        ledger.close()


def test_another_key_changes_one_line_of_the_bank_and_an_enemy_both_items(place: Place) -> None:
    added(place)
    before = texts(place)
    decided, problems = made(place, "rekey", place.simulated.right)
    assert decided is not None and not problems
    [written] = decided.written
    assert (written.what, written.before, written.after) == ("key", place.simulated.key, place.simulated.right)
    lines = [pair for name in before for pair in _changed(before[name], texts(place)[name])]
    assert lines == [(f"    key: {place.simulated.key}", f"    key: {place.simulated.right}")]
    other = next(item for item in place_items(place) if item != place.miskeyed)
    decided, problems = made(place, "enemy", other)
    assert decided is not None and not problems and decided.run is None and not decided.taken_back
    assert [(each.item, each.after) for each in decided.written] == [(place.miskeyed, other), (other, place.miskeyed)]


def place_items(place: Place) -> list[str]:
    found, _ = score_sitting(SITTING, place.workspace)
    assert found is not None
    return list(found.stored.responses.items)


def _changed(old: str, new: str) -> list[tuple[str, str]]:
    one, two = old.splitlines(), new.splitlines()
    assert len(one) == len(two)
    return [pair for pair in zip(one, two, strict=True) if pair[0] != pair[1]]


@pytest.mark.parametrize(
    ("verdict", "named", "code"),
    [
        ("rekey", "", "V305"), ("rekey", "Z", "M103"), ("enemy", "", "V304"), ("enemy", "BOF4-XXX-99", "J120"),
        ("drop", "C", "V306"),
    ],
)  # fmt: skip
def test_a_verdict_that_cannot_be_meant_is_told_and_nothing_is_recorded(
    place: Place, verdict: str, named: str, code: str
) -> None:
    added(place)
    before = texts(place)
    decided, problems = made(place, verdict, named)
    ledger = place.workspace.open()
    try:
        assert decided is None and codes(problems) == [code] and not decisions_of(ledger, SITTING)
    finally:
        ledger.close()
    assert texts(place) == before
