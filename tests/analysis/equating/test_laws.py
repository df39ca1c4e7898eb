"""What must hold of every equating, on tables that hypothesis draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qbank.analysis.equating import (
    Pairs,
    Scores,
    chained_equipercentile,
    chained_linear,
    circle_arc,
    continuous,
    equipercentile,
    equipercentile_errors,
    fit_scores,
    frequency_estimation,
    general_linear,
    joint_moments,
    kernel_equating,
    levine,
    levine_true,
    linear_equating,
    mean_equating,
    moments,
    percentile_rank,
    postsmoothed,
    score_at,
    scores,
    smooth,
    smooth_pairs,
    tabulate_pairs,
    tucker,
)

counts = st.lists(st.integers(0, 40), min_size=4, max_size=12)
full_counts = st.lists(st.integers(1, 40), min_size=5, max_size=12)
steps = st.sampled_from([0.5, 1.0, 2.0])


def table(n: list[int], step: float = 1.0) -> Scores:
    return scores(step * np.arange(len(n)), n)


@st.composite
def groups(draw: st.DrawFn) -> Pairs:
    """Return persons with totals that hold an internal anchor."""
    seed = draw(st.integers(0, 10_000))
    n = draw(st.integers(30, 200))
    rng = np.random.default_rng(seed)
    ability = rng.normal(draw(st.floats(-1, 1)), 1, n)
    right = rng.random((n, 12)) < 1 / (1 + np.exp(rng.normal(0, 1, 12) - ability[:, None]))
    return tabulate_pairs(right.sum(axis=1), right[:, :5].sum(axis=1), np.arange(13), np.arange(6))


@settings(max_examples=60)
@given(full_counts, steps)
def test_a_paper_equated_to_itself_is_itself(n: list[int], step: float) -> None:
    side = table(n, step)
    one = moments(side)
    for found in (
        equipercentile(side, side), mean_equating(one, one)(side.points), linear_equating(one, one)(side.points),
        kernel_equating(side, side, bandwidths=(0.6, 0.6)), postsmoothed(side, side), equipercentile(smooth(side, 2), smooth(side, 2)),
    ):  # fmt: skip
        assert found == pytest.approx(side.points, abs=1e-6)


@settings(max_examples=40)
@given(groups())
def test_a_group_equated_to_itself_through_an_anchor_is_itself(pairs: Pairs) -> None:
    own = joint_moments(pairs)
    assume(float(own.covariance) > 1e-3 and float(own.variance_v) > 0)
    for line in (
        linear_equating(tucker(own, own)), linear_equating(levine(own, own)), chained_linear(own, own), levine_true(own, own),
    ):  # fmt: skip
        assert line(pairs.totals) == pytest.approx(pairs.totals, abs=1e-8)
    seen = pairs.total.counts > 0
    assert frequency_estimation(pairs, pairs)[seen] == pytest.approx(pairs.totals[seen], abs=1e-8)
    smoothed = smooth_pairs(pairs, (2, 2))
    assert chained_equipercentile(smoothed, smoothed) == pytest.approx(pairs.totals, abs=1e-6)


@settings(max_examples=80)
@given(full_counts, full_counts)
def test_linear_equating_gives_the_mean_and_sd_of_the_base(n: list[int], m: list[int]) -> None:
    new, base = table(n), table(m)
    y = linear_equating(moments(new), moments(base))(new.points)
    mean = (new.counts @ y) / new.n
    variance = (new.counts @ (y - mean) ** 2) / (new.n - 1)
    assert mean == pytest.approx(float(moments(base).mean))
    assert variance == pytest.approx(float(moments(base).variance))


@settings(max_examples=80)
@given(full_counts, full_counts)
def test_equating_is_symmetric_and_rises(n: list[int], m: list[int]) -> None:
    new, base = table(n), table(m)
    one, two = moments(new), moments(base)
    there, back = linear_equating(one, two), linear_equating(two, one)
    assert back(there(new.points)) == pytest.approx(new.points)
    y = equipercentile(new, base)
    assert (np.diff(y) > 0).all()
    assert score_at(new, percentile_rank(base, y)) == pytest.approx(new.points, abs=1e-8)
    smoothed = kernel_equating(new, base, bandwidths=(0.7, 0.5))
    assert (np.diff(smoothed) > 0).all()


@settings(max_examples=60)
@given(counts, steps, st.floats(-3, 3))
def test_percentile_ranks_run_from_0_to_1_and_come_back(n: list[int], step: float, shift: float) -> None:
    assume(sum(n) > 0)
    side = scores(shift + step * np.arange(len(n)), n)
    edges = np.append(side.points - step / 2, side.points[-1] + step / 2)
    rank = percentile_rank(side, edges)
    assert rank[0] == pytest.approx(0, abs=1e-12) and rank[-1] == pytest.approx(1) and (np.diff(rank) >= -1e-12).all()
    inside = side.points[side.counts > 0]
    assert score_at(side, percentile_rank(side, inside)) == pytest.approx(inside, abs=1e-7)


@settings(max_examples=60)
@given(counts, st.integers(1, 5))
def test_presmoothing_keeps_as_many_moments_as_its_degree(n: list[int], degree: int) -> None:
    assume(sum(count > 0 for count in n) > degree + 1)
    side = table(n)
    fit = fit_scores(side, degree)
    assert bool(fit.converged)
    for power in range(degree + 1):
        assert fit.expected @ side.points**power == pytest.approx(side.counts @ side.points**power, rel=1e-6)


@settings(max_examples=30)
@given(groups())
def test_bivariate_presmoothing_keeps_both_marginal_moments_and_the_product(pairs: Pairs) -> None:
    own, fitted = joint_moments(pairs), joint_moments(smooth_pairs(pairs, (2, 2)))
    for name in ("mean_x", "mean_v", "variance_x", "covariance", "variance_v"):
        assert float(getattr(fitted, name)) == pytest.approx(float(getattr(own, name)), rel=1e-6, abs=1e-8)


@settings(max_examples=40)
@given(full_counts, full_counts)
def test_a_wide_kernel_is_linear_equating(n: list[int], m: list[int]) -> None:
    new, base = table(n), table(m)
    wide = kernel_equating(new, base, bandwidths=(2000.0, 2000.0))
    # kernel equating keeps variances with n
    share = [side.counts / side.n for side in (new, base)]
    sd = [float(np.sqrt(p @ side.points**2 - (p @ side.points) ** 2)) for p, side in zip(share, (new, base), strict=True)]
    line = general_linear(float(moments(new).mean), sd[0], float(moments(base).mean), sd[1])
    assert wide == pytest.approx(line(new.points), abs=1e-3)


@settings(max_examples=40)
@given(full_counts, st.floats(0.2, 3))
def test_a_kernel_keeps_mean_and_variance(n: list[int], bandwidth: float) -> None:
    smoothed = continuous(table(n), bandwidth)
    x = np.linspace(-40, len(n) + 40, 20_001)
    density = smoothed.density(x)
    wide = x[1] - x[0]
    assert density.sum() * wide == pytest.approx(1, abs=1e-6)
    mean = (density @ x) * wide
    assert mean == pytest.approx(smoothed.mean, abs=1e-5)
    assert (density @ (x - mean) ** 2) * wide == pytest.approx(smoothed.variance, rel=1e-4)


@settings(max_examples=60)
@given(st.floats(5, 35), st.floats(-4, 4), st.sampled_from(["simplified", "symmetric"]))
def test_an_arc_goes_through_its_three_points(middle: float, off: float, form: Any) -> None:
    found = circle_arc([0.0, middle, 40.0], middle, middle + off, low=(0, 0), high=(40, 40), form=form)
    assert found == pytest.approx([0, middle + off, 40], abs=1e-5)


def test_the_symmetric_arc_is_undone_by_exchanging_the_papers() -> None:
    x = np.linspace(0, 40, 9)
    y = circle_arc(x, 20.0, 18.0, low=(0, 0), high=(40, 40), form="symmetric")
    back = [circle_arc([level], 18.0, 20.0, low=(0, 0), high=(40, 40), form="symmetric")[0] for level in y]
    assert back == pytest.approx(x)
    simplified = circle_arc(x, 20.0, 18.0, low=(0, 0), high=(40, 40))
    undone = [circle_arc([level], 18.0, 20.0, low=(0, 0), high=(40, 40))[0] for level in simplified]
    assert undone != pytest.approx(x, abs=1e-6)


@settings(max_examples=20)
@given(full_counts, full_counts, st.integers(2, 50))
def test_errors_shrink_with_the_root_of_the_persons(n: list[int], m: list[int], times: int) -> None:
    small = equipercentile_errors(table(n), table(m))
    large = equipercentile_errors(table([times * k for k in n]), table([times * k for k in m]))
    assert small == pytest.approx(large * np.sqrt(times))
