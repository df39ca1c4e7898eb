"""Bootstrap standard errors of methods without an analytic one: kernel, postsmoothed, by item parameters."""

from __future__ import annotations

import numpy as np
import pytest

from qbank.analysis import EquatingSettings, equate_papers
from qbank.analysis.equating.replications import parameter_errors
from qbank.analysis.paper_model import PaperModel
from qbank.irt import from_reported
from tests.analysis.equating.test_papers import sitting


@pytest.mark.parametrize(("design", "common", "names"), [
    ("spiralled", 0, ("kernel", "equipercentile_spline")), ("anchor", 20, ("kernel",)),
])  # fmt: skip
def test_kernel_and_postsmoothed_errors_are_near_those_of_equipercentile_equating(
    design: str, common: int, names: tuple[str, ...]
) -> None:
    settings = EquatingSettings(n_reps=60, seed=2)
    table = equate_papers(sitting(500, common=common), design, settings=settings).methods
    near = "equipercentile_loglinear" if design == "spiralled" else "frequency_estimation_loglinear"
    rows = {row["method"]: row for row in table.iter_rows(named=True)}
    for name in names:
        assert rows[name]["see_source"] == "bootstrap"
        assert 0.6 < rows[name]["cut_see"] / rows[near]["cut_see"] < 1.6, name


def test_errors_by_draws_of_parameters_grow_with_their_covariance_and_are_none_without_one() -> None:
    def paper(error: float, shift: float) -> PaperModel:
        known = from_reported(
            ["2pl"] * 5, [2] * 5, [{"a": 1.0, "b": shift + n / 2} for n in range(-2, 3)],
            covariance=[np.eye(2) * error**2] * 5, items=[f"{shift}-{n}" for n in range(5)],
        )  # fmt: skip
        return PaperModel(known, ((0.0, 1.0),) * 5)

    x = np.arange(6.0)
    small, large = (
        parameter_errors(paper(error, 0.0), paper(error, 0.4), x, step=1.0, n_reps=100, seed=1) for error in (0.05, 0.1)
    )
    for name in ("irt_true", "irt_observed"):
        assert (large[name][1:5] / small[name][1:5]) == pytest.approx(np.full(4, 2.0), rel=0.15)
    assert parameter_errors(paper(np.nan, 0.0), paper(0.1, 0.4), x, step=1.0, n_reps=9, seed=1) == {}
