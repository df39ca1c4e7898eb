"""The report of a sitting with a paper a person: every paper in the data, a few of them on the page, none told apart."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest

from qbank.analysis import analyse
from qbank.messages import LANGUAGES, Language, group_texts
from qbank.report import PaperInfo, Report, SittingMeta, Table, sitting_report, to_csv, to_html, to_json
from qbank.report.blocks import ItemCard, walk
from qbank.report.pdf import typst_report
from tests.analysis.simulated import family

META = SittingMeta(
    title="pilot", sitting="pilot", papers=tuple(PaperInfo(f"P{n:03}", "", f"digest{n:03}", ("fam-1", "0123abcd")) for n in range(70)),
    versions=(("qbank", "test"),),
)  # fmt: skip


@pytest.fixture(scope="module", params=LANGUAGES)
def report(request: pytest.FixtureRequest) -> Report:
    language: Language = request.param
    return sitting_report(analyse(family(each=4), design="spiralled"), META, {}, language)


def table(report: Report, name: str) -> Table:
    return next(block for block in walk(report.blocks) if isinstance(block, Table) and block.name == name)


def test_the_page_and_the_print_show_a_few_papers_and_the_data_all(report: Report) -> None:
    page, print_ = to_html(report), typst_report(report)
    shown = {f"P{n:03}" for n in range(70) if f"P{n:03}" in page}
    assert 10 <= len(shown) <= 13
    assert {f"P{n:03}" for n in range(70) if f"P{n:03}" in print_} == shown
    rows = list(csv.DictReader(io.StringIO(to_csv(report)["papers"])))
    assert len(rows) == 70 and {row["form"] for row in rows} >= shown
    assert {row["digest"] for row in rows} == {paper.digest for paper in META.papers}
    facility = [float(row["facility"]) for row in rows]
    assert facility == sorted(facility) and rows[0]["form"] in shown and rows[-1]["form"] in shown
    assert '"P035"' in to_json(report)


def test_one_row_stands_for_all_papers_and_no_column_names_them(report: Report) -> None:
    for name in ("reliability", "coefficients", "reliability_parts", "decision_accuracy", "near_the_cut", "speed", "subscores"):
        column = next(column for column in table(report, name).columns if column.name == "form")
        assert column.data_only, name
    assert len(table(report, "reliability").rows) == 1
    assert table(report, "rates").rows[0][0] == group_texts(report.language, "report")["by_all"]
    assert len(table(report, "rates").rows) == 3
    forms = [row[1] for row in table(report, "items").rows]
    assert all(str(n).isdigit() for n in forms), "an item tells how many papers hold it"
    told = [row for row in table(report, "versions").rows if row[2] == "0123abcd"]
    assert len(told) == 1 and "70" in str(told[0][1])


def test_what_is_computed_otherwise_is_said_so(report: Report) -> None:
    own, usual = group_texts(report.language, "report_many_papers"), group_texts(report.language, "report")
    words = " ".join(block.text for block in walk(report.blocks) if hasattr(block, "text"))
    notes = " ".join(note for block in walk(report.blocks) if isinstance(block, Table) for note in block.notes)
    for name in ("many_dimension", "many_decisions", "many_dif", "method_alpha", "method_item_rest", "method_groups", "method_difference"):
        assert own[name] in words
    assert own["note_item_rest"].format(confidence="95") in notes and usual["note_item_rest"].format(confidence="95") not in notes
    assert set(own) & set(usual) == {name for name in own if not name.startswith("many_")}, "what is not its own stands in place of another"


def test_the_methods_tell_nothing_that_only_one_paper_has(report: Report) -> None:
    words = " ".join(block.text for section in report.blocks if section.name in ("methods", "dif") for block in walk((section,)) if hasattr(block, "text"))  # type: ignore[union-attr]
    dif = group_texts(report.language, "report_dif")
    assert dif["method_mh_many"] in words and dif["lead_many"] in words and dif["method_mh"] not in words and dif["irt_none"] not in words
    for name in ("many_method_strata", "many_method_conditional", "many_method_decided", "many_method_lee", "many_method_figures", "many_method_subscores", "method_options"):
        assert group_texts(report.language, "report_many_papers")[name] in words
    for word in ("Shealy", "Guttman", "Horn", "DETECT", "Schmid", "Braun", "Lord 两项", "two-term"):
        assert word not in words, word


def test_equated_cuts_of_many_papers_are_a_range() -> None:
    data = family(each=4)
    data = replace(data, cuts=np.round(7 + 0.01 * np.arange(70), 2))
    page = to_html(sitting_report(analyse(data, design="spiralled"), META, {}, "en"))
    assert "69 papers have cuts from 7.01 to 7.69" in page


def test_the_report_holds_no_number_of_one_person(report: Report) -> None:
    columns = [column.name for column in table(report, "papers").columns]
    assert columns == ["form", "n", "n_items", "marks_max", "expected", "facility", "cut", "digest"]
    assert not re.search(r"\bnan\b", to_csv(report)["papers"])


def test_of_very_many_items_only_the_flagged_ones_have_a_card_on_paper(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = [block for block in walk(report.blocks) if isinstance(block, ItemCard)]
    flagged = [card for card in cards if card.flags]
    assert 0 < len(flagged) < len(cards)
    assert typst_report(report).count("#pagebreak(weak: true)") == len(cards)
    monkeypatch.setattr("qbank.report.blocks.MOST_CARDS", len(cards) - 1)
    assert typst_report(report).count("#pagebreak(weak: true)") == len(flagged)
    assert all(card.item in to_html(report) for card in cards)
