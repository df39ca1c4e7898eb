"""The section on DIF: sentences, figures, what is withheld, the lines on the card."""

from __future__ import annotations

import numpy as np
import pytest

from qbank.analysis import DifAnalysis, dif_analysis, dif_columns, sitting_data
from qbank.messages import Language
from qbank.report.blocks import Figure, Table, Text
from qbank.report.sitting.dif import dif_blocks, dif_facts, dif_methods


def analyses(n_persons: int = 900, *, words: str = "ab") -> tuple[DifAnalysis, ...]:
    rng = np.random.default_rng(6)
    group = rng.integers(0, len(words), n_persons)
    shift = 1.2 * (np.arange(20) == 3) - 1.1 * (np.arange(20) == 8)
    logit = rng.normal(size=(n_persons, 1)) - rng.normal(-0.3, 0.8, 20) - shift * (group == len(words) - 1)[:, None]
    marks = (rng.random(logit.shape) < 1 / (1 + np.exp(-logit))).astype(float)
    data = sitting_data([f"I{n}" for n in range(20)], 5 * marks, 5.0, groups={"site": [words[word] for word in group]})
    return tuple(dif_analysis(data, column) for column in dif_columns(data))


def said(found: tuple[DifAnalysis, ...], language: Language) -> str:
    return "\n".join(block.text for block in dif_blocks(found, {"site": "site"}, language) if isinstance(block, Text))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_sentence_says_of_every_item_of_class_b_or_c_whom_it_favours_and_what_to_look_at(language: Language) -> None:
    found = analyses()
    marked = found[0].items.filter(found[0].items["ets"].is_in(["B", "C"]))
    assert {"I3", "I8"} <= set(marked["item"])
    lines = said(found, language).splitlines()
    harder, easier = ("更难答对", "更易答对") if language == "zh" else ("harder for", "easier for")
    reference_is_shifted = found[0].reference == "b"
    third, eighth = (next(line for line in lines if line.startswith(item)) for item in ("I3 (" if language == "en" else "I3（", "I8 (" if language == "en" else "I8（"))
    assert (easier if reference_is_shifted else harder) in third and (harder if reference_is_shifted else easier) in eighth
    assert sum(line.startswith("I") for line in lines) == marked.height


def test_the_forest_plot_shows_every_item_and_the_table_holds_every_statistic() -> None:
    blocks = dif_blocks(analyses(), {}, "en")
    figure = next(block for block in blocks if isinstance(block, Figure))
    assert len(figure.titles) == 20 and "I3" in figure.alt
    table = next(block for block in blocks if isinstance(block, Table))
    names = [column.name for column in table.columns]
    assert len(table.rows) == 20 and len(table.rows[0]) == len(names) and len(set(names)) == len(names)
    assert {"ets", "simple", "p_holm", "p_exact", "breslow_day", "zumbo", "crossing_p", "delta_plot"} <= set(names)
    deltas = [abs(float(str(row[names.index("delta")]))) for row in table.rows]
    assert deltas == sorted(deltas, reverse=True)


def test_of_very_many_items_paper_has_the_largest_differences_and_those_of_class_b_or_c(monkeypatch: pytest.MonkeyPatch) -> None:
    found = analyses()
    whole = next(block for block in dif_blocks(found, {}, "en") if isinstance(block, Table))
    assert not whole.on_paper
    monkeypatch.setattr("qbank.report.sitting.dif.MOST_ITEMS", 19)
    monkeypatch.setattr("qbank.report.sitting.dif.DRAWN", 1)
    table = next(block for block in dif_blocks(found, {}, "en") if isinstance(block, Table))
    place = [column.name for column in table.columns].index("item")
    marked = set(found[0].items.filter(found[0].items["ets"].is_in(["B", "C"]))["item"])
    assert table.rows == whole.rows and {row[place] for row in table.paper_rows()} == marked | {table.rows[0][place]}
    assert str(len(table.paper_rows())) in table.paper_note


def test_three_groups_have_a_figure_each_and_a_table_of_all_at_once() -> None:
    blocks = dif_blocks(analyses(1200, words="abc"), {}, "en")
    assert sum(isinstance(block, Figure) for block in blocks) == 2
    assert [block.name for block in blocks if isinstance(block, Table)] == ["dif_site", "dif_site_groups"]


def test_what_is_withheld_names_the_number_it_needs() -> None:
    assert "150 candidates, needed are 200" in said(analyses(150), "en")
    assert "现有 150 人，需要 200 人" in said(analyses(150), "zh")
    assert said((), "en").startswith("No groups to compare")
    assert dif_methods((), "en") == ()


def test_the_card_has_a_line_for_each_group() -> None:
    found = analyses(1200, words="abc")
    facts = dif_facts(found, "I3", {"site": "Site"}, "en")
    assert [fact.name for fact in facts] == [f"dif:site:{group}" for group in found[0].focal]
    assert all("Site" in fact.label and "n " in fact.note for fact in facts)
    assert dif_facts(analyses(150), "I3", {}, "en") == ()
