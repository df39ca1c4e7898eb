"""GIFT: Moodle's text format. Escapes, categories, formats, weights, feedback; ids and tags in comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qbank.files.interchange.answers import plain_number, truth_of
from qbank.files.interchange.draft import MAX_PROBLEMS, Draft, Read, note
from qbank.files.interchange.encoding import decode
from qbank.files.interchange.gift_text import Block, blocks_of, escaped, find_bare, split_bare, unescaped
from qbank.files.interchange.labels import HEAD_LABELS, labels_of, read_labels
from qbank.files.interchange.outgoing import Outgoing, history, left_out, other_marking
from qbank.files.interchange.platform_text import (
    blank_body,
    choice_body,
    formatted,
    matching_body,
    matching_pairs,
    one_blank,
    plain_of,
    unlike_credit,
    weights,
)
from qbank.problem import Problem, Span, error

_LABEL = re.compile(r"\[(id|tag):((?:\\.|[^\]\\])*)\]")
_FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]")
_WEIGHT = re.compile(r"\s*%(-?\d{1,3}(?:\.\d{1,6})?)%")
_NUMBER = r"[-+]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][-+]?\d{1,3})?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*")
_VALUE = re.compile(rf"\s*({_NUMBER})\s*(?::\s*({_NUMBER})\s*)?")


@dataclass(slots=True)
class _Question:
    """A question while it is read."""

    name: str
    block: Block
    format: str = "moodle"
    problems: list[Problem] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)

    @property
    def span(self) -> Span:
        return Span(self.name, self.block.line, 1)

    def text(self, source: str) -> str:
        """Return a part as Markdown; a format in brackets holds for it alone."""
        match = _FORMAT.match(source)
        return self.worded(source[match.end() :], match.group(1)) if match else self.worded(source, self.format)

    def worded(self, source: str, format: str) -> str:
        """Return a part of a known format as Markdown: brackets at its beginning are its own words."""
        return plain_of(unescaped(source).strip(), format, self.span, None, self.problems, self.dropped)

    def wrong(self, reason: str, found: str) -> None:
        self.problems.append(
            Problem("I140", "error", self.span, (("reason", reason), ("found", " ".join(found.split())[:60])))
        )


def read_gift(data: bytes, name: str, kind: str = "") -> Read:
    """Return the drafts of a GIFT file, and each question that cannot be read with its line."""
    text, problems = decode(data, name)
    if text is None:
        return [], problems
    drafts: list[Draft] = []
    titles: dict[str, int] = {}
    blocks = blocks_of(text)
    for block in blocks:
        question = _Question(name, block)
        draft = _draft(question, titles)
        problems += question.problems
        if question.dropped:
            problems.append(note("I141", question.span, tags=", ".join(sorted(question.dropped))))
        drafts += [draft] if draft and not any(problem.severity == "error" for problem in question.problems) else []
        if sum(problem.severity == "error" for problem in problems) >= MAX_PROBLEMS:
            problems.append(error("I108", question.span, most=MAX_PROBLEMS))
            break
    if not drafts and not problems:
        problems.append(error("I104", Span(name)))
    return drafts, problems


def _draft(question: _Question, titles: dict[str, int]) -> Draft | None:
    source = question.block.text.strip()
    title = ""
    if source.startswith("::") and (end := source.find("::", 2)) > 0:
        title, source = unescaped(source[2:end]).strip(), source[end + 2 :]
    if match := _FORMAT.match(source):
        question.format, source = match.group(1), source[match.end() :]
    start = find_bare(source, "{")
    end = find_bare(source, "}", start) if start >= 0 else -1
    if start < 0 or end < 0:
        question.wrong("no_answer" if start < 0 else "no_end", source)
        return None
    if find_bare(source[start + 1 : end], "{") >= 0 or find_bare(source[end + 1 :], "{") >= 0:
        question.wrong("nested", source[start:])
        return None
    before, answer, after = source[:start], source[start + 1 : end], source[end + 1 :].strip()
    stem = question.worded(f"{before.rstrip()} ____ {after}" if after else before, question.format)
    at = find_bare(answer, "#")
    while at >= 0 and answer[at : at + 4] != "####":
        at = find_bare(answer, "#", at + 1)
    pieces = [answer[:at], answer[at + 4 :]] if at >= 0 else [answer]
    labels, id = _labels(question.block)
    entries: dict[str, Any] = {"stem": stem}
    if len(pieces) > 1 and (words := question.text(pieces[1])):
        entries["rationale"] = words
    found = _answer(question, pieces[0], stem, labels)
    if found is None:
        return None
    kind, body = found
    entries |= body
    if isinstance(tolerance := labels.pop("tolerance", None), str) and kind == "numeric":
        entries["key"]["tolerance"] = tolerance
    for key in ("unit", "formula"):
        if key in labels and kind == "numeric":
            entries["key"][key] = labels.pop(key)
    competency, level, source_id = (labels.pop(key, "") for key in ("competency", "level", "source_id"))
    entries |= labels
    if not (id and competency) and not source_id:
        source_id = id or _named(question, title, titles)
    points = tuple(part for part in question.block.category.split("/") if part not in ("$course$", "top", "Default"))
    return Draft(
        kind, entries, question.span, id if competency else "", str(source_id), str(competency), points,
        level if isinstance(level, int) else 0,
    )  # fmt: skip


def _named(question: _Question, title: str, titles: dict[str, int]) -> str:
    """Return what tells this question in its file again: its title where no other question has it."""
    titles[title] = titles.get(title, 0) + 1
    stem = question.name.rpartition("/")[2].rpartition(".")[0]
    return f"{stem}:{title}" if title and titles[title] == 1 else ""


def _labels(block: Block) -> tuple[dict[str, Any], str]:
    id, labels = "", []
    for comment in block.comments:
        for word, value in _LABEL.findall(comment):
            value = re.sub(r"\\(.)", r"\1", value)
            if word == "id":
                id = value
            else:
                labels.append(value)
    return read_labels(labels), id


def _answer(
    question: _Question, source: str, stem: str, labels: dict[str, Any]
) -> tuple[str, dict[str, Any]] | None:
    """Return kind and body of what stands between the braces."""
    words = source.strip()
    if not words:
        question.wrong("essay", stem)
        return None
    if words[0] == "#":
        return _numeric(question, words[1:])
    first = split_bare(words, "#")
    truth = truth_of(first[0]) if re.fullmatch(r"\s*(?:T|F|TRUE|FALSE)\s*", first[0], re.IGNORECASE) else None
    if truth is not None:
        body: dict[str, Any] = {"key": truth}
        if len(first) > 1 and not truth and (words := question.text(first[1])):
            body["correction"] = words
        return "true_false", body
    answers = _answers(words)
    if not answers:
        question.wrong("no_marks", words)
        return None
    if any("->" in text for mark, _, text, _ in answers if mark == "="):
        return _matching(question, answers, labels)
    if all(mark == "=" for mark, _, _, _ in answers) and "options" not in labels:
        accepted = [unescaped(text).strip() for _, weight, text, _ in answers if weight is None or weight >= 100]
        if len(accepted) < len(answers):
            question.wrong("partial", words)
            return None
        found = blank_body(accepted, stem)
        if found is None:
            question.wrong("star", words)
            return None
        return "fill", found
    labels.pop("options", None)
    full = [(mark == "=" and weight is None) or weight == 100 for mark, weight, _, _ in answers]
    some = [weight is not None and 0 < weight < 100 for _, weight, _, _ in answers]
    if any(some) and (any(full) or sum(some) == 1):
        question.wrong("partial", words)
        return None
    weighed = [
        (question.text(text), 100.0 if mark == "=" and weight is None else weight or 0.0, question.text(feedback))
        for mark, weight, text, feedback in answers
    ]
    question.problems += unlike_credit([weight for _, weight, _ in weighed], labels, question.span)
    return choice_body(weighed, labels)


def _answers(words: str) -> list[tuple[str, float | None, str, str]]:
    """Return mark, weight, text and feedback of each answer; nothing where the first mark is missing."""
    at = find_bare(words, "=~")
    if at < 0 or words[:at].strip():
        return []
    answers = []
    while at >= 0:
        end = find_bare(words, "=~", at + 1)
        part = words[at + 1 : end if end >= 0 else len(words)]
        match = _WEIGHT.match(part)
        weight = float(match.group(1)) if match else None
        text, *feedback = split_bare(part[match.end() if match else 0 :], "#")
        answers.append((words[at], weight, text, feedback[0] if feedback else ""))
        at = end
    return answers


def _matching(
    question: _Question, answers: Sequence[tuple[str, float | None, str, str]], labels: dict[str, Any]
) -> tuple[str, dict[str, Any]] | None:
    pairs = []
    for mark, _, text, _ in answers:
        prompt, arrow, option = text.partition("->")
        if mark != "=" or not arrow:
            question.wrong("pair", text)
            return None
        pairs.append((question.text(prompt), question.text(option)))
    return "matching", matching_body(pairs, labels)


def _numeric(question: _Question, source: str) -> tuple[str, dict[str, Any]] | None:
    """Return value and tolerance: ``42.8:0.5``, ``42.3..43.3``, or the one answer that earns everything."""
    answers = _answers(source.strip()) or [("=", None, split_bare(source, "#")[0], "")]
    full = [text for mark, weight, text, _ in answers if mark == "=" and (weight is None or weight >= 100)]
    if len(full) != 1 or len(full) < sum(mark == "=" for mark, *_ in answers):
        question.wrong("partial", source)
        return None
    text = unescaped(full[0])
    if match := _RANGE.fullmatch(text):
        low, high = (float(part) for part in match.groups())
        value, tolerance = (low + high) / 2, abs(high - low) / 2
        return "numeric", {"key": {"value": _rounded(value), "tolerance": _rounded(tolerance)}}
    if match := _VALUE.fullmatch(text):
        key = {"value": plain_number(match.group(1))}
        if match.group(2) and float(match.group(2)):
            key["tolerance"] = plain_number(match.group(2))
        return "numeric", {"key": key}
    question.wrong("no_number", text)
    return None


def _rounded(value: float) -> int | float:
    return plain_number(f"{value:.12g}")


# ------------------------------------------------------------------------------------------------ writing


def write_gift(items: Sequence[Outgoing]) -> tuple[bytes, list[Problem]]:
    """Return a GIFT file; what an item knows beyond it stands as tags in a comment, which Moodle reads too."""
    parts, problems = ["// qbank\n"], [*history(items, "gift"), *other_marking(items, "gift")]
    for one in items:
        made = _WRITE[one.item.kind](one.entries)
        if made is None or one.media:
            problems.append(left_out(one, "gift", "picture" if one.media else "key"))
            continue
        answer, keys = made
        labels = labels_of({**one.entries, **keys}, (*HEAD_LABELS, "marks", "reference", *keys))
        head = "".join(f" [tag:{_label(label)}]" for label in labels)
        rationale = one.entries.get("rationale", "")
        feedback = f"####{_gift(rationale, '')}" if rationale else ""
        stem, format = formatted(one.entries["stem"])
        parts.append(
            f"// [id:{_label(one.item.id)}]{head}\n::{escaped(one.item.id)}::[{format}]{escaped(stem)} {{{answer}{feedback}}}\n"
        )
    return "\n".join(parts).encode("utf-8"), problems


def _label(text: str) -> str:
    return re.sub(r"[\\\]]", r"\\\g<0>", text)


def _gift(text: str, around: str = "") -> str:
    words, format = formatted(text)
    return f"[{format}]{escaped(words)}{around}"


Made = tuple[str, dict[str, Any]] | None
"""What stands between the braces, and labels for what it does not say; None where it cannot be said"""


def _write_choice(entries: Mapping[str, Any]) -> Made:
    several = not isinstance(entries["key"], str)
    notes, parts = entries.get("misconception", {}), []
    for letter, weight in weights(entries).items():
        mark = ("=" if weight > 0 else "~") if not several else f"~%{weight:.5f}%"
        feedback = f"#{_gift(notes[letter])}" if letter in notes else ""
        parts.append(f"\n\t{mark}{_gift(entries['options'][letter])}{feedback}")
    if any("->" in part for part in parts):  # GIFT takes it for a pair and has no escape for it
        return None
    labels = {key: entries[key] for key in ("pin", "shuffle") if key in entries}
    if several:
        labels["credit"] = entries.get("credit", "all")
    return "".join(parts) + "\n", labels


def _write_truth(entries: Mapping[str, Any]) -> Made:
    correction = entries.get("correction", "")
    return ("TRUE" if entries["key"] else "FALSE") + (f"#{_gift(correction)}" if correction else ""), {}


def _write_blank(entries: Mapping[str, Any]) -> Made:
    accepted = one_blank(entries)
    if accepted is None or any("->" in text or text.startswith(("%", "[")) for text in accepted):
        return None
    labels = {"fold": entries["fold"]} if "fold" in entries else {}
    return " ".join(f"={escaped(text)}" for text in accepted), labels


def _write_number(entries: Mapping[str, Any]) -> Made:
    key = entries["key"]
    tolerance = key.get("tolerance", 0)
    labels = {name: key[name] for name in ("unit", "formula") if key.get(name)}
    if isinstance(tolerance, str):
        labels["tolerance"] = tolerance
        tolerance = abs(key["value"]) * float(tolerance.strip().rstrip("%％")) / 100
    return f"#{plain_number(repr(key['value']))!r}:{plain_number(repr(tolerance))!r}", labels


def _write_matching(entries: Mapping[str, Any]) -> Made:
    pairs, letters = matching_pairs(entries)
    if any("->" in text for pair in pairs for text in pair):
        return None
    parts = [f"\n\t={_gift(prompt) if prompt else ''} -> {_gift(answer)}" for prompt, answer in pairs]
    return "".join(parts) + "\n", {"letters": letters} | {k: entries[k] for k in ("pin", "shuffle", "credit") if k in entries}


_WRITE: dict[str, Callable[[Mapping[str, Any]], Made]] = {
    "single": _write_choice, "multiple": _write_choice, "true_false": _write_truth, "fill": _write_blank,
    "numeric": _write_number, "matching": _write_matching,
}  # fmt: skip
GIFT_KINDS = frozenset(_WRITE)
