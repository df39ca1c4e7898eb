"""A question while it is read: its item, what it asks, its options by letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qbank.files.interchange.draft import note
from qbank.files.interchange.platform_text import LETTERS
from qbank.files.interchange.qti.reading.content import Reading
from qbank.files.interchange.qti.reading.declared import Marking, Response


@dataclass(slots=True)
class Question:
    """An item while its interactions are read.

    hints : text by the identifier of an option, what the item tells whoever chose it ; guide : what markers are told
    """

    reading: Reading
    root: Any
    responses: Mapping[str, Response]
    marking: Marking
    hints: Mapping[str, str] = field(default_factory=dict)
    guide: Mapping[str, Any] = field(default_factory=dict)
    taken_hints: set[str] = field(default_factory=set)

    def response(self, node: Any) -> Response:
        """Return the response of an interaction; an empty one where the item declares none."""
        id = node.get("response-identifier", "")
        return self.responses.get(id) or Response(id, "single", "", (), {}, 0.0, None, False)


@dataclass(slots=True)
class Asked:
    """An interaction as a question of the bank: kind, keys, what stands before the answer, marks where they are told."""

    kind: str
    body: dict[str, Any]
    prompt: str = ""
    marks: float | None = None
    inline: bool = False


Found = Asked | None


def prompt_of(question: Question, node: Any) -> str:
    """Return what an interaction says before the answer."""
    return question.reading.text(node.find("prompt"))


def options_of(question: Question, nodes: list[Any], response: Response) -> tuple[dict[str, str], dict[str, str]]:
    """Return the options' texts by letter and their letters by identifier."""
    ids = [node.get("identifier", "") for node in nodes]
    letters = letters_of(ids)
    texts = {letters[id]: question.reading.text(node) for id, node in zip(ids, nodes, strict=True) if id in letters}
    if len({*ids}) < len(ids):
        twice = " ".join(sorted({id for id in ids if ids.count(id) > 1}))
        question.reading.wrong("X426", nodes[0], reason="same_identifier", found=twice[:60])
    if len(ids) > len(LETTERS):
        question.reading.wrong("X426", nodes[-1], reason="too_many_options", found=str(len(ids)))
    return texts, letters


def letters_of(ids: Sequence[str]) -> dict[str, str]:
    """Return the letter of each identifier: A, B, C … as they are, others by their place.

    >>> letters_of(["B", "A"]), letters_of(["ChoiceX", "A"])
    ({'B': 'B', 'A': 'A'}, {'ChoiceX': 'A', 'A': 'B'})
    """
    if sorted(ids) == list(LETTERS[: len(ids)]):
        return {id: id for id in ids}
    return dict(zip(ids, LETTERS, strict=False))


def order_of(node: Any, nodes: list[Any], letters: Mapping[str, str]) -> dict[str, Any]:
    """Return which options keep their place."""
    if node.get("shuffle", "false") != "true":
        return {"shuffle": False}
    pinned = [letters[one.get("identifier", "")] for one in nodes if one.get("fixed") == "true"]
    return {"pin": pinned} if pinned else {}


def shown_worth(worth: Mapping[str, float]) -> str:
    return ", ".join(f"{key}={value:g}" for key, value in worth.items())[:80]


def as_other(question: Question, node: Any, interaction: str, kind: str) -> Any:
    return note("X430", question.reading.span(node), interaction=interaction, kind=kind)
