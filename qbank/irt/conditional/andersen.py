"""Are the difficulties the same for everybody? Andersen's likelihood-ratio test of the Rasch and partial credit model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.answers import checked_scores
from qbank.irt.conditional.contrast import forms_of
from qbank.irt.conditional.estimate import ConditionalCalibration, calibrate_conditional
from qbank.irt.display import shown
from qbank.irt.models import FloatArray, IndexArray, ScoreArray
from qbank.irt.parameters import frozen


@dataclass(frozen=True, slots=True)
class AndersenTest:
    """Difficulties estimated in each group of persons against difficulties estimated once.

    statistic     2 (sum of the groups' conditional log-likelihoods − that of all), chi-square with df degrees
                  of freedom where the model holds;  p_value: NaN without a result
    groups        labels;  n_persons: (n_groups,) persons of each whose answers tell something
    items         labels of the items that take part: those with an estimate in every group
    difficulties, errors    (n_groups, n_items) of these, each group's summing to 0
    z             (n_items,) difference between two groups over its error, Fischer & Scheiblechner (1970),
                  NaN where there are not two groups
    status        ok, one group, or no items (fewer than two have an estimate in every group)
    """

    __repr__ = shown

    statistic: float
    df: int
    p_value: float
    groups: tuple[str, ...]
    n_persons: IndexArray
    items: tuple[str, ...]
    difficulties: FloatArray
    errors: FloatArray
    z: FloatArray
    status: str

    def __post_init__(self) -> None:
        for name in ("difficulties", "errors", "z"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        n_persons = np.array(self.n_persons, dtype=np.intp)
        n_persons.setflags(write=False)
        object.__setattr__(self, "n_persons", n_persons)


def andersen_test(
    scores: ArrayLike, fit: ConditionalCalibration, *, split: str | Sequence[str] = "median"
) -> AndersenTest:
    """Return Andersen's test (1973, Psychometrika 38) of one set of difficulties for all groups.

    scores : (n_persons, n_items), those of the calibration
    split : "median" puts the persons of each form into a low and a high group by score, where that parts those
        whose scores tell something most evenly (a score on the border goes down or up as a whole); or a label
        for each person

    Items without an estimate in some group are left out of all, and all are estimated again; persons keep
    their group.

    >>> rng = np.random.default_rng(1)
    >>> ability, difficulty = rng.normal(size=400), np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    >>> scores = (rng.logistic(size=(400, 5)) < ability[:, None] - difficulty).astype(np.int8)
    >>> test = andersen_test(scores, calibrate_conditional(scores))
    >>> test.groups, test.df, test.p_value > 0.001
    (('high', 'low'), 4, True)
    """
    answers = checked_scores(scores)
    usable = np.array([word == "ok" for word in fit.status], dtype=bool)
    if answers.ndim != 2 or answers.shape[1] != usable.size:
        raise ValueError(f"scores of shape {answers.shape} for a calibration of {usable.size} items")
    if isinstance(split, str) and split != "median":
        raise ValueError(f"split must be 'median' or one label a person, found {split!r}")
    if not isinstance(split, str) and len(split) != answers.shape[0]:
        raise ValueError(f"{len(split)} labels for {answers.shape[0]} persons")
    items = np.flatnonzero(usable)
    label = _by_median(answers[:, items]) if isinstance(split, str) else np.asarray(split, dtype=np.str_)
    groups = tuple(np.unique(label).tolist())
    if not groups:
        raise ValueError("scores of no persons cannot be put into groups")
    model = "rasch" if set(fit.parameters.model) <= {"rasch"} else "pcm"
    while True:
        parts = [calibrate_conditional(answers[label == group][:, items], model=model) for group in groups]
        known = np.ones(items.size, dtype=bool)
        for part in parts:
            known &= np.array([word == "ok" for word in part.status], dtype=bool)
            # A category that a group never used shortens the item in that group only.
            known &= part.parameters.n_categories == fit.parameters.n_categories[items]
        if known.all():
            break
        items = items[known]
    return _result(answers, fit, model, items, groups, parts)


def _by_median(answers: ScoreArray) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    """Return "low" or "high" for each person, by the scores on their form."""
    label = np.full(answers.shape[0], "low", dtype="<U4")
    for persons, items in forms_of(answers):
        score = answers[np.ix_(persons, items)].sum(axis=1, dtype=np.intp)
        highest = int(answers[:, items].max(axis=0).sum())
        counts = np.bincount(score, minlength=highest + 1)
        counts[0] = counts[highest] = 0
        up_to = counts.cumsum()
        border = int(np.abs(2 * up_to - up_to[-1])[:-1].argmin()) if highest else 0
        label[persons[score > border]] = "high"
    return label


def _result(
    answers: ScoreArray,
    fit: ConditionalCalibration,
    model: str,
    items: IndexArray,
    groups: tuple[str, ...],
    parts: Sequence[ConditionalCalibration],
) -> AndersenTest:
    """Return the test of the items that all groups can estimate."""
    from scipy.special import chdtrc

    whole = calibrate_conditional(answers[:, items], model=model)
    status = "one group" if len(groups) < 2 else "no items" if items.size < 2 else "ok"
    statistic, df, p_value = np.nan, 0, np.nan
    if status == "ok":
        statistic = 2.0 * (sum(part.log_likelihood for part in parts) - whole.log_likelihood)
        df = (len(groups) - 1) * (int((fit.parameters.n_categories[items] - 1).sum()) - 1)
        p_value = float(chdtrc(df, max(statistic, 0.0)))
    difficulties = (
        np.stack([part.parameters.values["b"] for part in parts])
        if items.size
        else np.empty((len(groups), 0))
    )
    errors = np.stack([part.parameters.errors["b"] for part in parts]) if items.size else difficulties
    z = np.full(items.size, np.nan)
    if len(groups) == 2 and items.size:
        z = (difficulties[0] - difficulties[1]) / np.hypot(errors[0], errors[1])
    return AndersenTest(
        statistic=float(statistic),
        df=df,
        p_value=p_value,
        groups=groups,
        n_persons=np.array([part.n_persons for part in parts], dtype=np.intp),
        items=tuple(fit.parameters.items[item] for item in items),
        difficulties=difficulties,
        errors=errors,
        z=z,
        status=status,
    )
