"""信息统计 as a page: the table that was asked for, sites, distribution, sittings over time, sittings not scored."""

from __future__ import annotations

import math
from functools import partial

from qbank.core.tally import N_BANDS
from qbank.messages import Language, text
from qbank.report.blocks import MISSING, Block, Fact, Facts, Figure, Report, Section, Table, Text, shown
from qbank.report.history.chart_figure import CHART_MARGIN, ChartPoint, chart_figure
from qbank.report.sitting.words import Texts
from qbank.report.statistics.data import StatisticsData, summary_of
from qbank.report.statistics.rate_figures import BANDS_MARGIN, SITE_MARGIN, Rate, bands_figure, site_figure
from qbank.report.statistics.tables import (
    band_word,
    bands_table,
    distribution_table,
    label_word,
    statistics_table,
    unscored_table,
)

MOST_SITES = 60
"""Sites of a figure; the table has all."""


def statistics_text(language: Language, name: str, /, **fields: object) -> str:
    return text(language, f"statistics.{name}", **fields)


def statistics_report(data: StatisticsData, language: Language) -> Report:
    """Return summary, the table by the dimensions asked for, sites, distribution, trend, what is not scored, definitions."""
    t: Texts = partial(statistics_text, language)
    asked = data.asked
    parts: dict[str, list[Block | None]] = {"summary": list(_lead(data, t, language))}
    if asked.rows:
        parts |= {
            "table": [
                statistics_table(asked, data, t, language, "statistics"),
                statistics_table(asked, data, t, language, "scores", shows="scores"),
            ],
            "sites": [_site_figure(data, t, language), _sites(data, t, language)],
            "distribution": [
                bands_table(asked, data, t, language, "centre_bands"), _distribution(data, t),
                distribution_table(asked, t) if asked.total.present >= data.limits.suppress_below else None,
            ],
            "trend": [_trend(data, t), _sittings(data, t, language)],
        }  # fmt: skip
    parts["unscored"] = [unscored_table(asked, t, language) if asked.unscored else None]
    marks, cuts = (t("list_comma").join(f"{value:g}" for value in values) or MISSING for values in (asked.marks, asked.cuts))
    words = [t("method_persons"), t("method_rate"), t("method_scores", marks=marks, cuts=cuts), t("method_bands"), t("method_source")]
    parts["methods"] = [Text(sentence, "definition") for sentence in words]
    sections = tuple(
        Section(name, t(f"section_{name}"), kept)
        for name, blocks in parts.items()
        if (kept := tuple(block for block in blocks if block is not None))
    )
    return Report(t("title"), sections, language, _selection(data, t, language))


def fine_bands(data: StatisticsData, language: Language) -> Table:
    """Return every row of the table asked for by bands of 5, which is too wide for a page."""
    return bands_table(data.asked, data, partial(statistics_text, language), language, "bands")


def _selection(data: StatisticsData, t: Texts, language: Language) -> str:
    """Return in words which sittings count."""
    chosen = data.asked.selection
    words = [*chosen.occupations, *(label_word("level", str(level), t, language) for level in chosen.levels)]
    words += [*(label_word("site", site, t, language) for site in chosen.sites), *chosen.sittings]
    words += [t("since", date=chosen.since)] if chosen.since else []
    words += [t("until", date=chosen.until)] if chosen.until else []
    return t("selection", words=t("list_comma").join(words) or t("everything"))


def _lead(data: StatisticsData, t: Texts, language: Language) -> list[Block]:
    total, unscored = data.asked.total, data.asked.unscored
    blocks: list[Block] = []
    if data.asked.rows:
        s = summary_of([total], data.limits)
        low, high = (shown(float(end[0]), "percent", 1) for end in (s.rate_low, s.rate_high))
        gone = t("under_absent", absent=total.absent, void=total.void, withheld=total.withheld)
        gone = t("under_waiting", gone=gone, n=total.waiting) if total.waiting else gone
        facts = (
            Fact("n_sittings", t("fact_n_sittings"), data.asked.n_sittings, "integer"),
            Fact("registered", t("fact_registered"), total.registered, "integer"),
            Fact("present", t("fact_present"), total.present, "integer", 0, gone),
            Fact("passed", t("fact_passed"), total.passed, "integer"),
            Fact("pass_rate", t("fact_pass_rate"), float(s.rate[0]), "percent", 1, t("under_interval", low=low, high=high)),
            Fact("mean", t("fact_mean"), float(s.mean[0]), "number", 2, t("under_mean", sd=shown(float(s.sd[0]), "number", 2))),
        )
        blocks.append(Facts("summary", facts))
    else:
        blocks.append(Text(t("nothing")))
    if unscored:
        blocks.append(Text(t("warn_unscored", n=len(unscored), persons=sum(one.persons for one in unscored)), "warning"))
    return blocks


