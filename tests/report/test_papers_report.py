"""Papers side by side: golden pages in both languages, numbers equal to the audit's, figures for two papers and for fifty."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qbank.assemble.lines import MANY, line_name, short_names, spread
from qbank.messages import LANGUAGES, Language
from qbank.render.typst_literals import typst_string
from qbank.report import Figure, Report, Table, csv_text, to_csv, to_html, to_json
from qbank.report.blocks import walk
from qbank.report.papers import MAIN_FIGURES, papers_data, papers_report
from qbank.report.papers.curve_figure import CURVE_MARGIN, CURVE_SIZE, Cut, Line, curve_figure
from qbank.report.papers.overlap import shared_items
from qbank.report.pdf import to_pdf, typst_report
from qbank.report.pixels import text_width
from qbank.report.poster import poster, to_png
from tests.report.papers_sample import META, sample, sample_report
from tests.report.test_sitting_report import parsed, rounded

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "papers"
ALWAYS = ["expected_score", "information", "sem", "domains", "grades", "importance"]


def golden(name: str, text: str) -> None:
    """Compare with the file, or write it where QBANK_GOLDEN=update is set; what a digest covers is another's matter."""
    path = GOLDEN / name
    text = re.sub(r"\b[0-9a-f]{16}\b", "0" * 16, rounded(text))
    if os.environ.get("QBANK_GOLDEN") == "update":
        path.write_bytes(text.encode("utf-8"))
    assert path.exists(), f"{path} is missing: run with QBANK_GOLDEN=update and read what it wrote"
    assert path.read_bytes().decode("utf-8") == text, f"{name} changed: QBANK_GOLDEN=update, then read the difference"


def table_of(report: Report, name: str) -> Table:
    return next(block for block in walk(report.blocks) if isinstance(block, Table) and block.name == name)


def figures_of(report: Report) -> dict[str, Figure]:
    return {block.name: block for block in walk(report.blocks) if isinstance(block, Figure)}


def rows_in(spec: Any, kind: str) -> list[dict[str, Any]]:
    """Return the rows of every layer whose mark is of this kind."""
    found = []
    for layer in spec["layer"]:
        if "layer" in layer:
            found += rows_in(layer, kind)
        elif layer["mark"]["type"] == kind:
            found += layer["data"]["values"]
    return found


# --- golden


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_two_papers_and_of_many_are_the_golden_ones(language: Language) -> None:
    golden(f"two.{language}.html", to_html(sample_report(2, language, calibrated=True)))
    golden(f"many.{language}.html", to_html(sample_report(12, language)))


def test_the_picture_and_the_figures_are_the_golden_ones() -> None:
    golden("two.svg", poster(sample_report(2, "zh"), MAIN_FIGURES, "依据"))
    golden("many.json", to_json(sample_report(12, "en")))
    kept = {path.name for path in GOLDEN.iterdir()}
    assert kept == {f"{what}.{language}.html" for what in ("two", "many") for language in LANGUAGES} | {"two.svg", "many.json"}


# --- numbers


@pytest.mark.parametrize("n_forms", [2, MANY, 50])
def test_the_measures_of_the_report_are_the_lines_of_the_audit(n_forms: int) -> None:
    audit, _ = sample(n_forms)
    found = list(csv.DictReader(io.StringIO(to_csv(sample_report(n_forms))["measures"])))
    assert len(found) == len(audit.lines)
    for row, (name, values, target) in zip(found, audit.lines, strict=True):
        assert row["measure"].startswith(line_name(name, "en"))
        assert [float(row[form]) for form in audit.forms] == list(values)
        assert row["standard"] == ("" if target is None else repr(target))


def test_of_many_papers_the_page_shows_a_spread_and_the_furthest_paper_by_name() -> None:
    few, many = table_of(sample_report(MANY - 1), "measures"), table_of(sample_report(MANY), "measures")
    assert not any(column.data_only for column in few.columns)
    shown = [column.name for column in many.columns if not column.data_only]
    assert shown == ["measure", "standard", "low", "median", "high", "furthest"]
    assert many.rows[0][:6] == ("domain A-A 甲一", 3.0, 3.0, 3.0, 5.0, "tiny-1-D")


def test_a_rule_that_breaks_is_one_row_with_the_paper_that_breaks_it() -> None:
    report = sample_report(12, "zh")
    rules = {row[0]: row for row in table_of(report, "rules").rows}
    assert rules["鉴定范围分值 A-A"][1:] == (2.0, 4.0, 3.0, 5.0, "11 / 12", "tiny-1-D")
    assert rules["count: {where: 'grade >= 4', min: 2}"][-2:] == ("12 / 12", "")
    assert "有 1 项规则复核未通过" in to_html(report)


def test_the_curves_in_the_data_are_those_of_the_audit() -> None:
    audit, forms = sample(3, calibrated=True)
    curve, overlap = papers_data(audit, forms, META, "en")
    rows = list(csv.DictReader(io.StringIO(csv_text(curve))))
    grid = audit.measured.grid
    assert [float(row["expected_score"]) for row in rows if row["form"] == forms[1].id] == grid.expected_score[1].tolist()
    assert [float(row["theta"]) for row in rows[: grid.theta.size]] == grid.theta.tolist()
    assert [row[2] for row in overlap.rows] == [4, 4, 0]


