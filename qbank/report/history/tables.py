"""The tables of an item's history: sittings, revisions, calibrations, decisions, plans."""

from __future__ import annotations

import math

from qbank.ledger import DatedEstimate, ItemHistory
from qbank.messages import Language
from qbank.messages.lists import some_papers
from qbank.report.blocks import Badge, Column, Table
from qbank.report.history.charts import revision_numbers
from qbank.report.history.data import HistoryFlag, ItemChart
from qbank.report.history.words import drift_badge, flag_badges
from qbank.report.sitting.words import Texts, columns_of

SIGNALS = ("beyond", "two_of_three", "run", "differ")


def sittings_table(history: ItemHistory, found: ItemChart, t: Texts, language: Language) -> Table:
    """Return one row a sitting, oldest first: exposure, facility with its interval and limits, signals, flags."""
    columns = columns_of(
        t, ("sitting", "text", 0), ("date", "text", 0), ("revision", "integer", 0), ("n_papers", "integer", 0), ("papers", "prose", 0),
        ("n_seen", "integer", 0), ("cumulative", "integer", 0), ("n", "integer", 0), ("facility", "number", 3),
        ("low", "number", 3), ("high", "number", 3), ("centre", "number", 3), ("lower", "number", 3), ("upper", "number", 3),
        ("z", "signed", 2), ("signals", "badges", 0), ("item_rest", "number", 3), ("n_omitted", "integer", 0),
        ("n_not_reached", "integer", 0), ("flags", "badges", 0), ("fingerprint", "text", 0),
        data_only=("papers", "centre", "lower", "upper", "n_omitted", "n_not_reached", "fingerprint"),
    )  # fmt: skip
    chart, rows = found.chart, []
    spoken = {name: getattr(found.signals, name) for name in SIGNALS}
    raised: dict[str, tuple[str, ...]] = {}
    for flag in history.flags:
        raised[flag.sitting] = (*raised.get(flag.sitting, ()), flag.code)
    for n, use in enumerate(history.uses):
        signals = tuple(
            Badge(name, t(f"signal_{name}"), t(f"rule_{name}"), "hold" if name == "beyond" else "warn")
            for name in SIGNALS
            if spoken[name][n]
        )
        analysed = math.isfinite(use.facility)
        rows.append(
            (use.sitting, use.date, int(found.revision[n]) + 1, len(use.papers), t("list_comma").join(use.papers), use.n_seen, use.cumulative,
             use.n if analysed else None, use.facility, float(found.low[n]), float(found.high[n]), float(chart.centre[n]),
             float(chart.lower[n]), float(chart.upper[n]), float(chart.z[n]), signals, use.item_rest,
             use.n_omitted if analysed else None, use.n_not_reached if analysed else None,
             flag_badges((*use.flags, *raised.get(use.sitting, ())), language),
             use.fingerprint)
        )  # fmt: skip
    notes = (t("not_analysed"),) if any(not math.isfinite(use.facility) for use in history.uses) else ()
    return Table("sittings", t("table_sittings"), columns, tuple(rows), notes)


def papers_table(history: ItemHistory, t: Texts, language: Language) -> Table:
    """Return the papers that hold the item, a row a sitting; of many the first and how many. The sittings' data hold all."""
    columns = columns_of(t, ("sitting", "text", 0), ("papers", "prose", 0))
    rows = tuple((use.sitting, some_papers(use.papers, language)) for use in history.uses if use.papers)
    return Table("papers", t("table_papers"), columns, rows)


def revisions_table(history: ItemHistory, t: Texts) -> Table:
    """Return one row a revision: from when to when, how many had it, and what changed."""
    columns = columns_of(
        t, ("revision", "integer", 0), ("changed", "text", 0), ("first", "text", 0), ("last", "text", 0),
        ("n_sittings", "integer", 0), ("n_seen", "integer", 0), ("fingerprint", "text", 0),
    )  # fmt: skip
    rows = tuple(
        (n, changed_words(one.changed, t) or t("first_revision"), f"{one.first} {one.first_date}", f"{one.last} {one.last_date}",
         one.n_sittings, one.n_seen, one.fingerprint)
        for n, one in enumerate(history.revisions, start=1)
    )  # fmt: skip
    return Table("revisions", t("table_revisions"), columns, rows)


