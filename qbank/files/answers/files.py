"""A file of answers, whatever it is → answers of persons."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from qbank.core.form import Form
from qbank.files.answers.delimited import read_delimited
from qbank.files.answers.exam import exam_paths, take_in_exam
from qbank.files.answers.exam.checks import Accepting
from qbank.files.answers.formats import json_of, read_results_at, take_in_by_format, with_digest
from qbank.files.answers.intake import Intake, take_in
from qbank.files.answers.parquet import read_parquet
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.files.answers.workbook import read_workbook
from qbank.files.paths import shown_path
from qbank.problem import Problem, Span, error, has_errors

TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")
Texts = Mapping[str, Mapping[str, str]]
"""Item → original letter → the option's text, of the bank."""


def read_answers(
    path: Path, forms: tuple[Form, ...], sitting: str, *, reading: Reading, texts: Texts,
    known: Mapping[str, str] | None = None, also: tuple[Path, ...] = (), accepting: Accepting | None = None,
) -> tuple[Intake | None, list[Problem]]:  # fmt: skip
    """Return the answers of a file, or nothing and everything in it that does not fit, in the order of the file.

    known : number of a person → paper, of the answers that the sitting has already: for raters' marks ; also : further
    files of answers given on screen, one a candidate ; accepting : which of those are accepted
    """
    shown = shown_path(path)
    if reading.format in ("", "exam") and (handed := exam_paths((path, *also))):
        return take_in_exam(handed, forms, sitting, reading, accepting or Accepting())
    try:
        if tables := tables_in(path):
            return None, [error("R229", Span(shown), n=len(tables), files=", ".join(tables[:4]) + ("…" if len(tables) > 4 else ""))]
        data = b"" if path.is_dir() else path.read_bytes()
        if path.is_file() and path.stat().st_size != len(data):
            return None, [error("R230", Span(shown))]
    except OSError as fault:
        return None, [error("Y011", Span(shown), detail=fault.strerror or str(fault))]
    if (taken := read_results_at(path, data, forms, sitting, reading)) is not None:
        return taken
    digest = hashlib.sha256(data).hexdigest()
    table, problems = json_of(data, shown, reading) or read_table(data, shown, reading)
    if table is None:
        return None, problems
    taken = take_in_by_format(table, data, shown, forms, sitting, reading, texts, known)
    if taken is not None:
        found, wrong = with_digest(taken, data)
        problems = [problem for problem in problems if problem.code != "R221"] + wrong
        return (None if has_errors(problems) else found), problems
    del data
    intake, wrong = take_in(table, forms, sitting, reading)
    problems = sorted(problems, key=lambda problem: problem.span.line) + wrong
    if intake is None or has_errors(problems):
        return None, in_file_order(problems, shown)
    return replace(intake, digest=digest), problems


def tables_in(path: Path) -> tuple[str, ...]:
    """Return the names of the tables in a folder that holds no XML; () of a file, or of a folder of results in QTI."""
    if not path.is_dir() or any(file.suffix.lower() in (".xml", ".zip") for file in path.rglob("*")):
        return ()
    return tuple(sorted(file.name for file in path.iterdir() if file.suffix.lower() in TABLES and file.is_file()))


def read_table(data: bytes, name: str, reading: Reading) -> tuple[AnswerTable | None, list[Problem]]:
    """Return the table of a file by what its first bytes say that it is."""
    if data.startswith(b"PK\x03\x04"):
        return read_workbook(data, name, reading)
    if data.startswith(b"PAR1"):
        return read_parquet(data, name, reading)
    if data.startswith(b"\xd0\xcf\x11\xe0") or re.match(rb"\s*(?:\xef\xbb\xbf)?<(?:html|table|!doctype html)", data[:200], re.IGNORECASE):
        return None, [error("R223", Span(name))]
    return read_delimited(data, name, reading)


def in_file_order(problems: list[Problem], name: str) -> list[Problem]:
    """Return the problems of other files, of the header and of the whole, then those of rows from top to bottom."""

    def of_a_row(problem: Problem) -> bool:
        return problem.span.path.startswith(name) and problem.span.line > 1

    rows = [problem for problem in problems if of_a_row(problem) and problem.code != "R113"]
    return [
        *(problem for problem in problems if not of_a_row(problem) and problem.code != "R113"),
        *sorted(rows, key=lambda problem: (problem.span.line, problem.span.column)),
        *(problem for problem in problems if problem.code == "R113"),
    ]
