"""How well items fit: infit and outfit mean squares, and S-X2."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.ability import log_normal_weights
from qbank.irt.answers import checked_scores
from qbank.irt.information import expected_score
from qbank.irt.likelihood import expect, group_by_form
from qbank.irt.models import MODELS, NOT_SEEN, FloatArray, IndexArray, ScoreArray
from qbank.irt.parameters import Calibration, first_rows, frozen, log_probability_table
from qbank.irt.population import ability_of
from qbank.irt.scoring import score_persons
from qbank.irt.sum_scores import sum_score_distribution

# S-X2 joins neighbouring sum scores until every cell expects at least this many persons.
LEAST_EXPECTED = 1.0


@dataclass(frozen=True, slots=True)
class ItemFit:
    """Fit of each item, arrays (n_items,), NaN where it cannot be computed.

    infit, outfit      mean squares, 1 expected; at: the abilities that they were taken at
    s_x2, s_x2_df, s_x2_p    Orlando & Thissen (2000); n_complete: persons who answered all estimated items
    """

    at: str
    infit: FloatArray
    outfit: FloatArray
    s_x2: FloatArray
    s_x2_df: FloatArray
    s_x2_p: FloatArray
    n_answers: IndexArray
    n_complete: int

    def __post_init__(self) -> None:
        for name in ("infit", "outfit", "s_x2", "s_x2_df", "s_x2_p"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def item_fit(
    scores: ArrayLike, fit: Calibration, *, at: str = "posterior", groups: Sequence[str] | None = None
) -> ItemFit:
    """Return the fit of each item of a calibration to the scores that it was made from.

    scores : (n_persons, n_items), 1 right, 0 wrong, −1 not seen
    at : "posterior" averages squared residuals over each person's posterior, so that 1 is expected in short
        tests too; "eap", "wle" or "ml" takes them at a point estimate, which pulls outfit below 1
    groups : (n_persons,) labels, when the calibration has groups

    outfit = mean of (x - E)^2 / V, infit = sum of (x - E)^2 / sum of V, over the persons who saw the item;
    Wright & Masters (1982), ch. 5.
    S-X2 = sum over sum scores of N_k (O_k - E_k)^2 / (E_k (1 - E_k)), Orlando & Thissen (2000), eq. 4, over
    persons who answered every estimated item; a score with fewer than 1 right or wrong expected joins its neighbour
    towards the middle; df = cells - values estimated for the item alone.

    >>> from qbank.irt import calibrate
    >>> scores = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]] * 20)
    >>> item_fit(scores, calibrate(scores, model="rasch")).infit.round(1)
    array([1., 1., 1.])
    """
    if at not in ("posterior", "eap", "wle", "ml"):
        raise ValueError(f"unknown at {at!r} (posterior, eap, wle, ml)")
    answers = checked_scores(scores)
    n_items = len(fit.parameters.items)
    if answers.shape[1] != n_items:
        raise ValueError(f"scores of {answers.shape[1]} items for parameters of {n_items}")
    mean, sd = ability_of(fit, None, groups, answers.shape[0])
    used = np.flatnonzero(fit.parameters.estimated)
    if at == "posterior":
        infit, outfit = _mean_squares_of_posterior(answers, fit, used, mean, sd)
    else:
        infit, outfit = _mean_squares(
            answers, fit, score_persons(answers, fit, method=at, groups=groups).theta
        )
    complete = (answers[:, used] != NOT_SEEN).all(axis=1)
    s_x2, df, p = _s_x2(answers[complete], fit, used, mean[complete], sd[complete])
    return ItemFit(at, infit, outfit, s_x2, df, p, (answers != NOT_SEEN).sum(axis=0), int(complete.sum()))


def _mean_squares_of_posterior(
    answers: ScoreArray, fit: Calibration, used: IndexArray, mean: FloatArray, sd: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return infit and outfit from the expected counts of one E-step."""
    infit, outfit = np.full(answers.shape[1], np.nan), np.full(answers.shape[1], np.nan)
    first = first_rows(fit.parameters.n_categories)
    log_probability = np.nan_to_num(log_probability_table(fit.parameters, fit.nodes))
    distributions, group = np.unique(np.column_stack((mean, sd)), axis=0, return_inverse=True)
    estimated = np.isin(np.arange(answers.shape[1]), used)
    blocks = group_by_form(
        np.where(estimated, answers, np.int8(NOT_SEEN)), group.astype(np.intp), collapse=True
    )
    table = expect(blocks, first, log_probability, log_normal_weights(fit.nodes, *distributions.T)).counts
    for item in used:
        counts = table[first[item] : first[item + 1]]
        probability = np.exp(log_probability[first[item] : first[item + 1]])
        category = np.arange(probability.shape[0], dtype=np.float64)[:, None]
        expected = (category * probability).sum(axis=0)
        variance = (category**2 * probability).sum(axis=0) - expected**2
        squares = (counts * (category - expected) ** 2).sum(axis=0)
        persons = counts.sum(axis=0)
        infit[item] = _ratio(squares.sum(), (persons * variance).sum())
        outfit[item] = _ratio((squares / np.maximum(variance, 1e-300)).sum(), persons.sum())
    return infit, outfit


