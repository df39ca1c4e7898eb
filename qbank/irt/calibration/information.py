"""The observed information, exactly, from analytic derivatives (Louis 1982, eq. 3.2).

    information = E[complete-data information] - sum over persons of Cov(complete-data score)

given the answers. In the partial-credit family (rasch, 1pl, 2pl and their polytomous kin) a person's
complete-data score at a node is `answer * node + base(node)` for a slope and `constant + base(node)` for
everything else, the base being the same for everybody. So the covariances of all pairs of items need only three
products of the size of an E-step per form, and a thousand items cost no more than their forms do. Other models
need one product of indicators by indicators at every node.
"""

from collections.abc import Callable, Iterable

import numpy as np

from qbank.irt.blocks import Block, Head
from qbank.irt.calibration.design import (
    FIXED,
    Design,
    ability_values,
    item_values,
    log_prior_derivatives,
    tables,
)
from qbank.irt.calibration.em import expected
from qbank.irt.calibration.scores import (
    BlockScores,
    Rows,
    block_scores,
    indicators_of,
    mean_scores,
    model_scores,
    person_gradients,
    rows_of_design,
)
from qbank.irt.likelihood import Chunk, Expectation, posteriors
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.respondents import Respondents

# Persons who share no form have every pair of items to themselves. Above this many operations their
# information is the sum of the outer products of their scores (Berndt, Hall, Hall & Hausman 1974), and the
# settings say so.
MASKED_OPERATIONS = 4e11
# Products of indicators by indicators at all nodes are kept up to this size; else the nodes take turns.
PRODUCT_BYTES = 1 << 27
# Nodes where no posterior of a chunk is above this are left out. Which these are depends on who shares a chunk, so that
# it has to be small beside what the errors are to agree in, even where they are large.
NEGLIGIBLE = 1e-12


def observed_information(
    task: Design, persons: Respondents, free: FloatArray, expectation: Expectation
) -> FloatArray:
    """Return minus the Hessian of the objective by the free values, (n_free, n_free).

    expectation : of the E-step at `free`.
    Cost: of linear models one and a half E-steps, and n_items^2 for each person of a form; of others that times
    the nodes.
    """
    exact = np.array([is_exact(task, head) for head in persons.heads], dtype=bool)
    rows = rows_of_design(task)
    if exact.all():
        whole = -persons.sum(ScoreSums(task, free, "missing"))
    else:
        expectation = expected(task, persons, free, exact)
        whole = persons.sum(ScoreSums(task, free, "cross-product"), ~exact)
        whole -= persons.sum(ScoreSums(task, free, "missing"), exact)
    _add_complete_information(task, free, rows, expectation, whole)
    information = _folded(task, whole, rows)
    information[np.diag_indices_from(information)] += log_prior_derivatives(task, free)[1]
    return information


def cross_product_information(task: Design, persons: Respondents, free: FloatArray) -> FloatArray:
    """Return the sum over persons of s s', s the gradient of the person's log-likelihood, (n_free, n_free).

    Berndt, Hall, Hall & Hausman (1974).
    """
    whole = persons.sum(ScoreSums(task, free, "cross-product"))
    return _folded(task, whole, rows_of_design(task))


class ScoreSums:
    """Sums over persons of products of their complete-data scores, (n_rows, n_rows).

    kind : "missing" the posterior covariances of the scores, "cross-product" the products of their posterior means
    Only design and free vector travel; what they make of every item is made again where the persons are.
    """

    def __init__(self, task: Design, free: FloatArray, kind: str) -> None:
        self.task, self.free, self.kind = task, free, kind
        self.rows = rows_of_design(task)
        self.scores = model_scores(task, free)
        self.table, self.log_weights = tables(task, free)

    def __reduce__(self) -> tuple[type["ScoreSums"], tuple[Design, FloatArray, str]]:
        return ScoreSums, (self.task, self.free, self.kind)

    def start(self) -> FloatArray:
        return np.zeros((self.rows.places.size,) * 2)

    def of(self, block: Block) -> tuple[IndexArray, FloatArray]:
        own = block_scores(self.task, self.free, block, self.rows, self.scores)

        def chunks() -> Iterable[Chunk]:
            return posteriors(block, self.task.first, self.table, self.log_weights[block.group])

        if self.kind == "cross-product":
            return own.rows, _outer_products(chunks(), own)
        if own.answers is not None:
            slopes_move = bool((self.rows.places[own.rows[own.slopes]] != FIXED).any())
            return own.rows, _missing_linear(chunks(), own, self.task.nodes, slopes_move=slopes_move)
        return own.rows, _missing(chunks, own)

    def add(self, total: FloatArray, block: Block, part: tuple[IndexArray, FloatArray]) -> None:
        own_rows, found = part
        total[np.ix_(own_rows, own_rows)] += found

    def join(self, total: FloatArray, other: FloatArray) -> None:
        total += other


