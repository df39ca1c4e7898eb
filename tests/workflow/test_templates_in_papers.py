"""A template on two papers is two variants: printed, answered and marked each by its own numbers."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from qbank.core.bank import Bank
from qbank.core.form import Form, form_items
from qbank.core.presentation import Question
from qbank.kinds.presentation import present_paper
from qbank.kinds.template import draws, variant
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.paper_files import read_forms
from qbank.workflow.papers import assemble_papers, usable_bank
from qbank.workflow.rekeying import Asked
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.scoring_run import run_scoring
from qbank.workflow.simulate import Plants, simulate_sitting
from qbank.workflow.sitting import add_responses
from qbank.workflow.workspace import Workspace, find_workspace
from tests.files.sound import BANK, write_bank

STANDARD = """\
occupation: {code: 6-17-02-02, title: 炼钢工}
official: false
levels: [4]
domains:
  - {code: A, title: 计算, weight: {4: 100}, competencies: [{code: A-001, title: 造渣计算, levels: [4]}]}
"""
ITEMS = """\
defaults: {level: 4, grade: 2, cognitive: apply, seconds: 60, competency: A-001, status: live,
           rationale: 按公式计算。, reference: 教材}
items:
  - id: T-1
    kind: numeric
    parameters:
      m: {from: 80, to: 120, step: 5}
      c: [0.10, 0.20, 0.30]
    stem: 铁水 {{ m }} t，每吨加料 {{ c | 2 }} kg，共加 ____ kg。
    key: {value: "{{ m * c }}", tolerance: 0.01, unit: kg}
  - id: T-2
    kind: single
    parameters: {v: [2, 3, 4, 5]}
    stem: 通径为 {{ v }} 的管道，面积之比为（　　）。
    options: {A: "{{ v ** 2 }}", B: "{{ v * 2 + 1 }}", C: "{{ v + 10 }}", D: "{{ v ** 3 + 20 }}"}
    key: A
  - id: N-1
    kind: numeric
    stem: 一加一等于 ____ 。
    key: {value: 2, tolerance: 0}
"""
BLUEPRINT = """\
blueprint: small
bank: ../banks/tiny
title: 小卷
level: 4
forms: 2
minutes: 10
marks: 3
cut: 2
seed: 7
sections:
  - {title: 计算, kind: numeric, items: 2, marks_each: 1}
  - {title: 选择, kind: single, items: 1, marks_each: 1}
weights: {from: standard, tolerance: 3}
objective: {parallel: [expected_score], at: cut}
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a workspace whose blueprint puts every item on both papers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "qbank.yaml").write_text("language: zh\n", "utf-8")
    write_bank(tmp_path / "banks/tiny", {"bank.yaml": BANK, "standard.yaml": STANDARD, "items/a.yaml": ITEMS})
    (tmp_path / "blueprints").mkdir()
    (tmp_path / "blueprints/small.yaml").write_text(BLUEPRINT, "utf-8")
    return find_workspace(tmp_path, None)[0]


def bank_of(workspace: Workspace) -> Bank:
    bank, errors = usable_bank(workspace.root / "banks/tiny")
    assert bank is not None, errors
    return bank


def papers(workspace: Workspace, seed: int | None = None, series: str = "1") -> tuple[Form, ...]:
    made, problems = assemble_papers(
        workspace.root / "blueprints/small.yaml", workspace, as_of="2026-11-25", seed=seed, series=series
    )
    assert made is not None, problems
    return made.forms


def questions(form: Form, bank: Bank) -> dict[str, Question]:
    paper, problems = present_paper(form, bank)
    assert paper is not None, problems
    return {question.item: question for section in paper.sections for question in section.questions}


def test_parallel_papers_hold_different_variants_and_the_same_plain_items(workspace: Workspace) -> None:
    bank, (one, two) = bank_of(workspace), papers(workspace)
    first, second = questions(one, bank), questions(two, bank)
    assert first["T-1"].stem != second["T-1"].stem
    assert sorted(text for _, text in first["T-2"].options) != sorted(text for _, text in second["T-2"].options)
    assert first["N-1"].stem == second["N-1"].stem
    assert "{{" not in "".join(question.stem for question in [*first.values(), *second.values()])


