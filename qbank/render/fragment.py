"""A converted text with the places of its pictures open, so that it serves every paper, whatever the bytes of these are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from qbank.render.failure import TextFailure
from qbank.render.pictures import Show

NOTHING = ("",)
"""The words of a text that could not be converted."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One converted text, and what is wrong with it.

    words : what stands before, between and after the pictures, one more than these ; pictures : (path, alternative text,
    whether it stands alone on its line)
    """

    words: tuple[str, ...]
    pictures: tuple[tuple[str, str, bool], ...] = ()
    failures: tuple[TextFailure, ...] = ()

    def shown(self, show: Show) -> str:
        """Return the text with its pictures as they are shown.

        >>> Fragment(("see ", "."), (("a.png", "a pump", False),)).shown(lambda path, alt, alone: f"[{alt}]")
        'see [a pump].'
        """
        if not self.pictures:
            return self.words[0]
        drawn = (show(*one) + rest for one, rest in zip(self.pictures, self.words[1:], strict=True))
        return self.words[0] + "".join(drawn)


def parted(body: str, result: Mapping[str, object], word: str) -> Fragment:
    """Return a converted text parted at the places of its pictures, which the script has marked with the word."""
    pictures = cast("list[dict[str, str]]", result["pictures"] or [])
    if not pictures:
        return Fragment((body,))
    parts = re.split(rf"{word}(\d+)(alone|inline)", body)
    named = [pictures[int(number) - 1] for number in parts[1::3]]
    places = (place == "alone" for place in parts[2::3])
    return Fragment(
        tuple(parts[::3]),
        tuple((one["path"], one["alt"], alone) for one, alone in zip(named, places, strict=True)),
    )
