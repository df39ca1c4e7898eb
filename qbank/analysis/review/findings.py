"""What every topic of an analysis found about the items, in one table; and the items, worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from qbank.analysis.review.causes import CAUSES, WEIGHTS, suspected_cause, weight_of

if TYPE_CHECKING:
    from qbank.analysis.analyse import SittingAnalysis

NAN = float("nan")
FINDINGS = pl.Schema(
    {
        "item": pl.String(), "code": pl.String(), "holds": pl.Boolean(), "option": pl.String(), "about": pl.String(),
        "n": pl.Int64(), "value": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(), "limit": pl.Float64(),
        "weight": pl.Float64(), "cause": pl.String(), "action": pl.String(),
    }
)  # fmt: skip
REVIEW = pl.Schema(
    {
        "item": pl.String(), "weight": pl.Float64(), "holds": pl.Boolean(), "codes": pl.List(pl.String()), "cause": pl.String(),
        "action": pl.String(), "named": pl.String(),
    }
)  # fmt: skip
_BASE = ("item", "code", "holds", "option", "about", "n", "value", "low", "high", "limit")
LIMIT_B, LIMIT_C = 1.0, 1.5


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag that does not come of the analysis: of a calibration, or of the item's history.

    code : drift, easier, leak, trend ; holds : whether it asks for a decision ; value, low, high, limit : what was found,
    with its interval, and against what ; n : persons ; about : sites, or a sitting
    """

    item: str
    code: str
    holds: bool = False
    value: float = NAN
    low: float = NAN
    high: float = NAN
    limit: float = NAN
    n: int = 0
    about: str = ""


def findings_table(analysis: SittingAnalysis, raised: Sequence[Raised] = ()) -> pl.DataFrame:
    """Return one row a finding, from every topic that ran; items in their order, the gravest finding of an item first.

    item, code, holds (somebody must decide before the item is used again), option (suggested key or second key, distractor),
    about (``column=group`` of DIF, the other item of a pair, the sites of a leak), n (persons), value, low, high (95 %
    interval, NaN where there is none), limit (what the value was held against), weight (`weight_of`), cause, action
    (of this finding by itself, `CAUSES`).

    code: those of `flag_table`, and
    ``two_keys``: an option goes with the rest score (its interval above 0), as does the key, and of the highest third it drew
    ``two_keys_of_key`` of what the key drew; ``dif_b``, ``dif_c``: the ETS class, Δ and the group; ``dependent``: the pair is
    suggested as enemies, Q3 less the mean of all pairs; ``misfit``: the share found in ``misfit_groups`` groups of ability is
    more than ``misfit_beyond`` standard errors off the model curve, the largest of them; those of ``raised``.
    """
    order = {str(item): n for n, item in enumerate(analysis.items["item"])}
    n_of = dict(analysis.items.select("item", "n").iter_rows())
    frames = [_flags(analysis), _two_keys(analysis), _dif(analysis), _dependent(analysis), _misfit(analysis)]
    rows = [row for frame in frames for row in frame.select(_BASE).iter_rows()]
    rows += [
        (each.item, each.code, each.holds, None, each.about or None, each.n or int(n_of[each.item]), each.value, each.low, each.high, each.limit)
        for each in raised
        if each.item in order and each.code in WEIGHTS
    ]
    whole = [(*row, weight_of(row[1], _number(row[6]), _number(row[9])), *_cause(row[1])) for row in rows]
    whole.sort(key=lambda row: (order[row[0]], -row[10], row[1], row[3] or "", row[4] or ""))
    return pl.DataFrame(whole, schema=FINDINGS, orient="row")


def review_table(findings: pl.DataFrame) -> pl.DataFrame:
    """Return one row an item with anything to decide, the worst first.

    item, weight (of its gravest finding, and a hundredth of the others), holds, codes (gravest first), cause, action (of all
    its findings together, `suspected_cause`), named (the key or the other item of the action, "" where it names nothing).
    What only says that persons are few is nothing to decide.
    """
    rows = []
    for (item,), part in findings.filter(pl.col("weight") > 0).group_by("item", maintain_order=True):
        weights = part["weight"].sort(descending=True)
        codes = part["code"].unique(maintain_order=True).to_list()
        found = suspected_cause(codes)
        first = part.filter(pl.col("code") == found.names)
        named = first["about" if found.names == "dependent" else "option"][0] if first.height else ""
        weight = float(weights[0]) + float(weights[1:].sum()) / 100
        rows.append((item, weight, bool(part["holds"].any()), codes, found.cause, found.action, named or ""))
    rows.sort(key=lambda row: (not row[2], -row[1]))
    return pl.DataFrame(rows, schema=REVIEW, orient="row")


