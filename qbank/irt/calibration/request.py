"""What a caller asks of a calibration, checked: answers, models, anchors, priors, groups, covariates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbank.irt.ability import ABILITIES
from qbank.irt.answers import categories, highest_scores, usable
from qbank.irt.calibration.anchors import Fixed, GivenTies, anchored, checked_ties
from qbank.irt.calibration.design import ItemPriors, Ties
from qbank.irt.models import MODELS, FloatArray, IndexArray, Mask
from qbank.irt.parameters import ItemParameters, labels, model_words
from qbank.irt.priors import Priors, checked_priors
from qbank.irt.regression import Covariates, checked_covariates
from qbank.irt.respondents import Answers

ERRORS = ("observed", "sandwich", "cross-product", "none")
DESIGNS = ("anchor", "spiralled")
Words = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Request:
    """A checked call.

    words, labels of the items;  n_categories, n_answers: (n_items,)
    anchors       (n_items, n_most) fixed values, NaN where free;  priors, ties: of the item values
    ability       normal or histogram;  design: anchor or spiralled;  errors: which are wanted
    groups        labels, ("",) without;  grouped: whether the caller gave groups
    covariates    (n_persons, n_covariates) with mean 0 and sd 1, or None;  covariate_names
    middle, spread    (n_covariates,) their means and sds as given
    status        (n_items,) ok, or why an item cannot be estimated;  used: (n_used,) the items that are ok
    shares        of persons in each category, for each item
    """

    words: tuple[str, ...]
    labels: tuple[str, ...]
    n_categories: IndexArray
    n_answers: IndexArray
    anchors: FloatArray
    priors: ItemPriors
    ties: Ties
    ability: str
    design: str
    errors: str
    groups: tuple[str, ...]
    grouped: bool
    covariates: FloatArray | None
    covariate_names: tuple[str, ...]
    middle: FloatArray
    spread: FloatArray
    status: Words
    used: IndexArray
    shares: tuple[FloatArray, ...]


def checked(
    answers: Answers,
    *,
    model: str | Sequence[str],
    fixed: Fixed | None,
    equal: GivenTies,
    priors: Priors | None,
    ability: str,
    covariates: Covariates | None,
    design: str,
    n_categories: ArrayLike | None,
    items: Sequence[str] | None,
    fingerprints: Sequence[str] | None,
    errors: str,
) -> Request:
    """Return what `calibrate` was asked for, or say what is wrong with the call."""
    _checked_words(ability, design, errors)
    n_items = answers.counts.shape[1]
    covariate_names, table = checked_covariates(covariates, answers.n_persons)
    if table is not None and ability != "normal":
        raise ValueError("covariates need a normal distribution of ability")
    standard, middle, spread = _standard(table)
    words, names = model_words(model, n_items), labels(items, n_items)
    highest = highest_scores(answers.counts)
    n_own = categories(highest, words, _known_categories(fixed, names, highest, words, n_categories), names)
    anchors = anchored(fixed, words, n_own, names)
    known = {name for word, k in zip(words, n_own, strict=True) for name in MODELS[word].parameters(int(k))}
    if fingerprints is not None and len(fingerprints) != n_items:
        raise ValueError(f"{len(fingerprints)} fingerprints for {n_items} items")
    status, shares = usable(answers.counts, words, n_own, np.any(_free(anchors, words, n_own), axis=1))
    return Request(
        words=words,
        labels=names,
        n_categories=n_own,
        n_answers=answers.counts.sum(axis=0, dtype=np.intp),
        anchors=anchors,
        priors=checked_priors(priors, n_items, known),
        ties=checked_ties(equal, words, n_own, names),
        ability=ability,
        design=design,
        errors=errors,
        groups=answers.groups,
        grouped=answers.grouped,
        covariates=standard,
        covariate_names=covariate_names,
        middle=middle,
        spread=spread,
        status=status,
        used=np.flatnonzero(status == "ok"),
        shares=tuple(shares),
    )


def _checked_words(ability: str, design: str, errors: str) -> None:
    for value, known, what in (
        (ability, tuple(ABILITIES), "ability"),
        (design, DESIGNS, "design"),
        (errors, ERRORS, "errors"),
    ):
        if value not in known:
            raise ValueError(f"unknown {what} {value!r} ({', '.join(known)})")


def _known_categories(
    fixed: Fixed | None,
    names: Sequence[str],
    highest: IndexArray,
    words: Sequence[str],
    given: ArrayLike | None,
) -> ArrayLike | None:
    """Return the categories that the call states, those of fixed ItemParameters included."""
    if given is not None or not isinstance(fixed, ItemParameters):
        return given
    place = {label: int(k) for label, k in zip(fixed.items, fixed.n_categories, strict=True)}
    least = [MODELS[word].categories[0] for word in words]
    return [place.get(name, max(int(k), low)) for name, k, low in zip(names, highest + 1, least, strict=True)]


def _standard(table: FloatArray | None) -> tuple[FloatArray | None, FloatArray, FloatArray]:
    """Return covariates with mean 0 and sd 1, their means and their sds."""
    if table is None or not table.size:
        return None, np.empty(0), np.empty(0)
    middle, spread = table.mean(axis=0), table.std(axis=0)
    return (table - middle) / spread, middle, spread


def _free(anchors: FloatArray, words: Sequence[str], n_categories: IndexArray) -> Mask:
    """Return which values are to be estimated, (n_items, n_most)."""
    own = np.array(
        [len(MODELS[word].parameters(int(k))) for word, k in zip(words, n_categories, strict=True)], dtype=np.intp
    )
    free: Mask = np.isnan(anchors) & (np.arange(anchors.shape[1]) < own[:, None])
    return free
