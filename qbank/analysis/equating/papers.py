"""Equating the papers of a sitting: by its declared design, with the method that its size allows."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from qbank.analysis.compare import Design
from qbank.analysis.equating.anchors import ANCHOR_SCHEMA
from qbank.analysis.equating.outcome import (
    CONCORDANCE_SCHEMA,
    FLIP_SCHEMA,
    METHOD_SCHEMA,
    MODEL_SCHEMA,
    PAIR_SCHEMA,
    EquatingAnalysis,
    Status,
)
from qbank.analysis.equating.pair import EquatedPaper, equate_pair
from qbank.analysis.equating.settings import EquatingSettings
from qbank.analysis.paper_model import Source
from qbank.analysis.sitting import SittingData


def equate_papers(
    data: SittingData,
    design: Design,
    *,
    settings: EquatingSettings | None = None,
    parameters: Source = None,
) -> EquatingAnalysis:
    """Return the papers of a sitting equated to the base paper.

    design : ``spiralled``: groups equivalent; ``anchor``: through common items; ``none``: refused, since a difference of
    groups cannot be told from one of papers (groups .3 SD apart would pass for 3 marks of difficulty)
    parameters : of the items on one scale, bare or with marks and population (`CalibratedItems`; bare ones have N(0, 1));
        adds IRT true- and observed-score equating where every counted item of both papers has some
    Cost: a second for a few papers of 100 marks; `settings.n_reps` bootstrap replications add tenths of a second.

    >>> from qbank.analysis.sitting import sitting_data
    >>> marks = np.array([[1, 1, np.nan, np.nan], [0, 1, np.nan, np.nan], [np.nan, np.nan, 1, 0]] * 60)
    >>> data = sitting_data("abcd", marks, 1.0, form=[0, 0, 1] * 60, forms=("A", "B"), cut=1.5)
    >>> equate_papers(data, "none").status
    'no_design'
    >>> equate_papers(data, "spiralled").pairs.select("paper", "n", "status", "needs").rows()
    [('B', 60, 'few_persons', 100)]
    """
    chosen = settings or EquatingSettings()
    sizes = np.bincount(data.form, minlength=data.n_forms)
    base = _base(data, sizes, chosen)
    name = data.forms[base] if data.n_forms else ""
    if data.pooled:
        return _collected("many_papers", design, name, chosen, [])
    if data.n_forms < 2:
        return _collected("one_paper", design, name, chosen, [])
    if not (sizes > 0).any():
        return _collected("no_data", design, name, chosen, [])
    if design == "none":
        return _collected("no_design", design, name, chosen, [])
    others = [form for form in range(data.n_forms) if form != base]
    return _collected("ok", design, name, chosen, [equate_pair(data, form, base, design, chosen, parameters) for form in others])


def _base(data: SittingData, sizes: Any, settings: EquatingSettings) -> int:
    if settings.base is not None:
        if settings.base not in data.forms:
            raise ValueError(f"no paper {settings.base!r} (papers: {', '.join(data.forms)})")
        return data.forms.index(settings.base)
    return int(np.argmax(sizes > 0)) if len(sizes) else 0


def _collected(status: Status, design: Design, base: str, settings: EquatingSettings, found: list[EquatedPaper]) -> EquatingAnalysis:
    def rows(name: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
        every = [row for one in found for row in getattr(one, name)]
        return pl.DataFrame(every, schema=schema, orient="row")

    def tables(name: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
        every: list[pl.DataFrame] = [pl.DataFrame(schema=schema), *(getattr(one, name) for one in found)]
        return pl.concat(every)

    pairs = pl.DataFrame([one.pair for one in found], schema=PAIR_SCHEMA, orient="row")
    return EquatingAnalysis(
        status, design, base, settings, pairs, rows("methods", METHOD_SCHEMA), rows("concordance", CONCORDANCE_SCHEMA),
        tables("anchors", ANCHOR_SCHEMA), tables("fits", MODEL_SCHEMA), rows("flips", FLIP_SCHEMA),
    )  # fmt: skip
