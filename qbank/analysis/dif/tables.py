"""The columns of the tables of a DIF analysis, in their order."""

from __future__ import annotations

import polars as pl

_NUMBERS = (
    "facility_reference", "facility_focal", "delta", "delta_se", "delta_low", "delta_high", "odds_ratio", "log_odds", "log_odds_se",
    "chi2", "p", "p_bh", "p_holm", "chi2_uncorrected", "p_uncorrected", "p_exact",
    "p_dif", "p_dif_low", "p_dif_high", "smd_effect",
    "breslow_day", "breslow_day_df", "breslow_day_p", "breslow_day_trend", "breslow_day_trend_p",
    "lr_uniform", "p_uniform", "lr_nonuniform", "p_nonuniform", "lr_both", "p_both", "r2_uniform", "r2_nonuniform", "r2_both",
    "sibtest", "sibtest_se", "sibtest_p", "crossing", "crossing_chi2", "crossing_df", "crossing_p",
    "delta_plot", "detectable",
)  # fmt: skip
_WORDS = ("ets", "simple", "favours", "kind", "standardised", "zumbo", "jodoin")

ITEMS = pl.Schema({
    "item": pl.String(), "group": pl.String(), "n_reference": pl.Int64(), "n_focal": pl.Int64(), "dichotomous": pl.Boolean(),
    "anchor": pl.Boolean(), "held": pl.Boolean(), "status": pl.String(),
    **{name: pl.String() for name in _WORDS}, **{name: pl.Float64() for name in _NUMBERS},
})  # fmt: skip

OMNIBUS = pl.Schema({
    "item": pl.String(), "n": pl.Int64(), "n_groups": pl.Int64(), "status": pl.String(),
    **{name: pl.Float64() for name in (
        "gmh", "gmh_df", "gmh_p", "gmh_p_bh", "gmh_p_holm", "lr_uniform", "p_uniform", "lr_nonuniform", "p_nonuniform", "lr_both", "p_both",
        "r2_both",
    )},
    "zumbo": pl.String(), "jodoin": pl.String(),
})  # fmt: skip

GROUPS = pl.Schema({
    "group": pl.String(), "role": pl.String(), "n": pl.Int64(), "mean": pl.Float64(), "needs": pl.Int64(),
})  # fmt: skip

PURIFICATION = pl.Schema({
    "group": pl.String(), "status": pl.String(), "steps": pl.Int64(), "n_anchors": pl.Int64(), "n_removed": pl.Int64(),
    "removed": pl.List(pl.String()), "merged": pl.Boolean(), "alone": pl.Float64(),
})  # fmt: skip
