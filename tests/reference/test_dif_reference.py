"""DIF of the verbal aggression data (316 × 24, focal group: Gender = 1) against R.

difR 5.1 (which calls mirt for SIBTEST and ltm for Lord and Raju); the calls are listed in shared/reference/README.md.
Data and numbers are GPL and are read in place, never copied.
Tolerance 1e-8 for everything in closed form and for the logistic models, whose likelihood Newton's method brings to the last digits;
Breslow–Day is printed with four digits. Lord and Raju are held to 1e-8 on the parameters that the peer lists.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbank.analysis import sitting_data
from qbank.analysis.dif import (
    DifSettings,
    GroupParameters,
    Sibtest,
    benjamini_hochberg,
    breslow_day,
    delta_plot,
    dif_analysis,
    generalised_mantel_haenszel,
    group_parameters,
    linked_to,
    logistic_dif,
    lord,
    mantel_haenszel,
    mantel_haenszel_exact,
    matched_counts,
    purify,
    raju_signed,
    raju_unsigned,
    rest_counts,
    rest_reliability,
    sibtest,
    standardisation,
)  # fmt: skip
from qbank.analysis.dif.logistic import LogisticDif

_DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference"
FOLDER = Path(os.environ.get("QBANK_REFERENCE", _DEFAULT)) / "analysis"
NAMES = ("difR_verbal.csv", "difR_verbal_expected.json")
MISSING = [name for name in NAMES if not (FOLDER / name).exists()]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"reference numbers absent, NOT checked: {', '.join(MISSING)} in {FOLDER}")

N_ITEMS = 24
EVERY = np.ones(N_ITEMS, bool)


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "difR_verbal_expected.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def verbal() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers, Anger, Gender."""
    with (FOLDER / "difR_verbal.csv").open(encoding="utf-8", newline="") as file:
        rows = np.array([[float(cell) for cell in row] for row in list(csv.reader(file))[1:]])
    return rows[:, :N_ITEMS], rows[:, N_ITEMS], rows[:, N_ITEMS + 1].astype(int)


def close(found: Any, wanted: Any, tolerance: float = 1e-8) -> bool:
    return bool(np.allclose(np.asarray(found, float), np.asarray(wanted, float), rtol=0, atol=tolerance))


def items(numbers: Any) -> list[int]:
    """The peer numbers items from 1, writes one without a list and none as a sentence."""
    return [] if isinstance(numbers, str) else [int(number) - 1 for number in np.atleast_1d(numbers)]


def purified(flag: Callable[[np.ndarray], np.ndarray]) -> Any:
    return purify(flag, EVERY, max_steps=10)


def test_mantel_haenszel(verbal: Any, expected: dict[str, Any]) -> None:
    counts = matched_counts(verbal[0], verbal[2])
    found, wanted = mantel_haenszel(counts.total, counts.n), expected["MH"]
    assert close(found.chi2, wanted["stat"]) and close(found.p, wanted["p"])
    assert close(found.odds_ratio, wanted["alphaMH"]) and close(found.delta, wanted["delta"])
    assert close(found.log_odds_se**2, wanted["varLambda"])
    assert close(found.z, expected["MH_logOR"]["stat"])
    assert np.flatnonzero(found.p < 0.05).tolist() == items(wanted["DIFitems"])
    adjusted = benjamini_hochberg(found.p)
    assert close(adjusted, expected["MH_BH"]["adj"])
    assert np.flatnonzero(adjusted < 0.05).tolist() == items(expected["MH_BH"]["DIFitems"])


def test_the_exact_conditional_test(verbal: Any, expected: dict[str, Any]) -> None:
    counts = matched_counts(verbal[0], verbal[2])
    found = [mantel_haenszel_exact(counts.total[item], counts.n[item]) for item in range(N_ITEMS)]
    assert close(found, np.column_stack([expected["MH_exact"]["stat"], expected["MH_exact"]["p"]]))


def test_mantel_haenszel_by_another_column(verbal: Any, expected: dict[str, Any]) -> None:
    counts = matched_counts(verbal[0], (verbal[1] > 20).astype(int))
    found = mantel_haenszel(counts.total, counts.n)
    assert close(found.chi2, expected["MH_BY_AngerGT20"]["stat"])
    assert close(found.odds_ratio, expected["MH_BY_AngerGT20"]["alphaMH"])


def test_mantel_haenszel_on_a_purified_score(verbal: Any, expected: dict[str, Any]) -> None:
    def at(anchors: np.ndarray) -> Any:
        counts = matched_counts(verbal[0], verbal[2], anchors=anchors)
        return mantel_haenszel(counts.total, counts.n)

    found, wanted = purified(lambda anchors: at(anchors).p < 0.05), expected["MH_purified"]
    assert (found.status, found.steps) == ("stable", wanted["nrPur"])
    assert np.flatnonzero(found.flagged).tolist() == items(wanted["DIFitems"])
    end = at(found.anchors)
    assert close(end.chi2, wanted["stat"]) and close(end.delta, wanted["delta"]) and close(end.log_odds_se**2, wanted["varLambda"])


