"""The report of an item's history: golden pages and figures, what stands where, one sitting, a thousand, both languages."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from qbank.ledger import ItemHistory
from qbank.ledger.item_records import revisions_of
from qbank.messages import LANGUAGES, Language
from qbank.report import Figure, Report, Section, Table, Text, to_html, to_json
from qbank.report.blocks import walk
from qbank.report.drawing import draw
from qbank.report.history import history_report
from qbank.report.history.chart_figure import CHART_SIZE
from qbank.report.pdf import typst_report
from qbank.report.pixels import text_width
from tests.report.history_sample import FLAG, case, control, data, history, many, sample, uses

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
        "held as an anchor, not in the chart", *["estimated anew, in the chart"] * 3,
    ]  # fmt: skip


def test_a_point_beyond_the_limits_has_another_shape_and_stands_in_the_table() -> None:
    """The last sitting of the second revision (0.62 of 310): pooled (157.5 + 155.1 + 123.2 + 192.2) of 1270 =
    0.4945, sigma √(0.4945 × 0.5055 / 310) = 0.0284, z = 0.1255 / 0.0284 = 4.42."""
    figure = figures(sample())[f"facility-{history().item}"]
    assert [row["shape"] for row in points(figure)] == ["circle"] * 10 + ["triangle-up"]
    last = table(sample(), "sittings")[-1]
    assert [badge.code for badge in last["signals"]] == ["beyond"]
    assert last["centre"] == pytest.approx(0.4945, abs=1e-4) and last["z"] == pytest.approx(4.42, abs=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flag_says_by_which_rules_in_words(language: Language) -> None:
    words = sentences(sample(language))
    rules = {"zh": ("越出 3 个标准差", "b 随时间变化"), "en": ("beyond 3 sigma", "b changes with time")}[language]
    warning = next(b.text for b in walk(sample(language).blocks) if isinstance(b, Text) and b.style == "warning")
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
