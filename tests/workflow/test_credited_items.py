"""An item whose marks went to everybody: what the report and the comparison of verdicts say of it is of the answers."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from qbank.workflow.analyse import Analysed, analyse_sitting
from qbank.workflow.decide import compare_alternatives, decide
from qbank.workflow.rekeying import Asked
from qbank.workflow.scoring_run import run_scoring
from tests.workflow.places import SITTING, Place, added, copy_place, prepared


@pytest.fixture(scope="module")
def sat(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = copy_place(prepared(), tmp_path_factory.mktemp("credited") / "place")
    added(place)
    return place


def analysed(place: Place) -> Analysed:
    found, problems = analyse_sitting(SITTING, place.workspace, into=place.root / "reports")
    assert found is not None, problems
    return found


def card(place: Place, item: str) -> dict[str, object]:
    """Return the card of an item from the report's data."""
    report = json.loads((place.root / "reports" / f"{SITTING}.json").read_text("utf-8"))
    cards = next(block for block in report["blocks"] if block["type"] == "section" and block["name"] == "cards")
    return next(block for block in cards["blocks"] if block.get("item") == item)


def option_rows(place: Place, item: str) -> list[dict[str, str]]:
    path = Path(place.root / "reports" / "csv" / "options.csv")
    return [row for row in csv.DictReader(path.read_text("utf-8-sig").splitlines()) if row["item"] == item]


def test_its_statistics_are_of_the_answers_and_the_report_says_who_gave_the_marks_to_all(sat: Place, tmp_path: Path) -> None:
    place = copy_place(sat, tmp_path / "place")
    item = place.miskeyed
    before = analysed(place)
    as_printed, options = before.analysis.items.filter(item=item), option_rows(place, item)
    run, problems = run_scoring(SITTING, place.workspace, Asked((), (), (item,)), why="two readings", who="li")
    assert run is not None, problems
    after = analysed(place)
    assert after.analysis.items.filter(item=item).drop("alpha_if_dropped").equals(as_printed.drop("alpha_if_dropped"))
    assert after.analysis.items["item"].equals(before.analysis.items["item"])
    assert option_rows(place, item) == options
    told = card(place, item)["flags"]
    assert isinstance(told, list)
    assert told[0]["code"] == "credited" and "by marking 1 (li, " in told[0]["why"]
    assert item in after.held, "the marks are settled, the item is not"
    assert after.analysis.rates["mean"][0] > before.analysis.rates["mean"][0]


def test_a_decision_to_credit_settles_the_item(sat: Place, tmp_path: Path) -> None:
    place = copy_place(sat, tmp_path / "place")
    item = place.miskeyed
    made, problems = decide(SITTING, item, place.workspace, verdict="credit", why="two readings", who="li", at="2026-12-01T08:00:00+00:00")
    assert made is not None, problems
    assert item not in analysed(place).held
    told = card(place, item)["flags"]
    assert isinstance(told, list)
    assert told[0]["why"].startswith("Decision 1: credit to all (li, 2026-12-01 08:00 UTC). Reason: two readings.")


def test_the_comparison_of_verdicts_shows_the_facility_of_the_answers_for_credit(sat: Place) -> None:
    rows, problems = compare_alternatives(SITTING, sat.miskeyed, sat.workspace)
    assert not problems
    by_verdict = {row.verdict: row.outcome for row in rows}
    assert by_verdict["credit"].facility == by_verdict["keep"].facility < 0.2
    assert by_verdict["credit"].mean > by_verdict["keep"].mean
