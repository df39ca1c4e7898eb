"""The records that bifactor calibrations and scores give back. Arrays in them are read-only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from qbank.irt.display import shown
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.parameters import ItemParameters, frozen
from qbank.problem import Problem


@dataclass(frozen=True, slots=True)
class BifactorCalibration:
    """The outcome of a bifactor or testlet calibration; ability and testlet effects are independent N(0, 1).

    parameters       of the general ability: a, b, d, ... as in a calibration without testlets; b holds for a
                     person whose testlet effect is 0
    structure        "bifactor": each item has a specific slope s; "testlet": s = a x the testlet's sd
    testlets         labels;  testlet: (n_items,) index among them, −1 for an item without (or the only one
                     left of its testlet)
    specific         (n_items,) s, 0 without a testlet, NaN without an estimate;  specific_errors: the same
                     shape, by the delta method, 0 where there is nothing to estimate
    testlet_sd       (n_testlets,) sd of the testlet's effect on the scale of ability, NaN unless the structure
                     is "testlet";  testlet_sd_errors
    ability_sd, ability_sd_error    1 and 0 unless some model has a = 1 for all its items
    log_likelihood   marginal, without priors;  log_posterior: with them, the objective;  trace: the objective at
                     each accepted step on the grid that was asked for, which a coarser one has led near
    unidimensional_log_likelihood   of the same items without testlets, on the same nodes
    n_free, unidimensional_n_free   how many values were estimated
    gradient_norm    largest absolute derivative of the objective, over values free to move;  converged: it is
                     at most `tolerance` times sqrt(n_persons), there and without testlets
    nodes, weights   general quadrature (n_nodes,);  specific_nodes, specific_weights
    n_persons        persons with an answer to an item that was calibrated;  n_answers: (n_items,)
    status           per item: ok, not seen, too few answers, all right, all wrong, one category, unused
                     category, not connected, diverged, no error
    testlet_status   per testlet: ok, equal slopes (of two items: one specific slope for both), equal sd (two
                     testlets and nothing else: one sd for both), no effect (the estimate is 0); and left out of
                     the model: one item, no items, never together (nobody saw two of its items), not identified
                     (all items hang together alike)
    problems         why the result must not be used, () when it may
    settings         every choice that was made, by name
    """

    __repr__ = shown

    parameters: ItemParameters
    structure: str
    testlets: tuple[str, ...]
    testlet: IndexArray
    specific: FloatArray
    specific_errors: FloatArray
    testlet_sd: FloatArray
    testlet_sd_errors: FloatArray
    ability_sd: float
    ability_sd_error: float
    log_likelihood: float
    log_posterior: float
    unidimensional_log_likelihood: float
    n_free: int
    unidimensional_n_free: int
    gradient_norm: float
    trace: tuple[float, ...]
    converged: bool
    nodes: FloatArray
    weights: FloatArray
    specific_nodes: FloatArray
    specific_weights: FloatArray
    n_persons: int
    n_answers: IndexArray
    status: tuple[str, ...]
    testlet_status: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (
            "specific",
            "specific_errors",
            "testlet_sd",
            "testlet_sd_errors",
            "nodes",
            "weights",
            "specific_nodes",
            "specific_weights",
        ):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        for name in ("testlet", "n_answers"):
            whole = np.array(getattr(self, name), dtype=np.intp)
            whole.setflags(write=False)
            object.__setattr__(self, name, whole)


@dataclass(frozen=True, slots=True)
class BifactorScores:
    """Expected a posteriori scores.

    theta, errors                    (n_persons,) general ability, in units of its sd where that is estimated
                                     (mean 0), and sd of its posterior
    specific_theta, specific_errors  (n_persons, n_testlets) effect of each testlet in its sd; 0 and 1 where a
                                     person saw none of its items
    n_answers                        (n_persons,) answers to items with parameters
    marginal_reliability             1 − mean posterior variance / variance of ability, over those who answered
                                     something;  empirical_reliability: var(theta) / (var(theta) + mean
                                     posterior variance)
    """

    __repr__ = shown

    theta: FloatArray
    errors: FloatArray
    specific_theta: FloatArray
    specific_errors: FloatArray
    n_answers: IndexArray
    marginal_reliability: float
    empirical_reliability: float

    def __post_init__(self) -> None:
        for name in ("theta", "errors", "specific_theta", "specific_errors"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        n_answers = np.array(self.n_answers, dtype=np.intp)
        n_answers.setflags(write=False)
        object.__setattr__(self, "n_answers", n_answers)
