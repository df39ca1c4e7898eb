"""QTI elements: built in the words of QTI 3, written as QTI 3 or as QTI 2.1.

Everything is made with the names of QTI 3 (``qti-simple-choice``, ``max-choices``); the 2.1 of it is the same tree under
other names (``simpleChoice``, ``maxChoices``), without what 2.1 does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

Version = Literal["qti3", "qti21"]

ITEM_SPACES: dict[Version, str] = {
    "qti3": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
    "qti21": "http://www.imsglobal.org/xsd/imsqti_v2p1",
}
SCHEMA_PLACES: dict[Version, str] = {
    "qti3": "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd",
    "qti21": "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
}
XML = "{http://www.w3.org/XML/1998/namespace}"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
ONLY_IN_3 = frozenset({"external-scored"})
"""Attributes that QTI 2.1 does not have."""
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Return a text without the characters that no XML file can hold.

    >>> clean("a\\x00b\\ufffe")
    'ab'
    """
    return _ODD.sub("", text)


def plain(value: object) -> str:
    """Return a value as XML writes it: numbers in their shortest form, truths in small letters.

    >>> plain(True), plain(2.0), plain(0.5), plain("x"), plain(1 / 3)
    ('true', '2', '0.5', 'x', '0.3333333333333333')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    return clean(str(value))


def element(name: str, *children: Any, **attributes: Any) -> Any:
    """Return an element of QTI 3, or of the HTML in it, with its children: elements, texts, or nothing.

    Attributes are written with underscores; those that are None are left out.
    """
    from lxml import etree

    made = etree.Element(f"{{{ITEM_SPACES['qti3']}}}{name}")
    for key, value in attributes.items():
        if value is not None:
            made.set(XML + "lang" if key == "lang" else key.strip("_").replace("_", "-"), plain(value))
    return extended(made, children)


def extended(made: Any, children: Iterable[Any]) -> Any:
    """Return the element with more children: elements, texts, or nothing."""
    for child in children:
        if child is None or child == "":
            continue
        if not isinstance(child, str):
            made.append(child)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + clean(child)
        else:
            made.text = (made.text or "") + clean(child)
    return made


def local(node: Any) -> str:
    """Return the name of an element without its namespace."""
    return str(node.tag).rpartition("}")[2]


def camel(name: str) -> str:
    """Return the 2.1 name of an element or attribute of QTI 3.

    >>> camel("qti-simple-choice"), camel("max-choices"), camel("p")
    ('simpleChoice', 'maxChoices', 'p')
    """
    first, *more = name.removeprefix("qti-").split("-")
    return first + "".join(word.capitalize() for word in more)


def written(root: Any, version: Version) -> bytes:
    """Return the file that a tree makes."""
    from lxml import etree

    space = ITEM_SPACES[version]
    spaces: Any = {None: space, "xsi": INSTANCE}
    top = etree.Element(f"{{{space}}}{local(root) if version == 'qti3' else camel(local(root))}", nsmap=spaces)
    top.set(f"{{{INSTANCE}}}schemaLocation", f"{space} {SCHEMA_PLACES[version]}")
    if version == "qti21":
        _as_21(root)
    for key, value in root.attrib.items():
        top.set(key, value)
    top.text = root.text
    top.extend(list(root))
    _part_lines(top)
    etree.cleanup_namespaces(top, keep_ns_prefixes=["xsi"])
    return bytes(etree.tostring(top, xml_declaration=True, encoding="UTF-8")) + b"\n"


def _as_21(root: Any) -> None:
    """Give everything in a tree its name in QTI 2.1."""
    old, new = f"{{{ITEM_SPACES['qti3']}}}", f"{{{ITEM_SPACES['qti21']}}}"
    for wrapper in list(root.iter(old + "qti-content-body")):
        _unwrap(wrapper)
    for node in root.iter():
        if not isinstance(node.tag, str) or not node.tag.startswith(old):
            continue
        name = node.tag.removeprefix(old)
        if name.startswith("qti-"):
            pairs = [(key, value) for key, value in node.attrib.items() if key not in ONLY_IN_3]
            node.attrib.clear()
            for key, value in pairs:
                node.set(key if key.startswith("{") else camel(key), value)
            name = camel(name)
        node.tag = new + name


def _unwrap(node: Any) -> None:
    """Put the children of an element in its place."""
    parent = node.getparent()
    at = parent.index(node)
    if node.text and node.text.strip():
        raise ValueError("a wrapper holds elements only")
    for child in reversed(list(node)):
        parent.insert(at, child)
    parent.remove(node)


def _part_lines(node: Any) -> None:
    """Begin a line before each element of the structure, never inside words."""
    children = list(node)
    if not children or (node.text or "").strip() or not all(_is_structure(child) for child in children):
        return
    node.text = "\n"
    for child in children:
        child.tail = "\n"
        _part_lines(child)


def _is_structure(node: Any) -> bool:
    if (node.tail or "").strip() or not isinstance(node.tag, str):
        return False
    name = local(node)
    return name not in _AMID_WORDS and "MathML" not in node.tag


_AMID_WORDS = frozenset({
    "qti-text-entry-interaction", "textEntryInteraction", "strong", "em", "code", "br", "img", "span", "sub", "sup", "a",
})  # fmt: skip
