"""What parallel papers use up: items per domain × kind × grade, in whole numbers that add up.

Weights are shared out by largest remainder; a table with given margins is the cheapest flow from rows to columns
(network simplex: Kiraly & Kovacs 2012), which for whole margins is whole.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TypeVar

Key = TypeVar("Key", str, int)

LACK = 10_000_000
"""What an item that must first be written costs; no distance from the proportional share weighs as much."""

NEAR, BEYOND = 10_000, 30_000
"""What a unit costs that makes the share a whole number, and one more than that: more than any choice between shares."""


@dataclass(frozen=True, slots=True)
class Part:
    """Questions of one kind on a paper."""

    kind: str
    n_items: int
    marks_each: float


def apportion(weights: Mapping[Key, float], total: int) -> dict[Key, int]:
    """Return whole numbers in proportion to weights that add up to the total, by largest remainder (Hamilton).

    >>> apportion({"A": 50, "B": 30, "C": 20}, 5)
    {'A': 3, 'B': 1, 'C': 1}
    """
    whole = math.fsum(weights.values())
    if not whole:
        return dict.fromkeys(weights, 0)
    shares = {key: total * weight / whole for key, weight in weights.items()}
    given = {key: math.floor(share + 1e-9) for key, share in shares.items()}
    left = total - sum(given.values())
    order = sorted(enumerate(shares), key=lambda entry: (round(given[entry[1]] - shares[entry[1]], 9), entry[0]))
    for _, key in order[:left]:
        given[key] += 1
    return given


def table_with_margins(
    rows: Sequence[int], columns: Sequence[int], stock: Sequence[Sequence[int]] | None = None
) -> list[list[int]]:
    """Return the whole numbers with these row and column sums that the stock covers best, else near proportion.

    stock : what is there in each cell; a unit beyond it is avoided wherever the margins allow

    >>> table_with_margins([2, 2], [3, 1])
    [[2, 0], [1, 1]]
    >>> table_with_margins([2, 2], [3, 1], [[1, 5], [5, 0]])
    [[1, 1], [2, 0]]
    """
    import networkx

    total = sum(rows)
    assert total == sum(columns), (rows, columns)
    graph = networkx.MultiDiGraph()
    for r, row in enumerate(rows):
        graph.add_node(("row", r), demand=-row)
    for c, column in enumerate(columns):
        graph.add_node(("column", c), demand=column)
    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            there = stock[r][c] if stock is not None else None
            share = row * column / total if total else 0.0
            for units, cost in _steps(min(row, column), share, there):
                graph.add_edge(("row", r), ("column", c), capacity=units, weight=cost)
    if not total:
        return [[0] * len(columns) for _ in rows]
    _, flow = networkx.network_simplex(graph)
    return [[sum(flow[("row", r)].get(("column", c), {}).values()) for c in range(len(columns))] for r in range(len(rows))]


def _steps(most: int, share: float, there: int | None) -> list[tuple[int, int]]:
    """Return (units, cost each), dearer and dearer: below the share, around it, beyond, and what is not there."""
    bounds = sorted({0, most, *(min(most, edge) for edge in (math.floor(share), math.ceil(share), 2 * math.ceil(share)))}
                    | ({min(most, there)} if there is not None else set()))  # fmt: skip
    steps = []
    for low, high in pairwise(bounds):
        near = NEAR + 100 - round(99 * (share % 1)) if high <= math.ceil(share) else BEYOND
        beyond = 0 if high <= math.floor(share) else near
        beyond += BEYOND if low >= 2 * math.ceil(share) else 0
        steps.append((high - low, beyond + (LACK if there is not None and low >= there else 0)))
    return steps


def per_paper(weights: Mapping[str, float], parts: Sequence[Part]) -> dict[tuple[str, str], int]:
    """Return the items of each domain and kind on one paper; each kind has exactly its number.

    Kinds with more marks a question are shared out first; then those with equal marks together, so that each domain
    has its weight in marks as nearly as whole questions allow.
    """
    total = sum(part.n_items * part.marks_each for part in parts)
    whole = math.fsum(weights.values()) or 1.0
    left = {domain: weight / whole * total for domain, weight in weights.items()}
    found: dict[tuple[str, str], int] = {}
    by_marks = sorted(parts, key=lambda part: -part.marks_each)
    for marks, group in groupby(by_marks, key=lambda part: part.marks_each):
        numbers: dict[str, int] = {}
        for part in group:
            numbers[part.kind] = numbers.get(part.kind, 0) + part.n_items
        quota = {domain: max(rest, 0.0) for domain, rest in left.items()}
        rows = apportion(quota if any(quota.values()) else weights, sum(numbers.values()))
        table = table_with_margins(list(rows.values()), list(numbers.values()))
        for domain, line in zip(rows, table, strict=True):
            left[domain] -= marks * rows[domain]
            for kind, n in zip(numbers, line, strict=True):
                found[domain, kind] = found.get((domain, kind), 0) + n
    return found


def per_grade(
    need: Mapping[tuple[str, str], int], spread: Mapping[int, float], there: Mapping[tuple[str, str, int], int]
) -> dict[tuple[str, str, int], int]:
    """Return the items of each domain, kind and grade: a kind has the spread in whole, its domains share it so that
    as little as possible is missing."""
    found: dict[tuple[str, str, int], int] = {}
    grades = sorted(spread)
    for kind in dict.fromkeys(kind for _, kind in need):
        domains = [domain for domain, word in need if word == kind]
        rows = [need[domain, kind] for domain in domains]
        columns = apportion(dict(sorted(spread.items())), sum(rows))
        stock = [[there.get((domain, kind, grade), 0) for grade in grades] for domain in domains]
        table = table_with_margins(rows, list(columns.values()), stock)
        for domain, line in zip(domains, table, strict=True):
            found |= {(domain, kind, grade): n for grade, n in zip(grades, line, strict=True)}
    return found
