"""The certificate as lines: what was wanted and reached, in both languages, without a minus before zero."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qbank.cli.certificate import certificate_lines, certificate_record
from qbank.core.form import Certificate, LaterGoal
from qbank.messages import Language

PAIR = Certificate(
    0.004, 0.0, 0.004, (), "HiGHS, one thread, optimal", "calibrated", 0.5, "{parallel: [expected_score]}", "deviation",
    (), -0.4, 0.004, 0.012, 0.91, 0.063,
)  # fmt: skip


def test_two_papers_and_what_estimation_error_alone_causes() -> None:
    assert certificate_lines(PAIR, "en", n_papers=2, n_checks=96, n_broken=0) == [
        "Certificate",
        "  objective: {parallel: [expected_score]}",
        "  reached: largest deviation 0.0040 (bound 0.0000, gap 0.0040)",
        "  between papers: expected score differs by at most 0.004 marks, information by 1.2 %",
        "  estimation error alone: ±0.9 marks, information ±6 % (one standard error of such a difference)",
        "  rules: 0 of 96 counts broken, counted again without the solver",
        "  method: HiGHS, one thread, optimal",
    ]


def test_information_is_said_as_the_amount_it_is_and_later_goals_follow() -> None:
    alone = replace(
        PAIR, objective=-8.0, bound=-8.1, gap=0.1, goal="{maximise: information}", kind="information",
        later=(LaterGoal("{minimise: uses}", 3.0, 2.0),),
    )  # fmt: skip
    lines = certificate_lines(alone, "en", n_papers=1, n_checks=10, n_broken=0)
    assert lines[2] == "  reached: information 8.0000 (at most 8.1000, gap 0.1000 = 1.2 %)"
    assert lines[3] == "  then: {minimise: uses}: 3.0000 (bound 2.0000)"
    assert not any("between" in line for line in lines)
    assert certificate_record(alone)["gap_percent"] == 1.25


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", ["deviation", "information", "uses", "seconds", "mixed", ""])
def test_nothing_is_printed_as_minus_zero(language: Language, kind: str) -> None:
    zero = replace(PAIR, objective=-0.0, bound=-1e-7, gap=-0.0, kind=kind, score_apart=0.0)
    assert not any("-0.0" in line for line in certificate_lines(zero, language, n_papers=2, n_checks=3, n_broken=0))


def test_a_paper_of_a_family_claims_no_optimum_and_no_error_of_estimation() -> None:
    family = replace(PAIR, objective=0.0, bound=0.0, gap=0.0, method="family", goal="any two share at most 45: a code")
    assert certificate_lines(family, "en", n_papers=1200, n_checks=96, n_broken=0) == [
        "Certificate",
        "  objective: one paper a person: each paper meets every rule, and what any two share is proven",
        "  shared items: any two papers share at most 45 (proven for every pair of the family; here 719,400 pairs)",
        "  between papers: expected score differs by at most 0.004 marks, information by 1.2 %",
        "  rules: 0 of 96 counts broken, counted again without the solver",
    ]
    assert "任两份最多共用 45 题" in "".join(certificate_lines(family, "zh", n_papers=2, n_checks=9, n_broken=0))
