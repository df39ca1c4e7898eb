"""A key, a marking guide and a map of versions as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from qbank.core.presentation import Paper, PaperSection
from qbank.messages import text
from qbank.render.labels import gap, guide_word, marks_label, pretest_line, section_heading
from qbank.render.places import AnswerPlace, answer_places, is_written
from qbank.render.readable import readable, width, wrapped
from qbank.render.texts import is_guided
from qbank.render.txt_lines import COLUMNS, hanging, head, table_lines
from qbank.render.version_map import map_columns, map_legend


def label_of(place: AnswerPlace) -> str:
    """Return the number of a place as it stands before its answer."""
    return place.label if place.part else f"{place.label}."


def key_lines(paper: Paper) -> Iterator[str]:
    """Yield the lines of the key."""
    yield from head(paper, paper.title, "key")
    for index, section in enumerate(paper.sections):
        if section.questions:
            yield from (section_heading(paper, index), "")
            yield from section_keys(section)
            yield from pretest_lines(paper, section)
            yield ""


def pretest_lines(paper: Paper, section: PaperSection) -> Iterator[str]:
    """Yield the line that names the questions which do not count, where there are any."""
    if words := pretest_line(paper, section):
        yield words


def section_keys(section: PaperSection) -> Iterator[str]:
    """Yield the keys of a section: short answers ten to a line, long ones each on its own."""
    answers = [(label_of(place), readable(place.question.answer)) for place in answer_places(section)]
    cells = [f"{label} {answer}" for label, answer in answers]
    widest = max((width(cell) for cell in cells), default=1) + 2
    n = next((n for n in (10, 5) if widest * n <= COLUMNS), 1)
    if n == 1:
        for label, answer in answers:
            yield from hanging(label, answer, width(label) + 1)
        return
    for start in range(0, len(cells), n):
        row = (cell + " " * (COLUMNS // n - width(cell)) for cell in cells[start : start + n])
        yield "".join(row).rstrip()


def guide_lines(paper: Paper) -> Iterator[str]:
    """Yield the lines of the marking guide."""
    yield from head(paper, paper.title, "guide")
    for index, section in enumerate(paper.sections):
        if not section.questions:
            continue
        yield from (section_heading(paper, index), "")
        if any(is_guided(question) for question in section.questions):
            for place in answer_places(section):
                yield from guide_entry(paper, place)
        else:
            yield from section_keys(section)
        yield from pretest_lines(paper, section)
        yield ""


def guide_entry(paper: Paper, place: AnswerPlace) -> Iterator[str]:
    """Yield one answer of the guide with its marks and points."""
    question, label = place.question, label_of(place)
    shown = f"{guide_word(paper, question, written=is_written(question))} {readable(question.answer)}"
    yield from hanging(label, shown, width(label) + 1)
    for point in question.guide:
        marks = marks_label(paper, point.marks)
        yield from hanging(" " * width(label) + " -", readable(point.text) + gap(paper) + marks, width(label) + 3)


def map_lines(paper: Paper) -> Iterator[str]:
    """Yield the lines of the map of versions: for each version a number and a key, in columns."""
    yield from head(paper, paper.title, "version_map")
    if paper.version_map is None:
        return
    for words in (map_legend(paper), text(paper.language, "paper.version_map_note")):
        yield from (*wrapped(words, COLUMNS), "")
    names = map_columns(paper)
    for index, rows in enumerate(paper.version_map.sections):
        if not rows:
            continue
        yield from (section_heading(paper, index), "")
        cells = [[cell for one in row for cell in (one.label, readable(one.answer))] for row in rows]
        widest = (max(width(row[column]) for row in (names, *cells)) for column in range(len(names)))
        yield from table_lines(names, cells, list(widest))
        yield ""
