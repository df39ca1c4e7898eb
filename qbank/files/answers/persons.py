"""Who the persons of a table are: number, name, document, paper, what became of them, and their groups."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qbank.core.responses import STANDINGS, Standing
from qbank.files.answers.columns import Column, column_of, values_of
from qbank.files.answers.findings import Findings
from qbank.files.answers.header import Header
from qbank.files.answers.papers import Papers, form_words, plain_word
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.kinds.kind import folded
from qbank.messages.lists import some
from qbank.problem import Problem

STATUS: Mapping[Standing, tuple[str, ...]] = {
    "present": ("", "present", "正常", "参加", "参考", "到考", "已考", "实考", "出席", "ok"),
    "absent": ("absent", "缺考", "未到", "缺席", "旷考", "未参加"),
    "void": ("void", "作废", "无效", "成绩无效", "取消"),
    "withheld": ("withheld", "违纪", "作弊", "违规", "暂扣"),
}  # fmt: skip
UNKNOWN = -1
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+\d\d")
_SIGNS = re.compile("[+/月-]")
"""One of these is in every rounded number and every date."""
_DATE = re.compile(r"(?:\d{4}/\d{1,2}/\d{1,2}|(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{1,2}-[A-Z][a-z]{2}(?:-\d{2,4})?)(?: \d{1,2}:\d\d(?::\d\d)?)?")


@dataclass(frozen=True, slots=True)
class Persons:
    """The persons of a table, in its order.

    row : int64 (n_persons,) row of the table where each first stands ; form : int16 (n_persons,) index of the paper, −1
    where it is not known ; standing : int8 (n_persons,) ; names, documents : (n_persons,), or () without such a column
    """

    row: NDArray[np.int64]
    numbers: tuple[str, ...]
    names: tuple[str, ...]
    documents: tuple[str, ...]
    form: NDArray[np.int16]
    standing: NDArray[np.int8]
    groups: tuple[tuple[str, tuple[str, ...]], ...]


def read_persons(
    table: AnswerTable, header: Header, papers: Papers, reading: Reading, rows: NDArray[np.int64], found: Findings
) -> Persons:
    """Return the persons whose rows these are; those without a number or with that of another are left out."""
    columns = {
        role: column_of(table.frame.to_series(header.roles[role])) for role in ("person", "document", "name") if role in header.roles
    }
    numbers = _texts(columns["person"], rows)
    for role in ("person", "document"):
        if role in columns:
            _no_numbers(table, header.roles[role], columns[role], rows, found)
    kept = _kept(table, header, numbers, rows, found)
    rows = rows[kept]
    standing = _standings(table, header, reading, rows, found)
    form = _forms(table, header, papers, reading, rows, standing, found)
    documents = tuple(word.upper() for word in _texts(columns["document"], rows)) if "document" in columns else ()
    if documents:
        _one_document_each(table, header, documents, rows, found)
    names = tuple(_texts(columns["name"], rows)) if "name" in columns else ()
    groups = tuple((name, tuple(_texts(column_of(table.frame.to_series(at)), rows))) for name, at in header.groups)
    return Persons(
        rows, tuple(numbers[k] for k in kept.tolist()), names, documents, form, standing, groups,
    )  # fmt: skip


def _texts(column: Column, rows: NDArray[np.int64]) -> list[str]:
    """Return the cells of some rows in half width."""
    words = [word if word.isascii() else folded(word) for word in column.words]
    return [words[code] for code in column.code[rows].tolist()]


def _no_numbers(table: AnswerTable, at: int, column: Column, rows: NDArray[np.int64], found: Findings) -> None:
    """Add the numbers that a spreadsheet saved as 1.10101E+17, whose last digits are lost, or as a date."""
    if not _SIGNS.search("\n".join(column.words)):
        return
    column = column.take(rows)
    for code, pattern in (("R218", _ROUNDED), ("R215", _DATE)):
        wrong = values_of(column, partial(_fits, pattern)) == 1
        _told_no_number(table, code, at, column, rows, np.flatnonzero(wrong), found)


def _fits(pattern: re.Pattern[str], word: str) -> int:
    return int(pattern.fullmatch(word) is not None)


def _told_no_number(
    table: AnswerTable, code: str, at: int, column: Column, rows: NDArray[np.int64], wrong: NDArray[np.int64], found: Findings
) -> None:
    word = dict(zip(rows[wrong].tolist(), column.code[wrong].tolist(), strict=True))
    found.cells(code, rows[wrong], at, lambda row: table.wrong(code, row, at, cell=column.words[word[row]]))


def _kept(
    table: AnswerTable, header: Header, numbers: Sequence[str], rows: NDArray[np.int64], found: Findings
) -> NDArray[np.int64]:
    """Return which rows are of a person not met before."""
    first: dict[str, int] = {}
    kept, again, without = [], [], []
    for k, number in enumerate(numbers):
        if not number:
            without.append(k)
        elif first.setdefault(number, k) != k:
            again.append(k)
        else:
            kept.append(k)
    at = header.roles["person"]
    place = {int(rows[k]): k for k in again}

    def told(row: int) -> Problem:
        number = numbers[place[row]]
        return table.wrong("R109", row, at, person=number, first=int(table.lines[rows[first[number]]]))

    found.cells("R109", rows[np.array(again, dtype=np.int64)], at, told)
    found.cells("R226", rows[np.array(without, dtype=np.int64)], at, lambda row: table.wrong("R226", row, at))
    return np.array(kept, dtype=np.int64)


def _one_document_each(
    table: AnswerTable, header: Header, documents: tuple[str, ...], rows: NDArray[np.int64], found: Findings
) -> None:
    first: dict[str, int] = {}
    again = {int(rows[k]): int(rows[one]) for k, word in enumerate(documents) if word and (one := first.setdefault(word, k)) != k}
    at = header.roles["document"]
    found.cells(
        "R204", np.array(sorted(again), dtype=np.int64), at,
        lambda row: table.wrong("R204", row, at, first=int(table.lines[again[row]])),
    )  # fmt: skip


def _standings(
    table: AnswerTable, header: Header, reading: Reading, rows: NDArray[np.int64], found: Findings
) -> NDArray[np.int8]:
    if "status" not in header.roles:
        return np.zeros(rows.size, np.int8)
    words = {plain_word(word): n for n, name in enumerate(STANDINGS) for word in STATUS[name]}
    for n, name in enumerate(STANDINGS):
        words |= {plain_word(word): n for word in reading.words.get(name, ())}
    at = header.roles["status"]
    column = column_of(table.frame.to_series(at)).take(rows)
    standing = values_of(column, lambda word: words.get(plain_word(word), UNKNOWN))
    cell = dict(zip(rows.tolist(), column.code.tolist(), strict=True)) if (standing == UNKNOWN).any() else {}
    found.cells(
        "R112", rows[standing == UNKNOWN], at, lambda row: table.wrong("R112", row, at, found=column.words[cell[row]])
    )
    kept: NDArray[np.int8] = np.maximum(standing, 0).astype(np.int8)
    return kept


def _forms(
    table: AnswerTable, header: Header, papers: Papers, reading: Reading, rows: NDArray[np.int64],
    standing: NDArray[np.int8], found: Findings,
) -> NDArray[np.int16]:  # fmt: skip
    """Return the paper of each person; somebody absent may have none and then counts with the first."""
    if "form" not in header.roles:
        return np.zeros(rows.size, np.int16)
    at = header.roles["form"]
    column = column_of(table.frame.to_series(at)).take(rows)
    words = form_words(papers, reading.forms)
    form = values_of(column, lambda word: words.get(plain_word(word), UNKNOWN))
    form[(column.code == 0) & (standing == STANDINGS.index("absent"))] = 0
    wrong = form == UNKNOWN
    cell = dict(zip(rows[wrong].tolist(), column.code[wrong].tolist(), strict=True))
    found.cells(
        "R110", rows[wrong], at,
        lambda row: table.wrong("R110", row, at, form=folded(column.words[cell[row]]), forms=some(papers.ids, most=8)),
    )  # fmt: skip
    return form.astype(np.int16)

