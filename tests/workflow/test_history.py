"""history and stats as verbs: drift beneath the level of sittings, names of files, near misses, spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import fastexcel
import numpy as np
import pytest

from qbank.core.history import Use
from qbank.ledger import (
    Decision,
    Ledger,
    Selection,
    flags_of,
    held_by,
    item_history,
    levels_of,
    present_estimate,
    read_history,
    write_analysis,
    write_decision,
)
from qbank.ledger.flags import ItemFlag, put_flags
from qbank.messages import problem_hint, problem_message
from qbank.report.blocks import Text
from qbank.report.history import HistoryFlag, lead_blocks
from qbank.report.history.words import flag_sentence, texts
from qbank.workflow.control import control_of, flags_of_item, history_flags, judge_sitting, out_of_control
from qbank.workflow.history import history_of_item
from qbank.workflow.history_files import history_csv, safe_name, write_history
from qbank.workflow.statistics import count_sittings, write_statistics
from qbank.workflow.workspace import Workspace
from tests.ledger.filled import Filled, Person, Used, calibrate, fill

N_ITEMS = 24


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, "en", str(tmp_path / "ledger.db"))


def years(
    ledger: Ledger, shifts: Sequence[float], *, moved: dict[int, Sequence[float]] | None = None, n: int = 400, seed: int = 3,
    n_items: int = N_ITEMS, revision: dict[int, int] | None = None,
) -> None:  # fmt: skip
    """Fill a sitting a year; shifts : of ability ; moved : item → what is added to its logit in each sitting ; revision :
    item → the sitting from which on it has another key."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(0.5, 0.8, n_items)
    for year, shift in enumerate(shifts):
        used = []
        for item in range(n_items):
            more = (moved or {}).get(item, [0.0] * len(shifts))[year]
            p = 1 / (1 + math.exp(-(logit[item] + shift + more)))
            half = "2" if year >= (revision or {}).get(item, 99) else "1"
            used.append(Used(f"Q{item:02}", f"q{item}.k{half}", n, float(rng.binomial(n, p) / n)))
        fill(ledger, Filled(f"{2015 + year}-A", f"{2015 + year}-05-01", used=tuple(used)))


def flags(workspace: Workspace) -> dict[str, HistoryFlag]:
    """Return the flags that chance does not explain; by chance one point in 370 lies beyond 3 sigma."""
    return {flag.item: flag for flag in control_of(workspace).flags if flag.certain}


def test_an_item_that_became_easier_is_found_and_no_other(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0] * 6, moved={5: [0, 0, 0, 0, 1.2, 1.2]})
    ledger.close()
    found = flags(workspace)
    assert set(found) == {"Q05"}
    one = found["Q05"]
    assert (one.direction, one.latest, "beyond" in one.rules, one.n_sittings) == ("easier", "2020-A", True, 6)
    assert one.distance > 3 and one.facility > one.expected


def test_abler_persons_do_not_make_items_drift(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0, 0.8, -0.6, 0.3], n=1500)
    found = out_of_control(ledger)
    ledger.close()
    assert found.flags == ()
    assert all(level.judged for level in found.levels)
    spread = [level.logits for level in found.levels]
    assert np.array(spread) - spread[0] == pytest.approx([0.0, 0.8, -0.6, 0.3], abs=0.06)


def test_two_sittings_are_enough_for_a_leak(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0, 0.3], moved={2: [0, 1.5]}, n=300)
    assert [flag.item for flag in history_flags(ledger)] == ["Q02"]
    ledger.close()


def test_slow_drift_is_found_by_runs_and_by_the_trend_of_b(workspace: Workspace) -> None:
    ledger = workspace.open()
    slow = [-0.36 + 0.045 * year for year in range(17)]
    years(ledger, [0.0] * 17, moved={4: slow})
    for year in range(17):
        calibrate(ledger, f"{2015 + year}-A", [("Q04", "q4.k1", 0.3 - slow[year], 0.1), ("Q05", "q5.k1", 0.2 + 0.01 * (-1) ** year, 0.1)])
    ledger.close()
    found = next(flag for flag in control_of(workspace).flags if flag.item == "Q04")
    assert {"trend", "run"} <= set(found.rules) and found.direction == "easier"
    assert "Q05" not in flags(workspace)


