"""Standard errors of every kind, and the 3PL with priors, against mirt and against optima whose gradient was checked.

mirt 1.45.1 and 1.47: mirt(data, 1, itemtype = "2PL" | "Rasch", quadpts = 61, technical = list(theta_lim = c(-6, 6)),
TOL = 1e-7, SE = TRUE, SE.type = "Oakes" | "sandwich" | "crossprod"). For the Rasch model (PCM for Science)
the last error is that of the variance of ability. Louis' observed information is the same matrix as Oakes', but
mirt's errors by it are wrong for the Rasch model (that of SAT12's variance is half), so that Oakes' are compared.

3PL with Beta(5, 17) on c: the optimum was found by scipy's L-BFGS-B from several starts, because the derivative of
this prior lacks a factor in mirt, which stops early. 3PL with logit c ~ N(-1.1, 0.5): mirt 1.47, Oakes errors; with
SAT12 that is one of several maxima.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import Calibration, calibrate
from qbank.irt.models import FloatArray

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "irt"
CASES = [(data, model) for data in ("LSAT6", "LSAT7", "SAT12") for model in ("2PL", "Rasch")] + [("Science", "Rasch")]
BETA = {"c": ("beta", 5.0, 17.0)}
NORMAL = {"logit_c": ("normal", -1.1, 0.5)}


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"REFERENCE MISSING: {path} is not there, nothing was compared with it")
    return path


def reference(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared(f"{name}.json").read_text(encoding="utf-8"))
    return found


def scores(data: str) -> NDArray[np.int8]:
    table = np.loadtxt(shared(f"{data}.csv"), delimiter=",", skiprows=1).astype(np.int8)
    return np.asarray(table - table.min(), dtype=np.int8)


def free_errors(fit: Calibration) -> FloatArray:
    """Return the errors of what is free, item by item, and of the variance of ability if that is free."""
    errors = np.sqrt(np.diagonal(fit.parameters.covariance, axis1=1, axis2=2))[fit.free]
    variance = float(fit.ability_errors["variance"])
    return np.append(errors, variance) if variance > 0 else errors


@pytest.mark.parametrize(("data", "model"), CASES)
@pytest.mark.parametrize(
    ("errors", "key"),
    [("observed", "SE_Oakes"), ("sandwich", "SE_sandwich"), ("cross-product", "SE_crossprod")],
)
def test_errors_of_every_kind_are_those_of_mirt(data: str, model: str, errors: str, key: str) -> None:
    expected = reference(f"{data}_{model}")[key]
    word = {"2PL": "2pl", "Rasch": "pcm" if data == "Science" else "rasch"}[model]
    found = free_errors(calibrate(scores(data), model=word, errors=errors))
    known = np.asarray(expected, dtype=np.float64)
    # mirt stops 1e-7 of a parameter before the maximum.
    np.testing.assert_allclose(found, known, rtol=2e-4)


@pytest.mark.parametrize("data", ["LSAT6", "LSAT7", "SAT12"])
def test_guessing_with_a_beta_prior_reaches_the_verified_optimum(data: str) -> None:
    expected = reference(f"{data}_3PLp_trueMAP")
    fit = calibrate(scores(data), model="3pl", priors=BETA)
    assert fit.converged and fit.gradient_norm < 1e-4
    assert fit.log_posterior == pytest.approx(expected["penLL"], abs=1e-6)
    assert fit.log_likelihood == pytest.approx(expected["logLik"], abs=1e-3)
    for name, key in (("a", "a"), ("d", "d"), ("c", "g")):
        np.testing.assert_allclose(fit.parameters.values[name], expected[key], atol=1e-3)


@pytest.mark.parametrize("data", ["LSAT6", "LSAT7"])
def test_guessing_with_a_normal_prior_has_the_parameters_and_errors_of_mirt(data: str) -> None:
    expected = reference(f"{data}_3PLnorm")
    fit = calibrate(scores(data), model="3pl", priors=NORMAL)
    assert fit.converged
    assert fit.log_posterior == pytest.approx(expected["logLik"] + expected["logPrior"], abs=1e-6)
    for name, key in (("a", "a"), ("d", "d"), ("c", "g")):
        np.testing.assert_allclose(fit.parameters.values[name], expected[key], atol=2e-4)
    np.testing.assert_allclose(free_errors(fit), expected["SE"], rtol=1e-3)


def test_sat12_with_a_normal_prior_has_several_maxima_and_says_so() -> None:
    local = reference("SAT12_3PLnorm")
    fit = calibrate(scores("SAT12"), model="3pl", priors=NORMAL, n_starts=3)
    starts = fit.settings["starts"]
    assert isinstance(starts, tuple)
    assert fit.converged and fit.log_posterior >= -9460.0021
    assert max(starts) >= -9459.15
    # One of the starts finds the maximum that mirt found.
    assert min(abs(value - local["logLik"] - local["logPrior"]) for value in starts) < 1e-3
