"""Why a bank gives no family, or too small a one: the least overlap that it supports, what to write, what to loosen."""

from __future__ import annotations

import math

import numpy as np

from qbank.assemble.family.bundles import places_within, shared_at_most
from qbank.assemble.family.codes import best_code
from qbank.assemble.family.demands import Demands
from qbank.assemble.family.design import candidate_orders, slot_sizes
from qbank.assemble.family.fields import prime_powers
from qbank.assemble.family.make import Made, Wishes, demands_for
from qbank.assemble.family.sieve import make_sieve, totals
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
    problems = []
    orders = candidate_orders(demands)
    largest = max((code.size for order in orders if (code := best_code(order, demands.length, places_within(demands.slot_weights, wishes.overlap)))), default=0)
    found = 0 if made is None else made.design.count.papers
    if largest >= 100 * at_least and orders:
        rule, share = _tightest(demands, orders, setting)
        return [error("P602", span, n=found, at_least=at_least, rule=rule, share=f"{100 * share:.2g}")]
    best = _least_overlap(demands, orders, at_least)
    if best is not None and best > wishes.overlap:
        problems = [error("P601", span, overlap=wishes.overlap, n=found, at_least=at_least, best=best)]
    else:
        problems = [error("P608", span, overlap=wishes.overlap, n=found, at_least=at_least)]
    order = _needed(demands, wishes.overlap, at_least)
    there = np.bincount(demands.section, minlength=len(demands.sizes))
    if order is not None:
        problems += [
            error("P609", section.span, section=section.title, missing=order * places - int(n), there=int(n), needed=order * places)
            for section, n, places in zip(blueprint.sections, there, demands.sizes, strict=False) if n < order * places
        ]  # fmt: skip
    return problems


def _least_overlap(demands: Demands, orders: tuple[int, ...], at_least: int) -> int | None:
    """Return the least overlap at which some alphabet of this bank has so many words."""
    for places in range(demands.length):
        for order in orders:
            code = best_code(order, demands.length, places)
            if code is not None and code.size >= at_least:
                return shared_at_most(demands.slot_weights, places)
    return None


def _needed(demands: Demands, overlap: int, at_least: int) -> int | None:
    """Return the fewest items to a slot with which a code of this overlap has so many words."""
    return next(
        (
            order for order in prime_powers(LARGEST_SLOT)
            if (code := best_code(order, demands.length, places_within(demands.slot_weights, overlap))) is not None and code.size >= at_least
        ),
        None,
    )  # fmt: skip


def _tightest(demands: Demands, orders: tuple[int, ...], setting: Setting) -> tuple[str, float]:
    """Return the rule that fewest random papers keep, and the share that keep it, in the alphabet with fewest items."""
    order = min(orders)
    sizes = slot_sizes(demands, order)
    members, _ = partition(demands, sizes, setting.blueprint.seed, rounds=1)
    slots = np.full((demands.length, order), -1, dtype=np.int64)
    for row, found in zip(slots, members, strict=True):
        row[: found.size] = found
    sieve = make_sieve(demands, slots)
    rng = np.random.default_rng(setting.blueprint.seed)
    words = np.stack([rng.integers(0, found.size, DRAWN) for found in members], axis=1).astype(np.uint8)
    sums = totals(sieve, words)
    kept = ((sums >= sieve.low) & (sums <= sieve.high)).mean(axis=0)
    shares = dict(zip(sieve.labels, kept.tolist(), strict=True))
    for (first, one, second, other), reason in zip(sieve.pairs, sieve.reasons, strict=True):
        meets = float(((words[:, first] == one) & (words[:, second] == other)).mean())
        shares[reason] = shares.get(reason, 1.0) - meets
    rule = min(shares, key=lambda label: shares[label], default="")
    return rule, max(shares.get(rule, math.nan), 0.0)
