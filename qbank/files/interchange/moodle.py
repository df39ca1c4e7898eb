"""Moodle XML → drafts: texts in several formats, embedded files, tags, feedback, units."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from qbank.core.picture import Picture, read_picture
from qbank.files.interchange.answers import plain_number
from qbank.files.interchange.draft import MAX_PROBLEMS, Draft, Read, clean, note
from qbank.files.interchange.labels import read_labels
from qbank.files.interchange.media_names import bank_path
from qbank.files.interchange.platform_text import (
    blank_body,
    choice_body,
    credit_of,
    matching_body,
    ordering_body,
    plain_of,
    unlike_credit,
)
from qbank.files.interchange.xml_tree import parse_xml
from qbank.problem import Problem, Span, error

MAX_PICTURE = 5_000_000
_REFERENCE = re.compile(r'<div class="qbank-reference">(.*?)</div>\s*$', re.DOTALL)
_RUBRIC = re.compile(r'<div class="qbank-rubric">(.*?)</div>\s*$', re.DOTALL)
_POINT = re.compile(r"<p><b>(\d{1,3}(?:\.5)?)</b> (.*?)</p>(?=<p><b>|\s*$)", re.DOTALL)
_DATA = re.compile(r"""src\s*=\s*["'](data:image/(png|jpeg|svg\+xml);base64,([A-Za-z0-9+/=\s]+))["']""")


@dataclass(slots=True)
class _Question:
    """A question while it is read."""

    name: str
    node: Any
    labels: dict[str, Any] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)

    @property
    def span(self) -> Span:
        return Span(self.name, self.node.sourceline or 1, 1)

    def wrong(self, reason: str, found: str) -> None:
        self.problems.append(
            Problem("I140", "error", self.span, (("reason", reason), ("found", " ".join(found.split())[:60])))
        )

    def words(self, path: str, default: str = "") -> str:
        """Return the bare text of an element."""
        return clean(self.node.findtext(path) or "") or default

    def text(self, node: Any) -> str:
        """Return the text of an element with a format and perhaps files, as Markdown."""
        if node is None:
            return ""
        return self.markdown(node, node.findtext("text") or "")

    def markdown(self, node: Any, source: str) -> str:
        format = node.get("format") or self.default_format
        pictures = self.pictures(node, source)
        span = Span(self.name, node.sourceline or 1, 1)
        return plain_of(source, format, span, pictures, self.problems, self.dropped)

    @property
    def default_format(self) -> str:
        stem = self.node.find("questiontext")
        return (stem.get("format") if stem is not None else "") or "html"

    def pictures(self, node: Any, source: str) -> dict[str, str]:
        """Return the path below the bank for every file that an element carries, and keep its bytes."""
        found: dict[str, str] = {}
        for file in node.findall("file"):
            name = ((file.get("path") or "/") + (file.get("name") or "")).lstrip("/")
            if path := self.keep(name, file.text or ""):
                found[name] = path
        for address, kind, content in _DATA.findall(source):
            if path := self.keep(f"picture.{kind.removesuffix('+xml')}", content):
                found[address] = path
        return found

    def keep(self, name: str, content: str) -> str:
        """Return where an embedded picture goes in the bank, or nothing where it is none."""
        try:
            data = base64.b64decode("".join(content.split()), validate=True) if len(content) < 2 * MAX_PICTURE else b""
        except (binascii.Error, ValueError):
            data = b""
        if not data or len(data) > MAX_PICTURE or not isinstance(read_picture(data), Picture):
            self.problems.append(error("I145", self.span, picture=name[:100]))
            return ""
        path = bank_path(name, data)
        self.media[path] = data
        return path


