"""What is known of each item of a pool: slope, difficulty and facility, by answers, by a small sitting or by its grade."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.general import (
    GeneralItems,
    expected_share,
    general_items,
    is_plain,
    located,
    put,
    share_variance,
)
from qbank.assemble.prior import (
    GRADE_FACILITY_SD,
    SLOPE_SD_SHARE,
    facility_change,
    judged_errors,
    judged_parameters,
    population_facility,
    population_mean,
)
from qbank.core.bank import Bank
from qbank.core.history import Estimate, History
from qbank.core.item import Item
from qbank.kinds import KINDS
from qbank.kinds.questions import part_fingerprints

Array = NDArray[np.float64]
FEW_ANSWERS = 100
"""An estimate from fewer answers gives way to a planning difficulty of its revision: the same answers drawn towards the
grade, which are nearer the truth. A hundred is what the simplest model wants."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownItems:
    """What is known of each item: an estimate first, then what a small sitting lets one plan with, then its grade."""

    n_answers: Mapping[int, int]
    slope: Array
    difficulty: Array
    slope_se: Array
    difficulty_se: Array
    calibrated: NDArray[np.bool_]
    planned: NDArray[np.bool_]
    general: tuple[GeneralItems, ...]


def known_items(items: tuple[Item, ...], bank: Bank, history: History, grade: NDArray[np.int64]) -> KnownItems:
    """Return what is known of each item; a judged grade stands where there are neither estimates nor a small sitting's plan.

    grade : (n_items,) as judged
    """
    mean, sd, n = history.ability_mean, history.ability_sd, len(items)
    slope, difficulty = judged_parameters(grade, mean=mean, sd=sd) if items else (np.zeros(0), np.zeros(0))
    slope_se, difficulty_se = judged_errors(slope, difficulty, mean=mean, sd=sd)
    calibrated, planned = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    n_answers: dict[int, int] = {}
    found: list[tuple[int, float, Estimate]] = []
    for index, item in enumerate(items):
        fingerprint = bank.fingerprints[item.id]
        estimate, plan = history.estimates.get(fingerprint), history.planned.get(fingerprint)
        if estimate is not None and plan is not None and estimate.n_answers < FEW_ANSWERS:
            estimate = None
        parts = _part_estimates(item, history) if estimate is None else ()
        if estimate is not None:
            n_answers[index], calibrated[index] = estimate.n_answers, True
            if not is_plain(estimate):
                found.append((index, 1.0, estimate))
            slope[index], difficulty[index] = (estimate.values.get(name, np.nan) for name in ("a", "b"))
            slope_se[index], difficulty_se[index] = (estimate.errors.get(name, np.nan) for name in ("a", "b"))
        elif parts:
            n_answers[index], calibrated[index] = min(one.n_answers for _, one in parts), True
            found += [(index, weight, one) for weight, one in parts]
            slope_se[index] = difficulty_se[index] = np.nan
        elif plan is not None:
            planned[index] = True
            slope[index], difficulty[index], difficulty_se[index] = plan.slope, plan.difficulty, plan.error
            slope_se[index] = SLOPE_SD_SHARE * plan.slope
    general = general_items(found)
    if general:
        rows, *place = located(general, n)
        slope[rows], difficulty[rows] = place
    return KnownItems(n_answers, slope, difficulty, slope_se, difficulty_se, calibrated, planned, general)


def _part_estimates(item: Item, history: History) -> tuple[tuple[float, Estimate], ...]:
    """Return for each question of a case its share of the marks and its estimate, () unless all of them have one."""
    parts = KINDS[item.kind].parts(item)
    known = [history.estimates.get(fingerprint) for fingerprint in part_fingerprints(item)] if parts else []
    whole = sum(part.marks for part in parts)
    if not whole or any(one is None for one in known):
        return ()
    return tuple((part.marks / whole, one) for part, one in zip(parts, known, strict=True) if one is not None)


def facilities(known: KnownItems, history: History) -> tuple[Array, Array]:
    """Return the expected share of the marks in the population, and what is not known of it, each (n_items,)."""
    mean, sd = history.ability_mean, history.ability_sd
    facility = population_facility(known.slope, known.difficulty, mean=mean, sd=sd)
    spread = facility * (1 - facility)
    if known.general:
        rows = np.unique(np.concatenate([part.items for part in known.general]))

        def of_rows(of: Callable[[GeneralItems, Array], Array], theta: Array) -> Array:
            whole = put(np.zeros((facility.size, theta.size)), known.general, facility.size, of, theta)
            return np.asarray(whole[rows])

        def square(theta: Array) -> Array:
            return of_rows(share_variance, theta) + of_rows(expected_share, theta) ** 2

        facility[rows] = population_mean(partial(of_rows, expected_share), mean=mean, sd=sd)
        spread[rows] = np.maximum(population_mean(square, mean=mean, sd=sd) - facility[rows] ** 2, 0.0)
    facility_sd = np.full(facility.size, GRADE_FACILITY_SD)
    for index, n in known.n_answers.items():
        facility_sd[index] = float(np.sqrt(spread[index] / max(n, 1)))
    change = facility_change(known.slope[known.planned], known.difficulty[known.planned], mean=mean, sd=sd)
    facility_sd[known.planned] = known.difficulty_se[known.planned] * change
    return facility, facility_sd
