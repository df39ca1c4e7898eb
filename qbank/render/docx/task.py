"""The sheets of a practical task as Word texts: 考核准备通知单, 考核试卷, 评分记录表, and the task inside a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qbank.core.presentation import Question, Supply, Task
from qbank.render.docx.flow import CELL_PADDING, Cell, Flow, Paragraph, Table
from qbank.render.docx.runs import blank, bold, run
from qbank.render.docx.writer import Writer, cell
from qbank.render.labels import marks_text, record_total, task_heading, task_times
from qbank.render.places import tasks_of

LEAST_COLUMN = 560  # twips: two hanzi, or "No.", with the padding of a cell


def shares(width: int, *weights: float) -> tuple[int, ...]:
    """Return column widths that fill a width in proportion, none narrower than a short word wants where there is room.

    >>> shares(9000, 1, 2), shares(2000, 1, 9)
    ((3000, 6000), (560, 1440))
    """
    wanted = [width * weight / sum(weights) for weight in weights]
    least = min(LEAST_COLUMN, width // len(weights))
    lacking = sum(max(0.0, least - one) for one in wanted)
    spare = sum(max(0.0, one - least) for one in wanted)
    return tuple(int(least if one <= least else one - lacking * (one - least) / spare) for one in wanted)


def task_head(writer: Writer, question: Question, task: Task) -> list[Flow]:
    """Return a task's heading, times and marks."""
    times = "\u3000\u3000".join(task_times(writer.paper, task, question.marks))
    return [Paragraph("Heading2", run(task_heading(writer.paper, question))), Paragraph("QSectionNote", run(times))]


def names_of(writer: Writer, table: str) -> tuple[Cell, ...]:
    """Return the column heads of a table of tasks."""
    return writer.head_cells(writer.say(table).split("|"))


def notice_flow(writer: Writer) -> list[Flow]:
    """Return the notice of preparation: what the site and what the candidate have ready, and times; not the task."""
    blocks = writer.titles(writer.say("task_notice"), conditioned=False)
    for question, task in tasks_of(writer.paper):
        blocks += task_head(writer, question, task)
        for name, supplies in (("task_site", task.site), ("task_candidate", task.candidate)):
            blocks.append(Paragraph("Heading3", run(writer.say(name))))
            blocks += supplies_table(writer, writer.say(name), supplies)
    return blocks


def supplies_table(writer: Writer, name: str, supplies: Sequence[Supply]) -> list[Flow]:
    """Return the table of what is to be had ready, or that nothing is."""
    if not supplies:
        return [Paragraph("QStemMore", run(writer.say("task_none")))]
    rows = [names_of(writer, "task_supplies")]
    for number, one in enumerate(supplies, start=1):
        shown = ((str(number), "QCell"), (one.name, "QCellText"), (one.spec, "QCellText"), (one.unit, "QCell"),
                 (one.quantity, "QCell"), (one.note, "QCellText"))  # fmt: skip
        rows.append(tuple(cell(words, style) for words, style in shown))
    return [Table(shares(writer.width, 11, 36, 36, 15, 15, 28), tuple(rows), name)]


def task_paper_flow(writer: Writer) -> list[Flow]:
    """Return the task paper: each task with its demands and its marks, a page each."""
    blocks = writer.titles(writer.say("task_paper"), conditioned=False)
    for index, (question, task) in enumerate(tasks_of(writer.paper)):
        shown = [*(writer.shared(question.shared) if question.shared else []), *task_flow(writer, question, task)]
        blocks += on_new_page(shown) if index else shown
    return blocks


def on_new_page(blocks: Sequence[Flow]) -> list[Flow]:
    """Return the blocks so that they begin a page."""
    first = blocks[0]
    if isinstance(first, Paragraph):
        return [replace(first, page=True), *blocks[1:]]
    return [Paragraph("QGap", "", page=True), *blocks]


def task_flow(writer: Writer, question: Question, task: Task) -> list[Flow]:
    """Return what is to be done, the demands, and the marks of each step."""
    blocks = task_head(writer, question, task)
    blocks += writer.texts.blocks(question.stem, "QStemMore")
    if task.requirements:
        blocks.append(Paragraph("Heading3", run(writer.say("task_demands"))))
        blocks += numbered(writer, task.requirements)
    if task.steps:
        rows = [names_of(writer, "task_steps")]
        for number, step in enumerate(task.steps, start=1):
            rows.append((cell(str(number)), worded(writer, step.title), worded(writer, step.demand), cell(marks_text(step.marks))))
        rows.append((Cell((Paragraph("QCell", run(writer.say("record_total"))),), span=3), cell(marks_text(question.marks))))
        blocks.append(Paragraph("Heading3", run(writer.say("task_points"))))
        blocks.append(Table(shares(writer.width, 11, 45, 90, 20), tuple(rows), writer.say("task_points")))
    return blocks


def worded(writer: Writer, body: str) -> Cell:
    """Return a cell with a converted text."""
    return Cell(tuple(writer.texts.blocks(body, "QCellText")))


def numbered(writer: Writer, entries: Sequence[str]) -> list[Flow]:
    """Return converted texts, numbered from 1 by Word."""
    number = writer.texts.numbering.new("decimal", "%1.")
    return [Paragraph("QStemMore", writer.texts.line(entry), left=420, hanging=420, number=number) for entry in entries]


def record_flow(writer: Writer) -> list[Flow]:
    """Return the marking record: a page a task, for one examiner."""
    blocks = writer.titles(writer.say("task_record"), conditioned=False)
    for index, (question, task) in enumerate(tasks_of(writer.paper)):
        shown = [*writer.fields(), *task_head(writer, question, task), *record_of(writer, question, task)]
        blocks += on_new_page(shown) if index else shown
    return blocks


def record_of(writer: Writer, question: Question, task: Task) -> Iterator[Flow]:
    """Yield one record: the steps with their deductions, the vetoes, the signature."""
    rows = [names_of(writer, "record_steps")]
    columns = shares(writer.width, 11, 28, 36, 14, 50, 13.5, 13.5)
    end = columns[4] - 2 * CELL_PADDING
    for number, step in enumerate(task.steps, start=1):
        taken = tuple(
            Paragraph("QCellText", writer.texts.line(one.text) + run("\t−" + marks_text(one.marks)), right=end)
            for one in step.deductions
        )
        rows.append((cell(str(number)), worded(writer, step.title), worded(writer, step.demand),
                     cell(marks_text(step.marks)), Cell(taken), cell(""), cell("")))  # fmt: skip
    total = Cell((Paragraph("QCell", run(record_total(writer.paper, question))),), span=3)
    rows.append((total, cell(marks_text(question.marks)), cell(""), cell(""), cell("")))
    yield Table(columns, tuple(rows), writer.say("task_record"))
    if task.vetoes:
        title = bold(writer.say("record_vetoes")) + run("\u3000" + writer.say("record_veto_rule"))
        found = Paragraph("QStemMore", run(writer.say("record_veto_found")))
        yield Paragraph("QGap", "", before=160)
        yield writer.frame([Paragraph("QStemMore", title), *numbered(writer, task.vetoes), found], writer.say("record_vetoes"), 0)
    date = writer.say("record_date_form")
    signed = run(writer.say("record_rater") + " ") + blank(20) + run("\u3000\u3000" + writer.say("record_date") + " ")
    yield Paragraph("QFields", signed + (run(date) if date else blank(20)), before=300)

