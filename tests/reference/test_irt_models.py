"""Likelihood and information of every model at the parameters of mirt, so apart from any estimation.

mirt 1.45.1 and 1.47: mirt(data, 1, itemtype = "gpcm" | "graded" | "nominal" | "rsm" | "3PL", quadpts = 61,
technical = list(theta_lim = c(-6, 6)), TOL = 1e-7); Science is the Euro-Barometer 38.1 table of codes 1 to 4, SAT12
that of the TESTFACT manual. mirt prints 13 digits, so that log-likelihoods agree to rounding: 1e-8 is asked here.

The parameters are mirt's, in its own terms: nominal slopes are a1 times ak, and an item of rsm has steps b - c.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbank.irt import ItemParameters, information, item_parameters
from qbank.irt.blocks import group_by_form
from qbank.irt.likelihood import expect
from qbank.irt.models import FloatArray, ScoreArray
from qbank.irt.parameters import first_rows, from_estimates, log_probability_table

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "irt"
NODES = np.linspace(-6.0, 6.0, 61)
MODELS_OF_SCIENCE = ("gpcm", "graded", "nominal", "rsm")


def shared(name: str) -> Path:
    if not (SHARED / name).is_file():
        pytest.skip(f"the reference table {SHARED / name} is not there")
    return SHARED / name


def reference(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared(f"{name}.json").read_text(encoding="utf-8"))
    return found


def scores(name: str) -> ScoreArray:
    table = np.loadtxt(shared(f"{name}.csv"), delimiter=",", skiprows=1, dtype=np.int8)
    return np.asarray(table - table.min(), dtype=np.int8)


def log_likelihood(parameters: ItemParameters, answers: ScoreArray, variance: float) -> float:
    density = np.exp(-0.5 * NODES**2 / variance)
    blocks = group_by_form(answers, np.zeros(answers.shape[0], dtype=np.intp), collapse=False)
    first = first_rows(parameters.n_categories)
    return expect(
        blocks, first, log_probability_table(parameters, NODES), np.log(density / density.sum())[None]
    ).log_likelihood


def science(model: str) -> tuple[ItemParameters, dict[str, Any]]:
    """Return the parameters of the four items, and all that the reference says."""
    found = reference(f"Science_{model}")
    rows = [
        {name: value[0] for name, value in found["coef"][item].items()}
        for item in ("Comfort", "Work", "Future", "Benefit")
    ]

    def column(*names: str) -> FloatArray:
        return np.array([[row[name] for name in names] for row in rows])

    slope = column("a1")[:, 0]
    if model == "rsm":
        return item_parameters("rsm", a=slope, steps=column("b1", "b2", "b3") - column("c")), found
    intercepts = column("d1", "d2", "d3")
    if model == "graded":
        return item_parameters("grm", a=slope, steps=-intercepts / slope[:, None]), found
    if model == "gpcm":
        return from_estimates("gpcm", [4] * 4, np.column_stack((slope, intercepts))), found
    slopes = slope[:, None] * column("ak1", "ak2", "ak3")
    return from_estimates("nominal", [4] * 4, np.concatenate((slopes, intercepts), axis=1)), found


@pytest.mark.parametrize("model", MODELS_OF_SCIENCE)
def test_the_marginal_likelihood_of_science_is_that_of_mirt(model: str) -> None:
    parameters, found = science(model)
    variance = found["coef"]["GroupPars"]["COV_11"][0]
    assert log_likelihood(parameters, scores("Science"), variance) == pytest.approx(found["logLik"], abs=1e-8)


@pytest.mark.parametrize("model", MODELS_OF_SCIENCE)
def test_the_information_of_science_is_that_of_mirt(model: str) -> None:
    parameters, found = science(model)
    total = information(parameters, found["testinfo_theta"]).sum(axis=0)
    np.testing.assert_allclose(total, found["testinfo"], rtol=1e-9)


@pytest.mark.parametrize("model", ["gpcm", "graded"])
def test_the_reported_steps_of_science_are_those_of_mirt(model: str) -> None:
    parameters, found = science(model)
    for place, item in enumerate(found["coef_IRT"]):
        if item != "GroupPars":
            for name in ("a", "b1", "b2", "b3"):
                expected = found["coef_IRT"][item][name][0]
                assert parameters.values[name][place] == pytest.approx(expected, rel=1e-9)


def test_the_marginal_likelihood_of_sat12_with_guessing_is_that_of_mirt() -> None:
    found = reference("SAT12_3PLnorm")
    a, d, g = (np.array(found[name]) for name in ("a", "d", "g"))
    parameters = item_parameters("3pl", a=a, b=-d / a, c=g)
    assert log_likelihood(parameters, scores("SAT12"), 1.0) == pytest.approx(found["logLik"], abs=1e-8)
