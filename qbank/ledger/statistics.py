"""信息统计: who was registered, sat and passed, by occupation, level, site, sitting, paper, month or year.

Only the ``result`` rows of the scorings that hold are read, never persons.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Text, case, cast, func, select

from qbank.core.tally import N_BANDS, Tally, added
from qbank.ledger import tables
from qbank.ledger.engine import Ledger

Dimension = Literal["occupation", "level", "site", "sitting", "paper", "month", "year"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which sittings and sites count; an empty one of these lets all in. since, until : days, both included."""

    occupations: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    sites: tuple[str, ...] = ()
    sittings: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class StatisticsRow:
    """labels : one a dimension, in their order; of a row of totals only the first few ; tally : of the persons"""

    labels: tuple[str, ...]
    tally: Tally


@dataclass(frozen=True, slots=True)
class UnscoredSitting:
    """A sitting whose answers are in the ledger without marks that hold; it is in none of the counts.

    outdated : it was scored once, on answers that were replaced since
    """

    sitting: str
    date: str
    occupation: str
    level: int
    persons: int
    outdated: bool


@dataclass(frozen=True, slots=True)
class StatisticsTable:
    """Counts by the dimensions that were asked for.

    rows : sorted, every combination that has persons ; totals : of every first label, of every first two … where they
        hold more than one row ; total : of everybody ; cuts, marks : that occur among the sittings, in per cent of the
        marks and as such ; unscored : listed, not counted
    """

    by: tuple[Dimension, ...]
    rows: tuple[StatisticsRow, ...]
    totals: tuple[StatisticsRow, ...]
    total: Tally
    n_sittings: int
    cuts: tuple[float, ...]
    marks: tuple[float, ...]
    unscored: tuple[UnscoredSitting, ...]
    selection: Selection = field(default_factory=Selection)


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What `read_results` found: one row a sitting, site and paper, and the sittings without marks that hold.

    labels : of every dimension, (n_rows,) ; counts : (n_rows, 6) registered, present, void, withheld, waiting, passed ; sums :
        (n_rows, 2) of totals in per cent of the marks and of their squares ; bands : (n_rows, 20) ; sittings : date, cut
        and marks by sitting ; accepted : by sitting, cuts of its papers that were accepted after equating
    """

    labels: Mapping[Dimension, NDArray[np.object_]]
    counts: NDArray[np.int64]
    sums: NDArray[np.float64]
    bands: NDArray[np.int64]
    sittings: Mapping[str, tuple[str, float, float]]
    unscored: tuple[UnscoredSitting, ...]
    selection: Selection
    accepted: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


def statistics(
    ledger: Ledger, by: Sequence[Dimension] = ("occupation", "level"), selection: Selection | None = None
) -> StatisticsTable:
    """Return the counts of all sittings that hold, grouped by the dimensions in their order.

    A person who sat twice counts twice: it is sittings that are counted. Marks are taken in per cent of each sitting's
    full marks, so that sittings of different marks add up. Raises `ValueError` for a dimension that there is not, or
    twice. Cost: one row a sitting, site and paper.
    """
    return grouped(read_results(ledger, selection), by)


def read_results(ledger: Ledger, selection: Selection | None = None) -> Results:
    """Return what a selection holds, for `grouped` to count in several ways."""
    chosen = selection or Selection()
    found = results_of(_results(ledger, chosen), _unscored(ledger, chosen), chosen)
    c = tables.paper_cut.c
    accepted: dict[str, tuple[float, ...]] = {}
    with ledger.read() as connection:
        for row in connection.execute(select(c.sitting, c.cut).where(c.current).order_by(c.sitting, c.paper)).all():
            if row.sitting in found.sittings:
                accepted[row.sitting] = (*accepted.get(row.sitting, ()), row.cut)
    return replace(found, accepted=accepted)


def results_of(rows: Sequence[Any], unscored: tuple[UnscoredSitting, ...], chosen: Selection) -> Results:
    """Return stored rows as columns; sums become per cent of the marks."""
    columns: Mapping[Dimension, list[str]] = {
        "occupation": [row.occupation for row in rows], "level": [str(row.level) for row in rows],
        "site": [row.site for row in rows], "sitting": [row.sitting for row in rows], "paper": [row.form for row in rows],
        "month": [row.date[:7] for row in rows], "year": [row.date[:4] for row in rows],
    }  # fmt: skip
    counts = np.array([row[2:8] for row in rows], np.int64).reshape(-1, 6)
    scale = np.array([100.0 / row.marks if row.marks else 0.0 for row in rows], np.float64)
    sums = np.array([(row.sum, row.sum_of_squares) for row in rows], np.float64).reshape(-1, 2)
    # Parsed in one go: an eighth of what row by row takes.
    bands = np.array(json.loads(f"[{','.join(row.bands for row in rows)}]"), np.int64).reshape(-1, N_BANDS)
    return Results(
        {name: np.array(column, dtype=object) for name, column in columns.items()}, counts,
        sums * np.column_stack((scale, scale**2)), bands, {row.sitting: (row.date, row.cut, row.marks) for row in rows},
        unscored, chosen,
    )  # fmt: skip


def grouped(results: Results, by: Sequence[Dimension]) -> StatisticsTable:
    """Return the counts by the dimensions in their order; see `statistics`."""
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown or len(set(by)) < len(by):
        raise ValueError(f"dimensions are {', '.join(DIMENSIONS)}, each once; not {', '.join(unknown or by)}")
    n_rows = results.counts.shape[0]
    known = list(zip(*(results.labels[name] for name in by), strict=True)) if by else [()] * n_rows
    group = {labels: n for n, labels in enumerate(dict.fromkeys(known))}
    which = np.array([group[labels] for labels in known], np.intp)
    summed = [np.zeros((len(group), part.shape[1]), part.dtype) for part in (results.counts, results.sums, results.bands)]
    for whole, part in zip(summed, (results.counts, results.sums, results.bands), strict=True):
        np.add.at(whole, which, part)
    tallies = [
        Tally(registered, present, void, withheld, waiting, passed, total, squares, tuple(bands))
        for (registered, present, void, withheld, waiting, passed), (total, squares), bands in zip(
            *(part.tolist() for part in summed), strict=True
        )
    ]
    rows = tuple(StatisticsRow(labels, tallies[group[labels]]) for labels in sorted(group, key=lambda k: _order(k, by)))
    sittings = results.sittings.values()
    cuts = [(each, marks) for id, (_, cut, marks) in results.sittings.items() for each in (cut, *results.accepted.get(id, ()))]
    return StatisticsTable(
        tuple(by), rows, _totals(rows, len(by)), added(row.tally for row in rows), len(sittings),
        tuple(sorted({round(100 * cut / marks, 6) for cut, marks in cuts if marks})),
        tuple(sorted({marks for _, _, marks in sittings})), results.unscored, results.selection,
    )  # fmt: skip


def statistics_labels(ledger: Ledger) -> dict[str, tuple[str, ...]]:
    """Return the occupations, levels, sites and sittings that the ledger knows of, as text."""
    s, r = tables.sitting.c, tables.result.c
    with ledger.read() as connection:
        sittings = connection.execute(select(s.id, s.occupation, s.level)).all()
        sites = connection.execute(select(r.site).distinct()).scalars().all()
    return {
        "occupation": tuple(sorted({row.occupation for row in sittings})),
        "level": tuple(sorted({str(row.level) for row in sittings})),
        "site": tuple(sorted(sites)),
        "sitting": tuple(sorted(row.id for row in sittings)),
    }


def _results(ledger: Ledger, chosen: Selection) -> Sequence[Any]:
    r, g, s = tables.result.c, tables.scoring.c, tables.sitting.c
    query = (
        select(r.site, r.form, r.registered, r.present, r.void, r.withheld, r.waiting, r.passed, r.sum,
               r.sum_of_squares,
               cast(r.bands, Text).label("bands"),
               s.id.label("sitting"), s.date, s.occupation, s.level, s.cut, s.marks)
        .join(tables.scoring, (g.sitting == r.sitting) & (g.number == r.number))
        .join(tables.sitting, s.id == r.sitting)
        .where(g.current, *_conditions(chosen))
        .order_by(s.id, r.site, r.form)
    )  # fmt: skip
    if chosen.sites:
        query = query.where(r.site.in_(chosen.sites))
    with ledger.read() as connection:
        return connection.execute(query).all()


def _conditions(chosen: Selection) -> list[Any]:
    s = tables.sitting.c
    wanted = [(s.occupation, chosen.occupations), (s.level, chosen.levels), (s.id, chosen.sittings)]
    found: list[Any] = [column.in_(values) for column, values in wanted if values]
    found += [s.date >= chosen.since] if chosen.since else []
    return found + ([s.date <= chosen.until] if chosen.until else [])


def _order(labels: tuple[str, ...], by: Sequence[Dimension]) -> tuple[Any, ...]:
    """Return what rows sort by: levels from 5 (lowest) to 1, all others by their text."""
    return tuple(-int(label) if name == "level" else label for label, name in zip(labels, by, strict=True))


def _totals(rows: Sequence[StatisticsRow], depth: int) -> tuple[StatisticsRow, ...]:
    """Return the totals of the groups of several rows that share their first labels, shorter labels first."""
    found: list[StatisticsRow] = []
    for length in range(1, depth):
        groups: dict[tuple[str, ...], list[Tally]] = {}
        for row in rows:
            groups.setdefault(row.labels[:length], []).append(row.tally)
        found += [StatisticsRow(labels, added(some)) for labels, some in groups.items() if len(some) > 1]
    return tuple(found)


def _unscored(ledger: Ledger, chosen: Selection) -> tuple[UnscoredSitting, ...]:
    s, i, g = tables.sitting.c, tables.intake.c, tables.scoring.c
    persons = select(i.sitting, func.sum(i.n_persons).label("n"), func.count().label("parts")).where(i.current).group_by(i.sitting).subquery()
    runs = (
        select(g.sitting, func.count().label("n"), func.max(case((g.current, 1), else_=0)).label("current"))
        .group_by(g.sitting)
        .subquery()
    )
    query = (
        select(s.id, s.date, s.occupation, s.level, persons.c.n, runs.c.n, persons.c.parts)
        .outerjoin(persons, persons.c.sitting == s.id)
        .outerjoin(runs, runs.c.sitting == s.id)
        .where(func.coalesce(runs.c.current, 0) == 0, *_conditions(chosen))
        .order_by(s.date, s.id)
    )
    with ledger.read() as connection:
        found = connection.execute(query).all()
        # Theory and the raters' marks of one person are two rows of one pseudonym.
        whole = _persons_of(connection, [row[0] for row in found if (row[6] or 0) > 1])
    return tuple(
        UnscoredSitting(row[0], row[1], row[2], row[3], whole.get(row[0], int(row[4] or 0)), bool(row[5])) for row in found
    )


def _persons_of(connection: Connection, sittings: Sequence[str]) -> dict[str, int]:
    """Return how many persons the present files of some sittings hold, each counted once."""
    i, p = tables.intake.c, tables.person.c
    query = (
        select(i.sitting, func.count(p.person.distinct()))
        .join(tables.person, p.intake == i.id)
        .where(i.current, i.sitting.in_(sittings))
        .group_by(i.sitting)
    )
    return {sitting: int(n) for sitting, n in connection.execute(query)} if sittings else {}

