r"""Chemistry: ``\ce{…}`` of mhchem, rewritten into plain LaTeX that every converter knows.

Covered: formulae, charges, coefficients, phases, hydrates, [C] and (FeO) as steelmakers write them, reaction
arrows with a text over and under, ``^`` and ``v`` for gas and precipitate. Anything else is refused.
"""

from __future__ import annotations

import re

ARROWS = {
    "->": r"\rightarrow",
    "<-": r"\leftarrow",
    "<->": r"\leftrightarrow",
    "<=>": r"\rightleftharpoons",
    "<-->": r"\rightleftarrows",
    "=": "=",
    "==": "=",
    "+": "+",
    "-": "-",
    "^": r"\uparrow",
    "v": r"\downarrow",
    "(^)": r"\uparrow",
    "(v)": r"\downarrow",
    "↑": r"\uparrow",
    "↓": r"\downarrow",
}
LABELLED_ARROW = re.compile(r"(?P<arrow><=>|<->|->|<-)\[(?P<over>[^\]]*)\](?:\[(?P<under>[^\]]*)\])?")
TERM_PARTS = re.compile(
    r"""(?P<script>[\^_](?:\{[^{}]*\}|\d*[+-]|\d+|[A-Za-z]))   # ^2+  ^{3-}  _{n}
      | (?P<number>\d+(?:[./]\d+)?)
      | (?P<element>[A-Za-z]+)
      | (?P<open>[(\[])
      | (?P<close>[)\]])
      | (?P<dot>[*.·])
      | (?P<charge>[+-](?=$|[)\]]))
    """,
    re.VERBOSE,
)
PIECES = re.compile(r"(?:<=>|<-->|<->|->|<-)(?:\[[^\]]*\]){0,2}|\S+?(?=<|->|\s|$)")


def latex_of_arrow(token: str) -> str | None:
    """Return the LaTeX of an arrow, a sign or a gas/precipitate mark; None if the token is none of them."""
    if token in ARROWS:
        return ARROWS[token]
    labelled = LABELLED_ARROW.fullmatch(token)
    if labelled is None:
        return None
    over, under = latex_of_label(labelled["over"]), latex_of_label(labelled["under"] or "")
    arrow = ARROWS[labelled["arrow"]]
    stacked = rf"\overset{{{over}}}{{{arrow}}}" if over else arrow
    return rf"\underset{{{under}}}{{{stacked}}}" if under else stacked


def latex_of_label(words: str) -> str:
    """Return the text over an arrow as LaTeX; only letters, digits and a few signs are taken."""
    if re.search(r"[\\{}$^_#%&~]", words):
        raise ValueError(words)
    return rf"\text{{{words}}}" if words else ""


def latex_of_term(term: str) -> str:
    r"""Return the LaTeX of one formula with its coefficient.

    >>> latex_of_term("2SO4^2-")
    '2\\,\\mathrm{SO}_{4}^{2-}'
    >>> latex_of_term("[C]"), latex_of_term("Na+")
    ('[\\mathrm{C}]', '\\mathrm{Na}^{+}')
    """
    parts: list[str] = []
    position = 0
    after_atom = False
    while position < len(term):
        match = TERM_PARTS.match(term, position)
        if match is None:
            raise ValueError(term)
        kind, found = str(match.lastgroup), match.group()
        if kind == "script":
            parts.append(f"{found[0]}{{{found[1:].strip('{}')}}}")
        elif kind == "number":
            parts.append(f"_{{{found}}}" if after_atom else f"{found}\\,")
        elif kind == "element":
            parts.append(rf"\mathrm{{{found}}}")
        elif kind == "dot":
            parts.append(r"\cdot ")
        elif kind == "charge":
            parts.append(f"^{{{found}}}")
        else:
            parts.append(found)
        after_atom = kind in ("element", "close")
        position = match.end()
    return "".join(parts)


def latex_of_chemistry(source: str) -> str:
    r"""Return the plain LaTeX of the inside of ``\ce{…}``; ValueError on what is not covered.

    >>> latex_of_chemistry("2H2 + O2 -> 2H2O")
    '2\\,\\mathrm{H}_{2} + \\mathrm{O}_{2} \\rightarrow 2\\,\\mathrm{H}_{2}\\mathrm{O}'
    """
    words = []
    for token in PIECES.findall(source.strip()):
        arrow = latex_of_arrow(token)
        words.append(latex_of_term(token) if arrow is None else arrow)
    return " ".join(words)


def braced(source: str, start: int) -> int:
    """Return the position after the brace that closes the one at ``start``; ValueError if none does."""
    depth = 0
    for position in range(start, len(source)):
        depth += {"{": 1, "}": -1}.get(source[position], 0)
        if depth == 0:
            return position + 1
    raise ValueError(source[start:])


def rewrite_chemistry(markdown: str) -> str:
    r"""Return the Markdown with each ``\ce{…}`` as plain LaTeX; one that stands outside dollars gets its own.

    >>> rewrite_chemistry(r"$\ce{Fe2O3}$ 与 \ce{CO}")
    '${\\mathrm{Fe}_{2}\\mathrm{O}_{3}}$ 与 ${\\mathrm{CO}}$'
    """
    parts = []
    position = 0
    n_dollars = 0
    for match in re.finditer(r"\\ce\s*(?=\{)", markdown):
        if match.start() < position:
            raise ValueError(markdown[match.start() :])
        before = markdown[position : match.start()]
        n_dollars += len(re.findall(r"(?<!\\)\$", before))
        end = braced(markdown, match.end())
        latex = "{" + latex_of_chemistry(markdown[match.end() + 1 : end - 1]) + "}"
        parts += [before, latex if n_dollars % 2 else f"${latex}$"]
        position = end
    return "".join([*parts, markdown[position:]])