def test_the_place_keeps_the_templates_fingerprint_and_the_variants_key(workspace: Workspace) -> None:
    bank = bank_of(workspace)
    for form in papers(workspace):
        entry = next(entry for entry in form_items(form) if entry.id == "T-1")
        assert entry.variant and entry.fingerprint == bank.fingerprints["T-1"]
        drawn = next(draws(bank.items["T-1"].template, entry.variant))
        assert Decimal(str(entry.marked["value"])) == drawn["m"] * drawn["c"]
        question = questions(form, bank)["T-1"]
        assert f"铁水 {drawn['m']} t" in question.stem
        assert float(question.answer.split()[0]) == entry.marked["value"]


def test_a_form_read_back_prints_the_same_variant(workspace: Workspace) -> None:
    bank, made = bank_of(workspace), papers(workspace)
    read, problems = read_forms((workspace.forms / "small",))
    assert not problems and read == made
    assert [questions(form, bank) for form in read] == [questions(form, bank) for form in made]


def test_the_same_seed_draws_the_same_variants_and_another_seed_others(workspace: Workspace) -> None:
    seeds = [
        [entry.variant for form in papers(workspace, seed, series) for entry in form_items(form) if entry.id == "T-1"]
        for seed, series in ((7, "1"), (7, "x"), (8, "y"))
    ]
    assert seeds[0] == seeds[1] != seeds[2]
    assert len(set(seeds[0])) == 2


def test_an_edited_expression_is_another_question(workspace: Workspace) -> None:
    (form, _), path = papers(workspace), workspace.root / "banks/tiny/items/a.yaml"
    path.write_text(path.read_text("utf-8").replace("{from: 80, to: 120, step: 5}", "{from: 80, to: 125, step: 5}"), "utf-8")
    paper, problems = present_paper(form, bank_of(workspace))
    assert paper is None and [(p.code, dict(p.facts)["item"]) for p in problems] == [("F103", "T-1")]


def answered(workspace: Workspace, rows: list[dict[str, str]]) -> ScoredSitting:
    """Return a sitting of these answers, scored."""
    path = workspace.root / "responses.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    folder = workspace.forms / "small"
    added, problems = add_responses(path, (folder,), workspace, id="s", date="2026-11-25", design="spiralled")
    assert added is not None, problems
    found, problems = score_sitting("s", workspace)
    assert found is not None, problems
    return found


def key_of(form: Form, item: str) -> str:
    return f"{next(entry for entry in form_items(form) if entry.id == item).marked['value']:g}"


def test_each_paper_is_marked_by_its_own_variant(workspace: Workspace) -> None:
    one, two = papers(workspace)
    rows = [
        {"person": f"{form.id}{answer}", "form": form.id, "T-1": answer, "T-2": "", "N-1": "2"}
        for form in (one, two)
        for answer in (key_of(one, "T-1"), key_of(two, "T-1"))
    ]
    found = answered(workspace, rows)
    column = found.stored.responses.items.index("T-1")
    assert found.scores.share[:, column].tolist() == [1, 0, 0, 1]
    assert found.scores.total.tolist() == [2, 1, 1, 2]
    assert set(found.marking["T-1"].by_paper) == {two.id} and not found.marking["N-1"].by_paper


def test_a_corrected_expression_of_the_key_scores_each_paper_again(workspace: Workspace) -> None:
    one, two = papers(workspace)
    rows = [
        {"person": form.id, "form": form.id, "T-1": f"{2 * float(key_of(form, 'T-1')):g}", "T-2": "", "N-1": ""}
        for form in (one, two)
    ]
    assert answered(workspace, rows).scores.total.tolist() == [0, 0]
    path = workspace.root / "banks/tiny/items/a.yaml"
    path.write_text(path.read_text("utf-8").replace('"{{ m * c }}"', '"{{ m * c * 2 }}"'), "utf-8")
    run, problems = run_scoring("s", workspace, Asked(corrected=True))
    assert run is not None and not problems
    found = run.scored
    assert found.scores.total.tolist() == [1, 1] and found.marking["T-1"].corrected


