"""Aiken: a line with the question, lettered options, ``ANSWER: B``. Questions of one key only, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from qbank.files.interchange.draft import MAX_PROBLEMS, Draft, Read, clean
from qbank.files.interchange.encoding import decode
from qbank.files.interchange.outgoing import Outgoing, history, left_out, loss
from qbank.problem import Problem, Span, error

_OPTION = re.compile(r"\s*([A-Za-zＡ-Ｚ])\s*[.)、．）]\s*(.+)")
_ANSWER = re.compile(r"\s*(?:ANSWER|答案)\s*[:：]\s*(\S*)\s*", re.IGNORECASE)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def read_aiken(data: bytes, name: str, kind: str = "") -> Read:
    """Return the drafts of an Aiken file, and each question that cannot be read with its line."""
    text, problems = decode(data, name)
    if text is None:
        return [], problems
    drafts: list[Draft] = []
    stem: list[str] = []
    options: dict[str, str] = {}
    places: dict[tuple[int | str, ...], tuple[int, int]] = {}
    first = 1

    def wrong(line: int, reason: str, found: str) -> None:
        problems.append(Problem("I140", "error", Span(name, line, 1), (("reason", reason), ("found", found.strip()[:60]))))

    for number, line in enumerate(text.split("\n"), start=1):
        if len(problems) >= MAX_PROBLEMS:
            problems.append(error("I108", Span(name, number, 1), most=MAX_PROBLEMS))
            break
        answer, option = _ANSWER.fullmatch(line), _OPTION.fullmatch(line)
        if answer:
            places["key",] = (number, answer.start(1) + 1)
            if not stem or len(options) < 2:
                wrong(number, "no_options" if stem else "no_answer", line)
            else:
                entries: dict[str, Any] = {"stem": clean("\n".join(stem)), "options": options, "key": answer.group(1).upper()}
                drafts.append(Draft("single", entries, Span(name, first, 1), places=places))
            stem, options, places = [], {}, {}
        elif option and stem and _LETTERS.find(_plain(option.group(1))) == len(options):
            options[_plain(option.group(1))] = clean(option.group(2))
            places["options", _plain(option.group(1))] = (number, option.start(2) + 1)
        elif line.strip():
            if options:
                wrong(number, "after_options", line)
                options, stem, places = {}, [], {}
            if not stem:
                first = number
            stem.append(line.strip())
    if stem and options:
        wrong(first, "no_answer_line", stem[0])
    if not drafts and not problems:
        problems.append(error("I104", Span(name)))
    return drafts, problems


def _plain(letter: str) -> str:
    return (chr(ord(letter) - 0xFEE0) if letter > "z" else letter).upper()


def write_aiken(items: Sequence[Outgoing]) -> tuple[bytes, list[Problem]]:
    """Return an Aiken file, with a note for all that it cannot say."""
    parts, problems = [], history(items, "aiken")
    for one in items:
        entries = one.entries
        texts = [entries["stem"], *entries["options"].values()]
        if any("\n" in text for text in texts) or _OPTION.fullmatch(texts[0]) or _ANSWER.fullmatch(texts[0]) or one.media:
            problems.append(left_out(one, "aiken", "picture" if one.media else "lines"))
            continue
        told = {"kind", "stem", "options", "key", "status", "log"}
        if lost := [key for key in entries if key not in told]:
            problems.append(loss(one, "aiken", ", ".join(lost)))
        lines = [texts[0], *(f"{letter}. {text}" for letter, text in entries["options"].items()), f"ANSWER: {entries['key']}"]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts).encode("utf-8"), problems
