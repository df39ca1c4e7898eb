"""All scales at once: the regression of Haberman over every item that two calibrations or more have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.linking.chain import Scales, as_scales, by_scale, common_edges, joint_covariance
from qbank.irt.linking.common_items import kind_of
from qbank.irt.linking.moments import Points, points
from qbank.irt.linking.pairs import curves_at_once
from qbank.irt.linking.record import Link, identity
from qbank.irt.linking.two_scales import checked_grid
from qbank.irt.models import MODELS, FloatArray, IndexArray
from qbank.irt.parameters import ItemParameters
from qbank.irt.scoring.population import Source

METHODS = ("haberman", "haebara", "stocking-lord")
ITEM_WEIGHTS = ("equal", "precision")
Key = tuple[str, str, int, str]
# A value that is fixed has variance 0; it weighs as one that is known to three decimals.
LEAST_VARIANCE = 1e-6


def link_all(
    calibrations: Sequence[Source],
    *,
    base: str,
    method: str = "haberman",
    item_weights: str = "equal",
    least_anchors: int = 3,
    nodes: ArrayLike | None = None,
    weights: str | ArrayLike = "normal",
) -> Scales:
    """Return the links of all scales to the base, estimated at once from all items that they share.

    calibrations : each on a scale of its own name
    method : "haberman", or "haebara" or "stocking-lord": the symmetric criterion of every pair of calibrations,
        summed
    item_weights : of haberman, "equal", or "precision": the inverse of each estimate's variance, taken as known
    least_anchors : two calibrations with fewer items in common do not join each other's scales
    nodes, weights : of the curve methods, as in `link`

    Haberman (2009): a_jt = A_t a_j and A_t b_jt = b_j − B_t on the base scale, where the base has A = 1 and
    B = 0. The logarithms of A are the least squares solution of log a_jt = log A_t + log a_j; with these, the
    B are that of A_t b_jt = b_j − B_t, every threshold or step of an item with more categories being a b of
    its own (a nominal item has one of each, see `points`). With two calibrations and equal weights it is the
    mean–mean method with geometric means. Where no calibration has slopes (rasch, pcm, rsm) every A is 1.

    covariance : of all A and B jointly, by the delta method from the covariances of all calibrations' estimates.
    Cost: cubic in the number of calibrations; linear in items, of the curve methods in pairs and their items.

    >>> from qbank.irt import item_parameters
    >>> sittings = [item_parameters("2pl", a=[1.0] * 3, b=[0.0 + t, 1.0 + t, 2.0 + t], scale=f"s{t}") for t in range(3)]
    >>> [round(line.intercept, 6) for line in link_all(sittings, base="s1").links.values()]
    [1.0, 0.0, -1.0]
    """
    named = by_scale(calibrations, base)
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r} (methods: {', '.join(METHODS)})")
    if item_weights not in ITEM_WEIGHTS:
        raise ValueError(f"unknown item weights {item_weights!r} (item weights: {', '.join(ITEM_WEIGHTS)})")
    if least_anchors < 1:
        raise ValueError(f"a link needs at least 1 anchor, found {least_anchors}")
    grid = checked_grid(nodes, weights)
    keys = _keys(named)
    joined = _joined(base, keys, least_anchors)
    tables = [_table(named[name], keys[name], at) for at, name in enumerate(joined)]
    log_slope, by_a = _log_slopes(tables, joined.index(base), item_weights)
    intercept, by_b = _intercepts(tables, joined.index(base), item_weights, log_slope, by_a)
    influence = {
        name: {
            other: np.stack((np.exp(log_slope[at]) * by_a[place][at], by_b[place][at]))
            for place, other in enumerate(joined)
        }
        for at, name in enumerate(joined)
    }
    converged = True
    if method != "haberman":
        log_slope, intercept, influence, converged = curves_at_once(
            named,
            joined,
            base,
            common_edges({name: named[name] for name in joined}, least_anchors),
            method,
            grid,
            (log_slope, intercept),
            all(table.rasch for table in tables),
        )
    links = {
        name: identity(base)
        if name == base
        else Link(
            method=method,
            slope=float(np.exp(log_slope[at])),
            intercept=float(intercept[at]),
            anchors=_shared(name, named[name], keys, joined),
            from_scale=name,
            to_scale=base,
            status="ok" if converged else "not converged",
        )
        for at, name in enumerate(joined)
    }
    paths: dict[str, tuple[str, ...]] = dict.fromkeys(joined, ())
    return as_scales(base, named, links, paths, joint_covariance(influence, named))


def _shared(
    name: str, parameters: ItemParameters, keys: Mapping[str, Mapping[Key, int]], joined: Sequence[str]
) -> tuple[str, ...]:
    """Return the labels of a calibration's items that another one has too."""
    others = {key for other in joined if other != name for key in keys[other]}
    return tuple(parameters.items[item] for key, item in keys[name].items() if key in others)


