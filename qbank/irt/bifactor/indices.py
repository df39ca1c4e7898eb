"""How much of a test is one ability: explained common variance, omega hierarchical, likelihood ratio."""

from dataclasses import dataclass

import numpy as np

from qbank.irt.bifactor.record import BifactorCalibration
from qbank.irt.display import shown
from qbank.irt.models import FloatArray
from qbank.irt.parameters import frozen

# Ratio of the scales of the logistic and the normal ogive, by which slopes become loadings; Camilli (1994).
OGIVE = 1.702
# A gain in twice the log-likelihood that is rounding.
NOTHING = 1e-4


@dataclass(frozen=True, slots=True)
class BifactorIndices:
    """Indices of Rodriguez, Reise & Haviland (2016), Psychological Methods 21, from standardised loadings.

    general, specific     (n_items,) loadings a / sqrt(1.702^2 + a^2 + s^2) and s / the same, NaN without an
                          estimate: those of the normal ogive next to the item's curve
    explained_common_variance    sum of squared general loadings / sum of all squared loadings: near 1, one
                          ability accounts for what the items have in common
    item_explained_common_variance   (n_items,) the same of each item
    testlet_explained_common_variance   (n_testlets,) share of each testlet's effect in the variance that its
                          items have in common
    omega                 reliability of the sum of the items' latent answers, all sources of common variance
    omega_hierarchical    share of its variance due to the general ability alone
    omega_testlet         (n_testlets,) share of a testlet's subscore due to the effect of the testlet alone
    uncontaminated        share of the correlations between items that the general ability alone makes
    """

    __repr__ = shown

    general: FloatArray
    specific: FloatArray
    explained_common_variance: float
    item_explained_common_variance: FloatArray
    testlet_explained_common_variance: FloatArray
    omega: float
    omega_hierarchical: float
    omega_testlet: FloatArray
    uncontaminated: float

    def __post_init__(self) -> None:
        for name in (
            "general",
            "specific",
            "item_explained_common_variance",
            "testlet_explained_common_variance",
            "omega_testlet",
        ):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def bifactor_indices(fit: BifactorCalibration) -> BifactorIndices:
    """Return the indices of a calibration; items without an estimate and nominal items are left out.

    Asymptotes are ignored: the loadings are those of the answer without guessing.
    """
    slope = np.full(len(fit.status), np.nan)
    for item, word in enumerate(fit.parameters.model):
        if word != "nominal":
            slope[item] = fit.parameters.estimates[item, 0] if fit.parameters.estimates.size else np.nan
    slope = slope * fit.ability_sd
    known = np.isfinite(slope) & np.isfinite(fit.specific)
    scale = np.sqrt(OGIVE**2 + slope**2 + fit.specific**2)
    general = np.where(known, slope / scale, np.nan)
    specific = np.where(known, fit.specific / scale, np.nan)
    common_general, common_specific = np.nansum(general**2), np.nansum(specific**2)
    both = general**2 + specific**2
    unique = float(np.nansum(1.0 - both))
    by_testlet = [np.flatnonzero(known & (fit.testlet == t)) for t in range(len(fit.testlets))]
    specific_sums = np.array([specific[own].sum() ** 2 for own in by_testlet])
    general_sum = float(np.nansum(general)) ** 2
    total = general_sum + float(specific_sums.sum()) + unique
    n = int(known.sum())
    pairs = n * (n - 1) / 2
    within = sum(own.size * (own.size - 1) / 2 for own in by_testlet)
    return BifactorIndices(
        general=general,
        specific=specific,
        explained_common_variance=_ratio(common_general, common_general + common_specific),
        item_explained_common_variance=np.where(both > 0, general**2 / np.where(both > 0, both, 1.0), np.nan),
        testlet_explained_common_variance=np.array(
            [_ratio(float((specific[own] ** 2).sum()), float(both[own].sum())) for own in by_testlet]
        ),
        omega=_ratio(general_sum + float(specific_sums.sum()), total),
        omega_hierarchical=_ratio(general_sum, total),
        omega_testlet=np.array(
            [
                _ratio(own_sum, own_sum + general[own].sum() ** 2 + (1.0 - both[own]).sum())
                for own, own_sum in zip(by_testlet, specific_sums.tolist(), strict=True)
            ]
        ),
        uncontaminated=_ratio(pairs - within, pairs),
    )


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class BifactorTest:
    """Likelihood-ratio test of a calibration against the same items without testlets.

    chi_square   2 (log L with testlets - log L without);  df: how many values more
    p            from the chi-square distribution: cautious. Without an effect an sd lies on the border of what it
                 may be, and half of the time its estimate is 0; for the structure "bifactor" p is no more than a
                 yardstick, as the slopes lose their sign there
    mixture_p    from the mixture of chi-squares 0 ... df with binomial weights (Self & Liang 1987, case 9; Stram &
                 Lee 1994), which takes the border into account as far as the estimates of different sds are
                 independent; NaN for the structure "bifactor", for which no weights are known
    status       boundary; or why there is no p: no testlets, prior (a prior holds the values down), not
                 converged, larger below (with testlets the ascent ended lower)
    """

    chi_square: float
    df: int
    p: float
    mixture_p: float
    status: str


def bifactor_test(fit: BifactorCalibration) -> BifactorTest:
    """Return the test that no testlet has an effect."""
    from scipy import stats

    df = fit.n_free - fit.unidimensional_n_free
    chi_square = 2.0 * (fit.log_likelihood - fit.unidimensional_log_likelihood)
    status = _test_status(fit, df, chi_square)
    unknown = float("nan")
    if status != "boundary":
        return BifactorTest(chi_square, df, unknown, unknown, status)
    at = chi_square if chi_square > NOTHING else 0.0
    mixture = unknown
    if fit.structure == "testlet":
        weights = stats.binom.pmf(np.arange(df + 1), df, 0.5)
        tails = [float(at <= 0), *(float(stats.chi2.sf(at, k)) for k in range(1, df + 1))]
        mixture = float(weights @ tails)
    return BifactorTest(chi_square, df, float(stats.chi2.sf(at, df)), mixture, status)


def _test_status(fit: BifactorCalibration, df: int, chi_square: float) -> str:
    if df <= 0:
        return "no testlets"
    if not fit.converged:
        return "not converged"
    if fit.settings.get("priors"):
        return "prior"
    return "larger below" if chi_square < -NOTHING else "boundary"
