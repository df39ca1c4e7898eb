"""A moment of the fuzzer for every reader that there is; `python benchmarks/fuzz.py` goes on for as long as asked."""

from __future__ import annotations

import importlib.util
import io
import random
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from qbank.files.interchange import parse_bytes
from tests.workflow.places import REPOSITORY

PLACE = REPOSITORY / "benchmarks" / "fuzz.py"


def fuzz() -> Any:
    """Return the benchmark as a module."""
    if "fuzz_readers" not in sys.modules:
        spec = importlib.util.spec_from_file_location("fuzz_readers", PLACE)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["fuzz_readers"] = module
        spec.loader.exec_module(module)
    return sys.modules["fuzz_readers"]


@pytest.mark.parametrize("name", sorted(fuzz().targets()))
def test_damaged_files_of_every_format_give_problems(name: str) -> None:
    read, corpus, words = fuzz().targets()[name]()
    rng = random.Random(name)
    for data in [*corpus, *(fuzz().mutated(rng, corpus, words) for _ in range(60))]:
        read(data)


def test_the_fuzzer_tells_exceptions_and_keeps_their_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(data: bytes) -> None:
        assert b"a" not in data

    monkeypatch.setattr(fuzz(), "targets", lambda: {"x": lambda: (read, [b"b", b"a"], [b"a"])})
    found = fuzz().measure("x", 0.2, 1, tmp_path)
    ((what, path),) = found["findings"].items()
    assert what.startswith("AssertionError") and b"a" in Path(path).read_bytes()


def test_a_hang_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(fuzz().signal, "setitimer"):
        pytest.skip("no alarm clock here")

    def read(data: bytes) -> None:
        while True:
            pass

    monkeypatch.setattr(fuzz(), "HANG_SECONDS", 0.1)
    monkeypatch.setattr(fuzz(), "targets", lambda: {"x": lambda: (read, [b"b"], [b"a"])})
    assert list(fuzz().measure("x", 0.05, 1, tmp_path)["findings"]) == ["hang"]


@pytest.mark.parametrize("text", ["1．铁水的主要成分是（ ）。\nA、铁 B、铜\n答案：A\n##结束符\n判断题\n1．水往低处流。（√）\n##结束符\n", "##结束符", "x"])
def test_a_legacy_file_without_a_head_gives_problems(text: str) -> None:
    assert parse_bytes("legacy", text.encode(), "x.txt")[1]


@pytest.mark.parametrize(
    "cells",
    ['<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
     "<row r='1'><c t='n' r='A1'><v>1</v></c></row><row r='1048576'><c r='xfd1048576'><v>1</v></c></row>",
     '<row r="1"><c r="A1"><v>1</v></c><c r="A%s"><v>1</v></c></row>' % ("9" * 400),
     '<row r="1"><c r="A1"><v>1</v></c><c r="%s1"><v>1</v></c></row>' % ("Z" * 400),
     '<row r="1"><c r="A1"><v>1</v></c>' + "<c><v>1</v></c>" * 50 + '</row><row r="1048576"><c><v>1</v></c></row>'],
    ids=["corners", "other quotes", "no row", "no column", "no places"],
)  # fmt: skip
def test_a_sheet_of_two_cells_far_apart_is_refused(cells: str) -> None:
    """The library would ask for a terabyte and end the process."""
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(fuzz().workbook())) as sound, zipfile.ZipFile(buffer, "w") as book:
        for name in sound.namelist():
            book.writestr(name, sheet if name.endswith("sheet1.xml") else sound.read(name))
    drafts, problems = parse_bytes("xlsx", buffer.getvalue(), "x.xlsx")
    assert drafts == [] and [problem.code for problem in problems] == ["I101"]
    assert "20000000" in dict(problems[0].facts)["detail"]
