"""What of a paper is one candidate's own: the fields filled in, the line on every page, the code, the digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qbank.core.presentation import Paper
from qbank.messages import text
from qbank.render import sheet as places
from qbank.render.typst_literals import dictionary, typst_string


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person of a room; ``paper`` is the place of the paper among those printed."""

    number: str
    name: str
    seat: str
    paper: int


def own_values(paper: Paper, candidate: Candidate) -> str:
    """Return what is filled in for a candidate, by the name of its field, as a dictionary of the compiler."""
    known = text(paper.language, "form.fields").split("|")
    values = dict(zip(known, ("", candidate.number, candidate.name), strict=False))
    filled = {name: values[name] for name in paper.fields if values.get(name)}
    return dictionary({typst_string(name): in_own_font(value) for name, value in filled.items()})


def in_own_font(words: str) -> str:
    """Return what is a candidate's own, set in one font: sans, which has the hanzi of GB 2312, or serif, which has more.

    Apart from the questions, so that their font is the same for all candidates of a paper; never two fonts in one name.

    >>> in_own_font("王伟"), in_own_font("李镕")
    ('text(font: sans, "王伟")', 'text(font: serif, "李镕")')
    """
    try:
        words.encode("gb2312")
    except UnicodeEncodeError:
        return f"text(font: serif, {typst_string(words)})"
    return f"text(font: sans, {typst_string(words)})"


def own_line(paper: Paper, candidate: Candidate) -> str:
    """Return the line that every page of a personal paper carries: number, name, seat."""
    seat = text(paper.language, "room.seat_of", seat=candidate.seat) if candidate.seat else ""
    return "　".join(filter(None, (candidate.number, candidate.name, seat)))


def own_digits(number: str, page: int) -> Iterator[str]:
    """Yield (x, y, y of the box above, digit) of each digit of a number; nothing where it does not fit the grid."""
    if not (number.isascii() and number.isdigit() and len(number) <= places.ID_DIGITS):
        return
    top = places.id_top(page)
    for place, digit in enumerate(number):
        x = places.ID_LEFT + (place + 0.5) * places.ID_PITCH
        yield f"({x:.2f}, {top + (int(digit) + 0.5) * places.ID_ROW:.2f}, {top - 4.75:.2f}, {typst_string(digit)})"