def test_standardisation(verbal: Any, expected: dict[str, Any]) -> None:
    def at(anchors: np.ndarray) -> Any:
        counts = matched_counts(verbal[0], verbal[2], anchors=anchors)
        return standardisation(counts.total, counts.n)

    assert close(at(EVERY).difference, expected["Std"]["stdPDIF"])
    assert close(at(EVERY).odds_ratio, expected["Std"]["stdAlpha"])
    found = purified(lambda anchors: np.abs(at(anchors).difference) > 0.1)
    assert np.flatnonzero(found.flagged).tolist() == items(expected["Std_purified"]["DIFitems"])
    assert close(at(found.anchors).difference, expected["Std_purified"]["stdPDIF"])
    assert close(at(found.anchors).odds_ratio, expected["Std_purified"]["stdAlpha"])


@pytest.mark.parametrize("kind", ["both", "udif", "nudif"])
def test_logistic_regression(verbal: Any, expected: dict[str, Any], kind: str) -> None:
    name = {"both": "both", "udif": "uniform", "nudif": "nonuniform"}[kind]

    def at(anchors: np.ndarray) -> LogisticDif:
        counts = matched_counts(verbal[0], verbal[2], anchors=anchors)
        return logistic_dif(counts.total, counts.n, counts.score)

    found, wanted = at(EVERY), expected[f"Logistic_{kind}"]
    assert found.converged.all()
    assert close(getattr(found, f"lr_{name}"), wanted["LR"]) and close(getattr(found, f"p_{name}"), wanted["p"])
    assert close(getattr(found, f"r2_{name}"), wanted["deltaR2"])
    flagged = items(wanted["DIFitems"])
    assert np.flatnonzero(getattr(found, f"p_{name}") < 0.05).tolist() == flagged
    if kind == "both":  # of the other items the peer lists a smaller model
        assert close(found.coefficients[flagged], np.array(wanted["par"])[flagged], 1e-6)
    peer = expected[f"Logistic_{kind}_purified"]
    if kind == "nudif":
        assert isinstance(peer, str)  # the peer crashes where nothing is flagged; here nothing is to be done
        assert purified(lambda anchors: at(anchors).p_nonuniform < 0.05).steps == 0
        return
    end = at(purified(lambda anchors: getattr(at(anchors), f"p_{name}") < 0.05).anchors)
    assert close(getattr(end, f"lr_{name}"), peer["LR"]) and close(getattr(end, f"r2_{name}"), peer["deltaR2"])


def test_breslow_day(verbal: Any, expected: dict[str, Any]) -> None:
    def at(anchors: np.ndarray) -> Any:
        counts = matched_counts(verbal[0], verbal[2], anchors=anchors)
        return breslow_day(counts.total, counts.n, counts.score)

    def alike(found: Any, rows: Any) -> bool:
        wanted = np.array(rows)
        return (
            close(found.chi2, wanted[:, 0], 5.1e-5) and close(found.df, wanted[:, 1]) and close(found.p, wanted[:, 2], 5.1e-5)
        )

    assert alike(at(EVERY), expected["BreslowDay"]["BD"])
    # The lists of flagged items go in a circle; the peer stops after ten changes, here all of the circle leaves the score.
    wanted = expected["BreslowDay_purified"]
    anchors = EVERY.copy()
    for _ in range(10):
        anchors = ~(at(anchors).p < 0.05)
    assert alike(at(anchors), wanted["BD"])
    assert purified(lambda some: at(some).p < 0.05).status == "loop"


def test_delta_plot(verbal: Any, expected: dict[str, Any]) -> None:
    facility = np.array([verbal[0][verbal[2] == group].mean(axis=0) for group in (0, 1)])
    found = delta_plot(facility)
    for name in ("DeltaPlot", "DeltaPlot_purified"):  # nothing is flagged, so purification changes nothing
        wanted = expected[name]
        assert close(found.delta.T, wanted["Deltas"]) and close(found.distance, np.ravel(wanted["Dist"]))
        assert close([found.intercept, found.slope], wanted["axis"])
    assert not (np.abs(found.distance) > expected["DeltaPlot"]["thr"]).any()


