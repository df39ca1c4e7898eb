"""The fixed words of a paper in its own language: section headings, ranges, marks, page lines."""

from __future__ import annotations

from qbank.core.presentation import Paper, PaperSection, Question, SharedText, Task
from qbank.messages import Language, text


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


def shared_label(paper: Paper, shared: SharedText) -> str:
    """Return the line above a stimulus: 根据下列材料，回答第11～14题。"""
    key = "paper.shared_one" if shared.first == shared.last else "paper.shared"
    fields = {"first": shared.first} if shared.first == shared.last else {"first": shared.first, "last": shared.last}
    return text(paper.language, key, **fields)


def same_marks(section: PaperSection) -> float | None:
    """Return the marks that every question of the section has, or None where they differ."""
    found = {question.marks for question in section.questions}
    return found.pop() if len(found) == 1 else None


def section_note(paper: Paper, section: PaperSection) -> str:
    """Return the line under a section's heading: range, instruction as given, marks of each and of all."""
    if not section.questions:
        return section.instruction
    total = marks_text(sum(question.marks for question in section.questions if question.scored))
    each = same_marks(section)
    if each is None:
        marks = text(paper.language, "paper.section_total", n=len(section.questions), total=total)
    else:
        marks = text(paper.language, "paper.section_marks", each=marks_text(each), total=total)
    if n := sum(not question.scored for question in section.questions):
        key = "paper.section_pretest_one" if n == 1 else "paper.section_pretest"
        marks += gap(paper) + text(paper.language, key, **({} if n == 1 else {"n": n}))
    span = question_span(paper, section)
    return text(paper.language, "paper.section_note", span=span, instruction=section.instruction, marks=marks)


def marks_label(paper: Paper, marks: float) -> str:
    """Return the marks of one question as they stand behind it: （2.5分）, (1 mark)."""
    key = "paper.marks_one" if marks == 1 else "paper.marks"
    return text(paper.language, key, marks=marks_text(marks))


def guide_word(paper: Paper, question: Question, *, written: bool) -> str:
    """Return what stands before an answer in the marking guide: 参考答案（5分）."""
    word = text(paper.language, "paper.guide_answer" if written else "paper.guide_key")
    if not question.scored:
        return word + gap(paper) + text(paper.language, "paper.guide_pretest")
    return word + gap(paper) + marks_label(paper, question.marks)


def pretest_line(paper: Paper, section: PaperSection) -> str:
    """Return the line of a key that names the questions which do not count; empty where all do."""
    numbers = [str(question.number) for question in section.questions if not question.scored]
    if not numbers:
        return ""
    key = "paper.pretest_one" if len(numbers) == 1 else "paper.pretest"
    return text(paper.language, key, numbers=text(paper.language, "paper.list_comma").join(numbers))


def record_total(paper: Paper, question: Question) -> str:
    """Return what stands before the sum of a task's marks."""
    word = text(paper.language, "paper.record_total")
    return word if question.scored else word + gap(paper) + text(paper.language, "paper.guide_pretest")


def gap(paper: Paper) -> str:
    """Return what parts words and a bracket behind them."""
    return " " if paper.language == "en" else ""


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


def joined(paper: Paper, heading: str) -> str:
    """Return the title with the word of a part behind it: 理论知识试卷标准答案, Theory test · Answer key."""
    return (" · " if paper.language == "en" else "").join(filter(None, (paper.title, heading)))


def number_label(paper: Paper, number: int | str) -> str:
    """Return a question's number as printed."""
    return text(paper.language, "paper.number", number=number)


def letter_label(paper: Paper, letter: str) -> str:
    """Return an option's letter as printed."""
    return text(paper.language, "paper.letter", letter=letter)


def box_label(paper: Paper, value: str) -> str:
    """Return what stands in a box of an answer sheet: a letter as it is, a judgement as the paper asks for it (√, T)."""
    key = {"√": "paper.sheet_true", "×": "paper.sheet_false"}.get(value)
    return text(paper.language, key) if key else value


def page_words(language: Language) -> tuple[str, str, str]:
    """Return what stands before the page number, between it and the number of pages, and after."""
    before, _, rest = text(language, "paper.page", page="\0", pages="\1").partition("\0")
    between, _, after = rest.partition("\1")
    return before, between, after
