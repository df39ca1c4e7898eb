"""What changed from one text to another, in words: ``由[-低-]{+高+}枪位操作``."""

from __future__ import annotations

import difflib
import re

_TOKEN = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
SHORTEST_ISLAND = 2
"""A single unchanged character between two changes is read as part of the change."""


def difference(old: str, new: str) -> str:
    """Return the new text with what went in ``[-…-]`` and what came in ``{+…+}``; Chinese by character, else by word.

    >>> difference("枪位过低时炉渣返干", "枪位过高时炉渣返干")
    '枪位过[-低-]{+高+}时炉渣返干'
    >>> difference("加热 20 min", "加热 120 min")
    '加热 [-20-]{+120+} min'
    """
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    pieces: list[tuple[str, str]] = []
    for word, a_low, a_high, b_low, b_high in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        gone, come = "".join(a[a_low:a_high]), "".join(b[b_low:b_high])
        if (word == "equal" and a_high - a_low >= SHORTEST_ISLAND) or not pieces:
            pieces.append((gone, come))
        elif word == "equal" or pieces[-1][0] != pieces[-1][1]:
            pieces[-1] = (pieces[-1][0] + gone, pieces[-1][1] + come)
        else:
            pieces.append((gone, come))
    return "".join(_marked(gone, come) for gone, come in pieces)


def _marked(gone: str, come: str) -> str:
    if gone == come:
        return gone
    return (f"[-{gone}-]" if gone else "") + (f"{{+{come}+}}" if come else "")
