"""Numbers of the reference programs that the other files leave out: sizes, lines, flagged items, purified values, rates of decisions.

Which leaf of which file is compared, and why one is not, stands in test_every_number_of_*. Tolerances as in the files named.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qbank.analysis import item_table, reliability_table
from qbank.analysis.dif import (
    breslow_day,
    generalised_mantel_haenszel,
    mantel_haenszel,
    mantel_haenszel_exact,
    matched_counts,
    standardisation,
)
from qbank.analysis.equating import (
    Pairs,
    Scores,
    chained_equipercentile,
    chained_linear,
    chained_mean,
    joint_moments,
    levine_true,
    linear_equating,
    moments,
    synthetic_scores,
)
from qbank.analysis.sitting import SittingData
from tests.reference import test_classification_reference as decisions
from tests.reference import test_ctt_reference as ctt
from tests.reference import test_dif_reference as dif
from tests.reference import test_equating_reference as equating
from tests.reference.test_equating_reference import act, kb, pairs, papers

__all__ = ["act", "kb", "pairs", "papers"]

pytestmark = [ctt.pytestmark, dif.pytestmark, equating.pytestmark, decisions.pytestmark]

hci = ctt.expected
data = ctt.data
verbal_numbers = dif.expected
verbal = dif.verbal
medical = decisions.expected


@pytest.mark.parametrize("suffix", equating.WEIGHTS)
def test_lines_of_chained_and_braun_holland_and_weights_that_change_nothing(
    suffix: str, kb: dict[str, Any], pairs: tuple[Pairs, Pairs]
) -> None:
    one, two = (joint_moments(pair) for pair in pairs)
    lines = {f"mean_chained{suffix}": chained_mean(one, two), f"linear_chained{suffix}": chained_linear(one, two)}
    w = equating.counted_weight(pairs, equating.WEIGHTS[suffix])
    lines[f"linear_braun_holland{suffix}"] = linear_equating(*(moments(side) for side in synthetic_scores(*pairs, w)))
    lines["linear_levine_truescore"] = levine_true(one, two)
    for key, line in lines.items():
        assert equating.off(line(equating.X), kb[key]) < 1e-8
        wanted = kb[key]["coefficients"]
        assert [float(line.slope), float(line.intercept)] == pytest.approx([wanted["slope"], wanted["intercept"]], abs=1e-8)
    assert equating.off(chained_equipercentile(*pairs), kb[f"equip_chained{suffix}"]) < 1e-7


def test_persons_and_extremes(act: dict[str, Any], kb: dict[str, Any], papers: tuple[Scores, Scores], pairs: tuple[Pairs, Pairs]) -> None:
    for side, table, pair in zip("xy", papers, pairs, strict=True):
        got = table.points[table.counts > 0]
        assert [float(table.n), got.min(), got.max()] == [act["descr"][side][name] for name in ("n", "min", "max")]
        for place, own in enumerate((pair.total, pair.anchor)):
            got = own.points[own.counts > 0]
            assert [float(own.n), got.min(), got.max()] == [kb["descr"][side][name][place] for name in ("n", "min", "max")]


def test_items_that_other_tests_flag(verbal: Any, verbal_numbers: dict[str, Any]) -> None:
    def flagged(p: Any) -> list[int]:
        return np.flatnonzero(np.asarray(p) < 0.05).tolist()

    counts = matched_counts(verbal[0], verbal[2])
    exact = [mantel_haenszel_exact(counts.total[item], counts.n[item])[1] for item in range(dif.N_ITEMS)]
    assert flagged(exact) == dif.items(verbal_numbers["MH_exact"]["DIFitems"])
    assert flagged(breslow_day(counts.total, counts.n, counts.score).p) == dif.items(verbal_numbers["BreslowDay"]["DIFitems"])
    four = matched_counts(verbal[0], verbal[2] * 2 + (verbal[1] > 20), n_groups=4)
    assert flagged(generalised_mantel_haenszel(four.total, four.n).p) == dif.items(verbal_numbers["GMH_Gender_x_Anger"]["DIFitems"])
    gaps = standardisation(counts.total, counts.n).difference
    assert np.flatnonzero(np.abs(gaps) > 0.1).tolist() == dif.items(verbal_numbers["Std"]["DIFitems"])


def test_odds_and_probabilities_on_the_purified_score(verbal: Any, verbal_numbers: dict[str, Any]) -> None:
    def at(anchors: Any) -> Any:
        counts = matched_counts(verbal[0], verbal[2], anchors=anchors)
        return mantel_haenszel(counts.total, counts.n)

    end, wanted = at(dif.purified(lambda anchors: at(anchors).p < 0.05).anchors), verbal_numbers["MH_purified"]
    assert dif.close(end.odds_ratio, wanted["alphaMH"]) and dif.close(end.p, wanted["p"])


@pytest.mark.parametrize("cut", [50, 60, 70])
@pytest.mark.parametrize(("model", "tolerance"), [("2P", 1e-7), ("4P", 2e-4)])
def test_rates_of_right_decisions(medical: dict[str, Any], model: str, cut: int, tolerance: float) -> None:
    # rates divide the peer's error of integration, 3e-6, by a row or column of the table: down to .03 of all
    peer = medical[f"LL_binomial_{model}_cut{cut}"]
    table = decisions.refitted(peer, model, cut / 100).confusion
    wanted = peer["classification.accuracy"]
    # the peer's positive is a failure
    rates = {
        "Accuracy": table[0, 0] + table[1, 1], "Sensitivity": table[0, 0] / table[0].sum(), "Specificity": table[1, 1] / table[1].sum(),
        "PPV": table[0, 0] / table[:, 0].sum(), "NPV": table[1, 1] / table[:, 1].sum(),
    }  # fmt: skip
    rates["Youden.J"] = rates["Sensitivity"] + rates["Specificity"] - 1
    for name, rate in rates.items():
        assert rate == pytest.approx(wanted[name], abs=tolerance), name


def test_what_ctt_says_about_the_inventory(data: SittingData, hci: dict[str, Any]) -> None:
    wanted = hci["HCI"]
    assert ctt.close(item_table(data)["item_rest"], wanted["CTT_pBis_corrected"])
    row = reliability_table(data).row(0, named=True)
    assert ctt.close(row["alpha"], wanted["CTT_alpha"])
    assert sorted([row["n"], row["n_items"]]) == sorted([wanted["N"], wanted["n"]])
