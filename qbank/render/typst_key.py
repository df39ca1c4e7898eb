"""The Typst source of a key, of a marking guide and of a map of versions."""

from __future__ import annotations

from collections.abc import Iterator

from qbank.core.presentation import Paper, PaperSection
from qbank.messages import text
from qbank.render.labels import conditions, guide_word, marks_text, pretest_line, section_heading
from qbank.render.places import AnswerPlace, answer_places, is_written
from qbank.render.readable import width
from qbank.render.texts import is_guided
from qbank.render.typst_literals import array, content, item_comment, strings, typst_string
from qbank.render.typst_page import paper_title, preamble, titles
from qbank.render.version_map import Row, map_columns, map_legend, map_tables

SHORT_ANSWER, MEDIUM_ANSWER = 3, 12


def key_source(paper: Paper) -> str:
    """Return the source of the key, its answers already converted."""
    heading = text(paper.language, "paper.key")
    lines = [*preamble(paper, f"{paper_title(paper)} {heading}", "key"), titles(paper, heading, conditions(paper))]
    for index, section in enumerate(paper.sections):
        if section.questions:
            lines += ["", item_comment(""), f"#key-section({typst_string(section_heading(paper, index))})"]
            lines += [*key_lines(section), *pretest_lines(paper, section)]
    return "\n".join([*lines, ""])


def pretest_lines(paper: Paper, section: PaperSection) -> Iterator[str]:
    """Yield the call that names the questions which do not count, where there are any."""
    if words := pretest_line(paper, section):
        yield f"#key-note({typst_string(words)})"


def key_columns(section: PaperSection) -> int:
    """Return how many answers stand in a row of the key: ten letters, five numbers, or 0 for a list."""
    longest = max((width(place.question.answer) for place in answer_places(section)), default=0)
    if longest <= SHORT_ANSWER:
        return 10
    return 5 if longest <= MEDIUM_ANSWER else 0


def key_lines(section: PaperSection) -> Iterator[str]:
    """Yield the calls that set the answers of a section."""
    n, places = key_columns(section), answer_places(section)
    if n == 0:
        for place in places:
            yield item_comment(place.question.item)
            label = place.label if place.part else f"{place.label}."
            yield f"#key-line({typst_string(label)}, {content(place.question.answer)})"
        return
    for start in range(0, len(places), n):
        yield f"#key-row(labels, {n}, ("
        for place in places[start : start + n]:
            yield item_comment(place.question.item)
            yield f"  ({typst_string(place.label)}, {content(place.question.answer)}),"
        yield "))"


def guide_source(paper: Paper) -> str:
    """Return the source of the marking guide: keys of what is chosen, answers and points of what is marked by people."""
    heading = text(paper.language, "paper.guide")
    lines = [*preamble(paper, f"{paper_title(paper)} {heading}", "key"), titles(paper, heading, conditions(paper))]
    for index, section in enumerate(paper.sections):
        if not section.questions:
            continue
        lines += ["", item_comment(""), f"#key-section({typst_string(section_heading(paper, index))})"]
        if any(is_guided(question) for question in section.questions):
            for place in answer_places(section):
                lines += guide_entry(paper, place)
        else:
            lines += key_lines(section)
        lines += pretest_lines(paper, section)
    return "\n".join([*lines, ""])


def guide_entry(paper: Paper, place: AnswerPlace) -> Iterator[str]:
    """Yield the call that sets one answer of the guide with its marks and points."""
    question = place.question
    word = guide_word(paper, question, written=is_written(question))
    points = (f"({content(point.text)}, {typst_string(marks_text(point.marks))})" for point in question.guide)
    label = place.label if place.part else f"{place.label}."
    yield item_comment(question.item)
    yield (
        f"#guide-entry(labels, {typst_string(label)}, {typst_string(word)}, {content(question.answer)}, {array(points)})"
    )


def map_source(paper: Paper) -> str:
    """Return the source of the map of versions."""
    heading = text(paper.language, "paper.version_map")
    lines = [*preamble(paper, f"{paper_title(paper)} {heading}", "key"), titles(paper, heading, conditions(paper))]
    if paper.version_map is None:
        return "\n".join([*lines, ""])
    note = text(paper.language, "paper.version_map_note")
    lines += [f"#key-note({typst_string(map_legend(paper))})", f"#key-note({typst_string(note)})"]
    columns = strings(map_columns(paper))
    for table in map_tables(paper):
        if table.heading:
            lines += ["", item_comment(""), f"#key-section({typst_string(table.heading)})"]
        lines += [f"#map-table({columns}, {len(table.rows[0])}, (", *map(map_row, table.rows), "))"]
    return "\n".join([*lines, ""])


def map_row(row: tuple[Row | None, ...]) -> str:
    """Return one row of a map: the entries of its blocks, each a number and a key for every version."""
    cells = (
        f"({typst_string(one.label)}, {content(one.answer)})" for block in row if block is not None for one in block
    )
    return f"  {array(cells)},"
