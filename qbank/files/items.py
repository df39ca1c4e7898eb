"""items/**/*.yaml → items: the head that every item has, the body that its kind has."""

from __future__ import annotations

import marshal
from dataclasses import dataclass, field
from typing import Annotated, cast

from pydantic import Field

from qbank.core.authored import Authored, FilledText, Many, WrittenText
from qbank.core.item import Body, Cognitive, Item, Status, Step
from qbank.files.exact_places import exact_span
from qbank.files.outline import from_outline, outline
from qbank.files.shape import did_you_mean, kind_of, model_keys, shape
from qbank.files.standard import Code, Level
from qbank.files.stimuli import StimulusSource, read_stimuli
from qbank.files.templates import TEMPLATE_KEYS, Values, read_template
from qbank.files.yaml_text import Mapping, Node, Scalar, Sequence, locate
from qbank.kinds import KINDS
from qbank.kinds.variants import check_template
from qbank.problem import Problem, Span, error

Marks = Annotated[float, Field(ge=0.5, le=100, multiple_of=0.5)]


class StepText(Authored):
    """One entry of ``log:``, a step of the item's way through the editorial office."""

    to: Status
    by: FilledText
    on: Annotated[WrittenText, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    note: WrittenText = ""
    fingerprint: WrittenText = ""


class ItemHead(Authored):
    """The keys that every item has, whatever its kind."""

    id: Code
    kind: str
    competency: Code
    level: Level
    stem: FilledText
    marks: Marks = 1.0
    status: Status = "draft"
    grade: Annotated[int, Field(ge=1, le=5)]
    cognitive: Cognitive
    seconds: Annotated[int, Field(ge=5, le=28800)]
    rationale: WrittenText = ""
    reference: WrittenText = ""
    enemies: Many[WrittenText] = ()
    tags: Many[WrittenText] = ()
    author: WrittenText = ""
    congruence: Annotated[int, Field(ge=1, le=5)] | None = None
    source_id: WrittenText = ""
    log: Many[StepText] = ()
    stimulus: WrittenText = ""
    parameters: dict[str, Values] = Field(default_factory=dict)
    conditions: Many[FilledText] = ()


HEAD_KEYS = frozenset(model_keys(ItemHead))


class ItemPlaces:
    """Where everything of a file's items stands: their trees while the file is read, then only the positions."""

    __slots__ = ("_nodes", "_outlines", "path")

    def __init__(self, path: str, outlines: bytes | None = None) -> None:
        self.path, self._outlines = path, outlines
        self._nodes: list[Mapping] | None = None if outlines is not None else []

    def add(self, node: Mapping) -> int:
        """Keep the tree of one more item, defaults included; return its number."""
        assert self._nodes is not None
        self._nodes.append(node)
        return len(self._nodes) - 1

    def close(self) -> bytes:
        """Let go of the trees and return the positions, which are a tenth of their size."""
        if self._outlines is None:
            self._outlines = marshal.dumps([outline(node) for node in self._nodes or ()])
        self._nodes = None
        return self._outlines

    def node(self, number: int) -> Mapping:
        """Return the tree of an item; once the file is closed all texts in it are empty."""
        if self._nodes is None:
            self._nodes = [cast("Mapping", from_outline(plain)) for plain in marshal.loads(self._outlines or b"")]
        return self._nodes[number]


@dataclass(frozen=True, slots=True)
class ItemText:
    """An item together with the places of its keys, so that later checks find their positions.

    number : of the item among the sound ones of its file
    """

    item: Item
    path: str
    places: ItemPlaces = field(compare=False, repr=False)
    number: int

    def place(self, *steps: int | str, key: bool = False, offset: int = -1, text: str = "") -> Span:
        """Return where the key or entry stands that the steps lead to, or so many characters on in its text.

        text : the whole text, to find the place in whatever way it is written; else only where it stands as it is
        """
        span = Span(self.path, *locate(self.places.node(self.number), steps, key=key, offset=-1 if text else offset))
        return exact_span(span, text, offset) if text else span


FILE_KEYS = ("defaults", "stimuli", "items")
"""What may stand in a file of items."""


def file_stimuli(node: Node, path: str) -> tuple[list[StimulusSource], list[Problem]]:
    """Return the stimuli of one file and what is wrong with them."""
    written = node.entries.get("stimuli") if isinstance(node, Mapping) else None
    return ([], []) if written is None else read_stimuli(written, path)


def read_items(node: Node, places: ItemPlaces) -> tuple[list[ItemText], dict[str, Span], list[Problem]]:
    """Return the sound items of one file, where every id (sound or not) stands, and what is wrong."""
    path = places.path
    problems: list[Problem] = []
    if not isinstance(node, Mapping):
        span, name = Span(path, node.line, node.column), path.rpartition("/")[2]
        return [], {}, [error("S103", span, key=name, expected="mapping", found=kind_of(node))]
    for key in node.entries:
        if key not in FILE_KEYS:
            span = Span(path, *node.keys[key])
            problems.append(error("S101", span, key=key, suggestion=did_you_mean(key, FILE_KEYS)))
    defaults = node.entries.get("defaults", Mapping({}, {}, node.line, node.column))
    entries = node.entries.get("items")
    if entries is None:
        return [], {}, [*problems, error("S102", Span(path, node.line, node.column), key="items")]
    for key, part, wanted, kind in (("defaults", defaults, Mapping, "mapping"), ("items", entries, Sequence, "list")):
        if not isinstance(part, wanted):
            span = Span(path, part.line, part.column)
            problems.append(error("S103", span, key=key, expected=kind, found=kind_of(part)))
    if not isinstance(defaults, Mapping) or not isinstance(entries, Sequence):
        return [], {}, problems
    problems += _wrong_defaults(defaults, path)
    items: list[ItemText] = []
    declared: dict[str, Span] = {}
    inherited = {key: entry for key, entry in defaults.entries.items() if key in HEAD_KEYS}
    for entry in entries.entries:
        item, wrong = _read_item(entry, inherited, defaults, places)
        problems += wrong
        if isinstance(entry, Mapping) and isinstance(id := entry.entries.get("id"), Scalar):
            span = Span(path, id.line, id.column)
            if id.text in declared:
                problems.append(_duplicate(id.text, span, declared[id.text]))
                continue
            declared[id.text] = span
        if item:
            items.append(item)
    return items, declared, problems


def _start(node: Mapping, path: str) -> Span:
    """Return where an item's id stands, or where the item does that has its id from the defaults."""
    at = node.entries.get("id", node)
    return Span(path, at.line, at.column)


def _duplicate(id: str, span: Span, first: Span) -> Problem:
    return error("Q101", span, id=id, first=first, related=(first,))


def duplicate_ids(files: list[dict[str, Span]]) -> list[Problem]:
    """Return a problem for every id that an earlier file has used already."""
    first: dict[str, Span] = {}
    problems: list[Problem] = []
    for declared in files:
        for id, span in declared.items():
            if id in first:
                problems.append(_duplicate(id, span, first[id]))
            first.setdefault(id, span)
    return problems


def _wrong_defaults(defaults: Mapping, path: str) -> list[Problem]:
    allowed = sorted(HEAD_KEYS - TEMPLATE_KEYS - {"id", "stem"})
    return [
        error("S101", Span(path, *defaults.keys[key]), key=key, suggestion=did_you_mean(key, allowed))
        for key in defaults.entries
        if key not in allowed
    ]


def _read_item(
    node: Node, inherited: dict[str, Node], defaults: Mapping, places: ItemPlaces
) -> tuple[ItemText | None, list[Problem]]:
    path = places.path
    if not isinstance(node, Mapping):
        span = Span(path, node.line, node.column)
        return None, [error("S103", span, key="items", expected="mapping", found=kind_of(node))]
    merged = Mapping(inherited | node.entries, defaults.keys | node.keys, node.line, node.column)
    word = merged.entries.get("kind")
    kind = KINDS.get(word.text) if isinstance(word, Scalar) else None
    problems: list[Problem] = []
    if isinstance(word, Scalar) and isinstance(word.value, str) and kind is None:
        span = Span(path, word.line, word.column)
        suggestion = did_you_mean(word.text, KINDS)
        problems.append(error("S105", span, key="kind", found=word.text, allowed=", ".join(KINDS),
                              suggestion=suggestion))  # fmt: skip
    template, first = None, merged
    if not TEMPLATE_KEYS.isdisjoint(merged.entries):
        template, first, wrong = read_template(merged, path, HEAD_KEYS)
        problems += wrong
    head_entries: dict[str, Node] = {}
    body_entries: dict[str, Node] = {}
    for key, entry in first.entries.items():
        if key not in HEAD_KEYS:
            body_entries[key] = entry
        elif key == "stimulus" and isinstance(entry, Sequence):
            at = entry.entries[1] if len(entry.entries) > 1 else entry
            problems.append(error("Q403", Span(path, at.line, at.column), n=len(entry.entries)))
        elif key not in TEMPLATE_KEYS:
            head_entries[key] = entry
    head, wrong = shape(ItemHead, Mapping(head_entries, merged.keys, node.line, node.column), path)
    problems += wrong
    if kind is None or (template is None and first is merged and TEMPLATE_KEYS & merged.entries.keys()):
        return None, problems
    body, wrong = shape(
        kind.body, Mapping(body_entries, merged.keys, node.line, node.column), path, extra_keys=HEAD_KEYS
    )
    problems += wrong
    if head is None or body is None:
        return None, problems
    item = Item(
        head.id, head.kind, head.competency, head.level, head.stem, cast("Body", body), head.marks, head.status, head.grade,
        head.cognitive, head.seconds, head.rationale, head.reference, head.enemies, head.tags,
        _start(node, path), head.author, head.congruence or 0, head.source_id,
        tuple(Step(step.to, step.by, step.on, step.note, step.fingerprint) for step in head.log),
        template=template, stimulus=head.stimulus,
    )  # fmt: skip
    text = ItemText(item, path, places, places.add(merged))
    return text, problems + (check_template(item, text.place) if template else kind.check(item, text.place))
