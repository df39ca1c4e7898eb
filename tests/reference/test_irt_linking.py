"""Linking against STUIRT and sirt.

STUIRT (Kim & Kolen, University of Iowa): its example 1, the twelve common 3PL items of Kolen & Brennan (2004), table
6.5, with their discrete ability distributions; its example 2, twelve 3PL and five GPCM items (PARSCALE) on 25 nodes
on [-3, 3]; and a form of ten 3PL and three GPCM items (ICL). Symmetric criteria (SY BI BI), standardised (FS DO DO).
sirt (Robitzsch): equating.rasch of eight Rasch items on nodes −4, −3.95, …, 4; sirt compares in one direction.
STUIRT's and sirt's answers as they stand in the tests of jMetrik's psychometrics library (Meyer, Apache License 2.0),
which ran them; the items of STUIRT's examples are its own. D = 1.7 is in the discriminations of the first two.

The numbers are printed with six decimals, which is the tolerance; STUIRT stops its search for Haebara's line at about
1e-5, where the line here has the smaller criterion. PARSCALE's steps d of difficulty b are thresholds b − d.
"""

import numpy as np
import pytest

from qbank.irt import ItemParameters, item_parameters, link

D = 1.7
KB_NODES = [-4.0, -3.111, -2.222, -1.333, -0.4444, 0.4444, 1.333, 2.222, 3.111, 4.0]
KB_X = [0.0001008, 0.002760, 0.03021, 0.1420, 0.3149, 0.3158, 0.1542, 0.03596, 0.003925, 0.0001862]
KB_Y = [0.0001173, 0.003242, 0.03449, 0.1471, 0.3148, 0.3110, 0.1526, 0.03406, 0.002510, 0.0001116]
# a, b, c
KB_FORM_X = """
0.4551 -0.7101 0.2087   0.5839 -0.8567 0.2038   0.7544 0.0212 0.1600   0.6633 0.0506 0.1240
1.0690  0.9610 0.2986   0.9672  0.1950 0.0535   0.3479 2.2768 0.1489   1.4579 1.0241 0.2453
1.8811  1.4062 0.1992   0.7020  2.2401 0.0853   1.4080 1.5556 0.0789   1.2993 2.1589 0.1075
"""
KB_FORM_Y = """
0.4416 -1.3349 0.1559   0.5730 -1.3210 0.1913   0.5987 -0.7098 0.1177   0.6041 -0.3539 0.0818
0.9902  0.5320 0.3024   0.8081 -0.1156 0.0648   0.4140  2.5538 0.2410   1.3554  0.5811 0.2243
1.0417  0.9392 0.1651   0.6336  1.8960 0.0794   1.1347  1.0790 0.0630   0.9255  2.1337 0.1259
"""
KB_LINES = {
    "mean-mean": (1.217266, -0.557156, None),
    "mean-sigma": (1.168891, -0.515543, None),
    "haebara": (1.067800, -0.471281, 0.001506),
    "stocking-lord": (1.083417, -0.487619, 0.009666),
}
PARSCALE_X = """
0.751335 -0.897391 0.244001   0.955947 -0.811477 0.242883   0.497206 -0.858681 0.260893
0.724000 -0.123911 0.243497   0.865200  0.205889 0.319135   0.658129  0.555228 0.277826
1.082118  0.950549 0.157979   0.988294  1.377501 0.084828   1.248923  1.614355 0.181874
1.116682  2.353932 0.246856   0.438171  3.217965 0.309243   1.082206  4.441864 0.192339
"""
PARSCALE_Y = """
0.887276 -1.334798 0.134406   1.184412 -1.129004 0.237765   0.609412 -1.464546 0.151393
0.923812 -0.576435 0.240097   0.822776 -0.476357 0.192369   0.707818 -0.235189 0.189557
1.306976  0.242986 0.165553   1.295471  0.598029 0.090557   1.366841  0.923206 0.172993
1.389624  1.380666 0.238008   0.293806  2.028070 0.203448   0.885347  3.152928 0.195473
"""
# a, b, steps d
STEPS_X = [
    (0.269994, 0.003998, [1.097268, -1.097268]),
    (0.972506, 1.632662, [0.106514, -0.106514]),
    (0.378812, 3.464657, [2.102301, -2.102301]),
    (0.537706, 1.010053, [-0.476513, 1.081282, -0.604770]),
    (0.554506, 2.432938, [1.007525, -0.197767, -0.809758]),
]
STEPS_Y = [
    (0.346324, -0.494115, [0.893232, -0.893232]),
    (1.252012, 0.856264, [0.099750, -0.099750]),
    (0.392282, 2.825801, [1.850498, -1.850498]),
    (0.660841, 0.342977, [-0.300428, 0.761846, -0.461417]),
    (0.669612, 1.643267, [1.001974, -0.107221, -0.894753]),
]
PARSCALE_LINES = {
    "mean-mean": (0.875095, -0.543611, None),
    "mean-sigma": (0.887294, -0.560159, None),
    "haebara": (0.805049, -0.446101, 0.001070),
    "stocking-lord": (0.815445, -0.456487, 0.057876),
}
ICL_X = """
0.762370  1.009476 0.109968   1.336925 -0.437730 0.157718   1.876282 1.093312 0.135095   0.830231 -1.502055 0.227047
1.274011  1.029875 0.280884   1.139027 -0.142340 0.132300   0.645040 0.785645 0.176663   1.099075 -1.501227 0.183540
1.173436 -0.055542 0.247029   0.855866  1.022627 0.209809
"""
ICL_Y = """
1.053310  1.280453 0.220378   1.525842 -0.384423 0.166410   1.943304 1.073916 0.131654   0.788018 -1.637711 0.248980
1.005941  0.930207 0.216200   1.230981 -0.224566 0.150033   1.105784 1.082957 0.278372   1.108659 -1.358290 0.192793
1.122514 -0.130496 0.214603   0.777442  1.077921 0.228847
"""
ICL_STEPS_X = [
    (0.871415, 0.0, [0.765898, 0.262353, -1.077962]),
    (0.978374, 0.0, [0.837283, 0.275441, -1.136771]),
    (0.856862, 0.0, [1.194004, -0.318944, -1.059092]),
]
ICL_STEPS_Y = [
    (0.840509, 0.0, [0.681719, 0.412208, -1.126726]),
    (0.968292, 0.0, [0.717030, 0.332964, -1.010151]),
    (0.809768, 0.0, [1.360084, -0.274189, -1.085692]),
]
ICL_LINES = {
    "mean-mean": (0.959283, 0.010863, None),
    "mean-sigma": (1.035626, 0.004596, None),
    "haebara": (0.996992, -0.022233, 0.000954),
    "stocking-lord": (1.001785, -0.026322, 0.004053),
}
RASCH_X = [
    -3.188047976,
    1.031760328,
    0.819040914,
    -2.706947360,
    -0.094527077,
    0.689697135,
    -0.551837153,
    -0.359559276,
]
RASCH_Y = [
    -3.074599226,
    1.012824350,
    0.868538408,
    -2.404483603,
    0.037402866,
    0.700747420,
    -0.602555046,
    -0.350426446,
]


