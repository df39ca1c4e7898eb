"""The stimulus (材料): a passage, drawing or case that several independent items refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from qbank.core.item import Item, Plain, digest
from qbank.problem import Span


@dataclass(frozen=True, slots=True)
class Stimulus:
    """What the items of one set share; a paper prints it once, above those of its items that it holds.

    title : printed above the text, may be empty ; enemies : ids of stimuli that never stand on one paper with it ;
    media : pictures by the path that the text names, with the SHA-256 of their bytes
    """

    id: str
    text: str
    title: str
    enemies: tuple[str, ...]
    span: Span
    media: Mapping[str, str] = field(default_factory=dict)


def stimulus_hash(stimulus: Stimulus) -> str:
    """Return the hash of what a candidate sees of a stimulus: title, text and pictures, never its id.

    >>> one = Stimulus("S-1", "出钢温度 1 650 ℃", "", (), Span("a.yaml"))
    >>> stimulus_hash(one) == stimulus_hash(replace(one, id="S-2", text=" 出钢温度  1 650 ℃ "))
    True
    """
    seen: dict[str, Plain] = {"text": stimulus.text}
    if stimulus.title:
        seen["title"] = stimulus.title
    if stimulus.media:
        seen["media"] = stimulus.media
    return digest(seen)


def with_stimulus(item: Item, stimuli: Mapping[str, Stimulus]) -> Item:
    """Return the item that knows what its stimulus shows, so that its fingerprint covers it; as it is where it has
    none, or one that is not among these."""
    stimulus = stimuli.get(item.stimulus)
    return item if stimulus is None else replace(item, stimulus_hash=stimulus_hash(stimulus))


def stimulus_enemies(stimuli: Mapping[str, Stimulus]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of stimuli that never stand on one paper, whichever of the two names the other, in order."""
    pairs = {
        (min(stimulus.id, enemy), max(stimulus.id, enemy))
        for stimulus in stimuli.values()
        for enemy in stimulus.enemies
        if enemy in stimuli and enemy != stimulus.id
    }
    return tuple(sorted(pairs))
