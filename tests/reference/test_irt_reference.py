"""Calibration and scores against mirt 1.45.1 and published log-likelihoods.

mirt: mirt(data, 1, itemtype = "Rasch" | "2PL", quadpts = 61, technical = list(theta_lim = c(-6, 6)), TOL = 1e-7,
SE = TRUE, SE.type = "Oakes"), slope and intercept, no D = 1.7. mirt stops at TOL, so that its parameters lie up to
2e-5 from the maximum; the tolerances leave room for no more than that where they are tighter than the 1e-3 asked.

LSAT6 and LSAT7 are the frequency tables of Bock & Lieberman (1970), Psychometrika 35; the other tables are read from
the shared folder beside the checkout.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import calibrate, information, score_persons

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "irt"

# Persons of each answer pattern, 00000, 00001, ... 11111, the first item first.
FREQUENCIES = {
    "LSAT6": (
        3,
        6,
        2,
        11,
        1,
        1,
        3,
        4,
        1,
        8,
        0,
        16,
        0,
        3,
        2,
        15,
        10,
        29,
        14,
        81,
        3,
        28,
        15,
        80,
        16,
        56,
        21,
        173,
        11,
        61,
        28,
        298,
    ),
    "LSAT7": (
        12,
        19,
        1,
        7,
        3,
        19,
        3,
        17,
        10,
        5,
        3,
        7,
        7,
        23,
        8,
        28,
        7,
        39,
        11,
        34,
        14,
        51,
        15,
        90,
        6,
        25,
        7,
        35,
        18,
        136,
        32,
        308,
    ),
}
LOG_LIKELIHOODS = {
    ("LSAT6", "rasch"): -2466.93759958233,
    ("LSAT6", "2pl"): -2466.65337751348,
    ("LSAT7", "rasch"): -2664.90089095471,
    ("LSAT7", "2pl"): -2658.80511363235,
}
# a, error of a, d, error of d, b, error of b; Oakes (1999).
ITEMS = {
    ("LSAT6", "2pl"): (
        (0.82566, 0.72274, 0.89087, 0.68837, 0.65686),
        (0.25811, 0.18668, 0.23276, 0.18514, 0.20991),
        (2.77323, 0.99020, 0.24915, 1.28476, 2.05327),
        (0.20574, 0.09002, 0.07627, 0.09904, 0.13536),
        (-3.35881, -1.37006, -0.27967, -1.86638, -3.12591),
        (0.86647, 0.30749, 0.09962, 0.43432, 0.87122),
    ),
    ("LSAT7", "2pl"): (
        (0.98755, 1.08084, 1.70748, 0.76499, 0.73567),
        (0.17719, 0.16876, 0.32108, 0.13412, 0.15113),
        (1.85586, 0.80797, 1.80521, 0.48600, 1.85446),
        (0.13145, 0.09125, 0.20482, 0.07491, 0.11441),
        (-1.87926, -0.74754, -1.05724, -0.63530, -2.52076),
        (0.26397, 0.10925, 0.11536, 0.13012, 0.44625),
    ),
    ("LSAT6", "rasch"): (
        (1, 1, 1, 1, 1),
        (0, 0, 0, 0, 0),
        (2.73002, 0.99861, 0.23985, 1.30645, 2.09941),
        (0.13044, 0.07918, 0.07177, 0.08464, 0.10545),
        (-2.73002, -0.99861, -0.23985, -1.30645, -2.09941),
        (0.13044, 0.07918, 0.07177, 0.08464, 0.10545),
    ),
    ("LSAT7", "rasch"): (
        (1, 1, 1, 1, 1),
        (0, 0, 0, 0, 0),
        (1.86826, 0.79100, 1.46098, 0.52150, 1.99297),
        (0.10043, 0.08116, 0.09131, 0.07872, 0.10370),
        (-1.86826, -0.79100, -1.46098, -0.52150, -1.99297),
        (0.10043, 0.08116, 0.09131, 0.07872, 0.10370),
    ),
}
VARIANCES = {"LSAT6": (0.5702372833, 0.1048640114), "LSAT7": (1.0226470853, 0.1313476187)}
WORDS = {"rasch": "Rasch", "2pl": "2PL"}
ALL = [(data, model) for data in ("LSAT6", "LSAT7", "SAT12") for model in WORDS]


def scores_of(data: str) -> NDArray[np.int8]:
    if data in FREQUENCIES:
        patterns = (np.arange(32)[:, None] >> np.arange(4, -1, -1)) & 1
        return np.repeat(patterns, FREQUENCIES[data], axis=0).astype(np.int8)
    return np.loadtxt(shared(f"{data}.csv"), delimiter=",", skiprows=1).astype(np.int8)


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"REFERENCE MISSING: {path} is not there, nothing was compared with it")
    return path


def answers_of(data: str, model: str, more: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        shared(f"{data}_{WORDS[model]}{more}.json").read_text(encoding="utf-8")
    )
    return found


@pytest.mark.parametrize(("data", "model"), LOG_LIKELIHOODS)
def test_published_tables_give_the_published_log_likelihoods(data: str, model: str) -> None:
    fit = calibrate(scores_of(data), model=model)
    assert fit.converged
    assert fit.n_persons == 1000
    assert fit.log_likelihood == pytest.approx(LOG_LIKELIHOODS[data, model], abs=1e-4)


@pytest.mark.parametrize(("data", "model"), ITEMS)
def test_published_tables_give_the_reference_parameters_and_errors(data: str, model: str) -> None:
    found = calibrate(scores_of(data), model=model).parameters
    a, error_a, d, error_d, b, error_b = (np.array(column, dtype=float) for column in ITEMS[data, model])
    for name, value, error in (("a", a, error_a), ("d", d, error_d), ("b", b, error_b)):
        np.testing.assert_allclose(found.values[name], value, atol=1e-4)
        np.testing.assert_allclose(found.errors[name], error, rtol=1e-3)


@pytest.mark.parametrize("data", VARIANCES)
def test_the_ability_variance_of_the_rasch_model_has_the_reference_value_and_error(data: str) -> None:
    fit = calibrate(scores_of(data), model="rasch")
    variance, error = VARIANCES[data]
    assert float(fit.ability_sd) ** 2 == pytest.approx(variance, abs=1e-4)
    assert float(fit.ability_errors["variance"]) == pytest.approx(error, rel=1e-3)


@pytest.mark.parametrize("data", ["LSAT6", "LSAT7", "SAT12"])
def test_one_common_slope_and_a_free_variance_are_the_same_model(data: str) -> None:
    scores = scores_of(data)
    rasch, common = calibrate(scores, model="rasch"), calibrate(scores, model="1pl")
    # Nodes at other places of the same curve: equal up to the quadrature's error.
    assert common.log_likelihood == pytest.approx(rasch.log_likelihood, abs=1e-4)
    np.testing.assert_allclose(common.parameters.values["a"], float(rasch.ability_sd), rtol=1e-4)


@pytest.mark.parametrize(("data", "model"), ALL)
def test_the_whole_reference_file_agrees(data: str, model: str) -> None:
    reference = answers_of(data, model)
    fit = calibrate(scores_of(data), model=model)
    items = [entry for name, entry in reference["coef"].items() if name != "GroupPars"]
    assert fit.log_likelihood == pytest.approx(reference["logLik"], abs=1e-4)
    for name, key in (("a", "a1"), ("d", "d")):
        expected = np.array([entry[key] for entry in items], dtype=float)
        np.testing.assert_allclose(fit.parameters.values[name], expected[:, 0], atol=1e-4)
        known = np.isfinite(expected[:, 1])
        np.testing.assert_allclose(fit.parameters.errors[name][known], expected[known, 1], rtol=1e-3)
    np.testing.assert_allclose(
        information(fit.parameters, reference["testinfo_theta"]).sum(axis=0), reference["testinfo"], atol=1e-4
    )


@pytest.mark.parametrize(("data", "model"), ALL)
@pytest.mark.parametrize("method", ["EAP", "MAP", "ML", "WLE"])
def test_person_scores_agree(data: str, model: str, method: str) -> None:
    reference = answers_of(data, model)["scores_first10"][method]
    scores = scores_of(data)
    found = score_persons(scores[:10], calibrate(scores, model=model), method=method.lower())
    theta = np.array(reference["theta"], dtype=float)
    known = np.isfinite(theta)
    np.testing.assert_array_equal(np.isfinite(found.theta), known)
    np.testing.assert_allclose(found.theta[known], theta[known], atol=1e-4)
    np.testing.assert_allclose(found.errors[known], np.array(reference["se"], dtype=float)[known], rtol=1e-3)


@pytest.mark.parametrize("data", ["LSAT6", "LSAT7", "SAT12"])
def test_tam_finds_the_same_likelihood(data: str) -> None:
    # TAM 4.3.25, tam.mml and tam.mml.2pl, same nodes; it stops at 1e-4 of a parameter.
    scores = scores_of(data)
    for model, word in WORDS.items():
        path = shared(f"{data}_TAM_{word}.json")
        reference = json.loads(path.read_text(encoding="utf-8"))
        assert calibrate(scores, model=model).log_likelihood == pytest.approx(reference["logLik"], abs=1e-2)