def form(
    table: str, steps: list[tuple[float, float, list[float]]], scale: str, unit: float = 1.0
) -> ItemParameters:
    """Return 3PL items from a table of a, b, c and GPCM items from a, b and steps."""
    a, b, c = np.array(table.split(), dtype=float).reshape(-1, 3).T
    n, m = a.size, len(steps)
    thresholds = np.full((n + m, max([1, *(len(d) for _, _, d in steps)])), np.nan)
    for row, (_, middle, d) in enumerate(steps, start=n):
        thresholds[row, : len(d)] = middle - np.array(d)
    empty = np.full(m, np.nan)
    return item_parameters(
        ["3pl"] * n + ["gpcm"] * m,
        a=unit * np.concatenate((a, [slope for slope, _, _ in steps])),
        b=np.concatenate((b, empty)),
        c=np.concatenate((c, empty)),
        steps=thresholds if m else None,
        scale=scale,
    )


@pytest.mark.parametrize("method", KB_LINES)
def test_kolen_and_brennans_common_items(method: str) -> None:
    found = link(
        form(KB_FORM_X, [], "X", D),
        form(KB_FORM_Y, [], "Y", D),
        method=method,
        nodes=KB_NODES,
        weights=[KB_X, KB_Y],
    )
    slope, intercept, criterion = KB_LINES[method]
    tolerance = 3e-6 if method == "haebara" else 1e-6
    assert found.slope == pytest.approx(slope, abs=tolerance)
    assert found.intercept == pytest.approx(intercept, abs=tolerance)
    assert criterion is None or found.criterion == pytest.approx(criterion, abs=1e-6)


@pytest.mark.parametrize("method", PARSCALE_LINES)
def test_a_mixed_form_of_right_wrong_and_graded_items(method: str) -> None:
    found = link(
        form(PARSCALE_X, STEPS_X, "X", D),
        form(PARSCALE_Y, STEPS_Y, "Y", D),
        method=method,
        nodes=np.linspace(-3, 3, 25),
        weights="uniform",
    )
    slope, intercept, criterion = PARSCALE_LINES[method]
    assert found.slope == pytest.approx(slope, abs=1e-6)
    assert found.intercept == pytest.approx(intercept, abs=1e-6)
    assert criterion is None or found.criterion == pytest.approx(criterion, abs=1e-6)


@pytest.mark.parametrize("method", ICL_LINES)
def test_a_mixed_form_with_four_categories(method: str) -> None:
    found = link(
        form(ICL_X, ICL_STEPS_X, "X"),
        form(ICL_Y, ICL_STEPS_Y, "Y"),
        method=method,
        nodes=np.linspace(-3, 3, 25),
        weights="uniform",
    )
    slope, intercept, criterion = ICL_LINES[method]
    # The last decimals of the two are lost in the parameters as printed.
    assert found.slope == pytest.approx(slope, abs=1e-5)
    assert found.intercept == pytest.approx(intercept, abs=1e-5)
    assert criterion is None or found.criterion == pytest.approx(criterion, abs=1e-6)


@pytest.mark.parametrize(
    ("method", "intercept"),
    [
        ("mean-mean", 0.068484),
        ("mean-sigma", 0.068484),
        ("haebara", 0.06468396),
        ("stocking-lord", 0.05736233),
    ],
)
def test_rasch_items(method: str, intercept: float) -> None:
    x, y = (
        item_parameters("rasch", a=np.ones(8), b=b, scale=scale)
        for b, scale in ((RASCH_X, "X"), (RASCH_Y, "Y"))
    )
    found = link(x, y, method=method, direction="symmetric", nodes=np.linspace(-4, 4, 161), weights="uniform")
    assert found.slope == 1.0
    assert found.intercept == pytest.approx(intercept, abs=1e-4)
