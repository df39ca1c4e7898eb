"""Items that share a stimulus on papers, in show, between revisions, on their way out and back."""

from __future__ import annotations

import base64
import csv
import json
import shutil
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from qbank.cli.__main__ import main
from qbank.core.form import FormItem, form_digest
from qbank.files.forms import form_text, parse_form, read_form
from qbank.files.interchange.columns import TITLES
from qbank.problem import has_errors
from qbank.workflow.bank import check_bank
from qbank.workflow.diff import compare
from qbank.workflow.export import Selection, export_bank
from qbank.workflow.import_plan import ImportOptions, counts
from qbank.workflow.interchange import import_file
from qbank.workflow.merge import MergeOptions, merge_banks
from qbank.workflow.papers import assemble_papers, audit_papers
from qbank.workflow.printing import print_papers
from qbank.workflow.workspace import Workspace, find_workspace
from tests.corpus import CORPUS
from tests.files.sound import SHARED_ITEMS, SOUND, write_bank
from tests.workflow.git import committed

BLUEPRINT = """\
blueprint: sets
bank: ../banks/all-kinds
level: 4
minutes: 30
marks: 12
cut: 6
sections:
  - {title: 单项选择题, kind: single, items: 12, marks_each: 1, where: 'stimulus in ["AK-R1", "AK-R2"]'}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QBANK_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def paper(folder: Path) -> Path:
    """Return the file of a paper of two sets."""
    shutil.copytree(CORPUS / "banks/all-kinds", folder / "banks/all-kinds")
    (folder / "blueprints").mkdir()
    (folder / "blueprints/sets.yaml").write_text(BLUEPRINT, "utf-8")
    made, problems = assemble_papers(folder / "blueprints/sets.yaml", workspace(folder), as_of="2026-11-25")
    assert not has_errors(problems)
    assert made is not None
    return made.paths[0]


def workspace(root: Path) -> Workspace:
    return Workspace(root, "zh", str(root / "ledger.db"))


def test_each_stimulus_is_printed_once_above_its_questions_with_its_picture(folder: Path, paper: Path) -> None:
    form, _ = read_form(paper)
    assert form is not None
    assert [name for name, _ in groupby(form.sections[0].items, key=lambda entry: entry.stimulus)] == ["AK-R1", "AK-R2"]
    files, problems = print_papers((paper,), workspace(folder), to="html", parts=("paper",))
    assert not problems
    text = files[0].read_text("utf-8")
    places = [text.index(words) for words in ("第1～6题", "一炉钢的记录", "某炉钢吹炼中的枪位记录")]
    assert places == sorted(places)
    assert all(text.count(words) == 1 for words in ("第1～6题", "第7～12题", "一炉钢的记录", "枪位记录"))
    picture = (folder / "banks/all-kinds/media/lance-height.svg").read_bytes()
    assert base64.b64encode(picture).decode() in text


def test_a_paper_is_not_printed_when_one_of_its_stimuli_says_something_else(folder: Path, paper: Path) -> None:
    items = folder / "banks/all-kinds/items/stimuli.yaml"
    items.write_text(items.read_text("utf-8").replace("铁水 110 t", "铁水 112 t"), "utf-8")
    files, problems = print_papers((paper,), workspace(folder), to="txt")
    assert not files
    assert [problem.code for problem in problems] == ["F103"] * 6


def test_a_stimulus_that_has_another_id_now_is_printed_all_the_same(folder: Path, paper: Path) -> None:
    items = folder / "banks/all-kinds/items/stimuli.yaml"
    items.write_text(items.read_text("utf-8").replace("id: AK-R1\n", "id: Z\n").replace("stimulus: AK-R1\n", "stimulus: Z\n"), "utf-8")
    files, problems = print_papers((paper,), workspace(folder), to="txt", parts=("paper",))
    assert not problems
    assert "一炉钢的记录" in files[0].read_text("utf-8")


def test_the_audit_finds_enemy_stimuli_on_one_paper(folder: Path, paper: Path) -> None:
    items = folder / "banks/all-kinds/items/stimuli.yaml"

    def broken() -> list[str]:
        found, _ = audit_papers((paper,), workspace(folder))
        assert found is not None
        return [check.rule for check in found.audit.checks if not check.holds]

    assert broken() == []
    items.write_text(items.read_text("utf-8").replace("  - id: AK-R2\n", "  - id: AK-R2\n    enemies: [AK-R1]\n"), "utf-8")
    assert broken() == ["enemy stimuli together"]


def test_the_form_keeps_the_stimulus_of_each_place(paper: Path) -> None:
    form, _ = read_form(paper)
    assert form is not None
    assert parse_form(form_text(form), "x") == (form, [])

    def elsewhere(entry: FormItem) -> FormItem:
        return replace(entry, stimulus="AK-R9")

    changed = replace(form, sections=tuple(replace(s, items=tuple(map(elsewhere, s.items))) for s in form.sections))
    assert form_digest(form) != form_digest(changed)


def test_show_gives_the_stimulus_above_its_item_and_by_itself(
    paper: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*words: str) -> str:
        with pytest.raises(SystemExit) as end:
            main(["show", *words])
        assert end.value.code == 0
        return capsys.readouterr().out

    item = said("AK-R2-2", "--lang", "zh")
    assert item.index("某炉钢吹炼中的枪位记录") < item.index("第 10 分钟炉口出现的现象")
    alone = said("AK-R1", "--lang", "en")
    assert "its items (6)" in alone
    assert "AK-R1-6" in alone
    assert len(json.loads(said("AK-R1", "--json"))["items"]) == 6


def test_diff_gives_the_words_that_changed_in_a_stimulus_for_each_of_its_items(folder: Path) -> None:
    write_bank(folder / "banks/tiny", {**SOUND, "items/shared.yaml": SHARED_ITEMS})
    committed(folder)
    write_bank(folder / "banks/tiny", {"items/shared.yaml": SHARED_ITEMS.replace("110 t", "112 t")})
    found, problems = compare(Path("banks/tiny"), "HEAD", "", find_workspace(Path.cwd(), "en")[0])
    assert problems == []
    assert found is not None
    told = [(one.what, one.id, one.revised, [field.field for field in one.fields]) for one in found.changes]
    assert told == [("edited", "U-1", True, ["stimulus.text"]), ("edited", "U-2", True, ["stimulus.text"])]


def test_a_table_keeps_the_stimulus_and_a_platform_gets_its_text_with_every_stem(folder: Path) -> None:
    write_bank(folder / "bank", {**SOUND, "items/shared.yaml": SHARED_ITEMS})
    for format, code in (("csv", "I207"), ("xlsx", "I207"), ("gift", "I208"), ("moodle", "I208")):
        done = export_bank(Path("bank"), format, Selection(where='stimulus != ""'), Path("out"))
        assert [(problem.code, dict(problem.facts)["n"]) for problem in done.problems if problem.code in ("I207", "I208")] == [(code, "3")]
        assert done.n_items == 3
        again = counts(import_file(Path("out"), Path("bank"), ImportOptions(format=format), dry=True))
        assert again["unchanged" if code == "I207" else "updated"] == 3
        text = Path("out").read_bytes().decode("utf-8", "replace")
        if format in ("gift", "moodle"):
            assert text.count("转炉装入铁水 110 t") == 2
            assert text.count("炉况") == 2


def test_a_table_from_another_bank_that_names_an_unknown_stimulus_is_refused(folder: Path) -> None:
    write_bank(folder / "bank", {**SOUND, "items/shared.yaml": SHARED_ITEMS})
    write_bank(folder / "other", SOUND)
    export_bank(Path("bank"), "csv", Selection(where='stimulus == "S-1"'), Path("out.csv"))
    plan = import_file(Path("out.csv"), Path("other"), ImportOptions(), dry=True)
    assert {problem.code for problem in plan.problems if problem.severity == "error"} == {"Q402"}
    assert counts(plan)["refused"] == 2


def test_a_merge_brings_in_items_whose_stimulus_the_bank_has_and_no_others(folder: Path) -> None:
    write_bank(folder / "bank", {**SOUND, "items/shared.yaml": SHARED_ITEMS.replace("id: U-2", "id: U-8")})
    write_bank(folder / "sub", {**SOUND, "items/shared.yaml": SHARED_ITEMS})
    assert [p.code for p in merge_banks(Path("bank"), Path("sub"), MergeOptions(), dry=True).problems if p.severity == "error"] == []
    write_bank(folder / "sub", {**SOUND, "items/shared.yaml": SHARED_ITEMS.replace("110 t", "112 t")})
    plan = merge_banks(Path("bank"), Path("sub"), MergeOptions(), dry=True)
    told = [(p.code, str(p.span)) for p in plan.problems if p.severity == "error"]
    assert told == [("I150", "sub/items/shared.yaml:10:9"), ("I156", "sub/items/shared.yaml:15:15")]
    assert check_bank(Path("bank"))[0].bank is not None


def test_an_import_that_changes_no_question_leaves_the_stimulus_and_the_revision(folder: Path) -> None:
    live = SHARED_ITEMS.replace("seconds: 60", "seconds: 60, status: live, rationale: 按记录, reference: 教材")
    write_bank(folder / "bank", {**SOUND, "items/shared.yaml": live.replace("stem: 铁水不足百吨。", "stem: |\n      铁水\n      不足百吨。")})
    before = check_bank(Path("bank"))[0].bank
    export_bank(Path("bank"), "csv", Selection(where='stimulus == "S-1"'), Path("out.csv"))
    with Path("out.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    column = table[0].index(TITLES["seconds"])
    for row in table[1:]:
        row[column] = "75"
    with Path("out.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(table)
    plan = import_file(Path("out.csv"), Path("bank"), ImportOptions(), dry=False)
    assert counts(plan)["updated"] == 2
    assert [(problem.code, problem.facts) for problem in plan.problems if problem.severity != "note"] == []
    after = check_bank(Path("bank"))[0].bank
    assert before is not None
    assert after is not None
    assert {id: item.seconds for id, item in after.items.items() if item.stimulus} == {"U-1": 75, "U-2": 75, "U-3": 60}
    assert after.fingerprints == before.fingerprints
