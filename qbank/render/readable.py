"""HTML with MathML → text for a terminal: formulae as they would be read aloud in a line, CO₂ and (a+b)/c."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from xml.etree import ElementTree as ET

SUBSCRIPTS = str.maketrans("0123456789+-−=()aeijoruvxn", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑᵢⱼₒᵣᵤᵥₓₙ")
SUPERSCRIPTS = str.maketrans("0123456789+-−=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁱⁿ")
SPACED = frozenset("=<>≤≥≠≈≡∼→←↔⇌⇄⇒⇔⟶⟵⟷" + "+−±∓∈")
BIG = frozenset("∑∏∫⋃⋂")
WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6"
TOKENS = re.compile(
    rf"（\u3000+）|[{WIDE}]|[^ {WIDE}]+ *| +"
)  # what no line end may part: bracket, hanzi, word
NEVER_FIRST = tuple("，。、；：？！）”’》")
LINES = frozenset({"p", "li", "pre", "blockquote", "ul", "ol"})
TABLE_COLUMNS = 68


def local_name(element: ET.Element) -> str:
    """Return the element's name without its namespace."""
    return element.tag.rsplit("}", 1)[-1]


def raised(body: str, script: str, alphabet: dict[int, int], sign: str) -> str:
    """Return a base with its script: small digits where Unicode has them, else after a sign."""
    if not script:
        return body
    if all(ord(character) in alphabet for character in script):
        return body + script.translate(alphabet)
    alone = script.isdigit() or len(script) == 1 or (sign == "_" and script.isalnum())
    return f"{body}{sign}{script}" if alone else f"{body}{sign}{script if script[:1] == '(' else f'({script})'}"


def grouped(body: str) -> str:
    """Return the body in brackets unless it is one word or number."""
    return body if body.replace(".", "").isalnum() else f"({body})"


def row(children: list[ET.Element]) -> str:
    """Return a run of mathematics, relation signs spaced where they stand between two things."""
    parts: list[str] = []
    for index, child in enumerate(children):
        body = mathematics(child)
        if body in SPACED and local_name(child) != "mtext" and 0 < index < len(children) - 1:
            body = f" {body} "
        parts.append(body)
    return "".join(parts)


def over_and_under(kind: str, bodies: list[str]) -> str:
    """Return a base with what stands over or under it: limits, a text on an arrow, or an accent."""
    base, scripts = bodies[0], bodies[1:]
    under = scripts[0] if kind != "mover" else ""
    over = scripts[-1] if kind != "munder" else ""
    if base in BIG or (len(base) > 1 and base.isalpha()):
        return raised(raised(base, under, SUBSCRIPTS, "_"), over, SUPERSCRIPTS, "^")
    if base.strip()[:1] in SPACED and base.strip():
        if {over.strip(), under.strip()} & {"⟶", "⟵"}:  # the longer arrow of a reaction that goes both ways
            return " ⇌ "
        labels = "".join(f"[{label}]" for label in (over, under) if label)
        return f" {base.strip()}{labels} "
    return base + over + under


def mathematics(element: ET.Element) -> str:
    """Return one MathML element as text."""
    name, children = local_name(element), list(element)
    if name in ("annotation", "mprescripts", "none"):
        return ""
    if name == "mspace":
        return " "
    if name == "mfrac":
        return "/".join(grouped(mathematics(child)) for child in children)
    if name == "msqrt":
        return "√" + grouped(row(children))
    if name == "mroot":
        body, degree = (mathematics(child) for child in children)
        return raised("", degree, SUPERSCRIPTS, "") + "√" + grouped(body)
    if name in ("msub", "msup", "msubsup"):
        base, *scripts = (mathematics(child) for child in children)
        lower = scripts[0] if name != "msup" else ""
        upper = scripts[-1] if name != "msub" else ""
        if not base:  # an isotope: its mass before its charge number
            return raised(raised(base, upper, SUPERSCRIPTS, "^"), lower, SUBSCRIPTS, "_")
        return raised(raised(base, lower, SUBSCRIPTS, "_"), upper, SUPERSCRIPTS, "^")
    if name in ("mover", "munder", "munderover"):
        return over_and_under(name, [mathematics(child) for child in children])
    if name == "mtable":
        return "; ".join(mathematics(child) for child in children)
    if name == "mtr":
        return ", ".join(mathematics(child) for child in children)
    return row(children) if children else (element.text or "").strip("\u2061\u2062\u2063\u200b")


def pieces(element: ET.Element) -> Iterator[str]:
    """Yield the text of an element and of what stands in it, line ends where blocks end."""
    name = local_name(element)
    if name == "math":
        yield mathematics(element)
        return
    if name == "table":
        yield "\n" + "\n".join(table_rows(element)) + "\n"
        return
    if name == "li":
        yield "- "
    yield element.text or ""
    for child in element:
        yield from pieces(child)
        yield child.tail or ""
    if name in LINES or name == "br":
        yield "\n"


def table_rows(table: ET.Element) -> list[str]:
    """Return the rows of a table as lines, cells padded to their columns where a line holds them, else parted by bars."""
    rows = [
        ["".join(pieces(cell)).replace("\n", " ").strip() for cell in row if local_name(cell) in ("td", "th")]
        for row in table.iter()
        if local_name(row) == "tr"
    ]
    n = max((len(row) for row in rows), default=0)
    widths = [max(width(row[column]) for row in rows if column < len(row)) for column in range(n)]
    if sum(widths) + 3 * n > TABLE_COLUMNS:
        return [" | ".join(row) for row in rows]
    return [
        "   ".join(cell + " " * (widths[column] - width(cell)) for column, cell in enumerate(row)).rstrip()
        for row in rows
    ]


def readable(html: str) -> str:
    """Return a fragment of the HTML writer as plain text.

    >>> readable("<p>a &lt; b</p>")
    'a < b'
    """
    text = "".join(pieces(ET.fromstring(f"<div>{html}</div>")))
    lines = (" ".join(line.split(" ")).rstrip(" ") for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def width(words: str) -> int:
    """Return how many columns of a terminal the words take: two for a hanzi.

    >>> width("炉渣 R")
    6
    """
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in words)


def wrapped(words: str, columns: int) -> list[str]:
    """Return one line of text as lines no wider than the columns: broken at spaces or between hanzi."""
    lines, line = [], ""
    for token in TOKENS.findall(words):
        if line and width(line + token.rstrip(" ")) > columns and token not in NEVER_FIRST:
            lines.append(line.rstrip(" "))
            line = ""
        line += token
    return [*lines, line.rstrip(" ")]
