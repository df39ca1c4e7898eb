"""Fit of the whole test, local dependence and person fit against mirt 1.47.

M2(x), residuals(x, type = "Q3" | "LD"), personfit(x, Theta = fscores(x, method = "EAP")) of the models fitted as
test_irt_reference.py says. M2 and its indices, Q3, LD-X2 and person fit agree to 1e-3 relative or better; where they
do not, mirt's definition is another, and the test says which part must agree.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import calibrate, local_dependence, person_fit
from qbank.irt.fit import limited_information

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "irt"

RIGHT_WRONG = [(data, model) for data in ("LSAT6", "LSAT7", "SAT12") for model in ("Rasch", "2PL")]
SCIENCE = [("Science", model) for model in ("graded", "gpcm", "Rasch", "nominal", "rsm")]
WORDS = {"2PL": "2pl", "graded": "grm", "gpcm": "gpcm", "nominal": "nominal", "rsm": "rsm"}


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"REFERENCE MISSING: {path} is not there, nothing was compared with it")
    return path


def scores_of(data: str) -> NDArray[np.int8]:
    scores = np.loadtxt(shared(f"{data}.csv"), delimiter=",", skiprows=1).astype(np.int8)
    return scores - 1 if data == "Science" else scores


def reference_of(data: str, model: str, more: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared(f"{data}_{model}{more}.json").read_text(encoding="utf-8"))
    return found


def word(data: str, model: str) -> str:
    if model == "Rasch":
        return "pcm" if data == "Science" else "rasch"
    return WORDS[model]


@pytest.mark.parametrize(("data", "model"), RIGHT_WRONG)
def test_m2_and_its_indices_agree(data: str, model: str) -> None:
    expected = reference_of(data, model)["M2"][0]
    scores = scores_of(data)
    found = limited_information.test_fit(scores, calibrate(scores, model=word(data, model)))
    assert (found.statistic, found.status, found.df) == ("M2", "ok", expected["df"])
    assert found.m2 == pytest.approx(expected["M2"], rel=1e-4)
    assert found.p == pytest.approx(expected["p"], rel=1e-3, abs=1e-12)
    # mirt divides the ends of the interval by N, the middle by N - 1; here both by N - 1.
    n = scores.shape[0]
    assert found.rmsea == pytest.approx(expected["RMSEA"], rel=1e-4, abs=1e-9)
    for end, name in ((found.rmsea_low, "RMSEA_5"), (found.rmsea_high, "RMSEA_95")):
        assert end * np.sqrt((n - 1) / n) == pytest.approx(expected[name], rel=1e-4, abs=1e-9)
        assert end == pytest.approx(expected[name], rel=1e-3, abs=1e-9)
    assert found.srmsr == pytest.approx(expected["SRMSR"], rel=1e-4)
    assert found.tli == pytest.approx(expected["TLI"], rel=1e-4)
    assert found.cfi == pytest.approx(expected["CFI"], rel=1e-4)


@pytest.mark.parametrize(("data", "model"), SCIENCE)
def test_where_mirt_has_too_few_degrees_of_freedom_the_reduced_statistic_has_too(data: str, model: str) -> None:
    # mirt took M2*, 4 means and 6 products; C2 has 12 shares and 6 products.
    assert "too few degrees of freedom" in reference_of(data, model)["M2"]["error"]
    scores = scores_of(data)
    fit = calibrate(scores, model=word(data, model))
    reduced = limited_information.test_fit(scores, fit, statistic="M2*")
    if model == "rsm":
        assert reduced.df == 10 - fit.n_free
    else:
        assert reduced.status == "too few degrees of freedom"
    found = limited_information.test_fit(scores, fit)
    assert found.df == max(18 - fit.n_free, 0)
    assert (found.status == "ok") == (found.df > 0)


@pytest.mark.parametrize(("data", "model"), RIGHT_WRONG + SCIENCE)
def test_q3_and_ld_x2_agree(data: str, model: str) -> None:
    reference = reference_of(data, model)
    scores = scores_of(data)
    found = local_dependence(scores, calibrate(scores, model=word(data, model)))
    q3, ld = (np.array(reference[key], dtype=float) for key in ("Q3", "LDX2"))
    lower, upper = np.tril_indices(scores.shape[1], k=-1), np.triu_indices(scores.shape[1], k=1)
    np.testing.assert_allclose(found.q3[lower], q3[lower], atol=1e-5)
    # A statistic of 1e-5 persons moves with the seventh figure of the parameters.
    np.testing.assert_allclose(found.ld_x2[lower], ld[lower], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(found.ld_v[upper], ld[upper], atol=2e-5)


@pytest.mark.parametrize(("data", "model"), RIGHT_WRONG + SCIENCE[:3])
def test_person_fit_at_eap_agrees(data: str, model: str) -> None:
    reference = reference_of(data, model, "_fit")["personfit_first10"]
    scores = scores_of(data)
    found = person_fit(scores, calibrate(scores, model=word(data, model)))
    expected = {name: np.array([entry[name] for entry in reference]) for name in reference[0]}
    np.testing.assert_allclose(found.lz[:10], expected["Zh"], atol=2e-4)
    np.testing.assert_allclose(found.outfit[:10], expected["outfit"], atol=1e-4)
    for ours, theirs in ((found.infit, "infit"), (found.infit_z, "z.infit"), (found.outfit_z, "z.outfit")):
        np.testing.assert_allclose(ours[:10], expected[theirs], rtol=1e-3, atol=2e-4)
