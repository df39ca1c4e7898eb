"""Whether a bank covers its standard, what papers would use, and what is still to be written."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qbank.core.bank import Bank, CoverageRules
from qbank.core.item import Status
from qbank.core.standard import Competency, Standard, leaf_weights
from qbank.lint.plan import Part, per_grade, per_paper
from qbank.lint.syllabus import COMPETENCIES_PER_WEIGHT, IMPORTANCE_LIMITS

Verdict = Literal["ok", "gap"]
PREPARED: tuple[Status, ...] = ("draft", "in_review", "approved")
"""In preparation: what will be usable once the office is through with it."""
LIVE: tuple[Status, ...] = ("live",)
PREMIUM_PER_WEIGHT = 3
"""Competencies per mark of weight that a premium bank (精品题库) has; others have twice the weight."""
USUAL_PAPER = (Part("single", 80, 1.0), Part("true_false", 20, 1.0))


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement: ``name`` as in the catalogue, figure and requirement as shown, and where it fails."""

    name: str
    figure: str
    need: str
    verdict: Verdict
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """Items of one domain, kind and grade: live, in preparation, and what the papers use."""

    domain: str
    kind: str
    grade: int
    live: int
    prepared: int
    need: int

    @property
    def missing(self) -> int:
        """Return how many items are still to be written."""
        return max(0, self.need - self.live - self.prepared)


@dataclass(frozen=True, slots=True)
class Order:
    """One line of the writing commission (命题任务书); competency empty where its domain has none at this level."""

    domain: str
    competency: str
    kind: str
    grade: int
    n: int


