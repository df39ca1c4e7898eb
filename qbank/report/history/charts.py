"""The two charts of an item: its facility in every sitting, and its b on the present scale."""

from __future__ import annotations

import math

from qbank.ledger import ItemHistory, Revision
from qbank.report.blocks import Figure, shown
from qbank.report.history.chart_figure import CHART_MARGIN, Break, ChartPoint, chart_figure
from qbank.report.history.data import ItemChart
from qbank.report.sitting.words import Texts

Z95 = 1.959963984540054
NAN = float("nan")


def facility_figure(history: ItemHistory, found: ItemChart, t: Texts) -> Figure | None:
    """Return the control chart of the facility, None where no sitting was analysed."""
    chart, spoken = found.chart, found.signals
    kept = [n for n, use in enumerate(history.uses) if math.isfinite(use.facility) and use.n > 0]
    if not kept:
        return None
    points, breaks, run = [], [], 0
    for at, n in enumerate(kept):
        use = history.uses[n]
        if at and chart.centre[n] != chart.centre[kept[at - 1]]:
            run += 1
        if at and found.revision[n] != found.revision[kept[at - 1]]:
            breaks.append(Break(at, f"R{int(found.revision[n]) + 1}"))
        rule = bool(spoken.two_of_three[n] or spoken.run[n] or spoken.differ[n])
        points.append(
            ChartPoint(
                at, use.sitting, run, use.facility, float(found.low[n]), float(found.high[n]),
                "apart" if found.apart[n] else "outside" if spoken.beyond[n] else "rule" if rule else "point",
                float(chart.centre[n]), float(chart.lower[n]), float(chart.upper[n]),
            )
        )  # fmt: skip
    titles = tuple(
        t("title_facility", sitting=use.sitting, date=use.date, value=shown(use.facility, "number", 3), n=use.n,
          low=shown(float(found.low[n]), "number", 3), high=shown(float(found.high[n]), "number", 3))
        for n in kept for use in (history.uses[n],)
    )  # fmt: skip
    names = {word: t(f"key_{word}") for word in ("point", "outside", "rule", "apart", "centre", "limits", "break")}
    spec = chart_figure(
        points, breaks, places=[point.label for point in points], x_title=t("axis_sitting"), y_title=t("axis_facility"),
        names=names, within=(0.0, 1.0),
    )  # fmt: skip
    facts = {"n": len(points), "outside": sum(point.tone == "outside" for point in points)}
    return Figure(f"facility-{history.item}", t("figure_facility", n=len(points)), t("alt_facility", **facts), spec, CHART_MARGIN, titles)


def b_figure(history: ItemHistory, found: ItemChart, t: Texts) -> Figure | None:
    """Return the estimates of b on the present scale with the pooled value of each revision, None where there are none."""
    places = [n for n, entry in enumerate(found.estimates) if math.isfinite(entry.location)]
    own = [found.estimates[n] for n in places]
    if not own:
        return None
    number = revision_numbers(history.revisions)
    points, breaks, run = [], [], 0
    for at, entry in enumerate(own):
        print_, place = entry.estimate.fingerprint, places[at]
        if at and (found.stretch[place], found.apart_b[place]) != (found.stretch[places[at - 1]], found.apart_b[places[at - 1]]):
            run += 1
        if at and print_ != own[at - 1].estimate.fingerprint:
            breaks.append(Break(at, f"R{number.get(print_, len(number) + 1)}"))
        half = Z95 * entry.error
        group = int(found.stretch[place])
        pooled, error = (NAN, NAN) if found.apart_b[place] else (float(found.trend.pooled[group]), float(found.trend.pooled_error[group]))
        points.append(
            ChartPoint(at, entry.estimate.sitting, run, entry.location, entry.location - half, entry.location + half,
                       "apart" if found.apart_b[place] else "point",
                       pooled, pooled - Z95 * error, pooled + Z95 * error)
        )  # fmt: skip
    titles = tuple(
        t("title_b", sitting=entry.estimate.sitting, date=entry.date, value=shown(entry.location, "signed", 2),
          error=shown(entry.error, "number", 2), n=entry.estimate.n_answers)
        for entry in own
    )  # fmt: skip
    names = {"point": t("key_point"), "apart": t("key_apart"), "centre": t("key_pooled"), "limits": t("key_band"), "break": t("key_break")}
    spec = chart_figure(
        points, breaks, places=[point.label for point in points], x_title=t("axis_sitting"), y_title=t("axis_b"), names=names
    )
    return Figure(f"b-{history.item}", t("figure_b", n=len(points)), t("alt_b", n=len(points)), spec, CHART_MARGIN, titles)


def pooled_b(history: ItemHistory, found: ItemChart, fingerprint: str) -> tuple[float, float]:
    """Return the pooled b of a revision and its standard error, NaN where nothing can be pooled."""
    group = revision_numbers(history.revisions).get(fingerprint, len(history.revisions) + 1) - 1
    if group >= found.trend.n.size:
        return NAN, NAN
    return float(found.trend.pooled[group]), float(found.trend.pooled_error[group])


def revision_numbers(revisions: tuple[Revision, ...]) -> dict[str, int]:
    """Return the number of each fingerprint, from 1."""
    return {revision.fingerprint: n for n, revision in enumerate(revisions, start=1)}
