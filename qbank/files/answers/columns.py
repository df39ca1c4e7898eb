"""A column of cells as codes and the distinct texts behind them: what is read is read once a text, not once a cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qbank.files.interchange.spreadsheet import unguarded
from qbank.kinds.kind import folded

_KEPT_TEXT = re.compile(r'="([^"]*)"')
Codes = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True, slots=True)
class Column:
    """code : (n_rows,) of the narrowest unsigned type, index into ``words`` ; words : the texts that occur, without outer blanks or the
    apostrophe that keeps a spreadsheet from calculating; the first is
    always the blank one."""

    code: Codes
    words: tuple[str, ...]

    def take(self, rows: NDArray[np.int64]) -> Column:
        """Return some rows of the column."""
        return Column(self.code[rows], self.words)

    def texts(self) -> list[str]:
        """Return every cell."""
        return [self.words[code] for code in self.code.tolist()]


def column_of(series: pl.Series) -> Column:
    """Return a column of a frame; null is blank.

    >>> column = column_of(pl.Series(["B ", None, "A", "B"]))
    >>> column.words, column.code.tolist()
    (('', 'A', 'B'), [2, 0, 1, 2])
    """
    coded = series.cast(pl.Categorical)
    physical = coded.to_physical()
    distinct = coded.unique().drop_nulls()
    at = distinct.to_physical().to_numpy().astype(np.int64)
    texts = shown_texts(distinct.cast(pl.String).to_list())
    words = ("", *sorted({*texts} - {""}))
    place = {word: n for n, word in enumerate(words)}
    if not texts:
        return blank_column(len(series))
    lut = np.zeros(int(at.max()) + 1, np.min_scalar_type(len(words)))
    lut[at] = [place[text] for text in texts]
    code: Codes = lut[physical.fill_null(int(at[0])).to_numpy()]
    if coded.null_count():
        code[coded.is_null().to_numpy()] = 0
    return Column(code, words)


def shown_texts(cells: list[str]) -> list[str]:
    """Return cells without outer blanks, each as a spreadsheet shows it (`shown_text`).

    >>> shown_texts([" 12", "'=1+1 "])
    ['12', '=1+1']
    """
    texts = [cell.strip() for cell in cells]
    return [shown_text(text) if text[:1] in ("=", "'") else text for text in texts]


def shown_text(cell: str) -> str:
    """Return a cell as a spreadsheet shows it: without what keeps a number a text there.

    >>> shown_text("'=1+1"), shown_text('="0012"'), shown_text("'12")
    ('=1+1', '0012', "'12")
    """
    kept = _KEPT_TEXT.fullmatch(cell)
    return kept.group(1).strip() if kept else unguarded(cell)


def blank_column(n_rows: int) -> Column:
    """Return a column in which nothing stands."""
    return Column(np.zeros(n_rows, np.uint8), ("",))


def occurring(column: Column) -> list[int]:
    """Return the codes that occur, ascending."""
    if column.code.size == 1:  # where each person has a paper of their own
        return [int(column.code[0])]
    if len(column.words) <= 4 * column.code.size + 64:
        return np.flatnonzero(np.bincount(column.code, minlength=len(column.words))).tolist()
    return [int(code) for code in np.unique(column.code)]


def values_of(column: Column, read: Callable[[str], int]) -> NDArray[np.int32]:
    """Return a number for every cell, read once for each distinct text."""
    lut = np.zeros(len(column.words), np.int32)
    for code in occurring(column):
        lut[code] = read(column.words[code])
    values: NDArray[np.int32] = lut[column.code]
    return values


def folded_column(column: Column) -> Column:
    """Return a column with its texts in half width, those that are then equal made one.

    >>> folded_column(Column(np.array([1, 2, 0], np.uint8), ("", "P1", "Ｐ１"))).code.tolist()
    [1, 1, 0]
    """
    plain = [word if word.isascii() else folded(word) for word in column.words]
    words = ("", *sorted({*plain} - {""}))
    place = {word: n for n, word in enumerate(words)}
    lut = np.array([place[word] for word in plain], column.code.dtype)
    return Column(lut[column.code], words)
