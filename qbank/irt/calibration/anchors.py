"""What a caller fixes before a calibration: item values by name, by array, or from another calibration."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.models import MODELS, FloatArray, IndexArray
from qbank.irt.parameters import ItemParameters

Fixed = ItemParameters | Mapping[int, Mapping[str, float]] | Mapping[str, ArrayLike | Mapping[str, float]]
# Common values as a caller gives them: the items by index or by label.
GivenTies = Sequence[tuple[str, Sequence[int | str]]]


def anchored(
    fixed: Fixed | None, words: Sequence[str], n_categories: IndexArray, labels: Sequence[str]
) -> FloatArray:
    """Return the fixed values (n_items, n_most) in the models' metric, NaN where free.

    A slope that the model sets to one is fixed; an item of ItemParameters is found by its label.
    """
    n_items = len(words)
    names = [MODELS[word].parameters(int(k)) for word, k in zip(words, n_categories, strict=True)]
    found = np.full((n_items, max((len(own) for own in names), default=0)), np.nan)
    if isinstance(fixed, ItemParameters):
        _copy(fixed, words, n_categories, labels, found)
        given: dict[int, dict[str, float]] = {}
    else:
        given = _by_item(fixed or {}, labels)
    for item, values in given.items():
        row = _row(words[item], names[item], values)
        found[item, : row.size] = row
    for item, word in enumerate(words):
        if MODELS[word].slope == "one":
            if np.isfinite(found[item, 0]) and found[item, 0] != 1.0:
                raise ValueError(f"a {word} item has a = 1 and cannot be fixed at another slope")
            found[item, 0] = 1.0
    return found


def _copy(
    fixed: ItemParameters,
    words: Sequence[str],
    n_categories: IndexArray,
    labels: Sequence[str],
    found: FloatArray,
) -> None:
    """Copy the estimates of the items that both have."""
    place = {label: item for item, label in enumerate(fixed.items)}
    estimated = fixed.estimated
    for item, label in enumerate(labels):
        known = place.get(label)
        if known is None or not estimated[known]:
            continue
        if fixed.model[known] != words[item] or fixed.n_categories[known] != n_categories[item]:
            raise ValueError(
                f"item {label} is {fixed.model[known]} with {fixed.n_categories[known]} categories where it "
                f"is fixed, and {words[item]} with {n_categories[item]} here"
            )
        own = len(MODELS[words[item]].parameters(int(n_categories[item])))
        found[item, :own] = fixed.estimates[known, :own]


def _by_item(
    fixed: Mapping[int, Mapping[str, float]] | Mapping[str, ArrayLike | Mapping[str, float]], labels: Sequence[str]
) -> dict[int, dict[str, float]]:
    """Return the given values as {item: {name: number}}; an item is meant by its index or by its label."""
    n_items = len(labels)
    given: dict[int, dict[str, float]] = {}
    if not isinstance(fixed, Mapping):
        raise ValueError(f"fixed must be ItemParameters or a mapping of values, found {fixed!r}")
    for key, value in fixed.items():
        if isinstance(key, str) and not isinstance(value, Mapping):
            column = np.asarray(value, dtype=np.float64)
            if column.shape not in ((), (n_items,)):
                raise ValueError(f"fixed {key} must have one value for each of {n_items} items, found {column.size}")
            column = np.broadcast_to(column, (n_items,))
            for item in np.flatnonzero(~np.isnan(column)):
                given.setdefault(int(item), {})[key] = float(column[item])
        elif not isinstance(value, Mapping):
            raise ValueError(f"fixed gives item {key} values by name, found {value!r}")
        else:
            place = _place(key, labels, "fixed")
            given.setdefault(place, {}).update({name: float(x) for name, x in value.items()})
    return given


def _row(word: str, names: tuple[str, ...], given: Mapping[str, float]) -> FloatArray:
    """Return the fixed values of one item."""
    values = dict(given)
    infinite = [name for name, value in values.items() if np.isinf(value) and not name.startswith("logit")]
    if infinite:
        raise ValueError(f"fixed {infinite[0]} must be a finite number, found {values[infinite[0]]}")
    for name, own in (("c", "logit_c"), ("u", "logit_u")):
        if name in values and own in names:
            share = values.pop(name)
            if not 0.0 <= share <= 1.0:
                raise ValueError(f"{name} is a probability, found {share}")
            with np.errstate(divide="ignore"):
                values[own] = float(np.log(share) - np.log1p(-share))
    steps = [name for name in values if name[0] == "b" and name[1:].isdigit()]
    a = values.get("a", 1.0 if MODELS[word].slope == "one" else np.nan)
    if (steps or "b" in values) and np.isnan(a):
        raise ValueError(
            "a difficulty b can be fixed only together with its slope a (or fix the intercept d)"
        )
    if steps and word in ("grm", "pcm", "gpcm"):
        wanted = [f"b{k}" for k in range(1, len(names))]
        if sorted(steps) != sorted(wanted):
            raise ValueError(f"the steps {', '.join(wanted)} of an item are fixed together")
        b = np.array([values.pop(name) for name in wanted])
        intercepts = -a * (b if word == "grm" else np.cumsum(b))
        values.update({f"d{k}": float(d) for k, d in enumerate(intercepts, start=1)})
    elif "b" in values and "d" in names:
        values["d"] = -a * values.pop("b")
    unknown = sorted(set(values) - set(names))
    if unknown:
        raise ValueError(f"fixed names the parameter {unknown[0]!r} of a {word} item (parameters: {', '.join(names)})")
    return np.array([values.get(name, np.nan) for name in names])


def checked_ties(
    equal: GivenTies, words: Sequence[str], n_categories: IndexArray, labels: Sequence[str]
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return common values with the items by index; refuse items that are not there, or that have no such value."""
    found = []
    for name, members in equal:
        if isinstance(members, str):
            raise ValueError(f"equal takes a list of items for each name, found {members!r}")
        items = tuple(_place(item, labels, "equal") for item in members)
        for item in items:
            own = MODELS[words[item]].parameters(int(n_categories[item]))
            if name not in own:
                raise ValueError(
                    f"equal names the parameter {name!r} of a {words[item]} item (parameters: {', '.join(own)})"
                )
        found.append((name, items))
    return tuple(found)


def _place(item: int | str, labels: Sequence[str], what: str) -> int:
    """Return the index of an item that is given by index or by label."""
    if isinstance(item, str):
        if item not in labels:
            raise ValueError(f"{what} names item {item!r}, but no item has that label")
        return list(labels).index(item)
    if not 0 <= item < len(labels):
        raise ValueError(f"{what} names item {item}, but the items are 0 to {len(labels) - 1}")
    return int(item)
