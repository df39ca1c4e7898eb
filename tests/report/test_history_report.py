"""The report of an item's history: golden pages and figures, what stands where, one sitting, a thousand, both languages."""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from qbank.core.history import Estimate
from qbank.ledger import DatedEstimate, Decision, ItemFlag, ItemHistory, SittingUse
from qbank.ledger.item_records import revisions_of
from qbank.messages import LANGUAGES, Language
from qbank.report import Figure, Report, Section, Table, Text, to_html, to_json
from qbank.report.blocks import walk
from qbank.report.drawing import draw
from qbank.report.history import ItemChart, history_report, item_chart
from qbank.report.history.chart_figure import CHART_SIZE
from qbank.report.history.charts import pooled_b
from qbank.report.history.tables import papers_table, sittings_table
from qbank.report.history.words import raised_sentence, texts
from qbank.report.pdf import typst_report
from qbank.report.pixels import text_width
from tests.report.history_sample import (
    DRIFTED,
    FLAG,
    LEAKED,
    case,
    control,
    data,
    history,
    many,
    sample,
    uses,
)

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "history"


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


def sentences(report: Report) -> str:
    return "\n".join(block.text for block in walk(report.blocks) if isinstance(block, Text))


def layers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [spec] if "mark" in spec else [inner for part in spec["layer"] for inner in layers(part)]