def is_exact(task: Design, head: Head) -> bool:
    """Return whether the information of this block is the observed one, and not outer products."""
    n_columns = int((task.first[head.items + 1] - task.first[head.items] - 1).sum())
    if head.masked:
        n_columns += head.items.size
    elif all(part.model.linear for part in task.parts if np.isin(part.items, head.items).any()):
        return True
    return float(head.n_rows) * n_columns**2 * task.nodes.size <= MASKED_OPERATIONS


def _add_complete_information(
    task: Design, free: FloatArray, rows: Rows, expectation: Expectation, whole: FloatArray
) -> None:
    """Add minus the expected complete-data Hessian, block-diagonal by item and by group."""
    for part in task.parts:
        kept = np.flatnonzero(rows.offset[part.items] != FIXED)
        values = item_values(part, free)[kept]
        hessian = part.model.hessian(values, task.nodes, expectation.counts[part.rows[kept]])
        at = rows.offset[part.items[kept], None] + np.arange(values.shape[1])
        whole[at[:, :, None], at[:, None, :]] -= hessian
    abilities = ability_values(task, free)
    for group, low in enumerate(rows.groups):
        at = low + np.arange(abilities.shape[1])
        if task.ability.by_person:
            whole[np.ix_(at, at)] += expectation.abilities[group].information
            continue
        whole[np.ix_(at, at)] += task.ability.information(
            task.nodes, abilities[group], expectation.persons[group]
        )


def _missing_linear(
    chunks: Iterable[Chunk], own: BlockScores, nodes: FloatArray, *, slopes_move: bool
) -> FloatArray:
    """Return the summed posterior covariances (n_own, n_own) of the scores of a block of linear models.

    A score is u theta + f(theta) with u the answers in the rows of slopes, 0 elsewhere, and f the base: its
    covariance is u u' Var(theta) + u Cov(theta, f)' + Cov(f, theta) u' + Cov(f, f), and only u and the posterior
    depend on the person. Where all slopes are fixed, only the last term is needed.
    """
    assert own.answers is not None
    n_slopes = own.slopes.size
    plain = own.answers.shape == (n_slopes, n_slopes) and bool((own.answers == np.eye(n_slopes)).all())
    squares = np.zeros((n_slopes, n_slopes))
    cross = np.zeros((nodes.size, n_slopes))
    pairs = np.zeros((nodes.size, nodes.size))
    for chunk in chunks:
        # Nodes in rows, as they come: what depends on the person runs along them.
        at, held = nodes[chunk.window], chunk.posterior.T[chunk.window]
        root = held * np.sqrt(chunk.weights)
        pairs[chunk.window, chunk.window] -= root @ root.T
        pairs[np.diag_indices(nodes.size)] += chunk.weights @ chunk.posterior
        if not slopes_move:
            continue
        answers = indicators_of(chunk, own)
        if not plain:
            answers = answers @ own.answers
        mean = at @ held
        variance = np.maximum(at**2 @ held - mean**2, 0.0)
        held = held * (at[:, None] - mean)
        held *= chunk.weights
        cross[chunk.window] += held @ answers
        spread = answers * np.sqrt(chunk.weights * variance)[:, None]
        squares += spread.T @ spread
    missing: FloatArray = own.base @ pairs @ own.base.T
    if slopes_move:
        with_base = cross.T @ own.base.T
        missing[own.slopes] += with_base
        missing[:, own.slopes] += with_base.T
        missing[np.ix_(own.slopes, own.slopes)] += squares
    return missing


