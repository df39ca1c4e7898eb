"""First and second moments of the answers under a model: their values, derivatives and covariances.

The moments of a sample are, in this order, the share of persons in each category above 0 of each item, and the mean
of the product of the scores of each pair of items, each less the item's mean under the model. For right/wrong items
they tell what all univariate and bivariate shares right tell, Maydeu-Olivares & Joe (2005); for others what C2 takes,
Cai & Monroe (2014). Scores are centred because the products of raw ones repeat the means, most of all of easy items,
and their covariance is hard to solve with; a statistic that does not depend on the units is the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from qbank.irt.models import FloatArray, IndexArray, ScoreArray
from qbank.irt.parameters import ItemParameters, batches_of

CHUNK = 1 << 14
FIXED = -1


@dataclass(frozen=True, slots=True)
class Moments:
    """The items of one sample at the nodes of ability.

    weights      (n_nodes,) ability distribution
    probability  (n_shares, n_nodes) P(category) of each item's categories above 0, item after item
    category     (n_shares,) which category;  owner: (n_shares,) which item;  starts: (n_items,) each item's first row
    mean, variance   (n_items, n_nodes) of the item's score at the node;  centre: (n_items,) its mean over all nodes
    deviation    (n_items, n_nodes) mean less centre
    pairs        (n_pairs,) twice: the items of each pair
    """

    weights: FloatArray
    probability: FloatArray
    category: FloatArray
    owner: IndexArray
    starts: IndexArray
    mean: FloatArray
    variance: FloatArray
    centre: FloatArray
    deviation: FloatArray
    pairs: tuple[IndexArray, IndexArray]

    @property
    def n_moments(self) -> int:
        """How many moments the sample has."""
        return self.owner.size + self.pairs[0].size


def moments_of(log_probability: FloatArray, n_categories: IndexArray, weights: FloatArray) -> Moments:
    """Return the moments of items from their table of log probabilities, (sum of n_categories, n_nodes)."""
    item = np.repeat(np.arange(n_categories.size), n_categories)
    category = np.arange(item.size) - np.repeat(np.cumsum(n_categories) - n_categories, n_categories)
    above = category > 0
    probability, owner, number = np.exp(log_probability[above]), item[above], category[above].astype(np.float64)
    starts = (np.cumsum(n_categories - 1) - (n_categories - 1)).astype(np.intp)
    mean = _by_item(number[:, None] * probability, starts)
    variance = _by_item(number[:, None] ** 2 * probability, starts) - mean**2
    pairs = np.triu_indices(n_categories.size, k=1)
    centre = mean @ weights
    deviation = mean - centre[:, None]
    return Moments(weights, probability, number, owner, starts, mean, variance, centre, deviation, pairs)


def _by_item(rows: FloatArray, starts: IndexArray) -> FloatArray:
    """Return the sums over each item's rows, which are the axis before the last."""
    summed: FloatArray = np.add.reduceat(rows, starts, axis=-2)
    return summed


def _sums(values: FloatArray, starts: IndexArray) -> FloatArray:
    return _by_item(values[:, None], starts)[:, 0]


def expected(of: Moments) -> FloatArray:
    """Return the moments under the model, (n_moments,)."""
    products = (of.deviation * of.weights) @ of.deviation.T
    return np.concatenate((of.probability @ of.weights, products[of.pairs]))


def observed(of: Moments, answers: ScoreArray) -> FloatArray:
    """Return the moments of complete answers (n_persons, n_items), (n_moments,)."""
    products = np.zeros((of.starts.size, of.starts.size))
    shares = np.zeros(of.owner.size)
    for low in range(0, answers.shape[0], CHUNK):
        part = answers[low : low + CHUNK].astype(np.float64)
        shares += (part[:, of.owner] == of.category).sum(axis=0)
        part -= of.centre
        products += part.T @ part
    means: FloatArray = np.concatenate((shares, products[of.pairs])) / answers.shape[0]
    return means


def variances(of: Moments) -> FloatArray:
    """Return the variances of the moments of one person, (n_moments,)."""
    share = of.probability @ of.weights
    square = of.variance + of.deviation**2
    products = (square * of.weights) @ square.T - ((of.deviation * of.weights) @ of.deviation.T) ** 2
    return np.concatenate((share * (1.0 - share), products[of.pairs]))


def score_variances(of: Moments, moments: FloatArray) -> FloatArray:
    """Return the variance of each item's score from the shares of its categories, (n_items,)."""
    mean, square = (_sums(of.category**power * moments[: of.owner.size], of.starts) for power in (1, 2))
    return square - mean**2


def correlations(of: Moments, moments: FloatArray) -> FloatArray:
    """Return the correlations of the scores of pairs, (n_pairs,), NaN with an item that everybody scores the same."""
    mean = _sums(of.category * moments[: of.owner.size], of.starts) - of.centre
    variance = score_variances(of, moments)
    scale = np.where(variance > 1e-12, np.sqrt(np.maximum(variance, 0.0)), np.nan)
    one, other = of.pairs
    found: FloatArray = (moments[of.owner.size :] - mean[one] * mean[other]) / (scale[one] * scale[other])
    return found