def test_shared_items_are_counted_for_every_pair() -> None:
    _, forms = sample(6)
    matrix = shared_items(forms)
    assert [matrix[0][k] for k in range(6)] == [8, 4, 0, 0, 0, 4], "the bank of 24 goes round: the last meets the first"
    assert all(matrix[a][b] == matrix[b][a] for a in range(6) for b in range(6))


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=12), st.one_of(st.none(), st.floats(-50, 50)))
def test_no_paper_is_further_off_than_the_furthest(values: list[float], target: float | None) -> None:
    found = spread(values, target)
    assert found.low <= found.median <= found.high
    centre = found.median if target is None else target
    away = [abs(value - centre) for value in values]
    if found.furthest is None:
        assert max(values) == pytest.approx(min(values), abs=1e-8), "all are the same"
    else:
        assert away[found.furthest] == max(away)


@example(["-", "--"])
@given(st.lists(st.text("ab-1", min_size=1, max_size=6), min_size=1, max_size=6, unique=True))
def test_short_names_still_tell_papers_apart(ids: list[str]) -> None:
    assert len(set(short_names(ids))) == len(ids)


# --- figures


@pytest.mark.parametrize(("n_forms", "more"), [(1, []), (2, ["difference"]), (4, ["difference", "overlap"]), (50, ["difference", "overlap"])])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_papers_has_its_figures_drawn_with_a_text_alternative(
    n_forms: int, more: list[str], language: Language
) -> None:
    report = sample_report(n_forms, language)
    assert sorted(figures_of(report)) == sorted(ALWAYS + more)
    checker = parsed(to_html(report))
    drawings = [found for tag, found in checker.tags if tag == "svg"]
    assert len(drawings) == len(ALWAYS + more) and all(found["aria-label"] for found in drawings)


def test_few_papers_have_a_line_each_and_many_a_band_with_the_furthest_named() -> None:
    few = figures_of(sample_report(MANY - 1))["difference"].spec
    assert {row["name"] for row in rows_in(few, "line")} == {f"tiny-1-{letter}" for letter in "ABCDEFGH"}
    styles = {(row["name"], row["colour"], tuple(row["dash"])) for row in rows_in(few, "line")}
    assert len({style[1:] for style in styles}) == MANY - 1, "no two lines look the same"
    audit, _ = sample(20)
    many = figures_of(sample_report(20))["difference"]
    apart = audit.measured.grid.expected_score - audit.measured.grid.expected_score.mean(axis=0)
    (band,) = {row["name"] for row in rows_in(many.spec, "area")}
    assert band == "range of 20 papers"
    assert [row["low"] for row in rows_in(many.spec, "area")] == pytest.approx(apart.min(axis=0), abs=1e-5)
    assert [row["high"] for row in rows_in(many.spec, "area")] == pytest.approx(apart.max(axis=0), abs=1e-5)
    (worst,) = {row["name"] for row in rows_in(many.spec, "line")}
    at = abs(audit.measured.at_cut.expected_score[:, 0] - audit.measured.at_cut.expected_score.mean())
    assert worst == audit.forms[int(at.argmax())] and worst in many.alt


def test_the_cut_stands_in_every_curve_at_its_ability() -> None:
    for name, figure in figures_of(sample_report(3)).items():
        thetas = {row["theta"] for row in rows_in(figure.spec, "rule") if "theta" in row}
        assert thetas == ({-0.3} if name in MAIN_FIGURES else set()), name


def test_the_95_per_cent_band_is_drawn_only_where_papers_are_calibrated() -> None:
    audit, _ = sample(2, calibrated=True)
    spec = figures_of(sample_report(2, calibrated=True))["expected_score"].spec
    first = [row for row in rows_in(spec, "area") if row["name"] == "tiny-1-A"]
    half = 1.96 * audit.measured.grid.score_error[0]
    assert [(row["high"] - row["low"]) / 2 for row in first] == pytest.approx(half, abs=2e-5)
    assert not rows_in(figures_of(sample_report(2))["expected_score"].spec, "area")


def test_what_parallelism_rests_on_stands_in_every_curve_and_in_the_picture() -> None:
    for language, judged, calibrated in (("zh", "平行性尚未证实（±3.0 分，95%）", "依据标定参数"), ("en", "not established, ±3.0 marks", "calibrated parameters")):
        for name in MAIN_FIGURES:
            assert judged in figures_of(sample_report(2, language))[name].caption
            assert calibrated in figures_of(sample_report(2, language, calibrated=True))[name].caption


def test_where_only_some_items_are_judged_the_report_says_how_many() -> None:
    audit, forms = sample(2)
    lines = tuple((name, (7.0, 8.0) if name == "calibrated items" else values, target) for name, values, target in audit.lines)
    page = to_html(papers_report(replace(audit, lines=lines), forms, META, "en"))
    assert "1 of 16 items have no calibration" in page and "1 of 16 items judged only" in page


