"""A paper for computer exam rooms as JSON, and its key apart: records of `qbank.files.exam_formats`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from json.encoder import encode_basestring
from typing import Any

from qbank.core.authored import Authored
from qbank.core.exam import candidate_paper, exam_digest, shown_digest
from qbank.core.form import Form, answer_names, answer_places, form_digest, full_marks
from qbank.core.presentation import Paper, Question
from qbank.files.exam_formats import KEY_FORMAT, PAPER_FORMAT, ExamAnswers, ExamKey, ExamPaper
from qbank.files.json_schema import Schema, document, model_schemas
from qbank.kinds.presentation import on_screen
from qbank.messages import Language

SCHEMAS: dict[str, type[Authored]] = {"exam-paper": ExamPaper, "exam-key": ExamKey, "exam-answers": ExamAnswers}
"""The user's word → the record whose schema is printed."""


def exam_schema(part: str, language: Language) -> Schema:
    """Return the JSON Schema (draft-07) of one of the records, with what each key means."""
    schemas, definitions = model_schemas(SCHEMAS.values(), language)
    return document(schemas[SCHEMAS[part]], definitions, part)


def paper_record(form: Form, paper: Paper, minutes: int) -> bytes:
    """Return a paper without its key as JSON, the same bytes each time; raises `UnprintableText`."""
    from qbank.render.exam import ScreenPlace, screen_places
    from qbank.render.texts import converted

    on_page = on_screen(paper, form)
    # of the converted paper, which has its keys still, only texts are taken
    html, bare = converted(on_page, "paper", "html"), candidate_paper(on_page)
    places = {(place.section, place.number, place.part): place for place in screen_places(bare)}
    stimuli: list[dict[str, Any]] = []

    def question(place: ScreenPlace, one: Question, shown: Question, stimulus: int) -> dict[str, Any]:
        options = zip(one.options, shown.options, strict=True)
        prompts = zip(one.prompts, shown.prompts, strict=True)
        return {
            "name": place.name, "number": place.number, "part": place.part, "kind": one.kind, "way": place.way,
            "marks": one.marks, "scored": one.scored, "stem": _text(one.stem, shown.stem),
            "options": [{"name": letter, "text": _text(text, drawn)} for (letter, text), (_, drawn) in options],
            "prompts": [{"name": number, "text": _text(text, drawn)} for (number, text), (_, drawn) in prompts],
            "rows": place.rows, "stimulus": stimulus,
        }  # fmt: skip

    sections = []
    for index, (section, drawn) in enumerate(zip(bare.sections, html.sections, strict=True)):
        questions: list[dict[str, Any]] = []
        until, current = 0, -1
        for one, shown in zip(section.questions, drawn.questions, strict=True):
            if one.shared and shown.shared:
                stimuli.append({"title": one.shared.title, "text": _text(one.shared.text, shown.shared.text)})
                until, current = one.shared.last, len(stimuli) - 1
            here = current if one.number <= until else -1
            if one.parts:
                stimuli.append({"title": "", "text": _text(one.stem, shown.stem)})
                here = len(stimuli) - 1
            for part, told in zip(one.parts or (one,), shown.parts or (shown,), strict=True):
                place = places[index, one.number, part.number if one.parts else 0]
                questions.append(question(place, part, told, here))
        sections.append(
            {
                "title": section.title, "instruction": _text(section.instruction, drawn.instruction),
                "marks_each": section.marks_each, "questions": questions,
            }
        )  # fmt: skip
    return _json(
        {
            "format": PAPER_FORMAT, "version": 1, "paper": paper.code, "title": paper.title, "subject": paper.subject,
            "language": paper.language, "digest": exam_digest(form), "shown": shown_digest(paper), "minutes": minutes,
            "marks": paper.marks, "notices": [_text(*pair) for pair in zip(bare.notices, html.notices, strict=True)],
            "stimuli": stimuli, "sections": sections,
        }
    )  # fmt: skip


def key_record(form: Form, paper: Paper) -> bytes:
    """Return the key of a paper as JSON, for whoever marks and nobody else."""
    leaves = list(_leaves(paper))
    keys = [
        {
            "name": name, "item": place.id, "kind": place.kind, "marks": full_marks(place), "scored": place.scored,
            "answer": one.answer, "order": place.order, "rule": _plain(place.marked),
            "guide": [{"text": point.text, "marks": point.marks} for point in one.guide],
        }
        for name, place, one in zip(answer_names(form), answer_places(form), leaves, strict=True)
    ]  # fmt: skip
    return _json(
        {
            "format": KEY_FORMAT, "version": 1, "paper": form.id, "digest": exam_digest(form), "form_digest": form_digest(form),
            "marks": form.marks, "cut": form.cut, "keys": keys,
        }
    )  # fmt: skip


def _leaves(paper: Paper) -> Iterator[Question]:
    for section in paper.sections:
        for question in section.questions:
            yield from question.parts or (question,)


def _text(markdown: str, html: str) -> dict[str, str]:
    return {"markdown": markdown, "html": html}


def _plain(value: Any) -> Any:
    """Return what decides the marks as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _json(record: Mapping[str, Any]) -> bytes:
    return f"{indented(record)}\n".encode()


def indented(value: Any, start: str = "\n") -> str:
    """Return plain data as ``json.dumps(value, ensure_ascii=False, indent=1)`` does, in a quarter of the time.

    start : the line break and the blanks before the line on which the value begins

    >>> indented({"marks": 1.5, "keys": []})
    '{\\n "marks": 1.5,\\n "keys": []\\n}'
    """
    if isinstance(value, str):
        return encode_basestring(value)
    inside = start + " "
    if isinstance(value, dict) and value:
        entries = [f"{encode_basestring(key)}: {indented(entry, inside)}" for key, entry in value.items()]
        return f"{{{inside}{f',{inside}'.join(entries)}{start}}}"
    if isinstance(value, (list, tuple)) and value:
        return f"[{inside}{f',{inside}'.join([indented(entry, inside) for entry in value])}{start}]"
    plain = type(value) is int or (type(value) is float and math.isfinite(value))
    return repr(value) if plain else json.dumps(value)
