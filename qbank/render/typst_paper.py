"""The Typst source of a paper: its head, its sections, its questions of every kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qbank.core.presentation import Paper, Question
from qbank.messages import text
from qbank.render.labels import (
    conditions,
    letter_label,
    number_label,
    order_line,
    ordinal,
    part_label,
    section_heading,
    section_note,
)
from qbank.render.places import answer_lines, is_matching, needs_answer_line, needs_bracket, needs_order_line
from qbank.render.typst_literals import array, content, item_comment, strings, typst_string
from qbank.render.typst_page import paper_title, preamble, shared_call
from qbank.render.typst_task import paper_task_lines

LONG_QUESTION = 1_500


def paper_source(paper: Paper, *, title: str = "", own: Sequence[str] = ()) -> str:
    """Return the source of the paper itself, its texts already converted.

    title : of the document, that of the paper where none is said ; own : lines that put what is a candidate's own on it
    """
    lines = [*preamble(paper, title or paper_title(paper)), *own, *head_lines(paper)]
    if any(question.task for section in paper.sections for question in section.questions):
        lines.insert(1, '#import "task.typ": *')
    widest = max((question.number for section in paper.sections for question in section.questions), default=1)
    number_width = f"{0.55 * len(str(widest)) + (0.9 if paper.language == 'zh' else 0.6):.2f}em"
    for index, section in enumerate(paper.sections):
        note = section_note(paper, section)
        heading = typst_string(section_heading(paper, index))
        lines += [item_comment(""), f"#section({heading}, labels, {content(note)})", ""]
        for question in section.questions:
            lines += question_lines(paper, question, number_width)
    return "\n".join(lines)


def head_lines(paper: Paper) -> list[str]:
    """Return the call that sets the head of the first page."""
    ordinals = [ordinal(paper, index) for index in range(len(paper.sections))]
    arguments = {
        "title": typst_string(paper.title or paper.code),  # PDF/UA demands a heading of level 1
        "subject": typst_string(paper.subject),
        "code-line": typst_string(text(paper.language, "paper.paper_code", code=paper.code)),
        "condition-line": typst_string(conditions(paper)),
        "fields": strings(paper.fields),
        "notices": array(content(notice) for notice in paper.notices),
        "ordinals": strings(ordinals),
        "labels": "labels",
    }
    if paper.version:
        arguments["version"] = strings((paper.version, text(paper.language, "paper.version")))
    return ["#head(", *(f"  {name}: {value}," for name, value in arguments.items()), ")", ""]


def question_lines(paper: Paper, question: Question, number_width: str) -> Iterator[str]:
    """Yield the calls that set one question, the first of a run with the stimulus above it."""
    if question.shared:
        yield shared_call(paper, question.shared)
        yield from lone_question_lines(paper, question, number_width)
        yield "]"
    else:
        yield from lone_question_lines(paper, question, number_width)
    yield ""


def lone_question_lines(paper: Paper, question: Question, number_width: str) -> Iterator[str]:
    """Yield the calls that set one question: a case with its parts, a task, or a question alone."""
    yield item_comment(question.item)
    if question.task:
        yield from paper_task_lines(paper, question)
    elif question.parts:
        yield from case_lines(paper, question, number_width)
    else:
        yield question_call(paper, question, number_label(paper, question.number), number_width)


def question_call(paper: Paper, question: Question, label: str, number_width: str) -> str:
    """Return the call that sets one question."""
    arguments = [typst_string(label), f"number-width: {number_width}"]
    if question.options:
        labelled = ((letter_label(paper, letter), body) for letter, body in question.options)
        pairs = [f"({typst_string(letter)}, {content(body)})" for letter, body in labelled]
        arguments.append(f"options: {array(pairs)}")
    if is_matching(question):
        prompts = [f"({typst_string(number_label(paper, number))}, {content(body)})" for number, body in question.prompts]
        bracket = typst_string(text(paper.language, "paper.narrow_bracket"))
        arguments += [f"prompts: {array(prompts)}", f"prompt-bracket: {bracket}"]
    if needs_bracket(question):
        arguments.append(f"bracket: {typst_string(text(paper.language, 'paper.bracket'))}")
    if needs_answer_line(question):
        arguments.append(f"answer: {typst_string(text(paper.language, 'paper.answer_here'))}")
    if needs_order_line(question):
        arguments.append(f"order: {typst_string(order_line(paper, len(question.options)))}")
    if is_long(question):
        arguments.append("long: true")
    if n_lines := answer_lines(question):
        arguments.append(f"lines: {n_lines}")
    return f"#question({', '.join(arguments)}){content(question.stem)}"


def case_lines(paper: Paper, question: Question, number_width: str) -> Iterator[str]:
    """Yield the call that sets a case: its stimulus and its numbered parts."""
    part_width = "2.6em" if paper.language == "zh" else "1.9em"
    yield f"#case({typst_string(number_label(paper, question.number))}, ("
    for part in question.parts:
        yield item_comment(part.item)
        yield f"  [{question_call(paper, part, part_label(paper, part.number), part_width)}],"
    arguments = [f"number-width: {number_width}"]
    if len(question.stem) > LONG_QUESTION:
        arguments.append("long: true")
    yield item_comment(question.item)
    yield f"), {', '.join(arguments)}){content(question.stem)}"


def is_long(question: Question) -> bool:
    """Return whether the question might be longer than a page, so that its height must be measured."""
    texts = [question.stem, *(body for _, body in question.options + question.prompts)]
    return sum(map(len, texts)) > LONG_QUESTION or "\n" in question.stem or answer_lines(question) > 0