def _rates(data: StatisticsData, which: str, t: Texts, language: Language) -> list[tuple[Rate, int]]:
    """Return the rates of the rows of sites or sittings that may be shown, each with who was present."""
    table = getattr(data, which)
    summary = summary_of([row.tally for row in table.rows], data.limits)
    return [
        (Rate(label_word(table.by[0], row.labels[0], t, language), float(summary.rate[n]), float(summary.rate_low[n]),
              float(summary.rate_high[n])), row.tally.present)
        for n, row in enumerate(table.rows)
        if math.isfinite(summary.rate[n])
    ]  # fmt: skip


def _titles(rates: list[tuple[Rate, int]], t: Texts) -> tuple[str, ...]:
    return tuple(
        t("title_rate", name=one.name, n=n, rate=shown(one.rate, "percent", 1), low=shown(one.low, "percent", 1),
          high=shown(one.high, "percent", 1))
        for one, n in rates
    )  # fmt: skip


def _site_figure(data: StatisticsData, t: Texts, language: Language) -> Figure | None:
    """Return the pass rates by site, the highest first, where there are two sites or more."""
    rates = sorted(_rates(data, "sites", t, language), key=lambda pair: -pair[0].rate)[:MOST_SITES]
    everybody = float(summary_of([data.asked.total], data.limits).rate[0])
    if len(rates) < 2:
        return None
    said = shown(everybody, "percent", 1)
    spec = site_figure([one for one, _ in rates], everybody=everybody, x_title=t("axis_rate"), label=t("all_label", rate=said))
    return Figure("sites", t("figure_sites"), t("alt_sites", n=len(rates), rate=said), spec, SITE_MARGIN, _titles(rates, t))


def _sites(data: StatisticsData, t: Texts, language: Language) -> Block | None:
    known = len(data.sites.rows) > 1 or any(row.labels[0] for row in data.sites.rows)
    return statistics_table(data.sites, data, t, language, "sites") if known and data.asked.by != ("site",) else None


def _sittings(data: StatisticsData, t: Texts, language: Language) -> Block | None:
    return statistics_table(data.sittings, data, t, language, "sittings") if data.asked.by != ("sitting",) else None


def _distribution(data: StatisticsData, t: Texts) -> Figure | None:
    total = data.asked.total
    if total.present < data.limits.suppress_below:
        return None
    cut = data.asked.cuts[0] if len(data.asked.cuts) == 1 else None
    spec = bands_figure(
        total.bands, cut=cut, x_title=t("axis_score"), y_title=t("axis_count"),
        cut_label="" if cut is None else t("cut_label", cut=f"{cut:g}"),
    )  # fmt: skip
    step = 100 // N_BANDS
    titles = tuple(f"{band_word(n * step, (n + 1) * step, t)}: {count}" for n, count in enumerate(total.bands))
    n = total.present
    return Figure("distribution", t("figure_distribution", n=n), t("alt_distribution", n=n), spec, BANDS_MARGIN, titles)


def _trend(data: StatisticsData, t: Texts) -> Figure | None:
    """Return the pass rates of the sittings, oldest first, where there are two or more."""
    rates = _rates(data, "sittings", t, "en")
    everybody = float(summary_of([data.asked.total], data.limits).rate[0])
    if len(rates) < 2:
        return None
    rates.sort(key=lambda pair: (data.dates.get(pair[0].name, ""), pair[0].name))
    none = float("nan")
    points = [
        ChartPoint(n, one.name, 0, one.rate, one.low, one.high, "point", everybody, none, none)
        for n, (one, _) in enumerate(rates)
    ]
    spec = chart_figure(
        points, (), places=[point.label for point in points], x_title=t("axis_sitting"), y_title=t("axis_rate"),
        names={"point": t("key_point"), "centre": t("key_centre")}, within=(0.0, 1.0), y_format=".0%",
    )  # fmt: skip
    said = shown(everybody, "percent", 1)
    return Figure("trend", t("figure_trend"), t("alt_trend", n=len(points), rate=said), spec, CHART_MARGIN, _titles(rates, t))


__all__ = ["StatisticsData", "fine_bands", "statistics_report", "statistics_table", "statistics_text"]
