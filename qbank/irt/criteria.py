"""Information criteria and likelihood-ratio tests of calibrations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.parameters import Calibration

# (smaller, larger): the smaller model is the larger one with some values fixed inside their range ...
INSIDE = {("rasch", "2pl"), ("1pl", "2pl"), ("pcm", "gpcm"), ("rsm", "pcm"), ("rsm", "gpcm"), ("pcm", "nominal"),
          ("gpcm", "nominal"), ("rsm", "nominal")}  # fmt: skip
# ... or on its border: c = 0, u = 1.
BORDER = {(small, large) for large in ("3pl", "4pl") for small in ("rasch", "1pl", "2pl")} | {("3pl", "4pl")}


@dataclass(frozen=True, slots=True)
class InformationCriteria:
    """Criteria of one calibration, the lower the better.

    aic     -2 log L + 2 n_free, Akaike (1974)
    bic     -2 log L + n_free log n_persons, Schwarz (1978)
    sabic   -2 log L + n_free log((n_persons + 2) / 24), Sclove (1987)
    """

    log_likelihood: float
    n_free: int
    n_persons: int
    aic: float
    bic: float
    sabic: float


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """A test of a smaller model within a larger one.

    chi_square    2 (log L of the larger - log L of the smaller);  df: how many values the larger frees
    p             from the chi-square distribution, NaN unless the status is ok
    status        ok; boundary (the smaller model lies on the border of the larger one's range, c = 0 or u = 1: the
                  statistic does not follow chi-square with df degrees of freedom); prior (a prior holds the
                  larger model down); larger below (the larger one ended below the smaller: not at its maximum);
                  not converged
    """

    smaller: str
    larger: str
    chi_square: float
    df: int
    p: float
    status: str


def information_criteria(fit: Calibration) -> InformationCriteria:
    """Return AIC, BIC and SABIC of a calibration.

    >>> from qbank.irt import calibrate
    >>> fit = calibrate([[1, 0], [0, 1], [1, 1], [0, 0], [1, 0]] * 30, model="rasch")
    >>> found = information_criteria(fit)
    >>> found.n_free, bool(found.aic == -2 * fit.log_likelihood + 6)
    (3, True)
    """
    _check(fit)
    deviance = -2.0 * fit.log_likelihood
    return InformationCriteria(
        log_likelihood=fit.log_likelihood,
        n_free=fit.n_free,
        n_persons=fit.n_persons,
        aic=deviance + 2.0 * fit.n_free,
        bic=deviance + fit.n_free * _log(fit.n_persons),
        sabic=deviance + fit.n_free * _log((fit.n_persons + 2) / 24.0),
    )


def _log(count: float) -> float:
    return float(np.log(count)) if count > 0 else float("nan")


def nested(smaller: Sequence[str], larger: Sequence[str]) -> bool:
    """Return whether models by item lie within others, on their border perhaps.

    >>> nested(["rasch", "pcm"], ["3pl", "gpcm"]), nested(["2pl"], ["rasch"])
    (True, False)
    """
    differ = {pair for pair in zip(smaller, larger, strict=True) if pair[0] != pair[1]}
    return bool(differ) and differ <= INSIDE | BORDER


def likelihood_ratio(smaller: Calibration, larger: Calibration) -> LikelihoodRatio:
    """Return the likelihood-ratio test of a smaller model within a larger one, of the same answers.

    There is no p where the null hypothesis lies on the border of the larger model (c = 0 of the 3PL): Self & Liang
    (1987); Brown, Templin & Cohen (2015) show how far the usual one is off.

    >>> from qbank.irt import calibrate
    >>> scores = [[1, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 0, 1]] * 30
    >>> found = likelihood_ratio(calibrate(scores, model="rasch"), calibrate(scores, model="2pl"))
    >>> found.df, found.status
    (2, 'ok')
    """
    _check(smaller)
    _check(larger)
    small, large = smaller.parameters.model, larger.parameters.model
    if smaller.n_persons != larger.n_persons or not np.array_equal(smaller.n_answers, larger.n_answers):
        raise ValueError("the two calibrations are not of the same answers")
    if not nested(small, large):
        raise ValueError(f"{_word(small)} is no special case of {_word(large)}")
    chi_square = 2.0 * (larger.log_likelihood - smaller.log_likelihood)
    status = _test_status(smaller, larger, chi_square, any(pair in BORDER for pair in zip(small, large, strict=True)))
    df = larger.n_free - smaller.n_free
    return LikelihoodRatio(
        smaller=_word(small),
        larger=_word(large),
        chi_square=chi_square,
        df=df,
        p=_chi_square_tail(chi_square, df) if status == "ok" else float("nan"),
        status=status,
    )


def _test_status(smaller: Calibration, larger: Calibration, chi_square: float, on_border: bool) -> str:
    if not (smaller.converged and larger.converged):
        return "not converged"
    if on_border:
        return "boundary"
    if smaller.settings.get("priors") or larger.settings.get("priors"):
        return "prior"
    return "larger below" if chi_square < -1e-4 else "ok"


def _word(words: Sequence[str]) -> str:
    """Return the one word of all items, or all of them."""
    return " + ".join(dict.fromkeys(words))


def _chi_square_tail(chi_square: float, df: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(df, max(chi_square, 0.0))) if df > 0 else float("nan")


def _check(fit: object) -> None:
    """Say what is wrong with a fit that has no likelihood."""
    if not (hasattr(fit, "log_likelihood") and hasattr(fit, "n_free")):
        raise ValueError(f"the result of calibrate is needed, found {type(fit).__name__}")
