"""All scales at once by their curves: the sum over all pairs of Haebara's or Stocking and Lord's criterion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.linking.common_items import Anchors
from qbank.irt.linking.curves import Criterion, Grid, criterion
from qbank.irt.linking.newton import descend, inverse_hessian
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.parameters import ItemParameters


@dataclass(frozen=True, slots=True)
class Together:
    """The sum over pairs as a function of (B, log A) of every scale, (2 n_scales,): all B, then all log A.

    pairs    (source, target) index of the two scales, with the criterion of the line between them
    """

    n_scales: int
    pairs: tuple[tuple[int, int, Criterion], ...]

    def line(self, free: FloatArray, source: int, target: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return (B, log A) of the line from one scale to another, its derivatives by (B_s, B_t, log A_s, log A_t),
        (2, 4), and the second derivatives of its B, (4, 4).
        """
        shrink = np.exp(-free[self.n_scales + target])
        intercept = (free[source] - free[target]) * shrink
        slopes = np.array([[shrink, -shrink, 0.0, -intercept], [0.0, 0.0, 1.0, -1.0]])
        second = np.zeros((4, 4))
        second[0, 3] = second[3, 0] = -shrink
        second[1, 3] = second[3, 1] = shrink
        second[3, 3] = intercept
        log_slope = free[self.n_scales + source] - free[self.n_scales + target]
        return np.array([intercept, log_slope]), slopes, second

    def places(self, source: int, target: int) -> IndexArray:
        """Return where B_s, B_t, log A_s and log A_t stand."""
        return np.array([source, target, self.n_scales + source, self.n_scales + target], dtype=np.intp)

    def at(self, free: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the criterion, its gradient and its Hessian."""
        total, gradient, hessian = 0.0, np.zeros(free.size), np.zeros((free.size, free.size))
        for source, target, pair in self.pairs:
            line, slopes, second = self.line(free, source, target)
            value, own, curvature = pair.at(line)
            at = self.places(source, target)
            total += value
            gradient[at] += own @ slopes
            hessian[np.ix_(at, at)] += slopes.T @ curvature @ slopes + own[0] * second
        return total, gradient, hessian


def curves_at_once(
    named: Mapping[str, ItemParameters],
    names: Sequence[str],
    base: str,
    edges: Mapping[tuple[str, str], Anchors],
    method: str,
    grid: Grid,
    start: tuple[FloatArray, FloatArray],
    rasch: bool,
) -> tuple[FloatArray, FloatArray, dict[str, dict[str, FloatArray]], bool]:
    """Return log A and B of every scale, how every calibration's estimates move them, and whether the search has
    converged.

    names : of the scales that are joined, keys of `named`;  start : log A and B;  influence : scale -> calibration -> (2, n_items, n_most), of A and B
    """
    pairs = [
        (one, other, edges[names[one], names[other]])
        for one in range(len(names))
        for other in range(one + 1, len(names))
        if (names[one], names[other]) in edges
    ]
    task = Together(
        len(names),
        tuple((s, t, criterion(common, grid, "symmetric", method == "haebara")) for s, t, common in pairs),
    )
    here = names.index(base)
    n = len(names)
    others = np.array([t for t in range(n) if t != here], dtype=np.intp)
    moving = others if rasch else np.concatenate((others, n + others))
    free, _, converged = descend(task.at, np.concatenate((start[1], start[0])), moving)
    change = -inverse_hessian(task.at(free)[2], moving)
    # From (B, log A) to (A, B), scale by scale.
    rows = np.stack((np.exp(free[n:])[:, None] * change[n:], change[:n]), axis=1)
    influence: dict[str, dict[str, FloatArray]] = {name: {} for name in names}
    for (s, t, common), (_, _, pair) in zip(pairs, task.pairs, strict=True):
        line, slopes, _ = task.line(free, s, t)
        factor = rows[:, :, task.places(s, t)] @ slopes.T
        for part, at, cross in zip(
            (names[s], names[t]), (common.at_source, common.at_target), pair.by_estimates(line), strict=True
        ):
            for name, own in zip(names, factor, strict=True):
                whole = influence[name].setdefault(part, np.zeros((2, *named[part].estimates.shape)))
                whole[:, at] += np.einsum("ef,fjp->ejp", own, cross)
    return free[n:], free[:n], influence, converged
