"""DIF from two or more calibrations: Lord's χ², Raju's areas, generalised Lord."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, ratio
from qbank.analysis.dif.mantel import chi2_p, normal_p


@dataclass(frozen=True, slots=True, eq=False)
class GroupParameters:
    """Item parameters of one group on a scale that all groups share.

    a, b, c : (n_items,) slope (logistic metric, no 1.7), difficulty, lower asymptote
    covariance : (n_items, 2, 2) of (a, b); zero where a value is fixed, as a is under the Rasch model
    """

    a: FloatArray
    b: FloatArray
    c: FloatArray
    covariance: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LordTest:
    """chi2, df, p : (n_items,)."""

    chi2: FloatArray
    df: FloatArray
    p: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class RajuAreas:
    """area, se, z, p : (n_items,), NaN where it does not exist."""

    area: FloatArray
    se: FloatArray
    z: FloatArray
    p: FloatArray


def group_parameters(
    b: FloatArray, b_se: FloatArray, *, a: FloatArray | None = None, a_se: FloatArray | None = None,
    covariance: FloatArray | None = None, c: FloatArray | None = None,
) -> GroupParameters:  # fmt: skip
    """Return the record from columns of values and standard errors; without ``a`` all slopes are 1 and fixed."""
    n_items = len(b)
    held = np.zeros((n_items, 2, 2))
    held[:, 1, 1] = np.asarray(b_se) ** 2
    if a_se is not None:
        held[:, 0, 0] = np.asarray(a_se) ** 2
    if covariance is not None:
        held[:, 0, 1] = held[:, 1, 0] = covariance
    ones, none = np.ones(n_items), np.zeros(n_items)
    return GroupParameters(ones if a is None else a, b, none if c is None else c, held)


def linked_to(reference: GroupParameters, focal: GroupParameters, *, anchors: BoolArray | None = None) -> GroupParameters:
    """Return the focal group's parameters on the reference's scale, by mean and standard deviation of b of the anchors.

    b* = A b + B, a* = a / A with A = s(b_R) / s(b_F), B = mean(b_R) − A mean(b_F) (Marco 1977); A = 1 where no slope was
    estimated (Rasch). The link counts as known: its own error is not carried.
    """
    used = np.isfinite(reference.b) & np.isfinite(focal.b)
    used &= np.ones(len(used), bool) if anchors is None else anchors
    if not used.any():
        return focal
    rasch = not (reference.covariance[:, 0, 0] > 0).any() and not (focal.covariance[:, 0, 0] > 0).any()
    slope = 1.0
    if not rasch and used.sum() > 1 and focal.b[used].std() > 0:
        slope = float(reference.b[used].std() / focal.b[used].std())
    shift = float(reference.b[used].mean() - slope * focal.b[used].mean())
    scale = np.array([1 / slope, slope])
    return GroupParameters(focal.a / slope, slope * focal.b + shift, focal.c, focal.covariance * np.outer(scale, scale))


def lord(reference: GroupParameters, focal: GroupParameters) -> LordTest:
    """Return Lord's (1980, sec. 14.4) χ² of each item: v′ (Σ_R + Σ_F)⁻¹ v, v the differences of (a, b).

    df 2, or 1 where a was fixed in both groups (Rasch). The lower asymptotes are taken as known and common, as Lord did.

    >>> one = group_parameters(np.array([0.0]), np.array([0.1]))
    >>> found = lord(one, group_parameters(np.array([0.3]), np.array([0.1])))
    >>> round(float(found.chi2[0]), 6), float(found.df[0])
    (4.5, 1.0)
    """
    return generalised_lord((reference, focal))


def generalised_lord(groups: tuple[GroupParameters, ...]) -> LordTest:
    """Return the χ² of equal parameters in all groups (Kim, Cohen & Park 1995), the first the reference.

    (C v)′ (C Σ C′)⁻¹ (C v), v the parameters of all groups one below the other, Σ their block covariance, C the
    differences of each group from the first.
    """
    values = np.stack([np.stack([group.a, group.b], axis=-1) for group in groups], axis=1)
    n_items, n_groups, _ = values.shape
    chi2, df = np.full((2, n_items), np.nan)
    contrast = np.hstack([-np.ones((n_groups - 1, 1)), np.eye(n_groups - 1)])
    for item in range(n_items):
        blocks = [group.covariance[item] for group in groups]
        if not np.isfinite(values[item]).all() or not all(np.isfinite(block).all() for block in blocks):
            continue
        free = [place for place in (0, 1) if all(block[place, place] > 0 for block in blocks)]
        if not free:
            continue
        gap = (contrast @ values[item][:, free]).reshape(-1)
        whole = np.zeros((n_groups * len(free),) * 2)
        for place, block in enumerate(blocks):
            own = slice(place * len(free), (place + 1) * len(free))
            whole[own, own] = block[np.ix_(free, free)]
        by = np.kron(contrast, np.eye(len(free)))
        chi2[item] = gap @ np.linalg.pinv(by @ whole @ by.T, hermitian=True) @ gap
        df[item] = len(gap)
    return LordTest(chi2, df, chi2_p(chi2, df))


def raju_signed(reference: GroupParameters, focal: GroupParameters) -> RajuAreas:
    """Return the signed area between the curves, (1 − c)(b_F − b_R) (Raju 1988, eq. 14), positive where the item is
    harder for the focal group; the asymptotes must be equal (their mean is taken), slopes may differ."""
    keep = 1 - (reference.c + focal.c) / 2
    area = keep * (focal.b - reference.b)
    error = keep * np.sqrt(reference.covariance[:, 1, 1] + focal.covariance[:, 1, 1])
    z = ratio(area, error)
    return RajuAreas(area, error, z, normal_p(z))


def raju_unsigned(reference: GroupParameters, focal: GroupParameters) -> RajuAreas:
    """Return the area between the curves and Raju's z.

    area = (1 − c) |H|, H = 2(a_F − a_R)/(a_F a_R) · ln(1 + exp(Y)) − (b_F − b_R), Y = a_F a_R (b_F − b_R)/(a_F − a_R)
    (Raju 1988, eq. 15; D = 1); for equal slopes |b_F − b_R|. se and z = H / se(H) by Raju (1990), z with the sign of H; p is
    two-sided. The normal approximation for H is rough near zero, where H cannot change its sign.
    """
    keep = 1 - (reference.c + focal.c) / 2
    shift, turn = focal.b - reference.b, focal.a - reference.a
    parallel = np.abs(turn) < 1e-9
    safe = np.where(parallel, 1.0, turn)
    y = np.where(parallel, 0.0, reference.a * focal.a * shift / safe)
    soft, share = np.logaddexp(0.0, y), 0.5 * (1 + np.tanh(y / 2))
    h = np.where(parallel, shift, 2 * safe / (reference.a * focal.a) * soft - shift)
    to_b = np.where(parallel, 1.0, 2 * share - 1)
    # dH/da_F by the quotient; dH/da_R is its mirror image.
    to_a_focal = np.where(parallel, 0.0, 2 * (soft - y * share) / focal.a**2)
    to_a_reference = np.where(parallel, 0.0, -2 * (soft - y * share) / reference.a**2)
    variance = _spread(reference.covariance, to_a_reference, -to_b) + _spread(focal.covariance, to_a_focal, to_b)
    z = ratio(h, np.sqrt(variance))
    return RajuAreas(keep * np.abs(h), keep * np.sqrt(variance), z, normal_p(z))


def _spread(covariance: FloatArray, to_a: FloatArray, to_b: FloatArray) -> FloatArray:
    out: FloatArray = to_a**2 * covariance[:, 0, 0] + to_b**2 * covariance[:, 1, 1] + 2 * to_a * to_b * covariance[:, 0, 1]
    return out