def test_values_held_as_anchors_make_no_trend(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0] * 5)
    for year, b in enumerate((0.0, 0.0, 0.0, 0.5, 0.5)):
        calibrate(ledger, f"{2015 + year}-A", [("Q04", "q4.k1", b, 0.05)])
    ledger.close()
    assert "Q04" not in flags(workspace)


def test_a_corrected_key_begins_anew(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0] * 6, moved={3: [0, 0, 0, 2, 2, 2]}, revision={3: 3})
    ledger.close()
    assert flags(workspace) == {}
    data, _ = history_of_item("Q03", workspace)
    assert data is not None and [revision.n_sittings for revision in data.history.revisions] == [3, 3]
    assert not data.chart.chart.outside.any()


def test_an_unknown_item_is_an_error_that_names_the_nearest(workspace: Workspace) -> None:
    data, problems = history_of_item("Q03", workspace)
    assert data is None and problem_hint(problems[0], "en") == "check the id"
    ledger = workspace.open()
    years(ledger, [0.0])
    ledger.close()
    data, problems = history_of_item("Q3", workspace)
    assert data is None and [problem.code for problem in problems] == ["U101"]
    assert "Q03" in problem_hint(problems[0], "zh") and "Q3" in problem_message(problems[0], "zh")


def test_an_item_of_the_bank_without_a_sitting_has_an_empty_page(place, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    item = place.miskeyed
    data, problems = history_of_item(item, place.workspace)
    assert problems == [] and data is not None and data.history.uses == () and data.present
    (page,) = write_history(data, ("html",), tmp_path / "out", "en")
    assert f"{item} is in the bank and has not been in any sitting." in page.read_text("utf-8")


@pytest.mark.parametrize("item", ["a/b", "..", "../x", "C:\\x", "a\nb", "CON", "nul.txt", "", "x" * 300, "题 1?*", ".hidden", "a:b"])
def test_files_are_named_after_any_item(item: str, workspace: Workspace) -> None:
    name = safe_name(item)
    assert not set(name) & set("/\\:*?\"<>|\n ") and len(name) < 100 and name.strip(".") == name
    assert name.split(".")[0].split("-")[0].lower() not in ("con", "nul") or "-" in name
    assert safe_name(item + "/") != name
    ledger = workspace.open()
    fill(ledger, Filled("s", "2026-05-01", used=(Used(item, "a.b", 30, 0.5),)))
    ledger.close()
    data, _ = history_of_item(item, workspace)
    assert data is not None
    folder = workspace.root / "history"
    for path in write_history(data, ("html", "svg"), folder, "zh"):
        assert path.parent == folder and path.is_file()


def test_the_table_of_an_item_is_a_csv_with_everything(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0, 0.1])
    fill(ledger, Filled("z", "2027-05-01", used=(Used("Q03", "q3.k1", 10, None, flags=()), Used("Q03.1", "p.k", 10, 0.5))))
    ledger.close()
    data, _ = history_of_item("Q03", workspace)
    assert data is not None
    rows = list(csv.DictReader(io.StringIO(history_csv(data, "zh"))))
    assert [row["item"] for row in rows] == ["Q03", "Q03", "Q03", "Q03.1"]
    assert float(rows[0]["facility"]) == data.history.uses[0].facility and rows[2]["facility"] == ""
    assert {"low", "high", "lower", "upper", "centre", "z", "papers", "fingerprint", "cumulative"} <= set(rows[0])


def sat(workspace: Workspace) -> None:
    ledger = workspace.open()
    for n, (id, level) in enumerate((("a", 4), ("b", 3), ("c", 4))):
        persons = tuple(Person("=甲站" if k % 3 else "乙站", "A", "present", 40.0 + k) for k in range(30))
        fill(ledger, Filled(id, f"2026-0{n + 1}-05", level=level, persons=persons, scored=id != "c"))
    ledger.close()


