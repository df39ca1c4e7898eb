"""A panel's judgements as people hand them in: YAML, or a table (CSV, XLSX) whose columns are the judges."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from qbank.core.authored import Authored, Many, WrittenText
from qbank.files.disk import read_data
from qbank.files.paths import shown_path
from qbank.files.plain_rows import delimited_rows, workbook_rows
from qbank.files.shape import did_you_mean, shape
from qbank.files.unseen import unseen_characters
from qbank.files.yaml_text import Node, locate, parse_yaml
from qbank.problem import Problem, Span, error, warning

PanelMethod = Literal[
    "angoff", "yes_no", "extended_angoff", "ebel", "bookmark", "hofstee", "beuk", "borderline_group", "contrasting_groups"
]
METHODS: tuple[PanelMethod, ...] = get_args(PanelMethod)
ITEM_METHODS: tuple[PanelMethod, ...] = ("angoff", "yes_no", "extended_angoff", "ebel")
ASKED: dict[str, tuple[str, ...]] = {
    "bookmark": ("page",),
    "hofstee": ("cut_min", "cut_max", "fail_min", "fail_max"),
    "beuk": ("cut", "pass_rate"),
}
"""What each judge says in methods that do not ask item by item."""
SHARES = ("fail_min", "fail_max", "pass_rate")
GROUPS: dict[str, tuple[str, ...]] = {
    "borderline_group": ("borderline",),
    "contrasting_groups": ("competent", "not_competent"),
}
TITLES: dict[str, tuple[str, ...]] = {
    "item": ("item", "试题", "题号"), "round": ("round", "轮次", "轮"), "judge": ("judge", "评委", "专家"),
    "page": ("page", "页码", "页"), "cut_min": ("cut_min", "最低合格线"), "cut_max": ("cut_max", "最高合格线"),
    "fail_min": ("fail_min", "最低不合格率"), "fail_max": ("fail_max", "最高不合格率"), "cut": ("cut", "合格线"),
    "pass_rate": ("pass_rate", "合格率"), "person": ("person", "考生", "准考证号"), "group": ("group", "组别"),
    "score": ("score", "得分", "总分"), "marks": ("marks", "分值"), "stem": ("stem", "题干"), "key": ("key", "答案"),
}  # fmt: skip
"""What each column of a table may be called; every other column of an item table is a judge."""


class ParameterText(Authored):
    """Parameters of an item, on the logistic scale (no constant D)."""

    a: Annotated[float, Field(gt=0)] = 1.0
    b: float
    c: Annotated[float, Field(ge=0, lt=1)] = 0.0


class RoundText(Authored):
    """One round: ratings by item and judge, or what every judge said."""

    ratings: dict[WrittenText, dict[WrittenText, Any]] = Field(default_factory=dict)
    judgements: dict[WrittenText, dict[WrittenText, Any]] = Field(default_factory=dict)


class PanelText(Authored):
    """The whole file.

    method : how the panel judged ; sitting, form : what it judged: a sitting of the ledger or the file of a paper ; table :
    a CSV or XLSX file beside this one that holds the judgements ; marks : full marks of the items, where no paper is named ;
    parameters : of the items ; shares : by cell (ebel) what a borderline candidate gets right, one share or one a judge ; rp : the share that is mastery (bookmark) ; scores : by group, totals of the persons judged ;
    groups : by candidate's number the group, whose totals the sitting has
    """

    panel: WrittenText = ""
    method: PanelMethod
    sitting: WrittenText = ""
    form: WrittenText = ""
    table: WrittenText = ""
    judges: Many[WrittenText] = ()
    rp: Annotated[float, Field(gt=0, lt=1)] = 0.67
    marks: dict[WrittenText, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    parameters: dict[WrittenText, ParameterText] = Field(default_factory=dict)
    shares: dict[WrittenText, Any] = Field(default_factory=dict)
    rounds: Many[RoundText] = ()
    scores: dict[WrittenText, Many[float]] = Field(default_factory=dict)
    groups: dict[WrittenText, WrittenText] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One judgement. name : an item, or what was asked (``page``, ``cut_min``) ; text : as written"""

    round: int
    judge: str
    name: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Panel:
    """What a panel said, checked.

    judges : in their order ; rounds : (judge, name) → value, one mapping a round ; spans : where an item is first named ;
    groups : by number of a candidate ; scores : by group ; cells : by round, (judge, item) → the cell that the judge put the
    item into (ebel), whose share is what ``rounds`` has
    """

    path: str
    title: str
    method: PanelMethod
    sitting: str
    form: str
    judges: tuple[str, ...]
    rounds: tuple[dict[tuple[str, str], float], ...]
    items: tuple[str, ...]
    spans: dict[str, Span]
    marks: dict[str, float]
    parameters: dict[str, ParameterText]
    rp: float
    scores: dict[str, tuple[float, ...]]
    groups: dict[str, str]
    cells: tuple[dict[tuple[str, str], str], ...] = ()


