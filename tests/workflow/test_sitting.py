"""Answers into the ledger: whole or not at all, in any encoding, every misfit with its row and column."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qbank.core.form import form_items
from qbank.core.responses import (
    NOT_REACHED,
    NOT_SEEN,
    OMITTED,
    STANDINGS,
    VOID,
    WITHHELD,
    Responses,
    counted_answers,
)
from qbank.ledger import list_sittings, read_sitting
from qbank.messages import text
from qbank.workflow.paper_files import read_forms
from qbank.workflow.score_list import scores_table
from qbank.workflow.scoring import score_sitting
from qbank.workflow.sitting import add_responses
from qbank.workflow.workspace import Workspace
from tests.workflow.places import (
    DATE,
    SITTING,
    Place,
    add,
    added,
    copy_place,
    entries,
    n_rows,
    prepared,
    read_table,
    rows_of,
    write_table,
)

Table = tuple[list[str], list[list[str]]]


def stored(place: Place, id: str = SITTING) -> Responses:
    ledger = place.workspace.open()
    try:
        found = read_sitting(ledger, id)
    finally:
        ledger.close()
    assert found is not None
    return found.responses


def sittings(workspace: Workspace) -> list[str]:
    if not workspace.has_ledger():
        return []
    ledger = workspace.open()
    try:
        return [record.id for record, _ in list_sittings(ledger)]
    finally:
        ledger.close()


def same_answers(one: Responses, two: Responses) -> None:
    assert one.persons == two.persons and one.items == two.items and one.labels == two.labels
    assert one.forms == two.forms and one.groups == two.groups
    np.testing.assert_array_equal(one.answer, two.answer)
    np.testing.assert_array_equal(one.form, two.form)


def sample(place: Place, n: int) -> Table:
    header, rows = read_table(place.responses)
    return header, rows[:n]


# ---------------------------------------------------------------------------------------------- storing


def test_a_sitting_is_stored_with_persons_papers_and_item_use(place: Place) -> None:
    done = added(place)
    assert (done.outcome, done.id, done.n_persons, done.n_items) == ("added", SITTING, 300, 200)
    responses = stored(place)
    header, rows = read_table(place.responses)
    assert len(set(responses.persons)) == 300 and not {*responses.persons} & {row[0] for row in rows}
    assert [responses.forms[f] for f in responses.form] == [row[1] for row in rows]
    assert dict(responses.groups)["site"] == tuple(row[header.index("site")] for row in rows)
    assert not responses.answer.flags.writeable
    assert n_rows(place.database, "paper") == 2
    assert n_rows(place.database, "exposure") == 200 and n_rows(place.database, "item_use") == 0


def test_the_same_file_again_changes_nothing(place: Place) -> None:
    added(place)
    before = rows_of(place.database)
    done = added(place)
    assert done.outcome == "unchanged"
    assert rows_of(place.database) == before


def test_other_content_under_the_same_id_is_refused(place: Place, tmp_path: Path) -> None:
    added(place)
    before = rows_of(place.database)
    header, rows = sample(place, 300)
    other = write_table(tmp_path / "other/responses.csv", header, rows[:-1])
    done, problems = add(place, other)
    assert done is None
    assert [problem.code for problem in problems] == ["R117"]
    assert rows_of(place.database) == before


def test_the_declaration_beside_the_answers_is_enough_and_the_call_wins_over_it(place: Place) -> None:
    done, problems = add_responses(place.responses, (), place.workspace)
    assert done is not None and not problems and done.id == SITTING
    done, problems = add_responses(place.responses, (), place.workspace, id="other", date="2026-12-01", place="Linz")
    assert done is not None and [problem.code for problem in problems] == ["H220"]  # the same persons, the same papers
    ledger = place.workspace.open()
    records = {record.id: record for record, _ in list_sittings(ledger)}
    ledger.close()
    first, second = records[SITTING], records["other"]
    assert (first.date, first.design, first.cut, first.bank) == (DATE, "spiralled", 60.0, "steelmaking")
    assert (second.date, second.place, second.design) == ("2026-12-01", "Linz", "spiralled")


@pytest.mark.parametrize(
    ("options", "code"),
    [({"id": "../up"}, "R115"), ({"id": " "}, "R115"), ({"date": "23.11.2026"}, "R116")],
)
def test_an_unusable_id_or_date_is_refused(place: Place, options: dict[str, str], code: str) -> None:
    done, problems = add(place, **options)
    assert done is None
    assert [problem.code for problem in problems] == [code]
    assert not place.database.exists()


# ---------------------------------------------------------------------------------------------- encodings

WIDE = {letter: chr(ord(letter) + 0xFEE0) for letter in "ABCDEFGH"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_any_encoding_with_full_width_letters_gives_equal_answers(
    place: Place, tmp_path: Path, encoding: str
) -> None:
    added(place)
    header, rows = sample(place, 300)
    start = 1 + max(header.index(name) for name in ("person", "form", "site", "seat"))
    wide = [[*row[:start], *(WIDE.get(cell, cell) for cell in row[start:])] for row in rows]
    assert wide != rows and any("√" in row for row in wide) and any("×" in row for row in wide)
    path = write_table(tmp_path / encoding / "responses.csv", header, wide, encoding)
    assert added(place, path, id=f"wide-{encoding}").outcome == "added"
    same_answers(stored(place), stored(place, f"wide-{encoding}"))


def test_lower_case_blanks_and_words_for_true_and_false_give_equal_answers(place: Place, tmp_path: Path) -> None:
    added(place)
    header, rows = sample(place, 300)
    said = {"√": " 对", "×": "F", **{letter: f" {letter.lower()} " for letter in "ABCDEFGH"}}
    path = write_table(tmp_path / "x/r.csv", [name.title() if name == "person" else name for name in header],
                       [[*row[:4], *(said.get(cell, cell) for cell in row[4:])] for row in rows])  # fmt: skip
    added(place, path, id="words")
    same_answers(stored(place), stored(place, "words"))


def test_tabs_separate_as_well_as_commas(place: Place, tmp_path: Path) -> None:
    added(place)
    path = tmp_path / "t/r.tsv"
    path.parent.mkdir()
    path.write_text(place.responses.read_text("utf-8-sig").replace(",", "\t"), "utf-8")
    added(place, path, id="tabs")
    same_answers(stored(place), stored(place, "tabs"))


def test_columns_by_position_give_what_columns_by_id_give(place: Place, tmp_path: Path) -> None:
    added(place)
    header, rows = sample(place, 300)
    places = {form.id: [entry.id for entry in form_items(form)] for form in place.forms}
    by_position = []
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        by_position.append([*row[:4], *(cells[id] for id in places[cells["form"]])])
    path = write_table(tmp_path / "p/r.csv", [*header[:4], *map(str, range(1, 101))], by_position)
    added(place, path, id="position")
    same_answers(stored(place), stored(place, "position"))


# ---------------------------------------------------------------------------------------------- misfits
# Each takes the header and five rows, spoils them, and says what is to be found: (code, line, column, facts).

Misfit = Callable[[Place, Table], tuple[str, int, int, dict[str, str]]]


def own(place: Place, table: Table, row: int) -> int:
    """Return the column of the first item on the paper of that row."""
    header, rows = table
    form = next(form for form in place.forms if form.id == rows[row][header.index("form")])
    return header.index(form_items(form)[0].id)


def unknown_column(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    header, rows = table
    header.append(header[10][:-1] + "?")
    for row in rows:
        row.append("")
    return "R104", 1, len(header), {"name": header[-1]}


def misspelt_person_column(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    table[0][2] = "sight"
    return "R104", 1, 3, {"name": "sight", "suggestion": "site"}


def column_twice(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    table[0].append(table[0][5])
    for row in table[1]:
        row.append("")
    return "R105", 1, len(table[0]), {"name": table[0][5]}


def no_person_column(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    for row in (table[0], *table[1]):
        del row[0]
    return "R106", 1, 1, {"name": "person"}


def no_form_column(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    for row in (table[0], *table[1]):
        del row[1]
    return "R106", 1, 1, {"name": "form"}


def missing_items(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    gone = sorted(table[0][-2:])
    for row in (table[0], *table[1]):
        del row[-2:]
    return "R107", 1, 1, {"n": "2", "names": ", ".join(gone)}


def short_row(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    n = len(table[0])
    table[1][2].pop()
    return "R108", 4, n, {"found": str(n - 1), "expected": str(n)}


def long_row(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    n = len(table[0])
    table[1][0].append("A")
    return "R108", 2, n + 1, {"found": str(n + 1), "expected": str(n)}


def person_twice(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    table[1][3][0] = unicodedata.normalize("NFKC", table[1][1][0]) + " "
    return "R109", 5, 1, {"person": "261100002", "first": "3"}


def nameless_person(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    table[1][4][0] = ""
    return "R226", 6, 1, {}


def unknown_form(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    table[1][1][1] = "bof-4-theory-1-C"
    return "R110", 3, 2, {"form": "bof-4-theory-1-C", "forms": ", ".join(form.id for form in place.forms)}


def no_option(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    column = own(place, table, 2)
    table[1][2][column] = "E"
    return "R111", 4, column + 1, {"found": "E", "item": table[0][column], "person": "261100003"}


def two_letters(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    column = own(place, table, 1)
    table[1][1][column] = "AB"
    return "R111", 3, column + 1, {"found": "AB", "person": "261100002"}


def no_truth_value(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    column = table[0].index(form_items(place.forms[0])[-1].id)
    assert table[1][0][1] == place.forms[0].id
    table[1][0][column] = "B"
    return "R111", 2, column + 1, {"found": "B", "item": table[0][column]}


def not_on_the_paper(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    column = own(place, table, 1)
    assert table[1][0][1] != table[1][1][1]
    table[1][0][column] = "A"
    return "R114", 2, column + 1, {"item": table[0][column], "form": table[1][0][1]}


def bad_status(place: Place, table: Table) -> tuple[str, int, int, dict[str, str]]:
    table[0].append("status")
    for row in table[1]:
        row.append("")
    table[1][2][-1] = "absent?"
    return "R112", 4, len(table[0]), {"found": "absent?"}


MISFITS: tuple[Misfit, ...] = (
    unknown_column, misspelt_person_column, column_twice, no_person_column, no_form_column, missing_items, short_row,
    long_row, person_twice, nameless_person, unknown_form, no_option, two_letters, no_truth_value, not_on_the_paper,
    bad_status,
)  # fmt: skip


@pytest.mark.parametrize("misfit", MISFITS, ids=lambda misfit: misfit.__name__)
def test_a_misfit_is_reported_with_row_and_column_and_nothing_is_stored(misfit: Misfit, tmp_path: Path) -> None:
    whole = prepared()
    place = Place(whole.root, whole.forms, whole.simulated)
    workspace = Workspace(tmp_path, "en", str(tmp_path / "ledger.db"))
    table = sample(place, 5)
    code, line, column, facts = misfit(place, table)
    path = write_table(tmp_path / "answers.csv", *table)
    done, problems = add_responses(path, (place.form_folder,), workspace, id=SITTING, date=DATE)
    assert done is None
    assert [(p.code, p.severity, p.span.line, p.span.column) for p in problems] == [(code, "error", line, column)]
    assert facts.items() <= dict(problems[0].facts).items()
    assert Path(problems[0].span.path).name == "answers.csv"
    assert sittings(workspace) == []


def test_a_misspelt_item_column_suggests_the_nearest_item(place: Place, tmp_path: Path) -> None:
    header, rows = sample(place, 3)
    right = header[30]
    header[30] = right.replace("BOF4", "B0F4")
    done, problems = add(place, write_table(tmp_path / "x/r.csv", header, rows))
    assert done is None
    assert [problem.code for problem in problems] == ["R104", "R107"]
    assert problems[0].span.column == 31
    assert dict(problems[0].facts)["suggestion"] == right
    assert dict(problems[1].facts)["names"] == right


def test_all_misfits_of_a_file_are_reported_at_once(place: Place, tmp_path: Path) -> None:
    table = sample(place, 5)
    expected = []
    for misfit in (no_option, unknown_form, person_twice):
        code, line, column, _ = misfit(place, table)
        expected.append((line, column, code))
    done, problems = add(place, write_table(tmp_path / "x/r.csv", *table))
    assert done is None
    assert [(p.span.line, p.span.column, p.code) for p in problems] == sorted(expected)
    assert sittings(place.workspace) == []


def test_a_hopeless_file_ends_the_list_of_problems(place: Place, tmp_path: Path) -> None:
    header, rows = sample(place, 300)
    for row in rows:
        row[1] = "nowhere"
    done, problems = add(place, write_table(tmp_path / "x/r.csv", header, rows))
    assert done is None
    assert [problem.code for problem in problems] == ["R110"] * 200 + ["R113"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "R103"),
        (b"\xef\xbb\xbf\n\n  \n", "R103"),
        (bytes(range(256)) * 4, "R101"),
        ("person,form\n".encode("utf-16"), "R103"),
        (b"\xff\xfe\xff\xff", "R101"),
        (b'person,"form\n"x"y,', "R102"),
    ],
    ids=["empty", "blank", "binary", "header alone", "no text", "quotes"],
)
def test_a_file_that_is_no_table_is_refused(place: Place, tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    done, problems = add(place, path)
    assert done is None
    assert [problem.code for problem in problems] == [code]
    assert sittings(place.workspace) == []


def test_a_header_without_persons_is_refused(place: Place, tmp_path: Path) -> None:
    header, _ = sample(place, 1)
    done, problems = add(place, write_table(tmp_path / "x/r.csv", header, []))
    assert done is None
    assert [problem.code for problem in problems] == ["R103"]


def test_a_missing_file_is_a_problem_and_not_an_exception(place: Place, tmp_path: Path) -> None:
    done, problems = add(place, tmp_path / "nowhere.csv")
    assert done is None
    assert [problem.code for problem in problems] == ["Y011"]


@pytest.mark.parametrize("name", ["፩", "9" * 5000, "0", "101", "²²²²²"])
def test_strange_numbers_as_column_names_are_unknown_columns(place: Place, tmp_path: Path, name: str) -> None:
    header, rows = sample(place, 2)
    path = write_table(tmp_path / "x/r.csv", [*header, name], [[*row, ""] for row in rows])
    done, problems = add(place, path)
    assert done is None
    assert [(problem.code, problem.span.column) for problem in problems] == [("R104", 205)]


def short_paper(place: Place) -> tuple[Path, Path]:
    """Write a paper of two items beside the first paper; returns both files."""
    from dataclasses import replace

    from qbank.files.forms import write_form

    whole = place.forms[0]
    section = replace(whole.sections[0], items=whole.sections[0].items[:2])
    path = place.root / "short.yaml"
    write_form(replace(whole, id="short", sections=(section,)), path)
    return place.form_folder / f"{whole.id}.yaml", path


def test_an_answer_beyond_the_end_of_a_shorter_paper_is_not_lost(place: Place) -> None:
    papers = short_paper(place)
    header = ["person", "form", *map(str, range(1, 101))]
    rows = [["P1", "short", "A", "B", "C", *[""] * 97]]
    path = write_table(place.root / "x/r.csv", header, rows)
    done, problems = add_responses(path, papers, place.workspace, id="s", date=DATE)
    assert done is None
    assert [(p.code, p.span.line, p.span.column) for p in problems] == [("R114", 2, 5)]


def test_positions_and_item_ids_do_not_mix(place: Place) -> None:
    header = ["person", *map(str, range(1, 101)), form_items(place.forms[0])[0].id]
    path = write_table(place.root / "x/r.csv", header, [["P1", *["A"] * 80, *["√"] * 20, "B"]])
    done, problems = add_responses(
        path, (place.form_folder / f"{place.forms[0].id}.yaml",), place.workspace, id="s", date=DATE
    )
    assert done is None
    assert [(p.code, p.span.line, p.span.column) for p in problems] == [("R104", 1, 102)]


# ---------------------------------------------------------------------------------------------- having no answer


def test_blanks_after_the_last_answer_are_not_reached_except_the_first(place: Place) -> None:
    """Counted again in plain Python from the file: in printed order, not in the order of columns."""
    added(place)
    responses = stored(place)
    header, rows = read_table(place.responses)
    column = {id: n for n, id in enumerate(responses.items)}
    kinds = {OMITTED: 0, NOT_REACHED: 0}
    for person, row in enumerate(rows):
        cells = dict(zip(header, row, strict=True))
        form = next(form for form in place.forms if form.id == cells["form"])
        ids = [entry.id for entry in form_items(form)]
        answered = [n for n, id in enumerate(ids) if cells[id]]
        for n, id in enumerate(ids):
            found = int(responses.answer[person, column[id]])
            if cells[id]:
                assert found >= 0
                continue
            expected = NOT_REACHED if n > max(answered) + 1 else OMITTED
            assert found == expected
            kinds[expected] += 1
        for id in set(responses.items) - set(ids):
            assert responses.answer[person, column[id]] == NOT_SEEN
    assert min(kinds.values()) > 20


def test_a_person_who_wrote_nothing_omitted_the_first_item_and_reached_no_other(place: Place) -> None:
    header, rows = sample(place, 2)
    rows[1] = [*rows[1][:4], *[""] * 200]
    added(place, write_table(place.root / "x/r.csv", header, rows), id="s")
    responses = stored(place, "s")
    ids = [entry.id for entry in form_items(place.forms[1])]
    answer = [int(responses.answer[1, responses.items.index(id)]) for id in ids]
    assert answer == [OMITTED] + [NOT_REACHED] * 99


@pytest.mark.parametrize(
    ("word", "standing", "value"),
    [
        ("void", "void", VOID), ("作废", "void", VOID), (" Void ", "void", VOID), ("withheld", "withheld", WITHHELD),
        ("违纪", "withheld", WITHHELD), ("缺考", "absent", NOT_SEEN),
    ],
)  # fmt: skip
def test_void_withheld_and_absent_persons_are_kept_without_marks(
    place: Place, word: str, standing: str, value: int
) -> None:
    header, rows = sample(place, 6)
    table = [[*row, word if n == 2 else ""] for n, row in enumerate(rows)]
    added(place, write_table(place.root / "x/r.csv", [*header, "status"], table), id="s")
    responses = stored(place, "s")
    seen = np.isin(responses.items, list(entries(place.forms[0])))
    answer = counted_answers(responses)
    assert STANDINGS[responses.standing[2]] == standing and (responses.answer[2, seen] >= OMITTED).all()
    assert (answer[2, seen] == value).all() and (answer[2, ~seen] == NOT_SEEN).all()
    scored, problems = score_sitting("s", place.workspace)
    assert scored is not None and not problems
    assert scored.scores.present.tolist() == [True, True, False, True, True, True]
    assert np.isnan(scored.scores.total).tolist() == [False, False, True, False, False, False]
    assert np.isnan(scored.scores.share[2]).all()
    _, results = scores_table(scored, 0, "zh")
    none = text("zh", f"cli.standing.{standing}")
    assert results[2] == ["261100003", place.forms[0].id, None, None, None, none, text("zh", "result.preliminary", number=0)]


def test_one_paper_needs_no_form_column(place: Place) -> None:
    header, rows = sample(place, 300)
    mine = [row for row in rows if row[1] == place.forms[0].id]
    ids = entries(place.forms[0])
    keep = [n for n, name in enumerate(header) if name == "person" or name in ids]
    path = write_table(
        place.root / "x/r.csv", [header[n] for n in keep], [[row[n] for n in keep] for row in mine]
    )
    paper = place.form_folder / f"{place.forms[0].id}.yaml"
    done, problems = add_responses(path, (paper,), place.workspace, id="one", date=DATE)
    assert done is not None and not problems and done.n_persons == 150 and done.n_items == 100


def test_the_papers_are_kept_as_printed(place: Place, tmp_path: Path) -> None:
    added(place)
    forms, problems = read_forms((place.form_folder,))
    assert forms == place.forms and not problems
    elsewhere = copy_place(place, tmp_path / "elsewhere")
    for path in elsewhere.form_folder.iterdir():
        path.unlink()
    scored, problems = score_sitting(SITTING, elsewhere.workspace)
    assert scored is not None and not problems and scored.forms == place.forms
