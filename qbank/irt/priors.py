"""Prior densities of item values, and the chain rule that carries them to the metric that is estimated.

A prior is given by the name of what it is about, a word and two numbers, {"c": ("beta", 5, 17)}. The names are
those of the models' values (a, d, d1, logit_c, ...), or log_a, c and u: the density of a function x of a value.
The log density counts at x, without a Jacobian, as in the mode that is sought on the scale of the name; by the
value v its derivatives are p'(x) x' and p''(x) x'^2 + p'(x) x''.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.models import FloatArray, IndexArray

# A free slope with a prior on its logarithm has to stay positive.
LEAST_SLOPE = 1e-3


@dataclass(frozen=True, slots=True)
class Density:
    """A density of x with two numbers p and q: its logarithm, and that one's two derivatives by x."""

    log: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
    first: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
    second: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


def _log_normal(x: FloatArray, p: FloatArray, q: FloatArray) -> FloatArray:
    """Return the normal log density with mean p and sd q."""
    return np.asarray(-0.5 * ((x - p) / q) ** 2 - np.log(q) - 0.5 * np.log(2.0 * np.pi))


def _log_lognormal(x: FloatArray, p: FloatArray, q: FloatArray) -> FloatArray:
    """Return the lognormal log density: log x has mean p and sd q."""
    return _log_normal(np.log(x), p, q) - np.log(x)


def _log_beta(x: FloatArray, p: FloatArray, q: FloatArray) -> FloatArray:
    """Return the beta log density with shapes p and q; its mean is p / (p + q)."""
    from scipy.special import betaln, xlog1py, xlogy

    return np.asarray(xlogy(p - 1.0, x) + xlog1py(q - 1.0, -x) - betaln(p, q))


DENSITIES: dict[str, Density] = {
    "normal": Density(
        _log_normal,
        lambda x, p, q: -(x - p) / q**2,
        lambda x, p, q: -1.0 / q**2 + 0.0 * x,
    ),
    "lognormal": Density(
        _log_lognormal,
        lambda x, p, q: -(1.0 + (np.log(x) - p) / q**2) / x,
        lambda x, p, q: (1.0 + (np.log(x) - p - 1.0) / q**2) / x**2,
    ),
    "beta": Density(
        _log_beta,
        lambda x, p, q: (p - 1.0) / x - (q - 1.0) / (1.0 - x),
        lambda x, p, q: -(p - 1.0) / x**2 - (q - 1.0) / (1.0 - x) ** 2,
    ),
}


@dataclass(frozen=True, slots=True)
class Function:
    """A function x of a value v: the value's name, x, dx/dv, d2x/dv2, and v as a function of x."""

    of: str
    value: Callable[[FloatArray], FloatArray]
    first: Callable[[FloatArray], FloatArray]
    second: Callable[[FloatArray], FloatArray]
    inverse: Callable[[FloatArray], FloatArray]


def _share(logit: FloatArray) -> FloatArray:
    from scipy.special import expit

    return np.asarray(expit(logit))


def _log_odds(share: FloatArray) -> FloatArray:
    return np.asarray(np.log(share) - np.log1p(-share))


def _asymptote(name: str) -> Function:
    return Function(
        name,
        _share,
        lambda v: _share(v) * _share(-v),
        lambda v: _share(v) * _share(-v) * (1.0 - 2.0 * _share(v)),
        _log_odds,
    )


FUNCTIONS: dict[str, Function] = {
    "log_a": Function("a", np.log, lambda v: 1.0 / v, lambda v: -1.0 / v**2, np.exp),
    "c": _asymptote("logit_c"),
    "u": _asymptote("logit_u"),
}


def function(name: str) -> Function:
    """Return the function of a value that a name means; most names mean the value itself."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    return Function(name, lambda v: v, lambda v: 1.0 + 0.0 * v, lambda v: 0.0 * v, lambda x: x)


@dataclass(frozen=True, slots=True)
class Prior:
    """A density on some free values.

    name, word   as the user gave them;  places: (n_values,) in the free vector
    p, q         (n_values,) the two numbers of the density
    """

    name: str
    word: str
    places: IndexArray
    p: FloatArray
    q: FloatArray


Priors = Mapping[str, tuple[str, ArrayLike, ArrayLike]]


def checked_priors(
    priors: Priors | None, n_items: int, known: Collection[str] | None = None
) -> dict[str, tuple[str, FloatArray, FloatArray]]:
    """Return the priors with one pair of numbers an item, or say what is wrong with them.

    known : names of the values of any item's model
    """
    found: dict[str, tuple[str, FloatArray, FloatArray]] = {}
    if not isinstance(priors, Mapping | None):
        raise ValueError(f"priors must be a mapping of names to densities, found {priors!r}")
    for name, given in (priors or {}).items():
        if known is not None and n_items and function(name).of not in known:
            raise ValueError(f"no item has a value {name!r} for a prior (values: {', '.join(sorted(known))})")
        if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != 3:
            raise ValueError(f"a prior is a word and two numbers, found {given!r} for {name}")
        word = given[0]
        if word == "none":
            continue
        if word not in DENSITIES:
            raise ValueError(f"unknown prior {word!r} (priors: {', '.join(DENSITIES)}, none)")
        try:
            p, q = (np.broadcast_to(np.asarray(x, np.float64), (n_items,)) for x in given[1:])
        except (TypeError, ValueError):
            raise ValueError(f"the prior of {name} needs one number, or one for each item") from None
        # NaN stands for no prior on that item.
        if (q <= 0).any() or (word == "beta" and (p <= 0).any()):
            what = "shapes" if word == "beta" else "sd"
            raise ValueError(f"the {what} of the prior of {name} must be above 0")
        found[name] = (word, p, q)
    return found


def log_density(priors: tuple[Prior, ...], free: FloatArray) -> FloatArray:
    """Return the log prior density at each place of the free vector, (n_free,), 0 without a prior."""
    found = np.zeros_like(free)
    for prior in priors:
        x = function(prior.name).value(free[prior.places])
        np.add.at(found, prior.places, DENSITIES[prior.word].log(x, prior.p, prior.q))
    return found


def derivatives(priors: tuple[Prior, ...], free: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the first and second derivatives of the log prior density by the free values, each (n_free,)."""
    first, second = np.zeros_like(free), np.zeros_like(free)
    for prior in priors:
        chain, density, v = function(prior.name), DENSITIES[prior.word], free[prior.places]
        x, slope, bend = chain.value(v), chain.first(v), chain.second(v)
        pull, curve = density.first(x, prior.p, prior.q), density.second(x, prior.p, prior.q)
        np.add.at(first, prior.places, pull * slope)
        np.add.at(second, prior.places, curve * slope**2 + pull * bend)
    return first, second


def centre(word: str, p: FloatArray, q: FloatArray) -> FloatArray:
    """Return a typical x of a prior, where a search may start."""
    if word == "beta":
        return p / (p + q)
    return np.exp(p) if word == "lognormal" else p
