"""Names of files in a package: such as any system can write, and none that leads out of the folder."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

MOST_BYTES = 1000
_DEVICES = {"con", "prn", "aux", "nul", *(f"{word}{n}" for word in ("com", "lpt") for n in range(1, 10))}


def is_safe(name: str) -> bool:
    """Return whether a name with ``/`` between folders is one of a file below the folder, on any system.

    >>> is_safe("试卷/A-paper.pdf")
    True
    >>> [is_safe(name) for name in ("../a", "/a", "a//b", "a\\\\b", "C:a", "nul.txt", "a.", "a\\n", "")]
    [False, False, False, False, False, False, False, False, False]
    """
    parts = name.split("/")
    return len(name.encode("utf-8", "replace")) <= MOST_BYTES and all(map(_is_safe_part, parts))


def _is_safe_part(part: str) -> bool:
    return (
        part not in ("", ".", "..")
        and not any(mark in '\\:*?"<>|' or unicodedata.category(mark) in ("Cc", "Cs", "Cf") for mark in part)
        and not part.endswith((".", " "))
        and not part.startswith(" ")
        and part.partition(".")[0].casefold() not in _DEVICES
        and len(part.encode("utf-8")) <= 255
    )


def same_names(names: Iterable[str]) -> list[str]:
    """Return the names that some system takes for one before them, or for a folder of one: capitals, composed letters.

    >>> same_names(["a.pdf", "b.pdf", "A.pdf", "b.pdf/c"])
    ['A.pdf', 'b.pdf/c']
    """
    files: set[str] = set()
    folders: set[str] = set()
    found = []
    for name in names:
        key = unicodedata.normalize("NFC", name).casefold()
        parts = key.split("/")
        above = {"/".join(parts[:n]) for n in range(1, len(parts))}
        if key in files or key in folders or above & files:
            found.append(name)
        files.add(key)
        folders |= above
    return found
