"""Fit of the whole test from first and second moments: M2, C2 and M2*, with RMSEA, SRMSR, CFI and TLI."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.blocks import Block, group_by_form
from qbank.irt.calibration.design import Ties, numbered
from qbank.irt.display import shown
from qbank.irt.fit.moments import (
    FIXED,
    derivatives_of_probability,
    jacobian,
    moments_of,
)
from qbank.irt.fit.residual_moments import ResidualForm, Sample, residual_form, sample_of
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.parameters import (
    Calibration,
    batches_of,
    checked_calibration,
    first_rows,
    frozen,
    log_probability_table,
)
from qbank.irt.scoring.population import answers_to, population

CONFIDENCE = 0.90


@dataclass(frozen=True, slots=True)
class TestFit:
    """Fit of a whole test; NaN where it cannot be computed.

    statistic       M2 (right/wrong items: the three are one), C2 or M2*;  m2, df, p: its value and test
    rmsea           with the ends of its 90 % interval, rmsea_low and rmsea_high
    srmsr           root mean square of the residual correlations of pairs of items
    cfi, tli        against independence, null_m2 on null_df degrees of freedom
    n_persons       persons used;  n_left_out: the others;  n_samples: samples that those used make
    n_items         items with an estimate that those persons saw;  n_moments: moments of all samples;
                     n_free: values that the calibration estimated
    residual_correlations  (n_items, n_items) observed minus expected, NaN where nobody used saw both items
    status          ok; few persons: fewer than asked for, so that p says little; too few degrees of freedom; not
                    identified: the moments do not tell all free values apart, and df counts those that they tell; not
                    converged; no persons: nobody saw two items that have estimates
    """

    __repr__ = shown

    statistic: str
    m2: float
    df: int
    p: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    srmsr: float
    cfi: float
    tli: float
    null_m2: float
    null_df: int
    n_persons: int
    n_left_out: int
    n_samples: int
    n_items: int
    n_moments: int
    n_free: int
    residual_correlations: FloatArray
    status: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "residual_correlations", frozen(self.residual_correlations))


# pytest would take what is called so for tests, wherever it is imported.
TestFit.__test__ = False  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class FreeValues:
    """Where each value stands among those that a calibration estimated, FIXED where it was not.

    items    (n_items, n_most_parameters);  ability: (n_groups, 2) mean and log sd
    """

    items: IndexArray
    ability: IndexArray
    n_free: int


def test_fit(
    scores: ArrayLike,
    fit: Calibration,
    *,
    statistic: str = "C2",
    groups: Sequence[str] | None = None,
    least_persons: int = 100,
) -> TestFit:
    """Return how well the model of a calibration meets the first and second moments of the answers.

    scores : (n_persons, n_items), category 0..K−1, −1 not seen, that the calibration was made from
    statistic : "C2" from the shares of the categories and the mean products of the scores of pairs, Cai & Monroe
        (2014); "M2*" from the mean scores and the same products, Cai & Hansen (2013). Of right/wrong items both are
        "M2", Maydeu-Olivares & Joe (2005), which other items do not have here: its moments are all pairs of categories
    groups : (n_persons,) labels, when the calibration has groups
    least_persons : persons of one group who saw the same items are a sample. Smaller samples are left out, but for
        the largest of all: of scattered missing answers the complete persons remain

    m2 = N e' (Xi^-1 - Xi^-1 D (D' Xi^-1 D)^-1 D' Xi^-1) e, e being observed minus expected moments, Xi their
    covariance and D their derivatives by the free values; Maydeu-Olivares & Joe (2006). Samples are stacked.
    df = number of moments - rank of D. p takes m2 for chi-squared; after priors it is nearly so. A histogram of
    ability is taken as known.
    rmsea = sqrt(n_samples max(m2 - df, 0) / ((N - 1) df)), Browne & Cudeck (1993), Steiger (1998).
    cfi = 1 - (m2 - df) / (null_m2 - null_df), within 0 and 1; tli = (null_m2 / null_df - m2 / df) / (null_m2 / null_df
    - 1), null_m2 being that of independent items: N times the sum of the squared correlations of the pairs.
    Cost: some ten to a hundred products of O(n_items^2 n_nodes) for each sample, and O(n_free^3) once; no matrix of
    n_moments^2 numbers is made.

    >>> from qbank.irt import calibrate, item_parameters, simulate
    >>> items = item_parameters("2pl", a=[1.0, 1.5, 0.8, 1.2, 1.0], b=[-1.0, 0.0, 0.5, 1.0, 0.0])
    >>> scores = simulate(items, np.random.default_rng(1).normal(size=1000), seed=1)
    >>> found = test_fit(scores, calibrate(scores))
    >>> found.statistic, found.df, found.p > 0.01
    ('M2', 5, True)
    """
    fit = checked_calibration(fit)
    # scipy brings a BLAS of its own, which can be held to one thread only once it is loaded.
    import scipy.linalg  # noqa: F401

    if statistic not in ("C2", "M2*", "M2"):
        raise ValueError(f"unknown statistic {statistic!r} (C2, M2*, M2)")
    answers = answers_to(fit.parameters, scores)
    group = population(fit, None, groups, answers.shape[0], fit.nodes).index
    used = np.flatnonzero(fit.parameters.estimated)
    if (fit.parameters.n_categories[used] == 2).all():
        statistic = "M2"
    elif statistic == "M2":
        raise ValueError("M2 is for right/wrong items: with more categories it is C2 or M2*")
    with threadpool_limits(1, user_api="blas"):
        blocks = group_by_form(answers[:, used], group, collapse=False)
        free = _free_values(fit)
        samples = _samples([block for block in blocks if block.seen is None], used, fit, free, statistic, least_persons)
        return _judged(samples, free.n_free, answers.shape, statistic, least_persons)


test_fit.__test__ = False  # type: ignore[attr-defined]


def _free_values(fit: Calibration) -> FreeValues:
    """Return which values the calibration estimated, and which of them are one value that items share."""
    batches = batches_of(fit.parameters)
    free = [fit.free[batch.items, : batch.values.shape[1]] for batch in batches]
    index, n_free = numbered(batches, free, cast(Ties, fit.settings.get("equal", ())))
    items = np.full(fit.parameters.estimates.shape, FIXED, dtype=np.intp)
    fixed_slope = fixed_intercept = False
    for batch, places in zip(batches, index, strict=True):
        items[batch.items, : places.shape[1]] = places
        intercepts = np.array([name[0] == "d" for name in batch.model.parameters(batch.n_categories)])
        fixed_slope |= bool((places[:, batch.model.slopes(batch.n_categories)] == FIXED).any())
        fixed_intercept |= bool((places[:, intercepts] == FIXED).any())
    # What no fixed value sets, the first group sets: mean 0 and sd 1.
    moving = np.full((max(len(fit.groups), 1), 2), fit.ability == "normal")
    moving[0] &= fixed_intercept, fixed_slope
    ability = np.full(moving.shape, FIXED, dtype=np.intp)
    ability[moving] = n_free + np.arange(moving.sum())
    return FreeValues(items, ability, n_free + int(moving.sum()))


def _judged(
    samples: Sequence[Sample], n_free: int, shape: tuple[int, int], statistic: str, least_persons: int
) -> TestFit:
    """Return the indices of fit of some samples."""
    from scipy.special import chdtrc

    n = sum(sample.n_persons for sample in samples)
    n_moments = sum(int(sample.known.sum()) for sample in samples)
    form = residual_form(samples)
    df = n_moments - form.rank
    m2 = form.value if df > 0 else np.nan
    residuals, srmsr = _residual_correlations(samples, shape[1])
    squares = [sample.n_persons * sample.observed**2 for sample in samples]
    null_df = sum(int(np.isfinite(square).sum()) for square in squares)
    null_m2 = float(sum(np.nansum(square) for square in squares)) if null_df else np.nan
    low, high = _noncentral(m2, df) if df > 0 and np.isfinite(m2) else (np.nan, np.nan)
    unit = len(samples) / ((n - 1.0) * df) if df > 0 and n > 1 else np.nan
    cfi, tli = _against_independence(m2, df, null_m2, null_df)
    return TestFit(
        statistic=statistic,
        m2=m2,
        df=df,
        p=float(chdtrc(df, m2)) if df > 0 else np.nan,
        rmsea=float(np.sqrt(max(m2 - df, 0.0) * unit)),
        rmsea_low=float(np.sqrt(low * unit)),
        rmsea_high=float(np.sqrt(high * unit)),
        srmsr=srmsr,
        cfi=cfi,
        tli=tli,
        null_m2=null_m2,
        null_df=null_df,
        n_persons=n,
        n_left_out=shape[0] - n,
        n_samples=len(samples),
        n_items=len({item for sample in samples for item in sample.items.tolist()}),
        n_moments=n_moments,
        n_free=n_free,
        residual_correlations=residuals,
        status=_status(n, df, form, least_persons),
    )


def _status(n: int, df: int, form: ResidualForm, least_persons: int) -> str:
    if not n:
        return "no persons"
    if df <= 0:
        return "too few degrees of freedom"
    if not form.converged:
        return "not converged"
    if form.rank < form.n_told:
        return "not identified"
    return "few persons" if n < least_persons else "ok"


def _noncentral(m2: float, df: int) -> tuple[float, float]:
    """Return the noncentralities of which m2 is the upper and the lower 5 % point, 0 where there is none."""
    from scipy.special import chdtr, chndtrinc

    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = (float(chndtrinc(m2, df, share)) if chdtr(df, m2) > share else 0.0 for share in (1.0 - tail, tail))
    return low, high


def _against_independence(m2: float, df: int, null_m2: float, null_df: int) -> tuple[float, float]:
    """Return CFI, Bentler (1990), and TLI, Tucker & Lewis (1973)."""
    if df <= 0 or not null_df:
        return np.nan, np.nan
    excess, null_excess = max(m2 - df, 0.0), max(null_m2 - null_df, m2 - df, 0.0)
    cfi = 1.0 - excess / null_excess if null_excess > 0 else 1.0
    ratio = null_m2 / null_df
    return cfi, (ratio - m2 / df) / (ratio - 1.0) if ratio != 1.0 else np.nan


def _residual_correlations(samples: Sequence[Sample], n_items: int) -> tuple[FloatArray, float]:
    """Return observed minus expected correlations, averaged over persons, and their root mean square."""
    total, persons = np.zeros((n_items, n_items)), np.zeros((n_items, n_items))
    for sample in samples:
        difference = sample.observed - sample.expected
        known = np.isfinite(difference)
        places = tuple(sample.items[side][known] for side in sample.pairs)
        total[places] += sample.n_persons * difference[known]
        persons[places] += sample.n_persons
    met = persons > 0
    found = np.divide(total, persons, out=np.full_like(total, np.nan), where=met)
    srmsr = float(np.sqrt((found[met] ** 2).mean())) if met.any() else np.nan
    return np.where(met.T, found.T, found), srmsr


def _samples(
    blocks: Sequence[Block],
    used: IndexArray,
    fit: Calibration,
    free: FreeValues,
    statistic: str,
    least_persons: int,
) -> tuple[Sample, ...]:
    """Return the samples that are large enough, and the largest in any case."""
    most = max((block.persons.size for block in blocks), default=0)
    derivatives = derivatives_of_probability(fit.parameters, used, fit.nodes)
    table, first = log_probability_table(fit.parameters, fit.nodes), first_rows(fit.parameters.n_categories)
    samples = []
    for block in blocks:
        if block.persons.size < min(least_persons, most):
            continue
        items = used[block.items]
        rows = np.concatenate([np.arange(first[item], first[item + 1]) for item in items])
        weights = np.atleast_2d(fit.weights)[block.group]
        of = moments_of(table[rows], fit.parameters.n_categories[items], weights)
        change = weights * _normal_score(fit, block.group, weights)
        slopes = jacobian(
            of, derivatives[block.items], free.items[items], change, free.ability[block.group], free.n_free
        )
        samples.append(sample_of(of, block, items, slopes, merge=statistic == "M2*"))
    return tuple(samples)


def _normal_score(fit: Calibration, group: int, weights: FloatArray) -> FloatArray:
    """Return d log weight / d (mean, log sd) of normal weights that sum to 1 on the nodes, (2, n_nodes)."""
    z = (fit.nodes - np.atleast_1d(fit.ability_mean)[group]) / np.atleast_1d(fit.ability_sd)[group]
    statistic = np.stack((z / np.atleast_1d(fit.ability_sd)[group], z**2))
    return statistic - (statistic @ weights)[:, None]
