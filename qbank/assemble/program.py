"""What the papers must be, as arrays: labelled rows over the columns of one paper, and what holds between papers.

A column is a candidate (an item in a role, see `qbank.assemble.candidates`) or, after those, the indicator of a
stimulus set. Every paper has the same columns and rows; bounds may differ from paper to paper. How the papers are
found is not said here: `qbank.assemble.direct` writes the program of all papers at once, `qbank.assemble.pooled`
that of their sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.problem import Span

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

NOWHERE = Span("")
BUILT_IN = -1
"""The rule index of rows that no entry of ``constraints:`` asks for: sections, weights, enemies."""


@dataclass(frozen=True, slots=True)
class Source:
    """Whose row it is: its words, where they stand, and the index of the rule (`BUILT_IN`: none)."""

    label: str
    origin: Span
    rule: int = BUILT_IN


@dataclass(frozen=True, slots=True)
class Row:
    """``low ≤ Σ values · x[columns] ≤ high`` on every paper; a hard row is logic that no relaxation may touch."""

    columns: Indices
    values: Array
    low: float
    high: float
    source: Source
    hard: bool = False


@dataclass(frozen=True, slots=True)
class ItemSet:
    """Some candidates that stand on a paper only as a group of ``low`` to ``high``, or not at all.

    indicator : the column that is 1 where the set stands on the paper ; columns : its candidates
    """

    indicator: int
    columns: Indices
    low: int
    high: int
    source: Source


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many items any two papers share."""

    low: int
    high: int
    source: Source


@dataclass(frozen=True, slots=True)
class Ban:
    """Candidates that a rule keeps off every paper."""

    columns: Indices
    source: Source


@dataclass(frozen=True, slots=True)
class UseLimit:
    """Items that a rule lets stand on so many of the papers at most."""

    items: Indices
    most: int
    source: Source


@dataclass(frozen=True, slots=True)
class Compared:
    """A quantity of a paper in which no two papers may differ by more than ``within``."""

    columns: Indices
    values: Array
    within: float
    source: Source


@dataclass(frozen=True, slots=True)
class Terms:
    """Quantities of a paper that are compared with a target, or between papers.

    The quantity k of paper f is ``q = values[k] · x[f]``. It deviates from its target by ``|q − t| / unit``
    (sense 0), ``(t − q) / unit`` (sense −1: only too little is bad) or ``(q − t) / unit`` (sense +1). Where the target
    is NaN the papers are compared with each other: ``(largest q − smallest q) / unit``. The objective is the largest
    ``weight · deviation`` over papers and terms.

    values : (n_terms, n_columns) ; target : (n_forms, n_terms) ; unit, weight : (n_terms,) ; sense : (n_terms,) ;
    cap : (n_terms,) the largest ``deviation · unit`` that is allowed, ∞ for any; weight 0: only the cap counts ;
    sources : whose terms they are, where a rule asks for them; not given at all, or one for each
    """

    names: tuple[str, ...]
    values: Array
    target: Array
    unit: Array
    sense: Indices
    weight: Array
    cap: Array
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """All that papers drawn from the columns must satisfy, and what makes one choice better than another.

    item, role : (n_columns,) position in the pool and role of each candidate, −1 for indicators ; matrix :
    (n_rows, n_columns) ; low, high : (n_forms, n_rows) ; labels, origins, rules, hard : (n_rows,) ; lower, upper :
    (n_forms, n_columns) 0 or 1 ; enemies : (n_pairs, 2) positions of items that never stand on one paper ;
    enemy_sources : (n_pairs,) whose wish that is ; uses : (n_items,) the most papers an item may stand on ; cost : (n_columns,) added to the objective for every candidate
    on every paper
    """

    n_forms: int
    item: Indices
    role: Indices
    matrix: sparse.csr_matrix
    low: Array
    high: Array
    labels: tuple[str, ...]
    origins: tuple[Span, ...]
    rules: tuple[int, ...]
    hard: NDArray[np.bool_]
    lower: Array
    upper: Array
    sets: tuple[ItemSet, ...]
    enemies: Indices
    uses: Indices
    overlaps: tuple[Overlap, ...]
    terms: Terms
    cost: Array
    bans: tuple[Ban, ...] = ()
    limits: tuple[UseLimit, ...] = ()
    enemy_sources: tuple[Source, ...] = ()

    @property
    def n_columns(self) -> int:
        """Return the number of candidates and indicators."""
        return int(self.item.size)

    @property
    def n_candidates(self) -> int:
        """Return the number of candidates, which come first."""
        return int((self.item >= 0).sum())


def no_terms(n_forms: int, n_columns: int) -> Terms:
    """Return no quantity at all: any papers that hold the rows are equally good."""
    return Terms(
        (), np.zeros((0, n_columns)), np.zeros((n_forms, 0)), np.zeros(0), np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    )


def wide_terms(terms: Terms, n_columns: int) -> Terms:
    """Return terms that are given over the candidates alone, over all columns."""
    wider = np.zeros((terms.values.shape[0], n_columns))
    wider[:, : terms.values.shape[1]] = terms.values
    return replace(terms, values=wider)


