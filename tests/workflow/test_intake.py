"""sitting add from station to station: parts, corrections with a trace, mapping files, what is printed of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qbank.cli.__main__ import main
from qbank.cli.sitting import settings_words
from qbank.core.responses import MARKS_ONLY
from qbank.ledger import entries, file_parts, list_sittings, read_sitting
from qbank.workflow.scoring import score_sitting
from qbank.workflow.sitting import Intaking, add_responses
from tests.workflow.places import DATE, SITTING, Place, add, added, read_table, rows_of, write_table


def halves(place: Place) -> tuple[Path, Path]:
    """Write the first ten and the next ten persons as files of two stations."""
    header, rows = read_table(place.responses)
    return (
        write_table(place.root / "east/east.csv", header, rows[:10]),
        write_table(place.root / "west/west.csv", header, rows[10:20]),
    )


def put(place: Place, path: Path, part: str = "", **how: object) -> tuple[object, list[str]]:
    done, problems = add_responses(
        path, (place.form_folder,), place.workspace, id="s", date=DATE, part=part, how=Intaking(**how)  # type: ignore[arg-type]
    )
    return done, [problem.code for problem in problems]


def test_stations_add_their_parts_and_the_sitting_is_all_of_them(place: Place) -> None:
    east, west = halves(place)
    assert put(place, east, "east")[1] == [] and put(place, west, "west")[1] == []
    assert put(place, west, "west")[0].outcome == "unchanged"  # type: ignore[attr-defined]
    ledger = place.workspace.open()
    stored = read_sitting(ledger, "s")
    parts = file_parts(ledger, "s")
    ledger.close()
    assert stored is not None and len(stored.responses.persons) == 20
    assert [(one.part, one.source, one.n_persons) for one in parts] == [("east", "east.csv", 10), ("west", "west.csv", 10)]


def test_a_correction_needs_a_reason_counts_what_changed_and_keeps_the_former_file(place: Place) -> None:
    east, _ = halves(place)
    put(place, east)
    header, rows = read_table(east)
    own = next(n for n, cell in enumerate(rows[0]) if n > 3 and cell in ("A", "B"))
    rows[0][own] = "B" if rows[0][own] == "A" else "A"
    rows[1][2] = "elsewhere"
    changed = write_table(place.root / "east/new.csv", header, [*rows[:-1], ["N1", *rows[-1][1:]]])
    before = rows_of(place.database)
    assert put(place, changed) == (None, ["R117"])
    assert put(place, changed, replace=True) == (None, ["R224"])
    assert rows_of(place.database) == before
    done, problems = put(place, changed, replace=True, why="room 3 keyed again", who="Wang")
    assert not problems and done.outcome == "replaced"  # type: ignore[attr-defined]
    counts = {"persons_new": 1, "persons_gone": 1, "persons_changed": 1, "answers_changed": 1}
    assert done.changes == counts  # type: ignore[attr-defined]
    ledger = place.workspace.open()
    parts, trail = file_parts(ledger, "s"), entries(ledger, subject="s")
    ledger.close()
    assert [(one.number, one.current, one.why) for one in parts] == [(1, False, ""), (2, True, "room 3 keyed again")]
    told = [entry for entry in trail if entry.action == "answers replaced"]
    assert told[0].facts["changed"] == counts and told[0].who == "Wang"
    assert put(place, changed, replace=True, why="again")[0].outcome == "unchanged"  # type: ignore[attr-defined]


def test_marks_alone_give_the_totals_that_the_answers_give(place: Place) -> None:
    added(place)
    scored, _ = score_sitting(SITTING, place.workspace)
    assert scored is not None
    responses = scored.stored.responses
    header, rows = read_table(place.responses)
    marks = []
    for n, row in enumerate(rows):
        cells = dict(zip(header, row, strict=True))
        for k, item in enumerate(responses.items):
            cells[item] = f"{scored.scores.share[n, k]:g}" if cells[item] else ""
        marks.append([cells[name] for name in header])
    path = write_table(place.root / "marks/marks.csv", header, marks)
    assert put(place, path, scored=True)[1] == ["H220"]
    ledger = place.workspace.open()
    stored = read_sitting(ledger, "s")
    ledger.close()
    assert stored is not None
    only = stored.responses
    assert all(only.labels[k][code].startswith(MARKS_ONLY) for row in only.answer for k, code in enumerate(row) if code >= 0)
    totals = [
        sum(float(only.labels[k][code].removeprefix(MARKS_ONLY)) for k, code in enumerate(row) if code >= 0)
        for row in only.answer.tolist()
    ]
    assert totals == scored.scores.total.tolist()


def test_a_mapping_file_and_aliases_of_the_declaration_are_used(place: Place) -> None:
    header, rows = read_table(place.responses)
    alias = {place.forms[0].id: "甲", place.forms[1].id: "乙"}
    titles = ["学员", "卷", "车间", "机位", *header[4:]]
    path = write_table(place.root / "odd/a.csv", titles, [[row[0], alias[row[1]], *row[2:]] for row in rows[:6]])
    (path.parent / "mapping.yaml").write_text(
        "columns: {学员: person, 卷: form}\ngroups: [车间]\nignore: [机位]\nforms: {甲: " + place.forms[0].id + "}\n", "utf-8"
    )
    (path.parent / "sitting.yaml").write_text(
        f"sitting: s\ndate: {DATE}\naliases: {{乙: {place.forms[1].id}}}\nscoring: {{omitted: zero}}\n", "utf-8"
    )
    done, problems = add_responses(path, (place.form_folder,), place.workspace)
    assert done is not None, problems
    assert done.settings["groups"] == ["车间"]
    ledger = place.workspace.open()
    stored = read_sitting(ledger, "s")
    records = list_sittings(ledger)
    ledger.close()
    assert stored is not None and dict(stored.responses.groups) == {"车间": tuple(row[2] for row in rows[:6])}
    assert dict(records[0][0].settings) == {"scoring": {"omitted": "zero"}}


def test_wrong_keys_of_mapping_and_declaration_keep_everything_out(place: Place) -> None:
    header, rows = read_table(place.responses)
    path = write_table(place.root / "odd/a.csv", header, rows[:2])
    (path.parent / "mapping.yaml").write_text("colums: {}\n", "utf-8")
    (path.parent / "sitting.yaml").write_text("alias: {}\n", "utf-8")
    done, problems = add(place, path)
    assert done is None
    assert [(problem.code, Path(problem.span.path).name) for problem in problems] == [
        ("S101", "sitting.yaml"), ("S101", "mapping.yaml"),
    ]  # fmt: skip


def test_the_command_line_adds_several_files_and_shows_them(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    east, west = halves(place)
    monkeypatch.chdir(place.root)

    def run(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        output = capsys.readouterr().out
        assert ended.value.code == 0, output
        return output

    common = ["--forms", "forms/bof-4-theory", "--id", "s", "--date", DATE, "--lang", "en"]
    told = json.loads(run("sitting", "add", str(east), str(west), *common, "--json"))["result"]
    assert [(one["outcome"], one["part"], one["persons"]) for one in told] == [("added", "east", 10), ("added", "west", 10)]
    listed = json.loads(run("sitting", "list", "--json"))["result"]
    assert (listed[0]["parts"], listed[0]["corrections"], listed[0]["persons"]) == (2, 0, 20)
    shown = json.loads(run("sitting", "show", "s", "--json"))["result"]
    assert shown["present"] == 20 and shown["answered"] + shown["omitted"] + shown["not_reached"] == 2000
    assert [one["part"] for one in shown["parts"]] == ["east", "west"]
    words = run("sitting", "show", "s", "--lang", "zh")
    assert "到考 20" in words and "east.csv" in words and "未做到" in words
    assert "发卷方式: 无设计" in words and "排列：每人一行，格中是得分：否" in words and "printed" not in words
    assert "layout: wide, scored: false" in run("sitting", "show", "s", "--lang", "en")
    assert "无设计" in run("sitting", "list", "--lang", "zh")


def test_what_somebody_wrote_in_a_mapping_is_not_taken_for_a_word_of_the_engine() -> None:
    settings = {"layout": "long", "columns": {"all": "item"}, "sheet": "long", "raters": {"how": "mean", "gap_limit": 0.3}}
    assert settings_words(settings, "zh") == "排列：每题一行，列：{all: item}，工作表：long，考评员规则：{取: 平均, 允许相差: 0.3}"