def _number(value: float | None) -> float:
    return NAN if value is None else float(value)


def _cause(code: str) -> tuple[str, str]:
    found = next(row for row in CAUSES if row.codes == (code,))
    return found.cause, found.action


def _flags(analysis: SittingAnalysis) -> pl.DataFrame:
    persons = analysis.items.select("item", "n")
    return analysis.flags.join(persons, on="item", maintain_order="left").with_columns(about=pl.lit(None, pl.String))


def _two_keys(analysis: SittingAnalysis) -> pl.DataFrame:
    limits = analysis.thresholds
    persons = analysis.items.select("item", n_item="n")
    keyed = analysis.options.filter(pl.col("role") == "key").group_by("item", maintain_order=True)
    key = keyed.agg(key_high=pl.col("share_high").max(), r_key=pl.col("rest_correlation").fill_nan(None).max())
    miskeyed = analysis.flags.filter(pl.col("code") == "miskey").select("item")
    both = (
        analysis.options.filter(pl.col("role") == "distractor")
        .join(key, on="item", maintain_order="left")
        .join(persons, on="item", maintain_order="left")
        .join(miskeyed, on="item", how="anti", maintain_order="left")
        .with_columns(limit=limits.two_keys_of_key * pl.col("key_high"))
    )
    found = both.filter(
        (pl.col("n_item") >= limits.small_below)
        & pl.col("rest_low").is_finite()
        & (pl.col("rest_low") > 0)
        & (pl.col("r_key") > 0)
        & (pl.col("share_high") >= pl.col("limit"))
        & (pl.col("share_high") >= limits.two_keys_top_share)
    )
    return found.select(
        "item", "option", "limit", code=pl.lit("two_keys"), holds=pl.lit(value=False), about=pl.lit(None, pl.String), n="n_item",
        value="share_high", low=pl.lit(NAN), high=pl.lit(NAN),
    )  # fmt: skip


def _dif(analysis: SittingAnalysis) -> pl.DataFrame:
    frames = []
    for one in analysis.dif:
        found = one.items.filter(pl.col("ets").is_in(["B", "C"]))
        frames.append(
            found.select(
                "item", code=pl.lit("dif_") + pl.col("ets").str.to_lowercase(), holds=pl.lit(value=False),
                option=pl.lit(None, pl.String), about=pl.lit(f"{one.column}=") + pl.col("group"),
                n=pl.col("n_reference") + pl.col("n_focal"), value="delta", low="delta_low", high="delta_high",
                limit=pl.when(pl.col("ets") == "C").then(LIMIT_C).otherwise(LIMIT_B) * pl.col("delta").sign(),
            )
        )  # fmt: skip
    return pl.concat([_nothing(), *(frame.select(_BASE).cast(_nothing().schema) for frame in frames)])


def _dependent(analysis: SittingAnalysis) -> pl.DataFrame:
    if analysis.dimension is None:
        return _nothing()
    pairs = analysis.dimension.pairs.filter(pl.col("enemy"))
    best = pairs.sort("aq3", descending=True, maintain_order=True).unique(["item", "other"], keep="first", maintain_order=True)
    return best.select(
        "item", "n", code=pl.lit("dependent"), holds=pl.lit(value=False), option=pl.lit(None, pl.String), about="other",
        value="aq3", low=pl.lit(NAN), high=pl.lit(NAN), limit=pl.lit(analysis.thresholds.dependent_above),
    )  # fmt: skip


def _misfit(analysis: SittingAnalysis) -> pl.DataFrame:
    if analysis.curves is None:
        return _nothing()
    limits = analysis.thresholds
    residual = pl.col("residual")
    off = analysis.curves.filter(residual.is_finite() & (residual.abs() > limits.misfit_beyond))
    worst = off.group_by("item", maintain_order=True).agg(n_off=pl.len(), value=residual.sort_by(residual.abs()).last())
    found = worst.filter(pl.col("n_off") >= limits.misfit_groups).join(analysis.items.select("item", "n"), on="item")
    return found.select(
        "item", "n", "value", code=pl.lit("misfit"), holds=pl.lit(value=False), option=pl.lit(None, pl.String),
        about=pl.col("n_off").cast(pl.String), low=pl.lit(NAN), high=pl.lit(NAN),
        limit=limits.misfit_beyond * pl.col("value").sign(),
    )  # fmt: skip


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={name: FINDINGS[name] for name in _BASE})
