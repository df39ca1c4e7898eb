"""Decision accuracy and consistency against betafunctions 1.9.0 (LL.CA) and cacIRT 1.4 (class.Lee, class.Rud, recursive.raw).

`dataMedical` itself stays with the peer: the file holds its mean, sd, alpha and the parameters that LL.CA fitted.
Closed forms are held to 1e-8; what the peer integrates by R's `integrate` (relative tolerance about 1e-4, met to 1e-10 under
2P and to 3e-6 under 4P, whose two steep ends it samples coarsely) to 1e-8 and 3e-6: with exact incomplete beta functions
our share of true failures differs from the peer's by its whole error.

Three habits of the peers, which the tests repeat to reach their numbers:
* betafunctions rounds the cut on the effective length for one taking (round) and cuts it off for the other (floor), so its
  consistency matrix is not symmetric unless the two agree (cut 70). Ours rounds both.
* cacIRT's constant is D = 1.7 unless told otherwise.
* cacIRT's item information divides by (1 − c²) where Birnbaum's has (1 − c)²: with c = .2 throughout, its standard errors
  are √1.5 times too large. Ours are Birnbaum's.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbank.analysis.classification import Classification, beta_from_moments, effective_length, lee, rudner
from qbank.analysis.classification.beta import BetaTrueScores, integrated
from qbank.analysis.classification.binomial import binomial_categories
from qbank.irt import ItemParameters, item_parameters, sem_of_ability

_DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference"
FILE = Path(os.environ.get("QBANK_REFERENCE", _DEFAULT)) / "analysis" / "classification_expected.json"

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"reference numbers absent, NOT checked: {FILE}")


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def items(expected: dict[str, Any]) -> ItemParameters:
    table = expected["irt"]["ip"]
    return item_parameters("3pl", a=table["a"], b=table["b"], c=table["c"], d_constant=1.7)


def refitted(peer: dict[str, Any], model: str, cut: float) -> Classification:
    own = peer["parameters"]
    scores = BetaTrueScores(own["alpha"], own["beta"], own["l"], own["u"], model)
    n = own["etl_rounded"]
    first = np.array([round(cut * n)])
    return integrated("", scores, [cut], lambda p: binomial_categories(p, n, first))


def test_the_effective_test_length(expected: dict[str, Any]) -> None:
    found = effective_length(expected["mean"], expected["sd"] ** 2, expected["alpha"], 100)
    assert found == pytest.approx(expected["LL_binomial_2P_cut50"]["parameters"]["etl"], abs=1e-8)


def test_the_two_parameter_beta_distribution(expected: dict[str, Any]) -> None:
    # the moments of the shares with n, as factorial moments are; the peer's sd has n − 1
    own, n = expected["LL_binomial_2P_cut50"]["parameters"], expected["n"]
    mean, length = expected["mean"] / 100, own["etl"]
    variance = (expected["sd"] / 100 * length) ** 2 * (n - 1) / n
    second = (variance + (mean * length) ** 2 - mean * length) / (length * (length - 1))
    found = beta_from_moments([mean, second, np.nan, np.nan], model="2P")
    assert [found.alpha, found.beta] == pytest.approx([own["alpha"], own["beta"]], abs=1e-8)


@pytest.mark.parametrize("cut", [50, 60, 70])
@pytest.mark.parametrize(("model", "tolerance"), [("2P", 1e-8), ("4P", 3e-6)])
def test_accuracy_of_livingston_and_lewis(expected: dict[str, Any], model: str, cut: int, tolerance: float) -> None:
    peer = expected[f"LL_binomial_{model}_cut{cut}"]
    found = refitted(peer, model, cut / 100)
    (fail_fail, pass_pass, accuracy), (false_fail, false_pass, _) = peer["confusionmatrix"][:2]
    ours = [found.confusion[0, 0], found.confusion[1, 1], found.accuracy, found.false_fail, found.false_pass]
    assert ours == pytest.approx([fail_fail, pass_pass, accuracy, false_fail, false_pass], abs=tolerance)


@pytest.mark.parametrize("model", ["2P", "4P"])
def test_consistency_where_the_peer_cuts_both_takings_alike(expected: dict[str, Any], model: str) -> None:
    peer = expected[f"LL_binomial_{model}_cut70"]
    found = refitted(peer, model, 0.7)
    wanted = peer["classification.consistency"]
    ours = [found.consistency, found.chance, found.kappa]
    assert ours == pytest.approx([wanted["p"], wanted["p_c"], wanted["Kappa"]], abs=1e-5)


@pytest.mark.parametrize("cut", [50, 60])
def test_consistency_of_the_peer_is_that_of_two_different_cuts(expected: dict[str, Any], cut: int) -> None:
    peer = expected[f"LL_binomial_2P_cut{cut}"]
    own, n = peer["parameters"], peer["parameters"]["etl_rounded"]
    scores = BetaTrueScores(own["alpha"], own["beta"], 0.0, 1.0, "2P")
    # three categories: below the floor of the cut, on it, at or above the rounded cut
    first = np.array([int(np.floor(cut / 100 * n)), round(cut / 100 * n)])
    both = integrated("", scores, [cut / 100, cut / 100], lambda p: binomial_categories(p, n, first)).agreement
    assert first[0] + 1 == first[1]
    matrix = np.array(peer["consistencymatrix"])
    assert matrix[0, 0] == pytest.approx(both[0, :2].sum(), abs=1e-6)
    assert matrix[1, 1] == pytest.approx(both[2, 1:].sum(), abs=1e-6)


def test_lee_of_two_cuts_each_and_together(expected: dict[str, Any], items: ItemParameters) -> None:
    nodes, weights = expected["irt"]["theta"], expected["irt"]["weights"]
    both = lee(items, [20, 28], nodes=nodes, weights=weights)
    marginal, curves = expected["Lee_P_raw"]["Marginal"], expected["Lee_P_raw"]["Conditional"]
    for column, found in enumerate((both.at_cut(0), both.at_cut(1), both)):
        assert [found.accuracy, found.consistency] == pytest.approx(marginal[column], abs=1e-8)
        assert np.allclose(found.conditional_accuracy, [row[column] for row in curves["Accuracy"]], rtol=0, atol=1e-8)
        assert np.allclose(found.conditional_consistency, [row[column] for row in curves["Consistency"]], rtol=0, atol=1e-8)


def test_rudner_of_two_cuts_each_and_together(expected: dict[str, Any], items: ItemParameters) -> None:
    nodes, weights = np.array(expected["irt"]["theta"]), expected["irt"]["weights"]
    theirs = sem_of_ability(items, nodes) * np.sqrt(1.5)
    both = rudner([0.0, 1.0], sem=theirs, nodes=nodes, weights=weights)
    marginal, curves = expected["Rudner"]["Marginal"], expected["Rudner"]["Conditional"]
    for column, found in enumerate((both.at_cut(0), both.at_cut(1), both)):
        assert [found.accuracy, found.consistency] == pytest.approx(marginal[column], abs=1e-8)
        assert np.allclose(found.conditional_accuracy, [row[column] for row in curves["Accuracy"]], rtol=0, atol=1e-8)
        assert np.allclose(found.conditional_consistency, [row[column] for row in curves["Consistency"]], rtol=0, atol=1e-8)
    # with the standard errors as they should be, decisions are better than the peer says
    assert rudner([0.0], parameters=items, nodes=nodes, weights=weights).accuracy > marginal[0][0]


def test_standard_errors_of_the_peer_with_d_1(expected: dict[str, Any]) -> None:
    table = expected["irt"]["ip"]
    plain = item_parameters("3pl", a=table["a"], b=table["b"], c=table["c"])
    assert np.allclose(sem_of_ability(plain, expected["irt"]["theta"]), expected["Rudner_sem_used_D1"], rtol=0, atol=1e-8)
