"""The paper as a Word text: its head, its sections with their score boxes, its questions of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from qbank.core.presentation import PaperSection, Question
from qbank.render.docx.flow import TEXT_WIDTH, Cell, Flow, Paragraph, Table, indented, kept, mm
from qbank.render.docx.options import option_paragraphs
from qbank.render.docx.runs import LETTER, blank, bold, run, words_width
from qbank.render.docx.task import task_flow
from qbank.render.docx.writer import Writer, cell
from qbank.render.labels import gap, letter_label, number_label, order_line, ordinal, part_label, section_note
from qbank.render.places import answer_lines, is_matching, needs_answer_line, needs_bracket, needs_order_line

MOST_IN_A_ROW = 16
LINES_KEPT, LINES_CARRIED = 4, 3  # of a long answer: with the question, and at least on the page after
NOTE_OF_ONE_LINE = 230  # twips below it, so that the box beside it ends above the first question
MARK = "\ue000"  # stands where the instruction belongs while the note round it is put together


def paper_flow(writer: Writer) -> list[Flow]:
    """Return the paper: head, then each section's heading and questions."""
    blocks = head(writer)
    for index, section in enumerate(writer.paper.sections):
        blocks += section_head(writer, index, section)
        for question in section.questions:
            blocks += question_flow(writer, question)
    return blocks


def head(writer: Writer) -> list[Flow]:
    """Return the head of the first page: titles, instructions, table of scores."""
    blocks = writer.titles()
    if writer.paper.version:
        words = run(writer.say("version"), '<w:sz w:val="16"/><w:szCs w:val="16"/>')
        blocks.insert(0, Paragraph("QVersion", run(writer.paper.version) + "<w:r><w:br/></w:r>" + words, framed=True))
    if writer.paper.notices:
        notices: list[Flow] = [Paragraph("QNoticesTitle", run(writer.say("notices")))]
        number = writer.texts.numbering.new("decimal", "%1.")
        notices += [Paragraph("QNotice", writer.texts.line(one), left=360, hanging=360, number=number) for one in writer.paper.notices]
        blocks += [writer.frame(notices, writer.say("notices"), 0), Paragraph("QGap", "", before=120)]
    return blocks if writer.plain else [*blocks, score_table(writer), Paragraph("QGap", "")]


