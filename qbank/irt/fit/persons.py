"""Person fit: lz, its corrected form lz*, infit and outfit of each person's answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.blocks import group_by_form
from qbank.irt.display import shown
from qbank.irt.fit import two_categories
from qbank.irt.fit.mean_squares import LEAST_VARIANCE
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, ScoreArray
from qbank.irt.parameters import Batch, Calibration, ItemParameters, batches_of, frozen
from qbank.irt.scoring.persons import score_persons
from qbank.irt.scoring.population import MeanAndSd, ability_of, answers_to, parameters_of

# Cells of the table of persons by categories that is worked on at a time.
CELLS = 1 << 18
ESTIMATES = ("eap", "map", "ml", "wle")
# Whoever answered fewer items has no fit: one answer is always in keeping with itself.
LEAST_ANSWERS = 2


@dataclass(frozen=True, slots=True)
class PersonFit:
    """Fit of each person's answers, arrays (n_persons,), NaN where it cannot be computed.

    at             estimate of ability that lz, infit and outfit were taken at;  theta: those estimates
    lz             standardised log-likelihood of the answers; low where they go against the model. At an estimate of
                   ability its spread is below 1: compare lz_star with the normal distribution instead
    lz_star        lz corrected for the estimation of ability, at the estimate star_at;  p: its lower tail
    infit, outfit  mean squares, 1 expected;  infit_z, outfit_z: their cube roots standardised
    n_answers      answers to items that have parameters
    status         ok; all lowest, all highest: the answers are extreme and say nothing of consistency; no answers; too
                   few answers
    """

    __repr__ = shown

    at: str
    star_at: str
    theta: FloatArray
    lz: FloatArray
    lz_star: FloatArray
    p: FloatArray
    infit: FloatArray
    outfit: FloatArray
    infit_z: FloatArray
    outfit_z: FloatArray
    n_answers: IndexArray
    status: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("theta", "lz", "lz_star", "p", "infit", "outfit", "infit_z", "outfit_z"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def person_fit(
    scores: ArrayLike,
    source: Calibration | ItemParameters,
    *,
    at: str = "eap",
    ability: MeanAndSd | None = None,
    groups: Sequence[str] | None = None,
) -> PersonFit:
    """Return how well each person's answers keep to the model.

    scores : (n_persons, n_items), category 0..K−1, −1 not seen; the items in the order of the parameters
    at : "eap", "map", "ml" or "wle". lz_star needs an estimate that solves an equation: where at is "eap", WLE
    ability, groups : as for score_persons

    lz = (l - E l) / sd(l), l being the log-likelihood of the answers; Drasgow, Levine & Williams (1985), for
    items of any number of categories (mirt's Zh). lz_star puts log P_k - c r_k in place of log P_k, r_k = d log P_k / d
    theta, c = sum P'_k log P_k / sum P'_k r_k, and adds c r_0, r_0 being what the estimate's equation has beside the
    score: 0 for ML, (mean - theta) / sd^2 for MAP, J / 2I for WLE; Snijders (2001), for items of two
    categories, and Sinharay (2016).
    outfit = mean of (x - E)^2 / V, infit = sum of (x - E)^2 / sum of V, V held at 0.003 or more; z = (m^(1/3) - 1) 3 /
    q + q / 3, q^2 being the variance of m, Wright & Masters (1982), ch. 5.

    >>> from qbank.irt import item_parameters
    >>> items = item_parameters("rasch", a=[1.0] * 6, b=[-2.0, -1.0, -0.5, 0.5, 1.0, 2.0])
    >>> found = person_fit([[1, 1, 1, 0, 0, 0], [0, 1, 0, 1, 0, 1]], items)
    >>> found.lz.round(1), found.p.round(2)
    (array([ 1.2, -3.1]), array([0.88, 0.  ]))
    """
    from scipy.special import ndtr

    if at not in ESTIMATES:
        raise ValueError(f"unknown at {at!r} ({', '.join(ESTIMATES)})")
    star_at = "wle" if at == "eap" else at
    parameters = parameters_of(source)
    answers = answers_to(parameters, scores)
    theta = score_persons(answers, source, method=at, ability=ability, groups=groups).theta
    star = theta
    if star_at != at:
        star = score_persons(answers, source, method=star_at, ability=ability, groups=groups).theta
    mean, sd = ability_of(source, ability, groups, answers.shape[0])
    n_answers = (answers != NOT_SEEN).sum(axis=1)
    whole = n_answers >= LEAST_ANSWERS
    found = np.full((6, answers.shape[0]), np.nan)
    for block in group_by_form(answers, np.zeros(answers.shape[0], dtype=np.intp), collapse=False):
        batches = batches_of(parameters, block.items)
        plain = block.seen is None and all(batch.n_categories == 2 for batch in batches)
        cells = two_categories.CELLS // block.items.size if plain else CELLS // int(parameters.n_categories[block.items].sum())
        size = max(64, cells)
        for low in range(0, block.persons.size, size):
            persons = block.persons[low : low + size]
            rows = persons[whole[persons] & np.isfinite(theta[persons])]
            found[:5, rows] = _at(batches, answers[rows], theta[rows], plain=plain)
            rows = persons[whole[persons] & np.isfinite(star[persons])]
            extra = (mean[rows] - star[rows]) / sd[rows] ** 2 if star_at == "map" else np.zeros(rows.size)
            warm = star_at == "wle"
            if plain:
                log, variance = two_categories.plain_star(batches, answers[rows], star[rows], extra, warm=warm)
                found[5, rows] = _ratio(log, np.sqrt(variance))
            else:
                found[5, rows] = _corrected(batches, answers[rows], star[rows], extra, warm=warm)
    lz, infit, outfit, infit_z, outfit_z, lz_star = found
    status = _status(parameters, answers, n_answers)
    return PersonFit(
        at, star_at, theta, lz, lz_star, ndtr(lz_star), infit, outfit, infit_z, outfit_z, n_answers, status
    )


@dataclass(frozen=True, slots=True)
class _Answers:
    """A batch's probabilities at the persons' abilities, (n_items, n_categories, n_persons), and their answers.

    chosen: the same shape, 1 in the category answered;  seen: (n_items, n_persons)
    """

    log_probability: FloatArray
    probability: FloatArray
    chosen: FloatArray
    seen: FloatArray


def _answers(batch: Batch, answers: ScoreArray, theta: FloatArray) -> _Answers:
    log_probability = batch.model.log_probability(batch.values, theta)
    part = answers[:, batch.items].T
    chosen = part[:, None] == np.arange(batch.n_categories)[:, None]
    return _Answers(
        log_probability,
        np.exp(log_probability),
        chosen.astype(np.float64),
        (part != NOT_SEEN).astype(np.float64),
    )


def _at(batches: Sequence[Batch], answers: ScoreArray, theta: FloatArray, *, plain: bool) -> FloatArray:
    """Return lz, infit, outfit, infit_z, outfit_z at finite abilities, (5, n_persons)."""
    if plain:
        own = two_categories.plain_sums(batches, answers, theta)
        sums = {name: getattr(own, name) for name in own.__slots__}
        return _of_sums(sums | {"seen": np.full(theta.size, float(sum(batch.items.size for batch in batches)))})
    names = ("log", "log_variance", "square", "variance", "standard", "fourth", "fourth_standard", "seen")
    total = dict.fromkeys(names, np.zeros(theta.size))
    for batch in batches:
        of = _answers(batch, answers, theta)
        mean_log = (of.probability * of.log_probability).sum(axis=1)
        category = np.arange(batch.n_categories, dtype=np.float64)[:, None]
        mean = (of.probability * category).sum(axis=1)
        deviation = category - mean[:, None]
        variance = np.maximum((of.probability * deviation**2).sum(axis=1), LEAST_VARIANCE)
        fourth = (of.probability * deviation**4).sum(axis=1)
        square = (of.chosen * deviation**2).sum(axis=1)
        spread = (of.probability * (of.log_probability - mean_log[:, None]) ** 2).sum(axis=1)
        for name, value in zip(
            names,
            (
                (of.chosen * of.log_probability).sum(axis=1) - mean_log,
                spread,
                square,
                variance,
                square / variance,
                fourth - variance**2,
                fourth / variance**2,
                np.ones_like(variance),
            ),
            strict=True,
        ):
            total[name] = total[name] + (value * of.seen).sum(axis=0)
    return _of_sums(total)


def _of_sums(total: dict[str, FloatArray]) -> FloatArray:
    n = total["seen"]
    infit, outfit = _ratio(total["square"], total["variance"]), _ratio(total["standard"], n)
    infit_sd = np.sqrt(_ratio(np.maximum(total["fourth"], 0.0), total["variance"] ** 2))
    outfit_sd = np.sqrt(np.maximum(_ratio(total["fourth_standard"], n**2) - _ratio(np.ones_like(n), n), 0.0))
    return np.stack(
        (
            _ratio(total["log"], np.sqrt(total["log_variance"])),
            infit,
            outfit,
            _standardised(infit, infit_sd),
            _standardised(outfit, outfit_sd),
        )
    )


def _corrected(
    batches: Sequence[Batch], answers: ScoreArray, theta: FloatArray, extra: FloatArray, *, warm: bool
) -> FloatArray:
    """Return lz_star at finite abilities; extra: r_0 of the estimate, (n_persons,), to which WLE adds its own."""
    log, gain, information, bias = (np.zeros(theta.size) for _ in range(4))
    parts = []
    for batch in batches:
        of = _answers(batch, answers, theta)
        slope = batch.model.ability_gradient(batch.values, theta)
        mean_log = (of.probability * of.log_probability).sum(axis=1)
        log += (((of.chosen * of.log_probability).sum(axis=1) - mean_log) * of.seen).sum(axis=0)
        gain += ((of.probability * slope * of.log_probability).sum(axis=1) * of.seen).sum(axis=0)
        information += ((of.probability * slope**2).sum(axis=1) * of.seen).sum(axis=0)
        if warm:
            curvature = batch.model.ability_curvature(batch.values, theta) + slope**2
            bias += ((of.probability * slope * curvature).sum(axis=1) * of.seen).sum(axis=0)
        parts.append((of, slope))
    if warm:
        extra = extra + _ratio(bias, 2.0 * information)
    share = _ratio(gain, information)
    variance = np.zeros(theta.size)
    for of, slope in parts:
        weight = of.log_probability - share * slope
        mean = (of.probability * weight).sum(axis=1, keepdims=True)
        variance += ((of.probability * (weight - mean) ** 2).sum(axis=1) * of.seen).sum(axis=0)
    return _ratio(log + share * extra, np.sqrt(variance))


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 1e-12)


def _standardised(mean_square: FloatArray, sd: FloatArray) -> FloatArray:
    """Return mean squares as nearly normal deviates: the cube root, Wilson & Hilferty (1931)."""
    return _ratio(3.0 * (np.cbrt(mean_square) - 1.0), sd) + sd / 3.0


def _status(parameters: ItemParameters, answers: ScoreArray, n_answers: IndexArray) -> tuple[str, ...]:
    usable = parameters.estimated
    part, top = answers[:, usable], parameters.n_categories[usable] - 1
    seen = part != NOT_SEEN
    words = np.full(answers.shape[0], "ok", dtype=object)
    words[((part == 0) | ~seen).all(axis=1)] = "all lowest"
    words[((part == top) | ~seen).all(axis=1)] = "all highest"
    words[n_answers < LEAST_ANSWERS] = "too few answers"
    words[n_answers == 0] = "no answers"
    return tuple(words.tolist())
