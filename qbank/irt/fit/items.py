"""How well items fit: mean squares, S-X2, Q1 and G2, RMSD, Zh."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.answers import checked_scores
from qbank.irt.display import shown
from qbank.irt.fit.ability_groups import grouped_fit
from qbank.irt.fit.answer_likelihood import answer_fit
from qbank.irt.fit.evidence import Evidence, gather
from qbank.irt.fit.mean_squares import LEAST_VARIANCE, mean_squares
from qbank.irt.fit.rmsd import deviations
from qbank.irt.fit.sum_score_groups import sum_score_fit
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.parameters import Calibration, ItemParameters, frozen
from qbank.irt.scoring.population import MeanAndSd

SPREADS = ("counted", "not counted")
# What each word computes: the fields of ItemFit that its function returns.
STATISTICS: dict[str, Callable[[Evidence, "Choices"], Mapping[str, FloatArray]]] = {
    "mean_squares": lambda evidence, choices: mean_squares(evidence, choices.least_variance),
    "s_x2": lambda evidence, choices: sum_score_fit(evidence, spread=choices.spread),
    "q1": lambda evidence, choices: grouped_fit(evidence, choices.n_groups),
    "rmsd": lambda evidence, choices: deviations(evidence),
    "zh": lambda evidence, choices: answer_fit(evidence),
}
ALSO = {"infit": "mean_squares", "outfit": "mean_squares", "x2": "q1", "g2": "q1", "md": "rmsd"}


@dataclass(frozen=True, slots=True)
class Choices:
    """Settings of the statistics, by the names that item_fit has for them."""

    n_groups: int
    spread: str
    least_variance: float


@dataclass(frozen=True, slots=True)
class ItemFit:
    """Fit of each item, arrays (n_items,), NaN where it was not asked for or cannot be computed.

    items                 labels;  at: the abilities that mean squares, Q1, G2 and Zh were taken at
    infit, outfit         mean squares, 1 expected;  z_infit, z_outfit: N(0, 1) where the model holds (at the posterior)
    s_x2, _df, _p, _rmsea, _persons    sum scores; the persons that they rest on
    q1, _df, _p, _rmsea   Pearson's chi-square over ability groups;  g2 ...: the likelihood ratio
    rmsd, md              distance of the observed curve from the model's, and its mean (+: easier than modelled)
    zh                    log-likelihood of the answers as a normal deviate
    n_answers             (n_items,) answers to items that have parameters
    status                per item: ok, or why it has no fit: not seen, no parameters, or the calibration's word
    definitions           word of STATISTICS -> the definition that was used
    """

    __repr__ = shown

    items: tuple[str, ...]
    at: str
    infit: FloatArray
    outfit: FloatArray
    z_infit: FloatArray
    z_outfit: FloatArray
    s_x2: FloatArray
    s_x2_df: FloatArray
    s_x2_p: FloatArray
    s_x2_rmsea: FloatArray
    s_x2_persons: FloatArray
    q1: FloatArray
    q1_df: FloatArray
    q1_p: FloatArray
    q1_rmsea: FloatArray
    g2: FloatArray
    g2_df: FloatArray
    g2_p: FloatArray
    g2_rmsea: FloatArray
    rmsd: FloatArray
    md: FloatArray
    zh: FloatArray
    n_answers: IndexArray
    status: tuple[str, ...]
    definitions: Mapping[str, str]

    def __post_init__(self) -> None:
        for name in _ARRAYS:
            object.__setattr__(self, name, frozen(getattr(self, name)))


_ARRAYS = tuple(field.name for field in fields(ItemFit) if field.type is FloatArray)


def item_fit(
    scores: ArrayLike,
    source: Calibration | ItemParameters,
    *,
    at: str = "posterior",
    groups: Sequence[str] | None = None,
    ability: MeanAndSd | None = None,
    statistics: Sequence[str] = tuple(STATISTICS),
    n_groups: int = 10,
    spread: str = "counted",
    extremes: str = "near",
    least_variance: float = LEAST_VARIANCE,
) -> ItemFit:
    """Return the fit of each item to scores: those that it was calibrated from, or others.

    scores : (n_persons, n_items), the category 0, 1, ... of each answer, −1 not seen
    source : a calibration, with its ability distribution; or bare parameters, with `ability`
    at : "posterior" averages squared residuals over each person's posterior, so that 1 is expected in short
        tests too; "eap", "wle" or "ml" takes them at a point estimate, as other programs do, which pulls outfit
        below 1. Q1, G2 and Zh are at the EAP when this is "posterior".
    groups : (n_persons,) labels, when the calibration has groups
    ability : mean and sd of the ability distribution; None takes the calibration's, or (0, 1) for bare parameters
    statistics : words of STATISTICS, or of what they compute: infit, outfit, g2, md
    n_groups : ability groups of Q1 and G2
    spread : "counted": an item whose slope is given while the spread of ability is estimated (Rasch) loses one more
        df of S-X2, as if the spread were its common slope; "not counted": it does not
    extremes : with "wle" and "ml", persons without a finite ability are put 0.1 beyond the farthest finite one
        ("near") or "left out"
    least_variance : at point estimates no residual is divided by less, lest one answer decides an item's outfit

    The definitions, with their sources: mean_squares, sum_score_fit, grouped_fit, deviations and answer_fit, in
    modules of this package. With estimated parameters df are reduced by the values estimated for the item; parameters
    of another sample cost none.

    >>> from qbank.irt import calibrate
    >>> scores = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]] * 20)
    >>> item_fit(scores, calibrate(scores, model="rasch")).infit.round(1)
    array([1., 1., 1.])
    """
    words = _words(statistics)
    if spread not in SPREADS:
        raise ValueError(f"unknown spread {spread!r} ({', '.join(SPREADS)})")
    if n_groups < 2:
        raise ValueError(f"n_groups must be 2 or more, found {n_groups}")
    evidence = gather(scores, source, at=at, groups=groups, ability=ability, extremes=extremes)
    found: dict[str, FloatArray] = {name: np.full(evidence.answers.shape[1], np.nan) for name in _ARRAYS}
    choices = Choices(n_groups, spread, least_variance)
    with threadpool_limits(1, user_api="blas"):
        for word in words:
            found.update(STATISTICS[word](evidence, choices))
    return ItemFit(
        items=evidence.parameters.items,
        at=at,
        n_answers=evidence.seen.sum(axis=0),
        status=_status(evidence),
        definitions={word: _definitions(at, choices)[word] for word in words},
        **found,
    )


def _words(statistics: Sequence[str]) -> tuple[str, ...]:
    """Return the words of STATISTICS that are meant, each once."""
    asked = (statistics,) if isinstance(statistics, str) else tuple(statistics)
    words = tuple(dict.fromkeys(ALSO.get(word, word) for word in asked))
    unknown = [word for word in words if word not in STATISTICS]
    if unknown:
        raise ValueError(f"unknown statistic {unknown[0]!r} ({', '.join((*STATISTICS, *ALSO))})")
    return words


def item_fit_by_group(
    scores: ArrayLike, source: Calibration | ItemParameters, groups: Sequence[str], **settings: Any
) -> dict[str, ItemFit]:
    """Return the fit of each item within each group of persons, by the group's label.

    groups : (n_persons,) labels; those of the calibration, whose ability distributions are then used, or, where the
        calibration has none, any others
    settings : as for item_fit. The df are those of parameters estimated within the group, so that p values are on
        the small side where the groups were calibrated together.
    """
    answers, labels = checked_scores(scores), np.asarray(groups, dtype=np.str_)
    if labels.shape != answers.shape[:1]:
        raise ValueError(f"{labels.size} groups for {answers.shape[0]} persons")
    own = isinstance(source, Calibration) and bool(source.groups)
    found = {}
    for label in np.unique(labels).tolist():
        rows = np.flatnonzero(labels == label)
        own_groups = [label] * rows.size if own else None
        found[label] = item_fit(answers[rows], source, groups=own_groups, **settings)
    return found


def _status(evidence: Evidence) -> tuple[str, ...]:
    n_items = len(evidence.parameters.items)
    source = evidence.source
    words = source.status if isinstance(source, Calibration) else ("no parameters",) * n_items
    estimated, seen = evidence.parameters.estimated, np.asarray(evidence.seen.any(axis=0))
    fitted = np.where(seen, "ok", "not seen").tolist()
    return tuple(fitted[item] if estimated[item] else words[item] for item in range(n_items))


def _definitions(at: str, choices: Choices) -> dict[str, str]:
    point = "eap" if at == "posterior" else at
    return {
        "mean_squares": "averaged over the posterior; z by their variance under the model, estimation taken out"
        if at == "posterior"
        else f"Wright & Masters 1982 at {at}, variance at least {choices.least_variance:.3g}, z by Wilson-Hilferty",
        "s_x2": "Orlando & Thissen 2000, Kang & Chen 2008: by form of 100 persons or more, the others pooled by the "
        f"score expected from their other answers; at least 1 expected; spread of ability {choices.spread}",
        "q1": f"Yen 1981, McKinley & Mills 1985: {choices.n_groups} groups of equal size by {point}, the curve at "
        "their mean ability",
        "rmsd": "pseudo-counts of the posterior, weighted by the ability distribution, mean over categories",
        "zh": f"Drasgow, Levine & Williams 1985 at {point}",
    }
