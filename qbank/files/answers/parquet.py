"""Parquet → a table of answers: columns of any type as the text that a person would have written."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import polars as pl

from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.files.interchange.workbook import broken
from qbank.problem import Problem, Span, error

MAX_CELLS = 100_000_000


def read_parquet(data: bytes, name: str, reading: Reading) -> tuple[AnswerTable | None, list[Problem]]:
    """Return the table of a Parquet file, or nothing and why; rows are counted from 1, the header is row 0."""
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except BaseException as fault:  # what breaks down in the library's own language is no Exception
        problem = broken(fault, name)
        return None, [error("R102", Span(name), detail=dict(problem.facts)["detail"])]
    if not frame.width or frame.height * frame.width > MAX_CELLS:
        return None, [error("R103", Span(name))]
    columns, problems = [], []
    for n, series in enumerate(frame.get_columns()):
        text = as_text(series)
        if text is None:
            problems.append(error("R222", Span(name, 0, n + 1), name=series.name, type=str(series.dtype)[:60]))
        columns.append(pl.Series(str(n), [""] * len(series)) if text is None else text.alias(str(n)))
    if problems:
        return None, problems
    table = pl.DataFrame(columns)
    kept = np.flatnonzero(table.select(pl.any_horizontal(pl.all().fill_null("").str.strip_chars() != "")).to_series().to_numpy())
    lines = kept.astype(np.int64) + 1
    return AnswerTable(
        name, "", table[kept.tolist()] if kept.size < table.height else table, lines, tuple(range(1, frame.width + 1)), 0,
        {}, tuple(frame.columns),
    ), []  # fmt: skip


def as_text(series: pl.Series) -> pl.Series | None:
    """Return a column as text, null where there is nothing; None for a type that is no cell, such as a record.

    >>> as_text(pl.Series([1.0, 2.5, None, float("nan")])).to_list()
    ['1', '2.5', None, None]
    >>> as_text(pl.Series([["A", "C"], []])).to_list(), as_text(pl.Series([{"a": 1}])) is None
    (['A,C', ''], True)
    """
    kind = series.dtype
    if isinstance(kind, pl.List):
        inner = as_text(series.explode(empty_as_null=False)) if _plain(kind.inner) else None
        return None if inner is None else series.cast(pl.List(pl.String)).list.join(",", ignore_nulls=True)
    if not _plain(kind):
        return None
    if kind.is_float() or kind.is_decimal():
        number = series.cast(pl.Float64).fill_nan(None) if kind.is_float() else series
        return number.cast(pl.String).str.replace(r"\.0+$", "").str.replace(r"(\.\d*?[1-9])0+$", "$1")
    if kind.is_temporal():
        return series.cast(pl.String).str.replace(r" 00:00:00(\.0+)?$", "")
    return series.cast(pl.String)


def _plain(kind: Any) -> bool:
    """Return whether a value of the type is one cell."""
    nested = (pl.List, pl.Array, pl.Struct, pl.Object, pl.Binary)
    return not any(kind == one for one in nested)