def read_panel(path: Path, *, method: str = "", sitting: str = "", form: str = "") -> tuple[Panel | None, list[Problem]]:
    """Return the panel of a file, or nothing and everything that is wrong with it, line after line.

    method, sitting, form : what a table cannot say, or what is to hold instead of the file's words
    """
    panel, problems = _read(path, method, sitting, form)
    return panel, by_line(problems, shown_path(path))


def by_line(problems: list[Problem], first: str) -> list[Problem]:
    """Return problems in the order of their lines, those of one file after another, of the file named first.

    >>> [str(one.span) for one in by_line([warning("K112", Span("b", 3)), error("K103", Span("a", 9)), error("K103", Span("b", 2, 1))], "b")]
    ['b:2:1', 'b:3:0', 'a:9:0']
    """
    return sorted(problems, key=lambda one: (one.span.path != first, one.span.path, one.span.line, one.span.column))


def _read(path: Path, method: str, sitting: str, form: str) -> tuple[Panel | None, list[Problem]]:
    shown = shown_path(path)
    data, problems = read_data(path, shown)
    if data is None:
        return None, problems
    if path.suffix.lower() in (".yaml", ".yml"):
        return _read_text(path, shown, data, method, sitting, form)
    if method not in METHODS:
        return None, [error("K101", Span(shown), methods=", ".join(METHODS))]
    text = PanelText.model_validate({"method": method, "sitting": sitting, "form": form})
    entries, groups, scores, marks, wrong = _table(data, shown, text.method)
    return _checked(text, shown, entries, groups, scores, marks, wrong)


def _read_text(
    path: Path, shown: str, data: bytes, method: str, sitting: str, form: str
) -> tuple[Panel | None, list[Problem]]:
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, [error("K102", Span(shown), detail="UTF-8")]
    node, problems = parse_yaml(source, shown)
    if node is None:
        return None, problems or [error("K103", Span(shown))]
    problems += unseen_characters(node, source, shown)
    text, wrong = shape(PanelText, node, shown)
    if text is None:
        return None, problems + wrong
    said = {"method": method, "sitting": sitting, "form": form}
    text = text.model_copy(update={name: word for name, word in said.items() if word})
    entries = list(_entries(text, node, shown))
    groups, scores, marks = dict(text.groups), {name: list(values) for name, values in text.scores.items()}, dict(text.marks)
    wrong = [
        error("K110", Span(shown, *locate(node, ("groups", number))), group=group, known=", ".join(GROUPS.get(text.method, ())))
        for number, group in groups.items() if group not in GROUPS.get(text.method, ())
    ] + [
        error("K110", Span(shown, *locate(node, ("scores", group), key=True)), group=group, known=", ".join(GROUPS.get(text.method, ())))
        for group in scores if group not in GROUPS.get(text.method, ())
    ]  # fmt: skip
    if text.table:
        beside = path.parent / text.table
        more, found = read_data(beside, shown_path(beside))
        if more is None:
            return None, problems + wrong + found
        listed, people, totals, worth, bad = _table(more, shown_path(beside), text.method)
        entries += listed
        groups |= people
        marks = worth | marks
        wrong += bad
        for name, values in totals.items():
            scores.setdefault(name, []).extend(values)
    shares, bad = _shares(text, node, shown)
    return _checked(text, shown, entries, groups, scores, marks, problems + wrong + bad, shares)


def _shares(text: PanelText, node: Node, shown: str) -> tuple[dict[tuple[str, str], float], list[Problem]]:
    """Return by (judge, cell) what a borderline candidate gets right; of a judge "" the panel's share, of judges their mean."""
    found: dict[tuple[str, str], float] = {}
    problems = []
    for cell, said in text.shares.items():
        several = said if isinstance(said, dict) else {"": said}
        for judge, value in several.items():
            share = _share(_written(value))
            if 0 <= share <= 1:
                found[str(judge), cell] = share
            else:
                span = Span(shown, *locate(node, ("shares", cell, judge) if isinstance(said, dict) else ("shares", cell)))
                problems.append(error("K106", span, found=_written(value), name=cell, range="0–1, 0%–100%"))
        own = [share for (_, name), share in found.items() if name == cell]
        if own:
            found.setdefault(("", cell), sum(own) / len(own))
    return found, problems


