"""The fixed words of a paper in its own language: section headings, ranges, marks, page lines."""

from __future__ import annotations

import re
from dataclasses import replace

from qbank.core.presentation import Paper, PaperSection, Question, Task
from qbank.messages import text

PICTURE_LINE = re.compile(r"\s*!\[.*\]\([^)]*\)\s*$")
TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$|\s*\|\s*:?-+:?\s*\|\s*$")


def marks_text(marks: float) -> str:
    """Return marks as printed: no decimals where there are none.

    >>> marks_text(80.0), marks_text(0.5)
    ('80', '0.5')
    """
    return f"{marks:.10g}"


def ordinal(paper: Paper, index: int) -> str:
    """Return the printed number of a section, counted from 0: 一, 二 … or 1, 2 …"""
    ordinals = text(paper.language, "paper.ordinals").split()
    return ordinals[index] if index < len(ordinals) else str(index + 1)


def section_heading(paper: Paper, index: int) -> str:
    """Return the heading of a section: 一、单项选择题."""
    title = paper.sections[index].title
    return text(paper.language, "paper.section", ordinal=ordinal(paper, index), title=title)


def question_span(paper: Paper, section: PaperSection) -> str:
    """Return which questions the section holds: 第1题～第80题; empty for a section without questions."""
    if not section.questions:
        return ""
    first, last = section.questions[0].number, section.questions[-1].number
    key = "paper.span_one" if first == last else "paper.span"
    fields = {"first": first} if first == last else {"first": first, "last": last}
    return text(paper.language, key, **fields)


def same_marks(section: PaperSection) -> float | None:
    """Return the marks that every question of the section has, or None where they differ."""
    found = {question.marks for question in section.questions}
    return found.pop() if len(found) == 1 else None


def section_note(paper: Paper, section: PaperSection) -> str:
    """Return the line under a section's heading: range, instruction as given, marks of each and of all."""
    if not section.questions:
        return section.instruction
    total = marks_text(sum(question.marks for question in section.questions))
    each = same_marks(section)
    if each is None:
        marks = text(paper.language, "paper.section_total", n=len(section.questions), total=total)
    else:
        marks = text(paper.language, "paper.section_marks", each=marks_text(each), total=total)
    span = question_span(paper, section)
    return text(paper.language, "paper.section_note", span=span, instruction=section.instruction, marks=marks)


def marks_label(paper: Paper, marks: float) -> str:
    """Return the marks of one question as they stand behind it: （2.5分）, (1 mark)."""
    key = "paper.marks_one" if marks == 1 else "paper.marks"
    return text(paper.language, key, marks=marks_text(marks))


def with_marks(paper: Paper) -> Paper:
    """Return the paper with the marks behind each stem where they differ in a section, and behind each part of a case.

    They are put into the text itself, for a stem may end with a table or a picture.
    """
    sections = []
    for section in paper.sections:
        differ = same_marks(section) is None
        questions = (
            replace(
                question,
                stem=stem_with_marks(paper, question) if differ and not question.task else question.stem,
                parts=tuple(replace(part, stem=stem_with_marks(paper, part)) for part in question.parts),
            )
            for question in section.questions
        )
        sections.append(replace(section, questions=tuple(questions)))
    return replace(paper, sections=tuple(sections))


def stem_with_marks(paper: Paper, question: Question) -> str:
    """Return a stem with its marks behind its last line of words: not in a table, not under a picture."""
    label = marks_label(paper, question.marks)
    blocks = re.split(r"(\n[ \t]*\n)", question.stem.rstrip())
    for index in range(len(blocks) - 1, -1, -1):
        lines = blocks[index].split("\n")
        while lines and (not lines[-1].strip() or PICTURE_LINE.match(lines[-1])):
            lines.pop()
        if lines and not any(TABLE_RULE.match(line) for line in lines):
            gap = " " if paper.language == "en" else ""
            rest = blocks[index].split("\n")[len(lines) :]
            blocks[index] = "\n".join([*lines[:-1], lines[-1].rstrip() + gap + label, *rest])
            return "".join(blocks)
    return f"{question.stem.rstrip()}\n\n{label}"


def part_label(paper: Paper, number: int) -> str:
    """Return the printed number of a part of a case: （1）."""
    return text(paper.language, "paper.part", number=number)


def task_heading(paper: Paper, question: Question) -> str:
    """Return the heading of a practical task: 试题1."""
    return text(paper.language, "paper.task", number=question.number)


def task_times(paper: Paper, task: Task, marks: float) -> tuple[str, ...]:
    """Return the line of a task: time to prepare, time allowed, marks."""
    shown = []
    if task.preparation_minutes:
        shown.append(text(paper.language, "paper.task_preparation", minutes=task.preparation_minutes))
    shown.append(text(paper.language, "paper.task_minutes", minutes=task.minutes))
    return (*shown, text(paper.language, "paper.task_marks", marks=marks_text(marks)))


def order_line(paper: Paper, n: int) -> str:
    """Return the brackets in which an order is written, one for each of n steps."""
    return " → ".join([text(paper.language, "paper.narrow_bracket")] * n)


def conditions(paper: Paper) -> str:
    """Return the line with the time allowed and the full marks."""
    return text(paper.language, "paper.conditions", minutes=paper.minutes, marks=marks_text(paper.marks))


def number_label(paper: Paper, number: int | str) -> str:
    """Return a question's number as printed."""
    return text(paper.language, "paper.number", number=number)


def letter_label(paper: Paper, letter: str) -> str:
    """Return an option's letter as printed."""
    return text(paper.language, "paper.letter", letter=letter)


def page_words(paper: Paper) -> tuple[str, str, str]:
    """Return what stands before the page number, between it and the number of pages, and after."""
    before, _, rest = text(paper.language, "paper.page", page="\0", pages="\1").partition("\0")
    between, _, after = rest.partition("\1")
    return before, between, after