def points(figure: Figure) -> list[dict[str, Any]]:
    return list(next(layer for layer in layers(figure.spec) if layer.get("name") == "hover")["data"]["values"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_the_golden_ones(language: Language) -> None:
    golden(f"item.{language}.html", to_html(sample(language)))
    golden(f"control.{language}.html", to_html(control(language)))


def test_the_figures_are_the_golden_ones() -> None:
    specs = {name: figure.spec for name, figure in figures(sample()).items()}
    golden("figures.json", json.dumps(specs, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    expected = {"figures.json", *(f"{name}.{language}.html" for name in ("item", "control") for language in LANGUAGES)}
    assert {path.name for path in GOLDEN.iterdir()} == expected


def test_sections_stand_in_their_order_and_empty_ones_are_left_out() -> None:
    names = [block.name for block in sample().blocks if isinstance(block, Section)]
    assert names == ["summary", "facility", "b", "sittings", "revisions", "decisions", "planned", "methods"]
    bare = replace(history(), estimates=(), decisions=(), planned=(), flags=())
    names = [block.name for block in history_report(data(bare), "en").blocks if isinstance(block, Section)]
    assert names == ["summary", "facility", "sittings", "revisions", "methods"]


def test_a_sitting_without_an_analysis_has_a_row_and_no_point() -> None:
    rows = table(sample(), "sittings")
    assert len(rows) == 12 and rows[8]["n_seen"] == 200 and rows[8]["n"] is None
    assert len(points(figures(sample())[f"facility-{history().item}"])) == 11


def test_only_the_present_scale_and_what_was_estimated_anew_is_drawn() -> None:
    assert len(points(figures(sample())[f"b-{history().item}"])) == 5
    roles = [row["role"] for row in table(sample("en"), "estimates")]
    assert roles == [
        "another scale, not in the chart", "estimated anew, in the chart", "estimated anew, in the chart",
        "held as an anchor, not in the chart", "before a drift, pooled by itself", "estimated anew, in the chart",
        "at or after a suspected leak: in the chart, not pooled",
    ]  # fmt: skip


def test_a_point_beyond_the_limits_has_another_shape_and_stands_in_the_table() -> None:
    """The last sitting of the second revision (0.62 of 310): pooled (157.5 + 155.1 + 123.2 + 192.2) of 1270 =
    0.4945, sigma √(0.4945 × 0.5055 / 310) = 0.0284, z = 0.1255 / 0.0284 = 4.42."""
    report = history_report(data(replace(history(), flags=())), "zh")
    figure = figures(report)[f"facility-{history().item}"]
    assert [row["shape"] for row in points(figure)] == ["circle"] * 10 + ["triangle-up"]
    last = table(report, "sittings")[-1]
    assert [badge.code for badge in last["signals"]] == ["beyond"]
    assert last["centre"] == pytest.approx(0.4945, abs=1e-4) and last["z"] == pytest.approx(4.42, abs=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flag_says_by_which_rules_in_words(language: Language) -> None:
    words = sentences(sample(language))
    rules = {"zh": ("越出 3 个标准差", "b 随时间变化"), "en": ("beyond 3 sigma", "b changes with time")}[language]
    warning = [b.text for b in walk(sample(language).blocks) if isinstance(b, Text) and b.style == "warning"][-1]
    assert all(rule in warning for rule in rules) and "4.6" in warning and FLAG.sitting in warning
    assert "Western Electric" in words


def test_a_new_revision_in_the_bank_is_told() -> None:
    assert "c0ffee.b0b3" in sentences(sample("en"))
    assert "c0ffee" not in sentences(history_report(data(history(), present="c0ffee.b0b2"), "en"))


def test_a_case_shows_its_parts() -> None:
    report = history_report(data(case()), "en")
    names = [block.name for block in report.blocks if isinstance(block, Section)]
    assert names == ["summary", "sittings", "revisions", "part-1", "methods"]
    assert list(figures(report)) == ["facility-CASE.1"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_sittings_make_a_page(language: Language, n: int) -> None:
    some = uses("Q")[:n]
    report = history_report(data(ItemHistory("Q", some, revisions_of(some), (), "", (), ())), language)
    assert to_html(report) and json.loads(to_json(report)) and typst_report(report)
    assert len(figures(report)) == min(n, 1)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_one_person_with_all_or_nothing_has_an_interval(share: float) -> None:
    some = (replace(uses("Q")[0], n=1, n_seen=1, facility=share),)
    report = history_report(data(ItemHistory("Q", some, revisions_of(some), (), "", (), ())), "en")
    (row,) = table(report, "sittings")
    assert (row["low"], row["high"]) == pytest.approx((0.0, 0.7935) if share == 0 else (0.2065, 1.0), abs=1e-4)
    assert draw(list(figures(report).values()))


@pytest.mark.parametrize("n", [12, 100, 1000])
def test_labels_of_many_sittings_do_not_touch(n: int) -> None:
    (figure,) = figures(history_report(data(many(n)), "zh")).values()
    assert len(points(figure)) == n
    below = next(rows for layer in layers(figure.spec) if (rows := layer["data"]["values"]) and rows[0].get("y") == CHART_SIZE[1] + 12)
    ends = [(row["x"] - text_width(row["label"], 11) / 2, row["x"] + text_width(row["label"], 11) / 2) for row in below]
    assert all(left[1] < right[0] for left, right in pairwise(ends)) and len(ends) > 1
    (svg,) = draw([figure])
    assert svg.count("<title>") == n


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_needs_nothing_from_elsewhere(language: Language) -> None:
    for report in (sample(language), control(language)):
        page = to_html(report)
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", page) and "<script src" not in page


def leaked(*flags: ItemFlag) -> tuple[ItemHistory, ItemChart]:
    """Return an item in four sittings of 500 persons, of which the third found it much easier, with an estimate of each."""
    uses = tuple(
        SittingUse(f"s{n}", f"202{n}-05-01", "q.k", 500, 500 * (n + 1), (), 500, p, 0.3, 0, 0, (), False)
        for n, p in enumerate((0.40, 0.42, 0.75, 0.41))
    )
    estimates = tuple(
        DatedEstimate(u.date, 1, Estimate("q.k", "2pl", "s", {"a": 1.0, "b": b}, {"a": 0.1, "b": 0.1}, 500, u.sitting), b, 0.1, False)
        for u, b in zip(uses, (0.5, 0.4, -1.3, 0.45), strict=True)
    )
    whole = ItemHistory("Q", uses, revisions_of(uses), estimates, "s", (), (), flags)
    return whole, item_chart(whole)


def raised(code: str, decision: Decision | None = None) -> ItemFlag:
    return ItemFlag("s2", "Q", "q.k", code, code != "drift", LEAKED, "2022-05-01", decision)


def test_what_comes_after_a_leak_is_pooled_with_nothing() -> None:
    whole, plain = leaked()
    assert plain.trend.n.tolist() == [4] and plain.chart.centre[0] == pytest.approx(0.495)
    whole, found = leaked(raised("leak"))
    assert found.apart.tolist() == [False, False, True, True] == found.apart_b.tolist()
    assert pooled_b(whole, found, "q.k")[0] == pytest.approx(0.45)
    assert found.chart.centre == pytest.approx([0.41] * 4) and found.chart.outside.tolist() == [False, False, True, False]
    assert found.signals.beyond.tolist() == [False, False, True, False]


def test_of_an_item_that_was_kept_only_the_sitting_that_was_flagged_stands_apart() -> None:
    kept = raised("easier", Decision("s2", "Q", "q.k", "keep", "no leak found", "li", "2022-06-01T08:00:00+00:00"))
    whole, found = leaked(kept)
    assert found.apart.tolist() == [False, False, True, False]
    assert pooled_b(whole, found, "q.k")[0] == pytest.approx(0.45)
    assert found.chart.centre[3] == pytest.approx(0.41)


def test_before_and_after_a_drift_each_has_its_own_line() -> None:
    whole, found = leaked(raised("drift"))
    assert found.chart.centre == pytest.approx([0.41, 0.41, 0.58, 0.58])
    assert pooled_b(whole, found, "q.k")[0] == pytest.approx((-1.3 + 0.45) / 2)
    assert found.trend.pooled[found.stretch[0]] == pytest.approx(0.45)


def test_of_two_sittings_that_differ_neither_is_the_odd_one() -> None:
    uses = tuple(
        SittingUse(f"s{n}", f"202{n}-05-01", "q.k", m, m, (), m, p, 0.3, 0, 0, (), False)
        for n, (m, p) in enumerate(((600, 0.35), (800, 0.63)))
    )
    found = item_chart(ItemHistory("Q", uses, revisions_of(uses), (), "", (), ()))
    p = (600 * 0.35 + 800 * 0.63) / 1400
    apart = (0.63 - 0.35) / math.sqrt(p * (1 - p) * (1 / 600 + 1 / 800))
    assert found.chart.z == pytest.approx([-apart, apart]), "the test of two proportions"
    assert found.signals.differ.tolist() == [True, True] and not found.signals.beyond.any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flag_of_the_calibration_is_told_with_its_facts_and_what_was_decided(language: Language) -> None:
    t = texts(language)
    said = raised_sentence(raised("leak"), t)
    for fact in ("B02", "2022-05-01", "64 %", "53", "74 %", "0.470", "0.620", "qbank decide s2 Q keep|credit"):
        assert fact in said
    assert "A01" not in said
    decided = raised_sentence(raised("easier", Decision("s2", "Q", "q.k", "credit", "seen online", "li", "2022-06-01T08:00:00+00:00")), t)
    assert all(fact in decided for fact in ("27 %", "20", "34 %", "2022-06-01", "li", "seen online")) and "T08" not in decided
    drifted = raised_sentence(replace(raised("drift"), facts=DRIFTED), t)
    assert all(fact in drifted for fact in ("-0.21", "-0.35", "-0.07", "330")) and "qbank decide" not in drifted
    assert "s2" in raised_sentence(replace(raised("leak"), facts={"z": 4.0}), t), "as an earlier version stored it"


def test_of_an_item_on_very_many_papers_the_first_and_their_number_are_shown_and_the_data_name_all() -> None:
    found = history()
    names = tuple(f"f-1-{n}" for n in range(1200))
    found = replace(found, uses=(replace(found.uses[0], papers=names), *found.uses[1:]))
    shown = papers_table(found, texts("en"), "en").rows
    assert shown[0][1] == "f-1-0, f-1-1, f-1-2, … (1,200 papers)" and shown[1][1] == "bof-4-1-A, bof-4-1-B"
    assert papers_table(found, texts("zh"), "zh").rows[0][1] == "f-1-0、f-1-1、f-1-2 等 1200 份"
    kept = sittings_table(found, item_chart(found), texts("en"), "en")
    column = [column.name for column in kept.columns].index("papers")
    assert kept.columns[column].data_only and kept.rows[0][column] == ", ".join(names)
