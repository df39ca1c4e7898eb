"""What a file of answers is, told by its content: a table, Moodle's report, QTI results, or marks by rater and step."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from qbank.core.form import Form
from qbank.files.answers.intake import Intake
from qbank.files.answers.moodle import json_table, looks_like_moodle, take_in_moodle
from qbank.files.answers.plain_texts import Texts
from qbank.files.answers.qti import is_archive_of_xml, looks_like_results, read_qti_results
from qbank.files.answers.ratings import looks_rated, take_in_ratings
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.files.answers.workbook import read_sheets
from qbank.problem import Problem, has_errors

Taken = tuple[Intake | None, list[Problem]]
FORMATS = ("table", "moodle", "qti", "ratings", "exam")
"""What a file can be called where its content does not tell."""


def read_results_at(path: Path, data: bytes, forms: tuple[Form, ...], sitting: str, reading: Reading) -> Taken | None:
    """Return what a folder, archive or XML of results holds, None where a file is something else.

    data : of the file, b"" of a folder
    """
    told = reading.format == "qti"
    if told or (not reading.format and (path.is_dir() or looks_like_results(data) or is_archive_of_xml(data))):
        return read_qti_results(path, forms, sitting, reading=reading)
    return None


def json_of(data: bytes, name: str, reading: Reading) -> tuple[AnswerTable | None, list[Problem]] | None:
    """Return the table of a JSON download, None where a file is none."""
    if reading.format in ("", "moodle") and data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"[", b"{")):
        return json_table(data, name)
    return None


def take_in_by_format(
    table: AnswerTable, data: bytes, name: str, forms: tuple[Form, ...], sitting: str, reading: Reading, texts: Texts,
    known: Mapping[str, str] | None,
) -> Taken | None:  # fmt: skip
    """Return what a table holds that is Moodle's or of raters, None where it is a plain table of answers.

    known : number of a person → paper, of the answers that the sitting has already
    """
    if reading.format == "moodle" or (not reading.format and looks_like_moodle(table.header)):
        return _sorted(take_in_moodle(table, forms, sitting, reading, texts))
    if reading.format != "ratings" and (reading.format or not looks_rated(table.header)):
        return None
    tables, problems = ([table], []) if not data.startswith(b"PK") else read_sheets(data, name, reading)
    if has_errors(problems):
        return None, problems
    intake, wrong = take_in_ratings(tables, forms, sitting, reading, rule=reading.raters, known=known)
    return _sorted((intake, problems + wrong))


def _sorted(taken: Taken) -> Taken:
    """Return the problems of each sheet from top to bottom, sheet after sheet."""
    intake, problems = taken
    sheet: dict[str, int] = {}
    for problem in problems:
        sheet.setdefault(problem.span.path, len(sheet))
    return intake, sorted(problems, key=lambda one: (sheet[one.span.path], one.code == "R340", one.span.line, one.span.column))


def with_digest(taken: Taken, data: bytes) -> Taken:
    """Return answers with the digest of their file, where they have none yet."""
    intake, problems = taken
    if intake is None or intake.digest:
        return taken
    return replace(intake, digest=hashlib.sha256(data).hexdigest()), problems
