"""A part of a paper as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from qbank.core.presentation import Paper, PaperSection, Part, Question
from qbank.messages import text
from qbank.render.labels import (
    box_label,
    letter_label,
    number_label,
    order_line,
    part_label,
    section_heading,
    section_note,
)
from qbank.render.places import (
    answer_lines,
    answer_places,
    answer_rows,
    circled,
    is_matching,
    n_blanks,
    needs_answer_line,
    needs_bracket,
    needs_order_line,
)
from qbank.render.readable import readable, width, wrapped
from qbank.render.texts import converted
from qbank.render.txt_key import guide_lines, key_lines, map_lines
from qbank.render.txt_lines import COLUMNS, INDENT, hanging, head, shared_lines
from qbank.render.txt_task import notice_lines, record_lines, task_lines, task_paper_lines

RULE = "─" * (COLUMNS // 2)
LINE = "_" * 60


def option_lines(paper: Paper, options: Sequence[tuple[str, str]], indent: int) -> Iterator[str]:
    """Yield the options in four, two or one column, whichever holds the longest."""
    cells = [f"{letter_label(paper, letter)}{readable(body)}" for letter, body in options]
    room = COLUMNS - indent
    widest = max(width(cell) for cell in cells) + 2
    n = next((n for n in (4, 2) if widest <= room // n and not any("\n" in cell for cell in cells)), 1)
    if n == 1:
        for (letter, body), _ in zip(options, cells, strict=True):
            label = " " * indent + letter_label(paper, letter)
            yield from hanging(label, readable(body), width(label))
        return
    for start in range(0, len(cells), n):
        row = (cell + " " * (room // n - width(cell)) for cell in cells[start : start + n])
        yield (" " * indent + "".join(row)).rstrip()


def prompt_lines(paper: Paper, question: Question, indent: int) -> Iterator[str]:
    """Yield the prompts of a matching question with their brackets."""
    bracket = text(paper.language, "paper.narrow_bracket")
    for number, body in question.prompts:
        label = f"{' ' * indent}{bracket} {number_label(paper, number)}"
        yield from hanging(label, readable(body), width(label) + 1)


def body_lines(paper: Paper, question: Question, label: str, indent: int, inner: int) -> Iterator[str]:
    """Yield the lines of one question whose label stands at ``indent`` and whose text at ``inner``."""
    stem = readable(question.stem)
    if needs_bracket(question):
        stem += (" " if paper.language == "en" else "") + text(paper.language, "paper.bracket")
    yield from hanging(" " * indent + label, stem, inner)
    if is_matching(question):
        yield from prompt_lines(paper, question, inner)
    if question.options:
        yield from option_lines(paper, question.options, inner)
    if needs_order_line(question):
        yield " " * inner + order_line(paper, len(question.options))
    if needs_answer_line(question):
        yield " " * inner + text(paper.language, "paper.answer_here") + " ____________________"
    yield from (" " * inner + LINE for _ in range(answer_lines(question)))


def question_lines(paper: Paper, question: Question) -> Iterator[str]:
    """Yield the lines of one question, of a case with all its parts, of a task; above it what it shares with others."""
    if question.shared:
        yield from shared_lines(paper, question.shared)
    if question.task:
        yield from task_lines(paper, question, question.task)
        return
    yield from body_lines(paper, question, number_label(paper, question.number), 0, INDENT)
    for part in question.parts:
        label = part_label(paper, part.number)
        yield from body_lines(paper, part, label, INDENT, INDENT + width(label) + 1)
    yield ""


def paper_lines(paper: Paper) -> Iterator[str]:
    """Yield the lines of the paper."""
    yield from head(paper, paper.title)
    yield "  ".join(f"{name} ______________" for name in paper.fields)
    yield ""
    if paper.notices:
        yield text(paper.language, "paper.notices")
    for number, notice in enumerate(paper.notices, start=1):
        yield from hanging(f"{number}.", readable(notice), 3)
    for index, section in enumerate(paper.sections):
        yield from ("", RULE, section_heading(paper, index))
        yield from wrapped(readable(section_note(paper, section)), COLUMNS)
        yield ""
        for question in section.questions:
            yield from question_lines(paper, question)


def sheet_lines(paper: Paper) -> Iterator[str]:
    """Yield the lines of the answer sheet."""
    yield from head(paper, paper.title, "sheet")
    yield f"{text(paper.language, 'paper.sheet_code')} {paper.code} · {paper.digest}"
    yield from (f"{name} ______________" for name in paper.fields)
    for index, section in enumerate(paper.sections):
        if section.questions:
            yield from ("", section_heading(paper, index), "")
            yield from section_places(paper, section)
    yield ""


def section_places(paper: Paper, section: PaperSection) -> Iterator[str]:
    """Yield a line for each row of boxes, for each blank, and for each line of a written answer."""
    for place in answer_places(section):
        label = f"{place.label if place.part else place.label + '.':>5} "
        written = [
            f"{circled(blank) if n_blanks(place.question) > 1 else ''}____________"
            for blank in range(1, n_blanks(place.question) + 1)
        ]
        rows = [
            " ".join([*([f"{name:>2}"] if name else []), *(f"[{box_label(paper, value)}]" for value in values)])
            for name, values in answer_rows(place.question)
        ] or [LINE] * answer_lines(place.question) or ["  ".join(written)]
        for index, row in enumerate(rows):
            yield (label if index == 0 else " " * 6) + row


LINES: Mapping[Part, Callable[[Paper], Iterator[str]]] = {
    "paper": paper_lines,
    "key": key_lines,
    "answer-sheet": sheet_lines,
    "marking-guide": guide_lines,
    "version-map": map_lines,
    "task-notice": notice_lines,
    "task-paper": task_paper_lines,
    "task-record": record_lines,
}


def text_of(paper: Paper, part: Part) -> str:
    """Return one part of the paper as text, lines of at most 78 columns; pictures are told in words."""
    lines = list(LINES[part](converted(paper, part, "html", drawn=False)))
    return "\n".join(lines).rstrip("\n") + "\n"


def render_txt(paper: Paper, part: Part) -> bytes:
    """Return one part of the paper as UTF-8 text. Raises `UnprintableText` as the PDF does."""
    return text_of(paper, part).encode("utf-8")
