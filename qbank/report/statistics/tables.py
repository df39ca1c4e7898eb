"""The tables of the statistics: counts with rates and scores, score bands, sittings not scored."""

from __future__ import annotations

from qbank.core.tally import CENTRE_BANDS, N_BANDS, Tally, centre_bands
from qbank.ledger import StatisticsTable
from qbank.messages import Language, has_text, text
from qbank.report.blocks import Cell, Column, Kind, Table
from qbank.report.sitting.words import Texts, columns_of
from qbank.report.statistics.data import StatisticsData, summary_of

COUNTS = ("registered", "present", "waiting", "absent", "void", "withheld", "passed")
FIGURES: tuple[tuple[str, str, Kind, int], ...] = (
    ("rate", "pass_rate", "percent", 1), ("rate_low", "rate_low", "percent", 1), ("rate_high", "rate_high", "percent", 1),
    ("mean", "mean", "number", 2), ("sd", "sd", "number", 2), ("lowest", "lowest", "number", 0),
    ("quartile_1", "quartile_1", "number", 1), ("median", "median", "number", 1), ("quartile_3", "quartile_3", "number", 1),
    ("highest", "highest", "number", 0),
)  # fmt: skip
"""of a `TallySummary`: its name there, its column, how it looks"""
SCORES = tuple(column for _, column, *_ in FIGURES[3:])


def arranged(table: StatisticsTable) -> list[tuple[str, tuple[str, ...], Tally]]:
    """Return the rows with the totals below the rows that they add up, and that of all last: (row, subtotal or total; its
    labels; its tally)."""
    depth = len(table.by)
    totals = {row.labels: row.tally for row in table.totals}
    found: list[tuple[str, tuple[str, ...], Tally]] = []
    for n, row in enumerate(table.rows):
        found.append(("row", row.labels, row.tally))
        after = table.rows[n + 1].labels if n + 1 < len(table.rows) else ()
        for length in range(depth - 1, 0, -1):
            head = row.labels[:length]
            if head != after[:length] and head in totals:
                found.append(("subtotal", head, totals[head]))
    if (depth and len(table.rows) != 1) or not depth:
        found.append(("total", (), table.total))
    return found


def statistics_table(
    table: StatisticsTable, data: StatisticsData, t: Texts, language: Language, name: str, *, shows: str = "counts"
) -> Table:
    """Return the counts by the dimensions of a table, with rates and scores, totals among them.

    Who waits for marks has a column on the page only where somebody does.

    shows : what a page has of it beside who was present: ``counts`` and rates, or ``scores``; the data have everything
    """
    lines = arranged(table)
    summary = summary_of([tally for _, _, tally in lines], data.limits)
    hidden = set(COUNTS) - {"present"} if shows == "scores" else set() if table.total.waiting else {"waiting"}
    columns = (
        *label_columns(table, t), Column("row", t("col_row"), data_only=True),
        *(Column(word, t(f"col_{word}"), "integer", data_only=word in hidden) for word in COUNTS),
        *(Column(column, t(f"col_{column}"), kind, digits, data_only=(shows == "scores") != (column in SCORES))
          for _, column, kind, digits in FIGURES),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (*label_cells(table, kind, labels, t, language), kind, *(getattr(tally, word) for word in COUNTS),
         *(float(getattr(summary, source)[n]) for source, *_ in FIGURES))
        for n, (kind, labels, tally) in enumerate(lines)
    ]  # fmt: skip
    return Table(name, t(f"table_{name}"), columns, tuple(rows), size_notes([tally for _, _, tally in lines], data, t))


def label_columns(table: StatisticsTable, t: Texts) -> tuple[Column, ...]:
    return tuple(Column(name, t(f"col_{name}"), "prose" if name == "occupation" else "text") for name in table.by)


