"""Item fit against mirt 1.45.1: itemfit(fit_stats = "S_X2" | "X2" | "G2" | "infit" | "Zh"), TOL 1e-6, 61 nodes on [-6, 6].

S-X2 with mincell 1; X2 and G2 with 10 groups at the EAP; infit and outfit at EAP, ML and WLE. What the program does
beyond the published definitions, found from its numbers: the variance that a residual is divided by is at least
sqrt(1e-5); persons without a finite ML ability are put 0.1 beyond the farthest finite one; in Rasch models S-X2 loses
one more df for the variance of ability; sparse cells join as qbank.irt.fit.sparse_cells says.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import Calibration, ItemFit, calibrate, calibrate_conditional, item_fit

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "irt"
MODELS = {
    ("LSAT6", "2PL"): "2pl",
    ("LSAT6", "Rasch"): "rasch",
    ("LSAT7", "2PL"): "2pl",
    ("LSAT7", "Rasch"): "rasch",
    ("SAT12", "2PL"): "2pl",
    ("SAT12", "Rasch"): "rasch",
    ("Science", "gpcm"): "gpcm",
    ("Science", "graded"): "grm",
    ("Science", "Rasch"): "pcm",
}


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"REFERENCE MISSING: {path} is not there, nothing was compared with it")
    return path


def scores_of(data: str) -> NDArray[np.int8]:
    found = np.loadtxt(shared(f"{data}.csv"), delimiter=",", skiprows=1).astype(np.int8)
    return found - (data == "Science")


_calibrated: dict[tuple[str, str], tuple[NDArray[np.int8], Calibration, dict[str, Any]]] = {}


def calibrated(data: str, model: str) -> tuple[NDArray[np.int8], Calibration, dict[str, Any]]:
    """Return scores, calibration and reference, each calibrated once."""
    if (data, model) not in _calibrated:
        scores = scores_of(data)
        reference = json.loads(shared(f"{data}_{model}_fit.json").read_text(encoding="utf-8"))
        fit = calibrate(scores, model=MODELS[data, model], errors="none")
        _calibrated[data, model] = scores, fit, reference
    return _calibrated[data, model]


def column(entries: list[dict[str, Any]], key: str) -> NDArray[np.float64]:
    return np.array([entry[key] for entry in entries], dtype=float)


def agree(
    found: ItemFit, names: dict[str, str], entries: list[dict[str, Any]], *, least: float = 0.0
) -> None:
    for name, key in names.items():
        np.testing.assert_allclose(
            getattr(found, name), column(entries, key), rtol=1e-3, atol=least, err_msg=key
        )


@pytest.mark.parametrize(("data", "model"), MODELS)
def test_s_x2_its_df_and_its_p_value_agree(data: str, model: str) -> None:
    scores, fit, reference = calibrated(data, model)
    found = item_fit(scores, fit, statistics=("s_x2",))
    names = {"s_x2": "S_X2", "s_x2_df": "df.S_X2", "s_x2_p": "p.S_X2", "s_x2_rmsea": "RMSEA.S_X2"}
    agree(found, names, reference["S_X2"])


@pytest.mark.parametrize(("data", "model"), MODELS)
@pytest.mark.parametrize("at", ["eap", "ml", "wle"])
def test_infit_and_outfit_and_their_deviates_agree(data: str, model: str, at: str) -> None:
    scores, fit, reference = calibrated(data, model)
    found = item_fit(scores, fit, at=at, statistics=("mean_squares",))
    agree(found, {"infit": "infit", "outfit": "outfit"}, reference[f"infit_{at.upper()}"])
    # A deviate near 0 is a small difference of large numbers.
    agree(found, {"z_infit": "z.infit", "z_outfit": "z.outfit"}, reference[f"infit_{at.upper()}"], least=1e-3)


@pytest.mark.parametrize(("data", "model"), [key for key in MODELS if key[1] != "Rasch"])
def test_q1_and_g2_agree(data: str, model: str) -> None:
    scores, fit, reference = calibrated(data, model)
    found = item_fit(scores, fit, statistics=("q1",))
    agree(
        found,
        {"q1": "X2", "q1_df": "df.X2", "q1_p": "p.X2", "q1_rmsea": "RMSEA.X2"},
        reference["X2"],
        least=1e-9,
    )
    agree(
        found,
        {"g2": "G2", "g2_df": "df.G2", "g2_p": "p.G2", "g2_rmsea": "RMSEA.G2"},
        reference["G2"],
        least=1e-9,
    )


@pytest.mark.parametrize(("data", "model"), [key for key in MODELS if key[1] == "Rasch"])
def test_where_sum_scores_tie_persons_q1_has_the_reference_df_only(data: str, model: str) -> None:
    # Persons of one sum score have one ability; rounding decides which of them the reference puts into which group.
    scores, fit, reference = calibrated(data, model)
    found = item_fit(scores, fit, statistics=("q1",))
    np.testing.assert_array_equal(found.q1_df, column(reference["X2"], "df.X2"))


@pytest.mark.parametrize(("data", "model"), MODELS)
def test_zh_agrees(data: str, model: str) -> None:
    scores, fit, reference = calibrated(data, model)
    agree(item_fit(scores, fit, statistics=("zh",)), {"zh": "Zh"}, reference["Zh"], least=1e-4)


@pytest.mark.parametrize("data", ["LSAT6", "LSAT7", "SAT12"])
def test_conditional_estimates_without_extreme_persons_have_the_other_program_s_fit(data: str) -> None:
    # eRm 1.0, RM and itemfit: ML abilities, persons of score 0 and of full score left out, no least variance.
    reference = json.loads(shared(f"{data}_eRm_Rasch.json").read_text(encoding="utf-8"))
    scores = scores_of(data)
    parameters = calibrate_conditional(scores, model="rasch").parameters
    found = item_fit(
        scores, parameters, at="ml", extremes="left out", least_variance=0.0, statistics=("infit",)
    )
    for name, key, least in (
        ("infit", "infitMSQ", 0.0),
        ("outfit", "outfitMSQ", 0.0),
        ("z_infit", "infitZ", 1e-3),
        ("z_outfit", "outfitZ", 1e-3),
    ):
        expected = np.array(list(reference[key].values()))
        np.testing.assert_allclose(getattr(found, name), expected, rtol=1e-3, atol=least, err_msg=key)
