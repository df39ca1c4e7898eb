"""Whether an item does what its parameters say: the share of its marks by ability, found and expected."""

from __future__ import annotations

import numpy as np
import polars as pl

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.criterion import rank_weights
from qbank.analysis.intervals import CONFIDENCE, normal_quantile
from qbank.irt.parameters import first_rows, log_probability_table

N_GROUPS = 10
GRID = np.linspace(-6.0, 6.0, 121)
DRAWN = np.linspace(-4.0, 4.0, 33)

SCHEMA = pl.Schema(
    {
        "item": pl.String(), "group": pl.Int64(), "n": pl.Float64(), "theta": pl.Float64(), "share": pl.Float64(),
        "low": pl.Float64(), "high": pl.Float64(), "expected": pl.Float64(), "residual": pl.Float64(),
    }
)  # fmt: skip


def item_curves(calibrated: CalibratedItems, *, n_groups: int = N_GROUPS, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """Return, item by item, what groups of persons of like ability earned and what the parameters let one expect.

    item, group (1 the lowest), n (persons who saw the item; persons of equal ability are divided over the groups that
    they fill together), theta (their mean EAP), share (of the item's marks), low, high (share ± z standard errors,
    cut to [0, 1]), expected (the model's share averaged over them), residual ((share − expected) / standard error
    under the model). The abilities rest on the item itself too, which draws found and expected together a little; with
    fewer than 20 items that matters. NaN where nobody of a group saw the item.

    Cost: one pass over persons × items, one product with n_groups columns.
    """
    theta = calibrated.theta
    present = np.flatnonzero(np.isfinite(theta))
    if not len(present) or not calibrated.n_calibrated:
        return pl.DataFrame(schema=SCHEMA)
    weights = rank_weights(theta[present], np.linspace(0.0, 1.0, n_groups + 1).tolist())
    curve, spread = expected_shares(calibrated, GRID)
    z = normal_quantile(confidence)
    frames = []
    for n, item in enumerate(calibrated.parameters.items):
        code = calibrated.scores[present, n]
        seen = code >= 0
        w = np.where(seen[:, None], weights, 0.0)
        size = w.sum(axis=0)
        worth = np.array(calibrated.marks[n]) / max(calibrated.marks[n][-1], 1e-12)
        got = np.where(seen, worth[np.maximum(code, 0)], 0.0)
        share = ratio(got @ w, size)
        variance = np.maximum(ratio((got**2) @ w, size) - share**2, 0.0)
        half = z * np.sqrt(ratio(variance, size))
        at = np.interp(theta[present], GRID, curve[n])
        expected = ratio(at @ w, size)
        error = np.sqrt(ratio(np.interp(theta[present], GRID, spread[n]) @ w, size**2))
        frames.append(
            pl.DataFrame(
                {
                    "item": [item] * n_groups, "group": np.arange(1, n_groups + 1), "n": size,
                    "theta": ratio(theta[present] @ w, size), "share": share, "low": np.clip(share - half, 0.0, 1.0),
                    "high": np.clip(share + half, 0.0, 1.0), "expected": expected, "residual": ratio(share - expected, error),
                },
                schema=SCHEMA,
            )
        )  # fmt: skip
    return pl.concat(frames)


def model_curves(calibrated: CalibratedItems) -> pl.DataFrame:
    """Return the expected share of each item's marks along the ability scale: item, theta, share; 33 points an item."""
    curve, _ = expected_shares(calibrated, DRAWN)
    items = np.array(calibrated.parameters.items, dtype=object)
    return pl.DataFrame(
        {"item": np.repeat(items, len(DRAWN)).tolist(), "theta": np.tile(DRAWN, len(items)), "share": curve.ravel()},
        schema={"item": pl.String, "theta": pl.Float64, "share": pl.Float64},
    )


def expected_shares(calibrated: CalibratedItems, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the expected share of each item's marks at each ability, and its variance; (n_calibrated, n_theta) each."""
    table = np.exp(log_probability_table(calibrated.parameters, theta))
    first = first_rows(calibrated.parameters.n_categories)
    mean = np.zeros((calibrated.n_calibrated, len(theta)))
    variance = np.zeros_like(mean)
    for n, marks in enumerate(calibrated.marks):
        worth = (np.array(marks) / max(marks[-1], 1e-12))[:, None]
        here = table[first[n] : first[n + 1]]
        mean[n] = (worth * here).sum(axis=0)
        variance[n] = ((worth - mean[n]) ** 2 * here).sum(axis=0)
    return mean, variance