def read_moodle(data: bytes, name: str, kind: str = "") -> Read:
    """Return the drafts of a Moodle XML file, and each question that cannot be read with its line."""
    root, problems = parse_xml(data, name)
    if root is None:
        return [], problems
    if root.tag != "quiz":
        return [], [error("I101", Span(name, 1, 1), detail=f"<{root.tag}>"[:60])]
    drafts: list[Draft] = []
    category = ""
    names: dict[str, int] = {}
    for node in root.iterfind("question"):
        question = _Question(name, node)
        if node.get("type") == "category":
            category = clean(node.findtext("category/text") or "")
            continue
        draft = _draft(question, category, names)
        problems += question.problems
        for code, found in (("I141", question.dropped), ("I147", question.lost)):
            if found:
                problems.append(Problem(code, "note", question.span, (("tags", ", ".join(sorted(found))),)))
        drafts += [draft] if draft and not any(p.severity == "error" for p in question.problems) else []
        if sum(problem.severity == "error" for problem in problems) >= MAX_PROBLEMS:
            problems.append(error("I108", question.span, most=MAX_PROBLEMS))
            break
    if not drafts and not problems:
        problems.append(error("I104", Span(name)))
    return drafts, problems


def _draft(question: _Question, category: str, names: dict[str, int]) -> Draft | None:
    node, type = question.node, question.node.get("type") or ""
    if type == "description":
        question.problems.append(note("I148", question.span))
        return None
    if type not in TYPES:
        question.problems.append(error("I146", question.span, type=type[:40], known=", ".join(TYPES)))
        return None
    labels = question.labels = read_labels([clean(tag.findtext("text") or "") for tag in node.iterfind("tags/tag")])
    entries: dict[str, Any] = {"stem": question.text(node.find("questiontext"))}
    found = TYPES[type](question, entries)
    if found is None:
        return None
    kind, body = found
    entries |= body
    if (marks := _number(question.words("defaultgrade"))) is not None and "marks" not in body:
        entries["marks"] = marks
    entries |= _feedback(question)
    if any(clean(hint.findtext("text") or "") for hint in node.iterfind("hint")):
        question.lost.add("hint")
    competency, level, source_id = (labels.pop(key, "") for key in ("competency", "level", "source_id"))
    labels.pop("kind", None)
    for key in ("unit", "formula", "tolerance"):
        if key in labels and kind == "numeric":
            entries["key"][key] = labels.pop(key)
    entries |= labels
    id = question.words("idnumber")
    if not (id and competency) and not source_id:
        title = question.words("name/text")
        names[title] = names.get(title, 0) + 1
        stem = question.name.rpartition("/")[2].rpartition(".")[0]
        source_id = id or (f"{stem}:{title}" if title and names[title] == 1 else "")
    points = tuple(part for part in _steps(category) if part not in ("$course$", "$system$", "top", "") and "Default" not in part)
    return Draft(
        kind, entries, question.span, id if competency else "", str(source_id), str(competency), points,
        level if isinstance(level, int) else 0, media=question.media,
    )  # fmt: skip


def _steps(category: str) -> list[str]:
    """Return the steps of a category's path; two slashes are one in a name.

    >>> _steps("$course$/top/操作//工艺/测温")
    ['$course$', 'top', '操作/工艺', '测温']
    """
    return [step.replace("//", "/") for step in re.split(r"(?<!/)/(?!/)", category)]


def _number(text: str) -> int | float | None:
    return plain_number(text) if re.fullmatch(r"[-+]?\d{1,12}(?:\.\d{1,12})?", text) else None


def _feedback(question: _Question) -> dict[str, Any]:
    """Return rationale and reference, which travel together as general feedback."""
    node = question.node.find("generalfeedback")
    if node is None:
        return {}
    source, found = node.findtext("text") or "", {}
    if match := _REFERENCE.search(source):
        found["reference"] = question.markdown(node, match.group(1))
        source = source[: match.start()]
    if rationale := question.markdown(node, source):
        found["rationale"] = rationale
    return found


Found = tuple[str, dict[str, Any]] | None


def _answers(question: _Question) -> list[tuple[Any, float]]:
    return [(node, _number(node.get("fraction") or "0") or 0.0) for node in question.node.iterfind("answer")]


def _multichoice(question: _Question, entries: dict[str, Any]) -> Found:
    answers = [(question.text(node), weight, question.text(node.find("feedback"))) for node, weight in _answers(question)]
    if not any(weight > 0 for _, weight, _ in answers):
        question.wrong("no_key", entries["stem"])
        return None
    if any(note and weight > 0 for _, weight, note in answers):
        question.lost.add("feedback")
    several = question.words("single", "true").casefold() in ("false", "0")
    weights = [weight for _, weight, _ in answers]
    if not several and sum(weight > 0 for weight in weights) > 1:
        question.wrong("partial", entries["stem"])
        return None
    question.problems += unlike_credit(weights, question.labels, question.span)
    if several:
        question.labels.setdefault("credit", credit_of(weights)[0])
    kind, body = choice_body(answers, question.labels)
    if question.words("shuffleanswers", "true").casefold() in ("false", "0"):
        body["shuffle"] = False
    return kind, body


