"""Why anchors moved: drift or leak, told from the answers of the persons who had them; and what is flagged for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qbank.analysis.drift import DriftCause, drift_cause, posterior_without
from qbank.core.history import Estimate
from qbank.irt import Drift
from qbank.irt.parameters import Calibration
from qbank.ledger import ItemFlag, flags_of
from qbank.problem import Problem, Span, warning
from qbank.workflow.calibration.answers import Answers
from qbank.workflow.workspace import Workspace

NODES = np.linspace(-6.0, 6.0, 61)
HELD = ("leak", "easier")
"""What keeps an item off new papers until somebody has decided; one that drifted goes on with its new difficulty."""


def causes_of(
    answers: Answers, anchors: Mapping[str, Estimate], drift: Drift | None, fit: Calibration
) -> tuple[DriftCause, ...]:
    """Return for each anchor of right and wrong that has moved what explains it best.

    anchors : all of them, the moved ones too ; fit : of the sitting, on the scale of the anchors
    """
    if drift is None or not drift.removed:
        return ()
    values = fit.parameters.values
    binary = (answers.n_categories == 2) & np.isfinite(values["b"]) & np.isfinite(values["a"])
    moved = np.isin(answers.items, drift.removed)
    c = np.nan_to_num(values["c"]) if "c" in values else np.zeros(len(answers.items))
    right = answers.scores[:, binary]
    curves = c[binary, None] + (1 - c[binary, None]) / (
        1 + np.exp(-values["a"][binary, None] * (NODES - values["b"][binary, None]))
    )
    mean, sd = float(np.mean(fit.ability_mean)), float(np.mean(fit.ability_sd))
    weights = -0.5 * ((NODES - mean) / sd) ** 2
    curves = np.clip(curves, 1e-12, 1 - 1e-12)
    posterior = posterior_without(right, np.log(curves), np.log1p(-curves), weights, moved[binary])
    sites = dict(answers.scored.stored.responses.groups).get("site", ())
    site_of = [sites[row] for row in answers.rows] if sites else []
    return tuple(
        drift_cause(
            item, answers.scores[:, column], posterior, NODES, a=known["a"], b=known["b"], c=known.get("c", 0.0),
            sites=site_of,
        )
        for column, item in enumerate(answers.items)
        if moved[column] and answers.n_categories[column] == 2 and {"a", "b"} <= (known := anchors[item].values).keys()
    )  # fmt: skip


def told_of(id: str, causes: tuple[DriftCause, ...], settled: frozenset[tuple[str, str]]) -> list[Problem]:
    """Return what was found as warnings, one an item.

    settled : (item, verdict) that an earlier calibration of this sitting found too and somebody decided on: said before
    """
    problems = []
    for cause in causes:
        if (cause.item, cause.verdict) in settled:
            continue
        facts: dict[str, Any] = {"id": id, "item": cause.item, "found": f"{cause.found:.2f}", "expected": f"{cause.expected:.2f}"}
        if cause.verdict == "leak" and cause.where:
            shares = {site.site: _percent(site.share, (site.low, site.high)) for site in cause.sites}
            sites = "; ".join("{}: {share} % ({low}–{high})".format(site, **shares[site]) for site in cause.where)
            problems.append(warning("C131", Span(id), **facts, sites=sites))
        elif cause.verdict in ("leak", "easier"):
            code = "C130" if cause.verdict == "leak" else "C132"
            problems.append(warning(code, Span(id), **facts, **_percent(cause.share, cause.share_interval)))
        elif cause.verdict == "drift":
            low, high = cause.shift_interval
            problems.append(warning("C133", Span(id), **facts, shift=f"{cause.shift:+.2f}", low=f"{low:+.2f}", high=f"{high:+.2f}"))
    return problems


def _percent(share: float, interval: tuple[float, float]) -> dict[str, Any]:
    """Return a share and its 95 % interval in percent.

    >>> _percent(0.434, (0.381, 0.486))
    {'share': '43', 'low': '38', 'high': '49'}
    """
    return {name: f"{100 * value:.0f}" for name, value in zip(("share", "low", "high"), (share, *interval), strict=True)}


def settled_causes(id: str, workspace: Workspace, answers: Answers) -> frozenset[tuple[str, str]]:
    """Return the (item, verdict) that former calibrations flagged at the present revision and somebody has decided on."""
    prints = dict(zip(answers.items, answers.fingerprints, strict=True))
    ledger = workspace.open()
    try:
        flags = flags_of(ledger, id)
    finally:
        ledger.close()
    return frozenset(
        (flag.item, flag.code)
        for flag in flags
        if flag.decision is not None and flag.fingerprint == prints.get(flag.item)
    )


def flags_for(id: str, answers: Answers, causes: tuple[DriftCause, ...]) -> tuple[ItemFlag, ...]:
    """Return the flags that the ledger keeps of them."""
    prints = dict(zip(answers.items, answers.fingerprints, strict=True))
    return tuple(
        ItemFlag(
            id, cause.item, prints[cause.item], cause.verdict, cause.verdict in HELD,
            {
                "found": round(cause.found, 4), "expected": round(cause.expected, 4), "shift": round(cause.shift, 3),
                "share": round(cause.share, 3), "where": list(cause.where), "n": cause.n,
                "log_likelihoods": {name: round(gain, 2) for name, gain in cause.log_likelihoods.items()},
                "sites": [[s.site, s.n, round(s.found, 4), round(s.expected, 4), round(s.share, 3), round(s.low, 3), round(s.high, 3)] for s in cause.sites],
                "shift_interval": [round(end, 3) for end in cause.shift_interval],
                "share_interval": [round(end, 3) for end in cause.share_interval],
            },
        )
        for cause in causes
        if cause.verdict != "none"
    )  # fmt: skip
