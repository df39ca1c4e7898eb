"""From a program to its papers: pooled program → deal → repair → polish, with the pooled bound as certificate.

One paper, and programs of a few columns, are solved exactly as one program of all papers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.direct import direct_program, values_of
from qbank.assemble.exchange import empty_places
from qbank.assemble.partition import deal
from qbank.assemble.polish import Best, polish
from qbank.assemble.program import Program, objective, violations
from qbank.assemble.repair import repair
from qbank.assemble.selection import Selected, bound_of, select
from qbank.assemble.solve import Solution, solve
from qbank.assemble.standing import Papers, make_frame
from qbank.assemble.watch import Progress, Watch

Status = Literal["optimal", "within gap", "stopped", "infeasible", "not found"]

EXACT = 300
"""Columns of all papers together up to which papers that are not within the gap are sought exactly as well."""
BRIEFLY = 1500
"""The same, where the exact program may take `FEW_NODES` only."""
FEW_NODES = 50
WORK = 2e5
"""Pairs of exchanges that a round weighs, one and a half times and a tenth for each paper."""
FEASIBLE = 20_000
"""Columns of all papers together up to which papers that the search does not find are sought exactly."""
EARLY, EARLY_NODES = 900, 40
"""Columns of all papers together up to which these are tried exactly first, and for how many nodes."""
TIED, ALIKE = 5_000, 64
"""The same columns where candidates have so few different values that exchanges have nothing to cancel."""
STARTS = 4
"""Times that other items are dealt: until no row is broken, and where a search stays behind."""
SHARE, STALE = 0.25, 0.67
"""A search stays behind that has more than this part of its deviation left after a share of all work."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """chosen : (n_forms, n_columns), no rows where no papers were found ; bound : proven, no papers are better ;
    broken : by label what the best papers still break, where none were found"""

    status: Status
    chosen: NDArray[np.bool_]
    objective: float
    bound: float
    method: str
    broken: dict[str, float] = field(default_factory=dict)


def search_papers(
    program: Program, *, seed: int, effort: int, absolute_gap: float, max_nodes: int,
    progress: Callable[[Progress], None] | None = None, should_stop: Callable[[], bool] | None = None,
) -> Outcome:  # fmt: skip
    """Return papers within ``absolute_gap`` of the bound, or the best after a fixed amount of work.

    With a gap of ∞ any papers will do: the first that break no row are returned.

    effort : rounds of the search ; should_stop : asked now and then; the best papers so far are returned
    """
    from threadpoolctl import threadpool_limits

    search = _Search(program, seed, effort, absolute_gap, max_nodes, Watch(progress, should_stop))
    with threadpool_limits(1):
        return search.directly() if program.n_forms == 1 else search.together()


@dataclass(frozen=True, slots=True)
class _Search:
    """One search: the program, how hard to try, and who watches."""

    program: Program
    seed: int
    effort: int
    gap: float
    max_nodes: int
    watch: Watch

    def directly(self) -> Outcome:
        """Return the outcome of the program of all papers at once."""
        solution = self._solve_directly(None)
        if not solution.values.size:
            status: Status = "infeasible" if solution.status == "infeasible" else "not found"
            return Outcome(status, self._no_papers(), np.inf, solution.bound, "HiGHS, one thread")
        return self._outcome(self._chosen_in(solution), solution.bound, f"HiGHS, one thread, {solution.status}")

    def together(self) -> Outcome:
        """Return the outcome of the search for several papers."""
        _, relaxation = bound_of(self.program, seed=self.seed)
        if relaxation.status == "infeasible":
            return Outcome("infeasible", self._no_papers(), np.inf, np.inf, "pooled program, no solution")
        bound = relaxation.bound if np.isfinite(relaxation.bound) else -np.inf
        early = self._early(bound)
        if early is not None:
            return early
        best = Best()
        papers: Papers | None = None
        try:
            work, start = self.effort * WORK * (1.5 + self.program.n_forms / 10), 0
            share = work * SHARE
            while (work > 0 or not best.chosen.size) and start < STARTS:
                selected = select(self.program, seed=self.seed + start, gap=self.gap, max_nodes=self.max_nodes,
                                  should_stop=self.watch.should_stop)  # fmt: skip
                if selected is None:
                    return Outcome("infeasible", self._no_papers(), np.inf, np.inf, "pooled program, no solution")
                papers, work = self._start(selected, start, best, work, share)
                start += 1
                if (best.chosen.size and best.objective <= self._aim(bound)) or self.watch.stopped():
                    break
        except KeyboardInterrupt:
            if not np.isfinite(best.objective):
                raise
        method = "pooled program, exchange search"
        if not best.chosen.size:
            return self._not_found(papers, bound)
        if best.objective - bound > self.gap and self._size() <= BRIEFLY and not self.watch.stopped():
            return self._exactly(best, bound, method)
        return self._outcome(self._with_indicators(best.chosen), bound, method)

    def _start(
        self, selected: Selected, start: int, best: Best, work: float, share: float
    ) -> tuple[Papers, float]:
        """Deal the selected items, repair, and polish for as long as a share of the work takes off a third of what is
        above the bound; returns the work left. Valid papers go into ``best``.
        """
        rng = np.random.default_rng([self.seed % 2**32, start])
        frame = make_frame(self.program, selected.centre, selected.loss)
        papers = Papers(frame, deal(frame, selected.counts, selected.groups, rng))
        stop = self.watch.stopped
        blank = empty_places(papers)
        uneven = bool(sum(papers.broken(form) for form in range(frame.n_forms)))
        broken = 0.0
        if uneven:
            broken = repair(papers, rng, looks=200 + 60 * frame.n_forms, blank=True, gap=max(self.gap, 1e-6),
                            should_stop=stop, tell=lambda left: self._tell("partition", np.inf, left))  # fmt: skip
        if broken == 0:
            own, before = Best(), np.inf
            aim = self._aim(selected.bound)
            own.note(papers)
            best.keep(own)
            self._tell("search", best.objective, 0.0)
            while work > 0 and own.objective - selected.bound < STALE * before and own.objective > aim and not stop():
                before = own.objective - selected.bound
                try:
                    polish(papers, rng, own, work=min(share, work), aim=aim, blank=blank, should_stop=stop,
                           tell=lambda reached: self._tell("search", min(reached, best.objective), 0.0))  # fmt: skip
                finally:
                    best.keep(own)
                work -= share
        return papers, work

    def _aim(self, bound: float) -> float:
        """Return the objective at which the search may end; any, where the gap is ∞."""
        return bound + self.gap if np.isfinite(self.gap) else np.inf

    def _early(self, bound: float) -> Outcome | None:
        """Return the outcome of the program of all papers where few nodes of a small one are enough, else None.

        Papers on judged grades have few different values: whole branches tie, and exchanges have nothing to cancel.
        """
        most = TIED if self._tied() else EARLY
        linear = direct_program(self.program) if self._size() <= most else None
        if linear is None or linear.cost.size > 2 * most:  # overlap asks for a column a pair of papers and item
            return None
        tiny = linear.cost.size <= EXACT
        solution = solve(linear, seed=self.seed, absolute_gap=self.gap, should_stop=self.watch.should_stop,
                         max_nodes=self.max_nodes if tiny else min(self.max_nodes, EARLY_NODES))  # fmt: skip
        method = f"HiGHS, one thread, {solution.status}"
        if solution.status == "infeasible":
            return Outcome("infeasible", self._no_papers(), np.inf, np.inf, method)
        done = solution.status == "optimal" or solution.objective <= self._aim(bound)
        if not solution.values.size or not done:
            return None
        bound = max(bound, solution.bound) if np.isfinite(solution.bound) else bound
        return self._outcome(self._chosen_in(solution), bound, method)

    def _tied(self) -> bool:
        """Return whether candidates differ little in what is compared, as on judged grades."""
        terms = self.program.terms
        counted = terms.values[terms.weight > 0]
        return bool(counted.size) and np.unique(counted, axis=1).shape[1] <= ALIKE

    def _exactly(self, best: Best, bound: float, method: str) -> Outcome:
        """Return the outcome of the program of all papers, begun at the papers that the search has found."""
        found = self._with_indicators(best.chosen)
        solution = self._solve_directly(found)
        bound = max(bound, solution.bound) if np.isfinite(solution.bound) else bound
        if solution.values.size:
            other = self._chosen_in(solution)
            if not violations(self.program, other) and objective(self.program, other) < objective(self.program, found):
                found = other
        return self._outcome(found, bound, f"{method}; HiGHS, one thread, {solution.status}")

    def _not_found(self, papers: Papers | None, bound: float) -> Outcome:
        """Return what the program of all papers finds, or what the best papers still break."""
        if self._size() <= FEASIBLE and not self.watch.stopped():
            outcome = self.directly()
            if outcome.status != "not found":
                return outcome
        broken = {} if papers is None else violations(self.program, self._with_indicators(papers.chosen))
        return Outcome("not found", self._no_papers(), np.inf, bound, "pooled program, exchange search", broken)

    def _solve_directly(self, found: NDArray[np.bool_] | None) -> Solution:
        few = found is not None and self._size() > EXACT
        self._tell("direct", np.inf if found is None else objective(self.program, found), 0.0)
        linear = direct_program(self.program)
        start = None if found is None else values_of(self.program, linear, found)
        return solve(linear, seed=self.seed, absolute_gap=self.gap, start=start,
                     max_nodes=min(self.max_nodes, FEW_NODES) if few else self.max_nodes,
                     should_stop=self.watch.should_stop)  # fmt: skip

    def _outcome(self, chosen: NDArray[np.bool_], bound: float, method: str) -> Outcome:
        reached = objective(self.program, chosen)
        gap = reached - bound
        status: Status = "optimal" if gap <= 1e-9 * max(1.0, abs(reached)) else "within gap" if gap <= self.gap else "stopped"
        return Outcome(status, chosen, reached, min(bound, reached), method)

    def _size(self) -> int:
        return self.program.n_forms * self.program.n_columns

    def _no_papers(self) -> NDArray[np.bool_]:
        return np.zeros((0, self.program.n_columns), dtype=np.bool_)

    def _chosen_in(self, solution: Solution) -> NDArray[np.bool_]:
        shape = (self.program.n_forms, self.program.n_columns)
        return np.asarray(solution.values[: shape[0] * shape[1]].reshape(shape) > 0.5)

    def _with_indicators(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the columns of the program from those of the search, which knows no indicators."""
        full = np.zeros((self.program.n_forms, self.program.n_columns), dtype=np.bool_)
        n = self.program.n_candidates
        full[:, :n] = chosen[:, :n]
        for group in self.program.sets:
            full[:, group.indicator] = full[:, group.columns].any(axis=1)
        return full

    def _tell(self, stage: str, reached: float, broken: float) -> None:
        if self.watch.progress is not None:
            self.watch.progress(Progress(stage, reached, broken))
