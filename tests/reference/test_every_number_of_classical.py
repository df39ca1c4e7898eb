"""All of the classical numbers of R for the Homeostasis Concept Inventory, leaf by leaf: one that is forgotten fails.

Programs, data, tolerances: test_ctt_reference, test_ctt_more_reference.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qbank.analysis import alpha_if_dropped, item_table, reliability_analysis, reliability_table
from qbank.analysis.arrays import column_correlation
from qbank.analysis.classical import biserial, upper_lower
from qbank.analysis.distractors import choices, group_shares, option_table
from qbank.analysis.reliability import factors, guttman, moments, omega_hierarchical, omega_total
from qbank.analysis.sitting import SittingData
from tests.reference.leaves import Found, unlike
from tests.reference.test_ctt_more_reference import broken
from tests.reference.test_ctt_reference import data, expected, pytestmark

__all__ = ["data", "expected", "pytestmark"]

# Extremes and mean of 10,000 random halves; ours are of all 92,378: held by bounds in test_ctt_more_reference.
HALVES = "of a random sample of halves: held by bounds in test_ctt_more_reference"
EXCUSED = {f"HCI/splithalf_{name}": HALVES for name in ("max_lambda4", "min", "mean")}


def test_every_number_of_the_inventory(data: SittingData, expected: dict[str, Any]) -> None:
    found = _coefficients(data) | _items(data) | _options(data, 3) | _options(data, 4)
    assert unlike(expected, found, EXCUSED) == []


def _coefficients(data: SittingData) -> dict[str, Found]:
    r = np.corrcoef(data.marks, rowvar=False)
    row, table, total = reliability_table(data).row(0, named=True), item_table(data), moments(data.total)
    alpha = reliability_analysis(data).coefficients.filter(coefficient="alpha").row(0, named=True)
    lambdas = guttman(r)
    hierarchical, three = omega_hierarchical(r, 3)
    # psych divides by the standard deviation with n − 1 where r uses moments with n: a factor √((n−1)/n)
    of_total = biserial(table["item_total"].to_numpy(), table["facility"].to_numpy()) * np.sqrt(650 / 651)
    parts = {
        "N": row["n"], "n": row["n_items"], "alpha_raw": row["alpha"], "alpha_std": row["alpha_standardised"], "G6": lambdas.lambda6,
        "alpha_feldt_ci": [row["alpha_low"], row["alpha_high"]], "psych_ase": alpha["error"], "KR20_unbiased": row["kr20"],
        "KR21": row["kr21"], "SEM": row["sem"], "total_mean": row["mean"], "total_sd": row["sd"], "total_skew": total.skewness,
        "total_kurt": total.kurtosis, "p": table["facility"], "r_it": table["item_total"], "r_it_corrected": table["item_rest"],
        "alpha_if_dropped": alpha_if_dropped(data.marks), "biserial_total": of_total, "CTT_pBis_corrected": table["item_rest"],
        "CTT_bis": table["biserial"], "CTT_alpha": row["alpha"], "guttman_lambda/l2": lambdas.lambda2,
        "guttman_lambda/l3": lambdas.lambda3, "guttman_lambda/l6": lambdas.lambda6,
    }  # fmt: skip
    found = {f"HCI/{name}": Found(value) for name, value in parts.items()}
    found["HCI/omega_h_3f"] = Found(hierarchical, 1e-3)
    found["HCI/omega_t_3f"] = Found(three, 1e-5)
    found["HCI/omega_t_1f"] = Found(omega_total(r, factors(r).uniqueness), 1e-6)
    return found


def _items(data: SittingData) -> dict[str, Found]:
    table, thirds = item_table(data), broken(data.total, 3, right_closed=False)
    parts = {
        "Difficulty": table["facility"], "Mean": table["mean"], "SD": np.sqrt(table["variance"].to_numpy()), "RIT": table["item_total"],
        "RIR": table["item_rest"], "obs.min": data.marks.min(axis=0), "obs.max": data.marks.max(axis=0), "Min.score": np.zeros(20),
        "Max.score": data.marks_max, "Prop.max.score": (data.marks == data.marks_max).mean(axis=0), "ULI": upper_lower(data, thirds),
        "Alpha.drop": table["alpha_if_dropped"], "Index.rel": table["reliability_index"], "Perc.miss": table["omitted"],
        "Perc.nr": table["not_reached"],
    }  # fmt: skip
    found = {f"SIA_ItemAnalysis_HCI/{name}": Found(value) for name, value in parts.items()}
    found["SIA_gDiscrim_HCI_k3"] = Found(upper_lower(data, thirds))
    found["SIA_gDiscrim_HCI_k5_l4_u5"] = Found(upper_lower(data, broken(data.total, 5, right_closed=False)[:, 3:5]))
    return found


def _options(data: SittingData, n_groups: int) -> dict[str, Found]:
    names = {3: ("lower", "mid66", "upper"), 4: ("lower", "mid50", "mid75", "upper")}[n_groups]
    shares = group_shares(data, choices(data), broken(data.total, n_groups, right_closed=True)).reshape(20, 7, n_groups)
    table, found = option_table(data), {}
    for index, item in enumerate(data.items):
        own, rows = shares[index, :5], table.filter(item=item)[:5]
        # CTT holds a choice against the total without that choice (not without the item)
        chose = (data.answer[:, [index]] == np.arange(5)).astype(float)
        against = column_correlation(chose, data.total[:, None] - chose, np.ones_like(chose, bool))
        parts = {"n": rows["n"], "rspP": rows["share"], "pBis": against, "discrim": own[:, -1] - own[:, 0],
                 **{name: own[:, place] for place, name in enumerate(names)}}  # fmt: skip
        found |= {f"HCI_distractors_{n_groups}groups/{item}/{name}": Found(value) for name, value in parts.items()}
    return found
