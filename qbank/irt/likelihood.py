"""The E-step: posterior of ability on the nodes, expected counts, marginal log-likelihood.

Persons are grouped by form, the pattern of items that they saw. Within a form the log-likelihood of all
persons at all nodes is one matrix product, and the expected counts are another; both run in chunks that stay
in the cache, in the log domain, so that neither long tests underflow nor large samples need memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.blocks import Block
from qbank.irt.models import FloatArray, IndexArray, ScoreArray
from qbank.irt.regression import AbilityTally, PersonWeights, ability_tally, nothing
from qbank.irt.respondents import summed

CHUNK_BYTES = 1 << 20
# Log weights of one group on the nodes, or what makes those of its persons.
Weights = FloatArray | PersonWeights
# exp of less than this is nothing beside 1 in float64.
LEAST_LOG_POSTERIOR = -40.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a block with their posterior (n_rows, n_nodes) and log marginal probability (n_rows,).

    window: nodes outside which every posterior is 0;  covariates: as in Block;  prior: (n_rows, n_nodes) each
    person's weights before the answers, if these differ.

    indicators: (n_rows, n_columns), 1 where the answer is in the column's category; columns as Layout says.
    """

    rows: slice
    indicators: FloatArray
    seen: FloatArray | None
    posterior: FloatArray
    window: slice
    log_marginal: FloatArray
    weights: FloatArray
    covariates: FloatArray | None = None
    prior: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the M-step needs.

    counts     expected persons by item and category (rows as first_rows says) and node, (n_rows, n_nodes)
    persons    expected persons by group and node, (n_groups, n_nodes)
    abilities  for each group, what the answers say about its ability values, where persons have covariates
    """

    log_likelihood: float
    counts: FloatArray
    persons: FloatArray
    abilities: tuple[AbilityTally, ...] = ()


def quadrature(n_nodes: int) -> FloatArray:
    """Return equally spaced nodes on [-6, 6].

    >>> quadrature(5)
    array([-6., -3.,  0.,  3.,  6.])
    """
    return np.linspace(-6.0, 6.0, n_nodes)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a block's indicators: category 1 of its items, then category 2 of those that have one, ...

    first        (n_items + 1,) row of each item's category 0 in the table of all items' categories
    base         (n_block_items,) rows of the block's items' category 0
    rows         (n_columns,) row of each column's category;  owner: (n_columns,) its item's place in the block
    columns      for each category from 1, the places of the items that have it (None: all)
    """

    first: IndexArray
    base: IndexArray
    rows: IndexArray
    owner: IndexArray
    columns: tuple[IndexArray | None, ...]

    @property
    def binary(self) -> bool:
        """Whether the scores themselves are the indicators."""
        return len(self.columns) == 1 and self.columns[0] is None


def layout(block: Block, first: IndexArray) -> Layout:
    """Return the layout of a block for items whose categories start at the rows `first`."""
    base = first[block.items]
    n_categories = first[block.items + 1] - base
    if n_categories.size and n_categories.max() == 2 == n_categories.min():
        return Layout(first, base, base + 1, np.arange(base.size), (None,))
    owners = [np.flatnonzero(n_categories > k) for k in range(1, int(n_categories.max(initial=1)))]
    return Layout(
        first,
        base,
        np.concatenate([base[owner] + k for k, owner in enumerate(owners, start=1)] or [base[:0]]),
        np.concatenate(owners or [np.empty(0, np.intp)]),
        tuple(None if owner.size == base.size else owner for owner in owners),
    )


def indicators(scores: ScoreArray, at: Layout, out: FloatArray | None = None) -> FloatArray:
    """Return the indicators (n_rows, n_columns) of scores (n_rows, n_block_items), in `out` if that is given."""
    found = np.empty((scores.shape[0], at.rows.size)) if out is None else out
    if at.binary:
        found[...] = scores
        return found
    low = 0
    for k, owner in enumerate(at.columns, start=1):
        part = scores if owner is None else scores[:, owner]
        np.equal(part, k, out=found[:, low : low + part.shape[1]], casting="unsafe")
        low += part.shape[1]
    return found


