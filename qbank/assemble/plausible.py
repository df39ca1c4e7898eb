"""What a blueprint asks that no bank could give, or that is written by mistake: found before any solver starts."""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import combinations
from typing import Any

from qbank.assemble.candidates import Candidates
from qbank.assemble.constraints.between import is_named
from qbank.assemble.constraints.crossed import WrongCell, cells_of
from qbank.assemble.constraints.logic import place_of
from qbank.assemble.general import is_plain, wrong_values
from qbank.assemble.item_columns import vocabulary
from qbank.assemble.pool import Pool, enemy_items
from qbank.assemble.rules import (
    Bounds,
    Compiled,
    ItemsRule,
    limit,
    n_marks,
    n_places,
    n_unscored,
    named_items,
)
from qbank.assemble.scene import PastPaper
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.history import Estimate, History
from qbank.core.item import Item
from qbank.core.standard import domain_paths
from qbank.kinds import KINDS
from qbank.kinds.questions import part_fingerprints
from qbank.problem import Problem, Span, error

Whole = Callable[[Any, Blueprint], float]
WHOLES: dict[str, Whole] = {
    "count": n_places,
    "marks": n_marks,
    "crossed": lambda rule, plan: n_marks(rule, plan) if rule.of == "marks" else n_places(rule, plan),
    "keys": lambda rule, plan: float(
        sum(s.items for s in plan.sections if s.kind == rule.kind and rule.section in ("", s.title))
    ),
    "if_then": lambda rule, plan: float(sum(s.items + n_unscored(plan, s.title) for s in plan.sections)),
}
"""Of how much an amount of a rule is a part: more than that cannot be asked."""


def implausible(
    blueprint: Blueprint, bank: Bank, history: History, rules: tuple[Compiled, ...], pool: Pool,
    candidates: Candidates,
) -> list[Problem]:  # fmt: skip
    """Return everything that cannot hold whatever the items are like, each at its place in the blueprint."""
    read = Reading(blueprint, bank, pool, candidates)
    problems = [*_weights(blueprint, bank), *_estimates(bank, history, pool)]
    for rule in rules:
        problems += _bounds(rule, read)
        problems += _twice(rule, read)
        problems += SPECIAL[rule.word](rule, read) if rule.word in SPECIAL else ()
    anchors = [rule for rule in rules if rule.word == "anchor"]
    problems += [error("P149", rule.span) for rule in anchors[1:]]
    problems += _groups(rules, read)
    problems += _always(rules, read)
    return list(dict.fromkeys(problems))


def unknown_names(rules: tuple[Compiled, ...], read: Reading, past: tuple[PastPaper, ...]) -> list[Problem]:
    """Return the items and papers that rules name and that are not there, or not for these papers.

    Only for papers that are yet to be made: when old ones are audited, an item may have been retired since.
    """
    problems: list[Problem] = []
    for rule in rules:
        problems += _ids(rule, read)
        if rule.word in ("overlap", "anchor"):
            problems += _past(rule, read, past)
    return problems


class Reading:
    """What the checks look at, with the place of a rule's keys."""

    def __init__(self, blueprint: Blueprint, bank: Bank, pool: Pool, candidates: Candidates) -> None:
        self.blueprint, self.bank, self.pool, self.candidates = blueprint, bank, pool, candidates
        self.playable = frozenset(pool.ids[item] for item in candidates.item)

    def place(self, rule: Compiled, *steps: int | str, key: bool = False) -> Span:
        """Return where a key of a rule stands."""
        return self.blueprint.rules[rule.index].place(*steps, key=key)


def nearest(word: str, known: Collection[str]) -> str:
    """Return the known word that is most like a wrong one, or an empty text.

    >>> nearest("T-0l", ["T-01", "K-07"])
    'T-01'
    """
    near = difflib.get_close_matches(word, known, n=1)
    return near[0] if near else ""


def _weights(blueprint: Blueprint, bank: Bank) -> Iterator[Problem]:
    known = domain_paths(bank.standard)
    for code, _ in blueprint.weights_table:
        if code not in known:
            span = blueprint.place("weights", "table", code, key=True) if blueprint.place else blueprint.span
            yield error("P120", span, domain=code, suggestion=nearest(code, known))


def falls(estimate: Estimate) -> bool:
    """Return whether an estimate is complete but for its slope, which is not above 0: the able would do worse on the item.

    >>> from qbank.core.history import logistic
    >>> [falls(logistic("f", "2pl", "s", a, 0.0, 0.1, 0.1, 500, "2026-05")) for a in (0.8, 0.0, -0.3, math.nan)]
    [False, True, True, False]
    """
    if not is_plain(estimate):
        return wrong_values(estimate) == "slope"
    a, b = (estimate.values.get(name, math.nan) for name in ("a", "b"))
    return math.isfinite(b) and -math.inf < a <= 0