def covariance_times(of: Moments) -> Callable[[FloatArray], FloatArray]:
    """Return the function x -> Xi x, Xi being the covariance of the moments of one person; x: (n_some, n_moments).

    Xi x is the covariance of each moment with S = sum of x times all moments, a quadratic form of the scores. Given
    ability, items are independent, so that S has a part linear in each item and a part in each pair, and no fourfold
    sum over items is left. Cost: O(n_items^2 n_nodes) for each row of x; Xi itself, of n_items^4 / 4 numbers, is never
    made.
    """
    w, mean, deviation = of.weights, of.mean, of.deviation
    category, owner = of.category[:, None], of.owner
    n_shares, n_items = owner.size, of.starts.size
    among_pairs = (of.variance * w) @ of.variance.T
    share = of.probability @ w

    def times(x: FloatArray) -> FloatArray:
        by_share = x[:, :n_shares, None] * of.probability
        by_pair = np.zeros((x.shape[0], n_items, n_items))
        by_pair[:, of.pairs[0], of.pairs[1]] = by_pair[:, of.pairs[1], of.pairs[0]] = x[:, n_shares:]
        others = by_pair @ deviation
        own = _by_item(by_share, of.starts)
        # S given ability, and how far it lies from S of everybody.
        whole = own.sum(axis=1) + 0.5 * (others * deviation).sum(axis=1)
        whole -= (whole @ w)[:, None]
        linear = _by_item(by_share * category, of.starts) - mean * own + of.variance * others
        half = ((linear + 0.5 * deviation * whole[:, None]) * w) @ deviation.T
        products = half + half.transpose(0, 2, 1) + among_pairs * by_pair
        around = whole[:, None] - own[:, owner] + (category - mean[owner]) * others[:, owner]
        shares = x[:, :n_shares] * share + (around * of.probability) @ w
        return np.concatenate((shares, products[:, of.pairs[0], of.pairs[1]]), axis=1)

    return times


def derivatives_of_probability(parameters: ItemParameters, items: IndexArray, nodes: FloatArray) -> FloatArray:
    """Return d P_k / d value, (n_items, n_most_parameters, n_most_categories - 1, n_nodes), 0 beyond an item's own."""
    n_most = int(parameters.n_categories[items].max(initial=2)) - 1
    found = np.zeros((items.size, parameters.estimates.shape[1], n_most, nodes.size))
    place = np.full(len(parameters.items), -1)
    place[items] = np.arange(items.size)
    for batch in batches_of(parameters, items):
        gradient = batch.model.gradient(batch.values, nodes)
        gradient = gradient * np.exp(batch.model.log_probability(batch.values, nodes))[:, None]
        found[place[batch.items], : gradient.shape[1], : batch.n_categories - 1] = gradient[:, :, 1:]
    return found


def jacobian(
    of: Moments,
    derivatives: FloatArray,
    columns: IndexArray,
    of_weights: FloatArray,
    weight_columns: IndexArray,
    n_free: int,
) -> Any:
    """Return the derivatives of the moments by the values that are free, a sparse matrix (n_moments, n_free).

    derivatives : (n_items, n_parameters, n_most - 1, n_nodes) of the probabilities by the items' values
    columns : (n_items, n_parameters) place of each value among the free ones, −1 where it is not free; values that
        items share have one place, where their derivatives add up
    of_weights, weight_columns : (n_values, n_nodes) of the weights by the values of the ability distribution, and
        their places
    """
    from scipy.sparse import coo_matrix

    n_shares, (one, other) = of.owner.size, of.pairs
    pair_rows = n_shares + np.arange(one.size)
    by_share = derivatives[of.owner, :, of.category.astype(np.intp) - 1] @ of.weights
    scores = np.arange(1, derivatives.shape[2] + 1, dtype=np.float64)
    of_mean = np.einsum("jpkq,k->jpq", derivatives, scores) * of.weights
    by_pair = of_mean @ of.deviation.T
    rows, places, values = [], [], []
    for parameter in range(columns.shape[1]):
        for row, place, value in (
            (np.arange(n_shares), columns[of.owner, parameter], by_share[:, parameter]),
            (pair_rows, columns[one, parameter], by_pair[one, parameter, other]),
            (pair_rows, columns[other, parameter], by_pair[other, parameter, one]),
        ):
            rows.append(row[place != FIXED])
            places.append(place[place != FIXED])
            values.append(value[place != FIXED])
    for change, place in zip(of_weights, weight_columns.tolist(), strict=True):
        if place != FIXED:
            rows.append(np.arange(of.n_moments))
            places.append(np.full(of.n_moments, place))
            values.append(
                np.concatenate((of.probability @ change, ((of.deviation * change) @ of.deviation.T)[of.pairs]))
            )
    triplets = np.concatenate(values), (np.concatenate(rows), np.concatenate(places))
    return coo_matrix(triplets, shape=(of.n_moments, n_free)).tocsr()
