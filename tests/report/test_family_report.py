"""The report of a family: golden pages in both languages, numbers equal to what was worked out, figures with words."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qbank.messages import LANGUAGES, Language
from qbank.report import Figure, Report, Table, csv_text, to_html, to_json
from qbank.report.blocks import Facts, Text, walk
from qbank.report.family import family_data, family_report
from qbank.report.pdf import to_pdf, typst_report
from tests.report.family_sample import sample_family
from tests.report.test_sitting_report import parsed, rounded

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "family"
FIGURES = {"expected_score", "difference", "information", "sem", "score_at_cut", "exposure", "shared"}


def golden(name: str, text: str) -> None:
    """Compare with the file, or write it where QBANK_GOLDEN=update is set."""
    path, text = GOLDEN / name, rounded(text)
    if os.environ.get("QBANK_GOLDEN") == "update":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    assert path.exists(), f"{path} is missing: run with QBANK_GOLDEN=update and read what it wrote"
    assert path.read_bytes().decode("utf-8") == text, f"{name} changed: QBANK_GOLDEN=update, then read the difference"


def table_of(report: Report, name: str) -> Table:
    return next(block for block in walk(report.blocks) if isinstance(block, Table) and block.name == name)


def texts_of(report: Report) -> str:
    return "\n".join(block.text for block in walk(report.blocks) if isinstance(block, Text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_family_is_the_golden_one(language: Language) -> None:
    golden(f"family.{language}.html", to_html(family_report(sample_family(), language)))
    assert {path.name for path in GOLDEN.iterdir()} == {f"family.{each}.html" for each in LANGUAGES}


def test_the_tables_hold_what_was_worked_out() -> None:
    facts = sample_family()
    report, found = family_report(facts, "en"), facts.comparability
    overall = table_of(report, "overall").rows
    assert [row[-1] for row in overall] == [one.extra_overall for one in found.verdicts]
    near = table_of(report, "near").rows
    assert [row[-1] for row in near[:5]] == found.verdict("raw").extra.tolist()
    at_cut = table_of(report, "at_cut").rows
    assert at_cut[0][1] == found.scores_at_cut.min() and at_cut[3][5] == found.own_ability.max()
    (summary,) = [block for block in walk(report.blocks) if isinstance(block, Facts) and block.name == "summary"]
    assert {fact.name: fact.value for fact in summary.facts}["papers"] == "334"
    assert sum(row[1] for row in table_of(report, "shared").rows) == 2000


def test_the_data_files_hold_every_ability_and_every_item() -> None:
    facts = sample_family()
    curves, exposure = family_data(facts, "en")
    rows = list(csv.DictReader(io.StringIO(csv_text(curves))))
    assert [float(row["expected_score_most"]) for row in rows] == facts.comparability.score.most.tolist()
    assert [float(row["sem_low"]) for row in rows] == facts.comparability.sem.low.tolist()
    assert sorted(row[0] for row in exposure.rows) == sorted(facts.ids)
    shares = [row[1] for row in exposure.rows]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_is_drawn_with_a_text_alternative_on_page_and_paper(language: Language) -> None:
    report = family_report(sample_family(), language)
    assert {block.name for block in walk(report.blocks) if isinstance(block, Figure)} == FIGURES
    drawings = [found for tag, found in parsed(to_html(report)).tags if tag == "svg"]
    assert len(drawings) == len(FIGURES) and all(found["aria-label"] for found in drawings)
    pdf = to_pdf(report)  # typst refuses what PDF/UA-1 and PDF/A-2b do not allow
    assert pdf.startswith(b"%PDF") and pdf == to_pdf(report)
    assert "小试卷" in typst_report(report) and to_json(report).startswith("{")


def test_a_family_that_rests_on_judgement_says_so_and_that_it_is_for_pilots() -> None:
    assert "forecast" not in texts_of(family_report(sample_family(), "en"))
    words = texts_of(family_report(sample_family(calibrated=False), "en"))
    assert "forecast" in words and "pilot" in words


def test_a_cut_that_no_ability_reaches_leaves_out_what_does_not_exist() -> None:
    report = family_report(sample_family(cut=10.5), "zh")
    assert "无从给出" in texts_of(report)
    assert "score_at_cut" not in {block.name for block in walk(report.blocks) if isinstance(block, Figure)}
    assert to_html(report) and to_pdf(report)


def test_equating_is_advised_only_where_it_leaves_less() -> None:
    facts = sample_family()
    assert "Give verdicts of a family by equated marks" in texts_of(family_report(facts, "en"))
    found = facts.comparability
    raw = found.verdict("raw")
    alike = tuple(replace(one, same_overall=raw.same_overall, different_overall=raw.same_overall + 1e-5) for one in found.verdicts)
    same = replace(facts, comparability=replace(found, verdicts=alike))
    assert "so alike" in texts_of(family_report(same, "en"))


def test_estimated_numbers_of_papers_come_with_their_interval_and_exact_ones_without() -> None:
    facts = replace(sample_family(), papers=9 * 10**8, low=89 * 10**7, high=91 * 10**7, words=2 * 10**9)
    page = to_html(family_report(facts, "en"))
    assert "99 % interval 890,000,000 to 910,000,000" in page and "all counted" not in page
    assert "all counted" in to_html(family_report(sample_family(), "en"))


def test_a_family_of_two_papers_and_one_without_pairs_are_reported() -> None:
    from qbank.assemble.family.showing import Shared, shown_items

    facts = sample_family()
    one = shown_items(np.arange(10)[None, :], every=True)
    few = replace(facts, papers=1, low=1, high=1, most=None, shown=one, ids=facts.ids[:10], shared=Shared(float("nan"), np.zeros(0, np.int64)))
    assert "shared" not in {block.name for block in walk(family_report(few, "en").blocks) if isinstance(block, Figure)}
    assert to_html(family_report(few, "zh"))