def test_where_marks_are_given_in_part_the_error_of_measurement_is_called_an_upper_bound() -> None:
    audit, forms = sample(2)
    (section,) = forms[1].sections
    essay = replace(section.items[0], kind="essay")
    written = (forms[0], replace(forms[1], sections=(replace(section, items=(essay, *section.items[1:])),)))
    assert "read it as an upper bound" in to_html(papers_report(audit, written, META, "en"))
    assert "upper bound" not in to_html(papers_report(audit, forms, META, "en"))


@pytest.mark.parametrize("theta", [-3.9, -2.0, 0.0, 3.9])
@pytest.mark.parametrize("title", ["期望分（分）", "a title of the axis that is rather long"])
def test_the_label_of_the_cut_runs_neither_into_the_title_of_the_axis_nor_off_the_plot(theta: float, title: str) -> None:
    spec = curve_figure([-4, 4], [Line("A", [0, 1])], cut=Cut(theta, "合格线 60 分（θ = −0.43）"), x_title="θ", y_title=title)
    label = next(layer for layer in spec["layer"][0]["layer"] if layer["mark"]["type"] == "text")
    half = text_width("合格线 60 分（θ = −0.43）", 12) / 2
    middle = label["encoding"]["x"]["value"]
    assert middle - half >= text_width(title, 11.5) + 6 - CURVE_MARGIN[0] + 8
    assert middle + half <= CURVE_SIZE[0] + 1


def test_domains_of_a_few_papers_are_marks_and_of_more_a_table_of_colours() -> None:
    few = figures_of(sample_report(4))["domains"].spec
    assert [row["wanted"] for row in rows_in(few, "rect") if "wanted" in row] == [3.0, 2.5, 2.5]
    values = [row["value"] for row in rows_in(few, "point") if "value" in row]
    assert values == [3, 3, 3, 5, 2, 2, 2, 0, 3, 3, 3, 3]
    many = figures_of(sample_report(20))["domains"].spec
    written = [row["label"] for row in rows_in(many, "text") if row.get("weight")]
    assert written[:20] == ["0"] * 3 + ["+2"] + ["0"] * 16
    assert sum(row["weight"] == "bold" for row in rows_in(many, "text") if row.get("weight")) == 2, "A-A and A-B of paper 4"


def test_at_fifty_papers_no_text_stands_where_it_would_run_into_another() -> None:
    spec = figures_of(sample_report(50, "zh"))["domains"].spec
    heads = [row for row in rows_in(spec, "text") if row["y"] == -6]
    assert len(heads) < 50
    widths = [6.6 * len(row["label"]) for row in heads]
    assert all(b["x"] - a["x"] >= (v + w) / 2 for a, b, v, w in zip(heads, heads[1:], widths, widths[1:], strict=False))
    assert {row["label"] for row in rows_in(spec, "text") if row.get("weight")} == {"×"}, "no room for numbers, only for what breaks"


def test_specifications_are_plain_data() -> None:
    for figure in figures_of(sample_report(12)).values():
        assert json.loads(json.dumps(figure.spec)) == figure.spec
        assert not any(isinstance(v, float) and not math.isfinite(v) for row in rows_in(figure.spec, "line") for v in row.values())


def test_the_specifications_are_of_the_version_that_other_figures_have() -> None:
    import altair

    assert all(figure.spec["$schema"] == altair.SCHEMA_URL for figure in figures_of(sample_report(2)).values())


# --- PDF


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_accessible_complete_and_the_same_every_time(language: Language) -> None:
    report = sample_report(12, language)
    pdf = to_pdf(report)  # typst refuses what PDF/UA-1 and PDF/A-2b do not allow: a missing glyph, a figure without words
    assert pdf.startswith(b"%PDF") and pdf == to_pdf(report)
    source = typst_report(report)
    for block in walk(report.blocks):
        if isinstance(block, Figure | Table):
            assert typst_string(block.caption) in source
        if isinstance(block, Figure):
            assert source.count(f"alt: {typst_string(block.alt)}") == 2, "on the picture and on the figure around it"


def test_columns_that_are_data_only_stand_in_no_pdf() -> None:
    source = typst_report(sample_report(12))
    table = source[source.index('"Measure"') : source.index('"domain A-A')]
    assert '"Furthest paper"' in table and '"tiny-1-D"' not in table


# --- pictures


def test_the_picture_is_sound_and_holds_the_main_figures() -> None:
    svg = poster(sample_report(3, "zh"), MAIN_FIGURES, "一 < 二")
    root = ElementTree.fromstring(svg)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}svg"))) == 1 + len(MAIN_FIGURES)
    assert "一 &lt; 二" in svg and to_png(svg, scale=0.2).startswith(b"\x89PNG")


def test_a_picture_of_one_paper_has_no_gap_where_papers_would_be_compared() -> None:
    assert len(list(ElementTree.fromstring(poster(sample_report(1), MAIN_FIGURES)).iter("{http://www.w3.org/2000/svg}svg"))) == 4
