r"""Chemistry: ``\ce{…}`` of mhchem, rewritten into plain LaTeX that every converter knows.

Covered: formulae, charges, coefficients (``2``, ``0.5``, ``1/2``, ``n``), states ``(s)``, hydrates, bonds ``-`` ``=`` ``#``,
isotopes, ``[C]`` and ``(FeO)`` as steelmakers write them, arrows with chemistry or words over and under, ``^`` and ``v``
for gas and precipitate, words in braces, mathematics between dollars, Greek letters, fractions. What else is written
is refused at its place: what nobody can read must not be guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qbank.core.chemistry_reader import (
    COMMAND,
    FOREIGN,
    GREEK,
    GREEK_LETTER,
    SIGNS,
    ChemistryFault,
    Reader,
    braced,
    bracketed,
    label_of,
    raised,
    upright,
    words_of,
)

ARROWS = {
    "<=>>": r"\overset{⟶}{\leftarrow}",
    "<<=>": r"\underset{⟵}{\rightarrow}",
    "<-->": r"\rightleftarrows",
    "<->": r"\leftrightarrow",
    "<=>": r"\rightleftharpoons",
    "->": r"\rightarrow",
    "<-": r"\leftarrow",
    "→": r"\rightarrow",
    "←": r"\leftarrow",
    "↔": r"\leftrightarrow",
    "⇌": r"\rightleftharpoons",
    "⇄": r"\rightleftarrows",
}
MARKS = {"(^)": r"\uparrow", "(v)": r"\downarrow", "↑": r"\uparrow", "↓": r"\downarrow"}
BONDS = {"-": "–", "–": "–", "—": "–", "=": "=", "#": "≡", "~": "~", "...": "⋯", "....": "⋯", "->": "→", "<-": "←"}
BRACKETS = {")": "(", "]": "[", r"\}": r"\{"}
OVER = frozenset(("overset", "underset", "frac", "tfrac", "dfrac"))
WORDS = frozenset(("text", "mathrm", "mathit"))
_ARROW = re.compile("|".join(map(re.escape, ARROWS)))
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:/\d+)?")
_INDEX = re.compile(r"0\.\d+|\d+")
_LETTERS = re.compile(r"[A-Za-z]+")
_VARIABLE = re.compile(r"[a-z](?=\s*[A-Z(\[])")
_SCRIPT = re.compile(r"-?\d+(?:\.\d+)?(?:[+-](?![A-Za-z\d(\[]))?|[A-Za-z](?:[+-](?![A-Za-z\d(\[]))?|[+-]{1,3}|[.*•'×]")
_SUBSCRIPT = re.compile(r"-?\d+(?:\.\d+)?|[A-Za-z]|\([a-z]{1,2}\)")
LONG = {r"\rightarrow": "⟶", r"\leftarrow": "⟵", r"\leftrightarrow": "⟷"}
"""Arrows that carry words are the longer ones."""


def _blank(reader: Reader) -> bool:
    match = re.compile(r"\s+").match(reader.source, reader.position)
    return bool(match) and reader.put(" ", len(match[0]) if match else 0, " ")


def _arrow(reader: Reader) -> bool:
    """Read an arrow and what stands over and under it."""
    match = _ARROW.match(reader.source, reader.position)
    if match is None:
        return False
    place = match.end()
    labels: list[str] = []
    while len(labels) < 2 and reader.source[place : place + 1] == "[":
        end = bracketed(reader, place)
        labels.append(label_of(reader, place + 1, end - 1))
        place = end
    over, under = [*labels, "", ""][:2]
    arrow = ARROWS[match[0]]
    if over or under:
        arrow = LONG.get(arrow, arrow)
    stacked = rf"\overset{{{over}}}{{{arrow}}}" if over else arrow
    stacked = rf"\underset{{{under}}}{{{stacked}}}" if under else stacked
    left = "" if reader.before == " " else " "
    right = "" if reader.source[place : place + 1].isspace() else " "
    return reader.put(f"{left}{stacked}{right}", place - reader.position, " ")


def _mark(reader: Reader) -> bool:
    """Read the marks of a gas and a precipitate."""
    for mark, latex in MARKS.items():
        if reader.source.startswith(mark, reader.position):
            return reader.put(latex, len(mark), " ")
    alone = reader.ahead(1).isspace()
    if reader.rest() == "^" and alone:
        return reader.put(r"\uparrow", 1, " ")
    if reader.rest() == "v" and alone and reader.before == " ":
        return reader.put(r"\downarrow", 1, " ")
    return False


def _sign(reader: Reader) -> bool:
    """Read ``+ - =``: an operator between blanks, a charge at the end of a formula, a bond within one."""
    mark, after = reader.rest(), reader.ahead(1)
    if mark not in ("+", "-", "=", "#", "–", "—"):
        return False
    if mark == "=" and after == "=":
        return reader.put("=", 2, " ")
    if reader.before == " ":
        return mark != "#" and reader.put("-" if mark in "–—" else mark, 1, " ")
    n = 1
    while mark in "+-" and reader.ahead(n) == mark and n < 3:
        n += 1
    if mark in "+-" and (reader.ahead(n) in " \t\n)]},;_^'/" or _ARROW.match(reader.source, reader.position + n)):
        return reader.script("^", mark * n, n)
    if mark == "+" or after.isspace():
        return False
    return reader.put(rf"\text{{{BONDS[mark]}}}", 1, "(")


def _dot(reader: Reader) -> bool:
    """Read the dot of a hydrate."""
    mark = reader.rest()
    if mark not in ("*", "·", "•", "."):
        return False
    # 4.2 could be an index; a dot is read before a number and a formula only
    if mark == "." and re.compile(r"\.\s*\d*\s*[A-Za-z(\[{$\\]").match(reader.source, reader.position) is None:
        return False
    return reader.put(r"\cdot ", 1, " ")


def _script(reader: Reader) -> bool:
    """Read what stands raised or lowered."""
    sign = reader.rest()
    if sign == "'":
        n = 2 if reader.ahead(1) == "'" else 1
        return reader.script("^", r"\prime" * n, n)
    if sign not in ("^", "_"):
        return False
    start = reader.position + 1
    mark = reader.source[start : start + 1]
    if mark == "{":
        end = reader.group(start)
        return reader.script(sign, raised(reader, start + 1, end - 1), end - reader.position)
    if mark == "$" and (end := reader.source.find("$", start + 1)) > 0:
        return reader.script(sign, reader.source[start + 1 : end], end + 1 - reader.position)
    if mark == "\\" and (command := COMMAND.match(reader.source, start)) and command[0][1:] in GREEK | SIGNS:
        return reader.script(sign, command[0], command.end() - reader.position)
    match = (_SCRIPT if sign == "^" else _SUBSCRIPT).match(reader.source, start)
    if match is None:
        return False
    isotope = sign == "^" and reader.before == "a" and match[0].isdigit() and reader.source[match.end() : match.end() + 1].isupper()
    if isotope:  # H^3HO: the number of the H that follows
        reader.before, reader.scripts = " ", ""
    return reader.script(sign, upright(match[0]), match.end() - reader.position)


def _number(reader: Reader) -> bool:
    """Read a number: an index after an atom or a bracket, else how many there are of what follows."""
    index = _INDEX.match(reader.source, reader.position)
    if index is None:
        return False
    if reader.before == "a" and "_" not in reader.scripts:
        return reader.script("_", index[0], len(index[0]))
    match = _NUMBER.match(reader.source, reader.position)
    assert match is not None
    whole, _, part = match[0].partition("/")
    latex = rf"\frac{{{whole}}}{{{part}}}" if part else whole
    follows = reader.source[match.end() :].lstrip()[:1]
    thin = r"\," if follows and (follows.isalpha() or follows in "([{$\\") else ""
    return reader.put(latex + thin, len(match[0]), "n")


def _letters(reader: Reader) -> bool:
    """Read a symbol, or the small letter that stands for a number before one."""
    if reader.before in (" ", "(", "n") and (variable := _VARIABLE.match(reader.source, reader.position)):
        return reader.put(variable[0] + r"\,", 1, "n")
    match = _LETTERS.match(reader.source, reader.position)
    return match is not None and reader.put(rf"\mathrm{{{match[0]}}}", len(match[0]), "a")


def _bracket(reader: Reader) -> bool:
    """Read a bracket; those that do not pair are refused where they stand."""
    mark = reader.source[reader.position : reader.position + 2] if reader.rest() == "\\" else reader.rest()
    if mark in BRACKETS.values() and mark:
        reader.opened.append((mark, reader.position))
        return reader.put(mark, len(mark), "(")
    if mark not in BRACKETS:
        return False
    if not reader.opened or reader.opened[-1][0] != BRACKETS[mark]:
        return False
    reader.opened.pop()
    return reader.put(mark, len(mark), "a")


def _group(reader: Reader) -> bool:
    """Read words in braces, or mathematics between dollars."""
    if reader.rest() == "{":
        end = reader.group(reader.position)
        words = reader.source[reader.position + 1 : end - 1]
        if words in BONDS:
            return reader.put(rf"\text{{{BONDS[words]}}}", end - reader.position, "(")
        latex = words_of(reader, reader.position + 1, end - 1) or "{}"
        return reader.put(latex, end - reader.position, "a" if words else " ")
    if reader.rest() == "$" and (end := reader.source.find("$", reader.position + 1)) > 0:
        inside = rewrite_chemistry(f"${reader.source[reader.position + 1 : end]}$")[1:-1]
        return reader.put(f"{{{inside}}}", end + 1 - reader.position, "a")
    return False


def _command(reader: Reader) -> bool:
    """Read a Greek letter, a sign, a fraction, words, a bond."""
    match = COMMAND.match(reader.source, reader.position)
    if match is None:
        return False
    name, place = match[0][1:], match.end()
    if name in GREEK:
        return reader.put(f"{match[0]} ", len(match[0]), "a")
    if name in SIGNS or name == " ":
        return reader.put(f"{match[0]} ", len(match[0]), "a" if name == "infty" else " ")
    ends = []
    for _ in range(2 if name in OVER else 1):
        if reader.source[place : place + 1] != "{":
            return False
        ends.append((place + 1, reader.group(place) - 1))
        place = ends[-1][1] + 1
    if name in OVER:
        first, second = (reader.inner(*part) for part in ends)
        return reader.put(rf"\{name}{{{first}}}{{{second}}}", place - reader.position, "a")
    inside = reader.source[slice(*ends[0])]
    if name == "bond" and (bond := {"1": "-", "2": "=", "3": "#"}.get(inside, inside)) in BONDS:
        return reader.put(rf"\text{{{BONDS[bond]}}}", place - reader.position, "(")
    if name in WORDS and not re.search(r"[\\{}$^_#&~]", inside):
        return reader.put(rf"\{name}{{{inside}}}", place - reader.position, "a")
    return reader.put(reader.inner(*ends[0]), place - reader.position, "a") if name == "ce" else False


def _punctuation(reader: Reader) -> bool:
    """Read what stands between formulae, and words of other scripts."""
    mark = reader.rest()
    if mark in ",;:/<>|!":
        return reader.put(f"{mark} " if mark in ",;" else mark, 1, " ")
    if mark == "%":
        return reader.put(r"\%", 1, "a")
    if GREEK_LETTER.match(mark):
        return reader.put(mark, 1, "a")
    match = FOREIGN.match(reader.source, reader.position)
    return match is not None and reader.put(rf"\text{{{match[0]}}}", len(match[0]), "a")


_STEPS = (_blank, _arrow, _mark, _sign, _dot, _script, _number, _letters, _bracket, _group, _command, _punctuation)
"""Each reads what it knows and says whether it did, in this order."""


def latex_of_chemistry(source: str) -> str:
    r"""Return the plain LaTeX of the inside of ``\ce{…}``; `ChemistryFault`, a ValueError, on what is not covered.

    >>> latex_of_chemistry("2H2 + O2 -> 2H2O")
    '2\\,\\mathrm{H}_{2} + \\mathrm{O}_{2} \\rightarrow 2\\,\\mathrm{H}_{2}\\mathrm{O}'
    >>> latex_of_chemistry("MnO-SiO2"), latex_of_chemistry("SO4^2-")
    ('\\mathrm{MnO}\\text{–}\\mathrm{SiO}_{2}', '\\mathrm{SO}_{4}^{2-}')
    """
    return Reader(source, _STEPS).read()


_CE = re.compile(r"\\ce(?![A-Za-z])\s*(?=\{)|\\ce(?![A-Za-z])")
_DOLLAR = re.compile(r"(?<!\\)\$")


def chemistry_in(markdown: str) -> Iterator[tuple[int, int, str | ChemistryFault]]:
    r"""Yield start and end of each ``\ce{…}``, and its LaTeX or why it has none, the offset counted in the Markdown.

    >>> [(start, end, str(latex)) for start, end, latex in chemistry_in(r"含 \ce{CO}")]
    [(2, 9, '\\mathrm{CO}')]
    """
    position = 0
    for match in _CE.finditer(markdown):
        if match.start() < position:
            continue
        try:
            position = braced(markdown, match.end()) if markdown[match.end() : match.end() + 1] == "{" else 0
        except ValueError:
            position = 0
        if not position:
            yield match.start(), len(markdown), ChemistryFault(match.start(), markdown[match.start() : match.start() + 12])
            return
        inside = markdown[match.end() + 1 : position - 1]
        latex: str | ChemistryFault
        try:
            latex = latex_of_chemistry(inside) if inside.strip() else ChemistryFault(match.start(), markdown[match.start() : position])
        except ChemistryFault as fault:
            latex = ChemistryFault(match.end() + 1 + fault.offset, fault.found)
        yield match.start(), position, latex


def rewrite_chemistry(markdown: str) -> str:
    r"""Return the Markdown with each ``\ce{…}`` as plain LaTeX; one that stands outside dollars gets its own.

    >>> rewrite_chemistry(r"$\ce{Fe2O3}$ 与 \ce{CO}")
    '${\\mathrm{Fe}_{2}\\mathrm{O}_{3}}$ 与 ${\\mathrm{CO}}$'
    """
    if "\\ce" not in markdown:
        return markdown
    parts = []
    position = n_dollars = 0
    for start, end, latex in chemistry_in(markdown):
        if isinstance(latex, ChemistryFault):
            raise latex
        before = markdown[position:start]
        n_dollars += len(_DOLLAR.findall(before))
        parts += [before, f"{{{latex}}}" if n_dollars % 2 else f"${{{latex}}}$"]
        position = end
    return "".join([*parts, markdown[position:]])
