"""Parameters as they are published: discrimination, difficulty, steps and asymptotes."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.models import MODELS, FloatArray, IndexArray
from qbank.irt.parameters import UNLINKED, ItemParameters, batches, from_estimates, model_words


def item_parameters(
    model: str | Sequence[str],
    *,
    a: ArrayLike,
    b: ArrayLike | None = None,
    steps: ArrayLike | None = None,
    c: ArrayLike | None = None,
    u: ArrayLike | None = None,
    covariance: FloatArray | None = None,
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    scale: str = UNLINKED,
    d_constant: float = 1.0,
) -> ItemParameters:
    """Return parameters given as discrimination and difficulty.

    a : (n_items,);  b : (n_items,) of right/wrong items
    steps : (n_items, n_most_categories - 1), b1, b2, ... of grm, pcm, gpcm and rsm items, NaN beyond an
        item's own; a row of NaN for right/wrong items. The steps of rsm items are the same but for a shift.
    c, u : (n_items,) lower and upper asymptote, for the models that have one
    d_constant : what the source multiplies slopes by, 1.7 if its a belong to a theta in the normal metric.
        There is no such constant here: the a that is kept, shown and used everywhere is d_constant times the given one.
    A nominal item has no such parameters: `from_estimates` takes its slopes and intercepts.

    >>> item_parameters("2pl", a=[1.0, 2.0], b=[0.5, -1.0]).values["d"]
    array([-0.5,  2. ])
    >>> item_parameters("3pl", a=[1.0], b=[0.5], c=[0.2], d_constant=1.7).values["a"]
    array([1.7])
    """
    slope = d_constant * np.asarray(a, np.float64)
    if slope.ndim != 1:
        raise ValueError(f"a must be a vector with one value an item, found shape {slope.shape}")
    if not d_constant > 0:
        raise ValueError(f"d_constant must be positive, found {d_constant}")
    words = model_words(model, slope.size)
    unknown = np.full(slope.size, np.nan)
    for name, values in (("a", slope), ("b", b), ("c", c), ("u", u), ("steps", steps)):
        numbers = np.asarray(np.nan if values is None else values, np.float64)
        if np.isinf(numbers).any():
            raise ValueError(f"{name} must be finite, or NaN where there is none, found {numbers[np.isinf(numbers)][0]}")
        if name != "steps" and numbers.shape not in ((), slope.shape):
            raise ValueError(f"{name} must have one value for each of {slope.size} items, found shape {numbers.shape}")
    difficulty = unknown if b is None else np.broadcast_to(np.asarray(b, np.float64), slope.shape)
    given = np.full((slope.size, 0), np.nan) if steps is None else np.asarray(steps, np.float64)
    lower, upper = (
        unknown if x is None else np.broadcast_to(np.asarray(x, np.float64), slope.shape) for x in (c, u)
    )
    _check_given(words, b=b, steps=steps, c=c, u=u)
    if (lower < 0).any() or (upper > 1).any() or (lower >= np.where(np.isnan(upper), 1.0, upper)).any():
        raise ValueError("asymptotes must obey 0 <= c < u <= 1")
    rows = [
        _estimate(word, slope[j], difficulty[j], given[j][np.isfinite(given[j])], lower[j], upper[j])
        for j, word in enumerate(words)
    ]
    estimates = np.full((slope.size, max((row.size for row in rows), default=0)), np.nan)
    for j, row in enumerate(rows):
        estimates[j, : row.size] = row
    n_steps = np.isfinite(given).sum(axis=1) if given.size else np.zeros(slope.size)
    binary = np.array([MODELS[word].categories == (2, 2) for word in words], dtype=bool)
    n_categories = np.where(binary, 2, 1 + n_steps).astype(np.intp)
    _check_shared(words, n_categories, estimates)
    return from_estimates(
        words,
        n_categories,
        estimates,
        covariance=covariance,
        items=items,
        fingerprints=fingerprints,
        scale=scale,
    )


def from_reported(
    model: Sequence[str],
    n_categories: Sequence[int],
    values: Sequence[Mapping[str, float]],
    *,
    covariance: Sequence[ArrayLike] | None = None,
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    scale: str = UNLINKED,
) -> ItemParameters:
    """Return parameters given by name, item by item, as `ItemParameters.values` reports them.

    model, n_categories, values : one for each item. Intercepts d, d1, d2, ... are taken where they are given, else made
        of a and b or of the steps b1, b2, ...; c and u are the asymptotes
    covariance : of each item's estimates, a square as wide as its model has values; empty or of another width: unknown
    What is missing or not finite is NaN, and the item has no estimate.

    >>> from_reported(["3pl", "gpcm"], [2, 3], [{"a": 1.0, "b": 0.5, "c": 0.2}, {"a": 1.0, "b1": -1.0, "b2": 1.0}]
    ...     ).values["b"]
    array([0.5, 0. ])
    """
    rows = [estimates_by_name(word, int(k), own) for word, k, own in zip(model, n_categories, values, strict=True)]
    n_most = max((row.size for row in rows), default=0)
    estimates = np.full((len(rows), n_most), np.nan)
    known = np.full((len(rows), n_most, n_most), np.nan)
    for j, row in enumerate(rows):
        estimates[j, : row.size] = row
        given = np.asarray(() if covariance is None else covariance[j], np.float64)
        if given.shape == (row.size, row.size):
            known[j, : row.size, : row.size] = given
    return from_estimates(
        tuple(model),
        n_categories,
        estimates,
        covariance=known,
        items=items,
        fingerprints=fingerprints,
        scale=scale,
    )


def estimates_by_name(word: str, n_categories: int, values: Mapping[str, float]) -> FloatArray:
    """Return what the model's functions take of one item, from its values by name; NaN for what is missing.

    >>> estimates_by_name("grm", 3, {"a": 2.0, "b1": -0.5, "b2": 1.0})
    array([ 2.,  1., -2.])
    """
    given = {name: value for name, value in values.items() if math.isfinite(value)}
    made, a = given.copy(), given.get("a", math.nan)
    if "b" in given and n_categories == 2:
        made.setdefault("d", -a * given["b"])
        made.setdefault("d1", -a * given["b"])
    for name in ("c", "u"):
        if name in given:
            made[f"logit_{name}"] = _logit(np.float64(given[name]))
    total = 0.0
    for k in range(1, n_categories):
        step = given.get(f"b{k}", math.nan)
        total = step if word == "grm" else total + step
        made.setdefault(f"d{k}", -a * total)
    if word == "rsm":
        # d_k = k d + t_k with t_0 = t_m = 0.
        last = n_categories - 1
        made["d"] = made[f"d{last}"] / last
        made |= {f"t{k}": made[f"d{k}"] - k * made["d"] for k in range(1, last)}
    return np.array([made.get(name, math.nan) for name in MODELS[word].parameters(n_categories)])


def _check_given(words: Sequence[str], **given: ArrayLike | None) -> None:
    """Refuse a call that leaves out what some item's model needs."""
    needs = {"a": "a", "d": "b", "logit_c": "c", "logit_u": "u"}
    for word in dict.fromkeys(words):
        if word == "nominal":
            raise ValueError("the slopes and intercepts of a nominal item are given to from_estimates")
        needed = {"steps"}
        if MODELS[word].categories == (2, 2):
            needed = {needs[name] for name in MODELS[word].parameters(2)} - {"a"}
        missing = sorted(name for name in needed if given[name] is None)
        if missing:
            raise ValueError(f"a {word} item needs {' and '.join(missing)}")


