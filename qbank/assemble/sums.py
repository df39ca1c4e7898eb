"""The sum of any number of papers of a blueprint, whatever their quality: what capacity and sittings are proven with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.compile import compile_program
from qbank.assemble.constraints.between import OverlapRule
from qbank.assemble.pooled import columns_of_items
from qbank.assemble.program import Program, no_terms
from qbank.assemble.rules import Compiled
from qbank.assemble.setting import Setting, scene_of
from qbank.assemble.solve import LinearProgram
from qbank.problem import Span

Indices = NDArray[np.int64]

APART = "papers do not overlap"
"""The label of what is given and not a rule of the blueprint."""


def for_papers(setting: Setting, n_papers: int, *, overlap: int = 0) -> Setting:
    """Return the setting of so many papers, any two of which share ``overlap`` items at most.

    The blueprint's own ``overlap`` between its papers gives way to it; what it says of earlier papers stays.
    """
    others = tuple(rule for rule in setting.rules if rule.word != "overlap" or looks_back(rule))
    index = len(setting.blueprint.rules)
    rule = Compiled("overlap", OverlapRule(max=overlap), {}, APART, setting.blueprint.span, index)
    return replace(setting, rules=(*others, rule), blueprint=replace(setting.blueprint, n_forms=n_papers))


def looks_back(rule: Compiled) -> bool:
    """Return whether an overlap rule speaks of earlier papers, not of those of one set."""
    return bool(rule.value.of_past)


def papers_program(setting: Setting, n_papers: int, overlap: int = 0, uses: Indices | None = None) -> Program:
    """Return the program of so many papers of a blueprint, any two of which share ``overlap`` items at most.

    No choice of papers is better than another.

    uses : (n_items,) how many of the papers an item may stand on, instead of what overlap says
    """
    many = for_papers(setting, n_papers, overlap=overlap)
    if uses is not None:
        many = replace(many, rules=many.rules[:-1])
    program = without_objective(compile_program(many.rules, scene_of(many)))
    return program if uses is None else replace(program, uses=np.minimum(program.uses, uses))


def without_objective(program: Program) -> Program:
    """Return the program in which no choice of papers is better than another; what it caps stays capped."""
    terms = program.terms
    if np.isfinite(terms.cap).any():
        plain = replace(terms, weight=np.zeros(terms.weight.size))
    else:
        plain = no_terms(program.n_forms, program.n_columns)
    return replace(program, terms=plain, cost=np.zeros(program.n_columns))


def summed_program(program: Program) -> LinearProgram:
    """Return the program of how many papers each column stands on; every set of papers is a point of it.

    Rows count over all papers. Of what two papers share the sum is bounded: an item on u papers is shared by
    u (u − 1) / 2 pairs, told by binaries "on at least l papers". What a single column may be used is its bound and no
    row, so that `qbank.assemble.relaxed.merged` can join columns that count alike; that is why the search's
    `qbank.assemble.pooled`, which prices every use, does not serve here.
    """
    n, n_items, n_forms = program.n_columns, program.uses.size, program.n_forms
    of_item = columns_of_items(program)
    several = np.diff(of_item.indptr)
    upper = program.upper.sum(axis=0)
    alone = several[program.item[: program.n_candidates]] == 1
    own = program.uses[program.item[: program.n_candidates]].astype(np.float64)
    upper[: own.size] = np.where(alone, np.minimum(upper[: own.size], own), upper[: own.size])
    blocks = [program.matrix, sparse.csr_matrix(of_item[several > 1])]
    low = [program.low.sum(axis=0), np.full((several > 1).sum(), -np.inf)]
    high = [program.high.sum(axis=0), np.minimum(program.uses[several > 1], n_forms).astype(np.float64)]
    if program.enemies.size:
        first, second = program.enemies.T
        binding = program.uses[first] + program.uses[second] > n_forms
        blocks.append(sparse.csr_matrix((of_item[first] + of_item[second])[binding]))
        low.append(np.full(binding.sum(), -np.inf))
        high.append(np.full(binding.sum(), float(n_forms)))
    levels = int(min(program.uses.max(initial=0), n_forms)) if program.overlaps else 0
    matrix = sparse.csr_matrix(sparse.vstack(blocks))
    if levels > 1:
        ladder = sparse.csr_matrix(-sparse.hstack([sparse.identity(n_items)] * levels))
        # an item on a second paper is shared at least by one pair: the levels need no order, the cheap ones fill first
        pairs = sparse.csr_matrix(np.repeat(np.arange(levels, dtype=np.float64), n_items)[None, :])
        wider = sparse.csr_matrix((matrix.shape[0], pairs.shape[1]))
        parts = [
            sparse.hstack([matrix, wider]), sparse.hstack([of_item, ladder]), sparse.hstack([sparse.csr_matrix((1, n)), pairs])
        ]
        matrix = sparse.csr_matrix(sparse.vstack([sparse.csr_matrix(part) for part in parts]))
        low += [np.zeros(n_items), np.array([-np.inf])]
        high += [np.zeros(n_items), np.array([n_forms * (n_forms - 1) / 2 * min(o.high for o in program.overlaps)])]
    n_rows, n_columns = matrix.shape
    given = n_rows - len(program.labels)
    return LinearProgram(
        np.zeros(n_columns), sparse.csr_matrix(matrix), np.concatenate(low), np.concatenate(high),
        np.concatenate([program.lower.sum(axis=0), np.zeros(n_columns - n)]), np.concatenate([upper, np.ones(n_columns - n)]),
        np.ones(n_columns, dtype=np.bool_), (*program.labels, *[APART] * given),
        (*program.origins, *[Span("")] * given), np.concatenate([program.hard, np.ones(given, dtype=np.bool_)]),
    )  # fmt: skip