def label_cells(
    table: StatisticsTable, kind: str, labels: tuple[str, ...], t: Texts, language: Language
) -> tuple[Cell, ...]:
    """Return the words of a row; a row of totals says so in the first cell that it adds over."""
    words: list[Cell] = [label_word(name, label, t, language) for name, label in zip(table.by, labels, strict=False)]
    if kind != "row" and table.by:
        words.append(t(kind))
    return tuple(words + [""] * (len(table.by) - len(words)))


def label_word(name: str, label: str, t: Texts, language: Language) -> str:
    """Return how a label of a dimension reads."""
    if name == "level":
        key = f"authored.level.{label}"
        return text(language, key) if has_text(language, key) else t("not_recorded")
    return label or t("not_recorded")


def size_notes(tallies: list[Tally], data: StatisticsData, t: Texts) -> tuple[str, ...]:
    """Return the sentences that small numbers of persons ask for."""
    low, few = data.limits.suppress_below, data.limits.small_below
    notes = [t("note_suppressed", n=low)] if any(0 < one.present < low for one in tallies) else []
    return (*notes, *([t("note_small", n=few)] if any(low <= one.present < few for one in tallies) else []))


def bands_table(table: StatisticsTable, data: StatisticsData, t: Texts, language: Language, name: str) -> Table:
    """Return how many of each row are in each band: those that centres print (``centre_bands``) or every 5 (``bands``)."""
    step = 100 // N_BANDS
    ends = CENTRE_BANDS if name == "centre_bands" else tuple((low, low + step) for low in range(0, 100, step))
    columns = (
        *label_columns(table, t), Column("row", t("col_row"), data_only=True), *columns_of(t, ("present", "integer", 0)),
        *(Column(f"from_{low}", band_word(low, high, t), "integer") for low, high in ends),
    )  # fmt: skip
    lines = arranged(table)
    rows: list[tuple[Cell, ...]] = []
    for kind, labels, tally in lines:
        few = 0 < tally.present < data.limits.suppress_below
        counts: tuple[Cell, ...] = centre_bands(tally.bands) if name == "centre_bands" else tally.bands
        shown = (None,) * len(ends) if few else counts
        rows.append((*label_cells(table, kind, labels, t, language), kind, tally.present, *shown))
    return Table(name, t(f"table_{name}"), columns, tuple(rows), size_notes([tally for _, _, tally in lines], data, t))


def distribution_table(table: StatisticsTable, t: Texts) -> Table:
    """Return everybody by bands of 5: how many, which share, and the share below the band's upper end."""
    columns = columns_of(t, ("band", "text", 0), ("persons", "integer", 0), ("share", "percent", 1), ("cumulative", "percent", 1))
    counts, step, below = table.total.bands, 100 // N_BANDS, 0
    rows: list[tuple[Cell, ...]] = []
    for n, count in enumerate(counts):
        below += count
        whole = max(table.total.present, 1)
        rows.append((band_word(n * step, (n + 1) * step, t), count, count / whole, below / whole))
    return Table("all_bands", t("table_all_bands"), columns, tuple(rows))


def band_word(low: int, high: int, t: Texts) -> str:
    """Return how a band reads: ``<60``, ``60–69``, ``90–100``."""
    if low == 0:
        return t("below", high=high)
    return f"{low}–{high if high == 100 else high - 1}"


def unscored_table(table: StatisticsTable, t: Texts, language: Language) -> Table:
    """Return the sittings that are in none of the counts, and why."""
    columns = columns_of(
        t, ("sitting", "text", 0), ("date", "text", 0), ("occupation", "prose", 0), ("level", "text", 0),
        ("persons", "integer", 0), ("state", "text", 0),
    )  # fmt: skip
    rows = tuple(
        (one.sitting, one.date, label_word("occupation", one.occupation, t, language),
         label_word("level", str(one.level), t, language), one.persons, t("state_outdated" if one.outdated else "state_new"))
        for one in table.unscored
    )  # fmt: skip
    notes = (t("note_unscored_sites"),) if table.selection.sites else ()
    return Table("unscored", t("table_unscored"), columns, rows, notes)