def _estimates(bank: Bank, history: History, pool: Pool) -> Iterator[Problem]:
    for item, id, estimate in estimated_items(bank, history, pool):
        a, b = (estimate.values.get(name, math.nan) for name in ("a", "b"))
        if falls(estimate):
            yield error("P150", item.span, id=id, a=a, b=b, sitting=estimate.sitting)
        elif is_plain(estimate):
            if not (math.isfinite(a) and math.isfinite(b)):
                yield error("P135", item.span, id=id, a=a, b=b, sitting=estimate.sitting)
        elif (why := wrong_values(estimate)) is not None:
            yield error(
                "P151", item.span, id=id, why=f"estimate_{why}", model=estimate.model, sitting=estimate.sitting
            )


def estimated_items(bank: Bank, history: History, pool: Pool) -> Iterator[tuple[Item, str, Estimate]]:
    """Yield the estimates of the items, and of the questions of cases, each with the id that it is about."""
    for item in pool.items:
        questions = zip((part.id for part in KINDS[item.kind].parts(item)), part_fingerprints(item), strict=True)
        for id, fingerprint in ((item.id, bank.fingerprints[item.id]), *questions):
            estimate = history.estimates.get(fingerprint)
            if estimate is not None:
                yield item, id, estimate


def _bounds(rule: Compiled, read: Reading) -> Iterator[Problem]:
    """Yield bounds that exclude each other, percentages over 100, and amounts that a paper does not have."""
    whole = WHOLES[rule.word](rule.value, read.blueprint) if rule.word in WHOLES else math.inf
    for steps, bounds in _all_bounds(rule):
        for key in ("min", "max"):
            text = getattr(bounds, key)
            if text is not None and text.endswith("%") and limit(text, 100.0, 0.0) > 100:
                yield error("P121", read.place(rule, *steps, key), word=rule.word, key=key, amount=text)
        scale = whole if math.isfinite(whole) else 1.0
        mixed = math.isinf(whole) and len({str(text).endswith("%") for text in (bounds.min, bounds.max)}) > 1
        low, high = limit(bounds.min, scale, -math.inf), limit(bounds.max, scale, math.inf)
        if low > high and not mixed:
            yield error("P122", read.place(rule, *steps, "min"), word=rule.word, min=bounds.min, max=bounds.max)
        elif low > whole + 1e-9 and not str(bounds.min).endswith("%"):
            yield error("P123", read.place(rule, *steps, "min"), word=rule.word, min=bounds.min, whole=f"{whole:g}")
    if rule.word == "overlap" and rule.value.low > rule.value.high:
        yield error("P122", read.place(rule, "min"), word=rule.word, min=rule.value.min, max=rule.value.max)


def _all_bounds(rule: Compiled) -> Iterator[tuple[tuple[str, ...], Bounds]]:
    if isinstance(rule.value, Bounds):
        yield (), rule.value
    for key in ("items", "number", "marks"):
        if isinstance(found := getattr(rule.value, key, None), Bounds):
            yield (key,), found
    if rule.word == "crossed":
        for cell in cells_of(rule.value):
            if not isinstance(cell, WrongCell):
                yield ("cells", *cell[0]), cell[1]


def _ids(rule: Compiled, read: Reading) -> Iterator[Problem]:
    """Yield ids that no item has, and items that have no place on these papers."""
    written: list[tuple[tuple[int | str, ...], str]] = []
    if isinstance(rule.value, ItemsRule):
        written = [(("items", place), id) for place, id in enumerate(rule.value.items)]
    elif rule.word == "place":
        written = [(("item",), rule.value.item)]
    for steps, id in written:
        span = read.place(rule, *steps)
        if id not in read.bank.items:
            yield error("P124", span, id=id, suggestion=nearest(id, read.bank.items))
        elif rule.word in ("include", "place") and id not in read.playable:
            item = read.bank.items[id]
            yield error("P127", span, id=id, status=item.status, kind=item.kind, level=item.level)


def _twice(rule: Compiled, read: Reading) -> Iterator[Problem]:
    ids = rule.value.items if isinstance(rule.value, ItemsRule) else ()
    for number, id in enumerate(ids):
        if id in ids[:number]:
            yield error("P125", read.place(rule, "items", number), id=id, word=rule.word)


