"""import: what becomes of each question, where problems stand, and that a second import changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.problem import Problem
from qbank.workflow.bank import check_bank
from qbank.workflow.interchange import ImportOptions, Plan, counts, import_file
from tests.files.interchange.test_readers import MOODLE
from tests.files.sound import write_bank

HEADER = "试题GUID,题型(必填),题干(必填),答案,选项A,选项B,选项C,知识点一级,知识点二级,知识点三级,难度,一致性,分数,解析,出处"
ROWS = """\
g-1,单选,第一题（　　）。,A,$w(\\mathrm{CaO})$,二,三,操作,吹炼,B-A-001枪位,2,5,1.0,因为,教材
g-2,判断,第二题。,√,,,,基础知识,,识图,较易,4,0.5,,
"""
LEVEL_4 = ImportOptions(level=4)


def table(rows: str = ROWS, header: str = HEADER) -> bytes:
    return f"{header}\n{rows}".encode()


def run(folder: Path, data: bytes, options: ImportOptions = LEVEL_4, *, dry: bool = False, name: str = "交付.csv") -> Plan:
    path = folder / name
    path.write_bytes(data)
    return import_file(path, folder / "bank", options, dry=dry)


def snapshot(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def places(problems: list[Problem], code: str) -> list[tuple[int, int]]:
    return [(problem.span.line, problem.span.column) for problem in problems if problem.code == code]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_bank(tmp_path / "bank")
    return tmp_path


def test_new_questions_become_drafts_in_a_file_named_after_the_source(folder: Path) -> None:
    plan = run(folder, table())
    assert counts(plan) == {"new": 2, "updated": 0, "unchanged": 0, "refused": 0}
    source, problems = check_bank(folder / "bank")
    assert [p for p in problems if p.severity == "error"] == []
    first, second = (source.texts[f"IMP-000{n}"].item for n in (1, 2))
    assert first.span.path == "bank/items/imported/交付.yaml"
    assert (first.competency, first.level, first.status, first.source_id) == ("B-A-001", 4, "draft", "g-1")
    assert (first.grade, first.congruence, first.marks, first.rationale) == (2, 5, 1.0, "因为")
    assert (second.kind, second.competency, second.marks) == ("true_false", "A-002", 0.5)


def test_importing_again_changes_no_byte(folder: Path) -> None:
    run(folder, table())
    before = snapshot(folder / "bank")
    assert counts(run(folder, table())) == {"new": 0, "updated": 0, "unchanged": 2, "refused": 0}
    assert snapshot(folder / "bank") == before


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    before = snapshot(folder / "bank")
    assert counts(run(folder, table(), dry=True))["new"] == 2
    assert snapshot(folder / "bank") == before


def test_one_wrong_row_keeps_all_out_unless_partial(folder: Path) -> None:
    rows = ROWS + "g-3,单选,第三题,E,1,2,3,,,识图,2,5,1,,\n"
    before = snapshot(folder / "bank")
    plan = run(folder, table(rows))
    assert places(plan.problems, "Q104") == [(4, 4)]
    assert snapshot(folder / "bank") == before
    assert counts(run(folder, table(rows), ImportOptions(level=4, partial=True))) == {
        "new": 2, "updated": 0, "unchanged": 0, "refused": 1,
    }  # fmt: skip
    assert len(check_bank(folder / "bank")[0].texts) == 5


def test_every_unmatched_point_is_listed_with_row_and_column(folder: Path) -> None:
    rows = "a,判断,一。,对,,,,,,量子,2,5,1,,\nb,判断,二。,错,,,,,,识图,2,5,1,,\nc,判断,三。,错,,,,无,,,2,5,1,,\n"
    plan = run(folder, table(rows))
    assert places(plan.problems, "I123") == [(2, 10), (4, 8)]
    again = run(folder, table(rows), ImportOptions(level=4, competency="A-001"))
    assert counts(again)["new"] == 3


def test_a_question_without_any_id_is_told_by_its_words(folder: Path) -> None:
    rows = ",判断,没有编号。,对,,,,,,识图,2,5,1,,\n"
    run(folder, table(rows))
    before = snapshot(folder / "bank")
    assert counts(run(folder, table(rows)))["unchanged"] == 1
    assert snapshot(folder / "bank") == before
    assert places(run(folder, table(rows * 2)).problems, "I127") == [(3, 3)]


def test_a_changed_row_changes_the_lines_of_its_item_only(folder: Path) -> None:
    run(folder, table())
    path = folder / "bank/items/imported/交付.yaml"
    text = "# 抬头\n" + path.read_text("utf-8").replace("    grade: 2\n", "    grade: 2 # 已复核\n", 1)
    path.write_text(text, "utf-8")
    plan = run(folder, table(ROWS.replace("第二题。", "第二题改了。").replace("0.5", "1")))
    assert [(c.action, c.id, c.keys) for c in plan.changes] == [
        ("unchanged", "IMP-0001", ()), ("updated", "IMP-0002", ("stem", "marks")),
    ]  # fmt: skip
    assert path.read_text("utf-8") == text.replace("第二题。", "第二题改了。").replace("marks: 0.5", "marks: 1")


def test_an_item_written_by_hand_is_found_by_its_source_id_and_keeps_what_the_file_does_not_say(folder: Path) -> None:
    own = folder / "bank/items/own.yaml"
    own.write_text(
        "defaults: {level: 4, status: live}\nitems:\n  - id: OWN-1\n    kind: single\n    competency: A-001\n    source_id: g-1\n"
        "    stem: 旧题（　　）。\n    options: {A: 80, B: 90}\n    key: B\n    shuffle: false # 数字\n    grade: 4\n"
        "    cognitive: apply\n    seconds: 77\n", "utf-8",
    )  # fmt: skip
    rows = "g-1,单选,新题（　　）。,B,80,90,,,,,,,,,\n"
    plan = run(folder, table(rows))
    assert [(c.action, c.id, c.keys) for c in plan.changes] == [("updated", "OWN-1", ("stem",))]
    assert [dict(p.facts) for p in plan.problems if p.code == "I137"] == [{"id": "OWN-1", "status": "live"}]
    assert own.read_text("utf-8").count("新题（　　）。") == 1
    assert "options: {A: 80, B: 90}\n    key: B\n    shuffle: false # 数字\n    grade: 4\n" in own.read_text("utf-8")


def test_a_question_is_placed_under_the_next_free_number(folder: Path) -> None:
    run(folder, table())
    run(folder, table(",判断,又一题。,错,,,,,,识图,2,5,1,,\n"), ImportOptions(level=4), name="b.csv")
    assert "IMP-0003" in check_bank(folder / "bank")[0].texts


def test_nothing_is_written_through_a_link_that_leads_out_of_the_bank(folder: Path) -> None:
    (folder / "outside").mkdir()
    (folder / "bank/media").symlink_to(folder / "outside", target_is_directory=True)
    source = MOODLE.split('  <question type="numerical">')[0] + "</quiz>"
    plan = run(folder, source.encode(), ImportOptions(level=4, competency="A-001"), name="m.xml")
    assert "I131" in [problem.code for problem in plan.problems]
    assert len(check_bank(folder / "bank")[0].texts) == 3
    assert list((folder / "outside").iterdir()) == []


@pytest.mark.parametrize("into", ["../x.yaml", "items/../../x.yaml", "/tmp/x.yaml", "items/x.txt", "standard.yaml"])
def test_new_items_go_nowhere_but_below_items(folder: Path, into: str) -> None:
    before = snapshot(folder)
    assert [p.code for p in run(folder, table(), ImportOptions(level=4, into=into)).problems] == ["I131"]
    assert {*snapshot(folder)} - {*before} == {"交付.csv"}


def test_a_bank_with_errors_is_not_imported_into(folder: Path) -> None:
    path = folder / "bank/items/a.yaml"
    path.write_text(path.read_text("utf-8").replace("key: A", "key: Z"), "utf-8")
    assert [p.code for p in run(folder, table()).problems] == ["Q104", "I133"]


def test_pictures_of_a_moodle_file_come_along_and_once(folder: Path) -> None:
    first = MOODLE.split('  <question type="numerical">')[0] + "</quiz>"
    options = ImportOptions(level=4, competency="A-001")
    assert counts(run(folder, first.encode(), options, name="m.xml"))["new"] == 1
    item = check_bank(folder / "bank")[0].texts["IMP-0001"].item
    assert list(item.media) and all((folder / "bank" / path).is_file() for path in item.media)
    before = snapshot(folder / "bank")
    assert counts(run(folder, first.encode(), options, name="m.xml"))["unchanged"] == 1
    assert snapshot(folder / "bank") == before
