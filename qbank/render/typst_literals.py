"""Words, lists and converted texts as they are written in the Typst language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ITEM_COMMENT = "// item "


def typst_string(words: str) -> str:
    r"""Return the words as a Typst string literal.

    >>> print(typst_string('a "b" \\'))
    "a \"b\" \\"
    """
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + " ".join(escaped.split("\n")) + '"'


def array(values: Iterable[str]) -> str:
    """Return Typst expressions as an array; one value keeps its comma."""
    return "(" + "".join(f"{value}, " for value in values) + ")"


def dictionary(values: Mapping[str, str]) -> str:
    """Return names and Typst expressions as a dictionary; an empty one keeps its colon."""
    return "(" + (", ".join(f"{name}: {value}" for name, value in values.items()) or ":") + ")"


def strings(values: Iterable[str]) -> str:
    """Return words as an array of strings."""
    return array(typst_string(value) for value in values)


def content(markup: str) -> str:
    """Return converted markup as content; a line end keeps a comment mark in it from eating the bracket."""
    return f"[{markup}\n]" if "//" in markup or "\n" in markup else f"[{markup}]"


def item_comment(item: str) -> str:
    """Return the comment that names the item of the lines that follow."""
    return ITEM_COMMENT + " ".join(item.split())
