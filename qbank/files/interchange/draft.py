"""What a reader of another program's file hands on: neutral records of questions, and where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qbank.core.unseen import Unseen, unseen, without_unseen
from qbank.problem import Problem, Span, error, warning

MAX_TEXT = 20_000
"""Longest text that an item's field can hold."""
MAX_PROBLEMS = 200
"""A file of the wrong kind fails in every row; after these many the rest is not listed."""

Steps = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """One question as another program wrote it, in the words of an item file.

    kind : word of `KINDS` ; entries : keys of an item → plain data, only those that the file gives ;
    id : an id of a bank of ours, where the file carries it ; source_id : the id in the other system ;
    competency : its code as the file gives it ; points : the knowledge points from the widest to the narrowest,
        as written ; level : 0 where the file does not say ;
    places : keys → line and column ; media : pictures by their path below the bank's folder ;
    shared : the stimulus that it names, as keys of a bank's file ; shared_media : the pictures of that
    """

    kind: str
    entries: Mapping[str, Any]
    span: Span
    id: str = ""
    source_id: str = ""
    competency: str = ""
    points: tuple[str, ...] = ()
    level: int = 0
    places: Mapping[Steps, tuple[int, int]] = field(default_factory=dict)
    media: Mapping[str, bytes] = field(default_factory=dict)
    shared: Mapping[str, str] | None = None
    shared_media: Mapping[str, bytes] = field(default_factory=dict)

    def place(self, *steps: int | str) -> Span:
        """Return where the key stands that the steps lead to, or the nearest one around it."""
        return Span(self.span.path, *self.position(steps))

    def position(self, steps: Steps) -> tuple[int, int]:
        """Return line and column of the same."""
        while steps:
            if (found := self.places.get(steps)) is not None:
                return found
            steps = steps[:-1]
        return self.span.line, self.span.column


Read = tuple[list[Draft], list[Problem]]


def note(code: str, span: Span, /, **facts: object) -> Problem:
    """Return a note: nothing to repair, but somebody may wonder."""
    return Problem(code, "note", span, tuple((name, str(value)) for name, value in facts.items()))


def clean(text: str) -> str:
    """Return text with ``\\n`` as its only line break, no blanks at its ends and no byte order marks.

    >>> clean(" 一\\r\\n二 ")
    '一\\n二'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "").strip()


def odd_character(text: str) -> str:
    """Return the first character that no text may hold (a control character, half of a pair), or nothing."""
    return next((one.character for one in unseen(text) if one.kind in ("control", "noncharacter")), "")


def without_unseen_characters(draft: Draft) -> tuple[Draft, list[Problem]]:
    """Return the draft without the characters that nobody sees and that can go with no loss, and a warning that names them.

    Text copied from pages and documents brings them by the dozen: zero-width spaces, soft hyphens, marks of direction.
    """
    gone: list[Unseen] = []

    def cleaned(value: Any) -> Any:
        if isinstance(value, str):
            text, found = without_unseen(value)
            gone.extend(found)
            return text
        if isinstance(value, Mapping):
            return {cleaned(key) if isinstance(key, str) else key: cleaned(entry) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(cleaned(entry) for entry in value)
        return value

    entries, shared = cleaned(draft.entries), cleaned(draft.shared)
    if not gone:
        return draft, []
    told = warning("I139", draft.span, n=len(gone), characters=", ".join(sorted({one.code for one in gone})))
    return replace(draft, entries=entries, shared=shared), [told]


def unfit_texts(draft: Draft) -> list[Problem]:
    """Return the texts of a draft that no item file can hold: too long, or with control characters."""
    problems = []
    for steps, text in _texts(dict(draft.entries), ()):
        if len(text) > MAX_TEXT:
            problems.append(error("I106", draft.place(*steps), n=len(text), most=MAX_TEXT))
        elif mark := odd_character(text):
            problems.append(error("I107", draft.place(*steps), character=f"U+{ord(mark):04X}"))
    return problems


def _texts(value: Any, steps: Steps) -> list[tuple[Steps, str]]:
    if isinstance(value, str):
        return [(steps, value)]
    if isinstance(value, Mapping):
        return [found for key, entry in value.items() for found in _texts(entry, (*steps, key))]
    if isinstance(value, list | tuple):
        return [found for index, entry in enumerate(value) for found in _texts(entry, (*steps, index))]
    return []
