"""Papers by their item parameters: marks of every category, the population of the calibration, what lacks parameters."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest

from qbank.analysis import SittingData, analyse, sitting_data
from qbank.analysis.calibrated import CalibratedItems, calibrated_items
from qbank.analysis.classification import decision_accuracy, lee
from qbank.analysis.equating.item_response import (
    equate_observed_scores,
    equate_true_scores,
    observed_score_equating,
    true_score_equating,
)
from qbank.analysis.paper_model import (
    PaperModel,
    ability_at_marks,
    equal_steps,
    expected_marks,
    lacking_table,
    marks_distribution,
    step_of,
)
from qbank.irt import ItemParameters, from_reported, select_items, simulate
from qbank.irt.parameters import first_rows, log_probability_table
from qbank.messages import LANGUAGES
from qbank.report.sitting.parameters import lacking_blocks


def partial_credit(steps: list[tuple[float, float]], names: list[str], slopes: tuple[float, ...] = (1.0, 0.8)) -> ItemParameters:
    values = [{"a": a, "b1": one, "b2": two} for a, (one, two) in zip(slopes, steps, strict=True)]
    return from_reported(["gpcm"] * len(steps), [3] * len(steps), values, items=names)


THREE = partial_credit([(-1.0, 0.5), (0.0, 1.0)], ["x", "y"])
MARKS = ((0.0, 1.0, 3.0), (0.0, 0.37, 1.0))


def test_the_distribution_of_marks_is_that_of_every_combination_of_categories() -> None:
    theta = np.array([-1.0, 0.3, 2.0])
    marks = ((0.0, 1.0, 3.0), (0.0, 0.5, 1.0))
    found = marks_distribution(PaperModel(THREE, marks), theta, 0.5)
    table = np.exp(log_probability_table(THREE, theta))
    rows = [table[begin:end] for begin, end in itertools.pairwise(first_rows(THREE.n_categories))]
    expected = np.zeros((9, 3))
    for one, two in itertools.product(range(3), range(3)):
        expected[round((marks[0][one] + marks[1][two]) / 0.5)] += rows[0][one] * rows[1][two]
    assert found == pytest.approx(expected, abs=1e-12)


def test_marks_between_the_steps_keep_the_expected_marks() -> None:
    theta = np.linspace(-3, 3, 7)
    model = PaperModel(THREE, MARKS)
    found = marks_distribution(model, theta, 0.5)
    assert (0.5 * np.arange(len(found))) @ found == pytest.approx(expected_marks(model, theta)[0], abs=1e-12)
    assert step_of(MARKS) == pytest.approx(0.1) and step_of(((0.0, 2.0), (0.0, 6.0))) == 2.0


def test_the_ability_at_a_mark_expects_that_mark() -> None:
    model = PaperModel(THREE, MARKS)
    marks = np.array([0.0, 0.4, 2.0, 3.9, 4.0])
    theta = ability_at_marks(model, marks)
    assert theta[0] == -np.inf and theta[-1] == np.inf
    assert expected_marks(model, theta[1:-1])[0] == pytest.approx(marks[1:-1], abs=1e-9)


def test_equal_steps_equate_and_classify_as_bare_parameters_do() -> None:
    other = partial_credit([(-0.5, 0.8), (0.3, 1.2)], ["x", "y"])
    new, base = (PaperModel(each, equal_steps(each, [2.0, 2.0]), (0.4, 1.2)) for each in (THREE, other))
    x = np.arange(5.0)
    assert equate_true_scores(new, base, x) == pytest.approx(true_score_equating(THREE, other, x), abs=1e-8)
    observed = observed_score_equating(THREE, other, x, ability=(0.4, 1.2))
    assert equate_observed_scores(new, base, x) == pytest.approx(observed, abs=1e-5)  # other nodes of the same normal
    assert lee(THREE, [2.0], marks=new.marks).accuracy == pytest.approx(lee(THREE, [2.0]).accuracy, abs=1e-12)
    assert lee(THREE, [2.0], marks=((0.0, 0.5, 2.0), (0.0, 0.5, 2.0))).accuracy != pytest.approx(lee(THREE, [2.0]).accuracy)


def sitting(n: int = 1200, ability: tuple[float, float] = (0.6, 0.8)) -> tuple[SittingData, CalibratedItems]:
    """Two papers of eleven items given out at random, the last of each worth two marks, one of which may be earned alone."""
    rng = np.random.default_rng(11)
    b = rng.normal(0.3, 0.8, 20)
    names = [f"q{n:02}" for n in range(22)]
    values = [{"a": 1.0, "b": float(each)} for each in b]
    values += [{"a": 1.0, "b1": -0.2, "b2": 0.9}, {"a": 1.0, "b1": 0.1, "b2": 0.8}]
    bank = from_reported(["rasch"] * 20 + ["pcm"] * 2, [2] * 20 + [3] * 2, values, items=names)
    theta = rng.normal(*ability, n)
    scores = simulate(bank, theta, seed=3).astype(np.int8)
    form = np.arange(n) % 2
    first = np.isin(np.arange(22), [*range(10), 20])
    scores[(form == 0)[:, None] & ~first] = -1
    scores[(form == 1)[:, None] & first] = -1
    data = sitting_data(
        names, np.where(scores < 0, np.nan, scores), [1.0] * 20 + [2.0] * 2, form=form, forms=("A", "B"), cut=7.0
    )
    marks = [(0.0, 1.0)] * 20 + [(0.0, 1.0, 2.0)] * 2
    return data, calibrated_items(data, bank, list(range(22)), scores, marks, ability=ability)


def without(known: CalibratedItems, data: SittingData, item: str) -> CalibratedItems:
    kept = [n for n, name in enumerate(known.parameters.items) if name != item]
    return calibrated_items(
        data, select_items(known.parameters, [known.parameters.items[n] for n in kept]), [int(known.column[n]) for n in kept],
        known.scores[:, kept], [known.marks[n] for n in kept], ability=known.ability,
    )  # fmt: skip


def test_a_calibration_reaches_every_figure_that_wants_parameters() -> None:
    data, known = sitting()
    found = analyse(data, design="spiralled", calibrated=known)
    accuracy = found.decision_accuracy.summary.filter(pl.col("method").is_in(["lee", "rudner"]))
    assert accuracy["status"].to_list() == ["ok"] * 4
    at_cut = found.reliability_detail.conditional.filter("at_cut")
    assert at_cut.height == 2 and at_cut["irt"].is_finite().all()
    assert (at_cut["irt"] / at_cut["feldt_qualls"]).is_between(0.8, 1.25).all()
    assert set(found.dimension.pairs["model"]) == {"given"} and found.dimension.pairs["q3"].is_finite().all()
    assert {"irt_true", "irt_observed"} <= set(found.equating.methods["method"])
    assert found.lacking.rows() == [("A", 11, 0), ("B", 11, 0)]
    assert lacking_blocks(found.lacking, "s", "errors", "en") == ()


def test_one_item_without_parameters_leaves_out_its_paper_and_is_named_with_the_remedy() -> None:
    data, known = sitting(300)
    found = analyse(data, design="spiralled", calibrated=without(known, data, "q03"))
    status = dict(found.decision_accuracy.summary.filter(method="lee").select("form", "status").iter_rows())
    assert status == {"A": "no_parameters", "B": "ok"}
    finite = dict(found.reliability_detail.conditional.filter("at_cut").select("form", pl.col("irt").is_finite()).iter_rows())
    assert finite == {"A": False, "B": True}
    assert "irt_true" not in set(found.equating.methods["method"])
    assert found.lacking.rows() == [("A", 11, 1), ("B", 11, 0)]
    for language in LANGUAGES:
        (note,) = lacking_blocks(found.lacking, "2026-11-A", "equating", language)
        assert "qbank calibrate 2026-11-A" in note.text and "11" in note.text and "A" in note.text


def test_a_sitting_without_any_calibration_says_so_once() -> None:
    data, _ = sitting(60)
    lacking = lacking_table(data, None)
    (note,) = lacking_blocks(lacking, "s", "decisions", "en")
    assert lacking["n_lacking"].to_list() == [11, 11] and note.text.startswith("No item that counts has parameters")


def test_the_population_is_that_of_the_calibration_not_a_standard_one() -> None:
    data, known = sitting()
    bare = decision_accuracy(data, parameters=known.parameters, replications=0).summary.filter(method="lee")
    own = decision_accuracy(data, parameters=known, replications=0).summary.filter(method="lee")
    right = (own["pass_rate"] - own["observed_rate"]).abs().max()
    assert right < 0.04 < (bare["pass_rate"] - bare["observed_rate"]).abs().max()