def test_statistics_are_written_as_tables_for_spreadsheets(workspace: Workspace, tmp_path: Path) -> None:
    sat(workspace)
    counted, problems = count_sittings(replace(workspace, language="zh"), ("level", "site"))
    assert counted is not None and not problems
    files = {path.name: path for path in write_statistics(counted, ("csv", "xlsx", "html"), tmp_path / "out")}
    assert files["statistics.csv"].read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(files["statistics.csv"].read_text("utf-8-sig"))))
    assert [row["row"] for row in rows] == ["row", "row", "subtotal", "row", "row", "subtotal", "total"]
    assert rows[-1]["registered"] == "60" and rows[0]["site"] in ("乙站", "'=甲站") and float(rows[-1]["mean"]) == pytest.approx(54.5)
    assert sum(int(row["passed"]) for row in rows if row["row"] == "row") == int(rows[-1]["passed"]) == 20
    book = fastexcel.read_excel(files["statistics.xlsx"])
    assert book.sheet_names == ["统计表", "考点", "分数段", "成绩分布", "考试", "未计分", "每5分一段", "定义"]
    sheet = book.load_sheet("统计表").to_polars()
    assert sheet["报名"].to_list() == [20.0, 10.0, 30.0, 20.0, 10.0, 30.0, 60.0] and sheet["合格率"][6] == pytest.approx(1 / 3)
    assert "=甲站" in sheet["考点"].to_list()
    assert "分数段" in files["statistics.html"].read_text("utf-8")
    again = write_statistics(counted, ("xlsx",), tmp_path / "again")
    assert again[0].read_bytes() == files["statistics.xlsx"].read_bytes()


def test_an_occupation_is_known_by_code_or_title(workspace: Workspace) -> None:
    sat(workspace)
    for word in ("6-17-02-02", "炼钢工", "6-17-02-02 炼钢工"):
        counted, _ = count_sittings(workspace, (), Selection(occupations=(word,)))
        assert counted is not None and counted.data.asked.total.registered == 60
    counted, problems = count_sittings(workspace, (), Selection(occupations=("炼钢",), sites=("乙",), sittings=("d",)))
    assert counted is None and [problem.code for problem in problems] == ["U102"] * 3
    assert "炼钢工" in problem_hint(problems[0], "zh") and "职业" in problem_message(problems[0], "zh")


def test_a_workspace_without_a_ledger_has_no_statistics_and_none_is_made(workspace: Workspace) -> None:
    counted, problems = count_sittings(workspace)
    assert counted is not None and not problems and counted.data.asked.rows == ()
    assert control_of(workspace).flags == () and not Path(workspace.database).exists()


def test_statistics_agree_with_scoring(place) -> None:  # type: ignore[no-untyped-def]
    """Once a sitting is scored, its counts are those of the persons that scoring knows."""
    from qbank.workflow.scoring import score_sitting
    from tests.workflow.places import SITTING, added

    added(place)
    scored, _ = score_sitting(SITTING, place.workspace)
    assert scored is not None
    counted, _ = count_sittings(place.workspace, ("sitting",))
    assert counted is not None
    table = counted.data.asked
    if table.rows:
        total = scored.scores.total[scored.scores.present]
        assert (table.total.registered, table.total.present) == (total.size, total.size)
        assert table.total.sum == pytest.approx(total.sum()) and table.total.passed == int((total >= 60).sum())
        assert not table.unscored
    else:
        assert [(one.sitting, one.persons) for one in table.unscored] == [(SITTING, scored.scores.total.size)]


def test_records_of_the_command_are_plain_data(workspace: Workspace) -> None:
    from qbank.cli.history import _record

    ledger = workspace.open()
    years(ledger, [0.0, 0.1])
    calibrate(ledger, "2015-A", [("Q03", "q3.k1", 0.5, 0.1)])
    ledger.close()
    data, _ = history_of_item("Q03", workspace)
    record = json.loads(json.dumps(_record(data, "en")))
    assert [use["sitting"] for use in record["uses"]] == ["2015-A", "2016-A"]
    assert record["revisions"][0]["b"] == pytest.approx(0.5) and record["estimates"][0]["in_chart"] is True


