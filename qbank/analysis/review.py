"""Which items somebody should look at, and why: fixed codes, stated thresholds, no verdict on the item."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from qbank.analysis.tiers import Tiers

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The limits of every flag and of every table; a report prints them.

    tiers : how many persons each part needs: below ``suppress_below`` no statistics are shown, below ``small_below``
        they are marked as uncertain
    miskey_key_at_most, miskey_option_at_least, miskey_margin : correlations with the rest score
    miskey_errors : the option must also lead the key by so many standard errors, √(2/n) each
    miskey_top_share : share of the highest third that must have chosen the option
    miskey_majority : from this share of the highest third on, the lead in standard errors is not asked for
        (given ``small_below`` persons)
    """

    miskey_key_at_most: float = 0.05
    miskey_option_at_least: float = 0.10
    miskey_margin: float = 0.15
    miskey_errors: float = 2.5
    miskey_top_share: float = 0.25
    miskey_majority: float = 0.50
    negative_below: float = 0.0
    low_discrimination_below: float = 0.15
    too_easy_above: float = 0.95
    too_hard_below: float = 0.20
    non_functioning_below: float = 0.02
    high_omit_above: float = 0.05
    not_reached_above: float = 0.05
    tiers: Tiers = field(default_factory=Tiers)

    @property
    def suppress_below(self) -> int:
        return self.tiers.marks_only_below

    @property
    def small_below(self) -> int:
        return self.tiers.options_only_below

    def limits(self) -> dict[str, float]:
        """Return every number by its name, those of the tiers first.

        >>> list(Thresholds().limits())[:2]
        ['marks_only_below', 'options_only_below']
        """
        return {
            name: float(getattr(holder, name))
            for holder in (self.tiers, self)
            for name in type(holder).__annotations__
            if name != "tiers"
        }


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

_SCHEMA: dict[str, pl.DataType] = {
    "item": pl.String(),
    "code": pl.String(),
    "holds": pl.Boolean(),
    "option": pl.String(),
    "value": pl.Float64(),
    "limit": pl.Float64(),
}


def flag_table(
    items: pl.DataFrame,
    options: pl.DataFrame,
    choice: pl.Series | None = None,
    thresholds: Thresholds | None = None,
) -> pl.DataFrame:
    """Return one row a flag, items in their order, the codes of an item in the order of `CODES`.

    items, options : `item_table`, `option_table`; choice : aligned with items, True where options are
    printed ones item, code, holds (somebody must decide before the item is used again), option (suggested
    key, or the distractor), value (what was found), limit (what it was held against).

    ``miskey``: another option's correlation with the rest score is clearly higher than the key's, the
    key's is at or below ``miskey_key_at_most``, and enough of the highest third chose that option; or
    nobody chose the key. An item without enough persons gets ``suppressed`` and no other flag.
    """
    limits = thresholds or Thresholds()
    shown = items.filter(pl.col("n") >= limits.suppress_below)
    printed = pl.Series("choice", [True] * items.height) if choice is None else choice.rename("choice")
    choosable = items.select("item").with_columns(printed).filter(pl.col("choice"))["item"].implode()
    chosen = options.join(shown.select("item", "item_rest", n_item="n"), on="item", maintain_order="left")
    frames = [
        _miskeyed(chosen, limits),
        _rule(
            shown, "negative", pl.col("item_rest") < limits.negative_below, "item_rest", limits.negative_below
        ),
        _rule(
            shown,
            "low_discrimination",
            pl.col("item_rest").is_between(
                limits.negative_below, limits.low_discrimination_below, closed="left"
            ),
            "item_rest",
            limits.low_discrimination_below,
        ),
        _rule(
            shown, "too_easy", pl.col("facility") > limits.too_easy_above, "facility", limits.too_easy_above
        ),
        _rule(
            shown, "too_hard", pl.col("facility") < limits.too_hard_below, "facility", limits.too_hard_below
        ),
        _rule(
            shown, "high_omit", pl.col("omitted") > limits.high_omit_above, "omitted", limits.high_omit_above
        ),
        _rule(
            shown,
            "not_reached",
            pl.col("not_reached") > limits.not_reached_above,
            "not_reached",
            limits.not_reached_above,
        ),
        _non_functioning(chosen.filter(pl.col("item").is_in(choosable)), limits),
        _rule(shown, "small_n", pl.col("n") < limits.small_below, "n", limits.small_below),
        _rule(
            items,
            "suppressed",
            pl.col("n").is_between(1, limits.suppress_below, closed="left"),
            "n",
            limits.suppress_below,
        ),
        _rule(items, "no_data", pl.col("n") == 0, "n", 1),
        _rule(shown, "constant", pl.col("status") == "constant", "facility", NAN),
    ]
    order = items.select("item").with_row_index("row")
    rank = pl.col("code").replace_strict(CODES, range(len(CODES)), return_dtype=pl.Int64)
    return (
        pl.concat(frames)
        .join(order, on="item")
        .sort("row", rank, "option", nulls_last=True, maintain_order=True)
        .drop("row")
    )


