"""The report of a sitting whose papers have cuts of their own."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from qbank.analysis import SittingAnalysis, analyse, sitting_data
from qbank.messages import LANGUAGES, Language
from qbank.report.blocks import Figure
from qbank.report.sitting.reliability import reliability_detail_blocks
from qbank.report.sitting.scores import score_blocks
from qbank.report.sitting.summary import cut_note
from qbank.report.sitting.words import report_text


@pytest.fixture(scope="module")
def analysis() -> SittingAnalysis:
    rng = np.random.default_rng(2)
    marks = (rng.random((60, 1)) > rng.random((60, 8))).astype(float)
    form = np.arange(60) % 2
    return analyse(
        sitting_data(list("abcdefgh"), marks, 1.0, form=form, forms=("A", "B"), cut=5.0, cuts=[5.0, 4.0]), design="spiralled"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cut_of_an_equated_paper_stands_beside_that_of_the_sitting(analysis: SittingAnalysis, language: Language) -> None:
    t = partial(report_text, language)
    note = cut_note(analysis, t)
    assert "B 4" in note and "A" not in note
    (histogram, *_) = [block for block in score_blocks(analysis, t) if isinstance(block, Figure)]
    assert all(t("cut_label", cut=cut) in str(histogram.spec) for cut in ("5", "4"))


def test_errors_decisions_and_borders_are_at_the_cut_of_the_paper(analysis: SittingAnalysis) -> None:
    conditional = analysis.reliability_detail.conditional
    assert dict(conditional.filter("at_cut").select("form", "score").iter_rows()) == {"A": 5.0, "B": 4.0}
    assert dict(analysis.borderline.select("form", "cut").iter_rows()) == {"A": 5.0, "B": 4.0}
    summary = analysis.decision_accuracy.summary.filter("reported")
    assert dict(summary.select("form", "cut").iter_rows()) == {"A": 5.0, "B": 4.0}
    words = [block.text for block in reliability_detail_blocks(analysis.reliability_detail, 5.0, "en") if hasattr(block, "text")]
    assert any("Paper B" in line and "cut of 4 marks" in line for line in words)
