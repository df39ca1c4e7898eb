"""Where in a bank a picture of another program's file goes."""

from __future__ import annotations

import hashlib
import re


def bank_path(name: str, data: bytes) -> str:
    """Return a safe path below ``media``: ours as it was, any other with some digits of its bytes' hash.

    >>> bank_path("media/a.png", b""), bank_path("../../etc/图 1.png", b"")
    ('media/a.png', 'media/图-1-e3b0c442.png')
    """
    if re.fullmatch(r"media/(?:[\w-][\w.-]*/){0,4}[\w-][\w.-]*", name):
        return name
    stem, _, suffix = name.rpartition("/")[2].rpartition(".")
    safe = re.sub(r"[^\w-]+", "-", stem)[:40].strip("-") or "picture"
    suffix = re.sub(r"[^A-Za-z0-9]", "", suffix)[:5].casefold() or "bin"
    return f"media/{safe}-{hashlib.sha256(data).hexdigest()[:8]}.{suffix}"
