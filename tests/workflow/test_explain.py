"""What --explain writes: patches that read back as the moves, stubs and tables of the commission."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from qbank.assemble.explain.moves import DROP, Move
from qbank.files.blueprint import read_blueprint
from qbank.files.yaml_text import parse_yaml, plain
from qbank.problem import Span
from qbank.workflow.explain import Explained, explain_papers, patched, write_patch, write_stubs, write_table
from qbank.workflow.workspace import Workspace, find_workspace
from tests.corpus import CORPUS

ROOT = Path(__file__).resolve().parents[2]
PLAN = """\
# 两份小卷
blueprint: small
bank: ../banks/steelmaking
level: 4
forms: 2
minutes: 30
marks: 20
cut: 12
sections:
  - {title: 单选题, kind: single, items: 20, marks_each: 1}
constraints:
  - count: {where: 'domain == "B-C-C" and grade >= 3', min: 14}   # 造渣
  - count: {where: 'importance == "X"', min: 60%}
  - overlap: {max: 0}
"""


def explained(tmp_path: Path, text: str = PLAN) -> tuple[Explained, Path]:
    (tmp_path / "blueprints").mkdir()
    (tmp_path / "banks").mkdir()
    (tmp_path / "banks" / "steelmaking").symlink_to(CORPUS / "banks" / "steelmaking")
    (tmp_path / "qbank.yaml").write_text("language: zh\n", encoding="utf-8")
    path = tmp_path / "blueprints" / "small.yaml"
    path.write_text(text, encoding="utf-8")
    found, problems = explain_papers(path, workspace(tmp_path), as_of="2026-11-23")
    assert found is not None, problems
    return found, path


def workspace(root: Path) -> Workspace:
    return find_workspace(root, "zh")[0]


def test_a_patch_applied_reads_as_the_moves_and_makes_papers(tmp_path: Path) -> None:
    found, path = explained(tmp_path)
    assert found.found.reason == "shortage" and found.found.relaxations[0].proved
    text = patched(PLAN, found.found.relaxations[0].moves)
    assert text is not None and text.count("\n") == PLAN.count("\n") and "# 造渣" in text
    path.write_text(text, encoding="utf-8")
    blueprint, problems = read_blueprint(path)
    assert blueprint is not None and not problems
    for move in found.found.relaxations[0].moves:
        assert str(blueprint.rules[move.rule].value[move.key]) == move.new
    again, _ = explain_papers(path, workspace(tmp_path), as_of="2026-11-23")
    assert again is not None and again.found.reason == "none"


def test_a_patch_file_is_a_unified_diff_of_the_plan(tmp_path: Path) -> None:
    found, _ = explained(tmp_path)
    assert write_patch(found, tmp_path / "p.patch") == []
    lines = (tmp_path / "p.patch").read_text("utf-8").splitlines()
    assert lines[0].startswith("--- ") and lines[1].startswith("+++ ") and lines[2].startswith("@@ -")
    assert sum(line.startswith("-") for line in lines) == sum(line.startswith("+") for line in lines) == 2


@pytest.mark.parametrize(
    ("text", "line", "column", "old", "new", "wanted"),
    [
        ("- count: {min: 80%}\n", 1, 16, "80%", "70%", "- count: {min: 70%}\n"),
        ("- count: {min: '80%'}  # a\n", 1, 16, "80%", "7%", "- count: {min: '7%'}  # a\n"),
        ("- count:\n    min: 3\n    max: 4\n", 2, 10, "3", "12", "- count:\n    min: 12\n    max: 4\n"),
        ("- count: {min: 8}\n", 1, 16, "9", "7", None),
    ],
)
def test_a_value_is_replaced_at_its_own_place(text: str, line: int, column: int, old: str, new: str, wanted: str | None) -> None:
    assert patched(text, (Move(0, "min", old, new, "", Span("a", line, column), 1.0),)) == wanted


def test_a_dropped_rule_takes_its_lines_along_and_no_others() -> None:
    text = "constraints:\n  - include:\n      - A\n      - B\n  - overlap: {max: 0}\n"
    after = patched(text, (Move(0, DROP, "", "", "", Span("a", 2, 5), 1.0),))
    assert after is not None and plain(parse_yaml(after, "a")[0]) == {"constraints": [{"overlap": {"max": 0}}]}


def test_stubs_are_items_of_the_commission_with_ids_of_their_own(tmp_path: Path) -> None:
    found, _ = explained(tmp_path)
    n, problems = write_stubs(found, tmp_path / "new.yaml")
    assert (n, problems) == (found.found.n_missing, [])
    node, wrong = parse_yaml((tmp_path / "new.yaml").read_text("utf-8"), "new.yaml")
    assert not wrong
    items, bank = plain(node)["items"], found.found.setting.bank
    assert len({item["id"] for item in items} - set(bank.items)) == n
    assert all(bank.standard.competencies[item["competency"]].domain == "B-C-C" and item["grade"] >= 3 for item in items)
    assert [problem.code for problem in write_stubs(found, tmp_path / "new.yaml")[1]] == ["G104"]


def test_the_table_holds_the_condition_as_it_may_stand_in_a_blueprint(tmp_path: Path) -> None:
    found, _ = explained(tmp_path)
    write_table(found, tmp_path / "c.csv", "zh")
    rows = list(csv.DictReader((tmp_path / "c.csv").read_text("utf-8-sig").splitlines()))
    assert sum(int(row["题数"]) for row in rows) == found.found.n_missing
    assert rows[0]["条件"] == 'kind == "single" and domain == "B-C-C" and importance == "X" and grade >= 3'


def test_the_command_says_it_in_both_languages_and_as_data(tmp_path: Path) -> None:
    explained(tmp_path)

    def run(*words: str) -> tuple[int, str]:
        call = [sys.executable, "-m", "qbank", *words, "assemble", "blueprints/small.yaml", "--explain"]
        done = subprocess.run(
            [*call, *(["--json"] if "en" in words else [])], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False,
            env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        return done.returncode, done.stdout

    status, said = run("--lang", "zh")
    assert status == 1 and "须补写" in said and "不补题也可以改组卷计划书" in said and "small.yaml:12:61" in said
    status, data = run("--lang", "en")
    result = json.loads(data)["result"]
    assert status == 1 and result["reason"] == "shortage" and result["commission"]["proved"]
    assert result["relaxations"][0]["moves"][0]["line"] == 12
