"""What equating the papers of a sitting came to, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from qbank.analysis.compare import Design
from qbank.analysis.equating.loglinear import FIT_SCHEMA
from qbank.analysis.equating.settings import EquatingSettings

Status = Literal["ok", "one_paper", "no_design", "no_data", "few_persons", "few_anchors", "no_variation", "many_papers"]

PAIR_SCHEMA: dict[str, type[pl.DataType]] = {
    "paper": pl.String, "base": pl.String, "status": pl.String, "n": pl.Int64, "n_base": pl.Int64,
    "n_left_out": pl.Int64, "needs": pl.Int64, "method": pl.String, "mean": pl.Float64, "mean_base": pl.Float64,
    "sd": pl.Float64, "sd_base": pl.Float64, "n_common": pl.Int64, "n_anchors": pl.Int64, "needs_anchors": pl.Int64,
    "internal": pl.Boolean, "anchor_difference": pl.Float64, "cut": pl.Float64, "equated_cut": pl.Float64,
    "cut_see": pl.Float64, "cut_mark": pl.Float64, "n_passed": pl.Int64, "n_passed_equated": pl.Int64, "n_up": pl.Int64,
    "n_down": pl.Int64,
}  # fmt: skip
METHOD_SCHEMA: dict[str, type[pl.DataType]] = {
    "paper": pl.String, "method": pl.String, "reported": pl.Boolean, "cut": pl.Float64, "equated_cut": pl.Float64,
    "cut_see": pl.Float64, "cut_mark": pl.Float64, "mean_difference": pl.Float64, "see_source": pl.String,
}  # fmt: skip
CONCORDANCE_SCHEMA: dict[str, type[pl.DataType]] = {
    "paper": pl.String, "method": pl.String, "reported": pl.Boolean, "score": pl.Float64, "n": pl.Int64,
    "equated": pl.Float64, "see": pl.Float64, "difference": pl.Float64,
}  # fmt: skip
FLIP_SCHEMA: dict[str, type[pl.DataType]] = {
    "paper": pl.String, "row": pl.Int64, "total": pl.Float64, "equated": pl.Float64, "passed": pl.Boolean,
    "passes_equated": pl.Boolean,
}  # fmt: skip
MODEL_SCHEMA: dict[str, type[pl.DataType]] = {"paper": pl.String, "side": pl.String, "chosen": pl.Boolean, **FIT_SCHEMA}


@dataclass(frozen=True, slots=True, eq=False)
class EquatingAnalysis:
    """Everything about the equating of one sitting's papers to its base paper.

    status : ``ok`` (each pair has its own), ``one_paper``, ``no_design`` (papers neither given at random nor sharing
    items: refused), ``no_data``, ``many_papers`` (forms are pooled: a family gives each its own cut)
    pairs : one row a paper: status, n, needs (persons or, few_anchors, needs_anchors common items), the method reported,
    the cut of the base paper, equated_cut (the mark of this paper that equals it), cut_see, cut_mark (the lowest mark of
    this paper that passes), passes before and after, n_up and n_down who flip
    methods : the equated cut by every method ; concordance : every score by every method, with its standard error
    anchors : see `find_anchor` ; fits : log-linear models with the one chosen ; flips : persons whose decision changes,
    row as in the arrays given
    """

    status: Status
    design: Design
    base: str
    settings: EquatingSettings
    pairs: pl.DataFrame
    methods: pl.DataFrame
    concordance: pl.DataFrame
    anchors: pl.DataFrame
    fits: pl.DataFrame
    flips: pl.DataFrame
