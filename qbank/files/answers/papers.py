"""The papers that a file of answers may be about: their places, by item and by printed number, and their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qbank.core.form import Form, FormItem, answer_names, answer_places
from qbank.kinds import KINDS
from qbank.kinds.kind import folded


@dataclass(frozen=True, slots=True)
class Papers:
    """Some papers.

    places : of each paper, the questions that take an answer in printed order ; numbers : their printed numbers ;
    items : of all papers, each once ; entries : the first place of each item
    """

    forms: tuple[Form, ...]
    places: tuple[tuple[FormItem, ...], ...]
    numbers: tuple[tuple[str, ...], ...]
    items: tuple[str, ...]
    entries: tuple[FormItem, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of the papers."""
        return tuple(form.id for form in self.forms)

    @property
    def positions(self) -> tuple[str, ...]:
        """Return the printed numbers of all papers, each once."""
        return tuple(dict.fromkeys(number for numbers in self.numbers for number in numbers))

    def names(self, form: int, *, by_position: bool) -> tuple[str, ...]:
        """Return what the places of a paper are called in the file: printed numbers or items."""
        return self.numbers[form] if by_position else tuple(entry.id for entry in self.places[form])


def papers_of(forms: tuple[Form, ...]) -> Papers:
    """Return the places of some forms."""
    places = tuple(answer_places(form) for form in forms)
    first: dict[str, FormItem] = {}
    for entries in places:
        for entry in entries:
            first.setdefault(entry.id, entry)
    return Papers(forms, places, tuple(answer_names(form) for form in forms), tuple(first), tuple(first.values()))


def form_words(papers: Papers, aliases: Mapping[str, str]) -> dict[str, int]:
    """Return for what may stand in the column of papers the index of the paper.

    That is its id, what tells it from the others (``A`` of ``theory-1-A``), also as ``A卷``, and an alias; what fits
    two papers is left out.
    """
    words: dict[str, int] = {}
    twice: set[str] = set()
    for n, rest in enumerate(_distinct_ends(papers.ids)):
        for word in (rest, f"{rest}卷", f"卷{rest}", f"试卷{rest}") if rest else ():
            if words.setdefault(plain_word(word), n) != n:
                twice.add(plain_word(word))
    for word in twice:
        del words[word]
    place = {id: n for n, id in enumerate(papers.ids)}
    words |= {plain_word(id): n for id, n in place.items()}
    return words | {plain_word(word): place[id] for word, id in aliases.items() if id in place}


def plain_word(text: str) -> str:
    """Return a word as it is compared: half width, lower case, without blanks.

    >>> plain_word(" Ａ 卷")
    'a卷'
    """
    return "".join(folded(text).casefold().split())


def _distinct_ends(ids: tuple[str, ...]) -> list[str]:
    """Return of each id what follows the beginning that all share, parted at hyphens.

    >>> _distinct_ends(("theory-1-A", "theory-1-B", "theory-1-A-v2")), _distinct_ends(("theory-1-A",))
    (['A', 'B', 'A-v2'], ['A'])
    """
    parts = [id.split("-") for id in ids]
    shared = 0
    while all(len(part) > shared + 1 for part in parts) and len({part[shared] for part in parts}) == 1:
        shared += 1
    return ["-".join(part[shared:]) if shared else "" for part in parts]


def first_labels(entry: FormItem) -> tuple[str, ...]:
    """Return the labels that an item starts with: its letters, or what its kind offers."""
    kind = KINDS[entry.kind]
    return tuple(sorted(entry.order)) if kind.one_letter else kind.answers(entry.marked)
