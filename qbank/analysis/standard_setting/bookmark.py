"""Judging an ordered booklet: the page after which a borderline candidate no longer masters the items."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray
from qbank.analysis.standard_setting.record import NAN, CutScore, error_of_mean, judge_table
from qbank.irt import ItemParameters, characteristic_curve, expected_score

RP = 0.67
_LOW, _HIGH, _STEPS = -30.0, 30.0, 80


def locations(parameters: ItemParameters, *, rp: float = RP) -> FloatArray:
    """Return the ability at which each item is earned to the share ``rp``, (n_items,): its place in the booklet.

    Of a right/wrong item P(θ) = rp, guessing included; of one with more categories the expected share of its marks.
    NaN without parameters or where guessing alone gives more.

    >>> from qbank.irt import item_parameters
    >>> locations(item_parameters("rasch", a=[1.0], b=[0.0])).round(4)
    array([0.7082])
    """
    known = parameters.estimated
    steps = parameters.n_categories - 1
    low, high = np.full(known.size, _LOW), np.full(known.size, _HIGH)
    at = np.arange(known.size)

    def share(theta: FloatArray) -> FloatArray:
        return np.asarray(expected_score(parameters, theta)[at, at] / steps)

    with np.errstate(invalid="ignore"):
        possible = known & (share(low) < rp) & (share(high) > rp)
        for _ in range(_STEPS):
            middle = (low + high) / 2
            below = share(middle) < rp
            low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(possible, (low + high) / 2, NAN)


def booklet(parameters: ItemParameters, *, rp: float = RP) -> pl.DataFrame:
    """Return the ordered item booklet: page (1 the easiest), item, location; items without a location are left out."""
    at = locations(parameters, rp=rp)
    order = [n for n in np.argsort(at, kind="stable").tolist() if np.isfinite(at[n])]
    return pl.DataFrame(
        {"page": range(1, len(order) + 1), "item": [parameters.items[n] for n in order], "location": at[order]},
        schema={"page": pl.Int64, "item": pl.String, "location": pl.Float64},
    )


def bookmark(
    parameters: ItemParameters,
    pages: ArrayLike,
    *,
    rp: float = RP,
    marks: ArrayLike | None = None,
    judges: tuple[str, ...] | None = None,
) -> CutScore:
    """Return the cut of bookmarks in an ordered booklet; Mitzel, Lewis, Patz & Green (2001, in Cizek, Setting Performance Standards).

    pages : (n_judges,) the page of the first item that a borderline candidate does not master (1 to n + 1), NaN none
    rp : the share that is mastery, two thirds by custom ; marks : (n_items,) that a category more brings, None: 1

    A judge's ability is the location of the item before the bookmark (page 1: the first item's); the panel's is their
    median, and the cut in marks the expected score there. error : over judges, of the mean of their cuts in marks.
    judges : judge, cut (marks), leniency, page, ability ; items : page, item, location

    >>> from qbank.irt import item_parameters
    >>> found = bookmark(item_parameters("rasch", a=[1.0] * 3, b=[-1.0, 0.0, 1.0]), [3, 3, 2])
    >>> round(found.ability, 4), round(found.cut, 3)
    (0.7082, 1.944)
    """
    ordered = booklet(parameters, rp=rp)
    at = ordered["location"].to_numpy()
    page = np.asarray(pages, float)
    who = judges or tuple(str(n + 1) for n in range(page.size))
    if not at.size:
        return CutScore("bookmark", NAN, NAN, judge_table(who, np.full(page.size, NAN), page=page), ordered, status="no_parameters")
    placed = np.isfinite(page) & (page >= 1) & (page <= at.size + 1)
    last = np.clip(np.where(placed, page, 2).astype(int) - 2, 0, at.size - 1)
    theta = np.where(placed, at[last], NAN)
    cuts = np.full(page.size, NAN)
    cuts[placed] = characteristic_curve(parameters, theta[placed], weights=marks)
    known = theta[placed]
    ability = float(np.median(known)) if known.size else NAN
    cut = float(characteristic_curve(parameters, [ability], weights=marks)[0]) if known.size else NAN
    return CutScore(
        "bookmark", cut, error_of_mean(cuts), judge_table(who, cuts, page=page, ability=theta), ordered, ability=ability,
        figures=(("rp", rp),), status="ok" if known.size else "no_ratings",
    )  # fmt: skip
