"""A paper, its key or its answer sheet as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qbank.core.presentation import Paper, Question
from qbank.messages import text
from qbank.render.labels import conditions, letter_label, number_label, section_heading, section_note
from qbank.render.readable import readable, width, wrapped
from qbank.render.sheet import bubble_values
from qbank.render.texts import Part, converted, needs_answer_line, needs_bracket

COLUMNS = 78
RULE = "─" * (COLUMNS // 2)
INDENT = 5


def centred(words: str) -> str:
    """Return the words in the middle of the line."""
    return " " * max(0, (COLUMNS - width(words)) // 2) + words


def hanging(label: str, words: str, indent: int) -> Iterator[str]:
    """Yield a label and its text, wrapped under itself."""
    lines = [line for one in words.split("\n") for line in wrapped(one, COLUMNS - indent)]
    first = label + " " * max(0, indent - width(label))
    yield (first + lines[0]).rstrip()
    for line in lines[1:]:
        yield " " * indent + line


def head(paper: Paper, title: str) -> Iterator[str]:
    """Yield the lines above the first section."""
    yield centred(title)
    yield centred(paper.subject)
    yield centred(text(paper.language, "paper.paper_code", code=paper.code) + "   " + conditions(paper))
    yield ""


def option_lines(paper: Paper, options: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield the options in four, two or one column, whichever holds the longest."""
    cells = [f"{letter_label(paper, letter)}{readable(body)}" for letter, body in options]
    room = COLUMNS - INDENT
    widest = max(width(cell) for cell in cells) + 2
    n = next((n for n in (4, 2) if widest <= room // n and not any("\n" in cell for cell in cells)), 1)
    if n == 1:
        for (letter, body), _ in zip(options, cells, strict=True):
            label = " " * INDENT + letter_label(paper, letter)
            yield from hanging(label, readable(body), width(label))
        return
    for start in range(0, len(cells), n):
        row = (cell + " " * (room // n - width(cell)) for cell in cells[start : start + n])
        yield (" " * INDENT + "".join(row)).rstrip()


def question_lines(paper: Paper, question: Question) -> Iterator[str]:
    """Yield the lines of one question."""
    stem = readable(question.stem)
    if needs_bracket(question):
        stem += (" " if paper.language == "en" else "") + text(paper.language, "paper.bracket")
    yield from hanging(number_label(paper, question.number), stem, INDENT)
    if question.options:
        yield from option_lines(paper, question.options)
    if needs_answer_line(question):
        yield " " * INDENT + text(paper.language, "paper.answer_here") + " ____________________"
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


def key_lines(paper: Paper) -> Iterator[str]:
    """Yield the lines of the key: short answers ten to a line, long ones each on its own."""
    yield from head(paper, f"{paper.title} {text(paper.language, 'paper.key')}")
    for index, section in enumerate(paper.sections):
        yield from (section_heading(paper, index), "")
        cells = [f"{question.number}. {readable(question.answer)}" for question in section.questions]
        widest = max((width(cell) for cell in cells), default=1) + 2
        n = next((n for n in (10, 5) if widest * n <= COLUMNS), 1)
        for start in range(0, len(cells), n):
            row = (cell + " " * (COLUMNS // n - width(cell)) for cell in cells[start : start + n])
            yield "".join(row).rstrip()
        yield ""


def sheet_lines(paper: Paper) -> Iterator[str]:
    """Yield the lines of the answer sheet."""
    yield from head(paper, f"{paper.title} {text(paper.language, 'paper.sheet')}")
    yield f"{text(paper.language, 'paper.sheet_code')} {paper.code} · {paper.digest}"
    yield from (f"{name} ______________" for name in paper.fields)
    for index, section in enumerate(paper.sections):
        yield from ("", section_heading(paper, index), "")
        for question in section.questions:
            boxes = " ".join(f"[{value}]" for value in bubble_values(question)) or "____________"
            yield f"{question.number:>4}. {boxes}"
    yield ""


LINES = {"paper": paper_lines, "key": key_lines, "answer-sheet": sheet_lines}


def text_of(paper: Paper, part: Part) -> str:
    """Return one part of the paper as text, lines of at most 78 columns."""
    lines = list(LINES[part](converted(paper, part, "html")))
    return "\n".join(lines).rstrip("\n") + "\n"


def render_txt(paper: Paper, part: Part) -> bytes:
    """Return one part of the paper as UTF-8 text. Raises `UnprintableText` as the PDF does."""
    return text_of(paper, part).encode("utf-8")
