"""Chains over many sittings: from every scale to a base scale, link by link, with errors that add up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.display import shown
from qbank.irt.linking.common_items import Anchors, common_items, items_of
from qbank.irt.linking.curves import DIRECTIONS
from qbank.irt.linking.moments import Solution
from qbank.irt.linking.record import Link, compose, composition_slopes, identity, inverse
from qbank.irt.linking.two_scales import METHODS, checked_grid, solve, spread
from qbank.irt.models import FloatArray
from qbank.irt.parameters import ItemParameters, frozen
from qbank.irt.scoring.population import Source


@dataclass(frozen=True, slots=True)
class Scales:
    """Many scales on one.

    base          name of the scale that all others are carried to
    links         scale -> link to the base, of every scale that can be reached, the base itself too
    paths         scale -> the scales on the way, from it to the base; () where all were linked at once
    unreached     names of the scales that no common items join to the base
    covariance    (n_scales, 2, n_scales, 2) of the slopes and intercepts of `links`, in their order; NaN
                  where unknown
    """

    __repr__ = shown

    base: str
    links: Mapping[str, Link]
    paths: Mapping[str, tuple[str, ...]]
    unreached: tuple[str, ...]
    covariance: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "covariance", frozen(self.covariance))


def link_chain(
    calibrations: Sequence[Source],
    *,
    base: str,
    method: str = "stocking-lord",
    least_anchors: int = 3,
    direction: str = "symmetric",
    nodes: ArrayLike | None = None,
    weights: str | ArrayLike = "normal",
) -> Scales:
    """Return the link of every calibration's scale to the base scale, along chains of common items.

    calibrations : each on a scale of its own name
    least_anchors : two calibrations with fewer items in common are no link of a chain
    method, direction, nodes, weights : as in `link`

    The path to the base is the one with the fewest links, and among these the one whose links rest on the
    most items, looked at from the base. Errors grow along the path by the delta method through the item
    estimates of every calibration on it, so that a calibration which serves two links is counted as one
    (items independent); Battauz (2013), eq. 9. Scales that nothing joins to the base are named in
    `unreached`, not guessed.
    """
    named = by_scale(calibrations, base)
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r} (methods: {', '.join(METHODS)})")
    if direction not in DIRECTIONS:
        raise ValueError(f"unknown direction {direction!r} (directions: {', '.join(DIRECTIONS)})")
    grid = checked_grid(nodes, weights)
    edges = common_edges(named, least_anchors)
    onward = _onward(base, named, {edge: len(common.labels) for edge, common in edges.items()})
    solutions = {
        scale: solve(edges[scale, after], method, grid, direction) for scale, after in onward.items()
    }
    steps = {
        scale: _as_link(edges[scale, after], solutions[scale], method) for scale, after in onward.items()
    }
    paths, links = _along(base, named, onward, steps)
    influence = {scale: _influence(path, steps, solutions, edges, named) for scale, path in paths.items()}
    return as_scales(base, named, links, paths, joint_covariance(influence, named))


def chain_links(links: Sequence[Link], *, base: str) -> Scales:
    """Return the link of every scale to the base scale along given links, which may be gone either way.

    The path is the one with the fewest links, then of the links that rest on the most items. The errors of
    the links are taken as independent (link_chain, which has the calibrations, need not).

    >>> one = Link("mean-mean", 2.0, 1.0, (), "2026-09", "2026-03")
    >>> two = Link("mean-mean", 0.5, 0.25, (), "2025-09", "2026-03")
    >>> found = chain_links([one, two, Link("mean-mean", 1.0, 0.0, (), "x", "y")], base="2025-09")
    >>> found.links["2026-09"].slope, found.paths["2026-09"], found.unreached
    (4.0, ('2026-09', '2026-03', '2025-09'), ('x', 'y'))
    """
    ways: dict[tuple[str, str], Link] = {}
    for line in links:
        for way in (line, inverse(line)):
            edge = way.from_scale, way.to_scale
            if edge not in ways or len(ways[edge].anchors) < len(way.anchors):
                ways[edge] = way
    scales = tuple(dict.fromkeys(name for line in links for name in (line.from_scale, line.to_scale)))
    if base not in scales:
        raise ValueError(f"no link leads to or from the base scale {base!r} (scales: {', '.join(scales)})")
    onward = _onward(base, scales, {edge: len(line.anchors) for edge, line in ways.items()})
    steps = {scale: ways[scale, after] for scale, after in onward.items()}
    paths, found = _along(base, scales, onward, steps)
    covariance = np.full((len(found), 2, len(found), 2), np.nan)
    for place, line in enumerate(found.values()):
        covariance[place, :, place] = line.covariance
    return as_scales(base, scales, found, paths, covariance)


def average_links(lines: Sequence[Link], weights: ArrayLike | None = None) -> Link:
    """Return one link from several between the same two scales (direct, and by other chains): their bisector,
    A = sum v_p A_p, B = sum v_p B_p with v_p proportional to w_p / sqrt(1 + A_p^2), Holland & Strawderman
    (2011); Battauz (2013). It is the same whichever way the lines are gone.

    weights : (n_lines,) w, None: equal.  The errors of the lines are taken as independent.

    >>> lines = [Link("mean-mean", 1.0, 0.0, (), "x", "y"), Link("mean-mean", 1.0, 0.5, (), "x", "y")]
    >>> average_links(lines).intercept
    0.25
    """
    ends = {(line.from_scale, line.to_scale) for line in lines}
    if len(ends) != 1:
        raise ValueError("the links to average must lead from one scale to one other")
    w = np.ones(len(lines)) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != (len(lines),) or not ((w >= 0).all() and w.sum() > 0):
        raise ValueError("weights must be one for each link, 0 or more and not all 0")
    each = np.array([[line.slope, line.intercept] for line in lines])
    length = np.sqrt(1.0 + each[:, 0] ** 2)
    share = w / length
    mean = share @ each / share.sum()
    covariance = np.zeros((2, 2))
    for line, own, one, s in zip(lines, each, length, share, strict=True):
        # d share / d A_p = −share A_p / (1 + A_p^2).
        by_line = (s * np.eye(2) + np.outer((own - mean) * -s * own[0] / one**2, [1.0, 0.0])) / share.sum()
        covariance += by_line @ line.covariance @ by_line.T
    method = " and ".join(dict.fromkeys(line.method for line in lines))
    anchors = tuple(dict.fromkeys(label for line in lines for label in line.anchors))
    return Link(
        f"bisector of {method}", float(mean[0]), float(mean[1]), anchors, *next(iter(ends)), covariance=covariance
    )  # fmt: skip


def by_scale(calibrations: Sequence[Source], base: str) -> dict[str, ItemParameters]:
    """Return the calibrations by the names of their scales, which must differ, the base among them."""
    named: dict[str, ItemParameters] = {}
    for parameters in map(items_of, calibrations):
        if parameters.scale in named:
            raise ValueError(
                f"two calibrations are on scale {parameters.scale!r}: give each calibration a name of its own"
            )
        named[parameters.scale] = parameters
    if base not in named:
        raise ValueError(f"no calibration is on the base scale {base!r} (scales: {', '.join(named)})")
    return named


def common_edges(named: Mapping[str, ItemParameters], least_anchors: int) -> dict[tuple[str, str], Anchors]:
    """Return the common items of every pair of calibrations that has enough, both ways."""
    if least_anchors < 1:
        raise ValueError(f"a link needs at least 1 anchor, found {least_anchors}")
    names = list(named)
    labels = {name: set(named[name].items) for name in names}
    edges = {}
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            if len(labels[one] & labels[other]) < least_anchors:
                continue
            common = common_items(named[one], named[other])
            if len(common.labels) >= least_anchors:
                edges[one, other] = common
                edges[other, one] = replace(
                    common,
                    source=common.target,
                    target=common.source,
                    at_source=common.at_target,
                    at_target=common.at_source,
                )
    return edges


def _onward(base: str, scales: Iterable[str], sizes: Mapping[tuple[str, str], int]) -> dict[str, str]:
    """Return for every scale that can be reached the next one on its path to the base.

    sizes : (scale, next) -> number of items that the link between them rests on
    """
    onward: dict[str, str] = {}
    left, layer = [scale for scale in scales if scale != base], [base]
    while layer:
        following: dict[str, str] = {}
        for scale in left:
            nearest = [after for after in layer if (scale, after) in sizes]
            if nearest:
                following[scale] = max((sizes[scale, after], -place, after) for place, after in enumerate(nearest))[2]
        onward |= following
        layer, left = list(following), [scale for scale in left if scale not in following]
    return onward


def _along(
    base: str, scales: Iterable[str], onward: Mapping[str, str], steps: Mapping[str, Link]
) -> tuple[dict[str, tuple[str, ...]], dict[str, Link]]:
    """Return the path of every reached scale to the base, and its links one after the other."""
    paths, links = {}, {}
    for scale in scales:
        if scale != base and scale not in onward:
            continue
        path = [scale]
        while path[-1] != base:
            path.append(onward[path[-1]])
        paths[scale] = tuple(path)
        links[scale] = reduce(compose, [steps[at] for at in path[:-1]]) if len(path) > 1 else identity(base)
    return paths, links


def _as_link(common: Anchors, found: Solution, method: str) -> Link:
    return Link(
        method=method,
        slope=found.slope,
        intercept=found.intercept,
        anchors=common.labels,
        from_scale=common.source.scale,
        to_scale=common.target.scale,
        covariance=spread(found.by_source, common.source) + spread(found.by_target, common.target),
        left_out=common.left_out,
        criterion=found.criterion,
        status="ok" if found.converged else "not converged",
    )


def _influence(
    path: Sequence[str],
    steps: Mapping[str, Link],
    solutions: Mapping[str, Solution],
    edges: Mapping[tuple[str, str], Anchors],
    named: Mapping[str, ItemParameters],
) -> dict[str, FloatArray]:
    """Return for every calibration on the path the derivatives of the composed slope and intercept by its
    estimates, (2, n_items, n_most).
    """
    done = identity(path[0])
    # Derivatives of what is composed so far by each of its links.
    factors: list[FloatArray] = []
    for scale in path[:-1]:
        by_first, by_second = composition_slopes(done, steps[scale])
        factors = [by_first @ factor for factor in factors] + [by_second]
        done = compose(done, steps[scale])
    found = {scale: np.zeros((2, *named[scale].estimates.shape)) for scale in path}
    for scale, after, factor in zip(path[:-1], path[1:], factors, strict=True):
        common, part = edges[scale, after], solutions[scale]
        found[scale][:, common.at_source] += np.einsum("ef,fjp->ejp", factor, part.by_source)
        found[after][:, common.at_target] += np.einsum("ef,fjp->ejp", factor, part.by_target)
    return found


def joint_covariance(
    influence: Mapping[str, Mapping[str, FloatArray]], named: Mapping[str, ItemParameters]
) -> FloatArray:
    """Return the covariance (n_scales, 2, n_scales, 2) of the lines of some scales, from their derivatives by
    every calibration's estimates.
    """
    n_scales = len(influence)
    total = np.zeros((2 * n_scales, 2 * n_scales))
    for name, parameters in named.items():
        rows = np.zeros((n_scales, 2, *parameters.estimates.shape))
        for place, parts in enumerate(influence.values()):
            if name in parts:
                rows[place] = parts[name]
        total += spread(rows.reshape(2 * n_scales, *parameters.estimates.shape), parameters)
    return total.reshape(n_scales, 2, n_scales, 2)


def as_scales(
    base: str,
    scales: Iterable[str],
    links: Mapping[str, Link],
    paths: Mapping[str, tuple[str, ...]],
    covariance: FloatArray,
) -> Scales:
    """Return the record; the links in it have their own part of the covariance."""
    own = {
        scale: replace(line, covariance=covariance[place, :, place])
        for place, (scale, line) in enumerate(links.items())
    }
    return Scales(base, own, paths, tuple(scale for scale in scales if scale not in links), covariance)
