r"""Where a reader of ``\ce{…}`` stands, what it has written, and what stands enclosed: labels of arrows, words, scripts in braces.

The signs of chemistry themselves are read by the steps of `chemistry`, which are handed to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

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
COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)")
FOREIGN = re.compile("[\u00b0\u2030\u2103\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
GREEK_LETTER = re.compile("[\u0391-\u03c9]")
_PHRASE = re.compile(rf"[^\\{{}}$^_#&~%+=]*(?:{FOREIGN.pattern})[^\\{{}}$^_#&~%+=]*|[A-Za-z,;.]+(?:\s+[A-Za-z,;.]+)+")
"""What stands over an arrow and is words, not chemistry: 高温, 900 ℃, blow oxygen."""
_MOST_NESTED = 12


class ChemistryFault(ValueError):
    """What cannot be read: ``offset`` in the text that was given, and the words ``found`` there."""

    def __init__(self, offset: int, found: str) -> None:
        self.offset, self.found = offset, found
        super().__init__(found)


def braced(source: str, start: int) -> int:
    r"""Return the position after the brace that closes the one at ``start``; ValueError if none does. ``\{`` is no brace."""
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(source, start):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    raise ValueError(source[start:])


@dataclass(slots=True)
class Reader:
    """One pass over the inside of ``\\ce{…}``.

    steps : each reads what it knows and says whether it did, tried in this order
    before : what stands directly before: nothing (`` ``), an atom (``a``), a number (``n``), an opening bracket (``(``)
    scripts : which of ``^ _`` the atom before has already ; opened : brackets not yet closed, with their places
    """

    source: str
    steps: tuple[Callable[[Reader], bool], ...]
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
            for step in self.steps:
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
            return Reader(self.source[start:end], self.steps, self.depth + 1).read()
        except ChemistryFault as fault:
            raise self.fault(start + fault.offset) from None

    def group(self, start: int) -> int:
        """Return the position after the brace that closes the one at ``start``."""
        try:
            return braced(self.source, start)
        except ValueError:
            raise self.fault(start) from None


def bracketed(reader: Reader, start: int) -> int:
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


def label_of(reader: Reader, start: int, end: int) -> str:
    """Return what stands over an arrow: words in braces, else chemistry; nothing where the brackets are empty."""
    while start < end and reader.source[start].isspace():
        start += 1
    words = reader.source[start:end].strip()
    if words.startswith("{") and reader.group(start) == start + len(words):
        return words_of(reader, start + 1, start + len(words) - 1)
    if _PHRASE.fullmatch(words):
        return rf"\text{{{words}}}"
    return reader.inner(start, start + len(words)) if words else ""


def words_of(reader: Reader, start: int, end: int) -> str:
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


def raised(reader: Reader, start: int, end: int) -> str:
    """Return the inside of a script in braces as LaTeX."""
    parts, place = [], start
    while place < end:
        mark = reader.source[place]
        if mark == "{":
            stop = reader.group(place)
            parts.append(words_of(reader, place + 1, stop - 1))
        elif mark == "$":
            stop = reader.source.find("$", place + 1, end) + 1
            if not stop:
                raise reader.fault(place)
            parts.append(reader.source[place + 1 : stop - 1])
        elif mark == "\\":
            command = COMMAND.match(reader.source, place)
            if command is None or command[0][1:] not in GREEK | SIGNS:
                raise reader.fault(place)
            stop = command.end()
            parts.append(f"{command[0]} ")
        elif found := re.compile(r"[A-Za-z]+|[\d.,+\-/()\[\]*•'=<>\s×]").match(reader.source, place):
            stop = found.end()
            parts.append(upright(found[0]))
        elif found := FOREIGN.match(reader.source, place) or GREEK_LETTER.match(reader.source, place):
            stop = found.end()
            parts.append(rf"\text{{{found[0]}}}")
        else:
            raise reader.fault(place)
        place = stop
    return "".join(parts)


def upright(words: str) -> str:
    """Return letters as they stand in a script: one small letter is a variable, others are upright.

    >>> upright("2+"), upright("x"), upright("II")
    ('2+', 'x', '\\\\mathrm{II}')
    """
    words = words.replace("•", r"\bullet ").replace("*", r"\ast ").replace("×", r"\times ").replace("'", r"\prime ")
    if re.fullmatch("[A-Z]|[A-Za-z]{2,}", words):
        return rf"\mathrm{{{words}}}"
    return r"\bullet " if words == "." else words