def posteriors(
    block: Block, first: IndexArray, log_probability: FloatArray, log_weights: Weights
) -> Iterator[Chunk]:
    """Yield the posterior of each row of a block, chunk by chunk.

    log_probability : (n_rows, n_nodes) of all items' categories, which start at the rows `first`
    log_weights : (n_nodes,) of the block's group, or of its persons
    log p(x, node) = log w + sum over items of (log P_0 + sum over k of indicator_k (log P_k - log P_0))
    """
    at = layout(block, first)
    base = log_probability[at.base]
    ratios = np.ascontiguousarray((log_probability[at.rows] - base[at.owner]).T)
    weights = np.zeros(log_weights.size) if isinstance(log_weights, PersonWeights) else log_weights
    common = (base.sum(axis=0) + weights)[:, None] if block.seen is None else weights[:, None]
    base = np.ascontiguousarray(base.T)
    n_rows, n_nodes = block.persons.size, log_weights.size
    size = _chunk_size(at.rows.size, n_nodes)
    for low in range(0, n_rows, size):
        rows = slice(low, min(low + size, n_rows))
        answered = indicators(block.scores[rows], at)
        # Nodes by persons: sums and maxima over nodes then run along the persons.
        joint = ratios @ answered.T
        joint += common
        seen = None
        if block.seen is not None:
            seen = block.seen[rows].astype(np.float64)
            joint += base @ seen.T
        own = _rows(block.covariates, rows)
        prior = None
        if isinstance(log_weights, PersonWeights) and own is not None:
            prior = log_weights.log_weights(own)
            joint += prior
            np.exp(prior, out=prior)
        peak, total, window = _exponentiated(joint)
        joint[: window.start], joint[window.stop :] = 0.0, 0.0
        joint[window] *= 1.0 / total
        marginal, persons = peak + np.log(total), block.weights[rows]
        before = None if prior is None else prior.T
        yield Chunk(rows, answered, seen, joint.T, window, marginal, persons, own, before)


def _rows(table: FloatArray | None, rows: slice) -> FloatArray | None:
    return None if table is None else table[rows]


def expect(
    blocks: Sequence[Block],
    first: IndexArray,
    log_probability: FloatArray,
    log_weights: FloatArray | Sequence[PersonWeights],
    *,
    n_threads: int = 1,
) -> Expectation:
    """Return the expected counts and the marginal log-likelihood; Bock & Aitkin (1981), eq. 10-13.

    log_probability : (n_rows, n_nodes) of all items' categories, which start at the rows `first`
    log_weights : (n_groups, n_nodes), or of the persons of each group.
    Cost: two products of (n_rows, n_columns) by (n_columns, n_nodes) for each block.
    """
    return expectation_of(summed(Expecting(first, log_probability, log_weights), blocks, n_threads))


@dataclass(slots=True)
class Counting:
    """An Expectation in the making."""

    log_likelihood: float
    counts: FloatArray
    persons: FloatArray
    abilities: list[AbilityTally]


@dataclass(frozen=True, slots=True)
class Expecting:
    """The E-step as a sum over persons; what it takes is that of `expect`."""

    first: IndexArray
    log_probability: FloatArray
    log_weights: FloatArray | Sequence[PersonWeights]

    def start(self) -> Counting:
        persons = np.zeros((len(self.log_weights), self.log_probability.shape[1]))
        abilities = [nothing(of.values.size) for of in self.log_weights if isinstance(of, PersonWeights)]
        return Counting(0.0, np.zeros_like(self.log_probability), persons, abilities)

    def of(self, block: Block) -> "Tally":
        return tally(block, self.first, self.log_probability, self.log_weights[block.group])

    def add(self, total: Counting, block: Block, part: "Tally") -> None:
        at, n_nodes = part.at, total.counts.shape[1]
        total.log_likelihood += part.log_likelihood
        total.persons[block.group] += part.persons
        total.counts[at.rows] += part.answered
        wrong = np.broadcast_to(part.seen, (block.items.size, n_nodes)).copy()
        low = 0
        for owner in at.columns:
            n_here = block.items.size if owner is None else owner.size
            wrong[slice(None) if owner is None else owner] -= part.answered[low : low + n_here]
            low += n_here
        # Rounding must not leave a count below zero where nobody answered so.
        total.counts[at.base] += np.maximum(wrong, 0.0)
        if part.ability is not None:
            total.abilities[block.group] += part.ability

    def join(self, total: Counting, other: Counting) -> None:
        total.log_likelihood += other.log_likelihood
        total.persons += other.persons
        total.counts += other.counts
        total.abilities = [one + two for one, two in zip(total.abilities, other.abilities, strict=True)]