def joined_terms(first: Terms, second: Terms) -> Terms:
    """Return the terms of both; the first may be given over the candidates alone."""
    sources = tuple(
        source
        for terms in (first, second)
        for source in terms.sources or (Source("", NOWHERE),) * len(terms.names)
    )
    return Terms(
        (*first.names, *second.names), np.vstack([wide_terms(first, second.values.shape[1]).values, second.values]),
        np.hstack([first.target, second.target]), np.append(first.unit, second.unit),
        np.append(first.sense, second.sense), np.append(first.weight, second.weight), np.append(first.cap, second.cap),
        sources,
    )  # fmt: skip


def _compared_terms(compared: Sequence[Compared], n_forms: int, n_columns: int) -> Terms:
    values = np.zeros((len(compared), n_columns))
    for row, entry in zip(values, compared, strict=True):
        row[entry.columns] = entry.values
    ones = np.ones(len(compared))
    return Terms(
        tuple(entry.source.label for entry in compared), values, np.full((n_forms, len(compared)), np.nan), ones,
        np.zeros(len(compared), np.int64), 0 * ones, np.array([entry.within for entry in compared]),
        tuple(entry.source for entry in compared),
    )  # fmt: skip


@dataclass(slots=True)
class Draft:
    """A program under construction: rules add rows, bounds and sets; then it is frozen.

    item, role : (n_candidates,) ; n_items : of the pool
    """

    item: Indices
    role: Indices
    n_items: int
    n_forms: int
    rows: list[Row] = field(default_factory=list)
    sets: list[ItemSet] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    bans: list[Ban] = field(default_factory=list)
    limits: list[UseLimit] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)
    enemies: dict[tuple[int, int], Source] = field(default_factory=dict)
    lower: Array = field(init=False)
    upper: Array = field(init=False)
    uses: Indices = field(init=False)

    def __post_init__(self) -> None:
        self.lower, self.upper = np.zeros(self.item.size), np.ones(self.item.size)
        self.uses = np.full(self.n_items, self.n_forms, dtype=np.int64)

    def columns_of(self, items: Sequence[int] | Indices) -> Indices:
        """Return the candidates of some items, in all their roles."""
        return np.flatnonzero(np.isin(self.item, np.asarray(items, dtype=np.int64)))

    def add(
        self, columns: Indices, values: Array, low: float, high: float, source: Source, *, hard: bool = False
    ) -> None:
        """Add a row to every paper; one without coefficients whose bounds admit 0 is left out."""
        if columns.size or low > 0 or high < 0:
            self.rows.append(Row(columns, np.asarray(values, dtype=np.float64), low, high, source, hard))

    def forbid(self, columns: Indices, source: Source) -> None:
        """Keep candidates off every paper."""
        self.upper[columns] = 0.0
        self.bans.append(Ban(columns, source))

    def limit_uses(self, items: Indices, most: int, source: Source) -> None:
        """Let items stand on so many of the papers at most."""
        self.uses[items] = np.minimum(self.uses[items], most)
        self.limits.append(UseLimit(items, most, source))

    def compare(self, columns: Indices, values: Array, within: float, source: Source) -> None:
        """Let no two papers differ by more in a quantity; a single paper has nothing to differ from."""
        if self.n_forms > 1:
            self.compared.append(Compared(columns, np.asarray(values, dtype=np.float64), within, source))

    def add_enemies(self, first: int, second: int, source: Source | None = None) -> None:
        """Let two items never stand on one paper; source : whose wish that is, where it is not the bank's."""
        pair = min(first, second), max(first, second)
        self.enemies.setdefault(pair, source or Source(f"enemies: {pair[0]} / {pair[1]}", NOWHERE))

    def add_set(self, columns: Indices, low: int, high: int, source: Source) -> int:
        """Let candidates stand only as a group of low to high; returns the column that tells whether they do."""
        indicator = self.item.size + len(self.sets)
        self.sets.append(ItemSet(indicator, columns, low, high, source))
        both = np.append(columns, indicator)
        ones = np.ones(columns.size)
        self.add(both, np.append(ones, -float(low)), 0.0, np.inf, source)
        self.add(both, np.append(ones, -float(high)), -np.inf, 0.0, source)
        return indicator

    def freeze(self, terms: Terms | None = None, cost: Array | None = None) -> Program:
        """Return the program; terms and cost may be given over the candidates alone."""
        n_columns, n_sets = self.item.size + len(self.sets), len(self.sets)
        indptr = np.cumsum([0, *(row.columns.size for row in self.rows)])
        indices = np.concatenate([row.columns for row in self.rows]) if self.rows else np.zeros(0, np.int64)
        data = np.concatenate([row.values for row in self.rows]) if self.rows else np.zeros(0)
        terms = terms or no_terms(self.n_forms, n_columns)
        if self.compared:
            terms = joined_terms(terms, _compared_terms(self.compared, self.n_forms, n_columns))
        if terms.values.shape[1] < n_columns:
            terms = wide_terms(terms, n_columns)
        prices = np.zeros(n_columns)
        if cost is not None:
            prices[: cost.size] = cost
        every = np.ones((self.n_forms, 1))
        none = np.full(n_sets, -1, dtype=np.int64)
        return Program(
            n_forms=self.n_forms,
            item=np.concatenate([self.item, none]), role=np.concatenate([self.role, none]),
            matrix=sparse.csr_matrix((data, indices, indptr), shape=(len(self.rows), n_columns)),
            low=every * np.array([row.low for row in self.rows]), high=every * np.array([row.high for row in self.rows]),
            labels=tuple(row.source.label for row in self.rows), origins=tuple(row.source.origin for row in self.rows),
            rules=tuple(row.source.rule for row in self.rows),
            hard=np.array([row.hard for row in self.rows], dtype=np.bool_),
            lower=every * np.append(self.lower, np.zeros(n_sets)), upper=every * np.append(self.upper, np.ones(n_sets)),
            sets=tuple(self.sets), enemies=np.array(sorted(self.enemies), dtype=np.int64).reshape(-1, 2),
            uses=self.uses, overlaps=tuple(self.overlaps), terms=terms, cost=prices,
            bans=tuple(self.bans), limits=tuple(self.limits),
            enemy_sources=tuple(self.enemies[pair] for pair in sorted(self.enemies)),
        )  # fmt: skip


