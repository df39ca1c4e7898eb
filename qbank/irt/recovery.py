"""A recovery study: answers drawn from known parameters, calibrated again and again, held against the truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.calibration.estimate import calibrate
from qbank.irt.display import shown
from qbank.irt.models import NOT_SEEN, FloatArray, Mask, ScoreArray
from qbank.irt.parameters import Calibration, ItemParameters, frozen
from qbank.irt.scoring.population import Source, parameters_of
from qbank.irt.simulate import simulate

Generator = Callable[[np.random.Generator], ItemParameters]
Design = Callable[[ScoreArray, ItemParameters, np.random.Generator], Mask]
ONE_GROUP = ""


@dataclass(frozen=True, slots=True)
class KindRecovery:
    """How well one kind of parameter came back, over all items and replications.

    name        a, b, c, d, b1, ... of the items; mean and sd of the abilities of groups
    n           estimates with an error;  missing: share of the free ones without
    bias        mean of estimate - truth;  rmse: root of the mean of its square
    mean_error  mean standard error: equal to the rmse but for the bias when the errors are right
    coverage    share of the intervals estimate +- z error that hold the truth
    bias_error, rmse_error, coverage_error    Monte Carlo standard errors of these, from the spread between
                replications (of the rmse by the delta method), NaN from a single one
    """

    name: str
    n: int
    missing: float
    bias: float
    bias_error: float
    rmse: float
    rmse_error: float
    mean_error: float
    coverage: float
    coverage_error: float


@dataclass(frozen=True, slots=True)
class Recovery:
    """The outcome of a recovery study.

    kinds        one record for each kind of parameter that was estimated
    converged    share of the replications that converged;  converged_error: its Monte Carlo standard error
    level        of the intervals
    groups       labels of the groups, ("",) without
    true, estimates, errors    name -> (n_replications, n_items), of mean and sd (n_replications, n_groups); errors
                 0 where a value was fixed, NaN where there is none
    settings     every choice that was made, by name
    """

    __repr__ = shown

    n_replications: int
    n_persons: int
    kinds: tuple[KindRecovery, ...]
    converged: float
    converged_error: float
    level: float
    groups: tuple[str, ...]
    true: Mapping[str, FloatArray]
    estimates: Mapping[str, FloatArray]
    errors: Mapping[str, FloatArray]
    settings: Mapping[str, object]

    def kind(self, name: str) -> KindRecovery:
        """Return the record of one kind of parameter."""
        return next(kind for kind in self.kinds if kind.name == name)


def recovery(
    parameters: Source | Generator,
    *,
    n_persons: int | Mapping[str, int],
    n_replications: int,
    seed: int,
    ability: tuple[float, float] | Mapping[str, tuple[float, float]] = (0.0, 1.0),
    design: ArrayLike | Design | None = None,
    level: float = 0.95,
    **options: Any,
) -> Recovery:
    """Return how well calibration recovers known parameters: bias, RMSE, errors and coverage by kind.

    parameters : the truth, a calibration taken for it, or a function of a random generator that draws it anew for each replication (then the
        coverage is averaged over that distribution, as that of intervals with a prior has to be)
    n_persons : how many, or label -> how many for each group
    ability : mean and sd of the normal abilities, or label -> mean and sd. The scale of a calibration is set by the
        first group in sorted order (mean 0, and sd 1 where slopes are free): give that group these values
    design : who sees what: a mask (n_persons, n_items), or a function of the complete answers, the parameters
        and the generator (`qbank.irt.designs`). None: everybody sees all
    options : of `calibrate`: priors, errors, n_nodes, ... ; models and groups are those that were simulated

    Replication r is drawn from the seed (seed, r), whatever their number. Harwell, Stone, Hsu & Kirisci (1996),
    Applied Psychological Measurement 20, on the design of such studies.

    >>> from qbank.irt import item_parameters
    >>> items = item_parameters("2pl", a=[1.0, 1.2, 0.8, 1.0, 1.5], b=[-1.0, -0.5, 0.0, 0.5, 1.0])
    >>> found = recovery(items, n_persons=500, n_replications=2, seed=1)
    >>> [kind.name for kind in found.kinds], found.converged
    (['a', 'b', 'd'], 1.0)
    """
    from scipy.stats import norm

    sizes = dict(n_persons) if isinstance(n_persons, Mapping) else {ONE_GROUP: n_persons}
    abilities = dict(ability) if isinstance(ability, Mapping) else dict.fromkeys(sizes, ability)
    _check(sizes, abilities, n_replications, level)
    fits: list[tuple[ItemParameters, Calibration]] = []
    for replication in range(n_replications):
        rng = np.random.default_rng([seed, replication])
        truth = parameters(rng) if callable(parameters) else parameters_of(parameters)
        if not truth.estimated.all():
            raise ValueError(f"item {truth.items[int(truth.estimated.argmin())]} has no parameters to recover")
        scores = _drawn(truth, sizes, abilities, design, rng)
        labels = None if len(sizes) == 1 else [label for label, n in sizes.items() for _ in range(n)]
        fits.append((truth, calibrate(scores, model=truth.model, groups=labels, **options)))
    groups = tuple(sorted(sizes))
    true, estimates, errors = _collected(fits, np.array([abilities[label] for label in groups], dtype=np.float64))
    z = float(norm.ppf(0.5 + level / 2))
    kinds = (_kind(name, true[name], estimates[name], errors[name], z) for name in true)
    converged = np.array([fit.converged for _, fit in fits], dtype=np.float64)
    return Recovery(
        n_replications=n_replications,
        n_persons=sum(sizes.values()),
        kinds=tuple(kind for kind in kinds if kind is not None),
        converged=float(converged.mean()),
        converged_error=_error_of_mean(converged),
        level=level,
        groups=groups,
        true=true,
        estimates=estimates,
        errors=errors,
        settings={"seed": seed, "n_persons": sizes, "ability": abilities, **options},
    )


def _check(
    sizes: Mapping[str, int], abilities: Mapping[str, tuple[float, float]], n_replications: int, level: float
) -> None:
    if n_replications < 1:
        raise ValueError(f"a study needs at least one replication, found {n_replications}")
    if not 0 < level < 1:
        raise ValueError(f"the level of the intervals lies between 0 and 1, found {level}")
    if not sizes or min(sizes.values()) < 1 or any(size != int(size) for size in sizes.values()):
        raise ValueError(f"every group needs a whole number of persons, at least one person, found {dict(sizes)}")
    if set(abilities) != set(sizes):
        raise ValueError(f"abilities are given for {sorted(abilities)}, persons for {sorted(sizes)}")
    for label, (_, sd) in abilities.items():
        if not sd > 0:
            raise ValueError(f"the sd of the abilities must be above 0, found {sd} for {label!r}")


def _drawn(
    truth: ItemParameters,
    sizes: Mapping[str, int],
    abilities: Mapping[str, tuple[float, float]],
    design: ArrayLike | Design | None,
    rng: np.random.Generator,
) -> ScoreArray:
    """Return the scores of one replication, the groups one after the other."""
    theta = np.concatenate([rng.normal(*abilities[label], size) for label, size in sizes.items()])
    scores = simulate(truth, theta, seed=rng)
    if design is None:
        return scores
    seen = np.asarray(design(scores, truth, rng) if callable(design) else design, dtype=bool)
    if seen.shape != scores.shape:
        raise ValueError(f"the design must have shape {scores.shape}, found {seen.shape}")
    return np.where(seen, scores, NOT_SEEN).astype(np.int8)


def _collected(
    fits: list[tuple[ItemParameters, Calibration]], abilities: FloatArray
) -> tuple[dict[str, FloatArray], dict[str, FloatArray], dict[str, FloatArray]]:
    """Return truth, estimates and errors by name, each (n_replications, n_items or n_groups)."""
    names = [name for name in fits[0][0].names if all(name in fit.parameters.names for _, fit in fits)]
    true = {name: frozen([truth.values[name] for truth, _ in fits]) for name in names}
    estimates = {name: frozen([fit.parameters.values[name] for _, fit in fits]) for name in names}
    errors = {name: frozen([fit.parameters.errors[name] for _, fit in fits]) for name in names}
    for column, name in enumerate(("mean", "sd")):
        found = [fit.ability_mean if name == "mean" else fit.ability_sd for _, fit in fits]
        true[name] = frozen(np.tile(abilities[:, column], (len(fits), 1)))
        estimates[name] = frozen([np.atleast_1d(value) for value in found])
        errors[name] = frozen([np.atleast_1d(fit.ability_errors[name]) for _, fit in fits])
    return true, estimates, errors


def _kind(name: str, true: FloatArray, estimates: FloatArray, errors: FloatArray, z: float) -> KindRecovery | None:
    """Return the record of one kind of parameter, or None where all of it was fixed."""
    free = np.isfinite(true) & (errors != 0.0)
    known = free & np.isfinite(estimates) & np.isfinite(errors)
    if not free.any():
        return None
    distance = np.where(known, estimates - true, np.nan)
    covered = np.where(known, np.abs(distance) <= z * errors, np.nan)
    bias, bias_error = _mean_and_error(distance)
    square, square_error = _mean_and_error(distance**2)
    coverage, coverage_error = _mean_and_error(covered)
    rmse = float(np.sqrt(square))
    return KindRecovery(
        name=name,
        n=int(known.sum()),
        missing=1.0 - float(known.sum() / free.sum()),
        bias=bias,
        bias_error=bias_error,
        rmse=rmse,
        rmse_error=square_error / (2.0 * rmse) if rmse > 0 else float("nan"),
        mean_error=_mean_and_error(np.where(known, errors, np.nan))[0],
        coverage=coverage,
        coverage_error=coverage_error,
    )


def _mean_and_error(values: FloatArray) -> tuple[float, float]:
    """Return the mean of (n_replications, n) and its standard error, replications being independent."""
    known = np.isfinite(values)
    if not known.any():
        return float("nan"), float("nan")
    by_replication = np.where(known, values, 0.0).sum(axis=1)[known.any(axis=1)]
    counts = known.sum(axis=1)[known.any(axis=1)]
    mean = float(by_replication.sum() / counts.sum())
    # A ratio of sums: each replication counts by how many values it has; Cochran (1977), section 2.11.
    return mean, _error_of_mean((by_replication - mean * counts) / counts.mean())


def _error_of_mean(values: FloatArray) -> float:
    return float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else float("nan")
