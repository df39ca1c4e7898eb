"""A link: the line from one scale to another; its inverse, and one line after another."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from qbank.irt.display import shown
from qbank.irt.models import FloatArray
from qbank.irt.parameters import frozen


def unknown_covariance() -> FloatArray:
    """Return the covariance of a slope and intercept of which nothing is known, (2, 2) of NaN."""
    return np.full((2, 2), np.nan)


@dataclass(frozen=True, slots=True)
class Link:
    """The line theta_to = slope theta_from + intercept, and the labels of the items that it rests on.

    covariance   (2, 2) of slope and intercept, NaN where unknown
    left_out     (label, why) of the items with one label in both calibrations that it does not rest on
    criterion    what the curve methods minimise, at the line; NaN for the other methods
    status       ok, or why the line is not to be trusted: not converged
    settings     every choice that was made, by name
    """

    __repr__ = shown

    method: str
    slope: float
    intercept: float
    anchors: tuple[str, ...]
    from_scale: str
    to_scale: str
    covariance: FloatArray = field(default_factory=unknown_covariance, compare=False)
    left_out: tuple[tuple[str, str], ...] = ()
    criterion: float = field(default=np.nan, compare=False)
    status: str = "ok"
    settings: Mapping[str, object] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if not (np.isfinite(self.slope) and self.slope > 0 and np.isfinite(self.intercept)):
            raise ValueError(
                f"a link needs a slope above 0 and an intercept, found {self.slope} and {self.intercept}"
            )
        if np.shape(self.covariance) != (2, 2):
            raise ValueError(f"covariance must have shape (2, 2), found {np.shape(self.covariance)}")
        object.__setattr__(self, "covariance", frozen(self.covariance))

    @property
    def slope_error(self) -> float:
        """Standard error of the slope, NaN where unknown."""
        return _root(self.covariance[0, 0])

    @property
    def intercept_error(self) -> float:
        """Standard error of the intercept, NaN where unknown."""
        return _root(self.covariance[1, 1])


def _root(variance: float) -> float:
    """Return the root of a variance, which rounding can leave a little below 0."""
    return float(np.sqrt(np.maximum(variance, 0.0)))


def identity(scale: str) -> Link:
    """Return the link of a scale to itself, which is known without error."""
    return Link("identity", 1.0, 0.0, (), scale, scale, covariance=np.zeros((2, 2)))


def inverse(line: Link) -> Link:
    """Return the link that leads back: 1 / A and -B / A, with the covariance by the delta method.

    >>> inverse(Link("mean-mean", 2.0, 1.0, (), "new", "old")).intercept
    -0.5
    """
    slope, intercept = line.slope, line.intercept
    by_line = np.array([[-1.0 / slope**2, 0.0], [intercept / slope**2, -1.0 / slope]])
    return replace(
        line,
        slope=1.0 / slope,
        intercept=-intercept / slope,
        from_scale=line.to_scale,
        to_scale=line.from_scale,
        covariance=by_line @ line.covariance @ by_line.T,
    )


def compose(first: Link, second: Link) -> Link:
    """Return the link that goes the first line and then the second: A2 A1 and A2 B1 + B2.

    The errors of the two are taken as independent, which they are not quite where the calibration between
    them lent its items to both; link_chain, which has the calibrations, counts that.

    >>> one = Link("mean-mean", 2.0, 1.0, (), "2026-09", "2026-03")
    >>> compose(one, Link("mean-mean", 0.5, 0.25, (), "2026-03", "2025-09")).intercept
    0.75
    """
    if first.to_scale != second.from_scale:
        raise ValueError(
            f"the first link leads to scale {first.to_scale!r}, the second begins at {second.from_scale!r}"
        )
    by_first, by_second = composition_slopes(first, second)
    return Link(
        method=first.method if first.method == second.method else f"{first.method}, {second.method}",
        slope=second.slope * first.slope,
        intercept=second.slope * first.intercept + second.intercept,
        anchors=first.anchors + tuple(label for label in second.anchors if label not in first.anchors),
        from_scale=first.from_scale,
        to_scale=second.to_scale,
        covariance=by_first @ first.covariance @ by_first.T + by_second @ second.covariance @ by_second.T,
        status=first.status if first.status != "ok" else second.status,
    )


def composition_slopes(first: Link, second: Link) -> tuple[FloatArray, FloatArray]:
    """Return the derivatives of the composed slope and intercept by those of the first and of the second link,
    each (2, 2).
    """
    by_first = np.array([[second.slope, 0.0], [0.0, second.slope]])
    by_second = np.array([[first.slope, 0.0], [first.intercept, 1.0]])
    return by_first, by_second
