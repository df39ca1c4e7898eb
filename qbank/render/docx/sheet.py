"""The answer sheet as a form of tables, to be filled in with a pen and marked by people.

No scanner reads it: the places of Word's tables depend on the program that sets them. The PDF's sheet is for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from qbank.core.presentation import PaperSection
from qbank.render.docx.flow import Cell, Flow, Paragraph, Table, mm
from qbank.render.docx.key import rows_of_answers
from qbank.render.docx.runs import run
from qbank.render.docx.writer import Writer, cell
from qbank.render.places import AnswerPlace, answer_lines, answer_places, answer_rows, circled, n_blanks
from qbank.render.sheet_layout import shape_of

CHOICES_IN_A_ROW = 10
BOX_HEIGHT = mm(9)


def sheet_flow(writer: Writer) -> list[Flow]:
    """Return the form: particulars, how it is filled in, then the places of each section."""
    blocks = writer.titles(writer.say("sheet"))
    blocks += [*writer.fields(), Paragraph("QNotice", run(writer.say("docx.sheet_hand")))]
    for index, section in writer.answered():
        blocks.append(writer.section_title(index))
        for shape, run_of in groupby(answer_places(section), key=shape_of):
            blocks += PLACES[shape](writer, section, list(run_of))
    return blocks


def choices(writer: Writer, section: PaperSection, places: Sequence[AnswerPlace]) -> Iterator[Flow]:
    """Yield rows of ten numbers with an empty box below each."""
    name = writer.say("docx.table_answers", title=section.title)
    yield from rows_of_answers(writer, places, [cell("")] * len(places), CHOICES_IN_A_ROW, name, word="docx.sheet_answer", height=BOX_HEIGHT)


def grids(writer: Writer, section: PaperSection, places: Sequence[AnswerPlace]) -> Iterator[Flow]:
    """Yield for each question its prompts or places in an order, with an empty box below each."""
    for place in places:
        labels = [label for label, _ in answer_rows(place.question)]
        columns = (mm(22), *([min(mm(15), (writer.width - mm(22)) // max(len(labels), 1))] * len(labels)))
        first = writer.head_cells([place.label, *labels])
        second = (Cell((Paragraph("QCellSmall", run(writer.say("docx.sheet_answer"))),), head=True), *([cell("")] * len(labels)))
        name = writer.say("docx.table_written", label=place.label)
        yield Table(columns, (first, second), name, height=BOX_HEIGHT, first_head=True)


def written(writer: Writer, section: PaperSection, places: Sequence[AnswerPlace]) -> Iterator[Flow]:
    """Yield two boxes a row for what is short, and lines for what is long."""
    for is_long, found in groupby(places, key=lambda place: answer_lines(place.question) > 0):
        group = list(found)
        yield from lines(writer, group) if is_long else boxes(writer, section, group)


def boxes(writer: Writer, section: PaperSection, places: Sequence[AnswerPlace]) -> Iterator[Flow]:
    """Yield a box for each blank, two to a row, as 8① and 8② where a question has several."""
    labels = [
        place.label + (circled(blank) if n > 1 else "")
        for place in places
        for n in [n_blanks(place.question)]
        for blank in range(1, n + 1)
    ]
    half = writer.width // 2
    labels += [""] * (len(labels) % 2)
    rows = [
        tuple(one for label in pair for one in (Cell((Paragraph("QCellSmall", run(label)),), head=bool(label)), cell("")))
        for pair in zip(labels[::2], labels[1::2], strict=True)
    ]
    name = writer.say("docx.table_answers", title=section.title)
    yield Table((mm(17), half - mm(17)) * 2, tuple(rows), name, n_heads=0, height=BOX_HEIGHT, first_head=True)


def lines(writer: Writer, places: Sequence[AnswerPlace]) -> Iterator[Flow]:
    """Yield for each written answer its number and its lines."""
    for place in places:
        yield Paragraph("QStem", run(f"{place.label}."), keep=True)
        n = answer_lines(place.question)
        yield from (Paragraph("QAnswerLine", run("\t"), ruled=writer.width, keep=number < min(4, n - 1)) for number in range(n))


PLACES = {"choice": choices, "grid": grids, "written": written}
