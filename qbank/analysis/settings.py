"""Every choice of an analysis in one record; a report prints each beside its default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qbank.analysis.dif.settings import DifSettings
from qbank.analysis.equating.settings import EquatingSettings
from qbank.analysis.review.thresholds import Thresholds
from qbank.analysis.tiers import Tiers

DIF_CHOICES = ("alpha", "purify_by", "correction", "max_steps")
EQUATING_CHOICES = ("see_below", "anchors_enough", "anchor_share", "alike_within")
_NOT_FLAGS = ("tiers", "confidence")


@dataclass(frozen=True, slots=True)
class Choice:
    """group : persons, flags, dif, equating or "" ; name : within it ; value, default : numbers or words"""

    group: str
    name: str
    value: float | str
    default: float | str

    @property
    def chosen(self) -> bool:
        """Return whether somebody set it to something else than usual."""
        return self.value != self.default


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """The settings of `analyse`.

    thresholds : how many persons each part needs, the limit of every flag, the confidence of every interval
    dif, equating : as said there; numbers of persons and confidence are always those of ``thresholds``
    reference, focal : of DIF, by column: the word of the reference group (none: the largest), and which groups are compared
        with it (none: all that are large enough)
    ability_groups : in how many groups by total the options of an item are drawn ; seed : of everything drawn by chance
    """

    thresholds: Thresholds = field(default_factory=Thresholds)
    dif: DifSettings = field(default_factory=DifSettings)
    equating: EquatingSettings = field(default_factory=EquatingSettings)
    reference: Mapping[str, str] = field(default_factory=dict)
    focal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ability_groups: int = 5
    seed: int = 1

    def of_dif(self) -> DifSettings:
        """Return the settings of DIF with the persons that it needs."""
        tiers = self.thresholds.tiers
        return replace(
            self.dif, total_from=tiers.needs("dif"), focal_from=tiers.needs("dif_focal"), confidence=self.thresholds.confidence
        )

    def of_equating(self, asked: EquatingSettings | None = None) -> EquatingSettings:
        """Return the settings of equating with the persons that its methods need.

        asked : what was chosen for one call, which wins; what it left as usual is as set here

        >>> AnalysisSettings(equating=EquatingSettings(see_below=2.0)).of_equating(EquatingSettings(method="mean")).see_below
        2.0
        """
        usual, chosen = EquatingSettings(), asked or self.equating
        left = [name for name in (*EQUATING_CHOICES, "seed") if getattr(chosen, name) == getattr(usual, name)]
        own = {name: getattr(self.equating, name) for name in left}
        return replace(chosen, tiers=self.thresholds.tiers, confidence=self.thresholds.confidence, **own)

    def choices(self) -> Iterator[Choice]:
        """Yield every choice with its default, in the order in which qbank.yaml has them.

        >>> [choice.name for choice in AnalysisSettings(seed=7).choices() if choice.chosen]
        ['seed']
        """
        usual = AnalysisSettings()
        yield from _of("persons", self.thresholds.tiers, Tiers(), tuple(Tiers.__annotations__))
        flags = tuple(name for name in Thresholds.__annotations__ if name not in _NOT_FLAGS)
        yield from _of("flags", self.thresholds, usual.thresholds, flags)
        yield from _of("dif", self.dif, usual.dif, DIF_CHOICES)
        for name, words in (("reference", self.reference), ("focal", self.focal)):
            yield Choice("dif", name, _worded(words), "")
        yield from _of("equating", self.equating, usual.equating, EQUATING_CHOICES)
        yield from _of("", self, usual, ("ability_groups", "seed"))
        yield from _of("", self.thresholds, usual.thresholds, ("confidence",))


def _of(group: str, chosen: object, usual: object, names: tuple[str, ...]) -> Iterator[Choice]:
    for name in names:
        value: Any = getattr(chosen, name)
        default: Any = getattr(usual, name)
        yield Choice(group, name, value if isinstance(value, str) else float(value), default if isinstance(default, str) else float(default))


def _worded(words: Mapping[str, str | tuple[str, ...]]) -> str:
    """Return words by column: ``site: A01; batch: 1, 2``."""
    return "; ".join(f"{column}: {word if isinstance(word, str) else ', '.join(word)}" for column, word in words.items())
