"""Marks: what a count by hand from the answers' file and the papers gives, and what later edits may change."""

from __future__ import annotations

import csv
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from qbank.core.form import form_items, printed_letter
from qbank.kinds import KINDS
from qbank.workflow.decide import decide
from qbank.workflow.rekeying import Asked
from qbank.workflow.score_list import scores_table, write_scores
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.scoring_run import run_scoring
from tests.corpus import CORPUS
from tests.workflow.places import SITTING, Place, add, added, edit_item, entries, read_table, write_table

TRUTH = {"√": "true", "×": "false"}


def counted(place: Place, keys: dict[str, str] | None = None) -> dict[str, dict[str, float]]:
    """Return the marks by person and section, from the CSV and the papers' YAML alone; keys : corrected ones."""
    papers = {}
    for path in place.form_folder.glob("*.yaml"):
        paper = yaml.safe_load(path.read_text("utf-8"))
        papers[paper["form"]] = paper
    header, rows = read_table(place.responses)
    marks: dict[str, dict[str, float]] = {}
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        mine = marks.setdefault(cells["person"], {})
        for section in papers[cells["form"]]["sections"]:
            for entry in section["items"]:
                said = cells[entry["id"]]
                if said and "order" in entry:
                    said = entry["order"]["ABCDEFGH".index(said)]
                key = (keys or {}).get(entry["id"], entry["marked"]["key"])
                earned = section["marks_each"] if TRUTH.get(said, said) == key else 0.0
                mine[section["title"]] = mine.get(section["title"], 0.0) + earned
    return marks


def scored(place: Place, id: str = SITTING) -> ScoredSitting:
    found, problems = score_sitting(id, place.workspace)
    assert found is not None and not problems, problems
    return found


def corrected(place: Place, id: str = SITTING) -> ScoredSitting:
    """Return the sitting as a run scores it that takes the keys of the bank."""
    run, problems = run_scoring(id, place.workspace, Asked(corrected=True))
    assert run is not None and not problems, problems
    found = scored(place, id)
    np.testing.assert_array_equal(found.scores.total, run.scored.scores.total)
    return found


def equal_count(found: ScoredSitting, expected: dict[str, dict[str, float]]) -> None:
    header, rows = scores_table(found, 0, "zh")
    assert len(rows) == len(expected) == 300
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        sections = expected[str(cells["准考证号"])]
        assert {title: cells[title] for title in sections} == sections
        assert cells["总分"] == sum(sections.values())
        assert cells["结论"] == ("合格" if sum(sections.values()) >= 60 else "不合格")


def single_of(place: Place, form: int = 0) -> Any:
    """Return a choice item of the paper that is not the planted one."""
    return next(entry for entry in form_items(place.forms[form]) if entry.order and entry.id != place.miskeyed)


def test_marks_equal_a_count_by_hand(place: Place) -> None:
    added(place)
    expected = counted(place)
    totals = [sum(sections.values()) for sections in expected.values()]
    assert len(set(totals)) > 20 and min(totals) < 60 < max(totals)
    found = scored(place)
    equal_count(found, expected)
    assert not any(entry.corrected for entry in found.marking.values())
    assert found.scores.total.tolist() == totals


def test_a_corrected_key_scores_the_stored_answers_again(place: Place) -> None:
    added(place)
    item, key, right = place.miskeyed, place.simulated.key, place.simulated.right
    before = scored(place).scores.total
    edit_item(place, item, rf"^    key: {key}$", f"    key: {right}")
    found = corrected(place)
    equal_count(found, counted(place, {item: right}))
    assert [id for id, entry in found.marking.items() if entry.corrected] == [item]
    printed = entries(place.forms[0]) | entries(place.forms[1])
    assert found.marking[item].fingerprint.split(".")[0] == printed[item].fingerprint.split(".")[0]
    assert found.marking[item].fingerprint != printed[item].fingerprint
    assert (found.scores.total != before).any()


def test_a_key_corrected_in_the_bank_is_told_and_changes_no_marks_until_it_is_asked_for(place: Place) -> None:
    added(place)
    item, key, right = place.miskeyed, place.simulated.key, place.simulated.right
    before = scored(place)
    edit_item(place, item, rf"^    key: {key}$", f"    key: {right}")
    found, problems = score_sitting(SITTING, place.workspace)
    assert found is not None and found.marking == before.marking
    np.testing.assert_array_equal(found.scores.total, before.scores.total)
    (told,) = problems
    assert told.code == "M109" and dict(told.facts)["items"] == f"{item} {key}→{right}"
    run, problems = run_scoring(SITTING, place.workspace)
    assert run is not None and [problem.code for problem in problems] == ["M109"]
    np.testing.assert_array_equal(run.scored.scores.total, before.scores.total)


