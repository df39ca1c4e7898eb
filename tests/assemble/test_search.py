"""The search for several papers: never better than exact, never a broken row, the same papers everywhere."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble.exchange import price_changes
from qbank.assemble.pooled import pooled_program
from qbank.assemble.program import Draft, Overlap, Program, Source, Terms, objective, quantities, violations
from qbank.assemble.search import Outcome, search_papers
from qbank.assemble.solve import relaxed, solve
from qbank.assemble.standing import Papers, make_frame
from qbank.problem import Span

HERE = Source("rule", Span("tiny.yaml", 1, 1))


def made_up(
    seed: int, *, n_items: int = 8, n_forms: int = 2, length: int = 3, uses: int = 1, sense: int = 0,
    target: float | None = 0.5, overlap: tuple[int, int] | None = None,
) -> Program:  # fmt: skip
    """Return papers of a few items out of a few, with a count, a sum, two enemies and two quantities."""
    rng = np.random.default_rng(seed)
    draft = Draft(np.arange(n_items), np.zeros(n_items, np.int64), n_items, n_forms)
    every = np.arange(n_items)
    draft.add(every, np.ones(n_items), length, length, HERE)
    draft.add(every[::2], np.ones(every[::2].size), 1, length - 1, HERE)
    seconds = rng.uniform(20, 60, n_items)
    draft.add(every, seconds, -np.inf, 1.15 * length * seconds.mean(), HERE)
    draft.add_enemies(0, 1)
    draft.limit_uses(every, uses, HERE)
    if overlap is not None:
        draft.overlaps.append(Overlap(*overlap, HERE))
    values = rng.uniform(0.1, 0.3, (2, n_items))
    aim = np.full((n_forms, 2), np.nan if target is None else target)
    return draft.freeze(
        Terms(("p", "q"), values, aim, np.array([1.0, 0.5]), np.full(2, sense), np.ones(2), np.full(2, np.inf))
    )


def best_by_enumeration(program: Program) -> float:
    """Return the least objective of all papers that break nothing; ∞ where there are none."""
    n = program.n_candidates
    alone = []
    for size in range(n + 1):
        for subset in combinations(range(n), size):
            row = np.zeros(program.n_columns, dtype=np.bool_)
            row[list(subset)] = True
            for group in program.sets:
                row[group.indicator] = row[group.columns].any()
            found = program.matrix @ row.astype(float)
            if (found >= program.low[0] - 1e-9).all() and (found <= program.high[0] + 1e-9).all():
                alone.append(row)
    papers = (np.array(choice) for choice in product(alone, repeat=program.n_forms))
    return min((objective(program, chosen) for chosen in papers if not violations(program, chosen)), default=np.inf)


def searched(program: Program, *, effort: int = 5, gap: float = 1e-7, seed: int = 1, max_nodes: int = 2000) -> Outcome:
    return search_papers(program, seed=seed, effort=effort, absolute_gap=gap, max_nodes=max_nodes)


KINDS = {
    "one target": {},
    "only too little is bad": {"sense": -1, "target": 0.9},
    "only too much is bad": {"sense": 1, "target": 0.4},
    "papers compared with each other": {"target": None},
    "items used twice": {"uses": 2},
    "papers that share one item exactly": {"uses": 2, "overlap": (1, 1)},
    "papers that share one item at most": {"uses": 2, "overlap": (0, 1), "target": None},
}


@pytest.mark.parametrize("kind", KINDS)
def test_tiny_programs_are_solved_as_well_as_by_enumeration(kind: str) -> None:
    for seed in (1, 2):
        program = made_up(seed, **KINDS[kind])  # type: ignore[arg-type]
        best, found = best_by_enumeration(program), searched(program)
        if not np.isfinite(best):
            assert found.status == "infeasible"
            continue
        assert not violations(program, found.chosen)
        assert found.objective == pytest.approx(best, abs=1e-6)
        assert found.bound <= best + 1e-6


def test_papers_of_few_different_values_are_sought_exactly_first() -> None:
    program = made_up(1, n_items=600, length=40, target=None)  # more columns than are tried exactly by their number alone
    grades = np.array([0.15, 0.2, 0.25])[np.arange(600) % 3]
    judged = replace(program, terms=replace(program.terms, values=np.vstack([grades, 2 * grades])))
    found = searched(judged)
    assert not violations(judged, found.chosen)
    assert found.objective == pytest.approx(0.0, abs=1e-9)
    assert "exchange search" not in found.method
    assert "exchange search" in searched(program, effort=1).method


def test_a_stimulus_set_stands_in_its_number_or_not_at_all() -> None:
    program = made_up(3, length=3)
    draft = Draft(np.arange(8), np.zeros(8, np.int64), 8, 2)
    draft.add(np.arange(8), np.ones(8), 3, 3, HERE)
    draft.add_set(np.array([1, 2, 3]), 2, 3, HERE)
    draft.add_set(np.array([5, 6]), 2, 2, HERE)
    draft.limit_uses(np.arange(8), 1, HERE)
    with_sets = draft.freeze(program.terms)
    found = searched(with_sets)
    assert not violations(with_sets, found.chosen)
    assert found.objective == pytest.approx(best_by_enumeration(with_sets), abs=1e-6)


def test_items_that_must_stand_together_do() -> None:
    draft = Draft(np.arange(8), np.zeros(8, np.int64), 8, 2)
    draft.add(np.arange(8), np.ones(8), 3, 3, HERE)
    draft.add(np.array([0, 1]), np.array([1.0, -1.0]), 0, 0, HERE)
    draft.limit_uses(np.arange(8), 1, HERE)
    program = draft.freeze(made_up(4).terms)
    found = searched(program)
    assert not violations(program, found.chosen)
    assert found.objective == pytest.approx(best_by_enumeration(program), abs=1e-6)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([-1, 0, 1]))
def test_no_papers_are_better_than_the_pooled_bound(seed: int, sense: int) -> None:
    program = made_up(seed, sense=sense)
    bound = solve(relaxed(pooled_program(program).linear), seed=1, absolute_gap=0.0, max_nodes=0)
    best = best_by_enumeration(program)
    if bound.status == "infeasible":
        assert best == np.inf
    else:
        assert bound.objective <= best + 1e-7


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_the_price_of_every_exchange_is_what_a_recount_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    program = made_up(seed, n_items=12, n_forms=3, length=4, uses=2, overlap=(0, 1))
    frame = make_frame(program, np.zeros(2), np.zeros((3, 12)))
    chosen = np.zeros((3, 13), dtype=np.bool_)
    for form in range(3):
        chosen[form, rng.choice(12, 4, replace=False)] = True
    papers = Papers(frame, chosen)
    outs, ins = np.flatnonzero(chosen[0]), np.flatnonzero(~chosen[0])
    prices, before = price_changes(papers.rows(0), outs, ins), papers.broken(0)
    for i, out in enumerate(outs):
        for j, come in enumerate(ins):
            other = Papers(frame, chosen)
            other.exchange(0, np.array([out]), np.array([come]))
            assert prices[i, j] == pytest.approx(other.broken(0) - before, abs=1e-6)
            sums = quantities(program, other.chosen[:, :12])
            assert np.allclose(other.away, sums / program.terms.unit - frame.target)


def ladder() -> Program:
    """Return 3 papers of 10 items out of 60: too many to enumerate, few enough for a test."""
    return made_up(5, n_items=60, n_forms=3, length=10, target=2.0)


def test_larger_papers_come_within_the_gap_and_break_nothing() -> None:
    program = ladder()
    found = searched(program, effort=20, gap=2e-3)
    assert found.status in ("within gap", "optimal")
    assert not violations(program, found.chosen)
    assert found.objective == pytest.approx(objective(program, found.chosen), abs=1e-12)


def test_the_same_seed_gives_the_same_papers_in_another_process() -> None:
    code = (
        "from tests.assemble.test_search import ladder, searched;"
        "import hashlib; print(hashlib.sha256(searched(ladder(), effort=1, max_nodes=40).chosen.tobytes()).hexdigest())"
    )
    elsewhere = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert elsewhere.stdout.strip() == hashlib.sha256(searched(ladder(), effort=1, max_nodes=40).chosen.tobytes()).hexdigest()


def test_a_search_that_is_cut_off_returns_whole_papers() -> None:
    program, told = ladder(), []
    found = search_papers(
        program, seed=1, effort=50, absolute_gap=0.0, max_nodes=10, progress=told.append,
        should_stop=lambda: any(np.isfinite(step.objective) for step in told),
    )  # fmt: skip
    assert found.chosen.shape == (3, 60) and not violations(program, found.chosen)


def test_where_even_the_sum_of_the_papers_is_short_nothing_is_searched() -> None:
    found = searched(made_up(1, n_items=8, n_forms=3))
    assert found.status == "infeasible" and not found.chosen.size


