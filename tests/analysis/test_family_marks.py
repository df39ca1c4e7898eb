"""Marks on the scale of a family: against true-score equating pair by pair, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.analysis.equating.family_marks import family_marks, rounded_to
from qbank.analysis.equating.item_response import equate_true_scores
from qbank.analysis.paper_model import PaperModel, expected_marks
from qbank.irt import item_parameters

THETA = np.linspace(-16, 16, 1281)


def models(seed: int, n_papers: int = 4, n_items: int = 20, c: float = 0.0) -> tuple[list[PaperModel], PaperModel]:
    """Return papers, and the mean of them: all their items, each with its share of the marks."""
    rng = np.random.default_rng(seed)
    made, a, b = [], [], []
    for _ in range(n_papers):
        own_a, own_b = rng.lognormal(0, 0.2, n_items), rng.normal(0, 1, n_items)
        guess = {"c": np.full(n_items, c)} if c else {}
        made.append(PaperModel(item_parameters("3pl" if c else "2pl", a=own_a, b=own_b, **guess), ((0.0, 1.0),) * n_items))
        a.append(own_a)
        b.append(own_b)
    guess = {"c": np.full(n_papers * n_items, c)} if c else {}
    every = item_parameters("3pl" if c else "2pl", a=np.concatenate(a), b=np.concatenate(b), **guess)
    return made, PaperModel(every, ((0.0, 1.0 / n_papers),) * (n_papers * n_items))


@pytest.mark.parametrize("c", [0.0, 0.2])
def test_marks_of_a_family_are_true_score_equated_to_the_mean_of_its_papers(c: float) -> None:
    papers, mean = models(1, c=c)
    curves = np.array([expected_marks(paper, THETA)[0] for paper in papers])
    x = np.tile(np.arange(21.0), 4)
    row = np.repeat(np.arange(4), 21)
    found = family_marks(THETA, curves.mean(axis=0), curves, x, row, full=20, cut=12)
    wanted = np.concatenate([equate_true_scores(paper, mean, np.arange(21.0)) for paper in papers])
    assert found.exact == pytest.approx(wanted, abs=2e-3)
    at = found.ability[(x > 5) & (x < 19)]
    again = [expected_marks(papers[r], np.array([t]))[0][0] for r, t in zip(row[(x > 5) & (x < 19)], at, strict=True)]
    assert np.array(again) == pytest.approx(x[(x > 5) & (x < 19)], abs=2e-3)


CUTS = st.one_of(st.floats(1, 19).map(lambda cut: round(cut, 6)), st.integers(2, 38).map(lambda n: n / 2))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 5000), CUTS, st.sampled_from([0.5, 1.0]), st.sampled_from([0.5, 1.0, 20 / 19]))
def test_a_person_passes_by_converted_marks_exactly_where_the_papers_own_cut_is_reached(
    seed: int, cut: float, step: float, rung: float
) -> None:
    papers, _ = models(seed, n_papers=3)
    curves = np.array([expected_marks(paper, THETA)[0] for paper in papers])
    x = np.tile(np.arange(0, 20 + step, step), 3)
    row = np.repeat(np.arange(3), x.size // 3)
    found = family_marks(THETA, curves.mean(axis=0), curves, x, row, full=20, cut=cut, step=step)
    assert ((found.marks >= cut) == (x >= found.paper_cut[row])).all()
    assert (np.diff(found.exact.reshape(3, -1), axis=1) >= 0).all()
    assert found.exact.reshape(3, -1)[:, [0, -1]] == pytest.approx(np.array([[0, 20]] * 3), abs=1e-6)
    ends = [expected_marks(paper, np.array([found.cut_ability]))[0][0] for paper in papers]
    assert found.paper_exact == pytest.approx(np.array(ends), abs=2e-3)
    x = rung * np.arange(round(20 / rung) + 1)
    scaled = family_marks(THETA, curves.mean(axis=0), curves, x, np.ones(x.size, int), full=20, cut=cut, step=step, paper_step=[step, rung, step])
    assert ((scaled.marks >= cut) == (x >= scaled.paper_cut[1])).all(), "totals in steps of their own"
    assert scaled.paper_cut[[0, 2]].tolist() == found.paper_cut[[0, 2]].tolist()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 5000), CUTS, st.sampled_from([0.01, 0.5, 1.0]), st.sampled_from([0.01, 0.5, 1.0]))
def test_whatever_the_total_both_ways_to_the_verdict_agree(seed: int, cut: float, step: float, rung: float) -> None:
    papers, _ = models(seed, n_papers=3)
    curves = np.array([expected_marks(paper, THETA)[0] for paper in papers])
    every = np.unique(np.concatenate([by * np.arange(20 / by + 0.5) for by in (1, 1 / 3, 1 / 4, 20 / 19)] + [cut + np.array([-1e-12, 0, 1e-12])]))
    every = every[every <= 20]
    x, row = np.tile(every, 3), np.repeat(np.arange(3), every.size)
    found = family_marks(THETA, curves.mean(axis=0), curves, x, row, full=20, cut=cut, step=step, paper_step=[rung] * 3)
    assert (found.passes == (x >= found.paper_cut[row] - 1e-9)).all()
    assert (found.passes == (found.marks >= cut - 1e-9)).all()
    assert (np.diff(found.marks.reshape(3, -1), axis=1) >= -1e-9).all() and (np.abs(found.marks - found.exact) < 1.5 * step + rung * 3).all()
    assert found.marks / step == pytest.approx(np.rint(found.marks / step), abs=1e-6)
    whole = np.abs(x / rung - np.rint(x / rung)) < 1e-9
    assert (found.marks[whole] == rounded_to(found.exact[whole], step)).all(), "of totals in the step of the paper rounding is enough"


def test_totals_between_two_steps_by_hand() -> None:
    # the mean expects 2 + 7t, the easy paper 4 + 5t, the hard one 1 + 6t: y = 2 + 7 (x − 4) / 5 and 2 + 7 (x − 1) / 6
    t = np.linspace(0, 1, 11)
    x, row = [6, 6.5, 7, 3.5, 4, 4.5], [0, 0, 0, 1, 1, 1]
    exact = [4.8, 5.5, 6.2, 2 + 17.5 / 6, 5.5, 2 + 24.5 / 6]
    whole = family_marks(t, 2 + 7 * t, [4 + 5 * t, 1 + 6 * t], x, row, full=10, cut=6)
    assert whole.exact == pytest.approx(exact) and whole.paper_cut.tolist() == [7, 4]
    assert whole.marks.tolist() == [5, 5, 6, 5, 6, 6], "6.5 is less than the 7 of its paper: 5, although 5.5 would be rounded to 6"
    assert whole.passes.tolist() == [False, False, True, False, True, True]
    halves = family_marks(t, 2 + 7 * t, [4 + 5 * t, 1 + 6 * t], x, row, full=10, cut=6, step=0.5)
    assert halves.paper_cut.tolist() == [7, 4.5] and halves.marks.tolist() == [5, 5.5, 6, 5, 5.5, 6]
    between = family_marks(t, 2 + 7 * t, [4 + 5 * t], [6.7, 6.85], [0, 0], full=10, cut=6, step=0.5, paper_step=[0.25])
    assert between.paper_cut.tolist() == [6.75], "5.85"
    assert between.marks.tolist() == [5.5, 6], "5.78, less than 6.75, and 5.99"


def test_full_marks_of_a_paper_that_has_lost_a_question_are_full_marks() -> None:
    papers, _ = models(5, n_papers=2)
    curves = np.array([expected_marks(paper, THETA)[0] for paper in papers])
    curves[1] *= 19 / 20
    found = family_marks(THETA, curves.mean(axis=0), curves, [20.0, 19.0], [0, 1], full=20, cut=12, paper_full=[20, 19])
    assert found.exact.tolist() == pytest.approx([20, 20], abs=1e-6)


def test_a_paper_that_is_the_mean_of_the_family_keeps_its_marks() -> None:
    papers, _ = models(3, n_papers=1)
    curve = expected_marks(papers[0], THETA)[0]
    x = np.arange(21.0)
    found = family_marks(THETA, curve, curve[None, :], x, np.zeros(21, int), full=20, cut=12)
    assert found.marks.tolist() == x.tolist() and found.paper_cut.tolist() == [12]
    assert found.exact == pytest.approx(x, abs=1e-6)


def test_persons_without_marks_and_cuts_that_nobody_reaches_are_told() -> None:
    papers, _ = models(4, n_papers=2, c=0.25)
    curves = np.array([expected_marks(paper, THETA)[0] for paper in papers])
    found = family_marks(THETA, curves.mean(axis=0), curves, [np.nan, 2.0], [0, 1], full=20, cut=2)
    assert np.isnan(found.marks[0]) and np.isnan(found.ability[0])
    assert found.ability[1] == -np.inf and np.isnan(found.cut_ability)
    above = family_marks(THETA, curves.mean(axis=0), curves, [20.0], [0], full=20, cut=25)
    assert np.isinf(above.paper_cut).all()


def test_halves_are_rounded_up() -> None:
    assert rounded_to([0.5, 1.5, 2.5, np.nan], 1.0)[:3].tolist() == [1, 2, 3]
    assert rounded_to([59.5 - 1e-12], 1.0).tolist() == [60]


@pytest.mark.parametrize(("full", "rows", "theta"), [(20.3, [0], THETA), (20, [5], THETA), (20, [0], THETA[:5])])
def test_arrays_that_do_not_belong_together_are_refused(full: float, rows: list[int], theta: np.ndarray) -> None:
    curve = np.linspace(0.1, 19.9, THETA.size)
    with pytest.raises(ValueError, match=r"multiple|papers|belong"):
        family_marks(theta, curve, curve[None, :], [3.0], rows, full=full, cut=10)
