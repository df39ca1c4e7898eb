"""Marks by person, item, step and rater, as they are gathered from the cells of sheets."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from qbank.core.form import Form
from qbank.files.answers.ratings.columns import (
    RatedItem,
)
from qbank.files.answers.table import AnswerTable
from qbank.kinds.kind import folded
from qbank.kinds.ratings import VETO_STEP, WHOLE
from qbank.kinds.task import VETO_WORDS
from qbank.problem import Problem, Span, error

MAX_PROBLEMS = 200
_MARKS = re.compile(r"\+?(\d{1,4}(?:[.．]\d{1,4})?|[.．]\d{1,4})(?:分|marks?|points?)?", re.IGNORECASE)
_BLANK = frozenset({"", "-", "—", "–", "/", "未评", "待评"})
_NOTHING_DONE = frozenset({"缺考", "未做", "未考", "弃权", "弃考", "absent", "none", "notattempted"})
_YES = frozenset({"√", "✓", "✔", "1", "是", "有", "y", "yes", "true", "t", "veto", "对"})
_NO = frozenset({"", "×", "✗", "x", "0", "否", "无", "n", "no", "false", "f", "-"})
Cell = tuple[int, int, int]
"""Table, row and column of the frame."""


@dataclass(slots=True)
class Marks:
    """What stands in the tables, gathered row by row."""

    tables: Sequence[AnswerTable]
    forms: tuple[Form, ...]
    items: dict[str, RatedItem]
    names: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    persons: dict[str, int] = field(default_factory=dict)
    rows: list[Cell] = field(default_factory=list)
    about: list[dict[str, str]] = field(default_factory=list)
    given: dict[tuple[int, str, str, str], tuple[float, Cell]] = field(default_factory=dict)
    nothing_done: set[tuple[int, str]] = field(default_factory=set)

    def wrong(self, code: str, cell: Cell, *related: Cell, **facts: object) -> None:
        """Note an error at a cell."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(error(code, self.span(cell), related=tuple(map(self.span, related)), **facts))
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(error("R340", self.span(cell), most=MAX_PROBLEMS))

    def span(self, cell: Cell) -> Span:
        """Return where a cell stands in its file."""
        return self.tables[cell[0]].span(cell[1], cell[2])

    def near(self, word: str, known: Sequence[str]) -> str:
        """Return the known word that looks most like one."""
        found = difflib.get_close_matches(word[:100], known, n=1)
        return found[0] if found else ""


def is_blank(cell: str) -> bool:
    """Return whether a cell says nothing of marks."""
    return folded(cell) in _BLANK


def note_mark(marks: Marks, cell: Cell, key: tuple[int, str, str, str], text: str) -> None:
    """Add the mark in a cell to those of a person, item, step and rater, or an error where it is none."""
    person, id, step, rater = key
    item, word = marks.items[id], folded(text)
    squeezed = re.sub(r"\s+", "", word)
    if step == VETO_STEP:
        answer = squeezed.casefold()
        if answer not in _YES and answer not in _NO and squeezed.upper() not in VETO_WORDS:
            marks.wrong("R324", cell, found=text, item=id, rater=rater)
            return
        if not answer:
            return
        value = float(answer not in _NO)
    elif squeezed.upper() in VETO_WORDS and item.kind == "task":
        key, value = (person, id, VETO_STEP, rater), 1.0
    elif squeezed.casefold() in _NOTHING_DONE:
        marks.nothing_done.add((person, id))
        return
    elif squeezed in _BLANK:
        value = float("nan")
    else:
        match = _MARKS.fullmatch(squeezed)
        if match is None:
            marks.wrong("R324", cell, found=text, item=id, rater=rater)
            return
        value = float(match.group(1))
        most = item.full if step == WHOLE else item.steps[int(step) - 1].most
        if value > most:
            marks.wrong("R323", cell, found=f"{value:g}", most=f"{most:g}", item=id, step=step or "whole marks", rater=rater)
            return
    before = marks.given.get(key)
    if key[2] == VETO_STEP:  # said twice it is said
        marks.given[key] = (max(value, before[0] if before else 0.0), cell)
    elif before is not None and not np.isnan(before[0]) and not np.isnan(value):
        marks.wrong("R325", cell, before[1], rater=rater, item=id, step=step or "whole marks", line=marks.span(before[1]).line)
    elif before is None or np.isnan(before[0]):
        marks.given[key] = (value, cell)


def totals_as_sums(marks: Marks) -> None:
    """Hold a rater's total against the sum of the steps, and keep only one of the two."""
    for key, (total, cell) in list(marks.given.items()):
        person, id, step, rater = key
        steps = marks.items[id].steps
        if step != WHOLE or not steps:
            continue
        given = [marks.given.get((person, id, str(n), rater), (float("nan"), cell))[0] for n in range(1, len(steps) + 1)]
        if all(np.isnan(one) for one in given):
            continue
        if not np.isnan(total) and not any(np.isnan(one) for one in given) and abs(total - sum(given)) > 1e-6:
            marks.wrong("R328", cell, total=f"{total:g}", sum=f"{sum(given):g}", item=id, rater=rater)
        del marks.given[key]
