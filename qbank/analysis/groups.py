"""What every item did in each group of persons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from qbank.analysis.arrays import (
    IntArray,
    column_correlation,
    column_deviations,
    column_mean,
    ratio,
    read_only,
)
from qbank.analysis.classical import biserial
from qbank.analysis.criterion import rest_scores, total_scores
from qbank.analysis.distractors import choice_statistics
from qbank.analysis.sitting import NOT_REACHED, OMITTED, SittingData


@dataclass(frozen=True, slots=True, eq=False)
class GroupOfPersons:
    """column, word : e.g. site, 一车间; ("", "") for everybody ; n : persons ; items : `item_statistics` ; options :
    `choice_statistics`."""

    column: str
    word: str
    n: int
    items: pl.DataFrame
    options: pl.DataFrame


def groups_of_persons(data: SittingData, *, least: int) -> Iterator[GroupOfPersons]:
    """Yield everybody, then each paper and each group of every column that holds ``least`` persons.

    Of a paper only the items that other papers hold too: what the others did is what everybody did. Correlations are with the paper's marks; persons of an item that several papers hold are pooled within the group, as
    in `rest_scores`. Cost: a few passes over (n_persons, n_items) a column.
    """
    yield _group(data, "", "")
    shared = [item for item, several in zip(data.items, data.in_form.sum(axis=0) > 1, strict=True) if several]
    papers = (("form", tuple(data.forms[form] for form in data.form)),) if shared and not data.pooled else ()
    for column, words in (*papers, *data.groups):
        of_person = np.array(words, dtype=object)
        for word in sorted({word for word in words if word}):
            rows = np.flatnonzero(of_person == word)
            if len(rows) >= least:
                found = _group(persons_of(data, rows), column, word)
                yield _only(found, shared) if column == "form" else found


def _group(data: SittingData, column: str, word: str) -> GroupOfPersons:
    return GroupOfPersons(column, word, data.n_persons, item_statistics(data), choice_statistics(data))


def _only(group: GroupOfPersons, items: list[str]) -> GroupOfPersons:
    kept = pl.col("item").is_in(items)
    return replace(group, items=group.items.filter(kept), options=group.options.filter(kept))


def persons_of(data: SittingData, rows: IntArray) -> SittingData:
    """Return the sitting of some of its persons; papers, items and cut stay."""
    return replace(
        data, marks=read_only(data.marks[rows]), answer=read_only(data.answer[rows]), form=read_only(data.form[rows]),
        total=read_only(data.total[rows]), row=read_only(data.row[rows]),
        groups=tuple((name, tuple(words[row] for row in rows.tolist())) for name, words in data.groups),
    )  # fmt: skip


def item_statistics(data: SittingData) -> pl.DataFrame:
    """Return the columns of `item_table` that a few sums give, and the error of the facility.

    item, n, marks_max, mean, sd (n − 1), facility, facility_error = s/√n / marks_max, item_rest, item_total, biserial
    (right/wrong items), omitted, not_reached. NaN where a statistic does not exist.
    """
    seen = ~np.isnan(data.marks)
    n = seen.sum(axis=0)
    marks = np.where(seen, data.marks, 0.0)
    deviations = column_deviations(marks, seen)
    sd = np.sqrt(ratio(np.einsum("pi,pi->i", deviations, deviations), np.maximum(n - 1, 0)))
    facility = ratio(column_mean(marks, seen), data.marks_max)
    dichotomous = (n > 0) & (~seen | np.isclose(marks, data.marks_max) | (marks == 0)).all(axis=0)
    rest = column_correlation(marks, rest_scores(data), seen)
    return pl.DataFrame(
        {
            "item": list(data.items),
            "n": n,
            "marks_max": data.marks_max,
            "mean": column_mean(marks, seen),
            "sd": sd,
            "facility": facility,
            "facility_error": ratio(ratio(sd, np.sqrt(n)), data.marks_max),
            "item_rest": rest,
            "item_total": column_correlation(marks, total_scores(data), seen),
            "biserial": np.where(dichotomous, biserial(rest, facility), np.nan),
            "omitted": ratio((seen & (data.answer == OMITTED)).sum(axis=0), n),
            "not_reached": ratio((seen & (data.answer == NOT_REACHED)).sum(axis=0), n),
        },
        schema_overrides={"item": pl.String},
    )
