"""Why a bank gives no family, or too small a one: the least overlap that it supports, what to write, what to loosen."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.bundles import places_within, shared_at_most
from qbank.assemble.family.codes import best_code
from qbank.assemble.family.demands import Demands
from qbank.assemble.family.design import candidate_orders, slot_sizes
from qbank.assemble.family.fields import prime_powers
from qbank.assemble.family.make import Made, Wishes, demands_for
from qbank.assemble.family.sieve import Sieve, Words, make_sieve, passes, totals
from qbank.assemble.family.slots import partition
from qbank.assemble.setting import Setting
from qbank.problem import Problem, error

LARGEST_SLOT = 64
"""Items to a slot up to which what is missing is worked out."""
DRAWN = 20_000


def shortage_of(setting: Setting, wishes: Wishes, at_least: int, made: Made | None) -> list[Problem]:
    """Return what stands in the way of a family with so many papers, and what would help.

    Where the rules are at fault, which of them words break most; where the code has too few words, the least overlap
    that this bank supports and how many items of each section the wanted one needs.
    """
    blueprint, span = setting.blueprint, setting.blueprint.span
    demands, _, problems = demands_for(setting, wishes)
    if demands is None:
        return problems
    orders, places = candidate_orders(demands), places_within(demands.slot_weights, wishes.overlap)
    largest = max((code.size for order in orders if (code := best_code(order, demands.length, places))), default=0)
    found = 0 if made is None else made.design.count.papers
    if largest >= 100 * at_least and orders:
        rule, share = _tightest(demands, orders, setting)
        told = f"{100 * share:.2g}" if share else f"< {100 / DRAWN:g}"
        return [error("P602", span, n=found, at_least=at_least, rule=rule, share=told)]
    shares = _Shares(demands, setting.blueprint.seed)
    best = _least_overlap(demands, orders, at_least, places + 1, shares)
    if best is not None:
        problems = [error("P601", span, overlap=wishes.overlap, n=found, at_least=at_least, best=best)]
    else:
        problems = [error("P608", span, overlap=wishes.overlap, n=found, at_least=at_least)]
    there = np.bincount(demands.section, minlength=len(demands.sizes))
    order = _needed(demands, places, at_least, there, shares.kept(max(orders)) if orders else 1.0)
    if order is None:
        return [*problems, error("P615", span, overlap=wishes.overlap, at_least=at_least, most=LARGEST_SLOT)]
    return problems + [
        error("P609", section.span, section=section.title, missing=order * places - int(n), there=int(n), needed=order * places)
        for section, n, places in zip(blueprint.sections, there, demands.sizes, strict=False) if n < order * places
    ]  # fmt: skip


class _Shares:
    """Of how many words papers come, by the number of items to a place; each worked out once, from slots put together quickly."""

    def __init__(self, demands: Demands, seed: int) -> None:
        self._demands, self._seed = demands, seed
        self._known: dict[int, tuple[float, float]] = {}

    def of(self, order: int) -> float:
        """Return the share of words that are papers: every place has an item for them, and they meet every rule."""
        filled, kept = self._both(order)
        return filled * kept

    def kept(self, order: int) -> float:
        """Return the share that meets every rule of those for which every place has an item."""
        return self._both(order)[1]

    def _both(self, order: int) -> tuple[float, float]:
        if order not in self._known:
            sieve, words = _drawn(self._demands, order, self._seed)
            filled = float(np.prod(sieve.filled.mean(axis=1)))
            # of what no drawn word meets, a rarer one may
            self._known[order] = filled, max(float(passes(sieve, words).mean()), 1 / DRAWN)
        return self._known[order]


def _drawn(demands: Demands, order: int, seed: int) -> tuple[Sieve, Words]:
    """Return a sieve for slots put together quickly, and random words of which every symbol has an item; (n_words, n_slots)."""
    members, _ = partition(demands, slot_sizes(demands, order), seed, rounds=1)
    slots = np.full((demands.length, order), -1, dtype=np.int64)
    for row, found in zip(slots, members, strict=True):
        row[: found.size] = found
    rng = np.random.default_rng(seed)
    words = np.stack([rng.integers(0, found.size, DRAWN) for found in members], axis=1).astype(np.uint8)
    return make_sieve(demands, slots), words


def _least_overlap(demands: Demands, orders: tuple[int, ...], at_least: int, places: int, share: _Shares) -> int | None:
    """Return the least overlap from so many places on at which some alphabet of this bank has so many papers: words that,
    by the share of random ones, meet every rule."""
    for agree in range(places, demands.length):
        for order in orders:
            code = best_code(order, demands.length, agree)
            if code is not None and code.size >= at_least and code.size * share.of(order) >= at_least:
                return shared_at_most(demands.slot_weights, agree)
    return None


def _needed(demands: Demands, agree: int, at_least: int, there: NDArray[np.int64], share: float) -> int | None:
    """Return the fewest items to a slot, more than there are, with which a code of this overlap has so many papers."""
    return next(
        (
            order for order in prime_powers(LARGEST_SLOT)
            if (there < order * np.array(demands.sizes)).any()
            and (code := best_code(order, demands.length, agree)) is not None and code.size * share >= at_least
        ),
        None,
    )  # fmt: skip


def _tightest(demands: Demands, orders: tuple[int, ...], setting: Setting) -> tuple[str, float]:
    """Return the rule that fewest random papers keep, and the share that keep it, in the alphabet with fewest items."""
    sieve, words = _drawn(demands, min(orders), setting.blueprint.seed)
    sums = totals(sieve, words)
    kept = ((sums >= sieve.low) & (sums <= sieve.high)).mean(axis=0)
    shares = dict(zip(sieve.labels, kept.tolist(), strict=True))
    for (first, one, second, other), reason in zip(sieve.pairs, sieve.reasons, strict=True):
        meets = float(((words[:, first] == one) & (words[:, second] == other)).mean())
        shares[reason] = shares.get(reason, 1.0) - meets
    rule = min(shares, key=lambda label: shares[label], default="")
    return rule, max(shares.get(rule, math.nan), 0.0)
