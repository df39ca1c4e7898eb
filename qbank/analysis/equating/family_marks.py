"""Marks of many papers on the scale of their family: true-score equating to the mean of the papers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray, read_only

RISE = 1e-12
HALF = 0.5 - 1e-9
"""Marks halfway between two steps are rounded up, whatever the last binary digit says."""
SLACK = 1e-9
"""What a total may miss a cut by and reach it: thirds of a mark add up to one."""


@dataclass(frozen=True, slots=True, eq=False)
class FamilyMarks:
    """What marks on papers of a family stand for on the family's scale: the mean of its papers.

    marks : (n_persons,) on the family's scale, to the step of the marks, at or above the cut for those who pass and below it
    for all others ; passes : (n_persons,) whose total reaches the cut of the paper ; exact : (n_persons,) before rounding,
    NaN without a total ; ability : (n_persons,) whose expected marks on the paper are the person's, −inf or inf where no
    ability of the grid has so few or so many ; cut_ability : where the mean of the papers expects the cut, NaN where it
    never does ; paper_cut : (n_papers,) the lowest marks of each paper that the cut is reached with, infinite where none
    do ; paper_exact : (n_papers,) the marks on each paper that stand for the cut exactly
    """

    marks: FloatArray
    passes: BoolArray
    exact: FloatArray
    ability: FloatArray
    cut_ability: float
    paper_cut: FloatArray
    paper_exact: FloatArray


def family_marks(
    theta: ArrayLike, base: ArrayLike, papers: ArrayLike, total: ArrayLike, paper: ArrayLike, *, full: float, cut: float,
    step: float = 1.0, paper_full: ArrayLike | None = None, paper_step: ArrayLike | None = None,
) -> FamilyMarks:  # fmt: skip
    """Return marks on the scale of the family, and the cut of each paper.

    theta : (n_theta,) rising abilities, wide enough that hardly anybody lies beyond ; base : (n_theta,) mean of the
    expected marks of the family's papers ; papers : (n_papers, n_theta) expected marks of each ; total : (n_persons,)
    marks, NaN none ; paper : (n_persons,) row of papers ; full : marks of every paper ; cut : on the family's scale ;
    step : of the marks, of which full is a multiple ; paper_full, paper_step : (n_papers,) the full marks of each paper,
    less where questions were dropped from it, and the step of its totals; None: full, step

    Marks x on a paper become the ability whose expected marks are x, and that ability the family's expected marks (Kolen
    & Brennan 2014, eq. 6.18); below the least and above the largest expected marks a straight line goes on to 0 and to full
    marks (Kolen 1981). They are then rounded to the step, half up. The cut of a paper is the lowest of its totals, in
    their step, that reaches the cut after that, which leaves least of what the paper drawn does to verdicts. Who reaches
    the cut of the paper passes, and nobody else. Of a total between two steps (void answers, whose marks the others take
    over, give such) the rounded marks could lie on the other side of the cut: they are then the nearest on the side of
    the verdict.

    >>> theta = np.linspace(-8, 8, 641)
    >>> easy, hard = (sum(1 / (1 + np.exp(-(theta - b - k / 5))) for k in range(10)) for b in (-1.5, -0.5))
    >>> found = family_marks(theta, (easy + hard) / 2, [easy, hard], [6, 6], [0, 1], full=10, cut=6)
    >>> found.marks.tolist(), found.exact.round(2).tolist(), found.paper_cut.tolist(), found.passes.tolist()
    ([5.0, 7.0], [4.86, 6.97], [7.0, 5.0], [False, True])
    """
    at, mean, curves = np.asarray(theta, float), np.asarray(base, float), np.asarray(papers, float)
    scores, row = np.asarray(total, float), np.asarray(paper, np.int64)
    _check(at, mean, curves, scores, row, full, step)
    y = np.concatenate([[0.0], np.maximum.accumulate(mean), [full]])
    tops = np.full(len(curves), float(full)) if paper_full is None else np.asarray(paper_full, float)
    steps = np.full(len(curves), float(step)) if paper_step is None else np.asarray(paper_step, float)
    exact, ability = np.full(scores.shape, np.nan), np.full(scores.shape, np.nan)
    lowest, equal = np.empty(len(curves)), np.empty(len(curves))
    for number, (curve, top, rung) in enumerate(zip(curves, tops, steps, strict=True)):
        rising = np.maximum.accumulate(curve) + RISE * np.arange(curve.size)
        x = np.concatenate([[min(0.0, rising[0] - RISE)], rising, [max(top, rising[-1] + RISE)]])
        here = np.flatnonzero((row == number) & np.isfinite(scores))
        exact[here] = np.interp(scores[here], x, y)
        ability[here] = np.interp(scores[here], rising, at, left=-np.inf, right=np.inf)
        ladder = rung * np.arange(np.ceil(top / rung - RISE) + 1)
        reached = rounded_to(np.interp(ladder, x, y), step) >= cut - SLACK
        lowest[number] = ladder[int(reached.argmax())] if reached.any() else np.inf
        equal[number] = np.interp(cut, y + RISE * np.arange(y.size), x)
    passes = np.isfinite(scores) & (np.nan_to_num(scores) >= lowest[row] - SLACK)
    least = step * np.ceil((cut - SLACK) / step)
    marks = rounded_to(exact, step)
    marks = np.where(passes, np.maximum(marks, least), np.minimum(marks, least - step))
    inside = mean.min() < cut < mean.max()
    cut_ability = float(np.interp(cut, y[1:-1] + RISE * np.arange(at.size), at)) if inside else float("nan")
    return FamilyMarks(read_only(marks), read_only(passes), read_only(exact), read_only(ability), cut_ability, read_only(lowest), read_only(equal))


def rounded_to(marks: ArrayLike, step: float) -> FloatArray:
    """Return marks to the nearest step, half up.

    >>> rounded_to([59.5, 59.49, 0.24], 1.0).tolist(), rounded_to([0.3], 0.5).tolist()
    ([60.0, 59.0, 0.0], [0.5])
    """
    return np.asarray(step * (np.ceil(np.asarray(marks, float) / step - HALF)) + 0.0)


def _check(
    theta: FloatArray, base: FloatArray, papers: FloatArray, total: FloatArray, paper: IntArray, full: float, step: float
) -> None:
    if papers.ndim != 2 or base.shape != theta.shape or papers.shape[1:] != theta.shape or theta.size < 2:
        raise ValueError(f"papers {papers.shape}, base {base.shape} and theta {theta.shape} do not belong together")
    if total.shape != paper.shape or (paper.size and not (paper.min() >= 0 and paper.max() < len(papers))):
        raise ValueError(f"every person needs a total and one of the {len(papers)} papers")
    if not (full > 0 and step > 0 and abs(full / step - round(full / step)) < 1e-6):
        raise ValueError(f"full marks {full} must be a multiple of the step {step}")
