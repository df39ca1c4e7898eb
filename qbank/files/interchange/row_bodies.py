"""Cells of a row → the keys of its kind's body: options and letters, truth, blanks, numbers, marking schemes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qbank.files.interchange.answers import (
    blanks_of,
    json_value,
    letters_of,
    number_of,
    truth_of,
    with_blanks,
)
from qbank.files.interchange.columns import number_cell, read_notes, read_rubric, truth_cell
from qbank.files.interchange.row import LETTERS, Line

USUAL_MARKS = 5


def _options(line: Line) -> dict[str, str]:
    return {
        letter: line.take(f"option.{letter}", "options", letter) for letter in LETTERS if f"option.{letter}" in line.cells
    }


def _choice(line: Line) -> dict[str, Any]:
    """Return options, and what only some of them have: pins, order, misconceptions, the rule of marking."""
    body: dict[str, Any] = {"options": _options(line)}
    line.places["options",] = (line.line, line.columns.get("option.A", 1))
    if cell := line.take("pin"):
        body["pin"] = list(letters_of(cell) or cell)
    if cell := line.take("shuffle"):
        if (value := truth_cell(cell)) is None:
            line.wrong("shuffle")
        else:
            body["shuffle"] = value
    if cell := line.take("credit"):
        body["credit"] = cell.casefold()
    if cell := line.take("misconception"):
        if (notes := read_notes(cell)) is None:
            line.wrong("misconception")
        else:
            body["misconception"] = notes
    return body


def _letters(line: Line) -> str:
    letters = letters_of(line.take("answer", "key"))
    if letters is None:
        line.wrong("answer")
    return letters or ""


def _single(line: Line) -> dict[str, Any]:
    return _choice(line) | {"key": _letters(line)}


def _several(line: Line) -> dict[str, Any]:
    return _choice(line) | {"key": list(_letters(line))}


def _true_false(line: Line) -> dict[str, Any]:
    """Return the key; where the row spells 正确 and 错误 out as options, the answer is one of their letters."""
    answer = line.take("answer", "key")
    key = truth_of(line.cells.get(f"option.{answer.strip().upper()}", answer))
    if key is None:
        line.wrong("answer")
    body: dict[str, Any] = {"key": key}
    if cell := line.take("correction"):
        body["correction"] = cell
    return body


def _fill(line: Line) -> dict[str, Any]:
    body: dict[str, Any] = {"key": blanks_of(line.take("answer", "key"))}
    if not body["key"]:
        line.wrong("answer")
    body["stem"] = with_blanks(line.cells.get("stem", ""), len(body["key"]))
    if cell := line.take("credit"):
        body["credit"] = cell.casefold()
    return body


def _numeric(line: Line) -> dict[str, Any]:
    key = number_of(line.take("answer", "key"))
    if key is None:
        line.wrong("answer")
        return {}
    if cell := line.take("tolerance", "key", "tolerance"):
        value = number_cell(cell)
        key["tolerance"] = cell if value is None else value
    if cell := line.take("unit", "key", "unit"):
        key["unit"] = cell
    return {"key": key}


def _written(line: Line) -> dict[str, Any]:
    """Return model answer and marking scheme; without one, the model answer is worth all the marks."""
    body: dict[str, Any] = {"key": line.take("answer", "key")}
    if not body["key"]:
        line.wrong("answer")
    if cell := line.take("rubric"):
        rubric = read_rubric(cell)
        if rubric is None:
            line.wrong("rubric")
        else:
            body["rubric"] = rubric
    elif body["key"] and "rubric" not in (json_value(line.cells.get("more", "")) or {}):
        marks = number_cell(line.cells.get("marks", ""))
        body["marks"] = marks if marks is not None else USUAL_MARKS
        body["rubric"] = [{"points": body["marks"], "text": body["key"]}]
    if cell := line.take("lines"):
        value = number_cell(cell)
        body["lines"] = cell if value is None else value
    return body


BODIES: dict[str, Callable[[Line], dict[str, Any]]] = {
    "single": _single, "multiple": _several, "matching": _several, "ordering": _several, "true_false": _true_false,
    "fill": _fill, "numeric": _numeric, "short": _written, "essay": _written,
}  # fmt: skip
"""kind → cells to the keys of its body; what a kind has beside them stands in the JSON column"""
