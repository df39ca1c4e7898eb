"""The E-step by dimension reduction (Gibbons & Hedeker 1992; Cai 2010): two dimensions, however many testlets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qbank.irt.bifactor.design import FIXED, Design, Kind, expand, shifted
from qbank.irt.bifactor.patterns import CHUNK_BYTES, Packet, Part, conditional, indicators, pieces
from qbank.irt.models import FloatArray, IndexArray

KEPT_BYTES = 1 << 26
WORK_BYTES = 1 << 25

Tables = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the M-step needs.

    counts    for each side, expected persons by item and category (rows as Design.row says) and node,
              (n_rows, n_specific, n_nodes)
    """

    log_likelihood: float
    counts: Tables


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some persons of a part with their posterior of the general ability.

    rows    of the part;  patterns: sparse (n, n_patterns), 1 where a person has the pattern
    posterior (n, n_nodes);  log_marginal (n,)
    """

    rows: slice
    patterns: Any
    posterior: FloatArray
    log_marginal: FloatArray


def log_tables(task: Design, free: FloatArray) -> Tables:
    """Return log P of every category of every item at every node, for both sides."""
    values = expand(task, free)
    tables = _empty(task)
    for kind in task.kinds:
        for items in _lots(task, kind):
            flat, _ = shifted(task, kind, values[np.ix_(items, kind.columns)])
            n, n_specific, n_parameters = flat.shape
            log_p = kind.model.log_probability(flat.reshape(-1, n_parameters), task.nodes)
            log_p = log_p.reshape(n, n_specific, kind.n_categories, -1).transpose(0, 2, 1, 3)
            tables[kind.side][task.row[items, None] + np.arange(kind.n_categories)] = log_p
    return tables


def _empty(task: Design) -> Tables:
    general, specific = (
        np.zeros((task.n_rows[side], task.specific[side][0].size, task.nodes.size)) for side in (0, 1)
    )
    return general, specific


def _lots(task: Design, kind: Kind) -> Iterator[IndexArray]:
    """Yield the items of a kind, so many at once that their derivatives stay small."""
    each = (
        8 * task.specific[kind.side][0].size * task.nodes.size * kind.n_categories * (kind.columns.size - 1)
    )
    size = max(1, WORK_BYTES // each)
    for low in range(0, kind.items.size, size):
        yield kind.items[low : low + size]


def pattern_likelihoods(
    task: Design, part: Part, tables: Tables
) -> tuple[FloatArray, list[FloatArray] | None]:
    """Return log P of each pattern at each general node, (n_patterns, n_nodes), and the pieces of the
    posterior of the specific abilities in the order in which `pieces` yields them, or None if they are large.
    """
    log_p = np.empty((part.n_patterns, task.nodes.size))
    size = sum(8.0 * p.patterns.shape[0] * tables[p.side][0].size for p in part.packets if p.side)
    kept: list[FloatArray] | None = [] if size <= KEPT_BYTES else None
    for packet in part.packets:
        for piece in pieces(task, packet):
            specific, log_p[packet.here][piece] = conditional(task, packet, piece, tables[packet.side])
            if kept is not None:
                kept.append(specific)
    return log_p, kept


def specific_posteriors(
    task: Design, part: Part, tables: Tables, kept: list[FloatArray] | None
) -> Iterator[tuple[int, Packet, slice, FloatArray]]:
    """Yield the packet's number, the packet, the piece and the posterior of its specific ability there."""
    stored = iter(kept or ())
    for number, packet in enumerate(part.packets):
        for piece in pieces(task, packet):
            if kept is not None:
                yield number, packet, piece, next(stored)
            else:
                yield number, packet, piece, conditional(task, packet, piece, tables[packet.side])[0]


