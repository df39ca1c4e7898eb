"""Newton's method, damped where it must be, for criteria with exact derivatives and few unknowns."""

from collections.abc import Callable

import numpy as np

from qbank.irt.models import FloatArray, IndexArray

MAX_ITERATIONS = 200
# No step is longer: the logarithm of a slope that moves by 2 changes the slope sevenfold.
LONGEST = 2.0

Derivatives = Callable[[FloatArray], tuple[float, FloatArray, FloatArray]]


def descend(at: Derivatives, start: FloatArray, moving: IndexArray) -> tuple[FloatArray, float, bool]:
    """Return where Newton's method ends, the criterion there, and whether it has converged.

    at : returns the criterion, its gradient (n,) and its Hessian (n, n);  moving : the unknowns that may move

    The Hessian gets a multiple of its own diagonal until it is positive definite and the step goes down
    (Levenberg 1944, Marquardt 1963).

    >>> end = descend(lambda x: ((x[0] - 2) ** 2, 2 * (x - 2), np.array([[2.0]])), np.zeros(1), np.array([0]))
    >>> end[0], end[2]
    (array([2.]), True)
    """
    free, damping = start.copy(), 0.0
    value, gradient, hessian = at(free)
    for _ in range(MAX_ITERATIONS if moving.size else 0):
        own = hessian[np.ix_(moving, moving)]
        diagonal = np.maximum(np.abs(np.diag(own)), 1e-12 * np.abs(own).max() + 1e-300)
        lifted = own + damping * np.diag(diagonal)
        if np.linalg.eigvalsh(lifted)[0] <= 0.0:
            damping = max(4.0 * damping, 1e-3)
            continue
        step = np.zeros_like(free)
        step[moving] = -np.linalg.solve(lifted, gradient[moving])
        length = np.abs(step).max()
        if length <= 1e-11 * (1.0 + np.abs(free).max()):
            return free + step if damping == 0.0 else free, value, True
        step *= min(1.0, LONGEST / length)
        ahead = at(free + step)
        # Near the end rounding hides which criterion is the smaller, but not which gradient.
        level = abs(ahead[0] - value) <= 1e-10 * value + 1e-28
        flatter = np.abs(ahead[1][moving]).max() < np.abs(gradient[moving]).max()
        if flatter if level else ahead[0] < value:
            free, damping = free + step, damping / 16.0 if damping > 1e-6 else 0.0
            value, gradient, hessian = ahead
        elif level:
            return free, value, True
        else:
            damping = max(4.0 * damping, 1e-3)
        if damping > 1e12:
            break
    return free, value, not moving.size


def inverse_hessian(hessian: FloatArray, moving: IndexArray) -> FloatArray:
    """Return the inverse over the moving unknowns, 0 for the others; NaN where it is singular."""
    inverse = np.zeros_like(hessian)
    own = hessian[np.ix_(moving, moving)]
    if moving.size:
        regular = np.linalg.eigvalsh(own)[0] > 1e-13 * np.abs(own).max()
        inverse[np.ix_(moving, moving)] = np.linalg.inv(own) if regular else np.nan
    return inverse
