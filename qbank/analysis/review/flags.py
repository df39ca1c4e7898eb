"""Which items somebody should look at, and why: fixed codes, stated thresholds, no verdict on the item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from qbank.analysis.arrays import FloatArray
from qbank.analysis.intervals import correlation_interval, wilson_interval
from qbank.analysis.review.thresholds import Thresholds

NAN = float("nan")

HOLDS = ("miskey", "negative")
INFORMS = (
    "low_discrimination",
    "too_easy",
    "too_hard",
    "high_omit",
    "not_reached",
    "non_functioning",
    "small_n",
    "suppressed",
    "no_data",
    "constant",
)
CODES = (*HOLDS, *INFORMS)

_SCHEMA = pl.Schema(
    {
        "item": pl.String(), "code": pl.String(), "holds": pl.Boolean(), "option": pl.String(), "value": pl.Float64(),
        "low": pl.Float64(), "high": pl.Float64(), "limit": pl.Float64(),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rule:
    """A statistic of the item table held against a limit; unless : the rule that says more of the same, and goes first."""

    code: str
    value: str
    side: Literal["below", "above"]
    limit: str
    unless: str = ""

    def interval(self) -> tuple[str, str]:
        return f"{self.value}_low", f"{self.value}_high"


RULES = {
    rule.code: rule
    for rule in (
        _Rule("negative", "item_rest", "below", "negative_below"),
        _Rule("low_discrimination", "item_rest", "below", "low_discrimination_below", unless="negative"),
        _Rule("too_easy", "facility", "above", "too_easy_above"),
        _Rule("too_hard", "facility", "below", "too_hard_below"),
        _Rule("high_omit", "omitted", "above", "high_omit_above"),
        _Rule("not_reached", "not_reached", "above", "not_reached_above"),
    )
}


def flag_table(
    items: pl.DataFrame,
    options: pl.DataFrame,
    choice: pl.Series | None = None,
    thresholds: Thresholds | None = None,
    *,
    keys: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return one row a flag, items in their order, the codes of an item in the order of `CODES`.

    items, options : `item_table`, `option_table`; choice : aligned with items, True where options are
    printed ones; keys : `likely_keys` (without it the error of a lead is taken to be √(2/n)).
    item, code, holds (somebody must decide before the item is used again), option (suggested
    key, or the distractor), value (what was found), low, high (its 95 % interval, NaN where it has none), limit (what it was
    held against).

    By persons who saw the item (``thresholds.tiers``): below 10 only ``suppressed``, below 30 only ``small_n``; from 30 to 99
    a flag only where the whole interval lies beyond the limit: Wilson's of a share or facility, Fisher's of a correlation;
    from 100 on where the value does.
    ``miskey``: another option's correlation with the rest score is clearly higher than the key's (by
    ``miskey_certainty``, which knows the number of persons, at every size), above 0 by its own interval, the
    key's is at or below ``miskey_key_at_most``, and enough of the highest third chose that option; or
    nobody chose the key.
    """
    limits = thresholds or Thresholds()
    judged = _with_shares(items.filter(pl.col("n") >= limits.small_below), limits.confidence)
    printed = pl.Series("choice", [True] * items.height) if choice is None else choice.rename("choice")
    choosable = items.select("item").with_columns(printed).filter(pl.col("choice"))["item"].implode()
    chosen = options.join(judged.select("item", "item_rest", n_item="n"), on="item", maintain_order="left")
    frames = [
        _miskeyed(chosen, keys, limits),
        *(_ruled(judged, rule, limits) for rule in RULES.values()),
        _non_functioning(chosen.filter(pl.col("item").is_in(choosable)), limits),
        _counted(items, "small_n", limits.suppress_below, limits.small_below, limits.small_below),
        _counted(items, "suppressed", 1, limits.suppress_below, limits.suppress_below),
        _counted(items, "no_data", 0, 1, 1),
        _flags(judged.filter((pl.col("status") == "constant") & _exists("facility")), "constant", "facility", NAN),
    ]
    order = items.select("item").with_row_index("row")
    rank = pl.col("code").replace_strict(CODES, range(len(CODES)), return_dtype=pl.Int64)
    return (
        pl.concat(frames)
        .join(order, on="item")
        .sort("row", rank, "option", nulls_last=True, maintain_order=True)
        .drop("row")
    )


