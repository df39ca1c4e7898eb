"""The fixed words of a paper in its own language: section headings, ranges, marks, page lines."""

from __future__ import annotations

from qbank.core.presentation import Paper, PaperSection
from qbank.messages import text


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


def section_note(paper: Paper, section: PaperSection) -> str:
    """Return the line under a section's heading: range, instruction as given, marks of each and of all."""
    if not section.questions:
        return section.instruction
    total = sum(question.marks for question in section.questions)
    each = marks_text(section.marks_each)
    marks = text(paper.language, "paper.section_marks", each=each, total=marks_text(total))
    span = question_span(paper, section)
    return text(paper.language, "paper.section_note", span=span, instruction=section.instruction, marks=marks)


def conditions(paper: Paper) -> str:
    """Return the line with the time allowed and the full marks."""
    return text(paper.language, "paper.conditions", minutes=paper.minutes, marks=marks_text(paper.marks))


def number_label(paper: Paper, number: int) -> str:
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
