"""The Typst source of a practical task: 考核准备通知单, 考核试卷, 考核评分记录表, and the task inside a paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qbank.core.presentation import Paper, Question, Supply, Task
from qbank.messages import text
from qbank.render.labels import marks_text, record_total, task_heading, task_times
from qbank.render.places import tasks_of
from qbank.render.typst_literals import array, content, item_comment, strings, typst_string
from qbank.render.typst_page import paper_title, preamble, shared_call, titles


def columns(paper: Paper, name: str) -> str:
    """Return the column heads of a table."""
    return strings(text(paper.language, f"paper.{name}").split("|"))


def sheet_lines(paper: Paper, heading: str) -> list[str]:
    """Return the lines that set up a sheet and its head."""
    title = f"{paper_title(paper)} {heading}"
    return [*preamble(paper, title, "task"), item_comment(""), titles(paper, heading, ""), ""]


def task_section(paper: Paper, question: Question, task: Task) -> str:
    """Return the call that sets a task's heading, times and marks."""
    times = strings(task_times(paper, task, question.marks))
    return f"#task-section({typst_string(task_heading(paper, question))}, {times})"


def notice_source(paper: Paper) -> str:
    """Return the source of the notice of preparation: what the site and what the candidate have ready, and times.

    The task itself is not told: the notice goes out before the day.
    """
    lines = sheet_lines(paper, text(paper.language, "paper.task_notice"))
    for question, task in tasks_of(paper):
        lines += [item_comment(question.item), task_section(paper, question, task)]
        for name, supplies in (("task_site", task.site), ("task_candidate", task.candidate)):
            lines.append(f"#task-part({typst_string(text(paper.language, f'paper.{name}'))})")
            none = typst_string(text(paper.language, "paper.task_none"))
            lines.append(f"#supplies({columns(paper, 'task_supplies')}, {supply_rows(supplies)}, {none})")
        lines.append("")
    return "\n".join(lines)


def supply_rows(supplies: Iterable[Supply]) -> str:
    """Return the rows of a table of supplies."""
    return array(
        strings((str(number), one.name, one.spec, one.unit, one.quantity, one.note))
        for number, one in enumerate(supplies, start=1)
    )


def task_source(paper: Paper) -> str:
    """Return the source of the task paper: each task with its demands and its marks, a page each."""
    lines = sheet_lines(paper, text(paper.language, "paper.task_paper"))
    for index, (question, task) in enumerate(tasks_of(paper)):
        lines += ["#pagebreak()"] if index else []
        lines += [shared_call(paper, question.shared) + "]"] if question.shared else []
        lines += [item_comment(question.item), task_section(paper, question, task), *task_body(paper, question, task), ""]
    return "\n".join(lines)


def paper_task_lines(paper: Paper, question: Question) -> Iterator[str]:
    """Yield the calls that set a task among the other questions of a paper."""
    if question.task:
        yield "#whole(long: true)["
        yield task_section(paper, question, question.task)
        yield from task_body(paper, question, question.task)
        yield "]"


def task_body(paper: Paper, question: Question, task: Task) -> Iterator[str]:
    """Yield the calls that set what is to be done, the demands, and the marks of each step."""
    yield f"#block(above: 8pt, below: 8pt){content(question.stem)}"
    if task.requirements:
        yield f"#task-part({typst_string(text(paper.language, 'paper.task_demands'))})"
        yield f"#requirements({array(map(content, task.requirements))})"
    if task.steps:
        rows = array(
            f"({typst_string(str(number))}, {content(step.title)}, {content(step.demand)}, "
            f"{typst_string(marks_text(step.marks))})"
            for number, step in enumerate(task.steps, start=1)
        )
        total = typst_string(text(paper.language, "paper.record_total"))
        yield f"#task-part({typst_string(text(paper.language, 'paper.task_points'))})"
        yield f"#demands({columns(paper, 'task_steps')}, {rows}, {total}, {typst_string(marks_text(question.marks))})"


def record_source(paper: Paper) -> str:
    """Return the source of the marking record: a page a task, for one examiner."""
    lines = sheet_lines(paper, text(paper.language, "paper.task_record"))
    for index, (question, task) in enumerate(tasks_of(paper)):
        lines += ["#pagebreak()"] if index else []
        lines += [f"#record-fields({strings(paper.fields)})"] if paper.fields else []
        lines += [item_comment(question.item), task_section(paper, question, task), *record_lines(paper, question, task), ""]
    return "\n".join(lines)


def record_lines(paper: Paper, question: Question, task: Task) -> Iterator[str]:
    """Yield the calls that set one record: the steps with their deductions, the vetoes, the signature."""
    say = {name: typst_string(text(paper.language, f"paper.record_{name}")) for name in (
        "vetoes", "veto_rule", "veto_found", "rater", "date", "date_form")}  # fmt: skip
    yield f"#record({columns(paper, 'record_steps')}, ("
    for number, step in enumerate(task.steps, start=1):
        taken = array(
            f"({content(one.text)}, {typst_string('−' + marks_text(one.marks))})" for one in step.deductions
        )
        cells = (typst_string(str(number)), content(step.title), content(step.demand),
                 typst_string(marks_text(step.marks)), taken)  # fmt: skip
        yield f"  ({', '.join(cells)}),"
    total = typst_string(record_total(paper, question))
    yield f"), {total}, {typst_string(marks_text(question.marks))})"
    if task.vetoes:
        entries = array(map(content, task.vetoes))
        yield f"#vetoes({say['vetoes']}, {say['veto_rule']}, {entries}, {say['veto_found']})"
    yield f"#signature({say['rater']}, {say['date']}, {say['date_form']})"