def test_a_run_keeps_its_keys_whatever_becomes_of_the_bank(place: Place) -> None:
    added(place)
    before = scored(place).scores.total.tolist()
    path = edit_item(place, place.miskeyed, rf"^    key: {place.simulated.key}$", f"    key: {place.simulated.right}")
    after = corrected(place).scores.total.tolist()
    assert after != before
    source = (CORPUS / path.relative_to(place.root)).read_text("utf-8")
    path.write_text(source, "utf-8")
    assert scored(place).scores.total.tolist() == after
    run, problems = run_scoring(SITTING, place.workspace)
    assert run is not None and run.number == 2 and [problem.code for problem in problems] == ["M117"]
    assert scored(place).scores.total.tolist() == before


def test_answers_to_an_edited_stem_keep_the_printed_key(place: Place) -> None:
    """Another stem is another question: its new key says nothing about answers to the old one."""
    added(place)
    item = single_of(place)
    key = item.marked["key"]
    other = next(letter for letter in "ABCD" if letter != key)
    edit_item(place, item.id, r"^    stem: ", "    stem: 新增条件下，")
    edit_item(place, item.id, rf"^    key: {key}$", f"    key: {other}")
    found = scored(place)
    equal_count(found, counted(place))
    assert found.marking[item.id].marked == {"key": key}
    assert not found.marking[item.id].corrected


def test_an_edited_option_keeps_the_printed_key(place: Place) -> None:
    added(place)
    item = single_of(place)
    key = item.marked["key"]
    other = next(letter for letter in "ABCD" if letter != key)
    edit_item(place, item.id, rf"^      {other}: .*$", f"      {other}: 以上都不对的全新选项")
    edit_item(place, item.id, rf"^    key: {key}$", f"    key: {other}")
    found = scored(place)
    equal_count(found, counted(place))
    assert not found.marking[item.id].corrected


def test_an_edited_rationale_changes_nothing(place: Place) -> None:
    added(place)
    item = single_of(place)
    before = scored(place)
    edit_item(place, item.id, r"^    rationale: ", "    rationale: 补充说明：")
    found = scored(place)
    assert found.marking == before.marking and not found.marking[item.id].corrected
    np.testing.assert_array_equal(found.scores.share, before.scores.share)


def test_a_sitting_is_scored_as_printed_where_the_bank_is_away(place: Place) -> None:
    added(place)
    place.bank.rename(place.root / "elsewhere")
    equal_count(scored(place), counted(place))


def test_a_broken_bank_is_reported_and_the_printed_keys_hold(place: Place) -> None:
    added(place)
    edit_item(place, place.miskeyed, r"^    key: .*$", "    key: Z")
    found, problems = score_sitting(SITTING, place.workspace)
    assert found is not None and [problem.code for problem in problems] == ["M119"]
    equal_count(found, counted(place))


def test_a_credited_item_gives_its_marks_to_all_who_had_it_and_to_nobody_else(place: Place) -> None:
    header, rows = read_table(place.responses)
    item = single_of(place, 1)
    mine = [row for row in rows if row[1] == place.forms[1].id]
    column = header.index(item.id)
    wrong = next(letter for letter in "ABCD" if letter != printed_letter(item.order, item.marked["key"]))
    mine[0][column], mine[1][column] = "", wrong
    mine[2][4:] = [""] * 200
    table = [[*row, "void" if row is mine[3] else ""] for row in rows]
    added(place, write_table(place.root / "x/r.csv", [*header, "status"], table), id="s")
    before = scored(place, "s")
    _, problems = decide("s", item.id, place.workspace, verdict="credit", why="ambiguous", who="me", at="now")
    assert problems == []
    found = scored(place, "s")
    assert found.credited == {item.id}
    number = found.stored.responses.items.index(item.id)
    had = np.array([row[1] == place.forms[1].id for row in rows])
    void = np.array([row is mine[3] for row in rows])
    share = found.scores.share[:, number]
    assert (share[had & ~void] == 1).all() and np.isnan(share[~had | void]).all()
    gained = np.nan_to_num(found.scores.total - before.scores.total)
    np.testing.assert_array_equal(gained, np.where(had & ~void, 1 - np.nan_to_num(before.scores.share[:, number]), 0))
    assert 3 <= gained.sum() < had.sum()


def test_keep_after_credit_takes_the_marks_back(place: Place) -> None:
    added(place)
    before = scored(place).scores.total.tolist()
    item = single_of(place).id
    for verdict in ("credit", "keep"):
        decide(SITTING, item, place.workspace, verdict=verdict, why="x", who="me", at="now")
    found = scored(place)
    assert found.credited == frozenset() and found.scores.total.tolist() == before