@dataclass(frozen=True, slots=True)
class Use:
    """What a number of parallel papers uses and lacks, by kind."""

    n_forms: int
    need: Mapping[str, int]
    missing: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The bank at one level: checks, cells, items (live, in preparation) by competency, papers, the commission."""

    level: int
    n_forms: int
    checks: tuple[Check, ...]
    cells: tuple[Cell, ...]
    points: Mapping[str, tuple[int, int]]
    uses: tuple[Use, ...]
    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class _Stock:
    """What there is at a level: items by (domain, kind, grade) and by competency, live and in preparation."""

    live: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    prepared: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    points_live: Counter[str] = field(default_factory=Counter)
    points_prepared: Counter[str] = field(default_factory=Counter)

    @property
    def all(self) -> Counter[tuple[str, str, int]]:
        return self.live + self.prepared


def levels_with_items(bank: Bank) -> list[int]:
    """Return the levels that have items, the lowest skill first; those of the standard where there is no item."""
    found = {item.level for item in bank.items.values()} & set(bank.standard.levels)
    return sorted(found or bank.standard.levels, reverse=True)


def coverage(
    bank: Bank, level: int, *, n_forms: int, parts: Sequence[Part] = USUAL_PAPER, also: Sequence[int] = (2, 4),
    premium: bool | None = None,
) -> Coverage:  # fmt: skip
    """Return how the bank covers its standard at a level and what papers of these parts would use.

    also : numbers of papers whose use is counted beside ``n_forms`` ; premium : in place of the bank's setting
    """
    rules, standard = bank.coverage, bank.standard
    points = {code: entry for code, entry in standard.competencies.items() if level in entry.levels}
    stock = _stock(bank, level)
    weights = _weights(standard, level, points)
    paper = per_paper(weights, parts)
    cells = _cells(paper, n_forms, rules.grades, stock)
    uses = tuple(
        _use(n, cells if n == n_forms else _cells(paper, n, rules.grades, stock)) for n in sorted({*also, n_forms})
    )
    found = {code: (stock.points_live[code], stock.points_prepared[code]) for code in points}
    orders = _orders(cells, points, found, rules, parts)
    premium = rules.premium if premium is None else premium
    factor = PREMIUM_PER_WEIGHT if premium else COMPETENCIES_PER_WEIGHT
    checks = (
        _weights_check(standard, level, points),
        *(_size_checks(standard, level, points, factor) if premium or bank.rules == "national" else ()), _points_check(found, rules.min_items_per_point),
        *_plan_checks(cells, rules.grades),
    )  # fmt: skip
    return Coverage(level, n_forms, checks, cells, found, uses, orders)


def _weights(standard: Standard, level: int, points: Mapping[str, Competency]) -> dict[str, float]:
    """Return the weights of the leaf domains; where the level has none, a domain counts by its competencies."""
    return leaf_weights(standard, level) or {k: float(n) for k, n in Counter(p.domain for p in points.values()).items()}


def _stock(bank: Bank, level: int) -> _Stock:
    stock = _Stock()
    for item in bank.items.values():
        point = bank.standard.competencies.get(item.competency)
        if item.level != level or point is None or item.status not in (*LIVE, *PREPARED):
            continue
        live = item.status in LIVE
        (stock.live if live else stock.prepared)[point.domain, item.kind, item.grade] += 1
        (stock.points_live if live else stock.points_prepared)[item.competency] += 1
    return stock


def _cells(
    paper: Mapping[tuple[str, str], int], n_forms: int, spread: Mapping[int, float], stock: _Stock
) -> tuple[Cell, ...]:
    need = per_grade({key: n_forms * n for key, n in paper.items()}, spread, stock.all)
    order = {domain: n for n, (domain, _) in enumerate(paper)}
    keys = dict.fromkeys([*need, *sorted(stock.all)])
    places = sorted(keys, key=lambda key: (order.get(key[0], len(order)), (key[0], key[1]) not in paper))
    return tuple(
        Cell(*key, stock.live[key], stock.prepared[key], need.get(key, 0))
        for key in places
        if need.get(key) or stock.live[key] or stock.prepared[key]
    )


def _use(n_forms: int, cells: Sequence[Cell]) -> Use:
    need: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for cell in cells:
        need[cell.kind] += cell.need
        missing[cell.kind] += cell.missing
    return Use(n_forms, dict(+need), {kind: missing[kind] for kind in +need})


def _orders(
    cells: Sequence[Cell], points: Mapping[str, Competency], found: Mapping[str, tuple[int, int]], rules: CoverageRules,
    parts: Sequence[Part],
) -> tuple[Order, ...]:  # fmt: skip
    """Return the commission: each missing item goes to the competency of its domain that has fewest, then
    competencies that are still short of their minimum get theirs, in the paper's main kind and the rarest grade."""
    there = {code: live + prepared for code, (live, prepared) in found.items()}
    of_domain: dict[str, list[str]] = {}
    for code, point in points.items():
        of_domain.setdefault(point.domain, []).append(code)
    orders: Counter[tuple[str, str, str, int]] = Counter()
    grades = Counter(dict.fromkeys(rules.grades, 0))
    for cell in cells:
        grades[cell.grade] += cell.live + cell.prepared + cell.missing
        for _ in range(cell.missing):
            code = min(of_domain.get(cell.domain, [""]), key=lambda one: there.get(one, 0))
            orders[cell.domain, code, cell.kind, cell.grade] += 1
            there[code] = there.get(code, 0) + 1
    main = max(parts, key=lambda part: part.n_items).kind
    used = {grade: share for grade, share in sorted(rules.grades.items()) if share}
    for code, point in points.items():
        for _ in range(rules.min_items_per_point - there[code]):
            grade = min(used, key=lambda one: grades[one] / used[one])
            orders[point.domain, code, main, grade] += 1
            grades[grade] += 1
    return tuple(Order(*key, n) for key, n in sorted(orders.items()))


def _weights_check(standard: Standard, level: int, points: Mapping[str, Competency]) -> Check:
    weights = leaf_weights(standard, level)
    total = math.fsum(weights.values())
    held = {point.domain for point in points.values()}
    empty = tuple(code for code in weights if code not in held)
    return Check("weights_agree", f"{total:g}", "100", _verdict(abs(total - 100) < 1e-6 and not empty), empty)