def _keys(named: Mapping[str, ItemParameters]) -> dict[str, dict[Key, int]]:
    """Return for each calibration where its items stand, by what makes an item the same in another one: label,
    fingerprint, categories, kind of thresholds. Items that cannot be linked by are left out.

    An unknown fingerprint is that of the only known one of the label, if there is only one.
    """
    revisions: dict[str, set[str]] = {}
    for parameters in named.values():
        for label, fingerprint in zip(parameters.items, parameters.fingerprints, strict=True):
            revisions.setdefault(label, set()).update({fingerprint} - {""})
    found = {}
    for name, parameters in named.items():
        usable = parameters.estimated & (points(parameters).a > 0)
        found[name] = {
            (
                label,
                next(iter(revisions[label])) if len(revisions[label]) == 1 else parameters.fingerprints[item],
                int(parameters.n_categories[item]),
                kind_of(parameters, item),
            ): item
            for item, label in enumerate(parameters.items)
            if usable[item]
        }
    return found


def _joined(base: str, keys: Mapping[str, Mapping[Key, int]], least: int) -> list[str]:
    """Return the calibrations that chains of enough common items join to the base, in their order."""
    reached, waiting = {base}, [base]
    while waiting:
        here = waiting.pop()
        near = [
            name for name in keys if name not in reached and len(set(keys[name]) & set(keys[here])) >= least
        ]
        reached.update(near)
        waiting.extend(near)
    return [name for name in keys if name in reached]


@dataclass(frozen=True, slots=True)
class Table:
    """The discriminations and difficulties of one calibration, with what is shared between calibrations.

    scale     index of the calibration;  parameters: its items;  rasch: none of them has a slope
    found     their points;  a_key: label of each discrimination, None where it is no anchor;  b_key: of each
              difficulty
    """

    scale: int
    parameters: ItemParameters
    found: Points
    a_key: tuple[object, ...]
    b_key: tuple[object, ...]
    rasch: bool


def _table(parameters: ItemParameters, keys: Mapping[Key, int], scale: int) -> Table:
    found = points(parameters)
    by_item: list[object] = [None] * len(parameters.items)
    for key, item in keys.items():
        by_item[item] = key
    number: dict[int, int] = {}
    b_key: list[object] = []
    for item in found.item.tolist():
        number[item] = number.get(item, 0) + 1
        b_key.append(None if by_item[item] is None else (by_item[item], number[item]))
    rasch = all(MODELS[word].slope == "one" for word in parameters.model)
    return Table(scale, parameters, found, tuple(by_item), tuple(b_key), rasch)


def _log_slopes(tables: Sequence[Table], base: int, weights: str) -> tuple[FloatArray, list[FloatArray]]:
    """Return log A of each scale, and its derivatives by the estimates of each, (n_scales, n_items, n_most)."""
    if all(table.rasch for table in tables):
        shape = [(len(tables), *table.parameters.estimates.shape) for table in tables]
        return np.zeros(len(tables)), [np.zeros(each) for each in shape]
    y, slopes = [], []
    for table in tables:
        used = np.array([key is not None for key in table.a_key])
        a = np.where(used, table.found.a, 1.0)
        y.append(np.log(a))
        slopes.append(np.where(used[:, None], table.found.a_slopes / a[:, None], 0.0))
    weight = [
        _weights(table, slope, np.arange(slope.shape[0]), weights)
        for table, slope in zip(tables, slopes, strict=True)
    ]
    x, by_y = _two_way(y, [table.a_key for table in tables], weight, base)
    return x, [part[:, :, None] * slope for part, slope in zip(by_y, slopes, strict=True)]


