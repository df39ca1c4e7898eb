"""How far the papers' curves lie apart, over ability and at the cut."""

from __future__ import annotations

import numpy as np

from qbank.assemble.family.comparability import Spread
from qbank.assemble.item_parameters import Array
from qbank.report import figures
from qbank.report.blocks import Block, Cell, Column, Figure, Table, Text, shown
from qbank.report.family.facts import Told
from qbank.report.papers.curve_figure import CURVE_MARGIN, Band, Cut, Line, curve_figure
from qbank.report.papers.words import marks
from qbank.report.sitting.words import columns_of

FIGURE_REACH = 3.5
"""Standard deviations that figures show to either side of the mean."""
BINS = 24
NAMES = ("least", "low", "median", "high", "most", "sd")


def curve_blocks(told: Told) -> tuple[Block, ...]:
    """Return the table of the cut, the bands over ability and the histogram of expected scores."""
    t, found = told.t, told.facts.comparability
    lead = Text(t("curves_lead", n=f"{found.n_papers:,}"))
    if not np.isfinite(found.cut_ability):
        lead = Text(t("cut_never", cut=marks(found.cut)), "warning")
    drawn = (
        _band(told, "expected_score", found.score, (0.0, found.marks), found.cut),
        _difference(told),
        _band(told, "information", found.information),
        _band(told, "sem", found.sem),
    )
    histogram = (_histogram(told),) if np.isfinite(found.scores_at_cut).all() else ()
    part = found.n_papers < told.facts.papers
    note = (Text(t("note_sample", n=f"{found.n_papers:,}"), "definition"),) if part else ()
    return (lead, at_cut_table(told), *drawn, *histogram, *note)


def at_cut_table(told: Told) -> Table:
    """Return how expected score, information, standard error and the ability of the cut spread over papers."""
    t, found = told.t, told.facts.comparability
    measures = (
        ("score", found.score_at_cut), ("information", found.information_at_cut), ("sem", found.sem_at_cut), ("own", found.own),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (t(f"measure_{name}"), *(float(getattr(spread, each)) for each in NAMES)) for name, spread in measures
    ]
    columns = columns_of(t, ("measure", "text", 0), *((name, "number", 3 if name == "sd" else 2) for name in NAMES))
    return Table("at_cut", t("table_at_cut", theta=shown(found.cut_ability, "signed", 2)), columns, tuple(rows), (t("note_at_cut"),))


def curve_table(told: Told) -> Table:
    """Return the bands as numbers at every ability: for data files."""
    t, found = told.t, told.facts.comparability
    spreads = {"expected_score": found.score, "information": found.information, "sem": found.sem}
    columns = (
        *columns_of(t, ("theta", "number", 3), ("persons", "percent", 3)),
        *(
            Column(f"{what}_{name}", f"{t(f'figure_{what}')}: {t(f'col_{name}')}", "number", 4)
            for what in spreads for name in NAMES
        ),
    )  # fmt: skip
    rows = tuple(
        (
            float(found.theta[k]), float(found.weights[k]),
            *(float(getattr(spread, each)[k]) for spread in spreads.values() for each in NAMES),
        )
        for k in range(found.theta.size)
    )  # fmt: skip
    return Table("curves", t("table_curves"), columns, rows)


def _nodes(told: Told) -> np.ndarray:
    """Return the nodes that figures show: every second one."""
    found = told.facts.comparability
    middle = float(found.weights @ found.theta)
    sd = float(np.sqrt(found.weights @ (found.theta - middle) ** 2))
    return np.flatnonzero(np.abs(found.theta - middle) <= FIGURE_REACH * sd + 1e-9)[::2]


def _plain(values: Array, nodes: np.ndarray) -> list[float]:
    return [round(float(value), 5) for value in values[nodes]]


def _band(told: Told, name: str, spread: Spread, domain: tuple[float, float] | None = None, value: float | None = None) -> Figure:
    lines = [Line(told.t("mean"), _plain(spread.mean, _nodes(told)))]
    return _figure(told, name, spread.least, spread.most, lines, domain, value)


def _difference(told: Told) -> Figure:
    spread = told.facts.comparability.score
    low, high = spread.least - spread.mean, spread.most - spread.mean
    nodes = _nodes(told)
    lines = [
        Line(told.t("percentile", n=99), _plain(spread.high - spread.mean, nodes)),
        Line(told.t("percentile", n=1), _plain(spread.low - spread.mean, nodes)),
    ]
    top = max(0.5, float(np.ceil(2.2 * max(-low.min(), high.max())) / 2))
    return _figure(told, "difference", low, high, lines, (-top, top), zero_line=True)


def _figure(
    told: Told, name: str, low: Array, high: Array, lines: list[Line], domain: tuple[float, float] | None = None,
    value: float | None = None, *, zero_line: bool = False,
) -> Figure:  # fmt: skip
    t, found = told.t, told.facts.comparability
    nodes = _nodes(told)
    theta = _plain(found.theta, nodes)
    cut = None
    if np.isfinite(found.cut_ability) and theta[0] <= found.cut_ability <= theta[-1]:
        label = t("cut_label", cut=marks(found.cut), theta=shown(found.cut_ability, "signed", 2))
        cut = Cut(found.cut_ability, label, value)
    band = Band(t("range", n=f"{found.n_papers:,}"), _plain(low, nodes), _plain(high, nodes))
    spec = curve_figure(
        theta, lines, bands=[band], cut=cut, x_title=t("axis_theta"), y_title=t(f"axis_{name}"), y_domain=domain, zero_line=zero_line
    )
    widest = float((high - low)[nodes].max())
    alt = t(f"alt_{name}", n=f"{found.n_papers:,}", widest=shown(widest, "number", 2))
    return Figure(name, t(f"figure_{name}"), alt, spec, CURVE_MARGIN)


def _histogram(told: Told) -> Figure:
    """Return how many papers have which expected score at the cut."""
    t, found = told.t, told.facts.comparability
    values = found.scores_at_cut
    low, high = float(values.min()), float(values.max())
    wide = max(high - low, 0.1)
    edges = np.linspace((low + high - wide) / 2, (low + high + wide) / 2, BINS + 1)
    counts = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0]
    bins = [
        {"low": round(float(edges[k]), 4), "high": round(float(edges[k + 1]), 4), "n": int(counts[k])} for k in range(BINS)
    ]
    cut = [{"cut": round(found.cut, 4), "label": t("cut_short", cut=marks(found.cut))}] if edges[0] <= found.cut <= edges[-1] else []
    spec = figures.histogram(
        bins, cut, domain=(float(edges[0]), float(edges[-1])), score_title=t("axis_score_at_cut"), count_title=t("axis_papers")
    )
    alt = t("alt_histogram", low=shown(low, "number", 2), high=shown(high, "number", 2), n=f"{found.n_papers:,}")
    return Figure("score_at_cut", t("figure_histogram"), alt, spec, figures.WIDE_MARGIN)
