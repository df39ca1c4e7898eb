"""Scores of persons, sum scores, information and reliability against mirt 1.47.

mirt: mirt(data, 1, itemtype, quadpts = 61, technical = list(theta_lim = c(-6, 6)), TOL = 1e-7), then fscores with
method EAP, MAP, ML, WLE and EAPsum, testinfo, marginal_rxx, empirical_rxx. The parameters are taken from the same
files, so that what is compared is the scores alone; mirt finds MAP, ML and WLE by nlm and their errors by its numerical
second derivatives, good to about 1e-5.
The whole way from answers to scores is in test_irt_reference.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import (
    ItemParameters,
    empirical_reliability,
    marginal_reliability,
    score_persons,
    score_sums,
    total_information,
)
from qbank.irt.parameters import from_estimates

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "irt"
BINARY = [f"{data}_{model}" for data in ("LSAT6", "LSAT7", "SAT12") for model in ("Rasch", "2PL")]
STEPWISE = [f"Science_{model}" for model in ("Rasch", "gpcm", "graded", "nominal", "rsm")]
ALL = BINARY + STEPWISE
Array = NDArray[np.float64]


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"REFERENCE MISSING: {path} is not there, nothing was compared with it")
    return path


def reference(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared(f"{name}.json").read_text(encoding="utf-8"))
    return found


def items_of(name: str, coefficients: dict[str, dict[str, list[float]]]) -> ItemParameters:
    """Return mirt's estimates as ours: only the rating scale and nominal models are written differently."""
    rows = [{key: value[0] for key, value in entry.items()} for item, entry in coefficients.items() if item != "GroupPars"]
    kind = name.split("_")[1]
    word = {"Rasch": "gpcm", "gpcm": "gpcm", "graded": "grm", "nominal": "nominal", "rsm": "rsm"}.get(kind, "2pl")
    if name in BINARY:
        return from_estimates("2pl", [2] * len(rows), np.array([[row["a1"], row["d"]] for row in rows]))
    if word == "nominal":
        values = [[row["a1"] * row[f"ak{k}"] for k in (1, 2, 3)] + [row[f"d{k}"] for k in (1, 2, 3)] for row in rows]
    elif word == "rsm":
        # z_k = sum over steps up to k of (theta - b_step + c); ours k (theta + d) + t_k.
        steps = np.array([[row["b1"], row["b2"], row["b3"]] for row in rows])
        centre = steps.mean(axis=1)
        shifts = np.array([row["c"] for row in rows])
        common = -np.cumsum(steps, axis=1)[:, :2] + np.arange(1, 3) * centre[:, None]
        values = np.column_stack((np.ones(len(rows)), shifts - centre, common)).tolist()
    else:
        values = [[row["a1"], row["d1"], row["d2"], row["d3"]] for row in rows]
    return from_estimates(word, [4] * len(rows), np.array(values))


def ability_of(found: dict[str, Any]) -> tuple[float, float]:
    return 0.0, float(found["coef"]["GroupPars"]["COV_11"][0]) ** 0.5


def rows_of(name: str, given: list[list[int]]) -> NDArray[np.int8]:
    return np.array(given, dtype=np.int8) - (name in STEPWISE)


def scores_of(name: str) -> NDArray[np.int8]:
    table = np.loadtxt(shared(f"{name.split('_')[0]}.csv"), delimiter=",", skiprows=1)
    return table.astype(np.int8) - np.int8(name in STEPWISE)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("method", ["EAP", "MAP", "ML", "WLE"])
@pytest.mark.parametrize(("scores", "rows"), [("scores_first10", "first10_rows"), ("scores_patterns", "first10_patterns")])
def test_abilities_and_their_errors_agree(name: str, method: str, scores: str, rows: str) -> None:
    told = reference(name)
    found = score_persons(
        rows_of(name, told[rows]), items_of(name, told["coef"]), method=method.lower(), ability=ability_of(told)
    )
    theta, error = (np.array(told[scores][method][key], dtype=float) for key in ("theta", "se"))
    known = np.isfinite(theta)
    np.testing.assert_array_equal(np.isfinite(found.theta), known)
    # mirt differentiates the information of rating scale items numerically, and twice more for this error: its own
    # persons with the same sum score have errors that differ by 1 %. Of the others we are within 1e-3.
    rough = name == "Science_rsm" and method == "WLE"
    np.testing.assert_allclose(found.theta[known], theta[known], atol=5e-5 if rough else 1e-5)
    np.testing.assert_allclose(found.errors[known], error[known], rtol=0.05 if rough else 1e-3)


@pytest.mark.parametrize("name", ["LSAT6_Rasch", "LSAT6_2PL"])
def test_sum_scores_agree(name: str) -> None:
    told = reference(name)
    found = score_sums(items_of(name, told["coef"]), scores=scores_of(name), ability=ability_of(told))
    for ours, theirs in (
        (found.score, "Sum.Scores"),
        (found.theta, "F1"),
        (found.errors, "SE_F1"),
        (found.observed, "observed"),
        (np.abs(found.residuals), "std.res"),
    ):
        np.testing.assert_allclose(ours, [row[theirs] for row in told["sumscore_EAPsum"]], atol=2e-6)
    np.testing.assert_allclose(found.expected, [row["expected"] for row in told["sumscore_EAPsum"]], atol=1e-5)


@pytest.mark.parametrize("name", ALL)
def test_information_agrees(name: str) -> None:
    told = reference(name)
    found = total_information(items_of(name, told["coef"]), told["testinfo_theta"])
    np.testing.assert_allclose(found, told["testinfo"], rtol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_reliabilities_agree(name: str) -> None:
    told = reference(name)
    items, ability = items_of(name, told["coef"]), ability_of(told)
    eap = score_persons(scores_of(name), items, ability=ability)
    assert empirical_reliability(eap) == pytest.approx(told["empirical_rxx"], abs=1e-4)
    # mirt takes the mean of I / (I + variance) over N(0, 1); the error variance is 1 / (I + 1 / variance) and ability
    # is N(0, variance), so that only a variance of 1 can agree. Its own formula gives its own number.
    if ability[1] == 1.0:
        assert float(marginal_reliability(items)) == pytest.approx(told["marginal_rxx"], abs=1e-5)
    nodes = np.linspace(-6, 6, 601)
    weights = np.exp(-0.5 * nodes**2) / np.exp(-0.5 * nodes**2).sum()
    told_by_items = total_information(items, nodes)
    theirs = weights @ (told_by_items / (told_by_items + ability[1] ** 2))
    assert theirs == pytest.approx(told["marginal_rxx"], abs=2e-4)
