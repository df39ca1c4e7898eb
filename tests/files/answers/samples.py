"""Two small papers and a scrambled version, and tables of answers to them, as tests need them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import xlsxwriter

from qbank.core.form import Certificate, Form, FormItem, FormSection
from qbank.files.answers import Intake, Reading, read_answers
from qbank.problem import Problem

Rows = Sequence[Sequence[str]]


def choice(id: str, order: str = "ABCD", key: str = "A") -> FormItem:
    return FormItem(id, "single", f"{id}.1", order, 1.0, {"key": key}, "D", "C")


def judged(id: str) -> FormItem:
    return FormItem(id, "true_false", f"{id}.1", "", 0.5, {"key": "true"}, "D", "C")


def several(id: str, order: str = "ABCD") -> FormItem:
    return FormItem(id, "multiple", f"{id}.1", order, 2.0, {"key": "AC", "credit": "all"}, "D", "C")


def written(id: str) -> FormItem:
    return FormItem(id, "short", f"{id}.1", "", 5.0, {"most": 5.0}, "D", "C")


def form(id: str, items: Sequence[FormItem], version_of: str = "", base_places: tuple[int, ...] = ()) -> Form:
    certificate = Certificate(0.0, 0.0, 0.0, (), "given", "judged")
    marks = sum(entry.marks for entry in items)
    return Form(
        id, "theory", "理论", "炼钢工", "zh", 4, 60, marks, marks * 0.6, "tiny", "0", "0", "0", "2026-11-23", "0", 1,
        (FormSection("题", "single", 1.0, tuple(items)),), certificate, version_of, base_places,
    )  # fmt: skip


A = form("theory-1-A", [choice("Q1"), choice("Q2"), judged("T1"), several("M1"), written("W1")])
B = form("theory-1-B", [judged("T2"), choice("Q3", "ABC"), choice("Q1"), judged("T3"), choice("Q4")])
V = form(
    "theory-1-A-v2",
    [judged("T1"), choice("Q2", "DCBA"), choice("Q1", "BADC"), several("M1", "DABC"), written("W1")], "theory-1-A",
    (3, 2, 1, 4, 5),
)  # fmt: skip
FORMS = (A, B, V)


def as_csv(path: Path, rows: Rows, *, encoding: str = "utf-8", delimiter: str = ",", ending: str = "\n", quoted: bool = False) -> Path:
    buffer = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(buffer, lineterminator=ending, delimiter=delimiter, quoting=quoting).writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def as_xlsx(path: Path, rows: Rows, *, sheet: str = "Sheet1", top: int = 0, left: int = 0) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        for n, row in enumerate(rows):
            for k, cell in enumerate(row):
                if cell:
                    page.write_string(top + n, left + k, cell)
    return path


def as_parquet(path: Path, rows: Rows) -> Path:
    columns = {title: [row[n] or None for row in rows[1:]] for n, title in enumerate(rows[0])}
    pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).write_parquet(path)
    return path


def read(path: Path, forms: Sequence[Form] = FORMS, reading: Reading | None = None) -> tuple[Intake | None, list[Problem]]:
    return read_answers(path, tuple(forms), "S", reading=reading or Reading(), texts={})


def taken(path: Path, forms: Sequence[Form] = FORMS, reading: Reading | None = None) -> Intake:
    intake, problems = read(path, forms, reading)
    assert intake is not None, problems
    return intake


def found(problems: Sequence[Problem]) -> list[tuple[str, int, int]]:
    return [(problem.code, problem.span.line, problem.span.column) for problem in problems]


def answer(intake: Intake, person: str, item: str) -> str | int:
    """Return the label that a person's answer has, or the code of having none."""
    responses = intake.responses
    column = responses.items.index(item)
    code = int(responses.answer[responses.persons.index(person), column])
    return responses.labels[column][code] if code >= 0 else code
