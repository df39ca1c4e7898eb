r"""Chemistry: ``\ce{…}`` of mhchem, rewritten into plain LaTeX that every converter knows.

Covered: formulae, charges, coefficients (``2``, ``0.5``, ``1/2``, ``n``), states ``(s)``, hydrates, bonds ``-`` ``=`` ``#``,
isotopes, ``[C]`` and ``(FeO)`` as steelmakers write them, arrows with chemistry or words over and under, ``^`` and ``v``
for gas and precipitate, words in braces, mathematics between dollars, Greek letters, fractions. What else is written
is refused at its place: what nobody can read must not be guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

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
GREEK = frozenset(
    re.findall(
        r"\w+",
        """alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi varphi chi psi
        omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega""",
    )
)
SIGNS = frozenset(
    ("pm", "mp", "infty", "circ", "cdot", "times", "bullet", "prime", "ldots", "dots", "cdots", "approx", ",", ";", ":", "!", "%")
)
OVER = frozenset(("overset", "underset", "frac", "tfrac", "dfrac"))
WORDS = frozenset(("text", "mathrm", "mathit"))

_ARROW = re.compile("|".join(map(re.escape, ARROWS)))
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:/\d+)?")
_INDEX = re.compile(r"0\.\d+|\d+")
_LETTERS = re.compile(r"[A-Za-z]+")
_VARIABLE = re.compile(r"[a-z](?=\s*[A-Z(\[])")
_SCRIPT = re.compile(r"-?\d+(?:\.\d+)?(?:[+-](?![A-Za-z\d(\[]))?|[A-Za-z](?:[+-](?![A-Za-z\d(\[]))?|[+-]{1,3}|[.*•'×]")
_SUBSCRIPT = re.compile(r"-?\d+(?:\.\d+)?|[A-Za-z]|\([a-z]{1,2}\)")
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)")
_FOREIGN = re.compile("[\u00b0\u2030\u2103\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
_GREEK_LETTER = re.compile("[\u0391-\u03c9]")
_PHRASE = re.compile(rf"[^\\{{}}$^_#&~%+=]*(?:{_FOREIGN.pattern})[^\\{{}}$^_#&~%+=]*|[A-Za-z,;.]+(?:\s+[A-Za-z,;.]+)+")
"""What stands over an arrow and is words, not chemistry: 高温, 900 ℃, blow oxygen."""
_MOST_NESTED = 12


class ChemistryFault(ValueError):
    """What cannot be read: ``offset`` in the text that was given, and the words ``found`` there."""

    def __init__(self, offset: int, found: str) -> None:
        self.offset, self.found = offset, found
        super().__init__(found)


@dataclass(slots=True)
class _Reader:
    """One pass over the inside of ``\\ce{…}``.

    before : what stands directly before: nothing (`` ``), an atom (``a``), a number (``n``), an opening bracket (``(``)
    scripts : which of ``^ _`` the atom before has already ; opened : brackets not yet closed, with their places
    """

    source: str
    depth: int = 0
    position: int = 0
    before: str = " "
    scripts: str = ""
    parts: list[str] = field(default_factory=list)
    opened: list[tuple[str, int]] = field(default_factory=list)

    def read(self) -> str:
        """Return the LaTeX of the whole."""
        if self.depth > _MOST_NESTED:
            raise self.fault(0)
        while self.position < len(self.source):
            for step in _STEPS:
                if step(self):
                    break
            else:
                raise self.fault(self.position)
        if self.opened:
            raise self.fault(self.opened[-1][1])
        return "".join(self.parts).strip()

    def fault(self, offset: int) -> ChemistryFault:
        """Return the refusal of what stands at a place."""
        return ChemistryFault(offset, self.source[offset : offset + 12])

    def rest(self) -> str:
        """Return what is still to be read, as far as any sign looks ahead."""
        return self.source[self.position : self.position + 1]

    def ahead(self, n: int) -> str:
        """Return the character so many places on, a blank at the end."""
        place = self.position + n
        return self.source[place] if place < len(self.source) else " "

    def put(self, latex: str, n: int, before: str) -> bool:
        """Write LaTeX for the next ``n`` characters."""
        self.parts.append(latex)
        self.position += n
        self.before = before
        self.scripts = ""
        return True

    def script(self, sign: str, latex: str, n: int) -> bool:
        """Write what stands raised or lowered; two of a kind on one atom have no place."""
        if sign == "_" and self.scripts == "_^":  # a state of matter below a formula with a charge
            self.parts.append("{}")
            self.scripts = ""
        if sign in self.scripts:
            raise self.fault(self.position)
        if self.before in (" ", "(", "n"):  # an isotope's numbers stand before their element
            self.parts.append("{}")
            self.before = "i"
        self.scripts += sign
        self.parts.append(f"{sign}{{{latex}}}")
        self.position += n
        return True

    def inner(self, start: int, end: int) -> str:
        """Return the LaTeX of a part of the source that is chemistry itself."""
        try:
            return _Reader(self.source[start:end], self.depth + 1).read()
        except ChemistryFault as fault:
            raise self.fault(start + fault.offset) from None

    def group(self, start: int) -> int:
        """Return the position after the brace that closes the one at ``start``."""
        try:
            return braced(self.source, start)
        except ValueError:
            raise self.fault(start) from None


def _blank(reader: _Reader) -> bool:
    match = re.compile(r"\s+").match(reader.source, reader.position)
    return bool(match) and reader.put(" ", len(match[0]) if match else 0, " ")


def _arrow(reader: _Reader) -> bool:
    """Read an arrow and what stands over and under it."""
    match = _ARROW.match(reader.source, reader.position)
    if match is None:
        return False
    place = match.end()
    labels: list[str] = []
    while len(labels) < 2 and reader.source[place : place + 1] == "[":
        end = _bracketed(reader, place)
        labels.append(_label(reader, place + 1, end - 1))
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


LONG = {r"\rightarrow": "⟶", r"\leftarrow": "⟵", r"\leftrightarrow": "⟷"}
"""Arrows that carry words are the longer ones."""


def _bracketed(reader: _Reader, start: int) -> int:
    """Return the position after the bracket that closes the label of an arrow."""
    depth, place = 0, start
    while place < len(reader.source):
        mark = reader.source[place]
        if mark == "{":
            place = reader.group(place)
            continue
        depth += (mark == "[") - (mark == "]")
        place += 1
        if depth == 0:
            return place
    raise reader.fault(start)


def _label(reader: _Reader, start: int, end: int) -> str:
    """Return what stands over an arrow: words in braces, else chemistry; nothing where the brackets are empty."""
    while start < end and reader.source[start].isspace():
        start += 1
    words = reader.source[start:end].strip()
    if words.startswith("{") and reader.group(start) == start + len(words):
        return _words(reader, start + 1, start + len(words) - 1)
    if _PHRASE.fullmatch(words):
        return rf"\text{{{words}}}"
    return reader.inner(start, start + len(words)) if words else ""


def _words(reader: _Reader, start: int, end: int) -> str:
    """Return plain words as LaTeX; mathematics between dollars may stand among them."""
    parts = []
    for index, piece in enumerate(reader.source[start:end].split("$")):
        if index % 2:
            parts.append(piece)
        elif special := re.search(r"[\\{}^_#&~]", piece):
            raise reader.fault(start + reader.source[start:end].index(special[0]))
        elif piece:
            parts.append(rf"\text{{{piece.replace('%', chr(92) + '%')}}}")
    return "".join(parts)


def _mark(reader: _Reader) -> bool:
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


def _sign(reader: _Reader) -> bool:
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


def _dot(reader: _Reader) -> bool:
    """Read the dot of a hydrate."""
    mark = reader.rest()
    if mark not in ("*", "·", "•", "."):
        return False
    # 4.2 could be an index; a dot is read before a number and a formula only
    if mark == "." and re.compile(r"\.\s*\d*\s*[A-Za-z(\[{$\\]").match(reader.source, reader.position) is None:
        return False
    return reader.put(r"\cdot ", 1, " ")


def _script(reader: _Reader) -> bool:
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
        return reader.script(sign, _raised(reader, start + 1, end - 1), end - reader.position)
    if mark == "$" and (end := reader.source.find("$", start + 1)) > 0:
        return reader.script(sign, reader.source[start + 1 : end], end + 1 - reader.position)
    if mark == "\\" and (command := _COMMAND.match(reader.source, start)) and command[0][1:] in GREEK | SIGNS:
        return reader.script(sign, command[0], command.end() - reader.position)
    match = (_SCRIPT if sign == "^" else _SUBSCRIPT).match(reader.source, start)
    if match is None:
        return False
    isotope = sign == "^" and reader.before == "a" and match[0].isdigit() and reader.source[match.end() : match.end() + 1].isupper()
    if isotope:  # H^3HO: the number of the H that follows
        reader.before, reader.scripts = " ", ""
    return reader.script(sign, _upright(match[0]), match.end() - reader.position)


def _raised(reader: _Reader, start: int, end: int) -> str:
    """Return the inside of a script in braces as LaTeX."""
    parts, place = [], start
    while place < end:
        mark = reader.source[place]
        if mark == "{":
            stop = reader.group(place)
            parts.append(_words(reader, place + 1, stop - 1))
        elif mark == "$":
            stop = reader.source.find("$", place + 1, end) + 1
            if not stop:
                raise reader.fault(place)
            parts.append(reader.source[place + 1 : stop - 1])
        elif mark == "\\":
            command = _COMMAND.match(reader.source, place)
            if command is None or command[0][1:] not in GREEK | SIGNS:
                raise reader.fault(place)
            stop = command.end()
            parts.append(f"{command[0]} ")
        elif found := re.compile(r"[A-Za-z]+|[\d.,+\-/()\[\]*•'=<>\s×]").match(reader.source, place):
            stop = found.end()
            parts.append(_upright(found[0]))
        elif found := _FOREIGN.match(reader.source, place) or _GREEK_LETTER.match(reader.source, place):
            stop = found.end()
            parts.append(rf"\text{{{found[0]}}}")
        else:
            raise reader.fault(place)
        place = stop
    return "".join(parts)


def _upright(words: str) -> str:
    """Return letters as they stand in a script: one small letter is a variable, others are upright.

    >>> _upright("2+"), _upright("x"), _upright("II")
    ('2+', 'x', '\\\\mathrm{II}')
    """
    words = words.replace("•", r"\bullet ").replace("*", r"\ast ").replace("×", r"\times ").replace("'", r"\prime ")
    if re.fullmatch("[A-Z]|[A-Za-z]{2,}", words):
        return rf"\mathrm{{{words}}}"
    return r"\bullet " if words == "." else words


def _number(reader: _Reader) -> bool:
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


def _letters(reader: _Reader) -> bool:
    """Read a symbol, or the small letter that stands for a number before one."""
    if reader.before in (" ", "(", "n") and (variable := _VARIABLE.match(reader.source, reader.position)):
        return reader.put(variable[0] + r"\,", 1, "n")
    match = _LETTERS.match(reader.source, reader.position)
    return match is not None and reader.put(rf"\mathrm{{{match[0]}}}", len(match[0]), "a")


def _bracket(reader: _Reader) -> bool:
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


def _group(reader: _Reader) -> bool:
    """Read words in braces, or mathematics between dollars."""
    if reader.rest() == "{":
        end = reader.group(reader.position)
        words = reader.source[reader.position + 1 : end - 1]
        if words in BONDS:
            return reader.put(rf"\text{{{BONDS[words]}}}", end - reader.position, "(")
        latex = _words(reader, reader.position + 1, end - 1) or "{}"
        return reader.put(latex, end - reader.position, "a" if words else " ")
    if reader.rest() == "$" and (end := reader.source.find("$", reader.position + 1)) > 0:
        inside = rewrite_chemistry(f"${reader.source[reader.position + 1 : end]}$")[1:-1]
        return reader.put(f"{{{inside}}}", end + 1 - reader.position, "a")
    return False


def _command(reader: _Reader) -> bool:
    """Read a Greek letter, a sign, a fraction, words, a bond."""
    match = _COMMAND.match(reader.source, reader.position)
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


def _punctuation(reader: _Reader) -> bool:
    """Read what stands between formulae, and words of other scripts."""
    mark = reader.rest()
    if mark in ",;:/<>|!":
        return reader.put(f"{mark} " if mark in ",;" else mark, 1, " ")
    if mark == "%":
        return reader.put(r"\%", 1, "a")
    if _GREEK_LETTER.match(mark):
        return reader.put(mark, 1, "a")
    match = _FOREIGN.match(reader.source, reader.position)
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
    return _Reader(source).read()


def braced(source: str, start: int) -> int:
    r"""Return the position after the brace that closes the one at ``start``; ValueError if none does. ``\{`` is no brace."""
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(source, start):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    raise ValueError(source[start:])


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
