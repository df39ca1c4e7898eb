"""export: the selected items, whole banks there and back, and no item left out without a word."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qbank.files.interchange import FORMAT_KINDS
from qbank.workflow.bank import check_bank
from qbank.workflow.export import Exported, Selection, export_bank, write_template
from qbank.workflow.interchange import ImportOptions, counts, import_file
from tests.corpus import CORPUS
from tests.files.sound import ITEMS, SOUND, write_bank
from tests.workflow.test_import import snapshot

BANKS = CORPUS / "banks"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_bank(tmp_path / "bank")
    return tmp_path


def left_out(done: Exported) -> set[str]:
    return {dict(problem.facts)["id"] for problem in done.problems if problem.code == "I202"}


@pytest.mark.parametrize("name", ["steelmaking", "forklift", "all-kinds"])
@pytest.mark.parametrize("format", sorted(FORMAT_KINDS))
def test_a_whole_bank_comes_back_and_whatever_does_not_is_told(
    name: str, format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(BANKS / name, "bank")
    Path("bank/items/stimuli.yaml").unlink(missing_ok=True)  # what becomes of shared stimuli: test_stimuli
    shutil.copytree("bank", "empty")
    shutil.rmtree("empty/items")
    file = Path("out")
    done = export_bank(Path("bank"), format, Selection(), file)
    before = check_bank(Path("bank"))[0].bank
    assert before is not None
    told = left_out(done)
    assert done.n_items == len(before.items) - len(told) > 0
    again = import_file(file, Path("bank"), ImportOptions(format=format), dry=False)
    assert counts(again) == {"new": 0, "updated": 0, "unchanged": done.n_items, "refused": 0}
    if format == "aiken":
        return
    plan = import_file(file, Path("empty"), ImportOptions(format=format), dry=False)
    assert [problem for problem in plan.problems if problem.severity == "error"] == []
    after = check_bank(Path("empty"))[0].bank
    assert after is not None
    assert dict(after.fingerprints) == {id: mark for id, mark in before.fingerprints.items() if id not in told}


def test_only_the_items_that_fit_are_written(folder: Path) -> None:
    def n(**words: object) -> int:
        return export_bank(folder / "bank", "csv", Selection(**words), folder / "o.csv").n_items  # type: ignore[arg-type]

    assert (n(), n(level=4), n(where='kind == "numeric"'), n(status="draft", where="marks >= 2")) == (3, 3, 1, 1)
    assert [p.code for p in export_bank(folder / "bank", "csv", Selection(level=3), None).problems] == ["I204"]
    wrong = export_bank(folder / "bank", "csv", Selection(where='knd == "numeric"'), None).problems
    assert [(p.code, p.span.column) for p in wrong] == [("P105", 1)]


def test_what_a_format_cannot_say_is_told_item_by_item(folder: Path) -> None:
    done = export_bank(folder / "bank", "aiken", Selection(), folder / "o.txt")
    assert left_out(done) == {"Q-2", "Q-3"} and done.n_items == 1
    assert [dict(p.facts)["id"] for p in done.problems if p.code == "I201"] == ["Q-1"]


def test_no_cell_of_a_csv_can_act_as_a_formula(folder: Path) -> None:
    items = ITEMS.replace("A: 铁\n", "A: '=HYPERLINK(\"http://x\")'\n").replace("B: 铜\n", "B: \"'@x\"\n").replace("C: 铝\n", "C: '-5'\n")
    write_bank(folder / "bank", {**SOUND, "items/a.yaml": items})
    export_bank(folder / "bank", "csv", Selection(), folder / "o.csv")
    text = (folder / "o.csv").read_text("utf-8-sig")
    assert "\"'=HYPERLINK" in text and ",''@x," in text and ",'-5," in text
    assert not any(cell[:1] in "=+-@" for line in text.splitlines() for cell in line.split(",") if cell)
    before = snapshot(folder / "bank")
    assert counts(import_file(folder / "o.csv", folder / "bank", ImportOptions(), dry=False))["unchanged"] == 3
    assert snapshot(folder / "bank") == before


def test_the_template_holds_this_banks_competencies_and_is_read_back(folder: Path) -> None:
    import fastexcel
    import polars as pl

    assert write_template(folder / "bank", folder / "t.xlsx") == []
    book = fastexcel.read_excel(folder / "t.xlsx")
    assert book.sheet_names == ["试题", "鉴定点", "填写说明"]
    points: pl.DataFrame = book.load_sheet(1, dtypes="string").to_polars()
    assert points["代码"].to_list() == ["A-001", "A-002", "B-A-001", "B-A-002"]
    plan = import_file(folder / "t.xlsx", folder / "bank", ImportOptions(), dry=False)
    assert [problem.code for problem in plan.problems] == ["I104"]
