"""Conditional maximum likelihood against eRm 1.0.2.

eRm: RM(data), PCM(data), LRtest(RM(data), splitcr = "median") with standard errors, sum zero. eRm stops its general
optimiser early: its estimates lie up to 3e-5 and its standard errors up to 2e-4 relative from the maximum, whose
log-likelihood is no lower. Its PCM normalises the sum of *all* cumulative easiness parameters, ours that of the items'
difficulties; the difference is taken out before comparing. LRtest puts scores equal to the median into the lower
group and so finds no items for LSAT6 and LSAT7, where everybody above the median has a perfect score; ours parts the
persons between scores as evenly as can be. The tables are read from the shared folder beside the checkout.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import andersen_test, calibrate_conditional, score_persons

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "irt"


def shared(name: str) -> Path:
    """Return a file of the shared folder, or skip, naming it."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is absent: the reference figures of eRm were not compared")
    return path


def table(name: str) -> NDArray[np.int8]:
    return np.loadtxt(shared(f"{name}.csv"), delimiter=",", skiprows=1, dtype=np.int8)


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared(f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", ["LSAT6", "LSAT7", "SAT12"])
def test_rasch_difficulties_errors_and_log_likelihood_are_those_of_erm(name: str) -> None:
    reference = expected(f"{name}_eRm_Rasch")
    fit = calibrate_conditional(table(name))
    assert fit.log_likelihood == pytest.approx(reference["cond_logLik"], abs=1e-6)
    assert fit.log_likelihood >= reference["cond_logLik"] - 1e-9
    assert fit.gradient_norm < 1e-6
    np.testing.assert_allclose(fit.parameters.values["b"], list(reference["difficulty"].values()), atol=5e-5)
    np.testing.assert_allclose(fit.parameters.errors["b"], reference["se"], rtol=5e-4)


@pytest.mark.parametrize("name", ["LSAT6", "LSAT7", "SAT12"])
def test_abilities_of_raw_scores_are_those_of_erm(name: str) -> None:
    """eRm's scores 0 and perfect are extrapolated by splines: ours have no finite ML estimate."""
    reference = expected(f"{name}_eRm_Rasch")["raw_to_theta"]
    scores = table(name)
    fit = calibrate_conditional(scores)
    n_items = scores.shape[1]
    one_each = np.tril(np.ones((n_items + 1, n_items), dtype=np.int8), -1)
    theta = score_persons(one_each, fit.parameters, method="ml").theta
    for raw, value in zip(reference["raw"], reference["theta"], strict=True):
        if 0 < raw < n_items:
            assert theta[raw] == pytest.approx(value, abs=1e-3)


def test_partial_credit_is_that_of_erm() -> None:
    reference = expected("Science_eRm_PCM")
    fit = calibrate_conditional(table("Science") - 1, model="pcm")
    assert fit.log_likelihood == pytest.approx(reference["cond_logLik"], abs=1e-6)
    category = fit.intercepts[:, 1].astype(np.float64)
    easiness = fit.parameters.estimates[fit.intercepts[:, 0], fit.intercepts[:, 1]]
    easiness = easiness - category * easiness.sum() / category.sum()
    np.testing.assert_allclose(easiness, list(reference["betapar"].values()), atol=5e-5)
    shift = np.eye(category.size) - np.outer(category, np.ones(category.size)) / category.sum()
    errors = np.sqrt(np.diag(shift @ fit.intercept_covariance @ shift.T))
    np.testing.assert_allclose(errors, reference["se"], rtol=5e-4)


def test_andersens_statistic_is_that_of_erm_when_persons_are_parted_as_it_does() -> None:
    reference = expected("SAT12_eRm_Rasch")["LR_test"]
    scores = table("SAT12")
    total = scores.sum(axis=1)
    split = np.where(total <= np.median(total), "low", "high").tolist()
    test = andersen_test(scores, calibrate_conditional(scores), split=split)
    assert test.statistic == pytest.approx(reference["LR"], rel=1e-6)
    assert test.df == reference["df"]