def _truefalse(question: _Question, entries: dict[str, Any]) -> Found:
    right = [node for node, weight in _answers(question) if weight >= 100]
    word = clean(right[0].findtext("text") or "").casefold() if len(right) == 1 else ""
    if word not in ("true", "false"):
        question.wrong("no_key", entries["stem"])
        return None
    body: dict[str, Any] = {"key": word == "true"}
    wrong = next((node for node, weight in _answers(question) if weight < 100), None)
    if not body["key"] and wrong is not None and (words := question.text(wrong.find("feedback"))):
        body["correction"] = words
    return "true_false", body


def _shortanswer(question: _Question, entries: dict[str, Any]) -> Found:
    answers = [(clean(node.findtext("text") or ""), weight) for node, weight in _answers(question)]
    accepted = [text for text, weight in answers if weight >= 100]
    if any(0 < weight < 100 for _, weight in answers):
        question.lost.add("fraction")
    body = blank_body(accepted, entries["stem"]) if accepted else None
    if body is None:
        question.wrong("star" if accepted else "no_key", entries["stem"])
        return None
    if question.words("usecase", "0") in ("1", "true"):
        body["fold"] = {"case": False}
    return "fill", body


def _numerical(question: _Question, entries: dict[str, Any]) -> Found:
    full = [node for node, weight in _answers(question) if weight >= 100]
    value = _number(clean(full[0].findtext("text") or "")) if len(full) == 1 else None
    if value is None:
        question.wrong("no_number" if len(full) == 1 else "partial", entries["stem"])
        return None
    if len(_answers(question)) > 1:
        question.lost.add("fraction")
    key: dict[str, Any] = {"value": value}
    if tolerance := _number(clean(full[0].findtext("tolerance") or "")):
        key["tolerance"] = tolerance
    units = [clean(unit.findtext("unit_name") or "") for unit in question.node.iterfind("units/unit")
             if _number(clean(unit.findtext("multiplier") or "1")) == 1]  # fmt: skip
    if units and units[0]:
        key["unit"] = units[0]
    return "numeric", {"key": key}


def _matching(question: _Question, entries: dict[str, Any]) -> Found:
    pairs = [
        (question.text(node), clean(node.findtext("answer/text") or "")) for node in question.node.iterfind("subquestion")
    ]
    body = matching_body(pairs, question.labels)
    if question.words("shuffleanswers", "true").casefold() in ("false", "0"):
        body["shuffle"] = False
    return "matching", body


def _ordering(question: _Question, entries: dict[str, Any]) -> Found:
    return "ordering", ordering_body([question.text(node) for node, _ in _answers(question)], question.labels)


def _essay(question: _Question, entries: dict[str, Any]) -> Found:
    """Return model answer and rubric, which stand in what only graders see."""
    node = question.node.find("graderinfo")
    source = (node.findtext("text") or "") if node is not None else ""
    body: dict[str, Any] = {}
    if match := _RUBRIC.search(source):
        body["rubric"] = [
            {"points": plain_number(points), "text": question.markdown(node, text)} for points, text in _POINT.findall(match.group(1))
        ]
        source = source[: match.start()]
    body["key"] = question.markdown(node, source) if node is not None else ""
    if not body["key"]:
        question.wrong("essay", entries["stem"])
        return None
    marks = _number(question.words("defaultgrade")) or 1
    body.setdefault("rubric", [{"points": marks, "text": body["key"]}])
    kind = "short" if question.labels.get("kind") == "short" else "essay"
    return kind, body


TYPES: dict[str, Callable[[_Question, dict[str, Any]], Found]] = {
    "multichoice": _multichoice, "truefalse": _truefalse, "shortanswer": _shortanswer, "numerical": _numerical,
    "matching": _matching, "ordering": _ordering, "essay": _essay,
}  # fmt: skip
"""type of question in Moodle → how its answers are read"""
