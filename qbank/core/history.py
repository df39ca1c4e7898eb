"""What the ledger knows about an item revision, as assembly and the item card read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """Calibrated parameters of one revision on one scale, slope–difficulty form, no D = 1.7."""

    fingerprint: str
    model: str
    scale: str
    a: float
    b: float
    se_a: float
    se_b: float
    n_answers: int
    sitting: str


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


@dataclass(frozen=True, slots=True)
class History:
    """Everything that past sittings say.

    estimates : by fingerprint ; uses : every item × sitting ; held : fingerprints of revisions that wait for a
    decision or were rejected, with the reason ; ability_mean, ability_sd : of the calibrated population (0, 1 before any) ; digest : names this state
    """

    estimates: Mapping[str, Estimate]
    uses: tuple[Use, ...]
    held: Mapping[str, str]
    ability_mean: float
    ability_sd: float
    digest: str


NO_HISTORY = History({}, (), {}, 0.0, 1.0, "none")
