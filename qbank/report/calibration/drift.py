"""Which anchors are no longer what they were: the list and the plot."""

from __future__ import annotations

import numpy as np

from qbank.irt import Drift
from qbank.report.blocks import MISSING, Badge, Block, Column, Figure, Table, Text, Tone, shown
from qbank.report.calibration.data import Page
from qbank.report.calibration.drift_figure import DRIFT_MARGIN, Anchor, drift_figure
from qbank.report.sitting.words import Texts

TONES: dict[str, Tone] = {"removed": "hold", "flagged": "warn", "kept": "info"}


def drift_blocks(page: Page) -> tuple[Block, ...]:
    """Return what was found of the anchors, or why nothing can be said; nothing where there are none."""
    data, t = page.data, page.t
    if data.drift is None:
        return (Text(t("drift_too_few", n=data.held), "note"),) if data.held else ()
    found = data.drift
    facts = {"n": len(found.removed), "of": len(found.items), "items": t("list_comma").join(found.removed)}
    lead = t("drift_some", **facts) if found.removed else t("drift_none", of=len(found.items))
    return (Text(lead), plotted(found, t), _table(page), Text(t("note_drift"), "note"))


def _table(page: Page) -> Table:
    """Return the anchors, those furthest from the line first."""
    found, t = page.data.drift, page.t
    assert found is not None
    away = found.b_target - (found.line.slope * found.b_source + found.line.intercept)
    columns = (
        Column("item", t("col_item")), Column("verdict", t("col_verdict"), "badges"),
        Column("known", t("col_known"), "signed", 2), Column("linked", t("col_linked"), "signed", 2),
        Column("away", t("col_away"), "signed", 2),
        *(Column(name, t(f"col_{name}".replace("-", "_")), "number", 2, t("note_statistic", threshold=f"{limit:.2f}"))
          for name, limit in zip(found.statistics, found.thresholds, strict=True)),
        Column("threshold", t("col_threshold"), "number", 2),
    )  # fmt: skip
    beyond = np.max(np.abs(found.values) / found.thresholds[:, None], axis=0)
    order = np.lexsort((np.arange(len(found.items)), -np.nan_to_num(beyond, nan=-1.0)))
    rows = tuple(
        (found.items[n], (Badge(found.verdict[n], t(f"anchor_{found.verdict[n]}"), "", TONES[found.verdict[n]]),),
         float(found.b_target[n]), float(found.b_target[n] - away[n]), float(-away[n]),
         *(float(value) for value in found.values[:, n]), float(found.thresholds[0]))
        for n in order
    )  # fmt: skip
    return Table("anchors", t("table_anchors"), columns, rows, sortable=True)


def plotted(found: Drift, t: Texts) -> Figure:
    """Return the difficulties of the anchors in the sitting and before, with the line that links them and its band."""
    there = np.flatnonzero(np.isfinite(found.b_source) & np.isfinite(found.b_target))
    anchors = [Anchor(found.items[n], float(found.b_source[n]), float(found.b_target[n]), found.verdict[n]) for n in there]
    low, high = (float(edge) if np.isfinite(edge) else 0.0 for edge in found.band)
    spec = drift_figure(
        anchors, slope=found.line.slope, intercept=found.line.intercept, band=(low, high), x_title=t("axis_now"), y_title=t("axis_known"),
        names={word: t(f"key_{word}") for word in ("line", "band")} | {word: t(f"anchor_{word}") for word in TONES},
    )  # fmt: skip
    intercept = shown(abs(found.line.intercept), "number", 2)
    facts = {"n": len(anchors), "removed": t("list_comma").join(found.removed) or MISSING, "slope": shown(found.line.slope, "number", 2),
             "intercept": f"{'−' if found.line.intercept < 0 else '+'} {intercept}"}  # fmt: skip
    titles = tuple(
        t("title_anchor", item=a.item, now=shown(a.now, "signed", 2), known=shown(a.known, "signed", 2)) for a in anchors
    )
    return Figure("drift", t("figure_drift", **facts), t("alt_drift", **facts), spec, DRIFT_MARGIN, titles)
