"""Classical statistics of the Homeostasis Concept Inventory (651 × 20) against R.

psych 2.2.9 (alpha, biserial), CTT 2.3.3 (itemAnalysis, distractorAnalysis), ShinyItemAnalysis 1.5.4
(ItemAnalysis); calls are listed in shared/reference/README.md.
Data and numbers are GPL and are read in place, never copied.
Tolerance 1e-8: closed forms, and the expected numbers are printed with 13 digits.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbank.analysis import alpha_if_dropped, item_table, reliability_table, sitting_data
from qbank.analysis.classical import biserial, upper_lower
from qbank.analysis.distractors import choices, group_shares, option_table
from qbank.analysis.sitting import SittingData

_DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference"
FOLDER = Path(os.environ.get("QBANK_REFERENCE", _DEFAULT)) / "analysis"
NAMES = ("ctt_expected.json", "SIA_HCI_scored.csv", "SIA_HCI_key.csv", "SIA_HCItest_nominal.csv")
MISSING = [name for name in NAMES if not (FOLDER / name).exists()]

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"reference numbers absent, NOT checked: {', '.join(MISSING)} in {FOLDER}"
)


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "ctt_expected.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def data() -> SittingData:
    def rows(name: str) -> list[list[str]]:
        with (FOLDER / name).open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))[1:]

    scored = np.array([[float(cell) for cell in row[:20]] for row in rows("SIA_HCI_scored.csv")])
    nominal = [row[:20] for row in rows("SIA_HCItest_nominal.csv")]
    letters = "ABCDE"
    return sitting_data(
        [f"Item {index + 1}" for index in range(20)],
        scored,
        1.0,
        answer=[[letters.index(word) for word in row] for row in nominal],
        labels=[list(letters)] * 20,
        key=[{letters.index(row[1])} for row in rows("SIA_HCI_key.csv")],
    )


def close(found: Any, wanted: Any) -> bool:
    return bool(np.allclose(np.asarray(found, float), np.asarray(wanted, float), rtol=0, atol=1e-8))


def test_facility_item_rest_and_item_total(data: SittingData, expected: dict[str, Any]) -> None:
    table, hci = item_table(data), expected["HCI"]
    assert close(table["facility"], hci["p"])
    assert close(table["item_rest"], hci["r_it_corrected"])
    assert close(table["item_total"], hci["r_it"])
    assert close(np.sqrt(table["variance"].to_numpy()), expected["SIA_ItemAnalysis_HCI"]["SD"])
    assert close(table["item_rest"], expected["SIA_ItemAnalysis_HCI"]["RIR"])


def test_biserial_of_the_rest_score_and_of_the_total(data: SittingData, expected: dict[str, Any]) -> None:
    table, hci = item_table(data), expected["HCI"]
    assert close(table["biserial"], hci["CTT_bis"])
    # psych divides by the standard deviation with n − 1 where r uses moments with n: a factor √((n−1)/n).
    ours = biserial(table["item_total"].to_numpy(), table["facility"].to_numpy()) * np.sqrt(650 / 651)
    assert close(ours, hci["biserial_total"])


def test_alpha_its_interval_and_its_relatives(data: SittingData, expected: dict[str, Any]) -> None:
    row, hci = reliability_table(data).row(0, named=True), expected["HCI"]
    assert close(row["alpha"], hci["alpha_raw"])
    assert close(row["alpha_standardised"], hci["alpha_std"])
    assert close([row["alpha_low"], row["alpha_high"]], hci["alpha_feldt_ci"])
    assert close([row["kr20"], row["kr21"]], [hci["KR20_unbiased"], hci["KR21"]])
    assert close([row["mean"], row["sd"], row["sem"]], [hci["total_mean"], hci["total_sd"], hci["SEM"]])


def test_alpha_if_dropped(data: SittingData, expected: dict[str, Any]) -> None:
    assert close(alpha_if_dropped(data.marks), expected["HCI"]["alpha_if_dropped"])
    assert close(item_table(data)["alpha_if_dropped"], expected["SIA_ItemAnalysis_HCI"]["Alpha.drop"])


def broken_thirds(total: np.ndarray, *, right_closed: bool) -> np.ndarray:
    """CTT's and SIA's groups: breaks at the thirds of the total, ties kept together, as weights."""
    breaks = np.quantile(total, [1 / 3, 2 / 3])
    group = np.digitize(total, breaks, right=right_closed)
    return np.eye(3)[group]


def test_upper_minus_lower_third_on_the_groups_of_sia(data: SittingData, expected: dict[str, Any]) -> None:
    # SIA cuts the total into thirds that keep ties together and are closed on the left; ours share ties.
    found = upper_lower(data, broken_thirds(data.total, right_closed=False))
    assert close(found, expected["SIA_gDiscrim_HCI_k3"])
    assert close(found, expected["SIA_ItemAnalysis_HCI"]["ULI"])


def test_options_by_third_on_the_groups_of_ctt(data: SittingData, expected: dict[str, Any]) -> None:
    cells = choices(data)
    shares = group_shares(data, cells, broken_thirds(data.total, right_closed=True)).reshape(20, 7, 3)[:, :5]
    theirs = expected["HCI_distractors_3groups"]
    table = option_table(data)
    for index, item in enumerate(data.items):
        rows = table.filter(item=item)[:5]
        assert rows["n"].to_list() == theirs[item]["n"]
        assert close(rows["share"], theirs[item]["rspP"])
        assert close(
            shares[index], np.column_stack([theirs[item][name] for name in ("lower", "mid66", "upper")])
        )
        # For a distractor CTT correlates with "total − chose"; at the key that is the rest score, as ours.
        key = theirs[item]["correct"].index("*")
        assert close(rows["rest_correlation"][key], theirs[item]["pBis"][key])
