"""The text format of steel works' old banks: a head that holds for what follows, ``N.题目：… 答案：… ##结束符``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from qbank.files.interchange.answers import blanks_of, kind_of, letters_of, number_of, truth_of, with_blanks
from qbank.files.interchange.columns import level_of, number_cell
from qbank.files.interchange.draft import MAX_PROBLEMS, Draft, Read, clean, note
from qbank.files.interchange.encoding import decode
from qbank.kinds import KINDS
from qbank.problem import Problem, Span, error

END = "##结束符"
_HEAD = re.compile(r"(行业|工种|鉴定级别|题型|鉴定标准|鉴定范围|鉴定点|题分|难度|重要说明)\s*[:：]")
_START = re.compile(r"\s*(?:(\d{1,6})\s*[.．、]\s*)?题目\s*[:：]")
_PART = re.compile(r"^\s*(答案|解析|出处|评分标准|鉴定点|难度)\s*[:：]", re.MULTILINE)
_OPTION = re.compile(r"(?:^|(?<=\s))[(（]?([A-H])[)）]?\s*[.．、:：]\s*(?=\S)", re.MULTILINE)
_USUAL_MARKS = 5


@dataclass(slots=True)
class _Head:
    """What the last head lines say."""

    kind: str = ""
    word: str = ""
    level: int = 0
    marks: float = 0
    points: tuple[str, ...] = ()
    trade: str = ""
    notes: set[str] = field(default_factory=set)


def read_legacy(data: bytes, name: str, kind: str = "") -> Read:
    """Return the drafts of a text file with ``##结束符``, and each part that cannot be read with its line."""
    text, problems = decode(data, name)
    if text is None:
        return [], problems
    head = _Head(kind=kind)
    drafts: list[Draft] = []
    line = 1
    pieces = text.split(END)
    for index, piece in enumerate(pieces):
        at = _leading_lines(piece)
        start = _START.search(piece)
        before = piece[: start.start()] if start else piece
        _read_head(before, line, head, problems, name)
        if start:
            first = line + piece[: start.end()].count("\n")
            drafts += _draft(piece[start.end() :], first, start.group(1) or "", head, problems, name)
            if index == len(pieces) - 1:
                problems.append(note("I144", Span(name, first, 1), end=END))
        elif (rest := _HEAD.sub("", before).strip()) and not _HEAD.search(before):
            problems.append(_wrong(name, line + at, "no_question", rest))
        line += piece.count("\n")
        if sum(problem.severity == "error" for problem in problems) >= MAX_PROBLEMS:
            problems.append(error("I108", Span(name, line, 1), most=MAX_PROBLEMS))
            break
    if not drafts and not problems:
        problems.append(error("I104", Span(name)))
    return drafts, problems


def _leading_lines(piece: str) -> int:
    return piece[: len(piece) - len(piece.lstrip())].count("\n")


def _wrong(name: str, line: int, reason: str, found: str) -> Problem:
    return Problem("I140", "error", Span(name, line, 1), (("reason", reason), ("found", " ".join(found.split())[:60])))


def _read_head(text: str, line: int, head: _Head, problems: list[Problem], name: str) -> None:
    matches = list(_HEAD.finditer(text))
    for match, following in zip_longest(matches, matches[1:]):
        value = clean(text[match.end() : following.start() if following else len(text)]).split("\n")[0].strip()
        at = line + text[: match.start()].count("\n")
        word = match.group(1)
        if word == "题型" and value:
            head.kind, head.word = kind_of(value, KINDS), value
            if not head.kind:
                problems.append(error("I116", Span(name, at, 1), found=value[:40], known="判断, 单选, 多选, 填空, 问答, 计算, 论述"))
        elif word == "鉴定级别" and value:
            head.level = level_of(value) or 0
            if not head.level:
                problems.append(error("I113", Span(name, at, 1), column=word, found=value[:40]))
        elif word == "题分" and value:
            head.marks = number_cell(value) or 0
        elif word in ("鉴定点", "鉴定范围", "鉴定标准") and value:
            head.points = tuple(part.strip() for part in re.split(r"[›>/\\]", value) if part.strip())


def _draft(body: str, line: int, number: str, head: _Head, problems: list[Problem], name: str) -> list[Draft]:
    span = Span(name, line, 1)
    parts = {"题目": (body, line)}
    if matches := list(_PART.finditer(body)) or list(re.finditer(r"(答案)\s*[:：]", body)):
        parts["题目"] = (body[: matches[0].start()], line)
        for match, following in zip_longest(matches, matches[1:]):
            text = body[match.end() : following.start() if following else len(body)]
            parts[match.group(1)] = (text, line + body[: match.start(1)].count("\n"))
    stem = clean(parts["题目"][0])
    answer, at = parts.get("答案", ("", line))
    if not stem or not clean(answer):
        problems.append(_wrong(name, at, "no_key" if stem else "no_stem", body))
        return []
    if not head.kind:
        problems.append(error("I116", span, found=head.word, known="判断, 单选, 多选, 填空, 问答, 计算, 论述"))
        return []
    found = _body(head, stem, clean(answer))
    if found is None:
        problems.append(error("I113", Span(name, at, 1), column="答案", found=clean(answer)[:60]))
        return []
    kind, entries = found
    if head.marks:
        entries["marks"] = head.marks
    for word, key in (("解析", "rationale"), ("出处", "reference")):
        if value := clean(parts.get(word, ("", 0))[0]):
            entries[key] = value
    points = head.points
    if value := clean(parts.get("鉴定点", ("", 0))[0]):
        points = (*points, value)
    places: dict[tuple[int | str, ...], tuple[int, int]] = {("key",): (at, 1)}
    return [Draft(kind, entries, span, points=points, level=head.level, places=places)]


def _body(head: _Head, stem: str, answer: str) -> tuple[str, dict[str, Any]] | None:
    kind = head.kind
    if kind == "calculation":
        kind = "numeric" if number_of(answer) else "short"
    if kind in ("single", "multiple"):
        letters = letters_of(answer)
        question, options = _options(stem)
        if letters is None or not options:
            return None
        return kind, {"stem": question, "options": options, "key": letters if kind == "single" else list(letters)}
    if kind == "true_false":
        truth = truth_of(answer)
        return None if truth is None else (kind, {"stem": stem, "key": truth})
    if kind == "fill":
        key = blanks_of(answer)
        return kind, {"stem": with_blanks(stem, len(key)), "key": key}
    if kind == "numeric":
        return kind, {"stem": stem, "key": number_of(answer)}
    if kind in ("short", "essay"):
        marks = head.marks or _USUAL_MARKS
        return kind, {"stem": stem, "key": answer, "marks": marks, "rubric": [{"points": marks, "text": answer}]}
    return None


def _options(stem: str) -> tuple[str, dict[str, str]]:
    """Return the question and its options by letter, which stand behind it in lines of their own or in one.

    >>> _options("碱度是？ A.高 B.低")
    ('碱度是？', {'A': '高', 'B': '低'})
    """
    matches = list(_OPTION.finditer(stem))
    start = next((n for n, match in enumerate(matches) if match.group(1) == "A"), None)
    if start is None:
        return stem, {}
    options: dict[str, str] = {}
    kept: list[re.Match[str]] = []
    for match in matches[start:]:
        if match.group(1) == "ABCDEFGH-"[len(kept)]:
            kept.append(match)
    for match, following in zip_longest(kept, kept[1:]):
        options[match.group(1)] = clean(stem[match.end() : following.start() if following else len(stem)])
    return clean(stem[: kept[0].start()]), options
