"""A table of answers → answers of persons: every cell that does not fit is reported, and then nothing is taken in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qbank.core.form import Form
from qbank.core.ratings import Ratings
from qbank.core.responses import Responses
from qbank.files.answers.reading import Reading, as_settings
from qbank.files.answers.table import AnswerTable
from qbank.files.responses import MAX_PROBLEMS, _Sheet
from qbank.problem import Problem, Span, error


@dataclass(frozen=True, slots=True)
class Intake:
    """The answers of one file, and who gave them.

    responses : its persons are the numbers in the file ; names, documents : (n_persons,) or () where the file has none ;
    digest : SHA-256 of the file ; settings : how it was read
    """

    responses: Responses
    ratings: Ratings | None
    names: tuple[str, ...]
    documents: tuple[str, ...]
    digest: str
    settings: Mapping[str, Any]


def take_in(
    table: AnswerTable, forms: tuple[Form, ...], sitting: str, reading: Reading
) -> tuple[Intake | None, list[Problem]]:
    """Return the answers of a table, or nothing and everything in it that does not fit."""
    sheet = _Sheet(table.path, forms)
    sheet.read_header(table.frame.columns)
    if not sheet.problems:
        for line, row in zip(table.lines.tolist(), table.frame.iter_rows(), strict=True):
            sheet.read_row(line, list(row))
            if len(sheet.problems) >= MAX_PROBLEMS:
                sheet.problems.append(error("R113", Span(table.path, line, 1), most=MAX_PROBLEMS))
                break
    if sheet.problems:
        return None, sheet.problems
    digest = hashlib.sha256(table.frame.write_csv().encode()).hexdigest()
    return Intake(sheet.responses(sitting), None, (), (), digest, as_settings(reading)), []