def _place(rule: Compiled, read: Reading) -> Iterator[Problem]:
    blueprint, written = read.blueprint, rule.value
    section, _ = place_of(written, blueprint)
    scored = read.candidates.scored
    if section < 0:
        sizes = [s.items + n_unscored(blueprint, s.title) for s in blueprint.sections if written.section in ("", s.title)]
        yield error("P128", read.place(rule, "at"), at=written.at, n=sum(sizes))
    elif written.item in read.playable and not any(
        read.pool.ids[item] == written.item and where == section
        for item, where in zip(read.candidates.item[scored], read.candidates.section[scored], strict=True)
    ):
        title = blueprint.sections[section].title
        yield error("P129", read.place(rule, "item"), id=written.item, at=written.at, section=title)


def _pretest(rule: Compiled, read: Reading) -> Iterator[Problem]:
    places, n = rule.value.places, rule.value.items
    if isinstance(places, tuple):
        section = next(s for s in read.blueprint.sections if s.title == rule.value.section)
        size = section.items + n_unscored(read.blueprint, section.title)
        if len(set(places)) != n or max(places) > size:
            yield error("P130", read.place(rule, "places"), n=n, size=size)


def _keys(rule: Compiled, read: Reading) -> Iterator[Problem]:
    if rule.value.kind != "true_false" and rule.value.min is not None:
        yield error("P140", read.place(rule, "min", key=True), kind=rule.value.kind)


def _crossed(rule: Compiled, read: Reading) -> Iterator[Problem]:
    words = vocabulary(read.bank)
    for cell in cells_of(rule.value, words):
        if isinstance(cell, WrongCell):
            last = cell.steps[-1] if cell.steps else "cells"
            if cell.reason == "word":
                known = words.get(cell.column, ())
                span = read.place(rule, "cells", *cell.steps, key=True)
                yield error("P137", span, word=last, column=cell.column, suggestion=nearest(last, known))
            else:
                depth = len(rule.value.by)
                yield error("P138", read.place(rule, "cells", *cell.steps), cell=" × ".join(cell.steps), depth=depth)


def _past(rule: Compiled, read: Reading, past: tuple[PastPaper, ...]) -> Iterator[Problem]:
    key = "with" if rule.word == "overlap" else "from"
    for number, name in enumerate(getattr(rule.value, f"{key}_")):
        if not any(is_named(paper, name) for paper in past):
            known = sorted({name for paper in past for name in (paper.id, paper.id.rpartition("-")[0])})
            yield error("P136", read.place(rule, key, number), paper=name, suggestion=nearest(name, known))


def _groups(rules: tuple[Compiled, ...], read: Reading) -> Iterator[Problem]:
    """Yield enemies in a group that stands together, and items in two such groups."""
    enemies = {frozenset((read.pool.ids[a], read.pool.ids[b])) for a, b in enemy_items(read.pool)}
    group_of: dict[str, str] = {}
    for rule in rules:
        if rule.word != "all_or_none":
            continue
        ids = list(named_items(rule, read.pool))
        for first, second in combinations(ids, 2):
            if frozenset((first, second)) in enemies:
                yield error("P132", rule.span, first=first, second=second, rule=rule.label)
        for id in dict.fromkeys(ids):
            if id in group_of:
                yield error("P131", rule.span, id=id, rule=group_of[id])
            group_of.setdefault(id, rule.label)


def _always(rules: tuple[Compiled, ...], read: Reading) -> Iterator[Problem]:
    """Yield what contradicts items that stand on every paper."""
    always: dict[str, Compiled] = {}
    for rule in rules:
        if rule.word == "include":
            always |= dict.fromkeys(named_items(rule, read.pool), rule)
        elif rule.word == "place":
            always[rule.value.item] = rule
    for rule in rules:
        for id in named_items(rule, read.pool) if rule.word == "exclude" else ():
            if id in always:
                yield error("P126", rule.span, id=id, rule=always[id].label)
        few = rule.word == "overlap" and not rule.value.of_past and rule.value.high < len(always)
        if few and read.blueprint.n_forms > 1:
            high = f"{rule.value.high:g}"
            yield error("P134", read.place(rule, "max"), n=len(always), max=high, forms=read.blueprint.n_forms)
    enemies = {frozenset((read.pool.ids[a], read.pool.ids[b])) for a, b in enemy_items(read.pool)}
    for first, second in combinations(sorted(always), 2):
        if frozenset((first, second)) in enemies:
            rule = always[second]
            yield error("P132", rule.span, first=first, second=second, rule=rule.label)
    places = Counter(place_of(rule.value, read.blueprint) for rule in rules if rule.word == "place")
    for rule in rules:
        if rule.word == "place" and places[place_of(rule.value, read.blueprint)] > 1:
            yield error("P139", rule.span, at=rule.value.at)


SPECIAL: dict[str, Callable[[Compiled, Reading], Iterator[Problem]]] = {
    "place": _place, "pretest": _pretest, "keys": _keys, "crossed": _crossed,
}  # fmt: skip
"""What only one word can be wrong in."""
