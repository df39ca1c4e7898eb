"""XML from outside → a tree: no document type, no entity of its own, no network, no huge texts."""

from __future__ import annotations

import re
from typing import Any

from qbank.problem import Problem, Span, error

_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def parse_xml(data: bytes, name: str) -> tuple[Any, list[Problem]]:
    """Return the root element, or None and why.

    >>> parse_xml(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "a.xml")[1][0].code
    'I143'
    >>> parse_xml(b"<a>\\n<b></a>", "a.xml")[1][0].span.line, parse_xml(b"<a>", "a.xml")[1][0].code
    (2, 'I101')
    """
    from lxml import etree

    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if found := _DOCTYPE.search(data.replace(b"\x00", b"")):
        line = data[: data.find(found.group())].count(b"\n") + 1
        return None, [error("I143", Span(name, line, 1), what=found.group(1).decode().upper())]
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False,
        remove_comments=True, remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as fault:
        detail = (fault.msg or "XML").split(", line ")[0][:200]
        return None, [error("I101", Span(name, max(fault.lineno or 1, 1), 1), detail=f"XML: {detail}")]
    except ValueError as fault:
        return None, [error("I101", Span(name), detail=str(fault)[:200])]
    return root, []
