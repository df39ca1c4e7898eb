"""The report of a sitting: order, suppression, languages, injection, determinism, golden files."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import string
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from qbank.analysis import (
    AnalysisSettings,
    DifSettings,
    Raised,
    SittingData,
    Thresholds,
    analyse,
    sitting_data,
)
from qbank.analysis.review import CODES
from qbank.messages import LANGUAGES, Language, group_texts
from qbank.render import page_and_print_fragments
from qbank.report import (
    DecisionLine,
    Facts,
    Heading,
    ItemCard,
    ItemText,
    PaperInfo,
    Report,
    Rich,
    Section,
    SittingMeta,
    Table,
    Text,
    sitting_report,
    to_csv,
    to_html,
    to_json,
    to_pdf,
)
from qbank.report.blocks import Column, walk
from qbank.report.pdf import typst_report
from tests.analysis.simulated import simulated_sitting
from tests.analysis.test_person_fit import sat as calibrated_sitting

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "report"
META = SittingMeta(
    title="炼钢工四级理论知识考试考后分析",
    sitting="2026-11-demo",
    date="2026-11-22",
    place="示例鉴定站",
    papers=(PaperInfo("A", "甲卷", "3f2a9c"), PaperInfo("B", "乙卷", "77aa01")),
    versions=(("qbank", "test"), ("bank", "9c1e")),
    group_titles=(("site", "考点"),),
)
SECTIONS = ["summary", "scores", "reliability", "decision_accuracy", "items", "cards", "dimension", "speed", "dif", "papers", "equating", "subscores", "person_fit", "decisions", "methods", "versions"]


def small_data() -> SittingData:
    return simulated_sitting(n_persons=240, n_items=10, miskeyed=(3,), seed=3)


def item_texts(data: SittingData) -> dict[str, ItemText]:
    return {
        item: ItemText(
            Rich(f"<p>{item} <math><mi>R</mi></math>（　　）。</p>", f"{item} $R$（　　）。"),
            tuple(Rich(f"<p>{label}₂</p>", f"{label}₂") for label in labels),
            "".join(labels[index] for index in sorted(key)),
            "造渣制度",
            "炉渣碱度",
        )
        for item, labels, key in zip(data.items, data.labels, data.key, strict=True)
    }


def report_of(data: SittingData, language: Language = "zh", thresholds: Thresholds | None = None) -> Report:
    analysis = analyse(data, design="spiralled", thresholds=thresholds)
    return sitting_report(analysis, META, item_texts(data), language)


@pytest.fixture(scope="module")
def report() -> Report:
    return report_of(small_data())


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return to_html(report)


class Checker(HTMLParser):
    """Collects what stands in a page, and fails on tags that do not close in order."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing, open: {self.open[-4:]}"