def _intercepts(
    tables: Sequence[Table], base: int, weights: str, log_slope: FloatArray, by_a: Sequence[FloatArray]
) -> tuple[FloatArray, list[FloatArray]]:
    """Return B of each scale, and its derivatives by the estimates of each, (n_scales, n_items, n_most)."""
    slope = np.exp(log_slope)
    used = [np.array([key is not None for key in table.b_key]) for table in tables]
    y = [np.where(on, slope[t.scale] * t.found.b, 0.0) for on, t in zip(used, tables, strict=True)]
    slopes = [
        np.where(on[:, None], slope[t.scale] * t.found.b_slopes, 0.0)
        for on, t in zip(used, tables, strict=True)
    ]
    weight = [
        _weights(table, part, table.found.item, weights) for table, part in zip(tables, slopes, strict=True)
    ]
    x, by_y = _two_way(y, [table.b_key for table in tables], weight, base)
    found = []
    for table, part, own in zip(tables, by_y, slopes, strict=True):
        direct = np.zeros((len(tables), *table.parameters.estimates.shape))
        np.add.at(direct.transpose(1, 0, 2), table.found.item, (part.T[:, :, None] * own[:, None]))
        found.append(-direct)
    # A_t enters every A_t b_jt of its scale.
    by_log = np.column_stack([-(part @ values) for part, values in zip(by_y, y, strict=True)])
    return -x, [own + np.einsum("ts,sjp->tjp", by_log, a) for own, a in zip(found, by_a, strict=True)]


def _weights(table: Table, slopes: FloatArray, item: IndexArray, weights: str) -> FloatArray:
    """Return the weight of each number: 1, or the inverse of its variance."""
    if weights == "equal":
        return np.ones(item.size)
    own = np.where(slopes[:, :, None] * slopes[:, None] != 0, table.parameters.covariance[item], 0.0)
    variance: FloatArray = np.einsum("rp,rpq,rq->r", slopes, own, slopes)
    if not np.isfinite(variance).all():
        raise ValueError(
            f"precision weights need the covariances of all anchors; scale {table.parameters.scale!r} lacks some"
        )
    return 1.0 / np.maximum(variance, LEAST_VARIANCE)


def _two_way(
    y: Sequence[FloatArray], keys: Sequence[Sequence[object]], weights: Sequence[FloatArray], base: int
) -> tuple[FloatArray, list[FloatArray]]:
    """Return x of y_jt = x_t + m_j by weighted least squares, x = 0 at the base, and dx / dy of every scale's
    numbers, (n_scales, n_numbers). Numbers without a key take no part.

    The m_j are eliminated: what is left is one equation a scale.
    """
    n_scales = len(y)
    index: dict[object, int] = {}
    group = [
        np.array([-1 if key is None else index.setdefault(key, len(index)) for key in part], dtype=np.intp)
        for part in keys
    ]
    total = np.zeros((len(index), n_scales))
    for t in range(n_scales):
        on = group[t] >= 0
        np.add.at(total[:, t], group[t][on], weights[t][on])
    share = total / total.sum(axis=1, keepdims=True)
    matrix = np.diag(total.sum(axis=0)) - total.T @ share
    free = np.array([t for t in range(n_scales) if t != base], dtype=np.intp)
    solve = np.zeros((n_scales, n_scales))
    if free.size:
        solve[np.ix_(free, free)] = np.linalg.inv(matrix[np.ix_(free, free)])
    x, by_y = np.zeros(n_scales), []
    for t in range(n_scales):
        on = group[t] >= 0
        part = np.zeros((n_scales, group[t].size))
        unit = np.zeros(n_scales)
        unit[t] = 1.0
        part[:, on] = solve @ (weights[t][on] * (unit[:, None] - share[group[t][on]].T))
        by_y.append(part)
        x += part @ y[t]
    return x, by_y