def expectation_of(total: Counting) -> Expectation:
    """Return what was counted."""
    return Expectation(total.log_likelihood, total.counts, total.persons, tuple(total.abilities))


@dataclass(frozen=True, slots=True)
class Tally:
    """What an E-step counts in a block.

    answered   expected persons by column of the layout and node, (n_columns, n_nodes)
    seen       those who saw each item, (n_block_items, n_nodes), or (1, n_nodes) where all saw all
    at         the layout;  persons: (n_nodes,)
    ability    what the answers say about the group's ability values, with covariates
    """

    at: Layout
    log_likelihood: float
    answered: FloatArray
    seen: FloatArray
    persons: FloatArray
    ability: AbilityTally | None


def tally(
    block: Block, first: IndexArray, log_probability: FloatArray, log_weights: Weights
) -> Tally:
    """Return the expected counts of a block.

    What `posteriors` yields, summed, but in arrays that are used again and again, and with masks and a column of
    ones beside the indicators, so that everything that is counted is part of one product.
    """
    at = layout(block, first)
    base = log_probability[at.base]
    n_columns, n_nodes = at.rows.size, log_weights.size
    masked = 0 if block.seen is None else block.items.size
    of = log_weights if isinstance(log_weights, PersonWeights) else None
    common = np.zeros(n_nodes) if isinstance(log_weights, PersonWeights) else log_weights
    common = common if masked else common + base.sum(axis=0)
    ability = None if of is None else nothing(of.values.size)
    table = np.concatenate((log_probability[at.rows] - base[at.owner], base[:masked], common[None])).T.copy()
    width, n_rows = table.shape[1], block.persons.size
    size = min(n_rows, _chunk_size(n_columns, n_nodes))
    answers, joint = np.ones((size, width)), np.empty((n_nodes, size))
    counts = np.zeros_like(table)
    alike = bool((block.weights == 1.0).all())
    log_likelihood = 0.0
    for low in range(0, n_rows, size):
        rows = slice(low, min(low + size, n_rows))
        x, posterior = answers[: rows.stop - low], joint[:, : rows.stop - low]
        indicators(block.scores[rows], at, x[:, :n_columns])
        if block.seen is not None:
            x[:, n_columns:-1] = block.seen[rows]
        np.matmul(table, x.T, out=posterior)
        own = _rows(block.covariates, rows)
        if of is not None and own is not None:
            before = of.log_weights(own)
            posterior += before
        peak, total, window = _exponentiated(posterior)
        posterior[window] *= 1.0 / total
        if of is not None and own is not None and ability is not None:
            ability += ability_tally(of, own, before, posterior[window], window, block.weights[rows])
        if not alike:
            posterior[window] *= block.weights[rows]
        counts[window] += posterior[window] @ x
        log_likelihood += float(block.weights[rows] @ (peak + np.log(total)))
    counts = counts.T
    seen = counts[n_columns:-1] if masked else counts[-1:]
    return Tally(at, log_likelihood, counts[:n_columns], seen, counts[-1], ability)


def _chunk_size(n_columns: int, n_nodes: int) -> int:
    """Return how many rows go through the products at a time: few enough to stay in the cache."""
    return max(32, CHUNK_BYTES // (8 * (n_columns + 2 * n_nodes)))


def _exponentiated(joint: FloatArray) -> tuple[FloatArray, FloatArray, slice]:
    """Replace log likelihoods (n_nodes, n_rows) by their exponentials, each person's largest being 1.

    Returns the logarithms of the largest and the sums over nodes, (n_rows,), and the nodes (as a slice) outside which
    nobody's is above rounding; there nothing is computed.
    """
    peak = joint.max(axis=0)
    joint -= peak
    held = np.flatnonzero(joint.max(axis=1) > LEAST_LOG_POSTERIOR)
    window = slice(int(held[0]), int(held[-1]) + 1) if held.size else slice(0, joint.shape[0])
    part = joint[window]
    np.exp(part, out=part)
    return peak, part.sum(axis=0), window


