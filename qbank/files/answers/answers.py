"""Cells of answers → answers of persons: column by column, for the persons of each paper as it was printed for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qbank.core.form import FormItem
from qbank.core.responses import NOT_MARKED, NOT_REACHED, NOT_SEEN, OMITTED, STANDINGS
from qbank.files.answers.cells import Read, not_seen_words, reader_of
from qbank.files.answers.columns import Column, occurring
from qbank.files.answers.findings import Findings
from qbank.files.answers.grid import Grid, Rows
from qbank.files.answers.header import Header
from qbank.files.answers.papers import Papers, first_labels, plain_word
from qbank.files.answers.persons import Persons
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.kinds import KINDS
from qbank.problem import Problem, error, warning

BLANK, WRONG = -100, -101
MOST_LABELS = 32_767
"""Different answers to one question that a block of int16 can tell apart."""

FEW = 20
"""Answers that do not fit, below which nothing is said of papers that may have been swapped."""

Codes = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Answered:
    """answer : int16 (n_persons, n_items) ; labels : of each item, as `Responses` has them"""

    answer: NDArray[np.int16]
    labels: tuple[tuple[str, ...], ...]


def read_answers_of(
    table: AnswerTable, grid: Grid, header: Header, papers: Papers, persons: Persons, reading: Reading, found: Findings
) -> Answered:
    """Return what every person answered; cells that are no answer, or belong to no question of the paper, are added."""
    at = {item: n for n, item in enumerate(papers.items)}
    labels: list[dict[str, int]] = [{word: n for n, word in enumerate(first_labels(entry))} for entry in papers.entries]
    answer = np.full((len(persons.numbers), len(papers.items)), NOT_SEEN, dtype=np.int16)
    elsewhere = _elsewhere(grid, papers, header, persons, reading)
    for form, places in enumerate(papers.places):
        rows = np.flatnonzero(persons.form == form)
        if not rows.size:
            continue
        names = papers.names(form, by_position=header.by_position)
        mine = np.full((rows.size, len(places)), BLANK, dtype=np.int16, order="F")
        for n, (entry, name) in enumerate(zip(places, names, strict=True)):
            if name in grid.columns:
                column = grid.column(name).take(rows)
                read = reader_of(entry, reading, scored=name in grid.marks)
                mine[:, n] = _coded(column, read, labels[at[entry.id]])
                _no_answers(table, grid, name, entry, persons, rows[mine[:, n] == WRONG], found)
        beside = _told_elsewhere(table, grid, papers.ids[form], elsewhere.get(form, ()), found)
        _told_swapped(table, grid, header, papers, form, rows, (mine == WRONG).sum() + beside, (mine != BLANK).sum(), reading, found)
        _nothing_written(table, header, persons, rows[(mine == BLANK).all(axis=1)], found)
        tell_blanks_apart(mine, never=reading.not_reached == "never")
        mine[:, [KINDS[entry.kind].rated and name not in grid.columns for entry, name in zip(places, names, strict=True)]] = NOT_MARKED
        answer[rows[:, None], [at[entry.id] for entry in places]] = mine
    return _in_order(answer, labels, papers, table, found)


def _coded(column: Column, read: Read, labels: dict[str, int]) -> Codes:
    """Return the code of each cell; labels that are new are added."""
    lut = np.full(len(column.words), BLANK, np.int16)
    for code in occurring(column):
        if code:
            value = read(column.words[code])
            known = WRONG if value is None else value
            number = labels.setdefault(known, len(labels)) if isinstance(known, str) else known
            lut[code] = min(number, MOST_LABELS)
    coded: Codes = lut[column.code]
    return coded


def tell_blanks_apart(codes: Codes, *, never: bool) -> None:
    """Put into each blank that it is omitted, or not reached where nothing follows but blanks.

    codes : (n_persons, n_places) in printed order ; never : every blank is omitted

    The first blank after the last answer is taken to have been looked at.

    >>> codes = np.array([[0, BLANK, 2, BLANK, BLANK]], np.int16)
    >>> tell_blanks_apart(codes, never=False)
    >>> codes.tolist()
    [[0, -1, 2, -1, -3]]
    """
    place = np.arange(codes.shape[1])
    answered = (codes != BLANK) & (codes != NOT_REACHED) & (codes != NOT_SEEN)
    last = np.where(answered, place, -1).max(axis=1, initial=-1)
    beyond = (place > last[:, None] + 1) & (not never)
    np.copyto(codes, np.where(beyond, NOT_REACHED, OMITTED).astype(np.int16), where=codes == BLANK)


def _no_answers(
    table: AnswerTable, grid: Grid, name: str, entry: FormItem, persons: Persons, wrong: Rows, found: Findings
) -> None:
    if not wrong.size:
        return
    rows, column = grid.rows[name][wrong], grid.column(name)
    person = dict(zip(rows.tolist(), wrong.tolist(), strict=True))
    marks = name in grid.marks

    def told(row: int) -> Problem:
        who = person[row]
        facts = {"found": column.words[column.code[who]][:60], "item": entry.id, "person": persons.numbers[who]}
        form = "answer marks" if marks else f"answer {entry.kind}"
        return table.wrong("R111", row, grid.at[name], **facts, form=form)

    found.cells("R111", rows, grid.at[name], told)


def _elsewhere(
    grid: Grid, papers: Papers, header: Header, persons: Persons, reading: Reading
) -> dict[int, list[tuple[str, Rows]]]:
    """Return for each paper the questions that it does not have and persons with it filled in nevertheless."""
    position = {name: n for n, name in enumerate(grid.columns)}
    own = np.zeros((len(papers.ids), len(position)), dtype=np.bool_)
    for form in range(len(papers.ids)):
        own[form, [position[name] for name in papers.names(form, by_position=header.by_position) if name in position]] = True
    unseen = not_seen_words(reading)
    stray: dict[int, list[tuple[str, Rows]]] = {}
    for n, (name, column) in enumerate(grid.columns.items()):
        harmless = [c for c in occurring(column) if not c or plain_word(column.words[c]) in unseen]
        rows = np.flatnonzero(~np.isin(column.code, harmless))
        rows = rows[(persons.form[rows] >= 0) & ~own[persons.form[rows], n]]
        forms = persons.form[rows]
        for form in np.unique(forms).tolist():
            stray.setdefault(form, []).append((name, rows[forms == form]))
    return stray


def _told_elsewhere(
    table: AnswerTable, grid: Grid, form: str, stray: Sequence[tuple[str, Rows]], found: Findings
) -> int:
    """Add the cells filled in for questions that a paper does not have; return how many."""
    for name, wrong in stray:
        at = grid.at[name]
        found.cells("R114", grid.rows[name][wrong], at, partial(_not_on_paper, table, at, name, form))
    return sum(wrong.size for _, wrong in stray)


def _not_on_paper(table: AnswerTable, at: int, item: str, form: str, row: int) -> Problem:
    return table.wrong("R114", row, at, item=item, form=form)


def _told_swapped(
    table: AnswerTable, grid: Grid, header: Header, papers: Papers, form: int, rows: Rows, n_wrong: int, n_written: int,
    reading: Reading, found: Findings,
) -> None:  # fmt: skip
    """Add that the answers of a paper's persons look like those to another paper, where most fit only there."""
    if n_wrong * 2 <= n_written or n_wrong < FEW:
        return
    for other in range(len(papers.ids)):
        if other != form and _share_wrong(grid, header, papers, other, rows, reading) < 0.1:
            span = table.span(-1, header.roles.get("form", 0))
            found.add(warning("R207", span, form=papers.ids[form], other=papers.ids[other], persons=rows.size))
            return


