"""XHTML with MathML, as the renderer makes it, → what may stand in a QTI file: blocks, no styles, blanks as entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from qbank.files.interchange.qti.tree import ITEM_SPACES, clean, element, extended, local

MATH = "{http://www.w3.org/1998/Math/MathML}"
BLOCKS = frozenset({"p", "table", "ul", "ol", "pre", "blockquote", "div"})
BLANK = re.compile(r"_{3,}")
_ALIGNED = re.compile(r"text-align:\s*(left|right|center)")
_KEPT = {
    "img": frozenset({"src", "alt", "width", "height"}), "th": frozenset({"colspan", "rowspan"}),
    "td": frozenset({"colspan", "rowspan"}),
}  # fmt: skip


def fragment(xhtml: str) -> Any:
    """Return an element ``div`` that holds a converted text: inline parts as they are, styles as class names."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    source = f'<div xmlns="{ITEM_SPACES["qti3"]}">{clean(xhtml)}</div>'
    root = etree.fromstring(source.encode("utf-8"), parser)
    for node in list(root.iter()):
        if node.tag.startswith(MATH):
            if local(node) != "math":
                node.attrib.pop("style", None)
            continue
        aligned = _ALIGNED.search(node.get("style", ""))
        kept = _KEPT.get(local(node), frozenset())
        start = node.get("start") if local(node) == "ol" else None
        for name in [name for name in node.attrib if name not in kept]:
            del node.attrib[name]
        if aligned and aligned[1] != "left":
            node.set("class", f"qti-align-{aligned[1]}")
        if start not in (None, "1"):
            _numbered(node, int(start))
    for table in list(root.iter("{*}colgroup")):
        table.getparent().remove(table)
    return root


def _numbered(listed: Any, first: int) -> None:
    """Turn a list that does not begin with 1 into paragraphs with their numbers: QTI has no other beginning."""
    parent = listed.getparent()
    at = parent.index(listed)
    for number, entry in enumerate(listed, start=first):
        line = element("p", f"{number}. ") if not any(local(child) in BLOCKS for child in entry) else element("div", f"{number}. ")
        extended(line, [entry.text, *entry])
        line.tail = "\n"
        parent.insert(at, line)
        at += 1
    parent.remove(listed)


def inline(xhtml: str) -> list[Any]:
    """Return the texts and elements of a converted text, to stand amid others."""
    root = fragment(xhtml)
    return list(_pieces(root))


def _pieces(root: Any) -> Iterator[Any]:
    if root.text:
        yield root.text
    for child in list(root):
        tail, child.tail = child.tail, None
        yield child
        if tail:
            yield tail


def blocks(xhtml: str) -> list[Any]:
    """Return a converted text as elements of which each is a block: runs of words become paragraphs."""
    found: list[Any] = []
    run: list[Any] = []
    for piece in inline(xhtml):
        if isinstance(piece, str) or local(piece) not in BLOCKS:
            run.append(piece)
            continue
        found += _paragraph(run)
        run = []
        found.append(piece)
    return found + _paragraph(run)


def _paragraph(run: list[Any]) -> list[Any]:
    if all(isinstance(piece, str) and not piece.strip() for piece in run):
        return []
    return [element("p", *run)]


def division(name: str, *children: Any) -> Any:
    """Return a ``div`` of a class; the classes of this package begin with ``qbank-``."""
    return element("div", *children, class_=f"qbank-{name}")


def with_entries(nodes: list[Any], entries: list[Any]) -> bool:
    """Put an entry in the place of each ruled blank, in reading order; return whether there were just as many.

    Where there are not, nothing is changed.
    """
    places = [place for node in nodes for place in _blanks(node)]
    if len(places) != len(entries):
        return False
    # from the last to the first, so that what has been put in does not move what is still to come
    for (node, where, match), entry in reversed(list(zip(places, entries, strict=True))):
        words = getattr(node, where)
        entry.tail = words[match.end() :]
        if where == "text":
            node.text = words[: match.start()]
            node.insert(0, entry)
            continue
        node.tail = None  # else lxml would take it along
        parent = node.getparent()
        parent.insert(parent.index(node) + 1, entry)
        node.tail = words[: match.start()]
    return True


def _blanks(node: Any) -> Iterator[tuple[Any, str, re.Match[str]]]:
    """Yield the ruled blanks of the words of an element in reading order, never those of a formula."""
    if isinstance(node.tag, str) and not node.tag.startswith(MATH):
        for match in BLANK.finditer(node.text or ""):
            yield node, "text", match
        for child in node:
            yield from _blanks(child)
            for match in BLANK.finditer(child.tail or ""):
                yield child, "tail", match
