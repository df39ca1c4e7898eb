"""版本对照表: the same question's number and key in each version of a paper, for markers; candidates never get it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import NamedTuple

from qbank.core.presentation import Paper, PaperSection, Question, VersionMap, VersionPlace
from qbank.messages import text
from qbank.render.labels import section_heading
from qbank.render.places import answer_places, is_task, is_written
from qbank.render.readable import width

LONGEST_KEY, NARROW_KEY = 18, 5
MOST_ROWS = 25
COLUMN_PAIRS = 6

Row = tuple[VersionPlace, ...]


class MapTable(NamedTuple):
    """heading : of the section, empty where its table goes on ; rows : side by side, None where a block has no more"""

    heading: str
    rows: tuple[tuple[Row | None, ...], ...]


def version_map(own: int, papers: Sequence[Paper], places: Sequence[Sequence[int]]) -> VersionMap:
    """Return the map of one of the versions of a paper.

    own : which of ``papers`` the map is for ; places : of each paper, for its questions in printed order, the number of
    the same question on the paper that all are versions of
    """
    order = [own, *(index for index in range(len(papers)) if index != own)]
    there = [_by_base(papers[index], places[index]) for index in order]
    sections = tuple(tuple(_rows(section, places[own], there)) for section in papers[own].sections)
    versions = tuple((papers[index].version or papers[index].code, papers[index].code, papers[index].digest) for index in order)
    return VersionMap(versions, sections)


def _by_base(paper: Paper, places: Sequence[int]) -> dict[int, Question]:
    questions = (question for section in paper.sections for question in section.questions)
    return dict(zip(places, questions, strict=True))


def _rows(section: PaperSection, places: Sequence[int], there: Sequence[dict[int, Question]]) -> Iterator[Row]:
    kept = replace(section, questions=tuple(one for one in section.questions if not is_task(one)))
    for place in answer_places(kept):
        yield tuple(_place(found[places[place.number - 1]], place.part) for found in there)


def _place(question: Question, part: int) -> VersionPlace:
    one = question.parts[part - 1] if part else question
    label = f"{question.number}({part})" if part else str(question.number)
    # a judgement's correction stands in the key; the map says right or wrong
    answer = one.answer.partition(" ")[0] if one.space == "tick" else one.answer
    short = not is_written(one) and width(answer) <= LONGEST_KEY
    return VersionPlace(one.item, label, answer if short else "")


def map_columns(paper: Paper) -> tuple[str, ...]:
    """Return the heads of one block of columns: for each version its letter, above numbers, and the word for key."""
    assert paper.version_map is not None
    key = text(paper.language, "paper.key_answer")
    return tuple(
        word
        for letter, _, _ in paper.version_map.versions
        for word in (text(paper.language, "paper.version_map_letter", letter=letter), key)
    )


def map_legend(paper: Paper) -> str:
    """Return the line that says which paper each letter is."""
    assert paper.version_map is not None
    return "　".join(
        text(paper.language, "paper.version_map_paper", letter=letter, code=code, digest=digest)
        for letter, code, digest in paper.version_map.versions
    )


def shown_answer(one: VersionPlace) -> str:
    """Return a key without the signs of markup, converted or not; of what pandoc read for Word, its words."""
    if one.answer.startswith('[{"t":'):
        return "".join(re.findall(r'"c":"([^"]*)"', one.answer))
    return re.sub(r"<[^>]*>|\\", "", one.answer)


def map_tables(paper: Paper) -> Iterator[MapTable]:
    """Yield the tables of the map: of each section as many rows as stay together on a page, in blocks side by side.

    Each block is read downwards before the next: 1, 2, 3 on the left, 4, 5, 6 beside it.
    """
    if paper.version_map is None:
        return
    for index, rows in enumerate(paper.version_map.sections):
        heading = section_heading(paper, index)
        narrow = all(width(shown_answer(one)) <= NARROW_KEY for row in rows for one in row)
        n_blocks = max(1, COLUMN_PAIRS // len(paper.version_map.versions)) if narrow else 1
        size = MOST_ROWS * n_blocks
        for chunk in (rows[start : start + size] for start in range(0, len(rows), size)):
            height = -(-len(chunk) // n_blocks)
            blocks = [chunk[start : start + height] for start in range(0, len(chunk), height)]
            padded = [*blocks, *[()] * (n_blocks - len(blocks))]
            yield MapTable(heading, tuple(zip_longest(*padded)))
            heading = ""
