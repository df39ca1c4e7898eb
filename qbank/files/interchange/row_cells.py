"""Items → the cells of a table's row, so that the row reads back as the same item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qbank.files.interchange.answers import blanks_of, json_cell, plain_number
from qbank.files.interchange.columns import COGNITIVE_TITLES, fitting, read_list, read_notes, read_rubric
from qbank.files.interchange.draft import clean
from qbank.files.interchange.row import LETTERS


def cells_of(head: Mapping[str, str], entries: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of one item by key; what has no column of its own goes into the JSON column.

    head : cells that do not come from the item's keys (题型, 知识点…)
    """
    rest = dict(entries)
    cells = dict(head)
    for key in ("stem", "rationale", "reference", "author"):
        if rest.get(key):
            cells[key] = str(rest.pop(key))
    for key in ("marks", "seconds", "congruence", "grade", "level"):
        if key in rest:
            cells[key] = _number(rest.pop(key))
    if "cognitive" in rest:
        cells["cognitive"] = COGNITIVE_TITLES[rest.pop("cognitive")]
    for key in ("tags", "enemies"):
        if rest.get(key):
            value = rest.pop(key)
            cells[key] = fitting(value, "；".join(map(str, value)), read_list)
    if "parameters" in rest:
        cells["kind"] = str(entries["kind"])  # its key may be an expression, which stands with the rest
    else:
        WRITTEN.get(str(entries["kind"]), _nothing)(cells, rest)
    for key in ("id", "kind", "source_id", "competency", "status", "log", "rationale", "reference", "tags", "enemies"):
        rest.pop(key, None)
    if rest:
        cells["more"] = json_cell(rest)
    return cells


def _number(value: Any) -> str:
    return repr(plain_number(repr(value)))


def _nothing(cells: dict[str, str], rest: dict[str, Any]) -> None:
    """Leave everything to the JSON column."""


def _take_options(cells: dict[str, str], rest: dict[str, Any]) -> None:
    options = rest["options"]
    if all(letter in LETTERS and options[letter] == clean(options[letter]) for letter in options):
        cells |= {f"option.{letter}": text for letter, text in rest.pop("options").items()}
    if "pin" in rest:
        cells["pin"] = "".join(rest.pop("pin"))
    if "shuffle" in rest:
        cells["shuffle"] = "是" if rest.pop("shuffle") else "否"
    if "credit" in rest:
        cells["credit"] = rest.pop("credit")
    if rest.get("misconception"):
        notes = rest.pop("misconception")
        cells["misconception"] = fitting(notes, "\n".join(f"{k}：{v}" for k, v in notes.items()), read_notes)


def _take_choice(cells: dict[str, str], rest: dict[str, Any]) -> None:
    _take_options(cells, rest)
    cells["answer"] = "".join(rest.pop("key"))


def _take_truth(cells: dict[str, str], rest: dict[str, Any]) -> None:
    cells["answer"] = "对" if rest.pop("key") else "错"
    if rest.get("correction"):
        cells["correction"] = rest.pop("correction")


def _take_blanks(cells: dict[str, str], rest: dict[str, Any]) -> None:
    key = rest.pop("key")
    simple = "；".join(entry if isinstance(entry, str) else "" for entry in key)
    cells["answer"] = fitting(key, simple, blanks_of)
    if "credit" in rest:
        cells["credit"] = rest.pop("credit")


def _take_number(cells: dict[str, str], rest: dict[str, Any]) -> None:
    key = dict(rest.pop("key"))
    cells["answer"] = _number(key.pop("value"))
    if "tolerance" in key:
        tolerance = key.pop("tolerance")
        cells["tolerance"] = tolerance if isinstance(tolerance, str) else _number(tolerance)
    if key.get("unit"):
        cells["unit"] = key.pop("unit")
    if key:
        rest["key"] = key


def _take_written(cells: dict[str, str], rest: dict[str, Any]) -> None:
    cells["answer"] = rest.pop("key")
    if "rubric" in rest:
        rubric = rest.pop("rubric")
        simple = "\n".join(f"{_number(point['points'])}分 {point['text']}" for point in rubric)
        cells["rubric"] = fitting(rubric, simple, read_rubric)
    if "lines" in rest:
        cells["lines"] = _number(rest.pop("lines"))


WRITTEN: dict[str, Callable[[dict[str, str], dict[str, Any]], None]] = {
    "single": _take_choice, "multiple": _take_choice, "matching": _take_choice, "ordering": _take_choice,
    "true_false": _take_truth, "fill": _take_blanks, "numeric": _take_number, "short": _take_written,
    "essay": _take_written,
}  # fmt: skip
