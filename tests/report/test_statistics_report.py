"""The report of statistics: golden pages and figures, totals, suppressed rows, nothing at all, both languages."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from qbank.analysis import Thresholds
from qbank.ledger import Selection, grouped, results_of
from qbank.messages import LANGUAGES, Language
from qbank.report import Figure, Report, Table, to_csv, to_html, to_json
from qbank.report.blocks import walk
from qbank.report.drawing import draw
from qbank.report.pdf import typst_report
from qbank.report.statistics import StatisticsData, fine_bands, statistics_report
from qbank.report.statistics.tables import arranged
from tests.report.statistics_sample import data, rows, sample

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "statistics"


def golden(name: str, text: str) -> None:
    """Compare with the file, or write it where QBANK_GOLDEN=update is set."""
    path = GOLDEN / name
    if os.environ.get("QBANK_GOLDEN") == "update":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    assert path.exists(), f"{path} is missing: run with QBANK_GOLDEN=update and read what it wrote"
    assert path.read_bytes().decode("utf-8") == text, f"{name} changed: QBANK_GOLDEN=update, then read the difference"


def figures(report: Report) -> dict[str, Figure]:
    return {block.name: block for block in walk(report.blocks) if isinstance(block, Figure)}


def table(report: Report, name: str) -> list[dict[str, Any]]:
    found = next(block for block in walk(report.blocks) if isinstance(block, Table) and block.name == name)
    return [{column.name: cell for column, cell in zip(found.columns, row, strict=True)} for row in found.rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_the_golden_ones(language: Language) -> None:
    golden(f"page.{language}.html", to_html(sample(language)))


def test_the_figures_and_the_table_are_the_golden_ones() -> None:
    specs = {name: figure.spec for name, figure in figures(sample()).items()}
    golden("figures.json", json.dumps(specs, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    golden("statistics.csv", to_csv(sample())["statistics"].replace("\r\n", "\n"))
    assert {path.name for path in GOLDEN.iterdir()} == {"figures.json", "page.en.html", "page.zh.html", "statistics.csv"}


def test_totals_stand_below_what_they_add_up() -> None:
    found = data(by=("occupation", "level"))
    lines = arranged(found.asked)
    assert [kind for kind, _, _ in lines] == ["row", "row", "subtotal", "row", "row", "subtotal", "total"]
    for kind, labels, tally in lines:
        own = [row.tally for row in found.asked.rows if row.labels[: len(labels)] == labels]
        assert tally.registered == sum(one.registered for one in own), kind
    assert lines[-1][2].registered == sum(row.registered for row in rows())


def test_fewer_than_ten_have_counts_alone_and_the_page_says_why() -> None:
    small = next(row for row in table(sample("en"), "sites") if row["site"] == "小站")
    assert (small["registered"], small["present"]) == (24, 6)
    shown = {name: small[name] for name in ("pass_rate", "rate_low", "mean", "sd", "median", "lowest")}
    assert all(value != value for value in shown.values())
    words = to_html(sample("en"))
    assert "Rows with fewer than 10 persons present show counts only" in words
    fine = fine_bands(data(by=("site",)), "en")
    assert next(row for row in fine.rows if row[0] == "小站")[3:] == (None,) * 20


def test_a_site_without_a_name_is_told_as_such() -> None:
    assert table(sample("zh"), "sites")[0]["site"] == "（未填）"


def test_sites_are_drawn_from_the_highest_rate_and_small_ones_left_out() -> None:
    figure = figures(sample())["sites"]
    hover = next(layer for layer in figure.spec["layer"][0]["layer"] if layer.get("name") == "hover")["data"]["values"]
    rates = [row["rate"] for row in hover]
    assert rates == sorted(rates, reverse=True) and len(rates) == 4 == len(figure.titles)


def test_no_scored_sitting_makes_a_page_that_says_so() -> None:
    unscored = data().asked.unscored
    results = results_of((), unscored, Selection())
    empty = [grouped(results, by) for by in ((), ("site",), ("sitting",))]  # type: ignore[arg-type]
    for language in LANGUAGES:
        report = statistics_report(StatisticsData(*empty, {}, Thresholds()), language)
        assert not figures(report) and len(table(report, "unscored")) == 2
        assert to_html(report) and json.loads(to_json(report)) and typst_report(report)


@pytest.mark.parametrize("by", [(), ("site",), ("paper",), ("year", "month"), ("occupation", "level", "site", "sitting", "paper", "month", "year")])
def test_any_dimensions_make_tables_of_full_rows(by: tuple[str, ...]) -> None:
    report = statistics_report(data(by=by), "en")
    for block in walk(report.blocks):
        if isinstance(block, Table):
            assert all(len(row) == len(block.columns) for row in block.rows), block.name
    assert draw(list(figures(report).values()))


def test_the_page_needs_nothing_from_elsewhere() -> None:
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", to_html(sample()))
