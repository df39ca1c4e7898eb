"""QTI 3, 2.2 and 2.1 in one vocabulary: the names of QTI 3 without ``qti-`` and without name spaces."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

MATH = "http://www.w3.org/1998/Math/MathML"
SVG = "http://www.w3.org/2000/svg"
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@cache
def plain_name(name: str) -> str:
    """Return the one name of an element or attribute.

    >>> plain_name("qti-simple-choice"), plain_name("simpleChoice"), plain_name("p"), plain_name("hottext")
    ('simple-choice', 'simple-choice', 'p', 'hottext')
    """
    return _CAPITAL.sub("-", name.removeprefix("qti-")).lower()


def in_one_vocabulary(root: Any) -> Any:
    """Return the tree with the names of the one vocabulary; formulae and drawings keep theirs."""
    for node in list(root.iter()):
        if not isinstance(node.tag, str):
            continue
        space, _, name = node.tag.rpartition("}")
        if space[1:] in (MATH, SVG):
            continue
        node.tag = plain_name(name)
        pairs = [(key.rpartition("}")[2], value) for key, value in node.attrib.items()]
        node.attrib.clear()
        for key, value in pairs:
            node.set(plain_name(key), value)
    return root


def local(node: Any) -> str:
    """Return the name of an element without its name space, empty for what is no element."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def words(node: Any) -> str:
    """Return all the words in an element, blanks as one.

    >>> from lxml import etree
    >>> words(etree.fromstring("<a> x<b>y </b>\\n z</a>")), words(None)
    ('xy z', '')
    """
    return "" if node is None else " ".join("".join(node.itertext()).split())
