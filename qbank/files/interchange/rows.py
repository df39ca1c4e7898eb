"""Rows of a delivered bank's table → drafts, and items → rows. XLSX, CSV and TSV differ only in how rows are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qbank.files.interchange.answers import (
    KIND_TITLES,
    blanks_of,
    json_cell,
    json_value,
    kind_of,
    letters_of,
    number_of,
    plain_number,
    truth_of,
    with_blanks,
)
from qbank.files.interchange.columns import (
    COGNITIVE,
    COGNITIVE_TITLES,
    TITLES,
    column_of,
    fitting,
    grade_of,
    level_of,
    number_cell,
    read_list,
    read_notes,
    read_rubric,
    truth_cell,
)
from qbank.files.interchange.draft import MAX_PROBLEMS, Draft, Read, clean, note, odd_character
from qbank.kinds import KINDS
from qbank.problem import Problem, Span, error, warning

NEEDED = "题干 + 题型/答案"
HEADER_WITHIN = 30
"""A title may stand above the header, but not more lines than these."""
USUAL_MARKS = 5
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line (CSV) or number (XLSX), its cells, and the number of the first one's column."""

    line: int
    cells: Sequence[str | None]


@dataclass(slots=True)
class _Line:
    """A row while it is turned into a draft: cells by key, and where they stand."""

    name: str
    line: int
    cells: dict[str, str]
    columns: Mapping[str, int]
    problems: list[Problem] = field(default_factory=list)
    places: dict[tuple[int | str, ...], tuple[int, int]] = field(default_factory=dict)

    def span(self, key: str) -> Span:
        return Span(self.name, self.line, self.columns.get(key, 1))

    def take(self, key: str, *steps: int | str) -> str:
        """Return a cell and remember that the keys that the steps lead to stand there."""
        self.places[steps or (key,)] = (self.line, self.columns.get(key, 1))
        return self.cells.get(key, "")

    def wrong(self, key: str) -> None:
        cell = self.cells.get(key, "")
        self.problems.append(error("I113", self.span(key), column=TITLES.get(key, key), found=cell[:60]))


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
    for row in rows[at + 1 :]:
        found = {by_index[n]: clean(cell) for n, cell in enumerate(row.cells) if cell and n in by_index}
        cells = {key: cell for key, cell in found.items() if cell}
        if len(row.cells) > len(titles) and any(row.cells[len(titles) :]):
            problems.append(error("I112", Span(name, row.line, first + len(titles)), n=len(titles)))
        elif cells:
            one = _Line(name, row.line, cells, columns)
            draft = _draft(one, kind)
            problems += one.problems
            drafts += [draft] if draft else []
        if sum(problem.severity == "error" for problem in problems) >= MAX_PROBLEMS:
            problems.append(error("I108", Span(name, row.line, 1), most=MAX_PROBLEMS))
            break
    if not drafts and not problems:
        problems.append(error("I104", Span(name)))
    return drafts, problems


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


def _draft(line: _Line, default_kind: str) -> Draft | None:
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


def _with_more(line: _Line, entries: dict[str, Any]) -> dict[str, Any]:
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


def _head(line: _Line) -> dict[str, Any]:
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


def _options(line: _Line) -> dict[str, str]:
    return {
        letter: line.take(f"option.{letter}", "options", letter) for letter in LETTERS if f"option.{letter}" in line.cells
    }


def _choice(line: _Line) -> dict[str, Any]:
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


def _letters(line: _Line) -> str:
    letters = letters_of(line.take("answer", "key"))
    if letters is None:
        line.wrong("answer")
    return letters or ""


def _single(line: _Line) -> dict[str, Any]:
    return _choice(line) | {"key": _letters(line)}


def _several(line: _Line) -> dict[str, Any]:
    return _choice(line) | {"key": list(_letters(line))}


def _true_false(line: _Line) -> dict[str, Any]:
    """Return the key; where the row spells 正确 and 错误 out as options, the answer is one of their letters."""
    answer = line.take("answer", "key")
    key = truth_of(line.cells.get(f"option.{answer.strip().upper()}", answer))
    if key is None:
        line.wrong("answer")
    body: dict[str, Any] = {"key": key}
    if cell := line.take("correction"):
        body["correction"] = cell
    return body


def _fill(line: _Line) -> dict[str, Any]:
    body: dict[str, Any] = {"key": blanks_of(line.take("answer", "key"))}
    if not body["key"]:
        line.wrong("answer")
    body["stem"] = with_blanks(line.cells.get("stem", ""), len(body["key"]))
    if cell := line.take("credit"):
        body["credit"] = cell.casefold()
    return body


def _numeric(line: _Line) -> dict[str, Any]:
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


def _written(line: _Line) -> dict[str, Any]:
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


BODIES: dict[str, Callable[[_Line], dict[str, Any]]] = {
    "single": _single, "multiple": _several, "matching": _several, "ordering": _several, "true_false": _true_false,
    "fill": _fill, "numeric": _numeric, "short": _written, "essay": _written,
}  # fmt: skip
"""kind → cells to the keys of its body; what a kind has beside them stands in the JSON column"""

# ------------------------------------------------------------------------------------------------ writing


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
