"""``analysis:`` in qbank.yaml: what is wrong is told at its place, what is right is used by every verb alike."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.analysis import (
    AnalysisSettings,
    DifSettings,
    EquatingSettings,
    Thresholds,
    Tiers,
    analyse,
    sitting_data,
)
from qbank.analysis.analyse import unknown_groups
from qbank.core.analysis_rules import (
    ORDER,
    AnalysisRules,
    DifRules,
    EquatingRules,
    FlagRules,
    PersonsRules,
    contradictions,
)
from qbank.messages import LANGUAGES, problem_hint, problem_message
from qbank.problem import Problem
from qbank.workflow.analysis_settings import analysis_settings
from qbank.workflow.workspace import Workspace, find_workspace
from tests.analysis.simulated import simulated_sitting
from tests.workflow.places import REPOSITORY


def read(text: str, root: Path) -> tuple[Workspace, list[Problem]]:
    (root / "qbank.yaml").write_text(text, "utf-8")
    return find_workspace(root, "en")


def test_what_nobody_writes_is_as_usual() -> None:
    assert analysis_settings(AnalysisRules()) == AnalysisSettings()
    assert not any(choice.chosen for choice in analysis_settings(AnalysisRules()).choices())
    groups = {"persons": PersonsRules, "flags": FlagRules, "dif": DifRules, "equating": EquatingRules}
    written = {f"{group}.{key}" for group, model in groups.items() for key in model.model_fields}
    written |= set(AnalysisRules.model_fields) - set(groups)
    assert {f"{one.group}.{one.name}".lstrip(".") for one in AnalysisSettings().choices()} == written


def test_everything_that_is_written_arrives(tmp_path: Path) -> None:
    workspace, problems = read(
        """\
language: zh
analysis:
  persons: {marks_only_below: 8, dif_from: 400}
  flags:
    low_discrimination_below: 0.20
    non_functioning_below: 0.05
    misfit_groups: 3
  dif:
    alpha: 0.01
    purify_by: none
    correction: holm
    reference: {site: A01, 批次: 1}
    focal: {site: [A02, A03]}
  equating: {see_below: 2}
  ability_groups: 4
  seed: 7
  confidence: 0.90
