"""What `family report` shows in a terminal and gives as data."""

from __future__ import annotations

from typing import Any

from qbank.assemble.family.comparability import OFFSETS, Spread, Verdicts
from qbank.assemble.family.showing import papers_that_show
from qbank.cli.blocks import block_lines
from qbank.report.blocks import Report
from qbank.report.family import FamilyFacts

LEFT_OUT = ("near", "exposure_ends", "shared", "rules", "methods")


def report_lines(report: Report) -> list[str]:
    """Return the sentences and short tables of a report of a family."""
    return list(block_lines(report.blocks, without=LEFT_OUT))


def family_record(facts: FamilyFacts) -> dict[str, Any]:
    """Return what was found about the papers as plain data; what does not exist is None."""
    found = facts.comparability
    return {
        "compared": found.n_papers, "cut": found.cut, "marks": found.marks, "cut_ability": _number(found.cut_ability),
        "score_at_cut": _spread(found.score_at_cut), "information_at_cut": _spread(found.information_at_cut),
        "sem_at_cut": _spread(found.sem_at_cut), "own_cut_ability": _spread(found.own), "score_band": _number(found.band),
        "verdicts": {one.rule: _verdicts(one) for one in found.verdicts},
        "exposure": {
            "mean": facts.shown.mean, "least": facts.shown.least, "most": facts.shown.most, "papers": facts.shown.n_papers,
            "every": facts.shown.every,
        },
        "shared": {"mean": _number(facts.shared.mean), "pairs": facts.shared.pairs.tolist()},
        "papers_that_show_95": papers_that_show(facts.shown.share), "eligible": facts.n_eligible,
    }  # fmt: skip


def _verdicts(one: Verdicts) -> dict[str, Any]:
    near = [
        {
            "from_cut": offset, "theta": _number(float(one.theta[k])), "chance_low": _number(float(one.chance.low[k])),
            "chance_mean": _number(float(one.chance.mean[k])), "chance_high": _number(float(one.chance.high[k])),
            "same": _number(float(one.same[k])), "different": _number(float(one.different[k])), "extra": _number(float(one.extra[k])),
        }
        for k, offset in enumerate(OFFSETS)
    ]  # fmt: skip
    overall = {
        "same": _number(one.same_overall), "different": _number(one.different_overall), "extra": _number(one.extra_overall),
        "pass_rate": _spread(one.rate),
    }  # fmt: skip
    return {"near": near, "overall": overall}


def _spread(spread: Spread) -> dict[str, float | None]:
    names = ("least", "low", "median", "high", "most", "mean", "sd")
    return {name: _number(float(getattr(spread, name))) for name in names}


def _number(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