def test_one_item_is_judged_as_in_the_search_of_all(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0, 0.5, -0.4, 0.3, 0.1, 0.2], moved={5: [0, 0, 0, 0, 1.2, 1.2], 7: [0, 0, 0, 0, 0, -1.5]}, revision={3: 2})
    for year, b in enumerate((0.0, 0.1, 0.9, 1.5)):
        calibrate(ledger, f"{2015 + year}-A", [("Q04", "q4.k1", b, 0.1)])
    judged = judge_sitting(ledger, "2020-A").flags
    assert len(levels_of(ledger)) == 6
    whole = {flag.item: flag for flag in out_of_control(ledger).flags}
    assert {flag.item for flag in judged} == {item for item, flag in whole.items() if flag.certain} >= {"Q04", "Q05", "Q07"}
    for n in range(N_ITEMS):
        item = f"Q{n:02}"
        for found in flags_of_item(ledger, item_history(ledger, item)):
            other = whole.pop(item)
            numbers = ("distance", "facility", "expected")
            same = dict.fromkeys(numbers, 0.0)
            assert replace(found, **same) == replace(other, **same)
            assert [getattr(found, name) for name in numbers] == pytest.approx([getattr(other, name) for name in numbers], abs=1e-6, nan_ok=True)
    assert whole == {}
    ledger.close()


def test_levels_are_forgotten_where_an_analysis_changes_and_the_search_stands_in(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0, 0.3], moved={2: [0, 1.5]}, n=300)
    judge_sitting(ledger, "2016-A")
    assert [(flag.item, flag.code, flag.held) for flag in flags_of(ledger)] == [("Q02", "trend", False)]
    before = flags_of_item(ledger, item_history(ledger, "Q02"))
    write_analysis(ledger, "2016-A", [(Use("Q99", "q.k", "2016-A", "2016-05-01", 30, 0.5, 0.3, ()), False)])
    assert levels_of(ledger) == {}
    assert before and flags_of_item(ledger, item_history(ledger, "Q02")) == ()
    ledger.close()


def test_a_flag_of_the_history_leaves_flags_of_a_calibration_and_estimates_alone(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0, 0.3], moved={2: [0, 1.5]}, n=300)
    calibrate(ledger, "2015-A", [("Q02", "q2.k1", 0.5, 0.1)])
    judge_sitting(ledger, "2016-A")
    assert "q2.k1" in read_history(ledger).estimates
    with ledger.begin() as connection:
        put_flags(connection, "2016-A", [ItemFlag("2016-A", "Q02", "q2.k1", "leak", True)])
    judge_sitting(ledger, "2016-A")
    assert [flag.code for flag in flags_of(ledger)] == ["leak", "trend"]
    with ledger.begin() as connection:
        put_flags(connection, "2016-A", [])
    assert [flag.code for flag in flags_of(ledger)] == ["trend"]
    ledger.close()


def test_an_item_out_of_control_is_news_once_and_again_where_a_new_sitting_shows_it(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0] * 5, moved={2: [0, 0, 0, 0, 2.0]}, n=300)
    assert [flag.item for flag in judge_sitting(ledger, "2019-A").news] == ["Q02"]
    again = judge_sitting(ledger, "2019-A")
    assert again.news == () and [flag.item for flag in again.flags] == ["Q02"]
    earlier = judge_sitting(ledger, "2016-A")
    assert earlier.news == () and [flag.item for flag in earlier.flags] == ["Q02"], "it stands with the sitting that showed it"
    assert [(flag.sitting, flag.item) for flag in flags_of(ledger)] == [("2019-A", "Q02")]
    p = next(use.facility for use in item_history(ledger, "Q02").uses if use.sitting == "2019-A")
    fill(ledger, Filled("2020-A", "2020-05-01", used=(Used("Q02", "q2.k1", 300, p),)))
    assert [flag.latest for flag in judge_sitting(ledger, "2020-A").news] == ["2020-A"]
    ledger.close()


def test_a_flag_of_the_calibration_that_was_kept_lets_the_item_back(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0, 0.3], n=300)
    calibrate(ledger, "2015-A", [("Q02", "q2.k1", 0.5, 0.1)])
    with ledger.begin() as connection:
        put_flags(connection, "2016-A", [ItemFlag("2016-A", "Q02", "q2.k1", "leak", True)])
    assert read_history(ledger).held == {"q2.k1": "leak"}
    write_decision(ledger, Decision("2016-A", "Q02", "q2.k1", "keep", "no leak", "li", "2016-06-01T00:00:00+00:00"))
    found = read_history(ledger)
    assert found.held == {} and found.estimates["q2.k1"].sitting == "2015-A"
    ledger.close()