def test_who_knows_in_a_simulated_sitting_answers_the_own_papers_variant(workspace: Workspace) -> None:
    made, bank = papers(workspace), bank_of(workspace)
    simulated = simulate_sitting(
        made, bank, n_persons=200, seed=3, into=workspace.root / "sim", sitting="sim", date="2026-11-25",
        plants=Plants(miskeyed=("T-2", "B")),
    )  # fmt: skip
    added, problems = add_responses(simulated.responses, (workspace.forms / "small",), workspace)
    assert added is not None, problems
    found, _ = score_sitting("sim", workspace)
    assert found is not None
    share = found.scores.share[:, found.stored.responses.items.index("T-1")]
    papers_of = found.stored.responses.form
    right = [float(np.nanmean(share[papers_of == paper])) for paper in (0, 1)]
    assert min(right) > 0.3 and abs(right[0] - right[1]) < 0.2
    analysed, problems = analyse_sitting("sim", workspace, into=workspace.root / "report")
    assert analysed is not None, problems


def test_a_variant_of_a_plain_item_is_the_item_itself(workspace: Workspace) -> None:
    item = bank_of(workspace).items["N-1"]
    assert variant(item, 5) is item


# ------------------------------------------------------------------------------------------- cases

CASE = """\
  - id: C-1
    kind: case
    marks: 2
    parameters: {m: [80, 90, 100], k: [2, 3]}
    stem: 某炉铁水 {{ m }} t。
    parts:
      - {kind: numeric, marks: 1, stem: "{{ k }} 炉共 ____ t。", key: {value: "{{ m * k }}", tolerance: 1}}
      - {kind: numeric, marks: 1, stem: 一炉的一半为 ____ t。, key: {value: "{{ m / 2 }}", tolerance: 0.1}}
"""


@pytest.fixture
def with_case(workspace: Workspace) -> Workspace:
    """Return the workspace with a case on both papers beside the rest."""
    items, blueprint = workspace.root / "banks/tiny/items/a.yaml", workspace.root / "blueprints/small.yaml"
    items.write_text(items.read_text("utf-8") + CASE, "utf-8")
    text = blueprint.read_text("utf-8").replace("marks: 3", "marks: 5").replace("tolerance: 3", "tolerance: 5")
    section = "  - {title: 案例, kind: case, items: 1, marks_each: 2}\nweights:"
    blueprint.write_text(text.replace("weights:", section), "utf-8")
    return workspace


def parts_of(form: Form) -> dict[str, float]:
    (case,) = (entry for entry in form_items(form) if entry.id == "C-1")
    return {part.id: part.marked["value"] for part in case.parts}


def test_the_parts_of_a_case_are_of_one_draw_on_each_paper_and_marked_by_it(with_case: Workspace) -> None:
    bank, (one, two) = bank_of(with_case), papers(with_case)
    assert parts_of(one) != parts_of(two)
    for form in (one, two):
        question = questions(form, bank)["C-1"]
        assert question.stem == f"某炉铁水 {parts_of(form)['C-1.2'] * 2:g} t。"
        assert [f"{value:g}" for value in parts_of(form).values()] == [part.answer.split()[0] for part in question.parts]
    blank = {"T-1": "", "T-2": "", "N-1": ""}
    rows = [
        {"person": f"{form.id}{key.id}", "form": form.id, **blank, **{id: f"{value:g}" for id, value in parts_of(key).items()}}
        for form in (one, two)
        for key in (one, two)
    ]
    found = answered(with_case, rows)
    own = [2.0 if form is key else 0.0 for form in (one, two) for key in (one, two)]
    shared = [sum(parts_of(form)[id] == parts_of(key)[id] for id in parts_of(key)) for form in (one, two) for key in (one, two)]
    assert found.scores.total.tolist() == [float(n) for n in shared] and shared[0] == shared[3] == 2 > min(own)
    assert shared[1] < 2


def test_a_part_whose_calculation_is_corrected_is_marked_anew_even_where_the_first_variant_agrees(
    with_case: Workspace,
) -> None:
    one, _ = papers(with_case)
    rows = [{"person": "p", "form": one.id, "T-1": "", "T-2": "", "N-1": "", "C-1.1": "1", "C-1.2": "1"}]
    answered(with_case, rows)
    path = with_case.root / "banks/tiny/items/a.yaml"
    path.write_text(path.read_text("utf-8").replace('"{{ m * k }}"', '"{{ m * k + (m - 80) * (k - 2) }}"'), "utf-8")
    run, problems = run_scoring("s", with_case, Asked(corrected=True))
    assert run is not None and not problems
    found = run.scored
    assert found.marking["C-1.1"].corrected and not found.marking["C-1.2"].corrected