def with_indicators(program: Program, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the papers (n_forms, n_columns) with the indicator of every set that has a member on the paper."""
    whole = chosen.copy()
    for found in program.sets:
        whole[:, found.indicator] = chosen[:, found.columns].any(axis=1)
    return whole


def quantities(program: Program, chosen: NDArray[np.bool_]) -> Array:
    """Return the terms of each paper; shape (n_forms, n_terms). chosen : (n_forms, n_columns)"""
    return np.asarray(chosen @ program.terms.values.T, dtype=np.float64)


def deviations(program: Program, chosen: NDArray[np.bool_]) -> Array:
    """Return by how much each paper deviates in each term, in its unit; shape (n_forms, n_terms).

    Where papers are compared with each other, the whole spread stands at every paper.
    """
    terms, found = program.terms, quantities(program, chosen)
    if not terms.names:
        return np.zeros(found.shape)
    away = found - terms.target
    away = np.where(terms.sense == 0, np.abs(away), terms.sense * away)
    spread = found.max(axis=0) - found.min(axis=0)
    return np.asarray(np.where(np.isnan(terms.target), spread, away) / terms.unit)


def objective(program: Program, chosen: NDArray[np.bool_]) -> float:
    """Return the objective of some papers: the largest weighted deviation and the cost."""
    terms = program.terms
    weighted = (deviations(program, chosen) * terms.weight)[:, terms.weight > 0]
    return float(weighted.max(initial=-np.inf) if weighted.size else 0.0) + float(chosen.sum(axis=0) @ program.cost)


def violations(program: Program, chosen: NDArray[np.bool_]) -> dict[str, float]:
    """Return by label how much of each rule some papers break, summed over papers; empty: none.

    Counted from the arrays of the program; the audit of finished forms counts again without them.
    """
    x = chosen.astype(np.float64)
    found = np.asarray((program.matrix @ x.T).T)
    short = np.maximum(program.low - found, 0) + np.maximum(found - program.high, 0)
    broken: dict[str, float] = {}

    def count(label: str, amount: float) -> None:
        if amount > 1e-6:
            broken[label] = broken.get(label, 0.0) + float(amount)

    for row in np.flatnonzero(short.max(axis=0, initial=0.0) > 1e-6):
        count(program.labels[row], short[:, row].sum())
    count("bounds of candidates", (np.maximum(program.lower - x, 0) + np.maximum(x - program.upper, 0)).sum())
    items = items_on(program, chosen)
    for source, (first, second) in zip(program.enemy_sources, program.enemies, strict=True):
        count(source.label, (items[:, first] & items[:, second]).sum())
    count("uses", np.maximum(items.sum(axis=0) - program.uses, 0).sum())
    shared = items.astype(np.int64) @ items.T.astype(np.int64)
    pairs = shared[np.triu_indices(program.n_forms, 1)]
    for overlap in program.overlaps:
        count(overlap.source.label, np.maximum(pairs - overlap.high, 0).sum() + np.maximum(overlap.low - pairs, 0).sum())
    away = deviations(program, chosen) * program.terms.unit
    for term, name in enumerate(program.terms.names):
        count(name, np.maximum(away[:, term] - program.terms.cap[term], 0).max(initial=0.0))
    return broken


def items_on(program: Program, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which items stand on which paper; shape (n_forms, n_items)."""
    items = np.zeros((chosen.shape[0], program.uses.size), dtype=np.bool_)
    n = program.n_candidates
    for form in range(chosen.shape[0]):
        items[form, program.item[:n][chosen[form, :n]]] = True
    return items