def _rule(table: pl.DataFrame, code: str, condition: pl.Expr, value: str, limit: float) -> pl.DataFrame:
    # In polars NaN compares above every number: a statistic that does not exist breaks no rule.
    exists = pl.col(value).cast(pl.Float64).is_finite()
    found = table.filter(condition & exists)
    return _flags(found, code, pl.lit(None, pl.String), pl.col(value), limit)


def _flags(found: pl.DataFrame, code: str, option: pl.Expr, value: pl.Expr, limit: float) -> pl.DataFrame:
    return found.select(
        pl.col("item"),
        code=pl.lit(code),
        holds=pl.lit(code in HOLDS),
        option=option,
        value=value.cast(pl.Float64),
        limit=pl.lit(float(limit)),
    ).cast(pl.Schema(_SCHEMA))


def _miskeyed(options: pl.DataFrame, limits: Thresholds) -> pl.DataFrame:
    """Return the flag with the strongest rival of the key, at most one an item."""
    keyed = options.filter(pl.col("role") == "key").group_by("item").agg(n_key=pl.col("n").sum())
    rivals = options.filter(pl.col("role") == "distractor").join(keyed, on="item")
    r_key = pl.col("item_rest").fill_nan(0.0)
    r_rival = pl.col("rest_correlation").fill_nan(0.0)
    lead = r_rival - r_key
    majority = pl.col("share_high") >= limits.miskey_majority
    certain = lead >= limits.miskey_errors * (2 / pl.col("n_item").cast(pl.Float64)).sqrt()
    clearly_better = (
        (r_key <= limits.miskey_key_at_most)
        & (r_rival >= limits.miskey_option_at_least)
        & (lead >= limits.miskey_margin)
        & (pl.col("share_high") >= limits.miskey_top_share)
        & (certain | (majority & (pl.col("n_item") >= limits.small_below)))
    )
    nobody_chose_key = (pl.col("n_key") == 0) & majority
    found = (
        rivals.filter(clearly_better | nobody_chose_key)
        .with_columns(r_rival=r_rival)
        .sort("r_rival", descending=True, maintain_order=True)
        .unique("item", keep="first", maintain_order=True)
    )
    return _flags(found, "miskey", pl.col("option"), pl.col("rest_correlation"), limits.miskey_key_at_most)


def _non_functioning(options: pl.DataFrame, limits: Thresholds) -> pl.DataFrame:
    enough = pl.col("n_item") >= limits.small_below
    unused = (pl.col("role") == "distractor") & (pl.col("share") < limits.non_functioning_below)
    found = options.filter(enough & unused)
    return _flags(found, "non_functioning", pl.col("option"), pl.col("share"), limits.non_functioning_below)