def _missing(chunks: Callable[[], Iterable[Chunk]], own: BlockScores) -> FloatArray:
    """Return the summed posterior covariances (n_own, n_own) of the scores of a block, for any models.

    E[s s'] - E[s] E[s]' with s = base + sum of more over the answers' indicators: at each node the products of
    indicators by indicators, weighted with the posterior, then times what they add.
    """
    n_own, n_nodes = own.base.shape
    n_indicators, n_most = own.owner.shape
    total = np.zeros((n_own + 1, n_own + 1))
    counts, at_nodes = np.zeros((n_indicators, n_nodes)), np.zeros(n_nodes)
    step = max(1, PRODUCT_BYTES // (8 * max(1, n_indicators) ** 2))
    for low in range(0, n_nodes, step):
        turn = slice(low, min(low + step, n_nodes))
        products = np.zeros((turn.stop - low, n_indicators, n_indicators))
        for chunk in chunks():
            answered = indicators_of(chunk, own)
            weighted = chunk.posterior * chunk.weights[:, None]
            _add_products(products, answered, weighted[:, turn])
            if low == 0:
                counts += answered.T @ weighted
                at_nodes += weighted.sum(axis=0)
                mean = mean_scores(chunk, answered, own) * np.sqrt(chunk.weights)[:, None]
                total[:-1, :-1] -= mean.T @ mean
        for one in range(n_most):
            left = products * own.more[:, one, turn].T[:, :, None]
            for other in range(n_most):
                found = np.einsum("qcd,qd->cd", left, own.more[:, other, turn].T)
                np.add.at(total, (own.owner[:, one, None], own.owner[None, :, other]), found)
    cross = np.zeros((n_own + 1, n_own))
    for value in range(n_most):
        np.add.at(cross, own.owner[:, value], (own.more[:, value] * counts) @ own.base.T)
    total[:-1, :-1] += cross[:-1] + cross[:-1].T + (own.base * at_nodes) @ own.base.T
    return total[:-1, :-1]


def _add_products(products: FloatArray, answered: FloatArray, weighted: FloatArray) -> None:
    """Add to (n_nodes, n_indicators, n_indicators) the indicators' products at each node that holds anybody."""
    # Persons along the rows: numpy multiplies long rows, and the product with its own transpose costs half.
    columns, roots = np.ascontiguousarray(answered.T), np.sqrt(np.ascontiguousarray(weighted.T))
    half = np.empty_like(columns)
    for node in np.flatnonzero(weighted.max(axis=0, initial=0.0) > NEGLIGIBLE):
        np.multiply(columns, roots[node], out=half)
        products[node] += half @ half.T


def _outer_products(chunks: Iterable[Chunk], own: BlockScores) -> FloatArray:
    """Return the sum over persons of s s', s the posterior mean of the person's score, (n_own, n_own)."""
    total = np.zeros((own.base.shape[0],) * 2)
    for chunk in chunks:
        gradient = person_gradients(chunk, indicators_of(chunk, own), own) * np.sqrt(chunk.weights)[:, None]
        total += gradient.T @ gradient
    return total


def _folded(task: Design, whole: FloatArray, rows: Rows) -> FloatArray:
    """Return the rows and columns of the free values; those of a shared value add up."""
    moving = np.flatnonzero(rows.places != FIXED)
    places = rows.places[moving]
    if moving.size == task.n_free:
        order = moving[np.argsort(places)]
        if np.array_equal(order, np.arange(order.size)):
            return whole[: order.size, : order.size]
        return whole[np.ix_(order, order)]
    information = np.zeros((task.n_free, task.n_free))
    half = np.zeros((task.n_free, whole.shape[0]))
    np.add.at(half, places, whole[moving])
    np.add.at(information, places, half.T[moving])
    return information
