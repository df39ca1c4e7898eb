"""All numbers of betafunctions and cacIRT, leaf by leaf: one that is forgotten fails. Habits of the peers: test_classification_reference."""

from __future__ import annotations

from typing import Any

import numpy as np

from qbank.analysis.classification import beta_from_moments, effective_length, lee, rudner
from qbank.analysis.classification.beta import BetaTrueScores, integrated
from qbank.analysis.classification.binomial import binomial_categories
from qbank.irt import ItemParameters, item_parameters, sem_of_ability, sum_score_distribution
from tests.reference.leaves import Found, unlike
from tests.reference.test_classification_reference import expected, items, pytestmark, refitted

__all__ = ["expected", "items", "pytestmark"]

GIVEN = "what the numbers are made from: the raw marks stay with the peer"
JOINED = "a test of fit over cells joined by a rule of the peer's own, for raw marks that stay with the peer; no such test here"
EXCUSED = {
    "alpha": GIVEN, "n": GIVEN, "mean": GIVEN, "sd": GIVEN, "irt/*": GIVEN, "*4P*/parameters/alpha": GIVEN, "*4P*/parameters/beta": GIVEN,
    "*4P*/parameters/l": GIVEN, "*4P*/parameters/u": GIVEN, "*/modelfit/*": JOINED,
}  # fmt: skip


def test_every_number_of_decision_accuracy(expected: dict[str, Any], items: ItemParameters) -> None:
    found: dict[str, Found] = {}
    for model in ("2P", "4P"):
        for cut in (50, 60, 70):
            own = _livingston_lewis(expected, model, cut)
            found |= {f"LL_binomial_{model}_cut{cut}/{name}": value for name, value in own.items()}
    found |= _irt(expected, items)
    assert unlike(expected, found, EXCUSED) == []


def _livingston_lewis(expected: dict[str, Any], model: str, cut: int) -> dict[str, Found]:
    peer = expected[f"LL_binomial_{model}_cut{cut}"]
    # the peer integrates to about 3e-6 under 4P; rates divide that by a share of down to .03
    close, rough = (1e-8, 1e-7) if model == "2P" else (3e-6, 2e-4)
    length = effective_length(expected["mean"], expected["sd"] ** 2, expected["alpha"], 100)
    out = {"parameters/etl": Found(length), "parameters/etl_rounded": Found(round(length))}
    if model == "2P":
        first = _two_parameters(expected, length)
        out |= {f"parameters/{name}": Found(value) for name, value in zip(("alpha", "beta", "l", "u"), (*first, 0.0, 1.0), strict=True)}
    own = refitted(peer, model, cut / 100)
    table = own.confusion
    # rows: right, wrong, both; columns: said to fail, said to pass, both. The peer's positive is a failure.
    right, wrong = [table[0, 0], table[1, 1], own.accuracy], [own.false_fail, own.false_pass, own.false_fail + own.false_pass]
    out["confusionmatrix"] = Found([right, wrong, np.add(right, wrong)], close)
    rates = {"Sensitivity": table[0, 0] / table[0].sum(), "Specificity": table[1, 1] / table[1].sum(),
             "PPV": table[0, 0] / table[:, 0].sum(), "NPV": table[1, 1] / table[:, 1].sum()}  # fmt: skip
    rates["Youden.J"] = rates["Sensitivity"] + rates["Specificity"] - 1
    out |= {f"classification.accuracy/{name}": Found(rate, rough) for name, rate in rates.items()}
    out["classification.accuracy/Accuracy"] = Found(own.accuracy, close)
    both = _two_takings(peer, model, cut)
    out["consistencymatrix"] = Found(both, 1e-6 if model == "2P" else 1e-5)
    return out | _consistency(both)


def _two_parameters(expected: dict[str, Any], length: float) -> tuple[float, float]:
    n, mean = expected["n"], expected["mean"] / 100
    variance = (expected["sd"] / 100 * length) ** 2 * (n - 1) / n
    second = (variance + (mean * length) ** 2 - mean * length) / (length * (length - 1))
    found = beta_from_moments([mean, second, np.nan, np.nan], model="2P")
    return float(found.alpha), float(found.beta)


def _two_takings(peer: dict[str, Any], model: str, cut: int) -> Any:
    """The peer cuts the first taking at the floor of the cut, the second at its rounding: rows the second, columns the first."""
    own, n = peer["parameters"], peer["parameters"]["etl_rounded"]
    scores = BetaTrueScores(own["alpha"], own["beta"], own["l"], own["u"], model)
    low, high = int(np.floor(cut / 100 * n)), round(cut / 100 * n)
    if low == high:
        return integrated("", scores, [cut / 100], lambda p: binomial_categories(p, n, np.array([low]))).agreement
    parts = integrated("", scores, [cut / 100] * 2, lambda p: binomial_categories(p, n, np.array([low, high]))).agreement
    return np.array([[parts[0, :2].sum(), parts[1:, :2].sum()], [parts[0, 2], parts[1:, 2].sum()]])


def _consistency(both: Any) -> dict[str, Found]:
    p = both[0, 0] + both[1, 1]
    fail, passing = both[0].sum() * both[:, 0].sum(), both[1].sum() * both[:, 1].sum()
    numbers = {"p": p, "p_c": fail + passing, "p_c_pos": fail, "p_c_neg": passing, "Kappa": (p - fail - passing) / (1 - fail - passing)}
    return {f"classification.consistency/{name}": Found(value, 1e-5) for name, value in numbers.items()}


def _irt(expected: dict[str, Any], items: ItemParameters) -> dict[str, Found]:
    nodes, weights = np.array(expected["irt"]["theta"], float), expected["irt"]["weights"]
    # cacIRT's information divides by 1 − c² where Birnbaum's has (1 − c)²: c is .2
    theirs = sem_of_ability(items, nodes) * np.sqrt(1.5)
    plain = item_parameters("3pl", a=expected["irt"]["ip"]["a"], b=expected["irt"]["ip"]["b"], c=expected["irt"]["ip"]["c"])
    out = {"Rudner_sem_used_D1": Found(sem_of_ability(plain, nodes))}
    for name, found in (("Lee_P_raw", lee(items, [20, 28], nodes=nodes, weights=weights)),
                        ("Rudner", rudner([0.0, 1.0], sem=theirs, nodes=nodes, weights=weights))):  # fmt: skip
        three = (found.at_cut(0), found.at_cut(1), found)
        out[f"{name}/Marginal"] = Found([[one.accuracy, one.consistency] for one in three])
        out[f"{name}/Conditional/Accuracy"] = Found(np.column_stack([one.conditional_accuracy for one in three]))
        out[f"{name}/Conditional/Consistency"] = Found(np.column_stack([one.conditional_consistency for one in three]))
    out["rec_raw"] = Found(_recursion(expected))
    return out


def _recursion(expected: dict[str, Any]) -> Any:
    """The distribution of marks at three abilities (Lord & Wingersky 1984), (3, 41)."""
    table = expected["irt"]["ip"]
    at = np.array([-1.0, 0.0, 1.0])
    a, b, c = (np.array(table[name])[:, None] for name in "abc")
    return sum_score_distribution(c + (1 - c) / (1 + np.exp(-1.7 * a * (at - b)))).T
