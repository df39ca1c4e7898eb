"""The choice of the anchor, together with papers that can be built around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.constraints.anchor import anchor_columns, eligible_anchors, section_sizes
from qbank.assemble.program import Program
from qbank.assemble.rules import Compiled, anchor_size
from qbank.assemble.scene import Scene
from qbank.assemble.solve import LinearProgram, solve
from qbank.core.item import fingerprint
from qbank.problem import Span

Array = NDArray[np.float64]

GAP = 0.01
"""Logits by which the anchor's mean and spread may be further from the papers' than the best anchor's."""


class _Rows:
    """Rows under construction: over the uses of every column, then the anchor's columns, then the largest deviation."""

    def __init__(self, n: int) -> None:
        self.n, self.matrices, self.low, self.high = n, list[sparse.csr_matrix](), list[Array](), list[Array]()

    def add(self, uses: Array, anchor: Array, worst: float, low: float, high: float) -> None:
        """Add one row with its coefficients for uses, anchor and the largest deviation."""
        self.matrices.append(sparse.csr_matrix(np.concatenate([uses, anchor, [worst]])[None, :]))
        self.low.append(np.array([low]))
        self.high.append(np.array([high]))

    def add_all(self, uses: sparse.csr_matrix, anchor: sparse.csr_matrix, low: Array, high: Array) -> None:
        """Add rows that leave the largest deviation alone."""
        self.matrices.append(sparse.csr_matrix(sparse.hstack([uses, anchor, sparse.csr_matrix((uses.shape[0], 1))])))
        self.low.append(low)
        self.high.append(high)


def choose_anchor(rule: Compiled, scene: Scene, program: Program) -> tuple[int, ...] | None:
    """Return the positions of the items of an anchor, or None where no anchor mirrors papers that can be built.

    The program of the sum of all papers has, beside the number of papers w that a candidate stands on, a column y for
    every candidate that may be part of the anchor: it then stands on all F papers, so that z = w + F y takes the place
    of w in every row. The largest of the deviations of mean and second moment of difficulty from those of the papers
    is minimised. program : compiled without an anchor
    """
    n, n_forms = program.n_columns, program.n_forms
    order = _by_content(scene, program)
    may = np.zeros(n, dtype=np.bool_)
    own = anchor_columns(rule, scene, np.arange(program.n_candidates))
    may[own] = eligible_anchors(rule, scene)[program.item[own]]
    for found in program.sets:
        may[found.columns] = False
    exempt = {i for i, other in enumerate(scene.blueprint.rules) if other.word == "overlap" or i == rule.index}
    for ban in program.bans:
        if ban.source.rule not in exempt:
            may[ban.columns] = False
    rows = _Rows(n)
    _add_papers(rows, program, exempt)
    _add_uses(rows, program)
    _add_mirror(rows, rule, scene, program, may)
    uses = np.append(program.uses, n_forms)[program.item]
    upper = np.concatenate([program.upper.sum(axis=0), may.astype(np.float64), [rule.value.tolerance]])
    upper[:n] = np.minimum(upper[:n], uses)
    matrix = sparse.csr_matrix(sparse.vstack(rows.matrices))
    permuted = np.concatenate([order, n + order, [2 * n]])
    n_rows = matrix.shape[0]
    linear = LinearProgram(
        cost=np.append(np.zeros(2 * n), 1.0), matrix=sparse.csr_matrix(matrix[:, permuted]), low=np.concatenate(rows.low),
        high=np.concatenate(rows.high), lower=np.zeros(2 * n + 1), upper=upper[permuted],
        integer=np.append(np.ones(2 * n, dtype=np.bool_), False), labels=("",) * n_rows, origins=(Span(""),) * n_rows,
        hard=np.ones(n_rows, dtype=np.bool_),
    )  # fmt: skip
    answer = solve(linear, seed=scene.blueprint.seed, absolute_gap=GAP, max_nodes=scene.blueprint.max_nodes)
    if not answer.values.size:
        return None
    chosen = order[answer.values[n : 2 * n] > 0.5]
    return tuple(sorted(int(program.item[column]) for column in chosen))


