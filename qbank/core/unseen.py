"""Characters that nobody sees: which of them may stand in a text, which must not, and which do nothing there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["direction", "control", "hidden", "invisible", "joiner", "selector", "private", "noncharacter", "replacement"]

FORBIDDEN: frozenset[Kind] = frozenset({"direction", "control", "hidden", "noncharacter"})
"""What makes a text say another thing than its letters, or cannot stand in a file; the others do nothing but harm a search."""

_RANGES: tuple[tuple[Kind, str], ...] = (
    ("control", "\x00-\x08\x0b-\x1f\x7f-\x9f\u206a-\u206f\ufff9-\ufffb"),
    ("direction", "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"),
    ("hidden", "\U000e0000-\U000e007f"),
    ("joiner", "\u200c\u200d"),
    ("selector", "\ufe00-\ufe0f\u180b-\u180d\u180f\U000e0100-\U000e01ef"),
    ("invisible", "\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u2060-\u2065\u2800\u3164\ufeff\uffa0\ufffc"),
    ("replacement", "\ufffd"),
    ("noncharacter", "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff" + "".join(f"{chr(0x10000 * n + 0xFFFE)}{chr(0x10000 * n + 0xFFFF)}" for n in range(1, 17))),
    ("private", "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"),
)  # fmt: skip
SUSPECT = re.compile(f"[{''.join(ranges for _, ranges in _RANGES)}]")
_KIND = [(kind, re.compile(f"[{ranges}]")) for kind, ranges in _RANGES]
_EMOJI = "\xa9\xae\u2049\u203c\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_JOINED = "\u0600-\u08ff\ufb50-\ufdff\ufe70-\ufefc\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff\u1800-\u18af"
"""Scripts in which a joiner decides how letters are written: Arabic (so of Uyghur), those of India, Tibetan, Mongolian."""
_NEEDED = re.compile(
    f"(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])|(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}]|$)"
    f"|(?<=[{_EMOJI}])[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)|(?<=[\u1800-\u18af])[\u180b-\u180d\u180f]"
    "|(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe00-\ufe02\U000e0100-\U000e01ef]|(?<=[\u2200-\u22ff])\ufe00"
    "|(?<=\U0001f3f4)[\U000e0020-\U000e007e]+\U000e007f"
)
"""Where they do something: in an emoji, in a script that joins its letters, in another shape of a character."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A character that nobody sees, and where in the text it stands."""

    offset: int
    character: str
    kind: Kind

    @property
    def code(self) -> str:
        """Return the code point as it is written: ``U+202E``."""
        return f"U+{ord(self.character):04X}"

    @property
    def name(self) -> str:
        """Return the name of the character, of one that has none its kind."""
        return unicodedata.name(self.character, "") or {"private": "PRIVATE USE", "noncharacter": "NONCHARACTER"}.get(self.kind, "CONTROL")


def unseen(text: str) -> Iterator[Unseen]:
    """Yield each character that nobody sees and that does nothing where it stands, or harm.

    >>> [(one.offset, one.code, one.kind) for one in unseen("碱\\u200b度\\u202e")]
    [(1, 'U+200B', 'invisible'), (3, 'U+202E', 'direction')]
    >>> list(unseen("👨\\u200d👩 ❤\\ufe0f 1\\ufe0f\\u20e3"))
    []
    """
    if (text.isascii() and text.isprintable()) or not SUSPECT.search(text):
        return
    needed = {place for match in _NEEDED.finditer(text) for place in range(match.start(), match.end())}
    for match in SUSPECT.finditer(text):
        if match.start() not in needed:
            kind = next(kind for kind, characters in _KIND if characters.match(match[0]))
            yield Unseen(match.start(), match[0], kind)


def around(text: str, found: Unseen) -> str:
    """Return the character's neighbours, itself as its code point.

    >>> around("炉渣碱度记作R", Unseen(3, "度", "invisible"))
    '炉渣碱⟨U+5EA6⟩记作R'
    """
    before, after = text[max(found.offset - 6, 0) : found.offset], text[found.offset + 1 : found.offset + 7]
    return visible(before) + f"⟨{found.code}⟩" + visible(after)


def visible(text: str) -> str:
    """Return a text in one line in which every unseen character stands as its code point."""
    shown = SUSPECT.sub(lambda one: f"⟨U+{ord(one[0]):04X}⟩", text)
    return shown.replace("\n", " ").replace("\t", " ")


def without_unseen(text: str) -> tuple[str, tuple[Unseen, ...]]:
    """Return a text without what can be left out with no loss, and what that was.

    Private characters, lost ones and controls stay: there something else was meant.

    >>> without_unseen("碱\\u200b度\\u202e")[0]
    '碱度'
    """
    found = tuple(one for one in unseen(text) if one.kind in ("direction", "hidden", "invisible", "joiner", "selector"))
    gone = {one.offset for one in found if one.character not in "\u2028\u2029"}
    if not found:
        return text, ()
    kept = "".join(character for place, character in enumerate(text) if place not in gone)
    return kept.replace("\u2028", "\n").replace("\u2029", "\n"), found
