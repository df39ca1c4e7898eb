"""Answers given on screen → answers of persons, as those of a table of answers with printed letters."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from qbank.core.form import Form, FormItem, answer_names, answer_places
from qbank.files.answers.exam.checks import Accepting, in_time, of_papers, one_each, signatures
from qbank.files.answers.exam.documents import Handed, read_handed
from qbank.files.answers.exam.signature import signed_bytes
from qbank.files.answers.intake import Intake, Written, take_in
from qbank.files.answers.placed import WORDS, in_places
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.files.paths import shown_path
from qbank.kinds import KINDS
from qbank.problem import Problem, Span, error, has_errors, warning

_PARTED = re.compile(r"[;；|｜\s]+")
Given = str | tuple[str, ...]


def take_in_exam(
    paths: Sequence[Path], forms: tuple[Form, ...], sitting: str, reading: Reading, accepting: Accepting
) -> tuple[Intake | None, list[Problem]]:
    """Return the answers of all candidates who handed in, or nothing and everything in their files that does not fit.

    Written answers wait for those who mark them; what they say is in ``written``.
    """
    handed: list[Handed] = []
    problems: list[Problem] = []
    for path in paths:
        one, wrong = read_handed(path)
        handed += [one] if one else []
        problems += wrong
    if not handed:
        return None, problems or [error("Z727", Span(", ".join(shown_path(path) for path in paths[:3])))]
    problems += of_papers(handed, forms, accepting.shown) + signatures(handed, accepting)
    kept, wrong = one_each(handed)
    problems += wrong + in_time(kept)
    if has_errors(problems):
        return None, problems
    columns, written, wrong = _cells(kept, forms)
    problems += wrong
    if has_errors(problems):
        return None, problems
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    table = AnswerTable(kept[0].name, "", frame, np.arange(1, len(kept) + 1), tuple(range(1, frame.width + 1)), 0)
    own = replace(
        reading, layout="wide", scored=False, columns={}, ignore=(), groups=(), forms={}, sheet="", scored_columns=(),
        words={name: (word,) for name, word in WORDS.items()},
    )  # fmt: skip
    intake, wrong = take_in(table, forms, sitting, own)
    problems += in_places(wrong, table, lambda row, _: Span(kept[row].name))
    if intake is None:
        return None, problems
    lines = sorted(hashlib.sha256(signed_bytes(one.data)).hexdigest() for one in kept)
    settings = {key: value for key, value in intake.settings.items() if key not in ("words", "layout", "questions", "scored")}
    settings |= {"format": "exam", "signatures": "checked" if accepting.room_codes else "unchecked"}
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return replace(intake, settings=settings, digest=digest, written=written), problems


def _cells(
    kept: Sequence[Handed], forms: tuple[Form, ...]
) -> tuple[dict[str, list[str]], tuple[Written, ...], list[Problem]]:
    """Return the columns of a table of answers, what was written at length, and what cannot be read."""
    places = {form.id: dict(zip(answer_names(form), answer_places(form), strict=True)) for form in forms}
    rated = {entry.id for form in places.values() for entry in form.values() if KINDS[entry.kind].rated}
    asked = list(dict.fromkeys(entry.id for form in places.values() for entry in form.values() if entry.id not in rated))
    columns: dict[str, list[str]] = {
        "person": [one.answers.candidate.number for one in kept], "form": [one.answers.paper for one in kept],
        "name": [one.answers.candidate.name for one in kept],
        "minutes": [f"{one.answers.seconds_used / 60:.2f}" for one in kept], **{id: [""] * len(kept) for id in asked},
    }  # fmt: skip
    written: list[Written] = []
    problems: list[Problem] = []
    for row, one in enumerate(kept):
        said = one.answers
        mine = places[said.paper]
        for name, given in said.answers.items():
            entry = mine.get(name)
            if entry is None:
                problems.append(error("Z712", Span(one.name), where=f"answers.{name}"[:100], detail="exam_extra"))
            elif entry.id in rated:
                if text := _joined(given, "\n").strip():
                    written.append(Written(said.candidate.number, said.candidate.name, said.paper, entry.id, name, text))
            elif text := cell_of(entry, given):
                if KINDS[entry.kind].read(text, entry.order, entry.marked) is None:
                    problems.append(warning("Z721", Span(one.name), person=said.candidate.number, place=name, found=text[:60]))
                else:
                    columns[entry.id][row] = text
    return columns, tuple(written), problems


def cell_of(entry: FormItem, given: Given) -> str:
    """Return an answer as it would stand in a file of answers with printed letters, "" for none.

    >>> place = FormItem("M-1", "matching", "f", "BA", 2.0, {"key": "AB"}, "", "")
    >>> cell_of(place, ("B", "")), cell_of(place, ("", "")), cell_of(replace(place, kind="true_false"), "true")
    ('1-B', '', '√')
    """
    if entry.kind == "true_false":
        return {"true": "√", "false": "×"}.get(_joined(given, ""), _joined(given, ""))
    if isinstance(given, str):
        return given.strip()
    if entry.kind == "matching":
        return " ".join(f"{number}-{letter}" for number, letter in enumerate(given, start=1) if letter)
    if entry.kind == "fill":
        blanks = [" ".join(_PARTED.split(part)).strip() for part in given] if len(given) > 1 else [given[0].strip()] if given else []
        return ";".join(blanks) if any(blanks) else ""
    return _joined(given, "").strip()


def _joined(given: Given, between: str) -> str:
    return given if isinstance(given, str) else between.join(given)
