"""The key, the marking guide and the map of versions as Word texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qbank.core.presentation import PaperSection
from qbank.render.docx.flow import Cell, Flow, Paragraph, Table, indented, kept, mm
from qbank.render.docx.runs import Texts, bold, run, words_width
from qbank.render.docx.writer import LONG_TEXT, Writer, cell
from qbank.render.labels import guide_word, marks_text, pretest_line
from qbank.render.places import AnswerPlace, answer_places, is_written
from qbank.render.texts import is_guided
from qbank.render.version_map import Row, map_columns, map_legend, map_tables

SHORT_ANSWER, MEDIUM_ANSWER = 3, 12
LABEL_WIDTH = 700
MOST_TOGETHER = 10  # points of a guide that stay on one page


def key_flow(writer: Writer) -> list[Flow]:
    """Return the key: a heading a section, its answers ten or five to a row, or each on its line."""
    blocks = writer.titles(writer.say("key"))
    for index, section in writer.answered():
        blocks += [writer.section_title(index), *section_key(writer, section), *pretest(writer, section)]
    return blocks


def pretest(writer: Writer, section: PaperSection) -> list[Flow]:
    """Return the line that names the questions which do not count, where there are any."""
    words = pretest_line(writer.paper, section)
    return [Paragraph("QAnswer", run(words))] if words else []


def label_of(place: AnswerPlace) -> str:
    """Return a question's number as a list of answers has it."""
    return place.label if place.part else f"{place.label}."


def section_key(writer: Writer, section: PaperSection) -> Iterator[Flow]:
    """Yield the answers of a section."""
    places = answer_places(section)
    bodies = [writer.texts.line(place.question.answer) for place in places]
    widest = max(map(words_width, bodies), default=0)
    n = 10 if widest <= SHORT_ANSWER else 5 if widest <= MEDIUM_ANSWER else 0
    if n == 0:
        for place in places:
            yield from answer_lines_of(writer.texts, label_of(place), place.question.answer)
        return
    name = writer.say("docx.table_key", title=section.title)
    answers = [Cell((Paragraph("QCell", body),)) for body in bodies]
    yield from rows_of_answers(writer, places, answers, n, name)


def rows_of_answers(
    writer: Writer, places: Sequence[AnswerPlace], answers: Sequence[Cell], n: int, name: str, *, word: str = "key_answer", height: int = 0
) -> Iterator[Flow]:
    """Yield a table for each n answers: numbers above, answers below."""
    columns = (mm(15), *([(writer.width - mm(15)) // n] * n))
    for start in range(0, len(places), n):
        labels = [place.label for place in places[start : start + n]]
        row = answers[start : start + n]
        missing = n - len(row)
        first = writer.head_cells([writer.say("key_number"), *labels, *[""] * missing])
        second = (Cell((Paragraph("QCellSmall", run(writer.say(word))),), head=True), *row, *([cell("")] * missing))
        yield Table(columns, (first, second), name, height=height, first_head=True)


def answer_lines_of(texts: Texts, label: str, answer: str, word: str = "") -> list[Flow]:
    """Return one answer behind its number, the lines of a long one below each other; ``word`` stands before it."""
    blocks = texts.blocks(answer, "QAnswer", texts.room - LABEL_WIDTH)
    first = run(f"{label}\t") + (bold(word) + run(" ") if word else "")
    if blocks and isinstance(head := blocks[0], Paragraph) and not head.hanging:
        head = replace(head, body=first + head.body, left=LABEL_WIDTH, hanging=LABEL_WIDTH)
        return [head, *indented(blocks[1:], LABEL_WIDTH)]
    return [Paragraph("QAnswer", first, left=LABEL_WIDTH, hanging=LABEL_WIDTH), *indented(blocks, LABEL_WIDTH)]


def guide_flow(writer: Writer) -> list[Flow]:
    """Return the marking guide: keys of what is chosen, answers and points of what is marked by people."""
    blocks = writer.titles(writer.say("guide"))
    for index, section in writer.answered():
        blocks.append(writer.section_title(index))
        if any(is_guided(question) for question in section.questions):
            for place in answer_places(section):
                blocks += guide_entry(writer, place)
        else:
            blocks += section_key(writer, section)
        blocks += pretest(writer, section)
    return blocks


def guide_entry(writer: Writer, place: AnswerPlace) -> list[Flow]:
    """Return one answer of the guide with its marks, and the table of what earns them."""
    question = place.question
    word = guide_word(writer.paper, question, written=is_written(question))
    blocks = answer_lines_of(writer.texts, label_of(place), question.answer, word)
    if not question.guide:
        return blocks
    rows = [writer.head_cells((writer.say("guide_point"), writer.say("guide_marks")))]
    rows += [
        (Cell(tuple(writer.texts.blocks(point.text, "QCellText")), top=True), cell(marks_text(point.marks)))
        for point in question.guide
    ]
    columns = (writer.width - LABEL_WIDTH - mm(18), mm(18))
    name = writer.say("docx.table_guide", label=place.label)
    short = len(question.guide) <= MOST_TOGETHER and sum(len(point.text) for point in question.guide) <= LONG_TEXT
    table = Table(columns, tuple(rows), name, left=LABEL_WIDTH, together=short)
    return [*kept([*blocks, Paragraph("QGap", "", before=20)], to_next=True), table, Paragraph("QGap", "", before=60)]


def map_flow(writer: Writer) -> list[Flow]:
    """Return the map of versions: for each version a column of numbers and one of keys."""
    blocks = writer.titles(writer.say("version_map"))
    if writer.paper.version_map is None:
        return blocks
    blocks += [Paragraph("QAnswer", run(words)) for words in (map_legend(writer.paper), writer.say("version_map_note"))]
    heading, columns = "", map_columns(writer.paper)
    for table in map_tables(writer.paper):
        if table.heading:
            blocks.append(Paragraph("Heading1", run(heading := table.heading)))
        blocks.append(map_table(writer, table.rows, columns, writer.say("docx.table_version_map", title=heading)))
    return blocks


def map_table(writer: Writer, rows: Sequence[tuple[Row | None, ...]], columns: Sequence[str], name: str) -> Table:
    """Return one table of the map."""
    empty = (cell(""),) * len(columns)
    shown = [
        tuple(entry for block in row for entry in ([*_entries(writer, block)] if block is not None else empty)) for row in rows
    ]
    n = len(columns) * len(rows[0])
    return Table((writer.width // n,) * n, (writer.head_cells([*columns] * len(rows[0])), *shown), name, padding=30)


def _entries(writer: Writer, block: Row) -> Iterator[Cell]:
    for one in block:
        yield Cell((Paragraph("QCellSmall", run(one.label)),), head=True)
        yield Cell((Paragraph("QCell", writer.texts.line(one.answer)),)) if one.answer else cell("")
