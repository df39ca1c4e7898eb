"""All of difR's numbers for the verbal aggression data, leaf by leaf: one that is forgotten fails.

Program, data, tolerances: test_dif_reference. Lord and Raju under calibrations of our own on the peer's 21 Gauss–Hermite
nodes: 1 %. Of the logistic models the peer lists, for items that are not flagged, the smaller model's coefficients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qbank.analysis.dif import (
    GroupParameters,
    benjamini_hochberg,
    breslow_day,
    delta_plot,
    fit_logistic,
    generalised_mantel_haenszel,
    linked_to,
    logistic_dif,
    lord,
    mantel_haenszel,
    mantel_haenszel_exact,
    matched_counts,
    raju_unsigned,
    rest_reliability,
    sibtest,
    standardisation,
)
from tests.reference import test_dif_irt_reference as calibrated
from tests.reference.leaves import Found, unlike
from tests.reference.test_dif_reference import EVERY, N_ITEMS, expected, purified, pytestmark, verbal

__all__ = ["expected", "pytestmark", "verbal"]

SETTING = "a setting of the call"
EXCUSED = {
    "*/thr": SETTING,
}


def numbered(flagged: Any) -> Any:
    """Items from 1, as the peer writes them: a single one without a list."""
    places = np.flatnonzero(flagged) + 1
    return places[0] if len(places) == 1 else places


def test_every_number_of_difr_is_compared(verbal: Any, expected: dict[str, Any]) -> None:
    answers, anger, gender = verbal
    found: dict[str, Found] = {}
    for part in (_tables(answers, anger, gender), _logistic(answers, gender), _sibtest(answers, gender), _models(answers, gender)):
        found |= part
    assert unlike(expected, found, EXCUSED) == []


def _tables(answers: Any, anger: Any, gender: Any) -> dict[str, Found]:
    def counts(anchors: Any = EVERY) -> Any:
        return matched_counts(answers, gender, anchors=anchors)

    def mh(anchors: Any = EVERY) -> Any:
        return mantel_haenszel(counts(anchors).total, counts(anchors).n)

    def std(anchors: Any = EVERY) -> Any:
        return standardisation(counts(anchors).total, counts(anchors).n)

    def bd(anchors: Any = EVERY) -> Any:
        own = counts(anchors)
        return breslow_day(own.total, own.n, own.score)

    out: dict[str, Found] = {}
    clean = purified(lambda anchors: mh(anchors).p < 0.05)
    for name, anchors, flagged in (("MH", EVERY, mh().p < 0.05), ("MH_purified", clean.anchors, clean.flagged)):
        one = mh(anchors)
        parts = {"stat": one.chi2, "p": one.p, "alphaMH": one.odds_ratio, "varLambda": one.log_odds_se**2, "delta": one.delta}
        out |= {f"{name}/{part}": Found(value) for part, value in parts.items()} | {f"{name}/DIFitems": Found(numbered(flagged))}
    out["MH_purified/nrPur"] = Found(clean.steps)
    out |= {"MH_logOR/stat": Found(mh().z), "MH_logOR/DIFitems": Found(numbered(np.abs(mh().z) > 1.959963985))}
    adjusted = benjamini_hochberg(mh().p)
    out |= {"MH_BH/adj": Found(adjusted), "MH_BH/DIFitems": Found(numbered(adjusted < 0.05))}
    exact = np.array([mantel_haenszel_exact(counts().total[item], counts().n[item]) for item in range(N_ITEMS)])
    out |= {"MH_exact/stat": Found(exact[:, 0]), "MH_exact/p": Found(exact[:, 1]), "MH_exact/DIFitems": Found(numbered(exact[:, 1] < 0.05))}
    angry = matched_counts(answers, (anger > 20).astype(int))
    other = mantel_haenszel(angry.total, angry.n)
    out |= {"MH_BY_AngerGT20/stat": Found(other.chi2), "MH_BY_AngerGT20/alphaMH": Found(other.odds_ratio)}
    assert not (benjamini_hochberg(other.p) < 0.05).any()  # "No DIF item detected": the peer adjusted these p by Benjamini–Yekutieli
    four = matched_counts(answers, gender * 2 + (anger > 20), n_groups=4)
    many = generalised_mantel_haenszel(four.total, four.n)
    out |= {f"GMH_Gender_x_Anger/{name}": Found(value) for name, value in (
        ("GMH", many.chi2), ("p", many.p), ("DIFitems", numbered(many.p < 0.05)))}  # fmt: skip
    even = purified(lambda anchors: np.abs(std(anchors).difference) > 0.1)
    for name, anchors in (("Std", EVERY), ("Std_purified", even.anchors)):
        own = std(anchors)
        out |= {f"{name}/stdPDIF": Found(own.difference), f"{name}/stdAlpha": Found(own.odds_ratio)}
        out[f"{name}/DIFitems"] = Found(numbered(np.abs(own.difference) > 0.1))
    # Breslow–Day is printed with four digits; its purification goes in a circle, and the peer stops after ten changes.
    anchors = EVERY.copy()
    for _ in range(10):
        anchors = ~(bd(anchors).p < 0.05)
    for name, chosen in (("BreslowDay", EVERY), ("BreslowDay_purified", anchors)):
        rows = bd(chosen)
        out[f"{name}/BD"] = Found(np.column_stack([rows.chi2, rows.df, rows.p]), 5.1e-5)
        out[f"{name}/DIFitems"] = Found(numbered(rows.p < 0.05))
    facility = np.array([answers[gender == group].mean(axis=0) for group in (0, 1)])
    plot = delta_plot(facility)
    assert not (np.abs(plot.distance) > 1.5).any()  # nothing is flagged (the peer writes a sentence): purified is the same
    for name in ("DeltaPlot", "DeltaPlot_purified"):
        out |= {f"{name}/Dist": Found(plot.distance[:, None]), f"{name}/axis": Found([plot.intercept, plot.slope]),
                f"{name}/Props": Found(facility.T), f"{name}/Deltas": Found(plot.delta.T)}  # fmt: skip
    return out


def _logistic(answers: Any, gender: Any) -> dict[str, Found]:
    def at(anchors: Any) -> Any:
        own = matched_counts(answers, gender, anchors=anchors)
        return logistic_dif(own.total, own.n, own.score)

    out: dict[str, Found] = {}
    # kind: ours, and the numbers of terms of the smaller and the larger model that are held against one another
    for kind, ours, smaller, larger in (("both", "both", 2, 4), ("udif", "uniform", 2, 3), ("nudif", "nonuniform", 3, 4)):
        clean = purified(lambda anchors, ours=ours: getattr(at(anchors), f"p_{ours}") < 0.05)
        for name, anchors in ((f"Logistic_{kind}", EVERY), (f"Logistic_{kind}_purified", clean.anchors)):
            if name == "Logistic_nudif_purified":
                continue  # a crash of the peer: no number
            one = at(anchors)
            flagged = getattr(one, f"p_{ours}") < 0.05
            out |= {f"{name}/LR": Found(getattr(one, f"lr_{ours}")), f"{name}/p": Found(getattr(one, f"p_{ours}")),
                    f"{name}/deltaR2": Found(getattr(one, f"r2_{ours}"))}  # fmt: skip
            if flagged.any():
                out[f"{name}/DIFitems"] = Found(numbered(flagged))
            terms = np.where(flagged, larger, smaller)
            out[f"{name}/par"] = Found(_coefficients(answers, gender, anchors, terms), 1e-6)
    return out


def _coefficients(answers: Any, gender: Any, anchors: Any, terms: Any) -> Any:
    """Constant, score, group, group × score of the model with so many terms, the others 0; persons one by one."""
    out = np.zeros((N_ITEMS, 4))
    for item in range(N_ITEMS):
        chosen = anchors.copy()
        chosen[item] = True
        score = answers[:, chosen].sum(axis=1)
        design = np.column_stack([np.ones(len(score)), score, gender, gender * score])[:, : terms[item]]
        out[item, : terms[item]] = fit_logistic(design[None], answers[:, item][None], np.ones((1, len(score)))).coefficients[0]
    return out


def _sibtest(answers: Any, gender: Any) -> dict[str, Found]:
    def at(anchors: Any) -> Any:
        own = matched_counts(answers, gender, anchors=anchors, own=False)
        return sibtest(own.total, own.square, own.n, own.score, rest_reliability(answers, gender, anchors=anchors))

    out: dict[str, Found] = {}
    for kind, names in (("udif", ("beta", "chi2", "p")), ("nudif", ("crossing_beta", "crossing_chi2", "crossing_p"))):
        clean = purified(lambda anchors, p=names[2]: getattr(at(anchors), p) < 0.05)
        for name, anchors in ((f"SIBTEST_{kind}", EVERY), (f"SIBTEST_{kind}_purified", clean.anchors)):
            one = at(anchors)
            out |= {f"{name}/{part}": Found(getattr(one, ours)) for part, ours in zip(("Beta", "X2", "p"), names, strict=True)}
            if kind == "udif":  # the peer gives none for crossing DIF
                out[f"{name}/SE"] = Found(one.se)
            out[f"{name}/DIFitems"] = Found(numbered(getattr(one, names[2]) < 0.05))
    return out


def _models(answers: Any, gender: Any) -> dict[str, Found]:
    """Lord and Raju from calibrations of our own on the peer's nodes; the peer stops its own within 1e-3 of the optimum."""
    out: dict[str, Found] = {}
    for model in ("1PL", "2PL"):
        reference, own = (calibrated.fitted(answers[gender == word], model) for word in (0, 1))
        focal = linked_to(reference, own)
        out[f"Lord_{model}/par"] = Found(np.vstack([_listed(reference, model), _listed(own, model)]), 2e-3, 2e-3)
        test, area = lord(reference, focal), raju_unsigned(reference, focal)
        # For a negative z the peer's p is 2(1 − Φ(z)), above 1; two-sided it is 2 less that.
        p_area = np.where(area.z < 0, 2 - area.p, area.p)
        for name, statistic, p, flagged in (
            (f"Lord_{model}", test.chi2, test.p, test.p < 0.05),
            (f"Raju_{model}", area.z, p_area, area.p < 0.05),
        ):
            out |= {f"{name}/stat": Found(statistic, 3e-3, 0.01), f"{name}/p": Found(p, 3e-3, 0.01), f"{name}/DIFitems": Found(numbered(flagged))}
    return out


def _listed(group: GroupParameters, model: str) -> Any:
    """b, its error; or a, b, their errors, their covariance."""
    a_se, b_se = np.sqrt(group.covariance[:, 0, 0]), np.sqrt(group.covariance[:, 1, 1])
    columns = [group.b, b_se] if model == "1PL" else [group.a, group.b, a_se, b_se, group.covariance[:, 0, 1]]
    return np.column_stack(columns)
