"""The bifactor model of the SAT12 table against what mirt's own documentation and tests print.

mirt (Chalmers), reference page of bfactor as built for its site, and tests/testthat/test-03-bfactor.R:
specific <- c(2,3,2,3,...); bfactor(data, specific), bfactor(data, specific, guess = rep(.1, 32)), the first again with
specific[32] <- NA, and SE.type = 'crossprod'. mirt integrates on its own grid of the two dimensions and stops by its
default TOL = 1e-4, which leaves the log-likelihood 1e-3 and specific slopes up to 0.03 from the maximum (the test and
the page, of two versions, differ by as much: 0.9505 and 0.927 for item 7). So its log-likelihoods are met within 5e-3
and ours may not be lower by more than rounding; loadings of the page within 3e-3 (items 29 and 32, whose slopes have
errors above 1, within 0.02), slopes of the test within 0.03; errors within 4 %; scores within 2e-3.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import BifactorCalibration, bifactor_indices, calibrate_bifactor, score_bifactor

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "irt"
TESTLETS = [str(t) for t in (2, 3, 2, 3, 3, 2, 1, 2, 1, 1, 1, 3, 1, 3, 1, 2, 1, 1, 3, 3, 1, 1, 3, 1, 3, 3, 1, 3, 2, 3, 1, 2)]  # fmt: skip


@pytest.fixture(scope="module")
def scores() -> NDArray[np.int8]:
    path = SHARED / "SAT12.csv"
    if not path.is_file():
        pytest.skip(f"SAT12.csv is not here: the shared reference folder {SHARED} is absent")
    return np.loadtxt(path, delimiter=",", skiprows=1).astype(np.int8)


@pytest.fixture(scope="module")
def fit(scores: NDArray[np.int8]) -> BifactorCalibration:
    return calibrate_bifactor(scores, TESTLETS, errors="cross-product")


def test_log_likelihood_and_number_of_values(fit: BifactorCalibration) -> None:
    assert fit.converged
    assert -9435.052 - 1e-3 < fit.log_likelihood < -9435.052 + 5e-3
    assert fit.n_free == 96
    # BIC 19484.21 and AIC 19062.10 of the same page.
    assert -2 * fit.log_likelihood + 2 * fit.n_free == pytest.approx(19062.10, abs=0.01)
    assert -2 * fit.log_likelihood + np.log(600) * fit.n_free == pytest.approx(19484.21, abs=0.02)


def test_without_the_effect_of_one_item(scores: NDArray[np.int8]) -> None:
    fit = calibrate_bifactor(scores, [*TESTLETS[:31], None], errors="none")
    assert -9435.062 - 1e-3 < fit.log_likelihood < -9435.062 + 5e-3
    assert fit.specific[31] == 0


def test_with_a_known_guessing_level(scores: NDArray[np.int8]) -> None:
    fit = calibrate_bifactor(scores, TESTLETS, model="3pl", fixed={"c": 0.1}, errors="none")
    assert -9408.775 - 1e-3 < fit.log_likelihood < -9408.775 + 5e-3


@pytest.mark.parametrize(
    ("item", "general", "specific", "intercept"),
    [
        (0, (0.7861, 0.5159, 1.0563), (0.4426, 0.0102, 0.8750), (-1.0729, -1.3116, -0.8343)),
        (1, (1.4909, 1.0660, 1.9157), (0.8135, 0.3039, 1.3231), (0.4710, 0.1911, 0.7509)),
        (2, (1.1476, 0.8265, 1.4687), (-0.1526, -0.5584, 0.2532), (-1.1727, -1.4361, -0.9093)),
        (6, (1.0383, 0.6538, 1.4228), (0.9505, 0.3252, 1.5758), (1.5624, 1.1836, 1.9412)),
        (13, (1.0908, 0.6922, 1.4894), (1.0340, 0.4259, 1.6420), (1.3605, 1.0081, 1.7130)),
        (19, (1.5332, 0.9808, 2.0856), (0.4104, -0.1434, 0.9642), (2.6505, 2.1186, 3.1823)),
    ],
)
def test_slopes_and_errors_by_the_cross_product(
    fit: BifactorCalibration,
    item: int,
    general: tuple[float, float, float],
    specific: tuple[float, float, float],
    intercept: tuple[float, float, float],
) -> None:
    """Estimate and the ends of the 95 % interval."""
    values, errors = fit.parameters.values, fit.parameters.errors
    for value, error, (estimate, low, high) in (
        (values["a"][item], errors["a"][item], general),
        (fit.specific[item], fit.specific_errors[item], specific),
        (values["d"][item], errors["d"][item], intercept),
    ):
        assert value == pytest.approx(estimate, abs=0.03)
        assert error == pytest.approx((high - low) / (2 * 1.959964), rel=0.04)


def test_loadings_are_the_printed_ones(fit: BifactorCalibration) -> None:
    """summary(mod1): G, the column of the item's factor, and SS loadings 8.435 1.03 0.748 0.781."""
    general = [0.408, 0.620, 0.557, 0.281, 0.478, 0.534, 0.474, 0.354, 0.218, 0.485, 0.644, 0.070, 0.522, 0.479, 0.599,
               0.389, 0.664, 0.716, 0.452, 0.658, 0.281, 0.702, 0.324, 0.585, 0.373, 0.643, 0.737, 0.526, 0.419, 0.245,
               0.833, 0.078]  # fmt: skip
    specific = [0.227, 0.339, -0.074, 0.310, 0.254, 0.272, 0.421, 0.273, 0.532, 0.379, 0.332, 0.159, 0.274, 0.456,
                0.240, 0.205, 0.118, 0.078, 0.020, 0.179, 0.345, -0.028, 0.266, 0.103, 0.330, 0.212, 0.155, 0.076,
                0.707, -0.096, -0.087, 0.016]  # fmt: skip
    indices = bifactor_indices(fit)
    open_ones = np.isin(np.arange(32), (28, 31))
    for found, printed in ((indices.general, general), (indices.specific, specific)):
        distance = np.abs(found - printed)
        assert distance[~open_ones].max() < 3e-3
        assert distance[open_ones].max() < 0.02
    assert (indices.general**2).sum() == pytest.approx(8.435, abs=0.01)
    assert indices.explained_common_variance == pytest.approx(8.435 / (8.435 + 1.03 + 0.748 + 0.781), abs=2e-3)


def test_scores_of_the_general_ability(scores: NDArray[np.int8], fit: BifactorCalibration) -> None:
    """fscores(mod1, method = 'EAP_general')."""
    result = score_bifactor(scores[:6], fit)
    printed = [2.52983691, -0.06966393, 0.07791027, -0.62501109, 0.69852130, 0.44291463]
    np.testing.assert_allclose(result.theta, printed, atol=2e-3)
    effects = [[0.1930511, 0.6978441, 0.57291912], [0.7643308, -0.6155095, -0.04731736]]
    order = [fit.testlets.index(testlet) for testlet in "123"]
    np.testing.assert_allclose(result.specific_theta[:2, order], effects, atol=2e-2)
