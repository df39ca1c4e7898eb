"""Latent regression: ability N(mean + slopes covariates, sd^2), another distribution for each person.

Mislevy (1984), eq. 32-35; the distributions are normalised on the nodes, so that all derivatives are exact.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.display import shown
from qbank.irt.models import FloatArray

if TYPE_CHECKING:
    from qbank.irt.parameters import Calibration


Covariates = ArrayLike | dict[str, ArrayLike]


@dataclass(frozen=True, slots=True)
class Regression:
    """What a calibration found about covariates, arrays (n_covariates,).

    names      as given, or x1, x2, ...;  centre: their means, where the regression has the ability mean of the group
    slopes     change of mean ability by one unit of the covariate, in the unit of the scale
    errors     their standard errors;  covariance: (n_covariates, n_covariates)
    """

    __repr__ = shown

    names: tuple[str, ...]
    centre: FloatArray
    slopes: FloatArray
    errors: FloatArray
    covariance: FloatArray


@dataclass(frozen=True, slots=True)
class PersonWeights:
    """The distributions of the persons of one group: values (mean, log sd, slopes...) of it."""

    nodes: FloatArray
    values: FloatArray

    @property
    def size(self) -> int:
        return self.nodes.size

    def mean(self, covariates: FloatArray) -> FloatArray:
        """Return each person's mean, (n_rows,)."""
        return np.asarray(self.values[0] + covariates @ self.values[2:])

    def log_weights(self, covariates: FloatArray) -> FloatArray:
        """Return each person's log weights, (n_nodes, n_rows); each column sums to 1 as weights."""
        standard = (self.nodes[:, None] - self.mean(covariates)) / np.exp(self.values[1])
        exponent = -0.5 * standard**2
        exponent -= exponent.max(axis=0)
        weights: FloatArray = exponent - np.log(np.exp(exponent).sum(axis=0))
        return weights


@dataclass(frozen=True, slots=True)
class AbilityTally:
    """What an E-step says about a group's (mean, log sd, slopes...), n values.

    gradient      (n,) of the log-likelihood
    information   (n, n) expected complete-data information;  scoring: (n, n) its expectation under the model
    """

    gradient: FloatArray
    information: FloatArray
    scoring: FloatArray

    def __add__(self, other: "AbilityTally") -> "AbilityTally":
        return AbilityTally(
            self.gradient + other.gradient,
            self.information + other.information,
            self.scoring + other.scoring,
        )


def nothing(n_values: int) -> AbilityTally:
    """Return the tally of nobody."""
    return AbilityTally(np.zeros(n_values), np.zeros((n_values, n_values)), np.zeros((n_values, n_values)))


def ability_tally(
    of: PersonWeights,
    covariates: FloatArray,
    log_weights: FloatArray,
    posterior: FloatArray,
    window: slice,
    persons: FloatArray,
) -> AbilityTally:
    """Return the tally of some persons.

    log_weights : (n_nodes, n_rows);  posterior : (n_window, n_rows);  persons : (n_rows,) how many each row is
    With u = (theta - mean) / sd the score by (mean, log sd) is (u / sd, u^2) less its mean before the answers, and
    by a slope x times that by the mean.
    """
    sd, centre = np.exp(of.values[1]), of.mean(covariates)
    before = _moments(of.nodes, np.exp(log_weights), centre, sd)
    after = _moments(of.nodes[window], posterior, centre, sd)
    first, second = after[0] - before[0], after[1] - before[1]
    basis = np.column_stack((np.ones(centre.size), covariates))
    spread = persons * (before[1] - before[0] ** 2) / sd**2
    across = persons * (before[2] - before[0] * before[1]) / sd
    squares = persons * (before[3] - before[1] ** 2)
    bend = 2.0 * persons * first / sd
    n_values = of.values.size
    line = np.r_[0, 2:n_values]
    gradient, scoring = np.empty(n_values), np.empty((n_values, n_values))
    gradient[line], gradient[1] = basis.T @ (persons * first) / sd, float(persons @ second)
    scoring[np.ix_(line, line)] = (basis.T * spread) @ basis
    scoring[line, 1] = scoring[1, line] = basis.T @ across
    scoring[1, 1] = squares.sum()
    information = scoring.copy()
    information[line, 1] += basis.T @ bend
    information[1, line] = information[line, 1]
    information[1, 1] += 2.0 * float(persons @ second)
    return AbilityTally(gradient, information, scoring)


def _moments(nodes: FloatArray, weights: FloatArray, centre: FloatArray, sd: float) -> FloatArray:
    """Return the first four moments (4, n_rows) of (theta - centre) / sd."""
    standard = (nodes[:, None] - centre) / sd
    found, power = np.empty((4, centre.size)), weights.copy()
    for order in range(4):
        power *= standard
        power.sum(axis=0, out=found[order])
    return found


def checked_covariates(
    covariates: Covariates | None, n_persons: int
) -> tuple[tuple[str, ...], FloatArray | None]:
    """Return names and values (n_persons, n_covariates), or say what is wrong with them."""
    if covariates is None:
        return (), None
    if isinstance(covariates, dict):
        names = tuple(str(name) for name in covariates)
        table = np.column_stack([np.asarray(x, np.float64) for x in covariates.values()] or [np.empty((n_persons, 0))])
    else:
        table = np.asarray(covariates, dtype=np.float64)
        table = table[:, None] if table.ndim == 1 else table
        names = tuple(f"x{number}" for number in range(1, table.shape[-1] + 1))
    if table.ndim != 2 or table.shape[0] != n_persons:
        raise ValueError(f"covariates need one row a person, found shape {table.shape} for {n_persons} persons")
    if not (np.abs(table) < 1e100).all():
        raise ValueError("covariates must be finite: leave out persons without one, or give a column that marks them")
    centred = table - table.mean(axis=0) if n_persons else table
    if np.linalg.matrix_rank(centred) < table.shape[1]:
        raise ValueError(f"the covariates {', '.join(names)} are constant or depend on each other")
    return names, table


def expected_ability(fit: "Calibration", covariates: Covariates) -> tuple[FloatArray, float]:
    """Return the mean ability of persons with some covariates, (n_persons,), and the sd around it.

    They are what `score_persons` takes as `ability`.
    """
    if fit.regression is None:
        raise ValueError("the calibration has no covariates")
    table = np.column_stack(list(covariates.values())) if isinstance(covariates, dict) else np.asarray(covariates)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or table.shape[1] != len(fit.regression.names):
        raise ValueError(f"give the covariates {', '.join(fit.regression.names)}")
    return float(fit.ability_mean) + (table - fit.regression.centre) @ fit.regression.slopes, float(fit.ability_sd)
