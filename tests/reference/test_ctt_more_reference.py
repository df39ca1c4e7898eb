"""The rest of what R says about the Homeostasis Concept Inventory (651 × 20): omega, λ, halves, groups, options.

psych 2.2.9 (omega, splitHalf, guttman, alpha), CTT 2.3.3 (distractorAnalysis), ShinyItemAnalysis 1.5.4 (gDiscrim,
ItemAnalysis); calls are listed in shared/reference/README.md. psych's coefficients are those of the correlation matrix.
Tolerance 1e-8 for closed forms, 1e-3 for iterative ones; psych's halves are 10,000 random ones, so that its extremes lie
within those of all 92,378 and its mean near theirs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qbank.analysis import item_table, reliability_analysis
from qbank.analysis.arrays import column_correlation
from qbank.analysis.classical import upper_lower
from qbank.analysis.distractors import choices, group_shares, option_table
from qbank.analysis.reliability import (
    factors,
    guttman,
    moments,
    omega_hierarchical,
    omega_total,
    split_halves,
)
from qbank.analysis.sitting import SittingData
from tests.reference.test_ctt_reference import close, data, expected, pytestmark

__all__ = ["data", "expected", "pytestmark"]


@pytest.fixture(scope="module")
def correlations(data: SittingData) -> np.ndarray:
    return np.asarray(np.corrcoef(data.marks, rowvar=False))


def test_guttmans_bounds_are_those_of_psych(correlations: np.ndarray, expected: dict[str, Any]) -> None:
    found, hci = guttman(correlations), expected["HCI"]
    theirs = hci["guttman_lambda"]
    assert close([found.lambda2, found.lambda3, found.lambda6], [theirs["l2"], theirs["l3"], theirs["l6"]])
    assert close(found.lambda6, hci["G6"])


def test_the_best_half_of_all_is_at_least_the_best_of_ten_thousand(
    correlations: np.ndarray, expected: dict[str, Any]
) -> None:
    halves, hci = split_halves(correlations), expected["HCI"]
    assert halves.n_splits == 92_378 and halves.all_splits
    assert hci["splithalf_max_lambda4"] <= guttman(correlations).lambda4 <= hci["splithalf_max_lambda4"] + 0.02
    assert hci["splithalf_min"] - 0.02 <= halves.lowest <= hci["splithalf_min"]
    # the mean over all splits of 4 cov / V is alpha of the correlations: a sample of 10,000 lies within its own error
    assert abs(guttman(correlations).lambda3 - hci["splithalf_mean"]) < 1e-3
    assert abs(halves.mean - hci["splithalf_mean"]) < 2e-3


def test_omega_of_one_factor_and_of_three(correlations: np.ndarray, expected: dict[str, Any]) -> None:
    hci = expected["HCI"]
    assert omega_total(correlations, factors(correlations).uniqueness) == pytest.approx(hci["omega_t_1f"], abs=1e-6)
    above, total = omega_hierarchical(correlations, 3)
    assert above == pytest.approx(hci["omega_h_3f"], abs=1e-3)
    assert total == pytest.approx(hci["omega_t_3f"], abs=1e-5)


def test_the_table_of_coefficients_holds_the_numbers_of_alpha(data: SittingData, expected: dict[str, Any]) -> None:
    table, hci = reliability_analysis(data).coefficients, expected["HCI"]
    alpha = table.filter(coefficient="alpha").row(0, named=True)
    assert close([alpha["value"], alpha["error"], alpha["sem"]], [hci["alpha_raw"], hci["psych_ase"], hci["SEM"]])
    assert close([alpha["low"], alpha["high"]], hci["alpha_feldt_ci"])
    omega = table.filter(coefficient="omega_standardised").row(0, named=True)
    assert omega["value"] == pytest.approx(hci["omega_t_1f"], abs=1e-6)


def test_moments_of_the_total(data: SittingData, expected: dict[str, Any]) -> None:
    found, hci = moments(data.total), expected["HCI"]
    assert close([found.mean, found.sd], [hci["total_mean"], hci["total_sd"]])
    assert close([found.skewness, found.kurtosis], [hci["total_skew"], hci["total_kurt"]])


def broken(total: np.ndarray, n_groups: int, *, right_closed: bool) -> np.ndarray:
    """CTT's and SIA's groups: breaks at the quantiles of the total, ties kept together, as weights."""
    breaks = np.quantile(total, np.arange(1, n_groups) / n_groups)
    return np.eye(n_groups)[np.digitize(total, breaks, right=right_closed)]


def test_the_fourth_fifth_against_the_highest(data: SittingData, expected: dict[str, Any]) -> None:
    groups = broken(data.total, 5, right_closed=False)
    assert close(upper_lower(data, groups[:, 3:5]), expected["SIA_gDiscrim_HCI_k5_l4_u5"])


def test_the_reliability_index_of_an_item(data: SittingData, expected: dict[str, Any]) -> None:
    assert close(item_table(data)["reliability_index"], expected["SIA_ItemAnalysis_HCI"]["Index.rel"])


@pytest.mark.parametrize(
    ("n_groups", "names", "listed"),
    [
        (3, ("lower", "mid66", "upper"), "HCI_distractors_3groups"),
        (4, ("lower", "mid50", "mid75", "upper"), "HCI_distractors_4groups"),
    ],
)
def test_options_in_groups_and_against_the_rest(
    data: SittingData, expected: dict[str, Any], n_groups: int, names: tuple[str, ...], listed: str
) -> None:
    cells = choices(data)
    shares = group_shares(data, cells, broken(data.total, n_groups, right_closed=True)).reshape(20, 7, n_groups)
    table = option_table(data)
    for index, item in enumerate(data.items):
        theirs = expected[listed][item]
        own = shares[index, :5]
        assert close(own, np.column_stack([theirs[name] for name in names]))
        assert close(own[:, -1] - own[:, 0], theirs["discrim"])
        rows = table.filter(item=item)[:5]
        assert rows["n"].to_list() == theirs["n"] and close(rows["share"], theirs["rspP"])
        # CTT holds a choice against the total without that choice (not without the item): its r from ours
        chose = (data.answer[:, [index]] == np.arange(5)).astype(float)
        less = data.total[:, None] - chose
        found = column_correlation(chose, less, np.ones_like(chose, bool))
        wanted = np.array(theirs["pBis"], float)  # None where nobody chose the option
        assert np.allclose(found, wanted, rtol=0, atol=1e-8, equal_nan=True)


def test_numbers_of_the_item_table_by_sia(data: SittingData, expected: dict[str, Any]) -> None:
    table, theirs = item_table(data), expected["SIA_ItemAnalysis_HCI"]
    for ours, name in (("facility", "Difficulty"), ("mean", "Mean"), ("item_total", "RIT"), ("omitted", "Perc.miss"),
                       ("not_reached", "Perc.nr")):  # fmt: skip
        assert close(table[ours], theirs[name]), name
    assert theirs["obs.max"] == data.marks.max(axis=0).tolist()
    assert theirs["obs.min"] == data.marks.min(axis=0).tolist()
    assert close((data.marks == data.marks_max).mean(axis=0), theirs["Prop.max.score"])
