"""What the ledger knows of one item, as records: its sittings, revisions, estimates, decisions and flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qbank.core.history import Estimate, Planned
from qbank.core.item import seen_part
from qbank.ledger.flags import ItemFlag
from qbank.ledger.verdicts import Decision


@dataclass(frozen=True, slots=True)
class SittingUse:
    """An item in one sitting.

    fingerprint : of the revision that the statistics are of: that printed, or with a key corrected since ; n_seen :
        persons who had it, cumulative : up to and with this sitting, through all revisions ; papers : that hold it ;
        n : answers behind the statistics, 0 where nothing was analysed ; facility, item_rest : NaN where unknown ;
        held : whether its flags ask for a decision
    """

    sitting: str
    date: str
    fingerprint: str
    n_seen: int
    cumulative: int
    papers: tuple[str, ...]
    n: int
    facility: float
    item_rest: float
    n_omitted: int
    n_not_reached: int
    flags: tuple[str, ...]
    held: bool


@dataclass(frozen=True, slots=True)
class Revision:
    """A fingerprint, from its first sitting to its last; ``changed`` : what is not as it was in the one before it,
    ``seen`` (stem, options, pictures) or ``marked`` (key, accepted answers, rubric)."""

    fingerprint: str
    first: str
    first_date: str
    last: str
    last_date: str
    n_sittings: int
    n_seen: int
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatedEstimate:
    """What a calibration says of a revision.

    number : of the calibration within its sitting ; location, error : b and its standard error; of several steps, their
        mean and the mean of their errors, which its own cannot exceed ; held : taken over from an earlier calibration
        as an anchor, not estimated anew
    """

    date: str
    number: int
    estimate: Estimate
    location: float
    error: float
    held: bool


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """An item through all sittings, oldest first; nothing in it where it was never seen.

    estimates : on any scale ; scale : the present one, "" where there are no estimates ; flags : that calibrations raised:
        it drifted, it was known beforehand ; planned : difficulties for planning only ; parts : the histories of the parts
        of a case
    """

    item: str
    uses: tuple[SittingUse, ...]
    revisions: tuple[Revision, ...]
    estimates: tuple[DatedEstimate, ...]
    scale: str
    decisions: tuple[Decision, ...]
    planned: tuple[Planned, ...]
    flags: tuple[ItemFlag, ...] = ()
    parts: tuple[ItemHistory, ...] = ()

    @property
    def n_seen(self) -> int:
        """Return how many persons had the item, through all revisions."""
        return self.uses[-1].cumulative if self.uses else 0

    @property
    def papers(self) -> tuple[str, ...]:
        """Return the papers that hold it, oldest first."""
        return tuple(dict.fromkeys(paper for use in self.uses for paper in use.papers))


def revisions_of(uses: Sequence[SittingUse]) -> tuple[Revision, ...]:
    """Return the revisions in the order in which sittings first had them."""
    found: list[Revision] = []
    for fingerprint in dict.fromkeys(use.fingerprint for use in uses):
        own = [use for use in uses if use.fingerprint == fingerprint]
        changed = what_changed(found[-1].fingerprint, fingerprint) if found else ()
        found.append(
            Revision(
                fingerprint, own[0].sitting, own[0].date, own[-1].sitting, own[-1].date, len(own),
                sum(use.n_seen for use in own), changed,
            )
        )  # fmt: skip
    return tuple(found)


def what_changed(before: str, after: str) -> tuple[str, ...]:
    """Return which halves of two fingerprints differ.

    >>> what_changed("a1.b1", "a1.b2"), what_changed("a1.b1", "a2.b2")
    (('marked',), ('seen', 'marked'))
    """
    halves = (("seen", seen_part(before), seen_part(after)), ("marked", before.partition(".")[2], after.partition(".")[2]))
    return tuple(name for name, old, new in halves if old != new)