@pytest.mark.parametrize("kind", ["udif", "nudif"])
def test_sibtest(verbal: Any, expected: dict[str, Any], kind: str) -> None:
    def at(anchors: np.ndarray) -> Sibtest:
        counts = matched_counts(verbal[0], verbal[2], anchors=anchors, own=False)
        return sibtest(counts.total, counts.square, counts.n, counts.score, rest_reliability(verbal[0], verbal[2], anchors=anchors))

    def alike(found: Sibtest, wanted: Any) -> bool:
        if kind == "udif":
            return close(found.beta, wanted["Beta"]) and close(found.se, wanted["SE"]) and close(found.p, wanted["p"])
        parts = found.crossing_beta, found.crossing_chi2, found.crossing_p
        return all(close(part, wanted[name]) for part, name in zip(parts, ("Beta", "X2", "p"), strict=True))

    assert alike(at(EVERY), expected[f"SIBTEST_{kind}"])
    found = purified(lambda anchors: (at(anchors).p if kind == "udif" else at(anchors).crossing_p) < 0.05)
    assert alike(at(found.anchors), expected[f"SIBTEST_{kind}_purified"])


def test_the_rest_score_from_the_counts_is_that_from_the_persons(verbal: Any) -> None:
    slow = matched_counts(verbal[0], verbal[2], own=False)
    quick = rest_counts(matched_counts(verbal[0], verbal[2]), np.ones(N_ITEMS))
    reliability = rest_reliability(verbal[0], verbal[2])
    found = [sibtest(one.total, one.square, one.n, one.score, reliability).beta for one in (slow, quick)]
    assert close(found[0], found[1], 1e-12)


def test_generalised_mantel_haenszel_of_four_groups(verbal: Any, expected: dict[str, Any]) -> None:
    group = verbal[2] * 2 + (verbal[1] > 20)
    counts = matched_counts(verbal[0], group, n_groups=4)
    found, wanted = generalised_mantel_haenszel(counts.total, counts.n), expected["GMH_Gender_x_Anger"]
    assert close(found.chi2, wanted["GMH"]) and close(found.p, wanted["p"])


def listed(rows: Any) -> tuple[GroupParameters, GroupParameters]:
    """The peer's parameters, the focal group's linked: b, se; or a, b, se, se, covariance."""
    halves = np.array(rows)[:N_ITEMS], np.array(rows)[N_ITEMS:]
    if halves[0].shape[1] == 2:
        reference, focal = (group_parameters(half[:, 0], half[:, 1]) for half in halves)
    else:
        reference, focal = (
            group_parameters(half[:, 1], half[:, 3], a=half[:, 0], a_se=half[:, 2], covariance=half[:, 4]) for half in halves
        )
    return reference, linked_to(reference, focal)


@pytest.mark.parametrize("model", ["1PL", "2PL"])
def test_lord_and_raju_on_the_parameters_listed(expected: dict[str, Any], model: str) -> None:
    reference, focal = listed(expected[f"Lord_{model}"]["par"])
    found = lord(reference, focal)
    assert close(found.chi2, expected[f"Lord_{model}"]["stat"]) and close(found.p, expected[f"Lord_{model}"]["p"])
    areas, wanted = raju_unsigned(reference, focal), expected[f"Raju_{model}"]
    assert close(areas.z, wanted["stat"])
    # For a negative z the peer's p is 2(1 − Φ(z)), above 1; two-sided it is 2 less that.
    assert close(np.where(areas.z < 0, 2 - areas.p, areas.p), wanted["p"])
    if model == "1PL":
        assert close(raju_signed(reference, focal).z, wanted["stat"])


def test_the_table_of_a_sitting_holds_the_same_numbers(verbal: Any, expected: dict[str, Any]) -> None:
    data = sitting_data([f"I{n}" for n in range(N_ITEMS)], verbal[0], 1.0, groups={"gender": [str(word) for word in verbal[2]]})
    settings = DifSettings(total_from=0, focal_from=0, purify_by="none", lost_at_most=1.0)
    table = dif_analysis(data, "gender", reference="0", settings=settings).items
    assert close(table["chi2"], expected["MH"]["stat"]) and close(table["delta"], expected["MH"]["delta"])
    assert close(table["p_bh"], expected["MH_BH"]["adj"]) and close(table["p_exact"], expected["MH_exact"]["p"])
    assert close(table["p_dif"], expected["Std"]["stdPDIF"])
    assert close(table["lr_both"], expected["Logistic_both"]["LR"]) and close(table["r2_both"], expected["Logistic_both"]["deltaR2"])
    assert close(table["sibtest"], expected["SIBTEST_udif"]["Beta"]) and close(table["crossing_p"], expected["SIBTEST_nudif"]["p"])
    assert close(table["delta_plot"], np.ravel(expected["DeltaPlot"]["Dist"]))
    purified_by_p = dif_analysis(
        data, "gender", reference="0", settings=DifSettings(total_from=0, focal_from=0, purify_by="p", lost_at_most=1.0)
    )
    assert close(purified_by_p.items["chi2"], expected["MH_purified"]["stat"])
    assert purified_by_p.purification["steps"].to_list() == [expected["MH_purified"]["nrPur"]]