def _size_checks(standard: Standard, level: int, points: Mapping[str, Competency], factor: int) -> Iterator[Check]:
    """Yield the rules of size of the national item bank, which hold where a bank says ``rules: national``."""
    weights = leaf_weights(standard, level)
    counts = Counter(point.domain for point in points.values())
    short = tuple(
        f"{code} {counts[code]}/{math.ceil(factor * weight)}"
        for code, weight in weights.items()
        if counts[code] < math.ceil(factor * weight - 1e-9)
    )
    yield Check(f"points_{factor}_per_weight", f"{len(weights) - len(short)}/{len(weights)}", f"{len(weights)}/{len(weights)}",
                _verdict(bool(weights) and not short), short)  # fmt: skip
    n_least = 100 * factor
    yield Check(f"points_total_{n_least}", f"{len(points)}", f"≥ {n_least}", _verdict(len(points) >= n_least))
    words = Counter(point.importance for point in points.values())
    shares = {word: words[word] / len(points) if points else 0.0 for word in IMPORTANCE_LIMITS}
    wrong = tuple(
        f"{word} {shares[word]:.1%}"
        for word, (least, most) in IMPORTANCE_LIMITS.items()
        if not least - 1e-9 <= shares[word] <= most + 1e-9
    )
    figure = "  ".join(f"{word} {share:.1%}" for word, share in shares.items())
    yield Check("importance", figure, "X ≥ 80%  Y ≤ 15%  Z ≤ 5%", _verdict(not wrong), wrong)


def _points_check(found: Mapping[str, tuple[int, int]], least: int) -> Check:
    numbers = {code: live + prepared for code, (live, prepared) in found.items()}
    short = tuple(f"{code} {n}/{least}" for code, n in numbers.items() if n < least)
    mean = sum(numbers.values()) / len(numbers) if numbers else 0.0
    figure = f"{min(numbers.values(), default=0)} / {mean:.2f}"
    return Check("items_per_point", figure, f"≥ {least}", _verdict(bool(numbers) and not short), short)


def _plan_checks(cells: Sequence[Cell], spread: Mapping[int, float]) -> Iterator[Check]:
    """Yield the gaps by kind, and then what is missing on top of them because of the grades alone."""
    by_kind: dict[tuple[str, str], list[int]] = {}
    for cell in cells:
        entry = by_kind.setdefault((cell.domain, cell.kind), [0, 0])
        entry[0] += cell.live + cell.prepared
        entry[1] += cell.need
    short = tuple(f"{domain} {kind} {there}/{need}" for (domain, kind), (there, need) in by_kind.items() if there < need)
    n_short = sum(max(0, need - there) for there, need in by_kind.values())
    yield Check("kind_gaps", f"{n_short}", "0", _verdict(not short), short)
    planned = {kind for (_, kind), (_, need) in by_kind.items() if need}
    numbers = Counter[int]()
    missing = Counter[int]()
    for cell in cells:
        numbers[cell.grade] += (cell.live + cell.prepared) * (cell.kind in planned)
        missing[cell.grade] += cell.missing
    n_grades = missing.total() - n_short
    total, whole = numbers.total(), math.fsum(spread.values()) or 1.0
    shares = "/".join(f"{100 * numbers[grade] / total if total else 0:.0f}" for grade in sorted(spread))
    wanted = "/".join(f"{100 * share / whole:g}" for _, share in sorted(spread.items()))
    gaps = tuple(f"{grade}×{missing[grade]}" for grade in sorted(missing) if missing[grade]) if n_grades else ()
    yield Check("grade_gaps", f"{n_grades}  ({shares})", f"0  ({wanted})", _verdict(not n_grades), gaps)


def _verdict(holds: bool) -> Verdict:
    return "ok" if holds else "gap"
