"""What the ledger knows about an item revision, as assembly and the item card read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Estimate:
    """Calibrated parameters of one revision on one scale, slope–difficulty form, no D = 1.7.

    values, errors : by the names of the model (``a``, ``b``, ``c``; ``b1``, ``b2`` …), standard errors NaN where
        unknown ; n_categories : of the scores that the model is for ; covariance : of the working values of the model,
        rows of a square, () where unknown
    shares : of each category the share of the item's marks that it earns, the mean over its persons where several
        numbers of marks were joined ; tops : the largest share that belongs to each category
    """

    fingerprint: str
    model: str
    scale: str
    values: Mapping[str, float]
    errors: Mapping[str, float]
    n_answers: int
    sitting: str
    n_categories: int = 2
    covariance: tuple[tuple[float, ...], ...] = ()
    shares: tuple[float, ...] = (0.0, 1.0)
    tops: tuple[float, ...] = (0.0, 1.0)


def logistic(
    fingerprint: str, model: str, scale: str, a: float, b: float, se_a: float, se_b: float, n_answers: int, sitting: str
) -> Estimate:
    """Return the estimate of an item of right and wrong.

    >>> logistic("f", "2pl", "s", 1.2, 0.3, 0.1, 0.1, 500, "2026-05").values["b"]
    0.3
    """
    return Estimate(fingerprint, model, scale, {"a": a, "b": b}, {"a": se_a, "b": se_b}, n_answers, sitting)


@dataclass(frozen=True, slots=True)
class Planned:
    """A difficulty of a small sitting, drawn towards the judged grade; for planning only, never for scores or equating.

    slope, difficulty, error : on the scale of the sitting's calibration, the error a posterior standard deviation ;
    facility : expected among persons like those who sat, facility_low, facility_high the ends of its 95 % interval ;
    grade : as judged, NaN where there is none
    """

    item: str
    fingerprint: str
    grade: float
    slope: float
    difficulty: float
    error: float
    facility: float
    facility_low: float
    facility_high: float
    n_answers: int
    sitting: str = ""
    scale: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """One item in one sitting; exposure counts by id, statistics by fingerprint."""

    item: str
    fingerprint: str
    sitting: str
    date: str
    n_seen: int
    facility: float
    item_rest: float
    flags: tuple[str, ...]
    n_omitted: int = 0
    n_not_reached: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """Everything that past sittings say.

    estimates : by fingerprint ; uses : every item × sitting ; held : fingerprints of revisions that wait for a
    decision or were rejected, with the reason ; ability_mean, ability_sd : of the calibrated population (0, 1 before
    any) ; digest : names this state ; planned : by fingerprint, of small sittings, on the same scale
    """

    estimates: Mapping[str, Estimate]
    uses: tuple[Use, ...]
    held: Mapping[str, str]
    ability_mean: float
    ability_sd: float
    digest: str
    planned: Mapping[str, Planned] = field(default_factory=dict)


NO_HISTORY = History({}, (), {}, 0.0, 1.0, "none")