def test_a_decision_about_an_item_that_was_not_there_is_refused(place: Place) -> None:
    added(place)
    _, problems = decide(SITTING, "BOF4-XXX-99", place.workspace, verdict="keep", why="x", who="me", at="now")
    assert [problem.code for problem in problems] == ["M101"]
    assert [p.code for p in decide("no", "i", place.workspace, verdict="keep", why="x", who="y", at="z")[1]] == ["L102"]


# ---------------------------------------------------------------------------------------------- results as tables


def test_results_open_in_a_spreadsheet_with_the_same_numbers(place: Place, tmp_path: Path) -> None:
    added(place)
    found = scored(place)
    paths = write_scores(found, 0, tmp_path / "out", "zh")
    assert [path.name for path in paths] == [f"{SITTING}-scores.csv", f"{SITTING}-scores.xlsx", f"{SITTING}-scores-notes.txt"]
    assert paths[0].read_bytes().startswith(b"\xef\xbb\xbf")
    header, rows = scores_table(found, 0, "zh")
    sheet = pl.read_excel(paths[1], engine="calamine").head(len(rows))  # below them the rules
    assert sheet.columns == header and sheet.height == 300
    numbers = header.index("总分")
    for row, excel in zip(rows, sheet.iter_rows(), strict=True):
        assert [str(cell) for cell in row[:numbers - 2]] == [str(cell) for cell in excel[: numbers - 2]]
        assert [float(cell) for cell in row[numbers - 2 : numbers + 1]] == [float(cell) for cell in excel[numbers - 2 : numbers + 1]]
    with paths[0].open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.reader(file))
    assert written[0] == header
    assert [float(row[numbers]) for row in written[1:]] == found.scores.total.tolist()


def test_writing_results_again_gives_the_same_bytes(place: Place, tmp_path: Path) -> None:
    added(place)
    found = scored(place)
    one, two = write_scores(found, 0, tmp_path / "one", "zh"), write_scores(found, 0, tmp_path / "two", "zh")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


NASTY = ("=1+1", "+1", "-1+2", "@SUM(A1)", "{=1+1}", "=cmd|' /C calc'!A0", "http://example.org", "mailto:a@example.org")


def test_no_cell_becomes_a_formula(place: Place, tmp_path: Path) -> None:
    header, rows = read_table(place.responses)
    rows = [[name, row[1], NASTY[n - 1], *row[3:]] for n, (name, row) in enumerate(zip(NASTY, rows, strict=False))]
    added(place, write_table(tmp_path / "x/r.csv", header, rows), id="s")
    found = scored(place, "s")
    assert [found.identities[person].number for person in found.stored.responses.persons] == list(NASTY)
    paths = write_scores(found, 0, tmp_path / "out", "en")
    with paths[0].open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=1+1" in cells and not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
    with zipfile.ZipFile(paths[1]) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "<f " not in sheet and "hyperlink" not in sheet
    people = pl.read_excel(paths[1], engine="calamine").get_column("person").to_list()
    assert tuple(people[: len(NASTY)]) == NASTY


# ---------------------------------------------------------------------------------------------- laws


def test_a_printed_answer_is_read_back_as_the_original_it_was(place: Place) -> None:
    for form in place.forms:
        for entry in form_items(form):
            for letter in entry.order:
                assert KINDS[entry.kind].read(printed_letter(entry.order, letter), entry.order, entry.marked) == letter


def test_persons_in_another_order_have_the_same_marks(place: Place, tmp_path: Path) -> None:
    added(place)
    header, rows = read_table(place.responses)
    added(place, write_table(tmp_path / "x/r.csv", header, rows[::-1]), id="s")
    one, two = scored(place), scored(place, "s")
    assert one.scores.total.tolist() == two.scores.total.tolist()[::-1]
    assert not math.isnan(one.scores.total.sum())


def test_an_unknown_sitting_is_a_problem(place: Place) -> None:
    assert [problem.code for problem in score_sitting("no", place.workspace)[1]] == ["L102"]
    assert not place.database.exists()
    assert add(place)[1] == []
    assert [problem.code for problem in score_sitting("no", place.workspace)[1]] == ["L102"]


def test_the_cut_itself_passes(place: Place, tmp_path: Path) -> None:
    totals = {person: sum(sections.values()) for person, sections in counted(place).items()}
    exact = sorted(totals.values())[150]
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "responses.csv").write_bytes(place.responses.read_bytes())
    (folder / "sitting.yaml").write_text(f"sitting: s\ndate: 2026-11-23\ncut: {exact}\n", "utf-8")
    added(place, folder / "responses.csv", id="s")
    header, rows = scores_table(scored(place, "s"), 0, "zh")
    assert {row[0]: row[header.index("结论")] for row in rows} == {
        person: "合格" if total >= exact else "不合格" for person, total in totals.items()
    }