def _entries(text: PanelText, node: Node, shown: str) -> Iterator[Entry]:
    for n, one in enumerate(text.rounds):
        for item, by_judge in one.ratings.items():
            for judge, value in by_judge.items():
                span = Span(shown, *locate(node, ("rounds", n, "ratings", item, judge)))
                yield Entry(n, judge, item, _written(value), span)
        for judge, said in one.judgements.items():
            for name, value in said.items():
                span = Span(shown, *locate(node, ("rounds", n, "judgements", judge, name)))
                yield Entry(n, judge, name, _written(value), span)


def _written(value: Any) -> str:
    return "" if value is None else ("1" if value else "0") if isinstance(value, bool) else str(value)


_Found = tuple[list[Entry], dict[str, str], dict[str, list[float]], dict[str, float], list[Problem]]


def _table(data: bytes, shown: str, method: PanelMethod) -> _Found:
    """Return the judgements, groups, scores and marks of a table, and what is wrong with it."""
    nothing: _Found = ([], {}, {}, {}, [])
    try:
        rows = workbook_rows(data) if data[:2] == b"PK" else delimited_rows(data)
    except (ValueError, csv.Error) as fault:
        return (*nothing[:4], [error("K102", Span(shown), detail=str(fault))])
    if len(rows) < 2:
        return (*nothing[:4], [error("K103", Span(shown))])
    (line, header), *body = rows
    plain = [title.strip() for title in header]
    names = [next((word for word, titles in TITLES.items() if title.lower() in titles), title) for title in plain]
    needed = ("item",) if method in ITEM_METHODS else ("judge", *ASKED[method]) if method in ASKED else ("group",)
    missing = [name for name in needed if name not in names]
    if method in GROUPS and "person" not in names and "score" not in names:
        missing.append("person")
    if missing:
        return (*nothing[:4], [error("K104", Span(shown, line, 1), missing=", ".join(missing), found=", ".join(filter(None, plain)))])
    if method in GROUPS:
        return _people(body, names, shown, method)
    entries: list[Entry] = []
    marks: dict[str, float] = {}
    problems: list[Problem] = []
    for at, row in body:
        cells = dict(zip(names, [cell.strip() for cell in row], strict=False))
        number = _number(cells.get("round", "") or "1")
        if not (number >= 1 and float(number).is_integer()):
            problems.append(error("K105", Span(shown, at, names.index("round") + 1), found=cells["round"]))
            continue
        who = cells.get("judge", "")
        for column, name in enumerate(names):
            span, cell = Span(shown, at, column + 1), cells.get(name, "")
            if method in ITEM_METHODS and name and name not in TITLES:
                entries.append(Entry(int(number) - 1, name, cells["item"], cell, span))
            elif method in ASKED and name in ASKED[method]:
                entries.append(Entry(int(number) - 1, who, name, cell, span))
        if method in ITEM_METHODS and math.isfinite(worth := _number(cells.get("marks", ""))) and worth > 0:
            marks[cells["item"]] = worth
    return entries, {}, {}, marks, problems


def _people(body: list[tuple[int, list[str]]], names: list[str], shown: str, method: str) -> _Found:
    groups: dict[str, str] = {}
    scores: dict[str, list[float]] = {}
    problems: list[Problem] = []
    for at, row in body:
        cells = dict(zip(names, [cell.strip() for cell in row], strict=False))
        group = cells.get("group", "")
        if group not in GROUPS[method]:
            column = names.index("group") + 1
            problems.append(error("K110", Span(shown, at, column), group=group, known=", ".join(GROUPS[method])))
        elif cells.get("score"):
            value = _number(cells["score"])
            if math.isfinite(value):
                scores.setdefault(group, []).append(value)
            else:
                problems.append(error("K106", Span(shown, at, names.index("score") + 1), found=cells["score"], name="score", range="0, 1, 2, …"))
        elif cells.get("person"):
            groups[cells["person"]] = group
    return [], groups, scores, {}, problems