def test_the_gate_says_once_that_there_is_no_such_sitting(workspace: Workspace) -> None:
    from qbank.workflow.gate import gate_of, pass_by_hand

    workspace.open().close()
    for found, problems in (pass_by_hand("nowhere", "keys", workspace, why="why"), gate_of("nowhere", workspace)):
        assert found is None and [problem.code for problem in problems] == ["L102"]


def test_what_holds_of_one_item_is_what_the_history_of_all_says(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0, 0.3, 0.1, 0.2], n=300)
    for n, year in enumerate((2015, 2016, 2017)):
        some = [(f"Q{k:02}", f"q{k}.k1", 0.1 * n, 0.1) for k in range(10)]
        calibrate(ledger, f"{year}-A", some)
    raised = [("Q01", "leak"), ("Q02", "easier"), ("Q03", "drift"), ("Q04", "leak"), ("Q05", "drift"), ("Q06", "easier")]
    with ledger.begin() as connection:
        put_flags(connection, "2016-A", [ItemFlag("2016-A", item, f"q{int(item[1:])}.k1", code, code != "drift") for item, code in raised])
    for item, verdict in (("Q02", "keep"), ("Q04", "credit"), ("Q05", "keep"), ("Q07", "credit"), ("Q08", "keep")):
        write_decision(ledger, Decision("2016-A", item, f"q{int(item[1:])}.k1", verdict, "why", "li", "2016-06-01T00:00:00+00:00"))
    whole = read_history(ledger)
    assert set(whole.held) == {f"q{k}.k1" for k in (1, 4, 6, 7)}
    for k in range(12):
        one, fingerprint = item_history(ledger, f"Q{k:02}"), f"q{k}.k1"
        assert held_by(one, fingerprint) == whole.held.get(fingerprint, "")
        assert present_estimate(one, fingerprint) == whole.estimates.get(fingerprint)
    assert {whole.estimates[f"q{k}.k1"].sitting for k in (2, 3)} == {"2015-A", "2016-A"}
    ledger.close()


def test_a_leaked_sitting_is_held_against_the_others_and_does_not_count_for_them(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0] * 4, moved={2: [0, 0, 1.6, 1.6]}, n=400)
    [pooled] = [flag for flag in history_flags(ledger) if flag.item == "Q02"]
    uses = item_history(ledger, "Q02").uses
    before = sum(use.facility for use in uses[:2]) / 2
    assert abs(pooled.expected - before) > 0.1, "with the leak among them the others expect more"
    with ledger.begin() as connection:
        put_flags(connection, "2017-A", [ItemFlag("2017-A", "Q02", "q2.k1", "leak", True)])
    [apart] = [flag for flag in history_flags(ledger) if flag.item == "Q02"]
    assert (apart.code, apart.rules, apart.latest, apart.certain) == ("leak", ("beyond",), "2018-A", True)
    assert apart.sitting in ("2017-A", "2018-A") and apart.expected == pytest.approx(before, abs=0.02)
    assert apart.distance > pooled.distance
    judge_sitting(ledger, "2018-A")  # from here on levels are kept, by which one item is judged
    [own] = flags_of_item(ledger, item_history(ledger, "Q02"))
    assert replace(own, distance=0.0, expected=0.0) == replace(apart, distance=0.0, expected=0.0)
    assert (own.distance, own.expected) == pytest.approx((apart.distance, apart.expected))
    ledger.close()


def test_of_two_sittings_neither_is_blamed_until_the_cause_is_named(workspace: Workspace) -> None:
    ledger = workspace.open()
    years(ledger, [0.0, 0.0], moved={2: [0, -1.6]}, n=400)
    words = texts("en")
    [flag] = history_flags(ledger)
    assert "nobody can say which is the odd one" in flag_sentence(flag, words)
    with ledger.begin() as connection:
        put_flags(connection, "2016-A", [ItemFlag("2016-A", "Q02", "q2.k1", "drift", False)])
    [flag] = history_flags(ledger)
    assert flag.rules == ("differ",) and "nobody can say" not in flag_sentence(flag, words)
    data, _ = history_of_item("Q02", workspace)
    assert data is not None
    said = [block.text for block in lead_blocks(data, words) if isinstance(block, Text)]
    assert any("is out of control (cause, by the calibration: drift)" in line for line in said)
    assert any("before the drift in 2016-A and another from then on" in line for line in said)
    assert not any(line == words("in_control") for line in said)
    ledger.close()
