"""The chance of the right decision at every true score: near one far from the cut, a half at it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qbank.messages import Language, text
from qbank.report import figures
from qbank.report.blocks import Figure

MOST_FORMS = 6


def curve_figure(curves: pl.DataFrame, forms: list[str], cuts: Sequence[float], language: Language) -> Figure:
    """Return the probability of the right decision over the true score, a line a paper; of one paper also of passing."""

    def words(name: str, **fields: object) -> str:
        return text(language, f"report_decision_accuracy.{name}", **fields)

    drawn = forms[:MOST_FORMS]
    if len(drawn) == 1:
        own = curves.filter(form=drawn[0])
        series = [words("curve_accuracy"), words("curve_passing")]
        points = [
            {"form": name, "score": score, "share": share}
            for name, column in zip(series, ("accuracy", "passing"), strict=True)
            for score, share in own.select("score", column).iter_rows()
        ]
    else:
        series = drawn
        points = (
            curves.filter(pl.col("form").is_in(drawn)).select("form", "score", share=pl.col("accuracy")).to_dicts()
        )
    full = float(curves.select(pl.col("score").max()).item() or 1.0)
    spec = figures.curves(
        points,
        [
            {"cut": cut, "label": text(language, "report.cut_label", cut=f"{cut:g}")}
            for cut in dict.fromkeys(cuts)
            if 0 <= cut <= full
        ],
        forms=series,
        domain=(0.0, full),
        score_title=words("axis_true"),
        share_title=words("axis_probability"),
        step=False,
    )
    return Figure("decision_curve", words("figure"), words("alt", forms=", ".join(series)), spec, figures.WIDE_MARGIN)
