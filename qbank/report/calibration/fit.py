"""The items that fit worst, as pictures: what groups of rising ability did, beside what the model says."""

from __future__ import annotations

import numpy as np

from qbank.irt import ItemResiduals, item_residuals
from qbank.report.blocks import Block, Figure, Gallery, Text, shown
from qbank.report.calibration.data import Page
from qbank.report.calibration.items import probability, verdicts
from qbank.report.calibration.shares_figure import SHARES_MARGIN, shares_figure

MOST, LEAST_DRAWN = 24, 6
"""plots at most, and how many there are even if fewer items fit badly"""
GROUPS, LEAST_PERSONS = 10, 20
"""ability groups at most, and how many persons one should hold"""


def shares_blocks(page: Page) -> tuple[Block, ...]:
    """Return plots of the items that fit badly (the worst, where they are many), then of others until there are six."""
    data, t = page.data, page.t
    said = verdicts(page)
    p = np.where(np.isfinite(data.fit_of_items.s_x2_p), data.fit_of_items.s_x2_p, 2.0)
    order = [int(n) for n in np.lexsort((-np.nan_to_num(data.fit_of_items.rmsd), p)) if data.estimated[n]]
    bad = [n for n in order if said[data.items[n]].code == "look"]
    drawn = bad[:MOST] + [n for n in order if n not in bad][: max(LEAST_DRAWN - len(bad), 0)]
    if not drawn:
        return ()
    words = t("shares_bad", n=min(len(bad), MOST), of=len(bad)) if bad else t("shares_well", n=len(drawn))
    n_groups = int(np.clip(data.fit.n_persons // LEAST_PERSONS, 3, GROUPS))
    found = item_residuals(data.scores, data.fit, groups=data.groups, n_groups=n_groups)
    figures = tuple(_figure(page, found, n, bad=n in bad) for n in drawn)
    return (Text(words), Gallery("shares", figures), Text(t("note_shares", groups=n_groups), "note"))


def _figure(page: Page, found: ItemResiduals, n: int, *, bad: bool) -> Figure:
    """Return the plot of the n-th item; all of its marks are the highest category."""
    top = int(page.data.fit.parameters.n_categories[n]) - 1
    data, t, fits = page.data, page.t, page.data.fit_of_items
    low, high = float(data.theta[0]), float(data.theta[-1])
    shares = zip(found.theta[n], found.observed[n, top], found.low[n, top], found.high[n, top], strict=True)
    points = [tuple(round(float(value), 4) for value in row) for row in shares if np.isfinite(row).all() and low <= row[0] <= high]
    theta = data.theta[::2]
    curve = np.interp(theta, found.nodes, found.curve[n, top])
    spec = shares_figure(
        [(round(float(x), 4), round(float(y), 4)) for x, y in zip(theta, curve, strict=True)],
        [(row[0], row[1], row[2], row[3]) for row in points],
        domain=(low, high), x_title=t("axis_theta"), y_title=t("axis_share"),
    )  # fmt: skip
    facts = {
        "item": data.items[n], "p": probability(float(fits.s_x2_p[n])), "rmsd": shown(float(fits.rmsd[n]), "number", 3),
        "most": shown(float(np.nanmax(np.abs(found.observed[n, top] - found.expected[n, top]), initial=0.0)), "percent", 0),
    }  # fmt: skip
    caption = t("figure_shares_bad" if bad else "figure_shares", **facts)
    return Figure(f"shares:{data.items[n]}", caption, t("alt_shares", **facts), spec, SHARES_MARGIN)
