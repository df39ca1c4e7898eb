"""What the paper drawn does to who passes: in sentences, and by each way to give verdicts."""

from __future__ import annotations

import math

from qbank.assemble.family.comparability import OFFSETS, Verdicts
from qbank.report.blocks import Block, Cell, Table, Text, shown
from qbank.report.family.facts import Told
from qbank.report.papers.words import marks
from qbank.report.sitting.words import columns_of

NOTHING = 5e-4
"""Share of the population below which it makes no difference which paper is drawn."""


def verdict_blocks(told: Told) -> tuple[Block, ...]:
    """Return one sentence a figure for the raw cut, what equated marks and abilities leave of it, and both tables."""
    t, found = told.t, told.facts.comparability
    raw = found.verdict("raw")
    middle = OFFSETS.index(0.0)
    said: list[Block] = [
        Text(t("overall_raw", extra=_per(raw.extra_overall), same=_per(raw.same_overall), cut=marks(found.cut))),
        Text(t("rates_raw", low=shown(float(raw.rate.low), "percent", 1), high=shown(float(raw.rate.high), "percent", 1), mean=shown(float(raw.rate.mean), "percent", 1))),
    ]
    if math.isfinite(float(raw.chance.mean[middle])):
        said.insert(0, Text(t(
            "borderline", low=shown(float(raw.chance.low[middle]), "percent", 0), high=shown(float(raw.chance.high[middle]), "percent", 0),
            same=_per(float(raw.same[middle])), extra=_per(float(raw.extra[middle])),
        )))  # fmt: skip
    equated, ability = found.verdict("equated"), found.verdict("ability")
    if math.isfinite(equated.extra_overall):
        said.append(Text(t("left", equated=_per(equated.extra_overall), ability=_per(ability.extra_overall), raw=_per(raw.extra_overall))))
        worse = raw.extra_overall > max(1.2 * min(equated.extra_overall, ability.extra_overall), NOTHING)
        said.append(Text(t("advice" if worse else "advice_none"), "note"))
    return (*said, overall_table(told), near_table(told), Text(t("note_verdicts"), "definition"))


def _per(share: float) -> str:
    """Return a share as persons out of 1,000.

    >>> _per(0.0123), _per(0.0004), _per(0.0), _per(0.00001)
    ('12.3', '0.4', '0.0', '< 0.1')
    """
    of_thousand = 1000 * share
    if not math.isfinite(of_thousand):
        return "–"
    return "< 0.1" if 0 < of_thousand < 0.05 and of_thousand > 1e-6 else f"{max(of_thousand, 0.0):.1f}"


def overall_table(told: Told) -> Table:
    """Return the population: pass rates over papers, and verdicts that differ on the same and on another paper."""
    t = told.t
    columns = columns_of(
        t, ("verdict_by", "prose", 0), ("rate_low", "percent", 1), ("rate_mean", "percent", 1), ("rate_high", "percent", 1),
        ("same", "percent", 2), ("different", "percent", 2), ("extra", "percent", 3),
    )  # fmt: skip
    rows = tuple(
        (
            t(f"rule_{one.rule}"), float(one.rate.low), float(one.rate.mean), float(one.rate.high), one.same_overall,
            one.different_overall, one.extra_overall,
        )
        for one in told.facts.comparability.verdicts
    )  # fmt: skip
    return Table("overall", t("table_overall"), columns, rows, (t("note_overall"),))


def near_table(told: Told) -> Table:
    """Return the same near the cut, a row an ability."""
    t = told.t
    columns = columns_of(
        t, ("verdict_by", "prose", 0), ("from_cut", "signed", 2), ("theta", "signed", 2), ("chance_low", "percent", 1),
        ("chance_mean", "percent", 1), ("chance_high", "percent", 1), ("same", "percent", 1), ("different", "percent", 1),
        ("extra", "percent", 2),
    )  # fmt: skip
    rows = tuple(row for one in told.facts.comparability.verdicts for row in _near(told, one))
    return Table("near", t("table_near"), columns, rows, (t("note_near"),))


def _near(told: Told, one: Verdicts) -> list[tuple[Cell, ...]]:
    return [
        (
            told.t(f"rule_{one.rule}"), offset, float(one.theta[k]), float(one.chance.low[k]), float(one.chance.mean[k]),
            float(one.chance.high[k]), float(one.same[k]), float(one.different[k]), float(one.extra[k]),
        )
        for k, offset in enumerate(OFFSETS)
    ]  # fmt: skip