def changed_words(changed: tuple[str, ...], t: Texts) -> str:
    return t("list_comma").join(t(f"changed_{part}") for part in changed)


def _role(entry: DatedEstimate, history: ItemHistory, found: ItemChart) -> str:
    """Return the key of what an estimate is used for."""
    if entry.estimate.scale != history.scale:
        return "role_other"
    if entry.held:
        return "role_held"
    place = found.estimates.index(entry)
    if found.apart_b[place]:
        return "role_apart"
    number = revision_numbers(history.revisions).get(entry.estimate.fingerprint, len(history.revisions) + 1) - 1
    return "role_new" if found.stretch[place] == number else "role_before"


def estimates_table(history: ItemHistory, found: ItemChart, t: Texts) -> Table:
    """Return one row a calibration, on any scale, and whether it is in the chart."""
    number = revision_numbers(history.revisions)
    columns = columns_of(
        t, ("sitting", "text", 0), ("date", "text", 0), ("revision", "integer", 0), ("model", "text", 0), ("b", "signed", 2),
        ("error", "number", 2), ("n", "integer", 0), ("scale", "text", 0), ("role", "prose", 0),
    )  # fmt: skip
    rows = tuple(
        (e.estimate.sitting, e.date, number.get(e.estimate.fingerprint), e.estimate.model, e.location, e.error,
         e.estimate.n_answers, e.estimate.scale,
         t(_role(e, history, found)))
        for e in history.estimates
    )  # fmt: skip
    return Table("estimates", t("table_estimates"), columns, rows)


def decisions_table(history: ItemHistory, t: Texts) -> Table:
    columns = columns_of(
        t, ("sitting", "text", 0), ("verdict", "text", 0), ("why", "prose", 0), ("who", "text", 0), ("at", "text", 0)
    )
    rows = tuple((d.sitting, f"{t(f'verdict_{d.verdict}')} {d.named}".strip(), d.why, d.who, d.at[:10]) for d in history.decisions)
    return Table("decisions", t("table_decisions"), columns, rows)


def planned_table(history: ItemHistory, t: Texts) -> Table:
    dates = {use.sitting: use.date for use in history.uses}
    columns = columns_of(
        t, ("sitting", "text", 0), ("date", "text", 0), ("grade", "short", 0), ("difficulty", "signed", 2),
        ("error", "number", 2), ("facility", "number", 3), ("low", "number", 3), ("high", "number", 3), ("n", "integer", 0),
    )  # fmt: skip
    rows = tuple(
        (plan.sitting, dates.get(plan.sitting, ""), plan.grade, plan.difficulty, plan.error, plan.facility,
         plan.facility_low, plan.facility_high, plan.n_answers)
        for plan in history.planned
    )  # fmt: skip
    return Table("planned", t("table_planned"), columns, rows)


def flags_table(flags: tuple[HistoryFlag, ...], t: Texts) -> Table:
    """Return one row an item out of control, in their order."""
    columns = (
        Column("item", t("col_item")), Column("flags", t("col_flags"), "badges"), Column("direction", t("col_direction")),
        Column("distance", t("col_distance"), "number", 1), Column("sitting", t("col_sitting")), Column("date", t("col_date")),
        Column("facility", t("col_facility"), "number", 3), Column("expected", t("col_expected"), "number", 3),
        Column("n_sittings", t("col_n_sittings"), "integer"), Column("certain", t("col_certain")), Column("rules", t("col_rules"), "prose"),
    )  # fmt: skip
    rows = tuple(
        (flag.item, (drift_badge(flag, t),), t(flag.direction), flag.distance, flag.sitting, flag.date, flag.facility,
         flag.expected, flag.n_sittings, t("yes" if flag.certain else "no"), t("list_comma").join(t(f"signal_{rule}") for rule in flag.rules))
        for flag in flags
    )  # fmt: skip
    return Table("flags", t("table_flags"), columns, rows, (t("method_rules"),), sortable=True)