def _mean_squares(answers: ScoreArray, fit: Calibration, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return infit and outfit at point estimates of ability; persons without a finite one are left out."""
    known = np.isfinite(theta)
    answers = answers[known]
    seen = answers != NOT_SEEN
    expected = expected_score(fit.parameters, theta[known]).T
    variance = expected * (1.0 - expected)
    squares = np.where(seen, (answers - expected) ** 2, 0.0)
    infit = _ratio(squares.sum(axis=0), np.where(seen, variance, 0.0).sum(axis=0))
    outfit = _ratio((squares / np.maximum(variance, 1e-300)).sum(axis=0), seen.sum(axis=0).astype(np.float64))
    return infit, outfit


def _ratio(above: ArrayLike, below: ArrayLike) -> FloatArray:
    above, below = np.asarray(above), np.asarray(below)
    ratio: FloatArray = np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
    return ratio


def _s_x2(
    answers: ScoreArray, fit: Calibration, used: IndexArray, mean: FloatArray, sd: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return S-X2, its degrees of freedom and its p value."""
    from scipy.stats import chi2

    s_x2, df, p = (np.full(answers.shape[1], np.nan) for _ in range(3))
    if used.size < 2 or not answers.shape[0]:
        return s_x2, df, p
    part = answers[:, used]
    total = part.sum(axis=1, dtype=np.intp)
    n_by_score = np.bincount(total, minlength=used.size + 1)[1:-1]
    weights = np.exp(log_normal_weights(fit.nodes, mean, sd)).mean(axis=0)
    right = expected_score(fit.parameters, fit.nodes)[used]
    whole = sum_score_distribution(right)
    for place, item in enumerate(used):
        rest = sum_score_distribution(np.delete(right, place, axis=0))
        # Scores 0 and n leave no doubt about the item.
        expected = (rest[:-1] * right[place]) @ weights / (whole[1:-1] @ weights)
        observed = np.bincount(total[part[:, place] == 1], minlength=used.size + 1)[1:-1]
        right_seen, model, n = _joined(observed, expected, n_by_score)
        if n.size:
            s_x2[item] = ((right_seen - model) ** 2 * (1.0 / model + 1.0 / (n - model))).sum()
            df[item] = n.size - _n_free(fit, int(item))
    tested = df > 0
    p[tested] = chi2.sf(s_x2[tested], df[tested])
    return s_x2, df, p


def _n_free(fit: Calibration, item: int) -> int:
    """Return how many values of an item were estimated for it alone."""
    if fit.status[item] == "fixed":
        return 0
    return 2 if MODELS[fit.parameters.model[item]].slope == "own" else 1


def _joined(observed: IndexArray, share: FloatArray, n: IndexArray) -> FloatArray:
    """Return observed right, expected right and persons of the joined scores, (3, n_cells).

    A score that expects too few right or wrong answers joins its neighbour on the side of the middle, the
    outermost first.
    """
    cells = [np.array(cell) for cell in zip(observed, share * n, n, strict=True) if cell[2] > 0]
    while len(cells) > 1:
        small = [i for i, cell in enumerate(cells) if min(cell[1], cell[2] - cell[1]) < LEAST_EXPECTED]
        if not small:
            break
        low = small[0] < len(cells) / 2
        at = small[0] if low else small[-1]
        neighbour = at + 1 if low and at + 1 < len(cells) else at - 1
        cells[neighbour] = cells[neighbour] + cells[at]
        del cells[at]
    if len(cells) == 1 and min(cells[0][1], cells[0][2] - cells[0][1]) < LEAST_EXPECTED:
        cells = []
    return np.array(cells).T if cells else np.empty((3, 0))