def _checked(
    text: PanelText, shown: str, entries: list[Entry], groups: dict[str, str], scores: dict[str, list[float]],
    marks: dict[str, float], problems: list[Problem], shares: dict[tuple[str, str], float] | None = None,
) -> tuple[Panel | None, list[Problem]]:  # fmt: skip
    """Return the panel, every judgement in its range and every judge known; an empty cell is a judgement not made."""
    problems = list(problems)
    judges = text.judges or tuple(dict.fromkeys(entry.judge for entry in entries if entry.judge))
    asked = ASKED.get(text.method, ())
    rounds: list[dict[tuple[str, str], float]] = [{} for _ in range(max((entry.round for entry in entries), default=-1) + 1)]
    cells: list[dict[tuple[str, str], str]] = [{} for _ in rounds]
    known = {cell for _, cell in shares or {}}
    spans: dict[str, Span] = {}
    if text.method == "ebel" and not text.shares:
        return None, [*problems, error("K115", Span(shown))]
    for entry in entries:
        if entry.judge not in judges:
            near = did_you_mean(entry.judge, judges)
            problems.append(error("K107", entry.span, judge=entry.judge, judges=", ".join(judges), suggestion=near))
            continue
        if text.method not in ITEM_METHODS and entry.name not in asked:
            near = did_you_mean(entry.name, asked)
            problems.append(error("K108", entry.span, name=entry.name, method=text.method, asked=", ".join(asked), suggestion=near))
            continue
        spans.setdefault(entry.name, entry.span)
        if (entry.judge, entry.name) in rounds[entry.round]:
            problems.append(error("K109", entry.span, judge=entry.judge, name=entry.name))
        elif entry.text and text.method == "ebel":
            cell = " ".join(entry.text.split())
            if cell not in known:
                near = did_you_mean(cell, known)
                problems.append(error("K114", entry.span, cell=cell, cells=", ".join(sorted(known)), suggestion=near))
            else:
                own = shares or {}
                rounds[entry.round][entry.judge, entry.name] = own.get((entry.judge, cell), own["", cell])
                cells[entry.round][entry.judge, entry.name] = cell
        elif entry.text:
            value, expected = _value(entry, text.method)
            if not math.isfinite(value):
                problems.append(error("K106", entry.span, found=entry.text, name=entry.name, range=expected))
            else:
                rounds[entry.round][entry.judge, entry.name] = value
    if not any(problem.severity == "error" for problem in problems):
        problems += _amiss(text, shown, rounds, judges, groups, scores)
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    items = tuple(spans) if text.method in ITEM_METHODS else ()
    return Panel(
        shown, text.panel, text.method, text.sitting, text.form, tuple(judges), tuple(rounds), items, spans, marks,
        dict(text.parameters), text.rp, {name: tuple(values) for name, values in scores.items()}, groups, tuple(cells),
    ), problems  # fmt: skip


def _amiss(
    text: PanelText, shown: str, rounds: list[dict[tuple[str, str], float]], judges: tuple[str, ...],
    groups: dict[str, str], scores: dict[str, list[float]],
) -> list[Problem]:  # fmt: skip
    """Return what the judgements lack as a whole: none at all, a round without, judges who left gaps."""
    if text.method in GROUPS:
        return [] if groups or scores else [error("K111", Span(shown), method=text.method)]
    if not rounds or not any(rounds):
        return [error("K111", Span(shown), method=text.method)]
    problems = []
    for n, given in enumerate(rounds, start=1):
        names = {name for _, name in given} if text.method in ITEM_METHODS else set(ASKED[text.method])
        for judge in judges:
            gaps = sum((judge, name) not in given for name in names)
            if gaps:
                problems.append(warning("K112", Span(shown), judge=judge, round=n, n=gaps))
        if text.method == "hofstee":
            for judge in judges:
                for low, high in (("cut_min", "cut_max"), ("fail_min", "fail_max")):
                    if given.get((judge, low), -math.inf) > given.get((judge, high), math.inf):
                        problems.append(error("K113", Span(shown), judge=judge, low=low, high=high, round=n))
    return problems


def _value(entry: Entry, method: str) -> tuple[float, str]:
    """Return the value of a judgement, NaN where it is none, and what it may be."""
    words = {"yes": 1.0, "no": 0.0, "y": 1.0, "n": 0.0, "true": 1.0, "false": 0.0, "是": 1.0, "否": 0.0, "√": 1.0, "×": 0.0}
    if method == "yes_no":
        value = words.get(entry.text.lower(), _number(entry.text))
        return (value if value in (0, 1) else math.nan), "1 / 0"
    if method == "angoff" or entry.name in SHARES:
        value = _share(entry.text)
        return (value if 0 <= value <= 1 else math.nan), "0–1, 0%–100%"
    value = _number(entry.text)
    if entry.name == "page":
        return (value if value >= 1 and value.is_integer() else math.nan), "1, 2, 3, …"
    return (value if value >= 0 else math.nan), "≥ 0"


def _share(text: str) -> float:
    """Return a share, given as such or in per cent.

    >>> _share("0.6"), _share("60%"), _share("60 ％")
    (0.6, 0.6, 0.6)
    """
    words = text.replace("％", "%").strip()
    return _number(words[:-1]) / 100 if words.endswith("%") else _number(words)


def _number(text: str) -> float:
    try:
        value = float(text.strip())
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
