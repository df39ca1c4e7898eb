"""Panels: the same judgements from YAML and from tables, and every mistake at its place."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from qbank.files.panel import read_panel
from qbank.files.tables import write_xlsx

YAML = """\
method: angoff
judges: [王, 李]
marks: {Q1: 1, Q2: 2}
rounds:
  - ratings:
      Q1: {王: 0.6, 李: 70%}
      Q2: {王: 0.5, 李: 0.4}
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def codes(path: Path, **options: str) -> list[tuple[str, int, int]]:
    panel, problems = read_panel(path, **options)
    assert panel is None or all(problem.severity == "warning" for problem in problems)
    return [(problem.code, problem.span.line, problem.span.column) for problem in problems]


def test_yaml_csv_and_xlsx_say_the_same(tmp_path: Path) -> None:
    table = "item,marks,round,王,李\nQ1,1,1,0.6,70%\nQ2,2,1,0.5,0.4\n"
    write_xlsx(tmp_path / "p.xlsx", "p", ["item", "marks", "round", "王", "李"], [["Q1", 1, 1, 0.6, "70%"], ["Q2", 2, 1, 0.5, 0.4]])
    first, problems = read_panel(written(tmp_path, "p.yaml", YAML))
    assert first is not None and not problems
    for path in (written(tmp_path, "p.csv", table), tmp_path / "p.xlsx"):
        other, problems = read_panel(path, method="angoff")
        assert other is not None and not problems
        assert (other.judges, other.rounds, other.items, other.marks) == (first.judges, first.rounds, first.items, first.marks)


def test_a_yaml_may_leave_its_judgements_to_a_table(tmp_path: Path) -> None:
    written(tmp_path, "t.csv", "题号,轮次,王,李\nQ1,1,1,0\nQ1,2,1,是\n")
    panel, problems = read_panel(written(tmp_path, "p.yaml", "method: yes_no\ntable: t.csv\nmarks: {Q1: 1}\n"))
    assert panel is not None and not problems
    assert panel.rounds == ({("王", "Q1"): 1.0, ("李", "Q1"): 0.0}, {("王", "Q1"): 1.0, ("李", "Q1"): 1.0})


def test_all_mistakes_of_a_panel_come_at_once_at_their_places(tmp_path: Path) -> None:
    text = YAML.replace("王: 0.6", "王: 1.6").replace("李: 0.4", "赵: 0.4").replace("王: 0.5", "王: 半")
    assert codes(written(tmp_path, "p.yaml", text)) == [("K106", 6, 15), ("K106", 7, 15), ("K107", 7, 21)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("method: angof\n", ["S105"]),
        ("method: angoff\nrouns: []\n", ["S101"]),
        ("method: angoff\n", ["K111"]),
        ("method: hofstee\nrounds:\n  - judgements:\n      A: {cut_mx: 5}\n", ["K108"]),
        ("method: hofstee\nrounds:\n  - judgements:\n      A: {cut_min: 9, cut_max: 5, fail_min: 0, fail_max: 1}\n", ["K113"]),
        ("method: bookmark\nrounds:\n  - judgements:\n      A: {page: 1.5}\n", ["K106"]),
        ("method: borderline_group\ngroups: {A1: borderlin}\n", ["K110"]),
        ("[]\n", ["S103"]),
        ("", ["Y005"]),
    ],
)
def test_panels_that_cannot_be_used(tmp_path: Path, text: str, found: list[str]) -> None:
    assert [code for code, _, _ in codes(written(tmp_path, "p.yaml", text))] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [("K103", 0, 0)]),
        ("a,b\n1,2\n", [("K104", 1, 1)]),
        ("item,round,A\nQ1,x,1\n", [("K105", 2, 2)]),
        ("item,A\nQ1,0.5\nQ1,0.6\n", [("K109", 3, 2)]),
        ("item,A,B\nQ1,0.5,\n", [("K112", 0, 0)]),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, text: str, found: list[tuple[str, int, int]]) -> None:
    assert codes(written(tmp_path, "p.csv", text), method="angoff") == found


def test_bytes_that_are_no_table_are_a_problem(tmp_path: Path) -> None:
    for data in (b"\xff\xfe\x00\x01", b"PK\x03\x04 no", b"a\x00b,c\n1,2\n"):
        (tmp_path / "p.csv").write_bytes(data)
        assert codes(tmp_path / "p.csv", method="angoff") == [("K102", 0, 0)]
        (tmp_path / "p.yaml").write_bytes(data)
        assert codes(tmp_path / "p.yaml")


def test_workbooks_that_break_or_swell_are_a_problem(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "p.xlsx", "p", ["item", "marks", "round", "王"], [["Q1", 1, 1, 0.6]])
    whole = (tmp_path / "p.xlsx").read_bytes()
    swollen, odd = io.BytesIO(whole), io.BytesIO()
    with zipfile.ZipFile(swollen, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/more.xml", b" " * (1 << 24))
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(odd, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name) if name != "xl/workbook.xml" else b"<workbook><sheets>")
    for data in (b"PK", whole[: len(whole) // 2], swollen.getvalue(), odd.getvalue()):
        (tmp_path / "p.xlsx").write_bytes(data)
        assert codes(tmp_path / "p.xlsx", method="angoff") == [("K102", 0, 0)]