def parsed(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    assert not checker.open
    return checker


# --- golden


def golden(name: str, text: str) -> None:
    """Compare with the file, or write it where QBANK_GOLDEN=update is set."""
    path = GOLDEN / name
    if os.environ.get("QBANK_GOLDEN") == "update":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    assert path.exists(), f"{path} is missing: run with QBANK_GOLDEN=update and read what it wrote"
    assert path.read_bytes().decode("utf-8") == text, (
        f"{name} changed: QBANK_GOLDEN=update, then read the difference"
    )


def rounded(text: str) -> str:
    """Return the text with long decimals cut to nine digits: the last bits differ between processors."""
    return re.sub(r"-?\d+\.\d{7,}(e-?\d+)?", lambda found: f"{float(found.group()):.9g}", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_data_are_the_golden_ones(language: Language) -> None:
    found = report_of(small_data(), language)
    golden(f"sitting.{language}.html", rounded(to_html(found)))
    golden(f"sitting.{language}.json", rounded(to_json(found)))


def test_csv_tables_are_the_golden_ones(report: Report) -> None:
    tables = to_csv(report)
    for name, text in tables.items():
        golden(f"sitting.{name}.csv", rounded(text))
    kept = {path.name for path in GOLDEN.iterdir()}
    wanted = {f"sitting.{name}.csv" for name in tables}
    wanted |= {f"sitting.{language}.{kind}" for language in LANGUAGES for kind in ("html", "json")}
    assert kept == wanted


# --- what stands where


def test_sections_stand_in_the_fixed_order(report: Report, page: str) -> None:
    assert [block.name for block in report.blocks if hasattr(block, "name")] == SECTIONS
    assert [name for name in parsed(page).ids if name in SECTIONS] == SECTIONS


def test_the_page_is_well_formed_and_asks_nothing_of_the_network(page: str) -> None:
    checker = parsed(page)
    assert len(checker.ids) == len(set(checker.ids))
    for tag, attributes in checker.tags:
        assert tag not in ("link", "iframe", "object", "img"), tag
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith("#")
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "url(" not in page and "@import" not in page


def test_every_link_of_the_page_leads_somewhere(page: str) -> None:
    checker = parsed(page)
    targets = {str(found["href"])[1:] for tag, found in checker.tags if tag == "a"}
    assert targets and targets <= set(checker.ids)


def test_figures_have_a_text_alternative_and_headings_a_scope(page: str) -> None:
    checker = parsed(page)
    drawings = [found for tag, found in checker.tags if tag == "svg"]
    assert len(drawings) == 8 + 10  # with the curve of errors and that of reached items
    assert all(found.get("role") == "img" and found.get("aria-label") for found in drawings)
    assert all(found.get("scope") in ("col", "row") for tag, found in checker.tags if tag == "th")


def test_every_drawing_is_sound_xml(page: str) -> None:
    for drawing in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        assert ElementTree.fromstring(drawing).tag.endswith("svg")


def test_the_miskeyed_item_is_held_in_words_colour_and_shape(report: Report, page: str) -> None:
    held = next(block for block in walk(report.blocks) if isinstance(block, Table) and block.name == "held")
    assert held.rows[0][0] == "T-004"
    assert 'class="badge hold">疑似错答案' in page
    assert '.badge.hold::before { content: "▲ "' in page


def test_definitions_stand_where_the_numbers_stand(page: str) -> None:
    items = page[page.index('id="items"') : page.index('id="cards"')]
    for word in ("不含本题", "Wilson", "Fisher", "按 0 分计入", "27%"):
        assert word in items
    reliability = page[page.index('id="reliability"') : page.index('id="decision_accuracy"')]
    assert "Feldt" in reliability and "n−1" in reliability


def test_every_threshold_is_printed(report: Report) -> None:
    table = next(
        block for block in walk(report.blocks) if isinstance(block, Table) and block.name == "thresholds"
    )
    printed = {str(row[0]).rpartition(".")[2]: row[1] for row in table.rows}
    assert printed.items() >= Thresholds().limits().items()
    assert printed == {choice.name: choice.value for choice in AnalysisSettings().choices()}
    assert not any(row[3] for row in table.rows)


def test_what_the_bank_set_stands_beside_what_is_usual() -> None:
    settings = AnalysisSettings(Thresholds(low_discrimination_below=0.2, confidence=0.9), DifSettings(correction="holm"), seed=7)
    analysis = analyse(small_data(), design="spiralled", settings=settings)
    report = sitting_report(analysis, META, {}, "en")
    table = next(block for block in walk(report.blocks) if isinstance(block, Table) and block.name == "thresholds")
    changed = {row[0]: row[1:4] for row in table.rows if row[3]}
    assert changed == {
        "flags.low_discrimination_below": (0.2, 0.15, "set by this bank"), "dif.correction": ("holm", "bh", "set by this bank"),
        "seed": (7.0, 1.0, "set by this bank"), "confidence": (0.9, 0.95, "set by this bank"),
    }  # fmt: skip
    assert table.notes[0].endswith(": 4.")
    page = to_html(report)
    assert "90 % interval" in page and "95 %" not in page.replace("95th", "")


def test_json_and_csv_hold_the_same_numbers_as_the_analysis(report: Report) -> None:
    analysis = analyse(small_data(), design="spiralled")
    tables = {block["name"]: block for block in _tables(json.loads(to_json(report)))}
    rest = [row["item_rest"] for row in tables["items"]["rows"]]
    assert rest == analysis.items["item_rest"].to_list()
    from_csv = [float(row["item_rest"]) for row in csv.DictReader(io.StringIO(to_csv(report)["items"]))]
    assert from_csv == rest
    options = list(csv.DictReader(io.StringIO(to_csv(report)["options"])))
    assert {row["item"] for row in options} == set(analysis.items["item"])


def _tables(block: object) -> list[dict[str, object]]:
    if isinstance(block, list):
        return [table for part in block for table in _tables(part)]
    if not isinstance(block, dict):
        return []
    own = [block] if block.get("type") == "table" else []
    return own + [table for part in block.values() for table in _tables(part)]


# --- small numbers


def test_below_ten_persons_no_statistic_appears_anywhere() -> None:
    data = simulated_sitting(n_persons=9, n_items=4, n_forms=1)
    found = report_of(data)
    texts = [to_json(found), *to_csv(found).values()]
    facilities = np.nanmean(data.marks, axis=0) / data.marks_max
    for text in texts:
        for number in [*facilities, data.total.mean(), data.total.std(ddof=1)]:
            assert not number % 1 or repr(float(number)) not in text
    assert "有效考生不足 10 人" in to_html(found)
    assert all(not card.figures for card in walk(found.blocks) if isinstance(card, ItemCard))


def test_below_thirty_persons_the_report_says_so_first() -> None:
    found = to_html(report_of(simulated_sitting(n_persons=25, n_items=4, n_forms=1), "en"))
    assert "Fewer than 30 valid candidates" in found
    assert found.count("few persons") >= 4


@pytest.mark.parametrize(
    "marks",
    [
        np.zeros((0, 0)),
        np.zeros((3, 0)),
        np.zeros((0, 2)),
        np.ones((1, 1)),
        np.ones((40, 2)),
        np.zeros((40, 2)),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_degenerate_sittings_still_make_a_report(marks: np.ndarray, language: Language) -> None:
    data = sitting_data([f"i{index}" for index in range(marks.shape[1])], marks, 1.0, forms=("A", "B"))
    found = report_of(data, language)
    parsed(to_html(found))
    json.loads(to_json(found))
    assert to_csv(found)


def test_thirty_forms_and_a_lasting_sitting_are_drawn_in_part_and_listed_whole() -> None:
    data = simulated_sitting(n_persons=360, n_items=36, n_forms=12)
    found = to_html(report_of(data))
    assert "图中只画前 6 份试卷（共 12 份）" in found


# --- hostile text

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd()|' /C calc'!A0",
    "{{ 7*7 }}",
    "@SUM(A1)",
]


def hostile_report() -> Report:
    rng = np.random.default_rng(1)
    answer = rng.integers(0, 5, (60, 5)).astype(np.int16)
    data = sitting_data(
        HOSTILE,
        (answer == 0).astype(float),
        1.0,
        answer=answer,
        labels=[HOSTILE] * 5,
        key=[{0}] * 5,
        form=np.arange(60) % 2,
        forms=HOSTILE[:2],
        groups={HOSTILE[0]: [HOSTILE[person % 3] for person in range(60)]},
        cut=2,
    )
    meta = SittingMeta(
        HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[3], (PaperInfo(HOSTILE[0], HOSTILE[1], HOSTILE[2]),)
    )
    texts = {item: ItemText(Rich(), (), HOSTILE[0], HOSTILE[1], HOSTILE[0]) for item in HOSTILE}
    return sitting_report(analyse(data, design="none"), meta, texts, "en")


def test_ids_labels_and_titles_are_text_and_never_markup() -> None:
    page = to_html(hostile_report())
    checker = parsed(page)
    assert [tag for tag, _ in checker.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in checker.tags]
    assert not any(name.startswith("on") for _, found in checker.tags for name in found)
    assert "{{ 7*7 }}" in page and "&lt;script&gt;alert(1)" in page


def test_the_pdf_shows_ids_and_labels_as_text_and_names_characters_that_no_font_has() -> None:
    report = hostile_report()
    assert to_pdf(report).startswith(b"%PDF")
    strange = Report("\U0001f980 a \U00012000", report.blocks[:1], "en")
    assert to_pdf(strange).startswith(b"%PDF")


def test_cells_that_a_spreadsheet_would_run_are_led_by_an_apostrophe() -> None:
    for text in to_csv(hostile_report()).values():
        for row in csv.reader(io.StringIO(text)):
            for cell in row:
                if cell[:1] in ("=", "+", "-", "@"):
                    float(cell)


# --- language and determinism


def test_the_same_input_gives_the_same_bytes(report: Report, page: str) -> None:
    again = report_of(small_data())
    assert to_html(again) == page
    assert to_json(again) == to_json(report)
    assert to_csv(again) == to_csv(report)


def test_an_english_report_of_english_data_holds_no_chinese() -> None:
    analysis = analyse(small_data(), design="none")
    page = to_html(sitting_report(analysis, SittingMeta("Report", "s1"), {}, "en"))
    assert not re.findall(r"[\u3000-\u9fff]", page)
    assert '<html lang="en">' in page


def test_both_catalogues_hold_the_same_texts_with_the_same_fields() -> None:
    zh, en = (group_texts(language, "report") for language in LANGUAGES)
    assert zh.keys() == en.keys()

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert [name for name in zh if fields(zh[name]) != fields(en[name])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_flag_and_threshold_has_its_words(language: Language) -> None:
    texts = group_texts(language, "report")
    assert all(f"flag_{code}" in texts and f"why_{code}" in texts for code in CODES)
    assert all(f"limit_{name}" in texts for name in Thresholds().limits())
    for verdict in ("alike", "small", "different", "anchor", "confounded", "no_data", "suppressed"):
        assert f"verdict_{verdict}" in texts


# --- what a reader would stumble over


def test_true_and_false_are_shown_as_the_paper_shows_them() -> None:
    data = sitting_data(
        ["J1", "S1"], [[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]] * 20, 1.0,
        answer=[[0, 0], [1, 0], [0, 1]] * 20, labels=[["true", "false"], ["A", "B"]], key=[{0}, {0}], cut=1,
    )  # fmt: skip
    texts = {"J1": ItemText(key="√", words=(("true", "√"), ("false", "×")))}
    report = sitting_report(analyse(data, design="none"), META, texts, "zh")
    card = next(block for block in walk(report.blocks) if isinstance(block, ItemCard))
    assert card.options is not None
    assert [row[0] for row in card.options.rows] == ["√", "×"]
    assert "true" not in to_html(report).split("<script>")[0].partition("<main>")[2]


def test_methods_stand_under_the_titles_of_the_sections(report: Report) -> None:
    section = next(block for block in report.blocks if isinstance(block, Section) and block.name == "methods")
    titles = [block.text for block in section.blocks if isinstance(block, Heading)]
    assert titles[:4] == ["通则", "信度", "合格判定的准确性", "试题统计"]
    assert isinstance(section.blocks[0], Heading)


def test_a_held_item_has_its_suspected_cause_and_what_would_answer_it(report: Report) -> None:
    held = next(block for block in walk(report.blocks) if isinstance(block, Table) and block.name == "held")
    row = dict(zip([column.name for column in held.columns], held.rows[0], strict=True))
    assert (row["cause"], row["suggestion"]) == ("答案有误", "答案改为 D")
    cards = {block.item: block for block in walk(report.blocks) if isinstance(block, ItemCard)}
    assert cards["T-004"].suspected == "可能的原因：答案有误。建议：答案改为 D。"
    assert all(bool(card.suspected) == any(badge.tone != "info" for badge in card.flags) for card in cards.values())


def test_an_item_about_which_people_decided_is_not_held_and_says_by_which_decision() -> None:
    decided = replace(META, decisions=(DecisionLine("T-004", "credit", why="题干有歧义。", who="王", at="2026-12-01 08:00"),))
    analysis = analyse(small_data(), design="spiralled")
    report = sitting_report(analysis, decided, {}, "zh")
    held = next(block for block in walk(report.blocks) if isinstance(block, Table) and block.name == "held")
    assert [row[0] for row in held.rows] == ["T-005"]
    card = next(block for block in walk(report.blocks) if isinstance(block, ItemCard) and block.item == "T-004")
    assert card.flags[0].code == "decided" and card.flags[0].word == "已决定：全体给分"
    assert card.flags[0].why == "决定 1：全体给分（王，2026-12-01 08:00 UTC）。理由：题干有歧义。全体考生得满分；这里的统计量按原始作答计算。"
    assert all(badge.tone != "hold" for badge in card.flags)


def test_a_leak_that_earlier_sittings_showed_stands_on_the_card_and_holds_the_item() -> None:
    raised = replace(META, raised=(Raised("T-002", "leak", True, 0.6, 0.5, 0.7, 0.0, 120, "B02"),))
    report = sitting_report(analyse(small_data(), design="spiralled"), raised, {}, "en")
    card = next(block for block in walk(report.blocks) if isinstance(block, ItemCard) and block.item == "T-002")
    assert [badge.code for badge in card.flags if badge.tone == "hold"] == ["leak"]
    assert card.suspected == "Suspected: the question became known. Suggestion: never use it again."


def test_a_part_that_all_papers_judge_alike_is_named_once() -> None:
    data = simulated_sitting(n_persons=600, n_items=30, seed=5)
    strata = (("section", tuple("甲" if n % 2 else "乙" for n in range(data.n_items))),)
    report = sitting_report(analyse(replace(data, strata=strata), design="spiralled"), META, {}, "zh")
    section = next(block for block in report.blocks if isinstance(block, Section) and block.name == "subscores")
    said = [block.text for block in section.blocks if isinstance(block, Text) and block.style == "plain"]
    assert said and all(words.count("甲") <= 1 and words.count("乙") <= 1 for words in said)


def test_persons_against_the_model_are_named_only_after_release() -> None:
    data, calibrated = calibrated_sitting(aberrant_room="R07")
    analysis = analyse(data, design="none", calibrated=calibrated)
    numbers = tuple(f"N{row:05d}" for row in range(data.n_persons))
    for language in LANGUAGES:
        before = to_html(sitting_report(analysis, META, {}, language))
        assert "N0" not in before.partition("<main>")[2]
        after = sitting_report(analysis, replace(META, numbers=numbers), {}, language)
        listed = next(block for block in walk(after.blocks) if isinstance(block, Table) and block.name == "person_fit_persons")
        worst = analysis.person_fit
        assert worst is not None
        assert [row[0] for row in listed.rows[:5]] == [numbers[row] for row in worst.persons["row"][:5]]
        assert "R07" in to_html(after)


def test_the_registered_are_told_by_standing() -> None:
    meta = replace(META, standings=(("registered", 250), ("present", 240), ("absent", 6), ("void", 3), ("withheld", 1), ("unmatched", 20)))
    report = sitting_report(analyse(small_data(), design="spiralled"), meta, {}, "zh")
    table = next(block for block in walk(report.blocks) if isinstance(block, Table) and block.name == "standings")
    assert table.rows[0][:2] == ("登记", 250)
    assert "standings" in to_csv(report)


def test_paper_shows_the_rows_around_the_cut_and_the_data_files_all(report: Report) -> None:
    long = simulated_sitting(n_persons=240, n_items=60, n_forms=1, seed=3)
    made = sitting_report(analyse(long, design="none"), META, {}, "en")
    table = next(block for block in walk(made.blocks) if isinstance(block, Table) and block.name == "conditional_errors")
    assert 0 < len(table.on_paper) < len(table.rows) == len(to_csv(made)["conditional_errors"].splitlines()) - 1
    page = to_html(made)
    assert page.count('class="more"') >= len(table.rows) - len(table.on_paper)
    assert table.paper_note in typst_report(made)


def test_a_stem_with_a_table_is_set_on_its_card_however_wide() -> None:
    wide = "| " + " | ".join(f"heading{n}" * 3 for n in range(9)) + " |\n|" + "---|" * 9 + "\n| " + " | ".join("1" * 9) + " |"
    for table in ("| a | b |\n|---|---|\n| 1 | 2 |", wide):
        _, (printed,) = page_and_print_fragments([f"Look:\n\n{table}"], language="en")
        stem = Rich("", printed)
        assert "fitted-table" in stem.typst
        card = ItemCard("A1", "A1", "", stem, Facts("f", ()))
        assert to_pdf(Report("one", (Section("cards", "Cards", (card,)),), "en")).startswith(b"%PDF")


def test_words_of_a_cell_that_a_line_could_break_are_kept_together_and_no_others() -> None:
    words = ("−0.11", "12.5%", "A", "答", "–", "干扰项", "HR4-ABD-08", "1,200", "0.30～0.41")
    columns = tuple(Column(f"c{n}", f"t{n}") for n in range(len(words)))
    source = typst_report(Report("one", (Table("t", "T", columns, (words,)),), "zh"))
    assert [word for word in words if f'box("{word}")' in source] == ["干扰项", "HR4-ABD-08", "1,200", "0.30～0.41"]
    assert all(f'"{word}"' in source for word in words)