def _by_content(scene: Scene, program: Program) -> NDArray[np.int64]:
    """Return the columns in an order that does not depend on what items are called."""
    prints = [fingerprint(item) for item in scene.pool.items]
    known = sorted(range(program.n_candidates), key=lambda c: (prints[program.item[c]], int(program.role[c]), c))
    return np.array([*known, *range(program.n_candidates, program.n_columns)], dtype=np.int64)


def _add_papers(rows: _Rows, program: Program, exempt: set[int]) -> None:
    """Add the rows of a paper, summed over the papers; overlap with the past does not count the anchor."""
    counts = np.array([index not in exempt for index in program.rules], dtype=np.float64) * program.n_forms
    anchor = sparse.csr_matrix(sparse.diags(counts) @ program.matrix)
    rows.add_all(program.matrix, anchor, program.low.sum(axis=0), program.high.sum(axis=0))
    n, candidates = program.n_columns, program.n_candidates
    if len(program.enemies):
        ones, members = np.ones(candidates), (program.item[:candidates], np.arange(candidates))
        of_item = sparse.csr_matrix((ones, members), shape=(program.uses.size, n))
        pairs = sparse.csr_matrix(of_item[program.enemies[:, 0]] + of_item[program.enemies[:, 1]])
        most = np.full(len(program.enemies), float(program.n_forms))
        rows.add_all(pairs, sparse.csr_matrix(pairs * program.n_forms), np.zeros(most.size), most)


def _add_uses(rows: _Rows, program: Program) -> None:
    """Add that an item of the anchor stands nowhere else, and any other on so many papers as it may."""
    candidates = np.arange(program.n_candidates)
    shape = (program.uses.size, program.n_columns)
    most = program.uses.astype(np.float64)
    uses = sparse.csr_matrix((np.ones(candidates.size), (program.item[candidates], candidates)), shape=shape)
    once = sparse.csr_matrix(sparse.diags(most) @ uses)
    rows.add_all(uses, once, np.zeros(most.size), most)


def _add_mirror(rows: _Rows, rule: Compiled, scene: Scene, program: Program, may: NDArray[np.bool_]) -> None:
    """Add that the anchor has its share of every section and domain, and the papers' mean and spread of difficulty."""
    blueprint, n_forms, n = scene.blueprint, program.n_forms, program.n_columns
    size, places = anchor_size(blueprint), sum(section.items for section in blueprint.sections)
    candidates = program.n_candidates
    section, scored = np.full(n, -1, dtype=np.int64), np.zeros(n)
    section[:candidates], scored[:candidates] = scene.candidates.section, scene.candidates.scored
    for index, wanted in enumerate(section_sizes(blueprint)):
        rows.add(np.zeros(n), (may & (section == index)).astype(np.float64), 0.0, wanted, wanted)
    domain = np.array([*(scene.pool.domain[item] for item in program.item[:candidates]), *[""] * (n - candidates)])
    share = size / (n_forms * places)
    for code in sorted(set(domain.tolist()) - {""}):
        inside = (domain == code).astype(np.float64)
        rows.add(-share * inside * scored, inside * (may - share * n_forms * scored), 0.0, -1.0, 1.0)
    difficulty = np.zeros(n)
    difficulty[:candidates] = scene.pool.difficulty[program.item[:candidates]]
    centre = float(difficulty[:candidates].mean())
    spread = float(difficulty[:candidates].std()) or 1.0
    for moment in (difficulty - centre, (difficulty - centre) ** 2 / (2 * spread)):
        paper = moment * scored / (n_forms * places)
        anchor = moment * may / size - paper * n_forms
        rows.add(-paper, anchor, -1.0, -np.inf, 0.0)
        rows.add(-paper, anchor, 1.0, 0.0, np.inf)
