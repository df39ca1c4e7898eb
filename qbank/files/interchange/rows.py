"""Rows of a delivered bank's table → drafts. XLSX, CSV and TSV differ only in how rows are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qbank.files.interchange.answers import KIND_TITLES, json_value, kind_of, number_of
from qbank.files.interchange.columns import (
    COGNITIVE,
    COGNITIVE_TITLES,
    column_letters,
    column_of,
    grade_of,
    level_of,
    number_cell,
    read_list,
)
from qbank.files.interchange.draft import MAX_PROBLEMS, Draft, Read, clean, note, odd_character
from qbank.files.interchange.row import Line, Row
from qbank.files.interchange.row_bodies import BODIES
from qbank.kinds import KINDS
from qbank.problem import Problem, Span, error, warning

NEEDED = "题干 + 题型/答案"
HEADER_WITHIN = 30
"""A title may stand above the header, but not more lines than these."""


NUMBERS = frozenset({"grade", "congruence", "marks", "seconds", "level", "lines"})
"""Columns that hold a number, however it is shown."""


def drafts_of(rows: Sequence[Row], name: str, *, sheet: str = "", kind: str = "", first: int = 1) -> Read:
    """Return a draft for each row below the header and everything that cannot be read.

    kind : what an empty 题型 stands for ; first : number of the first column
    """
    at = next((n for n, row in enumerate(rows[:HEADER_WITHIN]) if _is_header(row)), None)
    if at is None:
        line = rows[0].line if rows else 1
        return [], [error("I110", Span(name, line, 1), sheet=sheet or name.rpartition("/")[2], columns=NEEDED)]
    titles = [clean(cell or "") for cell in rows[at].cells]
    columns, problems = _columns(titles, Span(name, rows[at].line, 1), first)
    by_index = {number - first: key for key, number in columns.items()}
    drafts: list[Draft] = []
    named: dict[str, Span] = {}
    for row in rows[at + 1 :]:
        found = {by_index[n]: clean(cell) for n, cell in enumerate(row.cells) if cell and n in by_index}
        cells = {key: cell for key, cell in found.items() if cell}
        if len(row.cells) > len(titles) and any(row.cells[len(titles) :]):
            problems.append(error("I112", Span(name, row.line, first + len(titles)), n=len(titles)))
        elif cells or columns["stem"] - first in row.formulas:
            one = Line(name, row.line, cells, columns)
            one.problems += [
                error("I118", one.span(by_index[n]), sheet=sheet, cell=f"{column_letters(first + n)}{row.line}")
                for n in sorted(row.formulas & by_index.keys())
            ]
            one.problems += [
                error("I155", one.span(by_index[n]), cell=f"{column_letters(first + n)}{row.line}", found=cells.get(by_index[n], "")[:40])
                for n in sorted(row.shown_otherwise & by_index.keys())
                if by_index[n] not in NUMBERS
            ]
            one.problems += _named_before(one, named)
            draft = _draft(one, kind)
            problems += one.problems
            drafts += [draft] if draft else []
        if sum(problem.severity == "error" for problem in problems) >= MAX_PROBLEMS:
            problems.append(error("I108", Span(name, row.line, 1), most=MAX_PROBLEMS))
            break
    if not drafts and not problems:
        problems.append(error("I104", Span(name)))
    return drafts, problems


def _named_before(line: Line, named: dict[str, Span]) -> list[Problem]:
    """Return that an earlier row has the same id, even if nothing else of that row could be read."""
    for key in ("source_id", "id"):
        if id := line.cells.get(key):
            if first := named.get(f"{key} {id}"):
                return [error("I127", line.span(key), first=first, related=(first,))]
            named[f"{key} {id}"] = line.span(key)
    return []


def _is_header(row: Row) -> bool:
    keys = {column_of(cell) for cell in row.cells if cell and len(cell) < 40}
    return "stem" in keys and bool(keys & {"answer", "kind"})


def _columns(titles: Sequence[str], span: Span, first: int) -> tuple[dict[str, int], list[Problem]]:
    columns: dict[str, int] = {}
    ignored: list[str] = []
    problems: list[Problem] = []
    for index, title in enumerate(titles):
        key = column_of(title) if title else ""
        if key in columns:
            problems.append(error("I111", Span(span.path, span.line, first + index), column=title))
        elif key:
            columns[key] = first + index
        elif title:
            ignored.append(title[:40])
    if ignored:
        problems.append(note("I114", span, columns=", ".join(ignored)))
    if "status" in columns:
        problems.append(note("I115", Span(span.path, span.line, columns["status"])))
    return columns, problems


def _draft(line: Line, default_kind: str) -> Draft | None:
    word = line.take("kind")
    kind = kind_of(word, KINDS) if word else default_kind
    if not kind:
        line.problems.append(error("I116", line.span("kind"), found=word[:40], known=", ".join(dict.fromkeys(KIND_TITLES.values()))))
        return None
    for key, cell in line.cells.items():
        if mark := odd_character(cell):
            line.problems.append(error("I107", line.span(key), character=f"U+{ord(mark):04X}"))
            return None
    entries: dict[str, Any] = {"stem": line.take("stem")}
    if kind == "calculation":
        kind = "numeric" if number_of(line.cells.get("answer", "")) else "short"
    entries |= _head(line)
    if kind in BODIES and '"parameters"' not in line.cells.get("more", ""):
        entries |= BODIES[kind](line)
    entries = _with_more(line, entries)
    if (kind, "parts" in entries, "steps" in entries) in (("case", False, False), ("task", False, False)):
        line.problems.append(error("I138", line.span("kind"), found=word or kind))
    if any(problem.severity == "error" for problem in line.problems):
        return None
    points = tuple(point for n in (*range(1, 7), 9) if (point := line.cells.get(f"point.{n}")))
    deepest = next((f"point.{n}" for n in (9, *range(6, 0, -1)) if f"point.{n}" in line.cells), "kind")
    if "competency" not in line.cells:
        line.places["competency",] = (line.line, line.columns.get(deepest, 1))
    level = 0
    if cell := line.take("level"):
        level = level_of(cell) or 0
        if not level:
            line.wrong("level")
            return None
    return Draft(
        kind, entries, line.span("stem"), line.take("id"), line.take("source_id"), line.cells.get("competency", ""), points,
        level, line.places,
    )  # fmt: skip


def _with_more(line: Line, entries: dict[str, Any]) -> dict[str, Any]:
    """Return the entries with those of the JSON column; a key that has both keeps its cell, mappings are joined."""
    if not (cell := line.take("more")):
        return entries
    more = json_value(cell)
    if not isinstance(more, dict):
        line.wrong("more")
        return entries
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(entries.get(key), dict):
            entries[key] = {**value, **entries[key]}
        elif key not in entries:
            entries[key] = value
            line.places.setdefault((key,), (line.line, line.columns["more"]))
    return entries


def _head(line: Line) -> dict[str, Any]:
    """Return the keys of the head that the row gives; an empty cell gives none."""
    head: dict[str, Any] = {}
    for key in ("rationale", "reference", "author"):
        if cell := line.take(key):
            head[key] = cell
    for key in ("tags", "enemies"):
        if cell := line.take(key):
            head[key] = read_list(cell)
    for key in ("marks", "seconds", "congruence"):
        if cell := line.take(key):
            value = number_cell(cell)
            if value is None:
                line.wrong(key)
            else:
                head[key] = value
    if cell := line.take("grade"):
        if (grade := grade_of(cell)) is not None:
            head["grade"] = grade
        else:
            line.problems.append(warning("I117", line.span("grade"), found=cell[:40]))
    if cell := line.take("cognitive"):
        word = COGNITIVE.get(cell, cell.casefold())
        if word in COGNITIVE_TITLES:
            head["cognitive"] = word
        else:
            line.wrong("cognitive")
    return head
