"""The items that two calibrations have in common, and what is left out of them and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.parameters import ItemParameters, from_estimates, frozen
from qbank.irt.scoring.population import Source

# Models of one kind mean the same by b1, b2, ...; items with two categories are all of one kind.
KINDS = {"grm": "thresholds", "nominal": "nominal"}


@dataclass(frozen=True, slots=True)
class Anchors:
    """Common items in one order.

    labels         (n_anchors,);  weights: (n_anchors,) of each item in a mean or a criterion
    source, target    their parameters in the two calibrations
    at_source, at_target    (n_anchors,) where they stand there
    left_out       (label, why) of items with one label in both that are no anchors
    """

    labels: tuple[str, ...]
    weights: FloatArray
    source: ItemParameters
    target: ItemParameters
    at_source: IndexArray
    at_target: IndexArray
    left_out: tuple[tuple[str, str], ...]


def items_of(calibrated: Source) -> ItemParameters:
    """Return the item parameters of a calibration of any kind, or those given.

    Nothing else is a calibration: difficulties drawn towards judged grades, made for planning, link nothing.
    """
    found = getattr(calibrated, "parameters", calibrated)
    if not isinstance(found, ItemParameters):
        raise ValueError(
            f"scales are linked by calibrated ItemParameters or a calibration, not by {type(calibrated).__name__}"
        )
    return found


def common_items(
    source: Source,
    target: Source,
    *,
    anchors: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
) -> Anchors:
    """Return the items that both calibrations have estimated and that are the same in both.

    anchors : labels; None takes all that stand in both
    weights : label -> weight, 1 where absent

    An item is left out, and the reason said, that has no estimate in one of them, whose fingerprints differ
    where both are known (an edited item is another item), that has other categories or thresholds of another
    meaning, or whose weight is 0.
    """
    source, target = items_of(source), items_of(target)
    place = _places(target)
    wanted = _wanted(source, place, anchors)
    given = _checked_weights(weights, source, target)
    usable = source.estimated, target.estimated
    pairs: list[tuple[str, int, int]] = []
    left_out: list[tuple[str, str]] = []
    for item, label in enumerate(source.items):
        if label not in wanted or label not in place:
            continue
        other = place[label]
        why = _difference(source, item, target, other)
        if not (usable[0][item] and usable[1][other]):
            why = "not estimated"
        elif given.get(label, 1.0) == 0.0:
            why = "weight 0"
        if why:
            left_out.append((label, why))
        else:
            pairs.append((label, item, other))
    at_source = np.array([item for _, item, _ in pairs], dtype=np.intp)
    at_target = np.array([other for _, _, other in pairs], dtype=np.intp)
    return Anchors(
        labels=tuple(label for label, _, _ in pairs),
        weights=frozen([given.get(label, 1.0) for label, _, _ in pairs]),
        source=some_items(source, at_source),
        target=some_items(target, at_target),
        at_source=at_source,
        at_target=at_target,
        left_out=tuple(left_out),
    )


def some_items(parameters: ItemParameters, items: IndexArray) -> ItemParameters:
    """Return the parameters of some of the items, in the order of `items`."""
    return from_estimates(
        [parameters.model[item] for item in items],
        parameters.n_categories[items],
        parameters.estimates[items],
        covariance=parameters.covariance[items],
        joint=None if parameters.joint is None else parameters.joint[items][:, :, items],
        items=[parameters.items[item] for item in items],
        fingerprints=[parameters.fingerprints[item] for item in items],
        scale=parameters.scale,
    )


def _places(parameters: ItemParameters) -> dict[str, int]:
    place = {label: item for item, label in enumerate(parameters.items)}
    if len(place) < len(parameters.items):
        twice = sorted({label for label in parameters.items if parameters.items.count(label) > 1})
        raise ValueError(f"item {twice[0]!r} stands twice in the calibration of scale {parameters.scale!r}")
    return place


def _wanted(source: ItemParameters, place: Mapping[str, int], anchors: Sequence[str] | None) -> set[str]:
    here = set(_places(source))
    if anchors is None:
        return here
    missing = sorted(set(anchors) - (here & set(place)))
    if missing:
        raise ValueError(f"anchor {missing[0]!r} is not in both calibrations")
    return set(anchors)


def _checked_weights(
    weights: Mapping[str, float] | None, source: ItemParameters, target: ItemParameters
) -> dict[str, float]:
    given = {label: float(weight) for label, weight in (weights or {}).items()}
    unknown = sorted(set(given) - set(source.items) - set(target.items))
    if unknown:
        raise ValueError(f"a weight is given for {unknown[0]!r}, which is in neither calibration")
    wrong = sorted(label for label, weight in given.items() if not 0.0 <= weight < np.inf)
    if wrong:
        raise ValueError(f"the weight of anchor {wrong[0]!r} must be 0 or more, found {given[wrong[0]]}")
    return given


def _difference(source: ItemParameters, item: int, target: ItemParameters, other: int) -> str:
    """Return why the two are not the same item, "" where they are."""
    one, two = source.fingerprints[item], target.fingerprints[other]
    if one and two and one != two:
        return "edited"
    if source.n_categories[item] != target.n_categories[other]:
        return "other categories"
    return "" if kind_of(source, item) == kind_of(target, other) else "other model"


def kind_of(parameters: ItemParameters, item: int) -> str:
    """Return what an item's thresholds are: those of one kind can be compared."""
    return "" if parameters.n_categories[item] == 2 else KINDS.get(parameters.model[item], "steps")