def posteriors(task: Design, part: Part, log_p: FloatArray) -> Iterator[Chunk]:
    """Yield the posterior of the general ability, chunk by chunk.

    log_p : (n_patterns, n_nodes), of pattern_likelihoods
    """
    from scipy.sparse import csr_array

    first = np.array([packet.first for packet in part.packets], dtype=np.int32)
    size = max(64, CHUNK_BYTES // (8 * task.nodes.size))
    for low in range(0, part.persons.size, size):
        rows = slice(low, min(low + size, part.persons.size))
        codes = part.codes[rows]
        some = codes >= 0
        ends = np.concatenate(([0], np.cumsum(some.sum(axis=1))))
        places = (codes + first)[some]
        patterns = csr_array((np.ones(places.size), places, ends), shape=(codes.shape[0], part.n_patterns))
        joint = patterns @ log_p
        joint += task.log_weights
        peak = joint.max(axis=1)
        joint -= peak[:, None]
        np.exp(joint, out=joint)
        total = joint.sum(axis=1)
        joint *= (1.0 / total)[:, None]
        yield Chunk(rows, patterns, joint, peak + np.log(total))


def expect(task: Design, parts: Sequence[Part], free: FloatArray) -> Expectation:
    """Return the expected counts and the marginal log-likelihood.

    Cost: n_patterns x n_specific x n_nodes for the inner integrals and n_persons x n_packets x n_nodes for
    the outer one, twice; independent of how many dimensions there are.
    """
    tables = log_tables(task, free)
    counts = _empty(task)
    log_likelihood = 0.0
    for part in parts:
        log_p, kept = pattern_likelihoods(task, part, tables)
        persons = np.zeros_like(log_p)
        for chunk in posteriors(task, part, log_p):
            log_likelihood += float(chunk.log_marginal.sum())
            persons += chunk.patterns.T @ chunk.posterior
        for _, packet, piece, specific in specific_posteriors(task, part, tables, kept):
            joint = specific * persons[packet.here][piece][:, None]
            answered = indicators(packet, piece).T @ joint.reshape(joint.shape[0], -1)
            counts[packet.side][packet.rows] += answered.reshape(-1, *joint.shape[1:])
    return Expectation(log_likelihood, counts)


def item_objectives(task: Design, free: FloatArray, expectation: Expectation) -> FloatArray:
    """Return each item's part of the expected complete-data log-likelihood, (n_items,)."""
    tables = log_tables(task, free)
    parts = np.zeros(task.n_categories.size)
    for side in (0, 1):
        here = np.flatnonzero((task.testlet >= 0) == bool(side))
        by_row = (tables[side] * expectation.counts[side]).sum(axis=(1, 2))
        if here.size:
            parts[here] = np.add.reduceat(by_row, task.row[here])
    return parts


def item_derivatives(
    task: Design, free: FloatArray, expectation: Expectation, *, curvature: bool
) -> tuple[FloatArray, FloatArray | None]:
    """Return gradient and minus Hessian of each item's part by its values, the specific one last.

    Shapes (n_items, n_most + 1) and (n_items, n_most + 1, n_most + 1); the Hessian only if asked.
    """
    values = expand(task, free)
    n_all = task.index.shape[1]
    slope = np.zeros((values.shape[0], n_all))
    bend = np.zeros((values.shape[0], n_all, n_all)) if curvature else None
    for kind in task.kinds:
        eta = task.specific[kind.side][0]
        for items in _lots(task, kind):
            flat, jacobian = shifted(task, kind, values[np.ix_(items, kind.columns)])
            n, n_specific, n_parameters = flat.shape
            flat = flat.reshape(-1, n_parameters)
            rows = task.row[items, None] + np.arange(kind.n_categories)
            counts = expectation.counts[kind.side][rows].transpose(0, 2, 1, 3)
            counts = counts.reshape(n * n_specific, kind.n_categories, -1)
            gradient = np.einsum("jpkq,jkq->jp", kind.model.gradient(flat, task.nodes), counts)
            gradient = gradient.reshape(n, n_specific, n_parameters)
            slope[np.ix_(items, kind.columns)] = np.einsum("jsp,jspr->jr", gradient, jacobian)
            if bend is not None:
                hessian = kind.model.hessian(flat, task.nodes, counts)
                hessian = hessian.reshape(n, n_specific, n_parameters, n_parameters)
                own = np.einsum("jspr,jspo,jsou->jru", jacobian, hessian, jacobian, optimize=True)
                if task.proportional:
                    # The specific slope is the product of two values: their mixed derivative.
                    mixed = np.einsum("jsp,s,po->jo", gradient, eta, kind.shift)
                    own[:, :-1, -1] += mixed
                    own[:, -1, :-1] += mixed
                bend[np.ix_(items, kind.columns, kind.columns)] = -own
    return slope, bend


def score_table(task: Design, free: FloatArray, packet: Packet) -> FloatArray:
    """Return d log P of each column of a packet by the values of its item, at every node.

    Shape (n_columns, n_most + 1, n_specific, n_nodes), columns as Packet.owner and category.
    """
    values = expand(task, free)
    n_all = task.index.shape[1]
    place = np.full(task.n_categories.size, FIXED)
    starts = np.searchsorted(packet.owner, np.arange(packet.items.size))
    place[packet.items] = starts
    n_specific = task.specific[packet.side][0].size
    table = np.zeros((packet.rows.size, n_all, n_specific, task.nodes.size))
    for kind in task.kinds:
        items = kind.items[place[kind.items] != FIXED]
        if kind.side != packet.side or not items.size:
            continue
        flat, jacobian = shifted(task, kind, values[np.ix_(items, kind.columns)])
        n, _, n_parameters = flat.shape
        gradient = kind.model.gradient(flat.reshape(-1, n_parameters), task.nodes)
        gradient = gradient.reshape(n, n_specific, n_parameters, kind.n_categories, -1)
        own = np.einsum("jspkq,jspr->jkrsq", gradient, jacobian, optimize=True)
        rows = place[items, None] + np.arange(kind.n_categories)
        table[rows[:, :, None], kind.columns] = own
    return table