""",
        tmp_path,
    )
    assert problems == []
    found = analysis_settings(workspace.analysis)
    assert found.thresholds.tiers == Tiers(marks_only_below=8, dif_from=400)
    assert found.thresholds == Thresholds(
        low_discrimination_below=0.2, non_functioning_below=0.05, misfit_groups=3, tiers=found.thresholds.tiers, confidence=0.9
    )
    assert found.dif == DifSettings(alpha=0.01, purify_by="none", correction="holm")
    assert found.of_dif() == DifSettings(400, 100, "none", correction="holm", alpha=0.01, confidence=0.9)
    assert found.of_equating() == EquatingSettings(see_below=2.0, seed=7, tiers=found.thresholds.tiers, confidence=0.9)
    assert found.reference == {"site": "A01", "批次": "1"} and found.focal == {"site": ("A02", "A03")}
    assert (found.ability_groups, found.seed) == (4, 7)
    assert all(type(choice.value) in (float, str) for choice in found.choices())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_the_manual_is_read(language: str, tmp_path: Path) -> None:
    page = (REPOSITORY / "docs" / language / "analysis.md").read_text("utf-8")
    (example,) = re.findall(r"^```yaml\n(analysis:.*?)^```", page, re.MULTILINE | re.DOTALL)
    workspace, problems = read(example, tmp_path)
    assert problems == []
    chosen = {one.name: one.value for one in analysis_settings(workspace.analysis).choices() if one.chosen}
    assert chosen == {
        "dif_from": 400, "dif_focal_from": 200, "low_discrimination_below": 0.2, "non_functioning_below": 0.05, "correction": "holm",
        "reference": "site: A01", "focal": "site: A02, A03",
    }  # fmt: skip


WRONG = [
    ("analysis: {persons: {dif_form: 300}}", "S101", 1, 22, "dif_from"),
    ("analysis:\n  flag: {}", "S101", 2, 3, "flags"),
    ("analysis:\n  seed: 1.5", "S103", 2, 9, "whole number"),
    ('analysis:\n  flags:\n    too_easy_above: "0.9"', "S103", 3, 21, "number"),
    ("analysis:\n  flags: [0.2]", "S103", 2, 10, "mapping"),
    ("analysis:\n  persons:\n    marks_only_below: 2", "S104", 3, 23, "≥ 3"),
    ("analysis:\n  confidence: 95", "S104", 2, 15, "0.999"),
    ("analysis:\n  dif: {correction: bonferroni}", "S105", 2, 21, "bh"),
    ("analysis:\n  dif: {focal: {site: []}}", "S106", 2, 23, ""),
    ("analysis:\n  dif: {focal: {site: A01}}", "S103", 2, 23, "list"),
    ("analysis:\n  persons: {options_only_below: 150}", "S111", 2, 33, "small_below"),
    ("analysis:\n  persons: {small_below: 20}", "S112", 2, 26, "options_only_below"),
    ("analysis:\n  persons:\n    two_pl_from: 900\n    three_pl_from: 800", "S111", 3, 18, "three_pl_from"),
    ("analysis:\n  flags: {too_hard_below: 0.96}", "S111", 2, 27, "too_easy_above"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "line", "column", "said"), WRONG, ids=[f"{row[1]} {row[4]}" for row in WRONG])
def test_every_mistake_is_told_at_its_place_and_what_to_do(
    text: str, code: str, line: int, column: int, said: str, tmp_path: Path
) -> None:
    _, (problem,) = read(text, tmp_path)
    assert (problem.code, problem.span.line, problem.span.column) == (code, line, column)
    for language in LANGUAGES:
        assert problem_message(problem, language) and problem_hint(problem, language)
    assert said in problem_message(problem, "en") + problem_hint(problem, "en")


def test_all_contradictions_are_told_at_once(tmp_path: Path) -> None:
    _, problems = read("analysis:\n  persons: {marks_only_below: 2000}\n  flags: {negative_below: 0.3}\n", tmp_path)
    assert [(one.code, dict(one.facts)["key"], dict(one.facts)["said"]) for one in problems] == [
        ("S111", "marks_only_below", "usual"), ("S111", "negative_below", "usual"),
    ]  # fmt: skip


@given(st.lists(st.integers(3, 2000), min_size=7, max_size=7))
def test_only_an_order_that_contradicts_itself_is_refused(sizes: list[int]) -> None:
    values = dict(zip(PersonsRules.model_fields, sizes, strict=True))
    rules = AnalysisRules(persons=PersonsRules(**values))
    broken = [row for row in ORDER if row[0] == "persons" and values[row[1]] > values[row[2]]]
    assert contradictions(rules) == broken


def test_the_reference_group_is_the_one_that_is_set() -> None:
    marks = (np.random.default_rng(3).random((300, 6)) < 0.6).astype(float)
    site = ["B" if n % 3 else "A" for n in range(300)]
    data = sitting_data(list("abcdef"), marks, 1, groups={"site": site}, cut=3)
    tiers = Tiers(dif_from=100, dif_focal_from=50)
    usual = analyse(data, design="none", settings=AnalysisSettings(Thresholds(tiers=tiers))).dif[0]
    turned = analyse(data, design="none", settings=AnalysisSettings(Thresholds(tiers=tiers), reference={"site": "A"}))
    assert (usual.reference, usual.focal) == ("B", ("A",)) and (turned.dif[0].reference, turned.dif[0].focal) == ("A", ("B",))
    assert turned.dif[0].items["delta"].to_list() == pytest.approx((-usual.items["delta"]).to_list())
    missing = AnalysisSettings(Thresholds(tiers=tiers), reference={"site": "Z", "room": "1"}, focal={"site": ("A", "Y")})
    assert analyse(data, design="none", settings=missing).dif[0].reference == "B"
    assert unknown_groups(data, missing) == (("site", "Z"), ("site", "Y"))


def test_confidence_moves_every_interval_and_no_value() -> None:
    data = simulated_sitting(n_persons=150, n_items=8, seed=3)
    wide, narrow = (analyse(data, design="spiralled", settings=AnalysisSettings(Thresholds(confidence=level))) for level in (0.99, 0.5))
    for table, value, low, high in (
        ("items", "facility", "facility_low", "facility_high"), ("items", "item_rest", "item_rest_low", "item_rest_high"),
        ("options", "rest_correlation", "rest_low", "rest_high"), ("rates", "rate", "rate_low", "rate_high"),
        ("reliability", "alpha", "alpha_low", "alpha_high"), ("papers", "d", "d_low", "d_high"),
        ("borderline", "share", "share_low", "share_high"),
    ):  # fmt: skip
        one, other = getattr(wide, table), getattr(narrow, table)
        assert one[value].to_list() == pytest.approx(other[value].to_list(), nan_ok=True)
        sizes = [(frame[high] - frame[low]).fill_nan(None).drop_nulls() for frame in (one, other)]
        assert len(sizes[0]) and (sizes[0] > sizes[1]).all(), table