def _share_wrong(grid: Grid, header: Header, papers: Papers, form: int, rows: Rows, reading: Reading) -> float:
    """Return the share of the cells filled in that would be no answers if the persons had had a paper."""
    names = papers.names(form, by_position=header.by_position)
    entries = dict(zip(names, papers.places[form], strict=True))
    wrong = written = 0
    for name, column in grid.columns.items():
        mine = column.take(rows)
        n = int((mine.code != 0).sum())
        written += n
        if name in entries:
            read = reader_of(entries[name], reading, scored=name in grid.marks)
            n = int((_coded(mine, read, {}) == WRONG).sum())
        wrong += n
    return wrong / max(written, 1)


def _nothing_written(table: AnswerTable, header: Header, persons: Persons, silent: Rows, found: Findings) -> None:
    """Add a warning for persons without any answer who are not said to have been absent."""
    silent = silent[persons.standing[silent] == STANDINGS.index("present")]
    at = header.roles["person"]
    who = dict(zip(persons.row[silent].tolist(), silent.tolist(), strict=True))
    found.cells(
        "R208", persons.row[silent], at,
        lambda row: warning("R208", table.span(row, at), person=persons.numbers[who[row]]),
    )  # fmt: skip


def _in_order(
    answer: NDArray[np.int16], labels: Sequence[dict[str, int]], papers: Papers, table: AnswerTable, found: Findings
) -> Answered:
    """Return the answers with the labels that were met put in order, so that the order of rows decides nothing."""
    told: list[tuple[str, ...]] = []
    for n, (known, entry) in enumerate(zip(labels, papers.entries, strict=True)):
        first = first_labels(entry)
        ordered = (*first, *sorted(known.keys() - {*first}))
        if len(ordered) > MOST_LABELS:
            found.add(error("R206", table.span(-1, 0), item=entry.id, n=len(ordered), most=MOST_LABELS))
        elif ordered != tuple(known):
            place = {label: code for code, label in enumerate(ordered)}
            lut = np.array([place[label] for label in known], np.int16)
            answer[:, n] = np.where(answer[:, n] >= 0, lut[np.maximum(answer[:, n], 0)], answer[:, n])
        told.append(ordered)
    return Answered(answer, tuple(told))