def _estimate(word: str, a: float, b: float, steps: FloatArray, c: float, u: float) -> FloatArray:
    """Return the values of one item from its discrimination, difficulty or steps, and asymptotes."""
    if MODELS[word].categories == (2, 2):
        given = {"a": a, "d": -a * b, "logit_c": _logit(c), "logit_u": _logit(u)}
        return np.array([given[name] for name in MODELS[word].parameters(2)])
    if not steps.size:
        raise ValueError(f"a {word} item needs its steps b1, b2, ...")
    if word == "grm":
        return np.concatenate(([a], -a * steps))
    if word in ("pcm", "gpcm"):
        return np.concatenate(([a], -a * np.cumsum(steps)))
    # rsm: the mean of the steps is the item's own, what is left is common.
    shift = steps.mean()
    return np.concatenate(([a, -a * shift], -a * np.cumsum(steps - shift)[:-1]))


def _check_shared(words: Sequence[str], n_categories: IndexArray, estimates: FloatArray) -> None:
    """Refuse items that say to share parameters and do not."""
    for batch in batches(words, n_categories, estimates):
        names = batch.model.parameters(batch.n_categories)
        columns = [names.index(name) for name in batch.model.shared(batch.n_categories)]
        common = batch.values[np.isfinite(batch.values).all(axis=1)][:, columns]
        if not np.allclose(common, common[:1], rtol=1e-8, atol=1e-8):
            raise ValueError(
                f"{batch.model.name} items of {batch.n_categories} categories must have the same "
                f"{', '.join(batch.model.shared(batch.n_categories))}"
            )


def _logit(share: float) -> float:
    """Return log(share / (1 - share)), infinite at 0 and 1."""
    with np.errstate(divide="ignore"):
        return float(np.log(share) - np.log1p(-share))
