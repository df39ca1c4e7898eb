"""Which model the data support, and what the sample is too small for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.answers import checked_scores
from qbank.irt.calibration.estimate import calibrate
from qbank.irt.criteria import (
    InformationCriteria,
    LikelihoodRatio,
    information_criteria,
    likelihood_ratio,
    nested,
)
from qbank.irt.display import shown
from qbank.irt.models import FloatArray, IndexArray, Mask
from qbank.irt.parameters import Calibration, frozen

# Persons an item below which a model's parameters are not to be trusted.
FLOORS = {"rasch": 100, "1pl": 100, "2pl": 500, "3pl": 1000, "4pl": 1000, "pcm": 100, "rsm": 100, "gpcm": 500,
          "grm": 500, "nominal": 500}  # fmt: skip
# What stands in for a right/wrong model where an item has more categories.
MANY_CATEGORIES = {"rasch": "pcm", "2pl": "gpcm", "3pl": "gpcm", "4pl": "gpcm"}
# An informative guess about guessing: worth so many persons who know nothing.
GUESSING_STRENGTH = 20.0
UNKNOWN_OPTIONS = 4.0
# Kass & Raftery (1995): a difference of less in BIC is not worth more than a bare mention.
BARE_MENTION = 2.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model of a comparison.

    floor          persons an item that it needs, 0 if unknown
    below          labels of the estimated items with fewer: what the model says of them is not to be trusted
    flagged        labels of the items without a usable estimate (their words are in `fit.status`)
    prior          whether a prior took part: then the criteria are those at the mode of the posterior
    status         ok; too few persons (more than half of the items are below); not converged
    """

    __repr__ = shown

    model: str
    fit: Calibration
    criteria: InformationCriteria
    floor: int
    below: tuple[str, ...]
    flagged: tuple[str, ...]
    prior: bool
    status: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which of some models the data support.

    candidates    in the order asked
    tests         of every nested pair
    supported     the model to use, None where none can be
    status        clear (AIC, BIC and SABIC agree); weak (they agree, BIC by less than 2); mixed (they disagree: the
                  BIC's choice is named, which errs towards the simpler model); too few persons (no model has enough:
                  the one that needs the fewest is named); not converged
    facts         what the status rests on: best_aic, best_bic, best_sabic, bic_margin (to the next model that is ok, NaN
                  without one), left_out (model -> status of those that are not ok), floors (model -> persons an item),
                  options_known
    """

    __repr__ = shown

    candidates: tuple[Candidate, ...]
    tests: tuple[LikelihoodRatio, ...]
    supported: str | None
    status: str
    facts: Mapping[str, object]

    def candidate(self, model: str) -> Candidate:
        """Return the candidate of a model."""
        return next(one for one in self.candidates if one.model == model)


def guessing_prior(n_options: ArrayLike, *, strength: float = GUESSING_STRENGTH) -> tuple[str, FloatArray, FloatArray]:
    """Return a beta prior of the lower asymptote with mean 1 / options, worth `strength` answers.

    n_options : (n_items,) options of each item, 2 for true or false; below 2 or NaN where nothing can be guessed
    (then NaN: no prior)

    >>> guessing_prior([4, 2])
    ('beta', array([ 5., 10.]), array([15., 10.]))
    """
    options = np.asarray(n_options, dtype=np.float64)
    if not strength > 0:
        raise ValueError(f"the strength of a prior must be above 0, found {strength}")
    chance = np.divide(1.0, options, out=np.full(options.shape, np.nan), where=options >= 2.0)
    return "beta", strength * chance, strength * (1.0 - chance)


def compare(
    scores: ArrayLike,
    models: str | Sequence[str] = ("rasch", "2pl", "3pl"),
    *,
    n_options: ArrayLike | None = None,
    **options: Any,
) -> Comparison:
    """Return which of some models the data support.

    scores : (n_persons, n_items), category numbers, −1 not seen. A half-mark item is scored 0 and 1 like any other:
        marks do not enter a calibration
    models : words of MODELS. An item with more than two categories has pcm instead of rasch, and gpcm instead of the
        others
    n_options : (n_items,) options of each item, or one number. The 3PL's and 4PL's c has a beta prior with mean
        1 / options (0.5 for true or false, 2 options); an item with fewer than 2 has nothing to guess and is 2pl there.
        None: 4 are assumed, and the facts say that they are not known
    options : of `calibrate`: groups, n_nodes, errors, ... ; own priors take the place of the one on c

    A model is left out of the choice when most items have fewer persons than its floor (Rasch 100, 2PL 500, 3PL 1,000)
    or when it did not converge.

    >>> from qbank.irt import item_parameters, simulate
    >>> items = item_parameters("2pl", a=np.ones(8), b=np.linspace(-1.5, 1.5, 8))
    >>> theta = np.random.default_rng(1).normal(size=600)
    >>> found = compare(simulate(items, theta, seed=2), ("rasch", "2pl"))
    >>> found.supported, found.status, found.facts["best_aic"]
    ('rasch', 'clear', 'rasch')
    """
    models = (models,) if isinstance(models, str) else tuple(models)
    if not models or len(set(models)) < len(models):
        raise ValueError(f"models to compare are named once each, found {tuple(models)}")
    answers = checked_scores(scores)
    n_categories = answers.max(axis=0, initial=1).astype(np.intp) + 1
    choices = _options(n_options, answers.shape[1])
    candidates = []
    for model in models:
        words = _words_of(model, n_categories, choices)
        given = dict(options)
        if any(word in ("3pl", "4pl") for word in words):
            given.setdefault("priors", {"c": guessing_prior(choices)})
        candidates.append(_candidate(model, calibrate(answers, model=words, **given), bool(given.get("priors"))))
    supported, status, facts = _verdict(candidates)
    return Comparison(
        candidates=tuple(candidates),
        tests=tuple(_tests(candidates)),
        supported=supported,
        status=status,
        facts={**facts, "options_known": n_options is not None},
    )


def _options(n_options: ArrayLike | None, n_items: int) -> FloatArray:
    """Return how many options each item has, (n_items,)."""
    given = np.asarray(UNKNOWN_OPTIONS if n_options is None else n_options, dtype=np.float64)
    if given.shape not in ((), (n_items,)):
        raise ValueError(f"n_options must be one number or one for each of {n_items} items, found shape {given.shape}")
    return frozen(np.broadcast_to(given, (n_items,)))


def _words_of(model: str, n_categories: IndexArray, choices: FloatArray) -> tuple[str, ...]:
    """Return the word of each item for one model of the comparison."""
    guessed = model in ("3pl", "4pl")
    return tuple(
        MANY_CATEGORIES.get(model, model) if n > 2 else "2pl" if guessed and not chance >= 2.0 else model
        for n, chance in zip(n_categories.tolist(), choices.tolist(), strict=True)
    )


def _candidate(model: str, fit: Calibration, prior: bool) -> Candidate:
    floor = FLOORS.get(model, 0)
    estimated = fit.parameters.estimated
    low = estimated & (fit.n_answers < floor)
    few = 2 * int(low.sum()) > int(estimated.sum())
    return Candidate(
        model=model,
        fit=fit,
        criteria=information_criteria(fit),
        floor=floor,
        below=_labels(fit, low),
        flagged=_labels(fit, ~estimated),
        prior=prior,
        status="not converged" if not fit.converged else "too few persons" if few or not estimated.any() else "ok",
    )


def _labels(fit: Calibration, which: Mask) -> tuple[str, ...]:
    return tuple(fit.parameters.items[item] for item in np.flatnonzero(which))


def _tests(candidates: Sequence[Candidate]) -> Iterator[LikelihoodRatio]:
    """Yield the test of every nested pair, by the words that were asked for."""
    for small in candidates:
        for large in candidates:
            if nested(small.fit.parameters.model, large.fit.parameters.model):
                yield replace(likelihood_ratio(small.fit, large.fit), smaller=small.model, larger=large.model)


def _verdict(candidates: Sequence[Candidate]) -> tuple[str | None, str, dict[str, object]]:
    """Return the supported model, the status, and what it rests on."""
    usable = [one for one in candidates if one.status == "ok"]
    converged = [one for one in candidates if one.status != "not converged"]
    pool = usable or converged
    best = {
        name: min(pool, key=lambda one: getattr(one.criteria, name)).model if pool else None
        for name in ("aic", "bic", "sabic")
    }
    bics = sorted(one.criteria.bic for one in usable)
    margin = bics[1] - bics[0] if len(bics) > 1 else float("nan")
    facts: dict[str, object] = {
        **{f"best_{name}": model for name, model in best.items()},
        "bic_margin": margin,
        "left_out": {one.model: one.status for one in candidates if one.status != "ok"},
        "floors": {one.model: one.floor for one in candidates},
    }
    if not converged:
        return None, "not converged", facts
    if not usable:
        return min(converged, key=lambda one: one.floor).model, "too few persons", facts
    status = "mixed" if len(set(best.values())) > 1 else "weak" if margin < BARE_MENTION else "clear"
    return best["bic"], status, facts
