"""How a report words its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl

from qbank.analysis import Thresholds
from qbank.analysis.intervals import CONFIDENCE
from qbank.messages import Language, text
from qbank.report.blocks import (
    MISSING,
    Cell,
    Column,
    Kind,
    shown,
)


class Texts(Protocol):
    """The texts of one language: a name and its fields → the sentence."""

    def __call__(self, name: str, /, **fields: object) -> str: ...


def report_text(language: Language, name: str, /, *, confidence: float = CONFIDENCE, **fields: object) -> str:
    """Return a text of the report; ``confidence`` is that of its intervals, which texts name as per cent."""
    return text(language, f"report.{name}", confidence=f"{100 * confidence:g}", **fields)


def columns_of(
    t: Texts, *specs: tuple[str, Kind, int], data_only: tuple[str, ...] = ()
) -> tuple[Column, ...]:
    """Return columns whose heading is the text ``col_<name>``."""
    return tuple(
        Column(name, t(f"col_{name}"), kind, digits, data_only=name in data_only)
        for name, kind, digits in specs
    )


def rows_of(frame: pl.DataFrame, columns: Sequence[Column]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(frame.select([column.name for column in columns]).iter_rows())


def percent(value: float | None, digits: int = 1) -> str:
    return shown(value, "percent", digits)


def number(value: float | None, digits: int = 2) -> str:
    return shown(value, "number", digits)


def interval_note(t: Texts, low: float | None, high: float | None, kind: Kind, digits: int) -> str:
    """Return the sentence that gives an interval, or nothing where there is none."""
    if low is None or high is None or not math.isfinite(low + high):
        return ""
    return t("interval", interval=t("to", low=shown(low, kind, digits), high=shown(high, kind, digits)))


def marks_text(value: float | None) -> str:
    return MISSING if value is None or not math.isfinite(value) else f"{value:g}"


NEAR_THE_CUT = 5
EVERY = 10


def paper_rows(papers: Sequence[str], scores: Sequence[float], cuts: Mapping[str, float]) -> tuple[int, ...]:
    """Return the places of the scores that paper shows: within five steps of the paper's cut, every tenth, first and last.

    >>> paper_rows(["A"] * 101, range(101), {"A": 60.0})
    (0, 10, 20, 30, 40, 50, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 70, 80, 90, 100)
    >>> paper_rows(["A"] * 21, range(21), {})
    ()
    """
    if len(scores) <= 4 * EVERY:
        return ()
    kept: list[int] = []
    own: dict[str, list[int]] = {}
    for place, paper in enumerate(papers):
        own.setdefault(paper, []).append(place)
    for paper, places in own.items():
        cut = cuts.get(paper, math.nan)
        at = [scores[place] for place in places]
        middle = next((n for n, score in enumerate(at) if score >= cut), -2 * NEAR_THE_CUT) if math.isfinite(cut) else -2 * NEAR_THE_CUT
        kept += [place for n, place in enumerate(places) if n % EVERY == 0 or n == len(places) - 1 or abs(n - middle) <= NEAR_THE_CUT]
    return tuple(sorted(kept))


def size_notes(n: pl.Series, limits: Thresholds, t: Texts) -> tuple[str, ...]:
    """Return the sentences that small numbers of persons ask for."""
    notes = []
    if ((n > 0) & (n < limits.suppress_below)).any():
        notes.append(t("note_suppressed", n=limits.suppress_below))
    if ((n >= limits.suppress_below) & (n < limits.small_below)).any():
        notes.append(t("note_small", n=limits.small_below))
    return tuple(notes)