def _with_shares(items: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Return the item table with the intervals of what was left blank."""
    n = items["n"].cast(pl.Float64).to_numpy()
    found: dict[str, FloatArray] = {}
    for name in ("omitted", "not_reached"):
        low, high = wilson_interval((items[name].cast(pl.Float64).to_numpy() * n).round(), n, confidence=confidence)
        found |= {f"{name}_low": low, f"{name}_high": high}
    return items.with_columns(**{name: pl.Series(values, dtype=pl.Float64) for name, values in found.items()})


def _exists(name: str) -> pl.Expr:
    # In polars NaN compares above every number: a statistic that does not exist breaks no rule.
    return pl.col(name).cast(pl.Float64).is_finite().fill_null(value=False)


def _beyond(rule: _Rule, limits: Thresholds) -> pl.Expr:
    """Return where a rule speaks: by the nearer end of the interval while persons are few, then by the value itself."""
    low, high = rule.interval()
    bound = getattr(limits, rule.limit)
    few = pl.col("n") < limits.tiers.small_below
    if rule.side == "above":
        by_value, by_interval = pl.col(rule.value) > bound, _exists(low) & (pl.col(low) > bound)
    else:
        by_value, by_interval = pl.col(rule.value) < bound, _exists(high) & (pl.col(high) < bound)
    return _exists(rule.value) & pl.when(few).then(by_interval).otherwise(by_value)


def _ruled(items: pl.DataFrame, rule: _Rule, limits: Thresholds) -> pl.DataFrame:
    speaks = _beyond(rule, limits)
    if rule.unless:
        speaks &= ~_beyond(RULES[rule.unless], limits)
    return _flags(items.filter(speaks), rule.code, rule.value, getattr(limits, rule.limit), interval=rule.interval())


def _counted(items: pl.DataFrame, code: str, least: int, below: int, limit: int) -> pl.DataFrame:
    return _flags(items.filter(pl.col("n").is_between(least, below, closed="left")), code, "n", limit)


def _flags(
    found: pl.DataFrame, code: str, value: str, limit: float, *, option: str = "", interval: tuple[str, str] | None = None
) -> pl.DataFrame:
    low, high = (pl.col(name) for name in interval) if interval else (pl.lit(NAN), pl.lit(NAN))
    return found.select(
        pl.col("item"),
        code=pl.lit(code),
        holds=pl.lit(code in HOLDS),
        option=pl.col(option) if option else pl.lit(None, pl.String),
        value=pl.col(value).cast(pl.Float64),
        low=low,
        high=high,
        limit=pl.lit(float(limit)),
    ).cast(_SCHEMA)


def _miskeyed(options: pl.DataFrame, keys: pl.DataFrame | None, limits: Thresholds) -> pl.DataFrame:
    """Return the flag with the strongest rival of the key, at most one an item."""
    known = _keys_of(options, limits.confidence)
    if keys is not None and not keys.is_empty():
        given = keys.filter((pl.col("status") == "ok") & pl.col("item").is_in(known["item"].implode()))
        known = pl.concat([known.filter(~pl.col("item").is_in(keys["item"].implode())), given.select(known.columns)])
    keyed = options.filter(pl.col("role") == "key").group_by("item").agg(n_key=pl.col("n").sum())
    rivals = options.filter(pl.col("role") == "distractor").join(keyed, on="item")
    clear = known.filter(
        (pl.col("r_key").fill_nan(0.0) <= limits.miskey_key_at_most)
        & (pl.col("r_option") >= limits.miskey_option_at_least)
        & pl.col("suggested")
        & (pl.col("lead") >= limits.miskey_margin)
        & (pl.col("certainty") >= limits.miskey_certainty)
        & (pl.col("share_high") >= limits.miskey_top_share)
    )
    leading = rivals.join(clear.select("item", "option"), on=["item", "option"], how="semi")
    unchosen = rivals.filter((pl.col("n_key") == 0) & (pl.col("share_high") >= limits.miskey_majority))
    found = (
        pl.concat([leading, unchosen])
        .with_columns(r=pl.col("rest_correlation").fill_nan(0.0))
        .sort("r", descending=True, maintain_order=True)
        .unique("item", keep="first", maintain_order=True)
    )
    return _flags(
        found, "miskey", "rest_correlation", limits.miskey_key_at_most, option="option", interval=("rest_low", "rest_high")
    )


def _keys_of(options: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Return the columns of `likely_keys` that a flag needs, of the option table alone: the error of a lead is √(2/n)."""
    from scipy.special import ndtr

    r = pl.col("rest_correlation")
    best = options.filter(pl.col("role") == "key").group_by("item", maintain_order=True).agg(r_key=r.fill_nan(None).max())
    others = options.filter(pl.col("role") == "distractor")
    known = (
        others.with_columns(n_others=pl.len().over("item"))
        .filter(r.is_finite() & (pl.col("n") >= 5))
        .sort("rest_correlation", descending=True, maintain_order=True)
        .unique("item", keep="first", maintain_order=True)
        .join(best, on="item", how="inner", maintain_order="left")
        .with_columns(r_key=pl.col("r_key").fill_null(NAN), n=pl.col("n_item").cast(pl.Int64), r_option=r)
        .with_columns(lead=r - pl.col("r_key").fill_nan(0.0))
    )
    z = (known["lead"] / (2 / known["n"].cast(pl.Float64)).sqrt()).to_numpy()
    certainty = pl.Series("certainty", 1 - known["n_others"].cast(pl.Float64).to_numpy() * (1 - ndtr(z)), dtype=pl.Float64)
    low = correlation_interval(*(known[name].cast(pl.Float64).to_numpy() for name in ("r_option", "n")), confidence=confidence)[0]
    known = known.with_columns(certainty, suggested=pl.Series(low > 0, dtype=pl.Boolean))
    return known.select("item", "option", "n", "r_key", "r_option", "lead", "certainty", "share_high", "suggested")


def _non_functioning(options: pl.DataFrame, limits: Thresholds) -> pl.DataFrame:
    few = pl.col("n_item") < limits.tiers.small_below
    share = pl.when(few).then(pl.col("share_ci_high")).otherwise(pl.col("share"))
    found = options.filter((pl.col("role") == "distractor") & (share < limits.non_functioning_below))
    return _flags(
        found, "non_functioning", "share", limits.non_functioning_below, option="option",
        interval=("share_ci_low", "share_ci_high"),
    )  # fmt: skip
