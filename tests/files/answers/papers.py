"""A paper with every kind of item, and tables as readers yield them."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from qbank.core.bank import Bank
from qbank.core.form import Form, FormItem, answer_places
from qbank.files.answers import AnswerTable, Intake
from qbank.workflow.bank import usable_bank
from tests.workflow.test_every_kind import made, workspace_with


@functools.cache
def every_kind() -> tuple[Form, Bank]:
    """Return a paper with one item of every kind, and its bank."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = workspace_with(Path(folder))
        form = made(workspace)
        bank, _ = usable_bank(Path(folder) / "banks" / "tiny")
    assert bank is not None
    return form, bank


def place(form: Form, id: str) -> FormItem:
    return next(entry for entry in answer_places(form) if entry.id == id)


def marks_of(intake: Intake) -> dict[str, dict[str, str | int]]:
    """Return by person and item the label, or the code of having none."""
    responses = intake.responses
    return {
        person: {
            item: responses.labels[n][code] if (code := int(responses.answer[row, n])) >= 0 else code
            for n, item in enumerate(responses.items)
        }
        for row, person in enumerate(responses.persons)
    }


def table(header: Sequence[str], rows: Sequence[Sequence[str]], sheet: str = "", path: str = "marks.xlsx") -> AnswerTable:
    """Return a table whose first row of data is line 2."""
    frame = pl.DataFrame({name: [row[n] for row in rows] for n, name in enumerate(header)}, schema=dict.fromkeys(header, pl.String))
    return AnswerTable(path, sheet, frame, np.arange(2, 2 + len(rows), dtype=np.int64), tuple(range(1, len(header) + 1)))
