"""All of equate's numbers for its two data sets, leaf by leaf: one that is forgotten fails.

Program, data, tolerances and where it goes another way: test_equating_reference. Its column GM is |lr / cells − 2|. Its bootstrap
errors are 1,000 replications: a single one is held to 20 %, nine of ten to 10 % (test_equating_reference).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from qbank.analysis.arrays import FloatArray
from qbank.analysis.equating import (
    Line,
    Pairs,
    Scores,
    anchor_errors,
    bootstrap,
    chained_equipercentile,
    chained_linear,
    chained_mean,
    circle_arc,
    equipercentile,
    frequency_estimation,
    identity_line,
    joint_moments,
    levine,
    levine_true,
    linear_equating,
    linear_errors,
    lord_errors,
    mean_equating,
    moments,
    nominal_weights,
    score_fit_table,
    smooth,
    smooth_pairs,
    synthetic_scores,
    tucker,
)
from tests.reference.leaves import Found, unlike
from tests.reference.test_equating_reference import (
    WEIGHTS,
    X,
    act,
    counted_weight,
    drawn,
    kb,
    pairs,
    papers,
    pytestmark,
)

__all__ = ["act", "drawn", "kb", "pairs", "papers", "pytestmark"]

CALL = "the scale's middle and length, which the general linear method asks for and the others print"
EXCUSED = {f"*/coefficients/{name}": CALL for name in ("cx", "cy", "sx", "sy")}


def described(tables: tuple[Scores, ...]) -> dict[str, list[float]]:
    """mean, sd, skew, kurt, min, max, n of tables."""
    found: dict[str, list[float]] = {name: [] for name in ("mean", "sd", "skew", "kurt", "min", "max", "n")}
    for table in tables:
        own, there = moments(table), table.points[table.counts > 0]
        for name, value in zip(found, (own.mean, own.sd, own.skew, own.kurtosis, there.min(), there.max(), table.n), strict=True):
            found[name].append(float(value))
    return found


def line_of(line: Line, x: FloatArray) -> dict[str, Found]:
    return {"coefficients/slope": Found(line.slope), "coefficients/intercept": Found(line.intercept), "concordance/scale": Found(x),
            "concordance/yx": Found(line(x))}  # fmt: skip


def curve_of(y: FloatArray, x: FloatArray, tolerance: float) -> dict[str, Found]:
    return {"concordance/scale": Found(x), "concordance/yx": Found(y, tolerance)}


def under(name: str, parts: dict[str, Found]) -> dict[str, Found]:
    return {f"{name}/{part}": value for part, value in parts.items()}


def test_every_number_for_equivalent_groups(act: dict[str, Any], papers: tuple[Scores, Scores]) -> None:
    x, (one, two) = papers[0].points, (moments(table) for table in papers)
    found: dict[str, Found] = {}
    for side, table in zip("xy", papers, strict=True):
        found |= under(f"descr/{side}", {name: Found(value[0]) for name, value in described((table,)).items()})
    lines = {"identity": identity_line(), "mean": mean_equating(one, two), "linear": linear_equating(one, two)}
    for name, line in lines.items():
        found |= under(name, line_of(line, x))
    found["linear/concordance/se"] = Found(linear_errors(x, one, two))
    found["identity/concordance/se"] = Found(np.zeros(41))
    arc = circle_arc(x, one.mean, two.mean, low=(0, 0), high=(40, 40))
    found |= under("circle_arc", curve_of(arc, x, 1e-8) | circle_of(x, arc, float(one.mean)))
    found |= under("equipercentile_unsmoothed", curve_of(equipercentile(*papers), x, 2e-7))
    found["equipercentile_unsmoothed/concordance/se"] = Found(lord_errors(*papers), 2e-7)
    for degree in (3, 6):
        new, base = (smooth(table, degree) for table in papers)
        found |= {f"loglinear{degree}_freq_x": Found(new.counts, 1e-7), f"loglinear{degree}_freq_y": Found(base.counts, 1e-7)}
        found |= under(f"equipercentile_loglinear{degree}", curve_of(equipercentile(new, base), x, 2e-6))
        found[f"equipercentile_loglinear{degree}/concordance/se"] = Found(lord_errors(new, base), 1e-5)
    found |= under("fit_compare_x", fits_of(papers[0]))
    assert unlike(act, found, EXCUSED) == []


def circle_of(x: FloatArray, y: FloatArray, middle: float) -> dict[str, Found]:
    """Line through the ends, and centre and radius of the arc that is left: the circle through three points of the arc, far apart."""
    slope = (y[-1] - y[0]) / (x[-1] - x[0])
    p, q, r = (np.array([at, y[place] - slope * at - y[0]]) for place, at in ((0, x[0]), (len(x) // 3, x[len(x) // 3]), (-1, x[-1])))
    system = 2 * np.array([q - p, r - p])
    centre = np.linalg.solve(system, [q @ q - p @ p, r @ r - p @ p])
    found = {"slope": slope, "intercept": y[0], "xcenter": centre[0], "ycenter": centre[1], "r": np.hypot(*(centre - p))}
    return {f"coefficients/{name}": Found(value, 1e-8, 1e-8) for name, value in found.items()}


def fits_of(table: Scores) -> dict[str, Found]:
    own = score_fit_table(table)
    same = {"df": "Resid. Df", "lr": "Resid. Dev", "aic": "AIC", "bic": "BIC", "caic": "CAIC", "change": "Deviance", "p": "Pr(>Chi)"}
    found = {theirs: Found(own[ours].to_numpy()) for ours, theirs in same.items()}
    found["FT"] = Found(own["freeman_tukey"].to_numpy(), 1e-5)
    n_persons, n_cells = float(table.n), len(table.points)
    found["CR"] = Found(own["cressie_read"].to_numpy() + 1.8 * (n_persons - n_cells), 1e-5)
    found["GM"] = Found(np.abs(own["lr"].to_numpy() / n_cells - 2))
    found["Df"] = Found(np.r_[np.nan, -np.diff(own["df"].to_numpy())])
    return found


def test_every_number_through_an_anchor(kb: dict[str, Any], pairs: tuple[Pairs, Pairs]) -> None:
    one, two = (joint_moments(pair) for pair in pairs)
    share = float(pairs[0].n) / float(pairs[0].n + pairs[1].n)
    found: dict[str, Found] = {}
    for side, pair in zip("xy", pairs, strict=True):
        found |= under(f"descr/{side}", {name: Found(value) for name, value in described((pair.total, pair.anchor)).items()})
    synthetic: dict[str, Callable[[Any, Any, float | None], Any]] = {
        "tucker": tucker, "levine": levine, "nominal": lambda x, y, w: nominal_weights(x, y, 3.0, 3.0, w),
    }  # fmt: skip
    for suffix, weight in WEIGHTS.items():
        ws = share if weight is None else weight
        for kind, line in (("mean", mean_equating), ("linear", linear_equating)):
            for name, method in synthetic.items():
                if (kind, name) == ("linear", "nominal"):
                    continue
                own, key = method(one, two, weight), f"{kind}_{name}{suffix}"
                found |= under(key, line_of(line(own), X))
                found |= under(key, {"ws": Found(ws), "anchor/mean": Found([own.mean_x, own.mean_y]),
                                     "anchor/sd": Found(np.sqrt([own.variance_x, own.variance_y]))})  # fmt: skip
                if kind == "linear":
                    for letter, which in (("g", "general"), ("n", "normal")):
                        errors = anchor_errors(X, lambda a, b, m=method, w=weight: m(a, b, w), *pairs, which, line)  # type: ignore[misc]
                        found[f"{key}/concordance/se/{letter}"] = Found(errors)
        for key, line_found in ((f"mean_chained{suffix}", chained_mean(one, two)), (f"linear_chained{suffix}", chained_linear(one, two))):
            found |= under(key, line_of(line_found, X))
        for letter, which in (("g", "general"), ("n", "normal")):
            found[f"linear_chained{suffix}/concordance/se/{letter}"] = Found(anchor_errors(X, chained_linear, *pairs, which))  # type: ignore[arg-type]
        # equate's synthetic weight is one of counts
        w = counted_weight(pairs, weight)
        both = tuple(moments(table) for table in synthetic_scores(*pairs, w))
        found |= under(f"linear_braun_holland{suffix}", line_of(linear_equating(*both), X))
        found |= under(f"linear_braun_holland{suffix}", {
            "ws": Found(ws), "anchor/mean": Found([side.mean for side in both]), "anchor/sd": Found([side.sd for side in both], 1e-7)})  # fmt: skip
        found |= under(f"equip_fe{suffix}", curve_of(frequency_estimation(*pairs, weight=w), X, 1e-7) | {"ws": Found(ws)})
        found |= under(f"equip_chained{suffix}", curve_of(chained_equipercentile(*pairs), X, 1e-7))
        for name, method in (("tucker", tucker), ("levine", levine)):
            middle = method(one, two, weight)
            arc = circle_arc(X, middle.mean_x, middle.mean_y, low=(0, 0), high=(36, 36))
            found |= under(f"circle_{name}{suffix}", curve_of(arc, X, 1e-8) | circle_of(X, arc, float(middle.mean_x)))
        level = chained_mean(one, two)([float(one.mean_x)])[0]
        arc = circle_arc(X, one.mean_x, level, low=(0, 0), high=(36, 36))
        found |= under(f"circle_chained{suffix}", curve_of(arc, X, 1e-8) | circle_of(X, arc, float(one.mean_x)))
    found |= under("linear_levine_truescore", line_of(levine_true(one, two), X))
    for key, degrees, joint in (("presm_4_2_2", (4, 4), (2, 2)), ("presm_6_6_1_1", (6, 6), (1, 1))):
        new, base = (smooth_pairs(pair, degrees, joint) for pair in pairs)
        found |= {f"{key}/freq_x": Found(new.counts.T.reshape(-1), 1e-6), f"{key}/freq_y": Found(base.counts.T.reshape(-1), 1e-6)}
        found |= under(f"{key}/fe", curve_of(frequency_estimation(new, base), X, 1e-5))
        found |= under(f"{key}/chained", curve_of(chained_equipercentile(new, base), X, 1e-5))
    assert unlike(kb, found, EXCUSED) == []


def test_every_bootstrap_error(drawn: dict[str, Any], papers: tuple[Scores, Scores], pairs: tuple[Pairs, Pairs]) -> None:
    x = papers[0].points

    def drawn_again(tables: Any, method: Any) -> Found:
        return Found(bootstrap(*tables, method, n_reps=4000, seed=3).errors, 1e-12, 0.2)

    found = {
        "linear_EG": drawn_again(papers, lambda a, b: linear_equating(moments(a), moments(b))(x)),
        "equip_EG": drawn_again(papers, equipercentile),
        "tucker_KB": drawn_again(pairs, lambda a, b: linear_equating(tucker(joint_moments(a), joint_moments(b)))(X)),
        "chained_KB": drawn_again(pairs, chained_equipercentile),
    }
    assert unlike(drawn, found, {}) == []
