"""Names of files and identifiers: an item's id wherever XML allows it."""

from __future__ import annotations

import re
import urllib.parse

_NAME = re.compile(r"[A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u3001-\ud7ff][\w.\-\u00b7]*")


def identifier(id: str) -> str:
    """Return an id as an identifier: as it is, or behind an underscore where it begins with a figure.

    Ids begin with a letter or a figure, so what begins with an underscore was put there here.

    >>> identifier("BOF4-0001"), identifier("6-17.2"), identifier("a b"), identifier("")
    ('BOF4-0001', '_6-17.2', 'a_20_b', '_')
    """
    fitting = re.sub(r"[^\w.\-]", lambda found: f"_{ord(found.group()):x}_", id)
    return fitting if _NAME.fullmatch(fitting) else "_" + fitting


def id_of(identifier: str) -> str:
    """Return the id behind an identifier that `identifier` made.

    >>> id_of("_6-17.2"), id_of("BOF4-0001")
    ('6-17.2', 'BOF4-0001')
    """
    return identifier.removeprefix("_")


def href(path: str) -> str:
    """Return a path in a package as an address in it.

    >>> href("media/炉 1.png")
    'media/%E7%82%89%201.png'
    """
    return urllib.parse.quote(path)