def score_table(writer: Writer) -> Table:
    """Return the table of scores: a column a section, in rows of the same length where there are many."""
    names = [ordinal(writer.paper, index) for index in range(len(writer.paper.sections))] + [writer.say("total")]
    n_rows = -(-len(names) // max(1, min(MOST_IN_A_ROW, MOST_IN_A_ROW * writer.width // TEXT_WIDTH)))
    n = -(-len(names) // n_rows)
    names += [""] * (n * n_rows - len(names))
    rows: list[tuple[Cell, ...]] = []
    for start in range(0, len(names), n):
        named = [writer.say("score_number"), *names[start : start + n]]
        rows.append(tuple(Cell((Paragraph("QCell", run(name)),), head=True) for name in named))
        rows += [(cell(writer.say(key)), *(cell("") for _ in range(n))) for key in ("score", "marker")]
    columns = (mm(17), *([min(mm(22), (writer.width - mm(17)) // n)] * n))
    return Table(columns, tuple(rows), writer.say("docx.table_scores"), height=mm(8.5), first_head=True, align="center")


def section_head(writer: Writer, index: int, section: PaperSection) -> list[Flow]:
    """Return a section's heading and note, the box for its score beside them."""
    title = replace(writer.section_title(index), before=100)
    box = Table(
        (mm(14), mm(14)), (writer.head_cells((writer.say("score"), writer.say("marker"))), (cell(""), cell(""))),
        writer.say("docx.table_section", title=section.title), height=mm(8), floating=True, keep=True,
    )  # fmt: skip
    before, mark, after = section_note(writer.paper, replace(section, instruction=MARK)).partition(MARK)
    note = run(before) + (writer.texts.line(section.instruction) if mark else "") + run(after)
    beside = writer.width - mm(28) - 170
    after_note = NOTE_OF_ONE_LINE if not writer.plain and 0.8 * words_width(note) * LETTER < beside else None
    boxed = [] if writer.plain else [box]
    return [Paragraph("QGap", "", keep=True, before=180), *boxed, title, Paragraph("QSectionNote", note, after=after_note)]


def question_flow(writer: Writer, question: Question) -> list[Flow]:
    """Return one question on its page, the first of a run with the stimulus above it."""
    blocks = writer.shared(question.shared) if question.shared else []
    if question.task:
        return [*blocks, *kept(task_flow(writer, question, question.task))]
    if question.parts:
        return [*blocks, *case_flow(writer, question)]
    label = number_label(writer.paper, question.number)
    return [*blocks, *lone_question(writer, question, label, 0, writer.number_width)]


def lone_question(writer: Writer, question: Question, label: str, left: int, hanging: int) -> list[Flow]:
    """Return one question: its stem behind its label, and below it what is chosen from or written on."""
    blocks = stem_blocks(writer, question, label, hanging)
    room = writer.width - left - hanging
    below: list[Flow] = []
    if is_matching(question):
        below.append(matching_table(writer, question, room))
    elif question.options:
        labelled = [(letter_label(writer.paper, letter), body) for letter, body in question.options]
        below += option_paragraphs(writer.texts, labelled, room)
    if needs_order_line(question):
        below.append(Paragraph("QOption", run(order_line(writer.paper, len(question.options)))))
    if needs_answer_line(question):
        below.append(Paragraph("QAnswer", run(writer.say("answer_here") + " ") + blank(40)))
    blocks += indented(below, hanging)
    lines: list[Flow] = [Paragraph("QAnswerLine", run("\t"), left=hanging, ruled=writer.width) for _ in range(answer_lines(question))]
    return indented(with_lines(blocks, lines), left)


def with_lines(blocks: list[Flow], lines: list[Flow]) -> list[Flow]:
    """Return a question with its lines: four stay with it, the last three together, the others may go over the page."""
    if len(lines) < LINES_KEPT + LINES_CARRIED:
        return kept([*blocks, *lines])
    first, rest, last = lines[:LINES_KEPT], lines[LINES_KEPT:-LINES_CARRIED], lines[-LINES_CARRIED:]
    return [*kept([*blocks, *first]), *rest, *kept(last)]


def stem_blocks(writer: Writer, question: Question, label: str, hanging: int) -> list[Flow]:
    """Return the stem, its label hanging before the first line, an answer bracket at the right end of the last."""
    blocks = writer.texts.blocks(question.stem, "QStemMore", writer.width - hanging)
    labelled = run(f"{label}\t")
    if blocks and isinstance(first := blocks[0], Paragraph) and first.style == "QStemMore" and not first.hanging:
        blocks = [
            replace(first, style="QStem", body=labelled + first.body, left=hanging, hanging=hanging),
            *indented(blocks[1:], hanging),
        ]
    else:
        blocks = [Paragraph("QStem", labelled, left=hanging, hanging=hanging), *indented(blocks, hanging)]
    if needs_bracket(question):
        place = max(place for place, block in enumerate(blocks) if isinstance(block, Paragraph) and block.style != "QGap")
        last = blocks[place]
        if isinstance(last, Paragraph):
            blocks[place] = replace(last, body=last.body + run("\t" + writer.say("bracket")), right=writer.width)
    return blocks


def matching_table(writer: Writer, question: Question, room: int) -> Table:
    """Return prompts with their brackets on the left, what they are matched with on the right."""
    paper, texts = writer.paper, writer.texts
    prompts = [
        Paragraph("QPrompt", run(f"{writer.say('narrow_bracket')}{number_label(paper, number)}{gap(paper)}") + texts.line(body), left=1100, hanging=1100)
        for number, body in question.prompts
    ]  # fmt: skip
    options = [
        Paragraph("QOption", run(letter_label(paper, letter)) + texts.line(body), left=380, hanging=380)
        for letter, body in question.options
    ]
    wants = [max(words_width(one.body) for one in column) for column in (prompts, options)] if options else [1, 1]
    first = round(room * min(0.7, max(0.3, wants[0] / sum(wants))))
    row = (Cell(tuple(prompts), top=True), Cell(tuple(options), top=True))
    return Table((first, room - first), (row,), writer.say("docx.table_matching"), ruled=False, n_heads=0, padding=0)


def case_flow(writer: Writer, question: Question) -> Iterator[Flow]:
    """Yield a case: its framed text with the number, kept with its first part, then the others."""
    hanging = writer.number_width
    part_width = 560 if writer.paper.language == "zh" else 420
    blocks = writer.texts.blocks(question.stem, "QMaterial", writer.width - mm(6))
    label = bold(number_label(writer.paper, question.number) + " ")
    if blocks and isinstance(first := blocks[0], Paragraph) and first.style == "QMaterial" and not first.hanging:
        blocks[0] = replace(first, body=label + first.body)
    else:
        blocks.insert(0, Paragraph("QMaterial", label))
    yield Paragraph("QGap", "", keep=True, before=110)
    yield replace(writer.frame(blocks, writer.say("docx.table_material"), len(question.stem)), keep=bool(question.parts))
    for part in question.parts:
        yield from lone_question(writer, part, part_label(writer.paper, part.number), hanging, part_width)
