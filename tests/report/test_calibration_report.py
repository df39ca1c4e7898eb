"""The report of a calibration: golden pages and figures, order, verdicts, what stands where, both languages."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbank.messages import LANGUAGES, Language
from qbank.report import Badge, Figure, Gallery, Report, Section, Table, to_html, to_json
from qbank.report.blocks import walk
from qbank.report.calibration import calibration_report
from qbank.report.drawing import draw
from qbank.report.pdf import typst_report
from tests.report.calibration_sample import ITEMS, data, sample

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "calibration"


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


def rows_of(figure: Figure, name: str = "hover") -> list[dict[str, Any]]:
    """Return the rows of the layer of that name, or of the first layer with that mark."""

    def layers(spec: dict[str, Any]) -> list[dict[str, Any]]:
        return [spec] if "mark" in spec else [inner for part in spec["layer"] for inner in layers(part)]

    found = next(layer for layer in layers(figure.spec) if name in (layer.get("name"), layer["mark"]["type"]))
    return list(found["data"]["values"])


def code(cell: object) -> str:
    assert isinstance(cell, tuple) and isinstance(cell[0], Badge)
    return cell[0].code


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_the_golden_ones(language: Language) -> None:
    golden(f"page.{language}.html", to_html(sample(language)))


def test_the_figures_are_the_golden_ones() -> None:
    specs = {name: figure.spec for name, figure in figures(sample()).items()}
    golden("figures.json", json.dumps(specs, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    assert {path.name for path in GOLDEN.iterdir()} == {"figures.json", "page.en.html", "page.zh.html"}


def test_sections_without_anything_to_say_are_left_out() -> None:
    names = [block.name for block in sample().blocks if isinstance(block, Section)]
    assert names == ["summary", "map", "test", "items", "shares", "drift", "planning", "methods"]
    bare = [block.name for block in sample(planned=False).blocks if isinstance(block, Section)]
    assert bare == [name for name in names if name != "planning"]


def test_items_stand_worst_first_and_say_why() -> None:
    rows = table(sample(bad=("Q05", "Q09")), "items")
    assert [row["item"] for row in rows[:4]] == ["Q05", "Q09", "Q13", "Q12"]
    assert [code(row["verdict"]) for row in rows[:5]] == ["look", "look", "missing", "missing", "fits"]
    assert "infit" in rows[0]["why"].lower() and "1.41" in rows[0]["why"] and "< 0.001" in rows[0]["why"]
    assert "possible miskey" in rows[2]["why"] and "everybody answered it rightly" in rows[3]["why"]
    p = [row["s_x2_p"] for row in rows[4:] if row["s_x2_p"] is not None]
    assert p == sorted(p) and len(p) >= 8
    assert {row["item"] for row in rows} == {*ITEMS, "Q13"}


def test_an_item_whose_slope_is_not_positive_is_to_be_looked_at() -> None:
    found = data(bad=())
    values = found.fit.parameters.values["a"]
    assert (values[:11] > 0).all()
    slopes = np.where(np.arange(12) == 3, -0.4, values)
    turned = replace(found.fit.parameters, values={**found.fit.parameters.values, "a": slopes})
    fit = replace(found.fit, parameters=turned)
    rows = table(calibration_report(replace(found, fit=fit), "en"), "items")
    assert rows[0]["item"] == "Q04" and code(rows[0]["verdict"]) == "look"


def test_the_map_names_every_item_on_hover_and_marks_those_to_look_at() -> None:
    figure = figures(sample())["map"]
    rows = rows_of(figure)
    assert len(figure.titles) == len(rows) == 11
    assert [title.split(":")[0] for title in figure.titles] == [*ITEMS[:4], *ITEMS[5:11], "Q05"]
    assert rows[-1]["label"] == "Q05" and [row["shape"] for row in rows].count("triangle-up") == 1
    assert rows[0]["shape"] == "square"
    (svg,) = draw([figure])
    titles = re.findall(r"<title>(Q\d\d):", svg)
    assert titles == [title.split(":")[0] for title in figure.titles]
    places = sorted(rows, key=lambda row: float(row["x"]))
    assert [row["b"] for row in places] == sorted(row["b"] for row in rows)


def test_hover_titles_are_kept_apart_in_a_batch() -> None:
    drawn = [figures(sample())[name] for name in ("map", "drift", "planning")]
    for figure, svg in zip(drawn, draw(drawn), strict=True):
        assert svg == draw([figure])[0]
        assert svg.count("<title>") == len(figure.titles)


def test_the_cut_is_taken_in_proportion_and_said_so() -> None:
    found = sample()
    cut = rows_of(figures(found)["tcc"], "rule")
    assert len(cut) == 1 and -1.5 < cut[0]["theta"] < 1.5
    assert "taken in proportion: 6.4 marks" in to_json(found)


def test_a_cut_has_no_place_where_much_is_not_calibrated() -> None:
    found = sample(full=15.0)
    assert "theta" not in rows_of(figures(found)["tcc"], "rule")[0]
    assert "do not carry 4 of the 15 marks" in to_json(found)


def test_many_papers_become_a_band() -> None:
    names = {row["name"] for row in rows_of(figures(sample(n_papers=5))["information"], "area")}
    assert names == {"those who sat", "all 5 papers"}
    assert {row["name"] for row in rows_of(figures(sample())["information"], "line")} == {"tiny-1", "tiny-2"}


def test_items_that_fit_badly_are_drawn_first_and_others_fill_up() -> None:
    gallery = next(block for block in walk(sample().blocks) if isinstance(block, Gallery))
    assert gallery.figures[0].name == "shares:Q05" and len(gallery.figures) == 6
    none = next(block for block in walk(sample(bad=()).blocks) if isinstance(block, Gallery))
    assert len(none.figures) == 6
    points = rows_of(gallery.figures[0], "point")
    assert len(points) >= 3 and all(row["low"] <= row["share"] <= row["high"] for row in points)


def test_anchors_stand_furthest_first_and_those_moved_are_named_in_the_plot() -> None:
    found = sample()
    rows = table(found, "anchors")
    assert [row["item"] for row in rows[:2]] == ["Q03", "Q05"]
    assert [code(row["verdict"]) for row in rows[:3]] == ["removed", "flagged", "kept"]
    assert rows[0]["wald"] == 6.2 and rows[0]["threshold"] == 2.9
    assert rows[0]["away"] == pytest.approx(1.1 * -0.9, abs=1e-9)
    labels = [row["label"] for row in rows_of(figures(found)["drift"]) if row["label"]]
    assert labels == ["Q03", "Q05"]


def test_without_enough_anchors_the_page_says_that_drift_cannot_be_seen() -> None:
    assert "too few, or too weakly determined" in to_json(sample(drift=False))


def test_planning_difficulties_say_what_they_are_for_wherever_they_stand() -> None:
    section = next(block for block in sample().blocks if isinstance(block, Section) and block.name == "planning")
    found = to_json(Report("x", (section,)))
    assert found.count("or planning only") >= 3
    assert len(figures(sample())["planning"].titles) == 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_has_a_text_alternative_and_nothing_is_run_from_data(language: Language) -> None:
    found = sample(language)
    assert all(len(figure.alt) > 20 for figure in figures(found).values())
    page = to_html(found)
    assert "<few persons>" not in page and "&lt;few persons&gt;" in page
    assert set(re.findall(r"https?://[^\s\"'<>]+", page)) <= {"http://www.w3.org/2000/svg"}


def test_a_gallery_is_in_the_data_and_in_print() -> None:
    gallery = next(block for block in walk(sample().blocks) if isinstance(block, Gallery))
    report = Report("x", (gallery,))
    assert len(json.loads(to_json(report))["blocks"][0]["figures"]) == 6
    assert typst_report(report).count("image(") == 6
