"""The sheets of a practical task as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from qbank.core.presentation import Paper, Question, Task
from qbank.messages import text
from qbank.render.labels import marks_text, record_total, task_heading, task_times
from qbank.render.places import tasks_of
from qbank.render.readable import readable, wrapped
from qbank.render.txt_lines import COLUMNS, hanging, head, shared_lines, table_lines

SUPPLY_WIDTHS = (4, 18, 18, 8, 8, 12)
STEP_WIDTHS = (4, 18, 42, 8)
RECORD_WIDTHS = (4, 12, 12, 5, 19, 7, 7)


def columns(paper: Paper, name: str) -> list[str]:
    """Return the column heads of a table."""
    return text(paper.language, f"paper.{name}").split("|")


def task_head(paper: Paper, question: Question, task: Task) -> Iterator[str]:
    """Yield a task's heading, times and marks."""
    yield task_heading(paper, question)
    yield "   ".join(task_times(paper, task, question.marks))
    yield ""


def notice_lines(paper: Paper) -> Iterator[str]:
    """Yield the lines of the notice of preparation."""
    yield from head(paper, paper.title, "task_notice")
    for question, task in tasks_of(paper):
        yield from task_head(paper, question, task)
        for name, supplies in (("task_site", task.site), ("task_candidate", task.candidate)):
            yield text(paper.language, f"paper.{name}")
            if not supplies:
                yield text(paper.language, "paper.task_none")
            rows = [
                (str(number), one.name, one.spec, one.unit, one.quantity, one.note)
                for number, one in enumerate(supplies, start=1)
            ]
            yield from table_lines(columns(paper, "task_supplies"), rows, SUPPLY_WIDTHS) if rows else ()
            yield ""


def task_lines(paper: Paper, question: Question, task: Task) -> Iterator[str]:
    """Yield what is to be done, the demands, and the marks of each step."""
    yield from task_head(paper, question, task)
    for line in readable(question.stem).split("\n"):
        yield from wrapped(line, COLUMNS)
    yield ""
    if task.requirements:
        yield text(paper.language, "paper.task_demands")
        for number, words in enumerate(task.requirements, start=1):
            yield from hanging(f"{number}.", readable(words), 3)
        yield ""
    if task.steps:
        rows = [
            (str(number), readable(step.title), readable(step.demand), marks_text(step.marks))
            for number, step in enumerate(task.steps, start=1)
        ]
        rows.append(("", text(paper.language, "paper.record_total"), "", marks_text(question.marks)))
        yield text(paper.language, "paper.task_points")
        yield from table_lines(columns(paper, "task_steps"), rows, STEP_WIDTHS)
    yield ""


def task_paper_lines(paper: Paper) -> Iterator[str]:
    """Yield the lines of the task paper."""
    yield from head(paper, paper.title, "task_paper")
    for question, task in tasks_of(paper):
        if question.shared:
            yield from shared_lines(paper, question.shared)
        yield from task_lines(paper, question, task)


def record_lines(paper: Paper) -> Iterator[str]:
    """Yield the lines of the marking record, for one examiner."""
    language = paper.language
    yield from head(paper, paper.title, "task_record")
    for question, task in tasks_of(paper):
        yield "  ".join(f"{name} ______________" for name in paper.fields)
        yield ""
        yield from task_head(paper, question, task)
        rows = []
        for number, step in enumerate(task.steps, start=1):
            taken = "\n".join(f"{readable(one.text)} −{marks_text(one.marks)}" for one in step.deductions)
            rows.append(
                (str(number), readable(step.title), readable(step.demand), marks_text(step.marks), taken, "", "")
            )
        rows.append(("", record_total(paper, question), "", marks_text(question.marks), "", "", ""))
        yield from table_lines(columns(paper, "record_steps"), rows, RECORD_WIDTHS)
        yield ""
        if task.vetoes:
            yield f"{text(language, 'paper.record_vetoes')}  {text(language, 'paper.record_veto_rule')}"
            for number, words in enumerate(task.vetoes, start=1):
                yield from hanging(f"{number}.", readable(words), 3)
            yield from ("", text(language, "paper.record_veto_found"), "")
        date = text(language, "paper.record_date_form") or " ______________"
        yield f"{text(language, 'paper.record_rater')} ______________  {text(language, 'paper.record_date')}{date}"
        yield ""
